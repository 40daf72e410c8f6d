"""Causes: the mean over orders, by hand."""

import pytest

from diptych.history.causes import named, shapley


def test_a_cause_that_acts_alone_has_it_all():
    values = {frozenset(): 1.0, frozenset({"data"}): 1.0, frozenset({"taxonomy"}): 3.0}
    values[frozenset({"data", "taxonomy"})] = 3.0
    assert shapley(["data", "taxonomy"], values.__getitem__) == {"data": 0.0, "taxonomy": 2.0}


def test_what_two_do_together_is_halved():
    # data first: 1 then 4; taxonomy first: 2 then 3
    values = {frozenset(): 0.0, frozenset({"data"}): 1.0, frozenset({"taxonomy"}): 2.0}
    values[frozenset({"data", "taxonomy"})] = 5.0
    assert shapley(["data", "taxonomy"], values.__getitem__) == {"data": 2.0, "taxonomy": 3.0}


def test_of_three_the_shares_add_up_to_the_change():
    # v(S) = |S|^2: each by symmetry a third of 9
    found = shapley(["data", "taxonomy", "settings"], lambda new: float(len(new) ** 2))
    assert found == pytest.approx({"data": 3.0, "taxonomy": 3.0, "settings": 3.0})


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
