"""Local copies of Hub data: files and tables by commit, in the library's own assets cache (HF_HOME).

A commit never changes, so data of a commit are fetched only once. The Hub's own listing comes page by page. Each page
is saved on arrival, so that an interrupted fetch can be resumed. Pages are requested as in
`huggingface_hub.list_models` and `list_datasets`. These functions do not reveal the address of the next page, which is
needed to resume.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from huggingface_hub import cached_assets_path, constants
from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]
from huggingface_hub.utils.sha import git_hash

from ...errors import FetchError
from ...settings import Settings
from ...sources.addresses import TooMuchError, scheme_of
from ...sources.origins import Origin, write_origin
from ...sources.sql import literal
from .addresses import HubAddress, HubFile, HubOrigin, read_address, work_folder, write_table
from .connection import OFFLINE, Connection, Query, RefusedError, RemoteFile
from .listed_tables import TASKS, HubFilter, HubKind, HubTable, choose, mapped
from .snapshot import PartialFile, download, fetch_snapshot, open_database
from .web import Patience


def _fetch_whole(address: HubAddress, target: Path, connection: Connection) -> None:
    """Fetch a file at a commit into `target`, or take it from the library's own cache.

    An interrupted fetch is resumed. Raises FetchError if the file is not available, or does not match the Hub's data.
    """
    part = target.with_name(f"{target.name}.part")
    found = connection.file(address)
    if isinstance(found, Path):
        shutil.copyfile(found, part)
    else:
        connection.expect(found.size, found)
        try:
            download(connection, PartialFile(found, part), [(0, found.size)])
        except TooMuchError:
            _remove_part(part)
            raise
        if not _is_what_it_says(part, found.etag):
            _remove_part(part)
            raise FetchError(
                f"{connection.said(address)}: the file is another than the Hub names (its hash differs); fetch it again"
            )
    write_origin(target, Origin(address=address.bare, revision=address.revision))
    part.replace(target)  # atomic
    _remove_part(part)


def _remove_part(part: Path) -> None:
    """Remove the partial download of a file."""
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}.journal").unlink(missing_ok=True)


def _is_what_it_says(path: Path, etag: str) -> bool:
    """Compare a file with its ETag if that identifies it: the SHA-256 for large files, otherwise the id in git."""
    if len(etag) == 64:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == etag
    return len(etag) != 40 or git_hash(path.read_bytes()) == etag


_ABANDONED = 30 * 24 * 3600
"""Age in seconds after which an interrupted fetch is abandoned."""


def _sweep() -> None:
    """Remove the remains of fetches that were interrupted long ago, for all files."""
    top = cached_assets_path("diptych", namespace="locks").parent
    for part in (*top.rglob("*.part"), *top.rglob("*.part.journal")):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


_VERSION = 1
"""Increases when the table made from the same snapshot changes."""

_commits: dict[tuple[str, str, str | None], str] = {}


def whole_files(address: HubAddress, where: str, patience: Patience) -> dict[Path, str]:
    """Return the files of an address, fetched if necessary, each with its address as its name."""
    connection = Connection(where, patience)
    commit = _commit_of(address, connection)
    _sweep()
    found = {}
    for one in _pinned(address, commit, connection):
        target = _folder(address, commit) / "files" / one.path
        with _alone(target):
            if not target.is_file():
                _fetch_whole(one, target, connection)
        found[target] = str(replace(address, path=one.path))
    return found


def snapshot_table(address: HubAddress, table: HubTable, where: str, patience: Patience) -> Path:
    """Return the table of a snapshot, fetched and made if necessary.

    It is stored by the ETags of its source files: a commit that leaves these unchanged does not need a new table.
    """
    connection = Connection(where, patience)
    commit = _commit_of(address, connection)
    how = repr([_VERSION, TASKS, table.kind, address.path, sorted(table.columns.named.items()), table.card])
    target = _folder(address, commit) / f"{table.kind}-{_short(how)}.parquet"
    with _alone(target):
        if not target.is_file():
            files = [connection.file(one) for one in _pinned(address, commit, connection)]
            states = [file.etag if isinstance(file, RemoteFile) else f"{commit} {file}" for file in files]
            shared = _folder(address, "tables") / f"{table.kind}-{_short(repr([how, states]))}.parquet"
            with _alone(shared):
                if not shared.is_file():
                    fetch_snapshot(files, table, shared, connection)
            write_origin(target, HubOrigin(address=address.bare, revision=commit, kind=table.kind))
            _link(shared, target)
    return target


def written_table(table: HubTable, target: Path, where: str, patience: Patience) -> HubFile:
    """Fetch a table into a file, even if it exists. A snapshot may be a local file."""
    connection = Connection(where, patience)
    with _alone(target):
        if table.snapshot is None:
            return _fetch_listing(table, target, connection)
        if scheme_of(table.snapshot) is None:
            path = Path(table.snapshot)
            if not path.is_file():
                raise FetchError(f"{where}: {path} does not exist")
            origin = HubOrigin(address=path.name, kind=table.kind)
            return fetch_snapshot([path], table, target, connection, origin)
        address = read_address(table.snapshot, where, table.revision)
        commit = _commit_of(address, connection)
        origin = HubOrigin(address=address.bare, revision=commit, kind=table.kind)
        files = [connection.file(one) for one in _pinned(address, commit, connection)]
        return fetch_snapshot(files, table, target, connection, origin)


def _commit_of(address: HubAddress, connection: Connection) -> str:
    """Return the commit of an address: from the Hub, once in a process; offline, from the last answer."""
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


def _pinned(address: HubAddress, commit: str, connection: Connection) -> list[HubAddress]:
    """Return the files of an address at a commit. For a pattern, the Hub is queried only once."""
    pinned = address.at(commit)
    if not pinned.is_pattern:
        return [pinned]
    note = _folder(pinned, commit) / f"paths-{_short(pinned.path)}.json"
    if not note.is_file():
        note.write_text(json.dumps(connection.paths(pinned, commit)), encoding="ascii")
    return [replace(pinned, path=path) for path in json.loads(note.read_bytes())]


def _folder(address: HubAddress, part: str) -> Path:
    return cached_assets_path("diptych", namespace=f"{address.kind}s/{address.repository}", subfolder=part)


def _link(shared: Path, target: Path) -> None:
    """Give a file a second name, or copy it if the file system does not support links."""
    part = target.with_name(f"{target.name}.new")
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(shared)
    except OSError:
        shutil.copyfile(shared, part)
    part.replace(target)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Lock a file while it is made, in this process and others, and create its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    locks = cached_assets_path("diptych", namespace="locks")
    with WeakFileLock(locks / _short(str(target.resolve()))):
        yield


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_MOST_PAGES = 50_000
"""Maximum number of pages in a listing. The whole Hub has some 3,000."""

_PAGE = 1000
"""Number of items per request: the Hub's maximum."""

