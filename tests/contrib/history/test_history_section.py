"""The section History: what it says, draws and tabulates, from dates and from kept snapshots."""

import json
import re
import shutil

import pandas as pd
import pytest

from diptych.config.loading import load_config
from diptych.contrib.explain import explain
from diptych.errors import ConfigError
from diptych.figures.drawing import Drawer
from diptych.pipeline.build import build, build_past, make
from tests.contrib.history.projects import count_no_more

CONFIG = """version: 1
report: {title: T, date: DATE}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
relations:
  survey:
    records: {source: survey.csv, rows: {column: had}, columns: {column: got}}
    strata: [place]
inference: {minimum_units: 5}
outputs: [data]
snapshots: {folder: history/, BY}
"""


def config(folder, by="by: day, every: year", date="2026-01-01", **edits):
    text = CONFIG.replace("DATE", date).replace(", BY", f", {by}" if by else "")
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "config.yaml").write_text(text)
    return folder / "config.yaml"


def table(folder, *came):
    """Write records: (year, place, had, got, n)."""
    rows = [(had, got, f"{year}-05-01" if year else "", place) for year, place, had, got, n in came for _ in range(n)]
    pd.DataFrame(rows, columns=["had", "got", "day", "place"]).to_csv(folder / "survey.csv", index=False)


MIXED = [("2020", "x", "a", "a", 90), ("2020", "x", "b", "b", 10), ("2021", "y", "b", "b", 100),
         ("2022", "y", "b", "b", 100), ("2022", "x", "a", "a", 9), ("2022", "x", "b", "b", 1)]  # fmt: skip
REAL = [("2020", "x", "a", "a", 20), ("2020", "x", "a", "b", 80), ("2021", "x", "a", "a", 70),
        ("2021", "x", "a", "b", 30), ("2022", "x", "a", "a", 90), ("2022", "x", "a", "b", 10),
        ("2020", "x", "b", "b", 20)]  # fmt: skip


@pytest.fixture(scope="module")
def drawer():
    with Drawer() as one:
        yield one


@pytest.fixture
def document(drawer, monkeypatch):
    """Make the document of a config, and keep its snapshot if asked to; what the section tells nothing of is not counted."""
    count_no_more(monkeypatch)

    def made(path, *, kept=False):
        loaded = load_config(path)
        found = make(loaded, drawer)
        if kept:
            found.taken.keep()
        return found.document

    return made


def told(section):
    said = (s.text for block in section.blocks if hasattr(block, "sentences") for s in block.sentences)
    return " ".join(said).replace("\N{NO-BREAK SPACE}", " ")


def figures(section):
    return [block.id for block in section.blocks if type(block).__name__ == "FigureBlock"]


def test_what_only_the_mix_moved_is_said_and_has_no_line(tmp_path, document):
    table(tmp_path, *MIXED)
    section = document(config(tmp_path)).section("history")
    assert figures(section) == ["main-over-time"]
    text = told(section)
    assert "Records are dated by day: 100 by the end of 2020, 310 by the end of 2022." in text
    # B among all: 10 of 100, then 201 of 210; within x it stays at a tenth, and y is B throughout
    assert "The share of records whose got is “A” fell by 86 " in text
    assert "since 2021; of this, all are mix: place y comes within the series, and others grow unequally." in text
    assert "Among records from the same place, the change is 0 points" in text
    [block] = [block for block in section.blocks if type(block).__name__ == "TableBlock"]
    assert {row[-1].text for row in block.rows} == {"mix"}
    assert "86" in " ".join(cell.text for row in block.rows for cell in row)


FADED = [("2021", "x", "a", "a", 60), ("2021", "x", "a", "b", 40), ("2021", "x", "b", "b", 100),
         ("2022", "x", "a", "a", 60), ("2022", "x", "a", "b", 40), ("2022", "x", "b", "b", 20),
         ("2022", "x", "b", "", 80)]  # fmt: skip


