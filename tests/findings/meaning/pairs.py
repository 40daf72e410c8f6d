"""What findings about pairs of categories mean: cells, panels, what departs, and the story that is told first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from diptych.cells import Panel
from diptych.findings.asymmetry import Asymmetry
from diptych.findings.blocks import Block
from diptych.findings.composition import PairDeviations
from diptych.findings.diagonal import Diagonal, OffDiagonal, Spread
from diptych.findings.finding import slug
from diptych.findings.story import Story
from diptych.findings.surprises import PairAssociations
from tests.findings.meaning import strata
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such, names_of
from tests.findings.meaning.table import Array, Table, are_precise
from tests.findings.meaning.world import Meanings, World, bools
from tests.prose import order
from tests.thresholds import THRESHOLDS

LISTED = 12
SURELY = 0.95
"""Share of resamples in which a block of one side must come out."""
CLEAR = 6
"""Standard errors from which a pair departs by so much that no test of all could miss it."""


def shares_of(world: World) -> list[Panel]:
    return [panel for panel in world.panels if panel.measure.name == "conditional"]


def _value(world: World, panel: Panel, i: int, j: int) -> float:
    own = 1 if world.table.is_turned(panel) else 0
    n = world.table.sizes[own][(i, j)[own]]
    return float(world.table.joint[i, j] / n) if n else 0.0


def _rows_of(world: World, panel: Panel) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return the given categories of a panel with the places (row, column) of their cells, in order."""
    t = world.table
    rows, columns = t.joint.shape
    if t.is_turned(panel):
        return [(name, [(i, j) for i in range(rows)]) for j, name in enumerate(t.names[1])]
    return [(name, [(i, j) for j in range(columns)]) for i, name in enumerate(t.names[0])]


def _cell_of(world: World, panel: Panel, i: int, j: int) -> Meaning:
    row, column = world.table.names[0][i], world.table.names[1][j]
    return world.cell(panel, *((column, row) if world.table.is_turned(panel) else (row, column)))


def _set(refs: set) -> Such:
    return Such(f"the cells {sorted(map(str, refs))}", lambda cells: set(cells) == refs and len(cells) == len(refs))


def _own_refs(world: World, panel: Panel, places: Sequence[tuple[int, int]]) -> Such:
    names = world.table.names
    return _set({ref for i, j in places for ref in world.refs(names[0][i], names[1][j]) if ref.panel == panel.id})


def diagonal(world: World, _: Sequence[Diagonal]) -> Meanings:
    t, found = world.table, {}
    if not t.same or t.masked:
        return {}
    for panel in shares_of(world):
        best, tied = [], []
        for name, places in _rows_of(world, panel):
            states = {at: t.state(panel, *at, world.minimum) for at in places if t.joint[at]}
            there = [at for at, state in states.items() if state in ("measured", "uncertain")]
            most = max((t.joint[at] for at in there), default=0)
            highest = [at for at in there if t.joint[at] == most]
            if all(states[at] == "measured" for at in highest):
                best += highest if len(highest) == 1 else []
                tied += [name] if len(highest) > 1 else []
        if best or tied:
            leading = sorted((at for at in best if at[0] == at[1]), key=lambda at: -_value(world, panel, *at))
            others = [at for at in best if at[0] != at[1]]
            found[f"diagonal.{panel.id}"] = {
                "cells": _own_refs(world, panel, best),
                "null": False,
                "panel": panel.id,
                "leading": [_cell_of(world, panel, *at) for at in leading],
                "others": [_cell_of(world, panel, *at) for at in others],
                "tied": tuple(tied),
                "n_rows": len(best) + len(tied),
            }
    return found


