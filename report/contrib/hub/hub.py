"""Files and listings of the Hub, by huggingface_hub and its own cache (HF_HOME), through the checked transport.

The library finds the token (HF_TOKEN, or as stored by `hf auth login`). The transport sends it only to the endpoint.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import duckdb
from huggingface_hub import (
    HfApi,
    HfFileSystem,
    HfUri,
    cached_assets_path,
    constants,
    errors,
    hf_hub_download,
    parse_hf_uri,
    set_client_factory,
    snapshot_download,
)
from huggingface_hub.utils import _http, disable_progress_bars  # type: ignore[attr-defined]
from huggingface_hub.utils.sha import git_hash

from ...confine import ConfineError
from ...disk import TemporaryFolder
from ...errors import FetchError
from ...progress import tell
from ...sources.addresses import DownloadBounds, Fetching, Origin, note_origin
from ...sources.engine import path_literal
from .network import Budget, check_asked, client_of, endpoint
from .tables import FIELDS, TASKS, HubKind, mapped, open_database, table_columns, write_rows
from .web import stays_within

_FORM = "hf://datasets/OWNER/NAME/FILE, with @REVISION after NAME where it is not the main branch"
_LOGIN = "give a token that may read it (HF_TOKEN, or hf auth login)"

_Key = tuple[str, str, str, str]

_commits: dict[_Key, str] = {}


def hub_address(text: str) -> HfUri:
    """Return the parts of an `hf://` address. Raises ValueError with the reason if it is invalid.

    >>> hub_address("hf://datasets/a/b@refs/convert/parquet/x/0.parquet")
    HfUri(type='dataset', id='a/b', revision='refs/convert/parquet', path_in_repo='x/0.parquet')
    """
    try:
        address = parse_hf_uri(text)
    except errors.HfUriError:
        address = None
    if address is None or address.type not in ("model", "dataset", "space"):
        raise ValueError(f"names no file in a repository; write {_FORM}")
    if not all(map(stays_within, (address.path_in_repo, address.revision or "main"))) or text.endswith("/"):
        raise ValueError(f"does not name a file; write {_FORM}")  # both become local paths
    return address


def whole_files(text: str, asked: Fetching) -> dict[Path, str]:
    """Return the files of an address, fetched if necessary, each with its address as its name."""
    address = hub_address(text)
    commit, files = _files(text, asked)
    for path, file in files.items():
        note_origin(file, Origin(address=replace(address, revision=None, path_in_repo=path).to_uri(), revision=commit))
    return {file: text.removesuffix(address.path_in_repo) + path for path, file in files.items()}


def snapshot_table(text: str, kind: HubKind, asked: Fetching) -> Path:
    """Return the table of a snapshot, fetched and made if necessary. A commit never changes, so it is made once."""
    address = hub_address(text)
    commit, files = _files(text, asked)
    how = hashlib.sha256(repr([1, TASKS, kind, address.path_in_repo]).encode()).hexdigest()[:16]
    folder = cached_assets_path("diptych", namespace=f"{address.type}s/{address.id}", subfolder=commit)
    target = folder / f"{kind}-{how}.parquet"
    note_origin(target, Origin(address=replace(address, revision=None).to_uri(), revision=commit))
    if not target.is_file():
        make_table(list(files.values()), kind, target, f"{asked.where}: {replace(address, revision=commit).to_uri()}")
    return target


def make_table(files: list[Path], kind: HubKind, target: Path, subject: str) -> None:
    """Make a table from the Parquet files of a snapshot."""
    with TemporaryFolder(target.parent) as folder, closing(open_database(folder)) as database:
        queries = []
        for file in files:
            try:
                found = database.execute("describe select * from read_parquet(?)", [str(file)]).fetchall()
            except duckdb.Error as error:
                raise FetchError(f"{subject}: is no whole Parquet file: it may have been cut off") from error
            columns = table_columns(kind, {str(row[0]): str(row[1]) for row in found}, subject)
            queries.append(mapped(kind, f"read_parquet({path_literal(file)})", columns))
        write_rows(database, queries, folder, target, None, subject)


def _files(text: str, asked: Fetching) -> tuple[str, dict[str, Path]]:
    """Return the commit of an address, and its files in the library's cache by their paths in the repository.

    The commit of a branch is looked up once in a process; offline, in the library's cache.
    """
    address = hub_address(text)
    key = (endpoint(), address.type, address.id, address.revision or constants.DEFAULT_REVISION)
    revision = _commits.get(key, key[-1])
    files = {}
    with asking(f"{asked.where}: {text}", asked.where, asked.bounds) as budget:
        for path in _paths(address, revision, key):
            if not stays_within(path):  # it becomes a local path
                raise FetchError(
                    f'{budget.subject}: the Hub names a file "{path}", which is no path within a repository'
                )
            file = files[path] = budget.attempted(partial(_file, address, path, revision))
            commit = file.parents[path.count("/")].name
            if _commits.setdefault(key, commit) != commit:
                raise FetchError(f"{budget.subject}: the repository changed meanwhile; fetch it again")
            if not _is_named(file.resolve()):
                for one in (file.resolve(), file):
                    one.unlink(missing_ok=True)
                raise FetchError(
                    f"{budget.subject}: the file is another than the Hub names (its hash differs); fetch it again"
                )
        if not files:
            raise FetchError(f"{budget.subject}: no file of the repository matches")
    return _commits[key], files


def _paths(address: HfUri, revision: str, key: _Key) -> list[str]:
    """Return the sorted paths that match an address, and note their commit."""
    pattern = address.path_in_repo
    if not any(character in pattern for character in "*?["):
        return [pattern]
    if constants.is_offline_mode():
        kept = snapshot_download(address.id, repo_type=address.type, revision=revision, local_files_only=True)
        return sorted(file.relative_to(kept).as_posix() for file in Path(kept).glob(pattern) if file.is_file())
    api = HfApi(endpoint=endpoint(), library_name="diptych")
    commit = _commits.setdefault(key, str(api.repo_info(address.id, repo_type=address.type, revision=revision).sha))
    root = f"{constants.REPO_TYPES_URL_PREFIXES.get(address.type, '')}{address.id}@{commit}/"
    system = HfFileSystem(endpoint=endpoint(), skip_instance_cache=True)
    return sorted(path.removeprefix(root) for path in system.glob(root + pattern))


def _file(address: HfUri, path: str, revision: str) -> Path:
    """Return a file of the repository in the library's cache, fetched if it is missing."""
    offline = constants.is_offline_mode()
    return Path(
        hf_hub_download(
            *(address.id, path),
            repo_type=address.type,
            revision=revision,
            endpoint=endpoint(),
            local_files_only=offline,
        )
    )


