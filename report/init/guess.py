"""Data files that no config describes: what each column could be, and how they belong together, with reasons."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import DataError
from ..sources.declared import EngineSettings, SourceSettings
from ..sources.files import first_rows
from ..sources.opening import open_engine

ROWS_LOOKED_AT = 200_000
SEPARATORS = ("|", ";", ",")
MOST_LABELS = 300
"""A column with more different labels is text, or names, and no label column."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_SPLIT = 0.01
"""Share of the values that hold a separator from which on a column is taken to be split at it."""

_LONGEST = 25
"""Characters that parts between commas have at most on average; longer ones are sentences."""


@dataclass(frozen=True)
class LookedColumn:
    """A column: the labels or names of each row. `separator` splits its text; None for lists and single values."""

    name: str
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    is_list: bool = False
    separator: str | None = None

    @cached_property
    def counts(self) -> Counter[str]:
        """How many rows have each value, the most frequent first."""
        counted = Counter(value for row in self.rows for value in row)
        return Counter(dict(sorted(counted.items(), key=lambda one: (-one[1], one[0]))))

    @property
    def is_single(self) -> bool:
        """Whether each row has at most one value."""
        return not self.is_list and self.separator is None

    @cached_property
    def is_key(self) -> bool:
        """Whether each row has a value of its own."""
        return self.is_single and all(self.rows) and len(self.counts) == len(self.rows)

    @cached_property
    def is_date(self) -> bool:
        """Whether its values are dates."""
        return self.is_single and bool(self.counts) and all(_DATE.fullmatch(value) for value in self.counts)

    @cached_property
    def is_label(self) -> bool:
        """Whether its values come again: few of them, in words, each twice on average or more often."""
        few = 2 <= len(self.counts) <= MOST_LABELS and self.counts.total() >= 2 * len(self.counts)
        return few and not self.is_date and not all(_NUMBER.fullmatch(value) for value in self.counts)

    def share_in(self, names: Collection[str]) -> float:
        """Return the share of its values that are among some names."""
        total = self.counts.total()
        return sum(n for value, n in self.counts.items() if value in names) / total if total else 0.0


@dataclass(frozen=True)
class Look:
    """A file and its columns. `n_rows` are those that were looked at; `name` is what it may be called in a config."""

    path: Path
    name: str
    n_rows: int
    columns: tuple[LookedColumn, ...] = field(repr=False)

    def labels(self, but: Collection[str] = ()) -> list[LookedColumn]:
        """Return its columns of labels: those with several in a row first, then as in the file."""
        found = [column for column in self.columns if column.is_label and column.name not in but]
        return sorted(found, key=lambda column: column.is_single)

    @property
    def key(self) -> LookedColumn | None:
        """The first column of names that are each there once, one called id before others."""
        keys = [column for column in self.columns if column.is_key and not column.is_date]
        return min(keys, key=lambda column: column.name.casefold() != "id", default=None)


def look_at(paths: Sequence[Path]) -> tuple[Look, ...]:
    """Look at files in the order given. DataError with everything that is wrong with any."""
    engine = open_engine(EngineSettings())
    found: list[Look] = []
    messages: list[str] = []
    names = list(_names(paths))
    try:
        for path, name in zip(paths, names, strict=True):
            try:
                source = SourceSettings(path=(as_source(path, path),))
                rows = first_rows(source, Path(), engine, ROWS_LOOKED_AT, where_declared="init")
                found.append(_look(path, name, rows))
            except DataError as error:
                messages += error.messages
    finally:
        engine.close()
    if messages:
        raise DataError(*messages)
    return tuple(found)


def as_source(path: Path, named: Path) -> str:
    """Return what a source calls a path that is `named` from where it stands: a file is no pattern, whatever its name.

    What is no file may be a pattern that a shell has left as it was.
    """
    return glob.escape(named.as_posix()) if path.is_file() else named.as_posix()


