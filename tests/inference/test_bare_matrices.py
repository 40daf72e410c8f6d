"""Structural checks of published matrices: by hand, against a linear program solver, and on the published figure."""

import csv
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from diptych.cells import Cell, Kind, Panel, Unit
from diptych.inference.bare import (
    Constraint,
    SizeRatio,
    bound_violations,
    cycle_check,
    least_mean_cycle,
    n_checks,
    shortest_paths,
    size_check,
)
from diptych.measures import MEASURES
from tests.cells import whole_cells

DATASETS, MODELS = Kind("d", "Dataset", "dataset", "datasets"), Kind("m", "Model", "model", "models")
PUBLISHED = Path(__file__).parents[2] / "examples" / "published"


def panel(name, rows, columns, values, kinds=(DATASETS, MODELS), measure="conditional"):
    """Make a panel; `values` row by row: a number, (low, high), or None."""
    cells = []
    for (a, b), entry in zip(((a, b) for a in rows for b in columns), (v for row in values for v in row), strict=True):
        low, high = entry if isinstance(entry, tuple) else (None, None)
        value = (low + high) / 2 if isinstance(entry, tuple) else entry
        state = "no_given" if value is None else "measured"
        cells.append(Cell(a, b, None, None, None, None, value, low, high, *[None] * 8, state))
    info = MEASURES[measure].info
    unit = Unit("none", "value", "values")
    return Panel(
        name,
        "r",
        *kinds,
        tuple(rows),
        tuple(columns),
        info,
        unit,
        None,
        None,
        1.0,
        whole_cells(cells),
        None,
        rows == columns,
    )


def pair(left, right, rows="AB", columns="XY"):
    return panel("left", rows, columns, left), panel("right", columns, rows, right, (MODELS, DATASETS))


def shares(joint):
    """Return both panels of a joint table whose category sizes are its sums."""
    joint = np.asarray(joint, dtype=float)
    n_given, n_outcome = joint.sum(axis=1), joint.sum(axis=0)
    both = joint / n_given[:, None], (joint / n_outcome).T
    rows, columns = "ABC"[: len(n_given)], "XYZ"[: len(n_outcome)]
    return pair(*(values.tolist() for values in both), rows, columns)


def ratio(check, side, category, other):
    found = next(r for r in check.ratios if (r.side, r.category, r.other) == (side, category, other))
    return found.low, found.high


def test_an_exact_table_gives_back_its_sizes():
    # n: A 40, B 10; X 20, Y 30
    left, right = shares([[15, 25], [5, 5]])
    found = size_check(left, right)
    assert (found.feasible, found.n_usable, found.n_constraints, found.loosening) == (True, 8, 8, 1.0)
    assert found.n_checks == 1  # A-X-B-Y
    assert ratio(found, "given", "A", "B") == (pytest.approx(4), pytest.approx(4))
    assert ratio(found, "outcome", "X", "Y") == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    given_side, outcome_side = found.largest
    assert (given_side.more, given_side.fewer, given_side.ratio) == (("A",), "B", pytest.approx(4))
    assert (outcome_side.more, outcome_side.fewer, outcome_side.ratio) == (("Y",), "X", pytest.approx(1.5))
    assert found.conflict == ()


def test_columns_as_given_turn_every_ratio_round():
    """The transposed panels are the other reading: the same verdict, reciprocal sizes."""
    left, right = shares([[15, 25], [5, 5]])
    transposed = pair(
        [[right.cell(x, a).value for x in "XY"] for a in "AB"], [[left.cell(a, x).value for a in "AB"] for x in "XY"]
    )
    assert ratio(size_check(*transposed), "given", "A", "B") == (pytest.approx(1 / 4), pytest.approx(1 / 4))
    assert SizeRatio("given", "A", "B", 2, 4).by_columns == SizeRatio("given", "A", "B", 0.25, 0.5)
    assert SizeRatio("given", "A", "B", None, 4).by_columns == SizeRatio("given", "A", "B", 0.25, None)


