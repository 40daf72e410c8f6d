"""Order and blocks: planted blocks come out, nothing comes of nothing, and undefined lifts do no harm."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from diptych.matrices.counts import tabulate
from diptych.matrices.seriation import association, seriate
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


def test_association_is_lift_on_a_bounded_scale():
    # 19 where 9 are expected: (19 - 9) / (19 + 9 + 1).
    s = association(np.array([[19.0, 0.0, 0.0, 5.0]]), np.array([[9.0, 9.0, 0.0, 0.0]]))
    assert s.tolist() == [[10 / 29, -9 / 10, 0, 5 / 6]]


@pytest.mark.parametrize("seed", range(5))
def test_planted_blocks_stand_together_whatever_the_declared_order(seed):
    table = blocks_of(3, 2, 2)
    shuffle = np.random.default_rng(seed).permutation(7)
    names = "".join(NAMES[i] for i in shuffle)
    # Categories of the block of three make up half of all, so even there lift stays under two.
    found = seriate(counted(table[np.ix_(shuffle, shuffle)], names), lift=1.5)
    assert found.direct
    assert found.rows is found.columns
    assert {frozenset(block) for block in found.rows.blocks} == {frozenset("ABC"), frozenset("DE"), frozenset("FG")}
    assert sorted(found.rows.order) == list("ABCDEFG")
    # Each block is one run of the order.
    for block in found.rows.blocks:
        first = found.rows.order.index(block[0])
        assert found.rows.order[first : first + len(block)] == block


def test_a_single_category_is_no_block_and_the_diagonal_makes_none():
    found = seriate(counted(np.diag([50, 50, 50]) + 1))
    assert found.rows.blocks == ()
    assert found.rows.order == ("A", "B", "C")


def test_unrelated_axes_have_no_blocks():
    assert seriate(counted(np.outer([1, 2, 3, 4], [4, 3, 2, 5]))).rows.blocks == ()


def test_expected_counts_of_the_caller_decide():
    # Most agree, so independence expects more crossings of A and B than there are; among those that cross it is the
    # only pair that meets.
    table = np.array([[400, 30, 1], [30, 400, 1], [1, 1, 400]])
    counts = counted(table)
    assert seriate(counts).rows.blocks == ()
    among_those_that_cross = np.where(np.eye(3, dtype=bool), table, 10.0)
    assert seriate(counts, expected=among_those_that_cross).rows.blocks == (("A", "B"),)
    assert seriate(counts, expected=among_those_that_cross, lift=4.0).rows.blocks == ()


def test_merges_are_the_whole_tree_closest_first():
    merges = seriate(counted(blocks_of(2, 2))).rows.merges
    assert [(merge.left, merge.right) for merge in merges] == [
        (("A",), ("B",)),
        (("C",), ("D",)),
        (("A", "B"), ("C", "D")),
    ]
    # Of 168 units 42 have each category, so 10.5 are expected of a pair each way: 40 against 21 within a block.
    assert merges[0].likeness == pytest.approx((40 - 21) / (40 + 21 + 1))
    assert merges[2].likeness == pytest.approx((2 - 21) / (2 + 21 + 1))


def test_categories_without_units_end_the_order():
    table = np.zeros((5, 5), dtype=int)
    table[np.ix_([0, 2, 4], [0, 2, 4])] = blocks_of(2, 1)
    found = seriate(counted(table), lift=1.2).rows
    assert found.left_out == ("B", "D")
    assert found.order[3:] == ("B", "D")
    assert found.blocks == (("A", "C"),)


def test_a_category_on_one_side_alone_stays():
    # B is only given, C only an outcome: 9 meet, 9 * 10 / 40 are expected.
    found = seriate(counted(np.array([[30, 0, 1], [0, 0, 9], [0, 0, 0]]))).rows
    assert found.left_out == ()
    # C stands between, since it meets A too.
    assert (found.order, found.blocks) == (("A", "C", "B"), (("C", "B"),))


def test_what_rests_on_few_units_is_no_block():
    # Three units join A and B, all that B has; nothing else does.
    counts = counted(np.array([[12, 0, 0], [3, 0, 0], [0, 0, 90]]))
    assert seriate(counts).rows.blocks == (("A", "B"),)
    few = seriate(counts, minimum_units=10).rows
    assert (few.order, few.left_out, few.blocks) == (("A", "C", "B"), ("B",), ())
    # With two more on either side B is placed, but five units make no block still.
    more = counted(np.array([[12, 2, 0], [3, 7, 0], [0, 0, 900]]))
    assert seriate(more, minimum_units=5).rows.blocks == (("A", "B"),)
    assert (seriate(more, minimum_units=6).rows.left_out, seriate(more, minimum_units=6).rows.blocks) == ((), ())
    axes = seriate(counted(np.array([[9, 1], [9, 1], [1, 0]]), "ABC", "XY"), minimum_units=2)
    assert (axes.rows.left_out, axes.columns.left_out) == (("C",), ())


def test_different_axes_are_grouped_by_what_they_meet():
    table = np.array([[30, 28, 1, 0], [1, 0, 25, 30], [25, 30, 0, 1]])
    found = seriate(counted(table, "ABC", "WXYZ"))
    assert not found.direct
    assert found.rows.blocks == (("A", "C"),)
    assert found.columns.blocks == (("W", "X"), ("Z", "Y"))
    assert found.rows.order in {("A", "C", "B"), ("B", "A", "C"), ("B", "C", "A")}


def test_few_categories_and_none():
    one = seriate(counted(np.array([[4]])))
    assert (one.rows.order, one.rows.blocks, one.rows.merges) == (("A",), (), ())
    none = seriate(counted(np.zeros((2, 2), dtype=int)))
    assert (none.rows.order, none.rows.left_out) == (("A", "B"), ("A", "B"))
    wide = seriate(counted(np.array([[1, 2, 3]]), "A", "XYZ"))
    assert sorted(wide.columns.order) == ["X", "Y", "Z"]


@QUICK
@given(table=tables)
def test_any_counts_give_a_whole_order_with_contiguous_blocks_twice_the_same(table):
    found = seriate(counted(table))
    assert seriate(counted(table)) == found
    assert sorted(found.rows.order) == sorted(NAMES[: len(table)])
    for block in found.rows.blocks:
        first = found.rows.order.index(block[0])
        assert len(block) > 1
        assert found.rows.order[first : first + len(block)] == block
    present = [name for name in found.rows.order if name not in found.rows.left_out]
    assert not present or NAMES.index(present[0]) <= NAMES.index(present[-1])


@QUICK
@given(table=tables.filter(lambda table: len(table) > 2 and table.sum(axis=1).all()))
def test_likeness_of_merges_equals_means_over_pairs_and_never_rises(table):
    counts = counted(table)
    s = association(counts.joint + counts.joint.T, counts.expected + counts.expected.T)
    merges = seriate(counts).rows.merges
    assert len(merges) == len(table) - 1
    for merge in merges:
        pairs = [s[NAMES.index(a), NAMES.index(b)] for a in merge.left for b in merge.right]
        assert merge.likeness == pytest.approx(np.mean(pairs), abs=1e-7)
    assert all(earlier.likeness >= later.likeness - 1e-9 for earlier, later in itertools.pairwise(merges))


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

    mine = [NAMES.index(name) for name in seriate(counts).rows.order]
    merged = {frozenset((*merge.left, *merge.right)) for merge in seriate(counts).rows.merges}
    scipys = {
        frozenset(NAMES[i] for i in node.pre_order()) for node in hierarchy.to_tree(tree, rd=True)[1] if node.count > 1
    }
    if merged == scipys:  # ties may be broken another way
        assert length(mine) == pytest.approx(min(map(length, orders(hierarchy.to_tree(tree)))), abs=1e-7)
