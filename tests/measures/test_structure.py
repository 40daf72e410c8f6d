"""The uncertainty coefficient: against other programs, at its ends, and refused where units form no one table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics

from diptych.cells import Refusal
from diptych.measures.structure import Uncertainty, uncertainty, uncertainty_coefficients
from tests.matrices.tiny import P, tiny

QUICK = settings(deadline=None, derandomize=True, max_examples=60)
squares = (
    st.integers(2, 5)
    .flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 30)))
    .map(lambda table: table.astype(float))
)


@QUICK
@given(table=squares)
def test_it_equals_homogeneity_and_is_made_of_entropies(table):
    assume(uncertainty(table) is not None)
    rows, columns = np.repeat(np.indices(table.shape).reshape(2, -1), table.ravel().astype(int), axis=1)
    # Homogeneity: 1 - H(class | cluster) / H(class) (Rosenberg & Hirschberg 2007).
    assert uncertainty(table) == pytest.approx(metrics.homogeneity_score(columns, rows), abs=1e-9)
    conditional = sum(row.sum() / table.sum() * stats.entropy(row) for row in table if row.sum())
    assert uncertainty(table) == pytest.approx(1 - conditional / stats.entropy(table.sum(axis=0)), abs=1e-9)


@QUICK
@given(table=squares, seed=st.integers(0, 9))
def test_order_and_scale_do_not_matter(table, seed):
    order = np.random.default_rng(seed).permutation(len(table))
    value = uncertainty(table)
    shuffled = uncertainty(table[np.ix_(order, order)])
    if value is None:
        assert shuffled is None
        return
    assert 0 <= value <= 1
    assert shuffled == pytest.approx(value, abs=1e-9)
    assert uncertainty(table * 3) == pytest.approx(value, abs=1e-9)


def test_ends():
    assert uncertainty(np.diag([3.0, 5.0, 2.0])) == pytest.approx(1)
    assert uncertainty(np.outer([1, 2, 3], [4, 1, 1]).astype(float)) == pytest.approx(0, abs=1e-12)
    # The column decides the row, the row not the column.
    one_way = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    assert uncertainty(one_way.T) == pytest.approx(1)
    assert uncertainty(one_way) == pytest.approx(math.log(2) / stats.entropy([1, 1, 2]))
    assert uncertainty(np.array([[7.0, 0.0], [0.0, 0.0]])) is None


def test_both_directions_of_a_relation():
    # A with X and with Y, B with Z: the columns decide the rows.
    found = uncertainty_coefficients(tiny(P("A", "X", 1), P("A", "Y", 1), P("B", "Z", 2), columns="XYZ"))
    assert isinstance(found, Uncertainty)
    assert (found.of_rows, found.of_columns) == (
        pytest.approx(1),
        pytest.approx(math.log(2) / stats.entropy([1, 1, 2])),
    )


@pytest.mark.parametrize(
    ("incidence", "reason"),
    [
        (tiny(P("AB", "X", 3), P("A", "Y", 2)), "3 units have several categories and would count several times"),
        (
            tiny(P("A", "A", 9), columns="AB", one=True, trivial=True),
            "both axes are the same items, so equal categories meet by construction",
        ),
    ],
)
def test_units_that_form_no_one_table_are_refused(incidence, reason):
    assert uncertainty_coefficients(incidence) == Refusal(reason)