def test_what_missing_labels_may_have_made_is_said_and_has_no_line(tmp_path, document):
    table(tmp_path, *FADED)
    section = document(config(tmp_path)).section("history")
    assert "main-lines" not in figures(section)
    text = told(section)
    # had A: 100 of 200, then 100 of the 120 with both labels, and 100 of the 200 that have a label of had
    assert "But over the same time, the counted share of records fell from 100% to 60%, which alone could" in text
    assert "depending on the labels of the records without labels, the change is" in text
    assert "rose from 17" not in text
    [block] = [block for block in section.blocks if type(block).__name__ == "TableBlock"]
    assert {row[-1].text for row in block.rows} == {"may be coverage"}


def test_bounds_follow_a_trend_that_missing_labels_cannot_make(tmp_path, document):
    table(tmp_path, *REAL, ("2022", "x", "a", "", 15))
    section = document(config(tmp_path)).section("history")
    assert "main-lines" in figures(section)
    text = told(section)
    assert "The share of records whose got is “A” rose from 17% before 2021 to 80% since" in text
    # of the 215 since 2021 at least 160 and at most 175 have got A
    assert "Over the same time, the counted share of records fell from 100% to 93%. For all possible labels" in text


def test_a_change_within_strata_is_drawn_as_a_line(tmp_path, document):
    table(tmp_path, *REAL)
    found = document(config(tmp_path))
    section = found.section("history")
    assert figures(section) == ["main-over-time", "main-lines"]
    # with got A: 20 of 120, then 160 of 200, and 90 of the last 100; a to a in each year: 20, 70 and 90 of 100
    rose = "The share of records whose got is “A” rose from 17% before 2021 to 80% since (90% in 2022), by 63 points"
    assert rose in told(section)
    spec = json.loads(found.figure("main-lines").spec)
    values = {}
    for row in spec["datasets"]["spots"]:
        values.setdefault(row["line"], []).append(round(row["value"], 4))
    names = [row["text"] for row in spec["datasets"]["names"]]
    assert values[names.index("A to A (a)")] == [0.2, 0.7, 0.9]
    assert len(names) <= 6
    assert all(row["low"] <= row["value"] <= row["high"] for row in spec["datasets"]["spots"])


def test_where_no_strata_are_declared_a_trend_says_that_it_may_be_mix(tmp_path, document):
    table(tmp_path, *REAL)
    doubt = "No strata are declared, so these data do not show whether records changed or only their sources."
    assert doubt not in told(document(config(tmp_path)).section("history"))
    section = document(config(tmp_path, **{"strata: [place]": "strata: []"})).section("history")
    text = told(section)
    assert (
        "The share of records whose got is “A” rose from 17% before 2021 to 80% since (90% in 2022), by 63 points"
        in text
    )
    assert doubt in text


def test_too_few_dates_forbid_a_trend_and_that_is_said(tmp_path, document):
    table(tmp_path, *REAL, ("", "x", "a", "a", 130))
    section = document(config(tmp_path)).section("history")
    assert figures(section) == ["main-over-time"]
    assert (
        "130 of all 450 records (29%) have no date and are excluded. Because this exceeds 25%, no change is reported as a trend"
        in told(section)
    )
    assert "The change among records without a date is unknown." in told(section)


