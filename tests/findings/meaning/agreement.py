"""What findings about categories that both sides have mean: agreement, strata, activity, bridges, direction, isolation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.sparse.csgraph import connected_components
from statsmodels.stats.proportion import proportion_confint

from diptych.findings.agreement import Activity, Agreement
from diptych.findings.bridges import Bridge
from diptych.findings.composition import Composition
from diptych.findings.diagonal import Isolation
from diptych.findings.direction import Direction
from diptych.findings.finding import slug
from tests.findings.meaning import strata
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import Array, Table
from tests.findings.meaning.world import Meanings, World
from tests.thresholds import THRESHOLDS

SURELY = 0.99
SHUFFLES, SELDOM, LITTLE = 200, 0.08, 0.05
"""How often strata are drawn at random, and of how many of these a clear finding may be no clearer; a share that is none."""


def ends(low: float | None, high: float | None, rel: float = 1e-6) -> dict[str, object]:
    """Return the ends of an interval as other means give them."""
    return {
        "low": None if low is None else Near(low, rel=rel),
        "high": None if high is None else Near(high, rel=rel),
    }


def diagonal_refs(world: World, names: Sequence[str]) -> tuple:
    return tuple(ref for name in names for ref in world.refs(name, name))


def percent(share: float) -> str:
    """Return a share as it is printed, so that two that look the same are known."""
    if 0 < share < 0.005 or 0.995 <= share < 1:
        return "nearly none" if share < 0.5 else "nearly all"
    return f"{100 * share:.0f}"


def agreement(world: World, found: Sequence[Agreement]) -> Meanings:
    t, raw = world.table, world.raw
    n_labelled = float(t.weight[t.both].sum())
    if not t.same or t.masked or not n_labelled:
        return {}
    n_agree, differ = float(t.weight[t.equal].sum()), t.both & ~t.equal
    touched = {n: float(t.weight[differ & (t.has[0][:, k] | t.has[1][:, k])].sum()) for k, n in enumerate(t.names[0])}
    pivot = max(touched, key=lambda name: touched[name]) if differ.any() else None
    n_common = float(t.weight[(t.has[0] & t.has[1]).any(axis=1)].sum())
    n_equal, due = float(np.trace(t.joint)), float(np.trace(t.within))
    value, low, high = t.total(t.less_shares(in_strata=True), SURELY)
    assert math.isclose(value, n_equal - due, rel_tol=1e-6, abs_tol=1e-6)
    share, by_chance = n_agree / n_labelled, raw.by_chance()
    in_strata = raw.by_chance(in_strata=True) if t.is_stratified else None
    expected = by_chance if in_strata is None else in_strata
    ends_of_share = t.share_ends(t.equal, t.both)
    return {
        "agreement": {
            "cells": diagonal_refs(world, t.names[0]),
            "null": False,
            "n_labelled": n_labelled,
            "n_agree": n_agree,
            "share": {"value": share, **ends_of_share},
            "n_differ": n_labelled - n_agree,
            "pivot": pivot,
            "n_pivot": 0.0 if pivot is None else touched[pivot],
            "excess": {"value": Near(value), **ends(low, high)},
            "by_chance": Near(by_chance),
            "in_strata": None if in_strata is None else Near(in_strata),
            "expected": Near(expected),
            "kappa": _kappa(found[0], share, expected),
            "n_equal": n_equal,
            "n_common": n_common,
            "common": n_common / n_labelled,
            "is_exact_apart": (n_common - n_agree) / n_labelled > 0.01,
            "beyond": low is not None and low > 0,
            "shows": share > expected and percent(share) != percent(expected),
            "times": n_equal / due if due > 0 else None,
        }
    }


def _kappa(f: Agreement, share: float, expected: float) -> object:
    """Return Cohen's kappa of a share, and of the ends of its interval."""
    if expected >= 1:
        return None

    def of(x: float | None) -> object:
        return None if x is None else Near((x - expected) / (1 - expected))

    return {"value": of(share), "low": of(f.share.low), "high": of(f.share.high)}


