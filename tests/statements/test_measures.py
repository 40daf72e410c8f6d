"""Statements are measured as pandas counts: random tables of units, with their numbers recomputed from rows."""

from dataclasses import replace
from itertools import pairwise, permutations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from diptych.statements import Statement, Table, measures, scope
from diptych.stats.shares import Design
from tests.draws import draws
from tests.stats import by_hand

NAMES = ("A", "B", "C", "D")
OTHERS = ("V", "X", "Y", "Z")
KINDS = {
    "units": {},
    "several": {"several": True, "strata": True},
    "weights": {"weighted": True, "residual": "C"},
    "clusters": {"clustered": True, "strata": True},
    "all": {"several": True, "weighted": True, "clustered": True, "strata": True, "residual": "B"},
}
ALL = pytest.mark.parametrize(("seed", "kind"), [(seed, kind) for kind in KINDS for seed in range(draws(2, 20))])


def drawn(seed, kind="units", *, same=True, ordered=False):
    """Return a table of 300 patterns and the same as a frame: sets of names `x` and `y`, level, weight and cluster.

    Few units have D, and some have nothing; D has one stratum only, and cluster and stratum numbers have gaps.
    """
    several, weighted, clustered, strata = (
        KINDS[kind].get(name, False) for name in ("several", "weighted", "clustered", "strata")
    )
    rng = np.random.default_rng([11, seed])
    n = 300
    base = rng.choice(4, n, p=[0.42, 0.33, 0.2, 0.05])
    other = np.where(rng.random(n) < 0.6, base, rng.choice(4, n))
    x, y = np.eye(4, dtype=bool)[base], np.eye(4, dtype=bool)[other]
    if several:
        x, y = (of | (rng.random((n, 4)) < [0.2, 0.1, 0.1, 0.0]) for of in (x, y))
    x[rng.random(n) < 0.05] = False
    y[rng.random(n) < 0.05] = False
    level, cluster = rng.choice([0, 1, 3], n), 2 * rng.integers(0, 15, n)
    level[base == 3] = 1
    units = rng.integers(1, 4, n).astype(float)
    weight = units * (rng.uniform(0.3, 2, n) if weighted else 1)
    square = weight**2 / units if weighted else units
    columns = NAMES if same else OTHERS
    table = Table(
        NAMES, columns, x, y, Design(weight, square, units, cluster if clustered else None), ordered=ordered,
        stratum=level if strata else None, strata=("k", "l", "none", "m") if strata else (), is_same=same,
        clusters=tuple(f"g{k}" for k in range(30)) if clustered else (),
        residual=frozenset(KINDS[kind].get("residual", "")),
    )  # fmt: skip
    frame = pd.DataFrame(
        {"x": [sets(row) for row in x], "y": [sets(row, columns) for row in y], "u": units, "w": weight, "s": square}
    )
    if clustered:
        frame["g"] = cluster
    if strata:
        frame["level"] = level
    return table, frame


def sets(row, names=NAMES):
    return frozenset(name for name, there in zip(names, row, strict=True) if there)


def has(column, name):
    return pd.Series([name in one for one in column], column.index, dtype=bool)


def alike(frame, outcome):
    """The correlation of an outcome among units of one cluster and row category."""
    known = frame.attrs.setdefault("alike", {})
    if outcome not in known:
        known[outcome] = by_hand.pooled(
            [by_hand.raw(frame, has(frame["x"], name), has(frame["y"], outcome)) for name in NAMES]
        )
    return known[outcome]


def share(frame, base, hit, outcome=""):
    return by_hand.share(frame, base, hit, alike(frame, outcome) if outcome else None)


def enough(frame, one):
    return one.units >= 20 and ("g" not in frame or one.clusters >= 5)


