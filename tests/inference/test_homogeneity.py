"""Homogeneity of strata: against statsmodels, published values, sums written out, and worlds without any difference."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from diptych.inference import InferenceSettings
from diptych.inference.homogeneity import homogeneity
from diptych.panels import tables_of
from tests.draws import draws
from tests.matrices.tiny import P, random_patterns, tiny

ADMITTED = {  # admitted and rejected men, admitted and rejected women (Bickel, Hammel & O'Connell 1975)
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}


def of_tables(tables, **options):
    """An incidence of 2 x 2 tables: men in A, women in B; admitted in X, rejected in Y."""
    patterns = [
        P(row, column, n, "", stratum)
        for stratum, table in tables.items()
        for (row, column), n in zip(("AX", "AY", "BX", "BY"), table, strict=True)
        if n
    ]
    return tiny(*patterns, strata=True, **options)


def test_the_admissions_to_berkeley_have_the_published_statistic():
    """R: DescTools::BreslowDayTest(UCBAdmissions, correct = TRUE) prints X-squared = 18.826, df = 5, p = 0.002071."""
    found = homogeneity(of_tables(ADMITTED))
    assert found.statistic[0, 0] == pytest.approx(18.82550125, abs=1e-6)
    assert found.p[0, 0] == pytest.approx(0.0020714, abs=1e-6)
    assert found.n_informative[0, 0] == 6
    # The other pairs are the same tables, turned.
    assert found.p == pytest.approx(np.full((2, 2), found.p[0, 0]))


def test_complementary_pairs_are_one_test():
    """All four pairs of a 2 x 2 table have the same test, so nothing is adjusted."""
    tables = tables_of(of_tables(ADMITTED))
    found = tables.p_homogeneity(InferenceSettings())
    single = max(tables.homogeneity.p[0, 0], tables.homogeneity.log_odds_p[0, 0])
    assert found == pytest.approx(np.full((2, 2), single), rel=1e-9)
    assert tables.n_tests(np.isfinite(found)) == 1


def test_pairs_with_a_side_of_two_categories_are_adjusted_for_the_categories_of_the_other():
    """Holm by hand, over three tests and not six."""
    rng = np.random.default_rng(3)
    patterns = [
        P(row, column, int(rng.integers(20, 200)), "", stratum) for stratum in "12" for row in "ABC" for column in "XY"
    ]
    tables = tables_of(tiny(*patterns, rows="ABC", strata=True))
    single = np.maximum(tables.homogeneity.p, tables.homogeneity.log_odds_p)[:, 0]
    order = np.argsort(single)
    holm = np.minimum(np.maximum.accumulate(single[order] * [3, 2, 1]), 1)
    found = tables.p_homogeneity(InferenceSettings())
    assert found[order] == pytest.approx(np.column_stack([holm, holm]), rel=1e-9)
    assert tables.n_tests(np.isfinite(found)) == 3


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_strata", [2, 5])
def test_independent_units_have_the_statistic_of_statsmodels(seed, n_strata):
    rng = np.random.default_rng(seed)
    tables = {str(s): tuple(int(n) for n in rng.integers(8, 60, 4)) for s in range(n_strata)}
    found = homogeneity(of_tables(tables))
    known = StratifiedTable([np.array(t, dtype=float).reshape(2, 2) for t in tables.values()])
    known = known.test_equal_odds(adjust=True)
    assert found.statistic[0, 0] == pytest.approx(known.statistic, abs=1e-6)
    assert found.p[0, 0] == pytest.approx(known.pvalue, abs=1e-6)


def test_strata_that_could_not_show_an_association_are_not_tested():
    small = {str(k): (1, 0, 2, 5) for k in range(7)} | {str(k): (0, 1, 3, 4) for k in range(7, 12)}
    tables = ADMITTED | small
    found = homogeneity(of_tables(tables))
    known = StratifiedTable([np.array(t, dtype=float).reshape(2, 2) for t in ADMITTED.values()])
    known = known.test_equal_odds(adjust=True)
    assert found.n_informative[0, 0] == len(ADMITTED)
    assert found.statistic[0, 0] == pytest.approx(known.statistic, abs=1e-6)
    assert found.p[0, 0] == pytest.approx(known.pvalue, abs=1e-6)


def test_opposite_directions_have_the_p_of_gail_and_simon():
    """Two strata: the smaller squared deviate against half a chi-square with one degree of freedom."""
    tables = {"N": (60, 40, 40, 60), "S": (35, 65, 65, 35)}
    found = homogeneity(of_tables(tables))
    z = [math.log(a * d / (b * c)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) for a, b, c, d in tables.values()]
    assert z[0] > 0 > z[1]
    expected = stats.chi2.sf(min(abs(part) for part in z) ** 2, 1) / 2
    assert found.opposite[0, 0] == pytest.approx(expected)
    same = homogeneity(of_tables({"N": (60, 40, 40, 60), "S": (65, 35, 35, 65)}))
    assert same.opposite[0, 0] == 1


def test_four_strata_mix_chi_squares():
    tables = {"a": (50, 50, 30, 70), "b": (40, 60, 60, 40), "c": (45, 55, 50, 50), "d": (40, 60, 55, 45)}
    found = homogeneity(of_tables(tables))
    z = [math.log(a * d / (b * c)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) for a, b, c, d in tables.values()]
    less = min(sum(x * x for x in z if x > 0), sum(x * x for x in z if x < 0))
    expected = sum(math.comb(3, h) / 8 * stats.chi2.sf(less, h) for h in (1, 2, 3))
    assert found.opposite[0, 0] == pytest.approx(expected)


def test_a_stratum_is_informative_only_if_it_could_have_shown_either():
    """From the catalogue: 526 of 538 models agree, but with 539 models in all no other outcome was possible."""
    tables = {"filled": (526, 12, 1, 0), "rare": (147, 0, 0, 4), "large": (1494, 60, 64, 171), "more": (40, 60, 60, 40)}
    found = homogeneity(of_tables(tables))
    names = sorted(tables)
    informative = dict(zip(names, found.of_pair(0, 0).informative.tolist(), strict=True))
    assert informative == {"filled": False, "rare": False, "large": True, "more": True}
    assert found.n_informative[0, 0] == 2


def test_fewer_than_two_informative_strata_have_no_test():
    found = homogeneity(of_tables({"N": (30, 30, 30, 30), "S": (50, 0, 3, 0)}))
    assert found.n_informative[0, 0] == 1
    assert np.isnan(found.p[0, 0])
    assert np.isnan(found.opposite[0, 0])


def test_groups_vary_as_sums_over_them_written_out():
    patterns = [p._replace(stratum=str(int(p.group[1:]) % 2)) for p in random_patterns(5, 400, n_groups=60, rows="AB")]
    found = homogeneity(tiny(*patterns, strata=True, groups=True)).of_pair(0, 1)
    for s, stratum in enumerate("01"):
        own = [p for p in patterns if p.stratum == stratum]
        cell = Counter()
        for p in own:
            cell["A" in p.rows, "Y" in p.columns] += p.units
        moved = Counter()
        for p in own:
            here = "A" in p.rows, "Y" in p.columns
            moved[p.group] += (1 if here[0] == here[1] else -1) * p.units / cell[here]
        n_groups = len(moved)
        expected = sum(m * m for m in moved.values()) * n_groups / (n_groups - 1)
        assert found.variance[s] == pytest.approx(expected)
        a, b, c, d = (cell[key] for key in ((True, True), (True, False), (False, True), (False, False)))
        assert found.log_odds[s] == pytest.approx(math.log(a * d / (b * c)))
        assert (found.expected[s], found.ratio[s]) == pytest.approx(
            ((a + b) * (a + c) / (a + b + c + d), a * (a + b + c + d) / ((a + b) * (a + c)))
        )


def test_weights_of_one_are_no_weights():
    plain = [P("A", "X", 30, "", "0"), P("A", "Y", 20, "", "0"), P("B", "X", 25, "", "0"), P("B", "Y", 35, "", "0")]
    plain += [p._replace(units=p.units + 9, stratum="1") for p in plain]
    weighted = [p._replace(weights=(1.0,) * p.units) for p in plain]
    one, other = (homogeneity(tiny(*made, strata=True)).of_pair(0, 0) for made in (plain, weighted))
    assert other.log_odds == pytest.approx(one.log_odds)
    n = sum(p.units for p in plain) / 2
    assert other.variance == pytest.approx(one.variance * n / (n - 1), rel=0.02)


def world(rng, ratios, *, n, n_groups=0, alike=0.1):
    """Units of 4 x 4 categories in strata; the first pair is so many times as common as expected in each."""
    pieces = Counter()
    for stratum, ratio in enumerate(ratios):
        chance = np.full((4, 4), 1 / 16)
        chance[0, 0] = ratio / 16
        chance[0, 1:] = chance[1:, 0] = (1 / 4 - chance[0, 0]) / 3
        chance[1:, 1:] = (3 / 4 - chance[0, 1:].sum()) / 9
        parts = [("", n // len(ratios), chance.ravel())]
        if n_groups:
            sizes = rng.multinomial(n // len(ratios), rng.dirichlet(np.full(n_groups // len(ratios), 2.0)))
            drawn = rng.dirichlet(chance.ravel() * (1 - alike) / alike, len(sizes))
            parts = [(f"{stratum}-{g:03d}", size, own) for g, (size, own) in enumerate(zip(sizes, drawn, strict=True))]
        for group, size, own in parts:
            for place, units in enumerate(rng.multinomial(size, own)):
                pieces["ABCD"[place // 4], "WXYZ"[place % 4], group, str(stratum)] += int(units)
    patterns = [P(row, column, units, group, s) for (row, column, group, s), units in pieces.items() if units]
    patterns.sort(key=lambda p: (p.stratum, p.group, p.rows, p.columns))
    return tiny(*patterns, rows="ABCD", columns="WXYZ", strata=True, groups=bool(n_groups))


REPLICATIONS = draws(40, 400)


@pytest.mark.parametrize(
    ("ratios", "n", "n_groups"),
    [
        ((1, 1), 2_000, 0),
        ((2.5, 2.5, 2.5), 1_000, 0),
        ((1.5,) * 6, 1_200, 0),
        ((1.5, 1.5), 2_000, 40),
        ((2, 2, 2, 2), 2_000, 120),
    ],
)
def test_equal_strata_are_called_different_no_more_often_than_the_level_says(ratios, n, n_groups):
    rng = np.random.default_rng(20261129)
    rejected = total = opposite = 0
    for _ in range(REPLICATIONS):
        found = homogeneity(world(rng, ratios, n=n, n_groups=n_groups))
        tested = np.isfinite(found.p)
        rejected += int((found.p[tested] < 0.05).sum())
        opposite += int((found.opposite[tested] < 0.05).sum())
        total += int(tested.sum())
    assert total > 10 * REPLICATIONS
    assert rejected < 0.08 * total
    assert opposite < 0.03 * total


def test_opposite_strata_are_called_opposite():
    rng = np.random.default_rng(11)
    found = [tables_of(world(rng, (1.6, 0.4), n=2_000)).opposed(InferenceSettings())[0, 0] for _ in range(REPLICATIONS)]
    assert sum(found) >= 0.9 * REPLICATIONS


def test_one_strong_stratum_among_unrelated_ones_is_seldom_called_opposite():
    """At the level of all other tests it was in about one world in 14."""
    rng = np.random.default_rng(5)
    worlds = [tables_of(world(rng, (3.4, 1, 1, 1), n=4_000)) for _ in range(4 * REPLICATIONS)]
    inference = InferenceSettings()
    differ = [bool(tables.p_homogeneity(inference)[0, 0] <= inference.fdr) for tables in worlds]
    assert sum(differ) >= 0.9 * len(worlds)
    assert sum(bool(tables.opposed(inference)[0, 0]) for tables in worlds) <= 0.025 * len(worlds)


@pytest.mark.parametrize(("ratios", "n_groups"), [((1.6, 0.4), 0), ((2.5, 2.5, 0.4), 0), ((1.8, 0.2), 80)])
def test_strata_of_opposite_direction_are_found(ratios, n_groups):
    rng = np.random.default_rng(7)
    found = [homogeneity(world(rng, ratios, n=2_000, n_groups=n_groups)) for _ in range(REPLICATIONS)]
    assert sum(one.p[0, 0] < 0.05 and one.opposite[0, 0] < 0.05 for one in found) >= 0.9 * REPLICATIONS


def test_of_sparse_strata_few_are_called_different():
    """Six strata with sizes of their own, units drawn apart in each."""
    rng = np.random.default_rng(5)
    false = {"p": 0, "log_odds_p": 0}
    for _ in range(REPLICATIONS):
        shares = rng.dirichlet(np.full(5, 0.5), 6)
        counts = [rng.multinomial(250, np.outer(own, own).ravel() / own.sum() ** 2) for own in shares]
        patterns = [
            P("ABCDE"[k // 5], "VWXYZ"[k % 5], int(n), "", str(s))
            for s, of in enumerate(counts)
            for k, n in enumerate(of)
            if n
        ]
        found = homogeneity(tiny(*patterns, rows="ABCDE", columns="VWXYZ", strata=True))
        for name in false:
            p = getattr(found, name)
            tested = np.isfinite(p)
            false[name] += bool((p[tested] < 0.05 / max(tested.sum(), 1)).any())
    assert max(false.values()) <= 0.05 * REPLICATIONS + 2