def activity(world: World, _: Sequence[Activity]) -> Meanings:
    t = world.table
    if "activity" in world.raw.strata:
        return {}
    r, c = (has.sum(axis=1).astype(float) for has in t.has)
    several = [float(t.weight[of > 1].sum()) for of in (r, c)]
    own = r if t.masked else np.zeros_like(r)  # pairs of a category with itself
    sizes = t.weight @ t.has[0] if t.masked else np.zeros(t.has[0].shape[1])
    both, rows, columns = (float((of * t.weight).sum()) for of in (r * c - own, r, c))
    if not all(several) or not both:
        return {}
    expected = rows * columns - float(sizes @ sizes)
    factor = t.n * both / expected
    change = r * columns + c * rows - 2 * t.has[0] @ sizes
    _, low, high = t.total((r * c - own) / both + 1 / t.n - change / expected, world.part.inference.level)
    if low is not None and high is not None:
        low, high = factor * math.exp(low), factor * math.exp(high)
        if low > 1 / 1.05 and high < 1.05:
            return {}
    return {
        "activity": {
            "cells": (),
            "null": False,
            "n_rows": several[0],
            "n_columns": several[1],
            "n_units": t.n,
            "factor": {"value": Near(factor), **ends(low, high)},
            "is_clear": low is not None and (low > 1 or high < 1),
        }
    }


# Strata.


def left(t: Table, stratum: Array) -> float:
    """Return how many units agree beyond chance within levels of a stratum (N,).

    Each group, or independent unit, is compared with the others of its level; a single one with itself.
    """
    total = 0.0
    for level in np.unique(stratum):
        inside = stratum == level
        weight, owner = t.weight[inside], t.owner[inside]
        a, b = (_summed(has[inside] * weight[:, None], owner) for has in t.has)
        n, of_owners = float(weight.sum()), np.bincount(owner, weight)
        together, own = float(a.sum(axis=0) @ b.sum(axis=0)), float((a * b).sum())
        others = n**2 - float((of_owners**2).sum())
        due = n * (together - own) / others if others > 1e-9 * n**2 else together / n
        total += float((t.has[0][inside] & t.has[1][inside]).sum(axis=1) @ weight) - due
    return total


def _summed(each: Array, owner: Array) -> Array:
    """Return the sums (G, K) over owners of what units (N, K) add."""
    return np.stack([np.bincount(owner, one) for one in each.T], axis=1)


def explained(t: Table, stratum: Array) -> float:
    """Return the share of the agreement beyond chance that levels of a stratum (N,) explain."""
    return 1 - left(t, stratum) / left(t, np.zeros_like(stratum))


def composition(world: World, found: Sequence[Composition]) -> Meanings:
    t, part = world.table, world.part
    if not t.is_stratified or not t.same or t.masked or not t.joint.any():
        return {}
    (f,) = found
    observed, expected, within = float(np.trace(t.joint)), float(np.trace(t.over_all)), float(np.trace(t.within))
    most = sum(float(np.minimum(a, b).sum()) for _, a, b, _ in t.by_stratum)
    _, low, _ = t.total(t.less_shares(in_strata=False), part.inference.level)
    opposed = {t.names[0][i] for i, j in strata.opposed(world) if i == j} if t.is_plain else set(f.opposed)
    held = {c.category for c in (*f.lasting, *f.unsure, *f.faded)}
    limit = THRESHOLDS.min_ratio
    assert all(c.odds.value >= limit for c in (*f.lasting, *f.unsure))
    assert all(c.odds.value < limit for c in f.faded)
    assert all(c.odds.low is None or c.odds.low > 1 for c in f.lasting)
    names = [] if f.null else _of_diagonal(world)
    telling = [n for n in names if t.telling(*t.place(n, n))]
    return {
        "composition": {
            "cells": Such(
                "the diagonal", lambda cells: {c.given for c in cells} == {c.outcome for c in cells} == set(names)
            ),
            "null": Such("true unless more agree than by chance", lambda null: null or observed > expected)
            if low is None
            else not low > 0,
            "strata": world.raw.strata,
            "n_strata": len(t.strata),
            "observed": observed,
            "expected": Near(expected),
            "expected_within": Near(within),
            "most": Near(most),
            "beyond": _is_beyond(t, f),
            **_reached(world, f, observed, most),
            **{name: [strata_change(world, c) for c in getattr(f, name)] for name in ("lasting", "unsure", "faded")},
            "opposed": Such(
                "those that strata show in opposite directions",
                lambda some: set(some) == opposed & set(names) and (t.is_plain or not set(some) & held),
            ),
            "confined": Such(
                "those that no level tells of",
                lambda confined: (
                    set(confined) == set(names) - set(telling)
                    and set(telling) - set(f.opposed) - set(f.untestable) == held
                ),
            ),
            "untestable": Such(
                "those that no single level could show",
                lambda some: all(
                    n in telling and (not t.is_plain or strata.n_informative(world, *t.place(n, n)) == 0) for n in some
                ),
            ),
        }
    }


