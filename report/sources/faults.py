"""Describe errors in files in our own words, and check the limits of tables and texts.

Engines only report a position, and advise to ignore the error. Python reads and checks the header of a delimited file,
since an engine repairs it silently. It reads the rest after an engine has failed. The functions return a description of
the error, or None if they find nothing. Parquet and JSON files are checked before they are read.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import duckdb

from ..errors import DataError, listed, raise_if_any
from . import Limits, join_headers, number_names, text
from .engine import LOCKED, Dialect, duckdb_aside, path_literal
from .text import likely_encoding, size

MOST_COLUMNS = 10_000
"""Maximum number of columns. DuckDB's time to open a table is quadratic in them: half a minute at 100,000."""

_DELIMITERS = (",", ";", "\t", "|")
UNNAMED = "(unnamed)"
"""Name of the first column if its header is empty: row names of R, the index of pandas."""

_NAMED = 10
TITLE = "if that is a title, delete the rows above the names of the columns"
_DEEPEST = 128
_TOO_DEEP = "nests lists or objects deeper than is read; labels are texts, or lists of texts"
_FEW_KEYS = 200
"""With more distinct keys than this, DuckDB may not parse objects as rows."""

_MOST_LOOKED_AT = 2**28
"""Bytes of the largest JSON array that Python reads as a whole to describe its error."""


def delimited(path: Path, name: str, n_columns: int, dialect: Dialect, limits: Limits) -> str | None:
    """Describe the error in a delimited text file: bytes, quotes, numbers of fields, line ends."""
    row = 0
    try:
        if not dialect.replaces and text.wrong_byte(path, dialect.encoding) is not None:
            return encoding(path, name, dialect.encoding)
        bad: list[tuple[int, int]] = []
        for row, fields in enumerate(text.records(path, dialect, limits), start=1):
            if fields and row > dialect.n_header_rows and len(fields) != n_columns:
                bad.append((row, len(fields)))
        mixed = not bad and text.mixes_line_ends(path, dialect, limits)
    except csv.Error as error:
        is_long = "field limit" in str(error)
        return f"{name} {text.excessive_row(limits, row + 1)}" if is_long else quote(name, row + 1, str(error), dialect)
    except text.TooMuch as error:
        return f"{name} {error}"
    except text.UNREADABLE as error:
        return f"{name} cannot be read: {compression(path, error)}"
    if mixed:
        return f"{name} ends some lines in CRLF and others in LF; save it with one kind of line end"
    return _ragged(name, n_columns, bad, dialect) if bad else None


def encoding(path: Path, name: str, declared: str) -> str:
    """Describe a file that is not in its declared encoding, with the option that would read it."""
    wrong = text.wrong_byte(path, declared)
    where = f" (byte {wrong[0] + 1:,}, line {wrong[1]:,})" if wrong else ""
    if declared != "utf-8" and text.wrong_byte(path, "utf-8") is None:
        return f"{name} is not {declared}{where}; it is UTF-8: leave out encoding"
    seems = likely_encoding(path)
    advice = "save it as UTF-8"
    if seems.encoding != declared:
        advice += f", or, if that is what it is, write {as_source(name, encoding=seems.encoding)}"
    elif seems.n_wrong:
        advice += f", or, to replace {seems.n_wrong:,} damaged bytes, write {as_source(name, bad_bytes='replace')}"
    return f"{name} is not {declared}{where}; {advice}"


def as_source(name: str, **options: str | int) -> str:
    r"""Return the config line that reads a file with options; `name` is its name in messages.

    >>> as_source("entities.a.source: x.csv", delimiter=";"), as_source("x.csv", delimiter=chr(9))
    ('source: {path: x.csv, delimiter: ";"}', 'source: {path: x.csv, delimiter: "\\t"}')
    """
    file = name.rpartition(": ")[2]
    values = {"path": file, **options}
    return "source: {" + ", ".join(f"{key}: {scalar(str(value))}" for key, value in values.items()) + "}"


