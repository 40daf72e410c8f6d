"""Incidence -> labelled counts and margins in declared order; the settings of panels, and published matrices.

A published matrix has values without counts, in wide or long form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, TypeGuard

from ..cells import Estimate
from ..errors import DataError
from ..foreign_text import visible
from ..settings import Identifier, Settings

if TYPE_CHECKING:
    import pandas as pd


class PanelSettings(Settings):
    """One matrix: its relation, the given entity (rows), the outcome (columns), and the measure.

    `given` and `outcome` name entities. For records they are `rows` and `columns`, and for links of an entity with
    itself `from` and `to`.
    """

    removed: ClassVar[Mapping[str, str]] = {"reading": "the line that explains a cell is generated"}

    id: Identifier
    """The panel's name in files, figures and text."""
    relation: str
    """The relation it shows."""
    given: str
    """The rows: an entity; rows or columns of records; from or to if an entity is linked with itself."""
    outcome: str
    """The columns, named in the same way."""
    measure: str = "conditional"
    """The measure shown in each cell."""


LONG = ("given", "outcome", "value")
OPTIONAL = ("low", "high", "n")


@dataclass(frozen=True, slots=True)
class PublishedValue:
    """One value of a published matrix with its reading interval and the size of its row, if given."""

    given: str
    outcome: str
    value: Estimate | None
    n: float | None


@dataclass(frozen=True, slots=True)
class BareMatrix:
    """A published matrix, complete and in declared order (row-major)."""

    given: tuple[str, ...]
    outcome: tuple[str, ...]
    entries: tuple[PublishedValue, ...]


def read_bare(
    frame: pd.DataFrame,
    name: str,
    declared: tuple[Sequence[str], Sequence[str]],
    bounds: tuple[float | None, float | None],
) -> BareMatrix:
    """Read a matrix of text fields.

    Long: columns given, outcome, value and optionally low, high, n. Wide: the first column names the rows, the others
    the outcome categories. `declared` are the categories of the two axes (empty: in file order). `bounds` are the
    bounds of the measure. A pair without a row has no value.

    Raises DataError with every error: unknown or missing categories, values that are not numbers or are out of bounds,
    low above or high below the value, ends without a value, negative n, repeated pairs, no value.
    """
    entries, problems = _long(frame, name) if set(LONG) <= set(frame.columns) else _wide(frame, name)
    given = tuple(declared[0]) or tuple(dict.fromkeys(entry.given for entry in entries))
    outcome = tuple(declared[1]) or tuple(dict.fromkeys(entry.outcome for entry in entries))
    problems += _unknown(name, "row", [entry.given for entry in entries], given)
    problems += _unknown(name, "column", [entry.outcome for entry in entries], outcome)
    problems += [fault for entry in entries for fault in _faults(entry, name, bounds)]
    by_pair: dict[tuple[str, str], PublishedValue] = {}
    for entry in entries:
        pair = (entry.given, entry.outcome)
        if pair in by_pair:
            problems.append(f"{name}: {entry.given} x {entry.outcome} is given twice")
        by_pair[pair] = entry
    if not problems and all(entry.value is None for entry in entries):
        problems.append(f"{name}: no cell has a value; give columns given, outcome, value, or a column per category")
    if problems:
        raise DataError(*dict.fromkeys(problems))
    ordered = tuple(by_pair.get((a, b)) or PublishedValue(a, b, None, None) for a in given for b in outcome)
    return BareMatrix(given, outcome, ordered)


def _long(frame: pd.DataFrame, name: str) -> tuple[list[PublishedValue], list[str]]:
    problems: list[str] = []
    entries = []
    for row, record in enumerate(frame.to_dict("records"), start=2):
        place = f"{name}: row {row}"
        numbers = {key: _parse(record.get(key), f"{place}: {key}", problems) for key in ("value", *OPTIONAL)}
        given, outcome = (_shown(record[key]) for key in LONG[:2])
        if not _is_name(given) or not _is_name(outcome):
            problems.append(f"{place}: given and outcome must both name a category")
            continue
        value, low, high, n = numbers.values()
        if value is None and (low, high) != (None, None):
            stray = [key for key in OPTIONAL[:2] if numbers[key] is not None]
            problems.append(f"{place}: {' and '.join(stray)} without a value")
        entries.append(PublishedValue(given, outcome, None if value is None else Estimate(value, low, high), n))
    return entries, problems


def _wide(frame: pd.DataFrame, name: str) -> tuple[list[PublishedValue], list[str]]:
    problems: list[str] = []
    entries = []
    first, *columns = [str(column) for column in frame.columns]
    for row, record in enumerate(frame.to_dict("records"), start=2):
        given = _shown(record[first])
        if not _is_name(given):
            problems.append(f'{name}: row {row}: the first column "{first}" must name a category')
            continue
        for column in columns:
            value = _parse(record[column], f"{name}: row {row}: {column}", problems)
            entries.append(PublishedValue(given, visible(column), Estimate.of(value), None))
    return entries, problems


def _shown(field: object) -> object:
    return visible(field) if isinstance(field, str) else field


def _is_name(field: object) -> TypeGuard[str]:
    return isinstance(field, str) and bool(field.strip())


def _parse(field: object, place: str, problems: list[str]) -> float | None:
    if not isinstance(field, str) or not field.strip():
        return None
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        problems.append(f'{place} must be a number, not "{field}"')
        return None
    return value


def _faults(entry: PublishedValue, name: str, bounds: tuple[float | None, float | None]) -> list[str]:
    place, estimate = f"{name}: {entry.given} x {entry.outcome}", entry.value
    if estimate is None:
        return []
    value, faults = estimate.value, []
    low, high = bounds
    if (low is not None and value < low) or (high is not None and value > high):
        faults.append(f"{place}: {value:g} is outside the measure's range {_range(low, high)}")
    if estimate.least > value:
        faults.append(f"{place}: low {estimate.least:g} is above the value {value:g}")
    if estimate.most < value:
        faults.append(f"{place}: high {estimate.most:g} is below the value {value:g}")
    if entry.n is not None and entry.n < 0:
        faults.append(f"{place}: n must be 0 or more, not {entry.n:g}")
    return faults


def _range(low: float | None, high: float | None) -> str:
    ends = ["-inf" if low is None else f"{low:g}", "inf" if high is None else f"{high:g}"]
    return " to ".join(ends)


def _unknown(name: str, axis: str, found: Sequence[str], known: Sequence[str]) -> list[str]:
    problems = []
    for category in dict.fromkeys(found):
        if category not in known:
            near = get_close_matches(category, known, n=1)
            hint = f' (did you mean "{near[0]}"?)' if near else ""
            problems.append(f'{name}: the {axis} "{category}" is no category of the taxonomy{hint}')
    return problems
