"""The corrected report: with every item judged it is the report of the right labels; with a sample, an estimate of it."""

from __future__ import annotations

import csv
import io
import random

import pytest

from diptych.contrib.audit.sample import audit_data, draw_audit, read_audit
from diptych.panels import build_panel, tables_of
from tests.counting import counted
from tests.pipeline.projects import END, LINKS, write_project

pytestmark = pytest.mark.slow

LABELS = ["a", "b", "c"]
NAMES = {"a": "A", "b": "B", "c": "C"}
THREE = {
    "version: 1": "version: 1\nengine: {threads: 1}",
    "{name: B, match: b}]": "{name: B, match: b}, {name: C, match: c}]",
}


@pytest.fixture
def few_draws(monkeypatch):
    """Draw only three times, where all items are judged and draws do not differ."""
    monkeypatch.setattr("diptych.contrib.audit.effect.MOST_DRAWS", 3)
    monkeypatch.setattr("diptych.contrib.audit.effect.FEWEST_DRAWS", 3)


def world(seed=1, n=60):
    """Return id -> labels of datasets and of models, and the links between them."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    datasets = {f"d{i}": [rng.choice(LABELS)] if rng.random() < 0.9 else [] for i in range(n)}
    models, links = {}, []
    for i in range(n):
        mine = rng.sample(sorted(datasets), rng.choice([1, 1, 2]))
        own = datasets[mine[0]] or ["a"]
        models[f"m{i}"] = own if rng.random() < 0.7 else rng.sample(LABELS, rng.choice([0, 1, 2]))
        links += [(d, f"m{i}") for d in mine]
    return datasets, models, links


def table(header, rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def entity(items):
    """Return a table of items; each of 25 owners has two or three of each kind."""
    return table(["id", "l", "owner"], [(i, "|".join(labels), f"o{int(i[1:]) % 25}") for i, labels in items.items()])


def files(datasets, models, links):
    return {"d.csv": entity(datasets), "m.csv": entity(models), "k.csv": table(["s", "t"], links)}


def named(labels):
    return "; ".join(NAMES[label] for label in sorted(labels)) or "none"


def judge_sheet(folder, filled, truths, sample=None, **how):
    """Draw (unless there is one) and fill in a sheet: `truths` has entity -> item -> labels; all else is right."""
    sample = sample or draw_audit(folder / "config.yaml", **how)
    answers = {
        (one.entity, one.id): named(truths.get(one.entity, {}).get(one.id))
        if one.id in truths.get(one.entity, {})
        else "yes"
        for one in sample.items
    }
    path = folder / "sheet.csv"
    path.write_bytes(filled(sample.sheet, answers))
    return sample, read_audit(folder / "config.yaml", path)


def cells_of(folder):
    """Return the values of the cells of a report counted from its files, without any correction."""
    with audit_data(folder / "config.yaml") as data:
        tables = {name: tables_of(counted(ledger)[1]) for name, ledger in data.ledgers.items()}
        config = data.loaded.config
    panels = [build_panel(panel, tables[panel.relation], config.inference) for panel in config.panels]
    return {(panel.id, cell.given, cell.outcome): cell.value for panel in panels for cell in panel.cells}


def corrected_cells(before, effect):
    """Return all cells as corrected, where all draws are alike: those that the effect does not list are as built."""
    assert all(c.corrected is None or c.corrected.low == c.corrected.high for c in effect.cells)
    built = {(c.panel, c.given, c.outcome): c.built.value for c in effect.cells}
    assert built.items() <= before.items()
    changed = {(c.panel, c.given, c.outcome): c.corrected and c.corrected.value for c in effect.cells}
    return before | changed


def wrong_items(sample, datasets, models, n=8):
    """Choose sampled items of both entities, and what they are in truth."""
    truths = {"datasets": {}, "models": {}}
    for number, one in enumerate(one for one in sample.items if one.id in datasets or one.id in models):
        if number % n == 0:
            have = (datasets if one.entity == "datasets" else models)[one.id]
            truths[one.entity][one.id] = [["c"], ["a", "b"], [], ["b"]][number // n % 4]
            if sorted(truths[one.entity][one.id]) == sorted(have):
                truths[one.entity][one.id] = ["a", "b", "c"]
    return truths


OTHERS = f"""\
  by_link:
    {LINKS}
    unit: link
  by_dataset:
    {LINKS}
    unit: from
  labelled:
    {LINKS}
    population: labelled
  grouped:
    {LINKS}
    group: [owner]
    strata: [owner]
  owners:
    shared: {{key: owner, entities: [datasets, models]}}
  same_owners:
    shared: {{key: owner, entities: [datasets, datasets]}}