def scalar(value: str) -> str:
    """Return a text as a YAML scalar within braces: quoted unless it is a plain word."""
    return value if re.fullmatch(r"[\w./-]+", value) else json.dumps(value, ensure_ascii=False)


def quote(name: str, row: int, reason: str, dialect: Dialect) -> str:
    """Describe a malformed quote in the record that begins at a row (the header is row 1)."""
    if "unexpected end" in reason:
        return f"{name} opens a quote in row {row:,} that is never closed ({dialect.quote})"
    return (
        f"{name} has text after a closing quote in row {row:,}; inside quotes write {dialect.quote} twice, "
        "or give another quote character"
    )


def _ragged(name: str, n_columns: int, bad: Sequence[tuple[int, int]], dialect: Dialect) -> str:
    rows = ", ".join(f"row {row:,} has {n}" for row, n in bad[:_NAMED])
    rest = f" and {len(bad) - _NAMED:,} more" if len(bad) > _NAMED else ""
    count = "1 row" if len(bad) == 1 else f"{len(bad):,} rows"
    fields = "1 field" if n_columns == 1 else f"{n_columns:,} fields"
    delimiter = "tab" if dialect.delimiter == "\t" else dialect.delimiter
    title = f"{TITLE}, or write {as_source(name, skip=dialect.skip + max(1, bad[0][0] - 1))}"
    hint = title if n_columns == 1 else f"a field that contains the delimiter {delimiter} needs quotes"
    return (
        f"{name} has {count} with another number of fields than the header, which has {fields}: {rows}{rest} "
        f"(the header is row 1; {hint})"
    )


def json_records(path: Path, name: str, limits: Limits, *, as_lines: bool) -> str | None:
    """Describe the error in a JSON file: not JSON, not an array of objects (or one object per line), empty."""
    n_rows, most, keys = 0, 0, set[str]()
    try:
        for row, value in _lines_of_json(path, limits) if as_lines else _array_of_json(path):
            n_rows += 1
            if not isinstance(value, dict):
                return f"{name} is not {_form(as_lines=as_lines)}: row {row:,} is {_kind(value)}"
            if _nests_too_deep(value):
                return f"{name} {_TOO_DEEP}"
            if "" in value:
                return f"{name} has a key without a name in row {row:,}; give it one, or take it out"
            most = max(most, len(value))
            keys.update(value)
    except (ValueError, RecursionError, *text.UNREADABLE, text.TooMuch) as error:
        return f"{name} {_json_fault(path, error, as_lines=as_lines)}"
    if not n_rows:
        return f"{name} has no rows"
    return _unlike_rows(name, most, len(keys))


def _unlike_rows(name: str, most: int, n_keys: int) -> str | None:
    """Describe objects that are not rows of one table, given the most keys of any and the number of distinct keys."""
    if not n_keys:
        return f"{name} has no columns: its objects are empty"
    if n_keys > _FEW_KEYS and n_keys > 2 * most:
        return f"{name} has objects with {n_keys:,} different keys, at most {most:,} in each; rows have the same keys"
    return None


def _nests_too_deep(value: object) -> bool:
    """Return whether lists and objects are nested deeper than DuckDB reads."""
    layer = [value]
    for _ in range(_DEEPEST):
        holders = [one for one in layer if isinstance(one, (dict, list))]
        layer = [inner for one in holders for inner in (one.values() if isinstance(one, dict) else one)]
        if not layer:
            return False
    return any(isinstance(one, (dict, list)) for one in layer)


