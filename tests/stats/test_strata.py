"""Pairs within strata: against statsmodels, each cluster left out by hand, and one verdict of odds, excess and p."""

from itertools import product

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from diptych.stats import strata
from diptych.stats.strata import within_strata
from tests.draws import draws
from tests.matrices.tiny import P, random_patterns, tiny

# Admissions to the six largest departments of Berkeley in 1973 (Bickel, Hammel & O'Connell 1975, as in R's
# UCBAdmissions): admitted and rejected men, admitted and rejected women.
BERKELEY = {
    "A": (512, 313, 89, 19), "B": (353, 207, 17, 8), "C": (120, 205, 202, 391), "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299), "F": (22, 351, 24, 317),
}  # fmt: skip


def drawn(seed, n=60, *, n_groups=0, nested=True, weighted=False, n_strata=4):
    rng = np.random.default_rng(seed)

    def stratum(p):
        return str(int(p.group[1:]) % n_strata if nested and n_groups else int(rng.integers(n_strata)))

    made = random_patterns(seed, n, n_groups=n_groups, weighted=weighted)
    return [p._replace(stratum=stratum(p)) for p in made]


def tables_of(patterns, a, b, *, without=None):
    """The 2 x 2 table of each stratum, counted one unit after another."""
    tables = {}
    for p in patterns:
        if p.group != without or without is None:
            table = tables.setdefault(p.stratum, np.zeros((2, 2)))
            table[int(a not in p.rows), int(b not in p.columns)] += sum(p.weights) if p.weights else p.units
    return list(tables.values())


def sums(tables):
    filled = [t for t in tables if t.sum()]
    return tuple(sum(t[0, i] * t[1, 1 - i] / t.sum() for t in filled) for i in (0, 1))


def of_units(patterns, a, b):
    """The variance of the log of the odds ratio of as many independent units as the weights are worth."""
    weights = np.concatenate([p.weights or (1.0,) * p.units for p in patterns])
    worth = weights.sum() / (weights**2).sum()
    tables = [t * worth for t in tables_of(patterns, a, b) if t.sum(axis=0).all() and t.sum(axis=1).all()]
    return StratifiedTable(tables).logodds_pooled_se ** 2


