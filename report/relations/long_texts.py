"""Find the row of a text that is longer than the limit, so that messages name file, row and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import DataError
from ..sources import Limits, SourceSettings
from ..sources.bounds import LongTextError, too_long
from ..sources.numbered import numbered_rows


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
