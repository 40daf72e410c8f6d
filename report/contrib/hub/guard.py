"""Restrict addresses and times of requests: connections check the address that they are about to use.

Under `--confine` a host is looked up once, each returned address is checked, and the connection uses one of these
addresses. A second look-up therefore cannot give a different answer (DNS rebinding). The same applies to each redirect.
With or without `--confine`, a `Deadline` ends every connection opened within it, even if a server answers slowly.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock, Timer
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ...confine import ConfineError, current

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]

_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""NAT64: the last 32 bits are an IPv4 address."""

ENDPOINT = "HF_ENDPOINT"
"""The environment variable that names the server of the Hub. A config cannot set it."""


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


def _is_allowed(host: str, port: int | None, *, as_proxy: bool = False) -> bool:
    """Return whether a host was allowed by name, or is the server named in the environment, including its port.

    With `as_proxy`, proxies of the environment are included. No address in a config may name one.
    """
    confinement = current()
    if confinement is None or _is_named(host):
        return True
    named = [os.environ.get(ENDPOINT, "")]
    named += getproxies().values() if as_proxy else ()
    return (_plain(host), port) in {_place(one) for one in named if one}


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
    host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
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
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        return _plain(parts.hostname or ""), parts.port or usual
    return "", None


def looked_up(host: str, port: int) -> list[tuple[int, SocketAddress]]:
    """Return the family and socket address of each checked address of a host. Raises OSError if there is none.

    Raises ConfineError if any address is not public: a name with one private address is never contacted.
    """
    try:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except UnicodeError:  # a part of the name is empty or too long
        raise OSError(f"{host} is no name of a host") from None
    places: list[tuple[int, SocketAddress]] = []
    for family, _, _, _, place in found:
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        if not _is_allowed(host, port, as_proxy=True) and not is_public(address):
            raise ConfineError(_refusal(host, str(address)))
        places.append((family, place))
    return places


def connected(
    place: tuple[str, int], timeout: float | None = None, source: tuple[str, int] | None = None
) -> socket.socket:
    """Connect to a host and port at a checked address. It replaces `socket.create_connection`.

    The connection ends with the current deadline. Raises ConfineError and OSError.
    """
    host, port = place
    error: OSError | None = None
    for family, address in looked_up(host, port):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(within(timeout))
            if source is not None:
                connection.bind(source)
            connection.connect(address)
        except OSError as failed:
            connection.close()
            error = failed
            continue
        if (deadline := _deadline.get()) is not None:
            deadline.add(connection)
        return connection
    raise error or OSError(f"{host} has no address")


@dataclass
class Deadline:
    """A time after which connections are closed. `passed` is true when it is over."""

    seconds: float
    passed: bool = False
    _ends: float = field(default=0.0, init=False)
    _watched: list[socket.socket] = field(default_factory=list, init=False)
    _calls: list[Callable[[], None]] = field(default_factory=list, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Return the remaining seconds, at least 0."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Return whether no time is left."""
        return self.passed or self.left == 0

    def add(self, connection: socket.socket) -> None:
        """Close another connection when the time is over."""
        with self._lock:
            if not self.passed:
                with suppress(OSError):
                    self._watched.append(connection.dup())

    def end(self) -> None:
        """Close all connections, so that threads that wait for them continue immediately."""
        with self._lock:
            self.passed = True
            for connection in self._watched:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for call in self._calls:
                call()

    def on_end(self, call: Callable[[], None]) -> None:
        """Call another function when the time is over."""
        with self._lock:
            self._calls.append(call)

    def forget(self) -> None:
        """Release all connections."""
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()
            self._calls.clear()


_deadline: ContextVar[Deadline | None] = ContextVar("diptych_deadline", default=None)


@contextmanager
def ending_after(seconds: float) -> Iterator[Deadline]:
    """Provide a deadline for all connections opened in this context. An outer deadline still applies."""
    outer = _deadline.get()
    if outer is not None:
        yield outer
        return
    deadline = Deadline(seconds)
    timer = Timer(seconds, deadline.end)
    timer.daemon = True
    timer.start()
    token = _deadline.set(deadline)
    try:
        yield deadline
    finally:
        _deadline.reset(token)
        timer.cancel()
        deadline.forget()


def within(timeout: float | None) -> float | None:
    """Return a time limit for one step that does not exceed the time left before the deadline."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = max(deadline.left, 0.001)
    return left if timeout is None else min(timeout, left)


def deadline_now() -> Deadline | None:
    """Return the current deadline, or None."""
    return _deadline.get()
