"""All pairs of categories: each end solved anew, and one verdict of every measure of association."""

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from diptych.arrays import over
from diptych.stats.measures import MEASURES, interval
from diptych.stats.pairs import Pairs, pairs_of
from diptych.stats.shares import ALL, BOTH, ROW, Design, correlation, quantile, table_totals, wilson
from tests.draws import draws
from tests.matrices.tiny import P, random_patterns, tiny

LEVELS = (0.01, 0.05, 0.3)
ASSOCIATIONS = {"lift": 1, "log2_lift": 0, "difference": 0, "odds_ratio": 1, "relative_risk": 1, "phi": 0}
KINDS = pytest.mark.parametrize(
    ("groups", "weighted"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["units", "groups", "weights", "weighted groups"],
)


def incidence_of(seed, *, groups, weighted):
    return tiny(
        *random_patterns(seed, 25 + 10 * (seed % 5), n_groups=8 if groups else 0, weighted=weighted), groups=groups
    )


@KINDS
@pytest.mark.parametrize("seed", range(draws(4, 40)))
def test_every_measure_of_association_is_clear_exactly_where_the_difference_is(seed, groups, weighted):
    incidence = incidence_of(seed, groups=groups, weighted=weighted)
    pairs = pairs_of(incidence)
    known = ~pairs.is_fixed & np.isfinite(pairs.difference.value)
    for alpha in LEVELS:
        is_clear = pairs.difference.p < alpha
        sign = np.sign(pairs.difference.value)
        for name, none in ASSOCIATIONS.items():
            for is_turned in (False, True):
                low, high = interval(MEASURES[name], pairs, alpha, is_turned=is_turned, worth=incidence.worth_of_one)
                low, high = (of.T if is_turned else of for of in (low, high))
                at = known & (np.abs(pairs.difference.p - alpha) > 1e-6) & ~np.isnan(low)
                beyond = np.where(sign > 0, low > none + 1e-9, high < none - 1e-9)
                assert (beyond == is_clear)[at].all(), (name, is_turned, alpha)


@KINDS
def test_ends_are_extremes_over_the_region_of_both_shares(groups, weighted):
    pairs = pairs_of(incidence_of(3, groups=groups, weighted=weighted))
    given, n = pairs.totals.first[ROW], pairs.totals.first[ALL]
    own, others = pairs.shares
    c = quantile(pairs.difference.freedom, 0.05)
    ranges = [wilson(of.value, of.effective, c) for of in (own, others)]
    apart = correlation(pairs.totals, own, others)
    turn = np.linspace(0, 2 * np.pi, 4001)[:, None, None]
    along = np.cos(turn), np.cos(turn + np.arccos(-apart))
    for end, signs in ((0, (-1, 1)), (1, (1, -1))):
        reach = [of_both[s > 0] - of.value for of_both, s, of in zip(ranges, signs, (own, others), strict=True)]
        p, q = (np.clip(of.value + r * x, 0, 1) for of, r, x in zip((own, others), reach, along, strict=True))
        for name in ("difference", "phi", "relative_risk"):
            value = MEASURES[name](given * p, given, given * p + (n - given) * q, n)
            best = (np.nanmin, np.nanmax)[end](value, axis=0)
            found = interval(MEASURES[name], pairs, 0.05, worth=1.0)[end]
            at = np.isfinite(found) & (pairs.totals.first[BOTH] > 0) & (others.value > 0)
            assert found[at] == pytest.approx(best[at], rel=2e-4, abs=2e-4), name


@KINDS
def test_a_value_is_within_its_interval(groups, weighted):
    for seed in range(5):
        incidence = incidence_of(seed, groups=groups, weighted=weighted)
        pairs = pairs_of(incidence)
        for name in {*MEASURES} - {"standardized_residual"}:
            low, high = interval(MEASURES[name], pairs, 0.05, worth=incidence.worth_of_one)
            worth = incidence.worth_of_one if MEASURES[name].sized else 1.0
            value = MEASURES[name](*(worth * of for of in pairs.totals.first))
            there = np.isfinite(value) & np.isfinite(low)
            assert (low <= value + 1e-9)[there].all(), name
            assert ((value <= high + 1e-9) | np.isnan(high))[there].all(), name


def test_of_a_category_that_all_units_or_none_have_nothing_is_compared():
    one = np.ones(20)
    rows, columns = np.ones((20, 2), bool), np.arange(20)[:, None] < (7, 12)
    rows[:, 1] = False
    pairs = Pairs(table_totals(rows, columns, Design(one, one, one)))
    assert pairs.is_fixed.all()
    assert np.isnan(pairs.lift(0.05)).all()
    assert np.isnan(interval(MEASURES["difference"], pairs, 0.05)).all()


@pytest.mark.parametrize(("both", "row", "column", "neither"), [
    (30, 70, 20, 180),  # more than by chance
    (5, 95, 60, 140),  # less
    (0, 40, 30, 130),  # no unit has both
])  # fmt: skip
def test_the_ends_of_a_lift_allow_for_the_size_of_its_row(both, row, column, neither):
    counts = {("A", "X"): both, ("A", ""): row, ("", "X"): column, ("", ""): neither}
    pairs = pairs_of(tiny(*(P(*names, n) for names, n in counts.items() if n)))
    n, given = sum(counts.values()), both + row
    lift, size = both * n / (given * (both + column)), given / n
    sizes = proportion_confint(given, n, method="wilson")
    at_this_size = [end[0, 0] for end in pairs.ends(lambda ab, a, b, n: over(ab * n, a * b, np.nan), 0.05)]
    found = [end[0, 0] for end in pairs.lift(0.05)]
    for end, of, farthest, sign in zip(at_this_size, found, (min, max), (-1, 1), strict=True):
        if both == 0 and sign < 0:
            assert of == 0
            continue
        ratio = (1 / end - size) / (1 - size)  # P(b|not a) / P(b|a)
        beyond = farthest(end, *(1 / (s + (1 - s) * ratio) for s in sizes))
        reach = math.hypot(math.log(end / lift), math.log(beyond / end)) if both else 0.0
        assert of == pytest.approx(lift * math.exp(sign * reach) if both else beyond, rel=1e-6)


def test_totals_turned_are_those_of_the_turned_table():
    rng = np.random.default_rng(2)
    rows, columns = rng.random((60, 3)) < 0.5, rng.random((60, 2)) < 0.4
    weight = rng.uniform(1, 3, 60)
    design = Design(weight, weight**2, np.ones(60), rng.integers(0, 9, 60))
    there, back = table_totals(rows, columns, design).T, table_totals(columns, rows, design)
    for name in ("first", "second", "squares", "units", "clusters"):
        assert np.allclose(getattr(there, name), getattr(back, name)), name
    assert there.first[BOTH].shape == (2, 3)
