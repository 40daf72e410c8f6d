"""Rebuild a site from its config, in memory, and report files and inputs that differ."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from ... import formats
from ...config.comments import published_config
from ...config.loading import LoadedConfig
from ...errors import DataError, DiptychError
from ...pipeline.build import ALONE, load_named, made_from_config, remake, report_name
from ...pipeline.inputs import input_files
from ...publish.manifest import (
    Fingerprint,
    InputFile,
    MadeFrom,
    Manifest,
    Versions,
    current_versions,
    fingerprint,
    is_own_file,
    read_any_manifest,
)

_HASH_SHOWN = 12

Kind = Literal["differs", "missing", "new", "edited"]
_SAID: Mapping[Kind, str] = {
    "differs": "other bytes",
    "missing": "is not made now",
    "new": "is made now, and not listed",
    "edited": "edited since it was built",
}


@dataclass(frozen=True)
class InputChange:
    """An input of a site that has changed: a config or input by path and SHA-256, a program by name and version.

    `then` or `now` is None if it was not an input. In a site of several reports, the name starts with the report.
    """

    name: str
    then: str | None
    now: str | None

    def __str__(self) -> str:
        then, now = ((text or "absent")[:_HASH_SHOWN] for text in (self.then, self.now))
        return f"{self.name}: {then} then, {now} now"


@dataclass(frozen=True)
class Rebuild:
    """The result of rebuilding a site.

    `configs` are the files from which it was built. `files` are the files with differences, by path below the site:
    differs (the bytes differ from the manifest); missing (listed, but not built now); new (built now, but not listed);
    edited (built as listed, but the site has other bytes). `n_files` is the number of files built, without the
    manifest. `stopped` is the error that prevented the build. There are then no files.
    """

    changes: tuple[InputChange, ...]
    configs: tuple[Path, ...] = ()
    files: Mapping[str, Kind] = field(default_factory=dict)
    n_files: int = 0
    stopped: DiptychError | None = None


def rebuild(folder: Path, configs: Sequence[Path] = (), *, engine: str | None = None) -> Rebuild:
    """Rebuild the site in a folder and compare it with its manifest. Nothing is written.

    `configs` are their paths, if they differ from those recorded in the site. `engine` is as in `build`. Changed inputs
    are reported and do not stop it. Raises ManifestError if the folder is not a site. All other errors are in
    `stopped`.
    """
    recorded = read_any_manifest(folder)
    reports: Mapping[str, MadeFrom] = {ALONE: recorded} if isinstance(recorded, Manifest) else recorded.in_order
    versions_now = current_versions(recorded.versions.packages)
    result = Rebuild(_changed("", _by_name(recorded.versions), _by_name(versions_now)))
    try:
        paths = find_configs(folder, reports, configs)
        result = replace(result, configs=tuple(paths.values()))
        loaded = load_named(paths.items(), engine)
        inputs = [change for name, one in loaded.items() for change in _inputs_changed(name, reports[name], one)]
        result = replace(result, changes=(*inputs, *result.changes))
        _check_tables(reports)
        made = remake(loaded)
    except DiptychError as error:
        return replace(result, stopped=error)
    listed = recorded.outputs
    compared = {path: _compared(path, made.get(path), listed.get(path), folder) for path in sorted({*made, *listed})}
    return replace(result, files={path: kind for path, kind in compared.items() if kind}, n_files=len(made))


def told(found: Rebuild) -> list[str]:
    """Return the result, a line each: changed inputs, files that differ, and a summary."""
    lines = [*map(str, found.changes), *(f"{path}: {_SAID[kind]}" for path, kind in found.files.items())]
    if found.stopped is not None:
        return [*lines, *(f"cannot be rebuilt: {message}" for message in found.stopped.messages)]
    return [*lines, _summary(found)]


def as_data(found: Rebuild) -> dict[str, object]:
    """Return the result as JSON data, with full hashes."""
    stopped = found.stopped
    return {
        "configs": [str(path) for path in found.configs],
        "changes": [asdict(change) for change in found.changes],
        "files": [{"path": path, "kind": kind} for path, kind in found.files.items()],
        "n_files": found.n_files,
        "stopped": None if stopped is None else {"sort": stopped.slug, "messages": list(stopped.messages)},
        "summary": None if stopped is not None else _summary(found),
    }


def _summary(found: Rebuild) -> str:
    files = f"rebuilt {formats.count(found.n_files)} {formats.plural(found.n_files, 'file', 'files')}"
    n_differ = sum(kind != "edited" for kind in found.files.values())
    same = f"{formats.count(n_differ)} not as the manifest says" if n_differ else "all bytes are as the manifest says"
    why = "" if found.changes or not n_differ else "; config, inputs and versions are as they were"
    return f"{files} from {formats.listing([str(path) for path in found.configs])}: {same}{why}"


def find_configs(folder: Path, reports: Mapping[str, MadeFrom], given: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the config of each report, in the order of `reports`.

    A given config belongs to the report that a build would name after it, otherwise to the report whose config had the
    same bytes. For the other reports, a file with the name in the manifest is searched next to the site and in the
    working folder. A file with the same bytes takes precedence; otherwise the first file is used. Raises DataError
    with all configs that do not fit or are not found.
    """
    if ALONE in reports and len(given) > 1:
        raise DataError(f"{folder}: is one report, made from one config; give --config once", slug="rebuild")
    found: dict[str, Path] = {ALONE: given[0]} if ALONE in reports and given else {}
    found |= {report_name(path): path for path in given if report_name(path) in reports}
    messages = []
    for name, made_from in reports.items():
        places = [path for path in given if path not in found.values() and _is_the_one(path, made_from)]
        places += [path for path in _places(folder, name, made_from) if path.is_file()]
        fitting = [path for path in places if name in (ALONE, report_name(path)) or _is_the_one(path, made_from)]
        same = [path for path in fitting if _is_the_one(path, made_from)]
        if name not in found and fitting:
            found[name] = (same or fitting)[0]
        elif name not in found:
            whose = "its config" if name == ALONE else f'the config of the report "{name}"'
            messages.append(
                f"{folder}: {whose} ({made_from.config.path}) is neither next to it nor in the folder you work in; "
                "give --config PATH"
            )
    messages += [
        f"{path}: neither its name nor its bytes say which report of {folder} it belongs to; "
        f"name it as one of {formats.listing(list(reports))}"
        for path in given
        if path not in found.values()
    ]
    if messages:
        raise DataError(*messages, slug="rebuild")
    return {name: found[name] for name in reports}


