"""Make a built site again from its config, in memory, and say what is not the same, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal

from ..config.loading import LoadedConfig
from ..errors import DataError, DiptychError, RebuildError
from ..figures.drawing import Drawer
from ..formats import listing
from ..manifest import (
    NAME,
    Fingerprint,
    MadeFrom,
    Manifest,
    SiteManifest,
    current_versions,
    fingerprint,
    read_any_manifest,
)
from ..pipeline.build import Files, made_from_config, make
from ..pipeline.inputs import input_files
from ..pipeline.site import load_named, make_all, report_name, site_files
from ..publish.site import ARCHIVE
from .rebuild_changes import Changes, config_changes, input_changes, setting_changes, version_changes

ALONE = ""
"""What a report is called here that is a site by itself."""


def find_configs(folder: Path, reports: Mapping[str, MadeFrom], given: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the config of each report, in the order of `reports`.

    A config that is given belongs to the report that a build would call by it, or whose config had its bytes.
    For the others, a file of the name in the manifest is looked for beside the site and in the working folder;
    of several, one with the same bytes is taken before the first. Raises RebuildError with each that does not
    fit, or is not found.
    """
    if ALONE in reports and len(given) > 1:
        raise RebuildError(f"{folder}: is one report, made from one config; give --config once")
    taken, messages = _assigned(folder, reports, given)
    found: dict[str, Path] = {}
    for name, made_from in reports.items():
        path = taken.get(name) or _found(folder, name, made_from)
        if path is None:
            whose = "its config" if name == ALONE else f'the config of the report "{name}"'
            messages.append(
                f"{folder}: {whose} ({made_from.config.path}) is neither beside it nor in the folder you work in; "
                "give --config PATH"
            )
        else:
            found[name] = path
    if messages:
        raise RebuildError(*messages)
    return found


def config_hash(path: Path) -> str | None:
    """Return the SHA-256 of a config; None where it cannot be read."""
    try:
        return fingerprint(path.read_bytes()).sha256
    except OSError:
        return None


def _assigned(
    folder: Path, reports: Mapping[str, MadeFrom], given: Sequence[Path]
) -> tuple[dict[str, Path], list[str]]:
    """Return the reports that configs were given for, and a message for each config that fits none."""
    if ALONE in reports:
        return ({ALONE: given[0]} if given else {}), []
    taken: dict[str, Path] = {}
    moved = []
    for path in given:
        name = report_name(path)
        if name in reports and name not in taken:
            taken[name] = path
        else:
            moved.append(path)
    messages = []
    for path in moved:
        fitting = [name for name in reports if name not in taken and _is_the_one(path, reports[name])]
        if len(fitting) == 1:
            taken[fitting[0]] = path
        else:
            messages.append(
                f"{path}: neither its name nor its bytes say which report of {folder} it belongs to; "
                f"name it as one of {listing(list(reports))}"
            )
    return taken, messages


def _found(folder: Path, name: str, made_from: MadeFrom) -> Path | None:
    fitting = [
        path
        for path in dict.fromkeys(_places(folder, name, made_from))
        if path.is_file() and (name in (ALONE, report_name(path)) or _is_the_one(path, made_from))
    ]
    return next((path for path in fitting if _is_the_one(path, made_from)), fitting[0] if fitting else None)


def _places(folder: Path, name: str, made_from: MadeFrom) -> Iterator[Path]:
    """Give where a config may stand, likely places first; a report called by its folder may have one there."""
    file = Path(made_from.config.path).name
    for base in (Path(os.path.normpath(folder / "..")), Path()):
        yield base / file
        yield base / name / file


def _is_the_one(path: Path, made_from: MadeFrom) -> bool:
    return config_hash(path) == made_from.config.sha256


@dataclass(frozen=True)
class Rebuilt:
    """A file of which not all is the same. `path` is below the site, with forward slashes.

    `kind`: differs (the rebuilt bytes are not those that the manifest lists); missing (listed, and not made
    now); new (made now, and not listed); edited (rebuilt as listed, but the site holds other bytes). Sizes are
    in bytes, None where there is no such file; `n_then` is that of the site's file, or as listed where the site
    has none.
    """

    path: str
    kind: Literal["differs", "missing", "new", "edited"]
    n_then: int | None
    n_now: int | None


def compare_files(made: Mapping[str, bytes], listed: Mapping[str, Fingerprint], folder: Path) -> tuple[Rebuilt, ...]:
    """Compare what was rebuilt with what a manifest lists and with the files of its site; what differs, by path."""
    found = (_compared(path, made.get(path), listed.get(path), folder) for path in sorted(made.keys() | listed.keys()))
    return tuple(file for file in found if file is not None)


