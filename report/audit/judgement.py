"""A filled-in sheet against the items as they are filed now: what a person has judged, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import DataError, Problem
from ..schema import did_you_mean, listed
from .drawn import NONE, Filing
from .sheet import NO, YES, SheetRow, is_word, joined, read_names

HOW = "write yes, no, none, or the right categories with semicolons between them"
"""What a person may write in `correct`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known now of a population: its categories, and the filings of those ids of the sheet that it has."""

    categories: tuple[str, ...]
    filings: Mapping[str, Filing]


@dataclass(frozen=True, slots=True)
class JudgedSheet:
    """An item that a person has judged.

    `rule` holds the categories by rule; `truth` those that the person says, in declared order (empty: none), or
    None where the person says no more than that `rule` is wrong. `drawn_for` holds those whose sample it is in.
    """

    entity: str
    id: str
    rule: tuple[str, ...]
    truth: tuple[str, ...] | None
    drawn_for: tuple[str | None, ...]

    @property
    def right(self) -> bool:
        """Whether the item is filed as the person says, under all its categories and no other."""
        return self.truth == self.rule


@dataclass(frozen=True, slots=True)
class Judgements:
    """The judged items in the order of the sheet.

    `n_drawn` counts, by entity and category, how many items the sheet holds, judged or not.
    """

    items: tuple[JudgedSheet, ...]
    n_drawn: Mapping[tuple[str, str | None], int]


def asked_ids(rows: Sequence[SheetRow]) -> dict[str, list[str]]:
    """Return entity -> the ids that a person has judged, each once."""
    asked: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.correct.strip():
            asked.setdefault(row.entity, {})[row.id] = None
    return {entity: list(ids) for entity, ids in asked.items()}


def judge(rows: Sequence[SheetRow], known: Mapping[str, Known], file: str) -> Judgements:
    """Return what a person has judged; rows whose `correct` is empty are not judged and not looked at.

    Raises `DataError` with every problem and its line: an entity or id that is not there, an item that is filed
    otherwise than when it was drawn (stale), an answer that is none, an item judged twice; or where none is judged.
    """
    items: list[JudgedSheet] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, str], int] = {}
    for row in rows:
        if not row.correct.strip():
            continue
        found, messages = _row(row, known)
        first = lines.setdefault((row.entity, row.id), row.line)
        if first != row.line and not messages:
            messages = [f'id: "{row.id}" is judged at line {first} too; keep one of the two']
        problems += [Problem(file, row.line, 0, "", message) for message in messages]
        items += [found] if found is not None else []
    if problems:
        raise DataError(*map(str, problems))
    if not items:
        raise DataError(f"{file}: no item is judged yet; in the column correct {HOW}")
    return Judgements(tuple(items), _drawn(rows, known))


def _row(row: SheetRow, known: Mapping[str, Known]) -> tuple[JudgedSheet | None, list[str]]:
    """Return what a row says, or messages why it cannot be taken."""
    if row.entity not in known:
        names = f"{listed(list(known))}{did_you_mean(row.entity, known)}"
        return None, [f'entity: "{row.entity}" is not one of {names}']
    here = known[row.entity]
    filing = here.filings.get(row.id)
    if filing is None:
        advice = "spreadsheets change ids that look like numbers or dates"
        return None, [f'id: {row.entity} has no item "{row.id}"; {advice}']
    messages = [*_stale(row, filing, here)]
    truth, wrong = _truth(row, filing, here)
    drawn_for, others = _drawn_for(row, here)
    messages += [*wrong, *others]
    misfit = [NONE if s is None else s for s in drawn_for if (s not in filing.categories if s else filing.categories)]
    if not messages and misfit:
        messages.append(f"drawn_for: the item is not in {listed(misfit)}; leave this column as it was written")
    return JudgedSheet(row.entity, row.id, filing.categories, truth, drawn_for), messages


def _stale(row: SheetRow, filing: Filing, here: Known) -> Iterator[str]:
    before, unknown = ([], []) if is_word(row.category, NONE) else read_names(row.category, here.categories)
    if unknown or set(before) != set(filing.categories):
        now = joined(filing.categories)
        yield (
            f'category: "{row.id}" was filed under {row.category.strip() or NONE} when it was drawn, and is under '
            f"{now} now; take the row out, or draw a new sample"
        )


def _truth(row: SheetRow, filing: Filing, here: Known) -> tuple[tuple[str, ...] | None, list[str]]:
    if is_word(row.correct, YES):
        return filing.categories, []
    if is_word(row.correct, NO):
        return None, []
    if is_word(row.correct, NONE):
        return (), []
    names, unknown = read_names(row.correct, here.categories)
    words = [word for word in unknown if word.casefold() in (YES, NO, NONE)]
    messages = [f'correct: "{word}" stands alone; {HOW}' for word in words]
    messages += [
        f'correct: "{name}" is not a category: {listed(here.categories)}{did_you_mean(name, here.categories)}; {HOW}'
        for name in unknown
        if name not in words
    ]
    return tuple(name for name in here.categories if name in names), messages


def _drawn_for(row: SheetRow, here: Known) -> tuple[tuple[str | None, ...], list[str]]:
    names, unknown = read_names(row.drawn_for, here.categories)
    categories: list[str | None] = [*names]
    if any(is_word(name, NONE) for name in unknown):
        categories.append(None)
    unknown = [name for name in unknown if not is_word(name, NONE)]
    if unknown or not categories:
        named = ", ".join(f'"{name}"' for name in unknown)
        none_such = "is not a category" if len(unknown) == 1 else "are not categories"
        wrong = f"{named} {none_such}" if unknown else "is empty"
        return tuple(categories), [f"drawn_for: {wrong}; leave this column as it was written"]
    return tuple(categories), []


def _drawn(rows: Sequence[SheetRow], known: Mapping[str, Known]) -> dict[tuple[str, str | None], int]:
    """Return how many rows there are of each entity and category; those of nothing known are not counted."""
    counts: dict[tuple[str, str | None], int] = {}
    for entity, _, drawn_for in dict.fromkeys((row.entity, row.id, row.drawn_for) for row in rows):
        here = known.get(entity)
        if here is None:
            continue
        names, unknown = read_names(drawn_for, here.categories)
        for category in (*names, *(None for name in unknown[:1] if is_word(name, NONE))):
            counts[entity, category] = counts.get((entity, category), 0) + 1
    return counts
