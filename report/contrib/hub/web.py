"""Files of the web: kept in the cache, and asked for by their ETag at each build."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import httpx2

from ...cache import FOLDER_VARIABLE, usual_folder
from ...disk import TemporaryFolder
from ...errors import FetchError
from ...sources.addresses import Fetching, Origin, origin_of, web_name, write_origin
from .network import Budget


def fetch_web(address: str, asked: Fetching) -> Path:
    """Fetch a web file into the cache if it is missing or has changed, and return its path.

    No part of an unavailable file is kept. Raises FetchError if the file is not available or exceeds a limit, and
    ConfineError for an address that `--confine` does not allow.
    """
    target = kept_place(address, asked.where)
    known = origin_of(target) if target.is_file() else None
    etag = known.revision if known else None
    budget = Budget(f"{asked.where}: {web_name(address)}", asked.bounds, urlsplit(address).hostname or "the server")
    with TemporaryFolder(target.parent.parent) as folder, budget.spent() as client:
        budget.attempted(lambda: _fetch(address, etag, target, folder / "part", budget, client))
    return target


def _fetch(address: str, known: str | None, target: Path, part: Path, budget: Budget, client: httpx2.Client) -> None:
    """Ask once, and replace the file if it has changed."""
    budget.n_bytes = 0
    with client.stream("GET", encoded(address), headers={"If-None-Match": known} if known else {}) as response:
        if response.status_code == 304:
            return
        if not response.is_success:
            raise FetchError(f"{budget.subject}: the server does not give it (status {response.status_code})")
        with part.open("wb") as file:
            for piece in response.iter_raw():
                file.write(piece)
    part.replace(target)  # atomic
    write_origin(target, Origin(address=web_name(address), revision=response.headers.get("etag")))


def kept_place(address: str, where: str) -> Path:
    """Return the cache path of a web file: its own name in a folder for its address."""
    folder = usual_folder()
    if folder is None:
        raise FetchError(
            f"{where}: files of the web need a cache; {FOLDER_VARIABLE} is empty: name a folder, or unset it"
        )
    name = urlsplit(address).path.rpartition("/")[2]
    place = folder / "web" / hashlib.sha256(address.encode()).hexdigest()[:32]
    place.mkdir(parents=True, exist_ok=True)
    return place / (name if stays_within(name) else "file")


def stays_within(path: str) -> bool:
    """Return whether a path names a file below its start.

    >>> stays_within("a/b.csv"), stays_within("a/../../b.csv"), stays_within("/b.csv")
    (True, False, False)
    """
    return "\\" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def web_fault(address: str) -> str | None:
    """Return the problem of a web address, or None.

    >>> web_fault("https://example.org/ä.csv"), web_fault("https://example.org/a b.csv")
    (None, 'contains a space or an unprintable character; write it as %20, or remove it')
    """
    if not all(character.isprintable() and character != " " for character in address):
        return "contains a space or an unprintable character; write it as %20, or remove it"
    try:
        parts = urlsplit(address)
        encoded(address)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    return None if has_host else "is no web address; write https://HOST/FILE"


def encoded(address: str) -> str:
    """Return a web address in ASCII for requests: other letters are percent-encoded, in the host by IDNA.

    >>> encoded("https://exämple.org/ä%20b.csv?k=é")
    'https://xn--exmple-cua.org/%C3%A4%20b.csv?k=%C3%A9'
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    ascii_host = host if host.isascii() else host.encode("idna").decode()
    below = (quote(part, safe="%/:=&?~#+!$,;'@()*[]") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, parts.netloc.lower().replace(host, ascii_host), *below, ""))
