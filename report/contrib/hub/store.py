"""Resolve Hub and web addresses in a config to local files, fetched if necessary.

Each address is requested only once in a process, because a build must not see two states of a branch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from ...confine import ConfineError, check_path, current
from ...errors import DataError, FetchError
from ...progress import stage
from ...sources.addresses import origin_of, scheme_of, web_name
from .addresses import read_address
from .listed_tables import HubFile, HubFilter, HubOrigin, HubTable
from .network import Patience, host_fault
from .web import fetch_web

_found: dict[tuple[str, ...], dict[Path, str]] = {}


def files_at(address: str, where: str, patience: Patience | None = None) -> dict[Path, str]:
    """Return the files of an address, each with its name in messages: the address.

    `where` is the config key that starts messages. Raises FetchError if the files are not available.
    """
    patience = patience or Patience()
    if scheme_of(address) != "hf":
        _check_host(address, where)
        return _once(("web", address), where, lambda: {fetch_web(address, patience, where): web_name(address)})
    parsed = read_address(address, where)
    with _extra(where):
        from .hub import whole_files  # noqa: PLC0415
    return _once(("hf", address), where, lambda: whole_files(parsed, where, patience))


def file_of(table: HubTable, base: Path, where: str, patience: Patience | None = None) -> dict[Path, str]:
    """Return the file of a table of the Hub, as `files_at` does. `base` is the config's folder.

    Raises DataError if `diptych fetch hub` has not written it, or used another filter.
    """
    if table.snapshot is None:
        return {_fetched(table, base, where): table.name}
    address = read_address(table.snapshot, where)
    with _extra(where):
        from .hub import snapshot_table  # noqa: PLC0415
    key = ("table", str(address), table.model_dump_json())
    patient = patience or Patience()
    return _once(key, where, lambda: {snapshot_table(address, table, where, patient): str(address)})


def write_table(table: HubTable, folder: Path, where: str, patience: Patience) -> HubFile:
    """Fetch a table and write it into a folder, even if it exists: from its snapshot, or else from the listing.

    The snapshot may be a local file. Raises FetchError if it is not available or cannot be written, and if a file of
    that name was not fetched.
    """
    target = folder / f"{table.kind}.parquet"
    if target.exists() and origin_of(target) is None:
        raise FetchError(f"{where}: {target} was not written by diptych fetch hub; name another folder, or remove it")
    with _extra(where):
        from .hub import written_table  # noqa: PLC0415
    with _writing(where):
        folder.mkdir(parents=True, exist_ok=True)
        return written_table(table, target, where, patience)


def _check_host(address: str, where: str) -> None:
    """Raise ConfineError for an address whose host is not allowed, even if it was fetched under other limits."""
    parts = urlsplit(address)
    if (fault := host_fault(parts.hostname or "", parts.port)) is not None:
        raise ConfineError(f"{where}: {web_name(address)}: {fault}")


def command_for(table: HubTable, base: Path) -> str:
    """Return the command with which a user fetches a table."""
    chosen = table.filter or HubFilter()
    options = [f"--author {chosen.author}"] if chosen.author else []
    options += [f"--tag {tag}" for tag in chosen.tags]
    options += [f"--since {chosen.since}"] if chosen.since else []
    options += [f"--limit {chosen.limit}"] if chosen.limit else []
    return " ".join(["diptych fetch hub", table.kind, "-o", str(base / table.place), *options])


def _once(key: tuple[str, ...], where: str, find: Callable[[], dict[Path, str]]) -> dict[Path, str]:
    confinement = current()
    if confinement is not None:  # results under other limits do not count
        key = (*key, repr(confinement))
    known = _found.get(key)
    if known is None or not all(path.is_file() for path in known):
        with stage(f"fetching {key[1]}"), _writing(where):
            known = _found[key] = find()
    return dict(known)


@contextmanager
def _writing(where: str) -> Iterator[None]:
    """Convert errors of writing a file in this context to our own messages."""
    try:
        yield
    except OSError as error:
        name = f"{error.filename} " if error.filename else "what was fetched "
        raise FetchError(f"{where}: {name}cannot be written ({error.strerror or type(error).__name__})") from error


def _fetched(table: HubTable, base: Path, where: str) -> Path:
    path = base / table.name
    check_path(path, base, table.name, where)
    fault = None if path.is_file() else "is not there yet"
    if fault is None and table.filter is not None:
        origin = hub_origin(path)
        fault = None if origin and (origin.filter or HubFilter()) == table.filter else "was fetched by another filter"
    if fault is not None:
        raise DataError(f"{where}: {table.name} {fault}; fetch it: {command_for(table, base)}")
    return path


def hub_origin(path: Path) -> HubOrigin | None:
    """Return the origin of a table of the Hub, or None for any other file."""
    origin = origin_of(path)
    try:
        return None if origin is None else HubOrigin.model_validate(origin.model_dump())
    except ValidationError:
        return None


@contextmanager
def _extra(where: str) -> Iterator[None]:
    """Convert the error of a missing library to our own message: only users of the Hub have it installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "diptych":
            raise
        raise FetchError(f'{where}: needs the extra "hub": pip install "diptych[hub]"') from None