def test_a_reading_error_gives_bounds_around_the_sizes():
    # A-X: L .5 to .7, R .2 to .3: n_X / n_A between 5/3 and 7/2. B-X: L .4 to .5, R .4 to .8: between 1/2 and 5/4.
    left, right = pair([[(0.5, 0.7)], [(0.4, 0.5)]], [[(0.2, 0.3), (0.4, 0.8)]], columns="X")
    found = size_check(left, right)
    # n_A / n_B = (n_X / n_B) / (n_X / n_A)
    assert found.ratios == (SizeRatio("given", "A", "B", pytest.approx(0.5 / 3.5), pytest.approx(1.25 / (5 / 3))),)
    (largest,) = found.largest
    assert (largest.more, largest.fewer, largest.ratio) == (("B",), "A", pytest.approx(4 / 3))
    assert largest.because == (
        Constraint("B", "X", "most", pytest.approx(1.25)),
        Constraint("A", "X", "least", pytest.approx(5 / 3)),
    )
    assert found.n_checks == 0  # a tree: nothing could conflict


def test_a_planted_conflict_is_named_with_the_factor_that_mends_it():
    # Shares of [[1, 1], [1, 1]]: all 0.5. One value 0.6 instead: the cycle A-X-B-Y has product 1.2 over 4 edges.
    left, right = pair([[0.6, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]])
    found = size_check(left, right)
    assert not found.feasible
    assert found.loosening == pytest.approx(1.2**0.25)
    assert {(c.given, c.outcome, c.end) for c in found.conflict} == {
        ("A", "X", "least"), ("B", "X", "most"), ("B", "Y", "least"), ("A", "Y", "most"),
    }  # fmt: skip
    assert found.ratios == found.largest == ()


def test_each_constraint_of_a_conflict_is_needed():
    left, right = shares([[9, 5, 2], [3, 8, 4], [1, 2, 7]])
    values = [[cell.value for cell in left.row(a)] for a in left.given_categories]
    values[0][1] *= 1.3
    values[2][2] *= 0.9
    left = panel("left", left.given_categories, left.outcome_categories, values)
    found = size_check(left, right)
    assert not found.feasible
    nodes = [("given", a) for a in left.given_categories] + [("outcome", b) for b in left.outcome_categories]
    assert solve(nodes, found.conflict)[0] > 1e-6
    for left_out in found.conflict:
        assert solve(nodes, [c for c in found.conflict if c != left_out])[0] < 1e-9


def test_ranges_that_reach_zero_leave_their_side_open():
    left, right = pair([[(0.0, 0.4)]], [[(0.2, 0.5)]], rows="A", columns="X")
    found = size_check(left, right)
    assert (found.feasible, found.n_usable, found.n_constraints, found.n_checks) == (True, 1, 2, 0)
    assert found.ratios == ()
    both = size_check(*pair([[(0.0, 0.4)]], [[(0.0, 0.5)]], rows="A", columns="X"))
    assert (both.feasible, both.n_usable) == (True, 0)
    assert size_check(*pair([[0.0]], [[0.0]], rows="A", columns="X")).n_usable == 0


@pytest.mark.parametrize(("left", "right", "end", "bound"), [(0.3, 0.0, "least", math.inf), (0.0, 0.3, "most", 0.0)])
def test_a_value_above_zero_against_an_exact_zero_fits_no_sizes(left, right, end, bound):
    found = size_check(*pair([[left, 0.5]], [[right], [0.5]], rows="A"))
    assert (found.feasible, found.loosening) == (False, None)
    assert found.conflict == (Constraint("A", "X", end, bound),)
    assert found.n_usable == 3


def test_missing_values_and_missing_mirrors_set_nothing():
    left = panel("left", "AB", "XY", [[0.5, None], [0.5, 0.5]])
    right = panel("right", "X", "AB", [[0.5, None]], (MODELS, DATASETS))
    found = size_check(left, right)
    assert (found.n_usable, found.n_constraints) == (2, 8)


def test_ranges_are_cut_at_what_a_share_can_be():
    # 1.1 is read with an error: no share is above 1, so n_X / n_A is at most 1 / 0.5
    left, right = pair([[(0.9, 1.1)], [1.0]], [[(0.5, 0.6), 1.0]], columns="X")
    assert ratio(size_check(left, right), "given", "A", "B")[0] == pytest.approx(0.5)


