"""The sheet on which a person judges classified items: its rows, and the judgements of a filled-in one."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...api import DataError, Problem, did_you_mean, listed
from .rates import NONE, DrawnSample, Filing

HEADER = ("entity", "id", "labels", "category", "rule", "correct", "note", "drawn_for", "n_items")
"""The columns of a sheet. A person fills in `correct` and, if there is something to say, `note`."""

YES, NO = "yes", "no"
_WORDS = (YES, NO, NONE)
_NEEDED = ("entity", "id", "category", "correct", "drawn_for")
_JOINT = "; "
_QUOTE = '"'
_LARGEST = 50_000_000
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
"""A text that was given an apostrophe when it was written, so that no spreadsheet runs it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet as it stands in the file: `line` is where it begins, from 1; the rest is text."""

    line: int
    entity: str
    id: str
    category: str
    correct: str
    note: str
    drawn_for: str
    n_items: str


def sheet_rows(sample: Iterable[DrawnSample]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a sample under `HEADER`; `correct` and `note` are empty."""
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
    """Return names of categories as a sheet has them; `none` where there are none.

    >>> joined(["NLP", "CV"]), joined([]), joined(["Arts, crafts", "None"])
    ('NLP; CV', 'none', '"Arts, crafts"; "None"')
    """
    return _JOINT.join(map(written, categories)) or NONE


def written(category: str) -> str:
    """Return a category's name, in quotes where it would be taken for something else."""
    plain = category == category.strip() and not set(category) & {";", ",", _QUOTE, "\n", "\r"}
    if plain and category.casefold() not in _WORDS:
        return category
    return f"{_QUOTE}{category.replace(_QUOTE, _QUOTE * 2)}{_QUOTE}"


def read_names(text: str, known: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the categories that a cell names, and what in it names none.

    Names stand apart by semicolons or commas, in any case of letters; a name in quotes stands for itself.

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
    """Return whether a cell holds one of the words yes, no and none, in any case of letters."""
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
    """Return what stands between marks that are not in quotes, without spaces around, empty parts left out."""
    parts = re.findall(rf'(?:"[^"]*(?:"|$)|[^"{mark}])+', text)
    return [part.strip() for part in parts if part.strip()]


def read_sheet(content: bytes, name: str) -> tuple[SheetRow, ...]:
    """Return the rows of a sheet as a spreadsheet has saved it; `name` is what errors call it.

    Taken as they come: a byte order mark, UTF-16 with one, comma, semicolon or tab between fields, CRLF, further
    columns, columns in another order, empty rows. Raises `DataError` for bytes that are no such text, for missing
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
    """Return the rows of a CSV text that are not empty, each with its line, up to one that cannot be read."""
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
    """Return the names of columns in small letters; DataError with those that are missing."""
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
"""What a person may write in `correct`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known now of a population: its categories, and the filings of those ids of the sheet that it has."""

    categories: tuple[str, ...]
    filings: Mapping[str, Filing]


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An item that a person has judged.

    `rule` holds the categories by rule; `truth` those that the person says, in declared order (empty: none), or
    None where the person says no more than that `rule` is wrong. `drawn_for` holds those whose sample it is in.
    """

    entity: str
    id: str
    rule: tuple[str, ...]
    truth: tuple[str, ...] | None
    drawn_for: tuple[str | None, ...]

    @property
    def right(self) -> bool:
        """Whether the item is in exactly the categories that the person says."""
        return self.truth == self.rule


def judge(rows: Sequence[SheetRow], known: Mapping[str, Known], file: str) -> tuple[JudgedItem, ...]:
    """Return what a person has judged, in the order of the sheet; rows whose `correct` is empty are not looked at.

    Raises `DataError` with every problem and its line: an entity or id that is not there, an item that is classified
    otherwise than when it was drawn (stale), an answer that is none, an item judged twice; or where none is judged.
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
    """Return what a row says, or messages why it cannot be taken."""
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


def _stale(row: SheetRow, filing: Filing, here: Known) -> Iterator[str]:
    before, unknown = ([], []) if is_word(row.category, NONE) else read_names(row.category, here.categories)
    if unknown or set(before) != set(filing.categories):
        now = joined(filing.categories)
        yield (
            f'category: "{row.id}" was assigned {row.category.strip() or NONE} when it was drawn and is assigned '
            f"{now} now; remove the row, or draw a new sample"
        )


def _truth(row: SheetRow, filing: Filing, here: Known) -> tuple[tuple[str, ...] | None, list[str]]:
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
    """Return how many items the sheet holds, judged or not, by entity and category; of what is known."""
    rows_once = {(row.entity, row.id, row.drawn_for): row for row in rows if row.entity in known}
    return Counter((r.entity, category) for r in rows_once.values() for category in _drawn_for(r, known[r.entity])[0])