"""


ALL = 1000
"""More items than any category has: all of them are judged."""


def test_with_every_item_judged_the_corrected_report_is_that_of_the_right_labels(few_draws, tmp_path, filled):
    """By every unit, population and form that takes items, in one config."""
    datasets, models, links = world()
    folder = write_project(tmp_path / "old", {**THREE, END: END + OTHERS}, files(datasets, models, links))
    sample = draw_audit(folder / "config.yaml", size=ALL)
    assert len(sample.items) == len(datasets) + len(models)
    truths = wrong_items(sample, datasets, models)
    n_wrong = {entity: len(items) for entity, items in truths.items()}
    assert min(n_wrong.values()) >= 3
    _, result = judge_sheet(folder, filled, truths, sample)
    right = files(datasets | truths["datasets"], models | truths["models"], links)
    rebuilt = cells_of(write_project(tmp_path / "new", {**THREE, END: END + OTHERS}, right))
    built = cells_of(folder)
    assert [effect.relation for effect in result.effects] == [
        *("trained_on", "by_link", "by_dataset", "labelled", "grouped", "owners", "same_owners"),
    ]
    for effect in result.effects:
        alone = effect.relation == "same_owners"
        assert effect.n_wrong == (n_wrong["datasets"] if alone else sum(n_wrong.values()))
        assert (effect.refusal, effect.unjudged, effect.n_unsampled) == (None, (), 0)
        own = {key: value for key, value in built.items() if key[0].startswith(effect.relation)}
        corrected = corrected_cells(own, effect)
        assert corrected == {key: value for key, value in rebuilt.items() if key in own}
        assert corrected != own


def test_corrected_headlines_are_those_of_the_right_labels(few_draws, tmp_path, filled):
    datasets, models, links = world()
    folder = write_project(tmp_path / "old", THREE, files(datasets, models, links))
    sample = draw_audit(folder / "config.yaml", size=ALL)
    truths = wrong_items(sample, datasets, models)
    _, result = judge_sheet(folder, filled, truths, sample)
    right = files(datasets | truths["datasets"], models | truths["models"], links)
    rebuilt = write_project(tmp_path / "new", THREE, right)
    # a sheet of the rebuilt report with one item wrong gives its headlines as built
    new = draw_audit(rebuilt / "config.yaml")
    _, after = judge_sheet(rebuilt, filled, {"models": {new.items[-1].id: ["a", "b", "c"]}}, new)
    built = {h.id: (h.value, h.word) for h in after.effects[0].headlines}
    found = {h.id: h for h in result.effects[0].headlines if h.corrected and h.id in built}
    assert "agreement" in found
    assert len(found) >= 3
    for name, headline in found.items():
        assert headline.corrected.low == headline.corrected.high == built[name][0]
        assert headline.stays == (headline.word == built[name][1])


def test_texts_of_records_are_corrected_in_every_record(few_draws, tmp_path, filled):
    rng = random.Random(3)  # noqa: S311
    rows = [(rng.choice(["a", "b", "c", "a b"]), rng.choice(["a", "b", "c"])) for _ in range(80)]
    edits = {
        LINKS: 'records: {source: r.csv, rows: {column: x, separator: " ", label: Skill}, columns: {column: y}}',
        **THREE,
    }
    folder = write_project(tmp_path / "old", edits, {"r.csv": table(["x", "y"], rows)})
    truths = {"trained_on.rows": {"b": ["c"], "a b": ["b"]}, "trained_on.columns": {"c": ["a"]}}
    sample, result = judge_sheet(folder, filled, truths)
    assert {(s.entity, s.category, s.n_items) for s in sample.categories} == {
        ("trained_on.rows", "A", 2),
        ("trained_on.rows", "B", 2),
        ("trained_on.rows", "C", 1),
        *(("trained_on.columns", name, 1) for name in "ABC"),
    }
    assert [agreement.many for agreement in result.agreements] == ["different Skill texts", "different y texts"]
    put = {"b": "c", "a b": "b"}
    right = [(put.get(x, x), "a" if y == "c" else y) for x, y in rows]
    rebuilt = write_project(tmp_path / "new", edits, {"r.csv": table(["x", "y"], right)})
    (effect,) = result.effects
    assert corrected_cells(cells_of(folder), effect) == cells_of(rebuilt)


def test_items_on_both_sides_are_corrected_on_both(few_draws, tmp_path, filled):
    rng = random.Random(4)  # noqa: S311
    models = {f"m{i}": [rng.choice(LABELS)] for i in range(30)}
    links = [(f"m{rng.randrange(30)}", f"m{i}") for i in range(30)]
    edits = {LINKS: LINKS.replace("datasets", "models"), **THREE}
    folder = write_project(tmp_path / "old", edits, files({"d1": ["a"]}, models, links))
    truths = {"models": {"m0": ["c"] if models["m0"] != ["c"] else ["a"], "m5": [], "m7": ["a", "b"]}}
    sample, result = judge_sheet(folder, filled, truths, size=ALL)
    assert {one.entity for one in sample.items} == {"models"}
    (effect,) = result.effects
    assert effect.n_wrong == 3
    rebuilt = write_project(tmp_path / "new", edits, files({"d1": ["a"]}, models | truths["models"], links))
    assert corrected_cells(cells_of(folder), effect) == cells_of(rebuilt)


def simple(n_right, n_wrong, n_more):
    """Models of A, one for each dataset of B: some judged right, some wrong, and others of which none is judged."""
    n = n_right + n_wrong + n_more
    datasets = {f"d{i}": ["b"] for i in range(n)}
    models = {f"m{i:03}": ["a"] for i in range(n)}
    return datasets, models, [(f"d{i}", f"m{i:03}") for i in range(n)]


def test_the_estimate_takes_the_others_to_be_wrong_as_often(tmp_path, filled):
    """Of 40 judged models 10 are B in truth, so of all 400 about 100, give or take what 40 leave open."""
    folder = write_project(tmp_path, files=files(*simple(30, 10, 360)))
    sample = draw_audit(folder / "config.yaml", size=40)
    models = [one.id for one in sample.items if one.entity == "models"]
    _, result = judge_sheet(folder, filled, {"models": {model: ["b"] for model in models[:10]}}, sample)
    (effect,) = result.effects
    cells = {(c.panel, c.given, c.outcome): c for c in effect.cells}
    cell = cells["left", "B", "B"]
    assert (cell.built.n_joint, cell.built.value) == (0, None)  # there is no model of B
    spread = cell.corrected
    assert spread.value == pytest.approx(0.25, abs=0.03)
    # the standard error of a share of 0.25 from 40 of 400 is 0.066, so the middle 95 % lie 0.13 to each side
    assert spread.low == pytest.approx(0.12, abs=0.05)
    assert spread.high == pytest.approx(0.38, abs=0.05)
    assert (effect.n_unsampled, effect.n_draws) == (0, 200)


def test_sides_and_categories_without_a_judged_item_stay_as_they_are(few_draws, tmp_path, filled):
    datasets, models, links = simple(3, 1, 6)
    datasets |= {"d8": ["a"], "d9": ["a", "b"]}
    folder = write_project(tmp_path, files=files(datasets, models, links))
    sample = draw_audit(folder / "config.yaml", entities=["datasets"])
    path = folder / "sheet.csv"
    answers = {("datasets", f"d{i}"): "A" if i == 0 else "yes" for i in range(5)}
    path.write_bytes(filled(sample.sheet, answers))
    (effect,) = read_audit(folder / "config.yaml", path).effects
    assert (effect.n_wrong, effect.unjudged, effect.n_unsampled) == (1, ("models",), 2)
    assert effect.cells
    assert [c for c in effect.cells if (c.panel, c.outcome) == ("left", "A")] == []  # all models are A in every draw


def test_one_true_category_that_looks_like_another_is_refused(few_draws, tmp_path, filled):
    """Half of the models of either category belong to the other: the assigned category says nothing."""
    datasets, models, links = simple(0, 0, 40)
    models |= {f"m{i:03}": ["b"] for i in range(0, 40, 2)}
    folder = write_project(tmp_path, files=files(datasets, models, links))
    truths = {"models": {f"m{i:03}": ["b"] if i % 4 == 1 else ["a"] for i in range(40) if i % 4 < 2}}
    _, result = judge_sheet(folder, filled, truths)
    (effect,) = result.effects
    assert effect.refusal == (
        "in models, items that are truly A and items that are truly B are assigned nearly the same categories, so their "
        "errors cannot be undone; mend the rules first"
    )
    assert (effect.n_draws, effect.headlines, effect.cells) == (0, (), ())


def test_the_same_sheet_says_the_same_and_another_seed_draws_otherwise(few_draws, tmp_path, filled):
    files_ = files(*world())
    folder = write_project(tmp_path / "one", THREE, files_)
    truths = {"models": {f"m{i}": ["c"] for i in range(0, 60, 5)}}
    _, result = judge_sheet(folder, filled, truths, size=10)
    assert read_audit(folder / "config.yaml", folder / "sheet.csv") == result
    seeded = {**THREE, "version: 1": "version: 1\ninference: {seed: 2}"}
    other = write_project(tmp_path / "other", seeded, files_)
    (other / "sheet.csv").write_bytes((folder / "sheet.csv").read_bytes())
    again = read_audit(other / "config.yaml", other / "sheet.csv")
    assert again.agreements == result.agreements
    assert again.effects != result.effects


def test_sizes_that_have_changed_since_are_noted(few_draws, tmp_path, filled):
    datasets, models, links = simple(3, 1, 0)
    folder = write_project(tmp_path, files=files(datasets, models, links))
    sample = draw_audit(folder / "config.yaml")
    (folder / "sheet.csv").write_bytes(filled(sample.sheet, {("models", "m000"): "yes", ("datasets", "d0"): "yes"}))
    write_project(tmp_path, files=files(datasets, {**models, "m9": ["a"]}, links))
    (note,) = read_audit(folder / "config.yaml", folder / "sheet.csv").notes
    assert (note.slug, note.subject) == ("changed_since_drawn", "models")
    assert note.message == (
        "models: categories have other numbers of items than when the sample was drawn: A 4 then, 5 now; items that "
        "came since had no chance to be drawn"
    )
