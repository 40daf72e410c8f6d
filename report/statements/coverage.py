"""Who is missing: units without an answer, and pairs of categories that uneven coverage alone could make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from .. import portable
from ..ledger.coverage import Coverage, SideCoverage
from ..stats.shares import HIT, MISSED, WITH, WITHOUT, Shares, moved, pair_totals, share
from . import rules
from .measures import only_stratum
from .record import Number, Statement, Table

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
    if 2 * portable.tails.ndtr((k / n - k_others / n_others) / max(error, 1e-12)) > rules.FALSE_DISCOVERY / len(
        answered
    ):
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
