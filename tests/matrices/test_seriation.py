"""The order of similar categories: planted blocks are next to each other, and undefined lifts do no harm."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diptych.stats.matrices import seriate, tabulate
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
    assert found[0] is found[1]
    order = "".join(found[0].order)
    assert sorted(order) == list("ABCDEFG")
    for block in ("ABC", "DE", "FG"):
        places = sorted(order.index(name) for name in block)
        assert places[-1] - places[0] == len(block) - 1


def test_the_diagonal_makes_no_order():
    assert order_of(counted(np.diag([50, 50, 50]) + 1))[0].order == ("A", "B", "C")


def test_categories_without_units_end_the_order():
    table = np.zeros((5, 5), dtype=int)
    table[np.ix_([0, 2, 4], [0, 2, 4])] = blocks_of(2, 1)
    found = order_of(counted(table))[0]
    assert found.left_out == ("B", "D")
    assert found.order == ("A", "C", "E", "B", "D")


@QUICK
@given(table=tables)
def test_any_counts_give_a_whole_order_twice_the_same(table):
    found = order_of(counted(table))
    assert order_of(counted(table)) == found
    assert sorted(found[0].order) == sorted(NAMES[: len(table)])
    present = [name for name in found[0].order if name not in found[0].left_out]
    assert not present or NAMES.index(present[0]) <= NAMES.index(present[-1])
