"""Error rates: Wilson's interval for a rule, and a weighted mean over the rules of a category."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from diptych.contrib.audit.sheet import weighted_rate

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("n", "wrong"), [(20, 0), (20, 1), (20, 19), (50, 25), (7, 7)])
def test_one_rule_in_a_large_population_has_the_interval_of_wilson(n, wrong):
    ends = binomtest(wrong, n).proportion_ci(0.95, method="wilson")
    rate = weighted_rate([(10**9, n, wrong)], 0.95)
    assert (rate.value, rate.low, rate.high) == pytest.approx((wrong / n, ends.low, ends.high), abs=1e-6)


def test_a_sample_without_replacement_has_a_shorter_interval():
    large, small = weighted_rate([(10**9, 20, 4)], 0.95), weighted_rate([(40, 20, 4)], 0.95)
    assert large.low < small.low < small.value < small.high < large.high
    assert small.low >= 4 / 40
    assert small.high <= 24 / 40


def test_a_rule_that_was_judged_completely_has_an_exact_rate():
    assert weighted_rate([(8, 8, 2)], 0.95) == weighted_rate([(4, 4, 0), (4, 4, 2)], 0.9)


def test_a_category_is_the_weighted_mean_of_its_rules():
    rate = weighted_rate([(900, 10, 1), (100, 10, 5)], 0.95)
    assert rate.value == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)
    # by hand: one right and one wrong item added to each rule
    p = (2 / 12, 6 / 12)
    variance = 0.81 * p[0] * (1 - p[0]) * 890 / 899 / 10 + 0.01 * p[1] * (1 - p[1]) * 90 / 99 / 10
    middle = 0.9 * p[0] + 0.1 * p[1]
    n, z = middle * (1 - middle) / variance, 1.959964
    centre, half = (0.14 + z**2 / (2 * n)), z * math.sqrt(0.14 * 0.86 / n + z**2 / (4 * n**2))
    ends = [(centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)]
    assert (rate.low, rate.high) == pytest.approx(tuple(ends), abs=1e-6)


@pytest.mark.parametrize(
    "strata",
    [
        [(500, 50, 20)],
        [(2000, 40, 10), (100, 30, 10)],
        [(1000, 10, 5), (300, 60, 5), (40, 20, 5), (12, 6, 5)],
        [(3000, 15, 7), (3000, 900, 7), (60, 0, 6)],
    ],
)
def test_intervals_contain_the_truth_in_about_95_of_100_samples(strata):
    random = np.random.default_rng(1)
    truth = sum(wrong for _, wrong, _ in strata) / sum(whole for whole, _, _ in strata)
    samples = np.column_stack([random.hypergeometric(wrong, whole - wrong, n, 1000) for whole, wrong, n in strata])
    rates = [
        weighted_rate([(whole, n, wrong) for (whole, _, n), wrong in zip(strata, found, strict=True)], 0.95)
        for found in samples.tolist()
    ]
    assert 0.93 <= np.mean([rate.low <= truth <= rate.high for rate in rates]) <= 0.995
    assert np.mean([rate.value for rate in rates]) == pytest.approx(truth, abs=0.01)