def crossings(world: World, said: Sequence[OffDiagonal]) -> Meanings:
    t, found, limit = world.table, {}, THRESHOLDS.min_share
    largest_of = {f.panel: f.largest for f in said}
    for panel in shares_of(world):
        there = {
            (i, j): t.state(panel, i, j, world.minimum)
            for _, places in _rows_of(world, panel)
            for i, j in places
            if t.joint[i, j] and not (t.same and i == j)
        }
        often = [at for at in there if _value(world, panel, *at) >= limit]
        listed = sorted((at for at in often if there[at] == "measured"), key=lambda at: -_value(world, panel, *at))
        measured = [at for at, state in there.items() if state == "measured"]
        largest = [] if listed else _largest(world, panel, measured, largest_of.get(panel.id, ()))
        found[f"crossings.{panel.id}"] = {
            "cells": _own_refs(world, panel, listed or largest),
            "null": not listed,
            "panel": panel.id,
            "threshold": limit,
            "listed": [_cell_of(world, panel, *at) for at in listed],
            "n_below": len(measured) - len(listed),
            "n_few": sum(there[at] in ("few", "uncertain") for at in often),
            "largest": [_cell_of(world, panel, *at) for at in largest],
        }
    return found


def _largest(world: World, panel: Panel, places: Sequence[tuple[int, int]], said: Sequence) -> list[tuple[int, int]]:
    """Return the cell with the largest share; of several that are equal, the one that the report names."""
    values = {at: _value(world, panel, *at) for at in places}
    equal = [at for at, value in values.items() if math.isclose(value, max(values.values()), rel_tol=1e-12)]
    named = [world.table.place(*world.table.pair_of(panel, cell.given, cell.outcome)) for cell in said]
    return [at for at in equal if at in named] or equal[:1]


# Two panels that reverse each other.


def asymmetry(world: World, found: Sequence[Asymmetry]) -> Meanings:
    t, panels = world.table, world.panels
    if len(panels) != 2 or panels[0].mirror != panels[1].id:
        assert not found
        return {}
    left, right = panels
    cells = [at for _, places in _rows_of(world, left) for at in places]
    states = {at: [t.state(panel, *at, world.minimum) for panel in panels] for at in cells}
    measured = [at for at in cells if states[at] == ["measured", "measured"]]
    met = [at for at in cells if t.joint[at] and states[at][0] != "masked"]
    met = [at for at in cells if t.joint[at]] if not t.masked else met
    if not measured or not met:
        return {}
    values = {at: (_value(world, left, *at), _value(world, right, *at)) for at in cells}
    is_share = left.measure.name == "conditional"
    if not is_share:
        return {one.id: dict.fromkeys(_fields(one), UNKNOWN) for one in found}
    gaps = {at: abs(values[at][0] - values[at][1]) for at in measured}
    several = all(bool((has.sum(axis=1) > 1).any()) for has in t.has)
    most = max(gaps.values())
    logs = [abs(math.log(a / b)) for a, b in (values[at] for at in met)]
    size_share = 1.0 if sum(logs) > 1e-9 else None
    means = [float(np.mean([values[at][k] for at in measured])) for k in (0, 1)]

    def is_most(cell: object) -> bool:
        row, column = t.pair_of(left, cell.given, cell.outcome)
        return t.place(row, column) in gaps and gaps[t.place(row, column)] >= most - 1e-12

    return {
        f"asymmetry.{left.id}.{right.id}": {
            "cells": Such("the cell that differs most in both panels", lambda cells: len(cells) == 2),
            "null": most < 1e-9,
            "left": left.id,
            "right": right.id,
            "measure": left.measure.phrase,
            "symmetric": False,
            "n_compared": len(met),
            "size_share": size_share if size_share is None else Near(size_share),
            "is_all_size": size_share is not None,
            "largest_error": Near(0.0),
            "lift_apart": Near(0.0),
            "within_apart": Such("nothing", lambda x: (x or 0) < 1e-9 if t.is_stratified else x is None),
            "nothing_left": True,
            "factor_left": Near(1.0),
            "left_mean": Near(means[0]) if several else None,
            "right_mean": Near(means[1]) if several else None,
            "left_cell": Such("the cell that differs most", is_most),
            "right_cell": Such(
                "the reversed one",
                lambda cell: any((cell.given, cell.outcome) == (f.left_cell.outcome, f.left_cell.given) for f in found),
            ),
            "n_mirrors": len(met),
            "mirrors": [_mirror(world, left, at, values[at]) for at in met],
        }
    }


def _fields(finding: object) -> list[str]:
    return [name for name in names_of(type(finding)) if name != "id"]


