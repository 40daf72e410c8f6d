"""Files of the web, and waiting for a server: as long as it asks, longer from try to try, and not for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.client
import io
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from ...api import (
    FOLDER_VARIABLE,
    USUAL,
    ConfineError,
    DownloadBounds,
    FetchError,
    Fetching,
    Origin,
    TemporaryFolder,
    Unwatched,
    Watch,
    current_versions,
    duration,
    origin_of,
    usual_folder,
    web_name,
    write_origin,
)
from .addresses import encoded, stays_within
from .guard import check_asked, connected, deadline_now, ending_after

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How to wait, and for how long: `tries` in a row without anything new, and `longest` seconds at a time.

    Waits are 1, 2, 4 … seconds, at most `most`, unless the server says how long. A server that cannot be reached is
    tried `tries_to_reach` times. `bounds` limits the whole download.
    """

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    watch: Watch = field(default_factory=Unwatched)
    tries: int = 7
    tries_to_reach: int = 4
    most: float = 60
    longest: float = 900
    bounds: DownloadBounds = USUAL

    @classmethod
    def of(cls, asked: Fetching) -> Patience:
        """Return the patience of a fetch that somebody asks for."""
        return cls(watch=asked.watch, bounds=asked.bounds)


class TransientError(Exception):
    """A request failed in a way that may pass. `reason` is the end of "the server …"; `after` is its Retry-After.

    `unreachable` says that no connection was made: the address is more likely wrong than the server busy.
    """

    def __init__(self, reason: str, after: str | None = None, *, unreachable: bool = False) -> None:
        """Keep what the server said."""
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.unreachable = unreachable


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
            end = f"and asks to wait for {duration(asked)}; try again then"
        elif self._failed >= self._tries(error):
            end = f"(tried {self._failed} times in {duration(self._waited)}); try again later"
        if end is not None:
            raise FetchError(f"{self.subject}: {self.server} {error.reason} {end}: what has come is kept") from error
        seconds = asked if asked is not None else min(2.0 ** (self._failed - 1), self.patience.most)
        deadline = deadline_now()
        if deadline is not None and (deadline.is_over or seconds > deadline.left):
            raise self.patience.bounds.too_slow(self.subject) from error
        self.patience.watch.waiting(f"{self.server} {error.reason}; waiting {duration(seconds)}")
        self._waited += seconds
        self.patience.sleep(seconds)

    def _tries(self, error: TransientError) -> int:
        """Return how many tries end the patience."""
        most = self.patience.tries
        return min(most, self.patience.tries_to_reach) if error.unreachable else most

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


_PIECE = 2**20
SECONDS = 60
"""How long a server may be silent."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of an answer after which asking again may help."""


MOST_REDIRECTS = 5
"""More are no way to a file."""


class _PlainConnection(http.client.HTTPConnection):
    """A connection to an address that was checked."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the base class takes
        super().__init__(*arguments, **named)
        self._create_connection = connected


class _SecureConnection(http.client.HTTPSConnection):
    """The same with TLS."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **named)
        self._create_connection = connected


