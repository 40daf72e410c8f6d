"""Intervals against scipy, formulas written out, and groups drawn again by brute force."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diptych.inference.intervals import (
    effective_groups,
    interval,
    linearised,
    standard_error,
    wilson,
    working_error,
)
from diptych.inference.moments import GIVEN, OUTCOME, UNITS, moments
from diptych.measures import MEASURES
from diptych.measures.association import lift_interval
from tests.matrices.tiny import P, adds, random_patterns, tiny, units_of

QUICK = settings(deadline=None, derandomize=True)


def ends_of(name, incidence, level=0.95):
    measure = MEASURES[name]
    ends = interval(measure, moments(incidence), level)
    return float(ends.low[0, 0]), float(ends.high[0, 0])


def value_of(name, incidence):
    return float(MEASURES[name](*moments(incidence).totals)[0, 0])


def error_of(name, incidence):
    return float(standard_error(MEASURES[name], moments(incidence))[0, 0])


@QUICK
@given(n=st.integers(1, 10_000), share=st.floats(0, 1), level=st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_wilson_equals_scipy(n, share, level):
    k = round(share * n)
    found = wilson(np.array([[float(k)]]), np.array([[float(n)]]), level)
    authority = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx((authority.low, authority.high), abs=1e-12)
    assert 0 <= found.low[0, 0] <= k / n <= found.high[0, 0] <= 1


def test_wilson_at_the_bounds_and_without_trials():
    found = wilson(np.array([0.0, 20.0, 0.0]), np.array([20.0, 20.0, 0.0]), 0.95)
    assert found.low[:2].tolist() == [0, pytest.approx(0.838875, abs=1e-6)]
    assert found.high[:2].tolist() == [pytest.approx(0.161125, abs=1e-6), 1]
    assert math.isnan(found.low[2])
    assert math.isnan(found.high[2])


@pytest.mark.parametrize(("name", "trials"), [("conditional", 10), ("share", 20), ("jaccard", 12)])
def test_shares_of_independent_units_are_wilson(name, trials):
    incidence = tiny(P("A", "X", 6), P("A", "", 4), P("", "X", 2), P("", "", 8), rows="A", columns="X")
    assert ends_of(name, incidence) == pytest.approx(
        tuple(stats.binomtest(6, trials).proportion_ci(0.95, method="wilson"))
    )


def lift_by_hand(joint, n_a, n_b, n, z=1.959963984540054):
    """The delta method on the four cells of the multinomial: log lift = log p11 - log p1. - log p.1."""
    joint_or_half = joint or 0.5
    p = [joint_or_half / n, (n_a - joint_or_half) / n, (n_b - joint_or_half) / n]
    p1, p2 = n_a / n, n_b / n
    slope = [1 / p[0] - 1 / p1 - 1 / p2, -1 / p1, -1 / p2]
    mean = sum(s * q for s, q in zip(slope, p, strict=True))
    variance = (sum(s * s * q for s, q in zip(slope, p, strict=True)) - mean**2) / n
    lift = math.exp(math.log(p[0]) - math.log(p1) - math.log(p2))
    half = z * math.sqrt(variance)
    return (lift * math.exp(-half) if joint else 0.0), lift * math.exp(half)


@pytest.mark.parametrize(
    "totals", [(6, 10, 8, 20), (1, 30, 40, 900), (200, 230, 250, 900), (4, 5, 5, 50), (0, 12, 9, 80)]
)
def test_lift_equals_the_delta_method(totals):
    found = lift_interval(np.array(totals, dtype=float).reshape(4, 1, 1), 0.95)
    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx(lift_by_hand(*totals), rel=1e-9)


@pytest.mark.parametrize("totals", [(0, 0, 5, 9), (0, 5, 0, 9), (5, 9, 5, 9), (5, 5, 9, 9), (9, 9, 9, 9), (0, 0, 0, 0)])
def test_lift_has_no_interval_where_it_cannot_vary(totals):
    found = lift_interval(np.array(totals, dtype=float).reshape(4, 1, 1), 0.95)
    assert math.isnan(found.low[0, 0])
    assert math.isnan(found.high[0, 0])


def residuals(name, patterns):
    """The linearised variable of each group, its slopes worked out by hand, for cell A x X."""
    groups = {}
    for unit in units_of(patterns):
        groups[unit.group] = groups.get(unit.group, np.zeros(4)) + adds(unit, "A", "X")
    sums = np.array(list(groups.values()))
    j, a, b, n = sums.sum(axis=0)
    p, q, lift = j / a, (b - j) / (n - a), n * j / (a * b)
    z = {
        "count": sums @ [1, 0, 0, 0],
        "share": sums @ [1, 0, 0, -j / n] / n,
        "conditional": sums @ [1, -p, 0, 0] / a,
        "lift": lift * sums @ [1 / j, -1 / a, -1 / b, 1 / n],
        "log2_lift": sums @ [1 / j, -1 / a, -1 / b, 1 / n] / math.log(2),
        "difference": sums @ [1, -p, 0, 0] / a - sums @ [-1, q, 1, -q] / (n - a),
        "jaccard": sums @ [a + b, -j, -j, 0] / (a + b - j) ** 2,
    }[name]
    return z, len(sums)


GROUPED = tuple(random_patterns(11, 150, n_groups=60))
BY_HAND = ["count", "share", "conditional", "lift", "log2_lift", "difference", "jaccard"]


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("weighted", [False, True])
def test_standard_error_equals_residuals_by_hand(name, weighted):
    patterns = random_patterns(11, 150, n_groups=60, weighted=weighted)
    z, g = residuals(name, patterns)
    variance = g / (g - 1) * ((z - z.mean()) ** 2).sum()
    assert error_of(name, tiny(*patterns, groups=True)) == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_weighted_units_are_groups_of_their_own():
    patterns = random_patterns(5, 60, weighted=True)
    z, g = residuals("conditional", patterns)
    assert error_of("conditional", tiny(*patterns)) == pytest.approx(math.sqrt(g / (g - 1) * (z @ z)), rel=1e-9)


@pytest.mark.parametrize("name", list(MEASURES))
def test_standard_error_equals_groups_drawn_again(name):
    # 60 groups, 4,000 draws: the bootstrap's own error is about 1 / sqrt(8,000) = 1.1 %, and what
    # linearising leaves out is of order 1 / groups; together within 8 %.
    sums = {}
    for unit in units_of(GROUPED):
        sums[unit.group] = sums.get(unit.group, np.zeros(4)) + adds(unit, "A", "X")
    per_group = np.array(list(sums.values()))
    drawn = np.random.default_rng(1).multinomial(len(per_group), [1 / len(per_group)] * len(per_group), 4000)
    values = MEASURES[name](*(drawn @ per_group).T)
    error = error_of(name, tiny(*GROUPED, groups=True))
    if name == "odds_ratio":  # skewed; its interval is made on the logarithm
        error, values = error / value_of(name, tiny(*GROUPED, groups=True)), np.log(values)
    assert error == pytest.approx(values.std() * math.sqrt(len(per_group) / (len(per_group) - 1)), rel=0.08)


@pytest.mark.parametrize(
    ("name", "forward", "slope"),
    [
        ("conditional", lambda v: math.log(v / (1 - v)), lambda v: 1 / (v * (1 - v))),
        ("lift", math.log, lambda v: 1 / v),
        ("phi", math.atanh, lambda v: 1 / (1 - v * v)),
        ("log2_lift", lambda v: v, lambda _: 1.0),
    ],
)
def test_ends_lie_alike_on_the_unbounded_scale_with_t_of_the_working_model(name, forward, slope):
    incidence = tiny(*GROUPED, groups=True)
    value, margins = value_of(name, incidence), (GIVEN, OUTCOME, UNITS) if MEASURES[name].info.symmetric else (GIVEN,)
    error, law = working_error(MEASURES[name], moments(incidence), margins)
    half = float(law.quantile(0.9)[0, 0] * error[0, 0]) * slope(value)
    low, high = ends_of(name, incidence, level=0.9)
    assert (forward(low), forward(high)) == pytest.approx((forward(value) - half, forward(value) + half))


def test_groups_of_one_unit_give_nearly_wilson():
    patterns = [P("A", "X", 300), P("A", "", 200), P("", "X", 100), P("", "", 400)]
    alone = [p._replace(units=1, group=f"{i}.{k}") for i, p in enumerate(patterns) for k in range(p.units)]
    assert ends_of("conditional", tiny(*alone, groups=True)) == pytest.approx(
        ends_of("conditional", tiny(*patterns)), abs=5e-4
    )


def test_the_smaller_margin_rules_symmetric_measures():
    incidence = tiny(*[P("A", "X", 1, f"g{i}") for i in range(6)], P("A", "", 30, "g0"), groups=True)
    m = moments(incidence)
    smaller, given = 36**2 / (31**2 + 5), 6.0
    assert effective_groups(MEASURES["conditional"], m)[0, 0] == pytest.approx(smaller)
    assert effective_groups(MEASURES["conditional"], m.T)[0, 0] == given
    assert effective_groups(MEASURES["lift"], m.T)[0, 0] == pytest.approx(smaller)


# What is no certainty


def spread(*patterns):
    """Add two groups that have neither category, so that A x X is never all there is."""
    return tiny(*patterns, P("B", "Y", 4, "y"), P("B", "", 3, "z"), groups=True)


ALL = spread(*[P("A", "X", 4, f"g{i}") for i in range(5)])
NONE = spread(*[P("A", "Y", 4, f"g{i}") for i in range(5)], P("B", "X", 2, "y"))


def test_all_of_five_groups_is_wilson_of_five():
    assert ends_of("conditional", ALL) == pytest.approx((0.565518, 1), abs=1e-6)
    assert ends_of("conditional", NONE) == pytest.approx((0, 0.434482), abs=1e-6)


def test_one_group_holds_the_category():
    # 3 of 8, all in one group: its variance over groups is 0, which says nothing. One trial, as Wilson has it.
    incidence = spread(P("A", "X", 3, "g"), P("A", "", 5, "g"))
    low, high = ends_of("conditional", incidence)
    assert error_of("conditional", incidence) == 0
    assert (low, high) == pytest.approx(wilson_by_hand(3 / 8, 1))
    assert high - low > 0.8


def wilson_by_hand(p, n, z=1.959963984540054):
    root = math.sqrt(4 * n * p * (1 - p) + z * z)
    return (2 * n * p + z * z - z * root) / (2 * (n + z * z)), (2 * n * p + z * z + z * root) / (2 * (n + z * z))


def test_all_units_in_one_group():
    incidence = tiny(P("A", "X", 3, "g"), P("A", "", 5, "g"), P("B", "X", 1, "g"), groups=True)
    assert ends_of("conditional", incidence) == pytest.approx(wilson_by_hand(3 / 8, 1))
    assert ends_of("difference", incidence) == pytest.approx(newcombe(3 / 8, 1, 1, 1))
    for name in ("count", "lift", "log2_lift", "phi"):
        assert np.isnan(ends_of(name, incidence)).all()


def test_groups_that_do_not_differ_are_no_certainty():
    # Seven groups, each with 1 A and X of 3 A, 2 X and 7 in all: every group says the same.
    one = [P("A", "X", 1), P("A", "", 2), P("", "X", 1), P("", "", 3)]
    incidence = tiny(*[p._replace(group=f"g{i}") for i in range(7) for p in one], groups=True)
    assert ends_of("conditional", incidence) == pytest.approx(wilson_by_hand(1 / 3, 7))
    assert ends_of("share", incidence) == pytest.approx(wilson_by_hand(1 / 7, 7))
    assert ends_of("difference", incidence) == pytest.approx(newcombe(1 / 3, 7, 1 / 4, 7))
    for name in ("count", "lift", "log2_lift", "phi"):
        assert error_of(name, incidence) == 0
        assert np.isnan(ends_of(name, incidence)).all()


# All or nothing: no unit shows how n_ab varies, so Wilson's interval of the smaller category stands for it.

LEAST_OF_FIVE, MOST_OF_FIVE = 0.565518, 0.434482
"""Wilson's ends of 5 of 5 and of 0 of 5."""


