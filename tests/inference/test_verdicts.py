"""A pair has one verdict: its interval excludes 1 exactly where its p is below one less the level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from diptych.inference.critical_values import Student
from diptych.inference.intervals import Interval
from diptych.inference.laws import conditional_ends, conditional_p, cumulants
from diptych.inference.quasi_independence import among_crossing
from diptych.inference.ratios import agreeing
from diptych.inference.score import Score
from diptych.matrices.counts import StratumMargins, stratum_margins
from diptych.measures.association import lift_interval
from diptych.panels import tables_of
from tests.draws import draws
from tests.matrices.tiny import P, random_patterns, tiny

pytestmark = pytest.mark.slow

QUICK = settings(max_examples=draws(20, 50), deadline=None, derandomize=True)
LEVELS = (0.8, 0.9, 0.95, 0.99)


def agree(found, level):
    """Check all tables of one kind; return how many had a test and an interval."""
    told = np.isfinite(found.p) & np.isfinite(found.low)
    outside = (found.low > 1) | (found.high < 1)
    assert (outside == (found.p < 1 - level))[told].all()
    assert ((found.low <= found.ratio) & (found.ratio <= found.high))[told].all()
    assert (np.sign(found.ratio - 1) == np.where(found.low > 1, 1, -1))[told & outside].all()
    return int(told.sum())


def patterns_of(seed, *, n, n_groups, strata, weighted, one):
    """Draw patterns in which rows and columns go together more, or less, from none to nearly all."""
    rng = np.random.default_rng(seed)
    names = ("ABC", "ABC" if one else "XYZ")
    drawn = random_patterns(seed, n, n_groups=n_groups, weighted=weighted, rows=names[0], columns=names[1])
    alike, turn = rng.random() ** 2, str.maketrans(names[0], names[1])
    out = []
    for number, p in enumerate(drawn):
        columns = p.rows.translate(turn) if rng.random() < alike else p.columns
        out.append(p._replace(columns=columns, stratum=f"s{number % 3}" if strata else "", units=p.units))
    return out


KINDS = pytest.mark.parametrize(
    ("groups", "weighted"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["units", "groups", "weights", "weighted groups"],
)


@KINDS
@pytest.mark.parametrize("strata", [False, True], ids=["over all", "within strata"])
@QUICK
@given(seed=st.integers(0, 10**6), n=st.integers(4, 80), level=st.sampled_from(LEVELS))
def test_over_all_and_within_strata(seed, n, level, *, groups, weighted, strata):
    patterns = patterns_of(seed, n=n, n_groups=12 if groups else 0, strata=strata, weighted=weighted, one=False)
    tables = tables_of(tiny(*patterns, rows="ABC", columns="XYZ", groups=groups, strata=strata))
    agree(tables.over_all(level), level)
    agree(tables.within(level), level)


@KINDS
@pytest.mark.parametrize("strata", [False, True], ids=["one table", "strata"])
@QUICK
@given(seed=st.integers(0, 10**6), n=st.integers(4, 120), level=st.sampled_from(LEVELS))
def test_among_crossing_units(seed, n, level, *, groups, weighted, strata):
    patterns = patterns_of(seed, n=n, n_groups=12 if groups else 0, strata=strata, weighted=weighted, one=True)
    incidence = tiny(*patterns, rows="ABC", columns="ABC", one=True, groups=groups, strata=strata)
    agree(among_crossing(incidence, level), level)


def test_most_tables_have_both():
    patterns = patterns_of(3, n=80, n_groups=12, strata=True, weighted=False, one=False)
    for groups in (False, True):
        tables = tables_of(tiny(*patterns, rows="ABC", columns="XYZ", groups=groups, strata=True))
        assert (agree(tables.over_all(0.95), 0.95), agree(tables.within(0.95), 0.95)) == (9, 9)


def test_an_interval_that_excludes_one_does_not_stand_beside_a_large_p():
    # 2 of 4 with A have X where 0.4 are expected: by the delta method 2.0 to 12.5 times, and yet p is 0.08.
    table = [[2, 2], [1, 25]]
    tables = tables_of(tiny(P("A", "X", 2), P("A", "", 2), P("", "X", 1), P("", "", 25), rows="A", columns="X"))
    plain, found = lift_interval(tables.moments.totals, 0.95), tables.over_all(0.95)
    tails = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    assert found.p[0, 0] == pytest.approx(2 * min(tails))
    assert found.p[0, 0] > 0.05
    assert plain.low[0, 0] > 2
    odds = stats.contingency.odds_ratio(np.array(table)).confidence_interval(0.95).low
    assert found.low[0, 0] == pytest.approx(stats.nchypergeom_fisher(30, 4, 3, odds).mean() / 0.4, rel=1e-6)
    assert plain.high[0, 0] > 7.5
    assert found.high[0, 0] == pytest.approx(3 / 0.4)  # all three with X have A: no larger ratio is possible


@pytest.mark.parametrize("table", [(6, 4, 2, 18), (1, 14, 20, 30), (0, 9, 25, 26), (12, 3, 20, 60), (90, 70, 110, 150)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_ratios_that_the_exact_test_does_not_reject(table, level):
    """The odds ratios at either end are those of SciPy's conditional interval; their laws have these means."""
    both, only_a, only_b, _ = (float(n) for n in table)
    margins = StratumMargins(np.array([sum(table)], dtype=float), *(np.array([[both + n]]) for n in (only_a, only_b)))
    low, high = conditional_ends(np.array([[both]]), margins, np.array([[True]]), level)
    ends = stats.contingency.odds_ratio(np.array(table).reshape(2, 2)).confidence_interval(level)
    for found, odds in ((low, ends.low), (high, ends.high)):
        law = stats.nchypergeom_fisher(sum(table), int(both + only_a), int(both + only_b), odds)
        assert found[0, 0] == pytest.approx(law.mean() if odds else 0, rel=1e-6, abs=1e-9)


