"""The HTTP client of huggingface_hub with checked connections and size limits for answers.

The library shares one client among all its calls. `guarded_session` wraps the transport of this client, and keeps its
proxies, certificates and headers.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore2
import httpx2
from huggingface_hub.utils import close_session, get_session  # type: ignore[attr-defined]

from ...confine import ConfineError, current
from .guard import check_asked, connected, within
from .web import MOST_REDIRECTS

MOST_BYTES = 64 * 2**20
"""Maximum size of an answer of the Hub's API, other than a file or a page of a listing."""

STREAMED = "diptych_streamed"
"""Request extension for answers that are read in pieces and counted by their reader."""


def guarded_session() -> httpx2.Client:
    """Return the guarded client. Raises ConfineError under `--confine` if the library's client cannot be guarded."""
    session = get_session()
    if not isinstance(session._transport, _GuardedTransport):  # noqa: SLF001 - there is no public way
        session._transport = _GuardedTransport(session._transport)  # noqa: SLF001
        session._mounts = {  # noqa: SLF001
            pattern: None if transport is None else _GuardedTransport(transport)
            for pattern, transport in session._mounts.items()  # noqa: SLF001
        }
        session.max_redirects = MOST_REDIRECTS
    return session


def fresh_session() -> None:
    """Close connections opened under other limits, so that none is used again."""
    if current() is not None:
        close_session()
    guarded_session()


class _GuardedTransport(httpx2.BaseTransport):
    """Transport that checks the address of each request, including redirects, and limits its answer."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner
        pool = getattr(inner, "_pool", None)
        self._is_guarded = hasattr(pool, "_network_backend")
        if pool is not None and self._is_guarded:
            pool._network_backend = _Backend()  # noqa: SLF001

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the answer."""
        check_asked(str(request.url))
        if current() is not None and not self._is_guarded:
            raise ConfineError(
                f"{request.url.host} would be asked by a client of your own, whose connections --confine cannot check; "
                "run without huggingface_hub.set_client_factory"
            )
        streamed = request.extensions.get(STREAMED, False)
        if not streamed:
            request.headers["Accept-Encoding"] = "identity"
        response = self._inner.handle_request(request)
        if not streamed:
            if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
                response.close()
                raise httpx2.DecodingError("the answer is compressed, although it was asked not to be")
            assert isinstance(response.stream, httpx2.SyncByteStream)  # noqa: S101 - the client is no asynchronous one
            response.stream = _BoundedStream(response.stream)
        return response

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()


class _BoundedStream(httpx2.SyncByteStream):
    """The body of an answer, limited to MOST_BYTES."""

    def __init__(self, inner: httpx2.SyncByteStream) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        n_bytes = 0
        for piece in self._inner:
            n_bytes += len(piece)
            if n_bytes > MOST_BYTES:
                raise httpx2.DecodingError(f"the answer has more than {MOST_BYTES // 2**20} MiB")
            yield piece

    def close(self) -> None:
        """Release the connection."""
        self._inner.close()


class _Backend(httpcore2.SyncBackend):
    """Network backend that connects to checked addresses."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect. Raises ConfineError, and httpcore's errors for errors of the system."""
        try:
            connection = connected((host, port), timeout, None if local_address is None else (local_address, 0))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for option in socket_options or ():
                connection.setsockopt(*option)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return _Stream(_wrapped(connection))


def _wrapped(connection: socket.socket) -> httpcore2.NetworkStream:
    from httpcore2._backends.sync import SyncStream  # noqa: PLC0415 - there is no public name for it

    return SyncStream(connection)


class _Stream(httpcore2.NetworkStream):
    """A connection whose individual steps do not exceed the time left before the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the data received."""
        return self._inner.read(max_bytes, within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send data."""
        self._inner.write(buffer, within(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Return the connection with TLS."""
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, within(timeout)))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the base class has it
        """Return information on the connection."""
        return self._inner.get_extra_info(info)
