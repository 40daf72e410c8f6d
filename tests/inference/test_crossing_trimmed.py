"""A fit that pairs far off do not bend, on tables of which everything is known."""

import numpy as np
import pytest

from diptych.inference import quasi_independence
from diptych.inference.crossings import fit_without, trimmed

ALPHA, BETA = np.array([2.0, 3.0, 5.0, 7.0, 4.0]), np.array([6.0, 2.0, 8.0, 3.0, 5.0])
OFF = ~np.eye(5, dtype=bool)
SIZES = np.where(OFF, np.outer(ALPHA, BETA), 0)


def times(*pairs):
    factors = np.ones((5, 5))
    for a, b, factor in pairs:
        factors[a, b] = factor
    return factors


def test_what_sizes_made_is_its_own_fit():
    found = trimmed(SIZES[None], 2.0)
    assert not found.left_out.any()
    assert found.expected == pytest.approx(SIZES)


def test_without_anything_left_out_it_is_quasi_independence():
    rng = np.random.default_rng(3)
    tables = rng.poisson(20, (4, 6, 6)).astype(float)
    none = np.zeros((6, 6), dtype=bool)
    assert fit_without(tables, none) == pytest.approx(quasi_independence.fit(tables).fitted, rel=1e-6)


@pytest.mark.parametrize("pairs", [[(0, 1, 10), (1, 0, 10)], [(2, 4, 6)], [(0, 1, 8), (1, 0, 8), (3, 4, 9)]])
def test_pairs_that_are_far_off_are_left_out_and_the_rest_is_as_sizes_made_it(pairs):
    found = trimmed((SIZES * times(*pairs))[None], 2.0)
    wanted = {frozenset(pair[:2]) for pair in pairs}
    assert {frozenset(pair) for pair in zip(*np.nonzero(found.left_out), strict=True)} == wanted
    assert found.expected == pytest.approx(SIZES, rel=1e-5)


def test_a_pair_under_the_limit_stays_in():
    assert not trimmed((SIZES * times((0, 1, 1.5), (1, 0, 1.5)))[None], 2.0).left_out.any()


def test_a_table_that_cannot_tell_adds_as_many_as_it_has():
    """Where only two categories cross nothing is left without their pair."""
    alone = np.zeros((5, 5))
    alone[0, 1], alone[1, 0] = 90, 40
    strong = SIZES * times((0, 1, 10), (1, 0, 10))
    found = trimmed(np.stack([strong, alone]), 1.2)
    assert found.left_out[0, 1]
    assert found.expected == pytest.approx(SIZES + alone, rel=1e-5)


def test_three_categories_cannot_spare_a_pair():
    """Without it the two halves of the table hang together through no cell."""
    table = np.array([[0.0, 80, 5], [70, 0, 6], [7, 4, 0]])
    assert not trimmed(table[None], 2.0).left_out.any()
