"""Read delimited files as text for their header and to locate errors, search for patterns, and guess encodings.

The engine reads the rows. Python reads only as far as the header, or, after a failure, the whole file.

Regular expressions of a config are RE2, through DuckDB: their time grows only with the text, whatever the pattern.
Python's `re` backtracks: `(a+)+$` takes minutes on a label of forty letters.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import re
import sys
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import duckdb

from ..formats import NBSP, size_text
from . import Encoding, Limits
from .engine import Dialect, duckdb_aside, literal, path_literal

PACKED = (".gz", ".zst")
"""Endings of files that are decompressed while reading."""

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 2**20

UNREADABLE = (OSError, EOFError, zlib.error, zstd.ZstdError, duckdb.Error)
"""Errors of files whose bytes cannot be read. Gzip has a separate error for each kind of damage."""

_CODECS = {"utf-8": "utf-8-sig"}


class TooMuch(Exception):  # noqa: N818 - never leaves the package: it becomes a message
    """A file exceeds a limit. The text of the error follows the name of the file."""


def size(n_bytes: int) -> str:
    """Return a number of bytes as text for messages, with a space that every terminal can print."""
    return size_text(n_bytes).replace(NBSP, " ")


def excessive_row(limits: Limits, row: int | None = None) -> TooMuch:
    """Return the error for a row (the header is row 1, or None if unknown) that is longer than the limit."""
    which = "a row" if row is None else f"row {row:,}"
    return TooMuch(
        f"has more than {size(limits.row)} in {which}: a line end or a closing quote may be missing; if that is "
        "meant, raise engine.limits"
    )


def first_fields(path: Path, dialect: Dialect, n: int) -> list[list[str]] | None:
    """Return the first n rows, including blank rows, or None if a file cannot be read in this way."""
    try:
        rows = list(islice(records(path, dialect, Limits()), n))
    except (UnicodeError, csv.Error, OSError, EOFError, TooMuch):
        return None
    return None if any("\0" in field for row in rows for field in row) else rows


def has_broken_header(path: Path, dialect: Dialect) -> bool:
    """Return whether the first row of a file has a line end in a quoted field."""
    return any(end in field for row in first_fields(path, dialect, 1) or () for field in row for end in "\r\n")


def records(path: Path, dialect: Dialect, limits: Limits) -> Iterator[list[str]]:
    """Yield the fields of each row, the header first, and blank lines without fields.

    Lines that the dialect skips are left out. Raises csv.Error at a malformed quote, UnicodeDecodeError at an invalid
    byte, TooMuch at a row that is too long.
    """
    return _reader(_lines_from_header(path, dialect, limits), dialect, limits)


def body_lines(path: Path, dialect: Dialect, limits: Limits) -> Iterator[str]:
    """Yield the lines after the header. Rows end in LF; line ends in quoted fields stay as they are."""
    all_lines, row = _lines_from_header(path, dialect, limits), list[str]()
    rows = _reader(_noted(all_lines, row), dialect, limits)
    try:
        for _ in islice(rows, dialect.n_header_rows):
            row.clear()
        for _ in rows:
            *before, last = row
            yield from before
            yield last.removesuffix("\n").removesuffix("\r") + "\n"
            row.clear()
    except csv.Error:  # the engine finds and describes the error
        yield from row
        yield from all_lines


def _noted(all_lines: Iterator[str], read: list[str]) -> Iterator[str]:
    """Yield lines and append each to `read`."""
    for line in all_lines:
        read.append(line)
        yield line


def _lines_from_header(path: Path, dialect: Dialect, limits: Limits) -> Iterator[str]:
    return islice(lines(path, dialect.encoding, limits, replaces=dialect.replaces), dialect.skip, None)


def _reader(of_lines: Iterator[str], dialect: Dialect, limits: Limits) -> Iterator[list[str]]:
    csv.field_size_limit(limits.row)
    return csv.reader(
        of_lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=True,
        strict=True,
    )


def lines(path: Path, encoding: str, limits: Limits, *, replaces: bool = False) -> Iterator[str]:
    """Yield the decompressed lines of a file with line ends, without a byte order mark; TooMuch at an overlong line.

    Raises UnicodeDecodeError at an invalid byte, unless invalid bytes are replaced.
    """
    codec, errors = _CODECS.get(encoding, encoding), "replace" if replaces else "strict"
    with _opened(path) as packed, io.TextIOWrapper(packed, codec, errors=errors, newline="") as stream:
        row = 1
        while line := stream.readline(limits.row + 1):
            if len(line) > limits.row:
                raise excessive_row(limits, row)
            yield line
            row += 1


def _opened(path: Path) -> gzip.GzipFile | zstd.ZstdFile | io.BufferedReader:
    """Open a file to read its decompressed bytes."""
    if path.suffix == ".gz":
        return gzip.open(path)
    return zstd.open(path) if path.suffix == ".zst" else path.open("rb")


@dataclass(frozen=True, slots=True)
class Survey:
    """Quick statistics of the bytes of a file.

    `nul` is the position of the first NUL byte (from 0, or None without one, or in UTF-16). Delimiters, quotes and line
    ends are counted everywhere, also inside quotes.
    """

    nul: int | None
    n_delimiters: int
    n_quotes: int
    n_lines: int

    def may_have_longer_rows(self, n_columns: int) -> bool:
        """Return whether some row may have more fields than there are columns, if none has fewer."""
        return self.n_quotes > 0 or self.n_delimiters != (n_columns - 1) * self.n_lines


def survey(path: Path, dialect: Dialect, limits: Limits) -> Survey:
    """Scan a delimited file once; TooMuch if it unpacks to more than the limit or has an overlong line.

    DuckDB silently drops a last line that is longer than its buffers, so lines are measured here.
    """
    delimiter, quote = dialect.delimiter.encode(), dialect.quote.encode()
    nul: int | None = None
    position, n_delimiters, n_quotes, n_lines, last = 0, 0, 0, 0, b""
    for chunk in _measured(path, limits):
        if nul is None and dialect.encoding != "utf-16" and (found := chunk.find(b"\0")) >= 0:
            nul = position + found
        position += len(chunk)
        n_delimiters += chunk.count(delimiter)
        n_quotes += chunk.count(quote)
        n_lines += chunk.count(b"\n")
        last = chunk[-1:]
    return Survey(nul, n_delimiters, n_quotes, n_lines + (last != b"\n"))


def _n_in_line(character: str) -> str:
    """Return the SQL that counts a character in `line`."""
    return f"(strlen(line) - strlen(replace(line, {literal(character)}, ''))) // {len(character.encode())}"


def measure(path: Path, limits: Limits) -> None:
    """Raise TooMuch if an archive unpacks to more than the limit, without checking plain files."""
    if path.suffix in PACKED:
        for _ in _unpacked(path, limits):
            pass


def _measured(path: Path, limits: Limits) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file in chunks of at most the row limit, or raise TooMuch at a longer line."""
    row, length = 1, 0
    for chunk in _unpacked(path, limits):
        end = chunk.find(b"\n")
        if length + (len(chunk) if end < 0 else end) > limits.row:
            raise excessive_row(limits, row)
        length = length + len(chunk) if end < 0 else len(chunk) - chunk.rfind(b"\n") - 1
        row += chunk.count(b"\n")
        yield chunk


