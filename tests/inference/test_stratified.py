"""Within strata: statsmodels, R's worked example, tails added up in whole numbers, groups drawn again, unit by unit."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from diptych.inference.intervals import standard_error, working_error
from diptych.inference.laws import SMALL_VARIANCE, conditional_p, cumulants
from diptych.inference.moments import GIVEN, OUTCOME, UNITS, moments
from diptych.inference.ratios import null_variance
from diptych.inference.strata import stratum_moments, within_strata
from diptych.matrices.counts import StratumMargins, stratum_margins, tabulate
from diptych.measures import MEASURES
from diptych.panels import tables_of
from tests.matrices.tiny import P, adds, random_patterns, tiny, units_of

QUICK = settings(max_examples=30, deadline=None)
LEVEL = 0.95

# Admissions to the six largest departments of Berkeley in 1973 (Bickel, Hammel & O'Connell 1975, as in R's
# UCBAdmissions): admitted and rejected men, admitted and rejected women.
BERKELEY = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}


def fourfold(tables):
    """Patterns of strata given as (a and b, a alone, b alone, neither)."""
    sets = (("A", "X"), ("A", ""), ("", "X"), ("", ""))
    return [
        P(*pair, n, stratum=name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True) if n
    ]


def of(tables, level=LEVEL):
    """The one ratio of strata of 2 x 2 tables: expected, ratio, low, high, p."""
    found = within_strata(tiny(*fourfold(tables), rows="A", columns="X", strata=True), level)
    return tuple(float(part[0, 0]) for part in (found.expected, found.ratio, found.low, found.high, found.p))


def margins_of(tables):
    incidence = tiny(*fourfold(tables), rows="A", columns="X", strata=True)
    return stratum_margins(incidence)


def as_statsmodels(tables):
    return StratifiedTable([np.array(table, dtype=float).reshape(2, 2) for table in tables.values()])


def chi_square(joint, margins, *, corrected):
    """Cochran-Mantel-Haenszel, (|n_ab - E_ab| - 1/2)^2 / variance with the continuity correction."""
    law = cumulants(margins)
    return np.maximum(np.abs(joint - law.mean) - (0.5 if corrected else 0), 0) ** 2 / law.variance


def test_berkeley_admissions_by_department():
    # 1,198 men were admitted; the other number is what they would be if each department took men and women alike.
    expected = sum((a + b) * (a + c) / (a + b + c + d) for a, b, c, d in BERKELEY.values())
    found = of(BERKELEY)
    assert found[:2] == pytest.approx((expected, 1198 / expected))
    joint = np.array([[1198.0]])
    corrected = float(chi_square(joint, margins_of(BERKELEY), corrected=True)[0, 0])
    # R: mantelhaen.test(UCBAdmissions) gives M^2 = 1.4269, p = 0.2323, with continuity correction.
    assert corrected == pytest.approx(1.4269, abs=5e-5)
    assert stats.chi2.sf(corrected, 1) == pytest.approx(0.2323, abs=5e-5)
    assert found[4] == pytest.approx(0.2323, abs=0.002)
    # All departments together say the opposite (Simpson's paradox).
    plain = tables_of(tiny(*fourfold(BERKELEY), rows="A", columns="X")).over_all(LEVEL)
    assert plain.p[0, 0] < 1e-20
    assert plain.low[0, 0] > 1.1
    assert found[2] < 1 < found[3]


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_chi_square_is_that_of_statsmodels(seed, corrected):
    rng = np.random.default_rng(seed)
    tables = {str(s): tuple(int(n) for n in rng.integers(1, 60, 4)) for s in range(5)}
    joint = np.array([[float(sum(table[0] for table in tables.values()))]])
    expected = as_statsmodels(tables).test_null_odds(correction=corrected)
    found = float(chi_square(joint, margins_of(tables), corrected=corrected)[0, 0])
    assert found == pytest.approx(expected.statistic, rel=1e-12)
    assert stats.chi2.sf(found, 1) == pytest.approx(expected.pvalue, rel=1e-10)


def test_large_counts_give_the_p_of_statsmodels():
    rng = np.random.default_rng(11)
    tables = {str(s): tuple(int(n) for n in rng.integers(3000, 9000, 4)) for s in range(4)}
    # Make them nearly unrelated, so that p is of a size that decides.
    tables = {name: (a, b, c, round(b * c / a)) for name, (a, b, c, _) in tables.items()}
    tables["0"] = (tables["0"][0] + 70, *tables["0"][1:])
    assert of(tables)[4] == pytest.approx(as_statsmodels(tables).test_null_odds(correction=True).pvalue, rel=0.01)


def added_up(tables):
    """Twice the smaller tail of the sum of the strata's hypergeometrics, in whole numbers."""
    ways, observed = {0: 1}, 0
    for both, only_a, only_b, neither in tables.values():
        a, b, n = both + only_a, both + only_b, both + only_a + only_b + neither
        own = {k: math.comb(a, k) * math.comb(n - a, b - k) for k in range(b + 1)}
        ways = {
            total: sum(w * own.get(total - k, 0) for k, w in ways.items())
            for total in range(max(ways) + b + 1)
        }  # fmt: skip
        observed += both
    tails = [sum(w for k, w in ways.items() if keep(k)) for keep in (observed.__le__, observed.__ge__)]
    return float(min(Fraction(1), Fraction(2 * min(tails), sum(ways.values()))))


