"""Quasi-symmetry: published fits, and the conditions of the fit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels import api

from diptych.findings.flows import fit

QUICK = settings(deadline=None, derandomize=True, max_examples=60)
tables = (
    st.integers(2, 6)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 25)))
    .map(lambda table: table.astype(float))
)

# Stuart (1953, 1955): unaided distance vision of 7,477 women, right eye down, left eye across.
VISION = np.array([[1520.0, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]])


def test_published_fit_to_the_vision_table():
    # Bishop, Fienberg & Holland (1975), Agresti (2013): G2 = 7.27 on 3 degrees of freedom.
    model = fit(VISION)
    deviance = 2 * (VISION * np.log(VISION / model.fitted)).sum()
    assert (round(deviance, 2), model.df) == (7.27, 3)


def test_equals_the_loglinear_model():
    a, b = np.indices(VISION.shape).reshape(2, -1)
    low, high = np.minimum(a, b), np.maximum(a, b)
    pair = low * 4 + high
    design = np.column_stack([*(pair == p for p in np.unique(pair)), *(a == i for i in range(1, 4))]).astype(float)
    glm = api.GLM(VISION.ravel(), design, family=api.families.Poisson()).fit(tol=1e-12)
    model = fit(VISION)
    assert model.fitted.ravel() == pytest.approx(glm.fittedvalues, rel=1e-8)
    assert model.df == glm.df_resid


@QUICK
@given(table=tables)
def test_conditions_of_the_fit(table):
    model = fit(table)
    fitted, total = model.fitted, max(table.sum(), 1)
    assert np.diag(fitted) == pytest.approx(np.diag(table))
    assert fitted + fitted.T == pytest.approx(table + table.T, abs=1e-9 * total)
    assert fitted.sum(axis=1) == pytest.approx(table.sum(axis=1), abs=1e-8 * total)
    assert fitted.sum(axis=0) == pytest.approx(table.sum(axis=0), abs=1e-8 * total)
    # Symmetric odds ratios: m_ab m_bc m_ca = m_ba m_cb m_ac around every cycle of three within a set.
    for a, b, c in itertools.combinations(range(len(table)), 3):
        if len({model.sets[i] for i in (a, b, c)}) == 1:
            one_way = fitted[a, b] * fitted[b, c] * fitted[c, a]
            other = fitted[b, a] * fitted[c, b] * fitted[a, c]
            assert one_way == pytest.approx(other, rel=1e-6, abs=1e-9)


@QUICK
@given(table=tables, seed=st.integers(0, 9), times=st.integers(2, 5))
def test_fit_knows_neither_order_nor_scale(table, seed, times):
    order = np.random.default_rng(seed).permutation(len(table))
    moved = fit(times * table[np.ix_(order, order)])
    assert moved.fitted == pytest.approx(
        times * fit(table).fitted[np.ix_(order, order)], abs=1e-7 * table.sum() + 1e-12
    )
    assert moved.df == fit(table).df


@QUICK
@given(table=tables)
def test_the_reversed_table_has_the_reversed_fit(table):
    assert fit(table.T).fitted == pytest.approx(fit(table).fitted.T, abs=1e-8 * max(table.sum(), 1))


def test_a_symmetric_table_and_one_of_margins_fit_exactly():
    symmetric = np.array([[5.0, 2, 3], [2, 1, 7], [3, 7, 2]])
    independent = np.outer([1.0, 2, 3], [6.0, 1, 4])
    for table in (symmetric, independent, symmetric * independent):
        assert fit(table).fitted == pytest.approx(table, rel=1e-9)


def test_flows_that_run_one_way_between_sets_are_fitted_as_they_are():
    # A and B exchange units; both send to C, which sends none back: nothing finite fits C, its cells stay.
    table = np.array([[1.0, 6, 5], [2, 1, 3], [0, 0, 4]])
    model = fit(table)
    assert model.fitted == pytest.approx(table)
    assert model.sets[0] == model.sets[1] != model.sets[2]
    assert model.df == 0


def test_a_star_of_categories_leaves_nothing_to_judge():
    # Everything passes through the first category: no cycle checks a pair, the sizes make all of it.
    table = np.array([[9.0, 8, 3, 5], [2, 9, 0, 0], [7, 0, 9, 0], [1, 0, 0, 9]])
    model = fit(table)
    assert model.df == 0
    assert model.fitted == pytest.approx(table)


def test_flows_of_very_different_sizes():
    table = np.array([[0, 1e9, 3, 1e5], [40, 0, 1e7, 2], [1e6, 5, 0, 8], [1, 1e4, 1e8, 0]])
    model = fit(table)
    assert model.fitted.sum(axis=1) == pytest.approx(table.sum(axis=1), rel=1e-9)
    assert model.fitted.sum(axis=0) == pytest.approx(table.sum(axis=0), rel=1e-9)
    assert (model.fitted[~np.eye(4, dtype=bool)] > 0).all()


@pytest.mark.parametrize("seed", range(40))
def test_sums_hold_relative_to_each_count_however_unequal_they_are(seed):
    """From one unit to a thousand million: each sum is met to its own digits, not to those of the largest."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(3, 9))
    table = np.round(10 ** rng.uniform(0, 9, (k, k)))
    np.fill_diagonal(table, 0)
    model = fit(table)
    assert model.fitted.sum(axis=1) == pytest.approx(table.sum(axis=1), rel=1e-9)
    assert model.fitted.sum(axis=0) == pytest.approx(table.sum(axis=0), rel=1e-9)


def test_it_does_not_matter_where_the_fit_starts():
    assert fit(VISION, np.array([3.0, -2, 0, 1])).fitted == pytest.approx(fit(VISION).fitted, rel=1e-12)


def test_the_inverse_is_that_of_moore_and_penrose():
    model = fit(VISION)
    laplacian = np.diag(model.information.sum(axis=1)) - model.information
    assert model.inverse == pytest.approx(np.linalg.pinv(laplacian), rel=1e-9, abs=1e-15)


def test_no_flow_and_one_category():
    for table in (np.diag([3.0, 4.0]), np.array([[7.0]]), np.zeros((3, 3))):
        model = fit(table)
        assert (model.fitted.tolist(), model.df) == (table.tolist(), 0)


def test_the_counts_stay_as_they_were():
    before = VISION.copy()
    fit(VISION)
    assert (before == VISION).all()