def _mirror(world: World, left: Panel, at: tuple[int, int], values: tuple[float, float]) -> Meaning:
    t = world.table
    i, j = at
    a, b, n = float(t.sizes[0][i]), float(t.sizes[1][j]), float(t.joint[at])
    names = t.names[0][i], t.names[1][j]
    turned = t.is_turned(left)
    return {
        "given": names[1] if turned else names[0],
        "outcome": names[0] if turned else names[1],
        "left": values[0],
        "right": values[1],
        "log_ratio": math.log(values[0] / values[1]),
        "log_size_ratio": math.log(a / b if turned else b / a),
        "imbalance": abs(a - b) / (a + b - n),
        "lift": n * t.n / (a * b),
        "lift_within": n / float(t.within[at]) if t.is_stratified else None,
    }


# What pairs are compared with.


def basis_of(t: Table) -> str:
    """Return what pairs are judged by: among crossing units where the diagonal holds much more than chance."""
    if t.same and not t.masked:
        held, expected = float(np.trace(t.joint)), float(np.trace(t.within))
        if held > t.joint.sum() / 2 or held - expected > 2 * math.sqrt(expected):
            return "crossing"
    return "strata" if t.is_stratified else "all"


def quasi_independent(joint: Array, i: int, j: int) -> float:
    """Return what all other pairs of different categories let expect of one: row times column, fitted in turn."""
    open_ = ~np.eye(len(joint), dtype=bool)
    open_[i, j] = False
    fitted, counts = np.where(open_, 1.0, 0.0), np.where(open_, joint, 0.0)
    a, b = np.ones(len(joint)), np.ones(len(joint))
    for _ in range(20000):
        before = fitted
        a = _over(counts.sum(axis=1), open_ @ b)
        b = _over(counts.sum(axis=0), a @ open_)
        fitted = np.outer(a, b)
        if np.abs(fitted - before).max() < 1e-12 * max(joint.sum(), 1):
            break
    return float(a[i] * b[j])


def _over(x: Array, y: Array) -> Array:
    return np.divide(x, y, out=np.zeros_like(x), where=y > 0)


def surprises(world: World, found: Sequence[PairAssociations]) -> Meanings:
    t, panel = world.table, world.panels[0]
    basis = basis_of(t)
    enough = np.outer(t.is_enough(0, *world.minimum), t.is_enough(1, *world.minimum))
    tested = {
        (i, j) for i, j in world.pairs() if enough[i, j] and not (t.same and i == j) and t.sizes[0][i] and t.sizes[1][j]
    }
    (finding,) = found
    known = t.within if basis == "strata" else t.over_all
    clear = _clear(t, tested) if t.is_plain and basis != "crossing" else {}
    exact = _departing(world, basis) if t.is_plain and basis != "crossing" else None
    n_above, n_below = (
        UNKNOWN if exact is None else sum(side == way for side in exact.values()) for way in ("above", "below")
    )
    shown = (*finding.above, *finding.below)
    pairs = [t.place(*t.pair_of(panel, pair.given, pair.outcome)) for pair in shown]
    return {
        f"surprises.{panel.id}": {
            "cells": _set({ref for i, j in pairs for ref in world.refs(t.names[0][i], t.names[1][j])}),
            "null": not exact if exact is not None else (not shown if not clear else False),
            "panel": panel.id,
            "basis": basis,
            "stratified": t.is_stratified,
            "n_crossing": float(t.joint.sum() - np.trace(t.joint)) if basis == "crossing" else None,
            "above": [_pair(world, pair, basis, "above") for pair in finding.above],
            "below": [_pair(world, pair, basis, "below") for pair in finding.below],
            "n_tested": Such(f"at most {len(tested)}, the pairs with enough units", lambda n: n <= len(tested))
            if basis == "crossing" or not t.is_plain
            else sum(t.telling(i, j) > 0 for i, j in tested),
            "n_often": Such("some of those that are tested", lambda n: n <= finding.n_tested)
            if basis == "crossing" or not t.is_plain
            else sum(known[at] >= 5 for at in tested if t.telling(*at)),
            "n_above": n_above if basis != "crossing" else len(finding.above),
            "n_below": n_below if basis != "crossing" else len(finding.below),
            "detectable": _detectable(world, finding),
            "selected_level": _selected_level(world, finding),
            "leftover": Such(
                "true only if all have what is left over",
                lambda is_so: not is_so or all(world.is_leftover(p.given, p.outcome) for p in shown),
            )
            if finding.n_above + finding.n_below > len(shown)
            else bool(shown) and all(world.is_leftover(p.given, p.outcome) for p in shown),
            "clearest": max(shown, key=lambda p: p.deviance, default=None),
        }
    }