def test_panels_that_do_not_reverse_each_other_or_are_no_shares_are_refused():
    left = panel("left", "A", "X", [[0.5]])
    with pytest.raises(ValueError, match=r"^panel left does not reverse panel left$"):
        size_check(left, left)
    lift = panel("right", "X", "A", [[0.5]], (MODELS, DATASETS), "lift")
    with pytest.raises(ValueError, match=r"^panel right shows lift: only conditional panels are shares of rows$"):
        size_check(left, lift)
    with pytest.raises(ValueError, match=r"^panel left has different categories on its axes$"):
        cycle_check(left)


# The published figure


def published(name, kinds):
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = tuple(dict.fromkeys(row["given"] for row in rows))
    found = {(row["given"], row["outcome"]): (float(row["low"]), float(row["high"])) for row in rows}
    return panel(name, names, names, [[found[a, b] for b in names] for a in names], kinds)


def test_the_published_figure_is_feasible_and_says_so_little():
    found = size_check(published("left", (DATASETS, MODELS)), published("right", (MODELS, DATASETS)))
    assert (found.feasible, found.n_usable, found.n_constraints) == (True, 19, 162)
    # All upper ends come from the NLP row on the right, so no cycle of constraints could conflict.
    assert found.n_checks == 0
    datasets, models = found.largest
    # n_NLP models <= n_Tabular (0.25 / 0.25) and >= 0.95 / 0.7 n_NLP datasets
    assert (datasets.more, datasets.fewer) == (("Tabular", "RL", "Graph", "Robotics", "Time Series"), "NLP")
    assert f"{datasets.ratio:.2f}" == "1.36"
    assert datasets.ratio == pytest.approx(0.95 / 0.7)
    assert ratio(found, "given", "NLP", "Tabular") == (None, pytest.approx(0.7 / 0.95))
    # n_CV models >= 0.95 / 0.1 n_NLP datasets, of which NLP models are at most 1 / 0.6
    assert (models.more, models.fewer, models.ratio) == (("CV",), "NLP", pytest.approx(9.5 * 0.6))


# Sizes from elsewhere


def test_bounds_need_more_joint_units_than_there_are():
    # 20 units with A, 5 with X: P(X|A) is at most 0.25
    shown = panel("left", "AB", "XY", [[(0.3, 0.4), (0.9, 1.0)], [(0.2, 0.6), None]])
    found = bound_violations(shown, {"A": 20, "B": 10}, {"X": 5, "Y": 18})
    assert [(v.given, v.outcome, v.low, v.bound) for v in found] == [("A", "X", 0.3, 0.25)]
    assert bound_violations(shown, {"A": 20}, {}) == ()
    assert bound_violations(shown, {"A": 0}, {"X": 5}) == ()
    assert bound_violations(panel("left", "A", "X", [[0.25]]), {"A": 20}, {"X": 5}) == ()


# Within one kind


def within(values, rows="ABC"):
    return panel("own", rows, rows, values, (DATASETS, DATASETS))


def test_a_table_that_is_its_own_mirror_passes_the_cycle_check():
    joint = np.array([[5.0, 2, 3], [2, 9, 4], [3, 4, 1]])
    sizes = np.array([20.0, 40, 10])
    found = cycle_check(within((joint / sizes[:, None]).tolist()))
    assert (found.feasible, found.n_usable, found.n_constraints, found.n_checks) == (True, 6, 6, 1)
    assert ratio(found, "given", "A", "B") == (pytest.approx(0.5), pytest.approx(0.5))
    assert [(r.side, r.more, r.fewer, r.ratio) for r in found.largest] == [("given", ("B",), "C", pytest.approx(4))]


def test_a_flow_around_a_triangle_is_named():
    # A to B to C to A 0.4, back 0.2: products 0.064 against 0.008, a factor 8 over three edges
    found = cycle_check(within([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.4, 0.2, 0.4]]))
    assert not found.feasible
    assert found.loosening == pytest.approx(2)
    assert {(c.given, c.outcome) for c in found.conflict} == {("A", "B"), ("B", "C"), ("A", "C")}
    wide = cycle_check(within([[0.4, (0.2, 0.4), 0.2], [0.2, 0.4, (0.2, 0.4)], [(0.2, 0.4), 0.2, 0.4]]))
    assert wide.feasible


# Against a solver of linear programs