def _is_beyond(t: Table, f: Composition) -> object:
    """Return that strata explain more than strata of as many groups, or units, that are drawn at random.

    Only for a null finding, and where groups are in several strata or units have weights, this is not worked out.
    """
    first = np.unique(t.owner, return_index=True)[1]
    of_owner = t.stratum[first]
    if f.null or t.is_weighted or (of_owner[t.owner] != t.stratum).any():
        return Such("false for a null finding", lambda beyond: not (beyond and f.null))
    rng, own = np.random.default_rng(3), explained(t, t.stratum)
    rank = sum(explained(t, rng.permutation(of_owner)[t.owner]) >= own for _ in range(SHUFFLES)) / SHUFFLES

    def is_so(beyond: bool) -> bool:
        return rank <= SELDOM if beyond else rank > 0 or own < LITTLE

    return Such(f"true if and only if shuffled strata explain {own:.3f} seldom: {rank:.1%} do", is_so)


def _reached(world: World, f: Composition, observed: float, most: float) -> dict[str, object]:
    """Return the part of the agreement that is possible beyond chance, each group compared with others."""
    beyond = left(world.table, world.table.stratum)
    possible = beyond + most - observed
    part = Near(beyond / possible) if possible > 1e-9 * world.table.n else None
    return {
        "reached": None
        if f.null or part is None
        else {
            "value": part,
            "low": Such("at most the part", lambda x: x is None or x <= f.reached.value + 1e-9),
            "high": Such("at least the part", lambda x: x is None or x >= f.reached.value - 1e-9),
        },
    }


def _of_diagonal(world: World) -> list[str]:
    """Return the categories whose own cell can be judged and is expected often enough."""
    t = world.table
    return [
        n
        for i, n in enumerate(t.names[0])
        if t.joint[i, i]
        and t.over_all[i, i] >= THRESHOLDS.expected
        and t.state(world.panels[0], i, i, world.minimum) == "measured"
    ]


def strata_change(world: World, c) -> Meaning:
    """Return what a category of the diagonal is before and within strata."""
    t = world.table
    i, _ = t.place(c.category, c.category)
    n, e, within = float(t.joint[i, i]), float(t.over_all[i, i]), float(t.within[i, i])
    most = sum(float(min(a[i], b[i])) for _, a, b, _ in t.by_stratum)
    alike, crossed = world.odds_sums(i, i)
    extreme = min(alike, crossed) <= 1e-9 * max(alike, crossed)
    return {
        "category": c.category,
        "observed": n,
        "expected": e,
        "expected_within": Near(within),
        "most": Near(most),
        "alike": UNKNOWN if extreme else Near(alike),
        "crossed": UNKNOWN if extreme else Near(crossed),
        "odds": {
            "value": UNKNOWN if extreme else Near(alike / crossed),
            "low": Such("at most the odds", lambda x: x is None or x <= c.odds.value * (1 + 1e-9)),
            "high": Such("at least the odds", lambda x: x is None or x >= c.odds.value * (1 - 1e-9)),
        },
        "n_telling": t.telling(i, i),
        "n_informative": strata.n_informative(world, i, i),
        "informative": strata.informative(world, i, i),
        "is_large": c.odds.value > 100 if extreme else alike / crossed > 100,
        "interval": None if c.odds.low is None else (c.odds.low, math.inf if c.odds.high is None else c.odds.high),
        "lift": n / e,
        "lift_within": Near(n / within),
        "most_within": Near(most / within),
    }


# Categories that keep to themselves, and those that others cross through.


def alone(t: Table, name: str) -> tuple[float, Array]:
    """Return the share of the units with a category on either side that have it alone on both; and which these are."""
    k = t.names[0].index(name)
    has = t.has[0][:, k] | t.has[1][:, k]
    only = frozenset([name])
    same = np.array([a == only and b == only for a, b in zip(*t.sets, strict=True)], dtype=bool)
    return float(t.weight[same & has].sum() / t.weight[has].sum()) if has.any() else math.nan, has