def measured(found, numbers, interval=None):
    """Hold all numbers of a statement, and its interval, to those computed by hand."""
    assert set(found.numbers) == set(numbers), found.form
    for name, value in numbers.items():
        first = value[0] if isinstance(value, tuple) else value
        if isinstance(first, str | bool):
            assert found.numbers[name] == value, name
        else:
            assert found.numbers[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
    if interval is not None:
        assert found.interval() == pytest.approx(interval, rel=1e-6, abs=1e-9)


@ALL
def test_differences(seed, kind):
    table, frame = drawn(seed, kind, same=False)
    n_found = 0
    for subject, outcome in product(NAMES, OTHERS):
        own, hit = has(frame["x"], subject), has(frame["y"], outcome)
        first, other = (share(frame, base, hit, outcome) for base in (own, ~own))
        found = measures.compare(table, subject, outcome)
        assert (found is not None) == (enough(frame, first) and enough(frame, other))
        if found is None:
            continue
        n_found += 1
        expected = first.base * frame["w"][hit].sum() / frame["w"].sum()
        numbers = {
            "share": first.value, "other": other.value, "difference": first.value - other.value, "count": first.count,
            "base": first.base, "units": frame["u"][own].sum(), "expected": expected,
            "is_rare": bool(expected >= 10 and first.count <= expected / 4),
        }  # fmt: skip
        measured(found, numbers, by_hand.difference(frame, first, other).interval())
    assert n_found >= 8


@pytest.mark.parametrize(
    ("joint", "size", "is_rare"),
    [(5, 200, True), (6, 200, False), (0, 100, True), (0, 98, False), (2, 100, True), (3, 100, False)],
)
def test_a_pair_is_rare_if_ten_are_expected_and_a_quarter_of_them_observed(joint, size, is_rare):
    """Of 1000 units, 100 have the outcome, so that a tenth of the category is expected to have it."""
    x, y = np.arange(1000) < size, (np.arange(1000) < joint) | (np.arange(1000) >= 900 + joint)
    ones = np.ones(1000)
    table = Table(("A", "B"), ("X",), np.stack([x, ~x], 1), y[:, None], Design(ones, ones, ones))
    assert measures.compare(table, "A", "X").numbers["is_rare"] == is_rare


def labelled(table, frame):
    """Return the units with a category on both sides that is not residual."""
    there = [frame[side].map(lambda one: bool(one - table.residual)) for side in ("x", "y")]
    return frame[there[0] & there[1]].reset_index(drop=True)


def beyond_chance(frame, weight, level):
    """Return the share of equal sets, less that by chance within levels, with weights."""
    total, value = weight.sum(), weight[frame["x"] == frame["y"]].sum() / weight.sum()
    chance = 0.0
    for _, part in frame.groupby(level):
        w = weight[part.index]
        rows, columns = w.groupby(part["x"]).sum(), w.groupby(part["y"]).sum()
        chance += (rows * columns.reindex(rows.index).fillna(0)).sum() / w.sum() / total
    return value - chance


@ALL
def test_agreement_and_chance(seed, kind):
    table, frame = drawn(seed, kind)
    found = measures.agreement(table)
    frame = labelled(table, frame)
    match, one = frame["x"] == frame["y"], pd.Series(0, frame.index)
    every = pd.Series(True, frame.index)
    value = share(frame, every, match)
    low, high = value.interval()
    numbers = {"share": value.value, "count": value.count, "base": frame["w"].sum(), "low": low, "high": high,
               "mismatches": frame["w"][~match].sum()}  # fmt: skip
    level = one
    difference = beyond_chance(frame, frame["w"], one)
    numbers["chance"] = value.value - difference
    if "level" in frame:
        level = frame["level"]
        difference = beyond_chance(frame, frame["w"], level)
        parts = [part for _, part in frame.groupby(level)]
        testable = sum(not (part["x"] == part["x"].iloc[0]).all() or not (part["y"] == part["x"].iloc[0]).all()
                       for part in parts)  # fmt: skip
        numbers |= {"within": value.value - difference, "testable": testable, "strata": len(parts)}
    numbers["difference"] = difference
    measured(found, numbers)
    assert found.comparison == ("strata" if "level" in frame else "chance")


@pytest.mark.parametrize("kind", ["weights", "all"])
def test_the_interval_of_agreement_follows_from_what_each_unit_moves(kind):
    table, frame = drawn(0, kind)
    found = measures.agreement(table)
    frame = labelled(table, frame)
    level = frame["level"] if "level" in frame else pd.Series(0, frame.index)
    value, h = found.effect, 1e-6
    moved = [(beyond_chance(frame, frame["w"] * (1 + h * (frame.index == k)), level) - value) / h for k in frame.index]
    assert found.interval() == pytest.approx(by_hand.linear(frame, value, pd.Series(moved)), abs=1e-5)


@ALL
def test_the_weakest_category(seed, kind):
    table, frame = drawn(seed, kind)
    found = []
    for name in NAMES:
        own = share(frame, has(frame["x"], name), has(frame["y"], name), name)
        is_spread = "level" not in frame or len(set(frame["level"][has(frame["x"], name)])) > 1
        if enough(frame, own) and name not in table.residual and is_spread:
            found.append((own.value, name, own))
    found.sort(key=lambda one: -one[0])
    last, low, high = found[-1][1], found[-1][2], found[0][2]
    base = has(frame["x"], last)
    rest = {name: share(frame, base, has(frame["y"], name)).value for name in NAMES if name != last}
    told = measures.weakest(table)
    where = max(rest, key=rest.get)
    numbers = {
        "values": tuple(one[0] for one in found), "categories": tuple(one[1] for one in found), "rest": rest[where],
        "share": low.value, "units": low.units, "difference": low.value - high.value,
    }  # fmt: skip
    measured(told, numbers, by_hand.difference(frame, low, high).interval())
    assert (told.subject, told.outcome, told.cells) == (last, where, ((last, last), (last, where)))


@ALL
def test_mismatches_with_a_category(seed, kind):
    table, whole = drawn(seed, kind)
    frame = labelled(table, whole)
    differ = frame["x"] != frame["y"]
    for name in NAMES:
        found = measures.mismatch(table, name)
        own = has(frame["x"], name) | has(frame["y"], name)
        one = share(frame, differ, own)
        assert (found is None) == (name in table.residual or one.units < 20 or ("g" in frame and one.clusters < 5))
        if found is None:
            continue
        rows, columns = (frame["w"].groupby(frame[side]).sum() for side in ("x", "y"))
        pairs = [
            (n * m, name in first | last) for first, n in rows.items() for last, m in columns.items() if first != last
        ]
        expected = sum(n for n, there in pairs if there) / sum(n for n, _ in pairs)
        u = frame["u"]
        numbers = {
            "share": one.value, "count": u[differ & own].sum(), "base": u[differ].sum(), "expected": expected,
            "difference": one.value - expected, "without": u[~own].sum(), "without_differ": u[~own & differ].sum(),
            "with": u[own].sum(), "with_match": u[own & ~differ].sum(),
        }  # fmt: skip
        low, high = one.interval()
        measured(found, numbers, (low - expected, high - expected))
        there = {
            (first, last) for first, last in product(NAMES, NAMES) if (first == name) != (last == name)
            and (has(frame["x"], first) & has(frame["y"], last)).any()
        }  # fmt: skip
        assert set(found.cells) == there


@ALL
def test_directions(seed, kind):
    table, frame = drawn(seed, kind)
    n_found = 0
    for first, last in permutations(NAMES, 2):
        (x, y), (a, b) = ((has(frame[side], first), has(frame[side], last)) for side in ("x", "y"))
        single = ~(x & y) & ~(a & b)
        there, back = x & b & single, y & a & single
        own = share(frame, there | back, there)
        found = measures.direction(table, first, last)
        assert (found is not None) == (enough(frame, own) and not {first, last} & table.residual)
        if found is None:
            continue
        n_found += 1
        w = frame["w"]
        sizes = [w[of & single].sum() for of in (x, b, y, a)]
        expected = sizes[0] * sizes[1] / (sizes[0] * sizes[1] + sizes[2] * sizes[3])
        numbers = {"there": w[there].sum(), "back": w[back].sum(), "share": own.value, "expected": expected,
                   "difference": own.value - expected}  # fmt: skip
        low, high = own.interval()
        measured(found, numbers, (low - expected, high - expected))
    assert n_found


@ALL
def test_overall_shares(seed, kind):
    table, frame = drawn(seed, kind, same=False)
    for side, column, names in (("rows", "x", NAMES), ("columns", "y", OTHERS)):
        found = measures.overall(table, side).numbers
        values = {name: frame["w"][has(frame[column], name)].sum() / frame["w"].sum() for name in names}
        order = sorted(names, key=lambda name: -values[name])
        assert found["categories"] == tuple(order)
        assert found["values"] == pytest.approx([values[name] for name in order])
        assert found["is_several"] == (frame[column].map(len) > 1).any()


def alone(seed, kind):
    """Return a table and frame in which D, on either side, is alone on both."""
    table, _ = drawn(seed, kind)
    x, y = table.x.copy(), table.y.copy()
    apart = x[:, 3] | y[:, 3]
    x[apart] = y[apart] = np.eye(4, dtype=bool)[3]
    return replace(table, x=x, y=y), apart


@ALL
def test_isolation_allows_no_exception(seed, kind):
    table, apart = alone(seed, kind)
    units, place = table.design.units, np.flatnonzero(apart)
    found = measures.isolation(table, "D")
    numbers = {"count": units[apart].sum(), "clusters": found.number("clusters")}
    measured(found, numbers)
    assert (found.subject, found.outcome) == ("D", "D")
    if table.is_clustered:
        sizes = np.bincount(table.design.cluster[apart], table.design.weight[apart])
        assert found.number("clusters") == pytest.approx(sizes.sum() ** 2 / (sizes**2).sum())
    assert measures.isolation(table, "A") is None
    for change in (
        {"residual": frozenset("D")},
        {"withheld": np.zeros((4, 4), bool)},
    ):
        assert measures.isolation(replace(table, **change), "D") is None
    assert measures.isolation(table.kept(apart), "D") is None, "no unit is without it"
    for side in (table.x, table.y):
        for other in (np.eye(4, dtype=bool)[0], np.array([True, False, False, True])):
            kept = side[place[0]].copy()
            side[place[0]] = other
            assert measures.isolation(table, "D") is None
            side[place[0]] = kept


@pytest.mark.parametrize("by", ["stratum", "group"])
def test_isolation_from_one_stratum_or_group_names_it(by):
    table, apart = alone(0, "units")
    for n, only in ((1, True), (2, False)):
        number = np.where(apart, np.arange(300) % n, np.arange(300) % 2 + 3)
        names = tuple("abcde")
        of = (
            replace(table, stratum=number, strata=names)
            if by == "stratum"
            else replace(table, design=replace(table.design, cluster=number), clusters=names)
        )
        numbers = measures.isolation(of, "D").numbers
        assert (numbers.get("only"), numbers.get("only_kind")) == (("a", by) if only else (None, None))


def test_isolation_from_one_group_without_a_name():
    table, apart = alone(0, "units")
    number = np.where(apart, 0, np.arange(300) % 2 + 3)
    found = measures.isolation(replace(table, design=replace(table.design, cluster=number)), "D")
    assert (found.numbers["only"], found.numbers["only_kind"]) == ("", "group")


@pytest.mark.parametrize("clustered", [False, True])
def test_an_exception_has_other_categories_that_are_alike(clustered):
    """Of the other categories with enough units, chi-squared has p above 0.2, and shares are within ten points."""
    rng, met = np.random.default_rng(12), set()
    for _ in range(40):
        n = int(rng.choice([300, 2000]))
        place = rng.choice(5, n, p=[0.3, 0.3, 0.2, 0.19, 0.01])
        hit = rng.random(n) < np.array([0.6, 0.3, 0.31, 0.32, 0.35])[place]
        frame = pd.DataFrame({"w": 1.0, "s": 1.0, "u": 1.0}, index=range(n))
        cluster = rng.integers(0, 40, n)
        if clustered:
            frame["g"] = cluster
        x, ones = np.eye(5, dtype=bool)[place], np.ones(n)
        table = Table(
            (*NAMES, "E"), ("X",), x, hit[:, None], Design(ones, ones, ones, cluster if clustered else None),
            residual=frozenset(rng.choice(["B", "none"], 1)),
        )  # fmt: skip
        told = Statement("difference", "A", "X")
        found = measures.only_here(told, table)
        rest = [share(frame, x[:, k], hit) for k in range(1, 5) if table.rows[k] not in table.residual]
        rest = [one for one in rest if enough(frame, one)]
        values, variance = np.array([(one.value, max(one.variance, 1e-6)) for one in rest]).T
        middle = np.average(values, weights=1 / variance)
        p = stats.chi2.sf(((values - middle) ** 2 / variance).sum(), len(values) - 1)
        met.add((p > 0.2, np.ptp(values) < 0.1))
        assert (found is not None) == (p > 0.2 and np.ptp(values) < 0.1)
        if found is not None:
            measured(found, {"low": values.min(), "high": values.max(), "n": len(values)})
        assert measures.only_here(told, replace(table, x=x | (np.arange(n) == 0)[:, None])) is None
        assert measures.only_here(replace(told, form="trend"), table) is None
    assert len(met) == 4


def test_mismatches_from_too_few_clusters_are_not_told():
    table, _ = drawn(0, "clusters")
    cluster = np.arange(300)
    for n, is_told in ((4, False), (6, True)):
        cluster[(table.x != table.y).any(axis=1)] = np.arange((table.x != table.y).any(axis=1).sum()) % n
        of = replace(table, design=replace(table.design, cluster=cluster))
        assert (measures.mismatch(of, "A") is not None) == is_told


def sequences(seed, kind):
    """Yield a table in order and its frame, an outcome, the named categories, and the shares of those with enough."""
    table, frame = drawn(seed, kind, same=False, ordered=True)
    single = frame["x"].map(len) == 1
    named = [name for name in NAMES if name not in table.residual]
    for outcome in OTHERS:
        hit = has(frame["y"], outcome)
        shares = {name: share(frame, single & has(frame["x"], name), hit, outcome) for name in named}
        yield table, frame, outcome, named, {name: one for name, one in shares.items() if enough(frame, one)}


def along(shares):
    return {
        "values": tuple(one.value for one in shares.values()), "categories": tuple(shares),
        "bases": tuple(one.units for one in shares.values()),
    }  # fmt: skip


@ALL
def test_trends(seed, kind):
    """Shares are among units with one category; the slope is that of least squares over the places of all of them."""
    for table, frame, outcome, named, shares in sequences(seed, kind):
        found = measures.trend(table, "", outcome)
        assert measures.trend(replace(table, ordered=False), "", outcome) is None
        assert (found is not None) == (len(shares) >= 3)
        if found is None:
            continue
        own = frame["x"].map(lambda one, named=named: len(one) == 1 and one <= set(named))
        place = frame["x"][own].map(lambda one, named=named: named.index(next(iter(one)))).astype(float)
        w, hit = frame["w"][own], has(frame["y"], outcome)[own].astype(float)
        slope, start = np.polyfit(place, hit, 1, w=np.sqrt(w))
        away = place - np.average(place, weights=w)
        moved = (w * away * (hit - start - slope * place) / (w * away**2).sum()).reindex(frame.index).fillna(0.0)
        steps = np.diff([one.value for one in shares.values()]) * np.sign(slope)
        apart = [by_hand.difference(frame, other, one).p for one, other in pairwise(shares.values())]
        values = along(shares)["values"]
        numbers = {
            "difference": values[-1] - values[0], "slope": slope, "is_monotone": bool((steps > 0).all()),
            "is_each_step": bool((steps > 0).all() and multipletests(apart, method="holm")[0].all()),
        }  # fmt: skip
        measured(found, along(shares) | numbers, by_hand.linear(frame, slope, moved))
        assert found.cells == tuple((name, outcome) for name in shares)


@ALL
def test_turns(seed, kind):
    for table, frame, outcome, _, shares in sequences(seed, kind):
        found, turns = measures.turn(table, "", outcome), []
        assert measures.turn(replace(table, ordered=False), "", outcome) is None
        shown = list(shares)
        for middle in (min, max) if len(shown) >= 4 else ():
            at = middle(shown[1:-1], key=lambda name, shares=shares: shares[name].value)
            ends = [by_hand.difference(frame, shares[at], shares[end]) for end in (shown[0], shown[-1])]
            if ends[0].value * ends[1].value > 0:
                turns.append((min(abs(end.value) for end in ends), at, max(ends, key=lambda end: end.p)))
        assert (found is not None) == bool(turns)
        if found is not None:
            size, at, end = max(turns, key=lambda one: one[0])
            numbers = {"difference": size * np.sign(end.value), "at": at, "is_lowest": bool(end.value < 0)}
            measured(found, along(shares) | numbers, end.interval())


def test_a_turn_is_clear_against_both_ends():
    rng = np.random.default_rng(2)
    place = rng.integers(0, 4, 800)
    hit = rng.random(800) < np.array([0.7, 0.3, 0.2, 0.6])[place]
    ones = np.ones(800)
    y = np.stack([hit, ~hit], axis=1)
    table = Table(NAMES, ("yes", "no"), np.eye(4, dtype=bool)[place], y, Design(ones, ones, ones), ordered=True)
    found = measures.turn(table, "", "yes")
    assert (found.numbers["at"], found.numbers["is_lowest"]) == ("C", True)
    assert found.p < 0.001
    assert not measures.trend(table, "", "yes").numbers["is_monotone"]


@ALL
def test_differences_within_strata(seed, kind):
    table, frame = drawn(seed, kind, same=False)
    level = frame["level"] if "level" in frame else pd.Series(np.arange(len(frame)) % 3, frame.index)
    table = replace(table, stratum=level.to_numpy(), strata=("k", "l", "m", "n"))
    for subject, outcome in (("A", "V"), ("B", "X"), ("D", "Z")):
        own, hit, w = has(frame["x"], subject), has(frame["y"], outcome), frame["w"]
        told = Statement("difference", subject, outcome)
        found = scope.standardised(told, table, table.stratum, 4)
        parts, moved = [], pd.Series(0.0, frame.index)
        for k in sorted(set(level)):
            here = level == k
            n, m = w[here & own].sum(), w[here & ~own].sum()
            if not (n and m):
                continue
            p, r = w[here & own & hit].sum() / n, w[here & ~own & hit].sum() / m
            factor = n * m / (n + m)
            parts.append((factor, p - r, k, n * p, n, m * r, m))
            moved += factor * w * here * (own * (hit - p) / n - ~own * (hit - r) / m)
        whole = sum(part[0] for part in parts)
        assert found.value == pytest.approx(sum(part[0] * part[1] for part in parts) / whole)
        assert found.levels == tuple(part[2] for part in parts)
        k, n, of_others, m = (sum(part[i] for part in parts) for i in range(3, 7))
        assert found.plain == pytest.approx(k / n - of_others / m)
        assert found.certainty.interval() == pytest.approx(by_hand.linear(frame, found.value, moved / whole))
        light = replace(table, design=replace(table.design, weight=table.design.weight / 1e4))
        assert scope.standardised(told, light, table.stratum, 4).value == pytest.approx(found.value)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_step_from_none_or_all_is_clear_in_clusters_too(share):
    rng = np.random.default_rng(1)
    place, cluster, ones = rng.integers(0, 4, 800), rng.integers(0, 40, 800), np.ones(800)
    y = rng.random(800) < np.abs(share - np.array([0.0, 0.3, 0.6, 0.9]))[place]
    table = Table(
        NAMES, ("yes", "no"), np.eye(4, dtype=bool)[place], np.stack([y, ~y], axis=1), Design(ones, ones, ones, cluster),
        ordered=True,
    )  # fmt: skip
    one = measures.trend(table, "", "yes")
    assert one.numbers["values"][0] == share
    assert one.numbers["is_each_step"]


def test_a_count_has_neither_p_nor_an_interval():
    one = Statement("few", numbers={"names": ("A",)})
    assert np.isnan([one.p, *one.interval()]).all()
    assert one.nearest(0.05) == 0


def test_a_difference_that_only_one_stratum_shows_depends_on_it():
    rng = np.random.default_rng(4)
    level = np.repeat([0, 1, 2], [300, 200, 200])
    own, hit = rng.random(700) < 0.5, rng.random(700) < 0.3
    hit[level == 0] = own[level == 0]
    ones = np.ones(700)
    table = Table(
        ("A", "B"), ("yes", "no"), np.stack([own, ~own], axis=1), np.stack([hit, ~hit], axis=1),
        Design(ones, ones, ones), stratum=level, strata=("k", "l", "m"),
    )  # fmt: skip
    told = measures.compare(table, "A", "yes")
    found = scope.dependence(told, table, alpha=0.05)
    assert (found.form, found.numbers["by"], found.numbers["name"]) == ("depends", "stratum", "k")
    assert scope.dependence(told, table.kept(level == 0), alpha=0.05) is None


def test_groups_with_a_lower_and_a_higher_share_are_counted():
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(14), 50)
    own, hit = rng.random(700) < 0.5, rng.random(700) < 0.5
    own = (own | (cluster == 12)) & (cluster != 13)  # two groups have one side alone, two have one unit of a side
    own = np.where(np.isin(cluster, (10, 11)), (np.arange(700) % 50 == 0) ^ (cluster == 11), own)
    ones = np.ones(700)
    y = np.stack([hit, ~hit], axis=1)
    table = Table(("A", "B"), ("yes", "no"), np.stack([own, ~own], axis=1), y, Design(ones, ones, ones, cluster))
    counts = scope.in_groups(measures.compare(table, "A", "yes"), table).numbers
    frame = pd.DataFrame({"own": own, "hit": hit, "cluster": cluster})
    shares = frame.pivot_table("hit", "cluster", "own")
    lower, higher = (shares[True] < shares[False]).sum(), (shares[True] > shares[False]).sum()
    assert (counts["lower"], counts["higher"]) == (lower, higher)
    assert counts["base"] == 12


