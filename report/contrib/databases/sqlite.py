"""Read SQLite databases in this process: read-only, and within limits, because a file or a query may be hostile."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import duckdb
import numpy as np

from ...errors import DataError, did_you_mean, listed
from ...sources import Limits, SourceSettings
from ...sources.engine import LOCKED, Engine, path_literal
from ...sources.faults import check_names, query_timeout
from ...sources.files import FileFormat, SourceFiles, Table
from ...sources.text import quoted_name, size

FUNCTIONS = frozenset(
    {"abs", "avg", "ceil", "ceiling", "char", "coalesce", "concat", "concat_ws", "count", "cume_dist"}
    | {"date", "datetime", "dense_rank", "exp", "first_value", "floor", "format", "glob", "group_concat", "hex"}
    | {"if", "ifnull", "iif", "instr", "json", "json_array", "json_array_length", "json_extract"}
    | {"json_group_array", "json_type", "json_valid", "julianday", "lag", "last_value", "lead", "length"}
    | {"like", "ln", "log", "log10", "log2", "lower", "ltrim", "max", "min", "mod", "nth_value", "ntile", "nullif"}
    | {"octet_length", "percent_rank", "pow", "power", "printf", "quote", "rank", "replace", "round"}
    | {"row_number", "rtrim", "sign", "sqrt", "strftime", "string_agg", "substr", "substring", "sum", "time"}
    | {"total", "trim", "trunc", "typeof", "unicode", "unixepoch", "upper", "->", "->>"}
)
"""The functions that a query may call: they read nothing but their arguments, in bounded time, with equal results."""

_TABLE_FUNCTIONS = frozenset({"json_each", "json_tree"})
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_FUNCTION})
_LONGEST_VALUE = 2**17
"""Maximum bytes of a value or row. Functions such as `instr` take time that is quadratic in it, without a stop."""

_LONGEST_PATTERN = 500
"""Maximum characters of a pattern of LIKE or GLOB, since time grows with pattern times text."""

_MEMORY = 2 * 2**30
"""Memory limit of SQLite in bytes, unless the config sets the engine's memory."""

_AT_ONCE = 2_000_000
_CHARACTERS_AT_ONCE = 2**26
"""Maximum number of values, and of their characters, in memory; a file is written of each such part."""

_LONGEST_MESSAGE = 500
_WRITING = "does more than read; a query begins with select or with, and is one statement that only reads"


@dataclass
class _Guard:
    """Permissions of a query: it reads all but virtual tables, and calls listed functions, until its time is over."""

    virtual: frozenset[str] = frozenset()
    refused: list[str] = field(default_factory=list)
    is_late: bool = False

    def authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Return to SQLite whether a statement may do something. SQLite calls this while it compiles."""
        table, function, fault = (first or "").lower(), (second or "").lower(), None
        if action == sqlite3.SQLITE_FUNCTION and function not in FUNCTIONS:
            fault = f"calls {function}(), which a query may not; leave it out"
        elif action == sqlite3.SQLITE_READ and (table in self.virtual or table.startswith("pragma_")):
            fault = _virtual(table)
        elif action not in _READING:
            fault = _WRITING
        self.refused += [fault] if fault else []
        return sqlite3.SQLITE_DENY if fault else sqlite3.SQLITE_OK

    @contextmanager
    def ending(self, connection: sqlite3.Connection, seconds: int) -> Iterator[None]:
        """Stop a query after some time, at its next row. A count of steps would come late where one step is long."""

        def stop() -> None:
            self.is_late = True
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile
                connection.interrupt()

        timer = Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _virtual(table: str) -> str:
    return f'reads "{table}", which is no plain table or view of the database; copy it into a plain table'


def _open(files: SourceFiles, source: SourceSettings, engine: Engine) -> Table:
    """Return a table, or the result of a query, with all values as text, because SQLite columns have no fixed type.

    Raises `DataError` for a file that is not a database, a table that does not exist, a query that fails, does more
    than read or exceeds a limit, and for a result without rows.
    """
    where, path = files.where, next(iter(files.names))
    if source.database is None:
        line = f'source: {{database: "{files.names[path]}", table: NAME}}'
        raise DataError(f"{files.called(path)} is a database; write {line}")
    name = f"{where}: {source.declared}"
    written: list[Path] = []
    with _cursor(path, source, engine.limits, where) as cursor:
        columns = tuple(str(column[0]) for column in cursor.description)
        check_names(name, columns, is_file=False)
        for rows in _parts(cursor, engine.limits, engine.limits.most_unpacked(path.stat().st_size), name):
            written.append(engine.folder / f"sqlite_{len(list(engine.folder.iterdir()))}.parquet")
            _write(columns, rows, written[-1])
    if not written:
        raise DataError(f"{name} has no rows")
    return Table(source.declared, columns, engine.read_parquet(dict.fromkeys(written, name)))


@contextmanager
def _cursor(path: Path, source: SourceSettings, limits: Limits, where: str) -> Iterator[sqlite3.Cursor]:
    """Yield the rows of a table or query. Raises `DataError` for every error of SQLite in this context."""
    name, asked = f"{where}: {source.declared}", source.query or source.of or ""
    guard = _Guard()
    try:
        with closing(_connected(path, limits)) as connection, guard.ending(connection, limits.seconds):
            tables, guard.virtual = _tables(connection)
            if source.query is None and asked not in tables:
                raise DataError(
                    f'{where}: {source.database} has no table "{asked}"; it has {listed(tables)}'
                    f"{did_you_mean(asked, tables)}"
                )
            connection.set_authorizer(guard.authorize)
            cursor = connection.execute(source.query or f"select * from {quoted_name(asked)}")  # noqa: S608 - quoted
            if cursor.description is None:
                raise DataError(f"{name} {_WRITING}")
            yield cursor
    except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
        if guard.refused:  # a virtual table does more than read before SQLite asks whether it may be read
            table = next(
                (one for one in sorted(guard.virtual) if re.search(rf"\b{re.escape(one)}\b", asked, re.IGNORECASE)),
                None,
            )
            raise DataError(f"{name} {_virtual(table) if table else guard.refused[0]}") from None
        raise DataError(f"{name}{_explained(error, path, limits, is_late=guard.is_late)}") from None


def _connected(path: Path, limits: Limits) -> sqlite3.Connection:
    """Open a database read-only, with all features disabled that a file could exploit, and write nothing next to it."""
    log, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    with path.open("rb") as file:
        keeps_log = file.read(19)[18:] == b"\2"
    is_copied = log.is_file() and not index.exists() and sys.platform != "win32"
    keys = "&vfs=unix-none" if is_copied else "&immutable=1" if keeps_log and not log.is_file() else ""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{keys}", uri=True, isolation_level=None)
    heap = f"hard_heap_limit = {limits.memory or _MEMORY}"  # of the process: it can be lowered, but not raised again
    settings = ("trusted_schema = off", "cell_size_check = on", "query_only = on", "temp_store = memory", heap)
    for setting in (*(("locking_mode = exclusive",) if is_copied else ()), *settings, "mmap_size = 0"):
        connection.execute(f"pragma {setting}").fetchall()
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(limits.row, _LONGEST_VALUE))
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_PATTERN)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
    return connection


def _tables(connection: sqlite3.Connection) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the sorted names of tables and views, and in lower case the names of tables that run code when read."""
    modules = {str(name).lower() for (name,) in connection.execute("pragma module_list")} - _TABLE_FUNCTIONS
    query = "select name, sql from sqlite_master where type in ('table', 'view') order by name"
    found = {str(name): str(sql) for name, sql in connection.execute(query)}
    virtual = {name.lower() for name, sql in found.items() if re.match(r"\s*create\s+virtual", sql, re.IGNORECASE)}
    return tuple(name for name in found if not name.startswith("sqlite_")), frozenset(virtual | modules)