@pytest.mark.parametrize("name", ["phi", "difference"])
@pytest.mark.parametrize("groups", [True, False])
def test_measures_at_their_upper_bound_reach_down_to_the_least_share(name, groups):
    # A and X are the same five groups of two units, or ten units. Elsewhere five others of two.
    patterns = [P("A", "X", 2, f"g{i}") for i in range(5)] + [P("", "", 2, f"h{i}") for i in range(5)]
    incidence = tiny(*patterns, groups=groups)
    share = LEAST_OF_FIVE if groups else stats.binomtest(10, 10).proportion_ci(0.95, "wilson").low
    least = {
        "phi": 2 * share - 1,  # (20 * 10 s - 100) / 100
        "difference": 1 - math.sqrt(2) * (1 - share),  # both shares may be so far off, each by itself
    }
    assert value_of(name, incidence) == 1
    assert ends_of(name, incidence) == (pytest.approx(least[name], abs=1e-5), 1)


def all_of_the_smaller(n_larger=8):
    """Five groups have 2 A, all with X; others have X alone, or nothing, by different numbers of units."""
    met = [P("A", "X", 2, f"g{i}") for i in range(5)]
    larger = [P("B", "X", 1 + i % 3, f"h{i}") for i in range(n_larger)]
    return tiny(*met, *larger, *[P("B", "Y", 2 + i % 4, f"k{i}") for i in range(9)], groups=True)