def _is_named(blob: Path) -> bool:
    """Compare a file with its ETag if that identifies it: the SHA-256 for large files, otherwise the id in git."""
    if re.fullmatch(r"[0-9a-f]{64}", blob.name):
        with blob.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == blob.name
    return not re.fullmatch(r"[0-9a-f]{40}", blob.name) or git_hash(blob.read_bytes()) == blob.name


@contextmanager
def asking(subject: str, where: str, bounds: DownloadBounds) -> Iterator[Budget]:
    """Let the library use the checked transport alone, which Xet would go round, and convert its errors to our own."""
    if urlsplit(endpoint()).scheme not in ("http", "https"):
        raise FetchError(f'{where}: HF_ENDPOINT is "{endpoint()}"; it needs an address such as https://…')
    try:
        check_asked(endpoint())
    except ConfineError as error:
        raise ConfineError(*(f"{where}: {message}" for message in error.messages)) from None
    budget = Budget(subject, bounds, "the Hub")
    disable_progress_bars()
    before, xet = _http._GLOBAL_CLIENT_FACTORY, constants.HF_HUB_DISABLE_XET  # noqa: SLF001 - nothing else tells it
    constants.HF_HUB_DISABLE_XET = True
    set_client_factory(lambda: client_of(budget))
    try:
        with budget.spent(), _faults(subject):
            yield budget
    finally:
        set_client_factory(before)
        constants.HF_HUB_DISABLE_XET = xet


