"""Arrays of numbers: the same distinct values by sorting and by hashes."""

import numpy as np
import pytest

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