def _places(folder: Path, name: str, made_from: MadeFrom) -> Iterator[Path]:
    """Yield possible places of a config, likely places first. A report named after its folder may have one there."""
    file = Path(made_from.config.path).name
    for base in (Path(os.path.normpath(folder / "..")), Path()):
        yield base / file
        yield base / name / file


def _is_the_one(path: Path, made_from: MadeFrom) -> bool:
    try:
        published = published_config(path)
    except DiptychError:
        return False
    return fingerprint(published.encode()).sha256 == made_from.config.sha256


def _by_name(versions: Versions) -> dict[str, str]:
    return {"diptych": versions.diptych, "Python": versions.python, **versions.packages}


def _inputs_changed(report: str, then: MadeFrom, one: LoadedConfig) -> tuple[InputChange, ...]:
    """Return the config and inputs that have changed, are no longer read, or are only read now."""
    try:
        now = made_from_config(one, input_files(one))
    except OSError as error:
        raise DataError(
            f"{error.filename}: cannot be read ({error.strerror}); check that it is a file that may be read"
        ) from None
    return _changed(report, _hashes((then.config, *then.inputs)), _hashes((now.config, *now.inputs)))


def _hashes(entries: Iterable[InputFile]) -> dict[str, str]:
    """Return hashes by path. Remote files with the same bare name have their hashes one after the other."""
    found: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: (entry.path, entry.sha256)):
        found[entry.path] = f"{found[entry.path]} {entry.sha256}" if entry.path in found else entry.sha256
    return found


def _changed(report: str, then: Mapping[str, str], now: Mapping[str, str]) -> tuple[InputChange, ...]:
    names = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
    return tuple(InputChange(f"{report}: {n}" if report else n, then.get(n), now.get(n)) for n in names)


def _check_tables(reports: Mapping[str, MadeFrom]) -> None:
    """Raise an error if the site was built from tables that were passed in from Python."""
    passed = sorted({table.source for made_from in reports.values() for table in made_from.tables})
    if passed:
        raise DataError(
            f"{formats.listing(passed)} came from Python, not from a file, when this was built; "
            "build it again where that is passed, and compare the two manifests",
            slug="rebuild",
        )


def _compared(path: str, now: bytes | None, listed: Fingerprint | None, folder: Path) -> Kind | None:
    """Return how a file differs, or None if it matches."""
    if now is None:
        return "missing"
    if listed is None:
        return "new"
    if fingerprint(now) != listed:
        return "differs"
    place = folder / path
    try:
        return "edited" if is_own_file(folder, path) and place.is_file() and place.read_bytes() != now else None
    except OSError:  # the hashes show this
        return None
