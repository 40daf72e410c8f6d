"""The variance of n_ab - E_ab if nothing goes together: all permutations, all draws, and the formula in full matrices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from diptych.inference.ratios import null_variance
from tests.matrices.tiny import P, adds, random_patterns, tiny, units_of


def of(patterns, **how):
    return float(null_variance(tiny(*patterns, rows="A", columns="X", **how))[0, 0])


def excess(rows, columns, weight, stratum):
    """Return n_ab - sum n_as n_bs / n_s."""
    parts = [(rows[k], columns[k], weight[k]) for k in (stratum == s for s in np.unique(stratum))]
    return sum(float((w * r * c).sum() - (w * r).sum() * (w * c).sum() / w.sum()) for r, c, w in parts)


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("grouped", [True, False])
def test_equal_groups_of_near_copies_vary_as_their_permutations(size, grouped):
    # Seven groups, in each all units alike: three with A, two with X. All orders of the second against the first.
    a, x = [1, 1, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0]
    n = size if grouped else 1
    patterns = [P("A" * i, "X" * k, n, f"g{g}") for g, (i, k) in enumerate(zip(a, x, strict=True))]
    each = [
        excess(np.array(a), np.array(order), np.full(7, float(n)), np.zeros(7)) for order in itertools.permutations(x)
    ]
    assert of(patterns, groups=grouped) == pytest.approx(np.var(each))


@pytest.mark.parametrize("n_groups", [2, 3, 5])
def test_few_groups_in_a_stratum_are_allowed_for(n_groups):
    """Fitted to m groups, what each adds has an observed variance of (m - 1) / m of what the sum varies by."""
    rows, columns = ([int(g < n_groups // 2 + 1) for g in range(n_groups)] for _ in range(2))
    strata = ("s", "t")
    patterns = [
        P("A" * i, "X" * k, 3, f"{s}{g}", s) for s in strata for g, (i, k) in enumerate(zip(rows, columns, strict=True))
    ]
    own = [
        excess(np.array(rows), np.array(order), np.full(n_groups, 3.0), np.zeros(n_groups))
        for order in itertools.permutations(columns)
    ]
    assert of(patterns, groups=True, strata=True) == pytest.approx(2 * np.var(own))


def test_over_all_draws_it_is_the_mean_square_of_the_excess_where_units_of_a_group_are_alike():
    # Five groups of 1, 1, 2, 3 and 4 units; every group has A or not, X or not, each with chance 1/2, by itself.
    sizes = np.array([1.0, 1, 2, 3, 4])
    squares, variances = [], []
    for rows in itertools.product((0, 1), repeat=5):
        for columns in itertools.product((0, 1), repeat=5):
            patterns = [
                P("A" * i, "X" * k, int(n), f"g{g}")
                for g, (i, k, n) in enumerate(zip(rows, columns, sizes, strict=True))
            ]
            squares.append(excess(np.array(rows), np.array(columns), sizes, np.zeros(5)) ** 2)
            variances.append(of(patterns, groups=True))
    # Parts that cannot be below 0 are cut there: a little above the mean square, never under it.
    assert np.mean(squares) <= np.mean(variances) <= 1.03 * np.mean(squares)


def by_matrices(patterns, *, groups=True):
    """Work the formula out with a row for each unit: M, B and traces as matrices, stratum by stratum."""
    total = 0.0
    for stratum in sorted({p.stratum for p in patterns}):
        units = units_of([p for p in patterns if p.stratum == stratum])
        sums = np.array([adds(unit, "A", "X") for unit in units])
        w = sums[:, 3]
        r, c = sums[:, 1] / w, sums[:, 2] / w
        owner = np.array([unit.group if groups else str(k) for k, unit in enumerate(units)])
        m, b = np.diag(w) - np.outer(w, w) / w.sum(), (owner[:, None] == owner).astype(float)
        k = np.array([[np.trace(m @ m), np.trace(m @ m @ b)], [np.trace(m @ m @ b), np.trace(m @ b @ m @ b)]])
        parts = []
        for side in (r, c):
            seen = np.array([side @ m @ m @ side, side @ m @ b @ m @ side])
            solved = np.linalg.solve(k, seen) if groups else np.array([seen[0] / k[0, 0], 0.0])
            parts.append(solved if solved[1] >= 0 else np.array([seen[0] / k[0, 0], 0.0]))
        total += parts[0] @ k @ parts[1]
    return total


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_formula_in_full_matrices(seed):
    drawn = random_patterns(seed, 60, n_groups=12, rows="AB", columns="XY")
    patterns = [p._replace(stratum=f"s{int(p.group[1:]) % 2}") for p in drawn]
    found = null_variance(tiny(*patterns, groups=True, strata=True))
    assert found[0, 0] == pytest.approx(by_matrices(patterns), rel=1e-9)


def test_weights_without_groups():
    patterns = random_patterns(5, 60, weighted=True)
    found = float(null_variance(tiny(*patterns))[0, 0])
    # The sum of cubed weights is not kept; it is taken from the squares, which moves little.
    assert found == pytest.approx(by_matrices(patterns, groups=False), rel=0.03)
    equal = [p._replace(weights=(3.0,) * p.units) for p in patterns]
    assert float(null_variance(tiny(*equal))[0, 0]) == pytest.approx(by_matrices(equal, groups=False), rel=1e-9)


def test_groups_in_several_strata_go_on_from_one_to_the_next():
    # Forty groups with a category each on either side, in four strata: alike within the group across strata too.
    rng = np.random.default_rng(2)
    squares, variances = [], []
    for _ in range(300):
        rows, columns = rng.random((2, 40)) < 0.4
        patterns = [P("A" * int(rows[g]), "X" * int(columns[g]), 2, f"g{g:02d}", s) for s in "stuv" for g in range(40)]
        where = np.repeat(np.arange(4), 40)
        squares.append(excess(np.tile(rows, 4), np.tile(columns, 4), np.full(160, 2.0), where) ** 2)
        variances.append(of(patterns, groups=True, strata=True))
    assert np.mean(variances) == pytest.approx(np.mean(squares), rel=0.2)


def test_nothing_varies_where_there_is_nothing():
    assert null_variance(tiny(strata=True, groups=True)).tolist() == [[0, 0], [0, 0]]
    assert of([P("A", "X", 5, "g"), P("A", "", 3, "h")], groups=True) == 0
