"""What limits a statement: strata, groups, the one without which it fails, and who is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from .. import portable
from ..arrays import Bools, Floats, Ints, counted, over
from ..ledger.coverage import Coverage, SideCoverage
from ..portable import tails
from ..stats.shares import HIT, MISSED, WITH, WITHOUT, Certainty, Shares, linear, moved, pair_totals, share
from . import Number, Statement, Table, rules
from .measures import again, holds, only_stratum


@dataclass(frozen=True, eq=False)
class WithinStrata:
    """A difference standardised over strata (weights n1 n0 / n), with its certainty, and the plain one there.

    `plain` is over the same units: those in strata with both sides. `levels` are the numbers of these strata.
    """

    value: float
    certainty: Certainty
    plain: float
    levels: tuple[int, ...]


def sides_of(told: Statement, table: Table) -> tuple[Bools, Bools] | None:
    """Return the patterns (p,) that a statement compares: with the subject and without, or last and first category."""
    if told.form == "difference":
        row = table.row(told.subject)
        return row, ~row
    if told.form in {"trend", "turn"}:
        categories = told.numbers["categories"]
        if isinstance(categories, tuple) and {categories[0], categories[-1]} <= set(table.rows):
            single = table.x.sum(axis=1) == 1
            return table.row(str(categories[-1])) & single, table.row(str(categories[0])) & single
    return None


def standardised(told: Statement, table: Table, stratum: Ints, n_strata: int) -> WithinStrata | None:
    """Return the difference within strata (p,), every stratum with both sides counted, however small."""
    sides = sides_of(told, table)
    if sides is None:
        return None
    weight, hit = table.design.weight, table.column(told.outcome)
    n, k = (np.stack([counted(weight * (side & of), stratum, n_strata) for side in sides]) for of in (hit | True, hit))
    both = (n > 0).all(axis=0)
    if not both.any():
        return None
    safe = np.where(n > 0, n, 1.0)
    p, factor = k / safe, over(n[0] * n[1], n.sum(axis=0))
    whole = float(factor.sum())
    value = float((factor * (p[0] - p[1])).sum()) / whole
    contributions = np.zeros(len(weight))
    for sign, side, of, size in ((1.0, sides[0], p[0], safe[0]), (-1.0, sides[1], p[1], safe[1])):
        contributions += sign * side * weight * (factor / size)[stratum] * (hit - of[stratum]) / whole
    plain = k[:, both].sum(axis=1) / n[:, both].sum(axis=1)
    levels = tuple(np.flatnonzero(both).tolist())
    certainty = linear(value, contributions, table.design)
    if table.design.cluster is not None and stratum is table.design.cluster:  # groups vary, not units within them
        certainty = _over_groups(value, p[0] - p[1], factor)
    return WithinStrata(value, certainty, float(plain[0] - plain[1]), levels)


def _over_groups(value: float, differences: Floats, factor: Floats) -> Certainty:
    """Return the certainty of a mean of differences of groups (G,) with factors (G,)."""
    there = factor > 0
    parts = factor[there] / factor[there].sum()
    n = max(int(there.sum()), 2)
    error = float(
        np.sqrt(
            max(
                float((portable.squared(parts) * portable.squared(differences[there] - value)).sum()) * n / (n - 1),
                1e-24,
            )
        )
    )
    freedom = np.array(max(1 / float(portable.squared(parts).sum()) - 1, 1.0))
    return Certainty(np.array(value), freedom, lambda c: (value - c * error, value + c * error))


def strata_for(told: Statement, table: Table) -> tuple[tuple[Ints, int], ...]:
    """Return the strata within which a difference must hold: declared ones, and groups that have both sides."""
    found = [(table.stratum, len(table.strata))] if table.stratum is not None and table.strata_there else []
    sides, cluster = sides_of(told, table), table.design.cluster
    if cluster is not None and sides is not None:
        n = [table.design.summed(table.design.units * side) for side in sides]
        if _counts_groups(n[0], n[1]):
            found.append((cluster, table.design.n_clusters))
    return tuple(found)


def _counts_groups(first: Floats, other: Floats) -> bool:
    """Return whether most groups, ten or more, have both sides, with enough units in the median one."""
    both, there = (first > 0) & (other > 0), first + other > 0
    if both.sum() < rules.FEWEST_GROUPS or 2 * both.sum() <= there.sum():
        return False
    return bool(np.median((first + other)[both]) >= rules.MEDIAN_UNITS)


def within(told: Statement, table: Table) -> tuple[WithinStrata, ...]:
    """Return a difference within its strata, and within groups if most have both sides; empty without either."""
    found = (standardised(told, table, *strata) for strata in strata_for(told, table))
    return tuple(one for one in found if one is not None)


def p_within(told: Statement, table: Table) -> float:
    """Return p of a statement, or the largest p within strata if that is larger; 1 if the sign changes there."""
    found = within(told, table)
    if any(one.value * told.effect <= 0 for one in found):
        return 1.0
    return max([told.p, *(float(one.certainty.p) for one in found)])


def limiting(told: Statement, table: Table) -> str:
    """Return where a difference is least clear: "stratum", "group", or "" without either."""
    kinds = ["stratum"] * (table.stratum is not None and bool(table.strata_there)) + ["group"]
    found = zip(kinds, within(told, table), strict=False)
    worst = max(((float(of.certainty.p), kind) for kind, of in found), default=(0.0, ""))
    return worst[1]


def in_strata(told: Statement, table: Table, alpha: float) -> Statement | None:
    """Return the strata of a statement: the same in each, less within them, or reversed in some (forms 13 to 15).

    Of declared strata and groups, the ones with the smaller difference are told.
    """
    if sides_of(told, table) is None:
        return None
    found = within(told, table)
    is_declared = table.stratum is not None and bool(table.strata_there)
    declared = found[0] if found and is_declared else None
    levels: list[tuple[str, Statement]] = []
    if declared is not None and table.stratum is not None:
        for k in declared.levels:
            one = again(told, table.kept(table.stratum == k), table.strata[k])
            levels += [] if one is None or not _is_alike(one, told) else [(table.strata[k], one)]
    shown: dict[str, Number] = {
        "levels": tuple(name for name, _ in levels), "pairs": tuple(_ends(one) for _, one in levels),
    }  # fmt: skip
    reversed_in = tuple((name, *_ends(one)) for name, one in levels if _is_against(one, told, declared, alpha))
    least = min(found, key=lambda one: one.value / one.plain if one.plain else 1.0, default=None)
    is_less = least is not None and abs(least.value) < rules.SHRINKS * abs(least.plain)
    is_reversed = any(one.effect * told.effect < 0 for _, one in levels)
    if declared is not None and reversed_in and (is_reversed or not is_less):
        numbers = _of(declared) | shown | {"against": reversed_in}
        return _note("strata_reversed", told, numbers, declared.certainty, "strata")
    if least is not None and is_less:
        return _note("strata_less", told, _of(least), least.certainty, "strata" if least is declared else "groups")
    is_whole = 2 <= len(levels) == len(table.strata_there) <= 3
    if declared is not None and is_whole and all(_is_same(one, told, alpha) for _, one in levels):
        return _note("strata_same", told, _of(declared) | shown, declared.certainty, "strata")
    return None


def _of(found: WithinStrata) -> dict[str, Number]:
    return {"difference": found.value, "plain": found.plain}


def _is_alike(one: Statement, told: Statement) -> bool:
    """Return whether the first and the last category of a sequence are those of another one."""
    mine, others = (of.numbers.get("categories", ("",)) for of in (one, told))
    return isinstance(mine, tuple) and isinstance(others, tuple) and (mine[0], mine[-1]) == (others[0], others[-1])


def _is_same(one: Statement, told: Statement, alpha: float) -> bool:
    return holds(one, told, alpha) and (told.form != "trend" or bool(one.numbers["is_monotone"]))


def _is_against(one: Statement, told: Statement, declared: WithinStrata | None, alpha: float) -> bool:
    """Return whether a statement on a stratum has the other sign, or finds next to no difference there.

    Such a difference is small and not clear, and its interval excludes the difference within all strata.
    """
    if one.effect * told.effect < 0:
        return True
    if declared is None or told.certainty is None or not declared.plain:
        return False
    low, high = one.interval()
    is_in = low <= float(told.certainty.value) * declared.value / declared.plain <= high
    return abs(one.effect) < rules.LEAST_TWOFOLD and one.nearest(alpha) == 0 and not is_in


def _ends(one: Statement) -> tuple[Number, ...]:
    values = one.numbers.get("values")
    return (values[0], values[-1]) if isinstance(values, tuple) else (one.number("share"), one.number("other"))


def _note(
    form: str, told: Statement, numbers: Mapping[str, Number], certainty: Certainty | None, scope: str
) -> Statement:
    return Statement(form, told.subject, told.outcome, told.comparison, numbers, certainty, scope=scope)  # type: ignore[arg-type]


def in_groups(told: Statement, table: Table) -> Statement | None:
    """Return in how many groups with both sides the share is lower, and in how many higher (form 16)."""
    sides = sides_of(told, table)
    design = table.design
    if design.cluster is None or sides is None:
        return None
    n = [design.summed(design.units * side) for side in sides]
    both = (n[0] > 0) & (n[1] > 0)
    if not _counts_groups(n[0], n[1]) or np.median(np.minimum(n[0], n[1])[both]) < rules.SIGNED_UNITS:
        return None
    hit = table.column(told.outcome)
    weights = [design.summed(design.weight * side) for side in sides]
    k = [design.summed(design.weight * (side & hit)) for side in sides]
    sign = np.sign(k[0][both] / weights[0][both] - k[1][both] / weights[1][both])
    numbers: dict[str, Number] = {
        "lower": int((sign < 0).sum()),
        "higher": int((sign > 0).sum()),
        "base": int(both.sum()),
    }
    return _note("groups", told, numbers, None, "groups")


class Recheck(NamedTuple):
    """A statement measured again without one thing: a "group", "stratum", "item" or "label", and its name.

    `again` is None if there is too little data.
    """

    by: str
    name: str
    again: Statement | None


def rechecks(told: Statement, table: Table, others: Iterable[tuple[str, str, Table]] = ()) -> Iterator[Recheck]:
    """Yield a statement without each of the largest groups and strata, by its units, and on further tables.

    `others`: the kind of thing that was left out ("item" or "label"), its name, and the table without it.
    """
    for by, name, without in (*_left_out(told, table), *others):
        is_lost = told.form == "agreement" and by == "label" and int(np.count_nonzero(without.x.any(axis=0))) < 3
        if not is_lost and not any(told.outcome and not there(name).any() for there, name in _own_sets(told, without)):
            yield Recheck(by, name, again(told, without, f"without {name}"))  # otherwise, the label is the category


def dependence(
    told: Statement, table: Table, alpha: float, others: Iterable[tuple[str, str, Table]] = ()
) -> Statement | None:
    """Return the group, stratum, item or label without which a statement fails, if there is one (form 17)."""
    for by, name, found in rechecks(told, table, others):
        if found is not None and not holds(found, told, alpha):
            numbers = dict(found.numbers) | {"by": by, "name": name}
            return _note("depends", told, numbers, found.certainty, found.scope)
    return None


def _own_sets(told: Statement, table: Table) -> Iterable[tuple[Callable[[str], Bools], str]]:
    """Yield how the patterns with the subject and with the outcome are found, and their names."""
    if told.subject in table.rows:
        yield table.row, told.subject
    if told.outcome in table.columns:
        yield table.column, told.outcome


def _left_out(told: Statement, table: Table) -> Iterable[tuple[str, str, Table]]:
    """Yield the tables without one of the largest strata and groups; of two, none is left out."""
    sides = sides_of(told, table)
    inside = np.ones(len(table.x), dtype=np.bool_) if sides is None or told.form != "difference" else sides[0]
    for kind, number, names in (
        ("stratum", table.stratum, table.strata),
        ("group", table.design.cluster, table.clusters),
    ):
        if number is None or len(there := np.unique(number[table.design.units > 0])) < 3:
            continue
        size = counted(table.design.weight * inside, number, int(number.max()) + 1)
        order = sorted(there.tolist(), key=lambda k: (-size[k], k))
        for k in order[: rules.LARGEST_LEFT_OUT]:
            if size[k] > 0:
                yield kind, names[k] if len(names) > k else "", table.kept(number != k)


def recounted(told: Statement, tables: Mapping[str, Table]) -> Statement | None:
    """Return an agreement counted by another unit, if the share differs by ten points (form 18)."""
    for unit, table in tables.items():
        found = again(told, table, f"counted by {unit}")
        if found is not None and abs(found.number("share") - told.number("share")) >= rules.RECOUNT_POINTS:
            numbers = dict(found.numbers) | {"unit": unit}
            return _note("recount", told, numbers, found.certainty, found.scope)
    return None


def contained_pairs(table: Table) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a kind with itself in which nearly all units of one category have the other (form 21)."""
    if not table.is_shared:
        return ()
    own = share(table.totals, HIT, WITH)
    places = np.argwhere((own.value >= rules.CONTAINED) & (own.units >= rules.FEWEST_UNITS))
    return tuple((table.rows[i], table.columns[j]) for i, j in places.tolist() if i != j)


