"""The slot of addresses: how what is elsewhere becomes files of this machine, and how much is fetched at most."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from ..errors import FetchError, PluginError
from ..settings import Settings
from ..slots import Entries, at_work


def scheme_of(text: str) -> str | None:
    """Return the scheme of an address in small letters; None where a text is a path.

    >>> scheme_of("hf://datasets/a/b/c.csv"), scheme_of("data/c.csv"), scheme_of("C:/c.csv")
    ('hf', None, None)
    """
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", text)
    return found.group(1).lower() if found else None


def web_name(address: str) -> str:
    """Return a web address without its query, which may hold a key: what messages and the manifest call the file.

    >>> web_name("https://example.org/a.csv?key=1#top")
    'https://example.org/a.csv'
    """
    parts = urlsplit(address)
    return f"{parts.scheme.lower()}://{parts.netloc}{parts.path}"


def duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> duration(63), duration(3600)
    ('63 s', '60 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


class TooMuchError(FetchError):
    """A server sends more than is fetched; nothing of it is kept."""


@dataclass(frozen=True)
class DownloadBounds:
    """How much is fetched from one address at most: bytes, and seconds from the first request to the last byte."""

    n_bytes: int = 10**9
    seconds: float = 3600
    advice: str | None = None
    """What to do where neither is enough, if no config is read: the keys of a config otherwise."""

    def too_large(self, subject: str, n_bytes: int | None = None) -> TooMuchError:
        """Return the error for more bytes than are fetched; `n_bytes` is how many there are, if the server says."""
        most = _amount(self.n_bytes)
        size = f"more than {most}" if n_bytes is None else f"{_amount(n_bytes)}, more than {most}"
        return TooMuchError(
            f"{subject}: the server sends {size}; {self.advice or 'if you expect so much, raise engine.download'}"
        )

    def too_slow(self, subject: str) -> FetchError:
        """Return the error for a download that takes too long."""
        advice = self.advice or "if you expect it to take longer, raise engine.download_time"
        return FetchError(f"{subject}: the download has not ended after {duration(self.seconds)}; {advice}")


def _amount(n_bytes: int) -> str:
    """Return an amount of data in words.

    >>> _amount(10**9), _amount(1_500_000), _amount(300)
    ('1 GB', '1.5 MB', '300 bytes')
    """
    for size, unit in ((10**9, "GB"), (10**6, "MB")):
        if n_bytes >= size:
            return f"{n_bytes / size:,.3g} {unit}" if n_bytes < 1000 * size else f"{n_bytes / size:,.0f} {unit}"
    return f"{n_bytes:,} bytes"


USUAL = DownloadBounds()


class Watch(Protocol):
    """Who learns how a fetch goes."""

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Take note that so much of something is there; `total` is None where it is not known."""
        ...

    def waiting(self, message: str) -> None:
        """Take note of a wait."""
        ...


class Unwatched:
    """Nobody learns it."""

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Say nothing."""

    def waiting(self, message: str) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Fetching:
    """Who asks for a fetch: the config key that messages begin with, and the folder of the config.

    `bounds` says how much is fetched at most, `watch` who learns how it goes.
    """

    where: str
    folder: Path
    bounds: DownloadBounds = USUAL
    watch: Watch = field(default_factory=Unwatched)


class SourceKeys(Settings):
    """Keys of a source that is neither a path nor a database: the base of `AddressKind.settings`."""

    @property
    def name(self) -> str:
        """What messages call the table."""
        raise NotImplementedError

    @property
    def is_local(self) -> bool:
        """Whether the table is a file of this machine, so that it changes only if the file does."""
        return False

    def files(self, asked: Fetching) -> Mapping[Path, str]:
        """Return the files of the table, each with the name that messages call it by; `DataError` if there are none."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class AddressKind:
    """A kind of address.

    `name` is the scheme, in small letters. `fetch` returns the files of an address, each with the name that messages
    call it by; it raises `FetchError`. `fault` returns why a text is not such an address, or None. `refused` returns
    why `--confine` does not allow it, as far as the text says. With `settings` a source may have keys of its own
    instead of a path, and `name` is one of them; `goes_with` says in messages what the others need.
    `interface` is the version of the interface for which it was written.
    """

    name: str
    fetch: Callable[[str, Fetching], Mapping[Path, str]] | None = None
    fault: Callable[[str], str | None] = lambda _: None
    refused: Callable[[str], str | None] = lambda _: None
    settings: type[SourceKeys] | None = None
    goes_with: str | None = None
    interface: int | None = None


ADDRESSES = Entries("address", AddressKind, ())
"""Every kind of address by its scheme, and the kinds that have keys of their own by these."""


def fetched(address: str, asked: Fetching) -> dict[Path, str]:
    """Return the files of an address; `FetchError` where they cannot be had, or nobody reads such addresses."""
    scheme = scheme_of(address) or ""
    try:
        kind = ADDRESSES[scheme]
    except (KeyError, PluginError) as error:
        said = str(error) if isinstance(error, PluginError) else f"{scheme}:// addresses are not read"
        raise FetchError(f"{asked.where}: {said}") from error
    if kind.fetch is None:
        raise FetchError(f"{asked.where}: {scheme}:// addresses are not read")
    with at_work("address", kind.name, kind.interface):
        return dict(kind.fetch(address, asked))


def keyed_kind(keys: Mapping[str, object]) -> AddressKind | None:
    """Return the kind of address whose own keys are among some; None if there is none. PluginError as `ADDRESSES`."""
    kinds = (ADDRESSES[name] for name in keys if name in ADDRESSES)
    return next((kind for kind in kinds if kind.settings is not None), None)


def keyed_kinds() -> dict[str, type[SourceKeys]]:
    """Return the kinds that have keys of their own, with these; not those that cannot be used."""
    found: dict[str, type[SourceKeys]] = {}
    for name in (*ADDRESSES, *ADDRESSES.others):
        try:
            kind = ADDRESSES[name]
        except PluginError:
            continue
        if kind.settings is not None:
            found[name] = kind.settings
    return found
