"""What may be asked, what is answered, and with which exit status."""

import sys
from pathlib import Path

import pytest

from diptych.cells import Kind, MeasureInfo, Panel, Unit
from diptych.cli import main
from diptych.contrib.explain import FORMS, CellRef, cell_named, explain, explained, read_report
from diptych.contrib.explain.explain_text import told
from diptych.contrib.explain.statements import _FAILED
from diptych.errors import DataError
from tests.cells import whole_cells
from tests.contrib.explain.projects import write_links

pytestmark = pytest.mark.slow

KIND = Kind("skills", "Skill", "skill", "skills")


def panel(given, outcome):
    info = MeasureInfo("conditional", "Share", "n_ab / n_a", 0, 1)
    unit = Unit("record", "record", "records")
    return Panel(
        "left", "survey", KIND, KIND, tuple(given), tuple(outcome), info, unit, 1.0, None, 0.95, whole_cells(()), None, same_taxonomy=True
    )  # fmt: skip


ODD = {"left": panel(["Arts, music", "Arts", "a:b", 'say "x"'], ["music", "Law", "music, Law"])}


@pytest.mark.parametrize(
    ("target", "given", "outcome"),
    [
        ("left:Arts,Law", "Arts", "Law"),
        ("left:Arts, Law", "Arts", "Law"),
        ("left:a:b,Law", "a:b", "Law"),
        ('left:"Arts, music","music, Law"', "Arts, music", "music, Law"),
        ('left:"Arts", "music, Law"', "Arts", "music, Law"),
        ('left:"say ""x""",Law', 'say "x"', "Law"),
        ('left:say "x",Law', 'say "x"', "Law"),
    ],
)
def test_names_with_commas_colons_and_quotes(target, given, outcome):
    assert cell_named(target, ODD, []) == CellRef("left", given, outcome)


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("left:Art,Lav", ['did you mean "Arts"', 'did you mean "Law"', "there are music, Law, music, Law"]),
        ("left:Arts, music, Law", ["two categories", FORMS]),
        ("left:Arts", ["two categories", FORMS]),
        ("lefd:Arts,Law", ['no panel "lefd"', 'did you mean "left"', FORMS]),
        ("agreemnt", ['did you mean "agreement"', FORMS]),
        ("", ["no statement", FORMS]),
    ],
)
def test_unknown_targets_are_answered_by_near_ones(target, parts):
    with pytest.raises(DataError) as raised:
        cell_named(target, ODD, ["agreement", "direction.nlp.cv"])
    assert [part for part in parts if part not in str(raised.value)] == []


SURVEY = Path(__file__).parents[3] / "examples" / "survey" / "config.yaml"
ENGINEERS = "difference.programming.engineer"


@pytest.fixture(scope="module")
def survey():
    """Return the report of the survey, read once."""
    return read_report(SURVEY)


@pytest.fixture(scope="module")
def links(tmp_path_factory):
    """Return the report over links, read once."""
    return read_report(write_links(tmp_path_factory.mktemp("links")))