_FIELDS: Mapping[str, str] = {
    "id": "varchar",
    "author": "varchar",
    "pipeline_tag": "varchar",
    "tags": "varchar[]",
    "cardData": "json",
    "likes": "bigint",
    "downloads": "bigint",
    "createdAt": "varchar",
    "private": "boolean",
}
"""The fields of an item that are stored, with their SQL types."""

_CARD = ("datasets", "base_model", "base_model_relation", "task_categories")
_STATE = "listing.json"


class _State(Settings):
    """Progress of a listing. `next` is the address of the next page; None before the first page and at the end."""

    request: str
    next: str | None = None
    n_pages: int = 0
    n_rows: int = 0
    listed: str | None = None


def _fetch_listing(table: HubTable, target: Path, connection: Connection) -> HubFile:
    """List the items that match `table.filter`, newest first, and write the table into a file.

    Raises FetchError if the Hub does not answer, or if nothing is listed. Items received until then are kept next to
    the file, in a folder whose name ends in .part.
    """
    chosen = table.filter or HubFilter()
    query = _query(table, chosen)
    origin = HubOrigin(address=_address(connection.endpoint, table.kind, chosen), kind=table.kind, filter=table.filter)
    folder = work_folder(target)
    state = _resumed(folder, json.dumps([origin.address, query, origin.text()]))
    n_kept = state.n_rows
    while state.next is not None or not state.n_pages:
        before = state.next
        state = _next_page(connection, table.kind, query, chosen, folder, state)
        if state.n_pages > _MOST_PAGES or (before is not None and state.next == before):
            shutil.rmtree(folder, ignore_errors=True)
            raise FetchError(f"{connection.said(table.kind)}: the Hub's listing leads to ever more pages, without end")
        connection.patience.watch.moved(table.kind, state.n_rows, chosen.limit, "rows")
    if not state.n_rows:
        shutil.rmtree(folder, ignore_errors=True)
        raise FetchError(f"{connection.said(table.kind)}: the Hub lists none that are so")
    made = _listed(
        table, target, origin.model_copy(update={"listed": state.listed}), folder, state, connection.said(table.kind)
    )
    shutil.rmtree(folder, ignore_errors=True)
    return replace(made, n_kept=n_kept)


