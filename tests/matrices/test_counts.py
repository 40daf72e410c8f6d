"""Counts and margins, counted by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from diptych.stats.matrices import tabulate
from tests.matrices.tiny import DATASETS, MODELS, P, adds, random_patterns, tiny, units_of

# Seven units: three AX, two AB x Y, one without a row category, one without any.
SEVEN = (P("A", "X", 3), P("AB", "Y", 2), P("", "X", 1), P("", "", 1))


def test_counts_and_margins():
    counts = tabulate(tiny(*SEVEN))
    assert counts.joint.tolist() == [[3, 2], [0, 2]]
    assert counts.given.tolist() == [5, 2]
    assert counts.outcome.tolist() == [4, 2]
    assert counts.n_units == 7
    assert counts.expected_within is None
    assert (counts.given_side.kind, counts.outcome_side.kind) == (DATASETS, MODELS)


def test_unlabelled_units_stay_in_the_population():
    with_them, without = tabulate(tiny(*SEVEN)), tabulate(tiny(*SEVEN[:2]))
    assert (with_them.n_units, without.n_units) == (7, 5)
    assert with_them.joint.tolist() == without.joint.tolist()
    assert with_them.expected.tolist() == pytest.approx(np.array([[20 / 7, 10 / 7], [8 / 7, 4 / 7]]))


def test_reversed_exchanges_everything():
    counts = tabulate(tiny(P("A", "X", 3, stratum="s"), P("AB", "YZ", 2, stratum="t"), columns="XYZ", strata=True))
    back = counts.T
    assert back.joint.tolist() == [[3, 0], [2, 2], [2, 2]]
    assert back.given.tolist() == [3, 2, 2]
    assert back.outcome.tolist() == [5, 2]
    assert back.expected_within.tolist() == counts.expected_within.T.tolist()
    assert (back.given_side, back.outcome_side) == (counts.outcome_side, counts.given_side)
    assert (back.given_side.categories, back.n_units) == (("X", "Y", "Z"), 5)
    assert back.T.joint.tolist() == counts.joint.tolist()


def test_strata_sum_expected_counts():
    # In s: 4 A, 1 B of 5; 3 X, 2 Y. In t: 1 A, 3 B of 4; 1 X, 3 Y. In u nothing is labelled.
    incidence = tiny(
        P("A", "X", 3, stratum="s"),
        P("A", "Y", 1, stratum="s"),
        P("B", "Y", 1, stratum="s"),
        P("A", "X", 1, stratum="t"),
        P("B", "Y", 3, stratum="t"),
        P("", "", 6, stratum="u"),
        strata=True,
    )
    counts = tabulate(incidence)
    expected = [
        [4 * 3 / 5 + 1 * 1 / 4, 4 * 2 / 5 + 1 * 3 / 4],
        [1 * 3 / 5 + 3 * 1 / 4, 1 * 2 / 5 + 3 * 3 / 4],
    ]
    assert counts.expected_within == pytest.approx(np.array(expected), abs=1e-14)
    assert counts.expected[0, 0] == pytest.approx(5 * 4 / 15)


def test_weights_are_summed_and_units_counted():
    incidence = tiny(P("A", "X", 2, weights=(0.5, 3.0)), P("AB", "Y", 1, weights=(10.0,)))
    by_weight, by_units = tabulate(incidence), tabulate(incidence, "units")
    assert by_weight.joint.tolist() == [[3.5, 10], [0, 10]]
    assert by_weight.given.tolist() == [13.5, 10]
    assert by_weight.n_units == 13.5
    assert by_units.joint.tolist() == [[2, 1], [0, 1]]
    assert by_units.given.tolist() == [3, 1]
    assert by_units.n_units == 3


def test_no_units_and_one_category():
    nothing = tabulate(tiny(rows="A", columns="XY", strata=True))
    assert (nothing.n_units, nothing.joint.tolist(), nothing.given.tolist()) == (0, [[0, 0]], [0])
    assert nothing.expected.tolist() == [[0, 0]]
    assert nothing.expected_within.tolist() == [[0, 0]]
    one = tabulate(tiny(P("A", "X", 4), rows="A", columns="X"))
    assert (one.joint.tolist(), one.expected.tolist()) == ([[4]], [[4]])


def test_many_categories_are_counted_as_few_are():
    """Sixty by sixty, where zeros are skipped, against a loop over units."""
    names = "".join(chr(0x100 + i) for i in range(60))
    patterns = random_patterns(3, 20, rows=names, columns=names)
    counts = tabulate(tiny(*patterns, rows=names, columns=names))
    joint = {}
    for unit in units_of(patterns):
        for a, b in product(unit.rows, unit.columns):
            joint[a, b] = joint.get((a, b), 0) + adds(unit, a, b)[0]
    expected = [[float(joint.get((a, b), 0)) for b in names] for a in names]
    np.testing.assert_allclose(counts.joint, expected, rtol=1e-12)
    assert counts.joint.any()
