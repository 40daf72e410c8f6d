"""The share that strata explain: counted by hand, unit against other units, and groups drawn again."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diptych.inference.totals import _is_beyond as beyond_chance
from diptych.inference.totals import _limit as limit
from diptych.inference.totals import explained
from tests.draws import by_night
from tests.matrices.tiny import P, random_patterns, tiny

pytestmark = pytest.mark.slow

QUICK = settings(max_examples=40, deadline=None)
LEVEL = 0.95


def diagonal(*patterns, groups=False, **how):
    return tiny(*patterns, rows="ABC", columns="ABC", one=True, groups=groups, strata=True, **how)


def drawn(seed, n=40, *, n_groups=0, nested=False, agree=0.5, weighted=False):
    """Patterns over one taxonomy; some agree, and what is common differs by stratum."""
    rng = np.random.default_rng(seed)
    out = []
    for p in random_patterns(seed, n, n_groups=n_groups, weighted=weighted, rows="ABC", columns="ABC"):
        stratum = str(int(p.group[1:]) % 3) if nested else str(int(rng.integers(0, 3)))
        common = "ABC"[int(stratum)]
        rows = p.rows or common
        out.append(p._replace(rows=rows, columns=rows if rng.random() < agree else p.columns, stratum=stratum))
    return out


def left(units, label):
    """O less what agreement of each unit's row with the columns of units of another label would be, exactly."""
    observed = sum(len(set(u.rows) & set(u.columns)) for u in units)
    pairs = [(u, v) for u, v in product(units, units) if label(u) != label(v)]
    if not pairs:
        return Fraction(observed) - Fraction(sum(len(set(u.rows) & set(v.columns)) for u, v in product(units, units)),
                                             len(units))  # fmt: skip
    agreeing = sum(len(set(u.rows) & set(v.columns)) for u, v in pairs)
    return Fraction(observed) - Fraction(len(units) * agreeing, len(pairs))


@pytest.mark.parametrize("n_groups", [0, 8])
@pytest.mark.parametrize("seed", range(3))
def test_a_unit_is_compared_with_the_others_of_its_stratum(seed, n_groups):
    patterns = drawn(seed, n=25, n_groups=n_groups)
    units = [p._replace(units=k) for p in patterns for k in range(p.units)]
    number = {id(u): i for i, u in enumerate(units)}
    label = (lambda u: u.group) if n_groups else (lambda u: number[id(u)])
    inside = sum(left([u for u in units if u.stratum == s], label) for s in "012")
    found = explained(diagonal(*patterns, groups=bool(n_groups)), LEVEL)
    assert found.share.value == pytest.approx(float(1 - inside / left(units, label)))


def test_the_counts_are_plain_sums():
    # Margins of s: rows 6, 4, columns 5, 5 of 10; of t: rows 2, 8, columns 2, 8.
    patterns = [P("A", "A", 5, "", "s"), P("A", "B", 1, "", "s"), P("B", "B", 4, "", "s"), P("A", "A", 2, "", "t"),
                P("B", "B", 8, "", "t")]  # fmt: skip
    found = explained(diagonal(*patterns), LEVEL)
    assert (found.observed, found.expected) == (19, pytest.approx((8 * 7 + 12 * 13) / 20))
    assert found.within == pytest.approx((6 * 5 + 4 * 5) / 10 + (2 * 2 + 8 * 8) / 10)
    assert found.excess.value == pytest.approx(19 - 212 / 20)
    assert found.clear


def test_one_stratum_explains_nothing_and_strata_of_one_category_everything():
    patterns = [P("A", "A", 30), P("B", "B", 90), P("A", "B", 5)]
    found = explained(diagonal(*patterns), LEVEL)
    assert found.share.value == pytest.approx(0, abs=1e-12)
    apart = [P("A", "A", 30, "", "s"), P("B", "B", 60, "", "t")]
    assert explained(diagonal(*apart), LEVEL).share.value == pytest.approx(1)


