"""Every measure as `measure:` of panels: what must not change a value, and a whole report of each."""

from __future__ import annotations

import csv
import math

import pytest

from diptych.pipeline.build import build
from diptych.stats import InferenceSettings
from diptych.stats.matrices import PanelSettings
from diptych.stats.measures import MEASURES
from diptych.stats.panels import build_panel, tables_of
from tests.matrices.tiny import P, random_patterns, tiny

pytestmark = pytest.mark.slow

names = pytest.mark.parametrize("name", MEASURES)
INFERENCE = InferenceSettings(minimum_units=3, minimum_groups=2)


def panel_of(name, incidence):
    settings = PanelSettings(id="left", relation="trained_on", given="datasets", outcome="models", measure=name)
    return build_panel(settings, tables_of(incidence), INFERENCE)


def numbers(panel):
    cells = ((c.given, c.outcome, c.value, c.low, c.high) for c in panel.cells)
    return {(a, b): [math.nan if x is None else x for x in found] for a, b, *found in cells}


@names
@pytest.mark.parametrize("groups", [False, True])
def test_the_order_of_categories_changes_nothing(name, groups):
    patterns = random_patterns(3, 60, n_groups=20, rows="ABC", columns="XYZ")
    there = numbers(panel_of(name, tiny(*patterns, rows="ABC", columns="XYZ", groups=groups)))
    back = numbers(panel_of(name, tiny(*patterns[::-1], rows="CAB", columns="ZYX", groups=groups)))
    assert there.keys() == back.keys()
    for pair, found in there.items():
        assert found == pytest.approx(back[pair], rel=1e-9, nan_ok=True)


@names
@pytest.mark.parametrize("groups", [False, True])
def test_the_scale_of_weights_changes_sums_alone(name, groups):
    patterns = random_patterns(9, 60, n_groups=20, weighted=True)
    heavier = [p._replace(weights=tuple(1000 * w for w in p.weights)) for p in patterns]
    there, back = (numbers(panel_of(name, tiny(*each, groups=groups))) for each in (patterns, heavier))
    factor = 1000 if name == "count" else 1
    for pair, found in there.items():
        assert [factor * x for x in found] == pytest.approx(back[pair], rel=1e-9, nan_ok=True)


# 6 both, 4 only A, none only X, 8 neither; every unit weighs 250.
EVEN = (("A", "X", 6), ("A", "", 4), ("", "", 8))


@names
def test_equal_weights_are_no_weights(name):
    plain = tiny(*[P(*p) for p in EVEN], rows="A", columns="X")
    weighted = tiny(*[P(*p, weights=(250.0,) * p[2]) for p in EVEN], rows="A", columns="X")
    factor = 250 if name == "count" else 1
    value, again = (panel_of(name, each).cells[0].value for each in (plain, weighted))
    assert again == pytest.approx(factor * value, rel=1e-12)


def test_one_half_is_half_an_effective_unit():
    # The empty cell gets 1/2 of a unit, not 1/2 of a download: (6.5 x 8.5) / (4.5 x 0.5).
    weighted = tiny(*[P(*p, weights=(250.0,) * p[2]) for p in EVEN], rows="A", columns="X")
    cell = panel_of("odds_ratio", weighted).cells[0]
    assert cell.value == pytest.approx(6.5 * 8.5 / (4.5 * 0.5))
    assert 1 < cell.low < cell.value
    assert cell.high is None


def test_a_residual_of_weights_counts_effective_units():
    # Weights 3 and 1 by turns: (sum w)^2 / sum w^2 = 80^2 / 200 = 32 of 40 units.
    weights = {n: (3.0, 1.0) * (n // 2) for n in (12, 8, 4, 16)}
    incidence = tiny(
        *[P(a, b, n, weights=weights[n]) for a, b, n in (("A", "X", 12), ("A", "", 8), ("", "X", 4), ("", "", 16))],
        rows="A",
        columns="X",
    )
    phi = (12 * 16 - 8 * 4) / math.sqrt(20 * 20 * 16 * 24)
    assert panel_of("standardized_residual", incidence).cells[0].value == pytest.approx(phi * math.sqrt(32))


def test_a_residual_has_no_interval():
    for groups in (False, True):
        panel = panel_of("standardized_residual", tiny(*random_patterns(3, 60, n_groups=20), groups=groups))
        assert {(cell.low, cell.high) for cell in panel.cells} == {(None, None)}
        assert all(cell.value is not None for cell in panel.cells)


CONFIG = """\
version: 1
report: {{title: Skills and jobs}}
relations:
  survey:
    records:
      source: answers.csv
      label: Answer
      rows: {{column: skills, separator: ";", label: Skill}}
      columns: {{column: jobs, separator: ";", label: Job}}
panels:
{panels}
figures:
{figures}
inference: {{minimum_units: 3}}
outputs: [markdown, data]
"""
# Skills, jobs, and how often.
ANSWERS = (
    ("cook", "chef", 14), ("cook;clean", "chef;cleaner", 6), ("clean", "cleaner", 9), ("drive", "driver", 12),
    ("drive;clean", "driver", 3), ("drive", "cleaner", 4), ("cook", "cleaner", 2),
)  # fmt: skip
PANEL = "  - {{id: {name}_{side}, relation: survey, given: {given}, outcome: {outcome}, measure: {name}}}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One report with a figure of two panels for every measure; of figures their specifications are read."""
    folder = tmp_path_factory.mktemp("measures")
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["skills", "jobs"])
        rows.writerows((skills, jobs) for skills, jobs, n in ANSWERS for _ in range(n))
    panels = [
        PANEL.format(name=name, side=side, given=given, outcome=outcome)
        for name in MEASURES
        for side, given, outcome in (("there", "rows", "columns"), ("back", "columns", "rows"))
    ]
    figures = [f"  - {{id: {name}, panels: [{name}_there, {name}_back]}}" for name in MEASURES]
    text = CONFIG.format(panels="\n".join(panels), figures="\n".join(figures))
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    build(folder / "config.yaml", folder / "site")
    return folder / "site"


@names
def test_a_report_holds_its_values(site, name):
    info = MEASURES[name].info
    with (site / "data" / f"{name}_there.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["given"], row["outcome"]): row for row in csv.DictReader(file)}
    row = rows["drive", "driver"]
    totals = [float(row[key]) for key in ("n_joint", "n_given", "n_outcome", "n_units")]
    assert totals == [15, 19, 15, 50]
    assert float(row["value"]) == pytest.approx(float(MEASURES[name](*totals)))
    assert (row["low"] == "") == info.statistic
    # Nobody drives and is a chef.
    empty = rows["drive", "chef"]["value"]
    assert (empty == "") == (name == "log2_lift")


def find(tree, key):
    """Yield every value under a key, at any depth."""
    if isinstance(tree, dict):
        if key in tree:
            yield tree[key]
        for below in tree.values():
            yield from find(below, key)
    elif isinstance(tree, list):
        for below in tree:
            yield from find(below, key)
