"""The manifest: hashes of all inputs and outputs of a report, without time, machine or environment."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from .. import __version__
from ..confine import ELSEWHERE, portable_name
from ..disk import open_regular, read_regular
from ..errors import ManifestError

NAME = "manifest.json"
"""The path of the manifest in a site. It lists every other file."""

FORMAT = 1
"""Increases when an entry changes its meaning, so that an older program reports it and does not misread it."""

PACKAGES = (
    "altair",
    "babel",
    "duckdb",
    "jinja2",
    "markdown-it-py",
    "narwhals",
    "numpy",
    "pandas",
    "pikepdf",
    "pydantic",
    "pyyaml",
    "scipy",
    "typst",
    "vl-convert-python",
)
"""Packages whose version may change a byte of a site.

The list omits rich and typer, which only write to the terminal, backports-zstd, which only unpacks, and httpx2, which
only fetches.
"""

_GENERATOR = "diptych "
_STRAY = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _is_absent(value: object) -> bool:
    """Return whether an entry is empty and can be left out."""
    return not value


class _Entry(BaseModel):
    """A part of the manifest. It is frozen and ignores entries that a later version may add.

    Validators are built at the first read or write, since publishing a cached site needs none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Fingerprint(_Entry):
    """The SHA-256 and the size in bytes of a file."""

    sha256: Sha256
    size: int = Field(ge=0)


class InputFile(Fingerprint):
    """A file that was read. `path` is relative to the config's folder, with forward slashes.

    `address` and `revision` give the origin of a downloaded file. The `path` of a file in a cache is its address, since
    the place of the cache has no meaning on another machine.
    """

    path: str = Field(min_length=1)
    address: str | None = Field(default=None, exclude_if=_is_absent)
    revision: str | None = Field(default=None, exclude_if=_is_absent)


class InputTable(_Entry):
    """A table that was passed from Python. `source` is the key of the config that it replaced.

    `sha256` is the hash of its content. It does not depend on the order of rows and columns or on the kind of data
    frame.
    """

    source: str = Field(min_length=1)
    columns: tuple[str, ...]
    rows: int | None = Field(default=None, ge=0)
    sha256: Sha256


class Versions(_Entry):
    """The versions of the program, of Python ("3.11") and of the packages by name."""

    diptych: str
    python: str
    packages: dict[str, str]


class _Head(_Entry):
    """The first entries of a manifest of any version."""

    generator: str = Field(pattern=f"^{_GENERATOR}")
    format: int


def is_below(path: str) -> bool:
    """Return whether a path of a manifest is below the site on every system.

    >>> is_below("data/left.csv"), is_below("archive/../../x"), is_below("C:/x"), is_below("/etc/passwd")
    (True, False, False, False)
    """
    parts = path.split("/")
    return not any(part in ("", ".", "..") for part in parts) and not re.search(r"[\\\x00-\x1f\x7f:]", path)


class _Written(_Head):
    """The outputs of one report or several. If `partial`, the folder also contains files of others (`--into`)."""

    outputs: dict[str, Fingerprint]
    partial: bool = Field(default=False, exclude_if=_is_absent)


class MadeFrom(_Entry):
    """The inputs of one report. Paths are relative to its config's folder.

    `tables` were passed from Python instead of files that the config declares. Most reports have none.
    """

    config: InputFile
    inputs: tuple[InputFile, ...]
    settings: dict[str, JsonValue]
    tables: tuple[InputTable, ...] = Field(default=(), exclude_if=_is_absent)


class Manifest(_Written, MadeFrom):
    """A manifest as read. `outputs` are by path below the site, without the manifest itself."""

    versions: Versions


class SiteManifest(_Written):
    """The manifest of a site of several reports, by the names of their folders.

    `order` has the names in the order of the list of reports and of the links between them.
    """

    reports: dict[str, MadeFrom]
    order: tuple[str, ...]
    versions: Versions

    @property
    def in_order(self) -> dict[str, MadeFrom]:
        """The inputs of each report, in the order of the list."""
        return {name: self.reports[name] for name in self.order}

    @model_validator(mode="after")
    def _order_has_every_report(self) -> Self:
        if sorted(self.order) != sorted(self.reports):
            raise ValueError("order does not name the reports")
        return self


_Read = TypeVar("_Read", bound=_Head)
"""The part of a manifest that is requested."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A file of a site that differs from its manifest. `path` is below the site, with forward slashes."""

    path: str
    kind: Literal["changed", "missing", "added"]

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}"