def test_what_holds_has_the_same_sign_and_an_interval_without_zero():
    table, _ = drawn(1)
    told = measures.compare(table, "A", "A")
    assert measures.holds(measures.again(told, table, "x"), told)
    other = measures.compare(table, "A", "B")
    assert not measures.holds(other, told)
    assert not measures.holds(None, told)
    assert not measures.holds(replace(told, subject="B"), told), "another category is the weakest"
    assert measures.again(Statement("difference", "A", "none"), table, "x") is None


def test_an_interval_over_groups_is_that_of_students_t():
    rng = np.random.default_rng(8)
    cluster = np.repeat(np.arange(14), 50)
    own, hit = (rng.random(700) < 0.5) | (cluster > 11), rng.random(700) < 0.5  # two groups have one side alone
    ones = np.ones(700)
    y = np.stack([hit, ~hit], axis=1)
    table = Table(("A", "B"), ("yes", "no"), np.stack([own, ~own], axis=1), y, Design(ones, ones, ones, cluster))
    (found,) = scope.within(measures.compare(table, "A", "yes"), table)
    frame = pd.DataFrame({"own": own, "hit": hit, "cluster": cluster})
    shares, sizes = (frame.pivot_table("hit", "cluster", "own", aggfunc=of) for of in ("mean", "size"))
    shares, sizes = shares.dropna(), sizes.dropna()
    difference = shares[True] - shares[False]
    part = sizes.prod(axis=1) / sizes.sum(axis=1)
    part /= part.sum()
    error = np.sqrt((part**2 * (difference - found.value) ** 2).sum() * 12 / 11)
    reach = stats.t.ppf(0.975, 1 / (part**2).sum() - 1) * error
    assert found.certainty.interval(0.05) == pytest.approx((found.value - reach, found.value + reach))