def solve(nodes, constraints, target=None, *, within=False):
    """Return the least uniform slack, and the range of the target's difference without any, by linprog."""
    index = {node: i for i, node in enumerate(nodes)}
    outcome = "given" if within else "outcome"
    rows, limits = [], []
    for c in constraints:
        sign = 1 if c.end == "most" else -1
        row = np.zeros(len(nodes) + 1)
        row[index[outcome, c.outcome]] += sign
        row[index["given", c.given]] -= sign
        row[-1] = -1
        rows.append(row)
        limits.append(sign * math.log(c.ratio))
    if not rows:
        return 0.0, (-math.inf, math.inf)
    cost = np.zeros(len(nodes) + 1)
    cost[-1] = 1
    free = [(-100, 100)] * len(nodes)
    least = linprog(cost, np.array(rows), limits, bounds=[*free, (0, None)], method="highs")
    ends = []
    if target is not None:
        cost = np.zeros(len(nodes) + 1)
        cost[index[target[0]]], cost[index[target[1]]] = 1, -1
        for sign in (1, -1):
            found = linprog(sign * cost, np.array(rows), limits, bounds=[*free, (0, 1e-9)], method="highs")
            ends.append(sign * found.fun)
    return least.fun, tuple(ends)


@st.composite
def tables(draw):
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    counts = st.integers(0, 40)
    joint = np.array(draw(st.lists(st.lists(counts, min_size=m, max_size=m), min_size=n, max_size=n)), dtype=float)
    # Units may have several categories: sizes are at least the largest joint count, not the sums.
    given_sizes = [max(row.max(), 1) + draw(st.integers(0, 60)) for row in joint]
    outcome_sizes = [max(column.max(), 1) + draw(st.integers(0, 60)) for column in joint.T]
    return joint, np.array(given_sizes), np.array(outcome_sizes)


def read(values, draw):
    """Return ranges around true values, as one might read them off a picture."""
    errors = st.floats(0, 0.3)
    return [[(max(v - draw(errors), 0), min(v + draw(errors), 1)) for v in row] for row in values.tolist()]


@settings(max_examples=60, deadline=None)
@given(tables(), st.data())
def test_any_true_table_is_feasible_and_its_sizes_lie_within_the_bounds(table, data):
    joint, n_given, n_outcome = table
    left, right = read(joint / n_given[:, None], data.draw), read((joint / n_outcome).T, data.draw)
    rows, columns = "ABCDE"[: len(n_given)], "VWXYZ"[: len(n_outcome)]
    found = size_check(*pair(left, right, rows, columns))
    assert found.feasible
    sizes = {("given", name): n for name, n in zip(rows, n_given, strict=True)}
    sizes |= {("outcome", name): n for name, n in zip(columns, n_outcome, strict=True)}
    for r in found.ratios:
        true = sizes[r.side, r.category] / sizes[r.side, r.other]
        assert (r.low or 0) <= true * (1 + 1e-9)
        assert true <= (r.high or math.inf) * (1 + 1e-9)
    for strongest in found.largest:
        for more in strongest.more:
            assert sizes[strongest.side, more] >= strongest.ratio * sizes[strongest.side, strongest.fewer] * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(tables(), st.data())
