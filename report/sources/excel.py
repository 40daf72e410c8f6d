"""Sheets of .xlsx files, through python-calamine (the extra `excel`)."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from xml.etree import ElementTree as ET

from ..errors import DataError, did_you_mean, listed
from . import Limits, SourceSettings
from .faults import check_names, named
from .text import size

try:
    import python_calamine
except ImportError:
    python_calamine = None  # type: ignore[assignment]

_CHUNK = 2**20
_CELL = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_CELL = 200
"""Bytes of the longest beginning of a cell: its place, its style, its type."""

_FEW_CELLS = 1_000_000
_MOST_EMPTY = 20
"""A sheet that spans more cells than these few must not have so many empty ones for each that holds something."""


def read_sheet(
    path: Path, name: str, source: SourceSettings, limits: Limits
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the column names and the rows of a sheet (the first unless `source` names one), every value as text.

    The first row that is not empty is the header; empty rows are passed over. Whole numbers lose their ".0",
    dates are ISO 8601, truth values "true" and "false", empty cells "". Raises `DataError` where the extra is
    not installed, the file is no workbook, the sheet is missing or empty, spans many more cells than it holds, or the
    header is faulty.
    """
    if python_calamine is None:
        raise DataError(f'{name} needs the extra "excel": pip install "diptych[excel]"')
    sheet = source.sheet
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            sheets = workbook.sheet_names
            if sheet is not None and sheet not in sheets:
                raise DataError(f'{name} has no sheet "{sheet}"; it has {listed(sheets)}{did_you_mean(sheet, sheets)}')
            chosen = sheet if sheet is not None else sheets[0]
            _check_size(path, name, chosen, limits)
            table = workbook.get_sheet_by_name(chosen).to_python()
    except (python_calamine.CalamineError, zipfile.BadZipFile, ET.ParseError, LookupError, OSError) as error:
        raise DataError(f"{name} cannot be read as an .xlsx workbook") from error
    rows = [row for values in table if any(row := [_text(value) for value in values])]
    if not rows:
        raise DataError(f"{name} is empty" if sheet is None else f'{name} is empty in sheet "{sheet}"')
    header = named(rows[0])
    check_names(name, header)
    return tuple(header), rows[1:]


def sheets_of(path: Path) -> list[str]:
    """Return the names of a workbook's sheets."""
    with python_calamine.CalamineWorkbook.from_path(path) as workbook:
        return list(workbook.sheet_names)


def _check_size(path: Path, name: str, sheet: str, limits: Limits) -> None:
    """Raise `DataError` where the workbook unpacks to more than is read, or the cells of a sheet stand far apart.

    The library makes room for the whole rectangle that the cells span before it reads them.
    """
    with zipfile.ZipFile(path) as archive:
        n_bytes, most = sum(entry.file_size for entry in archive.infolist()), limits.most_unpacked(path.stat().st_size)
        if n_bytes > most:
            raise DataError(
                f"{name} unpacks to {size(n_bytes)}, more than {size(most)}; if that is meant, raise engine.unpacked"
            )
        n_cells, rows, columns = 0, [0, 0], [0, 0]
        for column, row in _cells(archive, _part(archive, sheet)):
            rows = [min(rows[0] or row, row), max(rows[1], row)]
            columns = [min(columns[0] or column, column), max(columns[1], column)]
            n_cells += 1
    n_spanned = (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1)
    if n_spanned > max(_FEW_CELLS, _MOST_EMPTY * n_cells):
        raise DataError(
            f'{name} has {n_cells:,} cells in sheet "{sheet}" that span {rows[1]:,} rows and {columns[1]:,} columns; '
            "delete what stands far from the table, or save it as CSV"
        )


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the file of the archive that holds a sheet; LookupError where there is none."""
    workbook = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat bounds what entities grow to
    entry = [entry for entry in workbook.iterfind(".//{*}sheet") if entry.get("name") == sheet][0]  # noqa: RUF015
    key = next((value for name, value in entry.items() if name.endswith("}id")), "")
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    return posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/")


def _cells(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int]]:
    """Yield column and row, from 1, of the cells of a sheet that say where they stand."""
    with archive.open(part) as stream:
        kept = b""
        while chunk := stream.read(_CHUNK):
            content, end = kept + chunk, 0
            for found in _CELL.finditer(content):
                end = found.end()
                yield _number(found[1]), int(found[2])
            kept = content[max(end, len(content) - _LONGEST_CELL) :]


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1.

    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0)


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
