"""Read SQLite databases in a read-only process (`sqlite_child.py`), because a file or query may be hostile."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

import duckdb
import numpy as np

from ...errors import DataError, did_you_mean, listed
from ...sources import Limits, SourceSettings
from ...sources.engine import Engine, Frame
from ...sources.faults import check_names
from ...sources.files import FileFormat, SourceFiles, Table
from ...sources.sql import LOCKED, path_literal
from ...sources.text import quoted_name, size

_CHILD = Path(__file__).with_name("sqlite_child.py")
_AT_ONCE = 2_000_000
"""Maximum number of values in memory. More are written in parts to files in the engine's folder."""

_TIME_IS_UP = (24, 9)
"""The signals that end a process with no processor time left: SIGXCPU, SIGKILL."""

_LEAST_MEMORY = 256 * 2**20
_MEMORY = 2 * 2**30
"""Memory limit of the reading process in bytes, unless the config sets the engine's memory."""


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
    with _answers(path, source.of, source.query, engine.limits) as answers:
        columns: tuple[str, ...] = ()
        tables: list[str] = []
        store = _RowStore(engine, name)
        for answer in answers:
            if "tables" in answer:
                tables = answer["tables"]
            elif "columns" in answer:
                columns = tuple(answer["columns"])
                check_names(name, columns, is_file=False)
                store.start(columns)
            elif "rows" in answer:
                store.add(answer["rows"])
            elif "refused" in answer:
                raise DataError(_refusal(answer, source, tables, engine.limits, path, where))
    frame = store.frame()
    if frame is None:
        raise DataError(f"{name} has no rows")
    return Table(source.declared, columns, frame)


def tables_of(path: Path) -> tuple[str, ...]:
    """Return the tables and views of an SQLite database."""
    try:
        with _answers(path, None, None, Limits()) as answers:
            return tuple(next((answer["tables"] for answer in answers if "tables" in answer), ()))
    except OSError:
        return ()


@contextmanager
def _answers(path: Path, table: str | None, query: str | None, limits: Limits) -> Iterator[Iterator[dict[str, Any]]]:
    """Start the reading process and yield its answers. It ends with the context in all cases."""
    log, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    is_alone = log.is_file() and not index.exists() and sys.platform != "win32"
    address = f"{path.absolute().as_uri()}?mode=ro"
    request = {
        "address": f"{address}&vfs=unix-none" if is_alone else address,
        "is_alone": is_alone,
        "table": table,
        "query": query,
        "row": limits.row,
        "rows": limits.rows,
        "characters": limits.most_unpacked(path.stat().st_size),
        "seconds": limits.seconds,
        "memory": max(_LEAST_MEMORY, _MEMORY if limits.memory is None else limits.memory),
    }
    command = [sys.executable, "-I", "-S", "-B", str(_CHILD)]
    with subprocess.Popen(  # noqa: S603 - this program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            given, said = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            with suppress(BrokenPipeError), given:
                given.write(json.dumps(request).encode())
            yield _lines(process, said)
        finally:
            process.kill()


def _lines(process: subprocess.Popen[bytes], said: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the output of the process. If it was killed early, report that memory or time was insufficient."""
    for line in said:
        answer: dict[str, Any] = json.loads(line)
        yield answer
        if "done" in answer or "refused" in answer:
            return
    yield {"refused": "time" if -process.wait() in _TIME_IS_UP else "died", "detail": ""}


class _RowStore:
    """Store of incoming rows: a table of the engine for few rows, otherwise files in its folder."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name
        self._columns: tuple[str, ...] = ()
        self._kept: list[list[str | None]] = []
        self._files: list[Path] = []

    def start(self, columns: tuple[str, ...]) -> None:
        """Start with the names of the columns."""
        self._columns, self._kept = columns, [[] for _ in columns]

    def add(self, rows: Sequence[Sequence[str | None]]) -> None:
        """Add rows, given as columns."""
        for kept, more in zip(self._kept, rows, strict=True):
            kept.extend(more)
        if len(self._kept) * len(self._kept[0]) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        path = self._engine.folder / f"sqlite_{len(list(self._engine.folder.iterdir()))}.parquet"
        data = {
            column: np.array(values, dtype=object) for column, values in zip(self._columns, self._kept, strict=True)
        }
        chosen = ", ".join(f"cast({quoted_name(c)} as varchar) as {quoted_name(c)}" for c in self._columns)
        with duckdb.connect(":memory:", config={**LOCKED, "threads": 1, "pandas_analyze_sample": 0}) as connection:
            connection.register("given", data)
            connection.execute(f"copy (select {chosen} from given) to {path_literal(path)} (format parquet)")  # noqa: S608
        self._files.append(path)
        self._kept = [[] for _ in self._columns]

    def frame(self) -> Frame | None:
        """Return all rows, or None if there are none."""
        if not self._files:
            rows: Mapping[str, Sequence[object]] = dict(zip(self._columns, self._kept, strict=True))
            return self._engine.load(rows) if self._kept and self._kept[0] else None
        if self._kept[0]:
            self._write()
        return self._engine.read_parquet(dict.fromkeys(self._files, self._name))


def _refusal(
    answer: Mapping[str, Any], source: SourceSettings, tables: Sequence[str], limits: Limits, path: Path, where: str
) -> str:
    """Return the message for a request that the process refused."""
    name, detail = f"{where}: {source.declared}", str(answer["detail"])
    most = size(limits.most_unpacked(path.stat().st_size))
    said = {
        "writing": "does more than read; a query begins with select or with, and is one statement that only reads",
        "statements": "is more than one statement; write one select",
        "function": f"calls {detail}(), which reaches beyond the database; leave it out",
        "virtual": f'reads the virtual table "{detail}", which runs code of an extension; copy it into a plain table',
        "rows": f"has more than {limits.rows:,} rows; if that is meant, raise engine.limits",
        "characters": f"gives more than {most}; if that is meant, raise engine.limits",
        "row": f"has more than {size(limits.row)} in a row or a value; if that is meant, raise engine.limits",
        "time": f"takes more than {limits.seconds:,} s of processor time; if that is meant, raise engine.limits",
        "memory": "needs more memory than a query may take; ask for less, or set engine.memory to more",
        "died": "cannot be read: the process that reads it ended early; the file may be damaged",
    }
    if answer["refused"] == "table":
        wanted = source.of or ""
        return (
            f'{where}: {source.database} has no table "{wanted}"; it has {listed(tables)}{did_you_mean(wanted, tables)}'
        )
    if answer["refused"] == "said":
        return f"{name}: {detail}{_advice(detail, path)}"
    return f"{name} {said[answer['refused']]}"


def _advice(detail: str, path: Path) -> str:
    """Return advice if SQLite reports that a database needs repair by a program with write access."""
    journal = path.with_name(f"{path.name}-journal")
    if "readonly" in detail and journal.is_file():
        return f"; {journal.name} shows that its last writer was interrupted: open it once with sqlite3"
    return ""


SQLITE = FileFormat("sqlite", _open, tables=tables_of)