def test_strata_drawn_at_random_explain_nothing_however_fine():
    rng = np.random.default_rng(4)
    sets = [*["AA"] * 40, *["BB"] * 40, *["CC"] * 20, *["AB"] * 10, *["BC"] * 10]
    shares = []
    for _ in range(60):
        strata = rng.permutation(np.repeat(np.arange(40), 3))
        patterns = [P(r, c, 1, "", f"{s:02d}") for (r, c), s in zip(sets, strata, strict=True)]
        shares.append(explained(diagonal(*patterns), LEVEL).share.value)
    # With itself among the three of its stratum a unit would agree by a third more.
    assert np.mean(shares) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("nested", [True, False])
def test_the_interval_is_that_of_groups_drawn_again(nested):
    incidence = diagonal(*drawn(7, n=1500, n_groups=200, nested=nested, agree=0.3), groups=True)
    found = explained(incidence, LEVEL)
    rng, shares = np.random.default_rng(2), []
    r, c = incidence.row_sets.astype(float), incidence.column_sets.astype(float)
    level = np.eye(3)[incidence.stratum]
    for _ in range(1500):
        times = np.bincount(rng.integers(0, incidence.n_groups, incidence.n_groups), minlength=incidence.n_groups)
        w = incidence.weight * times[incidence.group]
        n, rows, columns = level.T @ w, level.T @ (r * w[:, None]), level.T @ (c * w[:, None])
        observed, within = w @ (r * c).sum(axis=1), ((rows * columns).sum(axis=1) / n).sum()
        expected = (rows.sum(axis=0) * columns.sum(axis=0)).sum() / w.sum()
        shares.append(1 - (observed - within) / (observed - expected))
    # t with about a hundred effective groups against two standard deviations; 1,500 draws tell one to 2 %.
    assert (found.share.high - found.share.low) / (2 * 1.98) == pytest.approx(np.std(shares), rel=0.1)
    assert found.share.low < np.mean(shares) < found.share.high


def test_no_share_where_there_is_no_clear_agreement():
    even = [P(a, b, 25, "", s) for a in "AB" for b in "AB" for s in "st"]
    found = explained(diagonal(*even), LEVEL)
    assert (found.clear, found.share) == (False, None)
    barely = explained(diagonal(*even, P("A", "A", 2, "", "s")), LEVEL)
    assert not barely.clear
    assert barely.share.low is None
    assert explained(diagonal(), LEVEL).share is None


def test_agreement_of_a_single_group_is_not_clear():
    patterns = [P("A", "A", 20, "g", "s"), P("B", "B", 20, "g", "t")]
    found = explained(diagonal(*patterns, groups=True), LEVEL)
    assert not found.clear
    assert found.share.low is None


@QUICK
@given(seed=st.integers(0, 10_000), groups=st.booleans(), weighted=st.booleans())
def test_orders_do_not_matter(seed, groups, weighted):
    patterns = drawn(seed, n_groups=12 if groups else 0, weighted=weighted)
    renamed = [p._replace(stratum={"0": "c", "1": "a", "2": "b"}[p.stratum]) for p in patterns[::-1]]
    one, other = (explained(diagonal(*each, groups=groups), LEVEL) for each in (patterns, renamed))
    assert one.clear == other.clear
    assert other.share.value == pytest.approx(one.share.value)
    if one.share.low is not None:
        assert (other.share.low, other.share.high) == pytest.approx((one.share.low, one.share.high))


@QUICK
@given(seed=st.integers(0, 10_000))
def test_groups_twice_as_large_keep_the_share_and_its_interval(seed):
    patterns = drawn(seed, n_groups=12)
    one, two = (
        explained(diagonal(*[p._replace(units=k * p.units) for p in patterns], groups=True), LEVEL) for k in (1, 2)
    )
    assert two.share.value == pytest.approx(one.share.value)
    if one.share.low is not None:
        assert (two.share.low, two.share.high) == pytest.approx((one.share.low, one.share.high))


