"""Show a report at a local address for `diptych serve`, rebuilt in memory when its inputs change."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import mimetypes
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore, Condition, Event
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ...cache import Cache
from ...config.loading import load_config
from ...errors import DiptychError, Note
from ...figures.drawing import Drawer
from ...pipeline.build import make_page
from ...pipeline.inputs import looked_at
from ...reuse import InputsChecked
from ...theme import template_folder

FileStates = Mapping[str, tuple[int, int] | None]
"""Path -> modification time and size, or None if there is no file."""


@dataclass(frozen=True)
class Attempt:
    """The result of a build: files of the report and the build time in seconds, or the error."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    error: DiptychError | None = None


class Preview:
    """Builder of the page of a report. `diptych build` makes the other outputs."""

    def __init__(self, config: Path, cache: Cache, drawer: Drawer) -> None:
        """Keep a config, and the cache and drawing process that all builds share."""
        self._config = config
        self._cache = cache
        self._drawer = drawer
        self._looked = InputsChecked((), ())
        self.before: dict[str, tuple[int, int] | None] = self.seen()
        """State of all inputs of the report before the last build read them."""

    def attempt(self) -> Attempt:
        """Build once."""
        began = time.monotonic()
        own = {str(self._config): _state(self._config)}
        try:
            loaded = load_config(self._config)
            self._looked = looked_at([loaded])
            self.before = self.seen() | own
            made = make_page(loaded, self._drawer, self._cache)
        except DiptychError as error:
            self.before = self.before | own
            return Attempt(seconds=time.monotonic() - began, error=error)
        return Attempt(made.files, time.monotonic() - began, made.notes)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folders to watch: folders of all files, and folders searched by patterns."""
        found = {path.absolute().parent for path in (self._config, *self._looked.files)}
        found |= {folder.absolute() for folder, _ in self._looked.listings}
        return tuple(sorted(folder for folder in found if folder.is_dir()))

    def seen(self) -> dict[str, tuple[int, int] | None]:
        """Return the current state of all inputs: config, text, data, files matched by patterns, templates."""
        paths = {self._config, *self._looked.files}
        for folder, pattern in self._looked.listings:
            paths |= set(folder.glob(pattern))
        # any process of the program stores compiled templates next to them
        paths |= {path for path in template_folder().rglob("*") if "__pycache__" not in path.parts}
        return {str(path): _state(path) for path in sorted(paths)}


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


_EVERY_SECONDS = 0.3
_SETTLES_MS = 50
_LOOKS_ANYWAY_MS = 2_000


def wait(before: FileStates, seen: Callable[[], FileStates], folders: Sequence[Path], stop: Event) -> FileStates | None:
    """Wait for a change and return the new state, or None if stopped.

    Changes before the wait count too: only times and sizes of files decide, and they are compared after each wake-up.
    """
    now = seen()
    while now == before and not stop.is_set():
        _until_something(folders, stop)
        now = seen()
    return None if stop.is_set() else now


def _until_something(folders: Sequence[Path], stop: Event) -> None:
    """Wait for a change in these folders, with a timeout."""
    if find_spec("watchfiles") is None or not folders:
        stop.wait(_EVERY_SECONDS)
        return
    from watchfiles import watch  # noqa: PLC0415 - only the extra brings it

    changes = watch(
        *folders,
        stop_event=stop,
        recursive=False,
        debounce=_SETTLES_MS,
        step=_SETTLES_MS,
        rust_timeout=_LOOKS_ANYWAY_MS,
        yield_on_timeout=True,
    )
    next(iter(changes), None)


HOST = "127.0.0.1"
REPORT = "/report/"
"""Start of the paths of the report's files."""

STATE = "/state"
"""Path that the surrounding page polls. The answer comes when the state is new."""

_WAITS_SECONDS = 20.0
_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Trouble:
    """One problem, with the lines of the file in which it occurs; empty if it is in no file."""

    message: str
    excerpt: str = ""


@dataclass(frozen=True)
class State:
    """The state for the page: the number of the report, from 1 (0: none yet), and problems of the last build."""

    number: int = 0
    report: int = 0
    troubles: tuple[Trouble, ...] = ()


class Board:
    """Store of the last good report and later problems, for any number of readers."""

    def __init__(self) -> None:
        """Start empty."""
        self._new = Condition()
        self._state = State()
        self._files: Mapping[str, bytes] = {}
        self._ended = False

    def show(self, files: Mapping[str, bytes]) -> None:
        """Show a report, and clear all problems."""
        with self._new:
            self._files = files
            self._state = State(self._state.number + 1, self._state.report + 1)
            self._new.notify_all()

    def tell(self, troubles: Sequence[Trouble]) -> None:
        """Show problems. The last good report stays."""
        with self._new:
            self._state = State(self._state.number + 1, self._state.report, tuple(troubles))
            self._new.notify_all()

    def end(self) -> None:
        """Release all waiting readers."""
        with self._new:
            self._ended = True
            self._new.notify_all()

    def file(self, path: str) -> bytes | None:
        """Return a file of the last good report."""
        return self._files.get(path)

    def after(self, number: int) -> State:
        """Return the state when its number exceeds the given one, or unchanged after a timeout."""
        with self._new:
            self._new.wait_for(lambda: self._state.number > number or self._ended, _WAITS_SECONDS)
            return self._state


MOST_CONNECTIONS = 64
"""Maximum number of simultaneous connections. A browser opens six for each page."""

HEAD_SECONDS = 10.0
"""Time limit in seconds for a request to arrive, once the connection is ready."""

ANSWER_SECONDS = 60.0
"""Time limit in seconds for sending an answer."""

