"""What of the Hub is on this machine: files and tables by commit, in the library's own cache for such (HF_HOME).

A commit never changes, so what is there for one is never asked for again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from huggingface_hub import cached_assets_path, constants
from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]
from huggingface_hub.utils.sha import git_hash

from ..errors import FetchError
from .addresses import HubAddress, read_address, scheme_of
from .connection import OFFLINE, Connection, RemoteFile
from .listed_tables import TASKS, HubTable
from .listing import fetch_listing
from .snapshot import PartialFile, download, fetch_snapshot, snapshot_files
from .tables import HubFile, Origin, write_origin
from .web import Patience


def _fetch_whole(address: HubAddress, target: Path, connection: Connection) -> None:
    """Fetch a file as of a commit into `target`, or take it from the library's own cache.

    What a stopped fetch had brought is taken up again. Raises FetchError where it cannot be had, or is not what
    the Hub says it is.
    """
    part = target.with_name(f"{target.name}.part")
    found = connection.file(address)
    if isinstance(found, Path):
        shutil.copyfile(found, part)
    else:
        partial = PartialFile(found, part)
        download(connection, partial, [(0, found.size)])
        if not _is_what_it_says(part, found.etag):
            partial.forget()
            raise FetchError(
                f"{connection.said(address)}: what came is not what the Hub says it is (its hash is another); "
                "fetch it again"
            )
    write_origin(target, Origin(address=address.bare, revision=address.revision))
    part.replace(target)  # whole or not at all
    part.with_name(f"{part.name}.journal").unlink(missing_ok=True)


def _is_what_it_says(path: Path, etag: str) -> bool:
    """Compare a file with its ETag, as far as that says what it is: of large files the SHA-256, else the id in git."""
    if len(etag) == 64:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == etag
    return len(etag) != 40 or git_hash(path.read_bytes()) == etag


_VERSION = 1
"""Goes up when a table is made otherwise from the same snapshot."""

_commits: dict[tuple[str, str, str | None], str] = {}


def whole_files(address: HubAddress, where: str, patience: Patience) -> dict[Path, str]:
    """Return the files of an address, fetched where they are not there, each with its address as its name."""
    connection = Connection(where, patience)
    commit = _commit_of(address, connection)
    folder = _folder(address, commit) / "files"
    found = {}
    for path in _paths(address.at(commit), commit, connection):
        target = folder / path
        with _alone(target):
            if not target.is_file():
                _fetch_whole(replace(address, revision=commit, path=path), target, connection)
        found[target] = str(replace(address, path=path))
    return found


def snapshot_table(address: HubAddress, table: HubTable, where: str, patience: Patience) -> Path:
    """Return the table of a snapshot, fetched and made where it is not there.

    It is kept by the ETags of the files that it is made from: a commit that leaves these alone brings no new one.
    """
    connection = Connection(where, patience)
    commit = _commit_of(address, connection)
    how = repr([_VERSION, TASKS, table.kind, address.path, sorted(table.columns.named.items()), table.card])
    target = _folder(address, commit) / f"{table.kind}-{_short(how)}.parquet"
    with _alone(target):
        if not target.is_file():
            files = snapshot_files(address, commit, connection)
            states = [file.etag if isinstance(file, RemoteFile) else f"{commit} {file}" for file in files]
            shared = _folder(address, "tables") / f"{table.kind}-{_short(repr([how, states]))}.parquet"
            with _alone(shared):
                if not shared.is_file():
                    fetch_snapshot(files, table, shared, connection)
            write_origin(target, Origin(address=address.bare, revision=commit, kind=table.kind))
            _link(shared, target)
    return target


def written_table(table: HubTable, target: Path, where: str, patience: Patience) -> HubFile:
    """Fetch a table into a file, whether it is there or not; a snapshot may be a file of this machine."""
    connection = Connection(where, patience)
    with _alone(target):
        if table.snapshot is None:
            return fetch_listing(table, target, connection)
        if scheme_of(table.snapshot) is None:
            path = Path(table.snapshot)
            if not path.is_file():
                raise FetchError(f"{where}: {path} does not exist")
            origin = Origin(address=path.name, kind=table.kind)
            return fetch_snapshot([path], table, target, connection, origin)
        address = read_address(table.snapshot, where, table.revision)
        commit = _commit_of(address, connection)
        origin = Origin(address=address.bare, revision=commit, kind=table.kind)
        return fetch_snapshot(snapshot_files(address, commit, connection), table, target, connection, origin)


def _commit_of(address: HubAddress, connection: Connection) -> str:
    """Return the commit that an address stands for: as the Hub says, once in a process; offline, as it said last."""
    if address.commit is not None:
        return address.commit
    key = (address.kind, address.repository, address.revision)
    note = _folder(address, "refs") / quote(address.revision or constants.DEFAULT_REVISION, safe="")
    if key not in _commits and constants.is_offline_mode():
        if not note.is_file():
            raise FetchError(f"{connection.said(address)}: {OFFLINE}")
        return note.read_text(encoding="ascii")
    if key not in _commits:
        _commits[key] = connection.commit_of(address)
        note.write_text(_commits[key], encoding="ascii")
    return _commits[key]


def _paths(pinned: HubAddress, commit: str, connection: Connection) -> list[str]:
    """Return the paths that an address stands for at a commit; those of a pattern are asked for once."""
    if not pinned.is_pattern:
        return [pinned.path]
    note = _folder(pinned, commit) / f"paths-{_short(pinned.path)}.json"
    if note.is_file():
        return [str(path) for path in json.loads(note.read_bytes())]
    paths = connection.paths(pinned, commit)
    note.write_text(json.dumps(paths), encoding="ascii")
    return paths


def _folder(address: HubAddress, part: str) -> Path:
    return cached_assets_path("diptych", namespace=f"{address.kind}s/{address.repository}", subfolder=part)


def _link(shared: Path, target: Path) -> None:
    """Let a file have a second name, or a copy where the file system knows no such."""
    part = target.with_name(f"{target.name}.new")
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(shared)
    except OSError:
        shutil.copyfile(shared, part)
    part.replace(target)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold others off a file while it is made, in this process and any other; its folder exists then."""
    target.parent.mkdir(parents=True, exist_ok=True)
    locks = cached_assets_path("diptych", namespace="locks")
    with WeakFileLock(locks / _short(str(target.resolve()))):
        yield


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
