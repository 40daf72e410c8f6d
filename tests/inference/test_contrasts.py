"""Contrasts: values and errors by hand, and against the spread of resampled values."""

from __future__ import annotations

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage_contrasts import mean, value_of
from diptych.cells import Estimate
from diptych.inference.contrasts import CellSum, Contrast, cell, compared, linearise, turned
from diptych.inference.intervals import standard_error
from diptych.inference.moments import moments
from diptych.matrices.counts import totals
from diptych.measures import MEASURES
from tests.inference.resampled import resampled
from tests.matrices.tiny import P, random_patterns, tiny

pytestmark = pytest.mark.slow

CONDITIONAL, LIFT = MEASURES["conditional"], MEASURES["lift"]
SQUARE = (2, 2)
ALL = np.ones(SQUARE, dtype=bool)
# Of 20 units 10 have A: 6 with X, 3 with Y, 1 with both; 8 have B: 2 with X, 6 with neither; 2 have nothing.
UNITS = (P("A", "X", 6), P("A", "Y", 3), P("A", "XY", 1), P("B", "X", 2), P("B", "", 6), P("", "", 2))


def only(measured, row):
    """The measured cells of one row."""
    return measured & (np.arange(len(measured)) == row)[:, None]


NOTHING = CellSum(CONDITIONAL, np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0))


def interval_of(contrast, incidence):
    [found] = compared([contrast], incidence, 0.95)
    return found.difference


def about_one(contrast, incidence):
    """What is known of one contrast, as numbers."""
    found = linearise([contrast], incidence)
    parts = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return SimpleNamespace(**{name: part if name == "law" else float(part[0]) for name, part in parts.items()})


# P(X|A) 7/10, P(Y|A) 4/10, P(X|B) 2/8, P(Y|B) 0; reversed P(A|X) 7/9, P(B|X) 2/9, P(A|Y) 1, P(B|Y) 0.
@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        (cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 1, 0), 0.7 - 0.25),
        (cell(CONDITIONAL, 0, 1), cell(CONDITIONAL, 1, 0), 0.4 - 0.25),
        (cell(CONDITIONAL, 0, 0), cell(turned(CONDITIONAL), 0, 0), 0.7 - 7 / 9),
        (mean(CONDITIONAL, only(ALL, 0)), mean(CONDITIONAL, only(ALL, 1)), 0.55 - 0.125),
        (
            mean(CONDITIONAL, only(np.array([[True, False], [True, True]]), 0)),
            mean(CONDITIONAL, only(ALL, 1)),
            0.7 - 0.125,
        ),
        (mean(turned(CONDITIONAL), only(ALL.T, 0).T), mean(turned(CONDITIONAL), only(ALL.T, 1).T), 0.5 - 0.5),
        (mean(CONDITIONAL, ALL), mean(turned(CONDITIONAL), ALL), 1.35 / 4 - 0.5),
        (cell(LIFT, 0, 0), cell(LIFT, 1, 0), 20 * 7 / 90 - 20 * 2 / 72),
        (cell(LIFT, 0, 0), cell(turned(LIFT), 0, 0), 0),
    ],
)
def test_contrasts_counted_by_hand(first, second, value):
    contrast, incidence = Contrast(first, second), tiny(*UNITS)
    assert value_of(contrast, *totals(incidence, incidence.weight), incidence.weight.sum()) == pytest.approx(value)
    assert interval_of(contrast, incidence).value == pytest.approx(value)


def test_the_other_term_is_nothing_for_a_cell_alone():
    incidence = tiny(*UNITS)
    about = about_one(Contrast(cell(CONDITIONAL, 0, 0), NOTHING), incidence)
    assert about.error == pytest.approx(float(standard_error(CONDITIONAL, moments(incidence))[0, 0]))


@pytest.mark.parametrize("name", list(MEASURES))
@pytest.mark.parametrize("reverse", [False, True])
def test_one_cell_has_the_error_that_panels_have(name, reverse):
    incidence = tiny(*random_patterns(11, 150, n_groups=60), groups=True)
    found = moments(incidence)
    found = found.T if reverse else found
    contrast = Contrast(cell(turned(MEASURES[name]) if reverse else MEASURES[name], 0, 1), NOTHING)
    expected = standard_error(MEASURES[name], found)[(1, 0) if reverse else (0, 1)]
    assert about_one(contrast, incidence).error == pytest.approx(float(expected), rel=1e-9)