@QUICK
@given(tables=st.lists(st.tuples(*[st.integers(0, 12)] * 4), min_size=1, max_size=5))
def test_few_expected_are_added_up(tables):
    named = {str(s): table for s, table in enumerate(tables) if sum(table)}
    told = any(a + b and c + d and a + c and b + d for a, b, c, d in named.values())
    if named:
        p = of(named)[4]
        assert p == pytest.approx(added_up(named), rel=1e-9) if told else math.isnan(p)


@pytest.mark.parametrize("seed", range(6))
def test_beyond_the_limit_three_cumulants_suffice(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(300, 900, 6)
    rows, columns = (rng.binomial(sizes, share) for share in (rng.uniform(0.2, 0.8, 6), rng.uniform(0.05, 0.5, 6)))
    law = np.ones(1)
    for n, a, b in zip(sizes, rows, columns, strict=True):
        law = np.convolve(law, stats.hypergeom(n, a, b).pmf(np.arange(b + 1)))
    margins = StratumMargins(*(part.astype(float).reshape(6, -1) for part in (sizes, rows, columns)))
    margins = StratumMargins(margins.sizes[:, 0], margins.rows, margins.columns)
    values = np.arange(len(law))
    found = cumulants(margins)
    mean = float(law @ values)
    assert float(found.mean[0, 0]) == pytest.approx(mean)
    assert float(found.variance[0, 0]) == pytest.approx(float(law @ (values - mean) ** 2))
    assert float(found.third[0, 0]) == pytest.approx(float(law @ (values - mean) ** 3), rel=1e-6, abs=1e-6)
    assert found.variance[0, 0] > SMALL_VARIANCE
    for k in (mean - 25, mean - 12, mean + 12, mean + 25):
        whole = round(k)
        exact = 2 * min(law[: whole + 1].sum(), law[whole:].sum())
        assert conditional_p(np.array([[float(whole)]]), margins)[0, 0] == pytest.approx(exact, rel=0.08)


def test_with_very_many_strata_three_cumulants_serve_for_few_expected_too(monkeypatch):
    # 60 strata of 20 units with 2 of a and 3 of b: 18 expected, a variance of 14.5.
    tables = {f"{s:02d}": (both, 2 - both, 3 - both, 15 + both) for s, both in enumerate([1] * 30 + [0] * 30)}
    exact = of(tables)[4]
    assert exact == pytest.approx(added_up(tables), rel=1e-9)
    monkeypatch.setattr("diptych.inference.laws._MOST_PAIRS", 59)
    assert of(tables)[4] == pytest.approx(exact, rel=0.02)
    assert exact < 0.01
    # No p is 0, however far.
    extreme = {name: (min(2, 2 - k % 2), k % 2, 1 + k % 2, 17 - k % 2) for k, name in enumerate(tables)}
    assert 0 < of(extreme)[4] < 1e-30
    monkeypatch.undo()
    assert of(extreme)[4] == pytest.approx(added_up(extreme), rel=1e-6)
    far = dict.fromkeys("abcdefghijkl", (10, 0, 0, 90))
    assert 0 < of(far)[4] < 1e-60


def slow(patterns, a, b, *, groups=True):
    """n_ab, E_ab and what each group adds to them, unit by unit: the derivative by its weight, in small steps."""
    units = [(unit, p.stratum) for p in patterns for unit in units_of([p])]
    labels = [p.group if groups else str(i) for i, p in enumerate(p for p in patterns for _ in range(p.units))]
    values = np.array([adds(unit, a, b) for unit, _ in units])
    strata = np.array([stratum for _, stratum in units])
    inside = [strata == s for s in sorted(set(strata))]

    def ratio(w):
        joint = (w * values[:, 0]).sum()
        expected = sum(
            (w * values[:, 1])[k].sum() * (w * values[:, 2])[k].sum() / (w * values[:, 3])[k].sum() for k in inside
        )
        return joint, expected

    joint, expected = ratio(np.ones(len(units)))
    by_group = {}
    for i, label in enumerate(labels):
        by_group.setdefault(label, []).append(i)
    step, changes = 1e-4, []
    for members in by_group.values():
        ends = []
        for sign in (1, -1):
            w = np.ones(len(units))
            w[members] += sign * step
            ends.append(ratio(w))
        changes.append([(up - down) / (2 * step) for up, down in zip(*ends, strict=True)])
    return joint, expected, np.array(changes)


CASES = {
    "units": {},
    "weights": {"weighted": True},
    "groups within strata": {"n_groups": 9, "nested": True},
    "groups across strata": {"n_groups": 9},
    "both, weighted": {"n_groups": 9, "mixed": True, "weighted": True},
}


def drawn(seed, n=60, *, n_groups=0, nested=False, mixed=False, weighted=False, n_strata=3):
    patterns = random_patterns(seed, n, n_groups=n_groups, weighted=weighted, rows="ABC", columns="XYZ")
    rng = np.random.default_rng(seed + 1000)
    of_group = {f"g{g:03d}": str(g % n_strata) for g in range(n_groups)}
    free = [str(s) for s in rng.integers(0, n_strata, n)]
    keep = [nested or (mixed and p.group > "g003") for p in patterns]
    return [p._replace(stratum=of_group[p.group] if k else s) for p, s, k in zip(patterns, free, keep, strict=True)]


@pytest.mark.parametrize("case", list(CASES))
def test_what_groups_add_is_the_derivative_unit_by_unit(case):
    how = dict(CASES[case])
    patterns, groups = drawn(3, **how), "n_groups" in how
    incidence = tiny(*patterns, rows="ABC", columns="XYZ", groups=groups, strata=True)
    found = stratum_moments(incidence)
    for i, a in enumerate("ABC"):
        for j, b in enumerate("XYZ"):
            joint, expected, changes = slow(patterns, a, b, groups=groups)
            second = changes.T @ changes
            assert (found.joint[i, j], found.expected[i, j]) == pytest.approx((joint, expected))
            assert found.second[:, i, j] == pytest.approx([second[0, 0], second[0, 1], second[1, 1]], rel=1e-6)
            assert changes.sum(axis=0) == pytest.approx([joint, expected], rel=1e-6)


@pytest.mark.parametrize("case", ["groups within strata", "groups across strata", "both, weighted"])
def test_groups_give_the_log_an_interval_and_the_excess_a_test(case):
    how = dict(CASES[case]) | {"n_groups": 25}
    patterns = drawn(5, n=150, **how)
    incidence = tiny(*patterns, rows="ABC", columns="XYZ", groups=True, strata=True)
    found = within_strata(incidence, LEVEL)
    joint, expected, changes = slow(patterns, "B", "Y")
    z = changes @ [1 / joint, -1 / expected]
    error = math.sqrt(len(z) / (len(z) - 1) * ((z - z.mean()) ** 2).sum())
    # The error is enlarged as that of the plain lift is, with the same law (tests of likeness and critical values).
    lift, m = MEASURES["lift"], moments(incidence)
    working, law = working_error(lift, m, (GIVEN, OUTCOME, UNITS))
    half = law.quantile(0.95)[1, 1] * error * (working / standard_error(lift, m))[1, 1]
    assert found.ratio[1, 1] == pytest.approx(joint / expected)
    assert found.low[1, 1] == pytest.approx(joint / expected * math.exp(-half), rel=1e-6)
    assert found.high[1, 1] == pytest.approx(joint / expected * math.exp(half), rel=1e-6)
    z = changes @ [1, -1]
    seen = ((z - z.mean()) ** 2).sum() / law.bias[1, 1] * min(1, expected / joint)
    distance = abs(joint - expected) / math.sqrt(max(seen, null_variance(incidence)[1, 1]))
    # The law of the interval; so far from rare its tail is larger than that of a count.
    tail = law.two_sided(np.full((3, 3), distance))[1, 1]
    assert tail * (1 - 1e-5) <= found.p[1, 1] <= tail * 1.01


@pytest.mark.parametrize("nested", [True, False])
def test_errors_are_those_of_groups_drawn_again(nested):
    patterns = drawn(8, n=1200, n_groups=150, nested=nested)
    patterns = [p._replace(columns=p.rows.translate(str.maketrans("ABC", "XYZ"))) if i % 4 == 0 else p
                for i, p in enumerate(patterns)]  # fmt: skip
    incidence = tiny(*patterns, rows="ABC", columns="XYZ", groups=True, strata=True)
    found = stratum_moments(incidence)
    error = np.sqrt(found.variance(1 / found.joint, -1 / found.expected))
    rng, logs = np.random.default_rng(1), []
    r, c, level = incidence.row_sets.astype(float), incidence.column_sets.astype(float), np.eye(3)[incidence.stratum]
    for _ in range(1500):
        times = np.bincount(rng.integers(0, incidence.n_groups, incidence.n_groups), minlength=incidence.n_groups)
        w = incidence.weight * times[incidence.group]
        n, rows, columns = level.T @ w, level.T @ (r * w[:, None]), level.T @ (c * w[:, None])
        logs.append(np.log((r * w[:, None]).T @ c) - np.log(rows.T @ (columns / n[:, None])))
    # 1,500 draws tell a standard deviation to 2 %; nine cells.
    assert error == pytest.approx(np.std(logs, axis=0), rel=0.08)


@QUICK
@given(seed=st.integers(0, 10_000), groups=st.booleans(), weighted=st.booleans())
def test_one_stratum_gives_the_plain_lift(seed, groups, weighted):
    patterns = random_patterns(seed, 40, n_groups=12 if groups else 0, weighted=weighted, rows="ABC", columns="XYZ")
    incidence = tiny(*patterns, rows="ABC", columns="XYZ", groups=groups, strata=True)
    # The one test and the one interval, by other formulas.
    found, plain = within_strata(incidence, LEVEL), tables_of(incidence).over_all(LEVEL)
    for name in ("ratio", "low", "high", "p"):
        np.testing.assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-6)


