"""Rows of the Hub -> one Parquet file, whole or not at all, that says where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from pydantic import ValidationError

from ..errors import FetchError
from ..settings import Settings
from .listed_tables import HubFilter, HubKind

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""How DuckDB is opened: nothing is fetched but what is asked for."""

KEY = "diptych"
"""The key of an origin among those of a Parquet file."""

SUFFIX = ".origin.json"
"""What the name of the file beside one that stands in a cache ends in."""


class Origin(Settings):
    """Where a file came from.

    `revision`: the commit, or of a web address its ETag; None where there is none. `listed`: when the server made
    a listing, as it said; `filter`: what was listed. `kind`: of a table of the Hub.
    """

    address: str
    revision: str | None = None
    kind: HubKind | None = None
    filter: HubFilter | None = None
    listed: str | None = None

    def text(self) -> str:
        """Return it as JSON."""
        return self.model_dump_json(exclude_none=True)


def origin_of(path: Path) -> Origin | None:
    """Return where a file came from; None where it is nobody's but its owner's."""
    return kept_origin(path) or _parsed(_carried(path) if path.suffix == ".parquet" else None)


def _carried(path: Path) -> str | None:
    """Return the origin that a Parquet file carries beside its rows; None where it has none, or is no such file."""
    query = "select decode(value) from parquet_kv_metadata(?) where key = encode(?)"
    with duckdb.connect(":memory:") as database:
        try:
            found = database.execute(query, [str(path), KEY]).fetchall()
        except duckdb.Error:
            return None
    return next((str(value) for (value,) in found), None)


def kept_origin(path: Path) -> Origin | None:
    """Return where a file came from that stands in a cache; None for any other."""
    try:
        return _parsed(path.with_name(path.name + SUFFIX).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def write_origin(path: Path, origin: Origin) -> None:
    """Write where a file came from into a file beside it."""
    path.with_name(path.name + SUFFIX).write_text(f"{origin.text()}\n", encoding="utf-8")


def _parsed(text: str | None) -> Origin | None:
    try:
        return Origin.model_validate_json(text) if text else None
    except ValidationError:
        return None


_UNIQUE = "qualify row_number() over (partition by id order by {columns}) = 1"


@dataclass(frozen=True)
class HubFile:
    """A table that was written.

    `n_repeated` rows were left out, whose id had come before; `absent` are columns that were not there; `n_kept`
    rows of a listing had been brought by a fetch that was stopped.
    """

    path: Path
    origin: Origin | None
    n_rows: int
    n_repeated: int = 0
    absent: tuple[str, ...] = ()
    n_kept: int = 0


def work_folder(target: Path) -> Path:
    """Return the folder in which a table is made, and which a fetch that was stopped leaves; it exists."""
    folder = target.with_name(f"{target.name}.part")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_table(
    database: duckdb.DuckDBPyConnection,
    queries: Sequence[str],
    target: Path,
    origin: Origin | None,
    subject: str,
    absent: tuple[str, ...] = (),
) -> HubFile:
    """Write the rows of queries, one after the other and each id once, into a file, with their origin if given.

    Raises FetchError where there are none, and where the data turn out not to be what their columns promise.
    """
    made = work_folder(target) / "table.parquet"
    query = " union all by name ".join(f"({query})" for query in queries)
    try:
        _copy(database, query, made, origin)
        (n_rows, n_ids), *_ = database.execute(
            "select count(*), count(distinct id) from read_parquet(?)", [str(made)]
        ).fetchall()
        if n_ids < n_rows:
            names = [row[0] for row in database.execute(f"describe {query}").fetchall()]
            _copy(database, f"select * from ({query}) {_UNIQUE.format(columns=', '.join(names))}", made, origin)  # noqa: S608
    except duckdb.OutOfMemoryException:
        raise FetchError(f"{subject}: this machine has too little memory to read it") from None
    except duckdb.Error as error:
        reason = str(error).split("\n")[0].split(" Error: ", 1)[-1]
        raise FetchError(f"{subject}: cannot be read ({reason}); fetch it again, or ask who publishes it") from error
    if not n_rows:
        raise FetchError(f"{subject}: has no rows")
    made.replace(target)  # whole or not at all
    return HubFile(target, origin, n_ids, n_rows - n_ids, absent)


def _copy(database: duckdb.DuckDBPyConnection, query: str, path: Path, origin: Origin | None) -> None:
    said = "" if origin is None else f", kv_metadata {{{KEY}: {literal(origin.text())}}}"
    database.execute(f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd{said})")


def literal(text: str) -> str:
    """Return a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
