"""Files of the web, and retries: as long as the server requests, with growing and limited waits."""

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

from ...cache import FOLDER_VARIABLE, usual_folder
from ...confine import ConfineError
from ...errors import FetchError
from ...locks import TemporaryFolder
from ...manifest import current_versions
from ...sources.addresses import USUAL, DownloadBounds, Fetching, SilentWatch, Watch, duration, web_name
from ...sources.origins import Origin, origin_of, write_origin
from .addresses import encoded, stays_within
from .guard import check_asked, connected, deadline_now, ending_after

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Limits for waiting: `tries` in a row without new data, and `longest` seconds at a time.

    Waits are 1, 2, 4 … seconds, at most `most`, unless the server states a time. A server that cannot be reached is
    tried `tries_to_reach` times. `bounds` limits the whole download.
    """

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    watch: Watch = field(default_factory=SilentWatch)
    tries: int = 7
    tries_to_reach: int = 4
    most: float = 60
    longest: float = 900
    bounds: DownloadBounds = USUAL

    @classmethod
    def of(cls, asked: Fetching) -> Patience:
        """Return the limits for a fetch that a user requests."""
        return cls(watch=asked.watch, bounds=asked.bounds)


class TransientError(Exception):
    """A request failed temporarily. `reason` ends the sentence "the server …". `after` is its Retry-After.

    `unreachable` is true if no connection was made. The address is then more likely to be wrong than the server busy.
    """

    def __init__(self, reason: str, after: str | None = None, *, unreachable: bool = False) -> None:
        """Keep the server's answer."""
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.unreachable = unreachable


@dataclass
class Attempts:
    """Attempts for one piece of work: `subject` starts the message on failure, `server` is the server contacted."""

    patience: Patience
    subject: str
    server: str
    _failed: int = 0
    _waited: float = 0.0

    def made(self, call: Callable[[], T]) -> T:
        """Call until there is no TransientError. Raises FetchError after the last attempt."""
        while True:
            try:
                return call()
            except TransientError as error:
                self.wait(error)

    def succeeded(self) -> None:
        """Reset the count because data were received."""
        self._failed, self._waited = 0, 0.0

    def wait(self, error: TransientError) -> None:
        """Wait before the next attempt. Raises FetchError if there is none, or if the requested wait is too long."""
        self._failed += 1
        asked = self._asked(error)
        end = None
        if asked is not None and asked > self.patience.longest:
            end = f"and asks to wait for {duration(asked)}; try again then"
        elif self._failed >= self._tries(error):
            end = f"(tried {self._failed} times in {duration(self._waited)}); try again later"
        if end is not None:
            raise FetchError(f"{self.subject}: {self.server} {error.reason} {end}: what has come is kept") from error
        seconds = asked if asked is not None else min(float(2 ** (self._failed - 1)), self.patience.most)
        deadline = deadline_now()
        if deadline is not None and (deadline.is_over or seconds > deadline.left):
            raise self.patience.bounds.too_slow(self.subject) from error
        self.patience.watch.waiting(f"{self.server} {error.reason}; waiting {duration(seconds)}")
        self._waited += seconds
        self.patience.sleep(seconds)

    def _tries(self, error: TransientError) -> int:
        """Return the maximum number of attempts."""
        most = self.patience.tries
        return min(most, self.patience.tries_to_reach) if error.unreachable else most

    def _asked(self, error: TransientError) -> float | None:
        """Return the number of seconds that the server requests to wait, or None if absent or in an unknown form."""
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
"""Maximum time without data from a server."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes after which another attempt may help."""


MOST_REDIRECTS = 5
"""Maximum number of redirects."""


class _PlainConnection(http.client.HTTPConnection):
    """A connection to a checked address."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the base class takes
        super().__init__(*arguments, **named)
        self._create_connection = connected


class _SecureConnection(http.client.HTTPSConnection):
    """A TLS connection to a checked address."""

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
    """Handler that follows few redirects, only to web addresses, and checks each like the first address."""

    max_redirections = MOST_REDIRECTS
    max_repeats = 2

    def __init__(self, subject: str) -> None:
        """Keep the start of messages."""
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
        """Return the next request. Raises ConfineError for an address that is not allowed."""
        self._check_scheme(newurl)
        check_asked(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> object:
        """Follow a redirect. Raises FetchError for a redirect that urllib would reject with its own message."""
        fp.close()  # urllib would read the whole body, however long it is
        self._check_scheme(headers.get("location") or headers.get("uri") or "")
        return super().http_error_302(req, io.BytesIO(), code, msg, headers)

    def _check_scheme(self, target: str) -> None:
        try:
            parts = urlsplit(target)
            scheme = parts.scheme.lower()
            parts.port  # noqa: B018 - raises if it is no number
        except ValueError:
            raise FetchError(f"{self._subject}: the server redirects to an invalid address") from None
        if scheme not in ("", "http", "https"):
            raise FetchError(
                f"{self._subject}: the server redirects to an address that begins with {scheme}:; "
                "only https: and http: are fetched"
            )

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _opener(subject: str) -> urllib.request.OpenerDirector:
    """Return an opener for web addresses: only http and https, with the proxies of the environment."""
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
    """Fetch a web file into the cache if it is missing or has changed, and return its path.

    An interrupted connection is resumed if the server supports it. No part of an unavailable file is kept. Raises
    FetchError if the file is not available or exceeds `patience.bounds`, and ConfineError for an address that
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
    """Return the cache path of a web file: its own name in a folder for its address."""
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
    """Remove partial files that killed processes of earlier program versions left."""
    for path in place.glob("*.part-*"):
        if re.fullmatch(r"\d+", path.name.rpartition("-")[2]) and time.time() - path.stat().st_mtime > _ABANDONED:
            path.unlink(missing_ok=True)


_ABANDONED = 24 * 3600
"""Age in seconds after which a partial file is abandoned."""


@dataclass
class _Download:
    """A download of one file into `part`. `known` is the ETag of the previous file."""

    address: str
    target: Path
    part: Path
    known: str | None
    subject: str
    patience: Patience
    etag: str | None = None

    def once(self) -> bool:
        """Request missing data; return whether the file is new. Raises TransientError if another attempt may help."""
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
        self.part.replace(self.target)  # atomic
        return True

    def _failed(self, error: Exception) -> Exception:
        """Return the error for a failed request."""
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
        """Append the received data, or start again if the server does."""
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
            while piece := response.read1(_PIECE):  # returns available data; `read` would wait for a whole piece
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
        """Handle an answer without the file: return False if the file is unchanged, otherwise raise an error."""
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
