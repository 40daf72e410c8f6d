"""Check workbooks before the library reads them, because it allocates the whole rectangle that cells span.

A workbook is an archive of XML files. The parts needed are unpacked here, within limits, and their XML is parsed. The
library then reads a new archive with exactly these parts. It therefore never sees anything unchecked: other entries of
the same name, wrong sizes stated in an archive, or other formats with the suffix .xlsx.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ...disk import TemporaryFolder
from ...errors import DataError
from ...sources import Limits
from ...sources.text import size

_CHUNK = 2**20
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_START = "_rels/.rels"
_TO_WORKBOOK = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
"""The last row and the last column that a sheet can have."""

_FEW_CELLS = 1_000_000
_MOST_EMPTY = 20
"""Number of spanned cells above which the ratio of empty cells to cells with content is limited."""

_BYTES_OF_A_CELL = 128
"""Memory for a cell after it is read."""

_NUMBER = re.compile(r"[0-9]{1,10}")
_PLACE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,10})")

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    expat.ExpatError,
    ET.ParseError,
    LookupError,
    NotImplementedError,
    RuntimeError,
)
"""Errors raised for damaged workbooks. RuntimeError means that they are encrypted."""


class NoWorkbookError(Exception):
    """A file is not a readable workbook."""


@contextmanager
def checked_workbook(
    path: Path, name: str, sheet: str | None, limits: Limits
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield a checked copy of a workbook with one sheet (None: the first), and the names of all sheets.

    If no sheet has the given name, the copy has none. Raises `DataError` if the workbook exceeds a limit, and
    `NoWorkbookError` if it is not a workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive, TemporaryFolder() as folder:
            parts = _Parts(archive, name, limits, limits.most_unpacked(path.stat().st_size))
            sheets, others = _named_parts(parts)
            chosen = next(iter(sheets)) if sheet is None else sheet
            copy = folder / "workbook.xlsx"
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as clean:
                clean.writestr(_START, _TO_WORKBOOK)
                for part in (_WORKBOOK, _RELATIONS, others.get("styles")):
                    if part is not None:
                        clean.writestr(part, parts.read(part))
                if chosen in sheets:
                    _copy_sheet(parts, (sheets[chosen], others.get("sharedStrings")), chosen, clean)
            yield copy, tuple(sheets)
    except UNREADABLE as error:
        raise NoWorkbookError(str(error)) from error


def sheets_of(path: Path, name: str, limits: Limits) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    with zipfile.ZipFile(path) as archive:
        sheets, _ = _named_parts(_Parts(archive, name, limits, limits.most_unpacked(path.stat().st_size)))
        return tuple(sheets)


class _Parts:
    """The files of the archive, by their names in lower case, because the library ignores case."""

    def __init__(self, archive: zipfile.ZipFile, name: str, limits: Limits, most: int) -> None:
        self._archive, self.name, self.limits, self.most = archive, name, limits, most
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._n_bytes: dict[str, int] = {}
        total = 0
        for entry in archive.infolist():
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise zipfile.BadZipFile(f"{entry.filename} is packed in a way that workbooks are not")
            key = entry.filename.replace("\\", "/").lower()
            if key in self._entries:
                raise zipfile.BadZipFile(f"{entry.filename} is in the archive twice")
            self._entries[key] = entry
            total += entry.file_size
        self._check(total)

    def _check(self, n_bytes: int) -> None:
        if n_bytes > self.most:
            raise DataError(
                f"{self.name} unpacks to {size(n_bytes)}, more than {size(self.most)}; if that is meant, raise "
                "engine.limits"
            )

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._entries

    def read(self, part: str) -> bytes:
        """Return the bytes of a small part."""
        return b"".join(self.chunks(part))

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield the unpacked bytes of a part, with a count: the size stated in an archive may be wrong."""
        key = part.lower()
        self._n_bytes[key] = 0
        with self._archive.open(self._entries[key]) as stream:
            while chunk := stream.read(_CHUNK):
                self._n_bytes[key] += len(chunk)
                self._check(sum(self._n_bytes.values()))
                yield chunk


