"""What coverage alone could produce, against selections of known shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from diptych.inference.uneven_coverage import SelectedShare, is_uneven, ratio_bounds

N = 4_000_000


def counted(pi, p=0.2, q=0.3, n=N, to_rows=0.5):
    """Unrelated categories of n units of which pi[i][j] are counted; of the others `to_rows` have a row label alone."""
    every = np.outer([p, 1 - p], [q, 1 - q]) * n
    joint = every * pi
    sides = []
    for axis, part, name in ((1, to_rows, "a"), (0, 1 - to_rows, "b")):
        own, lost = joint.sum(axis=axis), part * (every - joint).sum(axis=axis)
        sides.append(SelectedShare(name, *(round(x) for x in (own[0] + lost[0], own[0], own[1] + lost[1], own[1]))))
    lost = (every - joint).sum()
    ratio = joint[0, 0] * joint.sum() / joint[0].sum() / joint[:, 0].sum()
    return *sides, float(joint.sum()), (to_rows * lost, (1 - to_rows) * lost), float(ratio)


def bounds(*args, **how):
    *found, ratio = counted(*args, **how)
    return (*ratio_bounds(*found, 0.95), ratio)


@pytest.mark.parametrize("to_rows", [0.2, 0.5, 0.7])
@pytest.mark.parametrize(
    "pi",
    [
        [[0.9, 0.9], [0.9, 0.3]],  # either category is enough
        [[0.9, 0.3], [0.3, 0.3]],  # only both are
        [[0.3, 0.6], [0.5, 0.9]],
        [[0.8, 0.7], [0.7, 0.4]],
        [[0.6, 0.9], [0.2, 0.25]],
    ],
)
def test_bounds_contain_what_a_monotone_selection_produces(pi, to_rows):
    low, high, ratio = bounds(np.array(pi), to_rows=to_rows)
    assert abs(np.log(ratio)) > 0.02
    assert low - 2e-3 <= ratio <= high + 2e-3


def test_bounds_of_a_selection_by_either_category_end_where_it_is():
    """Units with a are counted alike with and without b, so the overall coverage over theirs is the lower bound."""
    low, high, ratio = bounds(np.array([[0.9, 0.9], [0.9, 0.3]]))
    assert low == pytest.approx(ratio, rel=3e-3)
    assert high == 1


@pytest.mark.parametrize(
    "pi",
    [[[0.9, 0.9], [0.3, 0.3]], [[0.8, 0.5], [0.8, 0.5]], [[0.6, 0.6], [0.6, 0.6]]],
    ids=["rows", "columns", "even"],
)
def test_a_selection_by_one_side_leaves_no_room(pi):
    low, high, ratio = bounds(np.array(pi))
    assert ratio == pytest.approx(1)
    assert low == pytest.approx(1, abs=0.01)
    assert high == pytest.approx(1, abs=0.01)


def test_a_selection_that_is_a_product_is_within_the_bounds():
    low, high, ratio = bounds(np.outer([0.9, 0.6], [0.8, 0.5]))
    assert ratio == pytest.approx(1)
    assert low <= 1 <= high


def test_bounds_are_narrower_than_the_worst_case():
    """A tenth of the labels of each side is missing at random, and a pair of 20% categories is twice as common."""
    counted_units, joint, own = 900_000, 72_000, 180_000
    lost = 100_000
    even = [SelectedShare(name, 200_000, own, 800_000, 720_000) for name in "ab"]
    low, high = ratio_bounds(*even, counted_units, (lost, lost), 0.95)
    # At worst no lost unit has both, and every lost unit has the category of which nothing is known.
    whole, margin = counted_units + 2 * lost, own + 0.2 * lost + 0.8 * lost
    assert joint * counted_units / own**2 == 2
    assert joint * whole / margin**2 < 1.02
    assert low == pytest.approx(1, abs=0.02)
    assert high == pytest.approx(1, abs=0.02)


def test_coverage_is_uneven_by_a_chi_square_test_of_each_category():
    one, other = SelectedShare("a", 100, 80, 300, 180), SelectedShare("b", 100, 65, 300, 195)
    table = [[80, 20], [180, 120]]
    assert one.p == pytest.approx(float(stats.chi2_contingency(table, correction=False).pvalue))
    assert (one.share, one.others, one.difference) == (0.8, 0.6, pytest.approx(0.2))
    assert other.p == 1
    assert is_uneven([one, other])
    assert not is_uneven([other])
    assert not is_uneven([])
    slight = SelectedShare("c", 100, 71, 300, 180)
    assert 0.04 < slight.p < 0.05
    assert is_uneven([slight])
    assert is_uneven([slight, other])
    assert not is_uneven([slight, other, other])


@pytest.mark.parametrize("counts", [(0, 0, 10, 5), (10, 10, 30, 30), (10, 0, 30, 0)])
def test_nothing_is_tested_where_nothing_varies(counts):
    assert SelectedShare("a", *counts).p == 1
