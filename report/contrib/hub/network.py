"""The transport of every request, of the web and of huggingface_hub: it checks addresses, sizes, redirects and time.

A host is looked up once, and the connection uses one of the returned addresses. Under `--confine` each is checked
first, so that a second look-up cannot give a different answer (DNS rebinding). The same applies to each
redirect.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from ...confine import ConfineError, current
from ...errors import FetchError
from ...progress import tell
from ...publish.manifest import current_versions
from ...sources.addresses import DownloadBounds, duration

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
T = TypeVar("T")

_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""NAT64: the last 32 bits are an IPv4 address."""

_PORTS = {"http": 80, "https": 443}


def endpoint() -> str:
    """Return the address of the Hub, which the environment may name and a config cannot."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def is_public(address: IPAddress) -> bool:
    """Return whether an address belongs to the public internet, also if it is wrapped in a form of IPv6.

    >>> is_public(ipaddress.ip_address("93.184.215.14")), is_public(ipaddress.ip_address("::ffff:127.0.0.1"))
    (True, False)
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    if address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback:
        return False
    return address.is_global and not (address.is_link_local or address.is_private)


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside an IPv6 address, or None if there is none."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _TRANSLATED) or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def literal_address(host: str) -> IPAddress | None:
    """Return the address written as a host, also in decimal, octal or hexadecimal, or None for a name.

    >>> literal_address("2130706433"), literal_address("[::1]"), literal_address("example.org")
    (IPv4Address('127.0.0.1'), IPv6Address('::1'), None)
    """
    bare = host.strip("[]").partition("%")[0]
    with suppress(ValueError):
        return ipaddress.ip_address(bare)
    if re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}\.?", bare, re.IGNORECASE):
        with suppress(OSError):
            return ipaddress.IPv4Address(socket.inet_aton(bare.rstrip(".")))
    return None


def host_fault(host: str, port: int | None = None) -> str | None:
    """Return why the name of a host is not allowed, or None if it is allowed, or if a look-up must decide."""
    confinement = current()
    if confinement is None or _is_allowed(host, port):
        return None
    address = literal_address(host)
    name = host.rstrip(".").lower()
    is_local = name == "localhost" or name.endswith(".localhost")
    if not is_local and (address is None or is_public(address)):
        return None
    return _refusal(host, host if address is None else str(address))


def _refusal(host: str, address: str) -> str:
    stands_for = "" if address == host.strip("[]") else f" ({address})"
    return (
        f"{host}{stands_for} is no address of the public internet, which --confine does not ask; allow it on the "
        f"command line with --allow-host {host}"
    )


def _is_allowed(host: str, port: int | None) -> bool:
    """Return whether a host was allowed by name, or is the server named in the environment, including its port."""
    return current() is None or _is_named(host) or (_plain(host), port) == _place(os.environ.get("HF_ENDPOINT", ""))


def _is_named(host: str) -> bool:
    """Return whether the command line allows a host."""
    confinement = current()
    return confinement is not None and _plain(host) in {_plain(one) for one in confinement.hosts}


def check_asked(address: str) -> None:
    """Raise ConfineError if a web address is not allowed, as far as is known before its look-up.

    A proxy in the environment looks up names itself, which cannot be checked. It is therefore used only for allowed
    hosts.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    if (fault := host_fault(host, port)) is not None:
        raise ConfineError(fault)
    proxied = parts.scheme in getproxies() and not proxy_bypass(host)
    if current() is not None and proxied and not _is_named(host):
        raise ConfineError(
            f"{host} would be asked through the proxy that {parts.scheme.upper()}_PROXY names, which looks up names "
            f"itself, so --confine cannot check them; allow the host with --allow-host {host}, or unset the variable"
        )


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _place(endpoint: str) -> tuple[str, int | None]:
    """Return the host and port in an endpoint's address."""
    with suppress(ValueError):
        parts = urlsplit(endpoint)
        return _plain(parts.hostname or ""), parts.port or _PORTS.get(parts.scheme)
    return "", None


def looked_up(host: str, port: int) -> list[str]:
    """Return the checked addresses of a host. Raises OSError if there is none.

    Raises ConfineError if any address is not public: a name with one private address is never contacted.
    """
    try:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except UnicodeError:  # a part of the name is empty or too long
        raise OSError(f"{host} is no name of a host") from None
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    for address in addresses:
        if not _is_allowed(host, port) and not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise ConfineError(_refusal(host, address))
    return addresses