def test_in_several_strata_the_tails_at_the_ends_are_half_of_what_is_left():
    tables = {"s": (6, 4, 7, 20), "t": (3, 9, 5, 12), "u": (2, 2, 8, 30)}
    sets = (("A", "X"), ("A", ""), ("", "X"), ("", ""))
    patterns = [P(*pair, n, "", s) for s, table in tables.items() for pair, n in zip(sets, table, strict=True)]
    incidence = tiny(*patterns, rows="A", columns="X", strata=True)
    margins, joint = stratum_margins(incidence), np.array([[11.0]])
    low, high = conditional_ends(joint, margins, np.array([[True]]), 0.95)

    def tail(odds, *, upper):
        laws = [
            stats.nchypergeom_fisher(sum(t), t[0] + t[1], t[0] + t[2], odds).pmf(np.arange(sum(t)))
            for t in tables.values()
        ]
        whole = np.convolve(np.convolve(laws[0], laws[1]), laws[2])
        mean = float(whole @ np.arange(len(whole)))
        return mean, whole[11:].sum() if upper else whole[:12].sum()

    for end, upper in ((low[0, 0], True), (high[0, 0], False)):
        odds = optimize.brentq(lambda x: tail(x, upper=upper)[0] - end, 0.05, 50)  # noqa: B023 - called at once
        assert tail(odds, upper=upper)[1] == pytest.approx(0.025, rel=1e-3)


def test_where_the_law_is_not_added_up_test_and_ends_are_of_one_binomial():
    rng = np.random.default_rng(4)
    sizes = rng.integers(40, 400, 30).astype(float)
    margins = StratumMargins(sizes, np.floor(sizes * 0.3)[:, None], np.floor(sizes * 0.4)[:, None])
    mean = cumulants(margins).mean
    for shift in range(-60, 61, 3):
        joint = np.round(mean) + shift
        p = conditional_p(joint, margins)[0, 0]
        low, high = (end[0, 0] for end in conditional_ends(joint, margins, np.array([[True]]), 0.95))
        assert ((low > mean[0, 0]) or (high < mean[0, 0])) == (p < 0.05)


