"""A first look at data files that no config describes: what each column could be."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import DataError
from ..sources.engine import Engine
from ..sources.files import Table, open_table
from ..sources.opening import open_engine
from ..sources.settings import EngineSettings, SourceSettings

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
class Column:
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
    columns: tuple[Column, ...] = field(repr=False)

    def labels(self, but: Collection[str] = ()) -> list[Column]:
        """Return its columns of labels: those with several in a row first, then as in the file."""
        found = [column for column in self.columns if column.is_label and column.name not in but]
        return sorted(found, key=lambda column: column.is_single)

    @property
    def key(self) -> Column | None:
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
                table = open_table(source, Path(), engine, where_declared="init")
                found.append(_look(path, name, table, engine))
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


def _look(path: Path, name: str, table: Table, engine: Engine) -> Look:
    rows = engine.collect(table.frame.select(*table.columns).head(ROWS_LOOKED_AT))
    columns = [_column(column, rows[column].astype(object).tolist()) for column in table.columns]
    return Look(path, name, len(rows), tuple(columns))


def _column(name: str, values: Sequence[object]) -> Column:
    if any(_is_list(value) for value in values):
        return Column(name, tuple(tuple(_texts(value)) for value in values), is_list=True)
    texts = [next(iter(_texts(value)), "") for value in values]
    separator = _separator([text for text in texts if text])
    if separator is None:
        return Column(name, tuple((text,) if text else () for text in texts))
    parts = (tuple(part for each in text.split(separator) if (part := each.strip())) for text in texts)
    return Column(name, tuple(parts), separator=separator)


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
