"""Which config files a built site was made from: those given, else those beside it or in the working folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import RebuildError
from ..formats import listing
from ..manifest import MadeFrom, fingerprint
from .site import report_name

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
