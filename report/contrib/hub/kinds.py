"""The kinds of address that this pack fetches: hf://, https:// and http://, and tables of the Hub. s3:// is refused.

Each address is requested only once in a process, because a build must not see two states of a branch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ...confine import ConfineError, OpensPath, current
from ...errors import FetchError
from ...progress import stage
from ...sources.addresses import AddressKind, DownloadBounds, Fetching, SourceKeys, origin_of, web_name
from .network import host_fault
from .tables import HubKind
from .web import fetch_web, web_fault

EXTRA = 'needs the extra "hub": pip install "diptych[hub]"'

_BY_HAND = DownloadBounds(50 * 10**9, 24 * 3600, "fetch less of it (--author, --tag, --since, --limit)")
"""Limits for a listing requested on the command line, such as that of the whole Hub."""

_found: dict[tuple[str, ...], dict[Path, str]] = {}


def files_at(address: str, asked: Fetching) -> Mapping[Path, str]:
    """Return the files of an `hf://` address, each with its address as its name in messages."""
    with _extra(asked.where):
        from .hub import whole_files  # noqa: PLC0415

    return _once(("hf", address), asked, lambda: whole_files(address, asked))


def web_file(address: str, asked: Fetching) -> Mapping[Path, str]:
    """Return the file of a web address, with its name in messages."""
    if (fault := _web_refused(address)) is not None:  # even if it was fetched under other limits
        raise ConfineError(f"{asked.where}: {web_name(address)}: {fault}")
    return _once(("web", address), asked, lambda: {fetch_web(address, asked): web_name(address)})


def _once(key: tuple[str, ...], asked: Fetching, find: Callable[[], dict[Path, str]]) -> Mapping[Path, str]:
    key = (*key, repr(current()))  # results under other limits do not count
    known = _found.get(key)
    if known is None or not all(path.is_file() for path in known):
        with stage(f"fetching {key[1]}"), _writing(asked.where):
            known = _found[key] = find()
    return dict(known)


def fetch_table(kind: HubKind, target: Path, **chosen: Any) -> int:  # noqa: ANN401
    """Write the listing of the Hub into a file, and return its rows. `chosen` are arguments of `fetch_listing`.

    Raises FetchError if it is not available or cannot be written, and if a file of that name was not fetched.
    """
    where = "fetch hub"
    if target.exists() and origin_of(target) is None:
        raise FetchError(f"{where}: {target} was not written by diptych fetch hub; name another folder, or remove it")
    with _extra(where), stage(f"listing {kind}"), _writing(where):
        from .hub import fetch_listing  # noqa: PLC0415

        target.parent.mkdir(parents=True, exist_ok=True)
        return fetch_listing(kind, target, _BY_HAND, **chosen)


@contextmanager
def _writing(where: str) -> Iterator[None]:
    """Convert errors of writing a file in this context to our own messages."""
    try:
        yield
    except OSError as error:
        name = f"{error.filename} " if error.filename else "what was fetched "
        raise FetchError(f"{where}: {name}cannot be written ({error.strerror or type(error).__name__})") from error


@contextmanager
def _extra(where: str) -> Iterator[None]:
    """Convert the error of a missing library to our own message: only users of the Hub have it installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "diptych":
            raise
        raise FetchError(f"{where}: {EXTRA}") from None


def _hub_fault(text: str) -> str | None:
    try:
        from .hub import hub_address  # noqa: PLC0415

        hub_address(text)
    except ModuleNotFoundError:
        return EXTRA
    except ValueError as error:
        return str(error)
    return None


def _s3_fault(_: str) -> str:
    return (
        "is in S3, which is not read; copy the file first (aws s3 cp) and name the copy, "
        "or give its https:// address if it is public"
    )


def _web_refused(address: str) -> str | None:
    """Return why `--confine` does not allow a web address, judged by its text."""
    parts = urlsplit(address)
    return host_fault(parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower()))


def _parquet(text: str) -> str:
    """Return the address of a snapshot. Raises ValueError with the reason if it is invalid."""
    fault = _hub_fault(text)
    if fault is None and not text.endswith(".parquet"):
        fault = "names no Parquet file (.parquet)"
    if fault is not None:
        raise ValueError(f'"{text}" {fault}')
    return text


class HubSource(SourceKeys):
    """A table of the Hub, made of a published snapshot of its metadata."""

    kind: HubKind = Field(alias="hub")
    """A table of the Hub: models or datasets (docs/config.md)."""
    snapshot: Annotated[str, OpensPath("address"), AfterValidator(_parquet)]
    """hf:// address of published Parquet files from which the table is made. A branch, tag or commit is written after
    the name: hf://datasets/OWNER/NAME@COMMIT/FILE. A commit never changes."""

    @property
    def name(self) -> str:
        """Return its name in messages: the address of the snapshot."""
        return self.snapshot

    def files(self, asked: Fetching) -> Mapping[Path, str]:
        """Return the file of the table."""
        with _extra(asked.where):
            from .hub import snapshot_table  # noqa: PLC0415

        find = lambda: {snapshot_table(self.snapshot, self.kind, asked): self.snapshot}  # noqa: E731
        return _once((self.kind, self.snapshot), asked, find)


HF = AddressKind("hf", files_at, _hub_fault)
S3 = AddressKind("s3", files_at, _s3_fault)
HTTPS = AddressKind("https", web_file, web_fault, _web_refused)
HTTP = AddressKind("http", web_file, web_fault, _web_refused)
HUB = AddressKind("hub", settings=HubSource, goes_with="hub: models or hub: datasets")