# Whether strata explain more than such strata would that have nothing to do with the categories.


def beyond(incidence):
    return explained(incidence, LEVEL).beyond


def idle(rng, *, n_strata, per_stratum, n=600, unequal=False):
    """Agreement in groups whose members are alike, in strata that have nothing to do with it."""
    n_groups = n_strata * per_stratum
    size = rng.lognormal(0, 1.2 if unequal else 0.3, n_groups)
    out = []
    for g, units in enumerate(np.maximum(1, n * size / size.sum()).astype(int)):
        row = rng.choice(list("ABC"), p=[0.6, 0.3, 0.1])
        column = row if rng.random() < 0.7 else rng.choice(list("ABC"), p=[0.6, 0.3, 0.1])
        out.append(P(row, column, int(units), f"g{g:03d}", f"{g // per_stratum:03d}"))
    return diagonal(*out, groups=True)


@pytest.mark.parametrize(("n_strata", "per_stratum"), [(15, 2), (8, 3), (5, 5), (2, 20)])
@pytest.mark.parametrize("unequal", [True, *by_night(False)])
def test_strata_with_few_groups_that_have_nothing_to_do_with_it_explain_nothing(n_strata, per_stratum, unequal):
    rng = np.random.default_rng([n_strata, per_stratum])
    how = {"n_strata": n_strata, "per_stratum": per_stratum, "unequal": unequal}
    assert sum(beyond(idle(rng, **how)) for _ in range(100)) <= 6


def test_each_stratum_of_one_group_says_nothing_of_strata():
    rng = np.random.default_rng(1)
    found = explained(idle(rng, n_strata=60, per_stratum=1), LEVEL)
    assert found.share.value == pytest.approx(1)  # such a stratum is taken as it is
    assert not found.beyond


@pytest.mark.parametrize("per_stratum", [3, 5, None])
def test_strata_that_each_have_a_category_of_their_own_explain_more_than_chance(per_stratum):
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(20):
        out = []
        for g in range(20 * (per_stratum or 10)):
            common = "ABC"[g % 20 % 3]
            row = common if rng.random() < 0.8 else rng.choice(list("ABC"))
            column = row if rng.random() < 0.5 else common if rng.random() < 0.8 else rng.choice(list("ABC"))
            out.append(P(row, column, 6 if per_stratum else 1, f"g{g:03d}", f"{g % 20:03d}"))
        found += beyond(diagonal(*out, groups=per_stratum is not None))
    assert found >= 19


@pytest.mark.parametrize("kind", ["inside", "across", "units"])
def test_the_moments_under_other_signs_are_those_of_all_pairs_of_groups(kind, monkeypatch):
    patterns = drawn(3, n=30, n_groups=0 if kind == "units" else 25, nested=kind == "inside")
    incidence = diagonal(*patterns, groups=kind != "units")
    units = [p for p in patterns for _ in range(p.units)]
    names = sorted({p.group for p in units}) if kind != "units" else range(len(units))
    group = [names.index(p.group) for p in units] if kind != "units" else list(names)
    has = [
        np.array([[c in sets(p) for c in "ABC"] for p in units], float)
        for sets in (lambda p: p.rows, lambda p: p.columns)
    ]
    beyond_mean = [part - part.mean(axis=0) for part in has]
    pairs = np.zeros((len(names), len(names)))
    for s in {p.stratum for p in units}:
        x, y = (np.zeros((len(names), 3)) for _ in range(2))
        n = np.zeros(len(names))
        for k, p in enumerate(units):
            if p.stratum == s:
                x[group[k]] += beyond_mean[0][k]
                y[group[k]] += beyond_mean[1][k]
                n[group[k]] += 1
        others = n.sum() ** 2 - (n**2).sum()  # none where a stratum holds one group
        pairs += n.sum() / max(others, 1e-9) * (others > 0) * (x @ y.T + y @ x.T)
    np.fill_diagonal(pairs, 0)
    variance = (pairs**2).sum() / 2
    asked = []
    monkeypatch.setattr("diptych.inference.totals._limit", lambda skewness, _: asked.append(skewness) or 1.0)
    found = beyond_chance(incidence, LEVEL)
    assert asked == [pytest.approx(np.trace(pairs @ pairs @ pairs) / variance**1.5)]
    assert found == (pairs.sum() / 2 > variance**0.5)


