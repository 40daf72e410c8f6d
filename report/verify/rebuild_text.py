"""What `diptych verify --rebuild` found, in lines for a person and as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from pydantic import JsonValue

from ..formats import count, listing, plural
from .rebuild_changes import Changes, FileChange, SettingChange
from .rebuilding import Rebuild, Rebuilt

_BEFORE = 20
_SHOWN = 60
_HASH_SHOWN = 12
_VERSIONS_SHOWN = 3

_SINCE = {
    "changed": "changed since",
    "missing": "is missing",
    "new": "is new",
    "unread": "is no longer read",
    "renamed": "has another name",
}


def told(found: Rebuild, folder: Path, n_changed: int) -> list[str]:
    """Return what was found, a line each: what went in, what came out, both by path, and a summary.

    `n_changed`: how many files of the site are not as its manifest says.
    """
    changes = found.changes
    lines = [_of_input(change) for change in _grouped((*changes.configs, *changes.inputs))]
    lines += [_of_setting(change) for change in changes.settings]
    lines += [str(change) for change in changes.versions]
    lines += [_of_output(file) for file in found.files]
    if found.stopped is not None:
        return [*lines, *(f"cannot be rebuilt: {message}" for message in found.stopped.messages)]
    return [*lines, _summary(found, folder, n_changed)]


def as_data(found: Rebuild, folder: Path, n_changed: int) -> dict[str, object]:
    """Return the same as JSON has it; hashes and settings are whole."""
    stopped = found.stopped
    return {
        "configs": [str(path) for path in found.configs],
        "changes": asdict(found.changes),
        "files": [asdict(file) for file in found.files],
        "n_files": found.n_files,
        "n_compared": found.n_compared,
        "stopped": None if stopped is None else {"sort": stopped.slug, "messages": list(stopped.messages)},
        "summary": None if stopped is not None else _summary(found, folder, n_changed),
    }


def _grouped(changes: Iterable[FileChange]) -> list[FileChange]:
    """Return changes with the reports of a site that share a file in one: `a, b`."""
    reports: dict[FileChange, list[str]] = {}
    for change in changes:
        reports.setdefault(replace(change, report=""), []).append(change.report)
    return [replace(change, report=", ".join(names)) for change, names in reports.items()]


def _of_input(change: FileChange) -> str:
    then, now = ((text or "")[:_HASH_SHOWN] for text in (change.then, change.now))
    match change.kind:
        case "changed":
            return f"{change.named}: changed since: sha256 {then} then, {now} now"
        case "missing":
            return f"{change.named}: is missing: sha256 {then} then"
        case "new":
            return f"{change.named}: was not read then: sha256 {now} now"
        case "unread":
            return f"{change.named}: is no longer read"
        case "renamed":
            return f"{change.named}: is called {change.now} now"


def _of_setting(change: SettingChange) -> str:
    name = f"setting {change.key}"
    name = f"{change.report}: {name}" if change.report else name
    if change.kind == "changed" and isinstance(change.then, list) and isinstance(change.now, list):
        return f"{name}: {_entries(change.then)} then, {_entries(change.now)} now"
    then, now = _shown_apart(_as_text(change.then), _as_text(change.now))
    then = "not there" if change.kind == "new" else then
    now = "not there" if change.kind == "missing" else now
    return f"{name}: {then} then, {now} now"


def _shown_apart(then: str, now: str) -> tuple[str, str]:
    """Return two texts around the first character in which they differ, shortened."""
    pairs = enumerate(zip(then, now, strict=False))
    differs = next((position for position, (a, b) in pairs if a != b), min(len(then), len(now)))
    start = max(0, differs - _BEFORE)
    return _shown(then, start), _shown(now, start)


def _shown(text: str, start: int) -> str:
    """Return a text from a position on, shortened, with an ellipsis where something is left out."""
    cut = text[start : start + _SHOWN]
    return f"{'…' if start else ''}{cut}{'…' if start + _SHOWN < len(text) else ''}"


def _entries(values: list[JsonValue]) -> str:
    return f"{len(values)} {plural(len(values), 'entry', 'entries')}"


def _as_text(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _of_output(file: Rebuilt) -> str:
    match file.kind:
        case "missing":
            return f"{file.path}: is not made now"
        case "new":
            return f"{file.path}: is made now, and not listed"
        case "edited":
            return f"{file.path}: edited since it was built: {_difference(file)}"
        case "differs":
            return f"{file.path}: {_difference(file)}"


def _difference(file: Rebuilt) -> str:
    then, now = count(file.n_then or 0), count(file.n_now or 0)
    site = "in the site" if file.kind == "edited" else "then"
    return f"{then} bytes {site}, {now} rebuilt" if then != now else f"other bytes, {now} of them as {site}"


def _summary(found: Rebuild, folder: Path, n_changed: int) -> str:
    """Say in a line how much is the same, and what may be the cause of what is not."""
    n_differ = sum(file.kind != "edited" for file in found.files)
    causes = list(_causes(found.changes))
    configs = listing([str(path) for path in found.configs])
    if n_differ:
        causes = causes or ["config, inputs, settings and versions are as they were"]
        files = plural(found.n_compared, "file differs", "files differ")
        return "; ".join([f"rebuilt from {configs}: {count(n_differ)} of {count(found.n_compared)} {files}", *causes])
    files = f"{count(found.n_files)} {plural(found.n_files, 'file', 'files')}"
    same = "all bytes are the same"
    if n_changed:
        others = f"{count(n_changed)} {plural(n_changed, 'file', 'files')}"
        same = f"all bytes are as the manifest says, those of {others} in {folder} are not"
    return "; ".join([f"rebuilt {files} from {configs}: {same}", *causes])


def _causes(changes: Changes) -> Iterator[str]:
    """Give what is not as it was: by name where it is one, else by number."""
    for files, many in ((changes.configs, "configs"), (changes.inputs, "inputs")):
        kinds: dict[tuple[str, str], str] = {}
        for change in _grouped(files):
            kinds.setdefault((change.report, change.path), change.kind)
        if len(kinds) == 1:
            yield from (f"{path} {_SINCE[kind]}" for (_, path), kind in kinds.items())
        elif kinds:
            yield f"{count(len(kinds))} {many} changed since"
    if n_settings := len(changes.settings):
        yield f"{count(n_settings)} {plural(n_settings, 'setting is', 'settings are')} not as then"
    if len(changes.versions) <= _VERSIONS_SHOWN:
        yield from map(str, changes.versions)
    else:
        yield f"{len(changes.versions)} versions are others"
