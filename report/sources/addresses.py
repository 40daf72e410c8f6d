"""Kinds of addresses, which fetch remote tables as local files, limits on downloads, and the origin of such files.

The origin is noted in the process, in a file next to the fetched file, or inside it if it is a Parquet file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
from pydantic import ValidationError

from ..errors import FetchError, PluginError
from ..settings import Settings
from ..slots import Parts
from .engine import duckdb_aside


def scheme_of(text: str) -> str | None:
    """Return the scheme of an address in lower case, or None if the text is a path.

    >>> scheme_of("hf://datasets/a/b/c.csv"), scheme_of("data/c.csv"), scheme_of("C:/c.csv")
    ('hf', None, None)
    """
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", text)
    return found.group(1).lower() if found else None


def web_name(address: str) -> str:
    """Return a web address without its query, which may contain a key, as the file's name in messages and the manifest.

    >>> web_name("https://example.org/a.csv?key=1#top")
    'https://example.org/a.csv'
    """
    parts = urlsplit(address)
    return f"{parts.scheme.lower()}://{parts.netloc}{parts.path}"


def duration(seconds: float) -> str:
    """Return a duration in words.

    >>> duration(63), duration(3600)
    ('63 s', '60 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


@dataclass(frozen=True)
class DownloadBounds:
    """Limits on a download from one address: bytes, and seconds from the first request to the last byte."""

    n_bytes: int = 10**9
    seconds: float = 3600
    advice: str | None = None
    """Advice on raising the limits if no config is read. Otherwise messages name the config keys."""

    def too_large(self, subject: str, n_bytes: int | None = None) -> FetchError:
        """Return the error for a download that is too large; `n_bytes` is its size, if the server reports it."""
        most = _amount(self.n_bytes)
        size = f"more than {most}" if n_bytes is None else f"{_amount(n_bytes)}, more than {most}"
        return FetchError(
            f"{subject}: the server sends {size}; {self.advice or 'if you expect so much, raise engine.limits'}"
        )

    def too_slow(self, subject: str) -> FetchError:
        """Return the error for a download that takes too long."""
        advice = self.advice or "if you expect it to take longer, raise engine.limits"
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


@dataclass(frozen=True)
class Fetching:
    """A request to fetch: the config key that messages begin with, and the folder of the config.

    `bounds` limits the download.
    """

    where: str
    folder: Path
    bounds: DownloadBounds = USUAL


class SourceKeys(Settings):
    """Keys of a source that is neither a path nor a database: the base of `AddressKind.settings`."""

    @property
    def name(self) -> str:
        """The name of the table in messages."""
        raise NotImplementedError

    def files(self, asked: Fetching) -> Mapping[Path, str]:
        """Return the files of the table, each with its name in messages, or raise `DataError` if there are none."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class AddressKind:
    """A kind of address.

    `name` is the scheme in lower case. `fetch` returns the files of an address, each with its name in messages, and
    raises `FetchError`. `fault` returns why a text is not a valid address, or None. `refused` returns why `--confine`
    forbids the address, judging from its text. With `settings`, a source may have keys of its own instead of a path,
    and `name` is one of these keys; `goes_with` names for messages the key that the others require.
    """

    name: str
    fetch: Callable[[str, Fetching], Mapping[Path, str]] | None = None
    fault: Callable[[str], str | None] = lambda _: None
    refused: Callable[[str], str | None] = lambda _: None
    settings: type[SourceKeys] | None = None
    goes_with: str | None = None


ADDRESSES: Parts[AddressKind] = Parts("address")
"""All kinds of address by scheme, and kinds with their own keys also by these keys."""


def fetched(address: str, asked: Fetching) -> dict[Path, str]:
    """Return the files of an address, or raise `FetchError` if that fails or no kind handles the address."""
    scheme = scheme_of(address) or ""
    try:
        kind = ADDRESSES[scheme]
    except (KeyError, PluginError) as error:
        said = str(error) if isinstance(error, PluginError) else f"{scheme}:// addresses are not read"
        raise FetchError(f"{asked.where}: {said}") from error
    if kind.fetch is None:
        raise FetchError(f"{asked.where}: {scheme}:// addresses are not read")
    return dict(kind.fetch(address, asked))


def keyed_kind(keys: Mapping[str, object]) -> AddressKind | None:
    """Return the kind of address that owns one of the keys, or None. Raises PluginError like `ADDRESSES`."""
    kinds = (ADDRESSES[name] for name in keys if name in ADDRESSES)
    return next((kind for kind in kinds if kind.settings is not None), None)


def keyed_kinds() -> dict[str, type[SourceKeys]]:
    """Return the usable kinds that have keys of their own, with their settings classes."""
    found: dict[str, type[SourceKeys]] = {}
    for name in ADDRESSES:
        try:
            kind = ADDRESSES[name]
        except PluginError:
            continue
        if kind.settings is not None:
            found[name] = kind.settings
    return found


ORIGIN_KEY = "diptych"
"""The key of the origin in the metadata of a Parquet file."""

SUFFIX = ".origin.json"
"""Ending of the file with the origin of a cached file."""


class Origin(Settings):
    """The origin of a file.

    `revision`: the commit, or the ETag of a web address, or None if there is none.
    """

    address: str
    revision: str | None = None

    def text(self) -> str:
        """Return the origin as JSON."""
        return self.model_dump_json(exclude_none=True)


def origin_of(path: Path) -> Origin | None:
    """Return the origin of a file, or None if it was not fetched."""
    return kept_origin(path) or _parsed(_carried(path) if path.suffix == ".parquet" else None)


def _carried(path: Path) -> str | None:
    """Return the origin in the metadata of a Parquet file, or None if it has none or is not a Parquet file."""
    query = "select decode(value) from parquet_kv_metadata(?) where key = encode(?)"
    try:
        with duckdb_aside() as database:
            found = database.execute(query, [str(path), ORIGIN_KEY]).fetchall()
    except duckdb.Error:
        return None
    return next((str(value) for (value,) in found), None)


def kept_origin(path: Path) -> Origin | None:
    """Return the origin of a cached file, or None for any other file."""
    try:
        return _noted.get(path.absolute()) or _parsed(path.with_name(path.name + SUFFIX).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


_noted: dict[Path, Origin] = {}


def note_origin(path: Path, origin: Origin) -> None:
    """Note the origin of a file in a foreign cache, for this process."""
    _noted[path.absolute()] = origin


def write_origin(path: Path, origin: Origin) -> None:
    """Write the origin of a file into a file next to it."""
    path.with_name(path.name + SUFFIX).write_text(f"{origin.text()}\n", encoding="utf-8")


def _parsed(text: str | None) -> Origin | None:
    try:
        return Origin.model_validate_json(text) if text else None
    except ValidationError:
        return None