def _json_fault(path: Path, error: Exception, *, as_lines: bool) -> str:
    """Return why Python could not read JSON, as text that follows the name of the file."""
    if isinstance(error, json.JSONDecodeError):
        reason = error.msg[:1].lower() + error.msg[1:]
        return f"is not JSON in line {error.lineno:,}, column {error.colno:,}: {reason}"
    if isinstance(error, UnicodeDecodeError):
        return f"{encoding(path, '', 'utf-8').strip().split(';')[0]}; save it as UTF-8"
    if isinstance(error, text.UNREADABLE):
        return f"cannot be read: {compression(path, error)}"
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    return str(error) if isinstance(error, text.TooMuch) else f"is not {_form(as_lines=as_lines)}: {error}"


def _lines_of_json(path: Path, limits: Limits) -> Iterator[tuple[int, object]]:
    for row, line in enumerate(text.lines(path, "utf-8", limits), start=1):
        if line.strip():
            try:
                yield row, json.loads(line.rstrip(), object_pairs_hook=_object)
            except json.JSONDecodeError as error:
                raise _moved(error, row) from None


def _moved(error: json.JSONDecodeError, row: int) -> json.JSONDecodeError:
    """Return an error in a line as an error in the file."""
    moved = json.JSONDecodeError(error.msg, error.doc, error.pos)
    moved.lineno = row
    return moved


def _array_of_json(path: Path) -> Iterator[tuple[int, object]]:
    if path.stat().st_size > _MOST_LOOKED_AT:
        raise text.TooMuch("cannot be read as an array of objects; it is too large to say where it goes wrong")
    content = "".join(text.lines(path, "utf-8", Limits(row=100 * _MOST_LOOKED_AT)))
    if not content.strip():
        return
    value = json.loads(content, object_pairs_hook=_object)
    inside = [key for key, one in value.items() if isinstance(one, list)] if isinstance(value, dict) else []
    if len(inside) > 1 and len(inside) == len(value) and not any(isinstance(one, dict) for one in value[inside[0]]):
        raise ValueError(
            "it contains a list for each column; write an object for each row, as in pandas to_json(orient='records')"
        )
    if inside:
        take = f"jq '.[{json.dumps(inside[0])}]' {path.name} > rows.json"
        raise ValueError(
            f'it contains an object with a list under "{inside[0]}"; if these are the rows, {take} takes them out'
        )
    if not isinstance(value, list):
        raise ValueError(f"it holds {_kind(value)}")  # noqa: TRY004  caught above and worded
    yield from enumerate(value, start=1)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'an object has the key "{twice}" twice')
    return result


def _form(*, as_lines: bool) -> str:
    return "one JSON object a line" if as_lines else "a JSON array of objects"


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def parquet(path: Path, name: str) -> str | None:
    """Describe a Parquet file that is damaged after its header: DuckDB cannot read all of it.

    It is read on a separate connection, since some errors make their connection unusable.
    """
    try:
        with duckdb.connect(":memory:", config={**LOCKED, "threads": 1}) as connection:
            connection.execute(f"select max(hash(columns(*))) from read_parquet({path_literal(path)})").fetchall()  # noqa: S608
    except (duckdb.Error, UnicodeDecodeError):
        return f"{name} is damaged: its columns cannot be read to their ends; write it again, or fetch it again"
    return None


def engine_message(message: str) -> str:
    """Return the message of DuckDB without its error class and its advice."""
    first = message.strip().split("\n")[0]
    head, found, tail = first.partition(" Error: ")
    return tail if found and len(head) < 40 else first


def memory_message(limit: str) -> str:
    """Describe an engine that ran out of memory."""
    return (
        f"counting needs more memory than engine.memory allows ({limit}); raise it, or set "
        "TMPDIR to a folder with more space"
    )


def query_timeout(limits: Limits) -> str:
    """Describe a query that took too long."""
    return f"a query takes more than {limits.seconds:,} s; if that is meant, raise engine.limits"


def compression(path: Path, error: Exception) -> str:
    """Describe why the bytes of a file cannot be read."""
    if "too much memory" in str(error):
        return "unpacking it takes more than 128 MiB of memory; pack it again, without --long"
    if path.suffix in text.PACKED:
        return f"it is not a complete {path.suffix} file"
    return error.strerror or "unknown reason" if isinstance(error, OSError) else "unknown reason"