def test_a_factor_beyond_the_ranges_is_found(table, data):
    joint, n_given, n_outcome = table
    joint, n_given, n_outcome = joint[:2, :2] + 1, n_given[:2] + 1, n_outcome[:2] + 1
    if joint.shape != (2, 2):
        return
    factor = data.draw(st.floats(1.3, 5))
    exact = joint / n_given[:, None], (joint / n_outcome).T
    planted = [[[(v / 1.05, min(v * 1.05, 1)) for v in row] for row in values.tolist()] for values in exact]
    low, high = planted[0][0][0]
    planted[0][0][0] = (low / factor / 2, high / factor / 2)
    found = size_check(*pair(*planted))
    assert not found.feasible
    assert found.n_checks == 1
    assert ("A", "X") in {(c.given, c.outcome) for c in found.conflict}
    assert found.loosening > 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_the_answers_are_those_of_a_linear_program(n, m, data):
    ends = st.tuples(st.sampled_from([0, 0.1, 0.2, 0.4, 0.5, 0.75]), st.sampled_from([0, 0.05, 0.2])).map(
        lambda pair: (pair[0], pair[0] + pair[1] + 0.01)
    )
    left = [[data.draw(ends) for _ in range(m)] for _ in range(n)]
    right = [[data.draw(ends) for _ in range(n)] for _ in range(m)]
    rows, columns = "ABCD"[:n], "WXYZ"[:m]
    found = size_check(*pair(left, right, rows, columns))
    nodes = [("given", a) for a in rows] + [("outcome", b) for b in columns]
    constraints = []
    for i, j in np.ndindex(n, m):
        (low, high), (low_back, high_back) = left[i][j], right[j][i]
        if low > 0:
            constraints.append(Constraint(rows[i], columns[j], "least", low / high_back))
        if low_back > 0:
            constraints.append(Constraint(rows[i], columns[j], "most", high / low_back))
    slack, _ = solve(nodes, constraints)
    assert found.n_usable == len(constraints)
    assert found.feasible == (slack < 1e-9)
    assert math.log(found.loosening) == pytest.approx(max(slack, 0), abs=1e-7)
    assert found.n_checks > 0 or found.feasible
    bounded = {(r.side, r.category, r.other): (r.low, r.high) for r in found.ratios}
    if found.feasible:
        for side, names in (("given", rows), ("outcome", columns)):
            for a, b in pairwise(names):
                _, (low, high) = solve(nodes, constraints, ((side, a), (side, b)))
                expected = bounded.get((side, a, b), (None, None))
                # Unknowns stay within 100 of 0, so what is beyond 50 is unbounded.
                for got, wanted in zip(expected, (low, high), strict=True):
                    assert (got is None) == (abs(wanted) > 50)
                    assert got is None or math.log(got) == pytest.approx(wanted, abs=1e-6)


# The graph of bounds


def bounds(n, edges):
    found = np.full((n, n), np.inf)
    for (v, u), length in edges.items():
        found[v, u] = length
    return found


def test_the_cycle_with_the_least_mean_is_found_not_the_shortest():
    # 0-1-0 has mean -1, 1-2-3-1 mean -2
    found = least_mean_cycle(bounds(4, {(0, 1): -1, (1, 0): -1, (1, 2): -1, (2, 3): -3, (3, 1): -2}))
    assert sorted(found.nodes) == [1, 2, 3]
    assert found.mean == -2
    assert sum({(1, 2): -1, (2, 3): -3, (3, 1): -2}[edge] for edge in found.edges) == -6
    assert least_mean_cycle(bounds(3, {(0, 1): 1, (1, 2): -5})) is None


def test_paths_are_the_shortest_with_their_edges():
    paths = shortest_paths(bounds(4, {(0, 1): 1.0, (1, 2): 0.0, (0, 2): 3.0}))
    assert paths.length[0].tolist() == [0, 1, 1, math.inf]
    assert paths.edges(0, 2) == ((0, 1), (1, 2))


def test_only_cycles_of_three_or_more_can_check_anything():
    both_ways = {(0, 1): 1.0, (1, 0): 1.0, (1, 2): 1.0, (2, 1): 1.0}
    assert n_checks(bounds(3, both_ways)) == 0
    assert n_checks(bounds(3, both_ways | {(0, 2): 1.0})) == 1
    assert n_checks(bounds(3, {(0, 1): 0.0, (1, 2): 0.0, (2, 0): 0.0})) == 1
    assert n_checks(bounds(3, {(0, 1): 0.0, (1, 2): 0.0, (0, 2): 0.0})) == 0


def test_exact_tables_whose_cycles_all_have_length_nothing_give_back_their_sizes():
    """Rounding must not make a cycle of length 0 look shorter than nothing, or a path would never end."""
    draw = np.random.default_rng(1)
    for _ in range(100):
        joint = draw.integers(1, 50, (3, 3))
        found = size_check(*shares(joint))
        assert found.feasible
        sizes = dict(zip("ABC", joint.sum(axis=1), strict=True))
        for r in found.ratios:
            if r.side == "given":
                assert r.low == pytest.approx(sizes[r.category] / sizes[r.other], rel=1e-9)
                assert r.high == pytest.approx(sizes[r.category] / sizes[r.other], rel=1e-9)