def arrays(found):
    return np.stack([found.expected, found.ratio, found.low, found.high, found.p])


@QUICK
@given(seed=st.integers(0, 10_000), groups=st.booleans())
def test_orders_do_not_matter(seed, groups):
    patterns = drawn(seed, n=40, n_groups=12 if groups else 0)
    plain = arrays(within_strata(tiny(*patterns, rows="ABC", columns="XYZ", groups=groups, strata=True), LEVEL))
    renamed = [p._replace(stratum={"0": "c", "1": "a", "2": "b"}[p.stratum]) for p in patterns[::-1]]
    other = arrays(within_strata(tiny(*renamed, rows="CAB", columns="ZYX", groups=groups, strata=True), LEVEL))
    np.testing.assert_allclose(other[:, [1, 2, 0]][:, :, ::-1], plain, rtol=1e-7)


@QUICK
@given(seed=st.integers(0, 10_000), groups=st.booleans())
def test_units_twice_keep_the_ratios_and_narrow_the_intervals_of_units(seed, groups):
    how = {"rows": "ABC", "columns": "XYZ", "groups": groups, "strata": True}
    patterns = drawn(seed, n=40, n_groups=12 if groups else 0)
    once = within_strata(tiny(*patterns, **how), LEVEL)
    twice = within_strata(tiny(*[p._replace(units=2 * p.units) for p in patterns], **how), LEVEL)
    np.testing.assert_allclose(twice.ratio, once.ratio, rtol=1e-12)
    np.testing.assert_allclose(twice.expected, 2 * once.expected, rtol=1e-12)
    if groups:
        # The same groups, each twice as large, know little more than before: only how alike their units are is estimated
        # anew. In 400 such tables the largest change of a p was 0.02 in half of them and 0.16 in one; as many units that
        # are alone would take most p far lower.
        changes = np.abs(twice.p - once.p)[np.isfinite(once.p)]
        assert changes.max(initial=0) < 0.25
        assert not changes.size or np.median(changes) < 0.06
    else:
        assert (np.isnan(once.high) | (twice.high <= once.high * (1 + 1e-9))).all()


