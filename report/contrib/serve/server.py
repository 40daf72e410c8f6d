"""A server for pages of this program on the loopback address, with a token in its address."""

from __future__ import annotations

import json
import mimetypes
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

HOST = "127.0.0.1"

MOST_BYTES = 1_000_000
"""Maximum size of the body of a request."""

QUIET_SECONDS = 30.0
"""Maximum time without any data from a connection that has begun a request, or without its taking the answer."""

_WAITS_SECONDS = 20.0
_LONGEST_NUMBER = 12


@dataclass(frozen=True)
class Request:
    """A request for a route: the path after the route's name, the query, and the body of a POST."""

    path: str
    query: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """The content of an answer. `policy` is its Content-Security-Policy."""

    content: bytes
    kind: str = "text/plain; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    policy: str | None = None

    @classmethod
    def of_file(cls, name: str, content: bytes) -> Answer:
        """Return an answer with a file, whose kind its name gives."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return cls(content, f"{kind}; charset=utf-8" if kind == "text/html" else kind)


NOT_FOUND = Answer(b"There is no such page.\n", status=HTTPStatus.NOT_FOUND)

Route = Callable[[Request], Answer]


class LiveState:
    """A state for pages that follow it: a mapping and its number, which rises with each change."""

    def __init__(self, **state: object) -> None:
        """Begin with a state, whose number is 0."""
        self._new = Condition()
        self._state: dict[str, object] = state
        self._number = 0
        self._ended = False

    def change(self, **state: object) -> None:
        """Change parts of the state."""
        with self._new:
            self._state |= state
            self._number += 1
            self._new.notify_all()

    def end(self) -> None:
        """Release all waiting readers."""
        with self._new:
            self._ended = True
            self._new.notify_all()

    def route(self, request: Request) -> Answer:
        """Answer `?after=NUMBER` with the state when its number exceeds the given one, or unchanged after a time."""
        known = request.query.get("after", "0")
        after = int(known) if known.isascii() and known.isdecimal() and len(known) <= _LONGEST_NUMBER else 0
        with self._new:
            self._new.wait_for(lambda: self._number > after or self._ended, _WAITS_SECONDS)
            state = {**self._state, "number": self._number}
        return Answer(json.dumps(state).encode(), "application/json")


class LocalServer(ThreadingHTTPServer):
    """Server of routes by method and first name of the path: `{("GET", ""): page, ("POST", "answers"): keep}`.

    All paths begin with a token, so that neither other people of the machine nor pages of the web can guess them.
    Raises OSError if the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, routes: Mapping[tuple[str, str], Route], port: int = 0) -> None:
        """Bind to a port; 0: any free port."""
        super().__init__((HOST, port), _Handler)
        self.routes = routes
        self.token = secrets.token_urlsafe(16)

    @property
    def address(self) -> str:
        """Return the address for a browser."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> frozenset[str]:
        """Return the valid host names of requests. Other names belong to foreign sites that point to this server."""
        return frozenset(f"{name}:{self.server_port}" for name in (HOST, "localhost"))

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors from pages that were closed; report all others."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: LocalServer
    protocol_version = "HTTP/1.1"
    server_version = "diptych"
    sys_version = ""
    timeout = QUIET_SECONDS

    def do_GET(self) -> None:
        """Answer a request."""
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Host") not in self.server.hosts:
            self._send(Answer(b"This server answers on this machine alone.\n", status=HTTPStatus.MISDIRECTED_REQUEST))
        elif "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > MOST_BYTES:
            self._send(Answer(b"The request is too large.\n", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        else:
            body = self.rfile.read(int(length))
            place = urlsplit(self.path)
            _, token, *parts = unquote(place.path).split("/", 3)
            name, path = (*parts, "", "")[:2]
            route = self.server.routes.get(("GET" if self.command == "HEAD" else self.command, name))
            is_ours = parts and secrets.compare_digest(token.encode(), self.server.token.encode())
            asked = Request(path, dict(parse_qsl(place.query)), body)
            self._send(route(asked) if is_ours and route else NOT_FOUND)

    do_HEAD = do_GET  # noqa: N815 - the library's name
    do_POST = do_GET  # noqa: N815 - the library's name

    def _send(self, answer: Answer) -> None:
        if answer.status in (HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            self.close_connection = True  # what follows is not a request
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.policy is not None:
            self.send_header("Content-Security-Policy", answer.policy)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002, ANN401 - the library's names
        """Do not log requests."""
