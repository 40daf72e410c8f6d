"""The order of similar categories: planted blocks are next to each other, and undefined lifts do no harm."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from diptych.stats.matrices import association, seriate, tabulate
from tests.matrices.tiny import P, tiny

QUICK = settings(deadline=None, derandomize=True, max_examples=60)
NAMES = "ABCDEFGH"
tables = st.integers(1, 7).flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 12)))


def counted(table, rows=NAMES, columns=None):
    rows = rows[: table.shape[0]]
    columns = rows if columns is None else columns[: table.shape[1]]
    patterns = [P(rows[i], columns[j], int(n)) for (i, j), n in np.ndenumerate(table) if n]
    return tabulate(tiny(*patterns, rows=rows, columns=columns, one=rows == columns))


def blocks_of(*sizes, within=20, across=1):
    table = np.full((sum(sizes), sum(sizes)), across)
    for first, last in itertools.pairwise(np.cumsum([0, *sizes])):
        table[first:last, first:last] = within
    return table


def order_of(counts, minimum_units=1):
    return seriate(counts, counts.expected, minimum_units)


@pytest.mark.parametrize("seed", range(5))
def test_planted_blocks_are_next_to_each_other_whatever_the_declared_order(seed):
    table = blocks_of(3, 2, 2)
    shuffle = np.random.default_rng(seed).permutation(7)
    names = "".join(NAMES[i] for i in shuffle)
    found = order_of(counted(table[np.ix_(shuffle, shuffle)], names))
    assert found.rows is found.columns
    order = "".join(found.rows.order)
    assert sorted(order) == list("ABCDEFG")
    for block in ("ABC", "DE", "FG"):
        places = sorted(order.index(name) for name in block)
        assert places[-1] - places[0] == len(block) - 1


def test_the_diagonal_makes_no_order():
    assert order_of(counted(np.diag([50, 50, 50]) + 1)).rows.order == ("A", "B", "C")


def test_expected_counts_of_the_caller_decide():
    # A and B are the largest categories, so that independence expects most mismatches between them.
    table = np.array([[400, 3, 1, 2], [3, 400, 2, 1], [1, 2, 40, 6], [2, 1, 6, 40]])
    counts = counted(table)
    assert seriate(counts, np.full((4, 4), 1.0)).rows.order == ("A", "B", "C", "D")
    apart = np.where(np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]) > 0, 90.0, 1.0)
    order = "".join(seriate(counts, apart).rows.order)
    assert "AB" not in order
    assert "BA" not in order


def test_categories_without_units_end_the_order():
    table = np.zeros((5, 5), dtype=int)
    table[np.ix_([0, 2, 4], [0, 2, 4])] = blocks_of(2, 1)
    found = order_of(counted(table)).rows
    assert found.left_out == ("B", "D")
    assert found.order == ("A", "C", "E", "B", "D")


def test_categories_with_few_units_are_left_out():
    counts = counted(np.array([[12, 0, 0], [3, 0, 0], [0, 0, 90]]))
    few = order_of(counts, minimum_units=10).rows
    assert (few.order, few.left_out) == (("A", "C", "B"), ("B",))
    axes = order_of(counted(np.array([[9, 1], [9, 1], [1, 0]]), "ABC", "XY"), minimum_units=2)
    assert (axes.rows.left_out, axes.columns.left_out) == (("C",), ())


def test_different_axes_are_ordered_by_their_profiles():
    table = np.array([[30, 28, 1, 0], [1, 0, 25, 30], [25, 30, 0, 1]])
    found = order_of(counted(table, "ABC", "WXYZ"))
    assert found.rows.order in {("A", "C", "B"), ("B", "A", "C"), ("B", "C", "A")}
    assert "".join(found.columns.order) in {"WXZY", "WXYZ", "XWZY", "XWYZ"}


@QUICK
@given(table=tables)
def test_any_counts_give_a_whole_order_twice_the_same(table):
    found = order_of(counted(table))
    assert order_of(counted(table)) == found
    assert sorted(found.rows.order) == sorted(NAMES[: len(table)])
    present = [name for name in found.rows.order if name not in found.rows.left_out]
    assert not present or NAMES.index(present[0]) <= NAMES.index(present[-1])


@QUICK
@given(table=tables.filter(lambda table: len(table) > 2 and table.sum(axis=1).all()))
def test_no_order_of_the_tree_puts_neighbours_closer(table):
    counts = counted(table)
    distance = 1 - association(counts.joint + counts.joint.T, counts.expected + counts.expected.T)
    np.fill_diagonal(distance, 0)
    condensed = squareform(distance, checks=False)
    tree = hierarchy.linkage(condensed, "average")

    def length(order):
        return sum(distance[a, b] for a, b in itertools.pairwise(order))

    def orders(node):
        if node.is_leaf():
            return [[node.id]]
        left, right = orders(node.left), orders(node.right)
        return [[*x, *y] for x in left for y in right] + [[*y, *x] for x in left for y in right]

    mine = [NAMES.index(name) for name in order_of(counts).rows.order]
    possible = orders(hierarchy.to_tree(tree))
    if mine in possible:  # ties may be broken another way
        assert length(mine) == pytest.approx(min(map(length, possible)), abs=1e-7)