@pytest.mark.parametrize(("name", "scale"), [("lift", np.log), ("log2_lift", lambda v: v)])
def test_lower_end_where_all_groups_of_the_smaller_category_meet(name, scale):
    incidence = all_of_the_smaller()
    measure, m = MEASURES[name], moments(incidence)
    margins = linearised(measure, m, 0.95)
    n_b, n = (float(total[0, 0]) for total in m.totals[2:])
    value, least = ({"lift": s * n / n_b, "log2_lift": math.log2(s * n / n_b)}[name] for s in (1, LEAST_OF_FIVE))
    of_margins, of_share = scale(value) - scale(margins.low[0, 0]), scale(value) - scale(least)
    low, high = ends_of(name, incidence)
    assert scale(value) - scale(low) == pytest.approx(math.hypot(of_margins, of_share), rel=1e-5)
    assert high == margins.high[0, 0]


def test_lower_end_of_a_lift_where_all_units_of_the_smaller_category_meet():
    # 8 of b among the 400 of a, of 2,000: Wilson for 8 of 8 is 68 %, and the chance of 400 in 2,000 is the delta
    # method's: z sqrt(1/8 - 1/400 - 1/8 + 9/2000).
    found = lift_interval(np.array([8.0, 400, 8, 2000]).reshape(4, 1, 1), 0.95)
    share = stats.binomtest(8, 8).proportion_ci(0.95, "wilson").low
    distance = math.hypot(1.959963984540054 * math.sqrt(9 / 2000 - 1 / 400), math.log(share))
    assert found.low[0, 0] == pytest.approx(5 * math.exp(-distance))
    assert found.high[0, 0] == pytest.approx(lift_by_hand(8, 400, 8, 2000)[1])


