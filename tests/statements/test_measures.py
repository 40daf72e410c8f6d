"""Statements are measured as pandas counts: random tables of units, with their numbers recomputed from rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from diptych.statements import measures, scope
from diptych.statements.record import Statement, Table
from diptych.stats.shares import Design

NAMES = ("A", "B", "C", "D")
SEEDS = range(5)


def drawn(seed, *, same=True, several=False, strata=False, clustered=False, ordered=False):
    """Return a table of 600 units and the same as a frame: a set of names on each side, level and cluster."""
    rng = np.random.default_rng([11, seed])
    n = 600
    base = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    other = np.where(rng.random(n) < 0.6, base, rng.choice(4, n))
    x, y = np.eye(4, dtype=bool)[base], np.eye(4, dtype=bool)[other]
    if several:
        x = x | (rng.random((n, 4)) < 0.1)
    level, cluster = rng.integers(0, 3, n), rng.integers(0, 30, n)
    ones = np.ones(n)
    table = Table(
        NAMES, NAMES, x, y, Design(ones, ones, ones, cluster if clustered else None), ordered=ordered,
        stratum=level if strata else None, strata=("k", "l", "m") if strata else (), is_same=same,
    )  # fmt: skip
    frame = pd.DataFrame(
        {"x": [sets(row) for row in x], "y": [sets(row) for row in y], "level": level, "cluster": cluster}
    )
    return table, frame


def sets(row):
    return frozenset(name for name, there in zip(NAMES, row, strict=True) if there)


def has(column, name):
    return column.map(lambda one: name in one)


@pytest.mark.parametrize("seed", SEEDS)
def test_differences(seed):
    table, frame = drawn(seed, several=True)
    for subject in NAMES:
        for outcome in NAMES:
            own, hit = has(frame["x"], subject), has(frame["y"], outcome)
            found = measures.compare(table, subject, outcome)
            assert found.number("share") == pytest.approx(hit[own].mean())
            assert found.number("other") == pytest.approx(hit[~own].mean())
            assert found.number("count") == (own & hit).sum()
            assert found.number("expected") == pytest.approx(own.sum() * hit.mean())
            assert found.effect == pytest.approx(hit[own].mean() - hit[~own].mean())


def test_too_few_units_make_no_difference():
    table, _ = drawn(0)
    few = table.kept(_mask(table, 10))
    assert measures.compare(few, "D", "A") is None


def _mask(table, n):
    """Return all units without D, and `n` with it."""
    own = np.flatnonzero(table.row("D"))[:n]
    mask = ~table.row("D")
    mask[own] = True
    return mask


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("strata", [False, True])
def test_agreement_and_chance(seed, strata):
    table, frame = drawn(seed, several=True, strata=strata)
    found = measures.agreement(table)
    assert found.number("share") == pytest.approx((frame["x"] == frame["y"]).mean())

    def chance(part):
        rows, columns = part["x"].value_counts(normalize=True), part["y"].value_counts(normalize=True)
        return sum(share * columns.get(kind, 0) for kind, share in rows.items())

    assert found.number("chance") == pytest.approx(chance(frame))
    if strata:
        within = sum(len(part) * chance(part) for _, part in frame.groupby("level")) / len(frame)
        assert found.number("within") == pytest.approx(within)
        assert (found.number("testable"), found.number("strata")) == (3, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_mismatches_with_a_category(seed):
    table, frame = drawn(seed, several=True)
    differ = frame["x"] != frame["y"]
    for name in NAMES:
        found = measures.mismatch(table, name)
        own = has(frame["x"], name) | has(frame["y"], name)
        assert found.number("share") == pytest.approx(own[differ].mean())
        assert (found.number("without"), found.number("without_differ")) == ((~own).sum(), (differ & ~own).sum())
        rows, columns = frame["x"].value_counts(), frame["y"].value_counts()
        pairs = [
            (n * m, name in one | other) for one, n in rows.items() for other, m in columns.items() if one != other
        ]
        assert found.number("expected") == pytest.approx(
            sum(n for n, there in pairs if there) / sum(n for n, _ in pairs)
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_directions(seed):
    table, frame = drawn(seed)
    found = measures.direction(table, "A", "B")
    there = (has(frame["x"], "A") & has(frame["y"], "B")).sum()
    back = (has(frame["x"], "B") & has(frame["y"], "A")).sum()
    assert (found.number("there"), found.number("back")) == (there, back)
    sizes = [has(frame[side], name).sum() for side, name in (("x", "A"), ("y", "B"), ("x", "B"), ("y", "A"))]
    expected = sizes[0] * sizes[1] / (sizes[0] * sizes[1] + sizes[2] * sizes[3])
    assert found.number("expected") == pytest.approx(expected)
    assert found.effect == pytest.approx(there / (there + back) - expected)


def test_isolation_allows_no_exception():
    table, _ = drawn(0)
    x, y = table.x.copy(), table.y.copy()
    apart = x[:, 3] | y[:, 3]
    x[apart] = y[apart] = np.eye(4, dtype=bool)[3]
    alone = replace(table, x=x, y=y)
    assert measures.isolation(alone, "D").number("count") == apart.sum()
    assert measures.isolation(alone, "A") is None
    y[np.flatnonzero(apart)[0]] = np.eye(4, dtype=bool)[0]
    assert measures.isolation(replace(table, x=x, y=y), "D") is None


@pytest.mark.parametrize("seed", SEEDS)
def test_trends_have_the_slope_of_least_squares(seed):
    table, frame = drawn(seed, same=False, ordered=True)
    found = measures.trend(table, "", "A")
    place, hit = frame["x"].map(lambda one: NAMES.index(next(iter(one)))), has(frame["y"], "A").astype(float)
    assert found.number("slope") == pytest.approx(np.polyfit(place, hit, 1)[0])
    values = hit.groupby(place).mean().to_list()
    assert found.numbers["values"] == pytest.approx(values)
    assert found.effect == pytest.approx(values[-1] - values[0])


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


@pytest.mark.parametrize("seed", SEEDS)
def test_standardised_differences(seed):
    table, frame = drawn(seed, same=False, strata=True)
    told = measures.compare(table, "A", "B")
    (found,) = scope.within(told, table)
    parts = []
    for _, part in frame.groupby("level"):
        own, hit = has(part["x"], "A"), has(part["y"], "B")
        weight = own.sum() * (~own).sum() / len(part)
        parts.append((weight, hit[own].mean() - hit[~own].mean()))
    assert found.value == pytest.approx(sum(w * d for w, d in parts) / sum(w for w, _ in parts))
    assert found.levels == (0, 1, 2)


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
    cluster = np.repeat(np.arange(12), 50)
    own, hit = rng.random(600) < 0.5, rng.random(600) < 0.5
    ones = np.ones(600)
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
    cluster = np.repeat(np.arange(12), 50)
    own, hit = rng.random(600) < 0.5, rng.random(600) < 0.5
    ones = np.ones(600)
    y = np.stack([hit, ~hit], axis=1)
    table = Table(("A", "B"), ("yes", "no"), np.stack([own, ~own], axis=1), y, Design(ones, ones, ones, cluster))
    (found,) = scope.within(measures.compare(table, "A", "yes"), table)
    frame = pd.DataFrame({"own": own, "hit": hit, "cluster": cluster})
    shares, sizes = (frame.pivot_table("hit", "cluster", "own", aggfunc=of) for of in ("mean", "size"))
    difference = shares[True] - shares[False]
    part = sizes.prod(axis=1) / sizes.sum(axis=1)
    part /= part.sum()
    error = np.sqrt((part**2 * (difference - found.value) ** 2).sum() * 12 / 11)
    reach = stats.t.ppf(0.975, 1 / (part**2).sum() - 1) * error
    assert found.certainty.interval(0.05) == pytest.approx((found.value - reach, found.value + reach))
