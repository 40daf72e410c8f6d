"""Bounds of a share by every way to fill in missing labels, and coverage that moved."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from diptych.contrib.history.missing_labels import Labelled, change_bounds, coverage_shift


def labelled(units, n_uncounted=0):
    """Return units given as (given, outcome), each True, False or None where its label is missing."""
    given, outcome = zip(*units, strict=True)
    counted = np.arange(len(units)) < len(units) - n_uncounted
    one = np.ones(len(units))
    sides = [
        part
        for side in (given, outcome)
        for part in (np.array([bool(x) for x in side], dtype=float), np.array([x is not None for x in side]))
    ]
    return Labelled(*sides, counted, one, one)


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