@pytest.mark.parametrize("seed", range(draws(4, 30)))
@pytest.mark.parametrize("kind", ["clusters", "all"])
def test_groups_are_counted_by_the_sign_of_their_difference(seed, kind):
    table, frame = drawn(seed, kind, same=False)
    met = set()
    for subject, outcome in product(NAMES, OTHERS):
        own, hit = has(frame["x"], subject), has(frame["y"], outcome)
        sides = [frame[base].groupby("g") for base in (own, ~own)]
        n = pd.concat([of["u"].sum() for of in sides], axis=1).reindex(range(30)).fillna(0).to_numpy()
        k = pd.concat([frame[base & hit].groupby("g")["w"].sum() for base in (own, ~own)], axis=1)
        w = pd.concat([of["w"].sum() for of in sides], axis=1).reindex(range(30)).to_numpy()
        p = k.reindex(range(30)).fillna(0).to_numpy() / w
        both = (n > 0).all(axis=1)
        are_strata = both.sum() >= 10 and 2 * both.sum() > (n.sum(axis=1) > 0).sum()
        are_strata = bool(are_strata and np.median(n.sum(axis=1)[both]) >= 20)
        told = Statement("difference", subject, outcome, "others")
        strata = scope.strata_for(told, table)
        assert len(strata) == 1 + are_strata
        assert not are_strata or strata[-1][0] is table.design.cluster
        found = scope.in_groups(told, table)
        is_counted = are_strata and np.median(n.min(axis=1)[both]) >= 5
        met.add(is_counted)
        assert (found is not None) == is_counted
        if found is not None:
            apart = (p[:, 0] - p[:, 1])[both]
            measured(found, {"lower": (apart < 0).sum(), "higher": (apart > 0).sum(), "base": both.sum()})
    assert len(met) == 2
    assert scope.in_groups(Statement("overall", "rows"), table) is None


