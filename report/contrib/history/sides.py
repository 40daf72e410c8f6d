"""The two builds to compare: found as a site, file, id, folder or git revision, and counted step by step."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np

from ...config.loading import Config, load_config, load_text
from ...errors import SnapshotError
from ...findings.finding import RelationCounts
from ...incidence import Incidence
from ...inference.intervals import Measure
from ...manifest import NAME
from ...measures import MEASURES
from ...panels import RelationStats, build_panel, tables_of
from ...pipeline.counting import compiled
from ...taxonomy import Taxonomy
from .changes import DATA, ORDER, SETTINGS, TAXONOMY
from .codec import unpack
from .folder import SUFFIX, chosen, entries, entry_of, read
from .item_types import ItemTypes, filed, types_of
from .keeping import SITE_PATH, folder_of
from .past import units_of
from .settings import SNAPSHOTS
from .snapshot import KeptCell, Snapshot

Cells = dict[tuple[str, str], tuple[float | None, str]]
"""(given, outcome) -> value and state."""


@dataclass(frozen=True, eq=False)
class ReadBuild:
    """One build: its snapshot, its name, and its config."""

    name: str
    snapshot: Snapshot
    config: Config
    taxonomies: Mapping[str, Taxonomy]

    def relation(self, name: str) -> RelationCounts | None:
        """Return a relation with counts, or None."""
        return next((one for one in self.snapshot.body.relations if one.name == name), None)

    def cells(self, panel: str) -> dict[tuple[str, str], KeptCell]:
        """Return the cells of a panel as published, or none if there is no such panel."""
        found = (one for one in self.snapshot.head.panels if one.id == panel)
        return {(c.given, c.outcome): c for one in found for c in one.cells}


def side_of(name: str, snapshot: Snapshot) -> ReadBuild:
    """Return a build. Raises ConfigError if its config contains settings unknown to this program."""
    head = snapshot.head
    config = load_text(head.config.content, Path(f"{name}: {head.config.name}"), closed=True).config
    return ReadBuild(name, snapshot, config, compiled(config))


@dataclass(frozen=True, eq=False)
class ChangeSteps:
    """Steps from the old build of one relation to the new one: the causes that differ change one after the other.

    `factors` are the causes that differ and can be separated, in the order in which they change. `mixed` are causes
    that cannot be separated, because the units are different units.
    """

    name: str
    old: ReadBuild
    new: ReadBuild
    factors: tuple[str, ...]
    mixed: tuple[str, ...]

    def cells(self, panel: str) -> list[Cells]:
        """Return values and states of a panel before the first step and after each, a count as a share of all units."""
        return [self._cells(panel, n_new) for n_new in range(len(self.factors) + 1)]

    def _cells(self, panel: str, n_new: int) -> Cells:
        config, tables = self._side(SETTINGS, n_new).config, self._tables[n_new]
        declared = config.panel(panel)
        judged = declared.model_copy(update={"measure": judged_measure(declared.measure).info.name})
        shown, valued = (build_panel(settings, tables, config.inference) for settings in (declared, judged))
        pairs = product(shown.given_categories, shown.outcome_categories)
        return dict(zip(pairs, zip(valued.column("value"), shown.column("state"), strict=True), strict=True))

    @cached_property
    def _tables(self) -> list[RelationStats]:
        return [tables_of(self._incidence(n_new)) for n_new in range(len(self.factors) + 1)]

    def _incidence(self, n_new: int) -> Incidence:
        """Return the incidence after the first `n_new` causes have changed."""
        counted, rules = self._side(DATA, n_new), self._side(TAXONOMY, n_new)
        own = self.kept(counted)
        fractional = self.kept(self._side(SETTINGS, n_new)).tables.incidence.fractional
        like = replace(own.tables.incidence, fractional=fractional)
        types = types_of(own)
        if types is None or counted is rules or TAXONOMY not in self.factors:
            return like
        return filed(types, like, rules.taxonomies)

    def _side(self, cause: str, n_new: int) -> ReadBuild:
        """Return the build from which a cause is taken."""
        return self.new if cause in self.factors[:n_new] else self.old

    def kept(self, side: ReadBuild) -> RelationCounts:
        """Return the relation as counted in one build."""
        found = side.relation(self.name)
        if found is None:
            raise AssertionError("steps are of relations that both builds have")
        return found


def judged_measure(name: str) -> Measure:
    """Return the measure for judging a change: a count grows with the source, its share does not."""
    return MEASURES["share" if name == "count" else name]


def steps_of(name: str, old: ReadBuild, new: ReadBuild) -> ChangeSteps | None:
    """Return the steps of a relation, or None if either build does not count it."""
    before, after = old.relation(name), new.relation(name)
    if before is None or after is None:
        return None
    differ = {
        DATA: _data_differ(before, after),
        TAXONOMY: old.config.taxonomies != new.config.taxonomies,
        SETTINGS: _settings(old, name) != _settings(new, name),
    }
    if units_of(old.config, name) != units_of(new.config, name):
        before_and_after = [{entry.sha256 for entry in side.snapshot.head.inputs} for side in (old, new)]
        differ |= {DATA: before_and_after[0] != before_and_after[1], SETTINGS: True}
        return ChangeSteps(name, old, new, (), tuple(cause for cause in differ if differ[cause]))
    typed = types_of(before) is not None and types_of(after) is not None
    if not typed and differ[DATA] and differ[TAXONOMY]:
        return ChangeSteps(name, old, new, (), tuple(cause for cause in differ if differ[cause]))
    return ChangeSteps(name, old, new, tuple(cause for cause in ORDER if differ[cause]), ())


def _settings(side: ReadBuild, name: str) -> object:
    config = side.config
    panels = {panel.id: panel for panel in config.panels_of(name)}
    return config.relation(name).counting, config.inference, config.thresholds, panels


def _data_differ(old: RelationCounts, new: RelationCounts) -> bool:
    """Return whether units differ: by the labels of their items if both builds kept them, otherwise by categories."""
    types, new_types = types_of(old), types_of(new)
    if types is None or new_types is None:
        arrays = ("row_sets", "column_sets", "stratum", "group", "units", "weight")
        return not _same(old.tables.incidence, new.tables.incidence, arrays)
    sides = [(one.labels, one.types, one.sets, one.n_items) for one in (types.rows, types.columns)]
    others = [(one.labels, one.types, one.sets, one.n_items) for one in (new_types.rows, new_types.columns)]
    arrays = ("row_set", "column_set", "stratum", "group", "units", "weight_parts")
    return sides != others or not _same(types, new_types, arrays)


def _same(old: Incidence | ItemTypes, new: Incidence | ItemTypes, arrays: Sequence[str]) -> bool:
    levels = (old.strata, old.groups) == (new.strata, new.groups)
    return levels and all(np.array_equal(getattr(old, name), getattr(new, name)) for name in arrays)


_GIT_SECONDS = 60


def source_of(asked: str, config: Path, snapshots: Path | None = None) -> ReadBuild:
    """Return the build of the requested snapshot.

    It may be a folder that is a site or has snapshots (the newest is used), or a file. It may be an id, the start of
    one, or "newest", in the folder of `config` (`snapshots` if it names none). Or it may be a revision of the git
    repository of that folder (the newest snapshot there). The first match in this order is used. Raises SnapshotError
    if nothing matches, and ConfigError if the config contains settings unknown to this program.
    """
    path = Path(asked)
    if path.is_dir():
        return _of_folder(path)
    if path.is_file():
        if not asked.endswith(SUFFIX):
            raise SnapshotError(f"{asked}: is no snapshot, whose name ends in {SUFFIX}; name one, a site, or an id")
        return _unpacked(read(path), _called(path))
    if asked.endswith(SUFFIX) and entry_of(path.name) is None:
        raise SnapshotError(f"{asked}: there is no such file")
    folder = _folder(asked, config, snapshots)
    known = entries(folder)
    if asked == "newest" or any(e.id.startswith(asked) or e.hash12.startswith(asked) for e in known):
        found = chosen(folder, asked)
        return _unpacked(read(found), _called(found))
    return _of_revision(asked, folder)


def _folder(asked: str, config: Path, lent: Path | None) -> Path:
    if not config.exists():
        raise SnapshotError(
            f'"{asked}": is no site and no file; for an id or a revision of git, --config names the config whose '
            f"folder of snapshots is meant ({config} is not there)"
        )
    loaded = load_config(config, snapshots=lent)
    if SNAPSHOTS.name not in loaded.config.added():
        raise SnapshotError(f'"{asked}": is no site and no file, and {config} has no `snapshots:` to look it up in')
    return folder_of(loaded)


def _of_folder(folder: Path) -> ReadBuild:
    inside = folder / SITE_PATH
    if inside.is_file():
        return _unpacked(read(inside), str(folder))
    known = entries(folder)
    if known:
        found = folder / known[-1].name
        return _unpacked(read(found), _called(found))
    if (folder / NAME).is_file():
        raise SnapshotError(
            f"{folder}: is a site without {SITE_PATH}; build it with `snapshots:` in its config (of a site of several "
            "reports, name the folder of one)"
        )
    raise SnapshotError(f"{folder}: is neither a site nor a folder of snapshots")


def _of_revision(revision: str, folder: Path) -> ReadBuild:
    """Return the newest snapshot in a folder at a revision; nothing is checked out."""
    place = _existing(folder)
    none = f'"{revision}": is no site, no file, and no id in {folder}'
    found = _git(place, f"{none}, which is in no repository of git", "rev-parse", "--show-toplevel")
    top = Path(found.decode().removesuffix("\n"))
    commit = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    name = _git(place, f"{none}, and no revision of git", *commit).decode().strip()
    inside = folder.resolve().relative_to(top.resolve()).as_posix()
    tree = f"{name}:" if inside == "." else f"{name}:{inside}"
    listed = _git(top, f"{revision}: has no folder {inside}", "ls-tree", "-z", "--name-only", tree).decode(
        "utf-8", "replace"
    )
    known = [entry for line in listed.split("\0") if (entry := entry_of(line)) is not None and line.endswith(SUFFIX)]
    if not known:
        raise SnapshotError(f"{revision}: contains no snapshot in {inside}")
    newest = max(known, key=lambda entry: entry.order)
    path = newest.name if inside == "." else f"{inside}/{newest.name}"
    content = _git(top, f"{revision}: {path} cannot be read", "cat-file", "blob", f"{name}:{path}")
    return _unpacked(content, f"{revision}: {newest.id}")


def _existing(folder: Path) -> Path:
    found = folder.resolve()
    while not found.is_dir():
        found = found.parent
    return found


def _git(place: Path, failed: str, *arguments: str) -> bytes:
    """Return the output of git. Raises SnapshotError, which names the operation `failed`, if git fails."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell; names follow --end-of-options
            ["git", "-C", str(place), *arguments],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=_GIT_SECONDS,
        )
    except FileNotFoundError:
        raise SnapshotError(f"{failed} (git is not installed)") from None
    except subprocess.TimeoutExpired:
        raise SnapshotError(f"{failed} (git did not answer within {_GIT_SECONDS} seconds)") from None
    if done.returncode:
        raise SnapshotError(failed)
    return done.stdout


def _called(path: Path) -> str:
    return path.name.removesuffix(SUFFIX) if entry_of(path.name) is not None else str(path)


def _unpacked(content: bytes, name: str) -> ReadBuild:
    return side_of(name, unpack(content, name, whole=False))
