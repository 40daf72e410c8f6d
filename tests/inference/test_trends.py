"""Gamma, Somers' d and the test of trend: published tables, statsmodels, scipy, and pairs counted one by one."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import Table

from diptych.inference.trends import OrdinalPair, trend, trend_test, value_of
from tests.findings.conftest import incidence

SATISFACTION = np.array([[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]])
"""Job satisfaction by income (Agresti 2002, "Categorical Data Analysis", table 2.8): gamma 0.221, error 0.117."""
ALCOHOL = np.array([[17066, 48], [14464, 38], [788, 5], [126, 1], [37, 1]])
"""Malformations by the mother's drinks (Agresti 2002, table 3.7)."""


def pair_of(tables, groups=None, weights=None):
    """The patterns of tables of one stratum each; `groups` gives the group of a cell."""
    rows, columns = (
        tuple(chr(start + k) for k in range(n)) for start, n in zip((65, 97), tables[0].shape, strict=True)
    )
    patterns = [
        (rows[i], columns[j], int(table[i, j]), f"s{s}", groups(i, j) if groups else "")
        for s, table in enumerate(tables)
        for i, j in np.ndindex(table.shape)
        if table[i, j]
    ]
    found = incidence(patterns, rows, columns=columns, strata=True, groups=groups is not None)
    if weights is not None:
        w = np.array([weights] * len(found.units))
        found = replace(found, weight=found.units * w, weight_squared=found.units * w**2, weighted=True)
    return OrdinalPair(found, found.row_sets.argmax(axis=1), found.column_sets.argmax(axis=1), found.stratum)


def one_by_one(tables, *, somers=False):
    """Count pairs of units one by one."""
    numerator = denominator = 0.0
    for table in tables:
        units = [(i, j) for i, j in np.ndindex(table.shape) for _ in range(table[i, j])]
        for (a, b), (c, d) in combinations(units, 2):
            sign = np.sign((a - c) * (b - d))
            numerator += sign
            denominator += (a != c) if somers else abs(sign)
    return numerator / denominator


def error_of(found, level=0.95):
    """The standard error, from the ends on Fisher's scale."""
    e = found.coefficient
    return (math.atanh(e.high) - math.atanh(e.low)) / 2 / stats.norm.isf((1 - level) / 2) * (1 - e.value**2)


def jackknife(tables, coefficient):
    """The infinitesimal jackknife: the variance from numerical derivatives by the number of each cell."""
    total, step = 0.0, 1e-4
    for s, table in enumerate(tables):
        for place in np.ndindex(table.shape):
            ends = []
            for sign in (1, -1):
                moved = [of.astype(float) for of in tables]
                moved[s][place] += sign * step
                ends.append(ratio_of(moved, coefficient))
            total += table[place] * ((ends[0] - ends[1]) / (2 * step)) ** 2
    return math.sqrt(total)


def ratio_of(tables, coefficient):
    """The coefficient of tables with fractional counts, by sums over all pairs of cells."""
    numerator = denominator = 0.0
    for table in tables:
        for (i, j), n in np.ndenumerate(table):
            for (k, m), other in np.ndenumerate(table):
                sign = np.sign((i - k) * (j - m))
                numerator += n * other * sign
                denominator += n * other * ((i != k) if coefficient == "somers_d" else abs(sign))
    return numerator / denominator


def test_gamma_of_a_published_table():
    found = trend(pair_of([SATISFACTION]), "gamma", 0.95)
    assert round(found.coefficient.value, 3) == 0.221
    assert round(error_of(found), 3) == 0.117
    assert found.coefficient.value == pytest.approx((1331 - 849) / (1331 + 849), abs=1e-12)


def test_somers_d_is_that_of_scipy():
    found = trend(pair_of([SATISFACTION]), "somers_d", 0.95)
    assert found.coefficient.value == pytest.approx(stats.somersd(SATISFACTION).statistic, abs=1e-12)


@pytest.mark.parametrize("table", [SATISFACTION, ALCOHOL], ids=["4 x 4", "5 x 2"])
def test_the_test_of_trend_is_that_of_statsmodels(table):
    own = Table(table, shift_zeros=False).test_ordinal_association()
    score, p = trend_test(pair_of([table]))
    assert (score, p) == pytest.approx((own.zscore, own.pvalue), rel=1e-8)


def test_the_test_of_trend_is_cochran_and_armitages_with_one_unit_fewer():
    # Agresti 2002, section 5.3.5: the Cochran-Armitage statistic with scores 0 to 4 is a linear regression on scores.
    n, hits = ALCOHOL.sum(axis=1), ALCOHOL[:, 1]
    x = np.arange(5) - (n @ np.arange(5)) / n.sum()
    share = hits.sum() / n.sum()
    armitage = (hits @ x) / math.sqrt(share * (1 - share) * (n @ x**2))
    assert trend_test(pair_of([ALCOHOL]))[0] == pytest.approx(armitage * math.sqrt((n.sum() - 1) / n.sum()), rel=1e-10)


SMALL = [np.array([[3, 1, 0], [2, 2, 1], [0, 1, 4]]), np.array([[1, 2, 2], [0, 3, 1], [2, 0, 2]])]


@pytest.mark.parametrize("coefficient", ["gamma", "somers_d"])
def test_pairs_are_compared_within_strata_only(coefficient):
    found = trend(pair_of(SMALL), coefficient, 0.95)
    expected = one_by_one(SMALL, somers=coefficient == "somers_d")
    assert found.coefficient.value == pytest.approx(expected, abs=1e-12)
    assert error_of(found) == pytest.approx(jackknife(SMALL, coefficient), rel=1e-6)
    assert value_of(SMALL[0][None].astype(float), coefficient)[0] == pytest.approx(
        one_by_one(SMALL[:1], somers=coefficient == "somers_d"), abs=1e-12
    )


def test_groups_are_kept_together_and_equal_weights_change_nothing():
    alone = trend(pair_of([SATISFACTION]), "gamma", 0.95)
    by_row = trend(pair_of([10 * SATISFACTION], groups=lambda i, j: f"g{(i + j) % 6}"), "gamma", 0.95)
    assert by_row.coefficient.value == pytest.approx(alone.coefficient.value)
    influence_error = error_of(trend(pair_of([10 * SATISFACTION]), "gamma", 0.95))
    assert by_row.coefficient.high - by_row.coefficient.low > 2 * influence_error
    weighted = trend(pair_of([SATISFACTION], weights=3.0), "gamma", 0.95)
    assert weighted.coefficient.value == pytest.approx(alone.coefficient.value)
    assert error_of(weighted) == pytest.approx(error_of(alone), rel=0.03)  # t of 95 units for the normal


def test_no_pair_of_units_to_compare():
    assert trend(pair_of([np.array([[3, 2]])]), "somers_d", 0.95) is None
    found = trend(pair_of([np.array([[3, 0], [0, 3]])]), "gamma", 0.95)
    assert (found.coefficient.value, found.coefficient.low) == (1, None)
    assert trend_test(pair_of([np.array([[3], [2]])])) == (0.0, 1.0)