@ALL
def test_p_within_strata_is_the_largest_and_names_where(seed, kind):
    table, _ = drawn(seed, kind, same=False)
    for subject, outcome in product(NAMES[:3], OTHERS):
        told = measures.compare(table, subject, outcome)
        if told is None:
            continue
        found = scope.within(told, table)
        kinds = ["stratum"] * (table.stratum is not None) + ["group"] * (table.design.cluster is not None)
        assert len(found) == len(kinds)
        p = [float(one.certainty.p) for one in found]
        is_other = any(one.value * told.effect <= 0 for one in found)
        assert scope.p_within(told, table) == (1.0 if is_other else max([told.p, *p]))
        assert scope.limiting(told, table) == (kinds[int(np.argmax(p))] if kinds else "")


@ALL
def test_a_statement_is_measured_again_without_the_largest_strata_and_groups(seed, kind):
    """Of a difference, they are the largest by units with the subject; those without any are not left out."""
    table, frame = drawn(seed, kind, same=False)
    own = has(frame["x"], "A")
    for told, base in ((measures.compare(table, "A", "V"), own), (measures.overall(table, "rows"), own | True)):
        expected = []
        for by, column, name in (("stratum", "level", table.strata), ("group", "g", table.clusters)):
            if column in frame:
                sizes = frame["w"][base].groupby(frame[column]).sum().sort_values(ascending=False, kind="stable")
                expected += [(by, name[k], k, column) for k in sizes.index[:5]]
        found = [*scope.rechecks(told, table)]
        assert [(one.by, one.name) for one in found] == [(by, name) for by, name, *_ in expected]
        for one, (_, name, k, column) in zip(found, expected, strict=True):
            part = frame[frame[column] != k]
            if told.form == "difference":
                hit = has(part["y"], "V")
                assert one.again.number("share") == pytest.approx(
                    np.average(hit[has(part["x"], "A")], weights=part["w"][has(part["x"], "A")])
                )
            assert one.again.scope == f"without {name}"


