"""Tables as LaTeX macros: as wide as their text or as the page, in parts where they are longer than a page."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from ..document.model import Column, Document, TableBlock, TableCell
from .escape import Raw, latex
from .outline import colours_of, letters, note_mark, notes_of, schemes_of, tables_of

SHORT_FIELD = 10
"""A column with a longer field than this many characters may be set in lines where the table is too wide."""

LINES_OF_A_PART = 34
"""How many lines of a table stand on one page: what `article` holds, with caption, heads and notes beside them."""

_MOST_FOOTNOTE = 6
_FOOTNOTE_LINE, _SCRIPT_LINE, _BETWEEN = 76, 92, 2
"""How many characters fit across the text of `article` in either size, and how many the space between columns takes."""

_FILLED = 0.85
"""How much of a line is text where words are not cut."""

_NAME_LINE = 28
"""How many characters of a row's name stand on a line beside the values of a matrix."""

_RAGGED = {"left": r"\raggedright", "right": r"\raggedleft", "center": r"\centering"}
_LETTER = {"left": "l", "right": "r", "center": "c"}
_EVEN = 0.75
"""Columns that are set in lines get room as this power of their longest field, so that long ones do not take all."""


_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def letters_of(name: str) -> str:
    """Return a name in ASCII letters, each word with a capital; digits are spelled, accents taken off.

    >>> letters_of("Time Series"), letters_of("NLP"), letters_of("hub_9"), letters_of("Bücher"), letters_of("数据")
    ('TimeSeries', 'Nlp', 'HubNine', 'Bucher', '')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return "".join(_words(plain))


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z]+|[0-9]", text):
        yield _DIGITS[int(word)] if word.isdigit() else word.capitalize()


class MacroNames:
    """Names of macros, each given once."""

    def __init__(self, reserved: Container[str] = ()) -> None:
        """Take none of the `reserved` names."""
        self._reserved = reserved
        self._taken: set[str] = set()

    def new(self, base: str, endings: Sequence[str] = ("",)) -> str:
        """Return `base`, with as many "Alt" behind it as it takes for all of its endings to be free; take them."""
        name = base
        while any(name + ending in self._taken or name + ending in self._reserved for ending in endings):
            name += "Alt"
        self._taken.update(name + ending for ending in endings)
        return name


def table_names(document: Document) -> dict[str, str]:
    """Return the macro of each table by the table's id: "matrix-left" is DiptychTableMatrixLeft."""
    names, found = MacroNames(), {}
    for number, block in enumerate(tables_of(document), start=1):
        found[block.id] = names.new("DiptychTable" + (letters_of(block.id) or letters_of(str(number))))
    return found


def table_macros(document: Document, names: Mapping[str, str], remarks: Mapping[str, str]) -> Iterator[tuple[str, Raw]]:
    """Yield every table by its macro; `remarks` are what its caption says besides, by the table's id."""
    schemes = schemes_of(document)
    for block in tables_of(document):
        yield names[block.id], _Table(block, schemes).text(remarks.get(block.id, ""))


def label_of(name: str) -> str:
    """Return an id as a LaTeX label can carry it.

    >>> label_of("matrix-left"), label_of("a b")
    ('matrix-left', 'a-20-b')
    """
    return "".join(c if c.isascii() and (c.isalnum() or c in "-.:_") else f"-{ord(c):x}-" for c in name)


_Part = tuple[Sequence[int], Sequence[int]]
"""Some columns and some rows of a table, by index."""


