"""Write the workflows that build and publish reports on GitHub."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...config.loading import LoadedConfig
from ...disk import read_regular
from ...errors import DataError
from ...pipeline.inputs import named_sources
from ...pipeline.passages import passage_folders
from ...sources.addresses import scheme_of
from ...theme import template_folder

FOLDER = ".github/workflows"
NAMES = ("report.yml", "report-pull-request.yml")

Site = Literal["none", "mkdocs", "quarto"]
SITES: tuple[Site, ...] = get_args(Site)
"""Generators of a site that the workflow builds first; the reports are then folders of that site."""

_BUILT: dict[Site, str] = {"none": "site", "mkdocs": "site", "quarto": "_site"}
_ACTION = re.compile(r"[\w.-]+/[\w.-]+(/[\w./-]+)?@(?P<ref>[\w./-]+)|\./[\w./-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SPECIAL = re.compile(r"[\\+!\[\]]")
"""Special characters of GitHub's patterns for paths, except wildcards, which sources may contain too."""


@dataclass(frozen=True)
class BuiltConfig:
    """A config and patterns of its files, all relative to the top of the repository."""

    config: str
    paths: tuple[str, ...]


def workflows(action: str, configs: Sequence[BuiltConfig], site: Site = "none") -> dict[str, str]:
    """Return the workflows by name: the report on a schedule and after changes, and the changes of a pull request.

    `action` is the location of the action (`owner/name@commit`, or `./` in its own repository). Raises DataError for
    names that GitHub would evaluate.
    """
    odd = [text for one in configs for text in dict.fromkeys((one.config, *one.paths)) if "${{" in text]
    if odd:
        raise DataError(*(f'"{text}": has "${{{{" in its name, which GitHub would evaluate; rename it' for text in odd))
    environment = Environment(
        loader=FileSystemLoader(template_folder() / "contrib" / "choose"),
        variable_start_string="[[",
        variable_end_string="]]",
        line_statement_prefix="#%",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML, whose values are quoted by the filter
    )
    environment.filters["yaml"] = lambda text: json.dumps(text, ensure_ascii=False)
    several = len(configs) > 1
    ids = _ids([one.config for one in configs]) if several else ["report"]
    top = _BUILT[site]
    reports = [
        {
            "id": name,
            "suffix": f"-{name}" if several else "",
            "config": one.config,
            "output": f"{top}/{name}" if several or site != "none" else top,
            "published": f".published/{name}" if several else ".published",
            "preview": f"site/{name}" if several else "site",
        }
        for name, one in zip(ids, configs, strict=True)
    ]
    paths = list(dict.fromkeys(path for one in configs for path in one.paths))
    built = " || ".join(f"steps.head{one['suffix']}.outputs.report-path" for one in reports)
    known = {"action": action, "base_action": action, "reports": reports, "several": several, "built": built}
    return {
        name: environment.get_template(name).render(
            **known, site=site, folder=top, paths=[*paths, *_paths_of_site(site, name), f"{FOLDER}/{name}"]
        )
        for name in NAMES
    }


def _paths_of_site(site: Site, name: str) -> list[str]:
    """Return patterns of the files of a site, which only the published one needs."""
    patterns: dict[Site, list[str]] = {
        "none": [],
        "mkdocs": ["docs/**", "mkdocs.yml", "requirements.txt"],
        "quarto": ["**.qmd", "_quarto.yml", "requirements.txt"],
    }
    return patterns[site] if name == NAMES[0] else []


def _ids(configs: Sequence[str]) -> list[str]:
    """Return a distinct name for each config, for ids of steps and for folders.

    >>> _ids(["a/config.yaml", "b/config.yaml", "Sales 2026.yml", "sales-2026.yaml"])
    ['a', 'b', 'sales-2026', 'sales-2026-2']
    """
    found: list[str] = []
    for config in configs:
        path = PurePosixPath(config)
        text = path.parent.name if path.stem == "config" and path.parent.name else path.stem
        name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "report"
        n = sum(re.fullmatch(rf"{re.escape(name)}(-\d+)?", one) is not None for one in found)
        found.append(f"{name}-{n + 1}" if n else name)
    return found


def watched(loaded: LoadedConfig, top: Path) -> tuple[str, ...]:
    """Return patterns of the local files of a config, relative to the top of the repository: config, data and text."""
    found = [_pattern(loaded.path, top)]
    for _, source in named_sources(loaded):
        found += [_pattern(loaded.folder / path, top) for path in source.path if scheme_of(path) is None]
    found += [_pattern(loaded.folder / folder, top, whole=True) for _, folder in passage_folders(loaded)]
    return tuple(dict.fromkeys(path for path in found if path is not None))


def _pattern(path: Path, top: Path, *, whole: bool = False) -> str | None:
    """Return the pattern of a file, or of all files of a folder; None if it is outside the repository."""
    relative = Path(os.path.relpath(path, top))
    if relative.is_absolute() or ".." in relative.parts:
        return None
    return _escaped(f"{relative.as_posix()}/**" if whole or path.is_dir() else relative.as_posix())


def _escaped(path: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", path)


def is_action(action: str) -> bool:
    """Return whether a text is a valid location of an action in steps of workflows."""
    return _ACTION.fullmatch(action) is not None


def is_pinned(action: str) -> bool:
    """Return whether an action is pinned: given by a commit, or part of the repository itself."""
    found = _ACTION.fullmatch(action)
    return bool(found and (found["ref"] is None or _COMMIT.fullmatch(found["ref"])))


def write_workflows(top: Path, files: dict[str, str], *, overwrite: bool) -> list[Path]:
    """Write workflows below the top of a repository and return their paths; nothing if one already exists.

    Raises DataError with each existing workflow that differs, unless `overwrite`.
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
        return read_regular(path).decode("utf-8")
    except (OSError, ValueError):
        return None
