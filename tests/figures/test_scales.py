"""Domains, ticks and numbers, worked out by hand."""

import dataclasses

import pytest

from diptych import formats
from diptych.figures import FigureSettings
from diptych.figures.scales import colour_scale
from tests.figures.demo_panels import CONDITIONAL, COUNT, LIFT, LOG2_LIFT, PHI, panel

FIGURE = FigureSettings(id="main", panels=("left", "right"))
PAIR = ("a", "b")


def with_values(measure, *values):
    """Return a 2 x 2 panel whose cells have these values."""
    made = panel(((1, 2), (3, 4)), (PAIR, PAIR), measure)
    return dataclasses.replace(made, cells=made.cells.replaced(value=values, state=["measured"] * 4))


def test_a_crowded_scale_of_small_shares_ends_above_nearly_all_of_them():
    """Of 1,681 shares, 99% are at most 0.165. The scale of 40 categories, or of larger shares, stays whole."""
    names = [f"c{i}" for i in range(41)]
    made = panel([[1] * 41] * 41, (names, names), CONDITIONAL)
    shares = [k / 10_000 for k in range(1, 1681)]
    crowded = dataclasses.replace(
        made, cells=made.cells.replaced(value=[*shares, 0.9], state=["measured"] * len(made.cells))
    )
    scale = colour_scale(FIGURE, [crowded])
    assert (*scale.domain, scale.ticks) == (0, 0.2, (0, 0.05, 0.1, 0.15, 0.2))
    larger = dataclasses.replace(
        made, cells=made.cells.replaced(value=[4 * one for one in shares] + [0.9], state=["measured"] * len(made.cells))
    )
    assert colour_scale(FIGURE, [larger]).domain[1] == 1
    assert colour_scale(FIGURE, [with_values(CONDITIONAL, 0.01, 0.02, 0.03, 0.04)]).domain[1] == 1


def test_log2_lift_is_symmetric_around_zero():
    scale = colour_scale(FIGURE, [with_values(LOG2_LIFT, -0.5, 2.4, 1, None)])
    assert (*scale.domain, scale.scheme) == (-4, 4, "orangeblue")
    assert (scale.ticks, scale.tick_format) == ((-4, -2, 0, 2, 4), ",.0f")


def test_lift_is_symmetric_around_one_as_ratios_are():
    scale = colour_scale(FIGURE, [with_values(LIFT, 0.0, 0.3, 1, 3)])
    assert (*scale.domain, scale.log) == (0.25, 4, True)
    assert scale.ticks == (0.25, 0.5, 1, 2, 4)
    assert [scale.level(v) for v in (0.25, 0.5, 1, 2, 4, 0)] == [0, 0.25, 0.5, 0.75, 1, 0]


@pytest.mark.parametrize(
    ("largest", "high"),
    [(3270, 4000), (3, 4), (1, 4), (0, 4), (5, 8), (41, 80), (100, 100), (101, 200), (90_000, 100_000)],
)
def test_counts_end_at_four_round_quarters(largest, high):
    scale = colour_scale(FIGURE, [with_values(COUNT, largest, 0, 0, 0)])
    assert scale.domain == (0, high)
    assert all(float(tick).is_integer() for tick in scale.ticks)
    assert scale.tick_format == ",.0f"


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        (0, CONDITIONAL, "0.00"),
        (1, CONDITIONAL, "1.00"),
        (0.909, CONDITIONAL, "0.91"),
        (3270, COUNT, "3,270"),
        (0.5, COUNT, "0.5"),
        (-1.15, LOG2_LIFT, "−1.15"),
        (-0.004, PHI, "0.00"),
        (-0.005001, PHI, "−0.01"),
        (23.55, LIFT, "24"),
        (236.4, LIFT, "240"),
        (0.0049, LIFT, "<0.01"),
        (0.005, LIFT, "<0.01"),
        (0.0051, LIFT, "0.01"),
        (0.0, LIFT, "0"),
    ],
)
def test_numbers_in_cells(value, measure, text):
    assert formats.in_cell(value, measure) == text