Answered = Mapping[str, tuple[float, float]]
"""For each category: units with it, and those of them that are counted."""


@dataclass(frozen=True)
class Answers:
    """Answers on both sides of an oriented table: those of each category, and how many units have any.

    `rows` and `columns` are empty for a side whose items are not the units. `all_rows` and `all_columns` are the units
    with any category, and those of them that are counted.
    """

    rows: Answered = field(default_factory=dict)
    columns: Answered = field(default_factory=dict)
    all_rows: tuple[float, float] = (0.0, 0.0)
    all_columns: tuple[float, float] = (0.0, 0.0)


def answers_of(table: Table, coverage: Coverage, role: str) -> Answers:
    """Return the answers of the sides whose items are the units: both for records, one for links from or to items."""
    if coverage.is_withheld:
        return Answers()
    x, y = (table.y, table.x) if table.is_flipped else (table.x, table.y)
    known = {"record": ("rows", "columns"), "from": ("rows",), "to": ("columns",)}.get(role, ())
    found: dict[str, tuple[Answered, tuple[float, float]]] = {}
    for name, side, sets in (("rows", coverage.rows, x), ("columns", coverage.columns, y)):
        counted = float(table.design.units[sets.any(axis=1)].sum())
        found[name] = (_answered(side), (float(side.n_labelled), counted)) if name in known else ({}, (0.0, 0.0))
    first, second = ("columns", "rows") if table.is_flipped else ("rows", "columns")
    return Answers(found[first][0], found[second][0], found[first][1], found[second][1])


