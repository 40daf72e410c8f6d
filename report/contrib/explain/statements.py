"""Explain statements: where the report makes them or why not, what limits them, and each measured again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from ... import formats
from ...document.compose import Part
from ...pipeline.parts import Draft, input_of
from ...renderers.outline import Plain, plain_mapping
from ...statements import Statement
from ...statements.measures import MEASURES, again, holds
from ...statements.scope import Recheck, rechecks
from ...statements.select import Input, Reason, Told
from ...words.report import Said
from ...words.sentences import said, sentence

_FAILED: Mapping[Reason, str] = {
    "told": "it has no room",
    "unclear": "it is not clear: q is above 0.05, so its interval includes no effect",
    "small": "it is clear but small: under 10 points (under 5 if one share is at least twice the other), or too close "
    "to none",
    "unsteady": "its shares do not all move in one direction",
    "gaps": "it is not clear if the units that one category lacks, because it is covered less, are counted against it",
    "strata": "it is not clear among units of the same stratum or group",
    "depends": "it is not clear without one of the largest groups, strata, items and labels",
    "one_end": "it is not clear without its first or its last category",
    "beside_trend": "a trend is told, and differences are not told beside a trend",
    "not_new": "it is not clear, or too small, without the units of an earlier statement",
    "no_room": "others come first, and the report has no room for it",
    "mirror": "another statement says the same, because one side has two categories",
}
"""Why a statement is not told."""

_PLACES = ("title", "abstract", "caption", "reading", "findings", "not_shown", "covered", "method")


@dataclass(frozen=True, eq=False)
class Found:
    """A statement of the report, with its part. `limits` is the id of the statement that it is a note of, or ""."""

    part: Part
    statement: Statement
    limits: str = ""

    @property
    def text(self) -> str:
        """Its sentence."""
        told = self.part.told
        return sentence(self.statement, told.table if isinstance(told, Told) else None, self.part.names)

    @property
    def notes(self) -> list[Found]:
        """The statements that limit it."""
        return [Found(self.part, note, self.statement.id) for note in self.statement.notes]

    @property
    def texts(self) -> list[str]:
        """Its sentence, and all texts of the report that say it."""
        return [self.text, *(text for _, text in said_of(self.part, self.statement))]


@dataclass(frozen=True, eq=False)
class StatementTold:
    """All information on a statement: why it is reported or not, and each time that it was measured again, as data.

    These have `by` (the kind of thing left out, such as "group", or "unit" if others were counted), its `name`, the new
    `numbers` (None if there is too little data), whether it is `clear`, and a `text` that says so.
    """

    found: Found
    why: str
    again: tuple[dict[str, Plain], ...]


def all_statements(parts: Iterable[Part]) -> Iterator[Found]:
    """Yield every statement that is reported or was tested, each followed by the notes that limit it."""
    for part in parts:
        for found in (Found(part, one) for one in part.statements):
            yield from (found, *found.notes)


def tell_statement(found: Found, report: Draft) -> StatementTold:
    """Return all information on a statement. It is measured again for each dependence of a report."""
    part, one = found.part, found.statement
    numbers = report.counted.relations.get(part.relation)
    given = None if numbers is None or found.limits else input_of(report.loaded.config, numbers)
    return StatementTold(
        found,
        why=f"it limits {found.limits}" if found.limits else _why(part, one),
        again=() if given is None else tuple(_again(part, one, given)),
    )


def _why(part: Part, one: Statement) -> str:
    """Return where the report makes a statement, or why it does not."""
    reason, places = part.reason(one), list(dict.fromkeys(place for place, _ in said_of(part, one)))
    in_table = part.words.table is not None and any(row.key == one.key for row in part.words.table.statements)
    if reason == "told" and places:
        return f"told in {formats.listing([*places, *(['the table'] if in_table else [])])}"
    return f"not told: {_FAILED[reason]}{'; the table has it' if in_table else ''}"


def said_of(part: Part, one: Statement) -> Iterator[tuple[str, str]]:
    """Yield each place and text in which a part of a report says a statement."""
    for place in _PLACES:
        for each in _flat(getattr(part.words, place)):
            if any(of is not None and of.key == one.key for of in (each.statement, *each.also)):
                yield place.replace("_", " "), each.text


def _flat(of: object) -> Iterator[Said]:
    if isinstance(of, Said):
        yield of
    elif isinstance(of, tuple):
        for one in of:
            yield from _flat(one)


def _again(part: Part, one: Statement, given: Input) -> Iterator[dict[str, Plain]]:
    """Yield a statement without each of the largest groups, strata, items and labels, and counted otherwise."""
    if one.form not in MEASURES or one.certainty is None or not isinstance(part.told, Told):
        return
    others = (Recheck("unit", unit, again(one, table, f"counted by {unit}")) for unit, table in given.by_unit.items())
    for by, name, found in (*rechecks(one, given.table, given.without), *others):
        if found is not None and found.numbers == one.numbers:
            continue  # no unit of the statement has it
        is_clear = None if found is None else holds(found, one, part.told.alpha)
        n = None if found is None else SimpleNamespace(**found.numbers)
        another = "" if found is None or found.subject == one.subject else found.subject
        voice = part.names.of(given.table)
        text = said("parts", "recheck", w=voice, by=by, left=name, n=n, another=another, is_clear=is_clear)
        numbers = None if found is None else plain_mapping(found.numbers)
        yield {"by": by, "name": name, "text": text, "numbers": numbers, "clear": is_clear}
