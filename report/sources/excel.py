"""Sheets of .xlsx files, through python-calamine (the extra `excel`)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..errors import DataError
from ..schema import did_you_mean, listed
from .headers import check_names

try:
    import python_calamine
except ImportError:
    python_calamine = None  # type: ignore[assignment]


def read_sheet(path: Path, name: str, sheet: str | None) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the column names and the rows of a sheet (the first unless named), every value as text.

    The first row that is not empty is the header; empty rows are passed over. Whole numbers lose their ".0",
    dates are ISO 8601, truth values "true" and "false", empty cells "". Raises `DataError` where the extra is
    not installed, the file is no workbook, the sheet is missing or empty, or the header is faulty.
    """
    if python_calamine is None:
        raise DataError(f'{name} needs the extra "excel": pip install "diptych[excel]"')
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            sheets = workbook.sheet_names
            if sheet is not None and sheet not in sheets:
                raise DataError(f'{name} has no sheet "{sheet}"; it has {listed(sheets)}{did_you_mean(sheet, sheets)}')
            table = workbook.get_sheet_by_name(sheet if sheet is not None else sheets[0]).to_python()
    except (python_calamine.CalamineError, OSError) as error:
        raise DataError(f"{name} cannot be read as an .xlsx workbook") from error
    rows = [row for values in table if any(row := [_text(value) for value in values])]
    if not rows:
        raise DataError(f"{name} is empty" if sheet is None else f'{name} is empty in sheet "{sheet}"')
    check_names(name, rows[0])
    return tuple(rows[0]), rows[1:]


def _text(value: object) -> str:
    """Return the value of a cell as a person would type it into a CSV file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
