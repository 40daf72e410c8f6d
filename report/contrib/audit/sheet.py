"""The sheet for manual review of classified items: its rows, and the judgements in a completed sheet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...errors import DataError, Problem, did_you_mean, listed
from .rates import NONE, DrawnSample, ItemClassification

HEADER = ("entity", "id", "labels", "category", "rule", "correct", "note", "drawn_for", "n_items")
"""The columns of a sheet. The reviewer fills in `correct` and, optionally, `note`."""

YES, NO = "yes", "no"
_WORDS = (YES, NO, NONE)
_NEEDED = ("entity", "id", "category", "correct", "drawn_for")
_JOINT = "; "
_QUOTE = '"'
_LARGEST = 50_000_000
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
"""Text that was written with an apostrophe, so that no spreadsheet runs it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet as in the file: `line` is its first line, from 1. The other fields are text."""

    line: int
    entity: str
    id: str
    category: str
    correct: str
    note: str
    drawn_for: str
    n_items: str


def sheet_rows(sample: Iterable[DrawnSample]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a sample under `HEADER`. `correct` and `note` are empty."""
    for drawn in sample:
        yield (
            drawn.entity,
            drawn.id,
            _JOINT.join(drawn.filing.labels),
            joined(drawn.filing.categories),
            drawn.filing.rule,
            "",
            "",
            _JOINT.join(NONE if category is None else written(category) for category in drawn.drawn_for),
            _JOINT.join(map(str, drawn.n_items)),
        )


def joined(categories: Sequence[str]) -> str:
    """Return category names in the format of a sheet, or `none` if there are none.

    >>> joined(["NLP", "CV"]), joined([]), joined(["Arts, crafts", "None"])
    ('NLP; CV', 'none', '"Arts, crafts"; "None"')
    """
    return _JOINT.join(map(written, categories)) or NONE


def written(category: str) -> str:
    """Return a category's name, quoted if it would be read as something else."""
    plain = category == category.strip() and not set(category) & {";", ",", _QUOTE, "\n", "\r"}
    if plain and category.casefold() not in _WORDS:
        return category
    return f"{_QUOTE}{category.replace(_QUOTE, _QUOTE * 2)}{_QUOTE}"


