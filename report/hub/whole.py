"""One file of a repository, whole: fetched in pieces, checked against the hash that the Hub gives."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from ..errors import FetchError
from .addresses import HubAddress
from .connection import Connection
from .origins import Origin, write_origin
from .partial import PartialFile, download
from .patience import Patience


def fetch_whole(address: HubAddress, target: Path, connection: Connection, patience: Patience) -> Path:
    """Fetch a file as of a commit into `target`, where it is not; return it, or the one of the library's own cache.

    What a stopped fetch had brought is taken up again. Raises FetchError where it cannot be had, or is not what
    the Hub says it is.
    """
    if target.is_file():
        return target
    kept = try_to_load_from_cache(address.repository, address.path, revision=address.revision, repo_type=address.kind)
    if isinstance(kept, str):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, target.with_name(f"{target.name}.part"))
    else:
        _download(address, target.with_name(f"{target.name}.part"), connection, patience)
    write_origin(target, Origin(address=address.bare, revision=address.revision))
    os.replace(target.with_name(f"{target.name}.part"), target)  # noqa: PTH105 - whole or not at all
    target.with_name(f"{target.name}.part.journal").unlink(missing_ok=True)
    return target


def _download(address: HubAddress, path: Path, connection: Connection, patience: Patience) -> None:
    subject = f"{connection.where}: {address}"
    partial = PartialFile(connection.file(address), path)
    download(connection, partial, [(0, partial.remote.size)], patience, subject)
    digest = _DIGESTS.get(len(partial.remote.etag))
    if digest is not None and digest(path) != partial.remote.etag:
        partial.forget()
        raise FetchError(f"{subject}: what came is not what the Hub says it is (its hash is another); fetch it again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git_blob(path: Path) -> str:
    """Return the id of a file in git."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    return digest.hexdigest()


_DIGESTS: Mapping[int, Callable[[Path], str]] = {64: _sha256, 40: _git_blob}
"""What the ETag of a file is, by its length: large files are known by their SHA-256, others by their id in git."""