def _look(path: Path, name: str, rows: pd.DataFrame) -> Look:
    columns = [_column(column, rows[column].astype(object).tolist()) for column in rows.columns]
    return Look(path, name, len(rows), tuple(columns))


def _column(name: str, values: Sequence[object]) -> LookedColumn:
    if any(_is_list(value) for value in values):
        return LookedColumn(name, tuple(tuple(_texts(value)) for value in values), is_list=True)
    texts = [next(iter(_texts(value)), "") for value in values]
    separator = _separator([text for text in texts if text])
    if separator is None:
        return LookedColumn(name, tuple((text,) if text else () for text in texts))
    parts = (tuple(part for each in text.split(separator) if (part := each.strip())) for text in texts)
    return LookedColumn(name, tuple(parts), separator=separator)


def _separator(texts: Sequence[str]) -> str | None:
    """Return what texts are split at, so that fewer different values come out than there were; None for nothing."""
    for separator in SEPARATORS:
        holding = [text for text in texts if separator in text]
        if len(holding) < max(1, _SPLIT * len(texts)):
            continue
        parts = {part.strip() for text in texts for part in text.split(separator)}
        are_short = separator != "," or sum(map(len, parts)) <= _LONGEST * len(parts)
        if len(parts) < len(set(texts)) and are_short:
            return separator
    return None


def _is_list(value: object) -> bool:
    return not isinstance(value, str) and hasattr(value, "__len__")


def _texts(value: object) -> Iterator[str]:
    """Yield a value as text, or those of a list; nothing for what is absent."""
    if _is_list(value):
        values: Iterable[object] = value.tolist() if isinstance(value, np.ndarray) else value  # type: ignore[assignment]
        for one in values:
            yield from _texts(one)
    elif not pd.isna(value) and str(value).strip():  # type: ignore[call-overload]
        yield str(value).strip()


def _names(paths: Sequence[Path]) -> Iterator[str]:
    """Yield a name for each file that a config can use: its own, in letters, digits and underscores."""
    taken: set[str] = set()
    for number, path in enumerate(paths, start=1):
        stem = re.sub(r"[^a-z0-9]+", "_", path.name.partition(".")[0].casefold()).strip("_")
        name = stem if re.match(r"[a-z]", stem) and stem not in taken else f"table_{number}"
        taken.add(name)
        yield name


RESOLVES = 0.5
"""Share of the names in a column that must be those of an entity for the column to be a link to it."""

SAME = 0.3
"""Share of the labels of both sides that must be on either for the two to have one taxonomy."""


@dataclass(frozen=True)
class Entity:
    """A file whose rows are items: the column of their ids, that of their labels, and that of their dates."""

    look: Look
    key: LookedColumn
    labels: LookedColumn
    date: LookedColumn | None

    @property
    def names(self) -> Collection[str]:
        """The ids."""
        return self.key.counts.keys()


@dataclass(frozen=True)
class GuessedLinks:
    """Two entities and what links them: two columns of a table, or one column of the entity `to`."""

    from_: Entity
    to: Entity
    table: Look | None
    columns: tuple[LookedColumn, ...]


@dataclass(frozen=True)
class GuessedRecords:
    """A file whose rows carry labels on both sides."""

    look: Look
    rows: LookedColumn
    columns: LookedColumn


@dataclass(frozen=True)
class Guess:
    """How files belong together, and why it was taken to be so."""

    what: GuessedLinks | GuessedRecords
    reasons: tuple[str, ...]
    is_shared: bool
    """Whether both sides have one taxonomy."""

    @property
    def sides(self) -> tuple[LookedColumn, LookedColumn]:
        """The columns of labels of both sides."""
        if isinstance(self.what, GuessedRecords):
            return self.what.rows, self.what.columns
        return self.what.from_.labels, self.what.to.labels


