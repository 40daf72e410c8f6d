"""The process that reads an SQLite database: a separate script, started by `sqlite.py` and never imported.

A database file and a query may both be untrusted. The process therefore cannot write (the system refuses every byte),
has limits on memory and processor time, and allows SQLite only to read. It takes one JSON request from standard input
and answers with one JSON value per line: the tables, the columns, columns of rows, and finally its success or a
refusal. It imports only the standard library, because it runs without the packages of the program.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_REFUSED_FUNCTIONS = frozenset(
    {"load_extension", "readfile", "writefile", "edit", "fsdir", "lsdir", "lsmode", "fts3_tokenizer", "zipfile"}
    | {"sqlite_dbpage", "shell_add_schema", "eval"}
)
"""Functions that access anything outside the database, in any build of SQLite."""

_LONGEST_PATTERN = 500
"""Maximum length in characters of a LIKE or GLOB pattern, because time grows with pattern times text."""

_STEPS = 20_000
"""Steps of SQLite's virtual machine between two checks of the time."""

_REASONS = {
    "too big": "row",
    "out of memory": "memory",
    "disk is full": "memory",
    "one statement at a time": "statements",
}
"""Phrases in SQLite's messages, each with its reason."""

_AT_ONCE_ROWS, _AT_ONCE_CHARACTERS = 5_000, 2**22
_LONGEST_MESSAGE = 500


class RefusedAccess(Exception):  # noqa: N818 - it becomes an answer, not a message
    """The request is refused: `reason` is a word known to `sqlite.py`, with its `detail`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass
class Guard:
    """Guard that allows a query to read, and records the first refusal and whether time ran out."""

    seconds: float
    virtual: frozenset[str] = frozenset()
    refused: list[tuple[str, str]] = field(default_factory=list)
    is_late: bool = False

    def authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Return to SQLite whether a statement may do something. SQLite calls this while it compiles."""
        if action == sqlite3.SQLITE_FUNCTION:
            if (second or "").lower() not in _REFUSED_FUNCTIONS:
                return sqlite3.SQLITE_OK
            self.refused.append(("function", (second or "").lower()))
        elif action not in _READING:
            self.refused.append(("writing", ""))
        elif action != sqlite3.SQLITE_READ or (first or "").lower() not in self.virtual:
            return sqlite3.SQLITE_OK
        else:
            self.refused.append(("virtual", first or ""))
        return sqlite3.SQLITE_DENY

    def interrupt(self) -> bool:
        """Return to SQLite whether to stop: True once the processor time is used up."""
        self.is_late = self.is_late or time.process_time() > self.seconds
        return self.is_late


def bound_process(memory: int, seconds: int) -> None:
    """Limit written files, memory and processor time through the system. Windows has no such limits."""
    try:
        import resource  # noqa: PLC0415 - is missing on Windows
    except ImportError:
        return
    bounds = {"RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_CPU": seconds + 1, "RLIMIT_AS": memory}
    for name, bound in bounds.items():
        with suppress(ValueError, OSError, AttributeError):  # some systems lack this limit, or already have a lower one
            limit = getattr(resource, name)
            _, hard = resource.getrlimit(limit)
            allowed = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
            resource.setrlimit(limit, (allowed, allowed))


def connect(address: str, longest: int, *, is_alone: bool) -> sqlite3.Connection:
    """Open a database read-only, with all features disabled that a file could exploit.

    `is_alone` is true if no other process has the write-ahead log open, so that its index can be kept in memory.
    """
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    if is_alone:
        connection.execute("pragma locking_mode = exclusive").fetchall()
    for setting in ("trusted_schema = off", "cell_size_check = on", "query_only = on", "temp_store = memory"):
        connection.execute(f"pragma {setting}").fetchall()
    connection.execute("pragma mmap_size = 0").fetchall()
    for limit, most in (
        (sqlite3.SQLITE_LIMIT_LENGTH, longest),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_PATTERN),
        (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
    ):
        connection.setlimit(limit, most)
    return connection