def _compared(path: str, now: bytes | None, listed: Fingerprint | None, folder: Path) -> Rebuilt | None:
    if now is None or listed is None:
        n_then, n_now = listed.size if listed else None, None if now is None else len(now)
        return Rebuilt(path, "missing" if now is None else "new", n_then, n_now)
    then = _content(folder / path)
    if fingerprint(now) != listed:
        return Rebuilt(path, "differs", listed.size if then is None else len(then), len(now))
    return Rebuilt(path, "edited", len(then), len(now)) if then not in (None, now) else None


def _content(path: Path) -> bytes | None:
    """Return what a file of the site holds; None where it is none, or cannot be read, which the hashes tell."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


@dataclass(frozen=True)
class Rebuild:
    """What came of making a site again.

    `configs` are the files that it was made from; `n_files` how many were made, `n_compared` how many are made
    or listed, the manifest left out of both. `stopped`: why it could not be made, `files` is then empty.
    """

    changes: Changes
    configs: tuple[Path, ...] = ()
    files: tuple[Rebuilt, ...] = ()
    n_files: int = 0
    n_compared: int = 0
    stopped: DiptychError | None = None


def rebuild(folder: Path, configs: Sequence[Path] = (), *, engine: str | None = None) -> Rebuild:
    """Make the site in a folder again and compare it with its manifest. Nothing is written.

    `configs`: where they are, if not where the site says; `engine`: as in `build`. Inputs and versions that are
    other than they were are told and do not stop it, but for an input that is missing under the config of then.
    Raises ManifestError where the folder is no site; all else that is in the way is in `stopped`.
    """
    recorded = read_any_manifest(folder)
    reports = _reports(recorded)
    result = Rebuild(Changes(versions=version_changes(recorded.versions, current_versions(recorded.versions.packages))))
    try:
        paths = find_configs(folder, reports, configs)
        result = replace(result, configs=tuple(paths.values()))
        changed = [config_changes(name, reports[name].config, path, config_hash(path)) for name, path in paths.items()]
        result = replace(result, changes=replace(result.changes, configs=tuple(chain(*changed))))
        loaded = load_named(paths.items(), engine)
        result = replace(result, changes=_with_inputs(result.changes, reports, loaded))
        _check_inputs(result.changes)
        _check_tables(reports)
        made = _make(loaded)
    except DiptychError as error:
        return replace(result, stopped=error)
    listed = {path: found for path, found in recorded.outputs.items() if not _is_archived(path, recorded)}
    files = compare_files(made, listed, folder)
    return replace(result, files=files, n_files=len(made), n_compared=len(made.keys() | listed.keys()))


def _is_archived(path: str, recorded: Manifest | SiteManifest) -> bool:
    """Say whether a file is of an earlier build, which no later one makes again."""
    return isinstance(recorded, Manifest) and path.startswith(ARCHIVE)


def _reports(recorded: Manifest | SiteManifest) -> dict[str, MadeFrom]:
    """Return what each report of a site was made from, in the order of the site."""
    if isinstance(recorded, Manifest):
        return {ALONE: recorded}
    return {name: recorded.reports[name] for name in recorded.order}


def _with_inputs(changes: Changes, reports: Mapping[str, MadeFrom], loaded: Mapping[str, LoadedConfig]) -> Changes:
    """Return changes with those of inputs and settings."""
    try:
        now = {name: made_from_config(one, input_files(one)) for name, one in loaded.items()}
        inputs = [input_changes(name, then, now[name], loaded[name].folder) for name, then in reports.items()]
    except OSError as error:
        raise DataError(
            f"{error.filename}: cannot be read ({error.strerror}); check that it is a file that may be read"
        ) from None
    settings = [setting_changes(name, then.settings, now[name].settings) for name, then in reports.items()]
    return replace(changes, inputs=tuple(chain(*inputs)), settings=tuple(chain(*settings)))


def _check_inputs(changes: Changes) -> None:
    """Refuse to go on without an input that the config of then needs; another config may do without it."""
    other = {change.report for change in changes.configs if change.kind == "changed"}
    gone = [change for change in changes.inputs if change.kind == "missing" and change.report not in other]
    if len(gone) == 1:
        raise RebuildError(f"{gone[0].named} is missing; put it back, or give the config beside it by --config")
    if gone:
        raise RebuildError(f"{len(gone)} inputs are missing; put them back, or give the config beside them by --config")


def _check_tables(reports: Mapping[str, MadeFrom]) -> None:
    """Refuse to make again what was made of tables that only another program had."""
    passed = sorted({table.source for made_from in reports.values() for table in made_from.tables})
    if passed:
        raise RebuildError(
            f"{listing(passed)} came from Python, not from a file, when this was built; "
            "build it again where that is passed, and compare the two manifests"
        )


def _make(loaded: Mapping[str, LoadedConfig]) -> Files:
    """Make every file of a site but its manifest, whose parts are compared one by one."""
    if ALONE in loaded:
        with Drawer() as drawer:
            return make(loaded[ALONE], drawer).files
    return {path: content for path, content in site_files(make_all(loaded)).items() if path != NAME}
