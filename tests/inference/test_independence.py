"""Tests of independence: tails added up one by one, t by hand, and Benjamini-Hochberg over a relation's tables."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diptych.inference.intervals import working_error
from diptych.inference.moments import GIVEN, OUTCOME, UNITS, moments
from diptych.inference.ratios import null_variance, q_values
from diptych.measures import MEASURES
from diptych.panels import tables_of
from tests.draws import draws
from tests.matrices.tiny import P, adds, random_patterns, tiny, units_of

QUICK = settings(deadline=None, derandomize=True)


def table_of(both, only_a, only_b, neither):
    sets = zip(("A", "A", "", ""), ("X", "", "X", ""), (both, only_a, only_b, neither), strict=True)
    return [P(a, b, n) for a, b, n in sets if n]


def p_of(*patterns, **how):
    return float(tables_of(tiny(*patterns, rows="A", columns="X", **how)).over_all(0.95).p[0, 0])


def by_tails(both, only_a, only_b, neither):
    """Twice the smaller tail of the hypergeometric, in whole numbers."""
    a, b, n = both + only_a, both + only_b, both + only_a + only_b + neither
    ways = {k: math.comb(a, k) * math.comb(n - a, b - k) for k in range(b + 1)}
    tails = [sum(w for k, w in ways.items() if keep(k)) for keep in (lambda k: k <= both, lambda k: k >= both)]
    return float(min(Fraction(1), Fraction(2 * min(tails), math.comb(n, b))))


@QUICK
@given(table=st.tuples(*[st.integers(0, 25)] * 4))
def test_hypergeometric_equals_tails_added_up(table):
    both, only_a, only_b, _neither = table
    a, b, n = both + only_a, both + only_b, sum(table)
    p = p_of(*table_of(*table))
    if 0 < a < n and 0 < b < n:
        assert p == pytest.approx(by_tails(*table), rel=1e-9)
    else:
        assert math.isnan(p)


@pytest.mark.parametrize("table", [(6, 4, 2, 8), (40, 3, 5, 900), (0, 30, 30, 40)])
def test_hypergeometric_equals_fisher(table):
    square = np.array(table).reshape(2, 2)
    tails = [stats.fisher_exact(square, alternative=side).pvalue for side in ("less", "greater")]
    assert p_of(*table_of(*table)) == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)


def test_large_tables_do_not_fall_to_zero_too_soon():
    # 100 of 100 A have X, as 100 of 1,000 units do: one way in comb(1000, 100).
    assert p_of(*table_of(100, 0, 0, 900)) == pytest.approx(2 / math.comb(1000, 100), rel=1e-9)


def by_excess(sums, unit, null, law):
    """Return p of the excess from per-group sums (G, 4) of n_ab, n_a, n_b, N, one group after the other.

    The larger of two: that of t, and that of a Poisson number of lumps with the same variance. `unit` is the mean
    square of weights over their mean.
    """
    j, a, b, n = sums.sum(axis=0)
    z, e = sums @ [1, -b / n, -a / n, a * b / n**2], a * b / n
    variance = max(((z - z.mean()) ** 2).sum() / law.bias[0, 0] * min(1, e / j), null)
    sizes = sums[:, 3]
    uneven = (sizes**3).sum() * sizes.sum() / (sizes**2).sum() ** 2
    lump = variance / e * (1 + (uneven - 1) * (1 - min(e * unit / variance, 1)))
    mean = variance / lump**2
    hits = (j - e) / lump + mean
    tails = stats.gamma.cdf(mean, hits), stats.gamma.sf(mean, hits + 1)
    return max(law.two_sided(np.array([[abs(j - e) / math.sqrt(variance)]]))[0, 0], min(2 * min(tails), 1))


def null_of(patterns):
    """The variance if nothing goes together, whose own tests are in test_null_variance.py."""
    return float(null_variance(tiny(*patterns, rows="A", columns="X", groups=True))[0, 0])


def law_of(patterns):
    """The law of the interval of the lift, whose own tests are in test_critical_values.py."""
    incidence = tiny(*patterns, rows="A", columns="X", groups=True)
    return working_error(MEASURES["lift"], moments(incidence), (GIVEN, OUTCOME, UNITS))[1]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", [21, 22, 23, 24])
def test_groups_are_tested_by_t_and_as_lumps(seed, weighted):
    patterns = random_patterns(seed, 120, n_groups=40, weighted=weighted, rows="A", columns="X")
    groups = {}
    for unit in units_of(patterns):
        groups[unit.group] = groups.get(unit.group, np.zeros(4)) + adds(unit, "A", "X")
    weights = np.array([unit.weight for unit in units_of(patterns)])
    unit = (weights**2).sum() / weights.sum()
    expected = by_excess(np.array(list(groups.values())), unit, null_of(patterns), law_of(patterns))
    assert p_of(*patterns, groups=True) == pytest.approx(expected, rel=1e-6)


def test_an_excess_of_near_copies_is_not_hidden_by_what_it_varies_itself():
    """Of 200 groups of ten copies 28 have A, 28 X, 14 both, where 3.9 are expected: as groups, p is 5e-7 (Fisher)."""
    kinds = [("A", "X")] * 14 + [("A", "")] * 14 + [("", "X")] * 14 + [("", "")] * 158
    patterns = [P(*kind, 10, f"g{k}") for k, kind in enumerate(kinds)]
    assert stats.fisher_exact([[14, 14], [14, 158]]).pvalue < 1e-6
    # By the variance seen it was 0.006, too large to be found among 49 pairs.
    assert 1e-6 < p_of(*patterns, groups=True) < 5e-4


def test_one_large_group_that_meets_is_one_lump():
    """Two of 40 copies have A, two X; the largest, with a third of all units, has both: no excess of its units."""
    kinds = [("A", "X", 200), ("A", "", 10), ("", "X", 10), *[("", "", 10)] * 37]
    drawn = 39 / math.comb(40, 2)  # of all ways to choose the two that have X the largest is among so many
    assert p_of(*[P(*kind, f"g{k}") for k, kind in enumerate(kinds)], groups=True) == pytest.approx(2 * drawn, rel=0.1)


def test_without_a_joint_unit_groups_are_counted_and_not_units():
    """Five of 30 groups have A, five have X, none both, which one in three draws gives, however large groups are."""
    kinds = [("A", ""), ("", "X"), *[("", "")] * 4]
    ten, hundred = ([P(*kinds[k % 6], size, f"g{k}") for k in range(30)] for size in (10, 100))
    drawn = math.comb(25, 5) / math.comb(30, 5)  # of all ways to choose the five that have X
    found = [p_of(*units, groups=True) for units in (ten, hundred)]
    assert found == pytest.approx([2 * drawn] * 2, rel=0.03)
    units_alone = p_of(*[P(*kinds[k % 6], 1, f"g{k}") for k in range(30)], groups=True)
    null = (5 * 25 / 30) ** 2 / 29  # of all permutations, by t where groups are units
    assert units_alone >= 2 * stats.t.sf(25 / 30 / math.sqrt(null), 4) > 0.3


@pytest.mark.slow
def test_tests_of_groups_hold_their_rate_in_the_tail():
    # Tables of 60 teams, each with its own shares, the two sides unrelated: p <= 0.01 in 1 %.
    rng = np.random.default_rng(6)
    found = []
    for _ in range(draws(300, 1500)):
        shares = rng.beta(2, 6, size=(60, 2))
        row, column = rng.random((60, 20)) < shares[:, :1], rng.random((60, 20)) < rng.permutation(shares[:, 1:])
        counts = np.stack([row & column, row, column, np.ones_like(row)], axis=2).sum(axis=1)
        patterns = [
            P("A" * i, "X" * k, int(n), f"g{g}")
            for g, (j, a, b, n_all) in enumerate(counts)
            for i, k, n in ((1, 1, j), (1, 0, a - j), (0, 1, b - j), (0, 0, n_all - a - b + j))
            if n
        ]
        found.append(p_of(*patterns, groups=True))
    for threshold, most in ((0.05, 0.068), (0.01, 0.019), (0.001, 0.0045)):
        assert np.mean(np.array(found) <= threshold) <= most


def test_groups_that_all_say_the_same_are_tested_by_what_margins_foresee():
    # Each of six groups has 2 AX, 1 A, 1 X and 2 without: the excess of 3 does not vary over groups at all, but units
    # within them do, as independent ones: 36 units, half with A and half with X, vary by 36^2 / 16 / 35.
    one = table_of(2, 1, 1, 2)
    p = 2 * stats.t.sf(3 / math.sqrt(36**2 / 16 / 35), 5)
    assert p_of(*[p._replace(group=f"g{i}") for i in range(6) for p in one], groups=True) == pytest.approx(p)
    assert math.isnan(p_of(*[p._replace(group="g") for p in one], groups=True))


def test_a_category_of_one_group_is_seen_once_in_as_many_draws_as_there_are_groups():
    groups = [P("A", "X", 50, "g"), *[P("", "", 5, f"h{i}") for i in range(20)]]
    assert p_of(*groups, groups=True) == pytest.approx(2 / 21, rel=0.05)


@pytest.mark.parametrize("groups", [False, True])
def test_nothing_to_test(groups):
    assert math.isnan(p_of(groups=groups))
    assert math.isnan(p_of(P("", "", 3, "g"), P("A", "", 2, "h"), groups=groups))
    assert math.isnan(p_of(P("A", "X", 2, "g", "", (0.0, 0.0)), P("", "", 1, "h", "", (0.0,)), groups=groups))


def test_q_over_the_tested_tables_alone():
    p = np.array([[0.01, 0.04, np.nan], [0.03, 0.5, 0.001]])
    tested = np.array([[True, True, True], [True, True, False]])
    q = q_values(p, (tested,))
    # Tested and defined: .01, .03, .04, .5 of four. 4/1, 4/2, 4/3, 4/4, then the least from the right.
    assert q[0, :2].tolist() == pytest.approx([0.04, 0.16 / 3])
    assert q[1, :2].tolist() == pytest.approx([0.16 / 3, 0.5])
    assert np.isnan([q[0, 2], q[1, 2]]).all()


@QUICK
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=6, max_size=6))
def test_q_equals_scipy_on_the_flattened_tables(entries):
    p, tested = (np.array(column).reshape(2, 3) for column in zip(*entries, strict=True))
    q = q_values(p, (tested,))
    assert np.isnan(q[~tested]).all()
    if tested.any():
        assert q[tested] == pytest.approx(stats.false_discovery_control(p[tested]), abs=1e-9)
        assert (q[tested] >= p[tested]).all()


@QUICK
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2)), min_size=6, max_size=6))
def test_families_do_not_know_of_each_other(entries):
    p, number = (np.array(column).reshape(2, 3) for column in zip(*entries, strict=True))
    q = q_values(p, (number == 0, number == 1))
    assert np.isnan(q[number == 2]).all()
    for family in (0, 1):
        if (number == family).any():
            found, alone = q[number == family], stats.false_discovery_control(p[number == family])
            assert found == pytest.approx(alone, abs=1e-9)
