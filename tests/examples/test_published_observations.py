"""The founding figure: what its description observes, in the report's words where the numbers bear it, refused where not.

What is observed stands in examples/published/README.md's data; numbers are read here from the two CSV files, plainly.
"""

import json

import pandas as pd
import pytest

from tests.examples.relations import CONFIGS

pytestmark = pytest.mark.slow

CATEGORIES = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
FIVE = ("Tabular", "RL", "Graph", "Robotics", "Time Series")
LED = ("Multimodal", "NLP", "CV")


@pytest.fixture(scope="module")
def findings(sites):
    found = json.loads((sites("published") / "data/findings.json").read_text(encoding="utf-8"))["findings"]
    return {finding["id"]: finding for finding in found}


@pytest.fixture(scope="module")
def panels():
    folder = CONFIGS["published"].parent
    return {name: pd.read_csv(folder / f"{name}.csv").set_index(["given", "outcome"]) for name in ("left", "right")}


def cells(found):
    return {(cell["given"], cell["outcome"]) for cell in found}


def ends(panel, end):
    table = panel.reset_index().pivot_table(index="given", columns="outcome", values=end)
    return table.reindex(index=CATEGORIES, columns=CATEGORIES)


def test_1_the_nlp_row_of_the_left_panel_holds_the_high_values(findings, panels):
    found, left = findings["levels.left.nlp"], panels["left"]
    assert cells(found["high"]) == set(left.index[left["low"] >= 0.75]) == {("NLP", b) for b in (*LED, "Audio")}
    assert [(c["value"], c["low"], c["high"]) for c in found["high"]] == [
        tuple(left.loc[c["given"], c["outcome"]]) for c in found["high"]
    ]
    assert found["top_row"]["mean"]["value"] == pytest.approx(ends(left, "value").loc["NLP"].mean())


def test_1_the_multimodal_and_cv_rows_are_moderate(findings, panels):
    found, left = findings["levels.left.nlp"], panels["left"]
    moderate = {("Multimodal", b) for b in LED} | {("CV", "NLP"), ("CV", "CV")}
    assert cells(found["moderate"]) == moderate == set(left.index[(left["low"] >= 0.5) & (left["low"] < 0.75)])


def test_1_five_rows_stay_low_but_for_robotics_with_robotics(findings, panels):
    found, most = findings["levels.left.nlp"], ends(panels["left"], "high").max(axis=1)
    assert found["low_rows"] == [name for name in CATEGORIES if most[name] <= 0.25]
    assert (*found["low_rows"], "Robotics") == ("Tabular", "RL", "Graph", "Time Series", "Robotics")
    (nearly,) = found["nearly_low"]
    assert (nearly["given"], nearly["outcome"], nearly["low"], nearly["high"]) == ("Robotics", "Robotics", 0.2, 0.3)


def test_2_the_right_panel_is_lighter_with_nlp_the_highest_and_all_else_near_zero(findings, panels):
    found, right = findings["levels.right.nlp"], panels["right"]
    contrast = findings["contrast.left.right"]
    assert contrast["left_mean"] == pytest.approx(panels["left"]["value"].mean())
    assert contrast["right_mean"] == pytest.approx(right["value"].mean())
    assert contrast["right_mean"] < contrast["left_mean"] / 2
    assert cells(found["moderate"]) == {("NLP", "NLP"), ("NLP", "CV")}
    others = [name for name in CATEGORIES if name != "NLP"]
    assert (found["low_rows"], found["low_reach"]) == (others, ends(right, "high").loc[others].max().max())


def test_3_the_panels_differ_and_no_cell_surely_the_other_way(findings, panels):
    low, high = (ends(panels["left"], end) for end in ("low", "high"))
    right_low, right_high = (ends(panels["right"], end).T for end in ("low", "high"))
    contrast = findings["contrast.left.right"]
    assert contrast["n_left_higher"] == (low > right_high).sum().sum() == 8
    assert contrast["n_right_higher"] == (high < right_low).sum().sum() == 0


@pytest.mark.parametrize("name", ["left", "right"])
def test_3_nlp_leads_in_both_panels(findings, panels, name):
    found, low, high = findings[f"levels.{name}.nlp"], *(ends(panels[name], end) for end in ("low", "high"))
    assert found["n_led"] == (low.loc["NLP"] > high.drop("NLP").max()).sum() == {"left": 3, "right": 9}[name]


def test_3_high_values_lie_among_multimodal_nlp_and_cv(findings, panels):
    found, left = findings["cluster.left.multimodal.nlp.cv"], panels["left"]
    reach = set(left.index[left["low"] >= 0.5])
    outside = {pair for pair in reach if not set(pair) <= set(LED)}
    assert (found["n_cells"], found["n_within"]) == (len(reach), len(reach - outside)) == (9, 8)
    assert cells(found["outside"]) == outside == {("NLP", "Audio")}


def test_3_five_stand_apart_as_rows_and_are_not_called_isolated(findings, panels):
    found = findings["apart.tabular.rl.graph.robotics.time-series"]
    assert tuple(found["members"]) == FIVE
    high = [ends(panel, "high") for panel in panels.values()]
    rows = [part.loc[a, b] for part in high for a in FIVE for b in CATEGORIES if a != b]
    columns = [part.loc[a, b] for part in high for a in CATEGORIES if a not in FIVE for b in FIVE]
    assert (found["rows_reach"], found["columns_reach"]) == (max(rows), max(columns)) == (0.25, 0.6)
