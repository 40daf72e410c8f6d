"""What is not as it was when a site was built: its configs, inputs, settings, and the versions that make bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from ..config.places import KeyPath, dotted
from ..manifest import InputFile, MadeFrom, Versions, hash_inputs


@dataclass(frozen=True)
class FileChange:
    """A file that went into a report and is other than it was. `path` is relative to the config's folder.

    `kind`: changed; missing (it is not there); new (read now, and not then); unread (it is there, and no longer
    read); renamed (a config, whose name stands in the report). `then` and `now` are SHA-256, None where there
    was or is no such file; of what is renamed they are the names. `report` is its name in a site of several.
    """

    report: str
    path: str
    kind: Literal["changed", "missing", "new", "unread", "renamed"]
    then: str | None
    now: str | None

    @property
    def named(self) -> str:
        """The path, with the report's name before it in a site of several."""
        return f"{self.report}: {self.path}" if self.report else self.path


@dataclass(frozen=True)
class SettingChange:
    """A setting that is other than it was, by its dotted path. `then` or `now` is None where it is not there."""

    report: str
    key: str
    kind: Literal["changed", "missing", "new"]
    then: JsonValue
    now: JsonValue


@dataclass(frozen=True)
class VersionChange:
    """A program of another version than then; None where it was or is not installed."""

    name: str
    then: str | None
    now: str | None

    def __str__(self) -> str:
        return f"{self.name} {self.then or 'not installed'} then, {self.now or 'not installed'} now"


@dataclass(frozen=True)
class Changes:
    """All that is not as it was: `configs` and `inputs` by report and path, settings in the order of the config."""

    configs: tuple[FileChange, ...] = ()
    inputs: tuple[FileChange, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    versions: tuple[VersionChange, ...] = ()


def version_changes(then: Versions, now: Versions) -> tuple[VersionChange, ...]:
    """Return the program, Python and the packages whose version is another, in this order."""
    before, after = _by_name(then), _by_name(now)
    packages = sorted((before.keys() | after.keys()) - {"diptych", "Python"})
    names = ("diptych", "Python", *packages)
    return tuple(
        VersionChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _by_name(versions: Versions) -> dict[str, str]:
    return {**versions.packages, "diptych": versions.diptych, "Python": versions.python}


def config_changes(report: str, then: InputFile, path: Path, now: str | None) -> tuple[FileChange, ...]:
    """Return how a config differs from its entry in the manifest; `now` is its hash, None where it is not there."""
    if now is None:
        return (FileChange(report, then.path, "missing", then.sha256, None),)
    changed = FileChange(report, then.path, "changed", then.sha256, now)
    renamed = FileChange(report, then.path, "renamed", then.path, path.name)
    return (*([changed] if now != then.sha256 else []), *([renamed] if path.name != then.path else []))


def input_changes(report: str, then: MadeFrom, now: MadeFrom, folder: Path) -> tuple[FileChange, ...]:
    """Return the inputs that are other than they were, by path.

    `folder` is the config's: a file that is no longer read is looked for there. While one is missing, what
    else is not read is not told: a source of several files is passed over as a whole where one is not there.
    """
    before, after = _hashes(then.inputs), _hashes(now.inputs)
    gone = sorted(path for path in before.keys() - after.keys() if (folder / path).is_file())
    hashed = [(path, hash_inputs([folder / path], folder)[0].sha256) for path in gone]
    unread = {path: sha256 for path, sha256 in hashed if sha256 == before[path]}
    after |= dict(hashed)
    missing = before.keys() - after.keys()
    changes = [FileChange(report, path, "missing", before[path], None) for path in missing]
    changes += [FileChange(report, path, "new", None, after[path]) for path in after.keys() - before.keys()]
    changes += [
        FileChange(report, path, "changed", before[path], after[path])
        for path in before.keys() & after.keys()
        if before[path] != after[path]
    ]
    if not missing:
        changes += [FileChange(report, path, "unread", sha256, sha256) for path, sha256 in unread.items()]
    return tuple(sorted(changes, key=lambda change: change.path))


def _hashes(entries: Iterable[InputFile]) -> dict[str, str]:
    """Return hash by path; files from elsewhere that share a bare name have their hashes one after the other."""
    found: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: (entry.path, entry.sha256)):
        found[entry.path] = f"{found[entry.path]} {entry.sha256}" if entry.path in found else entry.sha256
    return found


def setting_changes(report: str, then: JsonValue, now: JsonValue) -> tuple[SettingChange, ...]:
    """Return the settings that are other than they were.

    >>> [change] = setting_changes("", {"a": {"b": [1, 2]}, "c": 1.0}, {"a": {"b": [1, 3]}, "c": 1})
    >>> change.key, change.kind, change.then, change.now
    ('a.b[1]', 'changed', 2, 3)
    """
    return tuple(_setting_changes(report, (), then, now))


def _setting_changes(report: str, path: KeyPath, then: JsonValue, now: JsonValue) -> Iterator[SettingChange]:
    """Give the changes below an entry; lists of other lengths are one change, since their entries may have moved."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*now, *then)):
            here = (*path, key)
            if key not in now:
                yield SettingChange(report, dotted(here), "missing", then[key], None)
            elif key not in then:
                yield SettingChange(report, dotted(here), "new", None, now[key])
            else:
                yield from _setting_changes(report, here, then[key], now[key])
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for position, (old, new) in enumerate(zip(then, now, strict=True)):
            yield from _setting_changes(report, (*path, position), old, new)
    elif then != now:
        yield SettingChange(report, dotted(path), "changed", then, now)