def _query(table: HubTable, chosen: HubFilter) -> Query:
    fields = [name for name in _FIELDS if name != "id" and (table.card or name != "cardData")]
    query: dict[str, str | int | list[str]] = {
        "limit": min(chosen.limit or _PAGE, _PAGE),
        "sort": "createdAt",
        "expand": [name for name in fields if table.kind == "models" or name != "pipeline_tag"],
    }
    if chosen.author:
        query["author"] = chosen.author
    if chosen.tags:
        query["filter"] = list(chosen.tags)
    return query


def _address(endpoint: str, kind: HubKind, chosen: HubFilter) -> str:
    asked = [("author", chosen.author)] if chosen.author else []
    asked += [("filter", tag) for tag in chosen.tags]
    return f"{endpoint}/api/{kind}" + (f"?{urlencode(asked)}" if asked else "")


def _resumed(folder: Path, request: str) -> _State:
    """Return the progress of an earlier fetch of the same listing, or start again."""
    try:
        state = _State.model_validate_json((folder / _STATE).read_bytes())
        if state.request == request and all(_page(folder, n).is_file() for n in range(state.n_pages)):
            return state
    except (OSError, ValueError):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return _State(request=request)


def _next_page(
    connection: Connection, kind: HubKind, query: Query, chosen: HubFilter, folder: Path, state: _State
) -> _State:
    """Fetch and store one more page; return the new progress of the listing."""
    try:
        page = connection.page(*((f"/api/{kind}", query) if state.next is None else (state.next, {})))
    except RefusedError as error:
        if state.n_pages:
            raise FetchError(f"{error}; to list from the beginning, remove {folder}") from error
        raise
    rows = list(_rows(page.items, chosen))
    if chosen.limit is not None:
        rows = rows[: chosen.limit - state.n_rows]
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    _write(_page(folder, state.n_pages), gzip.compress(lines.encode(), compresslevel=5, mtime=0))
    n_rows = state.n_rows + len(rows)
    is_full = chosen.limit is not None and n_rows >= chosen.limit
    state = _State(
        request=state.request,
        next=None if is_full or _is_past(page.items, chosen.since) else page.next,
        n_pages=state.n_pages + 1,
        n_rows=n_rows,
        listed=state.listed or page.date,
    )
    _write(folder / _STATE, state.model_dump_json().encode())
    return state


def _rows(items: Iterable[Mapping[str, Any]], chosen: HubFilter) -> Iterator[dict[str, object]]:
    """Yield the stored fields of each selected item. Values of an unexpected type count as absent."""
    for item in items:
        name = item.get("id") or item.get("modelId")
        if not isinstance(name, str) or item.get("private") is True:
            continue
        if chosen.since is not None and not _is_since(item, chosen.since):
            continue
        yield {"id": name, **{field: _value(field, item.get(field)) for field in _FIELDS if field != "id"}}


def _value(field: str, value: object) -> object:
    type_ = _FIELDS[field]
    if type_ == "varchar[]":
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else None
    if type_ == "json":
        return {key: value[key] for key in _CARD if key in value} if isinstance(value, dict) else None
    if type_ == "bigint":
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None
    return value if isinstance(value, {"varchar": str, "boolean": bool}[type_]) else None


def _is_since(item: Mapping[str, Any], since: dt.date) -> bool:
    created = item.get("createdAt")
    return isinstance(created, str) and created[:10] >= since.isoformat()


def _is_past(items: Iterable[Mapping[str, Any]], since: dt.date | None) -> bool:
    """Return whether a page, sorted newest first, has reached items that are too old."""
    *_, last = (None, *items)
    return since is not None and last is not None and not _is_since(last, since)


def _listed(table: HubTable, target: Path, origin: Origin, folder: Path, state: _State, subject: str) -> HubFile:
    paths = ", ".join(literal(str(_page(folder, n))) for n in range(state.n_pages))
    columns = ", ".join(f"{name}: {literal(type_)}" for name, type_ in _FIELDS.items())
    relation = f"read_json([{paths}], format = 'newline_delimited', columns = {{{columns}}})"
    types = {name: type_.upper() for name, type_ in _FIELDS.items()}
    query = mapped(table.kind, relation, choose(table.kind, types, {}, card=table.card, subject=subject))
    with closing(open_database(folder)) as database:
        return write_table(database, [query], target, origin, subject)


def _page(folder: Path, number: int) -> Path:
    return folder / f"page-{number:06}.jsonl.gz"


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.new")
    part.write_bytes(content)
    part.replace(path)  # atomic