class _PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_PlainConnection, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow few redirects, to addresses of the web alone, each checked as the first one is."""

    max_redirections = MOST_REDIRECTS
    max_repeats = 2

    def __init__(self, subject: str) -> None:
        """Keep how messages begin."""
        self._subject = subject

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request; ConfineError for an address that may not be asked."""
        self._check_scheme(newurl)
        check_asked(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> object:
        """Follow a redirect; FetchError for one that urllib would refuse in its own words."""
        fp.close()  # urllib would read the whole body, however long it is
        self._check_scheme(headers.get("location") or headers.get("uri") or "")
        return super().http_error_302(req, io.BytesIO(), code, msg, headers)

    def _check_scheme(self, target: str) -> None:
        try:
            parts = urlsplit(target)
            scheme = parts.scheme.lower()
            parts.port  # noqa: B018 - raises for what is no number
        except ValueError:
            raise FetchError(f"{self._subject}: the server redirects to what is no address") from None
        if scheme not in ("", "http", "https"):
            raise FetchError(
                f"{self._subject}: the server redirects to an address that begins with {scheme}:; "
                "only https: and http: are fetched"
            )

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _opener(subject: str) -> urllib.request.OpenerDirector:
    """Return what asks for web addresses: http and https, with the proxies of the environment, and nothing else."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _PlainHandler(),
        _SecureHandler(),
        _Redirects(subject),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def fetch_web(address: str, patience: Patience, where: str) -> Path:
    """Fetch a file of the web into the cache, where it is not there or has changed; return where it stands.

    A cut connection goes on where it was, if the server can. Nothing of a file that cannot be had stays. Raises
    FetchError where it cannot be had or is more than `patience.bounds` allows, and ConfineError for an address that
    `--confine` does not allow.
    """
    subject = f"{where}: {web_name(address)}"
    target = kept_place(address, where)
    known = origin_of(target) if target.is_file() else None
    with TemporaryFolder(target.parent.parent) as folder, ending_after(patience.bounds.seconds) as deadline:
        part = folder / "part"
        download = _Download(address, target, part, known.revision if known else None, subject, patience)
        server = urlsplit(address).hostname or "the server"
        try:
            if Attempts(patience, subject, server).made(download.once):
                write_origin(target, Origin(address=web_name(address), revision=download.etag))
        except ConfineError as error:
            raise ConfineError(*(f"{subject}: {message}" for message in error.messages)) from None
        except FetchError as error:
            if deadline.is_over:
                raise patience.bounds.too_slow(subject) from error
            raise
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
        _sweep_parts(place)
    except OSError as error:
        raise FetchError(f"{where}: {folder} cannot be written to ({error.strerror}); set {FOLDER_VARIABLE}") from None
    return place / name


def _sweep_parts(place: Path) -> None:
    """Remove the parts of files that earlier versions of this program left when they were killed."""
    for path in place.glob("*.part-*"):
        if re.fullmatch(r"\d+", path.name.rpartition("-")[2]) and time.time() - path.stat().st_mtime > _ABANDONED:
            path.unlink(missing_ok=True)


_ABANDONED = 24 * 3600
"""Seconds after which nobody writes a part any more."""


@dataclass
class _Download:
    """One file on its way; what has come of it stands in `part`. `known` is the ETag of what was there before."""

    address: str
    target: Path
    part: Path
    known: str | None
    subject: str
    patience: Patience
    etag: str | None = None

    def once(self) -> bool:
        """Ask for what is missing; return whether the file is new. TransientError where asking again may help."""
        request = urllib.request.Request(encoded(self.address), headers=self._headers())  # noqa: S310 - http or https
        check_asked(request.full_url)
        try:
            with _opener(self.subject).open(request, timeout=SECONDS) as response:
                self._take(response)
        except urllib.error.HTTPError as error:
            with error:
                return self._answered(error)
        except http.client.InvalidURL as error:
            raise FetchError(f"{self.subject}: is no web address ({error})") from None
        except (TimeoutError, ConnectionError, http.client.HTTPException, urllib.error.URLError) as error:
            raise self._failed(error) from error
        self.part.replace(self.target)  # whole or not at all
        return True

    def _failed(self, error: Exception) -> Exception:
        """Return what a failed request means."""
        deadline = deadline_now()
        if deadline is not None and deadline.is_over:
            return self.patience.bounds.too_slow(self.subject)
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        unreachable = isinstance(reason, ConnectionRefusedError | socket.gaierror)
        return TransientError(
            f"does not answer ({reason})" if str(reason) else "cut the connection", unreachable=unreachable
        )

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": f"diptych/{current_versions().diptych}", "Accept-Encoding": "identity"}
        n_bytes = self.part.stat().st_size if self.part.is_file() else 0
        if n_bytes and self.etag is not None and not self.etag.startswith("W/"):
            return {**headers, "Range": f"bytes={n_bytes}-", "If-Range": self.etag}
        return {**headers, **({"If-None-Match": self.known} if self.known else {})}

    def _take(self, response: http.client.HTTPResponse) -> None:
        """Write what comes behind what is there, or anew where the server begins anew."""
        if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
            raise FetchError(f"{self.subject}: the server sends it compressed, although it was asked not to")
        self.etag = response.headers.get("ETag")
        goes_on = response.status == http.client.PARTIAL_CONTENT
        length = response.headers.get("Content-Length")
        announced = int(length) if length is not None and re.fullmatch(r"[0-9]{1,30}", length) else None
        before = self.part.stat().st_size if goes_on and self.part.is_file() else 0
        bounds = self.patience.bounds
        if announced is not None and before + announced > bounds.n_bytes:
            raise bounds.too_large(self.subject, before + announced)
        n_bytes = 0
        with self.part.open("ab" if goes_on else "wb") as file:
            while piece := response.read1(_PIECE):  # what is there: `read` would wait for a whole piece
                n_bytes += len(piece)
                if before + n_bytes > bounds.n_bytes:
                    raise bounds.too_large(self.subject)
                file.write(piece)
                self.patience.watch.moved(self.target.name, file.tell(), None, "bytes")
        deadline = deadline_now()
        if deadline is not None and deadline.is_over:
            raise bounds.too_slow(self.subject)
        if announced is not None and n_bytes < announced:
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
        if error.code in _REDIRECTS:
            raise FetchError(f"{self.subject}: the server redirects more than {MOST_REDIRECTS} times") from error
        raise FetchError(f"{self.subject}: the server does not give it (status {error.code})") from error


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
