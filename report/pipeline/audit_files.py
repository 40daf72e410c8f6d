"""Sheets on the disk: written so that nothing a person has filled in is lost, and read."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..errors import DataError, PublishError
from ..formats import count, plural
from ..publish.writing import write_file
from ..taxonomy.audit_sheet import read_sheet


def write_sheet(sheet: bytes, path: Path, inputs: Collection[Path], *, overwrite: bool = False) -> None:
    """Write a sheet, whole or not at all.

    Raises `PublishError` where the file holds judgements or is no sheet (unless `overwrite`), where it is one of the
    `inputs` of the report, or cannot be written.
    """
    try:
        if path.is_dir():
            raise PublishError(f"{path}: is a folder; name a file in it")
        if not path.parent.is_dir():
            raise PublishError(f"{path}: there is no folder {path.parent}")
        if path.exists():
            _check_replaceable(path, inputs, overwrite=overwrite)
        write_file(path, sheet)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a file's"
        raise PublishError(f"{path}: cannot be written: {reason}") from None


def _check_replaceable(path: Path, inputs: Collection[Path], *, overwrite: bool) -> None:
    if any(source.exists() and source.samefile(path) for source in inputs):
        raise PublishError(f"{path}: is an input of the report; give the sheet another name")
    if overwrite:
        return
    content = path.read_bytes()
    try:
        rows = read_sheet(content, str(path)) if content.strip() else ()
    except DataError:
        raise PublishError(f"{path}: is no sheet of an audit; --overwrite replaces it all the same") from None
    filled = sum(bool(row.correct.strip() or row.note.strip()) for row in rows)
    if filled:
        what = f"{count(filled)} {plural(filled, 'row', 'rows')} that a person has filled in"
        raise PublishError(f"{path}: holds {what}; name another file, or --overwrite replaces it")


def sheet_content(sheet: Path) -> bytes:
    """Return the bytes of a sheet; `DataError` where it cannot be read."""
    try:
        return sheet.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{sheet}: there is no such file; diptych audit -o writes a sheet") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        if isinstance(error, OSError) and sheet.is_dir():
            raise DataError(f"{sheet}: is a folder; name the sheet in it") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a file's"
        raise DataError(f"{sheet}: cannot be read: {reason}") from None
