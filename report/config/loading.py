"""The way in: a config file -> `LoadedConfig`, or every problem at once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

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

    def place(self, path: KeyPath) -> Place:
        """Return line and column of an entry, by its keys: `("relations", "trained_on", "unit")`.

        An entry that is not written is placed at the nearest that encloses it; 0 and 0 are the whole file.
        """
        return self.positions.place(path)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem at an entry: its file, line, column and dotted path, with this message."""
        return self.positions.problem(path, message)


def load_config(
    path: Path,
    *,
    engine: str | None = None,
    on_false_claim: str | None = None,
    snapshots: Path | None = None,
    top: Path | None = None,
) -> LoadedConfig:
    """Return the config of a file; ConfigError with every problem of it in file order.

    `engine`, where given, stands in for `engine.name`, `on_false_claim` for `text.on_false_claim`. `snapshots` is a
    folder to keep them in where the config has no `snapshots:`, for a machine that keeps a history of a report while
    whoever else builds it keeps none. `top`: what relative paths start from in a config that a program wrote, whose
    problems then name keys and no lines. Whether the files that the config names exist, and have the columns it names,
    is checked where they are read.
    """
    text = read_text(path)
    return load_text(text, path, engine=engine, on_false_claim=on_false_claim, snapshots=snapshots, top=top)


def load_text(
    text: str,
    path: Path,
    *,
    engine: str | None = None,
    on_false_claim: str | None = None,
    snapshots: Path | None = None,
    top: Path | None = None,
) -> LoadedConfig:
    """Return the config that a text is, as `load_config` does; `path` is what its problems call it."""
    read = read_tree(text, str(path))
    if top is not None:
        read = replace(read, positions=Positions("config", {}))
    written = _with_claims(_with_engine(read, engine), on_false_claim)
    folder = path.parent if top is None else top
    tree = _with_snapshots(written, snapshots, folder)
    config, wrong = _validated(tree)
    view = View(tree.value)
    wrong += islice(check(view), MOST_PROBLEMS)
    problems = [_placed(tree, place, w) for place, w in tree.wrongs]
    problems += [tree.positions.problem(*w) for w in wrong]
    if problems or config is None:
        raise ConfigError(_shown(problems, tree.positions.file))
    return LoadedConfig(config.completed(), path, folder, text, tree.positions, lent=tree is not written)


def _with_engine(tree: Tree, name: str | None) -> Tree:
    settings = tree.value.get("engine") or {}
    if name is None or not isinstance(settings, dict):
        return tree
    return replace(tree, value={**tree.value, "engine": {**settings, "name": name}})


def _with_claims(tree: Tree, on_false_claim: str | None) -> Tree:
    """Return the tree with another choice for false claims; a config without authored text has no claims."""
    settings = tree.value.get("text")
    if on_false_claim is None or not isinstance(settings, dict):
        return tree
    return replace(tree, value={**tree.value, "text": {**settings, "on_false_claim": on_false_claim}})


def _with_snapshots(tree: Tree, folder: Path | None, top: Path) -> Tree:
    """Return the tree with a folder of snapshots, named from the folder of the config, where it names none."""
    if folder is None or "snapshots" in tree.value:
        return tree
    named = Path(os.path.relpath(folder, top)).as_posix()
    return replace(tree, value={**tree.value, "snapshots": {"folder": named}})


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