def test_strata_that_hold_only_one_kind_tell_nothing():
    # In s everything is A, in t nothing is X: neither can tell how A and X go together.
    patterns = [
        P("A", "X", 6, stratum="s"),
        P("A", "", 3, stratum="s"),
        P("A", "", 2, stratum="t"),
        P("", "", 4, "", "t"),
    ]
    found = within_strata(tiny(*patterns, rows="A", columns="X", strata=True), LEVEL)
    assert (found.expected[0, 0], found.ratio[0, 0]) == (6, 1)
    assert np.isnan([found.low[0, 0], found.high[0, 0], found.p[0, 0]]).all()


def test_categories_that_share_no_stratum_have_no_ratio():
    found = within_strata(
        tiny(P("A", "", 5, stratum="s"), P("", "X", 5, stratum="t"), rows="A", columns="X", strata=True), LEVEL
    )
    assert found.expected[0, 0] == 0
    assert np.isnan([found.ratio[0, 0], found.low[0, 0], found.p[0, 0]]).all()


def test_none_where_some_are_expected():
    tables = {"s": (0, 10, 10, 20), "t": (0, 6, 12, 30)}
    expected, ratio, low, high, p = of(tables)
    assert (expected, ratio, low) == (pytest.approx(100 / 40 + 72 / 48), 0, 0)
    # 4 expected and none seen: as a Poisson number would, up to 3.7 / 4.
    assert 0.6 < high < 2
    assert p == pytest.approx(added_up(tables))