def _pair(world: World, pair, basis: str, side: str) -> Meaning:
    t, panel = world.table, world.panels[0]
    i, j = t.place(*t.pair_of(panel, pair.given, pair.outcome))
    n, due = float(t.joint[i, j]), float(t.within[i, j] if basis == "strata" else t.over_all[i, j])
    if basis == "crossing":
        plain = not t.is_stratified
        due = quasi_independent(t.joint, i, j) if plain else pair.expected
        expected: object = Near(due, rel=1e-4) if plain else UNKNOWN
        deviance: object = Such("positive", lambda x: x > 0)
    else:
        expected = due
        deviance = Near(2 * ((n * math.log(n / due) if n else 0.0) - n + due))
    return {
        "given": pair.given,
        "outcome": pair.outcome,
        "n_joint": n,
        "expected": expected,
        "ratio": {
            "value": Near(n / due, rel=1e-4) if due else UNKNOWN,
            "low": Such(f"below the ratio, {side} 1", lambda x: x <= pair.ratio.value and (x > 1) == (side == "above")),
            "high": Such(f"over the ratio, {side} 1", lambda x: x >= pair.ratio.value and (x < 1) == (side == "below")),
        },
        "direction": side,
        "overall": float(n / t.over_all[i, j]),
        "q_value": Near(_q_values(world)[i, j], rel=0.1 if t.is_stratified else 1e-4)
        if t.is_plain and basis != "crossing"
        else Such("at most the rate", lambda q: q <= world.part.inference.fdr),
        "often": due >= THRESHOLDS.expected,
        "deviance": deviance,
        **_selected(pair),
    }


def _selected(pair) -> dict[str, object]:
    """Return that an interval adjusted for selection is no narrower than the other, and is what a sentence gives."""
    return {
        "selected": {
            "value": pair.ratio.value,
            "low": Such("not above the other end", lambda x: x is not None and x <= pair.ratio.low * (1 + 1e-9)),
            "high": Such("not below the other end", lambda x: x is not None and x >= pair.ratio.high * (1 - 1e-9)),
        },
        "interval": (pair.selected.low, pair.selected.high),
    }


