"""Find columns of records that nest the declared groups, as schools nest classes.

Units of one school may be similar across its classes. If only classes are declared as groups, intervals are too narrow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import narwhals as nw

from ..errors import Note
from ..sources.engine import Frame, names_out_of_reach, only_row
from .attributes import joined, text
from .meeting import DeclaredRelation, column_names

LEAST_VALUES = 5
"""Minimum number of values of a column; fewer values define too few groups (`minimum_groups`)."""
_PER_GROUP = 2
"""Minimum average number of rows per group. If each group has one row, every column nests the groups."""
_PER_VALUE = 2
"""Minimum average number of groups per value."""
_MOST_COLUMNS = 200
_SAMPLE = 20_000
"""Number of rows that are checked first; all rows are read only if a column nests the groups there."""
_LISTED = 3
_DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_NUMBER = r"^[-+]?[\d.,]+$"
_IDENTIFIER = re.compile(r"(^|[\W_])(id|code|key|no|nr|num|number)s?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Nesting:
    """A column with `n_values` values, one in each of `n_groups` groups."""

    column: str
    n_values: int
    n_groups: int


def nested_groups(declared: DeclaredRelation, frame: Frame, used: Collection[str]) -> tuple[Note, ...]:
    """Return a note on the columns of a table of records that nest the declared groups, if any.

    Columns `used` for something else, dates, columns with fewer than `LEAST_VALUES` values and numbers are left out.
    Numbers are considered only in a column named as an identifier, since other numbers may be measurements.
    """
    relation = declared.relation
    if not relation.group:
        return ()
    candidates = candidate_columns(frame, used)
    nesting = _nesting(declared, frame.head(_SAMPLE), candidates)
    nesting = _nesting(declared, frame, [one.column for one in nesting])
    found = [one for one in nesting if LEAST_VALUES <= one.n_values <= one.n_groups / _PER_VALUE]
    if not found:
        return ()
    found.sort(key=lambda one: (-one.n_values, one.column))
    columns = ", ".join(f"{one.column} ({one.n_values:,} values)" for one in found[:_LISTED])
    group, finest = " and ".join(relation.group), found[0].column
    message = (
        f"{declared.name}: each of the {found[0].n_groups:,} groups ({group}) has a single value of {columns}; if "
        f"units with the same {finest} are alike, intervals are too narrow: declare group: {finest} instead of {group}"
    )
    return (Note("nested_group", declared.name, message),)


def candidate_columns(frame: Frame, used: Collection[str]) -> list[str]:
    """Return the unused columns of texts and whole numbers."""
    schema = frame.collect_schema()
    names = [name for name in column_names(frame) if name not in used]
    names = [name for name in names if schema[name] == nw.String or schema[name].is_integer()]
    hidden = set(names_out_of_reach(frame, names))
    return [name for name in names if name not in hidden][:_MOST_COLUMNS]


def _nesting(declared: DeclaredRelation, frame: Frame, columns: Sequence[str]) -> list[_Nesting]:
    """Return the columns with one value per group, without dates and measurements."""
    if not columns:
        return []
    levels = {f"level{i}": text(nw.col(name)) for i, name in enumerate(declared.relation.group)}
    chosen = frame.select(**levels, **{f"c{i}": text(nw.col(name)) for i, name in enumerate(columns)})
    chosen = chosen.with_columns(group=joined([*levels])).filter(~nw.col("group").is_null())
    places = range(len(columns))
    ends = {f"{end}{i}": getattr(nw.col(f"c{i}"), end)() for i in places for end in ("min", "max")}
    groups = chosen.group_by("group").agg(rows=nw.len(), **ends)
    facts = {"n": nw.len(), "rows": nw.col("rows").cast(nw.Int64).sum()}
    for i in places:
        low, high = nw.col(f"min{i}"), nw.col(f"max{i}")
        facts[f"several{i}"] = ((low != high) | low.is_null()).cast(nw.Int64).sum()
        facts[f"values{i}"] = low.n_unique()
        facts[f"dates{i}"] = low.str.contains(_DATE).cast(nw.Int64).sum()
        facts[f"numbers{i}"] = low.str.contains(_NUMBER).cast(nw.Int64).sum()
    row = only_row(groups.select(**facts), declared.engine)
    n = int(row["n"])
    if not n or row["rows"] < _PER_GROUP * n:
        return []
    found = []
    for i, name in enumerate(columns):
        is_measured = row[f"numbers{i}"] == n and not _IDENTIFIER.search(name)
        if not (row[f"several{i}"] or is_measured or row[f"dates{i}"] == n):
            found.append(_Nesting(name, int(row[f"values{i}"]), n))
    return found