@pytest.mark.parametrize("weighted", [False, True])
def test_where_none_meet_a_lift_reaches_up_to_the_share_that_few_groups_leave_open(weighted):
    # None of 5 groups with 10 A in all have X; 40 units, 13 of X. Up to 43 % of A may have X, if 5 groups say none.
    weights = (0.5, 0.5) if weighted else None
    apart = [P("A", "Y", 2, f"g{i}", weights=weights) for i in range(5)]
    other = [P("B", "X", 1, f"h{i}", weights=weights and (0.5,)) for i in range(13)]
    rest = [P("B", "", 1, f"k{i}", weights=weights and (0.5,)) for i in range(17)]
    incidence = tiny(*apart, *other, *rest, groups=True)
    assert ends_of("lift", incidence) == (0, pytest.approx(MOST_OF_FIVE * 40 / 13, abs=1e-5))
    assert np.isnan(ends_of("log2_lift", incidence)).all()


def test_the_smaller_category_has_as_many_trials_as_effective_groups():
    # X is the smaller, in one group of 3 and one of 1: 16 / 10 effective groups; A has five.
    incidence = tiny(
        *[P("A", "", 3, f"g{i}") for i in range(5)],
        P("B", "X", 3, "h0"), P("B", "X", 1, "h1"), P("B", "", 9, "h2"), groups=True,
    )  # fmt: skip
    most = wilson_by_hand(0, 1.6)[1] * 28 / 15
    assert ends_of("lift", incidence) == (0, pytest.approx(most))
    assert float(MEASURES["lift"](*moments(incidence).totals)[0, 0]) == 0


