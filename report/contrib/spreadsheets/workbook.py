"""Read sheets of .xlsx workbooks with python-calamine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import python_calamine

from ...errors import DataError, did_you_mean, listed
from ...sources import Limits, SourceSettings
from ...sources.engine import Engine
from ...sources.faults import check_names, declared_names
from ...sources.files import FileFormat, SourceFiles, Table, of_rows
from .guard import NoWorkbookError, checked_workbook, sheets_of


def read_sheet(
    path: Path, name: str, source: SourceSettings, limits: Limits
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the column names and rows of a sheet (the first unless `source` names one), all values as text.

    Empty rows are skipped. The next row is the header, or as many rows as the source specifies. Whole numbers lose
    their ".0", dates are ISO 8601, booleans "true" and "false", empty cells "". Raises `DataError` if the file is not a
    workbook, if the sheet is missing, empty or spans many more cells than it has, or if the header is invalid.
    """
    sheet = source.sheet
    try:
        with checked_workbook(path, name, sheet, limits) as (copy, sheets):
            if sheet is not None and sheet not in sheets:
                raise DataError(f'{name} has no sheet "{sheet}"; it has {listed(sheets)}{did_you_mean(sheet, sheets)}')
            table = _content(copy, sheets[0] if sheet is None else sheet)
    except (python_calamine.CalamineError, NoWorkbookError, OSError) as error:
        raise DataError(f"{name} cannot be read as an .xlsx workbook") from error
    rows = [row for values in table if any(row := [_typed(value) for value in values])]
    if not rows:
        raise DataError(f"{name} is empty" if sheet is None else f'{name} is empty in sheet "{sheet}"')
    rows = rows[source.skip :] or rows[-1:]
    n_header = 1 if source.header is None else source.header
    header = declared_names(rows[: max(1, n_header)], source.header)
    check_names(name, header)
    return tuple(header), rows[n_header:]


def _content(copy: Path, sheet: str) -> Sequence[Sequence[object]]:
    """Return the values of the cells of a sheet, row by row."""
    try:
        with python_calamine.CalamineWorkbook.from_path(copy) as workbook:
            return workbook.get_sheet_by_name(sheet).to_python()
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # an error of the library that is not an Exception
            raise NoWorkbookError(str(error)) from error
        raise


def _typed(value: object) -> str:
    """Return the value of a cell as typed into a CSV file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _open(files: SourceFiles, source: SourceSettings, engine: Engine) -> Table:
    """Return sheets as one table.

    If a workbook has several sheets and none was chosen, the table's name lists the others.
    """
    table = _sheets(files, source, engine)
    first = next(iter(files.names))
    others = sheets_of(first, files.called(first), engine.limits)[1:] if source.sheet is None else ()
    if not others:
        return table
    return replace(table, name=f"{table.name} (its first sheet; sheet: {' or '.join(others)} is another)")


_sheets = of_rows(read_sheet)

XLSX = FileFormat("xlsx", _open)
