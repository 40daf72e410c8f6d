"""Shares and net counts of the whole population, against scipy and sums by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from diptych.cells import Estimate
from diptych.inference.totals import net_total, proportion
from tests.matrices.tiny import P, tiny

Z = 1.959963984540054
FIVE = tuple(P("A", "X" if i < 3 else "Y", 4 + i, f"g{i}") for i in range(5))


def share_of(column, *patterns, level=0.95, **how):
    incidence = tiny(*patterns, **how)
    whole = incidence.row_sets[:, 0].astype(float)
    return proportion(whole * incidence.column_sets[:, "XY".index(column)], whole, incidence, level)


def net_of(*patterns, level=0.95, **how):
    incidence = tiny(*patterns, **how)
    coefficient = incidence.column_sets[:, 0].astype(float) - incidence.column_sets[:, 1]
    return net_total(coefficient, incidence, level)


def test_independent_shares_are_wilson():
    found = share_of("X", P("A", "X", 6), P("A", "Y", 4), P("B", "X", 9), level=0.9)
    authority = stats.binomtest(6, 10).proportion_ci(0.9, method="wilson")
    assert (found.value, found.low, found.high) == pytest.approx((0.6, authority.low, authority.high))


def test_grouped_shares_are_linearised_on_the_logit():
    # Units of a group are copies, so the correlation is 1. Groups have one size: the law is t, G - 1 degrees of freedom.
    found = share_of("X", *(P("A", "X" if i < 3 else "Y", 6, f"g{i}") for i in range(5)), groups=True)
    p = 18 / 30
    z = (np.array([6, 6, 6, 0, 0]) - p * 6) / 30
    of_groups = 5 / 4 * (z @ z)
    of_units = p * (1 - p) / 30 * 30 / 29 * 6
    assert of_groups > of_units
    half = stats.t.ppf(0.975, 4) * math.sqrt(of_groups) / (p * (1 - p))
    ends = [1 / (1 + math.exp(-(math.log(1.5) + side * half))) for side in (-1, 1)]
    assert (found.value, found.low, found.high) == pytest.approx((p, *ends))


def test_shares_of_unequal_groups_reach_less_far_than_by_the_degrees_of_freedom_of_satterthwaite():
    found = share_of("X", *FIVE, groups=True)
    sizes = np.array([4, 5, 6, 7, 8])
    z = (np.array([4, 5, 6, 0, 0]) - sizes / 2) / 30
    leverage = sizes / 30
    # Variances of the totals are as m^2. Covariance of the residuals e = (I - h 1') z, by dense matrices.
    residual = np.eye(5) - np.outer(leverage, np.ones(5))
    variance = np.diag(sizes**2 / (sizes @ sizes))
    of_residuals = residual @ variance @ residual.T
    freedom = np.trace(of_residuals) ** 2 / np.trace(of_residuals @ of_residuals)
    error = math.sqrt((z @ z) / np.trace(of_residuals)) / 0.25
    assert (found.value, found.low) == (0.5, pytest.approx(1 - found.high))
    reach = math.log(found.high / found.low)
    assert stats.norm.ppf(0.975) * error < reach < stats.t.ppf(0.975, freedom) * error


def test_weighted_shares_count_by_their_weights():
    found = share_of("X", P("A", "X", 4, weights=(3.0, 2.0, 2.0, 1.0)), P("A", "Y", 4, weights=(1.0, 1.0, 2.0, 1.0)))
    weights = np.array([3, 2, 2, 1, 1, 1, 2, 1])
    p = 8 / 13
    z = weights * (np.array([1, 1, 1, 1, 0, 0, 0, 0]) - p) / 13
    # The larger of the variance of these weights, and of weights that are unrelated to X.
    variance = 8 / 7 * max(z @ z, p * (1 - p) * 25 / 169)
    trials = p * (1 - p) / variance * (Z / stats.t.ppf(0.975, 169 / 25 - 1)) ** 2
    centre = (p + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z * math.sqrt(p * (1 - p) / trials + Z**2 / (4 * trials**2)) / (1 + Z**2 / trials)
    assert (found.value, found.low, found.high) == pytest.approx((p, centre - half, centre + half))


def test_weights_worth_fewer_than_four_units_give_no_interval():
    found = share_of("X", P("A", "X", 2, weights=(6.0, 2.0)), P("A", "Y", 2, weights=(1.0, 1.0)))
    assert found == Estimate(0.8)


def test_all_of_five_groups_and_one_group():
    assert share_of("X", *FIVE[:3], groups=True).low == pytest.approx(1 / (1 + Z**2 / (15**2 / 77)))
    one = share_of("X", P("A", "X", 3, "g"), P("A", "Y", 3, "g"), groups=True)
    assert one.value == 0.5
    # Wilson of half of one trial.
    assert (one.low, one.high) == pytest.approx((0.5 - Z / 2 / math.sqrt(1 + Z**2), 0.5 + Z / 2 / math.sqrt(1 + Z**2)))


def test_a_share_of_nothing():
    for groups in (False, True):
        for patterns in ((), (P("B", "X", 3),)):
            found = share_of("X", *patterns, groups=groups)
            assert math.isnan(found.value)
            assert (found.low, found.high) == (None, None)


def test_net_of_independent_units():
    found = net_of(P("A", "X", 30), P("A", "Y", 10), P("B", "", 42))
    half = Z * math.sqrt(82 / 81 * (40 - 20**2 / 82))
    assert (found.value, found.low, found.high) == pytest.approx((20, 20 - half, 20 + half))


def test_net_of_groups():
    found = net_of(*FIVE, groups=True)
    per_group = np.array([4, 5, 6, -7, -8])
    error = math.sqrt(5 / 4 * (per_group @ per_group))
    half = stats.t.ppf(0.975, 30**2 / 190 - 1) * error
    assert (found.value, found.low, found.high) == pytest.approx((0, -half, half))


def test_net_of_weighted_units_uses_how_weights_vary():
    found = net_of(P("A", "X", 5, weights=(3.0, 3.0, 1.0, 1.0, 1.0)), P("A", "Y", 2, weights=(2.0, 2.0)))
    half = stats.t.ppf(0.975, 13**2 / 29 - 1) * math.sqrt(7 / 6 * (29 - 5**2 / 7))
    assert (found.value, found.low, found.high) == pytest.approx((5, 5 - half, 5 + half))


@pytest.mark.parametrize(
    ("patterns", "groups", "value"),
    [
        ((), False, 0),
        ((), True, 0),
        ((P("A", "X", 1),), False, 1),
        ((P("A", "X", 7, "g"), P("A", "Y", 3, "g"), P("A", "", 9, "h")), True, 4),
        ((P("A", "X", 7, "g"), P("A", "Y", 3, "g")), True, 4),
        (tuple(P("A", "X", 2, f"g{i}") for i in range(6)), True, 12),
        ((P("A", "XY", 5), P("B", "", 2)), False, 0),
    ],
    ids=["none", "no groups", "one unit", "one group reached", "one group", "groups alike", "never"],
)
def test_a_net_without_an_interval(patterns, groups, value):
    assert net_of(*patterns, groups=groups) == Estimate(value)


@pytest.mark.parametrize(("sizes", "known"), [((1000, *[1] * 9), False), ((5, 6, 7), False), ((5, 5, 5, 5, 6), True)])
def test_a_net_of_fewer_than_three_degrees_of_freedom_has_no_interval(sizes, known):
    found = net_of(*[P("A", "X", n, f"g{i}") for i, n in enumerate(sizes)], groups=True)
    assert found.value == sum(sizes)
    assert (found.low is not None) == known
