"""Addresses of files on the Hub and the web, as written in configs and commands; Hub tables as files.

Rows of the Hub are written atomically to one Parquet file, which contains a record of its origin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import duckdb

from ...errors import FetchError
from ...sources.addresses import scheme_of
from ...sources.origins import ORIGIN_KEY, Origin
from ...sources.sql import literal
from .listed_tables import HubFilter, HubKind

RepositoryKind = Literal["model", "dataset", "space"]

_PREFIXES: dict[str, RepositoryKind] = {"models": "model", "datasets": "dataset", "spaces": "space"}
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_SPECIAL = re.compile(r"(refs/convert/[\w.-]+|refs/pr/\d+)(?=/)", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORM = "hf://datasets/OWNER/NAME/FILE, with @REVISION after NAME where it is not the main branch"


@dataclass(frozen=True)
class HubAddress:
    """A file in a repository of the Hub, or a pattern for such files.

    `revision` is a branch, tag or commit; None is the main branch. `path` is relative to the repository.
    """

    kind: RepositoryKind
    repository: str
    revision: str | None
    path: str

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        return f"{self.base}{revision}/{self.path}"

    @property
    def base(self) -> str:
        """Return the address of the repository."""
        prefix = "" if self.kind == "model" else f"{self.kind}s/"
        return f"hf://{prefix}{self.repository}"

    @property
    def bare(self) -> str:
        """Return the address without its revision."""
        return f"{self.base}/{self.path}"

    @property
    def is_pattern(self) -> bool:
        """Return whether the path may match several files."""
        return any(character in self.path for character in "*?[")

    @property
    def commit(self) -> str | None:
        """Return the revision if it is a full commit id, whose content never changes; otherwise None."""
        return self.revision if self.revision is not None and _COMMIT.fullmatch(self.revision) else None

    def at(self, revision: str) -> HubAddress:
        """Return the same file at another revision."""
        return replace(self, revision=revision)


def hub_address(text: str) -> HubAddress:
    """Return the parts of an `hf://` address. Raises ValueError with the reason if it is invalid.

    >>> hub_address("hf://datasets/a/b@refs/convert/parquet/x/0.parquet")
    HubAddress(kind='dataset', repository='a/b', revision='refs/convert/parquet', path='x/0.parquet')
    """
    if scheme_of(text) != "hf":
        raise ValueError(f"is no address on the Hub; write {_FORM}")
    rest = text.split("://", 1)[1]
    first, _, below = rest.partition("/")
    kind = _PREFIXES.get(first)
    owner, _, named = (below if kind else rest).partition("/")
    name, revision, path = _cut(named)
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(name)):
        raise ValueError(f"does not name a repository; write {_FORM}")
    if not stays_within(path):
        raise ValueError(f"does not name a file; write {_FORM}")
    if revision == "":
        raise ValueError(f"has no revision after @; write {_FORM}")
    return HubAddress(kind or "model", f"{owner}/{name}", revision, path)


def stays_within(path: str) -> bool:
    """Return whether a path names a file below its start.

    >>> stays_within("a/b.csv"), stays_within("a/../../b.csv"), stays_within("/b.csv")
    (True, False, False)
    """
    return "\\" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def read_address(text: str, where: str, revision: str | None = None) -> HubAddress:
    """Return the parts of an `hf://` address, optionally at another revision. Raises FetchError if it is invalid."""
    try:
        address = hub_address(text)
    except ValueError as error:
        raise FetchError(f'{where}: "{text}" {error}') from None
    return address if revision is None else address.at(revision)


def _cut(named: str) -> tuple[str, str | None, str]:
    """Split NAME[@REVISION]/PATH: a revision contains a / only if it is special, or as %2F."""
    name, at, rest = named.partition("@")
    if not at or "/" in name:
        name, _, path = named.partition("/")
        return name, None, path
    special = _SPECIAL.match(rest)
    if special:
        return name, special.group(), rest[special.end() + 1 :]
    revision, _, path = rest.partition("/")
    return name, "refs/convert/parquet" if revision == "~parquet" else unquote(revision), path


def web_fault(address: str) -> str | None:
    """Return the problem of a web address, or None.

    >>> web_fault("https://example.org/ä.csv"), web_fault("https://example.org/a b.csv")
    (None, 'contains a space or an unprintable character; write it as %20, or remove it')
    """
    if not all(character.isprintable() and character != " " for character in address):
        return "contains a space or an unprintable character; write it as %20, or remove it"
    try:
        parts = urlsplit(address)
        encoded(address)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    return None if has_host else "is no web address; write https://HOST/FILE"


def encoded(address: str) -> str:
    """Return a web address in ASCII for requests: other letters are percent-encoded, in the host by IDNA.

    >>> encoded("https://exämple.org/ä%20b.csv?k=é")
    'https://xn--exmple-cua.org/%C3%A4%20b.csv?k=%C3%A9'
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    ascii_host = host if host.isascii() else host.encode("idna").decode()
    below = (quote(part, safe="%/:=&?~#+!$,;'@()*[]") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, parts.netloc.lower().replace(host, ascii_host), *below, ""))


class HubOrigin(Origin):
    """The origin of a table of the Hub: the table, the filter of the listing, and the server's time."""

    kind: HubKind | None = None
    filter: HubFilter | None = None
    listed: str | None = None


_UNIQUE = "qualify row_number() over (partition by id order by {columns}) = 1"


@dataclass(frozen=True)
class HubFile:
    """A table that was written.

    `n_repeated` rows were left out because their id had occurred before. `absent` lists missing columns. `n_kept` rows
    of a listing came from an interrupted fetch.
    """

    path: Path
    origin: Origin | None
    n_rows: int
    n_repeated: int = 0
    absent: tuple[str, ...] = ()
    n_kept: int = 0


def work_folder(target: Path) -> Path:
    """Return the existing folder in which a table is made. An interrupted fetch leaves it behind."""
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
    """Write the rows of successive queries into a file, each id once, with their origin if given.

    Raises FetchError if there are no rows, or if the data do not match their column types.
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
    made.replace(target)  # atomic
    return HubFile(target, origin, n_ids, n_rows - n_ids, absent)


def _copy(database: duckdb.DuckDBPyConnection, query: str, path: Path, origin: Origin | None) -> None:
    said = "" if origin is None else f", kv_metadata {{{ORIGIN_KEY}: {literal(origin.text())}}}"
    database.execute(f"copy ({query}) to {literal(str(path))} (format parquet, compression zstd{said})")
