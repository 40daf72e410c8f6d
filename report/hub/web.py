"""Files of the web, and waiting for a server: as long as it asks, longer from try to try, and not for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, Protocol, TypeVar
from urllib.parse import urlsplit

from .. import __version__
from ..cache import FOLDER_VARIABLE, usual_folder
from ..errors import FetchError
from .addresses import Origin, encoded, origin_of, stays_within, web_name, write_origin

T = TypeVar("T")


class Watch(Protocol):
    """Who is told how a fetch goes."""

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Take note that so much of something is there; `total` is None where it is not known."""
        ...

    def waiting(self, message: str) -> None:
        """Take note of a wait."""
        ...


class Unwatched:
    """Nobody is told."""

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Say nothing."""

    def waiting(self, message: str) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Patience:
    """How to wait, and for how long: `tries` in a row without anything new, and `longest` seconds at a time.

    Waits are 1, 2, 4 … seconds, at most `most`, unless the server says how long.
    """

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    watch: Watch = field(default_factory=Unwatched)
    tries: int = 7
    most: float = 60
    longest: float = 900


class TransientError(Exception):
    """A request failed in a way that may pass. `reason` is the end of "the server …"; `after` is its Retry-After."""

    def __init__(self, reason: str, after: str | None = None) -> None:
        """Keep what the server said."""
        super().__init__(reason)
        self.reason = reason
        self.after = after


@dataclass
class Attempts:
    """The tries of one piece of work: `subject` begins the message when they end, `server` is who is asked."""

    patience: Patience
    subject: str
    server: str
    _failed: int = 0
    _waited: float = 0.0

    def made(self, call: Callable[[], T]) -> T:
        """Call until it does not fail with a TransientError; FetchError where patience ends."""
        while True:
            try:
                return call()
            except TransientError as error:
                self.wait(error)

    def succeeded(self) -> None:
        """Begin to count anew: something came."""
        self._failed, self._waited = 0, 0.0

    def wait(self, error: TransientError) -> None:
        """Wait before the next try; FetchError where there is none, or the server asks for too long a wait."""
        self._failed += 1
        asked = self._asked(error)
        end = None
        if asked is not None and asked > self.patience.longest:
            end = f"and asks to wait for {_duration(asked)}; try again then"
        elif self._failed >= self.patience.tries:
            end = f"(tried {self._failed} times in {_duration(self._waited)}); try again later"
        if end is not None:
            raise FetchError(f"{self.subject}: {self.server} {error.reason} {end}: what has come is kept") from error
        seconds = asked if asked is not None else min(2.0 ** (self._failed - 1), self.patience.most)
        self.patience.watch.waiting(f"{self.server} {error.reason}; waiting {_duration(seconds)}")
        self._waited += seconds
        self.patience.sleep(seconds)

    def _asked(self, error: TransientError) -> float | None:
        """Return how many seconds the server asks to wait; None where it does not, or not in a form that is known."""
        if error.after is None:
            return None
        text = error.after.strip()
        if text.isdecimal():
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        aware = until if until.tzinfo is not None else until.replace(tzinfo=dt.UTC)
        return max((aware - self.patience.now()).total_seconds(), 0.0)


def _duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> _duration(63), _duration(3600)
    ('63 s', '60 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


_PIECE = 2**20
SECONDS = 60
"""How long a server may be silent."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of an answer after which asking again may help."""


def fetch_web(address: str, patience: Patience, where: str) -> Path:
    """Fetch a file of the web into the cache, where it is not there or has changed; return where it stands.

    A cut connection goes on where it was, if the server can. Raises FetchError where it cannot be had.
    """
    subject = f"{where}: {web_name(address)}"
    target = kept_place(address, where)
    known = origin_of(target) if target.is_file() else None
    download = _Download(address, target, known.revision if known else None, subject, patience.watch)
    server = urlsplit(address).hostname or "the server"
    try:
        if Attempts(patience, subject, server).made(download.once):
            write_origin(target, Origin(address=web_name(address), revision=download.etag))
    finally:
        download.part.unlink(missing_ok=True)
    return target


def kept_place(address: str, where: str) -> Path:
    """Return where a file of the web is kept: its own name in a folder of its address."""
    folder = usual_folder()
    if folder is None:
        raise FetchError(
            f"{where}: files of the web need a cache; {FOLDER_VARIABLE} is empty: name a folder, or unset it"
        )
    name = urlsplit(address).path.rpartition("/")[2]
    name = name if stays_within(name) else "file"
    place = folder / "web" / hashlib.sha256(address.encode()).hexdigest()[:32]
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(f"{where}: {folder} cannot be written to ({error.strerror}); set {FOLDER_VARIABLE}") from None
    return place / name


@dataclass
class _Download:
    """One file on its way; what has come of it stands in `part`. `known` is the ETag of what was there before."""

    address: str
    target: Path
    known: str | None
    subject: str
    watch: Watch
    etag: str | None = None

    @property
    def part(self) -> Path:
        """Where it is written until it is whole: a name that no other process takes."""
        return self.target.with_name(f"{self.target.name}.part-{os.getpid()}")

    def once(self) -> bool:
        """Ask for what is missing; return whether the file is new. TransientError where asking again may help."""
        request = urllib.request.Request(encoded(self.address), headers=self._headers())  # noqa: S310 - http or https
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
                self._take(response)
        except urllib.error.HTTPError as error:
            with error:
                return self._answered(error)
        except http.client.InvalidURL as error:
            raise FetchError(f"{self.subject}: is no web address ({error})") from None
        except (TimeoutError, ConnectionError, http.client.HTTPException, urllib.error.URLError) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise TransientError(f"does not answer ({reason})" if str(reason) else "cut the connection") from error
        self.part.replace(self.target)  # whole or not at all
        return True

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": f"diptych/{__version__}", "Accept-Encoding": "identity"}
        n_bytes = self.part.stat().st_size if self.part.is_file() else 0
        if n_bytes and self.etag is not None and not self.etag.startswith("W/"):
            return {**headers, "Range": f"bytes={n_bytes}-", "If-Range": self.etag}
        return {**headers, **({"If-None-Match": self.known} if self.known else {})}

    def _take(self, response: http.client.HTTPResponse) -> None:
        """Write what comes behind what is there, or anew where the server begins anew."""
        self.etag = response.headers.get("ETag")
        goes_on = response.status == http.client.PARTIAL_CONTENT
        length = response.headers.get("Content-Length")
        n_bytes = 0
        with self.part.open("ab" if goes_on else "wb") as file:
            while piece := response.read(_PIECE):
                file.write(piece)
                n_bytes += len(piece)
                self.watch.moved(self.target.name, file.tell(), None, "bytes")
        if length is not None and length.isdecimal() and n_bytes < int(length):
            raise TransientError("cut the connection")

    def _answered(self, error: urllib.error.HTTPError) -> bool:
        """Take an answer that is not the file: False where it is as it was, else an error."""
        if error.code == http.client.NOT_MODIFIED:
            return False
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.unlink(missing_ok=True)
            raise TransientError("does not go on where it was cut") from error
        if error.code in PASSING:
            raise TransientError(f"answers {error.code}", error.headers.get("Retry-After")) from error
        raise FetchError(f"{self.subject}: the server does not give it (status {error.code})") from error