def test_two_cells_of_a_row_have_the_multinomial_error():
    # P(X|A) - P(Y|A) over the 10 units of A, each giving +1 (6), -1 (3) or 0 (1): variance of their mean.
    incidence = tiny(*UNITS)
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    variance = (9 / 10 - 0.3**2) / 10
    assert about_one(contrast, incidence).error == pytest.approx(math.sqrt(variance * 20 / 19))


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("name", ["conditional", "lift", "difference", "phi", "jaccard"])
def test_errors_of_contrasts_are_the_spread_of_drawn_ones(name, grouped):
    incidence = tiny(*random_patterns(11, 400, n_groups=120 if grouped else 0), groups=grouped)
    drawn = resampled(incidence, 4000)
    for contrast in (
        Contrast(cell(MEASURES[name], 0, 1), cell(MEASURES[name], 1, 0)),
        Contrast(mean(MEASURES[name], only(ALL, 0)), mean(MEASURES[name], only(ALL, 1))),
        Contrast(mean(MEASURES[name], ALL), cell(MEASURES[name], 0, 0)),
    ):
        spread = value_of(contrast, drawn.joint, drawn.given, drawn.outcome, drawn.units).std()
        about, found = about_one(contrast, incidence), interval_of(contrast, incidence)
        assert about.error == pytest.approx(spread, rel=0.06)
        assert about.working >= about.error
        quantile = float(about.law.quantile(0.95)[0])
        assert quantile >= stats.norm.ppf(0.975) - 1e-9
        assert found.high - found.low == pytest.approx(2 * quantile * about.working)
        assert found.low < found.value < found.high


def test_weighted_units_are_linearised():
    weights = tuple(float(w) for w in range(1, 11))
    incidence = tiny(
        P("A", "X", 10, weights=weights), P("A", "Y", 10, weights=weights[::-1]), P("B", "", 1), P("B", "X", 1)
    )
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    found = interval_of(contrast, incidence)
    # Each unit of A moves the contrast by +-w / 110; sum w^2 = 385 twice, 22 units; G_eff = 110^2 / 770.
    error = math.sqrt(770 / 110**2 * 22 / 21)
    half = stats.t(110**2 / 770 - 1).ppf(0.975) * error
    assert (found.value, found.low, found.high) == pytest.approx((0, -half, half))


def test_units_of_a_group_that_are_copies_count_as_their_group():
    # Nine groups hold three units of A, in each of them all with X or all with Y: the correlation is 1. So there are
    # nine units, as it were, and each moves the contrast up or down.
    sizes = np.full(9, 3)
    patterns = [P("A", "X" if k % 3 else "Y", int(sizes[k]), f"g{k}") for k in range(9)]
    incidence = tiny(*patterns, P("B", "X", 3, "h"), P("B", "Y", 3, "i"), groups=True)
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    found, about = interval_of(contrast, incidence), about_one(contrast, incidence)
    signs = np.array([1.0 if k % 3 else -1.0 for k in range(9)])
    value = signs @ sizes / sizes.sum()
    over_groups = ((signs - value) * sizes) @ ((signs - value) * sizes) / sizes.sum() ** 2
    effective = sizes.sum() ** 2 / (sizes @ sizes)
    of_units = (1 - value**2) / sizes.sum() * (sizes @ sizes) / sizes.sum()
    n = incidence.n_units
    error = math.sqrt(max(over_groups * effective / (effective - 1), of_units * n / (n - 1)))
    assert (about.working, float(about.law.freedom[0])) == pytest.approx((error, 8))
    half = stats.t(8).ppf(0.975) * error
    assert (found.low, found.high) == pytest.approx((value - half, value + half))
    clipped = interval_of(dataclasses.replace(contrast, lower=-0.1, upper=0.6), incidence)
    assert (clipped.low, clipped.high) == (-0.1, 0.6)


@pytest.mark.parametrize(
    ("patterns", "value"),
    [
        # All of A have X and none has Y, in every group: a bootstrap would say 100 to 100 %.
        ((P("A", "X", 5, "g1"), P("A", "X", 2, "g2"), P("B", "Y", 3, "g3")), 1.0),
        # A is in one group only.
        ((P("A", "X", 5, "g1"), P("A", "Y", 3, "g1"), P("B", "Y", 3, "g2"), P("B", "X", 3, "g3")), 0.25),
    ],
)
def test_no_interval_where_groups_do_not_differ(patterns, value):
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 0, 1))
    assert interval_of(contrast, tiny(*patterns, groups=True)) == Estimate(value)


def test_an_undefined_contrast_is_nan():
    contrast = Contrast(cell(CONDITIONAL, 0, 0), cell(CONDITIONAL, 1, 0))
    found = interval_of(contrast, tiny(P("A", "X", 9), P("A", "Y", 9)))
    assert math.isnan(found.value)
    assert (found.low, found.high) == (None, None)
