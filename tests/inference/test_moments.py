"""Moments of per-group totals against loops over single units."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.inference.moments import GIVEN, JOINT, OUTCOME, UNITS, Moments, moments
from diptych.matrices.counts import tabulate
from tests.matrices.tiny import P, adds, random_patterns, tiny, units_of

ROWS, COLUMNS = "ABC", "WXYZ"


def by_loop(patterns, *, rows=ROWS, columns=COLUMNS):
    """Return totals and second moments, one unit and one cell at a time."""
    units = units_of(patterns)
    totals, second = np.zeros((4, len(rows), len(columns))), np.zeros((4, 4, len(rows), len(columns)))
    for i, a in enumerate(rows):
        for j, b in enumerate(columns):
            groups = {}
            for unit in units:
                groups[unit.group] = groups.get(unit.group, np.zeros(4)) + adds(unit, a, b)
            for sums in groups.values():
                totals[:, i, j] += sums
                second[:, :, i, j] += np.outer(sums, sums)
    return totals, second, len({unit.group for unit in units})


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_groups", [0, 1, 6, 200])
def test_equal_a_loop_over_units(n_groups, weighted):
    patterns = random_patterns(n_groups + 7, 60, n_groups=n_groups, weighted=weighted, rows=ROWS, columns=COLUMNS)
    found = moments(tiny(*patterns, rows=ROWS, columns=COLUMNS, groups=n_groups > 0))
    totals, second, groups = by_loop(patterns)
    assert found.totals == pytest.approx(totals, rel=1e-12)
    assert found.second == pytest.approx(second, rel=1e-12)
    assert (found.n_groups, found.independent) == (groups, n_groups == 0)


@pytest.mark.parametrize("chunk", [1, 12, 40, 10_000])
def test_memory_does_not_change_numbers(monkeypatch, chunk):
    patterns = random_patterns(3, 80, n_groups=12, rows=ROWS, columns=COLUMNS)
    incidence = tiny(*patterns, rows=ROWS, columns=COLUMNS, groups=True)
    whole = moments(incidence).second
    monkeypatch.setattr("diptych.inference.moments._MOST", chunk)
    assert moments(incidence).second.tolist() == whole.tolist()


def test_patterns_need_not_come_sorted_by_group():
    patterns = random_patterns(4, 50, n_groups=9)
    there, back = moments(tiny(*patterns, groups=True)), moments(tiny(*patterns[::-1], groups=True))
    assert there.second.tolist() == back.second.tolist()


def test_by_hand():
    # Group g: 2 AX, 1 A; group h: 1 AX, 3 X.
    found = moments(
        tiny(
            P("A", "X", 2, "g"),
            P("A", "", 1, "g"),
            P("A", "X", 1, "h"),
            P("", "X", 3, "h"),
            rows="A",
            columns="X",
            groups=True,
        )
    )
    assert found.totals[:, 0, 0].tolist() == [3, 4, 6, 7]
    g, h = np.array([2, 3, 2, 3]), np.array([1, 1, 4, 4])
    assert found.second[:, :, 0, 0].tolist() == (np.outer(g, g) + np.outer(h, h)).tolist()
    assert found.effective_groups(GIVEN).tolist() == [[16 / 10]]
    assert found.effective_groups(OUTCOME).tolist() == [[36 / 20]]
    # With two groups the covariance is half the outer product of their difference, doubled by 2 / (2 - 1).
    assert found.covariance()[:, :, 0, 0].tolist() == np.outer(g - h, g - h).tolist()


def test_effective_groups():
    even = moments(tiny(*[P("A", "X", 5, f"g{i}") for i in range(8)], groups=True))
    assert even.effective_groups(GIVEN)[0, 0] == 8
    assert even.effective_groups(GIVEN)[1, 0] == 0
    one = moments(tiny(P("A", "X", 9, "g"), P("B", "Y", 2, "h"), groups=True))
    assert one.effective_groups(GIVEN)[0, 0] == 1
    uneven = moments(tiny(P("A", "X", 90, "g"), *[P("A", "X", 1, f"h{i}") for i in range(10)], groups=True))
    assert uneven.effective_groups(GIVEN)[0, 0] == pytest.approx(100**2 / (90**2 + 10))
    kish = moments(tiny(P("A", "X", 3, weights=(8.0, 1.0, 1.0))))
    assert kish.effective_groups(GIVEN)[0, 0] == pytest.approx(100 / 66)


def test_covariance_of_independent_units_is_multinomial():
    found = moments(tiny(P("A", "X", 6), P("A", "", 4), P("", "X", 2), P("", "", 8), rows="A", columns="X"))
    covariance = found.covariance()[:, :, 0, 0] * 19 / 20
    n = np.array([6, 10, 8, 20]) / 20
    both = np.array([[6, 6, 6, 6], [6, 10, 6, 10], [6, 6, 8, 8], [6, 10, 8, 20]]) / 20
    assert covariance == pytest.approx(20 * (both - np.outer(n, n)), abs=1e-12)


def test_reversed_is_the_moments_of_the_mirrored_incidence():
    patterns = random_patterns(9, 40, n_groups=5, rows=ROWS, columns=COLUMNS)
    mirrored = [p._replace(rows=p.columns, columns=p.rows) for p in patterns]
    back = moments(tiny(*patterns, rows=ROWS, columns=COLUMNS, groups=True)).T
    direct = moments(tiny(*mirrored, rows=COLUMNS, columns=ROWS, groups=True))
    assert back.totals.tolist() == direct.totals.tolist()
    assert back.second.tolist() == direct.second.tolist()


def test_totals_are_the_counts_to_the_last_digit():
    incidence = tiny(*random_patterns(2, 90, rows=ROWS, columns=COLUMNS), rows=ROWS, columns=COLUMNS)
    found, counts = moments(incidence), tabulate(incidence)
    assert found.totals[JOINT].tolist() == counts.joint.tolist()
    assert found.totals[GIVEN][:, 0].tolist() == counts.given.tolist()
    assert found.totals[OUTCOME][0].tolist() == counts.outcome.tolist()
    assert (found.totals[UNITS] == counts.n_units).all()


@pytest.mark.parametrize("groups", [False, True])
def test_nothing_at_all(groups):
    found = moments(tiny(groups=groups))
    assert (found.totals == 0).all()
    assert (found.second == 0).all()
    assert found.n_groups == 0
    assert np.isnan(found.covariance()).all()
    assert (found.effective_groups(GIVEN) == 0).all()


def test_one_group_has_no_covariance():
    found = moments(tiny(P("A", "X", 5, "g"), P("B", "Y", 5, "g"), groups=True))
    assert found.n_groups == 1
    assert np.isnan(found.covariance()).all()
    assert isinstance(found, Moments)
