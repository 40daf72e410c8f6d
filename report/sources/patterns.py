"""Regular expressions of a taxonomy: RE2, through DuckDB, whose time grows with the text alone, whatever the pattern.

Python's own backtracks: `(a+)+$` takes minutes on a label of forty letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import duckdb

from .text import duckdb_aside

_AT_ONCE = 100
_ADVICE: Mapping[str, str] = {
    "invalid perl operator": "looking around, comments and possessive groups are not of its syntax",
    "invalid escape sequence": "this escape is not of its syntax (end of text is $ or \\z)",
    "invalid repetition size": "it repeats more than 1,000 times",
    "pattern too large": "it repeats or nests too much",
}


def fault(pattern: str) -> str | None:
    """Return what is wrong with a pattern, in words; None where nothing is.

    >>> fault("^(a+)+$"), fault("a(b")
    (None, 'missing )')
    """
    try:
        _searched((pattern,), ("",))
    except duckdb.Error as error:
        said = (str(error).partition(" Error: ")[2] or str(error)).strip().removesuffix(f": {pattern}")
        return next((f"{said}; {advice}" for start, advice in _ADVICE.items() if start in said), said)
    return None


@lru_cache(maxsize=64)
def found_in(patterns: tuple[str, ...], labels: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    """Return label -> positions of the patterns that are found in it, of labels in which any is."""
    found: dict[str, list[int]] = {}
    for start in range(0, len(patterns), _AT_ONCE):
        for label, row in zip(labels, _searched(patterns[start : start + _AT_ONCE], labels), strict=True):
            if True in row:
                found.setdefault(label, []).extend(start + n for n, is_in in enumerate(row) if is_in)
    return {label: tuple(numbers) for label, numbers in found.items()}


def part_found(pattern: str, names: Sequence[str]) -> dict[str, str]:
    """Return the names in which a pattern is found, each with what its first group found there, or itself.

    >>> part_found("^plays_(.+)", ["plays_chess", "age"]), part_found("chess", ["plays_chess"])
    ({'plays_chess': 'chess'}, {'plays_chess': 'plays_chess'})
    """
    query = (
        "select name, regexp_extract(name, $2, 1) from (select unnest($1::varchar[]) as name)"
        " where regexp_matches(name, $2)"
    )
    with duckdb_aside() as connection:
        rows: list[tuple[str, str]] = connection.execute(query, [list(names), pattern]).fetchall()
    return {name: part or name for name, part in rows}


def _searched(patterns: Sequence[str], labels: Sequence[str]) -> list[tuple[bool, ...]]:
    """Return for each label, in order, whether each pattern is found in it."""
    columns = ", ".join(f"regexp_matches(label, ${number})" for number in range(2, len(patterns) + 2))
    query = f"select {columns} from (select unnest($1::varchar[]) as label)"  # noqa: S608 - numbers alone
    with duckdb_aside() as connection:
        return connection.execute(query, [list(labels), *patterns]).fetchall()