@contextmanager
def _faults(subject: str) -> Iterator[None]:
    """Convert the library's errors in this context to FetchError."""
    try:
        yield
    except (errors.OfflineModeIsEnabled, errors.HfHubHTTPError, OSError) as error:
        refused = next((e for e in (error, error.__cause__) if isinstance(e, errors.HfHubHTTPError)), None)
        if refused is not None:
            known = next((words for kind, words in _REFUSALS.items() if isinstance(refused, kind)), None)
            status = refused.response.status_code
            raise FetchError(
                f"{subject}: {known or _REFUSED.get(status, f'the Hub refuses this (status {status})')}"
            ) from error
        if "Consistency check failed" in str(error):
            raise FetchError(f"{subject}: the Hub sends another file than it names; fetch it again") from error
        if not isinstance(error, errors.OfflineModeIsEnabled | errors.LocalEntryNotFoundError):
            raise
        raise FetchError(f"{subject}: is not on this machine, and HF_HUB_OFFLINE forbids asking the Hub") from error
    except (ValueError, TypeError, KeyError) as error:
        raise FetchError(f"{subject}: the answer of the Hub cannot be read; try again later") from error


_REFUSALS: Mapping[type[errors.HfHubHTTPError], str] = {
    errors.GatedRepoError: f"who reads this repository must first agree on its page on the Hub; then {_LOGIN}",
    errors.RepositoryNotFoundError: f"there is no such repository, or it is private; correct the name, or {_LOGIN}",
    errors.RevisionNotFoundError: "the repository has no such revision",
    errors.RemoteEntryNotFoundError: "the repository has no such file at this revision",
}
"""Meaning of each error of the library. A subclass comes before its base class."""

_REFUSED: Mapping[int, str] = {
    401: "the Hub does not take the token; renew it (hf auth login), or take HF_TOKEN out of the environment",
    403: f"the Hub does not let this be read; {_LOGIN}",
    404: "the Hub has no such thing",
}


def fetch_listing(
    kind: HubKind,
    target: Path,
    bounds: DownloadBounds,
    since: dt.date | None = None,
    limit: int | None = None,
    **chosen: Any,  # noqa: ANN401
) -> int:
    """List models or datasets, newest first, and write their table into a file, even if it exists. Return its rows.

    `chosen` are arguments of the library's `list_models`. Raises FetchError if the Hub does not answer, or if nothing
    is listed.
    """
    subject = f"fetch hub: {kind}"
    if constants.is_offline_mode():
        raise FetchError(f"{subject}: HF_HUB_OFFLINE forbids asking the Hub; unset it")
    query = urlencode({key: value for key, value in {**chosen, "limit": limit}.items() if value}, doseq=True)
    with (
        asking(subject, "fetch hub", bounds),
        TemporaryFolder(target.parent) as folder,
        closing(open_database(folder)) as database,
    ):
        api = HfApi(endpoint=endpoint(), library_name="diptych")
        ask: Any = api.list_models if kind == "models" else api.list_datasets
        expand = [name for name in FIELDS[kind] if name != "id"]
        rows, n_rows = folder / "rows.jsonl", 0
        with rows.open("w", encoding="utf-8") as file:
            for n_rows, item in enumerate(ask(sort="created_at", limit=limit, expand=expand, **chosen), 1):
                if since is not None and (item.created_at is None or item.created_at.date() < since):
                    break
                row = {name: getattr(item, "created_at" if name == "createdAt" else name) for name in FIELDS[kind]}
                file.write(f"{json.dumps(row, default=str)}\n")
                if n_rows % 1000 == 0:
                    tell(f"{n_rows:,} {kind}")
        columns = ", ".join(f"{name}: '{type_}'" for name, type_ in FIELDS[kind].items())
        relation = f"read_json({path_literal(rows)}, format = 'newline_delimited', columns = {{{columns}}})"
        origin = Origin(address=f"{endpoint()}/api/{kind}" + (f"?{query}" if query else ""))
        return write_rows(database, [mapped(kind, relation, FIELDS[kind])], folder, target, origin, subject)
