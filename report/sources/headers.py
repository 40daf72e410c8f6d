"""Names of columns from the header rows of a file: joined where there are several, numbered where they repeat."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..errors import DataError, did_you_mean, listed, raise_if_any

MOST_ROWS = 5
"""Header rows that are read at most."""

_ANSWERS = frozenset({"response", "open-ended response", "antwort", "réponse", "respuesta", "risposta"})
"""What survey services write below a question that has a single column, in small letters."""

_IMPORT = re.compile(r'\{\s*"ImportId"')


def is_import_row(row: Iterable[str]) -> bool:
    """Return whether a row has nothing but the import codes that Qualtrics writes below its questions."""
    filled = [field for field in row if field.strip()]
    return bool(filled) and all(_IMPORT.match(field.strip()) for field in filled)


def is_answer_word(field: str) -> bool:
    """Return whether a field says only that an answer follows."""
    return field.strip().casefold() in _ANSWERS


def join_headers(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one name for each column, from one or more header rows.

    A question that has several columns is written above the first of them only, so it counts for the next ones too.

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
    """Return the texts that add something to the first of them."""
    parts: dict[str, str] = {}
    for text in texts:
        if text and not (parts and is_answer_word(text)):
            parts.setdefault(re.sub(r"[\W_]+", "", text.casefold()), text)
    return list(parts.values())


def number_names(names: Sequence[str]) -> list[str]:
    """Return names that are all different: repeated names get a number each, and empty ones are called column N.

    Every repeated name gets a number, also the first, so that nobody uses one of them without knowing.

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
    """Return columns with new names. DataError for a name that is not there, and for two columns of one name.

    `name` is what messages call the table.
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
