"""Critical values of estimates from unequal groups, against dense matrices, published formulas and normal draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from diptych.inference.critical_values import POWERS, Student, Widest, unequal_groups, worst
from diptych.inference.moments import power_sums
from tests.draws import draws


def law_of(sizes, rho, own=None):
    """The law (1,) of groups of these weights, each with its sum of squared weights."""
    m = np.asarray(sizes, dtype=float)[:, None]
    u = m if own is None else np.asarray(own, dtype=float)[:, None]
    return unequal_groups(np.array([rho]), m.sum(0), u.sum(0), (m**2).sum(0), power_sums(m, u))


def log_normal(n, seed=1):
    return np.maximum(np.rint(30 * np.exp(np.random.default_rng(seed).standard_normal(n))), 1)


def one_large(n, part):
    return np.r_[part, np.full(n - 1, (1 - part) / (n - 1))] * 40 * n


def test_sums_of_powers_are_those_of_the_exponents():
    rng = np.random.default_rng(3)
    m, u = rng.uniform(0, 5, (2, 7, 3))
    for sums, (i, j) in zip(power_sums(m, u), POWERS, strict=True):
        assert sums == pytest.approx((u**i * m**j).sum(axis=0))
    assert power_sums(m, m) == pytest.approx(power_sums(m, m.copy()))


@pytest.mark.parametrize("sizes", [log_normal(14), one_large(15, 0.5), np.full(9, 7.0)], ids=["log", "half", "equal"])
def test_freedom_is_that_of_clubsandwich_for_a_mean(sizes):
    """The formula that the tests of clubSandwich (CR1, Satterthwaite) check the package with, for independent units."""
    n = sizes.sum()
    two, three = (sizes**2).sum(), (sizes**3).sum()
    published = (n**2 - two) ** 2 / (n**2 * two - 2 * n * three + two**2)
    assert law_of(sizes, 0.0).freedom[0] == pytest.approx(published, rel=1e-9)


@pytest.mark.parametrize("rho", [0.0, 0.03, 0.4, 1.0])
@pytest.mark.parametrize("sizes", [log_normal(12, 5), one_large(20, 0.25), one_large(8, 0.5)], ids=["log", "25", "50"])
def test_bias_freedom_and_what_z_tells_are_those_of_dense_matrices(sizes, rho):
    """Pustejovsky & Tipton (2018), equation 11; z and the residuals are jointly normal."""
    variances = (1 - rho) * sizes + rho * sizes**2
    whole, leverage = variances.sum(), sizes / sizes.sum()
    residual = np.eye(len(sizes)) - np.outer(leverage, np.ones(len(sizes)))
    covariance = residual @ np.diag(variances) @ residual.T
    slope = residual @ variances / whole  # of the residuals by z
    given = (covariance - whole * np.outer(slope, slope)) / whole
    law = law_of(sizes, rho)
    assert law.bias[0] == pytest.approx(np.trace(covariance) / whole, rel=1e-6)
    assert law.freedom[0] == pytest.approx(np.trace(covariance) ** 2 / np.trace(covariance @ covariance), rel=1e-6)
    assert law.kappa[0] == pytest.approx(slope @ slope, rel=1e-6, abs=1e-12)
    assert law.rest[0] == pytest.approx(np.trace(given), rel=1e-6)
    assert law.spread[0] == pytest.approx(np.trace(given @ given), rel=1e-6)
    assert law.cross[0] == pytest.approx(slope @ given @ slope, rel=1e-6, abs=1e-12)
    assert law.third[0] == pytest.approx(np.trace(given @ given @ given), rel=1e-6)
    assert law.bend[0] == pytest.approx(slope @ given @ given @ slope, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_equal_groups_have_t(rho):
    law = law_of(np.full(9, 30.0), rho)
    assert law.quantile(0.95)[0] == pytest.approx(stats.t.ppf(0.975, 8), rel=1e-9)
    assert law.two_sided(np.array([2.5]))[0] == pytest.approx(2 * stats.t.sf(2.5, 8), rel=1e-9)
    assert law.bias[0] == pytest.approx(8 / 9)


@pytest.mark.parametrize("rho", [0.02, 0.2, 1.0])
@pytest.mark.parametrize(
    "sizes",
    [log_normal(8, 2), log_normal(40, 3), one_large(8, 0.5), one_large(40, 0.25), one_large(60, 0.5)],
    ids=["8 log-normal", "40 log-normal", "8, one half", "40, one a quarter", "60, one half"],
)
def test_quantiles_are_those_of_normal_draws(sizes, rho):
    """At most 5 % too short and 17 % too long; t with Satterthwaite's degrees of freedom is up to 5 times too long."""
    rng = np.random.default_rng(8)
    z = rng.standard_normal((draws(20_000, 100_000), len(sizes)))
    z = z * np.sqrt((1 - rho) * sizes + rho * sizes**2)
    total = z.sum(axis=1)
    residual = z - np.outer(total, sizes / sizes.sum())
    law = law_of(sizes, rho)
    distance = np.abs(total) / np.sqrt((residual**2).sum(axis=1) / law.bias[0])
    for level in (0.9, 0.95):
        assert -0.05 < np.log(law.quantile(level)[0] / np.quantile(distance, level)) < 0.16
    if len(sizes) == 60:
        assert stats.t.ppf(0.975, law.freedom[0]) > 1.5 * np.quantile(distance, 0.95)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999, 1 - 1e-6])
@pytest.mark.parametrize("sizes", [log_normal(8, 2), one_large(60, 0.5), log_normal(300, 4)])
def test_tail_and_quantile_are_of_one_law(sizes, level):
    law = law_of(sizes, 0.1)
    assert law.two_sided(law.quantile(level))[0] == pytest.approx(1 - level, rel=0.1)


def test_three_groups_show_no_error_and_four_equal_ones_do():
    assert not law_of(np.full(3, 10.0), 0.2).estimable[0]
    assert law_of(np.full(4, 10.0), 0.2).estimable[0]
    assert not law_of([1000.0, 1.0, 1.0, 1.0], 0.2).estimable[0]
    assert not law_of([10.0], 0.2).estimable[0]
    assert np.isnan(law_of([10.0], 0.2).quantile(0.95)[0])
    assert Student(np.array([2.9, 3.0, np.inf])).estimable.tolist() == [False, True, True]
    assert np.isnan(Student(np.array([0.5])).quantile(0.95)[0])


def test_the_worst_margin_reaches_farthest():
    laws = [law_of(log_normal(40, 3), 0.1), law_of(one_large(8, 0.5), 0.1)]
    assert worst(laws).quantile(0.95) == pytest.approx(laws[1].quantile(0.95))
    both = Widest(laws[0], Student(np.array([4.0])))
    assert both.quantile(0.95)[0] == pytest.approx(stats.t.ppf(0.975, 4))
    assert both.two_sided(np.array([3.0]))[0] == pytest.approx(2 * stats.t.sf(3, 4))
