"""Requests to the Hub, through huggingface_hub: its client, endpoint, token and errors; waiting is our own.

The token is whatever the library finds (HF_TOKEN, or what `hf auth login` stored). It goes into the headers of
requests to the endpoint, and nowhere else.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import httpx2  # the client of huggingface_hub
from huggingface_hub import HfApi, HfFileSystem, constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status  # type: ignore[attr-defined]

from .. import __version__
from ..errors import FetchError
from .addresses import HubAddress, stays_within
from .web import Patience, TransientError, patiently

T = TypeVar("T")
Query: TypeAlias = Mapping[str, str | int | list[str]]

SERVER = "the Hub"
_LOGIN = "give a token that may read it (HF_TOKEN, or hf auth login)"
_CHUNK = 2**20
_SECONDS = 60
"""How long a server may be silent."""

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class RefusedError(FetchError):
    """The Hub answered, and does not give it."""


@dataclass(frozen=True)
class RemoteFile:
    """A file at one commit of a repository: `etag` and `size` in bytes as the Hub gives them."""

    address: HubAddress
    url: str
    etag: str
    size: int


@dataclass(frozen=True)
class Page:
    """A page of a listing: its items as JSON has them, where the next one is, and when it was made (HTTP date)."""

    items: Sequence[Mapping[str, Any]]
    next: str | None
    date: str | None


class Connection:
    """Asks the Hub, patiently. `where` begins every message: a key of the config, or the command."""

    def __init__(self, where: str, patience: Patience) -> None:
        """Take the endpoint of the environment (HF_ENDPOINT)."""
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what a person should know is said here
        self.where = where
        self._patience = patience
        self.endpoint = os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")
        if urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise FetchError(f'{where}: HF_ENDPOINT is "{self.endpoint}"; it needs an address such as https://…')
        self._api = HfApi(endpoint=self.endpoint, library_name="diptych", library_version=__version__)

    def commit_of(self, address: HubAddress) -> str:
        """Return the commit that an address's revision stands for now."""
        if address.commit is not None:
            return address.commit

        def ask() -> str | None:
            found = self._api.repo_info(
                address.repository, repo_type=address.kind, revision=address.revision, timeout=_SECONDS
            )
            return found.sha

        commit = self._asked(ask, address)
        if commit is None:
            raise FetchError(f"{self._said(address)}: the Hub names no commit of it; give revision: a commit id")
        return commit

    def paths(self, address: HubAddress, commit: str) -> list[str]:
        """Return the paths that a pattern finds at a commit, sorted; FetchError where it finds none."""
        system = HfFileSystem(endpoint=self.endpoint, skip_instance_cache=True)
        root = f"{address.base.removeprefix('hf://')}@{commit}/"
        found = self._asked(lambda: system.glob(root + address.path), address)
        paths = sorted(path.removeprefix(root) for path in found)
        if not paths:
            raise FetchError(f"{self._said(address)}: no file of the repository matches")
        odd = next((path for path in paths if not stays_within(path)), None)
        if odd is not None:  # it becomes a path of this machine
            raise FetchError(
                f'{self._said(address)}: the Hub names a file "{odd}", which is no path within a repository'
            )
        return paths

    def file(self, address: HubAddress) -> RemoteFile:
        """Return what the Hub says of a file; the address must name a commit."""
        url = hf_hub_url(
            address.repository,
            address.path,
            repo_type=None if address.kind == "model" else address.kind,
            revision=address.revision,
            endpoint=self.endpoint,
        )
        found = self._asked(
            lambda: get_hf_file_metadata(
                url, endpoint=self.endpoint, timeout=_SECONDS, library_name="diptych", library_version=__version__
            ),
            address,
        )
        if found.etag is None or found.size is None:
            raise FetchError(f"{self._said(address)}: the Hub gives no ETag or no size of it, so it cannot be checked")
        return RemoteFile(address, url, found.etag, found.size)

    def read(self, file: RemoteFile, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield pieces of a file with their positions, from `start` to before `end`, once.

        A server that knows no ranges sends the file from its beginning. Raises TransientError where the
        connection is cut, and FetchError where the file is another than before.
        """
        headers = {**self._headers(), "Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        with (
            self._faults(file.address),
            get_session().stream("GET", file.url, headers=headers, timeout=_SECONDS) as response,
        ):
            hf_raise_for_status(response)
            self._check_same(file, response)
            position, last = (start, end) if response.status_code == httpx2.codes.PARTIAL_CONTENT else (0, file.size)
            for piece in response.iter_bytes(_CHUNK):
                yield position, piece
                position += len(piece)
        if position < last:
            raise TransientError("ended its answer early")

    def page(self, path: str, query: Query) -> Page:
        """Return a page of a listing. `path` stands below the endpoint and may have a query of its own."""
        subject = urlsplit(path).path.rpartition("/")[2]

        def ask() -> Page:
            response = get_session().get(
                self.endpoint + path, params=dict(query) or None, headers=self._headers(), timeout=_SECONDS
            )
            hf_raise_for_status(response)
            try:
                items = response.json()
            except ValueError:
                raise TransientError("answers with what is no JSON") from None
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise FetchError(f"{self.where}: {subject}: the Hub's listing is no list of objects")
            return Page(items, self._next(response), response.headers.get("date"))

        return patiently(lambda: self._once(ask, subject), self._patience, f"{self.where}: {subject}", SERVER)

    def _next(self, response: httpx2.Response) -> str | None:
        """Return where the next page is, below the endpoint: a token never follows a link to elsewhere."""
        link = response.links.get("next", {}).get("url")
        if link is None:
            return None
        parts = urlsplit(link)
        below = urlsplit(self.endpoint).path
        return f"{parts.path.removeprefix(below)}?{parts.query}"

    def _check_same(self, file: RemoteFile, response: httpx2.Response) -> None:
        linked = [r.headers["x-linked-etag"] for r in (*response.history, response) if "x-linked-etag" in r.headers]
        plain = [] if response.history or "etag" not in response.headers else [response.headers["etag"]]
        for etag in (linked or plain)[:1]:
            if etag.removeprefix("W/").strip('"') != file.etag:
                raise FetchError(
                    f"{self._said(file.address)}: changed while it was fetched (another ETag); fetch it again"
                )

    def _headers(self) -> dict[str, str]:
        return build_hf_headers(library_name="diptych", library_version=__version__)

    def _asked(self, call: Callable[[], T], address: HubAddress) -> T:
        return patiently(lambda: self._once(call, address), self._patience, self._said(address), SERVER)

    def _said(self, address: HubAddress) -> str:
        return f"{self.where}: {address}"

    def _once(self, call: Callable[[], T], subject: HubAddress | str) -> T:
        with self._faults(subject):
            return call()

    def _faults(self, subject: HubAddress | str) -> _Faults:
        return _Faults(f"{self.where}: {subject}", subject.revision if isinstance(subject, HubAddress) else None)


class _Faults:
    """Turns the library's errors within a block into TransientError or FetchError."""

    def __init__(self, subject: str, revision: str | None) -> None:
        self._subject = subject
        self._revision = revision

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, HfHubHTTPError):
            error = error.__cause__  # the file system's own words for it
        if isinstance(error, OfflineModeIsEnabled):
            raise FetchError(
                f"{self._subject}: is not kept on this machine, and HF_HUB_OFFLINE forbids asking the Hub"
            ) from error
        if isinstance(error, HfHubHTTPError):
            status = error.response.status_code
            if status in _PASSING:
                raise TransientError(f"answers {status}", _retry_after(error.response)) from error
            raise RefusedError(f"{self._subject}: {self._refused(error, status)}") from error
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
            raise FetchError(f"{self._subject}: the Hub sends on to an address that is none") from error
        if isinstance(error, httpx2.TransportError):
            raise TransientError(_cut_off(error)) from error
        if isinstance(error, httpx2.HTTPError):
            raise FetchError(f"{self._subject}: the Hub's answer cannot be read ({type(error).__name__})") from error

    def _refused(self, error: HfHubHTTPError, status: int) -> str:
        """Say why the Hub does not give something."""
        known = next((words for kind, words in _REFUSALS.items() if isinstance(error, kind)), None)
        if known is None:
            known = _REFUSED.get(status, f"the Hub refuses this (status {status})")
        return known.format(login=_LOGIN, revision=self._revision or constants.DEFAULT_REVISION)