def read_header(path: Path, name: str, dialect: Dialect, limits: Limits) -> tuple[tuple[str, ...], bool]:
    """Return the column names of a delimited file, and whether any row follows.

    Raises `DataError` if the file is empty, is not text in its encoding, exceeds the limits or contains a NUL byte. So
    do empty or repeated names in the header, a single name that seems to contain another delimiter, and rows with more
    fields than the header, even empty ones.
    """
    try:
        seen = text.survey(path, dialect, limits)
        if seen.nul is not None:
            raise DataError(
                f"{name} contains a NUL byte (byte {seen.nul + 1:,}): it is no text file, or was damaged, or is UTF-16 "
                f"(then write {as_source(name, encoding='utf-16')})"
            )
        if seen.n_lines - 1 > limits.rows:
            raise DataError(
                f"{name} has {seen.n_lines:,} lines, more than {limits.rows:,} rows are read; if that is meant, raise "
                "engine.limits"
            )
        rows = text.records(path, dialect, limits)
        n_empty, header = next(((n, fields) for n, fields in enumerate(rows) if fields), (0, None))
        below = list(islice(rows, max(0, dialect.n_header_rows - 1)))
        has_rows = dialect.header == 0 or _has_more(fields for fields in rows if fields)
    except UnicodeError:
        raise DataError(encoding(path, name, dialect.encoding)) from None
    except csv.Error as error:
        raise DataError(quote(name, 1, str(error), dialect)) from None
    except text.UNREADABLE as error:
        raise DataError(f"{name} cannot be read: {compression(path, error)}") from None
    except text.TooMuch as error:
        raise DataError(f"{name} {error}") from None
    if header is None:
        raise DataError(f"{name} is empty")
    if n_empty:  # an engine reads the first of them as the header
        before = "an empty line" if n_empty == 1 else f"{n_empty:,} empty lines"
        raise DataError(
            f"{name} has {before} before its header; remove the lines before the names of the columns, or write "
            f"{as_source(name, skip=dialect.skip + n_empty)}"
        )
    header = declared_names([header, *below], dialect.header)
    check_names(name, header, dialect)
    if seen.may_have_longer_rows(len(header)) and text.may_have_longer_rows(path, dialect, len(header), limits):
        raise_if_any([delimited(path, name, len(header), dialect, limits)])
    return tuple(header), has_rows


def named_header(header: Sequence[str]) -> list[str]:
    """Return a header whose first column has a name, unlike row names of R and the index of pandas.

    >>> named_header(["", "job"]), named_header(["id", ""])
    (['(unnamed)', 'job'], ['id', ''])
    """
    first, *others = header
    return [UNNAMED if not first.strip() and others else first, *others]


def declared_names(rows: Sequence[Sequence[str]], n_rows: int | None) -> list[str]:
    """Return the column names from the header rows; `n_rows` is their number as in the config.

    >>> declared_names([["a", "a"]], 1), declared_names([["a", "7"]], 0), declared_names([["", "a", ""]], None)
    (['a (1)', 'a (2)'], ['column 1', 'column 2'], ['(unnamed)', 'a', ''])
    """
    if n_rows is None:
        return named_header(rows[0])
    names = join_headers(rows) if n_rows else [""] * len(rows[0])
    return number_names(named_header(names) if n_rows else names)


def _has_more(rows: Iterator[list[str]]) -> bool:
    """Return whether a row follows, even a malformed one, which the engine will report."""
    try:
        return next(rows, None) is not None
    except csv.Error:
        return True


def too_many(name: str, n_columns: int) -> str:
    """Describe a table with too many columns."""
    return (
        f"{name} has {n_columns:,} columns, of which at most {MOST_COLUMNS:,} are read; take out those that are not "
        "needed, or turn it on its side"
    )


