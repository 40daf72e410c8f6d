"""Column checks: is what the config names there, and what did its author probably mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

_LISTED = 12
_MOST_COMPARED = 2_000
"""Among more names, or for a longer one, a guess would take longer than a person waits."""

_LONGEST_COMPARED = 100


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that a person who wrote `name` probably meant, or None.

    >>> nearest("taks", ["id", "tasks"])
    'tasks'
    >>> nearest("ID", ["id", "tasks"])
    'id'
    >>> nearest("colour", ["id", "tasks"])
    """
    known = [known_name for known_name in names if len(known_name) <= _LONGEST_COMPARED]
    if len(known) > _MOST_COMPARED or len(name) > _LONGEST_COMPARED:
        return None
    folded = {known_name.casefold(): known_name for known_name in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ` (did you mean "tasks"?)`, or nothing where no name is near."""
    near = nearest(name, names)
    return f' (did you mean "{near}"?)' if near is not None else ""


def listed(names: Sequence[str]) -> str:
    """Return names as text, at most twelve of them.

    >>> listed(["id", "tasks"])
    'id, tasks'
    """
    rest = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def missing_columns(file: str, columns: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    """Return a message for each wanted column (column -> the config key that names it) that a file lacks.

    >>> missing_columns("x.csv", ["id", "task"], {"id": "entities.a.id", "tasks": "entities.a.labels"})
    ['entities.a.labels: x.csv has no column "tasks"; it has id, task (did you mean "task"?)']
    """
    return [
        f'{key}: {file} has no column "{column}"; it has {listed(columns)}{did_you_mean(column, columns)}'
        for column, key in wanted.items()
        if column not in columns
    ]
