"""The row of a text that is longer than the config allows: messages name file, row and column."""

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
    """Name file, row and column in the message of a `LongTextError` that is raised within.

    `columns` are the columns of the source that may have the text, `place` the key of the config that names them.
    """
    try:
        yield
    except LongTextError as error:
        raise DataError(_found(error, source, base, columns, place, limits) or error.messages[0]) from None


def _found(
    error: LongTextError, source: SourceSettings, base: Path, columns: Sequence[str], place: str, limits: Limits
) -> str | None:
    """Return the message with the first row that has the text; None where no row has it as it is."""
    for name, row, fields in numbered_rows(source, base, columns, f"{place}.source"):
        for column, text in zip(columns, fields, strict=True):
            if text is not None and error.start in text:
                said = too_long(error.start, len(error.start), limits)
                return f"{place}: {name}: row {row:,}, column {column}, {said}"
    return None