def _unpacked(path: Path, limits: Limits) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file, or raise TooMuch if an archive exceeds the limit."""
    n_packed, total = path.stat().st_size, 0
    most = limits.most_unpacked(n_packed)
    for chunk in chunks(path, min(_CHUNK, limits.row)):
        total += len(chunk)
        if path.suffix in PACKED and total > most:
            said = f"unpacks to more than {size(most)}, from {size(n_packed)}"
            raise TooMuch(f"{said}; if that is meant, raise engine.limits")
        yield chunk


def may_have_longer_rows(path: Path, dialect: Dialect, n_columns: int, limits: Limits) -> bool:
    """Return whether rows of a file may have more fields than its header, all of the extra fields empty.

    DuckDB accepts these rows. A line that does not end in a delimiter, or has too few delimiters and balanced quotes,
    is not such a row.
    """
    empty_end = f"{re.escape(dialect.delimiter)}({re.escape(2 * dialect.quote)})?[ \\r]*$"
    longer = f"{_n_in_line(dialect.delimiter)} >= {n_columns} or {_n_in_line(dialect.quote)} % 2 = 1"
    query = (
        f"select 1 from read_csv({path_literal(path)}, columns = {{'line': 'varchar'}}, auto_detect = false,"  # noqa: S608
        " header = false, delim = '\x01', quote = '', escape = '', strict_mode = false, encoding = ?,"
        f" max_line_size = {limits.row}, buffer_size = {2 * limits.row})"
        f" where regexp_matches(line, {literal(empty_end)}) and ({longer}) limit 1"
    )
    try:
        with duckdb_aside() as connection:
            return connection.execute(query, [dialect.encoding]).fetchone() is not None
    except duckdb.Error:  # Python will describe the error
        return True


def quoted_name(name: str) -> str:
    """Return the name of a column or table as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def chunks(path: Path, n_bytes: int = _CHUNK) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file, by default a mebibyte at a time."""
    with _opened(path) as stream:
        while chunk := stream.read(n_bytes):
            yield chunk


def last_byte(path: Path) -> bytes:
    """Return the last decompressed byte of a file that is not white space, or empty if there is none."""
    last = b""
    if path.suffix in PACKED:
        for chunk in chunks(path):
            last = chunk.rstrip()[-1:] or last
        return last
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end and not last:
            start = max(0, end - _CHUNK)
            stream.seek(start)
            last = stream.read(end - start).rstrip()[-1:]
            end = start
    return last


def wrong_byte(path: Path, encoding: str) -> tuple[int, int] | None:
    """Return position (from 0) and line (from 1) of the first invalid byte of an encoding, or None.

    C1 control characters count as invalid in latin-1: text that contains them was written as windows-1252.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    position, n_ends = 0, 0
    for chunk in chunks(path):
        held = decoder.getstate()[0]
        start: int | None = None
        try:
            text = decoder.decode(chunk)
            if encoding == "latin-1":
                start = next((i for i, character in enumerate(text) if "\x80" <= character <= "\x9f"), None)
        except UnicodeDecodeError as error:
            start = error.start - len(held)
        except UnicodeError:  # UTF-16 without a byte order mark
            start = 0
        if start is not None:
            return position + start, n_ends + chunk[: max(start, 0)].count(b"\n") + 1
        position += len(chunk)
        n_ends += chunk.count(b"\n")
    return (position, n_ends + 1) if decoder.getstate()[0] else None


