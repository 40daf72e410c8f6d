"""Files and listings of the Hub, by huggingface_hub and its own cache (HF_HOME), through the checked transport.

The library finds the token (HF_TOKEN, or as stored by `hf auth login`). It is only sent in the headers
of requests to the endpoint.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import duckdb
from huggingface_hub import (
    HfApi,
    HfFileSystem,
    cached_assets_path,
    constants,
    errors,
    hf_hub_download,
    set_client_factory,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.file_download import repo_folder_name
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    _http,
    build_hf_headers,
    disable_progress_bars,
    get_session,
    hf_raise_for_status,
)
from huggingface_hub.utils.sha import git_hash

from ...confine import ConfineError
from ...disk import TemporaryFolder
from ...errors import FetchError
from ...sources.addresses import Origin, scheme_of, write_origin
from ...sources.engine import path_literal
from .addresses import HubAddress, read_address, stays_within
from .listed_tables import TASKS, HubFile, HubFilter, HubOrigin, HubTable, choose, mapped, open_database, write_rows
from .network import Budget, Patience, TransientError, check_asked, client_of, transient

OFFLINE = "is not kept on this machine, and HF_HUB_OFFLINE forbids asking the Hub"
_LOGIN = "give a token that may read it (HF_TOKEN, or hf auth login)"
_VERSION = 2
"""Increases when the table made from the same snapshot changes."""

T = TypeVar("T")

_commits: dict[tuple[str, str, str | None], str] = {}


def whole_files(address: HubAddress, where: str, patience: Patience) -> dict[Path, str]:
    """Return the files of an address, fetched if necessary, each with its address as its name."""
    commit, files = _files(address, where, patience)
    found = {}
    for path, file in files.items():
        target = _folder(address, commit) / "files" / path
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_origin(target, Origin(address=replace(address, path=path).bare, revision=commit))
            _link(file, target)
        found[target] = str(replace(address, path=path))
    return found


def snapshot_table(address: HubAddress, table: HubTable, where: str, patience: Patience) -> Path:
    """Return the table of a snapshot, fetched and made if necessary. A commit never changes, so it is made once."""
    commit, files = _files(address, where, patience)
    how = repr([_VERSION, TASKS, table.kind, address.path, sorted(table.columns.items()), table.card])
    target = _folder(address, commit) / f"{table.kind}-{hashlib.sha256(how.encode()).hexdigest()[:16]}.parquet"
    if not target.is_file():
        write_origin(target, HubOrigin(address=address.bare, revision=commit, kind=table.kind))
        _of_snapshot(list(files.values()), table, target, None, f"{where}: {address.at(commit)}")
    return target


def written_table(table: HubTable, target: Path, where: str, patience: Patience) -> HubFile:
    """Fetch a table into a file, even if it exists. A snapshot may be a local file."""
    if table.snapshot is None:
        return _listing(table, target, where, patience)
    if scheme_of(table.snapshot) is None:
        path = Path(table.snapshot)
        if not path.is_file():
            raise FetchError(f"{where}: {path} does not exist")
        origin = HubOrigin(address=path.name, kind=table.kind)
        return _of_snapshot([path], table, target, origin, f"{where}: {path}")
    address = read_address(table.snapshot, where)
    commit, files = _files(address, where, patience)
    origin = HubOrigin(address=address.bare, revision=commit, kind=table.kind)
    return _of_snapshot(list(files.values()), table, target, origin, f"{where}: {address.at(commit)}")


def _of_snapshot(files: Sequence[Path], table: HubTable, target: Path, origin: Origin | None, subject: str) -> HubFile:
    """Make a table from the Parquet files of a snapshot."""
    with TemporaryFolder(target.parent) as folder, closing(open_database(folder)) as database:
        chosen = {}
        for file in files:
            try:
                found = database.execute("describe select * from read_parquet(?)", [str(file)]).fetchall()
            except duckdb.Error as error:
                raise FetchError(f"{subject}: is no whole Parquet file: it may have been cut off") from error
            types = {str(row[0]): str(row[1]) for row in found}
            chosen[file] = choose(table.kind, types, table.columns, card=table.card, subject=subject)
        queries = [mapped(table.kind, f"read_parquet({path_literal(path)})", here) for path, here in chosen.items()]
        absent = tuple(dict.fromkeys(column for here in chosen.values() for column in here.absent))
        return replace(write_rows(database, queries, folder, target, origin, subject), absent=absent)


def _files(address: HubAddress, where: str, patience: Patience) -> tuple[str, dict[str, Path]]:
    """Return the commit of an address, and its files in the library's cache by their paths in the repository."""
    with _Hub(where, address, patience).open() as hub:
        commit = hub.commit()
        pinned = replace(address, revision=commit)
        hub.budget.subject = f"{where}: {pinned}"
        return commit, {path: hub.file(path, commit) for path in hub.paths(pinned)}