def check_names(name: str, header: Sequence[str], dialect: Dialect | None = None, *, is_file: bool = True) -> None:
    """Raise `DataError` for every error in a header: empty names, repeated names, an unlikely single name.

    For a file, the messages suggest the config line that reads it as it is.
    """
    offers = f", or write {as_source(name, header=1)} to number " if is_file else ""
    if len(header) > MOST_COLUMNS:
        raise DataError(too_many(name, len(header)))
    messages = [*_empty_names(name, header, offers=offers), *_repeated_names(name, header, offers=offers)]
    if dialect is not None and len(header) == 1:
        other = next((d for d in _DELIMITERS if d != dialect.delimiter and d in header[0]), None)
        if other is not None:
            line = as_source(name, delimiter=other)
            messages.append(f'{name} has one column named "{header[0]}"; to split it, write {line}')
    raise_if_any(messages)


def _empty_names(name: str, header: Sequence[str], *, offers: str) -> Iterator[str]:
    empty = [str(n) for n, column in enumerate(header, start=1) if not column.strip()]
    if empty and len(header) - len(empty) == 1 and header[0] not in (UNNAMED, ""):
        line = f", or write {as_source(name, skip=1)}" if offers else ""
        yield f'{name} begins with a row of one field, "{header[0]}"; {TITLE}{line}'
    elif empty:
        places = f"column{'s' if len(empty) > 1 else ''} {listed(empty)}"
        more = offers and f"{offers}{'it' if len(empty) == 1 else 'them'} (header: 2 if the names go on in row 2)"
        yield f"{name} has no name for {places} in its header; give each column a name, or take it out{more}"


def _repeated_names(name: str, header: Sequence[str], *, offers: str) -> Iterator[str]:
    """Yield a message for each name that several columns have, ignoring case."""
    numbers: dict[str, list[int]] = {}
    for n, column in enumerate(header, start=1):
        numbers.setdefault(column.casefold(), []).append(n)
    for alike in numbers.values():
        spelled = list(dict.fromkeys(header[n - 1] for n in alike))
        at = " and ".join(map(str, alike))
        if len(alike) > 1 and spelled[0].strip():
            what = f'calls columns {at} "{spelled[0]}"'
            if len(spelled) > 1:
                what = f"has columns {at} whose names differ in case alone ({', '.join(spelled)})"
            yield f"{name} {what}; give each column a name of its own{offers and offers + 'them'}"


_SHOWN = 40
"""Characters shown in a message about a text that is too long."""

_MENDED = "name another column or a separator, or, if that is meant, raise engine.limits"

_BYTES_OF_A_VALUE = 4
"""Minimum size of a value in memory, since equal values take almost no space in a Parquet file."""


Shape = tuple[int, int, int]
"""The number of columns and rows of a file, and the minimum size of its unpacked values in bytes."""


def check_files(files: Mapping[Path, str], form: str, limits: Limits) -> None:
    """Raise `DataError` if the files of one source have too many columns or rows, or unpack to too much.

    `files` gives the name of each file in messages.
    """
    shapes = {name: _shape(path, form, limits) for path, name in files.items()}
    raise_if_any([too_many(name, n_columns) for name, (n_columns, *_) in shapes.items() if n_columns > MOST_COLUMNS])
    if form == "parquet":
        most = {name: limits.most_unpacked(path.stat().st_size) for path, name in files.items()}
        raise_if_any(
            [
                f"{name} unpacks to at least {size(n_bytes)} ({n_rows:,} rows), more than {size(most[name])}; "
                "if that is meant, raise engine.limits"
                for name, (_, n_rows, n_bytes) in shapes.items()
                if n_bytes > most[name]
            ]
        )
    check_rows(shapes, (n_rows for _, n_rows, _ in shapes.values()), limits)


