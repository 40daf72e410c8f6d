"""Quasi-independence: published fits, statsmodels, influences by differences, groups drawn again, and what it refuses."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels import api

from benchmarks.crossing import REGIMES, STRATA, judged
from diptych.cells import Kind, Unit
from diptych.incidence import Incidence, Side
from diptych.inference.crossings import crossings, influence
from diptych.inference.quasi_independence import among_crossing, fit

pytestmark = pytest.mark.slow

QUICK = settings(deadline=None, derandomize=True, max_examples=60)
KIND = Kind("things", "Thing", "thing", "things")
tables = (
    st.integers(2, 6)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.sampled_from([0, 0, 1, 2, 5, 9, 25])))
    .map(lambda table: table.astype(float))
)

# Stuart (1953, 1955): unaided distance vision of 7,477 women, right eye down, left eye across.
VISION = np.array([[1520.0, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]])
# Agresti (2002, "Categorical Data Analysis", table 10.6): region of residence in 1980 down, in 1985 across.
MIGRATION = np.array([[11607.0, 100, 366, 124], [87, 13677, 515, 302], [172, 225, 17819, 270], [63, 176, 286, 10192]])


def counted(patterns, n_categories, *, weights=None, groups=False, strata=False):
    """Make an incidence of (rows, columns, units[, stratum[, group]]), rows and columns as tuples of numbers."""
    whole = [(*pattern, 0, 0)[:5] for pattern in patterns]
    stratum = np.array([p[3] if strata else 0 for p in whole], dtype=np.int64)
    sets = [np.array([[k in p[side] for k in range(n_categories)] for p in whole], dtype=bool) for side in (0, 1)]
    units = np.array([p[2] for p in whole], dtype=np.int64)
    weight, squared = weights or (units, units)
    group = np.array([p[4] for p in whole], dtype=np.int64)
    side = Side("things", KIND, tuple(f"C{k}" for k in range(n_categories)), "one")
    return Incidence(
        relation="met",
        rows=side,
        columns=side,
        unit=Unit("to", "thing", "things"),
        row_sets=sets[0],
        column_sets=sets[1],
        units=units,
        weight=np.asarray(weight, dtype=float),
        weight_squared=np.asarray(squared, dtype=float),
        stratum=stratum,
        strata=tuple(str(k) for k in range(int(stratum.max()) + 1)),
        stratum_names=("place",) if strata else (),
        group=group if groups else None,
        n_groups=int(group.max()) + 1 if groups else None,
        group_names=("owner",) if groups else (),
        weighted=weights is not None,
        trivial_diagonal=False,
    )


def of_table(table, **more):
    """Make an incidence of units with one category on each side."""
    cells = [((a,), (b,), int(table[a, b])) for a, b in np.ndindex(*table.shape) if table[a, b]]
    return counted(cells or [((), (), 1)], len(table), **more)


def deviance(table):
    apart = ~np.eye(len(table), dtype=bool)
    return 2 * (table * np.log(table / np.where(apart, fit(table[None]).fitted[0], 1)))[apart].sum()


def by_statsmodels(table):
    """Fit without the diagonal cells: what quasi-independence is, as a Poisson regression."""
    rows, columns = np.nonzero(~np.eye(len(table), dtype=bool))
    design = np.column_stack([*(rows == k for k in range(len(table))), *(columns == k for k in range(1, len(table)))])
    model = api.GLM(table[rows, columns], design.astype(float), family=api.families.Poisson()).fit(tol=1e-13)
    return rows, columns, model


@pytest.mark.parametrize(("table", "published"), [(VISION, 199.1), (MIGRATION, 69.5)])
def test_published_fits(table, published):
    # Agresti (2002), sections 10.3 and 10.4: G2 of quasi-independence, on 5 degrees of freedom.
    assert round(deviance(table), 1) == published
    assert fit(table[None]).free[0].sum() == 12


def test_equals_the_poisson_regression_without_the_diagonal():
    rng = np.random.default_rng(4)
    for table in (VISION, MIGRATION, rng.poisson(30, (7, 7)) + 1.0):
        rows, columns, model = by_statsmodels(table)
        assert fit(table[None]).fitted[0][rows, columns] == pytest.approx(model.fittedvalues, rel=1e-9)
        assert deviance(table) == pytest.approx(model.deviance)


def leverage(table):
    """Work out the hat values of the Poisson regression, cell by cell, with a generalised inverse."""
    size = len(table)
    cells = [(a, b) for a, b in np.ndindex(size, size) if a != b]
    design = np.array([[k in (a, size + b) for k in range(2 * size)] for a, b in cells], dtype=float)
    weight = np.array([table[cell] for cell in cells])
    hat = np.einsum("ik,kl,il->i", design, np.linalg.pinv(design.T @ (design * weight[:, None])), design) * weight
    found = np.full(table.shape, np.nan)
    for cell, value in zip(cells, hat, strict=True):
        found[cell] = value
    return found


def test_ratio_and_interval_of_independent_units():
    # Under the model the error of n_ab - m_ab is sqrt(m_ab (1 - leverage)): Haberman (1973), Biometrics 29.
    # A table that fits exactly shows it: n = m, so that the observed information is the expected one.
    table = np.outer([40.0, 20, 30, 10], [1, 3, 2, 4])
    found = among_crossing(of_table(table), 0.95)
    apart = ~np.eye(4, dtype=bool)
    n_units = table[apart].sum()
    error = np.sqrt((1 - leverage(table)) / table * n_units / (n_units - 1))[apart]
    assert found.ratio[apart] == pytest.approx(1)
    assert found.high[apart] == pytest.approx(np.exp(stats.norm.ppf(0.975) * error), rel=1e-6)
    assert found.low[apart] == pytest.approx(1 / found.high[apart])
    assert found.p[apart] == pytest.approx(1)
    assert np.isnan(np.diag(found.ratio)).all()
    assert np.isnan(np.diag(found.expected)).all()


def test_the_diagonal_plays_no_part():
    more = VISION + np.diag([5000.0, 0, 7, 1e6])
    for one, other in zip(*(vars(among_crossing(of_table(t), 0.9)).values() for t in (VISION, more)), strict=True):
        assert one == pytest.approx(other, nan_ok=True)


@QUICK
@given(table=tables)
def test_conditions_of_the_fit(table):
    flow, model = table - np.diag(np.diag(table)), fit(table[None])
    fitted = model.fitted[0]
    assert fitted.sum(axis=1) == pytest.approx(flow.sum(axis=1), abs=1e-9)
    assert fitted.sum(axis=0) == pytest.approx(flow.sum(axis=0), abs=1e-9)
    assert (np.diag(fitted) == 0).all()
    assert fitted[~model.free[0]] == pytest.approx(flow[~model.free[0]], abs=1e-9)
    # Products around every cycle of four cells off the diagonal agree, if all of them may differ.
    for a, b in itertools.combinations(range(len(table)), 2):
        for c, d in itertools.combinations(range(len(table)), 2):
            cells = ((a, c), (b, d), (a, d), (b, c))
            if all(model.free[0][cell] for cell in cells):
                assert fitted[a, c] * fitted[b, d] == pytest.approx(fitted[a, d] * fitted[b, c], rel=1e-6)


@QUICK
@given(table=tables)
def test_a_cell_is_free_if_counts_can_move_without_moving_sums(table):
    """An authority by algebra: a null vector of the sums, over cells that a table with these sums can fill."""
    flow, size = table - np.diag(np.diag(table)), len(table)
    cells = [(a, b) for a, b in np.ndindex(size, size) if a != b and flow[a].any() and flow[:, b].any()]
    star = any(flow[k].sum() + flow[:, k].sum() == flow.sum() for k in range(size))
    design = np.zeros((2 * size, len(cells)))
    for number, (a, b) in enumerate(cells):
        design[[a, size + b], number] = 1
    moves = np.linalg.svd(design)[2][np.linalg.matrix_rank(design) :] if cells else np.zeros((0, 0))
    free = np.zeros((size, size), dtype=bool)
    for number, cell in enumerate(cells):
        free[cell] = not star and bool(np.abs(moves[:, number]).max(initial=0) > 1e-9)
    assert (fit(table[None]).free[0] == free).all()


@QUICK
@given(table=tables, seed=st.integers(0, 9))
def test_order_and_transposition(table, seed):
    order = np.random.default_rng(seed).permutation(len(table))
    plain = among_crossing(of_table(table), 0.95)
    moved = among_crossing(of_table(table[np.ix_(order, order)]), 0.95)
    turned = among_crossing(of_table(table.T), 0.95)
    for name in ("expected", "ratio", "low", "high", "p"):
        there = getattr(plain, name)
        assert getattr(moved, name) == pytest.approx(there[np.ix_(order, order)], rel=1e-6, abs=1e-9, nan_ok=True)
        assert getattr(turned, name) == pytest.approx(there.T, rel=1e-6, abs=1e-9, nan_ok=True)


@QUICK
@given(table=tables, factor=st.sampled_from([0.25, 3.0, 1000.0]))
def test_scaling_of_weights_moves_expected_counts_alone(table, factor):
    cells = of_table(table)
    some, more = (
        among_crossing(
            replace(cells, weight=cells.weight * f, weight_squared=cells.weight * f * f, weighted=True), 0.95
        )
        for f in (1.0, factor)
    )
    assert more.expected == pytest.approx(some.expected * factor, rel=1e-6, abs=1e-9, nan_ok=True)
    for name in ("ratio", "low", "high", "p"):
        assert getattr(more, name) == pytest.approx(getattr(some, name), rel=1e-6, abs=1e-9, nan_ok=True)


@QUICK
@given(
    given_sizes=arrays(np.int64, 5, elements=st.integers(1, 9)),
    outcomes=arrays(np.int64, 5, elements=st.integers(1, 9)),
)
def test_perfect_quasi_independence_is_one(given_sizes, outcomes):
    found = among_crossing(of_table(np.outer(given_sizes, outcomes).astype(float)), 0.95)
    apart = ~np.eye(5, dtype=bool)
    assert found.ratio[apart] == pytest.approx(1)
    told = np.isfinite(found.low)
    assert (found.low[told] < 1).all()
    assert (found.high[told] > 1).all()


MIXED = [
    ((0,), (1,), 9, 0, 0), ((0,), (2,), 4, 1, 1), ((1,), (2,), 7, 0, 1), ((2,), (0, 1), 3, 0, 2), ((2,), (3,), 6, 1, 2),
    ((3,), (1,), 5, 1, 3), ((3, 1), (0,), 2, 0, 3), ((1,), (0,), 8, 0, 4), ((1,), (3,), 5, 1, 4), ((0, 2), (3, 1), 3, 1, 5),
    ((0,), (0,), 40, 0, 0), ((2,), (1, 2), 6, 0, 6), ((3,), (2,), 4, 0, 5), ((0,), (3,), 6, 0, 6), ((2,), (0,), 5, 1, 0),
    ((3,), (0,), 4, 1, 1), ((1,), (2,), 3, 1, 3), ((), (2,), 5, 0, 2), ((3,), (), 2, 1, 1),
]  # fmt: skip


def log_ratios(incidence, units):
    """Work out log(n / m) directly from units (p,) of each pattern, a table for each stratum."""
    rows, columns = incidence.row_sets.astype(float), incidence.column_sets.astype(float)
    cells = rows[:, :, None] * columns[:, None, :] * ~np.eye(rows.shape[1], dtype=bool) * units[:, None, None]
    by_stratum = np.stack([cells[incidence.stratum == s].sum(axis=0) for s in range(len(incidence.strata))])
    model = fit(by_stratum)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(model.left, np.log(by_stratum.sum(axis=0) / model.fitted.sum(axis=0)), np.nan)


def by_differences(incidence):
    """Work out the standard error by moving the weight of each group (or pattern of units) a little."""
    step, squares, seen = 1e-4, 0.0, 0
    crosses = (incidence.row_sets[:, :, None] & incidence.column_sets[:, None, :]) & ~np.eye(4, dtype=bool)
    crosses = crosses.any(axis=(1, 2))
    owners = np.arange(len(incidence.units)) if incidence.group is None else incidence.group
    for owner in np.unique(owners[crosses]):
        mine = np.where(owners == owner, incidence.weight, 0.0)
        up, down = (log_ratios(incidence, incidence.weight + way * step * mine) for way in (1, -1))
        influence = (up - down) / (2 * step)
        if incidence.group is None:  # as many equal units, each with its part of the weight
            squares += influence**2 * float(incidence.weight_squared[owner] / incidence.weight[owner] ** 2)
            seen += int(incidence.units[owner])
        else:
            squares, seen = squares + influence**2, seen + 1
    return np.sqrt(squares * seen / (seen - 1))


@pytest.mark.parametrize("strata", [False, True])
def test_influences_of_independent_units_by_differences(*, strata):
    patterns = [(*p[:2], 3 * p[2], p[3] if strata else 0) for p in MIXED]
    units = counted(patterns, 4, strata=strata)
    found = among_crossing(units, 0.95)
    assert np.log(found.ratio) == pytest.approx(log_ratios(units, units.weight), nan_ok=True)
    half = np.log(found.high / found.low) / 2
    told = np.isfinite(half)
    assert told.sum() >= 8
    # The middle one: ends may have given way to those of the test.
    quantile = np.median(half[told] / by_differences(units)[told])
    assert quantile == pytest.approx(stats.norm.ppf(0.975), rel=1e-6)


@pytest.mark.parametrize("across", [False, True], ids=["groups within strata", "groups in several strata"])
def test_influences_of_groups_by_differences(*, across):
    n_groups = 2 * max(p[4] for p in MIXED) + 2
    numbered = [(*p[:4], p[4] if across else 2 * p[4] + p[3]) for p in MIXED]
    units = counted([(*p[:4], p[4] + n_groups * k) for k in range(4) for p in numbered], 4, strata=True, groups=True)
    found = among_crossing(units, 0.95)
    half, error = np.log(found.high / found.low) / 2, by_differences(units)
    told = np.isfinite(half)
    assert told.sum() >= 8
    # Of t with 3 degrees of freedom or more; ends may have given way to those of the test.
    assert stats.norm.ppf(0.975) <= np.median(half[told] / error[told]) <= stats.t.ppf(0.975, 3)


@pytest.mark.parametrize("across", [False, True], ids=["groups within strata", "groups in several strata"])
def test_variances_of_groups_by_differences(*, across):
    """Of n_ab and m_ab themselves: what moving the weight of a group a little does to either."""
    patterns = [(*p[:4], p[4] if across else 2 * p[4] + p[3]) for p in MIXED]
    units = counted(patterns, 4, strata=True, groups=True)
    crossing = crossings(units)
    model = fit(crossing.tables)
    found = influence(crossing, model.inverse, model.fitted, model.free)
    step, moved = 1e-4, []
    for owner in np.unique(crossing.group):
        mine = np.where(units.group == owner, units.weight, 0.0)
        ends = [both_of(units, units.weight + way * step * mine) for way in (1, -1)]
        moved.append((ends[0] - ends[1]) / (2 * step))
    moved = np.array(moved)
    scale = len(moved) / (len(moved) - 1)
    for ours, one, other in ((found.joint, 0, 0), (found.both, 0, 1), (found.fitted, 1, 1)):
        by_hand = scale * (moved[:, one] * moved[:, other]).sum(axis=0)
        assert ours[model.left] == pytest.approx(by_hand[model.left], rel=1e-5)


def both_of(incidence, weight):
    """Return n_ab and m_ab (2, K, K), summed over strata, for weights of patterns."""
    rows, columns = incidence.row_sets.astype(float), incidence.column_sets.astype(float)
    cells = rows[:, :, None] * columns[:, None, :] * ~np.eye(rows.shape[1], dtype=bool) * weight[:, None, None]
    by_stratum = np.stack([cells[incidence.stratum == s].sum(axis=0) for s in range(len(incidence.strata))])
    return np.stack([by_stratum.sum(axis=0), fit(by_stratum).fitted.sum(axis=0)])


def test_units_are_tested_by_the_law_that_sums_leave():
    """By drawing tables with the same sums of rows and columns: along cycles of four cells and, past the diagonal, six."""
    table = np.array([[0, 9, 2, 6], [5, 0, 7, 1], [4, 6, 0, 9], [8, 3, 5, 0]])
    found = among_crossing(of_table(table.astype(float)), 0.95)
    rng, apart = np.random.default_rng(1), [(a, b) for a, b in np.ndindex(4, 4) if a != b]
    fours = [
        (((a, c), (b, d)), ((a, d), (b, c)))
        for (a, b), (c, d) in itertools.product(itertools.permutations(range(4), 2), repeat=2)
        if {(a, c), (b, d), (a, d), (b, c)} <= set(apart)
    ]
    sixes = [(((a, b), (b, c), (c, a)), ((a, c), (c, b), (b, a))) for a, b, c in itertools.permutations(range(4), 3)]
    moves, now, seen = fours + sixes, table.tolist(), []
    for step, number in enumerate(rng.integers(len(moves), size=100_000).tolist()):
        up, down = moves[number]
        chance = np.prod([now[a][b] for a, b in down]) / np.prod([now[a][b] + 1.0 for a, b in up])
        if rng.random() < chance:
            for cells, by in ((up, 1), (down, -1)):
                for a, b in cells:
                    now[a][b] += by
        if step % 10 == 0:
            seen.append(np.array(now))
    seen = np.array(seen)
    for a, b in apart:
        tails = (seen[:, a, b] >= table[a, b]).mean(), (seen[:, a, b] <= table[a, b]).mean()
        assert found.p[a, b] == pytest.approx(min(1.0, 2 * min(tails)), abs=0.06)


def test_standard_error_of_groups_is_that_of_drawing_them_again():
    rng = np.random.default_rng(11)
    shares = np.outer([4.0, 2, 3, 1], [1, 3, 2, 2])
    np.fill_diagonal(shares, 0)
    shares /= shares.sum()
    n_groups = 200
    own = rng.dirichlet(np.maximum(20 * shares.ravel(), 1e-9), n_groups)
    units = np.array([rng.multinomial(12, p) for p in own]).reshape(n_groups, 4, 4)
    patterns = [((a,), (b,), int(n), 0, g) for g, a, b in np.ndindex(*units.shape) if (n := units[g, a, b])]
    found = among_crossing(counted(patterns, 4, groups=True), 0.95)
    drawn = units[rng.integers(0, n_groups, (2000, n_groups))].sum(axis=1).astype(float)
    logs = np.log(np.where(drawn > 0, drawn, 1) / np.where(drawn > 0, fit(drawn).fitted, 1))
    apart = ~np.eye(4, dtype=bool)
    error = np.log(found.high / found.low)[apart] / 2 / stats.t.ppf(0.975, 60)  # G_eff of cells: 30 to 130
    assert error == pytest.approx(logs.std(axis=0)[apart], rel=0.12)


def test_one_end_of_every_crossing_leaves_nothing_to_judge():
    # Everything passes through the first category: its sums are the others' counts.
    table = np.array([[9.0, 80, 30, 50], [20, 9, 0, 0], [70, 0, 9, 0], [10, 0, 0, 9]])
    found = among_crossing(of_table(table), 0.95)
    assert np.isnan(found.ratio).all()
    assert np.isnan(found.p).all()
    assert found.expected[0, 1:].tolist() == [80, 30, 50]
    assert np.nansum(found.expected) == 260
    # One unit that does not pass through it, and there is something; but sums nearly decide the first row and column,
    # and of the others so little is expected that nothing can be told.
    table[1, 2] = 1
    found = among_crossing(of_table(table), 0.95)
    assert np.isfinite(found.ratio[0, 1:]).all()
    assert np.isnan(found.p[0]).all()
    assert np.isnan(found.p[:, 0]).all()
    assert np.nanmin(found.p) > 0.2


def test_too_few_cells_for_a_cycle_leave_nothing_to_judge():
    # Two rows and three columns less their diagonal: four cells, four free sums.
    table = np.array([[0.0, 20, 30], [40, 0, 50], [0, 0, 0]])
    found = among_crossing(of_table(table), 0.95)
    assert np.isnan(found.ratio).all()
    assert found.expected[0, 1] == 20


def test_three_categories_leave_one_degree_of_freedom():
    # n_ab n_bc n_ca against n_ac n_cb n_ba: every cell is as far off as every other, in turns.
    table = np.array([[0.0, 30, 20], [20, 0, 30], [30, 20, 0]])
    found = among_crossing(of_table(table), 0.95)
    assert found.expected[~np.eye(3, dtype=bool)] == pytest.approx(25)
    assert found.ratio[0, 1] == pytest.approx(1.2)
    assert found.ratio[1, 0] == pytest.approx(0.8)


def test_nobody_crosses():
    for table in (np.diag([3.0, 4.0]), np.array([[7.0]]), np.zeros((3, 3))):
        found = among_crossing(of_table(table), 0.95)
        assert all(np.isnan(getattr(found, name)).all() for name in ("expected", "ratio", "low", "high", "p"))


def test_categories_without_crossings_have_no_ratio():
    table = np.zeros((5, 5))
    table[np.ix_([0, 1, 3, 4], [0, 1, 3, 4])] = VISION
    found = among_crossing(of_table(table), 0.95)
    assert found.ratio[np.ix_([0, 1, 3, 4], [0, 1, 3, 4])] == pytest.approx(
        among_crossing(of_table(VISION), 0.95).ratio, nan_ok=True
    )
    assert np.isnan(found.ratio[2]).all()
    assert np.isnan(found.expected[:, 2]).all()


def test_a_pair_that_never_meets():
    table = np.array([[0.0, 20, 20, 20], [20, 0, 20, 20], [20, 20, 0, 20], [20, 20, 0, 0]])
    found = among_crossing(of_table(table), 0.95)
    assert (found.ratio[3, 2], found.low[3, 2]) == (0, 0)
    assert found.high[3, 2] < 1
    # None of 14 or so: the binomial with this mean and the variance of the adjusted residual.
    fitted = fit(table[None]).fitted[0]
    missed = leverage(fitted)[3, 2]
    assert found.p[3, 2] == pytest.approx(2 * (1 - missed) ** (fitted[3, 2] / missed))
    assert found.p[3, 2] < 1e-4
    # Ten groups that are all the same: what sums foresee tells how a count of 0 varies.
    patterns = [((a,), (b,), 2, 0, g) for g in range(10) for a, b in np.ndindex(4, 4) if table[a, b]]
    grouped = among_crossing(counted(patterns, 4, groups=True), 0.95)
    assert (grouped.ratio[3, 2], grouped.low[3, 2]) == (0, 0)
    assert grouped.high[3, 2] < 1


@pytest.mark.parametrize("n_groups", [1, 3])
def test_few_groups_tell_nothing(n_groups):
    """Three groups had an interval, by t with one degree of freedom."""
    table = np.array([[0, 6, 4, 5], [3, 0, 8, 2], [5, 4, 0, 9], [2, 7, 3, 0]])
    alike = [
        ((a,), (b,), int(table[a, b]) + (a + g) % 3, 0, g)
        for g in range(n_groups)
        for a, b in np.ndindex(4, 4)
        if a != b
    ]
    found = among_crossing(counted(alike, 4, groups=True), 0.95)
    assert np.isfinite(found.ratio[0, 1:]).all()
    assert np.isnan(found.low).all()
    assert np.isnan(found.p).all()


def test_composition_is_not_read_as_affinity():
    # Two places, each of its own sizes and without affinity; thrown together they look like affinity.
    one = 10 * np.outer([8.0, 8, 1, 1], [8, 8, 1, 1])
    two = 10 * np.outer([1.0, 1, 8, 8], [1, 1, 8, 8])
    cells = [(a, b) for a, b in np.ndindex(4, 4) if a != b]
    patterns = [((a,), (b,), int(t[a, b]), s) for s, t in enumerate((one, two)) for a, b in cells]
    together = among_crossing(counted(patterns, 4), 0.95)
    within = among_crossing(counted(patterns, 4, strata=True), 0.95)
    assert together.low[0, 1] > 1.9
    apart = ~np.eye(4, dtype=bool)
    assert within.ratio[apart] == pytest.approx(1)
    assert within.expected[apart] == pytest.approx((one + two)[apart])
    assert (within.p[apart] > 0.99).all()


def test_a_stratum_whose_crossings_decide_themselves_adds_what_it_has():
    cells = [((a,), (b,), int(VISION[a, b]), 0) for a, b in np.ndindex(4, 4) if a != b]
    star = [((0,), (1,), 50, 1), ((0,), (2,), 7, 1), ((3,), (0,), 9, 1)]
    alone, both = (among_crossing(counted(patterns, 4, strata=True), 0.95) for patterns in (cells, cells + star))
    assert both.expected - np.nan_to_num(alone.expected) == pytest.approx(
        np.array([[np.nan, 50, 7, 0], [0, np.nan, 0, 0], [0, 0, np.nan, 0], [9, 0, 0, np.nan]]), nan_ok=True
    )
    assert both.p[1, 2] == pytest.approx(alone.p[1, 2], rel=1e-3)


def test_a_multi_label_unit_adds_to_each_of_its_cells_off_the_diagonal():
    found = among_crossing(counted([((0, 1), (1, 2), 6), ((2,), (0,), 5), ((2,), (1,), 3), ((1,), (0,), 4)], 3), 0.95)
    # (0,1), (0,2), (1,2) get 6 each, (1,1) none: row sums 12, 10, 8 and column sums 9, 9, 12
    assert np.nansum(found.expected, axis=1) == pytest.approx([12, 10, 8])
    assert np.nansum(found.expected, axis=0) == pytest.approx([9, 9, 12])


def test_counts_of_very_different_sizes():
    table = np.array([[0, 1e9, 3, 1e5], [40, 0, 1e7, 2], [1e6, 5, 0, 8], [1, 1e4, 1e8, 0]])
    fitted = fit(table[None]).fitted[0]
    assert fitted.sum(axis=1) == pytest.approx(table.sum(axis=1), rel=1e-9)
    assert fitted.sum(axis=0) == pytest.approx(table.sum(axis=0), rel=1e-9)


def test_too_many_strata_and_categories_are_refused():
    rng = np.random.default_rng(0)
    patterns = [((int(a),), (int(b),), 1, s) for s in range(40) for a, b in rng.integers(0, 120, (60, 2))]
    assert np.isnan(among_crossing(counted(patterns, 120, strata=True), 0.95).ratio).all()
    assert np.isfinite(among_crossing(counted(patterns, 120), 0.95).ratio).any()


@pytest.mark.parametrize("regime", [REGIMES[0], REGIMES[5], STRATA[2]], ids=lambda regime: regime.name)
def test_surprises_without_a_reason_are_as_rare_as_promised(regime):
    """A short form of benchmarks/crossing.py: 100 tables of at most 20 pairs that hang together."""
    found = judged(regime, 100)
    told = found[found["told"]]
    assert len(told) > 1200
    # Groups are tested by the larger of two variances: fewer than promised.
    assert (0.005 if regime.n_groups else 0.03) < told["rejected"].mean() < 0.06
    assert 0.93 < 1 - (told["above"] | told["below"]).mean() < 0.995


def test_composition_that_is_not_known_surprises_often():
    assert judged(STRATA[1], 40)["rejected"].mean() > 0.1