def read_names(text: str, known: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the categories named in a cell, and the parts that name no category.

    Names are separated by semicolons or commas, and case is ignored. A quoted name is taken literally.

    >>> read_names("nlp, CV", ["NLP", "CV", "Arts, crafts"]), read_names("arts, crafts;NPL", ["NLP", "Arts, crafts"])
    ((['NLP', 'CV'], []), (['Arts, crafts'], ['NPL']))
    """
    found: list[str] = []
    unknown: list[str] = []
    for part in _parts(" ".join(text.split()), ";"):
        whole = _match(part, known)
        names = [(part, whole)] if whole is not None else [(one, _match(one, known)) for one in _parts(part, ",")]
        for name, match in names:
            if match is None:
                unknown.append(name)
            elif match not in found:
                found.append(match)
    return found, unknown


def is_word(text: str, word: str) -> bool:
    """Return whether a cell contains one of the words yes, no and none, ignoring case."""
    return text.strip().casefold() == word


def _match(part: str, known: Sequence[str]) -> str | None:
    if len(part) >= 2 and part[0] == part[-1] == _QUOTE:
        part = part[1:-1].replace(_QUOTE * 2, _QUOTE)
    elif part.casefold() in _WORDS:
        return None
    if part in known:
        return part
    squeezed = " ".join(part.split()).casefold()
    alike = [name for name in known if " ".join(name.split()).casefold() == squeezed]
    return alike[0] if len(alike) == 1 else None


def _parts(text: str, mark: str) -> list[str]:
    """Return the parts between separators outside quotes, stripped and without empty parts."""
    parts = re.findall(rf'(?:"[^"]*(?:"|$)|[^"{mark}])+', text)
    return [part.strip() for part in parts if part.strip()]


def read_sheet(content: bytes, name: str) -> tuple[SheetRow, ...]:
    """Return the rows of a sheet as saved by a spreadsheet. `name` is used in error messages.

    Accepted are a byte order mark, UTF-16 with such a mark, comma, semicolon or tab between fields, CRLF, extra
    columns, any order of columns, and empty rows. Raises `DataError` for bytes that are not such text, for missing
    columns, and for rows with more fields than the header.
    """
    filled, problems = _filled_rows(_decoded(content, name), name)
    if not filled:
        raise DataError(*([*map(str, problems)] or [f"{name}: is empty; diptych audit -o writes a sheet"]))
    (_, first_row), *rows = filled
    header = _header(first_row, name)
    more = "has {} fields, the header has {}; put fields with commas in quotes"
    problems += [
        Problem(name, line, 0, "", more.format(len(fields), len(header)))
        for line, fields in rows
        if any(map(str.strip, fields[len(header) :]))
    ]
    if problems:
        raise DataError(*map(str, sorted(problems, key=lambda problem: problem.line)))
    return tuple(_row(line, dict(zip(header, fields, strict=False))) for line, fields in rows)


def _filled_rows(text: str, name: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return the non-empty rows of a CSV text with their lines, up to the first row that cannot be read."""
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    filled: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for fields in reader:
            if any(map(str.strip, fields)):
                filled.append((line, fields))
            line = reader.line_num + 1
    except csv.Error as error:
        return filled, [Problem(name, line, 0, "", f"this row cannot be read: {error}")]
    return filled, []


def _header(fields: Sequence[str], name: str) -> list[str]:
    """Return column names in lower case. Raises DataError with the missing columns."""
    header = [field.strip().casefold() for field in fields]
    missing = [
        f'{name}: has no column "{column}"; it has {listed(header)}{did_you_mean(column, header)}'
        for column in _NEEDED
        if column not in header
    ]
    if missing:
        raise DataError(*missing)
    return header


def _row(line: int, fields: dict[str, str]) -> SheetRow:
    def field(name: str) -> str:
        text = fields.get(name, "")
        return text[1:] if _GUARDED.match(text) else text

    return SheetRow(
        line, *(field(name) for name in ("entity", "id", "category", "correct", "note", "drawn_for", "n_items"))
    )


def _decoded(content: bytes, name: str) -> str:
    if len(content) > _LARGEST:
        raise DataError(f"{name}: is larger than {_LARGEST // 1_000_000} MB; is this the sheet of an audit?")
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"is not {encoding.upper()}; save the sheet as CSV with the encoding UTF-8"
        raise DataError(str(Problem(name, line, 0, "", message))) from None
    if "\0" in text:
        raise DataError(f"{name}: contains a NUL character: it is not a text file, or it is damaged")
    return text


HOW = "write yes, no, none, or the right categories with semicolons between them"
"""Valid answers in the column `correct`."""


@dataclass(frozen=True, slots=True)
class Known:
    """The current state of a population: its categories, and the classification of the sheet's ids that still exist."""

    categories: tuple[str, ...]
    filings: Mapping[str, ItemClassification]


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An item that was judged.

    `rule` contains the categories by rule. `truth` contains the reviewer's categories in declared order (empty: none),
    or None if the reviewer only says that `rule` is wrong. `drawn_for` lists the categories that the item was drawn
    for.
    """

    entity: str
    id: str
    rule: tuple[str, ...]
    truth: tuple[str, ...] | None
    drawn_for: tuple[str | None, ...]

    @property
    def right(self) -> bool:
        """Return whether the item is in exactly the reviewer's categories."""
        return self.truth == self.rule


def judge(rows: Sequence[SheetRow], known: Mapping[str, Known], file: str) -> tuple[JudgedItem, ...]:
    """Return the judged items in the order of the sheet. Rows with an empty `correct` are skipped.

    Raises `DataError` with every problem and its line: an unknown entity or id, an item whose classification has
    changed since the draw (stale), an invalid answer, an item judged twice. It also raises `DataError` if no item was
    judged.
    """
    items: list[JudgedItem] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, str], int] = {}
    for row in rows:
        if not row.correct.strip():
            continue
        found, messages = _known_row(row, known)
        first = lines.setdefault((row.entity, row.id), row.line)
        if first != row.line and not messages:
            messages = [f'id: "{row.id}" is judged at line {first} too; keep one of the two']
        problems += [Problem(file, row.line, 0, "", message) for message in messages]
        items += [found] if found is not None else []
    if problems:
        raise DataError(*map(str, problems))
    if not items:
        raise DataError(f"{file}: no item is judged yet; in the column correct {HOW}")
    return tuple(items)


