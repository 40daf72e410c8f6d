"""Read a completed sheet, and estimate the error rates of categories and rules from it."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len, set_cell_size

from ... import formats
from ...cells import Estimate
from ...errors import DataError, Problem, listed, raise_if_any
from ...stats.shares import quantile, wilson
from .sample import HEADER, Stratum, by_category

Row = tuple[int, dict[str, str]]
"""The line of a row in the file, and its cells by column."""

_EDITED = "the row was edited, or data or rules have changed since the sample was drawn"


def read_rows(content: bytes, name: str) -> list[Row]:
    """Return the rows of a sheet in any form that spreadsheets write, without empty rows.

    `name` is the file in messages. Raises `DataError` with all missing columns and unreadable rows.
    """
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{name}: is not UTF-8; save the sheet as CSV with the encoding UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    problems: list[Problem] = []
    rows: list[Row] = []
    try:
        header = [field.strip().casefold() for field in next(reader, [])]
        problems += [Problem(name, 1, 0, column, "this column is missing") for column in HEADER if column not in header]
        for fields in reader:
            if any(map(str.strip, fields[len(header) :])):
                message = f"has {len(fields)} fields, the header has {len(header)}; put fields with commas in quotes"
                problems.append(Problem(name, reader.line_num, 0, "", message))
            elif any(map(str.strip, fields)):
                cells = dict(zip(header, map(_unguarded, fields), strict=False))
                rows.append((reader.line_num, {column: cells.get(column, "") for column in HEADER}))
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, 0, "", f"this row cannot be read: {error}"))
    raise_if_any(map(str, problems))
    return rows


def _unguarded(field: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from running it as a formula."""
    return field[1:] if field.startswith("'") and field.lstrip("'")[:1] in tuple("=+-@\t\r\n＝＋－＠") else field


def count_judged(rows: Sequence[Row], strata: Sequence[Stratum], name: str) -> Counter[tuple[Stratum, bool]]:
    """Return the number of right (True) and wrong (False) judged items by stratum.

    Raises `DataError` with every problem of every row, or if no item is judged.
    """
    wanted = {cells["id"] for _, cells in rows}
    known: dict[tuple[str, str], dict[str, tuple[Stratum, str]]] = {}
    for stratum in strata:
        for id_, labels in stratum.items:
            if id_ in wanted:
                known.setdefault((stratum.entity, id_), {})[stratum.category] = stratum, labels
    judged: Counter[tuple[Stratum, bool]] = Counter()
    lines: dict[tuple[str, ...], int] = {}
    problems: list[Problem] = []
    for line, cells in rows:
        here = known.get((cells["entity"], cells["id"]), {})
        found = dict(_row_problems(cells, here))
        first = lines.setdefault((cells["entity"], cells["id"], cells["category"]), line)
        if first != line:
            found.setdefault("id", f"this item and category are also in line {first}; keep one of the two rows")
        problems += [Problem(name, line, 0, column, message) for column, message in found.items()]
        if not found and cells["correct"].strip():
            judged[here[cells["category"]][0], cells["correct"].strip().casefold() == "yes"] += 1
    raise_if_any(map(str, problems))
    if not judged:
        raise DataError(f"{name}: no item is judged yet; write yes or no in the column correct")
    return judged


def _row_problems(cells: dict[str, str], here: dict[str, tuple[Stratum, str]]) -> Iterator[tuple[str, str]]:
    """Yield the column and the message of each problem of a row. `here` are the item's strata by category."""
    if cells["correct"].strip().casefold() not in ("yes", "no", ""):
        yield "correct", f'"{cells["correct"].strip()}" is none of yes, no and empty'
    if not here:
        yield "id", f'"{cells["entity"]}" has no item "{cells["id"]}"; spreadsheets change ids that look like numbers'
    elif cells["category"] not in here:
        yield "category", f'the rules assign {listed([*here]) or "no category"}, not "{cells["category"]}"; {_EDITED}'
    else:
        stratum, labels = here[cells["category"]]
        for column, now in (("labels", labels), ("rule", stratum.rule)):
            if cells[column].split() != now.split():
                yield column, f'is now "{now}", not "{cells[column]}"; {_EDITED}'


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """The error rate of a rule in a category, or of the category if `rule` is None.

    `rate` is None if no item was judged.
    """

    entity: str
    category: str
    rule: str | None
    n_items: int
    n_judged: int
    n_wrong: int
    rate: Estimate | None