_REFUSALS: Mapping[type[HfHubHTTPError], str] = {
    GatedRepoError: "who reads this repository must first agree on its page on the Hub; then {login}",
    RepositoryNotFoundError: "there is no such repository, or it is private; correct the name, or {login}",
    RevisionNotFoundError: 'the repository has no revision "{revision}"',
    RemoteEntryNotFoundError: "the repository has no such file at this revision",
}
"""What an error of the library means; one that is a sort of another comes first."""

_REFUSED: Mapping[int, str] = {
    401: "the Hub does not take the token; renew it (hf auth login), or take HF_TOKEN out of the environment",
    403: "the Hub does not let this be read; {login}",
    404: "the Hub has no such thing",
}


def _cut_off(error: httpx2.TransportError) -> str:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return "cannot be reached"
    return "does not answer in time" if isinstance(error, httpx2.TimeoutException) else "cut the connection"


def _retry_after(response: httpx2.Response) -> str | None:
    """Return how long the Hub asks to wait: Retry-After, or when its rate limit begins anew (`"api";r=0;t=55`)."""
    if "retry-after" in response.headers:
        return response.headers["retry-after"]
    limits = dict(part.strip().partition("=")[::2] for part in response.headers.get("ratelimit", "").split(";"))
    return limits.get("t") if limits.get("r") == "0" else None