def _answered(side: SideCoverage) -> Answered:
    return {one.category: (float(one.n_items), float(one.n_linked)) for one in side.categories}


def shortfall(category: str, answered: Answered, every: tuple[float, float]) -> float:
    """Return how many units of a category would be counted besides, if it were covered as the others are.

    It is 0 if its coverage is not clearly lower than that of all other units (score test at 5%, divided by the number
    of categories).
    """
    n, k = answered.get(category, (0.0, 0.0))
    n_others, k_others = every[0] - n, every[1] - k
    if min(n, n_others) <= 0:
        return 0.0
    p = every[1] / every[0]
    error = np.sqrt(p * (1 - p) * (1 / n + 1 / n_others))
    if 2 * tails.ndtr((k / n - k_others / n_others) / max(error, 1e-12)) > rules.FALSE_DISCOVERY / len(answered):
        return 0.0
    return float((k_others / n_others - k / n) * n)


def survives_gaps(told: Statement, table: Table, answers: Answers, alpha: float) -> bool:
    """Return whether a difference stays clear if the units that uneven coverage lacks are counted against it."""
    of_subject = shortfall(told.subject, answers.rows, answers.all_rows)
    of_outcome = shortfall(told.outcome, answers.columns, answers.all_columns)
    if told.form != "difference" or not (of_subject or of_outcome):
        return True
    totals = pair_totals(table.row(told.subject), table.column(told.outcome), table.design)
    alike = table.alike[told.outcome]
    own, others = share(totals, HIT, WITH, alike), share(totals, MISSED, WITHOUT, alike)
    if told.effect > 0:  # units of the subject without the outcome, and others with it
        own, others = _with(own, of_subject, 0.0), _with(others, of_outcome, of_outcome)
    else:
        own = _with(own, of_subject + of_outcome, of_subject + of_outcome)
    low, high = moved(own, others, np.zeros(())).interval(alpha)
    return bool(low > 0 if told.effect > 0 else high < 0)