SECONDS = 60
"""Maximum time without data from a server."""

TRIES = 4
"""Attempts, with 1, 2 and 4 seconds between them, or as many as the server asks for."""

MOST_REDIRECTS = 5
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes after which another attempt may help."""

_LONGEST = 900
"""Maximum seconds that a server may ask to wait."""

sleep = time.sleep


class TransientError(Exception):
    """A request failed temporarily; the message continues the name of the server. `after`: its Retry-After."""

    def __init__(self, message: str, after: str | None = None) -> None:
        super().__init__(message)
        self.after = float(after) if after is not None and re.fullmatch(r"[0-9]{1,9}", after.strip()) else None


class Budget:
    """The bytes and the time that one fetch may take. `subject` and `server` are their names in messages."""

    def __init__(self, subject: str, bounds: DownloadBounds, server: str) -> None:
        self.subject, self.bounds, self.server = subject, bounds, server
        self.n_bytes = 0
        self._ends = time.monotonic() + bounds.seconds
        self._socket: socket.socket | None = None

    @property
    def left(self) -> float:
        """Return the remaining seconds, at least 0."""
        return max(0.0, self._ends - time.monotonic())

    def expect(self, n_bytes: int) -> None:
        """Raise FetchError if this many more bytes would exceed the limit, or if the time is over."""
        if self.n_bytes + n_bytes > self.bounds.n_bytes:
            raise self.bounds.too_large(self.subject, self.n_bytes + n_bytes)
        if not self.left:
            raise self.bounds.too_slow(self.subject)

    def count(self, n_bytes: int) -> None:
        """Count received bytes. Raises FetchError as `expect` does."""
        if self.n_bytes + n_bytes > self.bounds.n_bytes:
            raise self.bounds.too_large(self.subject)
        self.expect(n_bytes)
        self.n_bytes += n_bytes
        tell(f"{self.n_bytes / 1e6:,.1f} MB")

    def attempted(self, call: Callable[[], T]) -> T:
        """Call again after each TransientError. Raises FetchError after the last attempt, or if the time is over."""
        for number in range(TRIES):
            try:
                with self._transient():
                    return call()
            except TransientError as error:
                wait = 2.0**number if error.after is None else error.after
                if wait > _LONGEST:
                    raise FetchError(
                        f"{self.subject}: {self.server} {error} and asks to wait for {duration(wait)}; try again then"
                    ) from error
                if number + 1 < TRIES:
                    if wait > self.left:
                        raise self.bounds.too_slow(self.subject) from error
                    tell(f"{self.server} {error}; waiting {duration(wait)}")
                    sleep(wait)
                last = error
        raise FetchError(f"{self.subject}: {self.server} {last} (tried {TRIES} times); try again later") from last

    @contextmanager
    def _transient(self) -> Iterator[None]:
        """Convert errors of the client in this context to our own."""
        elsewhere = f"{self.subject}: {self.server} redirects to what is no address of the web"
        try:
            yield
        except httpx2.TooManyRedirects as error:
            raise FetchError(f"{self.subject}: {self.server} redirects more than {MOST_REDIRECTS} times") from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise FetchError(elsewhere) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            if not self.left:
                raise self.bounds.too_slow(self.subject) from error
            if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
                raise TransientError(f"cannot be reached ({error})" if str(error) else "cannot be reached") from error
            if isinstance(error, httpx2.RemoteProtocolError) and "location" in str(error).lower():
                raise FetchError(elsewhere) from error
            late = isinstance(error, httpx2.TimeoutException)
            raise TransientError("does not answer in time" if late else "cut the connection") from error

    def see(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep the newest connection, as the client reports it, so that it can be ended."""
        if event.endswith("connect_tcp.complete"):
            self._forget()
            self._socket = info["return_value"].get_extra_info("socket").dup()

    @contextmanager
    def spent(self) -> Iterator[httpx2.Client]:
        """Yield the client of a fetch. Its connection ends when the time is over, however slowly a server sends."""
        timer = Timer(self.bounds.seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            with client_of(self) as client:
                yield client
        except ConfineError as error:
            raise ConfineError(*(f"{self.subject}: {message}" for message in error.messages)) from error
        finally:
            timer.cancel()
            self._forget()

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _end(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def client_of(budget: Budget) -> httpx2.Client:
    """Return a client whose requests all go through the checked transport."""
    headers = {"User-Agent": f"diptych/{current_versions().diptych}", "Accept-Encoding": "identity"}
    return httpx2.Client(
        transport=_Checked(budget),
        headers=headers,
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        timeout=SECONDS,
        trust_env=False,
    )


class _Checked(httpx2.BaseTransport):
    """Transport that checks the address of each request, and bounds its answer. No connection is used twice."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._limits = httpx2.Limits(max_keepalive_connections=0)
        self._direct = httpx2.HTTPTransport(limits=self._limits)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, again if that may help. Raises ConfineError, and FetchError if a bound is exceeded."""
        if request.url.scheme not in ("http", "https"):
            raise FetchError(
                f"{self._budget.subject}: the server redirects to an address that begins with {request.url.scheme}:; "
                "only https: and http: are fetched"
            )
        check_asked(str(request.url))
        if _place(str(request.url)) != _place(endpoint()):
            request.headers.pop("Authorization", None)  # a token is for the Hub alone
        return self._budget.attempted(lambda: self._answer(request))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self._budget.expect(0)
        response = self._sent(request)
        if response.status_code in PASSING:
            response.close()
            raise TransientError(f"answers {response.status_code}", _asked_wait(response.headers))
        if response.has_redirect_location:  # its body would be read first, however long it is
            response.close()
            kept = [
                (k, v) for k, v in response.headers.multi_items() if k not in ("content-length", "content-encoding")
            ]
            return httpx2.Response(response.status_code, headers=[*kept, ("content-length", "0")])
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            response.close()
            raise FetchError(f"{self._budget.subject}: the server sends it compressed, although it was asked not to")
        length = response.headers.get("content-length", "")
        if request.method != "HEAD" and re.fullmatch(r"[0-9]{1,30}", length):
            self._budget.expect(int(length))
        response.stream = _Counted(response.stream, self._budget)
        if response.headers.get("content-type", "").startswith("application/json"):
            response.read()  # a page of a listing that is cut is asked for again
        return response

    def _sent(self, request: httpx2.Request) -> httpx2.Response:
        host, port = request.url.raw_host.decode("ascii"), request.url.port or _PORTS[request.url.scheme]
        seconds = min(SECONDS, self._budget.left)
        more = {"trace": self._budget.see, "timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}
        proxy = getproxies().get(request.url.scheme)
        if proxy and not proxy_bypass(host):
            through = httpx2.HTTPTransport(proxy=proxy, limits=self._limits)
            return through.handle_request(_copy(request, str(request.url), more))
        try:
            addresses = looked_up(host, port)
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        failed: httpx2.ConnectError | httpx2.ConnectTimeout = httpx2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                url = request.url.copy_with(host=address)
                return self._direct.handle_request(_copy(request, url, {**more, "sni_hostname": host}))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failed = error
        raise failed

    def close(self) -> None:
        """Close all connections."""
        self._direct.close()


def _asked_wait(headers: httpx2.Headers) -> str | None:
    """Return the seconds that a server asks to wait: Retry-After, or the reset of the Hub's limit (`r=0;t=55`)."""
    reset = re.search(r"\br=0;t=([0-9]+)", headers.get("ratelimit", ""))
    return headers.get("retry-after") or (reset[1] if reset else None)


def _copy(request: httpx2.Request, url: httpx2.URL | str, more: Mapping[str, Any]) -> httpx2.Request:
    """Return a request to another address of the same host. The original keeps its own, for redirects."""
    extensions = {**request.extensions, **more}
    return httpx2.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


class _Counted(httpx2.SyncByteStream):
    """The body of an answer, counted as it comes."""

    def __init__(self, inner: Any, budget: Budget) -> None:  # noqa: ANN401 - a stream of this client
        self._inner, self._budget = inner, budget

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._inner:
            self._budget.count(len(piece))
            yield piece

    def close(self) -> None:
        """Release the connection."""
        self._inner.close()
