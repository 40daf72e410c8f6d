"""The way in: a config file -> `LoadedConfig`, or every problem at once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypedDict, Unpack

from pydantic import ValidationError

from ..errors import ConfigError, Problem
from .checks import check
from .model import Config
from .nodes import Tree, read_text, read_tree
from .places import Fault, KeyPath, Place, Positions, View, dotted, one_line
from .problems import wrongs

MOST_PROBLEMS = 200
"""More problems than a person reads are not looked for: guesses at what was meant take time."""


@dataclass(frozen=True)
class LoadedConfig:
    """A valid config with where it came from, so that later stages can point at its lines.

    `path` is the file as the user named it, `folder` what its relative paths start from, `text` the whole
    file (for the manifest). `config` is complete: taxonomies, panels and figures that the file leaves out are
    filled in. `lent`: its folder of snapshots was named beside it, not by the file.
    """

    config: Config
    path: Path
    folder: Path
    text: str = field(repr=False)
    positions: Positions = field(repr=False)
    lent: bool = False

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem at an entry: its file, line, column and dotted path, with this message."""
        return self.positions.problem(path, message)


class Otherwise(TypedDict, total=False):
    """What a command asks of a config, otherwise than the file says.

    `engine`, where given, stands in for `engine.name`, `on_false_claim` for `text.on_false_claim`. `snapshots` is a
    folder to keep them in where the config has no `snapshots:`, for a machine that keeps a history of a report while
    whoever else builds it keeps none. `top`: what relative paths start from in a config that a program wrote, whose
    problems then name keys and no lines.
    """

    engine: str | None
    on_false_claim: str | None
    snapshots: Path | None
    top: Path | None


def load_config(path: Path, **otherwise: Unpack[Otherwise]) -> LoadedConfig:
    """Return the config of a file; ConfigError with every problem of it in file order.

    Whether the files that the config names exist, and have the columns it names, is checked where they are read.
    """
    return load_text(read_text(path), path, **otherwise)


def load_text(text: str, path: Path, **otherwise: Unpack[Otherwise]) -> LoadedConfig:
    """Return the config that a text is, as `load_config` does; `path` is what its problems call it."""
    read = read_tree(text, str(path))
    top, snapshots = otherwise.get("top"), otherwise.get("snapshots")
    if top is not None:
        read = replace(read, positions=Positions("config", {}))
    written = _with(read, "engine", "name", otherwise.get("engine"))
    if isinstance(read.value.get("text"), dict):  # a config without authored text has no claims
        written = _with(written, "text", "on_false_claim", otherwise.get("on_false_claim"))
    folder = path.parent if top is None else top
    tree = written
    if snapshots is not None and "snapshots" not in read.value:
        tree = _with(written, "snapshots", "folder", Path(os.path.relpath(snapshots, folder)).as_posix())
    config, wrong = _validated(tree)
    view = View(tree.value)
    wrong += islice(check(view), MOST_PROBLEMS)
    problems = [_placed(tree, place, w) for place, w in tree.wrongs]
    problems += [tree.positions.problem(*w) for w in wrong]
    if problems or config is None:
        raise ConfigError(_shown(problems, tree.positions.file))
    return LoadedConfig(config.completed(), path, folder, text, tree.positions, lent=tree is not written)


def _with(tree: Tree, section: str, key: str, value: str | None) -> Tree:
    """Return the tree with another value in a section that is a mapping, or absent; without one, as it is."""
    settings = tree.value.get(section) or {}
    if value is None or not isinstance(settings, dict):
        return tree
    return replace(tree, value={**tree.value, section: {**settings, key: value}})


def _validated(tree: Tree) -> tuple[Config | None, list[Fault]]:
    try:
        return Config.model_validate(tree.value), []
    except ValidationError as error:
        return None, list(islice(wrongs(error, tree.value), MOST_PROBLEMS))


def _placed(tree: Tree, place: Place, wrong: Fault) -> Problem:
    return Problem(tree.positions.file, *place, dotted(wrong.path), one_line(wrong.message))


def _shown(problems: list[Problem], file: str) -> list[Problem]:
    """Return each problem once (validation and a check across sections may say the same of one entry), not too many."""
    found = list(dict.fromkeys(problems))
    if len(found) < MOST_PROBLEMS:
        return found
    more = f"has more problems than the {MOST_PROBLEMS - 1} shown; put these right and check again"
    return [Problem(file, 0, 0, "", more), *found[: MOST_PROBLEMS - 1]]
