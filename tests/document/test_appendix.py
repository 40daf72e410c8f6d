"""How the tables of the appendix write numbers, and which files they name."""

import json
from dataclasses import replace

import pytest

from diptych.formats import in_table_with_ends
from diptych.measures import MEASURES
from tests.renderers.documents import small


def test_the_matrices_name_their_files(sites):
    report = json.loads((sites("survey") / "report.json").read_text("utf-8"))
    [appendix] = [section for section in report["sections"] if section["id"] == "appendix"]
    assert {block["id"]: block["source"] for block in appendix["blocks"]} == {
        "matrix-left": "data/left.csv",
        "matrix-right": "data/right.csv",
    }


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.3, 0.2, 0.4, "30 (20–40)"),
        (0.003, 0.0021, 0.0044, "0.3 (0.2–0.4)"),
        (0.968, 0.9661, 0.9712, "96.8 (96.6–97.1)"),
        (0.003, 0.0021, 0.4, "<1 (<1–40)"),
        (1.0, None, None, "100"),
    ],
)
def test_an_interval_of_a_cell_is_never_a_point(value, low, high, text):
    panel = small().figures[0].panels[0]
    assert in_table_with_ends(replace(next(iter(panel.cells)), value=value, low=low, high=high), panel.measure) == text


def test_ends_of_counts_are_whole_from_ten_on():
    panel = replace(small().figures[0].panels[0], measure=MEASURES["count"].info)
    cell = next(iter(panel.cells))
    assert in_table_with_ends(replace(cell, value=382, low=347.52, high=420.04), panel.measure) == "382 (348–420)"
    assert in_table_with_ends(replace(cell, value=4, low=1.26, high=9.4), panel.measure) == "4 (1.3–9.4)"
