"""A fit that pairs far off do not bend, on tables of which everything is known."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from diptych.inference import quasi_independence
from diptych.inference.crossings import fit_without, trimmed
from diptych.measures.structure import by_size

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


def test_tables_in_which_nothing_crosses_are_fitted_by_zeros():
    """Their factors would grow without end beside those of a table in which something crosses."""
    still, moving = np.diag([0.0, 3170.0, 302.0]), np.array([[9.0, 1, 0], [2, 9, 3], [0, 1, 9]])
    fitted = by_size(np.stack([still, moving]))
    assert (fitted[0] == 0).all()
    assert np.array_equal(fitted[1], by_size(moving[None])[0])
    assert fitted[1].sum(axis=0) == pytest.approx(moving.sum(axis=0))


@pytest.mark.parametrize("heavier", [0.1, 1, 10, 1000])
def test_a_fit_by_size_is_the_poisson_regression_with_a_common_diagonal(heavier):
    """However strongly categories keep to themselves, where steps of scaling come to rest late."""
    sizes = np.outer([1, 2, 4, 9, 30], [3, 1, 8, 20, 5]) * np.where(np.eye(5), heavier, 1)
    tables = np.random.default_rng(5).poisson(sizes, (20, 5, 5)).astype(np.float64)
    fitted = by_size(tables)
    diagonal = np.eye(5, dtype=bool)
    assert fitted.sum(axis=2) == pytest.approx(tables.sum(axis=2), rel=1e-7, abs=1e-6)
    assert fitted.sum(axis=1) == pytest.approx(tables.sum(axis=1), rel=1e-7, abs=1e-6)
    row, column = (pd.get_dummies(place.ravel()).to_numpy(float) for place in np.indices((5, 5)))
    design = np.column_stack([row, column[:, 1:], diagonal.ravel()])
    for table, fit in zip(tables[:3], fitted, strict=False):
        known = sm.GLM(table.ravel(), design, family=sm.families.Poisson()).fit(tol=1e-12)
        assert fit.ravel() == pytest.approx(known.fittedvalues, rel=1e-6, abs=1e-6)
