"""Cells whose error too few groups or weights show are marked as few and have no interval."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.inference import InferenceSettings
from diptych.inference.intervals import estimable, interval
from diptych.inference.moments import moments
from diptych.matrices import PanelSettings
from diptych.measures import MEASURES
from diptych.panels import build_panel, tables_of
from tests.matrices.tiny import P, tiny

CONDITIONAL = MEASURES["conditional"]


def groups_of(*sizes):
    """Groups of which each has both outcomes, a third or a half of them X."""
    return [
        P("A", "X" if k < (n + 1) // (2 + i % 2) else "Y", 1, f"g{i}") for i, n in enumerate(sizes) for k in range(n)
    ]


@pytest.mark.parametrize(("sizes", "known"), [((20, 20, 20), False), ((20, 20, 20, 20), True), ((900, 9, 9, 9), False)])
def test_fewer_than_four_equal_groups_give_no_interval(sizes, known):
    incidence = tiny(*groups_of(*sizes), rows="A", columns="XY", groups=True)
    found = moments(incidence)
    assert estimable(CONDITIONAL, found)[0, 0] == known
    assert np.isfinite(interval(CONDITIONAL, found, 0.95).low[0, 0]) == known
    inference = InferenceSettings(minimum_groups=2)
    panel = build_panel(
        PanelSettings(
            id="p",
            relation=incidence.relation,
            given=incidence.rows.name,
            outcome=incidence.columns.name,
            measure="conditional",
        ),
        tables_of(incidence),
        inference,
    )
    cell = panel.cells[0]
    assert cell.state == ("measured" if known else "few")
    assert (cell.low is not None) == known


def test_groups_that_agree_have_the_interval_of_so_many_trials():
    incidence = tiny(*[P("A", "X", 5, f"g{k}") for k in range(3)], rows="A", columns="X", groups=True)
    assert estimable(CONDITIONAL, moments(incidence)).all()
    assert interval(CONDITIONAL, moments(incidence), 0.95).low[0, 0] == pytest.approx(3 / (3 + 1.959964**2), rel=1e-6)
