"""Files of the web: kept in the cache, and asked for by their ETag at each build."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from ...cache import FOLDER_VARIABLE, usual_folder
from ...disk import TemporaryFolder
from ...errors import FetchError
from ...sources.addresses import Origin, origin_of, web_name, write_origin
from .addresses import encoded, stays_within
from .network import Budget, Patience, client_of, transient


def fetch_web(address: str, patience: Patience, where: str) -> Path:
    """Fetch a web file into the cache if it is missing or has changed, and return its path.

    No part of an unavailable file is kept. Raises FetchError if the file is not available or exceeds a limit, and
    ConfineError for an address that `--confine` does not allow.
    """
    budget = Budget(f"{where}: {web_name(address)}", patience)
    target = kept_place(address, where)
    known = origin_of(target) if target.is_file() else None
    server = urlsplit(address).hostname or "the server"
    with TemporaryFolder(target.parent.parent) as folder, budget.ending():
        etag = known.revision if known else None
        budget.attempted(lambda: _fetch(address, etag, target, folder / "part", budget, server), server)
    return target


def _fetch(address: str, known: str | None, target: Path, part: Path, budget: Budget, server: str) -> None:
    """Ask once, and replace the file if it has changed. Raises TransientError if another attempt may help."""
    headers = {"If-None-Match": known} if known else {}
    budget.n_bytes, budget.shown = 0, target.name
    with (
        transient(budget, server),
        client_of(budget) as client,
        client.stream("GET", encoded(address), headers=headers) as response,
    ):
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
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(f"{where}: {folder} cannot be written to ({error.strerror}); set {FOLDER_VARIABLE}") from None
    return place / (name if stays_within(name) else "file")