def _with(of: Shares, n: float, hits: float) -> Shares:
    """Return a share with further units, of which some have the outcome."""
    base = of.base + n
    value, effective = (of.count + hits) / base, of.effective * base / of.base
    return replace(of, value=value, base=base, effective=effective, variance=value * (1 - value) / effective)


def missing(table: Table, coverage: Coverage, role: str) -> Statement | None:
    """Return how many units are counted, and how many others have a category (form 19); None if units are withheld."""
    if coverage.is_withheld:
        return None
    units = table.design.units
    numbers: dict[str, Number] = {"units": float(coverage.n_units), "total": float(coverage.n_candidates)}
    for name, sets in (("outside_rows", table.x), ("outside_columns", table.y)):
        numbers[name] = float(units[~sets.any(axis=1)].sum())
    if role == "record":
        sides = (coverage.columns, coverage.rows) if table.is_flipped else (coverage.rows, coverage.columns)
        only = []
        for name, side in zip(("rows", "columns"), sides, strict=True):
            counted = coverage.n_units - float(numbers[f"outside_{name}"])  # type: ignore[arg-type]
            only.append(max(side.n_labelled - counted, 0.0))
            numbers[f"{name}_only"] = only[-1]
        numbers["neither"] = max(coverage.n_candidates - coverage.n_units - sum(only), 0.0)
    elif coverage.n_itself:
        numbers["itself"] = float(coverage.n_itself)
    if role in {"from", "to"}:
        numbers |= _least_covered(coverage.rows if role == "from" else coverage.columns)
        numbers["side"] = _side(role, is_flipped=table.is_flipped)
    return Statement("missing", numbers=numbers)


