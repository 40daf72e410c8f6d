"""What every report says besides its findings: overall shares, one cell, the method, and the limits of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from . import Number, Statement, Table, rules
from .measures import isolation, overall, share_among
from .scope import answers_of, few, is_spread, missing, rechecks, without_mirrors

if TYPE_CHECKING:
    from .select import Input, Told


def completed(told: Told, given: Input, n_contained: int) -> Told:
    """Return the statements with those that every report makes: overall shares, one cell, totals, method and limits."""
    table = given.table
    columns, rows = overall(table, "columns"), overall(table, "rows")
    columns = replace(columns, notes=tuple(_largest_otherwise(columns, given.by_unit)))
    rows_told = len(table.rows) <= 3 or _first(rows) >= rules.OVERALL_TITLE
    return replace(
        told,
        overall_columns=columns if _first(columns) >= rules.OVERALL_LARGEST and not _is_even(columns) else None,
        overall_rows=rows if rows_told and not (table.ordered or table.is_shared or _is_even(rows, 2)) else None,
        missing=None if given.coverage is None else missing(table, given.coverage, given.role),
        few=few(table),
        contained=Statement("contained", numbers={"n": n_contained}) if n_contained else None,
        cell=_cell(told),
        totals=None if table.is_shared else _totals(told),
        method=_method(told, given),
        limits=tuple(_limits(told, given))[: rules.MOST_LIMITS],
    )


def _is_even(of: Statement, fewest: int = 3) -> bool:
    """Return whether all shares, at least `fewest`, are nearly equal, as in quartiles and in trials."""
    values = of.numbers["values"]
    return (
        isinstance(values, tuple)
        and len(values) >= fewest
        and not of.numbers["is_several"]
        and (_first(of) * len(values) < rules.EVEN)
    )


def _first(of: Statement) -> float:
    values = of.numbers["values"]
    return float(values[0]) if isinstance(values, tuple) and values else 0.0  # type: ignore[arg-type]


def _largest_otherwise(of: Statement, by_unit: Mapping[str, Table]) -> Iterator[Statement]:
    """Yield that another category is the largest if other units are counted (form 18)."""
    categories = of.numbers["categories"]
    for unit, table in by_unit.items():
        found = overall(table, of.subject)
        others = found.numbers["categories"]
        if isinstance(categories, tuple) and isinstance(others, tuple) and others[:1] != categories[:1]:
            numbers: dict[str, Number] = {"share": _first(found), "largest": others[0], "unit": unit}
            yield Statement("recount", of.subject, numbers=numbers, scope=f"counted by {unit}")
            return


def _about(told: Told) -> tuple[str, str] | None:
    """Return the cell that the caption reads out."""
    lead, table = told.lead, told.table
    if lead.form == "agreement":
        for group in told.findings:
            if group[0].form == "weakest":
                return group[0].subject, group[0].subject
        sizes = np.diag(table.totals.first[0])
        best = table.rows[int(sizes.argmax())]
        return best, best
    if lead.cells:
        return lead.cells[0]
    joint = table.totals.first[0].copy()
    if table.is_shared:
        np.fill_diagonal(joint, -1)
    if not joint.size or joint.max() <= 0:
        return None
    i, j = np.unravel_index(int(joint.argmax()), joint.shape)
    return table.rows[int(i)], table.columns[int(j)]


def _cell(told: Told) -> Statement | None:
    """Return one cell with its interval at 95% (form 22)."""
    place = _about(told)
    if place is None:
        return None
    table = told.table
    own = share_among(table, table.row(place[0]), table.column(place[1]), place[1])
    if table.withheld is not None and float(own.value) in {0.0, 1.0}:
        return None  # it would say what withheld cells hold
    low, high = own.interval()
    numbers: dict[str, Number] = {
        "share": float(own.value), "low": float(low), "high": float(high), "count": float(own.count),
        "units": float(own.units),
    }  # fmt: skip
    return Statement("cell", *place, numbers=numbers, cells=(place,))


def _totals(told: Told) -> Statement:
    """Return why the two panels differ (form 23)."""
    place, table = _about(told), told.table
    if not table.is_same or place is None or table.withheld is not None:
        return Statement("totals", comparison="totals", numbers={"is_same": False})
    row, column, weight = table.row(place[0]), table.column(place[1]), table.design.weight
    numbers: dict[str, Number] = {
        "is_same": True,
        "count": float(weight[row & column].sum()),
        "row_total": float(weight[row].sum()),
        "column_total": float(weight[column].sum()),
    }
    return Statement("totals", *place, comparison="totals", numbers=numbers, cells=(place,))


def _method(told: Told, given: Input) -> Statement:
    table = given.table
    sizes = {
        name: sorted(filter(None, np.bincount(number, table.design.weight).tolist()), reverse=True)
        for name, number in (("group", table.design.cluster), ("stratum", table.stratum))
        if number is not None
    }
    there = {name: len(of) for name, of in sizes.items()}
    most = rules.LARGEST_LEFT_OUT
    kinds = [name for name, n in there.items() if n >= 3 and (n <= most or sizes[name][0] > sizes[name][most])]
    tested = [*without_mirrors(told.tested, table, told.alpha)]
    clear = [one for one in tested if one.q <= rules.FALSE_DISCOVERY]
    shown = [one for one in told.statements() if np.isfinite(one.q)]
    numbers: dict[str, Number] = {
        "n_clusters": told_clusters(table),
        "tested": len(tested),
        "clear": len(clear),
        "has_table": bool(told.clear),
        "level": 1 - told.alpha,
        "is_each": bool(kinds) and all(there[name] <= rules.LARGEST_LEFT_OUT for name in kinds),
        "left_out": min(rules.LARGEST_LEFT_OUT, *(there[name] for name in kinds)) if kinds and shown else 0,
        "left_kinds": tuple(kinds),
        "is_measured": all(again_.again is not None for one in shown for again_ in rechecks(one, table)),
        "depending": sum(one.note("depends") is not None for one in shown),
        "weighted": given.is_weighted,
        "several_rows": table.several_rows,
        "several_columns": table.several_columns,
    }
    if given.chosen_among is not None:
        numbers["chosen_among"] = given.chosen_among
    if given.coverage is not None and given.coverage.minimum is not None:
        numbers["minimum"] = given.coverage.minimum
    return Statement("method", numbers=numbers)


def _limits(told: Told, given: Input) -> Iterator[Statement]:
    """Yield the limits of the data (form 28), each by its own condition."""
    table, lead = told.table, told.lead
    ways = [one for one in told.tested if one.form == "direction"]
    if table.is_same and ways and all(told.reasons[one.key] != "told" for one in ways):
        yield _limit("direction")
    for name in table.rows if table.is_same else ():
        if (one := isolation(table, name)) is not None and not is_spread(one, table) and "only" in one.numbers:
            yield _limit("isolation", name, one.numbers)
    bounds = _bounds(told, given)
    if bounds is not None:
        yield bounds
    if table.is_clustered and lead.form != "no_link":
        yield _limit("sample", "", {"n_clusters": told_clusters(table)})
    if lead.form == "agreement" and "testable" in lead.numbers and lead.number("testable") < lead.number("strata"):
        yield _limit("within", "", {name: lead.numbers[name] for name in ("testable", "strata")})


def told_clusters(table: Table) -> int:
    """Return the number of clusters with units."""
    cluster = table.design.cluster
    return 0 if cluster is None else len(np.unique(cluster[table.design.units > 0]))


def _limit(about: str, subject: str = "", numbers: Mapping[str, Number] | None = None) -> Statement:
    return Statement("not_shown", subject, scope=about, numbers=numbers or {})


def _bounds(told: Told, given: Input) -> Statement | None:
    """Return the bounds of the leading share with the units left out, if the lead would not survive that.

    Of records, only those with the subject, or without a known category on its side, can change a difference.
    """
    coverage, lead = given.coverage, told.lead
    if coverage is None or coverage.is_withheld or given.is_weighted or given.role in {"key", "link"}:
        return None
    left = float(coverage.n_candidates - coverage.n_units)
    if left < rules.UNCOVERED * coverage.n_candidates or lead.form not in {"agreement", "difference"}:
        return None
    if lead.form == "difference" and given.role == "record":
        answers = answers_of(told.table, coverage, given.role)
        n, k = answers.rows.get(lead.subject, (0.0, 0.0))
        left += (n - k) - (answers.all_rows[0] - answers.all_rows[1])
    n = lead.number("base") + left
    low, high = lead.number("count") / n, (lead.number("count") + left) / n
    name = "other" if lead.form == "difference" else "within" if "within" in lead.numbers else "chance"
    against = lead.number(name)
    if not low <= against <= high:
        return None
    return _limit("bounds", lead.subject, {"left_out": left, "low": low, "high": high})
