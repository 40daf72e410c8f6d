"""Measures: each form of statement as a function of a table, a subject and an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .. import portable
from ..arrays import Bools, Floats, Ints, counted, ranked
from ..portable import tails
from ..stats.shares import (
    EVERY,
    HIT,
    MISSED,
    OUTCOME,
    WITH,
    WITHOUT,
    Certainty,
    Shares,
    against,
    difference,
    holm,
    linear,
    moved,
    pair_totals,
    share,
)
from . import Form, Number, Statement, Table, rules

Measure = Callable[[Table, str, str], Statement | None]


def share_among(table: Table, base: Bools, hit: Bools, outcome: str = "") -> Shares:
    """Return the share of the units of some patterns (p,) that are also among others (p,), those with an outcome."""
    return share(pair_totals(base, hit, table.design), alike=table.alike[outcome] if outcome else None)


def has_enough(table: Table, shares: Shares) -> bool:
    """Return whether a statement may be about the units of a share: enough units, and enough clusters."""
    is_few = table.is_clustered and float(shares.clusters) < table.minimum_groups
    return float(shares.units) >= rules.FEWEST_UNITS and not is_few


def compare(table: Table, subject: str, outcome: str) -> Statement | None:
    """Return the share of an outcome among units with the subject, less that among all other units (form 1)."""
    totals = pair_totals(table.row(subject), table.column(outcome), table.design)
    alike = table.alike[outcome]
    own, others = share(totals, HIT, WITH, alike), share(totals, MISSED, WITHOUT, alike)
    if not (has_enough(table, own) and has_enough(table, others)):
        return None
    every = share(totals, OUTCOME, EVERY)
    return of_pair(subject, outcome, own, others, every, difference(totals, own, others))


def of_pair(subject: str, outcome: str, own: Shares, others: Shares, every: Shares, certainty: Certainty) -> Statement:
    """Return the statement on a difference from its parts."""
    numbers: dict[str, Number] = {
        "share": float(own.value),
        "other": float(others.value),
        "difference": float(own.value - others.value),
        "count": float(own.count),
        "base": float(own.base),
        "units": float(own.units),
        "expected": float(own.base * every.value),
    }
    is_rare = numbers["expected"] >= rules.RARE_EXPECTED and own.count <= rules.RARE_PART * own.base * every.value  # type: ignore[operator]
    numbers["is_rare"] = bool(is_rare)
    return Statement("difference", subject, outcome, "others", numbers, certainty, cells=((subject, outcome),))


def _categories_shown(table: Table, outcome: str) -> tuple[list[int], list[Shares]]:
    """Return the explanatory categories with enough units, and their shares, among units with one category."""
    column, single = table.column(outcome), table.x.sum(axis=1) == 1
    found = [share_among(table, table.x[:, j] & single, column, outcome) for j in range(len(table.rows))]
    shown = [j for j, of in enumerate(found) if has_enough(table, of) and table.rows[j] not in table.residual]
    return shown, [found[j] for j in shown]


def trend(table: Table, subject: str, outcome: str) -> Statement | None:
    """Return the slope of the share of an outcome over the ordered explanatory categories (forms 4 and 5).

    The effect is the last share less the first. The slope is least squares over the places of all categories, also of
    those with too few units for a share of their own: a category that is left out must not make a trend.
    """
    column = table.column(outcome)
    shown, shares = _categories_shown(table, outcome)
    if len(shown) < 3 or not table.ordered:
        return None
    single, units = table.x.sum(axis=1) == 1, table.design.units
    there = [j for j, name in enumerate(table.rows) if name not in table.residual and (units * table.x[:, j]).any()]
    weight = table.design.weight * (single & table.x[:, there].any(axis=1))
    score = portable.matmul(table.x[:, there], np.arange(float(len(there))))
    whole = float(weight.sum())
    middle, level = float((weight * score).sum()) / whole, float((weight * column).sum()) / whole
    square = float((weight * portable.squared(score - middle)).sum())
    slope = float((weight * (score - middle) * (column - level)).sum()) / square
    contributions = weight * (score - middle) * (column - level - slope * (score - middle)) / square
    values = np.array([float(of.value) for of in shares])
    steps = np.diff(values)
    is_monotone = bool((steps * slope > 0).all())
    p = np.array([float(_apart(table, one, other).p) for one, other in zip(shares[1:], shares, strict=False)])
    numbers: dict[str, Number] = {
        "values": tuple(values.tolist()),
        "categories": tuple(table.rows[j] for j in shown),
        "bases": tuple(float(of.units) for of in shares),
        "difference": float(values[-1] - values[0]),
        "slope": slope,
        "is_monotone": is_monotone,
        "is_each_step": is_monotone and bool((holm(p) <= rules.FALSE_DISCOVERY).all()),
    }
    cells = tuple((table.rows[j], outcome) for j in shown)
    return Statement(
        "trend", subject, outcome, "order", numbers, linear(slope, contributions, table.design), cells=cells
    )


def _apart(table: Table, one: Shares, other: Shares) -> Certainty:
    """Return the certainty of a difference of two shares of different categories."""
    together = np.zeros(())
    if table.is_clustered and one.residuals is not None and other.residuals is not None:
        together = (one.residuals * other.residuals).sum() / max(np.sqrt(float(one.variance * other.variance)), 1e-300)
    return moved(one, other, np.clip(np.asarray(together, dtype=np.float64), -0.95, 0.95))


def turn(table: Table, subject: str, outcome: str) -> Statement | None:
    """Return a sequence of shares that turns once: its lowest or highest category against both ends (form 5)."""
    shown, shares = _categories_shown(table, outcome)
    if len(shown) < 4 or not table.ordered:
        return None
    values = np.array([float(of.value) for of in shares])
    found = []
    for place in (int(values[1:-1].argmin()) + 1, int(values[1:-1].argmax()) + 1):
        ends = [_apart(table, shares[place], shares[end]) for end in (0, -1)]
        sign = np.sign(float(ends[0].value))
        if sign and sign == np.sign(float(ends[1].value)):
            nearest = max(ends, key=lambda one: float(one.p))
            found.append((min(abs(float(one.value)) for one in ends), place, nearest))
    if not found:
        return None
    size, place, certainty = max(found, key=lambda one: one[0])
    numbers: dict[str, Number] = {
        "values": tuple(values.tolist()),
        "categories": tuple(table.rows[j] for j in shown),
        "bases": tuple(float(of.units) for of in shares),
        "difference": size * float(np.sign(float(certainty.value))),
        "at": table.rows[shown[place]],
        "is_lowest": bool(values[place] < values[0]),
    }
    cells = tuple((table.rows[j], outcome) for j in shown)
    return Statement("turn", subject, outcome, "order", numbers, certainty, cells=cells)


def overall(table: Table, subject: str, outcome: str = "") -> Statement:
    """Return the shares of all units on a side, largest first (form 6); `subject` is "rows" or "columns"."""
    names, sets = (table.rows, table.x) if subject == "rows" else (table.columns, table.y)
    every = np.ones(len(sets), dtype=np.bool_)
    values = [float(share_among(table, every, sets[:, j]).value) for j in range(len(names))]
    order = sorted(range(len(names)), key=lambda j: -values[j])
    numbers: dict[str, Number] = {
        "values": tuple(values[j] for j in order),
        "categories": tuple(names[j] for j in order),
        "is_several": bool((sets.sum(axis=1) > 1).any()),
    }
    return Statement("overall", subject, outcome, "", numbers)


def set_numbers(table: Table) -> tuple[Ints, Ints]:
    """Return a number for the set of categories of each pattern on both sides: equal sets have the same number."""
    both = np.concatenate([np.packbits(table.x, axis=1), np.packbits(table.y, axis=1)])
    keys = np.ascontiguousarray(np.concatenate([both, np.ones((len(both), 1), np.uint8)], axis=1))
    number, _ = ranked(keys.view(f"S{keys.shape[1]}").ravel())
    return np.asarray(number[: len(table.x)], dtype=np.int64), np.asarray(number[len(table.x) :], dtype=np.int64)


def labelled(table: Table) -> Table:
    """Return the units with a category on both sides that is not residual."""
    residual = [j for j, name in enumerate(table.rows) if name in table.residual]
    x, y = (np.delete(sets, residual, axis=1) if residual else sets for sets in (table.x, table.y))
    return table.kept(np.asarray(x.any(axis=1) & y.any(axis=1)))


def agreement(table: Table, subject: str = "", outcome: str = "") -> Statement | None:
    """Return the share of units with the same set of categories on both sides, less that by chance (form 8).

    Chance combines the sets of both sides at random, among all units ("chance") and within strata ("within"). The
    effect is beyond chance within strata if there are strata.
    """
    table = labelled(table)
    weight = table.design.weight
    n = float(weight.sum())
    if table.n_units < rules.FEWEST_UNITS:
        return None
    first, second = set_numbers(table)
    match = (first == second).astype(np.float64)
    value = float((weight * match).sum()) / n
    numbers: dict[str, Number] = {"share": value, "count": float((weight * match).sum()), "base": n}
    numbers["mismatches"] = float((weight * (1 - match)).sum())
    levels = [("chance", np.zeros(len(weight), dtype=np.int64))]
    if table.stratum is not None and table.strata_there:
        levels.append(("within", table.stratum))
    certainty = None
    for name, level in levels:
        chance, gain, testable = _by_chance(level, first, second, weight)
        numbers[name] = chance
        numbers["difference"] = value - chance
        certainty = linear(value - chance, weight * (match - value - gain) / n, table.design)
        if name == "within":
            numbers |= {"testable": testable, "strata": len(table.strata_there)}
    low, high = share_among(table, np.ones(len(weight), dtype=np.bool_), match.astype(np.bool_)).interval()
    numbers |= {"low": float(low), "high": float(high)}
    cells = tuple((name, name) for name in table.rows)
    comparison = "strata" if "within" in numbers else "chance"
    return Statement("agreement", subject, outcome, comparison, numbers, certainty, cells=cells)  # type: ignore[arg-type]


def _by_chance(level: Ints, first: Ints, second: Ints, weight: Floats) -> tuple[float, Floats, int]:
    """Return the share of equal sets by chance within levels, how patterns (p,) move it, and the testable levels."""
    n_sets, n_levels = int(max(first.max(), second.max())) + 1, int(level.max()) + 1
    keys, of_both = level * n_sets + first, level * n_sets + second
    size = counted(weight, level, n_levels)
    rows, columns = (counted(weight, key, n_sets * n_levels) for key in (keys, of_both))
    product = rows * columns
    there = np.where(size > 0, size, 1.0)
    expected = counted(product, np.arange(len(product)) // n_sets, n_levels) / portable.squared(there)
    chance = float((size * expected).sum()) / float(size.sum())
    gain = columns[keys] / there[level] + rows[of_both] / there[level] - expected[level] - chance
    return chance, gain, int(((size > 0) & (expected < 1 - 1e-9)).sum())


def weakest(table: Table, subject: str = "", outcome: str = "") -> Statement | None:  # noqa: ARG001 - a measure
    """Return the category whose units match least, against the one whose units match most (form 9)."""
    found = []
    for j, name in enumerate(table.rows):
        own = share_among(table, table.x[:, j], table.y[:, j], table.columns[j])
        if has_enough(table, own) and name not in table.residual and not only_stratum(table, table.x[:, j]):
            found.append((float(own.value), name, own))
    if len(found) < 2:
        return None
    found.sort(key=lambda one: -one[0])
    (_, _, high), (_, last, low) = found[0], found[-1]
    row = table.row(last)
    rest = [
        (float(share_among(table, row, table.y[:, k]).value), name)
        for k, name in enumerate(table.columns)
        if name != last
    ]
    most, where = max(rest)
    certainty = _apart(table, low, high)
    numbers: dict[str, Number] = {
        "values": tuple(value for value, *_ in found),
        "categories": tuple(name for _, name, _ in found),
        "rest": most,
        "share": float(low.value),
        "units": float(low.units),
        "difference": float(low.value - high.value),
    }
    cells = ((last, last), (last, where))
    return Statement("weakest", last, outcome or where, "", numbers, certainty, cells=cells)


def only_stratum(table: Table, patterns: Bools) -> str:
    """Return the one stratum of several that some patterns (p,) come from, empty if there are more."""
    if table.stratum is None or len(table.strata_there) < 3:
        return ""
    own = np.unique(table.stratum[patterns & (table.design.units > 0)])
    return table.strata[int(own[0])] if len(own) == 1 else ""


def isolation(table: Table, subject: str, _outcome: str = "") -> Statement | None:
    """Return that all units with a category on either side have it, and nothing else, on both (form 12)."""
    j = table.rows.index(subject)
    either = table.x[:, j] | table.y[:, j]
    alone = table.x[:, j] & table.y[:, j] & (table.x.sum(axis=1) == 1) & (table.y.sum(axis=1) == 1)
    units = table.design.units
    n = float(units[either].sum())
    if (
        table.withheld is not None
        or n < rules.FEWEST_UNITS
        or units[either & ~alone].sum()
        or not units[~either].sum()
        or subject in table.residual
    ):
        return None
    found = share_among(table, either, alone)
    numbers: dict[str, Number] = {"count": n, "clusters": float(found.clusters)}
    if table.stratum is not None and len(own := np.unique(table.stratum[either & (units > 0)])) == 1:
        numbers |= {"only": table.strata[int(own[0])], "only_kind": "stratum"}
    elif table.design.cluster is not None and len(own := np.unique(table.design.cluster[either & (units > 0)])) == 1:
        numbers |= {"only": table.clusters[int(own[0])] if table.clusters else "", "only_kind": "group"}
    return Statement("isolation", subject, subject, "", numbers, cells=((subject, subject),))


def mismatch(table: Table, subject: str, outcome: str = "") -> Statement | None:
    """Return the share of mismatches with a category on a side, less that expected from the sizes of sets (form 10)."""
    table = labelled(table)
    j, weight = table.rows.index(subject), table.design.weight
    first, second = set_numbers(table)
    differ, has = first != second, table.x[:, j] | table.y[:, j]
    units = table.design.units
    if float(units[differ].sum()) < rules.FEWEST_MISMATCHES or not has.any() or subject in table.residual:
        return None
    n_sets = int(max(first.max(), second.max())) + 1
    held = np.zeros(n_sets, dtype=np.bool_)
    held[first[table.x[:, j]]] = True
    held[second[table.y[:, j]]] = True
    rows, columns = counted(weight, first, n_sets), counted(weight, second, n_sets)
    apart = rows.sum() * columns.sum() - (rows * columns).sum()
    without = rows[~held].sum() * columns[~held].sum() - (rows * columns)[~held].sum()
    expected = 1 - float(without) / float(apart) if apart > 0 else np.nan
    own = share_among(table, differ, has)
    if (table.is_clustered and float(own.clusters) < table.minimum_groups) or not np.isfinite(expected):
        return None
    numbers: dict[str, Number] = {
        "share": float(own.value),
        "count": float(units[differ & has].sum()),
        "base": float(units[differ].sum()),
        "expected": expected,
        "difference": float(own.value) - expected,
        "without": float(units[~has].sum()),
        "without_differ": float(units[~has & differ].sum()),
        "with": float(units[has].sum()),
        "with_match": float(units[has & ~differ].sum()),
    }
    cells = tuple((subject, name) for name in table.columns if name != subject)
    cells += tuple((name, subject) for name in table.rows if name != subject)
    there = table.totals.first[0]
    cells = tuple(c for c in cells if there[table.rows.index(c[0]), table.columns.index(c[1])] > 0)
    return Statement("mismatch", subject, outcome, "sizes", numbers, against(own, np.array(expected)), cells=cells)


def direction(table: Table, subject: str, outcome: str) -> Statement | None:
    """Return the units with the subject on the explanatory side and the outcome on the other, against the reverse.

    Units with both categories on one side are not counted. The effect is the share in this direction less that which
    the sizes of the categories alone give (form 11).
    """
    i, j = table.rows.index(subject), table.rows.index(outcome)
    x, y, weight = table.x, table.y, table.design.weight
    single = ~(x[:, i] & x[:, j]) & ~(y[:, i] & y[:, j])
    there, back = x[:, i] & y[:, j] & single, x[:, j] & y[:, i] & single
    own = share_among(table, there | back, there)
    if not has_enough(table, own) or {subject, outcome} & table.residual:
        return None
    size = [float(weight[of & single].sum()) for of in (x[:, i], y[:, j], x[:, j], y[:, i])]
    sizes = size[0] * size[1], size[2] * size[3]
    if not sum(sizes):
        return None
    expected = sizes[0] / sum(sizes)
    numbers: dict[str, Number] = {
        "there": float(weight[there].sum()),
        "back": float(weight[back].sum()),
        "share": float(own.value),
        "expected": expected,
        "difference": float(own.value) - expected,
    }
    cells = ((subject, outcome), (outcome, subject))
    return Statement("direction", subject, outcome, "reverse", numbers, against(own, np.array(expected)), cells=cells)


def only_here(told: Statement, table: Table) -> Statement | None:
    """Return that the other categories are homogeneous, so that a difference is an exception (form 3)."""
    if told.form != "difference" or table.several_rows:
        return None
    column = table.column(told.outcome)
    rest = [
        share_among(table, table.row(name), column)
        for name in table.rows
        if name not in {told.subject, *table.residual}
    ]
    rest = [one for one in rest if has_enough(table, one)]
    if len(rest) < 2:
        return None
    values = np.array([float(one.value) for one in rest])
    variance = np.array([max(float(one.variance), 1e-6) for one in rest])
    middle = float((values / variance).sum() / (1 / variance).sum())
    statistic = float((portable.squared(values - middle) / variance).sum())
    p = float(tails.chdtrc(len(values) - 1, statistic))
    if p <= rules.HOMOGENEOUS_P or values.max() - values.min() >= rules.HOMOGENEOUS_RANGE:
        return None
    numbers: dict[str, Number] = {"low": float(values.min()), "high": float(values.max()), "n": len(values)}
    return Statement("only_here", told.subject, told.outcome, "others", numbers)


MEASURES: Mapping[Form, Measure] = {
    "difference": compare,
    "trend": trend,
    "turn": turn,
    "overall": overall,
    "agreement": agreement,
    "weakest": weakest,
    "mismatch": mismatch,
    "direction": direction,
    "isolation": isolation,
}
"""The forms that can be measured on any table."""


def again(told: Statement, table: Table, scope: str) -> Statement | None:
    """Return a statement measured on another table, or None if there is too little data."""
    if {told.subject, told.outcome} - {*table.rows, *table.columns, "", "rows", "columns"}:
        return None
    found = MEASURES[told.form](table, told.subject, told.outcome)
    if found is None:
        return None
    return Statement(
        found.form, found.subject, found.outcome, found.comparison, found.numbers, found.certainty, scope=scope,
        cells=found.cells,
    )  # fmt: skip


def holds(new: Statement | None, told: Statement, alpha: float = rules.FALSE_DISCOVERY) -> bool:
    """Return whether a statement that was measured again confirms an earlier one: same sign, interval without zero.

    The weakest category must also be the same.
    """
    return new is not None and new.subject == told.subject and new.effect * told.effect > 0 and new.nearest(alpha) > 0


def frequent_pairs(table: Table) -> tuple[tuple[Statement, ...], bool]:
    """Return the pairs with 20 units or more, at most 12: the diagonal first; and whether there are more.

    Each is a statement of the form "cell" with `count`, `expected` by chance and `within` strata (without strata, it is
    absent). `share`, `low` and `high` are among units of the row, `back`, `back_low` and `back_high` among those of the
    column; these are absent if there is too little data.
    """
    joint, units = table.totals.first[0], table.totals.units[0]
    places = [(i, j) for i, j in np.argwhere(units >= rules.FEWEST_UNITS).tolist() if _may_show(table, i, j)]
    places.sort(key=lambda at: (at[0] != at[1], -joint[at]))
    weight = table.design.weight
    expected = _expected(table, np.zeros(len(weight), dtype=np.int64))
    within = _expected(table, table.stratum) if table.stratum is not None and table.strata_there else None
    found, turned = [], table.turned()
    most = places[: rules.MOST_ROWS]
    if len(places) > len(most):  # of pairs with the same count, all are shown or none
        rest = places[rules.MOST_ROWS]
        most = [at for at in most if (at[0] == at[1]) != (rest[0] == rest[1]) or joint[at] > joint[rest]]
    for i, j in most:
        numbers: dict[str, Number] = {"count": float(joint[i, j]), "expected": float(expected[i, j])}
        if within is not None:
            numbers["within"] = float(within[i, j])
        numbers |= _shown(table, i, j, ("share", "low", "high"))
        numbers |= _shown(turned, j, i, ("back", "back_low", "back_high"))
        pair = table.rows[i], table.columns[j]
        found.append(Statement("cell", *pair, numbers=numbers, cells=(pair,)))
    return tuple(found), len(places) > len(most)


def _may_show(table: Table, i: int, j: int) -> bool:
    return table.withheld is None or not table.withheld[i, j]


def _expected(table: Table, stratum: Ints) -> Floats:
    """Return the expected counts of all pairs (R, C), summed over strata (p,)."""
    weight = table.design.weight
    found = np.zeros((len(table.rows), len(table.columns)))
    for level in np.unique(stratum):
        of = weight * (stratum == level)
        if of.sum() > 0:
            found += np.outer(portable.matmul(of, table.x), portable.matmul(of, table.y)) / of.sum()
    return found


def _shown(table: Table, i: int, j: int, names: tuple[str, str, str]) -> dict[str, Number]:
    """Return the share of a pair among units of the row with its interval; nothing if there is too little data."""
    of = share(table.totals, HIT, WITH, np.array([table.alike[name] for name in table.columns]))
    is_few = table.is_clustered and float(of.clusters[i, j]) < table.minimum_groups
    if float(of.units[i, j]) < rules.FEWEST_UNITS or is_few:
        return {}
    low, high = of.interval()
    return dict(zip(names, (float(of.value[i, j]), float(low[i, j]), float(high[i, j])), strict=True))
