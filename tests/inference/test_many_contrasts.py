"""Many contrasts together: the same numbers as one at a time, computed in plain loops."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy import stats

from benchmarks.coverage_contrasts import mean
from diptych.inference.contrasts import Contrast, cell, compared, linearise, turned
from diptych.matrices.counts import shares
from diptych.measures import MEASURES
from tests.inference.resampled import Totals, resampled, some_incidence
from tests.matrices.tiny import P, random_patterns, tiny

pytestmark = pytest.mark.slow

NAMES = ("conditional", "lift", "difference", "phi", "odds_ratio")
SHAPE = (3, 3)
ALL = np.ones(SHAPE, dtype=bool)


def some(seed=1, *, groups=0, weighted=False):
    patterns = random_patterns(seed, 120, n_groups=groups, weighted=weighted, rows="ABC", columns="XYZ")
    return tiny(*patterns, rows="ABC", columns="XYZ", groups=bool(groups))


def only(measured, row):
    """The measured cells of one row."""
    return measured & (np.arange(len(measured)) == row)[:, None]


def some_contrasts():
    """Cells, mirrored cells, rows and panels of several measures, over all three rows and columns."""
    found = []
    for name in NAMES:
        measure = MEASURES[name]
        found += [
            Contrast(cell(measure, 0, 1), cell(measure, 1, 0)),
            Contrast(cell(measure, 2, 1), cell(turned(measure), 1, 2)),
            Contrast(mean(measure, only(ALL, 0)), mean(measure, ALL & (np.arange(3) > 0)[:, None])),
            Contrast(mean(measure, ALL), mean(turned(measure), np.triu(ALL)), -1, 1),
        ]
    return found


def by_loops(contrast, totals):
    """A contrast of all resamples from its cells, one by one."""
    values = np.zeros(len(totals.units))
    for sign, term in ((1, contrast.first), (-1, contrast.second)):
        for i, j, coefficient in zip(term.rows, term.columns, term.coefficients, strict=True):
            margins = totals.given[:, i], totals.outcome[:, j]
            with np.errstate(all="ignore"):
                values += sign * coefficient * term.formula(totals.joint[:, i, j], *margins, totals.units)
    return values


@pytest.mark.parametrize("groups", [0, 40])
def test_each_error_is_the_spread_of_its_own_resampled_values(groups):
    incidence = some(groups=groups)
    totals = resampled(incidence, 1500)
    for contrast in some_contrasts():
        if contrast.first.formula is MEASURES["odds_ratio"]:
            continue  # skewed: a few resamples make its spread
        values = by_loops(contrast, totals)
        low, high = np.quantile(values, [0.16, 0.84])
        error = float(linearise([contrast], incidence).error[0])
        # One standard deviation on either side holds 68 %. 40 groups, or 120 patterns: within 15 %.
        assert error == pytest.approx((high - low) / 2, rel=0.15)


def test_no_interval_where_nothing_varies():
    incidence = tiny(
        P("A", "X", 5, "g1"), P("B", "Y", 2, "g1"), P("A", "X", 2, "g2"), P("B", "Y", 3, "g3"), groups=True
    )
    conditional = MEASURES["conditional"]
    contrasts = [Contrast(cell(conditional, 0, 0), cell(conditional, 0, 1))]
    [found] = compared(contrasts, incidence, 0.95)
    assert (found.first, found.second, found.difference.value, found.reason) == (1, 0, 1, "it does not vary")
    assert compared((), incidence, 0.95) == ()


def test_reasons_for_no_interval():
    conditional = MEASURES["conditional"]

    def reason(*patterns, **how):
        contrast = Contrast(cell(conditional, 0, 0), cell(conditional, 1, 0))
        return compared([contrast], tiny(*patterns, **how), 0.95)[0].reason

    assert (
        reason(P("A", "X", 3, "g"), P("A", "Y", 5, "g"), P("B", "X", 2, "h"), groups=True)
        == "it depends on one unit or group"
    )
    assert reason(P("A", "X", 9)) == "a value is undefined"
    assert reason(P("A", "X", 5), P("A", "Y", 5), P("B", "X", 9), P("B", "Y", 9)) is None


def test_weighted_units_have_t_of_what_they_are_worth():
    incidence, contrasts = some(weighted=True), some_contrasts()
    about = linearise(contrasts, incidence)
    for k, (contrast, found) in enumerate(zip(contrasts, compared(contrasts, incidence, 0.95), strict=True)):
        half, value = stats.t.ppf(0.975, about.effective[k] - 1) * about.error[k], found.first - found.second
        expected = [contrast.clipped(value - half), contrast.clipped(value + half)]
        assert (found.difference.low, found.difference.high) == pytest.approx(expected)


def influences(contrast, incidence):
    """How a contrast moves with the weight of each pattern, by central differences."""
    rows, columns = shares(incidence)

    def values(step):
        weight = incidence.weight + step * np.eye(len(incidence.weight))
        joint = np.einsum("dp,pi,pj->dij", weight, rows, columns, optimize=True)
        return by_loops(contrast, Totals(joint, weight @ rows, weight @ columns, weight.sum(axis=1)))

    return (values(1e-4) - values(-1e-4)) / 2e-4


@pytest.mark.parametrize("how", [{}, {"groups": 30}, {"weighted": True}])
def test_errors_are_those_of_influences_summed_by_unit_or_group(how):
    incidence, contrasts = some(7, **how), some_contrasts()
    for contrast, error in zip(contrasts, linearise(contrasts, incidence).error, strict=True):
        moved = influences(contrast, incidence)
        if incidence.group is None:
            n, squares = incidence.n_units, moved**2 @ incidence.weight_squared
        else:
            n = incidence.n_groups
            squares = (np.bincount(incidence.group, moved * incidence.weight, n) ** 2).sum()
        squares -= (moved @ incidence.weight) ** 2 / n
        assert error == pytest.approx(math.sqrt(squares * n / (n - 1)), rel=1e-4)


@examples(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_order_of_contrasts_changes_nothing(seed, grouped):
    incidence, contrasts = some(seed, groups=20 if grouped else 0), some_contrasts()[:6]
    forward, back = linearise(contrasts, incidence), linearise(contrasts[::-1], incidence)
    assert forward.error == pytest.approx(back.error[::-1], rel=1e-9, abs=1e-12, nan_ok=True)
    for k, contrast in enumerate(contrasts):
        alone = linearise([contrast], incidence)
        assert np.array_equal([forward.first[k], forward.second[k]], [alone.first[0], alone.second[0]], equal_nan=True)


@pytest.mark.slow
def test_memory_stays_far_under_300_mb():
    incidence = some_incidence(15_000, 2_500_000)
    conditional = MEASURES["conditional"]
    contrasts = [
        Contrast(cell(conditional, i, j), cell(turned(conditional) if reverse else conditional, j, i))
        for i in range(9)
        for j in range(9)
        for reverse in (False, True)
        if i != j
    ]
    tracemalloc.start()
    compared(contrasts, incidence, 0.95)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
