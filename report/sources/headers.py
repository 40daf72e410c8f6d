"""Column names from the header rows of a file: several rows are joined, repeated names are numbered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..errors import DataError, did_you_mean, listed, raise_if_any

MOST_ROWS = 5
"""Maximum number of header rows."""

_ANSWERS = frozenset({"response", "open-ended response", "antwort", "réponse", "respuesta", "risposta"})
"""Texts below a question with a single column in exports of survey services, in lower case."""

_IMPORT = re.compile(r'\{\s*"ImportId"')


def is_import_row(row: Iterable[str]) -> bool:
    """Return whether a row contains only the import codes that Qualtrics writes below its questions."""
    filled = [field for field in row if field.strip()]
    return bool(filled) and all(_IMPORT.match(field.strip()) for field in filled)


def is_answer_word(field: str) -> bool:
    """Return whether a field only announces an answer."""
    return field.strip().casefold() in _ANSWERS


def join_headers(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one name for each column, from one or more header rows.

    A question with several columns is written above the first of them only, so it also applies to the following
    columns.

    >>> join_headers([["Sex", "Do you own", ""], ["Response", "A car", "A bicycle"]])
    ['Sex', 'Do you own: A car', 'Do you own: A bicycle']
    """
    rows = [row for row in rows if not is_import_row(row)]
    if len(rows) < 2:
        return [field.strip() for field in rows[0]] if rows else []
    width = max(map(len, rows))
    first, *others = [[*(field.strip() for field in row), *[""] * (width - len(row))] for row in rows]
    names, question = [], ""
    for top, *below in zip(first, *others, strict=True):
        question = top or (question if any(below) else "")
        names.append(": ".join(_parts([question, *below])))
    return names


def _parts(texts: Sequence[str]) -> list[str]:
    """Return the texts that add information to the first."""
    parts: dict[str, str] = {}
    for text in texts:
        if text and not (parts and is_answer_word(text)):
            parts.setdefault(re.sub(r"[\W_]+", "", text.casefold()), text)
    return list(parts.values())


def number_names(names: Sequence[str]) -> list[str]:
    """Return distinct names: repeated names get a number each, and empty names become column N.

    Every repeated name gets a number, including the first, so that nobody uses one of them by accident.

    >>> number_names(["id", "Comments", "", "comments"])
    ['id', 'Comments (1)', 'column 3', 'comments (2)']
    """
    full = [name.strip() or f"column {n}" for n, name in enumerate(names, start=1)]
    counts = Counter(name.casefold() for name in full)
    taken = {name for name, n in counts.items() if n == 1}
    numbers: Counter[str] = Counter()
    made = []
    for name in full:
        key = name.casefold()
        chosen = name
        while counts[key] > 1 and (chosen == name or chosen.casefold() in taken):
            numbers[key] += 1
            chosen = f"{name} ({numbers[key]})"
        taken.add(chosen.casefold())
        made.append(chosen)
    return made


def renamed(name: str, columns: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return columns with new names. DataError for a missing name, and for two columns with one name.

    `name` is the table's name in messages.
    """
    raise_if_any(
        f'{name} has no column "{old}" to rename; it has {listed(columns)}{did_you_mean(old, columns)}'
        for old in names
        if old not in columns
    )
    found = tuple(names.get(column, column) for column in columns)
    counts = Counter(column.casefold() for column in found)
    twice = dict.fromkeys(new for new in names.values() if counts[new.casefold()] > 1)
    if twice:
        raise DataError(f"{name} has several columns called {listed(list(twice))} after rename; give each its own name")
    return found