def test_odds_and_risks_of_none_that_meet_reach_from_their_bound_to_that_share():
    # 10 A in five groups, none with X; 30 other units, 13 with X: at most 4.34 of the 10 and of the 13.
    apart = [P("A", "Y", 2, f"g{i}") for i in range(5)]
    other = [P("B", "X", 1, f"h{i}") for i in range(13)] + [P("B", "", 1, f"k{i}") for i in range(17)]
    incidence = tiny(*apart, *other, groups=True)
    both = MOST_OF_FIVE * 10
    only_a, only_x, neither = 10 - both, 13 - both, 17 + both
    risks, odds = (both / 10) / (only_x / 30), both * neither / (only_a * only_x)
    assert ends_of("relative_risk", incidence) == (0, pytest.approx(risks, rel=1e-5))
    assert ends_of("odds_ratio", incidence) == (0, pytest.approx(odds, rel=1e-5))


@pytest.mark.parametrize("name", list(MEASURES))
def test_where_some_meet_nothing_is_moved(name):
    incidence = tiny(*GROUPED, groups=True)
    measure, m = MEASURES[name], moments(incidence)
    plain = linearised(measure, m, 0.95)
    if not measure.info.statistic and name != "difference":
        assert ends_of(name, incidence) == (plain.low[0, 0], plain.high[0, 0])


@pytest.mark.parametrize("counts", [(6, 4, 2, 8), (5, 0, 7, 20), (3, 3, 3, 3)])
def test_the_log_of_a_lift_has_the_log_of_its_ends(counts):
    incidence = tiny(
        *(P(*sets, n) for sets, n in zip([("A", "X"), ("A", ""), ("", "X"), ("", "")], counts, strict=True) if n)
    )
    assert ends_of("log2_lift", incidence) == pytest.approx([math.log2(end) for end in ends_of("lift", incidence)])


def test_a_category_that_all_units_have_differs_by_as_much_as_either_share_may():
    incidence = tiny(P("A", "X", 8), P("", "X", 12))
    assert value_of("difference", incidence) == 0
    assert ends_of("difference", incidence) == pytest.approx(newcombe(1, 8, 1, 12))


def newcombe(p, n, q, m):
    """The interval of p - q of n and m trials, by Newcombe's method 10: Wilson's ends put together."""
    (a, b), (c, d) = wilson_by_hand(p, n), wilson_by_hand(q, m)
    return p - q - math.hypot(p - a, d - q), p - q + math.hypot(b - p, q - c)


