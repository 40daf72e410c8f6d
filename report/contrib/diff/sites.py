"""Read the data files of a site: a folder, or a folder in a revision of git. Somebody else may have made it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...confine import ConfineError, ask_git, path_fault
from ...disk import open_regular
from ...errors import ManifestError
from ...publish.manifest import NAME, MadeFrom, Manifest, SiteManifest, fingerprint, is_own_file, parse_any_manifest
from .reading import Published, published

_MOST_BYTES = 32_000_000
"""Maximum size of a file of a site that is read."""

_LISTED = re.compile(rb"(?:100644|100755) blob ([0-9a-f]{40,64}) +(\d+)\t")
"""A regular file in the output of `git ls-tree -l`: its object and size. Links and submodules do not match."""


@dataclass(frozen=True)
class Site:
    """A site: its name, its manifest, the sources of its reports ("" for a single one), and how to read it.

    `read` returns the bytes of a file. It raises FileNotFoundError for a link or for anything but a file, and OSError.
    """

    name: str
    manifest: Manifest | SiteManifest
    reports: Mapping[str, MadeFrom]
    read: Callable[[str], bytes]

    def published(self, report: str) -> Published:
        """Return the content of a report. Raises ManifestError for a file that is absent or damaged."""
        return published(self.reports[report], lambda path: self.file(f"{report}/{path}" if report else path))

    def file(self, path: str) -> bytes:
        """Return the bytes of a file, b"" if the manifest lists none. Raises ManifestError if they differ from it."""
        if (listed := self.manifest.outputs.get(path)) is None:
            return b""
        try:
            content = self.read(path)
        except OSError as error:
            raise ManifestError(f"{self.name}/{path}: {error.strerror}; build the report again") from None
        if fingerprint(content) != listed:
            raise ManifestError(f"{self.name}/{path}: is not as {NAME} says; compare reports as they were built")
        return content


def opened(name: str) -> Site:
    """Return a site by its folder, or as REVISION:FOLDER. A folder of that name comes first.

    Raises ManifestError if it is no site of this version, and ConfineError.
    """
    is_revision = ":" in name[1:] and not Path(name).is_dir()
    if not is_revision and (fault := path_fault(Path(name), Path(), name, named=True)) is not None:
        raise ConfineError(fault)
    try:
        read = _of_revision(name) if is_revision else _of_folder(Path(name))
        manifest = parse_any_manifest(read(NAME), Path(name, NAME))
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise
        raise ManifestError(
            f"{name}: is no built report ({NAME}: {error.strerror}); "
            "name a folder that `diptych build` wrote, or REVISION:FOLDER of git"
        ) from None
    return Site(name, manifest, {"": manifest} if isinstance(manifest, Manifest) else manifest.in_order, read)


def _of_folder(folder: Path) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if not is_own_file(folder, path):
            raise FileNotFoundError(errno.ENOENT, "is a link, which is not followed")
        with open_regular(folder / path) as file:
            _check_size(os.fstat(file.fileno()).st_size)
            return file.read()

    return read


def _of_revision(name: str) -> Callable[[str], bytes]:
    revision, _, folder = name.partition(":")
    commit = ask_git(Path(), "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    lines = ask_git(Path(), "ls-tree", "-r", "-z", "-l", "--full-tree", f"{commit}:{folder.rstrip('/')}").split(b"\0")
    files = {line[found.end() :]: found for line in lines if (found := _LISTED.match(line))}

    def read(path: str) -> bytes:
        if (found := files.get(path.encode())) is None:
            raise FileNotFoundError(errno.ENOENT, "is missing, or no regular file")
        _check_size(int(found[2]))
        return ask_git(Path(), "cat-file", "blob", found[1].decode())

    return read


def _check_size(size: int) -> None:
    if size > _MOST_BYTES:
        raise OSError(errno.EFBIG, f"has more than {_MOST_BYTES:,} bytes, which is no file of this program")
