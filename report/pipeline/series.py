"""Where the series of a report comes from: dates in its own data, or the snapshots that were kept before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from ..config.loading import LoadedConfig, load_text
from ..config.model import Config
from ..errors import ConfigError
from ..history import folder as kept_in
from ..history.codec import unpack
from ..history.folder import Entry
from ..history.snapshot import Snapshot
from ..history.united import aligned_all
from ..incidence import Incidence
from ..ledger.dating import MOST_POINTS
from ..ledger.item_types import filed
from ..ledger.periods import spread
from ..ledger.series import Point, Series, dated_series
from ..taxonomy.compile import Taxonomy
from .counting import Counted, Numbers, compiled, report_date, used_entities

_WORDS = {"label", "inverse_label", "counting"}
"""Settings of a relation that do not decide which units there are."""

_ITEM_WORDS = {"label", "plural", "taxonomy"}
_SOURCES = {"source"}

NOW = "now"
"""What the report's own point is called where its data have no date."""


@dataclass(frozen=True)
class Earlier:
    """Snapshots of a folder that came before a report, earlier ones first."""

    folder: Path
    entries: tuple[Entry, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that a series reads."""
        return tuple(self.folder / entry.name for entry in self.entries)


def earlier(folder: Path, own: Entry) -> Earlier:
    """Return the snapshots that a series takes from a folder: the last of each date, at most 23, evenly spread.

    Raises SnapshotError as `entries` does.
    """
    before = [entry for entry in kept_in.entries(folder) if entry.order < own.order]
    last_of_date = {entry.date or entry.id: entry for entry in before if entry.date is None or entry.date != own.date}
    places = spread(len(last_of_date) + 1, MOST_POINTS)[:-1]
    every = tuple(last_of_date.values())
    return Earlier(folder, tuple(every[place] for place in places))


def with_series(loaded: LoadedConfig, counted: Counted, before: Earlier | None) -> Counted:
    """Return what was counted, each relation with its series where it has one. Raises SnapshotError.

    By a date where the config names one, else of the snapshots before this report.
    """
    snapshots = loaded.config.snapshots
    if snapshots is None:
        return counted
    if snapshots.by is not None:
        found = {
            name: None if numbers.dated is None else dated_series(numbers.dated, numbers.tables.incidence)
            for name, numbers in counted.relations.items()
        }
    else:
        found = dict(_of_snapshots(loaded, counted, before)) if before is not None and before.entries else {}
    relations = {name: replace(numbers, series=found.get(name)) for name, numbers in counted.relations.items()}
    return replace(counted, relations=relations)


def _of_snapshots(loaded: LoadedConfig, counted: Counted, before: Earlier) -> Iterator[tuple[str, Series | None]]:
    kept = [(entry, unpack(kept_in.read(path), str(path), whole=False))
            for entry, path in zip(before.entries, before.files, strict=True)]  # fmt: skip
    rules = _Rules(loaded, compiled(loaded.config), {loaded.text: loaded.config})
    for name, numbers in counted.relations.items():
        yield name, _series(name, numbers, counted, kept, rules)


def _series(
    name: str, numbers: Numbers, counted: Counted, kept: Sequence[tuple[Entry, Snapshot]], rules: _Rules
) -> Series | None:
    own = numbers.tables.incidence
    there = [(entry, rules.counted(name, snapshot, own)) for entry, snapshot in kept]
    points = [(entry.date, _name(entry), i) for entry, i in there if i is not None]
    if not points:
        return None
    date = report_date(rules.loaded.config, counted)
    points.append((date, date.isoformat() if date else NOW, own))
    over = aligned_all([incidence for _, _, incidence in points])
    return Series(
        source="snapshots",
        points=tuple(Point(label, end, i) for (end, label, _), i in zip(points, over, strict=True)),
        n_periods=len(points),
        n_units=own.n_units,
        breaks=tuple(_name(entry) for entry, i in there if i is None),
    )


def _name(entry: Entry) -> str:
    """Return what a snapshot is called: its date, else its number."""
    return entry.date.isoformat() if entry.date else f"report {entry.number}"


@dataclass(frozen=True, eq=False)
class _Rules:
    """Today's config and taxonomies, and the configs of snapshots by their text."""

    loaded: LoadedConfig
    taxonomies: Mapping[str, Taxonomy]
    configs: dict[str, Config | None]

    def counted(self, name: str, snapshot: Snapshot, own: Incidence) -> Incidence | None:
        """Return a relation of a snapshot as today's config counts it; None where that cannot be told."""
        relation = next((one for one in snapshot.body.relations if one.name == name), None)
        config = self._config(snapshot)
        if relation is None or config is None or name not in config.relations:
            return None
        today = self.loaded.config
        if config is not today and units_of(config, name) != units_of(today, name):
            return None
        then = relation.incidence
        like = replace(
            then,
            fractional=own.fractional,
            rows=replace(own.rows, categories=then.rows.categories),
            columns=replace(own.columns, categories=then.columns.categories),
        )
        if config is today or config.taxonomies == today.taxonomies:
            return like
        return None if relation.types is None else filed(relation.types, like, self.taxonomies)

    def _config(self, snapshot: Snapshot) -> Config | None:
        """Return the config of then, None where this program cannot read it."""
        text = snapshot.head.config.content
        if text not in self.configs:
            try:
                self.configs[text] = load_text(text, Path(snapshot.head.config.name)).config
            except ConfigError:
                self.configs[text] = None
        return self.configs[text]


def units_of(config: Config, name: str) -> JsonValue:
    """Return the settings that decide which units there are, and what they have; another source is other data."""
    relation = config.relation(name).model_dump(mode="json", exclude=_WORDS)
    entities: dict[str, JsonValue] = {
        key: config.entity(key).model_dump(mode="json", exclude=_ITEM_WORDS) for key in used_entities(config)
    }
    return {"relation": _without_sources(relation), "entities": _without_sources(entities)}


def _without_sources(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_sources(part) for key, part in value.items() if key not in _SOURCES}
    return value
