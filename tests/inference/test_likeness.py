"""How alike units of a group are, against pairs of units written out one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from diptych.inference.intervals import standard_error, working_error
from diptych.inference.moments import GIVEN, OUTCOME, PRIOR, UNITS, correlation, moments, of_cells, of_lines
from diptych.measures import MEASURES
from tests.matrices.tiny import P, adds, random_patterns, tiny, units_of

ROWS, COLUMNS = "ABC", "XY"
SHAPE = (len(ROWS), len(COLUMNS))


def grouped(seed=3, **how):
    return random_patterns(seed, 60, n_groups=14, rows=ROWS, columns=COLUMNS, **how)


def by_pairs(patterns, margin):
    """The correlations of all cells by loops: over pairs of units of one group that have the margin."""
    units = units_of(patterns)
    groups = {unit.group for unit in units}
    found, chance, share, effective = (np.zeros(SHAPE) for _ in range(4))
    for i, j in np.ndindex(SHAPE):
        have = [[adds(unit, ROWS[i], COLUMNS[j])[k] for k in (0, margin)] for unit in units]
        both, whole = np.array(have).T
        p = both.sum() / whole.sum()
        rest = both - p * whole
        share[i, j] = p
        of_groups = [whole[[u.group == g for u in units]].sum() for g in groups]
        effective[i, j] = whole.sum() ** 2 / sum(m * m for m in of_groups)
        for g in groups:
            own = [k for k, unit in enumerate(units) if unit.group == g]
            for k, m in combinations(own, 2):
                found[i, j] += rest[k] * rest[m]
                chance[i, j] += whole[k] * whole[m] * (rest @ rest) / (whole @ whole)
    return found, chance, np.minimum(share, 1 - share) * effective


def drawn_together(pairs, chance, weight, axis):
    """A cell's correlation, that of its line as far as the cell's is not known, and the table's as far as the line's."""

    def ratio(above, below):
        return np.clip(above / below, 0, 1)

    own = weight.sum(axis=axis, keepdims=True)
    table = ratio(pairs.sum(), chance.sum())
    line = ratio(pairs.sum(axis=axis, keepdims=True), chance.sum(axis=axis, keepdims=True))
    line = (line * own + PRIOR * table) / (own + PRIOR)
    return (ratio(pairs, chance) * weight + PRIOR * line) / (weight + PRIOR), line


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("margin", "axis"), [(GIVEN, 1), (OUTCOME, 0), (UNITS, None)])
def test_correlations_are_those_of_pairs_of_units(margin, axis, weighted):
    patterns = grouped(weighted=weighted)
    found = correlation(moments(tiny(*patterns, rows=ROWS, columns=COLUMNS, groups=True)), margin)
    expected, _ = drawn_together(*by_pairs(patterns, margin), axis)
    assert found == pytest.approx(np.broadcast_to(expected, SHAPE), rel=1e-9)


def sizes_of(patterns, name, margin):
    """The total, and the sum of squared weights, of a margin in each group."""
    totals, own = {}, {}
    for unit in units_of(patterns):
        m = adds(unit, name if margin == GIVEN else "A", name if margin == OUTCOME else "X")[margin]
        totals[unit.group] = totals.get(unit.group, 0) + m
        own[unit.group] = own.get(unit.group, 0) + m * m
    return np.array(list(totals.values())), np.array(list(own.values()))


@pytest.mark.parametrize("weighted", [False, True])
def test_inflation_and_freedom_follow_from_the_sizes_of_groups(weighted):
    """Freedom by dense matrices: residuals of groups are (I - h 1') z (Pustejovsky & Tipton 2018, equation 11)."""
    patterns = grouped(weighted=weighted)
    m = moments(tiny(*patterns, rows=ROWS, columns=COLUMNS, groups=True))
    found, rho = of_cells(m, (GIVEN,)), correlation(m, GIVEN)
    for i, j in np.ndindex(SHAPE):
        totals, own = sizes_of(patterns, ROWS[i], GIVEN)
        r = rho[i, j]
        v = (1 - r) * own + r * totals**2
        assert found.inflation[i, j] == pytest.approx(v.sum() / own.sum())
        bias, freedom = by_matrices(v, totals / totals.sum())
        assert found.law.bias[i, j] == pytest.approx(bias, rel=1e-6)
        assert found.law.freedom[i, j] == pytest.approx(freedom, rel=1e-6)


def by_matrices(variances, leverage):
    """The expected square of residuals over the variance of the sum, and Satterthwaite's degrees of freedom."""
    residual = np.eye(len(variances)) - np.outer(leverage, np.ones(len(variances)))
    covariance = residual @ np.diag(variances) @ residual.T
    return np.trace(covariance) / variances.sum(), np.trace(covariance) ** 2 / np.trace(covariance @ covariance)


def test_a_symmetric_measure_takes_the_worse_of_both_margins():
    m = moments(tiny(*grouped(), rows=ROWS, columns=COLUMNS, groups=True))
    both, given, outcome = of_cells(m, (GIVEN, OUTCOME)), of_cells(m, (GIVEN,)), of_cells(m, (OUTCOME,))
    assert both.inflation.tolist() == np.maximum(given.inflation, outcome.inflation).tolist()
    assert both.law.reach == pytest.approx(np.maximum(given.law.reach, outcome.law.reach))


def test_groups_of_all_units_count_for_the_freedom_alone():
    m = moments(tiny(*grouped(), rows=ROWS, columns=COLUMNS, groups=True))
    beside, own, every = (of_cells(m, margins) for margins in ((GIVEN, UNITS), (GIVEN,), (UNITS,)))
    assert beside.inflation.tolist() == own.inflation.tolist()
    assert beside.law.reach == pytest.approx(np.maximum(own.law.reach, every.law.reach))


def test_units_without_a_category_have_moments_of_their_own():
    """Those of an incidence in which they have it and the others do not."""
    patterns = grouped(weighted=True)
    turned = [p._replace(rows="".join(name for name in ROWS if name not in p.rows)) for p in patterns]
    found, expected = (moments(tiny(*part, rows=ROWS, columns=COLUMNS, groups=True)) for part in (patterns, turned))
    for name in ("totals", "second", "alone", "sizes"):
        np.testing.assert_allclose(getattr(found.without(), name), getattr(expected, name), rtol=1e-9)


@pytest.mark.parametrize(("margin", "names", "axis"), [(GIVEN, ROWS, 1), (OUTCOME, COLUMNS, 0)])
def test_lines_take_the_correlation_of_all_their_cells(margin, names, axis):
    patterns = grouped()
    found = of_lines(moments(tiny(*patterns, rows=ROWS, columns=COLUMNS, groups=True)), margin)
    _, line = drawn_together(*by_pairs(patterns, margin), axis)
    assert found.inflation.shape == found.law.freedom.shape == (len(names),)
    for k, (name, r) in enumerate(zip(names, line.ravel(), strict=True)):
        totals, own = sizes_of(patterns, name, margin)
        v = (1 - r) * own + r * totals**2
        assert found.inflation[k] == pytest.approx(v.sum() / own.sum())
        assert found.law.freedom[k] == pytest.approx(by_matrices(v, totals / totals.sum())[1])


def test_independent_units_have_neither():
    m = moments(tiny(*random_patterns(3, 60, weighted=True)))
    found = of_cells(m, (GIVEN,))
    assert (found.inflation == 1).all()
    assert found.law.freedom.tolist() == (m.effective_groups(GIVEN) - 1).tolist()
    assert (correlation(m, GIVEN) == 0).all()


def test_groups_of_one_unit_are_independent_units():
    patterns = [P("A", "X" if k % 3 else "Y", 1, f"g{k}") for k in range(40)]
    m = moments(tiny(*patterns, groups=True))
    assert (correlation(m, GIVEN) == 0).all()
    assert of_cells(m, (GIVEN,)).law.freedom[0, 0] == pytest.approx(39)
    error, law = working_error(MEASURES["conditional"], m, (GIVEN,))
    assert error[0, 0] == pytest.approx(standard_error(MEASURES["conditional"], m)[0, 0])
    assert law.freedom[0, 0] == pytest.approx(39)


def test_copies_are_worth_their_groups():
    # Twelve groups of five copies: a share of twelve units. With G_eff / (G_eff - 1) that is p (1 - p) / 11.
    patterns = [P("A", "X" if k % 3 else "Y", 5, f"g{k}") for k in range(12)]
    m = moments(tiny(*patterns, groups=True))
    assert correlation(m, GIVEN)[0, 0] == pytest.approx(1)
    error, law = working_error(MEASURES["conditional"], m, (GIVEN,))
    assert error[0, 0] ** 2 == pytest.approx(8 / 12 * 4 / 12 / 11)
    assert law.freedom[0, 0] == pytest.approx(11)


def test_a_rare_outcome_in_one_small_group_is_as_uncertain_as_its_row_says():
    # Of twenty groups of 10 copies each one has Z, ten X, nine Y; linearised alone 5 % are known to one group of twenty.
    patterns = [P("A", "Z" if k == 0 else "XY"[k % 2], 2 if k == 0 else 10, f"g{k:02d}") for k in range(21)]
    m = moments(tiny(*patterns, columns="XYZ", groups=True))
    alone = standard_error(MEASURES["conditional"], m)[0, 2]
    working = working_error(MEASURES["conditional"], m, (GIVEN,))[0][0, 2]
    # Copies, so a share p of 202 units in about 20.2 groups has variance p (1 - p) / 20.2, not that of two units.
    p, effective = 2 / 202, 202**2 / 2004
    assert working == pytest.approx((p * (1 - p) / effective * 202 / 201) ** 0.5, rel=0.03)
    assert working > 2 * alone
