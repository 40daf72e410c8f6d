"""Bounds of a share by every way to fill in missing labels, and coverage that moved."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.history.missing_labels import LabelledUnits, _noise_of_groups, change_bounds, coverage_shift


def labelled(units, n_uncounted=0):
    """Return units given as (given, outcome), each True, False or None where its label is missing."""
    counted = np.arange(len(units)) < len(units) - n_uncounted
    one = np.ones(len(units))
    return LabelledUnits(*_sides(units), counted, one, one)


def enumerated(units):
    """Return the least and the largest share over all ways to fill in what is missing."""
    shares = []
    for filled in product(*([x] if x is not None else [True, False] for unit in units for x in unit)):
        pairs = list(zip(filled[::2], filled[1::2], strict=True))
        whole = sum(given for given, _ in pairs)
        if whole:
            shares.append(sum(given and outcome for given, outcome in pairs) / whole)
    return min(shares), max(shares)


@pytest.mark.parametrize("seed", range(40))
def test_bounds_are_those_of_every_way_to_fill_in_labels(seed):
    rng = np.random.default_rng(seed)
    draw = [[None, True, False][k] for k in rng.choice(3, 12, p=[0.3, 0.4, 0.3])]
    units = [(True, True), (True, False), *zip(draw[::2], draw[1::2], strict=True)]
    assert labelled(units).bounds == pytest.approx(enumerated(units))


def test_a_change_lies_between_the_bounds_of_both_times():
    old = labelled([(True, True)] * 6 + [(True, False)] * 4)
    new = labelled([(True, True)] * 6 + [(True, None)] * 4)
    assert change_bounds(old, new) == pytest.approx((0.6 - 0.6, 1.0 - 0.6))


def test_coverage_that_moved_is_that_of_all_units_or_of_those_with_the_category():
    """Of 200 units 100 have the category; at the later time 40 of these lack an outcome: 80% and 60% are counted."""
    old = labelled([(True, True)] * 100 + [(False, True)] * 100)
    new = labelled([(True, True)] * 60 + [(False, True)] * 100 + [(True, None)] * 40, n_uncounted=40)
    found = coverage_shift(old, new)
    assert (found.shares, found.of_given) == (pytest.approx((1.0, 0.6)), True)
    everywhere = labelled([(True, True)] * 80 + [(False, True)] * 80 + [(None, None)] * 40, n_uncounted=40)
    found = coverage_shift(old, everywhere)
    assert (found.shares, found.of_given) == (pytest.approx((1.0, 0.8)), False)


def test_units_with_both_labels_that_are_not_counted_are_no_coverage():
    old = labelled([(True, True)] * 200)
    new = labelled([(True, True)] * 200, n_uncounted=50)
    assert coverage_shift(old, new).shares == pytest.approx((1.0, 0.75))


def test_coverage_that_moved_by_noise_alone_is_none():
    old = labelled([(True, True)] * 95 + [(True, None)] * 5, n_uncounted=5)
    new = labelled([(True, True)] * 90 + [(True, None)] * 10, n_uncounted=10)
    assert coverage_shift(old, new) is None  # z = 1.34
    assert coverage_shift(old, old) is None


def test_coverage_of_whole_groups_moves_less_surely():
    """Two of ten classes lack all labels at the later time: 40 of 200 records, but two of ten groups."""
    group = np.repeat(np.arange(20), 20)
    units = [(True, True)] * 360 + [(True, None)] * 40
    new = np.arange(400) >= 200
    times = [
        LabelledUnits(
            *_sides(units), np.array([u[1] is not None for u in units]), own.astype(float), own.astype(float), of
        )
        for of in (None, group)
        for own in (~new, new)
    ]
    assert coverage_shift(*times[:2]).shares == pytest.approx((1.0, 0.8))
    assert coverage_shift(*times[2:]) is None
    # As many labels that are missing in all classes alike are missing by more than noise.
    even = [(True, None if k % 5 == 0 and k >= 200 else True) for k in range(400)]
    counted = np.array([u[1] is not None for u in even])
    times = [LabelledUnits(*_sides(even), counted, own.astype(float), own.astype(float), group) for own in (~new, new)]
    assert coverage_shift(*times).shares == pytest.approx((1.0, 0.8))


def _sides(units):
    """Return the indicators of labels, and where they are known, of both sides."""
    return [
        part
        for side in zip(*units, strict=True)
        for part in (np.array([bool(x) for x in side], dtype=float), np.array([x is not None for x in side]))
    ]


def test_the_variance_over_groups_is_that_of_a_ratio():
    """By hand: the residuals of each class, over all of it, with G / (G - 1)."""
    rng = np.random.default_rng(1)
    group = rng.integers(0, 12, 500)
    units = [(True, True if rng.random() < 0.3 + 0.05 * g else None) for g in group]
    counted = np.array([u[1] is not None for u in units])
    new = rng.random(500) < 0.5
    times = [LabelledUnits(*_sides(units), counted, own.astype(float), own.astype(float), group) for own in (~new, new)]
    moved = np.zeros(12)
    for sign, own in ((-1, ~new), (1, new)):
        residual = (counted - counted[own].mean()) * own / own.sum()
        moved += sign * np.bincount(group, residual, 12)
    n = np.bincount(group, minlength=12)
    t = stats.t.ppf(0.975, n.sum() ** 2 / (n @ n) - 1)
    assert _noise_of_groups(*times, of_given=False) == pytest.approx(t * np.sqrt(12 / 11 * moved @ moved))


def test_few_groups_do_not_show_how_coverage_varies():
    group = np.arange(400) % 3
    units = [(True, True)] * 360 + [(True, None)] * 40
    new = np.arange(400) >= 200
    counted = np.array([u[1] is not None for u in units])
    times = [LabelledUnits(*_sides(units), counted, own.astype(float), own.astype(float), group) for own in (~new, new)]
    assert _noise_of_groups(*times, of_given=False) == 0
