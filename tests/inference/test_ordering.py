"""The best linear order: by trying every order, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diptych.inference.symmetry import MOST_EXACT, best_order, forward_flow, linear_order, near_order

QUICK = settings(deadline=None, derandomize=True, max_examples=60)
flows = (
    st.integers(1, 6)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 9)))
    .map(lambda table: table.astype(float) - np.diag(np.diag(table.astype(float))))
)


def every_order(flow):
    sums = [forward_flow(flow, order) for order in itertools.permutations(range(len(flow)))]
    return max(sums), sums.count(max(sums))


@QUICK
@given(flow=flows)
def test_equals_the_best_of_every_order(flow):
    order, n_best = best_order(flow)
    assert sorted(order) == list(range(len(flow)))
    assert (forward_flow(flow, order), n_best) == every_order(flow)


def test_seven_categories_by_every_order():
    flow = np.random.default_rng(5).integers(0, 30, (7, 7)).astype(float)
    np.fill_diagonal(flow, 0)
    order, n_best = best_order(flow)
    assert (forward_flow(flow, order), n_best) == every_order(flow)


def test_a_chain_is_found_and_said_to_be_the_only_one():
    flow = np.array([[5.0, 0, 0], [4, 0, 0], [2, 3, 9]])
    found = linear_order(flow, ("goal", "middle", "origin"))
    assert found.categories == ("origin", "middle", "goal")
    assert (found.n_forward, found.n_crossing, found.explained, found.net) == (9, 9, 1, 1)
    assert (found.exact, found.n_best) == (True, 1)


def test_a_cycle_has_no_order_and_says_so():
    # A to B to C to A, 3 each, 1 back each: two of three legs run along any best order, and three are as good.
    flow = np.array([[0.0, 3, 1], [1, 0, 3], [3, 1, 0]])
    found = linear_order(flow, "ABC")
    assert found.categories == ("A", "B", "C")
    assert (found.n_forward, found.n_crossing, found.n_best) == (7, 12, 3)
    # Net 2 on each of three pairs; two are kept, one is broken: (2 + 2 - 2) / 6.
    assert found.net == pytest.approx(1 / 3)


def test_ties_keep_the_declared_order():
    found = linear_order(np.ones((4, 4)), "ABCD")
    assert found.categories == tuple("ABCD")
    assert (found.explained, found.net, found.n_best) == (0.5, None, 24)


def test_categories_without_flow_are_left_out():
    flow = np.zeros((4, 4))
    flow[3, 1], flow[0, 0] = 2, 50
    found = linear_order(flow, "ABCD")
    assert (found.categories, found.n_crossing) == (("D", "B"), 2)
    nothing = linear_order(np.diag([3.0, 4.0]), "AB")
    assert (nothing.categories, nothing.n_crossing, nothing.explained, nothing.net) == ((), 0, None, None)


def test_exact_to_fifteen_and_near_beyond():
    k = MOST_EXACT
    chain = np.triu(np.ones((k + 1, k + 1)), 1)
    names = [f"c{i:02d}" for i in range(k + 1)]
    shuffle = np.random.default_rng(1).permutation(k)
    exact = linear_order(chain[:k, :k][np.ix_(shuffle, shuffle)], [names[i] for i in shuffle])
    assert (exact.categories, exact.exact, exact.n_best) == (tuple(names[:k]), True, 1)
    shuffle = np.random.default_rng(1).permutation(k + 1)
    near = linear_order(chain[np.ix_(shuffle, shuffle)], [names[i] for i in shuffle])
    assert (near.categories, near.exact, near.n_best) == (tuple(names), False, None)


@QUICK
@given(flow=flows)
def test_no_single_move_improves_the_near_order(flow):
    order = near_order(flow)
    assert sorted(order) == list(range(len(flow)))
    reached = forward_flow(flow, order)
    assert flow.sum() / 2 <= reached <= forward_flow(flow, best_order(flow)[0])
    for a, place in itertools.product(order, range(len(order))):
        others = [b for b in order if b != a]
        assert forward_flow(flow, [*others[:place], a, *others[place:]]) <= reached


def test_near_orders_are_hardly_worse_than_the_best():
    rng = np.random.default_rng(11)
    lost = []
    for _ in range(20):
        flow = rng.integers(0, 50, (12, 12)).astype(float)
        np.fill_diagonal(flow, 0)
        lost.append(1 - forward_flow(flow, near_order(flow)) / forward_flow(flow, best_order(flow)[0]))
    assert max(lost) < 0.02


@QUICK
@given(flow=flows, seed=st.integers(0, 9))
def test_what_an_order_explains_knows_neither_declared_order_nor_scale(flow, seed):
    shuffle = np.random.default_rng(seed).permutation(len(flow))
    names = [str(i) for i in range(len(flow))]
    once = linear_order(flow, names)
    moved = linear_order(3 * flow[np.ix_(shuffle, shuffle)], [names[i] for i in shuffle])
    assert moved.n_forward == 3 * once.n_forward
    assert (moved.explained, moved.net, moved.n_best) == pytest.approx((once.explained, once.net, once.n_best))
    assert once.explained is None or once.explained >= 0.5


def test_tenths_tie_as_whole_numbers_do():
    flow = np.array([[0.0, 3, 1], [1, 0, 3], [3, 1, 0]])
    assert linear_order(flow / 10 * 3, "ABC").n_best == 3
