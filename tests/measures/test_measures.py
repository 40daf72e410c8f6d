"""Measures against other people's arithmetic, and what must hold whatever the counts."""

from __future__ import annotations

import math
import operator
from functools import reduce
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import distance
from scipy.stats import contingency
from statsmodels.stats.contingency_tables import Table

from diptych.stats.measures import _ROUNDING as ROUNDING
from diptych.stats.measures import MEASURES

QUICK = settings(deadline=None, derandomize=True)

names = pytest.mark.parametrize("name", MEASURES)
CORRECTED = ["relative_risk", "odds_ratio"]
tables = st.tuples(*[st.integers(0, 60)] * 4)
TABLES = np.array(list(product([0, 1, 2, 3, 5, 11, 29, 60], repeat=4))).T
"""Both, only a, only b, neither: every table of few units and of many, and of none in each cell."""


def margins(table):
    both, only_a, only_b, neither = table
    return both, both + only_a, both + only_b, both + only_a + only_b + neither


def measured(name, *totals):
    """A measure of one table, or of an array of them at once."""
    value = MEASURES[name](*(np.atleast_1d(t).astype(float) for t in totals))
    assert value.shape == np.atleast_1d(totals[0]).shape
    return value if np.ndim(totals[0]) else float(value[0])


def indicators(table):
    return np.repeat([1, 1, 0, 0], table), np.repeat([1, 0, 1, 0], table)


def by_others(name, table):
    """Return the measure of a 2 x 2 table (both, only a, only b, neither) from other people's code or plain means."""
    a, b = indicators(table)
    n_a, others, only_b = table[0] + table[1], table[2] + table[3], table[2]
    square = np.array([[table[0], table[1]], [table[2], table[3]]])
    return {
        "count": lambda: int(np.sum(a & b)),
        "share": lambda: float(np.mean(a & b)),
        "conditional": lambda: float(np.mean(b[a == 1])),
        "lift": lambda: table[0] / contingency.expected_freq(square)[0, 0],
        "log2_lift": lambda: math.log2(table[0]) - math.log2(contingency.expected_freq(square)[0, 0]),
        "difference": lambda: float(np.mean(b[a == 1]) - np.mean(b[a == 0])),
        "relative_risk": lambda: contingency.relative_risk(table[0], n_a, only_b, others).relative_risk,
        "odds_ratio": lambda: contingency.odds_ratio(square, kind="sample").statistic,
        "phi": lambda: float(np.corrcoef(a, b)[0, 1]),
        "jaccard": lambda: 1 - float(distance.jaccard(a.astype(bool), b.astype(bool))),
        "standardized_residual": lambda: float(Table(square).standardized_resids[0, 0]),
    }[name]()


@names
def test_equals_other_arithmetic(name):
    some = np.random.default_rng(1).integers(1, 61, (40, 4))
    for table in [*product([1, 60], repeat=4), *some.tolist()]:
        assert measured(name, *margins(table)) == pytest.approx(by_others(name, table), abs=1e-12), table


@QUICK
@given(table=st.tuples(*[st.integers(1, 60)] * 4))
def test_phi_is_cramers_v_with_a_sign(table):
    square = np.array(table).reshape(2, 2)
    assert abs(measured("phi", *margins(table))) == pytest.approx(contingency.association(square, "cramer"), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # 6 both, 4 only a, 2 only b, 8 neither: n_a = 10, n_b = 8, N = 20.
        ("count", 6),
        ("share", 6 / 20),
        ("conditional", 6 / 10),
        ("lift", 1.5),
        ("log2_lift", math.log2(1.5)),
        ("difference", 6 / 10 - 2 / 10),
        ("relative_risk", (6 / 10) / (2 / 10)),
        ("odds_ratio", 6 * 8 / (4 * 2)),
        ("phi", (6 * 8 - 4 * 2) / math.sqrt(10 * 10 * 8 * 12)),
        ("jaccard", 6 / 12),
        # 4 are expected; the variance is 4 x (1 - 10/20) x (1 - 8/20) = 1.2.
        ("standardized_residual", 2 / math.sqrt(1.2)),
    ],
)
def test_by_hand(name, value):
    assert measured(name, 6, 10, 8, 20) == pytest.approx(value, abs=1e-15)


@names
def test_stays_in_its_range_or_is_undefined(name):
    value, info = measured(name, *margins(TABLES)), MEASURES[name].info
    value = value[~np.isnan(value)]
    assert info.lower is None or value.min() >= info.lower
    assert info.upper is None or value.max() <= info.upper


@names
def test_symmetric_is_what_it_says(name):
    joint, n_a, n_b, n = margins(TABLES)
    there, back = measured(name, joint, n_a, n_b, n), measured(name, joint, n_b, n_a, n)
    same = np.isclose(there, back, rtol=1e-6, atol=1e-12, equal_nan=True)
    assert same.all() if MEASURES[name].info.symmetric else not same.all()


