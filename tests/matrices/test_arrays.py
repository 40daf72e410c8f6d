"""Arrays of numbers: the same distinct values by sorting and by hashes, the same connected sets as by scipy."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import csgraph

from diptych import arrays


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_few_and_many_values_are_numbered_alike(dtype, monkeypatch):
    values = np.random.default_rng(4).integers(0, 60, 400).astype(dtype) * 2**40
    sorted_ = arrays.ranked(values), arrays.in_order(values)
    monkeypatch.setattr(arrays, "_MANY", 0)
    hashed = arrays.ranked(values), arrays.in_order(values)
    assert [part.tolist() for part in (*sorted_[0], sorted_[1])] == [part.tolist() for part in (*hashed[0], hashed[1])]


def test_numbers_are_by_rank_or_by_first_appearance():
    values = np.array([7, 3, 7, 9])
    number, distinct = arrays.ranked(values)
    assert (number.tolist(), distinct.tolist()) == ([1, 0, 1, 2], [3, 7, 9])
    assert arrays.in_order(values).tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize("seed", range(40))
def test_connected_sets_are_those_of_the_library(seed):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 12))
    edge = draw.random((n, n)) < draw.choice([0.05, 0.15, 0.3, 0.6])
    found = arrays.connected(edge)
    n_sets, expected = csgraph.connected_components(sparse.csr_array(edge), directed=True, connection="strong")
    assert len(set(found.tolist())) == n_sets
    assert np.array_equal(found[:, None] == found[None, :], expected[:, None] == expected[None, :])
    assert [int(np.argmax(found == k)) for k in range(n_sets)] == sorted(
        int(np.argmax(found == k)) for k in range(n_sets)
    )