def _clear(t: Table, tested: set[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """Return the pairs that depart clearly, with by how many standard errors."""
    found = {}
    for i, j in tested:
        far = z(t, i, j)
        if t.within[i, j] >= 5 and abs(far) > CLEAR:
            found[i, j] = far
    return found


def z(t: Table, i: int, j: int) -> float:
    """Return by how many standard errors a pair departs, were units independent; 0 where it cannot."""
    error = _error(t, i, j) * float(t.within[i, j])
    return float(t.joint[i, j] - t.within[i, j]) / error if error else 0.0


def _q_values(world: World) -> dict[tuple[int, int], float]:
    """Return q of Benjamini and Hochberg of all pairs that can be tested, by exact tests of independent units."""
    t = world.table
    enough = np.outer(t.is_enough(0, *world.minimum), t.is_enough(1, *world.minimum))
    tested = [at for at in world.pairs() if enough[at] and not (t.same and at[0] == at[1]) and t.telling(*at)]
    if not tested:
        return {}
    p = [t.p_exact(*at) for at in tested]
    return dict(zip(tested, stats.false_discovery_control(p), strict=True))


def _departing(world: World, basis: str) -> dict[tuple[int, int], str]:
    """Return the pairs that surely depart, all tested together; less often only where five are expected.

    None of those that strata show in opposite directions.
    """
    t, limit = world.table, THRESHOLDS.expected
    found, opposed = {}, strata.opposed(world) if basis == "strata" else set()
    for at, q in _q_values(world).items():
        if at in opposed:
            continue
        more = t.joint[at] > t.within[at]
        if q <= world.part.inference.fdr and (more or t.within[at] >= limit):
            found[at] = "above" if more else "below"
    return found


def _selected_level(world: World, f: PairAssociations) -> object:
    """Return the level at which the intervals of named pairs miss as seldom as those of all pairs."""
    if not f.n_above + f.n_below:
        return None
    settings = world.part.inference
    if f.basis == "crossing":  # of those that depart one alone is named
        return Such("at least that of all intervals", lambda x: settings.level <= x < 1)
    return max(settings.level, 1 - settings.fdr * (f.n_above + f.n_below) / f.n_tested)


RANKS = {"large": 0.1, "medium": 0.5, "small": 0.9}


def _detectable(world: World, f: PairAssociations) -> object:
    """Return what would have been found four times in five, of a large, a medium and a small pair that is tested.

    By normal laws: found where p is below the rate over the number of pairs. Of groups and weights bounds are known.
    """
    t, panel = world.table, world.panels[0]
    if f.basis == "crossing" or not f.n_tested:
        return []
    if not t.is_plain:
        return Such("shares above chance", lambda of: all(_is_above_chance(world, one) for one in of))
    pairs = list(_q_values(world))
    shown = {at: (at[::-1] if t.is_turned(panel) else at) for at in pairs}
    order = sorted(pairs, key=lambda at: (-round(float(_known(t)[at]), 9), shown[at]))
    places = {order[round(part * (len(order) - 1))]: size for size, part in reversed(RANKS.items())}
    needed = float(stats.norm.isf(world.part.inference.fdr / _n_tests(t, pairs) / 2))
    return [_detectable_of(world, at, size, needed) for at, size in sorted(places.items(), key=lambda p: RANKS[p[1]])]


def _n_tests(t: Table, pairs: Sequence[tuple[int, int]]) -> int:
    """Count the tests of pairs: where every unit has one of two categories of a side, both have the same tests."""
    merged = [bool((has.sum(axis=1) == 1).all() and has.any(axis=0).sum() == 2) for has in t.has]
    return len({(0 if merged[0] else i, 0 if merged[1] else j) for i, j in pairs})


def _known(t: Table) -> Array:
    return t.within if t.is_stratified else t.over_all


def _detectable_of(world: World, at: tuple[int, int], size: str, needed: float) -> Meaning:
    t, (i, j) = world.table, at
    turned = t.is_turned(world.panels[0])
    names = t.names[0][i], t.names[1][j]
    given, outcome = names[::-1] if turned else names
    base = float(_known(t)[at] / (t.sizes[1][j] if turned else t.sizes[0][i]))
    error = _error(t, i, j)
    chance = float(stats.norm.ppf(0.8)) * error
    ratio = ((chance + math.sqrt(chance**2 + 4 * (1 + needed * error))) / 2) ** 2
    most = min(1 / base, min(t.sizes[0][i], t.sizes[1][j]) / float(_known(t)[at]))
    share = None if ratio > 1.08 * most else ratio * base
    near: object = None if share is None else Near(share, rel=0.08)
    wider = _wider(t, j if turned else i, 1 if turned else 0)
    gap: object = None if share is None else Near((share - base) * wider, abs=0.08 * share * wider)
    points: object = None if share is None else Near(100 * (share - base) * wider, abs=8 * share * wider)
    if most < ratio <= 1.08 * most or ratio <= most < 1.08 * ratio:  # it may as well be none
        near = points = gap = UNKNOWN
    return {
        "size": size,
        "given": given,
        "outcome": outcome,
        "base": Near(base),
        "share": near,
        "difference": gap,
        "points": points,
    }


def _wider(t: Table, k: int, side: int) -> float:
    """Return how many times the difference from units without a category exceeds the difference from all units."""
    levels = t.by_stratum if t.is_stratified else [(t.n, *t.sizes, t.joint)]
    compared = sum(of[1 + side][k] * (of[0] - of[1 + side][k]) / of[0] for of in levels if of[0])
    return float(t.sizes[side][k] / compared)


def _is_above_chance(world: World, one) -> bool:
    """Return whether an excess is of a pair's own expectation, and not smaller than independent units would need."""
    t, panel = world.table, world.panels[0]
    at = t.place(*t.pair_of(panel, one.given, one.outcome))
    n_given = t.sizes[1][at[1]] if t.is_turned(panel) else t.sizes[0][at[0]]
    return math.isclose(one.base, _known(t)[at] / n_given, rel_tol=1e-6) and (
        one.share is None or one.base < one.share <= 1
    )


def _error(t: Table, i: int, j: int) -> float:
    """Return the standard error of the ratio of a pair where it meets as often as chance makes it."""
    v = sum(
        a[i] * (1 - a[i] / n) * b[j] * (1 - b[j] / n) / (n - 1)
        for n, a, b, _ in (t.by_stratum if t.is_stratified else [(t.n, *t.sizes, t.joint)])
        if n > 1
    )
    return math.sqrt(v) / float(t.within[i, j]) if t.within[i, j] else 0.0


EQUAL = (0.8, 1.25)
"""Between them an odds ratio is equivalent to none."""


def spread(world: World, found: Sequence[Spread]) -> Meanings:
    """Return the categories of which every outcome's odds ratio is surely equivalent to 1."""
    t, panel = world.table, world.panels[0]
    if t.same or t.masked:
        return {}
    said = {f.category: f for f in found}
    meanings = {}
    for name, places in _rows_of(world, panel):
        tested = [
            at
            for at in places
            if t.state(panel, *at, world.minimum) == "measured" and _known(t)[at] >= THRESHOLDS.expected
        ]
        odds = {at: float(np.divide(*world.odds_sums(*at))) for at in tested if min(world.odds_sums(*at)) > 0}
        joint = [float(t.joint[at]) for at in places]
        if len(tested) < 3 or len(odds) < len(tested) or not _is_equivalent(world, tested, odds, name in said):
            continue
        if sum(joint) - math.fsum(t.joint[at] for at in tested) > 0.1 * sum(joint):
            continue
        ends = [_wald(world, at, odds[at]) for at in tested] if t.is_plain else None
        meanings[f"spread.{slug(name)}"] = {
            "cells": _own_refs(world, panel, places),
            "null": False,
            "panel": panel.id,
            "category": name,
            "lowest": Such("0.8 or more, below all odds", lambda x, of=odds: EQUAL[0] <= x <= min(of.values()) + 1e-9)
            if ends is None
            else Near(min(end[0] for end in ends)),
            "highest": Such("1.25 or less, above all odds", lambda x, of=odds: EQUAL[1] >= x >= max(of.values()) - 1e-9)
            if ends is None
            else Near(max(end[1] for end in ends)),
            "n_outcomes": len(tested),
        }
    return meanings


def _is_equivalent(world: World, tested: Sequence[tuple[int, int]], odds: Mapping, said: bool) -> bool:
    """Return whether no outcome of a category differs from chance, all odds ratios being near 1; of groups as is said."""
    t, fdr = world.table, world.part.inference.fdr
    if not t.is_plain:
        return said
    ends = [_wald(world, at, odds[at]) for at in tested]
    differs = any(_q_values(world).get(at, 1) <= fdr for at in tested)
    if t.is_stratified:
        differ = strata.tested(world)
        differs = differs or any(at in differ and differ[at][1] <= fdr for at in tested)
    return not differs and min(low for low, _ in ends) >= EQUAL[0] and max(high for _, high in ends) <= EQUAL[1]


def _wald(world: World, at: tuple[int, int], odds: float) -> tuple[float, float]:
    """Return the ends of the interval of a common odds ratio that is that of two one-sided tests (statsmodels)."""
    t = world.table
    pair = strata.OverStrata.of(t, *at) if t.is_stratified else None
    i, j = at
    n, both, row, column = t.n, t.joint[at], t.sizes[0][i], t.sizes[1][j]
    whole = np.array([[both, row - both], [column - both, n - row - column + both]], dtype=float)
    tables = [whole] if pair is None else [level.table for level in pair.levels if level.varies]
    low, high = StratifiedTable(tables).oddsratio_pooled_confint(alpha=2 * (1 - world.part.inference.level))
    assert low <= odds <= high
    return float(low), float(high)


# What departs.


def departures(world: World, found: Sequence[PairDeviations]) -> Meanings:
    t, judged = world.table, world.judged
    if not judged:
        return {}
    amounts = order.amounts(world.whole.written, world.whole.tables, world.raw)
    total = math.fsum(amounts.values())
    ranked = [pair for pair in t.ranked_departures(amounts) if amounts[pair] > 0][:LISTED]
    told = [(pair.row, pair.column) for finding in found for pair in finding.pairs]
    # Pairs that depart alike, to rounding, may be in either order, and either may be the last that is listed.
    if np.allclose([amounts[pair] for pair in told], [amounts[pair] for pair in ranked]):
        ranked = told
    pairs = [
        {
            "row": row,
            "column": column,
            "n": float(t.joint[t.place(row, column)]),
            "expected": float(t.within[t.place(row, column)]),
            "share": Near(amounts[row, column] / total),
        }
        for row, column in ranked
    ]
    return {
        "departures": {
            "cells": _set({ref for pair in ranked for ref in world.refs(*pair)}),
            "null": not ranked,
            "n_pairs": len(judged),
            "pairs": pairs,
        }
    }


def story(world: World, found: Sequence[Story]) -> Meanings:
    t = world.table
    if not world.judged:
        return {}
    order.check(
        world.whole.written, world.whole.tables, world.raw
    )  # which statements, in which order, how much each adds
    (finding,) = found
    points = [
        {
            "finding": point.finding,
            "side": Such("that of its category", lambda side: side in (None, "rows", "columns")),
            "category": Such(
                "one of its side",
                lambda name, p=point: name is None or name in t.names[("rows", "columns").index(p.side)],
            ),
            "pairs": [_named(world, pair, point) for pair in point.pairs],
            "adds": Such("a share", lambda x: 0 < x <= 1 + 1e-9),
            "turned": _is_turned(world, point),
        }
        for point in finding.points
    ]
    refs = {ref for point in finding.points for pair in point.pairs for ref in world.refs(pair.row, pair.column)}
    return {
        "story": {
            "cells": _set(refs),
            "null": not finding.points,
            "points": points,
            "stratified": t.is_stratified,
            "told": min(math.fsum(point.adds for point in finding.points), 1.0),
        }
    }


def _is_turned(world: World, point) -> bool:
    """Return whether a column and another divide nearly all units, so that it is told of the rows."""
    if point.category is None or point.side != "columns" or world.raw.masked:
        return False
    return bool(world.raw._opposite(1, point.category))


def _named(world: World, pair, point) -> Meaning:
    t = world.table
    i, j = t.place(pair.row, pair.column)
    n, a, b = float(t.joint[i, j]), float(t.sizes[0][i]), float(t.sizes[1][j])
    by_column = (point.side == "columns") != point.turned
    if t.masked:
        by_column = pair.column == point.category
        a, b = float(t.sizes[0][i]), float(t.sizes[0][j])
    elif point.category is not None and not point.turned:
        assert point.category == (pair.column if by_column else pair.row)
    n_given, n_outcome = (b, a) if by_column else (a, b)
    rest = t.n - n_given
    share, others = n / n_given, (n_outcome - n) / rest if rest > 0 else None
    over_strata = float(t.within[i, j]) if t.is_stratified else None
    within = n / over_strata if over_strata else None
    times = share / others if others else None
    return {
        "row": pair.row,
        "column": pair.column,
        "given": pair.column if by_column else pair.row,
        "outcome": pair.row if by_column else pair.column,
        "n_joint": n,
        "n_given": n_given,
        "n_outcome": n_outcome,
        "n_impossible": None,
        "fitted": None,
        "n_units": t.n,
        "expected": Near(a * b / t.n),
        "expected_within": Near(over_strata) if n and over_strata else None,
        "within": within,
        **strata.range_of(world, i, j, pair),
        "precise": _are_precise(t, pair, by_column=by_column),
        "share": share,
        "others": others,
        "times": times,
        "hidden": bool(within and times) and _is_hidden(math.log(times), math.log(within)),
    }


def _are_precise(t, pair, *, by_column: bool) -> object:
    """Return whether the shares of a pair, among the units with the first category and the others, are precise."""
    sides = [bools(t, 0, pair.row), bools(t, 1, pair.column)]
    given, outcome = sides[::-1] if by_column else sides
    return are_precise(t, outcome, [given, ~given])


def _is_hidden(over_all: float, inside: float) -> bool:
    """Return whether only strata show a pair: over all it is about as often as by chance, or the other way."""
    return over_all * inside <= 0 or abs(over_all) < abs(inside) / 2


# Blocks.


def blocks(world: World, found: Sequence[Block]) -> Meanings:
    t, minimum = world.table, world.part.inference.minimum_units
    by_activity = world.part.wording.form == "shared" and not t.is_stratified
    if not t.joint.any() or t.masked or by_activity:
        return {}
    basis = "crossing" if t.same and len(t.joint) <= 30 else "strata" if t.is_stratified else "all"
    meanings: dict[str, Meaning] = {}
    for f in found:
        name = ".".join(("blocks", *([] if f.side == "both" else [f.side]), slug(*f.members))) if not f.null else f.id
        meanings[name] = _block(world, f, basis, minimum)
    return meanings or {"blocks": {}}


def _block(world: World, f: Block, basis: str, minimum: int) -> Meaning:
    t, limit = world.table, THRESHOLDS.recurring
    both = t.same
    k = 1 if f.side == "columns" else 0
    names = t.names[k]
    numbers = [names.index(name) for name in f.members]
    joining = None
    expected: object = None
    ratio: object = None
    overlaps: dict[str, object] = {"overlap": None, "overlap_of_others": None, "is_alike": False}
    if both and f.members:
        own = t.joint[np.ix_(numbers, numbers)]
        joining = float(own.sum() - np.trace(own))
        due = t.within if t.is_stratified else t.over_all
        inside = due[np.ix_(numbers, numbers)]
        expected = UNKNOWN if basis == "crossing" else float(inside.sum() - np.trace(inside))
        ratio = None if not f.expected else joining / f.expected
    elif f.members:
        every = _overlaps(world, k)
        inside = min(every[pair] for pair in combinations(numbers, 2))
        judged = _judged_of(world, k)
        outside = max(x for pair, x in every.items() if judged.issuperset(pair) and not set(numbers).issuperset(pair))
        overlaps = {"overlap": Near(inside), "overlap_of_others": Near(outside), "is_alike": inside >= 0.75}
        assert inside > outside, "every two members of a block are more alike than any other two"
    side = "both" if both else Such("rows or columns", lambda side: side in ("rows", "columns"))
    return {
        "cells": UNKNOWN if not f.members else _set(_block_refs(world, f, numbers)),
        "null": f.recurs is None or f.recurs < (limit if both else max(limit, SURELY)) or bool(f.contained),
        "side": side,
        "members": Such(
            "in the order of the categories", lambda m: list(m) == [n for n in names if n in m] and len(m) < len(names)
        ),
        "n_joining": joining,
        "expected": expected,
        "ratio": ratio,
        "basis": basis if both and f.members else None,
        "recurs": Such("a share of resamples", lambda x: x is None or 0 <= x <= 1),
        "n_resamples": Such("none where none are drawn", lambda n: (n > 0) == (f.recurs is not None)),
        "threshold": limit if both or not f.members else max(limit, SURELY),
        "contained": Such("some of the members", lambda some: set(some) <= set(f.members)),
        "stratified": t.is_stratified if f.members else UNKNOWN,
        **overlaps,
    }


def _overlaps(world: World, side: int) -> dict[tuple[int, int], float]:
    """Return by how much the shares of any two categories over the other side overlap."""
    joint = world.table.joint if side == 0 else world.table.joint.T
    shares = [row / row.sum() if row.any() else row for row in joint]
    return {(i, j): float(np.minimum(shares[i], shares[j]).sum()) for i, j in combinations(range(len(shares)), 2)}


def _judged_of(world: World, side: int) -> set[int]:
    """Return the categories of a side that have a pair which can be tested."""
    t = world.table
    enough = [t.is_enough(0, *world.minimum) & (t.sizes[0] > 0), t.is_enough(1, *world.minimum) & (t.sizes[1] > 0)]
    there = [(i, j) for i, j in world.pairs() if enough[0][i] and enough[1][j] and t.telling(i, j)]
    return {at[side] for at in there}


def _block_refs(world: World, f: Block, numbers: Sequence[int]) -> set:
    t, found = world.table, set()
    for i in numbers:
        if f.side == "both":
            found |= {ref for j in numbers if j != i for ref in world.refs(t.names[0][i], t.names[1][j])}
        elif f.side == "rows":
            found |= {ref for name in t.names[1] for ref in world.refs(t.names[0][i], name)}
        else:
            found |= {ref for name in t.names[0] for ref in world.refs(name, t.names[1][i])}
    return found