@pytest.mark.parametrize(
    ("table", "ends"),
    [
        # Newcombe (1998), "Interval estimation for the difference between independent proportions", Table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_differences_of_units_are_those_of_newcombe(table, ends):
    x, n, y, m = table
    incidence = tiny(P("A", "X", x), P("A", "", n - x), P("", "X", y), P("", "", m - y))
    assert ends_of("difference", incidence) == pytest.approx(ends, abs=5e-5)


def test_differences_of_groups_reckon_with_what_both_shares_have_in_common():
    """Ends of both shares as they are for groups, and their correlation over the groups, one after the other."""
    incidence = tiny(*GROUPED, groups=True)
    sums = {}
    for unit in units_of(GROUPED):
        sums[unit.group] = sums.get(unit.group, np.zeros(4)) + adds(unit, "A", "X")
    j, a, b, n = np.array(list(sums.values())).T
    p, q = j.sum() / a.sum(), (b - j).sum() / (n - a).sum()
    influence = (j - p * a) / a.sum(), (b - j - q * (n - a)) / (n - a).sum()
    r = np.corrcoef(*influence)[0, 1]
    without = [x._replace(rows="".join(name for name in "AB" if name not in x.rows)) for x in GROUPED]
    (low, high), (least, most) = (ends_of("conditional", tiny(*part, groups=True)) for part in (GROUPED, without))
    below = math.sqrt((p - low) ** 2 + (most - q) ** 2 - 2 * r * (p - low) * (most - q))
    above = math.sqrt((high - p) ** 2 + (q - least) ** 2 - 2 * r * (high - p) * (q - least))
    assert abs(r) > 0.05
    assert ends_of("difference", incidence) == pytest.approx((p - q - below, p - q + above), rel=1e-9)


def test_a_share_that_few_trials_show_may_be_as_small_as_they_could_come_of():
    """One of 50 groups of 30 copies has X: as one of 50 trials come of a share of 0.1 % in 5 of 100 cases."""
    patterns = [P("A", "X" if k == 0 else "Y", 30, f"g{k}") for k in range(50)]
    low, _ = ends_of("conditional", tiny(*patterns, groups=True))
    trials = 49  # what the variance of one of 50 is worth, with G - 1 for G
    assert low == pytest.approx(stats.beta.ppf(0.05, 1 / 50 * trials, 49 / 50 * trials + 1), rel=0.02)


def test_broken_weights_that_add_up_to_all_stand_at_one():
    weights = tuple(0.1 * k for k in range(1, 40))
    incidence = tiny(
        P("A", "X", 39, weights=weights), P("AB", "XY", 39, weights=weights), P("B", "Y", 1, weights=(0.7,))
    )
    assert value_of("conditional", incidence) == 1
    groups = 2 * sum(weights) ** 2 / sum(w * w for w in weights)
    assert ends_of("conditional", incidence) == pytest.approx(wilson_by_hand(1, groups), rel=1e-9)


def test_one_heavy_unit_widens_the_interval():
    even = tiny(P("A", "X", 10, weights=(5.0,) * 10), P("A", "", 10, weights=(5.0,) * 10))
    heavy = tiny(P("A", "X", 10, weights=(41.0, *[1.0] * 9)), P("A", "", 10, weights=(5.0,) * 10))
    assert value_of("conditional", even) == value_of("conditional", heavy) == 0.5
    widths = [high - low for low, high in (ends_of("conditional", incidence) for incidence in (even, heavy))]
    assert widths[1] > 1.7 * widths[0]


@pytest.mark.parametrize("name", list(MEASURES))
@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize(
    "patterns",
    [(), (P("", "", 3, "g"),), (P("A", "X", 2, "g", "", (0.0, 0.0)), P("B", "Y", 1, "h", "", (0.0,)))],
    ids=["no units", "unlabelled", "no weight"],
)
def test_nothing_gives_no_numbers_and_no_warnings(name, groups, patterns):
    incidence = tiny(*patterns, groups=groups)
    low, high = ends_of(name, incidence)
    # No unit has anything: the share of all is then 0 of N, and nothing else is defined.
    defined = name == "share" and patterns and not incidence.weighted
    assert defined or (math.isnan(low) and math.isnan(high))


@QUICK
@given(counts=st.lists(st.integers(0, 4), min_size=8, max_size=16), groups=st.booleans())
def test_the_value_of_each_measure_lies_in_its_interval(counts, groups):
    sets = [("A", "X"), ("A", ""), ("", "X"), ("", "")]
    patterns = [P(*sets[i % 4], n, f"g{i // 4}") for i, n in enumerate(counts) if n]
    of = moments(tiny(*patterns, rows="A", columns="X", groups=groups))
    for name, measure in MEASURES.items():
        value, ends, info = measure(*of.totals)[0, 0], interval(measure, of, 0.95), measure.info
        low, high = ends.low[0, 0], ends.high[0, 0]
        assert math.isnan(low) == math.isnan(high), name
        if not math.isnan(low):
            assert low <= value <= high, name
            assert low < high, name
            assert info.lower is None or low >= info.lower, name
            assert info.upper is None or high <= info.upper, name


def test_small_categories_among_many_units_have_exact_slopes():
    # 3 of 4 in a population of two million: a step in proportion to N would pass over the category whole.
    incidence = tiny(
        *[P("A", "X", 1, f"g{i}") for i in range(3)],
        P("A", "", 1, "g3"),
        *[P("", "", 500_000, f"h{i}") for i in range(4)],
        groups=True,
    )
    # Residuals are 1/4 three times and -3/4: their squares add up to 12/16, over 4^2; 8 groups in all.
    assert error_of("conditional", incidence) == pytest.approx(math.sqrt(8 / 7 * (12 / 16) / 16), rel=1e-12)


def test_linearised_takes_any_formula():
    incidence = tiny(*GROUPED, groups=True)
    again = replace(MEASURES["conditional"], formula=lambda j, a, b, n: j / a + 0 * (b + n))
    direct = linearised(again, moments(incidence), 0.95)
    assert (direct.low[0, 0], direct.high[0, 0]) == pytest.approx(ends_of("conditional", incidence), rel=1e-12)