def mixes_line_ends(path: Path, dialect: Dialect, limits: Limits) -> bool:
    """Return whether some rows end in CRLF and others in LF alone. Line ends in quoted fields do not count."""
    row = list[str]()
    ends = set()
    for _ in _reader(_noted(_lines_from_header(path, dialect, limits), row), dialect, limits):
        ends |= {row[-1][-2:] == "\r\n"} if row[-1].endswith("\n") else set()
        row.clear()
    return len(ends) == 2


_AT_ONCE = 100
_ADVICE: Mapping[str, str] = {
    "invalid perl operator": "looking around, comments and possessive groups are not of its syntax",
    "invalid escape sequence": "this escape is not of its syntax (end of text is $ or \\z)",
    "invalid repetition size": "it repeats more than 1,000 times",
    "pattern too large": "it repeats or nests too much",
}


def pattern_fault(pattern: str) -> str | None:
    """Return the error in a pattern, in words, or None if it is valid.

    >>> pattern_fault("^(a+)+$"), pattern_fault("a(b")
    (None, 'missing )')
    """
    try:
        _searched((pattern,), ("",))
    except duckdb.Error as error:
        said = (str(error).partition(" Error: ")[2] or str(error)).strip().removesuffix(f": {pattern}")
        return next((f"{said}; {advice}" for start, advice in _ADVICE.items() if start in said), said)
    return None