def tables_of(path: Path) -> tuple[str, ...]:
    """Return the tables and views of an SQLite database, or none if it cannot be read."""
    try:
        with closing(_connected(path, Limits())) as connection:
            return _tables(connection)[0]
    except (sqlite3.Error, OSError, MemoryError):
        return ()


def _parts(cursor: sqlite3.Cursor, limits: Limits, most: int, name: str) -> Iterator[list[tuple[str | None, ...]]]:
    """Yield rows as texts, as many at once as memory holds. Raises `DataError` if there are too many."""
    rows: list[tuple[str | None, ...]] = []
    n_characters = n_written = 0
    for n_rows, row in enumerate(cursor, start=1):
        rows.append(tuple(map(_as_text, row)))
        n_characters += sum(1 + len(text or "") for text in rows[-1])
        if n_rows > limits.rows:
            raise DataError(f"{name} has more than {limits.rows:,} rows; if that is meant, raise engine.limits")
        if n_characters > most:
            raise DataError(f"{name} gives more than {size(most)}; if that is meant, raise engine.limits")
        if len(rows) * len(row) >= _AT_ONCE or n_characters - n_written >= _CHARACTERS_AT_ONCE:
            yield rows
            rows, n_written = [], n_characters
    if rows:
        yield rows


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _write(columns: Sequence[str], rows: Sequence[Sequence[str | None]], path: Path) -> None:
    """Write rows into a Parquet file, every column text."""
    data = {
        column: np.array(values, dtype=object) for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    chosen = ", ".join(f"cast({quoted_name(c)} as varchar) as {quoted_name(c)}" for c in columns)
    with duckdb.connect(":memory:", config={**LOCKED, "threads": 1, "pandas_analyze_sample": 0}) as connection:
        connection.register("given", data)
        connection.execute(f"copy (select {chosen} from given) to {path_literal(path)} (format parquet)")  # noqa: S608


def _explained(error: Exception, path: Path, limits: Limits, *, is_late: bool) -> str:
    """Return why SQLite stopped, as text that follows the name of the table or query."""
    said, journal = str(error)[:_LONGEST_MESSAGE], path.with_name(f"{path.name}-journal")
    if is_late:
        return f": {query_timeout(limits)}"
    if isinstance(error, MemoryError):
        most = size(limits.memory or _MEMORY)
        return f" needs more memory than {most}; ask for less, or set engine.memory to more and start again"
    if "too big" in said:
        longest = size(min(limits.row, _LONGEST_VALUE))
        return f" has more than {longest} in a row or a value; write a query that leaves out, or cuts, long columns"
    if "one statement at a time" in said:
        return " is more than one statement; write one select"
    if "readonly" in said and journal.is_file():
        return f": {said}; {journal.name} shows that its last writer was interrupted: open it once with sqlite3"
    return f": {said}"


SQLITE = FileFormat("sqlite", _open, tables=tables_of)