def test_small_multiples_show_up_to_six_points_of_each_panel_on_one_scale(tmp_path, document):
    came = [(str(2010 + i), "x", "a", "a" if i % 2 else "b", 12) for i in range(9)]
    table(tmp_path, *came)
    found = document(config(tmp_path))
    spec = json.loads(found.figure("main-over-time").spec)
    assert len(spec["vconcat"]) == len(found.figure("main").panels)
    for band in spec["vconcat"]:
        titles = [re.sub(r".*: '", "", view["title"]["text"]) for view in band["hconcat"]]
        assert titles == ["2010", "2012", "2013", "2015", "2016", "2018"]
        domains = {json.dumps(layer["encoding"]["color"]["scale"]) for view in band["hconcat"]
                   for layer in view["layer"][0]["layer"] if "color" in layer["encoding"]}  # fmt: skip
        assert len(domains) == 1
    first = {row["given"] + row["outcome"]: row.get("value") for row in spec["datasets"]["left-0_cells"]}
    assert first["AB"] == 1  # the first year has got b alone
    last = {row["given"] + row["outcome"]: row.get("value") for row in spec["datasets"]["left-5_cells"]}
    assert last["AB"] == pytest.approx(60 / 108, abs=1e-5)


def test_one_period_has_no_section_and_says_nothing(tmp_path, document):
    table(tmp_path, ("2020", "x", "a", "a", 40))
    assert document(config(tmp_path)).section("history") is None


def test_every_format_has_the_section_and_files_of_its_pictures(sites):
    site = sites("history")
    markdown = (site / "report.md").read_text()
    assert "## History" in markdown
    for name in ("main-over-time", "main-lines"):
        assert f"figures/{name}.svg" in markdown
        for ending in ("svg", "png", "pdf", "vl.json"):
            assert (site / "figures" / f"{name}.{ending}").stat().st_size > 500
    page = (site / "index.html").read_text()
    assert "from 17% before 2021" in page.replace("\N{NO-BREAK SPACE}", " ").replace("&#160;", " ")
    findings = json.loads((site / "data" / "findings.json").read_text())
    assert "trend" in json.dumps(findings)


def test_a_report_made_from_its_snapshot_has_the_same_history(sites, tmp_path):
    site = sites("history")
    shutil.copytree(site.parent / "project", tmp_path, dirs_exist_ok=True)
    [kept] = (tmp_path / "history").iterdir()
    (tmp_path / "survey.csv").unlink()
    build_past(tmp_path / "config.yaml", tmp_path / "again", kept.name.removesuffix(".json.xz"))
    for file in ("index.html", "report.md", "report.pdf", "manifest.json"):
        assert (tmp_path / "again" / file).read_bytes() == (site / file).read_bytes()


def test_a_figure_of_very_many_categories_is_not_drawn_at_several_times(tmp_path, document):
    came = [(year, "x", f"c{i}", f"c{i}", 1) for year in ("2020", "2021") for i in range(41)]
    table(tmp_path, *came)
    path = config(tmp_path, **{"taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}\n": ""})
    section = document(path).section("history")
    assert figures(section) == []
    assert "82 by the end of 2021." in told(section)


# Series of kept snapshots


@pytest.fixture
def keep(document):
    """Keep the snapshot of a report of some date and return its document."""

    def kept(folder, date, *came, **edits):
        table(folder, *came)
        return document(config(folder, by="", date=date, **edits), kept=True)

    return kept


FIRST = [("", "x", "a", "a", 20), ("", "x", "a", "b", 80), ("", "x", "b", "b", 50)]
THEN = [*FIRST, ("", "x", "a", "a", 150), ("", "x", "a", "b", 10)]


def test_kept_snapshots_make_a_series_that_ends_with_the_report(tmp_path, keep):
    assert keep(tmp_path, "2026-01-01", *FIRST).section("history") is None
    section = keep(tmp_path, "2026-02-01", *THEN).section("history")
    text = told(section)
    assert "The series has two reports, from 2026-01-01 (150 records) to 2026-02-01 (310)" in text
    assert "from 20% (2026-01-01) to 65% (2026-02-01), by 45 points" in text
    assert figures(section) == ["main-over-time", "main-lines"]


def test_labels_that_a_later_report_lacks_are_coverage(tmp_path, document):
    """The same records, of which 80 have lost a label in the later report."""
    table(tmp_path, *[(year, place, had, got or "b", n) for year, place, had, got, n in FADED])
    document(config(tmp_path, by=""), kept=True)
    table(tmp_path, *FADED)
    text = told(document(config(tmp_path, by="", date="2026-02-01")).section("history"))
    assert "the counted share of records fell from 100% to 80%, which alone could explain this" in text


