"""Guess the format of a text file without a config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...sources import SourceSettings, is_answer_word, is_import_row, join_headers, number_names
from ...sources.engine import Dialect
from ...sources.files import FORMATS, format_named
from ...sources.text import UNREADABLE, LikelyEncoding, first_fields, likely_encoding

_DELIMITERS = (",", ";", "\t", "|")
_QUOTES = ('"', "'")
_LOOKED_AT = 200
_MOST_SKIPPED = 20
_NOTHING = ("NA", "N/A", "NaN", "nan", "NULL", "null", "#N/A", "?")
_DELIMITED = {"csv": ",", "tsv": "\t"}
_SENTENCE = 20
"""Minimum length of a field with spaces to be a question rather than a name."""

Rows = Sequence[Sequence[str]]


def sniffed(path: Path, named: str) -> SourceSettings:
    """Return a source called `named` that reads a file, with only the settings that differ from the defaults.

    The chosen delimiter and quote split the first rows into the most fields, with the same number in each row. Texts
    such as NA are null if they occur in two columns, or among numbers. Files of other formats get no settings.
    """
    form = format_named(path.name)
    if not path.is_file() or (form in FORMATS and form not in _DELIMITED):
        return SourceSettings(path=(named,))
    usual = _DELIMITED.get(form, ",")
    encoding = _encoding(path)
    parted = [
        (_parting(rows[_n_before(rows) :]), dialect, rows)
        for delimiter in dict.fromkeys((usual, *_DELIMITERS))
        for quote in _QUOTES
        if (rows := first_fields(path, dialect := _dialect(delimiter, quote, encoding), _LOOKED_AT)) is not None
    ]
    usually: tuple[tuple[int, int], Dialect, list[list[str]]] = ((0, 0), _dialect(usual, _QUOTES[0], encoding), [])
    _, dialect, rows = max((usually, *parted), key=lambda each: each[0])
    skip = _n_before(rows)
    rows = [row for row in rows[skip:] if row]
    header = _header(rows)
    nothing = _nothing(rows[1 if header is None else header :])
    return SourceSettings(
        path=(named,),
        format=None if form in FORMATS else "csv",
        delimiter=None if dialect.delimiter == usual else dialect.delimiter,
        quote=None if dialect.quote == _QUOTES[0] else dialect.quote,
        encoding=encoding.encoding,
        bad_bytes="replace" if encoding.n_wrong else None,
        null=("", *nothing),
        skip=skip,
        header=header,
    )


def _encoding(path: Path) -> LikelyEncoding:
    try:
        return likely_encoding(path)
    except UNREADABLE:
        return LikelyEncoding("utf-8")


def reading_notes(path: Path, source: SourceSettings) -> Iterator[str]:
    """Yield the repairs in reading a file: replaced bytes, and lines skipped above its header."""
    if source.bad_bytes is not None:
        n = _encoding(path).n_wrong
        yield f"{'1 byte is' if n == 1 else f'{n:,} bytes are'} not UTF-8 and read as \ufffd"
    if source.skip:
        yield f"{'1 line' if source.skip == 1 else f'{source.skip} lines'} above the header skipped"


def _dialect(delimiter: str, quote: str, encoding: LikelyEncoding) -> Dialect:
    return Dialect(delimiter, quote, encoding.encoding, ("",), replaces=bool(encoding.n_wrong))


def _n_before(rows: Rows) -> int:
    """Return the number of lines before the header: titles, which fill few fields, and empty lines."""
    widths = Counter(len(row) for row in rows if row)
    usual = widths.most_common(1)[0][0] if widths else 0
    if usual < 2:
        return next((n for n, row in enumerate(rows) if row), 0)
    for n, row in enumerate(rows[:_MOST_SKIPPED]):
        n_filled = sum(bool(field.strip()) for field in row)
        if _is_title(rows, n, usual):
            continue
        if n_filled > 1 and (len(row) == usual or 2 * n_filled > usual):
            return n if len(row) == usual else 0
    return 0


_TITLE = 0.25
"""Maximum share of fields that a line of a title fills if it has as many separators as the table."""


def _is_title(rows: Rows, n: int, usual: int) -> bool:
    """Return whether a line of few fields belongs to a title: after other lines of a title, or before an empty line."""
    filled = [sum(bool(field.strip()) for field in row) for row in rows[: n + 3]]
    if filled[n] > max(1, _TITLE * usual) or usual < 2 * _FEWEST_TITLED:
        return False
    is_after = n > 0 and max(filled[:n]) <= max(1, _TITLE * usual)
    return max(filled[n + 1 :], default=0) > 2 * _TITLE * usual if is_after else 0 in filled[n + 1 :]


_FEWEST_TITLED = 3


def _parting(rows: Rows) -> tuple[int, int]:
    """Return the number of fields per row (0 if it varies or is one), and the number of names without quotes."""
    rows = [row for row in rows if row]
    lengths = Counter(map(len, rows))
    n_fields = next(iter(lengths), 0)
    if len(lengths) != 1 or n_fields < 2:
        return (0, 0)
    bare = sum(not (len(name) > 1 and name[0] == name[-1] and name[0] in "'\"") for name in rows[0])
    return (n_fields, bare)


def _header(rows: Rows) -> int | None:
    """Return the number of header rows as in a config, or None for one row with valid names."""
    if len(rows) < 2:
        return None
    if _is_data(rows[0], rows[1:]):
        return 0
    if len(rows) > 3 and is_import_row(rows[2]):
        return 3
    if is_import_row(rows[1]) or _goes_on(rows[0], rows[1], rows[2:]):
        return 2
    names = join_headers(rows[:1])
    return 1 if number_names([names[0] or "(unnamed)", *names[1:]])[1:] != names[1:] or _repeats(names) else None


def _repeats(names: Sequence[str]) -> bool:
    return len({name.casefold() for name in names}) < len(names)


def _is_data(first: Sequence[str], body: Rows) -> bool:
    """Return whether a first row is data: it has numbers where other rows have them, and texts that repeat.

    Only columns with repeated values can show the latter.
    """
    n_same = sum(list(row) == list(first) for row in body)
    if n_same and all(
        column.count(name) == n_same for name, column in zip(first, zip(*body, strict=False), strict=False)
    ):
        return False  # files were concatenated with their headers
    if first and all(map(is_number, first)):
        return _are_numbers_of_data(first, body)
    again = 0
    for name, column in zip(first, zip(*body, strict=False), strict=False):
        values = [value for value in column if value.strip()]
        different = set(values)
        if values and all(map(is_number, different)):
            if not is_number(name):
                return False
        elif 2 * len(different) <= len(values):
            if name not in different:
                return False
            again += 1
    return again > 0


def _are_numbers_of_data(first: Sequence[str], body: Rows) -> bool:
    """Return whether a first row of numbers is data: numbers repeat in it, and most are values of their columns.

    Years that name columns are different, and are rarely values below them.
    """
    n_among = sum(name in column for name, column in zip(first, zip(*body, strict=False), strict=False))
    return len(set(first)) < len(first) and 2 * n_among > len(first)


def _goes_on(first: Sequence[str], second: Sequence[str], body: Rows) -> bool:
    """Return whether a second row belongs to the header: it has the options of questions, or the questions of codes.

    None of its fields may be a value of its column, unless it is the only value: options are often repeated if chosen.
    """
    columns = list(zip(*body, strict=False)) or [()] * len(first)
    fields = [
        (top.strip(), below.strip(), {v.strip() for v in c} - {""})
        for top, below, c in zip(first, second, columns, strict=False)
    ]
    if any(below and below in values and len(values) > 1 for _, below, values in fields):
        return False
    if any(values and all(map(is_number, values)) and is_number(below) for _, below, values in fields):
        return False
    filled = [below for _, below, _ in fields if below]
    if filled and all(map(is_answer_word, filled)):
        return True
    names = Counter(top.casefold() for top, _, _ in fields)
    if not all(below for at, (top, below, _) in enumerate(fields) if at and not top):
        return False
    options = [
        below for at, (top, below, _) in enumerate(fields) if at and below and (not top or names[top.casefold()] > 1)
    ]
    if options and (len(options) > 1 or any(is_answer_word(below) for _, below, _ in fields)):
        return True
    sentences = [below for below in filled if " " in below and (below.endswith("?") or len(below) > _SENTENCE)]
    return len(filled) == len(fields) and 2 * len(sentences) > len(fields)


def _nothing(rows: Rows) -> list[str]:
    """Return the texts that mean a missing value: listed texts that occur in two columns or among numbers."""
    columns = list(zip(*rows, strict=False))
    found = []
    for sign in _NOTHING:
        holding = [column for column in columns if sign in column]
        among_numbers = any(all(is_number(v) for v in column if v and v not in _NOTHING) for column in holding)
        if len(holding) > 1 or among_numbers:
            found.append(sign)
    return found


def is_number(value: str) -> bool:
    """Return whether a text is a number."""
    try:
        float(value)
    except ValueError:
        return False
    return True
