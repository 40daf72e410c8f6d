"""Every count and value of the default example and of each relation kind, against plain pandas."""

import csv
import json
import math

import pytest

from tests.examples import plain
from tests.examples.conftest import changed
from tests.examples.relations import CONFIGS, relations, rodents, settings_of, survey

pytestmark = pytest.mark.slow

PANELS = {
    "default": {"left": ("trained_on", "datasets"), "right": ("trained_on", "models")},
    "survey": {"left": ("survey", "rows"), "right": ("survey", "columns")},
    "rodents": {
        "genus": ("places", "rows"),
        "plot_type": ("places", "columns"),
        "together": ("company", "captures"),
    },
}
TEXT = ("given", "outcome", "state")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compare(found, expected, measure="conditional"):
    """Check that the program's cells are the expected ones, in order, each number to 1e-12 of its size."""
    if measure == "conditional":
        ends = [tuple(float(row[key]) if row[key] else None for key in ("low", "high")) for row in found]
        expected = plain.with_uncertain(expected, ends)
    assert [tuple(row[key] for key in TEXT) for row in found] == [tuple(row[key] for key in TEXT) for row in expected]
    for row, cell in zip(found, expected, strict=True):
        for key, value in cell.items():
            place = (row["given"], row["outcome"], key, row[key], value)
            if value is None:
                assert row[key] == "", place
            elif key not in TEXT:
                assert math.isclose(float(row[key]), value, rel_tol=1e-11, abs_tol=1e-12), place


@pytest.mark.parametrize(("name", "panel"), [(name, panel) for name, panels in PANELS.items() for panel in panels])
def test_each_cell_is_what_plain_pandas_counts(name, panel, sites):
    relation, given = PANELS[name][panel]
    met = next(r for r in relations(name) if r.name == relation)
    measure = "lift" if panel == "together" else "conditional"
    expected = plain.panel(met, given, measure, settings_of(name).get("inference"))
    compare(rows_of(sites(name) / "data" / f"{panel}.csv"), expected, measure)


@pytest.mark.parametrize("name", PANELS)
def test_coverage_is_what_plain_pandas_counts(name, sites):
    folder, met = sites(name) / "data", relations(name)
    found = [tuple(row.values()) for row in rows_of(folder / "coverage.csv")]
    assert found == [row for relation in met for row in plain.coverage(relation)]
    results = json.loads((sites(name) / "report.json").read_text("utf-8"))["relations"]
    found = dict.fromkeys(  # of a kind that shares a key with itself both sides are one
        (of["relation"], side["side"], *(str(n) for n in category.values()))
        for of in results
        for side in (of["coverage"]["rows"], of["coverage"]["columns"])
        for category in side["categories"]
    )
    assert [*found] == [row for relation in met for row in plain.sizes(relation)]
    found = [tuple(row.values()) for row in rows_of(folder / "unresolved.csv")]
    assert found == [(r.name, side, label, str(n)) for r in met for side, label, n in r.unresolved]


@pytest.mark.parametrize("name", PANELS)
def test_labels_and_their_categories_are_what_plain_python_reads(name, sites):
    expected = {}
    for relation in relations(name):
        for side in relation.sides():
            for label, (n, categories) in plain.labels(side).items():
                expected |= dict.fromkeys(((side.name, label, category) for category in categories or {""}), n)
    found = {
        (r["kind"], r["label"], r["category"]): int(r["count"]) for r in rows_of(sites(name) / "data/taxonomy.csv")
    }
    found |= {(r["kind"], r["label"], ""): int(r["count"]) for r in rows_of(sites(name) / "data/unmatched.csv")}
    assert found == expected


@pytest.mark.parametrize("panel", ["left", "right"])
def test_published_values_are_passed_on_as_they_are(panel, sites):
    given = rows_of(CONFIGS["published"].parent / f"{panel}.csv")
    found = rows_of(sites("published") / "data" / f"{panel}.csv")
    assert len(found) == 81
    for row, cell in zip(found, given, strict=True):
        assert (row["given"], row["outcome"]) == (cell["given"], cell["outcome"])
        assert [float(row[key]) for key in ("value", "low", "high")] == [
            float(cell[key]) for key in ("value", "low", "high")
        ]
        assert all(
            row[key] == "" for key in ("n_joint", "n_given", "n_outcome", "n_units", "baseline", "lift", "q_value")
        )