@lru_cache(maxsize=64)
def found_in(patterns: tuple[str, ...], labels: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    """Return label -> positions of the patterns that match it, for labels with any match."""
    found: dict[str, list[int]] = {}
    for start in range(0, len(patterns), _AT_ONCE):
        for label, row in zip(labels, _searched(patterns[start : start + _AT_ONCE], labels), strict=True):
            if True in row:
                found.setdefault(label, []).extend(start + n for n, is_in in enumerate(row) if is_in)
    return {label: tuple(numbers) for label, numbers in found.items()}


def _searched(patterns: Sequence[str], labels: Sequence[str]) -> list[tuple[bool, ...]]:
    """Return for each label, in order, whether each pattern matches."""
    columns = ", ".join(f"regexp_matches(label, ${number})" for number in range(2, len(patterns) + 2))
    query = f"select {columns} from (select unnest($1::varchar[]) as label)"  # noqa: S608 - numbers alone
    with duckdb_aside() as connection:
        return connection.execute(query, [list(labels), *patterns]).fetchall()


_SINGLE_BYTE: tuple[Encoding, ...] = ("latin-1", "windows-1252", "mac-roman")
"""Encodings in which every byte is a character, narrower encodings first."""

_MOST_DAMAGED = 0.5
"""Maximum share of damaged non-ASCII characters in a text that is still UTF-8."""

_MOST_LOOKED_AT = 20_000
_USUAL = frozenset("–—‘’“”„…€£«»°§©®·•×½¼¾²³ªº¿¡\xa0")
"""Characters that commonly occur outside words."""


@dataclass(frozen=True)
class LikelyEncoding:
    """An encoding, and the number of bytes it cannot decode."""

    encoding: Encoding
    n_wrong: int = 0


def likely_encoding(path: Path) -> LikelyEncoding:
    """Return the most likely encoding of a file.

    UTF-16 has a byte order mark. Text is rarely valid UTF-8 by chance, so a text with few invalid bytes is damaged
    UTF-8. Among the other encodings, the function chooses the encoding in which the non-ASCII characters form words.
    """
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return LikelyEncoding("utf-16")
    if wrong_byte(path, "utf-8") is None:
        return LikelyEncoding("utf-8")
    n_right, n_wrong = _utf8_characters(path)
    if n_right and n_wrong <= _MOST_DAMAGED * (n_right + n_wrong):
        return LikelyEncoding("utf-8", n_wrong)
    sample = b"\n".join(_lines_beyond_ascii(path))
    possible = [one for one in _SINGLE_BYTE if wrong_byte(path, one) is None]
    if "latin-1" in possible:  # then Windows-1252 reads the same text
        possible = [one for one in possible if one != "windows-1252"]
    scores: dict[Encoding, float] = {one: _plausibility(sample.decode(one)) for one in possible}
    best: Encoding = max(scores, key=scores.__getitem__, default="windows-1252")
    return LikelyEncoding(best)


def _utf8_characters(path: Path) -> tuple[int, int]:
    """Return the number of non-ASCII characters that are valid UTF-8, and the number of invalid bytes."""
    n_right = n_wrong = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for chunk in [*chunks(path), b""]:
        for character in re.findall(r"[^\x00-\x7f]", decoder.decode(chunk, final=not chunk)):
            is_wrong = "\udc80" <= character <= "\udcff"
            n_wrong += is_wrong
            n_right += not is_wrong
    return n_right, n_wrong


def _lines_beyond_ascii(path: Path) -> Iterator[bytes]:
    """Yield lines with non-ASCII bytes, as many as needed."""
    n_bytes = 0
    for chunk in chunks(path):
        for line in re.split(rb"[\r\n]+", chunk):
            if n_bytes < _MOST_LOOKED_AT and any(byte > 0x7F for byte in line):
                n_bytes += len(line)
                yield line
        if n_bytes >= _MOST_LOOKED_AT:
            return


def _plausibility(decoded: str) -> float:
    """Return how well the non-ASCII characters fit their context: 1 if all do, -1 if none does."""
    found = [_fits(decoded, at) for at, character in enumerate(decoded) if character > "\x7f"]
    return sum(1 if fits else -1 for fits in found) / len(found) if found else 0.0


def _fits(decoded: str, at: int) -> bool:
    """Return whether a character is where texts have it: lower case in words, upper case at their start."""
    character = decoded[at]
    before, after = decoded[at - 1 : at], decoded[at + 1 : at + 2]
    if not character.isalpha():
        return character in _USUAL and not (before.isalpha() and after.isalpha() and character not in "’·–—")
    if character in "ªºµƒπΩ∂ﬁﬂ" or not unicodedata.name(character, "").startswith("LATIN"):
        return False
    if character.isupper():
        return not before.isalpha() or (before.isupper() and not after.islower())
    return not before.isupper() or not after.isupper()