def check_number(n_files: int, name: str, limits: Limits) -> None:
    """Raise `DataError` if a source names too many files."""
    if n_files > limits.files:
        raise DataError(
            f"{name} names {n_files:,} files, more than {limits.files:,}; if that is meant, raise engine.limits"
        )


def check_rows(names: Iterable[str], n_rows: Iterable[int], limits: Limits) -> None:
    """Raise `DataError` if the files of one source together have too many rows."""
    total, called = sum(n_rows), list(names)
    if total > limits.rows:
        whose = called[0] if len(called) == 1 else f"{called[0]} and the {len(called) - 1:,} files after it"
        verb = "has" if len(called) == 1 else "have"
        raise_if_any(
            [f"{whose} {verb} {total:,} rows, more than {limits.rows:,}; if that is meant, raise engine.limits"]
        )


def _shape(path: Path, form: str, limits: Limits) -> Shape:
    """Return the shape of a file, or an empty shape if it cannot be read, which the engine will report.

    The time that DuckDB takes to open a table grows with the square of its columns, so they are counted first.
    """
    try:
        with duckdb_aside() as connection:
            if form == "parquet":
                return _of_parquet(path, connection)
            return _of_json(path, form, limits, connection)
    except duckdb.Error:
        return 0, 0, 0


def _of_parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> Shape:
    """Return the shape of a Parquet file from its footer, without reading anything else."""
    file = path_literal(path)
    found = connection.execute(f"select num_children from parquet_schema({file}) limit 1").fetchone()  # noqa: S608
    n_columns = int(found[0] or 0) if found else 0
    if n_columns > MOST_COLUMNS:
        return n_columns, 0, 0
    rows = f"(select sum(num_rows) from parquet_file_metadata({file}))"  # noqa: S608
    query = f"select {rows}, sum(total_uncompressed_size), sum(num_values) from parquet_metadata({file})"  # noqa: S608
    n_rows, n_bytes, n_values = connection.execute(query).fetchone() or (0, 0, 0)
    return n_columns, int(n_rows or 0), max(int(n_bytes or 0), _BYTES_OF_A_VALUE * int(n_values or 0))


def _of_json(path: Path, form: str, limits: Limits, connection: duckdb.DuckDBPyConnection) -> Shape:
    kind = "newline_delimited" if form == "jsonl" else "array"
    objects = f"read_json_objects({path_literal(path)}, format = '{kind}', maximum_object_size = {limits.row})"
    keys = f"select unnest(json_keys(json)) as key, unnest(range(len(json_keys(json)))) as place from {objects}"  # noqa: S608
    query = f"select count(distinct key), count(*) filter (place = 0) from ({keys})"  # noqa: S608
    n_columns, n_rows = connection.execute(query).fetchone() or (0, 0)
    return int(n_columns), int(n_rows), 0


class LongTextError(DataError):
    """A text is longer than the limit. `text` is that text, to find its row; `quoted`: the message quotes it."""

    def __init__(self, what: str, text: str, limits: Limits, *, quoted: bool) -> None:
        super().__init__(f"{what} {too_long(text, limits, quoted=quoted)}")
        self.text = text
        self.quoted = quoted


def check_length(texts: Iterable[str | None], limits: Limits, what: str, *, quoted: bool) -> None:
    """Raise `LongTextError` if a text has more characters than the limit; `what` begins the message.

    The message quotes the start of the text if `quoted` (`diptych.errors.may_quote`). The limit exists because the
    time to classify, draw and typeset a text grows faster than its length.
    """
    longest = max((text for text in texts if text is not None), key=len, default="")
    if len(longest) > limits.characters:
        raise LongTextError(what, longest, limits, quoted=quoted)


def too_long(text: str, limits: Limits, *, quoted: bool) -> str:
    """Return the message about a text that is too long, which follows the name of the column."""
    start = f': "{text[:_SHOWN]}…"' if quoted else ""
    return f"has a text of {len(text):,} characters, more than {limits.characters:,}{start}; {_MENDED}"