def guess(looks: Sequence[Look]) -> Guess:
    """Return how files belong together. DataError, with what each file has, where nothing fits."""
    entities = [entity for look in looks if (entity := _entity(look, looks)) is not None]
    links = _links(looks, entities)
    if links is not None:
        return _with_reasons(links)
    for look in looks:
        labels = look.labels()
        if len(labels) > 1:
            return _with_reasons(GuessedRecords(look, labels[0], labels[1]))
    raise DataError(
        "init: needs a table with two columns of labels, or two tables of items with ids and labels and a column that "
        "links them",
        *(_told(look) for look in looks),
    )


def _entity(look: Look, looks: Sequence[Look]) -> Entity | None:
    """Return a file as items; None where it has no ids, or no labels that are not names of another file's items."""
    key = look.key
    if key is None:
        return None
    others = [other.key.counts.keys() for other in looks if other is not look and other.key is not None]
    labels = [
        column for column in look.labels(but=(key.name,)) if all(column.share_in(names) < RESOLVES for names in others)
    ]
    if not labels:
        return None
    named = sorted(labels, key=lambda column: column.name.casefold() not in ("label", "labels", "tags", "tasks"))
    return Entity(look, key, named[0], next((column for column in look.columns if column.is_date), None))


def _links(looks: Sequence[Look], entities: Sequence[Entity]) -> GuessedLinks | None:
    """Return the links of which most names are found: in a table of their own first, else in a column of an entity."""
    found: list[tuple[float, GuessedLinks]] = []
    for one, other in permutations(entities, 2):
        for look in looks:
            if look not in (one.look, other.look):
                found += _in_table(one, other, look)
        for column in other.look.columns:
            share = column.share_in(one.names)
            if column.name not in (other.key.name, other.labels.name) and share >= RESOLVES:
                found.append((share, GuessedLinks(one, other, None, (column,))))
    tables = [each for each in found if each[1].table is not None]
    return max(tables or found, key=lambda each: each[0], default=(0.0, None))[1]


def _in_table(one: Entity, other: Entity, look: Look) -> list[tuple[float, GuessedLinks]]:
    """Return the pair of columns of a table that link two entities, in the order of its columns; none, or one."""
    pairs = [
        (min(shares), GuessedLinks(one, other, look, (first, second)))
        for at, first in enumerate(look.columns)
        for second in look.columns[at + 1 :]
        if min(shares := (first.share_in(one.names), second.share_in(other.names))) >= RESOLVES
    ]
    return [max(pairs, key=lambda each: each[0])] if pairs else []


def _with_reasons(what: GuessedLinks | GuessedRecords) -> Guess:
    made = Guess(what, (), is_shared=False)
    first, second = (column.counts.keys() for column in made.sides)
    is_shared = len(first & second) >= SAME * len(first | second)
    one = "one taxonomy, since both sides have labels in common" if is_shared else "a taxonomy for each side"
    return Guess(what, (*_reasons(what), one), is_shared)


def _reasons(what: GuessedLinks | GuessedRecords) -> list[str]:
    if isinstance(what, GuessedRecords):
        return [f"{what.look.path}: each row is a unit, with labels in {what.rows.name} and in {what.columns.name}"]
    told = [
        f"{e.look.path}: items, since {e.key.name} names each row once; their labels are in {e.labels.name}, "
        f"{len(e.labels.counts)} different ones"
        for e in (what.from_, what.to)
    ]
    if what.table is None:
        (column,) = what.columns
        share = column.share_in(what.from_.names)
        return [
            *told,
            f"{what.to.look.path}: {column.name} links, since {share:.0%} of its names are items of the other",
        ]
    ends = zip(what.columns, (what.from_, what.to), strict=True)
    shares = " and ".join(f"{c.share_in(e.names):.0%} of {c.name} are {e.look.name}" for c, e in ends)
    return [*told, f"{what.table.path}: links, since {shares}"]


def _told(look: Look) -> str:
    key = "no column that names each row once" if look.key is None else f"ids in {look.key.name}"
    labels = ", ".join(column.name for column in look.labels()) or "none"
    return f"{look.path}: {key}; columns of labels: {labels}"
