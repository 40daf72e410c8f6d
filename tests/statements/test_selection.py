"""Reports of random tables keep every rule of selection: each rule is checked on its own, from the family alone."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from diptych.statements import measures, scope
from diptych.statements.measures import frequent_pairs
from diptych.statements.select import Input, is_worth, tell
from tests.draws import draws
from tests.statements.worlds import sets, table

N = draws(2, 30)


def drawn(seed, kind):
    """Return a table with planted differences, in order, with several categories, strata or groups."""
    rng = np.random.default_rng([71, seed, sorted(KINDS).index(kind)])
    n = 1500
    place = rng.choice(5, n, p=[0.3, 0.25, 0.2, 0.15, 0.1])
    chance = (
        rng.dirichlet([2.0] * 4, 5) if kind != "ordered" else np.array([[6 - k, 2, 2, k + 1] for k in range(5)]) / 11
    )
    y = np.eye(4, dtype=bool)[[rng.choice(4, p=chance[k]) for k in place]]
    x, more = sets(place, 5), {}
    if kind in {"several", "shared"}:
        x, y = (of | (rng.random(of.shape) < 0.15) for of in (x, y))
    if kind == "shared":
        x[:, 4] |= x[:, 0] & (rng.random(n) < 0.5)
        x[:, 3] |= x[:, 2]  # all of one have the other
        x = y = x & (rng.random(n) < 0.9)[:, None]
    if kind == "strata":
        more["stratum"] = (place + rng.integers(0, 2, n)) % 3
    if kind in {"groups", "same groups"}:
        more["cluster"] = rng.integers(0, 25, n)
    if kind == "weights":
        more["weight"] = rng.uniform(0.2, 3, n)
    of = table(x, y, is_shared=kind == "shared", ordered=kind == "ordered", **more)
    return replace(of, residual=frozenset({"r1", "c2"})) if kind == "residual" else of


KINDS = ("plain", "several", "shared", "strata", "groups", "weights", "ordered", "residual")
EVERY = pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in KINDS for seed in range(N)])


@cache
def reports(kind, seed):
    of = drawn(seed, kind)
    return of, tell(Input(of))


@EVERY
def test_the_family_is_all_pairs_with_enough_units_and_its_q_are_adjusted(kind, seed):
    of, told = reports(kind, seed)
    nested = {frozenset(pair) for pair in scope.contained_pairs(of)}
    size = dict(zip(of.rows, of.x.sum(axis=0), strict=True))
    expected = set()
    for subject in set(of.rows) - of.residual:
        for outcome in set(of.columns) - of.residual:
            place = of.columns.index(outcome)
            if of.is_shared:
                other = of.rows[place]
                is_mirror = (size[subject], of.rows.index(subject)) >= (size[other], place)
                if is_mirror or frozenset((subject, outcome)) in nested:
                    continue
            if measures.compare(of, subject, outcome) is not None:
                expected.add((subject, outcome))
    pairs = {(one.subject, one.outcome) for one in told.tested if one.form == "difference"}
    assert pairs == expected
    for one in told.tested:
        found = measures.MEASURES[one.form](of, one.subject, one.outcome)
        assert found.numbers == pytest.approx(one.numbers) if one.form == "difference" else found.effect == one.effect
        assert one.p == pytest.approx(found.p, rel=1e-6, abs=1e-12)
    forms = {(one.form, one.outcome) for one in told.tested if one.form != "difference"}
    assert forms == ({(form, name) for form in ("trend", "turn") for name in of.columns
                      if measures.MEASURES[form](of, "", name) is not None} if of.ordered else set())  # fmt: skip
    p = [scope.p_within(one, of) for one in told.tested]
    assert np.allclose([one.q for one in told.tested], stats.false_discovery_control(p))
    clear = sum(one.q <= 0.05 for one in told.tested)
    assert told.alpha == pytest.approx(0.05 * max(clear, 1) / len(told.tested))
    assert told.method.number("level") == 1 - told.alpha


def test_pairs_that_would_tell_a_withheld_cell_are_not_compared():
    """Nor are shares of 0 or 1 in its row or column, because the other cells would give it away."""
    place, other = np.random.default_rng(73).integers(0, 4, (2, 800))
    other[(place == 0) & (other == 1)] = 2
    other[place == 3] = 3
    of, n_pairs = table(sets(place, 4), sets(other, 4), ordered=True), set()
    for i, j in np.ndindex(4, 4):
        told = tell(Input(replace(of, withheld=np.arange(16).reshape(4, 4) == 4 * i + j)))
        expected = set()
        for a, b in np.ndindex(4, 4):
            is_whole = any((other[here] == b).mean() in {0, 1} for here in (place == a, place != a))
            if (a, b) != (i, j) and not (is_whole and (a == i or b == j)):
                expected.add(("difference", f"r{a}", f"c{b}"))
        assert {one.key[:3] for one in told.tested} == expected
        n_pairs.add(len(expected))
    assert len(n_pairs) > 2


def test_a_kind_with_itself_has_no_sequences():
    x = np.random.default_rng(74).random((800, 5)) < 0.4
    of = table(x, x, ordered=True, is_shared=True)
    assert measures.trend(of, "", "c0") is not None
    assert {one.form for one in tell(Input(of)).tested} == {"difference"}


@EVERY
def test_each_reason_is_the_first_condition_that_fails(kind, seed):
    _, told = reports(kind, seed)
    plain = stats.false_discovery_control([one.p for one in told.tested])
    struck = 0
    for one, q in zip(told.tested, plain, strict=True):
        reason = told.reasons[one.key]
        if one.q > 0.05:
            is_struck = q <= 0.05 and is_worth(one, 0.05)
            assert reason == ("strata" if is_struck else "unclear")
            struck += is_struck
        elif not is_worth(one, told.alpha):
            assert reason == "small"
        elif one.form == "trend" and not one.numbers["is_monotone"]:
            assert reason == "unsteady"
        else:
            assert reason not in {"unclear", "small", "unsteady", "strata"}
    assert told.struck <= struck
    assert (told.struck > 0) == (struck > 0)
    assert told.struck_by == (
        ("stratum",) if kind == "strata" and struck else told.struck_by if kind == "groups" else ()
    )


@EVERY
def test_the_report_tells_the_surest_of_each_subject_that_is_new(kind, seed):
    of, told = reports(kind, seed)
    if told.lead.form == "trend":
        assert all(told.reasons[one.key] in {"beside_trend", "mirror", "small", "unclear"}
                   for one in told.tested if one.form == "difference")  # fmt: skip
        sizes = [abs(one.effect) for one in told.tested
                 if one.form == "trend" and told.reasons[one.key] in {"told", "no_room"}]  # fmt: skip
        assert abs(told.lead.effect) == max(sizes)
        assert len(told.also) <= 2
        return
    ranked = sorted(told.clear, key=lambda one: -one.nearest(told.alpha))
    assert [abs(one.effect) for one in told.clear] == sorted((abs(one.effect) for one in told.clear), reverse=True)
    if told.lead.form != "difference":
        assert not told.clear
        return
    steady = [one for one in ranked[:12] if scope.dependence(one, of, told.alpha) is None]
    assert told.lead.key == (steady or ranked)[0].key
    shown = [[told.lead, *told.also], *map(list, told.findings)]
    assert len({group[0].subject for group in shown}) == len(shown) <= 5
    earlier = []
    for group in shown:
        for one in group:
            assert told.reasons[one.key] == "told"
            assert one.subject == group[0].subject
            masks = [~of.row(e.subject) if e.subject != one.subject else ~of.column(e.outcome)
                     for e in earlier if e.subject != one.subject or of.several_columns]  # fmt: skip
            for mask in masks:
                found = measures.compare(of.kept(mask), one.subject, one.outcome)
                assert found.effect * one.effect > 0
                assert found.p <= 0.05
                assert is_worth(found, 0.05)
            earlier.append(one)
        for first, second in pairwise(group):
            assert of.several_columns or first.effect * second.effect < 0
    told_keys = {one.key for group in shown for one in group}
    assert told_keys == {key for key, reason in told.reasons.items() if reason == "told"}


@EVERY
def test_what_a_report_says_besides(kind, seed):
    of, told = reports(kind, seed)
    w, numbers = of.design.weight, told.method.numbers
    for side, found, names, has in (
        ("rows", told.overall_rows, of.rows, of.x), ("columns", told.overall_columns, of.columns, of.y),
    ):  # fmt: skip
        shares = (w[:, None] * has).sum(axis=0) / w.sum()
        one_each = not (has.sum(axis=1) > 1).any()
        is_even = one_each and len(names) >= (2 if side == "rows" else 3) and shares.max() * len(names) < 1.2
        may = shares.max() >= 0.1 if side == "columns" else (
            (len(names) <= 3 or shares.max() >= 0.6) and not of.ordered and not of.is_shared
        )  # fmt: skip
        assert (found is not None) == (may and not is_even)
    assert numbers["n_clusters"] == (25 if kind == "groups" else 0)
    assert (numbers["several_rows"], numbers["several_columns"]) == (of.several_rows, of.several_columns)
    shown = [one for one in told.statements() if np.isfinite(one.q)]
    assert numbers["depending"] == sum(one.note("depends") is not None for one in shown)
    assert numbers["has_table"] == bool(told.clear)
    n_parts = {"strata": 3, "groups": 5}.get(kind, 0)
    assert numbers["left_out"] == (n_parts if shown else 0)
    assert numbers["is_each"] == (kind == "strata")
    assert numbers["left_kinds"] == {"strata": ("stratum",), "groups": ("group",)}.get(kind, ())
    assert {one.scope for one in told.limits} == (
        {"sample"} if kind == "groups" and told.lead.form != "no_link" else set()
    )
    if told.lead.cells:
        subject, outcome = told.lead.cells[0]
        own, hit = of.row(subject), of.column(outcome)
        cell = told.cell
        assert (cell.subject, cell.outcome) == (subject, outcome)
        assert cell.number("share") == pytest.approx(w[own & hit].sum() / w[own].sum())
        assert (cell.number("count"), cell.number("units")) == pytest.approx((w[own & hit].sum(), own.sum()))
        assert cell.number("low") < cell.number("share") < cell.number("high")


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("seed", range(N))
def test_frequent_pairs_are_counted_and_expected(seed, clustered):
    rng = np.random.default_rng([72, seed])
    place = rng.choice(5, 900, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    other = np.where(rng.random(900) < 0.4, place, rng.choice(5, 900))
    level, cluster = rng.integers(0, 3, 900), rng.integers(0, 12, 900)
    weight = rng.uniform(0.5, 2, 900)
    of = table(sets(place, 5), sets(other, 5), cluster if clustered else None, level, weight, is_same=True)
    of = replace(of, withheld=(np.arange(25).reshape(5, 5) == 1) if seed % 2 else None)
    found, is_more = frequent_pairs(of)
    counts = {(i, j): weight[(place == i) & (other == j)].sum() for i in range(5) for j in range(5)}
    units = {(i, j): ((place == i) & (other == j)).sum() for i, j in counts}
    may = [at for at in counts if units[at] >= 20 and not (seed % 2 and at == (0, 1))]
    may.sort(key=lambda at: (at[0] != at[1], -counts[at]))
    assert [(one.subject, one.outcome) for one in found] == [(f"r{i}", f"r{j}") for i, j in may[:12]]
    assert is_more == (len(may) > 12)
    for one, (i, j) in zip(found, may, strict=False):
        assert one.number("count") == pytest.approx(counts[i, j])
        sums = [
            (weight[(place == i) & here].sum() * weight[(other == j) & here].sum() / weight[here].sum())
            for here in (np.ones(900, bool), *(level == k for k in range(3)))
        ]
        assert (one.number("expected"), one.number("within")) == pytest.approx((sums[0], sum(sums[1:])))
        assert one.number("share") == pytest.approx(counts[i, j] / weight[place == i].sum())
        assert one.number("back") == pytest.approx(counts[i, j] / weight[other == j].sum())
        assert one.number("low") < one.number("share") < one.number("high")
        assert one.number("back_low") < one.number("back") < one.number("back_high")
    plain, _ = frequent_pairs(replace(of, stratum=None))
    assert all("within" not in one.numbers for one in plain)
    few, _ = frequent_pairs(replace(of, minimum_groups=50.0))
    assert all(("share" in one.numbers) == (not clustered) for one in few)


def test_of_pairs_with_the_same_count_all_are_shown_or_none():
    counts = np.diag([90, 80, 70, 60, 50])
    counts[0, 1:] = counts[1, [0, 2, 3]] = 40
    for n in (2, 3):
        counts[2, [0, 1]] = 30
        counts[3, :n] = 30
        rows, columns = (np.repeat(of.ravel(), counts.ravel()) for of in np.indices(counts.shape))
        found, is_more = frequent_pairs(table(sets(rows, 5), sets(columns, 5), is_same=True))
        assert (len(found), is_more) == (12, True)
    counts[1, 3] = 30
    rows, columns = (np.repeat(of.ravel(), counts.ravel()) for of in np.indices(counts.shape))
    found, is_more = frequent_pairs(table(sets(rows, 5), sets(columns, 5), is_same=True))
    assert (len(found), is_more) == (11, True)
