"""The common odds ratio within strata: against statsmodels, counted by hand, and each group left out in turn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportion_confint

from diptych.inference.common_odds import common_odds, own_odds
from diptych.inference.laws import t_quantile
from tests.matrices.tiny import P, random_patterns, tiny

LEVEL = 0.95


def ends(found):
    return found.ends(LEVEL).low, found.ends(LEVEL).high


def drawn(seed, n=60, *, n_groups=0, nested=True, weighted=False, n_strata=4):
    rng = np.random.default_rng(seed)
    made = random_patterns(seed, n, n_groups=n_groups, weighted=weighted)

    def stratum(p):
        return str(int(p.group[1:]) % n_strata if nested and n_groups else int(rng.integers(n_strata)))

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
    """Both sums of Mantel and Haenszel, written out."""
    filled = [t for t in tables if t.sum()]
    return tuple(sum(t[0, i] * t[1, 1 - i] / t.sum() for t in filled) for i in (0, 1))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_strata", [1, 4, 60])
def test_ratio_and_interval_of_independent_units_are_those_of_statsmodels(seed, n_strata):
    patterns = drawn(seed, n=200 if n_strata > 9 else 60, n_strata=n_strata)
    found = common_odds(tiny(*patterns, strata=True))
    low, high = ends(found)
    for i, a in enumerate("AB"):
        for j, b in enumerate("XY"):
            # What strata of one category hold adds nothing; statsmodels takes no tables without units on a margin.
            tables = [t for t in tables_of(patterns, a, b) if t.sum(axis=0).all() and t.sum(axis=1).all()]
            known = StratifiedTable(tables)
            assert found.ratio[i, j] == pytest.approx(known.oddsratio_pooled)
            assert (low[i, j], high[i, j]) == pytest.approx(known.oddsratio_pooled_confint(1 - LEVEL))
            assert found.n_telling[i, j] == len(tables)


def test_a_category_that_fills_its_stratum_has_a_ratio_of_at_most_1_3_and_odds_of_1_246():
    # NLP in the one package of the catalogue that has models with it and without: 392 of the 393 that can meet do.
    cells = [P("A", "X", 392), P("A", "Y", 39), P("B", "X", 1), P("B", "Y", 124)]
    patterns = [p._replace(stratum="mteb") for p in cells] + [P("B", "Y", 3000, "", "timm")]
    found = common_odds(tiny(*patterns, strata=True))
    low, _ = ends(found)
    assert found.ratio[0, 0] == pytest.approx(392 * 124 / (39 * 1))
    assert (found.most[0, 0], found.n_telling[0, 0]) == (393, 1)
    assert found.most[0, 0] / (431 * 393 / 556) == pytest.approx(1.29, abs=0.01)
    assert low[0, 0] > 100


@pytest.mark.parametrize("nested", [True, False])
def test_the_error_of_groups_is_that_of_each_left_out_in_turn(nested):
    patterns = drawn(5, n=150, n_groups=20, nested=nested)
    found = common_odds(tiny(*patterns, groups=True, strata=True))
    low, high = ends(found)
    whole = sums(tables_of(patterns, "A", "X"))
    names = sorted({p.group for p in patterns})
    each = [sums(tables_of(patterns, "A", "X", without=name)) for name in names]
    # The log's change by each sum, as it stands with all groups.
    moved = np.array([(r - whole[0]) / whole[0] - (s - whole[1]) / whole[1] for r, s in each])
    error = math.sqrt((len(names) - 1) / len(names) * ((moved - moved.mean()) ** 2).sum())
    varying = {s for s in "0123" if all(0 < m < t.sum() for t in tables_of([p for p in patterns if p.stratum == s], "A", "X") for m in (t[0].sum(), t[:, 0].sum()))}  # fmt: skip
    per_group = [
        np.array(
            [sum(p.units for p in patterns if p.group == g and name in sets(p) and p.stratum in varying) for g in names]
        )
        for name, sets in (("A", lambda p: p.rows), ("X", lambda p: p.columns))
    ]
    effective = min(n.sum() ** 2 / (n**2).sum() for n in per_group)
    half = t_quantile(LEVEL, effective - 1) * error
    ratio = whole[0] / whole[1]
    assert found.ratio[0, 0] == pytest.approx(ratio)
    assert (low[0, 0], high[0, 0]) == pytest.approx((ratio * math.exp(-half), ratio * math.exp(half)))


def test_units_of_weight_one_have_nearly_the_interval_of_units_without_weights():
    patterns = drawn(2, n=400)
    plain = common_odds(tiny(*patterns, strata=True))
    ones = [p._replace(weights=(1.0,) * p.units) for p in patterns]
    weighted = common_odds(tiny(*ones, strata=True))
    assert weighted.ratio == pytest.approx(plain.ratio)
    assert weighted.ends(LEVEL).low == pytest.approx(plain.ends(LEVEL).low, rel=0.02)


@pytest.mark.parametrize("groups", [True, False])
def test_where_all_that_can_meet_do_there_is_a_lower_end_alone(groups):
    n = 12
    patterns = [P("A", "X", 2, f"g{k:02d}", "s") for k in range(n)]
    patterns += [P("B", "Y", 5, f"h{k:02d}", "s") for k in range(n)] + [P("A", "X", 9, "other", "t")]
    found = common_odds(tiny(*patterns, groups=groups, strata=True))
    low, high = ends(found)
    assert math.isinf(high[0, 0])
    # 1/2 in each cell of the stratum that can tell; "t" holds one category alone.
    assert found.ratio[0, 0] == pytest.approx(24.5 * 60.5 / 0.5**2)
    trials = n if groups else 2 * n
    missed = 24 * (1 - proportion_confint(trials, trials, 1 - LEVEL, method="wilson")[0])
    assert low[0, 0] == pytest.approx((24 - missed) * (60 - missed) / missed**2)
    # The other way round none meet.
    assert low[0, 1] == 0
    assert high[0, 1] == pytest.approx(1 / low[0, 0])


def test_where_no_stratum_tells_there_is_no_odds_ratio():
    found = common_odds(tiny(P("A", "X", 20, "", "s"), P("B", "Y", 20, "", "t"), strata=True))
    low, high = ends(found)
    assert np.isnan([found.ratio, low, high]).all()
    assert not found.n_telling.any()


def test_of_many_cells_those_on_the_diagonal_have_odds_ratios(monkeypatch):
    patterns = drawn(3, n=80)
    whole = common_odds(tiny(*patterns, strata=True))
    monkeypatch.setattr("diptych.inference.common_odds.MANY_CELLS", 3)
    found = common_odds(tiny(*patterns, strata=True))
    assert np.diag(found.ratio) == pytest.approx(np.diag(whole.ratio))
    assert np.isnan(found.ratio[0, 1])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("how", [{}, {"n_groups": 12}, {"weighted": True}])
def test_those_of_one_place_are_the_diagonal_of_all(seed, how, monkeypatch):
    incidence = tiny(*drawn(seed, n=30, **how), groups=bool(how.get("n_groups")), strata=True)
    whole = common_odds(incidence)
    monkeypatch.setattr("diptych.inference.common_odds._AT_ONCE", 1)
    own = own_odds(incidence)
    for name in ("alike", "crossed", "most", "n_telling"):
        assert np.array_equal(getattr(own, name), np.diag(getattr(whole, name)), equal_nan=True)
    for one, all_ in zip(ends(own), ends(whole), strict=True):
        assert one == pytest.approx(np.diag(all_), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize(("n_groups", "known"), [(3, False), (8, True)])
def test_odds_of_fewer_than_four_groups_have_no_interval(n_groups, known):
    cells = [("A", "X", 6), ("A", "Y", 3), ("B", "X", 3), ("B", "Y", 7)]
    patterns = [P(row, column, n + (k % 2), f"g{k}", "s") for k in range(n_groups) for row, column, n in cells]
    found = common_odds(tiny(*patterns, groups=True, strata=True))
    assert np.isfinite(found.ratio[0, 0])
    assert np.isfinite(ends(found)[0][0, 0]) == known
