"""Directed pairs with intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from diptych.findings.directed_pairs import MOST_CATEGORIES, directed_pairs
from tests.draws import draws
from tests.matrices.tiny import P, tiny

QUICK = settings(deadline=None, derandomize=True, max_examples=40)
tables = (
    st.integers(2, 5)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(1, 40)))
    .map(lambda table: table.astype(float))
)

VISION = np.array([[1520.0, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]])


def patterns_of(table, names="ABCDEFG", **how):
    return [P(names[i], names[j], int(n), **how) for (i, j), n in np.ndenumerate(table) if n]


def single(table, *more, **how):
    names = "ABCDEFG"[: len(table)]
    return tiny(*patterns_of(table), *more, rows=names, columns=names, one=True, **how)


def test_pairs_of_a_counted_table():
    table = np.array([[30.0, 12, 7], [4, 30, 9], [5, 3, 30]])
    pairs = directed_pairs(single(table), 0.95)
    assert [(pair.first, pair.second, pair.n_forward, pair.n_back) for pair in pairs] == [
        ("A", "B", 12, 4),
        ("A", "C", 7, 5),
        ("B", "C", 9, 3),
    ]
    first = pairs[0]
    assert [(pair.net_flow.value, pair.direction_ratio) for pair in pairs] == [(8, 0.5), (2, 1 / 6), (6, 0.5)]
    # Given the 16 that cross, the share that runs forward is that of Clopper and Pearson.
    share = stats.binomtest(12, 16).proportion_ci(0.95, method="exact")
    assert (first.net_flow.low, first.net_flow.high) == pytest.approx(
        (16 * (2 * share.low - 1), 16 * (2 * share.high - 1))
    )
    # By way of C the odds of A to B are 7/5 x 3/9: what the two other pairs make of sizes.
    due = 7 / 5 * 3 / 9 / (1 + 7 / 5 * 3 / 9)
    assert first.expected_forward == pytest.approx(16 * due)
    assert first.excess.value == pytest.approx(12 - 16 * due)


def test_groups_are_kept_together():
    # Four groups have all the units from A to B in excess of those from B to A.
    groups = [P("A", "B", 1, group=f"g{i}") for i in range(7)] + [P("B", "A", 1, group=f"g{i + 7}") for i in range(7)]
    alone = [*groups, *(P("A", "B", 4, group=f"big{i}") for i in range(4))]
    by_group = directed_pairs(tiny(*alone, columns="AB", one=True, groups=True), 0.95)[0].net_flow
    by_unit = directed_pairs(tiny(*alone, columns="AB", one=True), 0.95)[0].net_flow
    assert by_group.value == by_unit.value == 16
    assert by_unit.low > 0 > by_group.low


def test_a_unit_in_both_cells_of_a_pair_runs_nowhere():
    pairs = directed_pairs(tiny(P("AB", "AB", 5), P("A", "B", 1), columns="AB", one=True), 0.95)
    assert (pairs[0].n_forward, pairs[0].n_back, pairs[0].net_flow.value) == (6, 5, 1)


def test_two_categories_and_stars_have_no_excess():
    pairs = directed_pairs(single(np.array([[5.0, 9], [2, 5]])), 0.95)
    assert (pairs[0].excess, pairs[0].expected_forward) == (None, None)
    star = single(np.array([[9.0, 8, 3], [2, 9, 0], [7, 0, 9]]))
    assert [pair.excess for pair in directed_pairs(star, 0.95)] == [None, None]


def test_weights():
    heavy = tiny(P("A", "B", 2, weights=(5.0, 1.0)), P("B", "A", 1, weights=(2.0,)), columns="AB", one=True)
    pair = directed_pairs(heavy, 0.95)[0]
    assert (pair.n_forward, pair.n_back, pair.net_flow.value) == (6, 2, 4)


def test_beyond_thirty_categories_pairs_are_only_counted():
    names = "".join(chr(0x4E00 + i) for i in range(MOST_CATEGORIES + 1))
    ring = [P(a, b, n) for k, a in enumerate(names) for b, n in ((names[k - 1], 3), (names[(k + 1) % 31], 5))]
    pairs = directed_pairs(tiny(*ring, rows=names, columns=names, one=True), 0.95)
    assert len(pairs) == 31
    assert all((pair.net_flow.low, pair.excess) == (None, None) for pair in pairs)


def test_planted_circulation_is_found_and_nothing_else():
    # Sizes differ three to one and make a large net flow; around A, B, C some units circulate besides.
    base = np.outer([6.0, 3, 2, 4], [2.0, 5, 4, 3]) * 20
    extra = np.zeros((4, 4))
    extra[0, 1] = extra[1, 2] = extra[2, 0] = 60
    pairs = {(pair.first, pair.second): pair for pair in directed_pairs(single(base + extra), 0.95)}
    found = {names for names, pair in pairs.items() if pair.excess.low > 0 or pair.excess.high < 0}
    assert found == {("A", "B"), ("B", "C"), ("A", "C")}
    none = directed_pairs(single(base), 0.95)
    assert all(abs(pair.excess.value) < 1e-6 for pair in none)
    assert max(abs(pair.net_flow.value) for pair in none) > 400


def test_intervals_of_the_excess_cover():
    rng = np.random.default_rng(4)
    p = np.outer([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]) * np.array([[6, 1, 2], [1, 5, 1], [2, 1, 7]])
    p[0, 1] *= 1.5
    p /= p.sum()
    by_the_others = p[0, 2] * p[2, 1] / (p[2, 0] * p[1, 2])
    beyond = p[0, 1] / (p[0, 1] + p[1, 0]) - by_the_others / (1 + by_the_others)
    covered, runs = 0, draws(200, 400)
    for _ in range(runs):
        table = rng.multinomial(1500, p.ravel()).reshape(3, 3)
        excess = directed_pairs(single(table), 0.95)[0].excess
        covered += excess.low <= (table[0, 1] + table[1, 0]) * beyond <= excess.high
    assert 0.94 < covered / runs < 0.99


def test_group_intervals_hold_those_of_a_group_bootstrap():
    rng = np.random.default_rng(9)
    p = np.outer([0.4, 0.3, 0.3], [0.2, 0.3, 0.5]) + np.eye(3) * 0.2
    drawn = [rng.multinomial(40, rng.dirichlet(p.ravel() * 6)).reshape(3, 3) for _ in range(50)]
    patterns = [one for g, table in enumerate(drawn) for one in patterns_of(table, group=f"g{g:02d}")]
    pair = directed_pairs(tiny(*patterns, rows="ABC", columns="ABC", one=True, groups=True), 0.95)[0]
    counts = np.stack(drawn).astype(float)
    again = [counts[rng.integers(0, 50, 50)].sum(axis=0) for _ in range(1000)]
    n = pair.n_forward + pair.n_back
    shares = np.array([table[0, 1] / (table[0, 1] + table[1, 0]) for table in again])
    odds = np.array([table[0, 2] * table[2, 1] / (table[2, 0] * table[1, 2]) for table in again])
    # t of about 40 degrees of freedom stands for the normal law here.
    half = [(found.high - found.low) / 2 / 2.02 for found in (pair.net_flow, pair.excess)]
    # Wider: Clopper and Pearson's hold at least their level, and what the pair and the others vary together in a
    # group is not taken off.
    assert 1 < half[0] / np.std(2 * n * shares) < 1.3
    assert 1 < half[1] / np.std(n * (shares - odds / (1 + odds))) < 1.3