def test_a_snapshot_of_another_taxonomy_is_counted_again_under_todays(tmp_path, keep):
    # Then A was called by label a only, b was nothing; today b is B: what is compared are the data.
    other = {"{name: A, match: a}, {name: B, match: b}": "{name: A, match: [a, b]}, {name: B, match: z}"}
    keep(tmp_path, "2026-01-01", *FIRST, **other)
    found = keep(tmp_path, "2026-02-01", *FIRST)
    assert "No share could be compared" in told(found.section("history"))
    spec = json.loads(found.figure("main-over-time").spec)
    assert [row.get("value") for row in spec["datasets"]["left-0_cells"]] == [
        row.get("value") for row in spec["datasets"]["left-1_cells"]
    ]


def test_a_snapshot_of_other_units_breaks_the_series(tmp_path, keep):
    keep(tmp_path, "2026-01-01", *FIRST, **{"strata: [place]": "group: [place]"})
    keep(tmp_path, "2026-02-01", *FIRST)
    text = told(keep(tmp_path, "2026-03-01", *THEN).section("history"))
    assert "The series has two reports, from 2026-02-01" in text
    assert "settings of this report, except 2026-01-01, which cannot be recounted and is left out." in text


def test_reports_without_a_date_are_called_by_number(tmp_path, document):
    for came in (FIRST, THEN):
        table(tmp_path, *came)
        found = document(config(tmp_path, by="", date="data"), kept=True)
    text = told(found.section("history"))
    assert "from report 1 (150 records) to now (310)" in text


def test_only_breaks_are_no_series(tmp_path, keep):
    keep(tmp_path, "2026-01-01", *FIRST, **{"strata: [place]": "group: [place]"})
    assert keep(tmp_path, "2026-02-01", *FIRST).section("history") is None


def test_a_series_by_snapshots_comes_out_the_same_from_the_snapshot(tmp_path, keep):
    keep(tmp_path, "2026-01-01", *FIRST)
    table(tmp_path, *THEN)
    markdown = {"outputs: [data]": "outputs: [markdown]"}
    build(config(tmp_path, by="", date="2026-02-01", **markdown), tmp_path / "site")
    last = max((tmp_path / "history").iterdir())
    (tmp_path / "survey.csv").unlink()
    build_past(tmp_path / "config.yaml", tmp_path / "again", last.name.removesuffix(".json.xz"))
    same = (tmp_path / "again" / "report.md").read_bytes()
    assert same == (tmp_path / "site" / "report.md").read_bytes()


def test_a_build_goes_on_from_the_snapshots_that_are_there(tmp_path, keep):
    keep(tmp_path, "2026-01-01", *FIRST)
    assert keep(tmp_path, "2026-02-01", *THEN).section("history") is not None
    shutil.rmtree(tmp_path / "history")
    assert keep(tmp_path, "2026-02-01", *THEN).section("history") is None


# What the config may say


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "every: month",
            "snapshots.every: is the step of a series by a date; it needs by: which attribute or column has the date?",
        ),
    ],
)
def test_what_makes_no_series_is_refused(tmp_path, text, message):
    table(tmp_path, *REAL)
    with pytest.raises(ConfigError) as error:
        load_config(config(tmp_path, by=text))
    assert message in str(error.value)


def test_what_a_series_says_can_be_explained(tmp_path):
    table(tmp_path, *MIXED)
    path = config(tmp_path)
    found = explain("trend.mix", path)
    assert "all are mix" in found.sentences[0].sentence.text
    [numbers] = explain("trend", path).findings
    assert numbers.evidence.calculations[0].estimate.value == pytest.approx(9 / 210 - 0.9)  # A, of which all are in x
