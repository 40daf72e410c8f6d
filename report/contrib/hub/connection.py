"""Requests to the Hub, with the client, endpoint, token and errors of huggingface_hub and our own waiting.

The token is the one that the library finds (HF_TOKEN, or as stored by `hf auth login`). It is only sent in the headers
of requests to the endpoint.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import httpx2  # the client of huggingface_hub
from huggingface_hub import HfApi, HfFileSystem, constants, errors, hf_hub_url, try_to_load_from_cache
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    build_hf_headers,
    hf_raise_for_status,
    parse_ratelimit_headers,
)

from ...confine import ConfineError
from ...errors import FetchError
from ...manifest import current_versions
from .addresses import HubAddress, stays_within
from .guard import check_asked
from .session import STREAMED, fresh_session, guarded_session
from .web import MOST_REDIRECTS, PASSING, SECONDS, Attempts, Patience, TransientError

T = TypeVar("T")
Query: TypeAlias = Mapping[str, str | int | list[str]]

OFFLINE = "is not kept on this machine, and HF_HUB_OFFLINE forbids asking the Hub"
_LOGIN = "give a token that may read it (HF_TOKEN, or hf auth login)"
_CHUNK = 2**20
MOST_OF_A_PAGE = 128 * 2**20
"""Maximum size of an unpacked page of a listing. A page of 1,000 models has some 3 MB."""


class RefusedError(FetchError):
    """The Hub answered but refused the request."""


@dataclass(frozen=True)
class RemoteFile:
    """A file at one commit of a repository: `etag` and `size` in bytes as reported by the Hub."""

    address: HubAddress
    url: str
    etag: str
    size: int

    def __str__(self) -> str:
        return str(self.address)


@dataclass(frozen=True)
class Page:
    """A page of a listing: its JSON items, the address of the next page, and its time (HTTP date)."""

    items: Sequence[Mapping[str, Any]]
    next: str | None
    date: str | None


class Connection:
    """Connection to the Hub with retries. `where` starts every message: a key of the config, or the command."""

    def __init__(self, where: str, patience: Patience) -> None:
        """Use the endpoint of the environment (HF_ENDPOINT)."""
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # relevant messages are printed here
        self.where = where
        self.patience = patience
        self.endpoint = os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")
        if urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise FetchError(f'{where}: HF_ENDPOINT is "{self.endpoint}"; it needs an address such as https://…')
        self._n_bytes = 0
        try:
            check_asked(self.endpoint)
        except ConfineError as error:
            raise ConfineError(*(f"{where}: {message}" for message in error.messages)) from None
        fresh_session()
        self._api = HfApi(endpoint=self.endpoint, library_name="diptych", library_version=current_versions().diptych)

    def said(self, subject: object) -> str:
        """Return the start of messages about something."""
        return f"{self.where}: {subject}"

    def attempts(self, subject: HubAddress | str) -> Attempts:
        """Return the attempts for work on something."""
        return Attempts(self.patience, self.said(subject), "the Hub")

    def expect(self, n_bytes: int, subject: object) -> None:
        """Raise TooMuchError if this many more bytes would exceed the limit for one address."""
        if self._n_bytes + n_bytes > self.patience.bounds.n_bytes:
            raise self.patience.bounds.too_large(self.said(subject), self._n_bytes + n_bytes)

    def count(self, n_bytes: int, subject: object) -> None:
        """Count received bytes; raise TooMuchError if they exceed the limit for one address."""
        self.expect(n_bytes, subject)
        self._n_bytes += n_bytes

    def commit_of(self, address: HubAddress) -> str:
        """Return the current commit of an address's revision."""
        ask = partial(self._api.repo_info, address.repository, repo_type=address.kind, revision=address.revision)
        commit = self._asked(lambda: ask(timeout=SECONDS).sha, address)
        if commit is None:
            raise FetchError(f"{self.said(address)}: the Hub names no commit of it; give revision: a commit id")
        return commit

    def paths(self, address: HubAddress, commit: str) -> list[str]:
        """Return the sorted paths that match a pattern at a commit. Raises FetchError if there are none."""
        system = HfFileSystem(endpoint=self.endpoint, skip_instance_cache=True)
        root = f"{address.base.removeprefix('hf://')}@{commit}/"
        found = self._asked(lambda: system.glob(root + address.path), address)
        paths = sorted(path.removeprefix(root) for path in found)
        if not paths:
            raise FetchError(f"{self.said(address)}: no file of the repository matches")
        odd = next((path for path in paths if not stays_within(path)), None)
        if odd is not None:  # it becomes a local path
            raise FetchError(
                f'{self.said(address)}: the Hub names a file "{odd}", which is no path within a repository'
            )
        return paths

    def file(self, address: HubAddress) -> RemoteFile | Path:
        """Return the Hub's data on a file, or the file in the library's own cache. The address must name a commit."""
        kept = try_to_load_from_cache(
            address.repository, address.path, revision=address.revision, repo_type=address.kind
        )
        if isinstance(kept, str):
            return Path(kept)
        place = {"repo_type": address.kind, "revision": address.revision, "endpoint": self.endpoint}
        url = hf_hub_url(address.repository, address.path, **place)
        found = self._asked(lambda: self._api.get_hf_file_metadata(url=url, timeout=SECONDS), address)
        if found.etag is None or found.size is None:
            raise FetchError(f"{self.said(address)}: the Hub gives no ETag or no size of it, so it cannot be checked")
        return RemoteFile(address, url, found.etag, found.size)

    def read(self, file: RemoteFile, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield pieces of a file with their positions, from `start` up to `end`, in one attempt.

        A server without support for ranges sends the file from its beginning. Raises TransientError if the connection
        is interrupted, and FetchError if the file has changed.
        """
        headers = {**_headers(), "Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        with (
            _faults(self.said(file.address), file.address.revision),
            guarded_session().stream(
                "GET", file.url, headers=headers, timeout=SECONDS, extensions={STREAMED: True}
            ) as response,
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
        """Return a page of a listing. `path` is relative to the endpoint and may have a query."""
        subject = urlsplit(path).path.rpartition("/")[2]

        def ask() -> Page:
            with guarded_session().stream(
                "GET",
                self.endpoint + path,
                params=dict(query) or None,
                headers={**_headers(), "Accept-Encoding": "gzip"},
                timeout=SECONDS,
                extensions={STREAMED: True},
            ) as response:
                hf_raise_for_status(response)
                content = self._content(response, subject)
            try:
                items = json.loads(content)
            except ValueError:
                raise TransientError("does not answer with JSON") from None
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise FetchError(f"{self.said(subject)}: the Hub's listing is no list of objects")
            return Page(items, self._next(response), response.headers.get("date"))

        return self._asked(ask, subject)

    def _content(self, response: httpx2.Response, subject: str) -> bytes:
        """Return the unpacked body of a page. Raises FetchError if it is too large."""
        pieces: list[bytes] = []
        n_bytes = 0
        for piece in response.iter_bytes(_CHUNK):
            pieces.append(piece)
            n_bytes += len(piece)
            if n_bytes > MOST_OF_A_PAGE:
                raise FetchError(
                    f"{self.said(subject)}: a page of the Hub's listing has more than {MOST_OF_A_PAGE // 2**20} MiB, "
                    "which no page has; ask who runs HF_ENDPOINT"
                )
        return b"".join(pieces)

    def _next(self, response: httpx2.Response) -> str | None:
        """Return the address of the next page below the endpoint, so that a token never follows a link elsewhere."""
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
                    f"{self.said(file.address)}: changed while it was fetched (another ETag); fetch it again"
                )

    def _asked(self, call: Callable[[], T], subject: HubAddress | str) -> T:
        """Repeat a request until there is an answer or further attempts are useless."""

        def once() -> T:
            guarded_session()  # the library may have opened another client meanwhile
            with _faults(self.said(subject), subject.revision if isinstance(subject, HubAddress) else None):
                return call()

        return self.attempts(subject).made(once)


def _headers() -> dict[str, str]:
    return build_hf_headers(library_name="diptych", library_version=current_versions().diptych)


@contextmanager
def _faults(subject: str, revision: str | None) -> Iterator[None]:
    """Convert the library's errors in this context to TransientError or FetchError."""
    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise FetchError(f"{subject}: {OFFLINE}") from error
    except (errors.HfHubHTTPError, FileNotFoundError) as error:
        answer = error.__cause__ if isinstance(error, FileNotFoundError) else error  # the file system has its own words
        if not isinstance(answer, errors.HfHubHTTPError):
            raise
        status = answer.response.status_code
        if status in PASSING:
            raise TransientError(f"answers {status}", _retry_after(answer.response)) from error
        known = next((words for kind, words in _REFUSALS.items() if isinstance(answer, kind)), None)
        said = known or _REFUSED.get(status, f"the Hub refuses this (status {status})")
        revision = revision or constants.DEFAULT_REVISION
        raise RefusedError(f"{subject}: {said.format(revision=revision)}") from error
    except ConfineError as error:
        raise ConfineError(*(f"{subject}: {message}" for message in error.messages)) from error
    except httpx2.TooManyRedirects as error:
        raise FetchError(f"{subject}: the Hub redirects more than {MOST_REDIRECTS} times") from error
    except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
        raise FetchError(f"{subject}: the Hub sends on to an address that is none") from error
    except httpx2.TransportError as error:
        raise TransientError(_cut_off(error), unreachable=isinstance(error, httpx2.ConnectError)) from error
    except httpx2.HTTPError as error:
        raise FetchError(f"{subject}: the Hub's answer cannot be read ({type(error).__name__})") from error


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


def _cut_off(error: httpx2.TransportError) -> str:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return "cannot be reached"
    return "does not answer in time" if isinstance(error, httpx2.TimeoutException) else "cut the connection"


def _retry_after(response: httpx2.Response) -> str | None:
    """Return the wait requested by the Hub: Retry-After, or the reset of its rate limit (`"api";r=0;t=55`)."""
    if "retry-after" in response.headers:
        return response.headers["retry-after"]
    limits = parse_ratelimit_headers(response.headers)
    return str(limits.reset_in_seconds) if limits is not None and limits.remaining == 0 else None