class _Hub:
    """Requests to the Hub about one address, or a listing, with the library's own client replaced meanwhile."""

    def __init__(self, where: str, address: HubAddress | None, patience: Patience, subject: str = "") -> None:
        self.endpoint = os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")
        if urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise FetchError(f'{where}: HF_ENDPOINT is "{self.endpoint}"; it needs an address such as https://…')
        self.budget = Budget(f"{where}: {address or subject}", patience)
        try:
            check_asked(self.endpoint)
        except ConfineError as error:
            raise ConfineError(*(f"{where}: {message}" for message in error.messages)) from None
        self._address = address

    @contextmanager
    def open(self) -> Iterator[_Hub]:
        """Let the library use the checked transport alone, which Xet would go round."""
        disable_progress_bars()
        before, xet = _http._GLOBAL_CLIENT_FACTORY, constants.HF_HUB_DISABLE_XET  # noqa: SLF001 - nothing else tells it
        constants.HF_HUB_DISABLE_XET = True
        set_client_factory(lambda: client_of(self.budget))
        try:
            with self.budget.ending():
                yield self
        finally:
            set_client_factory(before)
            constants.HF_HUB_DISABLE_XET = xet

    @property
    def _place(self) -> tuple[HubAddress, str]:
        assert self._address is not None  # noqa: S101 - of a listing nobody asks
        return self._address, self._address.repository

    def commit(self) -> str:
        """Return the commit of the address: from the Hub, once in a process; offline, from the library's cache."""
        address, name = self._place
        if address.commit is not None:
            return address.commit
        key = (self.endpoint, f"{address.kind} {name}", address.revision)
        if key in _commits:
            return _commits[key]
        if constants.is_offline_mode():
            return self._local(address.revision).name
        api = HfApi(endpoint=self.endpoint, library_name="diptych")
        info = self._asked(lambda: api.repo_info(name, repo_type=address.kind, revision=address.revision))
        if info.sha is None or replace(address, revision=info.sha).commit is None:
            raise FetchError(f"{self.budget.subject}: the Hub names no commit of it; write @COMMIT after its name")
        _commits[key] = info.sha
        revision = address.revision or constants.DEFAULT_REVISION
        if stays_within(revision):  # it becomes a local path, where the library looks for it offline
            folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=name, repo_type=address.kind)
            note = folder / "refs" / revision
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(info.sha, encoding="ascii")
        return info.sha

    def _local(self, revision: str | None) -> Path:
        """Return the folder of a revision in the library's cache."""
        address, name = self._place
        with self._faults():
            return Path(snapshot_download(name, repo_type=address.kind, revision=revision, local_files_only=True))

    def paths(self, pinned: HubAddress) -> list[str]:
        """Return the sorted paths that match an address. Raises FetchError if there are none."""
        if not pinned.is_pattern:
            return [pinned.path]
        if constants.is_offline_mode():
            folder = self._local(pinned.revision)
            paths = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pinned.path) if path.is_file())
        else:
            root = f"{pinned.base.removeprefix('hf://')}@{pinned.revision}/"
            system = HfFileSystem(endpoint=self.endpoint, skip_instance_cache=True)
            found = self._asked(lambda: system.glob(root + pinned.path))
            paths = sorted(path.removeprefix(root) for path in found)
        if not paths:
            raise FetchError(f"{self.budget.subject}: no file of the repository matches")
        odd = next((path for path in paths if not stays_within(path)), None)
        if odd is not None:  # it becomes a local path
            raise FetchError(
                f'{self.budget.subject}: the Hub names a file "{odd}", which is no path within a repository'
            )
        return paths

    def file(self, path: str, commit: str) -> Path:
        """Return a file of the repository in the library's cache, fetched if it is missing."""
        address, name = self._place
        kept = try_to_load_from_cache(name, path, revision=commit, repo_type=address.kind)
        if isinstance(kept, str):
            return Path(kept)
        self.budget.shown = path
        fetch = partial(hf_hub_download, name, path, repo_type=address.kind, revision=commit, endpoint=self.endpoint)
        file = Path(self._asked(lambda: fetch(local_files_only=constants.is_offline_mode())))
        blob = file.resolve()
        if not _is_named(blob, blob.name):
            for one in (file, blob):
                one.unlink(missing_ok=True)
            raise FetchError(
                f"{self.budget.subject}: the file is another than the Hub names (its hash differs); fetch it again"
            )
        return file

    def page(self, kind: str, query: Mapping[str, Any] | str) -> tuple[list[dict[str, Any]], str | None, str | None]:
        """Return the items of a page of a listing, the query of the next page, and the server's time.

        The next page is asked at the endpoint, so that a token never follows a link elsewhere.
        """
        if constants.is_offline_mode():
            raise FetchError(f"{self.budget.subject}: HF_HUB_OFFLINE forbids asking the Hub; unset it")

        def ask() -> tuple[list[dict[str, Any]], str | None, str | None]:
            params = query if isinstance(query, str) else urlencode(query, doseq=True)
            answer = get_session().get(f"{self.endpoint}/api/{kind}?{params}", headers=build_hf_headers())
            hf_raise_for_status(answer)
            try:
                items = answer.json()
            except ValueError:
                raise TransientError("does not answer with JSON") from None
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise FetchError(f"{self.budget.subject}: the Hub's listing is no list of objects")
            link = answer.links.get("next", {}).get("url")
            return items, urlsplit(link).query if link else None, answer.headers.get("date")

        return self._asked(ask)

    def _asked(self, call: Callable[[], T]) -> T:
        def once() -> T:
            with self._faults(), transient(self.budget, "the Hub"):
                return call()

        return self.budget.attempted(once, "the Hub")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Convert the library's errors in this context to TransientError or FetchError."""
        subject = self.budget.subject
        try:
            yield
        except (errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError) as error:
            if isinstance(error.__cause__, errors.HfHubHTTPError):
                raise self._refused(error.__cause__) from error
            if not constants.is_offline_mode():
                raise TransientError("cannot be reached") from error
            raise FetchError(f"{subject}: {OFFLINE}") from error
        except (errors.HfHubHTTPError, FileNotFoundError) as error:
            answer = error.__cause__ if isinstance(error, FileNotFoundError) else error
            if not isinstance(answer, errors.HfHubHTTPError):
                raise
            raise self._refused(answer) from error
        except OSError as error:
            if "Consistency check failed" not in str(error):
                raise
            raise TransientError("sends another file than it names") from error

    def _refused(self, error: errors.HfHubHTTPError) -> FetchError:
        status = error.response.status_code
        known = next((words for kind, words in _REFUSALS.items() if isinstance(error, kind)), None)
        said = known or _REFUSED.get(status, f"the Hub refuses this (status {status})")
        revision = (self._address.revision if self._address else None) or constants.DEFAULT_REVISION
        return FetchError(f"{self.budget.subject}: {said.format(revision=revision)}")