def test_of_two_strata_none_is_left_out_and_a_label_that_is_the_category_is_not():
    table, _ = drawn(0, "several")
    two = replace(table, stratum=np.arange(300) % 2, strata=("k", "l"))
    told = measures.compare(table, "A", "B")
    assert not [*scope.rechecks(told, two)]
    gone = table.kept(~table.row("A"))
    assert not [*scope.rechecks(told, two, [("label", "a", gone)])]
    assert [one.name for one in scope.rechecks(told, two, [("label", "d", table.kept(~table.row("D")))])] == ["d"]
    agreement = measures.agreement(two)
    for n, is_measured in ((2, False), (3, True)):
        few = replace(two, x=two.x & (np.arange(4) < n))
        for by in ("label", "item"):
            again = [*scope.rechecks(agreement, two, [(by, "a", few)])]
            assert bool(again) == (is_measured or by == "item")


@pytest.mark.parametrize(
    ("both", "size", "is_contained"), [(19, 20, True), (18, 20, False), (19, 19, False), (95, 100, True)]
)
def test_a_pair_is_contained_from_95_percent_of_20_units(both, size, is_contained):
    x = np.zeros((400, 2), bool)
    x[:size, 0] = x[size - both : 300, 1] = True
    ones = np.ones(400)
    table = Table(("A", "B"), ("A", "B"), x, x, Design(ones, ones, ones), is_shared=True)
    assert scope.contained_pairs(table) == ((("A", "B"),) if is_contained else ())
    assert scope.contained_pairs(replace(table, is_shared=False)) == ()


