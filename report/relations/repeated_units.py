"""Find records that seem to repeat: several rows of one person, or a table whose every row is there several times.

Such records depend on each other. Until a group is declared, no test of them can be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import narwhals as nw
import numpy as np

from ..arrays import Ints
from ..errors import Note
from ..sources.engine import Frame, only_row
from .attributes import text
from .meeting import DeclaredRelation, column_names
from .nested_groups import candidate_columns

FEWEST = 20
"""The fewest different ids, or different rows, from which a repetition is no coincidence."""
ROWS_PER_ID = 1.5
"""The fewest rows for each different id that are a repetition."""
_MANY_VALUES = 8
_SAMPLE = 20_000
"""The number of rows in which copies are looked for."""
_MOST_COLUMNS = 100
_PERSON = (
    "respondent|participant|subject|patient|person|student|pupil|child|user|household|worker|employee|customer|member"
    "|case|panel|p|r|u"
)
_IDENTIFIER = re.compile(
    rf"^(id|({_PERSON})[\W_]*(id|no|nr|num|number|code|key)|(respondent|participant|subject|patient)s?)$", re.IGNORECASE
)


def is_identifier(name: str) -> bool:
    """Return whether a column's name says that it identifies persons or records."""
    return _IDENTIFIER.match(name.strip()) is not None


def undeclared_group(
    declared: DeclaredRelation, frame: Frame, used: Collection[str], *, is_independent: bool
) -> tuple[str, tuple[Note, ...]]:
    """Return the sign that records depend on each other although no group is declared, and a note on it.

    The sign is "id:" and the name of a column, or "copies:" if every row is there several times, or "" without any.
    """
    if declared.relation.group or is_independent:
        return "", ()
    columns = [name for name in candidate_columns(frame, used) if is_identifier(name)]
    for column in columns:
        n, n_ids = _sizes(declared, frame, column)
        if n_ids >= FEWEST and n >= ROWS_PER_ID * n_ids:
            message = (
                f"{declared.name}: {n:,} rows have {n_ids:,} different values of {column}, so rows may depend on each "
                f"other, and nothing is tested; declare group: [{column}], or write independent: true in records"
            )
            return f"id:{column}", (Note("undeclared_group", declared.name, message),)
    if _are_copies(declared, frame):
        message = (
            f"{declared.name}: every row is in the table several times, so nothing is tested; remove the copies, or "
            "write independent: true in records if they are different records"
        )
        return "copies:", (Note("undeclared_group", declared.name, message),)
    return "", ()


def described_counts(
    declared: DeclaredRelation, frame: Frame, describing: Collection[str]
) -> tuple[str, tuple[Note, ...]]:
    """Return the sign that units of one row of counts depend on each other, and a note on it.

    Rows with the same labels differ in the columns `describing`, such as the site of a survey. The sign is "counts:"
    and the first of them that has too many values to be a further category. Units of one site may depend on each other,
    and counts of so different rows cannot show it.
    """
    for column in describing:
        _, n_values = _sizes(declared, frame, column)
        if n_values >= _MANY_VALUES:
            message = (
                f"{declared.name}: rows with the same labels differ in {column} ({n_values:,} values), so units of one "
                f"{column} may depend on each other, and nothing is tested; declare group: [{column}], or write "
                "independent: true in records"
            )
            return f"counts:{column}", (Note("undeclared_group", declared.name, message),)
    return "", ()


def _sizes(declared: DeclaredRelation, frame: Frame, column: str) -> tuple[int, int]:
    """Return the number of rows with an id, and of different ids."""
    there = frame.select(id=text(nw.col(column))).filter(~nw.col("id").is_null())
    row = only_row(there.select(n=nw.len(), ids=nw.col("id").n_unique()), declared.engine)
    return int(row["n"]), int(row["ids"])


def _are_copies(declared: DeclaredRelation, frame: Frame) -> bool:
    """Return whether every row is there several times."""
    names = column_names(frame)[:_MOST_COLUMNS]
    rows = frame.select(**{f"c{place}": text(nw.col(name)) for place, name in enumerate(names)}).head(_SAMPLE)
    kinds = rows.group_by([f"c{place}" for place in range(len(names))]).agg(n=nw.len().cast(nw.Int64))
    sizes = declared.engine.columns(kinds.group_by("n").agg(kinds=nw.len().cast(nw.Int64)))
    return are_copies(np.repeat(sizes["n"], sizes["kinds"]))


def are_copies(sizes: Ints) -> bool:
    """Return whether the numbers of equal rows, of which there are many kinds, have a common divisor."""
    return len(sizes) >= FEWEST and int(np.gcd.reduce(sizes)) > 1