_REFUSALS: Mapping[type[errors.HfHubHTTPError], str] = {
    errors.GatedRepoError: f"who reads this repository must first agree on its page on the Hub; then {_LOGIN}",
    errors.RepositoryNotFoundError: f"there is no such repository, or it is private; correct the name, or {_LOGIN}",
    errors.RevisionNotFoundError: 'the repository has no revision "{revision}"',
    errors.RemoteEntryNotFoundError: "the repository has no such file at this revision",
}
"""Meaning of each error of the library. A subclass comes before its base class."""

_REFUSED: Mapping[int, str] = {
    401: "the Hub does not take the token; renew it (hf auth login), or take HF_TOKEN out of the environment",
    403: f"the Hub does not let this be read; {_LOGIN}",
    404: "the Hub has no such thing",
}


def _is_named(path: Path, etag: str) -> bool:
    """Compare a file with its ETag if that identifies it: the SHA-256 for large files, otherwise the id in git."""
    if re.fullmatch(r"[0-9a-f]{64}", etag):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == etag
    return not re.fullmatch(r"[0-9a-f]{40}", etag) or git_hash(path.read_bytes()) == etag


def _folder(address: HubAddress, part: str) -> Path:
    return cached_assets_path("diptych", namespace=f"{address.kind}s/{address.repository}", subfolder=part)


