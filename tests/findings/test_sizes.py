"""The mismatches expected from category sizes, against a Poisson regression."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from diptych.findings.sizes import by_size


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