@names
@pytest.mark.parametrize("times", [2, 9])
def test_doubled_units_change_counts_and_certainty_alone(name, times):
    some = TABLES[:, TABLES.min(axis=0) > 0] if name in CORRECTED else TABLES
    once, often = (measured(name, *margins(k * some)) for k in (1, times))
    factor = {"count": times, "standardized_residual": math.sqrt(times)}.get(name, 1)
    assert often == pytest.approx(factor * once, rel=1e-9, abs=1e-12, nan_ok=True)


@names
@pytest.mark.parametrize("more", [1, 500])
def test_units_with_neither_change_what_needs_units_alone(name, more):
    before, after = (measured(name, *margins([*TABLES[:3], TABLES[3] + k])) for k in (0, more))
    if MEASURES[name].info.needs != "units":
        assert after == pytest.approx(before, nan_ok=True)
    else:
        assert (after != before)[TABLES.min(axis=0) > 0].all()


@names
def test_what_takes_a_bare_matrix_needs_no_margins(name):
    joint, n_a, n_b, n = margins(TABLES)
    if MEASURES[name].info.needs == "matrix":
        assert (measured(name, joint, n_a, n_b, n) == measured(name, joint, n_a + 1, n_b + 2, n + 3)).all()


@QUICK
@given(a=st.integers(1, 40), b=st.integers(1, 40), c=st.integers(1, 40), d=st.integers(1, 40))
def test_unrelated_categories_stand_at_the_null(a, b, c, d):
    # A product table: rows a : b, columns c : d, so the two are independent exactly.
    totals = margins((a * c, a * d, b * c, b * d))
    for name, measure in MEASURES.items():
        if measure.info.null is not None:
            assert measured(name, *totals) == pytest.approx(measure.info.null, abs=1e-12)


@QUICK
@given(table=tables)
def test_two_conditionals_differ_by_category_sizes_alone(table):
    joint, n_a, n_b, n = margins(table)
    assume(joint)
    left, right = measured("conditional", joint, n_a, n_b, n), measured("conditional", joint, n_b, n_a, n)
    assert left / right == pytest.approx(n_b / n_a, rel=1e-12)


@QUICK
@given(table=tables)
def test_relations_among_measures(table):
    totals = margins(table)
    joint, n_a, n_b, n = totals
    assume(joint)
    assert measured("lift", *totals) == pytest.approx(measured("conditional", *totals) / (n_b / n), rel=1e-12)
    assert 2 ** measured("log2_lift", *totals) == pytest.approx(measured("lift", *totals), rel=1e-12)
    there, back = measured("difference", *totals), measured("difference", joint, n_b, n_a, n)
    phi = measured("phi", *totals)
    # phi squared is the product of the two differences.
    assert math.isnan(phi) or there * back == pytest.approx(phi**2, abs=1e-12)


COMPARED = {*CORRECTED, "phi", "standardized_residual"}


@pytest.mark.parametrize(
    ("totals", "undefined"),
    [
        ((0, 0, 0, 0), set(MEASURES) - {"count"}),
        ((0, 0, 5, 9), {*COMPARED, "conditional", "difference", "lift", "log2_lift"}),
        ((0, 5, 0, 9), {*COMPARED, "lift", "log2_lift"}),
        ((0, 5, 3, 9), {"log2_lift"}),
        ((5, 9, 5, 9), {*COMPARED, "difference"}),
        ((5, 5, 9, 9), COMPARED),
        ((9, 9, 9, 9), {*COMPARED, "difference"}),
    ],
)
def test_undefined_is_not_zero(totals, undefined):
    assert {name for name in MEASURES if math.isnan(measured(name, *totals))} == undefined


def test_rounding_never_leaves_the_range():
    # Ten times 0.1, added one by one, is not 1; nor is this correlation of two equal indicators.
    nearly = reduce(operator.add, [0.1] * 10)  # `sum` makes up for rounding from Python 3.12 on
    assert nearly != 1
    assert measured("conditional", nearly, 1, 1, 4) == 1
    assert measured("conditional", 1.0, nearly, 1, 4) == 1
    for n in (3, 1_000_003, 123_456_789):
        assert measured("phi", n, n, n, 3 * n + 1) == 1
        assert measured("phi", 0, n, 2 * n + 1, 3 * n + 1) == -1


def test_what_is_nearly_all_or_hardly_any_stays_so():
    assert measured("conditional", 10**9 - 1, 10**9, 10**9, 10**9) < 1
    assert measured("conditional", 1, 10**15, 10, 10**15) == 1e-15
    assert ROUNDING < 1e-10