def test_all_that_can_meet_do():
    tables = {"s": (6, 0, 10, 20), "t": (3, 0, 9, 30)}
    _, ratio, low, high, p = of(tables)
    assert ratio == pytest.approx(9 / (96 / 36 + 36 / 42))
    # All nine of a have b; Wilson says that 70 % might: 9 of 9.
    assert low < ratio * stats.binomtest(9, 9).proportion_ci(LEVEL, "wilson").low < high
    assert p == pytest.approx(added_up(tables))


def test_no_units_at_all():
    for groups in (False, True):
        found = within_strata(tiny(groups=groups, strata=True), LEVEL)
        assert np.isnan(found.ratio).all()
        assert np.isnan(found.p).all()


def test_margins_and_expected_counts_of_strata():
    patterns = drawn(2, n=50)
    incidence = tiny(*patterns, rows="ABC", columns="XYZ", strata=True)
    expected = np.zeros((3, 3))
    for s in "012":
        units = units_of([p for p in patterns if p.stratum == s])
        part = np.array([[adds(u, a, b) for a in "ABC" for b in "XYZ"] for u in units])
        sums = part.sum(axis=0).reshape(3, 3, 4)
        expected += sums[..., 1] * sums[..., 2] / sums[..., 3]
    assert tabulate(incidence).expected_within == pytest.approx(expected)


@pytest.mark.parametrize("case", ["units", "groups within strata", "both, weighted"])
@pytest.mark.parametrize("held", [1, 40])
def test_memory_does_not_change_numbers(monkeypatch, case, held):
    how = dict(CASES[case])
    incidence = tiny(*drawn(3, **how), rows="ABC", columns="XYZ", groups="n_groups" in how, strata=True)
    whole = arrays(within_strata(incidence, LEVEL))
    for name in ("inference.moments._MOST", "inference.strata._CHUNK", "inference.strata._MANY_CELLS",
                 "matrices.counts._CHUNK"):  # fmt: skip
        monkeypatch.setattr(f"diptych.{name}", held)
    np.testing.assert_allclose(arrays(within_strata(incidence, LEVEL)), whole, rtol=1e-9)


@pytest.mark.parametrize(("n_groups", "n_strata"), [(2, 60), (3, 40), (5, 24)])
def test_few_groups_in_a_stratum_do_not_make_a_test_too_sure(n_groups, n_strata):
    """60 tables of alike units in groups, nothing together within strata: p under 0.05 came in 9 to 14 per cent."""
    rng = np.random.default_rng(n_groups)
    p = []
    for _ in range(60):
        patterns = [
            P("ABC"[rng.integers(3)], "XYZ"[rng.integers(3)], int(1 + rng.poisson(5)), f"{s:02d}.{g}", f"{s:02d}")
            for s in range(n_strata)
            for g in range(n_groups)
        ]
        p.append(within_strata(tiny(*patterns, rows="ABC", columns="XYZ", groups=True, strata=True), LEVEL).p)
    assert np.mean(np.array(p) < 0.05) <= 0.06