@pytest.fixture
def run(monkeypatch, capfd):
    def running(*arguments):
        monkeypatch.setattr(sys, "argv", ["diptych", "explain", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return running


def test_exit_statuses(run, forms):
    config = forms["links"]()
    status, out, err = run("no_link", config)
    assert (status, err) == (0, "")
    assert out.startswith("no_link (figure main)\n")
    assert run("no_lonk", config)[:2] == (1, "")
    assert run()[0] == 2
    assert run("no_link", config.with_name("none.yaml"))[:2] == (1, "")


def test_a_statement_has_its_numbers_and_its_place(survey):
    """95 of 158 respondents with Programming skills have Engineer jobs, and 27 of 238 others (answers.csv)."""
    [one] = explained(ENGINEERS, survey).statements
    found = one.found.statement
    assert (found.number("count"), found.number("base")) == (95, 158)
    assert found.number("other") == pytest.approx(27 / 238)
    assert one.why.startswith("told in ")
    lines = told(explained(ENGINEERS, survey)).splitlines()
    assert lines[0] == f"{ENGINEERS} (figure main)"
    assert lines[1].strip() == one.found.text
    assert "  left:Programming,Engineer: 0.60, 95 of 158" in lines


def test_rechecks_are_those_of_tables_without_one_company(survey):
    """Without the company with most programmers, the shares are those counted from the other answers."""
    [one] = explained(ENGINEERS, survey).statements
    table = one.found.part.told.table
    companies = [again for again in one.again if again["by"] == "group"]
    assert len(companies) == 5
    for again in companies:
        kept = table.design.cluster != table.clusters.index(again["name"])
        weight, row, column = table.design.weight * kept, table.row("Programming"), table.column("Engineer")
        share, other = ((weight * side * column).sum() / (weight * side).sum() for side in (row, ~row))
        assert (again["numbers"]["share"], again["numbers"]["other"]) == pytest.approx((share, other))
        assert again["clear"]
        assert again["name"] in again["text"]


def test_what_is_not_told_has_the_condition_that_failed(survey):
    reasons = {
        name: found.part.reason(found.statement) for name, [found] in survey.statements.items() if not found.limits
    }
    unclear = next(name for name, reason in reasons.items() if reason == "unclear")
    [one] = explained(unclear, survey).statements
    assert one.found.statement.q > 0.05
    assert one.why.startswith("not told: it is not clear")
    assert {reason for reason in reasons.values() if reason != "told"} <= {*_FAILED}


@pytest.mark.parametrize("target", ["have engineer  JOBS", "programming.en", "ng.engineer"])
def test_words_and_parts_of_ids_find_statements(survey, target):
    found = explained(target, survey)
    names = [ENGINEERS] if found.matches is None else [*found.matches]
    assert ENGINEERS in names
    assert all(
        target in name or target.split()[-1].casefold() in survey.statements[name][0].text.casefold() for name in names
    )


def test_a_cell_names_the_statements_about_it(survey):
    assert ENGINEERS in explained("right:Engineer,Programming", survey).cell.statements
    reasons = {name: found.part.reason(found.statement) for name, [found] in survey.statements.items()}
    untold = next(name for name, reason in reasons.items() if reason == "unclear")
    given, outcome = survey.statements[untold][0].statement.cells[0]
    assert untold not in explained(f"left:{given},{outcome}", survey).cell.statements


def test_mirrored_cells_tell_the_same_units(links):
    left, right = (explained(target, links).cell for target in ("left:NLP,CV", "right:CV,NLP"))
    assert [unit.id for unit in left.examples.units] == [unit.id for unit in right.examples.units] == ["m3"]
    assert right.examples.units[0].given.kind == "models"
    assert [(rule.side, rule.label) for rule in right.rules] == [("given", "photo"), ("outcome", "text")]


def test_cells_that_hold_nothing(links):
    cell = explained("left:Audio,Audio", links).cell
    assert (cell.cell.state, cell.why) == ("no_outcome", "no model has the outcome category")
    assert (cell.rules, cell.examples) == ((), None)
    assert explained("right:Audio,NLP", links).cell.why == "no model has the given category"


def test_a_trivial_diagonal_is_explained(forms, project):
    forms["shared"]()
    config = project(
        "\ntaxonomy:\n  categories:\n    - {name: NLP, match: [text]}\n    - {name: CV, match: [photo]}\n",
        "\nentities:\n  datasets: {label: Dataset, owner: owner, source: datasets.csv, id: id, "
        'labels: {column: tasks, separator: "|"}}\n',
        "\nrelations:\n  owners:\n    shared: {key: owner, entities: [datasets, datasets]}\n",
        files={},
    )
    report = read_report(config)
    panel = next(iter(report.draft.panels))
    masked = explained(f"{panel}:NLP,NLP", report).cell
    assert masked.cell.state == "masked"
    assert masked.examples is None
    [unit] = explained(f"{panel}:NLP,CV", report).cell.examples.units
    assert unit.id == "ann"
    assert [item.id for item in unit.given.items] == ["d1"]
    assert [item.id for item in unit.outcome.items] == ["d4"]


def test_a_target_is_explained_although_a_claim_is_false(forms):
    config = forms["links"]()
    (config.parent / "text").mkdir()
    claim = "{% claim left['NLP', 'NLP'] > 0.99 %}All of it.{% endclaim %}\n"
    (config.parent / "text" / "findings.md").write_text(claim, "utf-8")
    config.write_text(config.read_text("utf-8") + "text: {folder: text/}\n", "utf-8")
    assert explain("left:NLP,NLP", config).cell.cell.n_joint == 2