@ALL
def test_a_trend_within_strata_is_its_last_category_against_its_first(seed, kind):
    table, frame = drawn(seed, kind, same=False, ordered=True)
    level = pd.Series(np.arange(len(frame)) % 2, frame.index)
    table = replace(table, stratum=level.to_numpy(), strata=("k", "l"))
    single, hit, w = frame["x"].map(len) == 1, has(frame["y"], "V"), frame["w"]
    for names in (("A", "B", "C"), ("C", "D", "B"), ("A", "B", "C", "D")):
        told = Statement("trend", "", "V", numbers={"categories": names})
        last, first = (single & has(frame["x"], name) for name in (names[-1], names[0]))
        parts = []
        for k in (0, 1):
            n, m = (w[side & (level == k)].sum() for side in (last, first))
            p, r = (w[side & hit & (level == k)].sum() / max(of, 1e-9) for side, of in ((last, n), (first, m)))
            parts += [(n * m / (n + m), p - r)] if n and m else []
        found = scope.standardised(told, table, table.stratum, 2)
        assert (found is None) == (not parts)
        if parts:
            assert found.value == pytest.approx(sum(f * d for f, d in parts) / sum(f for f, _ in parts))


@pytest.mark.parametrize("one_stratum", [False, True])
def test_a_smaller_difference_within_groups_is_told_as_that_of_groups(one_stratum):
    """A stratum that all units are in is none."""
    rng = np.random.default_rng(9)
    cluster = np.repeat(np.arange(24), 60)
    level = rng.uniform(0.15, 0.85, 24)[cluster]
    own = rng.random(1440) < level
    hit = rng.random(1440) < 0.5 * level + 0.2 * own
    ones, stratum = np.ones(1440), np.zeros(1440, dtype=int)
    table = Table(
        ("A", "B"), ("yes", "no"), np.stack([own, ~own], 1), np.stack([hit, ~hit], 1), Design(ones, ones, ones, cluster),
        stratum=stratum if one_stratum else None, strata=("k", "l") if one_stratum else (),
    )  # fmt: skip
    note = scope.in_strata(measures.compare(table, "A", "yes"), table, 0.05)
    frame = pd.DataFrame({"own": own, "hit": hit, "g": cluster})
    shares, sizes = (frame.pivot_table("hit", "g", "own", aggfunc=of) for of in ("mean", "size"))
    inside = np.average(shares[True] - shares[False], weights=sizes.prod(axis=1) / sizes.sum(axis=1))
    assert (note.form, note.scope) == ("strata_less", "groups")
    assert note.effect == pytest.approx(inside)
    assert note.number("plain") == pytest.approx(hit[own].mean() - hit[~own].mean())


def test_a_category_that_no_unit_has_is_no_comparison():
    table, _ = drawn(0, "clusters")
    nothing = np.zeros((len(table.x), 1), dtype=bool)
    names = (*table.rows, "Z")
    wider = replace(table, rows=names, columns=names, x=np.hstack([table.x, nothing]), y=np.hstack([table.y, nothing]))
    assert measures.mismatch(wider, "A") is not None
    assert measures.mismatch(wider, "Z") is None
