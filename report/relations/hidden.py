"""Notes on labels and ids with invisible characters, on labels that look equal, and on texts beyond the limit.

They name file, row and column, from the numbered rows of a source in file order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import narwhals as nw

from ..errors import DataError, Note, listed
from ..foreign_text import has_hidden, look_alikes, spelled, visible
from ..sources import EngineSettings, Limits, SourceSettings
from ..sources.duckdb import DuckDBEngine
from ..sources.engine import Engine, Frame
from ..sources.faults import LongTextError, too_long
from ..sources.files import format_named, open_table
from ..sources.located import FoundSource, PassedSource, located
from ..taxonomy.categorise import CategorisedItems

_WITH_HEADER = ("csv", "tsv", "xlsx")
"""Formats whose first row is the header, so that their data begin at row 2."""

Numbered = tuple[str, int, tuple[str | None, ...]]


def numbered_rows(source: SourceSettings, base: Path, columns: Sequence[str], where: str) -> Iterator[Numbered]:
    """Yield a file's name in messages, a row number as in messages, and the row's fields in some columns.

    A table without numbered rows, such as a frame of another engine, yields nothing.
    """
    chosen = [nw.col(column).cast(nw.String) for column in columns]
    with DuckDBEngine(EngineSettings()) as reader:
        for name, frame, first in _each_file(source, base, where, reader):
            for n, row in enumerate(reader.in_order(frame.select(*chosen)), start=first):
                yield name, n, row


def _each_file(
    source: SourceSettings, base: Path, where: str, reader: DuckDBEngine
) -> Iterator[tuple[str, Frame, int]]:
    """Yield the name and rows of each file of a source, and the number of the first row."""
    if isinstance(source, PassedSource):
        if isinstance(source.passed.content, Path):
            yield source.declared, reader.read_parquet({source.passed.content: source.declared}), 1
    elif source.database is not None:
        table = open_table(source, base, reader, where_declared=where)
        yield table.name, table.frame, 1
    else:
        for path, name in located(source, base, where, reader.limits).items():
            form = source.format or format_named(name)
            alone = FoundSource.made(source, path, name, form)
            table = open_table(alone, base, reader, where_declared=where)
            n_header = 1 if source.header is None else source.header
            yield name, table.frame, 1 + n_header if form in _WITH_HEADER else 1


@contextmanager
def rows_of_long_texts(
    source: SourceSettings, base: Path, columns: Sequence[str], place: str, limits: Limits
) -> Iterator[None]:
    """Add file, row and column to the message of a `LongTextError` that is raised inside the context.

    `columns` are the columns of the source that may contain the text, and `place` is the config key that names them.
    """
    try:
        yield
    except LongTextError as error:
        raise DataError(_found(error, source, base, columns, place, limits) or error.messages[0]) from None


def _found(
    error: LongTextError, source: SourceSettings, base: Path, columns: Sequence[str], place: str, limits: Limits
) -> str | None:
    """Return the message with the first row that has the text, or None if no row has exactly this text."""
    for name, row, fields in numbered_rows(source, base, columns, f"{place}.source"):
        for column, text in zip(columns, fields, strict=True):
            if text is not None and error.text in text:
                said = too_long(error.text, limits, quoted=error.quoted)
                return f"{place}: {name}: row {row:,}, column {column}, {said}"
    return None


_NAMED = 5
_MOST_ROWS = 500_000
"""Maximum number of rows searched for the position of a text: reading them one by one takes seconds."""

_LONGEST = 60


@dataclass(frozen=True)
class TextOrigin:
    """The origin of texts: their entity, the source, the base folder of its paths, and the columns with the texts.

    Without a `source` or columns no file can be named. Notes are published, so they quote only `public` texts.
    """

    kind: str
    source: SourceSettings | None
    base: Path
    columns: tuple[str, ...]
    public: bool = True


def hidden_note(
    texts: Collection[str], origin: TextOrigin, what: tuple[str, str], counts: Mapping[str, int] | None = None
) -> tuple[Note, ...]:
    """Return a note on texts that are shown with escapes, with the file and row of the first occurrence of each.

    `what` is the singular and plural of their name. `counts` are the numbers of items with each, by the text as shown.
    """
    hidden = sorted(text for text in texts if has_hidden(text))
    if not hidden:
        return ()
    places = _places(hidden[:_NAMED], origin)
    named = [f"{_quoted(text)}{_about(text, places, counts)}" for text in hidden[:_NAMED]]
    if not origin.public:
        named = [f"in {places[text]}" if text in places else "in the data" for text in hidden[:_NAMED]]
    one = len(hidden) == 1
    count = f"1 {what[0]} contains" if one else f"{len(hidden):,} {what[1]} contain"
    message = (
        f"{origin.kind}: {count} characters that cannot be seen or that reorder text, which are shown as escapes: "
        f"{listed(named, _NAMED, n=len(hidden))}; remove them from the file if they are not meant"
    )
    return (Note("hidden_characters", origin.kind, message),)


def look_alike_notes(found: CategorisedItems, raw: Mapping[str, str], origin: TextOrigin) -> tuple[Note, ...]:
    """Return a note on labels that look equal but are not assigned to the same categories.

    `raw` gives the original text of each label that is shown with escapes, by the text as shown.
    """
    if not origin.public:
        return ()
    shown = {raw.get(label, label): label for label in found.vocabulary}
    groups = [
        [(text, found.vocabulary[shown[text]]) for text in group]
        for group in look_alikes(shown)
        if len({_categories(found, shown[text]) for text in group}) > 1
    ]
    if not groups:
        return ()
    named = [" and ".join(f"{_spelled(text)} ({n:,})" for text, n in group) for group in groups[:_NAMED]]
    count = "1 set of labels looks" if len(groups) == 1 else f"{len(groups):,} sets of labels look"
    differ = "differs" if len(groups) == 1 else "differ"
    file = "" if origin.source is None else f", in {origin.source.declared}"
    first = ", ".join(_spelled(text) for text, _ in groups[0])
    message = (
        f"{origin.kind}: {count} equal but {differ} in characters that cannot be seen{file}: "
        f"{listed(named, _NAMED, 'more sets', n=len(groups))} (items in brackets); if they are one label, correct the "
        f"file or give them to one category (match: [{first}])"
    )
    return (Note("look_alikes", origin.kind, message),)


def hidden_ids(ids: Frame, engine: Engine) -> list[str]:
    """Return ids with invisible characters, given a frame with the column `id`."""
    odd = ids.filter(nw.col("id").str.contains(_SUSPECT)).select("id").head(_MOST_SUSPECT)
    return [text for text in engine.columns(odd)["id"] if has_hidden(text)]


_MOST_SUSPECT = 10_000
_SUSPECT = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{ad}\x{34f}\x{61c}\x{180b}-\x{180f}\x{200b}-\x{200f}\x{2028}-\x{202e}"
    r"\x{2060}-\x{206f}\x{3164}\x{e000}-\x{f8ff}\x{fdd0}-\x{fdef}\x{feff}\x{ffa0}\x{fff9}-\x{fffc}\x{fffe}\x{ffff}\x{e0000}-\x{e0fff}"
    r"\x{f0000}-\x{10ffff}]"
)
"""Characters in ids that are shown as escapes, in the syntax of both RE2 and Java."""


def _categories(found: CategorisedItems, label: str) -> tuple[str, ...]:
    """Return the categories of a label; for a label without any, the label itself, so that it matches no other."""
    place = found.names.index(label)
    words = tuple(map(str, found.rules[place].tolist()))
    return words if found.rules[place].any() else ("", label)


def _about(text: str, places: Mapping[str, str], counts: Mapping[str, int] | None) -> str:
    n = None if counts is None else counts.get(visible(text))
    said = [
        *([places[text]] if text in places else []),
        *([] if n is None else [f"{n:,} items" if n != 1 else "1 item"]),
    ]
    return f" ({'; '.join(said)})" if said else ""


def _quoted(text: str) -> str:
    return f'"{visible(text)[:_LONGEST]}"'


def _spelled(text: str) -> str:
    return f'"{spelled(text)[:_LONGEST]}"'


def _places(texts: Sequence[str], origin: TextOrigin) -> dict[str, str]:
    """Return the file and row of the first occurrence of each text; texts that are not found are left out."""
    places: dict[str, str] = {}
    if origin.source is None or not origin.columns:
        return places
    wanted = set(texts)
    try:
        rows = islice(numbered_rows(origin.source, origin.base, origin.columns, ""), _MOST_ROWS)
        for name, number, row in rows:
            for text in _among(wanted, row):
                places[text] = f"{name}, row {number:,}"
                wanted.discard(text)
            if not wanted:
                break
    except DataError:  # a source that cannot be read a second time
        pass
    return places


def _among(wanted: Collection[str], row: Iterable[str | None]) -> list[str]:
    fields = [field for field in row if field]
    return [text for text in wanted if any(text in field for field in fields)]