class _Table:
    """Writes one table."""

    def __init__(self, block: TableBlock, schemes: Mapping[str, str]) -> None:
        self._block = block
        self._schemes = schemes
        self._notes = notes_of(block)
        self._is_matrix = block.kind == "matrix"
        self._longest = tuple(
            max([_width(column.header), *(_width(row[i].text) for row in block.rows)])
            for i, column in enumerate(block.columns)
        )

    def text(self, remark: str) -> Raw:
        parts = self._parts()
        return Raw("%\n".join(self._float(part, i, len(parts), remark) for i, part in enumerate(parts, start=1)))

    def _float(self, part: _Part, number: int, n_parts: int, remark: str) -> str:
        head = self._caption(n_parts, remark) if number == 1 else rf"\DiptychContinued{{{number}}}{{{n_parts}}}"
        columns, places = part
        heads = " & ".join(self._head(i) for i in columns)
        rows = "\n".join(f"  {self._row(self._block.rows[i], columns)} \\\\" for i in places)
        return (
            f"\\DiptychFloat{{{self._size(len(columns))}}}\n"
            f"{{{head}}}\n"
            f"{{{self._natural(columns)}}}\n{{{self._wrapped(columns)}}}\n"
            f"{{\\toprule\n  {heads} \\\\\n  \\midrule\n{rows}\n  \\bottomrule}}\n"
            f"{{{self._below(part)}}}"
        )

    def _caption(self, n_parts: int, remark: str) -> str:
        short = latex(self._block.caption)
        parts = f" ({n_parts} parts)" if n_parts > 1 else ""
        stop = "" if short.endswith(".") and not parts else "."
        long = f"{short}{parts}{stop} {latex(remark)}" if remark else f"{short}{parts}"
        return rf"\caption[{{{short}}}]{{{long}}}\label{{tab:diptych-{label_of(self._block.id)}}}"

    def _size(self, n_columns: int) -> str:
        return r"\footnotesize" if n_columns <= _MOST_FOOTNOTE else r"\scriptsize\setlength{\tabcolsep}{2.5pt}"

    def _head(self, index: int) -> str:
        header = self._block.columns[index].header
        if not header:
            return ""
        name = r"\DiptychHead" if self._is_matrix and index >= self._block.row_headers else r"\textbf"
        return rf"{name}{{{latex(header)}}}"

    def _row(self, row: Sequence[TableCell], columns: Iterable[int]) -> str:
        return " & ".join(self._field(row[i]) for i in columns)

    def _field(self, cell: TableCell) -> str:
        mark = note_mark(self._notes, cell)
        text = latex(cell.text) + (rf"\textsuperscript{{{mark}}}" if mark else "")
        colours = colours_of(cell, self._schemes)
        return text if colours is None else rf"\DiptychShade{{{_hex(colours[0])}}}{{{_hex(colours[1])}}}{{{text}}}"

    def _below(self, part: _Part) -> str:
        columns, places = part
        used = {self._block.rows[i][j].note for i in places for j in columns}
        marked = ((letters(i), note) for i, note in enumerate(self._notes) if note in used)
        return "; ".join(rf"\textsuperscript{{{mark}}}\,{latex(note)}" for mark, note in marked)

    def _natural(self, columns: Iterable[int]) -> str:
        return "".join(_LETTER[self._block.columns[i].align] for i in columns)

    def _wrapped(self, columns: Sequence[int]) -> str:
        """Return the columns of a table as wide as the text, long ones set in lines; "" where none is long."""
        long = self._long(columns)
        if not long:
            return ""
        weights = {i: self._longest[i] ** _EVEN for i in long}
        share = len(long) / sum(weights.values())
        return "".join(
            _in_lines(self._block.columns[i], weights[i] * share) if i in weights else self._natural([i])
            for i in columns
        )

    def _long(self, columns: Iterable[int]) -> list[int]:
        """Return the columns that may be set in lines: of a matrix only names of rows."""
        may = range(self._block.row_headers) if self._is_matrix else range(len(self._block.columns))
        return [i for i in columns if i in may and self._longest[i] > SHORT_FIELD]

    def _parts(self) -> list[_Part]:
        """Return the table in parts that each fit a page, as even as can be: down, then across."""
        n_columns = len(self._block.columns)
        groups = self._across() if self._is_matrix else [tuple(range(n_columns))]
        lines = self._lines()
        n_down = max(1, math.ceil(sum(lines) / LINES_OF_A_PART))
        rows = _even(lines, n_down)
        return [(columns, down) for down in rows for columns in groups]

    def _across(self) -> list[tuple[int, ...]]:
        first = tuple(range(self._block.row_headers))
        rest = range(self._block.row_headers, len(self._block.columns))
        fields = [max([2, *(_width(row[i].text) for row in self._block.rows)]) + _BETWEEN for i in rest]
        room = _SCRIPT_LINE - sum(min(self._longest[i], _NAME_LINE) + _BETWEEN for i in first)
        n_parts = max(1, math.ceil(sum(fields) / room))
        return [first + tuple(rest[i] for i in group) for group in _even(fields, n_parts)]

    def _lines(self) -> list[int]:
        """Return about how many lines each row takes in a page of `article`."""
        columns = range(len(self._block.columns))
        line = _FOOTNOTE_LINE if len(columns) <= _MOST_FOOTNOTE else _SCRIPT_LINE
        long = self._long(columns)
        room = line - _BETWEEN * len(columns) - sum(self._longest[i] for i in columns if i not in long)
        whole = sum(self._longest[i] ** _EVEN for i in long)
        if self._is_matrix:
            return [math.ceil(max([1, *(_width(row[i].text) for i in long)]) / _NAME_LINE) for row in self._block.rows]
        if not long or sum(self._longest[i] for i in long) <= room:
            return [1] * len(self._block.rows)
        fits = {i: max(4.0, _FILLED * room * self._longest[i] ** _EVEN / whole) for i in long}
        return [max(math.ceil(_width(row[i].text) / fits[i]) or 1 for i in long) for row in self._block.rows]


def _in_lines(column: Column, weight: float) -> str:
    ragged = _RAGGED[column.align]
    return rf">{{\hsize={weight:.2f}\hsize{ragged}\hspace{{0pt}}\arraybackslash}}X"


def _even(sizes: Sequence[int], n_parts: int) -> list[tuple[int, ...]]:
    """Split what has these sizes into so many runs of about the same total, or fewer; at least one, maybe empty.

    >>> _even([1, 1, 1, 1, 1], 2), _even([5, 1, 1], 2), _even([], 1)
    ([(0, 1, 2), (3, 4)], [(0,), (1, 2)], [()])
    """
    whole = sum(sizes)
    before, parts = 0, [0] * len(sizes)
    for i, size in enumerate(sizes):
        parts[i] = min(n_parts - 1, int(before * n_parts / whole))
        before += size
    ends = [i for i, (a, b) in enumerate(pairwise(parts), start=1) if a != b]
    return [tuple(range(a, b)) for a, b in pairwise([0, *ends, len(sizes)])]


def _width(text: str) -> int:
    """Return how many characters a text takes in print, where a character that is missing is eight: "[U+6570]"."""
    return len(text) + 7 * latex(text).count(r"\DiptychCharacter{")


def _hex(colour: str) -> str:
    return colour.removeprefix("#").upper()