def fourfold(tables):
    sets = (("A", "X"), ("A", ""), ("", "X"), ("", ""))
    return [
        P(*pair, n, stratum=name) for name, table in tables.items() for pair, n in zip(sets, table, strict=True) if n
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_strata", [1, 4, 40])
def test_odds_and_variance_of_independent_units_are_those_of_statsmodels(seed, n_strata):
    patterns = drawn(seed, n=200 if n_strata > 9 else 60, n_strata=n_strata)
    found = within_strata(tiny(*patterns, strata=True))
    for i, a in enumerate("AB"):
        for j, b in enumerate("XY"):
            tables = [t for t in tables_of(patterns, a, b) if t.sum(axis=0).all() and t.sum(axis=1).all()]
            known = StratifiedTable(tables)
            assert found.odds[i, j] == pytest.approx(known.oddsratio_pooled)
            assert np.sqrt(found.variance[i, j]) == pytest.approx(known.logodds_pooled_se)


def test_berkeley():
    """Sources: R's mantelhaen.test(UCBAdmissions) gives 0.9047 (0.7720 to 1.0603)."""
    found = within_strata(tiny(*fourfold(BERKELEY), rows="A", columns="X", strata=True))
    low, high = found.odds_ends(0.05)
    assert [round(float(of[0, 0]), 3) for of in (found.odds, low, high)] == [0.905, 0.772, 1.06]
    assert float(found.p[0, 0]) == pytest.approx(0.2169, abs=0.001)
    expected = sum((a + b) * (a + c) / (a + b + c + d) for a, b, c, d in BERKELEY.values())
    assert float(found.lift[0, 0]) == pytest.approx(sum(t[0] for t in BERKELEY.values()) / expected)


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_variance_over_clusters_is_that_of_leaving_each_out(nested, weighted):
    patterns = drawn(5, n=90, n_groups=12, nested=nested, weighted=weighted)
    found = within_strata(tiny(*patterns, groups=True, strata=True))
    groups = sorted({p.group for p in patterns})
    whole = sums(tables_of(patterns, "A", "X"))
    moved = []
    for name in groups:
        left = sums(tables_of(patterns, "A", "X", without=name))
        moved.append((whole[0] - left[0]) / whole[0] - (whole[1] - left[1]) / whole[1])
    jackknife = (len(groups) - 1) / len(groups) * float(((np.array(moved) - np.mean(moved)) ** 2).sum())
    assert found.variance[0, 0] == pytest.approx(max(jackknife, of_units(patterns, "A", "X")))


@pytest.mark.parametrize("seed", range(draws(6, 30)))
def test_the_variance_of_weighted_units_is_that_of_leaving_each_out(seed):
    """Units of a pattern have one weight here, so leaving out one is leaving out any."""
    rng = np.random.default_rng([31, seed])
    patterns = [p._replace(weights=(float(rng.integers(1, 20)),) * p.units) for p in drawn(seed, n=25, n_strata=3)]
    found = within_strata(tiny(*patterns, strata=True))
    for (i, a), (j, b) in product(enumerate("AB"), enumerate("XY")):
        whole, moved = sums(tables_of(patterns, a, b)), []
        for k, p in enumerate(patterns):
            fewer = [*patterns[:k], p._replace(weights=p.weights[1:], units=p.units - 1), *patterns[k + 1 :]]
            left = sums(tables_of(fewer, a, b))
            moved += [(whole[0] - left[0]) / whole[0] - (whole[1] - left[1]) / whole[1]] * p.units
        jackknife = (len(moved) - 1) * float(np.var(moved))
        assert found.variance[i, j] == pytest.approx(max(jackknife, of_units(patterns, a, b)))


@pytest.mark.parametrize("kind", [{}, {"n_groups": 10}, {"weighted": True}, {"n_groups": 10, "nested": False}], ids=str)
@pytest.mark.parametrize("seed", range(draws(3, 30)))
def test_odds_excess_and_p_have_one_verdict(seed, kind):
    patterns = drawn(seed, n=40, **kind)
    found = within_strata(tiny(*patterns, groups="n_groups" in kind, strata=True))
    for alpha in (0.01, 0.05, 0.3):
        odds, lift = found.odds_ends(alpha), found.lift_ends(alpha)
        known = ~np.isnan(found.p) & (np.abs(found.p - alpha) > 1e-6)
        is_clear, is_more = found.p < alpha, found.excess > 0
        for ends, none in ((odds, 1), (lift, 1)):
            beyond = np.where(is_more, ends.low > none + 1e-9, ends.high < none - 1e-9)
            assert (beyond == is_clear)[known].all()
        inside = (lift.low <= found.lift + 1e-9) & (found.lift <= lift.high + 1e-9)
        assert inside[known].all()


def test_no_joint_unit_of_a_few_that_could_is_little_evidence():
    table = {"s": (0, 3, 3, 14), "t": (0, 2, 4, 14)}
    found = within_strata(tiny(*fourfold(table), rows="A", columns="X", strata=True))
    assert found.none[0, 0]
    assert found.could[0, 0] == 5
    assert found.trials[0, 0] == pytest.approx(5)
    assert found.p[0, 0] > 0.2
    assert found.odds_ends(0.05).low[0, 0] == 0
    assert found.lift_ends(0.05).high[0, 0] > 1
    every = {"s": (9, 0, 2, 9), "t": (8, 0, 1, 11)}
    found = within_strata(tiny(*fourfold(every), rows="A", columns="X", strata=True))
    assert found.all[0, 0]
    assert np.isinf(found.odds_ends(0.05).high[0, 0])
    assert found.odds_ends(0.05).low[0, 0] > 1
    assert found.p[0, 0] < 0.01


def test_strata_of_one_category_tell_nothing():
    table = {"s": (5, 5, 0, 0), "t": (0, 0, 4, 6)}
    found = within_strata(tiny(*fourfold(table), rows="A", columns="X", strata=True))
    assert np.isnan([found.odds[0, 0], found.p[0, 0], found.lift_ends(0.05).low[0, 0]]).all()
    assert found.lift[0, 0] == pytest.approx(1)


def effective(weights):
    """The effective number of equal clusters, of the weights of clusters."""
    return sum(weights) ** 2 / sum(w * w for w in weights) if sum(weights) else 0.0


@pytest.mark.parametrize("kind", [{}, {"n_groups": 12}, {"weighted": True}, {"n_groups": 4, "weighted": True}], ids=str)
@pytest.mark.parametrize("seed", range(draws(4, 30)))
def test_effective_clusters_are_those_of_units_with_and_without_each_category(seed, kind):
    """Strata without a unit of one of these kinds tell nothing. There is no test with fewer than two clusters."""
    patterns = drawn(seed, n=12 + 10 * seed, **kind)
    found = within_strata(tiny(*patterns, groups="n_groups" in kind, strata=True))
    units = [
        (p.stratum, p.group or f"{k}.{m}", p.rows, p.columns, w)
        for k, p in enumerate(patterns)
        for m, w in enumerate(p.weights or (1.0,) * p.units)
    ]
    for (i, a), (j, b) in product(enumerate("AB"), enumerate("XY")):
        telling, smaller = set(), {}
        for s in {one[0] for one in units}:
            rows, columns = ([name in one[k] for one in units if one[0] == s] for k, name in ((2, a), (3, b)))
            w = np.array([one[4] for one in units if one[0] == s])
            if all(0 < sum(side) < len(side) for side in (rows, columns)):
                telling.add(s)
            smaller[s] = (2, a) if (w * rows).sum() <= (w * columns).sum() else (3, b)

        def clusters(there, telling=telling):
            of = {}
            for one in units:
                if one[0] in telling and there(one):
                    of[one[1]] = of.get(one[1], 0.0) + one[4]
            return effective(of.values())

        least = min(
            clusters(lambda one, k=k, name=name, has=has: (name in one[k]) == has)
            for k, name in ((2, a), (3, b))
            for has in (True, False)
        )
        own = clusters(lambda one, smaller=smaller: smaller[one[0]][1] in one[smaller[one[0]][0]])
        assert found.clusters[i, j] == pytest.approx(least)
        assert found.trials[i, j] == pytest.approx(min(least, own))
        if telling:
            assert np.isnan(found.p[i, j]) == (least < 2)


@pytest.mark.parametrize("kind", [{}, {"n_groups": 10}], ids=str)
def test_pairs_in_parts_are_those_at_once_and_in_a_huge_table_only_equal_places_are_compared(monkeypatch, kind):
    made = random_patterns(5, 80, rows="ABCDE", columns="VWXYZ", **kind)
    incidence = tiny(*(p._replace(stratum=str(at % 3)) for at, p in enumerate(made)), rows="ABCDE", columns="VWXYZ",
                     groups=bool(kind), strata=True)  # fmt: skip

    def numbers():
        found = within_strata(incidence)
        return np.stack([found.odds, found.excess, found.p, *found.odds_ends(0.05), *found.lift_ends(0.05)])

    whole, is_own = numbers(), np.eye(5, dtype=bool)
    assert np.isfinite(whole[:3]).all()
    monkeypatch.setattr(strata, "_AT_ONCE", 2 * len(made))
    assert np.allclose(numbers(), whole, equal_nan=True)
    monkeypatch.setattr(strata, "_MOST", 0)
    assert np.allclose(numbers()[:, is_own], whole[:, is_own], equal_nan=True)
    assert np.isnan(numbers()[:, ~is_own]).all()


@pytest.mark.parametrize(("n", "is_tested"), [(2, True), (1, False)])
def test_two_clusters_are_enough_for_a_test(n, is_tested):
    counts = {("A", "X"): 6, ("A", ""): 3, ("", "X"): 2, ("", ""): 5}
    patterns = [P(*pair, k, group=f"g{g}") for g in range(n) for pair, k in counts.items()]
    found = within_strata(tiny(*patterns, rows="A", columns="X", groups=True))
    assert found.clusters[0, 0] == pytest.approx(n)
    assert np.isfinite(found.p[0, 0]) == is_tested