def fingerprint(content: bytes) -> Fingerprint:
    """Return the hash and size of bytes."""
    return Fingerprint(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def hash_inputs(paths: Iterable[Path], config_folder: Path) -> tuple[InputFile, ...]:
    """Hash the files that were read, in parallel, each once, ordered by path.

    Paths become relative to `config_folder`, with `..` if they lie outside it. A file that is given by an absolute path
    outside the git repository of the config has only its name, after `…/`: its folder has no meaning elsewhere and may
    contain the name of a person. The same applies to a file that shares only the root folder with the config.
    """
    base = Path(os.path.abspath(config_folder))  # noqa: PTH100 - links keep their names
    named: dict[Path, str] = {}
    for path in paths:
        named.setdefault(Path(os.path.abspath(path)), _portable(path, config_folder, base))  # noqa: PTH100
    unique = sorted(named)
    with ThreadPoolExecutor() as pool:
        hashed = pool.map(_hash_file, unique)
        entries = [_entry(path, named[path], found) for path, found in zip(unique, hashed, strict=True)]
    return tuple(sorted(entries, key=lambda entry: (entry.path, entry.sha256)))


def _entry(path: Path, name: str, found: tuple[str, int]) -> InputFile:
    from ..sources.addresses import kept_origin, origin_of  # noqa: PLC0415 - opens an engine, which a rebuild does not need

    kept, origin = kept_origin(path), origin_of(path)
    return InputFile(
        path=kept.address if kept else name,
        address=origin.address if origin else None,
        revision=origin.revision if origin else None,
        sha256=found[0],
        size=found[1],
    )


def current_versions(also: Iterable[str] = ()) -> Versions:
    """Return the versions in use of the program, Python and each installed package of PACKAGES and `also`."""
    installed = {name: _version(name) for name in dict.fromkeys((*PACKAGES, *also))}
    packages = {name: version for name, version in installed.items() if version}
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Versions(diptych=__version__, python=python, packages=packages)


@cache
def _version(package: str) -> str | None:
    """Return the installed version of a package, or None. It is constant within a process."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(package)
    return None


def build_manifest(
    config: InputFile,
    inputs: Iterable[InputFile],
    settings: Mapping[str, JsonValue],
    versions: Versions,
    outputs: Mapping[str, bytes],
    *,
    tables: Iterable[InputTable] = (),
) -> bytes:
    """Write the manifest of a site.

    Args:
        config: the config file.
        inputs: the other files that the build read, in any order.
        settings: the settings that may change a byte of the site, as JSON values; not memory or threads.
        versions: the versions of the program and its packages.
        outputs: every other file of the site, path -> bytes.
        tables: the tables that were passed from Python instead of files.

    Returns:
        JSON in UTF-8, keys sorted, ending with a newline: equal arguments give equal bytes.

    """
    return _as_json(
        Manifest,
        versions,
        outputs,
        config=config,
        inputs=tuple(sorted(inputs, key=lambda entry: (entry.path, entry.sha256))),
        settings=dict(settings),
        tables=tuple(sorted(tables, key=lambda table: table.source)),
    )


def build_site_manifest(reports: Mapping[str, MadeFrom], versions: Versions, outputs: Mapping[str, bytes]) -> bytes:
    """Write the manifest of a site of several reports, as `build_manifest`, with `reports` by folder, in order."""
    return _as_json(SiteManifest, versions, outputs, reports=dict(reports), order=tuple(reports))


def _as_json(model: type[_Head], versions: Versions, outputs: Mapping[str, bytes], **entries: object) -> bytes:
    manifest = model.model_validate(
        {
            "generator": f"{_GENERATOR}{versions.diptych}",
            "format": FORMAT,
            "versions": versions,
            "outputs": {path: fingerprint(content) for path, content in outputs.items() if path != NAME},
            **entries,
        }
    )
    text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
    return f"{text}\n".encode()


def mark_partial(manifest: bytes) -> bytes:
    """Return a manifest for a folder that also contains files of others."""
    entries = json.loads(manifest) | {"partial": True}
    return f"{json.dumps(entries, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)}\n".encode()


def read_any_manifest(folder: Path) -> Manifest | SiteManifest:
    """Read the manifest of a report or of a site of several. Raises ManifestError if none can be read."""
    return parse_any_manifest(_content(folder), folder / NAME)


def parse_any_manifest(content: bytes, path: Path) -> Manifest | SiteManifest:
    """Return the manifest of a report or of a site of several; `path` is its name in errors. Raises ManifestError."""
    _checked(_Head, content, path)
    if json.loads(content).get("reports") is None:
        return _checked(Manifest, content, path)
    return _checked(SiteManifest, content, path)


def _read(model: type[_Read], folder: Path) -> _Read:
    return _checked(model, _content(folder), folder / NAME)


def _content(folder: Path) -> bytes:
    path = folder / NAME
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise ManifestError(f"{folder}: has no {NAME}, so it is not a report of this program") from None
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read ({error.strerror}); check that it is a readable file") from None


def _checked(model: type[_Read], content: bytes, path: Path) -> _Read:
    head = _parse(_Head, content, path)
    if head.format > FORMAT:
        raise ManifestError(
            f"{path}: has format {head.format}, this program reads up to {FORMAT}; "
            f"install the version that wrote it ({head.generator}) or a newer one"
        )
    if head.format < FORMAT:
        raise ManifestError(f"{path}: has the old format {head.format}; build the report again with this version")
    found = _parse(model, content, path)
    if isinstance(found, _Written) and (odd := next((p for p in found.outputs if not is_below(p)), None)) is not None:
        raise ManifestError(
            f"{path}: is not a manifest of this program ({odd!r} is no path below the site); build the report again"
        )
    return found


def _parse(model: type[_Read], content: bytes, path: Path) -> _Read:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        where = f" at {place}" if place else ""
        raise ManifestError(
            f"{path}: is not a manifest of this program ({first['msg']}{where}); build the report again"
        ) from None


def verify(folder: Path) -> tuple[Difference, ...]:
    """Compare a site with its manifest and return the differences, ordered by path. Empty: no difference.

    Raises ManifestError if the manifest cannot be read. Files that desktops leave in folders (.DS_Store) are ignored.
    """
    manifest = _read(_Written, folder)
    listed = manifest.outputs
    try:
        present = frozenset(files_below(folder)) - {NAME}
        if manifest.partial:
            present &= listed.keys()
        changed = [path for path in listed.keys() & present if _differs(folder / path, listed[path])]
    except OSError as error:
        raise ManifestError(f"{error.filename}: cannot be read ({error.strerror}); check its permissions") from None
    differences = [Difference(path, "changed") for path in changed]
    differences += [Difference(path, "added") for path in present - listed.keys()]
    differences += [Difference(path, "missing") for path in listed.keys() - present]
    return tuple(sorted(differences))


def written_paths(folder: Path) -> frozenset[str] | None:
    """Return the paths in the manifest of a folder, including its own, or None if the folder is not ours.

    Any version's manifest counts: an older program may replace a newer program's site.
    """
    try:
        return claimed_paths(read_regular(folder / NAME))
    except OSError:
        return None


def claimed_paths(content: bytes) -> frozenset[str] | None:
    """Return the paths in the bytes of a manifest, including its own, or None if it is not a manifest of ours."""
    try:
        manifest = json.loads(content)
    except ValueError:
        return None
    if not isinstance(manifest, dict) or not str(manifest.get("generator")).startswith(_GENERATOR):
        return None
    outputs = manifest.get("outputs")
    claimed = outputs if isinstance(outputs, dict) else {}
    if not all(map(is_below, claimed)):  # a foreign manifest may list any path; a file outside the site is never ours
        return None
    return frozenset(claimed) | {NAME}


def written_hashes(folder: Path) -> dict[str, str]:
    """Return the hashes in the manifest of a folder, by path; empty if the folder has no manifest of ours."""
    if written_paths(folder) is None:
        return {}
    try:
        return {path: entry.sha256 for path, entry in _read(_Written, folder).outputs.items()}
    except ManifestError:
        return {}


def is_own_file(folder: Path, path: str) -> bool:
    """Return whether a path of a site is its own file: neither the file nor a folder above it is a symbolic link."""
    return is_below(path) and os.path.realpath(folder / path) == str(Path(os.path.realpath(folder), *path.split("/")))


def files_below(folder: Path) -> Iterator[str]:
    """Yield the path of every file below a folder, with forward slashes, in no order.

    Links count as files and are not followed. Files that desktops leave are skipped. Raises OSError if a folder cannot
    be listed.
    """
    pending = [(folder, "")]
    while pending:
        place, prefix = pending.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append((Path(entry.path), f"{prefix}{entry.name}/"))
                elif entry.name not in _STRAY:
                    yield prefix + entry.name


def _differs(path: Path, written: Fingerprint) -> bool:
    """Return whether a file differs from the manifest. A link or a pipe in its place always does."""
    return not stat.S_ISREG(path.lstat().st_mode) or _hash_file(path) != (written.sha256, written.size)


def _hash_file(path: Path) -> tuple[str, int]:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def _portable(path: Path, folder: Path, base: Path) -> str:
    """Return the name of a file in the manifest. `base` is the config's `folder` as an absolute path."""
    place = Path(os.path.abspath(path))  # noqa: PTH100
    if not path.is_relative_to(folder) and path.is_absolute():  # the config names it by an absolute path
        return portable_name(str(place), base)
    try:
        shared = Path(os.path.commonpath([place, base]))
    except ValueError:  # another drive
        return ELSEWHERE + path.name
    if shared == Path(shared.anchor) and base != shared:
        return ELSEWHERE + path.name
    return Path(os.path.relpath(place, base)).as_posix()