def _named_parts(parts: _Parts) -> tuple[dict[str, str], dict[str, str]]:
    """Return the sheets by name, in order, and the shared texts and styles, each with its part of the archive."""
    workbook, relations = _tree(parts.read(_WORKBOOK)), _tree(parts.read(_RELATIONS))
    targets: dict[str, str] = {}
    others: dict[str, str] = {}
    for relation in relations:
        target = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        targets[relation.get("Id", "")] = target
        if target in parts:
            others.setdefault(relation.get("Type", "").rpartition("/")[2], target)
    sheets: dict[str, str] = {}
    for sheet in workbook.iterfind(".//{*}sheet"):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        sheets.setdefault(sheet.get("name", ""), targets.get(key, ""))
    if not sheets:
        raise LookupError("no sheet")
    return sheets, others


def _tree(content: bytes) -> ET.Element:
    """Return a part as a tree, read as UTF-8 like the library does, whatever encoding it declares."""
    if b"<!DOCTYPE" in content:
        raise expat.ExpatError("a document type")
    return ET.fromstring(content, ET.XMLParser(encoding="utf-8"))  # noqa: S314 - without a document type


def _copy_sheet(parts: _Parts, of: tuple[str, str | None], sheet: str, clean: zipfile.ZipFile) -> None:
    """Check the cells of a sheet, and copy it and its shared texts; `of` names both parts."""
    part, shared = of
    strings, cells = _Strings(), _Cells(parts.most // _BYTES_OF_A_CELL)
    if shared is not None:
        _copy(parts, shared, strings.parser(), clean)
    try:
        _copy(parts, part, cells.parser(), clean)
    except _TooManyCellsError:
        raise _too_large(parts, sheet, f"more than {cells.most:,} cells") from None
    _check_cells(cells, parts, sheet)
    longest = max(strings.lengths, default=0)
    if _BYTES_OF_A_CELL * cells.n + longest * cells.n_shared > parts.most:  # then sum the texts individually
        used = _Used(strings.lengths)
        for chunk in parts.chunks(part):
            used.feed(chunk)
        if _BYTES_OF_A_CELL * cells.n + used.total > parts.most:
            raise _too_large(parts, sheet, f"cells with {used.total:,} characters")


def _too_large(parts: _Parts, sheet: str, what: str) -> DataError:
    return DataError(
        f'{parts.name} has {what} in sheet "{sheet}", which take more than {size(parts.most)}; if that is meant, raise '
        "engine.limits"
    )


def _copy(parts: _Parts, part: str, parser: expat.XMLParserType, clean: zipfile.ZipFile) -> None:
    with clean.open(part, "w", force_zip64=True) as copy:
        for chunk in parts.chunks(part):
            parser.Parse(chunk, False)  # noqa: FBT003 - it is not the end
            copy.write(chunk)
    parser.Parse(b"", True)  # noqa: FBT003 - it is the end


def _check_cells(cells: _Cells, parts: _Parts, sheet: str) -> None:
    """Raise `DataError` if the cells of a sheet are far apart, or beyond the end of every sheet."""
    if cells.n_spanned > max(_FEW_CELLS, _MOST_EMPTY * cells.n) or cells.is_beyond:
        raise DataError(
            f'{parts.name} has {cells.n:,} cells in sheet "{sheet}" that span {cells.last_row:,} rows and '
            f"{cells.last_column:,} columns; delete the cells that are far from the table, or save it as CSV"
        )
    if cells.is_unordered:
        raise DataError(f'{parts.name} has rows in sheet "{sheet}" that are not in order; save the workbook again')


def _parser(start: Callable[[str, list[str]], None]) -> expat.XMLParserType:
    """Return a parser that calls a function at each start of an element, with its attributes in order."""
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def _refuse_document_type(*_: object) -> None:
    raise expat.ExpatError("a document type")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _attribute(attributes: Sequence[str], name: str) -> str | None:
    return next((attributes[n + 1] for n in range(0, len(attributes), 2) if attributes[n] == name), None)


@dataclass
class _Strings:
    """The lengths of the texts that cells share."""

    lengths: list[int] = field(default_factory=list)

    def parser(self) -> expat.XMLParserType:
        parser = _parser(self._start)
        parser.CharacterDataHandler = self._add
        return parser

    def _start(self, name: str, _: list[str]) -> None:
        if _local(name) == "si":
            self.lengths.append(0)

    def _add(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


@dataclass
class _Cells:
    """The number of cells of a sheet, and the rectangle that they span. Rows and columns count from 1.

    A row or cell without a position follows the previous one.
    """

    most: int
    n: int = 0
    n_shared: int = 0
    first_row: int = _MOST_ROWS
    last_row: int = 1
    first_column: int = _MOST_COLUMNS
    last_column: int = 1
    is_unordered: bool = False
    _row: int = 0
    _column: int = 0

    @property
    def is_beyond(self) -> bool:
        """Return whether a cell is beyond the end of every sheet."""
        return self.first_row < 1 or self.last_row > _MOST_ROWS or self.last_column > _MOST_COLUMNS

    @property
    def n_spanned(self) -> int:
        """Return the number of cells in the rectangle."""
        if not self.n:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    def parser(self) -> expat.XMLParserType:
        return _parser(self._start)

    def _start(self, name: str, attributes: list[str]) -> None:
        if name == "c" or name.endswith(":c"):
            self._cell(attributes)
        elif _local(name) == "row":
            place = _attribute(attributes, "r")
            if place is not None and not _NUMBER.fullmatch(place):
                raise expat.ExpatError(f"a row at {place[:20]}")
            self._row, self._column = self._row + 1 if place is None else int(place), 0

    def _cell(self, attributes: Sequence[str]) -> None:
        self._column += 1
        row = self._row
        for n in range(0, len(attributes), 2):
            if attributes[n] == "r":
                row, self._column = _place(attributes[n + 1])
            elif attributes[n] == "t" and attributes[n + 1] == "s":
                self.n_shared += 1
        self.n += 1
        if row != self.last_row or self.n == 1:
            self._meet_row(row)
        self.first_column = min(self._column, self.first_column)
        self.last_column = max(self._column, self.last_column)

    def _meet_row(self, row: int) -> None:
        self.is_unordered = self.is_unordered or (row < self.last_row and self.n > 1)
        self.first_row, self.last_row = min(row, self.first_row), max(row, self.last_row)
        if self.n > self.most:
            raise _TooManyCellsError


class _TooManyCellsError(Exception):
    """A sheet has more cells than the limit."""


def _place(text: str) -> tuple[int, int]:
    """Return the row and the column of a cell, from 1.

    >>> _place("B7")
    (7, 2)
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        raise expat.ExpatError(f"a cell at {text[:20]}")
    return int(found[2]), _number(found[1])


class _Used:
    """Sum of the lengths of the shared texts that cells use."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.total = 0
        self._lengths = lengths
        self._is_shared, self._number = False, ""
        self._parser = _parser(self._start)
        self._parser.CharacterDataHandler = self._add
        self._parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        """Read more data."""
        self._parser.Parse(chunk, False)  # noqa: FBT003 - it is not the end

    def _start(self, name: str, attributes: list[str]) -> None:
        if _local(name) == "c":
            self._is_shared, self._number = _attribute(attributes, "t") == "s", ""

    def _add(self, text: str) -> None:
        if self._is_shared and len(self._number) < 20:
            self._number += text

    def _end(self, name: str) -> None:
        if _local(name) == "c" and self._is_shared:
            number = self._number.strip()
            self.total += self._lengths[int(number)] if number.isdecimal() else 0
            self._is_shared = False


def _number(letters: str) -> int:
    """Return the number of a column, from 1.

    >>> _number("A"), _number("xfd")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number
