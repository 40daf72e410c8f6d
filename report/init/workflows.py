"""What `diptych init --github` writes: workflows that build a report on GitHub."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..errors import DataError
from ..theme.templates import template_folder

FOLDER = ".github/workflows"
NAMES = ("report.yml", "report-pull-request.yml")

_ACTION = re.compile(r"[\w.-]+/[\w.-]+(/[\w./-]+)?@(?P<ref>[\w./-]+)|\./[\w./-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def workflows(action: str, config: str, snapshots: str) -> dict[str, str]:
    """Return the workflows, by name: the report on a schedule, and what a pull request changes in it.

    `action` is where the action is (`owner/name@commit`, or `./` in its own repository), `config` and `snapshots` are
    the config file and the folder of snapshots, from the top of the repository.
    """
    values = {"ACTION": action, "BASE_ACTION": action, "CONFIG": config, "SNAPSHOTS": snapshots}
    return {name: _filled((template_folder() / "github" / name).read_text(encoding="utf-8"), values) for name in NAMES}


def is_action(action: str) -> bool:
    """Tell whether a text says where an action is, as steps of workflows write it."""
    return _ACTION.fullmatch(action) is not None


def is_pinned(action: str) -> bool:
    """Tell whether an action cannot change under its name: it is a commit, or part of the repository itself."""
    found = _ACTION.fullmatch(action)
    return bool(found and (found["ref"] is None or _COMMIT.fullmatch(found["ref"])))


def write_workflows(top: Path, files: dict[str, str], *, overwrite: bool) -> list[Path]:
    """Write workflows below the top of a repository and return their paths; nothing where one is there already.

    DataError with each that is there and differs, unless `overwrite`.
    """
    paths = {top / FOLDER / name: text for name, text in files.items()}
    there = [path for path, text in paths.items() if path.exists() and _read(path) != text]
    if there and not overwrite:
        raise DataError(*(f"{path}: is there already, and differs; --force writes over it" for path in there))
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{top / FOLDER}: cannot be written ({error.strerror})") from None
    return list(paths)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _filled(text: str, values: dict[str, str]) -> str:
    """Return a template with its quoted names filled in: `"@CONFIG@"`, or `".base/@CONFIG@"`."""

    def filled(found: re.Match[str]) -> str:
        return json.dumps(found["before"] + values[found["name"]], ensure_ascii=False)

    return re.sub(r'"(?P<before>[^"@\n]*)@(?P<name>[A-Z_]+)@"', filled, text)