def error_rates(strata: Sequence[Stratum], judged: Counter[tuple[Stratum, bool]], level: float) -> Iterator[ErrorRate]:
    """Yield the rate of each category, followed by the rates of its rules."""
    for rules in by_category(strata):
        counts = [(len(one.items), judged[one, True] + judged[one, False], judged[one, False]) for one in rules]
        names = [None, *(one.rule for one in rules)]
        for name, some in zip(names, [counts, *([count] for count in counts)], strict=True):
            n_items, n_judged, n_wrong = (sum(column) for column in zip(*some, strict=True))
            key = rules[0].entity, rules[0].category, name
            yield ErrorRate(*key, n_items, n_judged, n_wrong, weighted_rate(some, level))


def weighted_rate(counts: Sequence[tuple[int, int, int]], level: float) -> Estimate | None:
    """Return the share of wrong items in strata of (items, judged, wrong), weighted by their items.

    The interval is Wilson's (1927) for the effective number of independent items (Franco, Little, Louis & Slud 2019,
    Journal of Survey Statistics and Methodology 7, 334-364): n* = p'q' / sum W_h^2 p'_h q'_h (N_h - n_h) / ((N_h - 1)
    n_h), where p'_h has one right and one wrong item added and p' = sum W_h p'_h. With one stratum this is Wilson's
    interval for a sample without replacement, with n (N - 1) / (N - n) in place of n. The interval is limited to values
    that the judged items leave possible. Strata without a judged item are left out; None if all are.

    >>> rate = weighted_rate([(1000, 20, 1)], 0.95)
    >>> rate.value, round(rate.low, 3), round(rate.high, 3)
    (0.05, 0.009, 0.234)
    """
    known = np.array([row for row in counts if row[1]], dtype=np.float64).reshape(-1, 3)
    if not len(known):
        return None
    whole, n, wrong = known.T
    weight = whole / whole.sum()
    value = min(math.fsum(weight * wrong / n), 1.0)
    added = (wrong + 1) / (n + 2)
    variance = math.fsum(weight * weight * added * (1 - added) * (whole - n) / np.maximum(whole - 1, 1) / n)
    if not variance:
        return Estimate(value, value, value)
    middle = math.fsum(weight * added)
    effective = np.array(middle * (1 - middle) / variance)
    ends = wilson(np.array(value), effective, quantile(np.array(np.inf), 1 - level))
    least, most = wrong.sum() / whole.sum(), 1 - (n - wrong).sum() / whole.sum()
    return Estimate(value, max(float(ends[0]), float(least)), min(float(ends[1]), float(most)))


def table_lines(rates: Sequence[ErrorRate], level: float, above: Sequence[ErrorRate]) -> Iterator[str]:
    """Yield the rates as a table with aligned columns, a star after each rate above the limit."""
    table = [["entity", "items", "judged", "wrong", "error rate", f"{formats.percent(level)} CI", "category, rule"]]
    for one in rates:
        cells = ("", "not judged")
        if found := one.rate:
            cells = formats.percent(found.value) + " *" * (one in above), formats.percent_range(found.least, found.most)
        name = one.category or "(no category)" if one.rule is None else f"  {one.rule}"
        table.append([one.entity, *map(formats.count, (one.n_items, one.n_judged, one.n_wrong)), *cells, name])
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(map(set_cell_size, row, widths)).rstrip().replace(formats.NBSP, " ")
    if above:
        yield f"* even the lower end of the interval is above the limit ({formats.count(len(above))})"