def isolation(world: World, _: Sequence[Isolation]) -> Meanings:
    t, panel, found = world.table, world.panels[0], {}
    if not t.same or t.masked:
        return {}
    for i, name in enumerate(t.names[0]):
        share, has = alone(t, name)
        state = t.state(panel, i, i, world.minimum)
        enough = has.sum() >= world.part.inference.minimum_units
        if state not in ("measured", "few", "uncertain") or not enough or share < THRESHOLDS.isolated:
            continue
        levels = np.unique(t.stratum[has])
        single = t.is_stratified and len(levels) == 1
        inside = t.stratum == levels[0]
        others = (t.has[0][inside & ~has].any() or t.has[1][inside & ~has].any()) if single else False
        found[f"isolation.{slug(name)}"] = {
            "cells": world.refs(name, name),
            "null": False,
            "category": name,
            "n": float(t.weight[has].sum()),
            "self_share": share,
            "stratum": t.strata[levels[0]] if single else None,
            "stratum_alone": bool(single and not others),
        }
    nothing = {
        "cells": (),
        "null": True,
        "category": "",
        "n": 0,
        "self_share": 0,
        "stratum": None,
        "stratum_alone": False,
    }
    return found or {"isolation": nothing}


def between(t: Table) -> Array:
    """Return how many units two different categories join, either way (K, K)."""
    crossing = t.joint + t.joint.T
    np.fill_diagonal(crossing, 0)
    return crossing


def by_sizes(t: Table, place: int) -> float:
    """Return the share of all crossings that a category's size makes its own at most, did all keep to themselves alike.

    Either all meet themselves more often than others by one factor (margins and the sum of the diagonal fitted in
    turn), or crossings are as the product of the margins.
    """
    return max(_through(table, place) for table in (_alike(t.joint), np.outer(t.joint.sum(1), t.joint.sum(0))))


def _through(table: Array, place: int) -> float:
    """Return the share of the crossings of a table that a category is on one side of."""
    crossing = np.where(np.eye(len(table), dtype=bool), 0.0, table)
    return float((crossing[place].sum() + crossing[:, place].sum()) / crossing.sum())


def _has_row(world: World, name: str) -> bool:
    """Return whether a category has enough data for a row of its own in some panel."""
    return any(cell.state in ("measured", "uncertain") for panel in world.panels for cell in panel.row(name))