def _link(file: Path, target: Path) -> None:
    """Give a file of the library's cache its own name and place, or copy it if the file system has no links."""
    with TemporaryFolder(target.parent) as folder:
        part = folder / "part"
        try:
            part.hardlink_to(file.resolve())
        except OSError:
            shutil.copyfile(file, part)
        part.replace(target)


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
"""The fields of an item that are used, with their SQL types."""

_CARD = ("datasets", "base_model", "base_model_relation", "task_categories")


def _listing(table: HubTable, target: Path, where: str, patience: Patience) -> HubFile:
    """List the items that match `table.filter`, newest first, and write the table into a file.

    Raises FetchError if the Hub does not answer, or if nothing is listed.
    """
    chosen = table.filter or HubFilter()
    with (
        _Hub(where, None, patience, table.kind).open() as hub,
        TemporaryFolder(target.parent) as folder,
        closing(open_database(folder)) as database,
    ):
        rows = folder / "rows.jsonl"
        listed, n_rows = _collect(hub, table, chosen, rows)
        if not n_rows:
            raise FetchError(f"{hub.budget.subject}: the Hub lists none that are so")
        columns = ", ".join(f"{name}: '{type_}'" for name, type_ in _FIELDS.items())
        relation = f"read_json({path_literal(rows)}, format = 'newline_delimited', columns = {{{columns}}})"
        types = {name: type_.upper() for name, type_ in _FIELDS.items()}
        query = mapped(table.kind, relation, choose(table.kind, types, {}, card=table.card, subject=hub.budget.subject))
        asked = [("author", chosen.author)] if chosen.author else []
        asked += [("filter", tag) for tag in chosen.tags]
        address = f"{hub.endpoint}/api/{table.kind}" + (f"?{urlencode(asked)}" if asked else "")
        origin = HubOrigin(address=address, kind=table.kind, filter=table.filter, listed=listed)
        return write_rows(database, [query], folder, target, origin, hub.budget.subject)


def _collect(hub: _Hub, table: HubTable, chosen: HubFilter, path: Path) -> tuple[str | None, int]:
    """Write the items of a listing, one JSON object a line. Return the server's time, and the number of items."""
    fields = [name for name in _FIELDS if name != "id" and (table.card or name != "cardData")]
    query: Mapping[str, Any] | str | None = {
        "limit": min(chosen.limit or _PAGE, _PAGE),
        "sort": "createdAt",
        "expand": [name for name in fields if table.kind == "models" or name != "pipeline_tag"],
        **({"author": chosen.author} if chosen.author else {}),
        **({"filter": list(chosen.tags)} if chosen.tags else {}),
    }
    listed, n_rows, n_pages = None, 0, 0
    with path.open("w", encoding="utf-8") as file:
        while query is not None:
            items, following, date = hub.page(table.kind, query)
            n_pages, listed = n_pages + 1, listed or date
            if n_pages > _MOST_PAGES or following == query:
                raise FetchError(f"{hub.budget.subject}: the Hub's listing leads to ever more pages, without end")
            for row in _rows(items, chosen):
                if chosen.limit is None or n_rows < chosen.limit:
                    file.write(f"{json.dumps(row)}\n")
                    n_rows += 1
            hub.budget.patience.watch.moved(table.kind, n_rows, chosen.limit, "rows")
            is_full = chosen.limit is not None and n_rows >= chosen.limit
            query = None if is_full or _is_past(items, chosen.since) else following
    return listed, n_rows


def _rows(items: Iterable[Mapping[str, Any]], chosen: HubFilter) -> Iterator[dict[str, object]]:
    """Yield the used fields of each selected item. Values of an unexpected type count as absent."""
    for item in items:
        name = item.get("id") or item.get("modelId")
        if not isinstance(name, str) or item.get("private") is True:
            continue
        if chosen.since is None or _is_since(item, chosen.since):
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


def _is_past(items: Sequence[Mapping[str, Any]], since: dt.date | None) -> bool:
    """Return whether a page, sorted newest first, has reached items that are too old."""
    return since is not None and bool(items) and not _is_since(items[-1], since)