def one(**numbers):
    given = {"joint": 20.0, "expected": 10.0, "of_joint": 20.0, "of_both": 0.0, "of_expected": 0.0, "null": 10.0,
             }  # fmt: skip
    arrays = {name: np.array([[value]]) for name, value in (given | numbers).items() if name != "freedom"}
    return Score(**arrays, law=Student(np.array([[numbers.get("freedom", np.inf)]])))


def test_the_larger_variance_decides():
    assert one().p[0, 0] == pytest.approx(2 * stats.norm.sf(10 / np.sqrt(20)))
    assert one(null=40.0).p[0, 0] == pytest.approx(2 * stats.norm.sf(10 / np.sqrt(40)))
    # None seen: what groups show is nothing, what the margins foresee is a count of ten.
    none = one(joint=0.0, of_joint=0.0)
    assert none.p[0, 0] == pytest.approx(2 * stats.norm.sf(np.sqrt(10)))
    z = stats.norm.ppf(0.975)
    ends = none.ends(0.95)
    assert (ends.low[0, 0], ends.high[0, 0]) == (0, pytest.approx(z**2 / 10))


SCORES = {"joint": (0, 60), "expected": (0.1, 60), "of_joint": (0, 200), "of_expected": (0, 200), "null": (0.01, 200),
          "freedom": (1, 200)}  # fmt: skip


@QUICK
# Where both vary as one, two ends fall together and rounding decides whether there are any.
@given(
    numbers=st.fixed_dictionaries({name: st.floats(*ends) for name, ends in SCORES.items()}),
    share=st.floats(-0.99, 0.99),
)
def test_the_ends_are_where_the_test_begins_to_reject(numbers, share):
    if numbers["joint"] < 0.1:  # where none meet, no group varies in it
        numbers = numbers | {"joint": 0.0, "of_joint": 0.0}
    joint, expected, of_joint, of_expected, null, freedom = (numbers[name] for name in SCORES)
    of_both = share * np.sqrt(of_joint * of_expected)
    ends, t = one(**numbers, of_both=of_both).ends(0.95), stats.t.ppf(0.975, freedom)

    def distance(x):
        seen = of_joint - 2 * x * of_both + x**2 * of_expected
        return (joint - x * expected) ** 2 - t**2 * max(seen, x * null)

    ratio = joint / expected
    for end in (float(ends.low[0, 0]), float(ends.high[0, 0])):
        if 0 < end < np.inf:
            scale = (joint + end * expected) ** 2 + t**2 * (of_joint + end**2 * of_expected + end * null)
            assert abs(distance(end)) <= 1e-6 * scale
    assert ends.low[0, 0] <= ratio * (1 + 1e-9)
    assert ratio <= ends.high[0, 0] * (1 + 1e-9)


def test_an_interval_gives_way_to_its_test_towards_one_alone():
    ratio, own = np.array([[4.2]]), Interval(np.array([[0.4]]), np.array([[9.0]]))
    ends = Interval(np.array([[2.3]]), np.array([[7.7]]))
    kept = agreeing(ends, own, ratio, np.array([[0.01]]), 0.95)
    assert (kept.low[0, 0], kept.high[0, 0]) == (2.3, 7.7)
    moved = agreeing(ends, own, ratio, np.array([[0.22]]), 0.95)
    assert (moved.low[0, 0], moved.high[0, 0]) == (0.4, 7.7)
    untested = agreeing(ends, own, ratio, np.array([[np.nan]]), 0.95)
    assert (untested.low[0, 0], untested.high[0, 0]) == (2.3, 7.7)