def test_what_is_known_of_the_captures_comes_out(sites):
    """Numbers that were counted by hand from the same table, before there was a program."""
    folder = sites("rodents") / "data"
    genus = {(r["given"], r["outcome"]): r for r in rows_of(folder / "genus.csv")}
    kinds = {(r["given"], r["outcome"]): r for r in rows_of(folder / "plot_type.csv")}
    together = {(r["given"], r["outcome"]): r for r in rows_of(folder / "together.csv")}
    long_term = "Long-term Krat Exclosure"
    assert genus["Dipodomys", "Control"]["n_units"] == "34786"
    assert kinds[long_term, "Dipodomys"]["n_given"] == "5118"
    assert f"{float(kinds[long_term, 'Dipodomys']['value']):.2f}" == "0.07"
    assert f"{float(kinds[long_term, 'Dipodomys']['baseline']):.2f}" == "0.46"
    ratios = {g: f"{float(genus[g, long_term]['lift']):.2g}" for g in ("Dipodomys", "Perognathus", "Chaetodipus")}
    assert ratios == {"Dipodomys": "0.15", "Perognathus": "2.5", "Chaetodipus": "2.2"}
    spread = [float(genus["Onychomys", plot]["lift"]) for plot, _ in kinds if genus["Onychomys", plot]]
    assert f"{min(spread):.1f} to {max(spread):.1f}" == "0.8 to 1.2"
    pair = together["Dipodomys", "Reithrodontomys"]
    assert (pair["n_units"], pair["n_joint"]) == ("5996", "492")
    assert (f"{float(pair['value']):.2f}", f"{float(pair['lift_within_strata']):.2f}") == ("0.52", "0.53")


def test_the_same_number_of_captures_and_the_same_plot_type_explain_what_they_explain(tmp_path):
    """Strata of two columns: Dipodomys with Reithrodontomys from 0.52 to 0.73, with Onychomys from 1.16 to 1.01."""
    site = changed("rodents", tmp_path, "[activity]", "[activity, plot_type]")
    found = rows_of(site / "data" / "together.csv")
    met = rodents(strata=("activity", "plot_type"))[1]
    compare(found, plain.panel(met, "captures", "lift", settings_of("rodents")["inference"]), "lift")
    within = {(r["given"], r["outcome"]): r["lift_within_strata"] for r in found}
    assert f"{float(within['Dipodomys', 'Reithrodontomys']):.2f}" == "0.73"
    assert f"{float(within['Dipodomys', 'Onychomys']):.2f}" == "1.01"


def test_strata_of_activity_compare_answers_with_as_many_labels_on_either_side(tmp_path):
    """A table of records in strata of how many labels each row has, jointly, from file to published numbers."""
    site = changed("survey", tmp_path, "group: [company]", "strata: [activity]\n    group: [company]")
    (answers,) = survey()
    sizes = [side.items["labels"].map(lambda found: plain.activity(len(set(found)))) for side in answers.sides()]
    answers.units["stratum"] = (sizes[0] + " x " + sizes[1]).loc[answers.units.index]
    answers.stratified = True
    assert answers.units["stratum"].nunique() > 2
    for name, given in (("left", "rows"), ("right", "columns")):
        compare(rows_of(site / "data" / f"{name}.csv"), plain.panel(answers, given))


def test_the_invented_answers_are_what_the_script_makes(tmp_path, monkeypatch):
    folder = CONFIGS["survey"].parent
    script = {"__name__": "make_data", "__file__": str(folder / "make_data.py")}
    exec(compile((folder / "make_data.py").read_text(encoding="utf-8"), "make_data.py", "exec"), script)  # noqa: S102
    script["OUT"] = tmp_path / "answers.csv"
    script["main"]()
    assert (tmp_path / "answers.csv").read_bytes() == (folder / "answers.csv").read_bytes()