def tables_in(connection: sqlite3.Connection) -> tuple[list[str], frozenset[str]]:
    """Return the sorted names of tables and views, and the names of virtual tables in lower case."""
    query = "select name, type, sql from sqlite_master where type in ('table', 'view') order by name"
    found = [(str(name), str(kind), str(sql)) for name, kind, sql in connection.execute(query)]
    virtual = {
        name.lower()
        for name, kind, sql in found
        if kind == "table" and re.match(r"\s*create\s+virtual", sql, re.IGNORECASE)
    }
    return [name for name, _, _ in found if not name.startswith("sqlite_")], frozenset(virtual)


def as_text(value: object) -> str | None:
    """Return a value of SQLite as text, or None if it is missing, because columns have no fixed type."""
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def answer(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the answers to a request. Raises `RefusedAccess` if it is refused."""
    guard = Guard(request["seconds"])
    address, longest = request["address"], request["row"]
    with closing(connect(address, longest, is_alone=request["is_alone"])) as connection:
        connection.set_progress_handler(guard.interrupt, _STEPS)
        try:
            tables, guard.virtual = tables_in(connection)
            yield {"tables": tables}
            if request["query"] is None:
                if request["table"] is None:
                    return
                if request["table"] not in tables:
                    raise RefusedAccess("table")
            connection.set_authorizer(guard.authorize)
            quoted = '"' + (request["table"] or "").replace('"', '""') + '"'
            cursor = connection.execute(request["query"] or f"select * from {quoted}")  # noqa: S608 - a quoted name
            if cursor.description is None:
                raise RefusedAccess("writing")
            yield {"columns": [str(column[0]) for column in cursor.description]}
            yield from rows_of(cursor, request["rows"], request["characters"])
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise explained(error, guard, request["query"] or request["table"] or "") from None
        except MemoryError:
            raise RefusedAccess("memory") from None


def rows_of(cursor: sqlite3.Cursor, most_rows: int, most_characters: int) -> Iterator[dict[str, Any]]:
    """Yield rows as columns of texts, in batches of some thousand. Raises `RefusedAccess` if there are too many."""
    kept: list[tuple[str | None, ...]] = []
    n_rows = n_characters = n_kept = 0
    for row in cursor:
        texts = tuple(map(as_text, row))
        n_kept += sum(len(text) + 1 if text is not None else 1 for text in texts)
        kept.append(texts)
        if len(kept) >= _AT_ONCE_ROWS or n_kept >= _AT_ONCE_CHARACTERS:
            n_rows, n_characters = n_rows + len(kept), n_characters + n_kept
            if n_rows > most_rows:
                raise RefusedAccess("rows")
            if n_characters > most_characters:
                raise RefusedAccess("characters")
            yield {"rows": list(zip(*kept, strict=True))}
            kept, n_kept = [], 0
    if n_rows + len(kept) > most_rows:
        raise RefusedAccess("rows")
    if n_characters + n_kept > most_characters:
        raise RefusedAccess("characters")
    if kept:
        yield {"rows": list(zip(*kept, strict=True))}


def explained(error: Exception, guard: Guard, asked: str) -> RefusedAccess:
    """Return why SQLite stopped. `asked` is the query, or the name of a table."""
    virtual = next((name for name in sorted(guard.virtual) if name in asked.lower()), None)
    if guard.refused and virtual is not None:  # the initial actions of a virtual table are refused before it is read
        return RefusedAccess("virtual", virtual)
    if guard.refused:
        return RefusedAccess(*guard.refused[0])
    if guard.is_late:
        return RefusedAccess("time")
    said = str(error)
    reason = next((reason for words, reason in _REASONS.items() if words in said), None)
    return RefusedAccess("said", said[:_LONGEST_MESSAGE]) if reason is None else RefusedAccess(reason)


def main() -> None:
    """Answer the request on standard input."""
    request = json.loads(sys.stdin.buffer.read())
    bound_process(request["memory"], request["seconds"])
    try:
        for one in answer(request):
            sys.stdout.write(json.dumps(one) + "\n")
        last: dict[str, object] = {"done": True}
    except RefusedAccess as refused:
        last = {"refused": refused.reason, "detail": refused.detail}
    except MemoryError:
        last = {"refused": "memory", "detail": ""}
    except sqlite3.Error as error:
        last = {"refused": "said", "detail": str(error)[:_LONGEST_MESSAGE]}
    sys.stdout.write(json.dumps(last) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