def _side(role: str, *, is_flipped: bool) -> Literal["rows", "columns"]:
    """Return the side of the table that has the items of the other end of links."""
    return "rows" if (role == "to") != is_flipped else "columns"


_FEWEST = 50
"""The fewest items of a category whose coverage is compared."""


def _least_covered(side: SideCoverage) -> dict[str, Number]:
    shares = [(one.n_linked / one.n_items, one.category) for one in side.categories if one.n_items >= _FEWEST]
    if len(shares) < 2:
        return {}
    (least_share, least), (most_share, most) = min(shares), max(shares)
    return {"least": least, "least_share": least_share, "most": most, "most_share": most_share}


_YEAR = re.compile(r"\b(1[5-9]|20|21)[0-9]{2}\b")


def spans(table: Table) -> dict[str, tuple[int, int]]:
    """Return the outcomes that begin or end within years, with the places of the first and the last year that has any.

    An outcome begins (ends) within the years if no unit of the years before (after) has it, although ten would at its
    share in the others. It is {} unless the explanatory categories are ordered and all name a year.
    """
    if not (table.ordered and all(map(_YEAR.search, table.rows))) or table.withheld is not None:
        return {}
    units = table.x * table.design.units[:, None]
    n = units.sum(axis=0)
    found = {}
    for j, name in enumerate(table.columns):
        k = units[table.y[:, j]].sum(axis=0)
        years = np.flatnonzero(k)
        if len(years) == 0:
            continue
        first, last = int(years[0]), int(years[-1])
        share_there = k.sum() / n[first : last + 1].sum()
        if share_there * max(n[:first].sum(), n[last + 1 :].sum()) >= rules.RARE_EXPECTED:
            found[name] = (first, last)
    return found