def _alike(counts: Array) -> Array:
    """Return counts (K, K) with the margins of some and the sum of their diagonal, fitted in turn."""
    diagonal = np.eye(len(counts), dtype=bool)
    fitted = np.ones_like(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(3000):
            before = fitted.copy()
            fitted = np.nan_to_num(fitted * (counts.sum(1) / fitted.sum(1))[:, None])
            fitted = np.nan_to_num(fitted * (counts.sum(0) / fitted.sum(0))[None, :])
            for part in (diagonal, ~diagonal):
                fitted[part] *= counts[part].sum() / fitted[part].sum()
            if np.abs(fitted - before).max() < 1e-11 * counts.sum():
                break
    return fitted


def bridge(world: World, found: Sequence[Bridge]) -> Meanings:
    t, minimum = world.table, world.part.inference.minimum_units
    if not t.same or t.masked or len(t.names[0]) > 30:
        return {}
    crossing, names = between(t), t.names[0]
    total = float(crossing.sum()) / 2
    live = [i for i in range(len(names)) if max(t.sizes[0][i], t.sizes[1][i]) >= minimum]
    if len(live) < 3 or not total:
        return {}
    best = max(live, key=lambda i: crossing[i].sum())
    others = [i for i in live if i != best and crossing[i].any()]
    pairs = {(names[i], names[j]): float(crossing[i, j]) for i, j in combinations(others, 2)}
    through, met = float(crossing[best].sum()), [n for i, n in enumerate(names) if crossing[best, i]]
    sizes = by_sizes(t, best)
    given = _through(t.within, best) if t.is_stratified else None
    due = sizes if given is None else max(sizes, given)
    ranked = np.sort(crossing[best])
    joins = ranked[-2] >= minimum and through - ranked[-1] >= 0.1 * through
    carries = through >= THRESHOLDS.high * total and joins
    name = f"bridge.{slug(names[best])}"
    (f,) = found
    share = through / total
    sure = f.beyond.low is not None and f.beyond.low > 0
    refs = {r for other in met for pair in ((names[best], other), (other, names[best])) for r in world.refs(*pair)}
    return {
        name: {
            "cells": Such("the pairs of the bridge", lambda cells: set(cells) == refs),
            "null": True if not (carries and sure) else Such("a verdict over all live categories", lambda _: True),
            "category": names[best],
            "live": [names[i] for i in live],
            "met": met,
            "judged": [name for name in met if _has_row(world, name)],
            "n_crossing": total,
            "n_through": through,
            "by_size": Near(sizes * total, rel=1e-4),
            "in_strata": None if given is None else Near(given * total, rel=1e-6),
            "expected": Near(due * total, rel=1e-4),
            "is_beyond": f.beyond.low is not None and f.beyond.low > 0,
            "beyond": {
                "value": Near(share - due, rel=1e-4, abs=1e-4),
                **_beyond_ends(t, share, due, total),
            },
            "n_pairs": len(pairs),
            "n_unmet": sum(n == 0 for n in pairs.values()),
            "exceptions": Such(
                "the pairs of the others that meet, most first",
                lambda told: (
                    [p.n for p in told] == sorted((n for n in pairs.values() if n), reverse=True)
                    and all(math.isclose(pairs[p.first, p.second], p.n) for p in told)
                ),
            ),
        }
    }


def _beyond_ends(t: Table, share: float, due: float, total: float) -> dict[str, object]:
    """Return that the interval holds the number, and is no narrower than that of the share alone where units are plain."""
    low, high = (share - due, share - due)
    single = all((has.sum(axis=1) <= 1).all() for has in t.has)
    if t.is_plain and single:
        own = proportion_confint(round(share * total), round(total), method="beta")
        low, high = own[0] - due, own[1] - due
    return {
        "low": Such(f"at most {low}", lambda x: x is None or x <= low + 1e-6),
        "high": Such(f"at least {high}", lambda x: x is None or x >= high - 1e-6),
    }


# Direction.


def direction(world: World, found: Sequence[Direction]) -> Meanings:
    t, minimum, part = world.table, world.part.inference.minimum_units, world.part
    if not t.same or part.wording.form == "shared":
        return {}
    crossing = between(t)
    pairs = [(i, j) for i, j in combinations(range(len(crossing)), 2) if crossing[i, j] >= minimum]
    if not pairs or not found:
        assert bool(pairs) == bool(found) or int(crossing.any(axis=1).sum()) > 20
        return {}
    (f,) = found
    at = t.place(f.origin, f.goal)
    forward, back = float(t.joint[at]), float(t.joint[at[::-1]])
    far = max(abs(t.joint[at] - t.joint[at[::-1]]) for at in pairs)
    several = min(int((has.sum(axis=1) > 1).sum()) for has in t.has)
    refs = {*world.refs(f.origin, f.goal), *world.refs(f.goal, f.origin)}
    doubt = _doubt(world, f, several >= minimum)
    rests = next((w for w in f.without if not _is_positive(w.net)), None) if _is_positive(f.net) else None
    return {
        f"direction.{slug(*sorted((f.origin, f.goal)))}": {
            "cells": Such(f"{refs}", lambda cells: set(cells) == refs),
            "null": False,
            "origin": Such(
                "of a pair of which enough units cross",
                lambda name: name in t.names[0] and tuple(sorted(at)) in pairs,
            ),
            "goal": Such(
                "of the pair that differs most, where none is sure",
                lambda name: (
                    name in t.names[0] and forward >= back and (f.doubt != "net" or math.isclose(forward - back, far))
                ),
            ),
            "n_forward": forward,
            "n_back": back,
            "net": {"value": forward - back, **_net_ends(t, f, forward, back, several=several > 0)},
            "excess": _excess(t, at),
            "within": _held(f.within) if t.is_stratified else None,
            "n_pairs": len(pairs),
            "several": several >= minimum,
            "without": [_left_out(world, f, one) for one in f.without],
            "doubt": doubt,
            "supported": f.doubt is None,
            "is_net": _is_positive(f.net),
            "is_size": all(
                end is not None and abs(end) < 0.5
                for end in ((None, None) if f.excess is None else (f.excess.low, f.excess.high))
            ),
            "rests_on": rests,
        }
    }


def _excess(t: Table, at: tuple[int, int]) -> object:
    """Return what runs forward beyond what all other pairs make of it, None where these cannot tell.

    The strengths of Bradley and Terry's model are fitted to the other pairs in turn (Hunter 2004), among the
    categories between which flows lead both ways.
    """
    crossing = t.joint * ~np.eye(len(t.joint), dtype=bool)
    rest = crossing.copy()
    rest[at] = rest[at[::-1]] = 0
    _, part = connected_components(rest > 0, directed=True, connection="strong")
    if part[at[0]] != part[at[1]]:
        return None
    inside = np.flatnonzero(part == part[at[0]])
    won, strength = rest[np.ix_(inside, inside)], np.ones(len(inside))
    met = won + won.T
    for _ in range(20_000):
        before = strength
        strength = won.sum(axis=1) / (met / np.add.outer(strength, strength)).sum(axis=1)
        strength /= strength.sum()
        if np.abs(strength / before - 1).max() < 1e-12:
            break
    origin, goal = (strength[list(inside).index(place)] for place in at)
    n = float(crossing[at] + crossing[at[::-1]])
    value = float(crossing[at] - n * origin / (origin + goal))
    return {
        "value": Near(value, rel=1e-4, abs=1e-4 * n),
        "low": Such("an end that has the number above it", lambda x: x is None or -n - 1e-9 <= x <= value + 1e-4 * n),
        "high": Such("an end that has the number below it", lambda x: x is None or n + 1e-9 >= x >= value - 1e-4 * n),
    }


def _is_positive(estimate) -> bool:
    return estimate is not None and estimate.low is not None and estimate.low > 0


def _held(estimate) -> object:
    """Return that an interval holds its number: how much it is only models tell (tests/findings/test_flows.py)."""
    return Such(
        "a number between its ends",
        lambda e: e is None or e.low is None or e.low - 1e-9 <= e.value <= e.high + 1e-9,
    )


def _net_ends(t: Table, f: Direction, forward: float, back: float, *, several: bool) -> dict[str, object]:
    """Return the ends of the difference, given how many cross either way: Clopper and Pearson's of independent units."""
    n = forward + back
    if t.is_plain and not several:
        if n <= 1:
            return {"low": None, "high": None}
        low, high = proportion_confint(round(forward), round(n), method="beta")
        return {"low": Near(n * (2 * low - 1)), "high": Near(n * (2 * high - 1))}
    net = forward - back
    return {
        "low": Such(f"at most {net}", lambda x: x is None or x <= net + 1e-9),
        "high": Such(f"at least {net}", lambda x: x is None or x >= net - 1e-9),
    }


def _doubt(world: World, f: Direction, several: bool) -> object:  # noqa: PLR0911 - one for each doubt, in order
    """Return the first thing that stands against a direction, as far as its own numbers tell."""
    if not _is_positive(f.net):
        return "net"
    if several:
        return "several"
    if not all(_is_positive(w.net) for w in f.without):
        return "rests"
    if f.excess is None:
        return "sizes"
    if not _is_positive(f.excess):
        return "beyond"
    if world.table.is_stratified and not _is_positive(f.within):
        return "within"
    clear = not world.table.is_plain or f.n_forward - f.n_back > 3 * math.sqrt(f.n_forward + f.n_back)
    allowed = ("many", "apart", None) if clear else ("many", "apart")
    return Such(f"one of {allowed}", lambda doubt: doubt in allowed)


def _left_out(world: World, f: Direction, one) -> Meaning:
    """Return the counts without an item, label, level or group: some way to leave out what has its name."""

    def is_so(_: object) -> bool:
        for raw in world.raw.without(one.change.name):
            t = world.of(raw)
            at = t.place(f.origin, f.goal)
            if math.isclose(t.joint[at], one.n_forward) and math.isclose(t.joint[at[::-1]], one.n_back):
                return True
        return False

    return {
        "change": Such("what is left out gives these counts", is_so),
        "n_forward": Such("no more than there are", lambda n: 0 <= n <= f.n_forward),
        "n_back": Such("no more than there are", lambda n: 0 <= n <= f.n_back),
        "net": {
            "value": one.n_forward - one.n_back,
            "low": Such("at most the difference", lambda x: x is None or x <= one.n_forward - one.n_back + 1e-9),
            "high": Such("at least the difference", lambda x: x is None or x >= one.n_forward - one.n_back - 1e-9),
        },
    }
