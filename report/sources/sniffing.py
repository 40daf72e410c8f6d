"""How a file of text seems to be written, for a config that is not there yet; nothing that is declared is guessed."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from .declared import Limits, SourceSettings
from .engine import Dialect
from .files import FORMATS, format_named
from .text import UNREADABLE, TooMuch, records, wrong_byte

_DELIMITERS = (",", ";", "\t", "|")
_QUOTES = ('"', "'")
_LOOKED_AT = 200
_NOTHING = ("NA", "N/A", "NaN", "nan", "NULL", "null", "#N/A")
_DELIMITED = {"csv": ",", "tsv": "\t"}


def sniffed(path: Path, named: str) -> SourceSettings:
    """Return a source called `named` that reads a file; only what differs from what is usual is set.

    Delimiter and quote are those that part the first rows into the most fields, as many in each; texts such as NA are
    null where they stand in two columns, or among numbers. A file of another format is taken as it is.
    """
    form = format_named(path.name)
    if not path.is_file() or (form in FORMATS and form not in _DELIMITED):
        return SourceSettings(path=(named,))
    usual = _DELIMITED.get(form, ",")
    encoding = _encoding(path)
    parted = [
        (_alike(rows), dialect)
        for delimiter in dict.fromkeys((usual, *_DELIMITERS))
        for quote in _QUOTES
        if (rows := _rows(path, dialect := Dialect(delimiter, quote, encoding, ("",)))) is not None
    ]
    usually = ((0, 0), Dialect(usual, _QUOTES[0], encoding, ("",)))
    _, dialect = max((usually, *parted), key=lambda each: each[0])
    nothing = _nothing(_rows(path, dialect) or [])
    return SourceSettings(
        path=(named,),
        format=None if form in FORMATS else "csv",
        delimiter=None if dialect.delimiter == usual else dialect.delimiter,
        quote=None if dialect.quote == _QUOTES[0] else dialect.quote,
        encoding=encoding,
        null=("", *nothing),
    )


def _encoding(path: Path) -> Literal["utf-8", "utf-16", "latin-1", "windows-1252"]:
    """Return the first encoding in which the whole file is text; every file is in the last."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    try:
        if wrong_byte(path, "utf-8") is None:
            return "utf-8"
        return "latin-1" if wrong_byte(path, "latin-1") is None else "windows-1252"
    except UNREADABLE:
        return "utf-8"


def _rows(path: Path, dialect: Dialect) -> list[list[str]] | None:
    """Return the first rows; None where the file cannot be read so."""
    try:
        rows = [row for row in islice(records(path, dialect, Limits()), _LOOKED_AT) if row]
    except (UnicodeError, csv.Error, OSError, EOFError, TooMuch):
        return None
    return None if any("\0" in field for row in rows for field in row) else rows


def _alike(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return how many fields each row has, 0 where they differ or are one, and how many names keep no quote."""
    lengths = Counter(map(len, rows))
    n_fields = next(iter(lengths), 0)
    if len(lengths) != 1 or n_fields < 2:
        return (0, 0)
    bare = sum(not (len(name) > 1 and name[0] == name[-1] and name[0] in "'\"") for name in rows[0])
    return (n_fields, bare)


def _nothing(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the texts that mean that nothing is there: those of a list that stand in two columns or among numbers."""
    if not rows:
        return []
    columns = list(zip(*rows[1:], strict=False))
    found = []
    for text in _NOTHING:
        holding = [column for column in columns if text in column]
        among_numbers = any(all(_is_number(v) for v in column if v and v not in _NOTHING) for column in holding)
        if len(holding) > 1 or among_numbers:
            found.append(text)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