MOST_HEAD = 16_384
"""Maximum size in bytes of a request's line and headers."""

_LONGEST_NUMBER = 12


class _TooLongError(Exception):
    """A request exceeds the size limit."""


class _Requests(io.RawIOBase):
    """Limited reader of a connection: `begin` allows one more request, with a maximum of bytes and seconds."""

    def __init__(self, connection: socket.socket) -> None:
        """Keep a connection."""
        self._connection = connection
        self.begin()

    def begin(self) -> None:
        """Reset the time and the bytes for a new request."""
        self._until, self._left = time.monotonic() + HEAD_SECONDS, MOST_HEAD

    def more(self, n_bytes: int) -> None:
        """Allow so many bytes more."""
        self._left += n_bytes

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer, as the library says
        """Read available data. Raises TimeoutError or _TooLongError if a limit is exceeded."""
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        if self._left <= 0:
            raise _TooLongError
        self._connection.settimeout(seconds)
        n = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= n
        return n


class Server(ThreadingHTTPServer):
    """Server of a board on the loopback address. Raises OSError if the port is taken.

    The number of connections, and the time and size of each request, are limited, so that no incomplete request
    occupies a thread for ever.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, board: Board, port: int, handler: type[RequestHandler] | None = None) -> None:
        """Bind to a port; 0: any free port. `handler` answers instead of that of a board."""
        super().__init__((HOST, port), handler or _Handler)
        self.board = board
        self._free = BoundedSemaphore(MOST_CONNECTIONS)
        folder = template_folder() / "contrib" / "serve"
        self.frame = (folder / "frame.html").read_text(encoding="utf-8")
        self.script = (folder / "frame.js").read_text(encoding="utf-8")
        self.style = (folder / "frame.css").read_text(encoding="utf-8")

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the library says
        """Answer in a separate thread; close connections above the limit at once."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the library says
        """Answer the requests of a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors from pages that were closed; report all others."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Return the address for a browser."""
        return f"http://{HOST}:{self.server_port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """Return the valid host names of requests. Other names belong to foreign sites that point to this server."""
        return frozenset(f"{name}:{self.server_port}" for name in (HOST, "localhost"))

    def page(self) -> tuple[bytes, str]:
        """Return the page around the report, and the policy that only allows its own script and style."""
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in (self.script, self.style)
        ]
        policy = (
            f"default-src 'none'; script-src {hashes[0]}; style-src {hashes[1]}; frame-src 'self'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        text = self.frame.replace("@STYLE@", self.style).replace("@SCRIPT@", self.script)
        return text.encode(), policy


class RequestHandler(BaseHTTPRequestHandler):
    """Handler of requests within limits of time and size."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "diptych"
    sys_version = ""

    def setup(self) -> None:
        """Read the connection within limits."""
        super().setup()
        self._requests = _Requests(self.connection)
        self.rfile = io.BufferedReader(self._requests, 4096)

    def handle_one_request(self) -> None:
        """Answer one request; close the connection if it is too slow or too long."""
        self._requests.begin()
        try:
            super().handle_one_request()
        except _TooLongError:
            self.close_connection = True
            self.requestline, self.request_version, self.command = "", "HTTP/1.1", ""
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def is_ours(self) -> bool:
        """Return whether a request is for this machine; answer it if not."""
        if self.headers.get("Host") in self.server.hosts:
            return True
        self.answer(b"This server answers on this machine alone.\n", HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def allow(self, n_bytes: int) -> None:
        """Allow so many bytes more of this request."""
        self._requests.more(n_bytes)

    def answer(
        self, content: bytes, status: HTTPStatus = HTTPStatus.OK, kind: str = "text/plain", policy: str | None = None
    ) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if policy is not None:
            self.send_header("Content-Security-Policy", policy)
        self.connection.settimeout(ANSWER_SECONDS)
        with _closing_when_left(self):
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the library's
        """Do not log requests."""


class _Handler(RequestHandler):
    """Answers with the page around a report, its files and its state."""

    def do_GET(self) -> None:
        """Answer with the page around the report, a file of the report, or the state."""
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # what follows is not a request
        if not self.is_ours():
            return
        asked = urlsplit(self.path)
        if asked.path == "/":
            page, policy = self.server.page()
            self.answer(page, kind=_TYPES[".html"], policy=policy)
        elif asked.path == STATE:
            state = self.server.board.after(_number(asked.query))
            self.answer(json.dumps(asdict(state)).encode(), kind="application/json")
        elif asked.path.startswith(REPORT):
            self._file(unquote(asked.path[len(REPORT) :]) or "index.html")
        else:
            self.answer(b"There is no such page.\n", HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        """Answer like a GET, without the content."""
        self.do_GET()

    def _file(self, path: str) -> None:
        content = self.server.board.file(path)
        if content is None:
            what = b"There is no such file in the page that is shown; diptych build makes the other outputs.\n"
            self.answer(what, HTTPStatus.NOT_FOUND)
            return
        ending = path[path.rfind(".") :]
        kind = _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.answer(content, kind=kind)


@contextmanager
def _closing_when_left(handler: BaseHTTPRequestHandler) -> Iterator[None]:
    """Close the connection if the page was closed or stops reading."""
    try:
        yield
    except (ConnectionError, TimeoutError):
        handler.close_connection = True


def _number(query: str) -> int:
    """Return the number of the page's state, or 0 if it gives none."""
    known = parse_qs(query).get("after", ["0"])[0]
    return int(known) if known.isascii() and known.isdecimal() and len(known) <= _LONGEST_NUMBER else 0
