"""Guessed columns that look personal: warnings of `init`, and entities that it makes private."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Note
from ...sources.personal import SAMPLED, looks_personal
from .columns import LookedColumn
from .guess import Guess, GuessedRecords, GuessedShared


def seems(column: LookedColumn) -> str | None:
    """Return the kind of personal data that a column seems to contain, or None."""
    if column.ticked is not None:
        return None
    return looks_personal(column.name, [value for row in column.rows[:SAMPLED] for value in row])


def personal_notes(found: Guess, config: str) -> Iterator[Note]:
    """Yield a warning for each column of the config that looks personal, with its treatment in the config."""
    what = found.what
    if isinstance(what, GuessedRecords):
        if what.group is not None:
            yield from _note(what.group, "group", "its values are not published (public: false)", config)
        for side, column in (("rows", what.rows), ("columns", what.columns)):
            yield from _note(column, side, _LABELS, config)
        return
    for entity in {one.look.name: one for one in (what.from_, what.to)}.values():
        name = entity.look.name
        yield from _note(entity.key, f"{name}.id", "the ids are not published (public: false)", config)
        yield from _note(entity.labels, f"{name}.labels", _LABELS, config)
    if isinstance(what, GuessedShared):
        yield from _note(what.columns[0], "shared.key", "its values are not published (public: false)", config)


_LABELS = "each label that the config lists is a category that the report names; choose another column, or file them"


def _note(column: LookedColumn, place: str, then: str, config: str) -> Iterator[Note]:
    what = seems(column)
    if what is not None:
        yield Note("personal", config, f"{place}: the column {column.name} seems to contain {what}: {then}")
