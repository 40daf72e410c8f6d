"""Causes: which are named of the shares that they have."""

import pytest

from diptych.contrib.history.changes import named


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({}, ()),
        ({"data": 0.0}, ()),
        ({"data": -0.3, "taxonomy": 0.01}, ("data",)),
        ({"data": 0.2, "taxonomy": 0.1}, ("data", "taxonomy")),  # two thirds are not over two thirds
        ({"data": 0.1, "taxonomy": -0.2, "settings": 0.2}, ("taxonomy", "settings")),
        ({"program": 1.0}, ("program",)),
    ],
)
def test_the_largest_is_named_and_two_where_none_has_over_two_thirds(shares, expected):
    assert named(shares) == expected
