"""Direction: tests against published and R results, pairs with intervals, refusals with their reasons."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.stats import contingency_tables as contingency

from diptych.cells import Refusal
from diptych.incidence import Side
from diptych.inference.flows import fit
from diptych.inference.symmetry import (
    MOST_CATEGORIES,
    bhapkar,
    bowker,
    directed_pairs,
    goodness,
    square_tests,
    stuart_maxwell,
    symmetry,
)
from diptych.renderers.data import pair_rows
from tests.draws import draws
from tests.matrices.tiny import MODELS, P, tiny

QUICK = settings(deadline=None, derandomize=True, max_examples=40)
tables = (
    st.integers(2, 5)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(1, 40)))
    .map(lambda table: table.astype(float))
)

VISION = np.array([[1520.0, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]])
# The tables on which statsmodels is checked against R (coin::mh_test, mcnemar.test), with R's results.
R_TABLES = [
    (np.array([[23.0, 15], [19, 31]]), (0.470588235294118, 1), (0.470588235294118, 1, 0.492716677227088)),
    (
        np.array([[144.0, 33, 84, 126], [2, 4, 14, 29], [0, 2, 6, 25], [0, 0, 1, 5]]),
        (271.922246968262, 3),
        (297.610989010989, 6, 2.65851858368065e-61),
    ),
    (
        np.array([[20.0, 10, 5], [3, 30, 15], [0, 5, 40]]),
        (13.7647058823529, 2),
        (13.7692307692308, 3, 0.00323670650323545),
    ),
]


def patterns_of(table, names="ABCDEFG", **how):
    return [P(names[i], names[j], int(n), **how) for (i, j), n in np.ndenumerate(table) if n]


def single(table, *more, **how):
    names = "ABCDEFG"[: len(table)]
    return tiny(*patterns_of(table), *more, rows=names, columns=names, one=True, **how)


@pytest.mark.parametrize(("table", "homogeneity", "symmetric"), R_TABLES)
def test_equals_r(table, homogeneity, symmetric):
    margins, whole = stuart_maxwell(table), bowker(table)
    assert (margins.statistic, margins.df) == pytest.approx(homogeneity)
    assert (whole.statistic, whole.df, whole.p) == pytest.approx(symmetric)


def test_published_results_on_the_vision_table():
    # Stuart (1955) and Bhapkar (1966): 11.96 and 11.98 on 3; Bowker's statistic 19.11 on 6; Agresti (2013): 7.27 on 3.
    found = [bowker(VISION), stuart_maxwell(VISION), bhapkar(VISION), goodness(fit(VISION), VISION)]
    assert [(round(test.statistic, 2), test.df) for test in found] == [(19.11, 6), (11.96, 3), (11.98, 3), (7.27, 3)]
    assert found[1].p == pytest.approx(stats.chi2.sf(11.95657, 3), abs=1e-6)


@QUICK
@given(table=tables)
def test_equals_another_program(table):
    assume((table != table.T).any())
    other = contingency.SquareTable(table, shift_zeros=False)
    for mine, theirs in (
        (bowker(table), other.symmetry()),
        (stuart_maxwell(table), other.homogeneity()),
        (bhapkar(table), other.homogeneity(method="bhapkar")),
    ):
        assert (mine.statistic, mine.df, mine.p) == pytest.approx(
            (theirs.statistic, theirs.df, theirs.pvalue), rel=1e-6, abs=1e-9
        )


def test_pairs_without_units_take_no_degree_of_freedom():
    # A and B exchange units, C and D do; nothing joins the two sets, and E stands alone.
    table = np.zeros((5, 5))
    table[0, 1], table[1, 0], table[2, 3], table[3, 2], table[4, 4] = 9, 1, 4, 12, 30
    mcnemar = (9 - 1) ** 2 / 10 + (12 - 4) ** 2 / 16
    assert (bowker(table).statistic, bowker(table).df) == (pytest.approx(mcnemar), 2)
    assert (stuart_maxwell(table).statistic, stuart_maxwell(table).df) == (pytest.approx(mcnemar), 2)


def test_no_crossing_is_no_test():
    still = np.diag([3.0, 4.0])
    for found in (bowker(still), stuart_maxwell(still), bhapkar(still), goodness(fit(still), still)):
        assert (found.statistic, found.df, found.p) == (0, 0, None)
    assert bhapkar(np.array([[0.0, 5], [0, 0]])).statistic is None
    assert bhapkar(np.array([[0.0, 5], [0, 0]])).p is None


@QUICK
@given(table=tables, seed=st.integers(0, 9))
def test_tests_know_no_order_and_double_with_the_units(table, seed):
    order = np.random.default_rng(seed).permutation(len(table))
    moved = table[np.ix_(order, order)]
    for of in (bowker, stuart_maxwell, lambda t: goodness(fit(t), t)):
        assert of(moved).statistic == pytest.approx(of(table).statistic, rel=1e-6, abs=1e-6)
        assert of(2 * table).statistic == pytest.approx(2 * of(table).statistic, rel=1e-6, abs=1e-6)
    assert bowker(table + table.T).statistic == 0
    assert bowker(table.T) == bowker(table)


def test_pairs_of_a_counted_table():
    table = np.array([[30.0, 12, 7], [4, 30, 9], [5, 3, 30]])
    pairs = directed_pairs(single(table), 0.95)
    assert [(pair.first, pair.second, pair.n_forward, pair.n_back) for pair in pairs] == [
        ("A", "B", 12, 4),
        ("A", "C", 7, 5),
        ("B", "C", 9, 3),
    ]
    first = pairs[0]
    assert [(pair.net.value, pair.ratio) for pair in pairs] == [(8, 0.5), (2, 1 / 6), (6, 0.5)]
    # Given the 16 that cross, the share that runs forward is that of Clopper and Pearson.
    share = stats.binomtest(12, 16).proportion_ci(0.95, method="exact")
    assert (first.net.low, first.net.high) == pytest.approx((16 * (2 * share.low - 1), 16 * (2 * share.high - 1)))
    # By way of C the odds of A to B are 7/5 x 3/9: what the two other pairs make of sizes.
    due = 7 / 5 * 3 / 9 / (1 + 7 / 5 * 3 / 9)
    assert first.expected_forward == pytest.approx(16 * due)
    assert first.excess.value == pytest.approx(12 - 16 * due)


def test_groups_are_kept_together():
    # One group holds all that runs from A to B beyond what runs back.
    groups = [P("A", "B", 1, group=f"g{i}") for i in range(4)] + [P("B", "A", 1, group=f"g{i + 4}") for i in range(4)]
    alone = [*groups, P("A", "B", 12, group="big")]
    by_group = directed_pairs(tiny(*alone, columns="AB", one=True, groups=True), 0.95)[0].net
    by_unit = directed_pairs(tiny(*alone, columns="AB", one=True), 0.95)[0].net
    assert by_group.value == by_unit.value == 12
    assert by_unit.low > 0 > by_group.low


def test_a_unit_in_both_cells_of_a_pair_runs_nowhere():
    pairs = directed_pairs(tiny(P("AB", "AB", 5), P("A", "B", 1), columns="AB", one=True), 0.95)
    assert (pairs[0].n_forward, pairs[0].n_back, pairs[0].net.value) == (6, 5, 1)


def test_two_categories_and_stars_have_no_excess():
    pairs = directed_pairs(single(np.array([[5.0, 9], [2, 5]])), 0.95)
    assert (pairs[0].excess, pairs[0].expected_forward) == (None, None)
    star = single(np.array([[9.0, 8, 3], [2, 9, 0], [7, 0, 9]]))
    assert [pair.excess for pair in directed_pairs(star, 0.95)] == [None, None]


def test_fractions_and_weights():
    parts = tiny(P("A", "AB", 4), P("B", "A", 1), P("A", "B", 1), columns="AB", one=True, fractional=True)
    pair = directed_pairs(parts, 0.95)[0]
    assert (pair.n_forward, pair.n_back, pair.net.value) == (3, 1, 2)
    heavy = tiny(P("A", "B", 2, weights=(5.0, 1.0)), P("B", "A", 1, weights=(2.0,)), columns="AB", one=True)
    pair = directed_pairs(heavy, 0.95)[0]
    assert (pair.n_forward, pair.n_back, pair.net.value) == (6, 2, 4)


def test_beyond_thirty_categories_pairs_are_only_counted():
    names = "".join(chr(0x4E00 + i) for i in range(MOST_CATEGORIES + 1))
    ring = [P(a, b, n) for k, a in enumerate(names) for b, n in ((names[k - 1], 3), (names[(k + 1) % 31], 5))]
    pairs = directed_pairs(tiny(*ring, rows=names, columns=names, one=True), 0.95)
    assert len(pairs) == 31
    assert all((pair.net.low, pair.excess) == (None, None) for pair in pairs)


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
    assert max(abs(pair.net.value) for pair in none) > 400


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
    half = [(found.high - found.low) / 2 / 2.02 for found in (pair.net, pair.excess)]
    # Wider: Clopper and Pearson's hold at least their level, and what the pair and the others vary together in a
    # group is not taken off.
    assert 1 < half[0] / np.std(2 * n * shares) < 1.3
    assert 1 < half[1] / np.std(n * (shares - odds / (1 + odds))) < 1.3


@pytest.mark.parametrize(
    ("incidence", "reason"),
    [
        (
            tiny(P("A", "A", 9, group="g"), columns="AB", one=True, groups=True),
            "units of one group are not independent",
        ),
        (
            tiny(P("A", "A", 1, weights=(2.0,)), columns="AB", one=True),
            "weights are no counts of independent units",
        ),
        (
            tiny(P("A", "A", 9), columns="AB", one=True, fractional=True),
            "parts of units are no counts of independent units",
        ),
        (tiny(P("A", "X", 9)), "the two axes carry different categories"),
        (
            tiny(P("A", "A", 9), columns="AB", one=True, trivial=True),
            "both axes are the same items, so equal categories meet by construction",
        ),
        (
            tiny(P("AB", "A", 1200), P("A", "B", 50), columns="AB", one=True),
            "1,200 units have several categories and would count several times",
        ),
        (
            tiny(P("A", "B", 9), columns="AB", one=True),
            "too few units cross for a chi-square test: 9, where 10 are needed",
        ),
        (tiny(P("A", "A", 9), columns="AB", one=True), "no unit has two different categories"),
    ],
)
def test_tests_are_refused_with_the_reason(incidence, reason):
    assert square_tests(incidence) == Refusal(reason)


def test_tests_of_independent_single_labelled_units():
    found = square_tests(single(VISION, P("A", "", 7), P("", "", 9), P("AB", "", 3)))
    assert [test.name for test in found] == ["bowker", "stuart_maxwell", "bhapkar", "quasi_symmetry"]
    assert found[2] == bhapkar(VISION)


def test_only_a_kind_with_itself_has_an_order():
    table = np.array([[5.0, 30, 8], [2, 5, 40], [1, 3, 5]])
    found = symmetry(single(table), 0.95)
    assert found.order == Refusal("only links of a kind with itself run along an order")
    both = single(table)
    sides = {
        "rows": Side("from", MODELS, tuple("ABC"), "default"),
        "columns": Side("to", MODELS, tuple("ABC"), "default"),
    }
    same_kind = replace(both, **sides)
    assert symmetry(same_kind, 0.95).order.categories == ("A", "B", "C")


def test_everything_is_refused_where_there_is_no_diagonal():
    found = symmetry(tiny(P("A", "X", 9)), 0.95)
    assert found.pairs == found.tests == found.order == Refusal("the two axes carry different categories")


def test_rows_for_the_data_file():
    table = np.array([[30.0, 12, 7], [4, 30, 9], [5, 3, 30]])
    rows = [*pair_rows(SimpleNamespace(relation="trained_on", pairs=directed_pairs(single(table), 0.95)))]
    assert {len(row) for row in rows} == {13}
    assert rows[0][:6] == ("trained_on", "A", "B", 12, 4, 8)
    crossed = directed_pairs(single(np.array([[5.0, 9], [2, 5]])), 0.95)
    two = [*pair_rows(SimpleNamespace(relation="r", pairs=crossed))]
    assert two[0][-4:] == (None, None, None, None)