def test_the_limit_is_that_of_a_chi_square_with_its_skewness():
    assert limit(8**0.5, LEVEL) == pytest.approx((stats.chi2(1).ppf(0.975) - 1) / 2**0.5)
    assert limit(0.0, LEVEL) == pytest.approx(stats.norm.ppf(0.975))
    assert limit(1e-2, LEVEL) == pytest.approx(stats.norm.ppf(0.975), rel=0.01)


# What is left within strata, of what they leave room for.


def test_what_is_left_is_held_against_what_strata_leave_room_for():
    # NLP fills its package nearly: 392 of at most 393, where 305 are expected.
    cells = [P("A", "A", 392), P("A", "B", 39), P("B", "A", 1), P("B", "B", 124)]
    patterns = [p._replace(stratum="mteb") for p in cells] + [P("B", "B", 3000, "", "timm")]
    found = explained(diagonal(*patterns), LEVEL)
    within = 431 * 393 / 556 + 125 * 163 / 556 + 3000
    assert found.share.value > 0.7
    assert found.most == 393 + 125 + 3000
    # A unit is compared with the other 555.
    left = (392 + 124 + 3000 - within) * 556 / 555
    assert found.reached.value == pytest.approx(left / (left + 2))
    assert found.reached.low > 0.9


def test_strata_of_one_category_leave_no_room():
    apart = [P("A", "A", 30, "", "s"), P("B", "B", 60, "", "t")]
    assert explained(diagonal(*apart), LEVEL).reached is None


def test_the_interval_of_what_is_reached_is_that_of_groups_drawn_again():
    incidence = diagonal(*drawn(7, n=1500, n_groups=200, agree=0.3), groups=True)
    found = explained(incidence, LEVEL)
    rng, reached = np.random.default_rng(2), []
    r, c = incidence.row_sets.astype(float), incidence.column_sets.astype(float)
    level = np.eye(3)[incidence.stratum]
    for _ in range(1000):
        times = np.bincount(rng.integers(0, incidence.n_groups, incidence.n_groups), minlength=incidence.n_groups)
        w = incidence.weight * times[incidence.group]
        n, rows, columns = level.T @ w, level.T @ (r * w[:, None]), level.T @ (c * w[:, None])
        observed, within = w @ (r * c).sum(axis=1), ((rows * columns).sum(axis=1) / n).sum()
        reached.append((observed - within) / (np.minimum(rows, columns).sum() - within))
    half = (found.reached.high - found.reached.low) / 2
    assert half / 1.98 == pytest.approx(np.std(reached), rel=0.1)


@pytest.mark.parametrize("n_units", [60, 100])
def test_forty_strata_of_one_or_two_units_that_have_nothing_to_do_with_it_explain_nothing(n_units):
    """A stratum of one unit is taken as it is, so that the share is far above nothing; the interval alone said so."""
    rng, sure, interval = np.random.default_rng(n_units), 0, 0
    for _ in range(100):
        rows = rng.choice(list("ABC"), n_units, p=[0.5, 0.3, 0.2])
        other = rng.choice(list("ABC"), n_units, p=[0.5, 0.3, 0.2])
        columns = np.where(rng.random(n_units) < 0.5, rows, other)
        strata = rng.integers(0, 40, n_units)
        patterns = [P(r, c, 1, "", f"{s:02d}") for r, c, s in zip(rows, columns, strata, strict=True)]
        found = explained(diagonal(*patterns), LEVEL)
        sure += found.beyond
        interval += found.share is not None and found.share.low is not None and found.share.low > 0
    assert sure <= 6 < interval