def longest_run(table: Table) -> tuple[int, int]:
    """Return the places of the first and after the last of the most years in which no outcome begins or ends."""
    n = len(table.rows)
    cuts = sorted({0, n, *(place for first, last in spans(table).values() for place in (first, last + 1))})
    return max(pairwise(cuts), key=lambda run: run[1] - run[0])


def few(table: Table) -> Statement | None:
    """Return the explanatory categories that no sentence may be about, with their units, and those without any (20).

    Also return the outcomes that begin or end within years.
    """
    names, units, reasons, empty = [], [], [], []
    for name in table.rows:
        n = float(table.design.units[table.row(name)].sum())
        if not n:
            if not table.is_same or not table.column(name).any():
                empty.append(name)
            continue
        clusters = float(share(pair_totals(table.row(name), table.row(name), table.design)).clusters)
        is_spread = not table.is_clustered or clusters >= table.minimum_groups
        only = only_stratum(table, table.row(name)) if table.is_same else ""
        if n < rules.FEWEST_UNITS or not is_spread or only:
            names.append(name)
            units.append(n)
            reasons.append("units" if n < rules.FEWEST_UNITS else "stratum" if only else "clusters")
    within = {name: span for name, span in spans(table).items() if name not in table.residual}
    if not names and not empty and not within:
        return None
    numbers: dict[str, Number] = {
        "names": tuple(names), "units": tuple(units), "reasons": tuple(reasons), "empty": tuple(empty),
        "spans": tuple((name, table.rows[first], table.rows[last]) for name, (first, last) in within.items()),
    }  # fmt: skip
    return Statement("few", numbers=numbers)


def is_spread(one: Statement, table: Table) -> bool:
    """Return whether an isolated category comes from enough sources for a statement."""
    return "only" not in one.numbers and (not table.is_clustered or one.number("clusters") >= table.minimum_groups)


def without_mirrors(those: Iterable[Statement], table: Table, alpha: float) -> Iterator[Statement]:
    """Yield statements, and of those that say the same because a side has two categories, one of them."""
    twos = [
        len([n for n in names if n not in table.residual]) == 2 and bool((sets.sum(axis=1) == 1).all())
        for names, sets in ((table.rows, table.x), (table.columns, table.y))
    ]
    if table.is_same:
        twos = [False, False]
    size = dict(zip(table.rows, (table.design.units[:, None] * table.x).sum(axis=0), strict=True))
    ranked = sorted(those, key=lambda one: (-round(one.nearest(alpha), 9), size.get(one.subject, 0), one.effect < 0))
    firsts = (ranked[0].subject, ranked[0].outcome) if ranked else ("", "")
    found: dict[tuple[str, ...], Statement] = {}
    for one in ranked:
        key = (one.form, "" if twos[0] else one.subject, "" if twos[1] else one.outcome)
        if not any(twos):
            yield one
        elif key not in found or any(
            two and getattr(found[key], side) != getattr(one, side) == first
            for two, side, first in zip(twos, ("subject", "outcome"), firsts, strict=True)
        ):
            found[key] = one  # all say the same of the subject or the outcome of the first
    yield from found.values()