def _known_row(row: SheetRow, known: Mapping[str, Known]) -> tuple[JudgedItem | None, list[str]]:
    """Return a parsed row, or messages about its problems."""
    if row.entity not in known:
        names = f"{listed(list(known))}{did_you_mean(row.entity, known)}"
        return None, [f'entity: "{row.entity}" is not one of {names}']
    here = known[row.entity]
    filing = here.filings.get(row.id)
    if filing is None:
        advice = "spreadsheets change ids that look like numbers or dates"
        return None, [f'id: {row.entity} has no item "{row.id}"; {advice}']
    messages = [*_stale(row, filing, here)]
    truth, wrong = _truth(row, filing, here)
    drawn_for, others = _drawn_for(row, here)
    messages += [*wrong, *others]
    misfit = [NONE if s is None else s for s in drawn_for if (s not in filing.categories if s else filing.categories)]
    if not messages and misfit:
        messages.append(f"drawn_for: the item is not in {listed(misfit)}; leave this column as it was written")
    return JudgedItem(row.entity, row.id, filing.categories, truth, drawn_for), messages


def _stale(row: SheetRow, filing: ItemClassification, here: Known) -> Iterator[str]:
    before, unknown = ([], []) if is_word(row.category, NONE) else read_names(row.category, here.categories)
    if unknown or set(before) != set(filing.categories):
        now = joined(filing.categories)
        yield (
            f'category: "{row.id}" was assigned {row.category.strip() or NONE} when it was drawn and is assigned '
            f"{now} now; remove the row, or draw a new sample"
        )


def _truth(row: SheetRow, filing: ItemClassification, here: Known) -> tuple[tuple[str, ...] | None, list[str]]:
    if is_word(row.correct, YES):
        return filing.categories, []
    if is_word(row.correct, NO):
        return None, []
    if is_word(row.correct, NONE):
        return (), []
    names, unknown = read_names(row.correct, here.categories)
    words = [word for word in unknown if word.casefold() in (YES, NO, NONE)]
    messages = [f'correct: "{word}" cannot be combined with categories; {HOW}' for word in words]
    messages += [
        f'correct: "{name}" is not a category: {listed(here.categories)}{did_you_mean(name, here.categories)}; {HOW}'
        for name in unknown
        if name not in words
    ]
    return tuple(name for name in here.categories if name in names), messages


def _drawn_for(row: SheetRow, here: Known) -> tuple[tuple[str | None, ...], list[str]]:
    names, unknown = read_names(row.drawn_for, here.categories)
    categories: list[str | None] = [*names]
    if any(is_word(name, NONE) for name in unknown):
        categories.append(None)
    unknown = [name for name in unknown if not is_word(name, NONE)]
    if unknown or not categories:
        named = ", ".join(f'"{name}"' for name in unknown)
        none_such = "is not a category" if len(unknown) == 1 else "are not categories"
        wrong = f"{named} {none_such}" if unknown else "is empty"
        return tuple(categories), [f"drawn_for: {wrong}; leave this column as it was written"]
    return tuple(categories), []


def n_drawn(rows: Sequence[SheetRow], known: Mapping[str, Known]) -> Counter[tuple[str, str | None]]:
    """Return the number of items in the sheet, judged or not, by known entity and category."""
    rows_once = {(row.entity, row.id, row.drawn_for): row for row in rows if row.entity in known}
    return Counter((r.entity, category) for r in rows_once.values() for category in _drawn_for(r, known[r.entity])[0])
