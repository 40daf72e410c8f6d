"""Rebuild: make a built site again from its config, in memory, and say what is not the same, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from ..config.loading import LoadedConfig
from ..errors import DataError, DiptychError, RebuildError
from ..figures.drawing import Drawer
from ..formats import listing
from ..manifest import NAME, MadeFrom, Manifest, SiteManifest, current_versions, read_any_manifest
from ..publish.archive import ARCHIVE
from .build import Files, made_from_config, make
from .inputs import input_files
from .rebuild_changes import (
    Changes,
    config_changes,
    input_changes,
    setting_changes,
    version_changes,
)
from .rebuild_configs import ALONE, config_hash, find_configs
from .rebuild_files import Rebuilt, compare_files
from .site import load_named, make_all, site_files


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
    result = Rebuild(Changes(versions=version_changes(recorded.versions, current_versions())))
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
