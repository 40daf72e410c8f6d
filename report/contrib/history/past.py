"""Earlier results: an old report from its snapshot alone, and the sources of a report's series.

An old report has its original config, text and counts, but no data. A series comes from dates in the data, or from the
snapshots kept before the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from ...config.loading import Config, LoadedConfig, load_config, load_text
from ...confine import made_for
from ...errors import ConfigError, Note, SnapshotError
from ...findings.finding import RelationCounts
from ...incidence import Incidence
from ...ledger.series import MOST_POINTS, Series, SeriesPoint, dated_series, spread
from ...ledger.uncounted import of_reports
from ...locks import TemporaryFolder
from ...manifest import VERSION, InputFile, InputTable, MadeFrom, fingerprint
from ...pipeline.counting import CountedSources, compiled, report_date, used_entities
from ...pipeline.histories import PastBuild, RememberedBuilds, TakenSnapshot
from ...pipeline.passages import passage_folders
from ...pipeline.provenance import report_settings
from ...taxonomy import Taxonomy
from . import folder as kept_in
from .codec import unpack
from .folder import SUFFIX, Entry, chosen, entry_of, read
from .item_types import filed, types_of
from .keeping import SITE_PATH, counted_of, folder_of
from .settings import SNAPSHOTS, settings_of
from .snapshot import Snapshot
from .united import aligned_all

_WORDS = {"label", "label_reversed", "counting"}
"""Settings of a relation that do not affect which units it has."""

_ITEM_WORDS = {"label", "plural", "taxonomy"}

NOW = "now"
"""Name of the report's own point if its data have no date."""


@dataclass(frozen=True)
class Earlier:
    """Snapshots of a folder before a report, in chronological order."""

    folder: Path
    entries: tuple[Entry, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files that a series reads."""
        return tuple(self.folder / entry.name for entry in self.entries)


def earlier(folder: Path, own: Entry) -> Earlier:
    """Return the snapshots for a series: the last of each date, at most 23, evenly spread.

    Raises SnapshotError, as `entries` does.
    """
    before = [entry for entry in kept_in.entries(folder) if entry.order < own.order]
    last_of_date = {entry.date or entry.id: entry for entry in before if entry.date is None or entry.date != own.date}
    places = spread(len(last_of_date) + 1, MOST_POINTS)[:-1]
    every = tuple(last_of_date.values())
    return Earlier(folder, tuple(every[place] for place in places))


def series_of(loaded: LoadedConfig, counted: CountedSources, before: Earlier | None) -> dict[str, Series]:
    """Return the series of relations by name: by the date named in the config, otherwise from earlier snapshots.

    Raises SnapshotError.
    """
    if settings_of(loaded.config).by is not None:
        found = [
            (name, dated_series(numbers.dated, numbers.tables.incidence))
            for name, numbers in counted.relations.items()
            if numbers.dated is not None
        ]
    else:
        found = [] if before is None or not before.entries else list(_of_snapshots(loaded, counted, before))
    return {name: series for name, series in found if series is not None}


def _of_snapshots(
    loaded: LoadedConfig, counted: CountedSources, before: Earlier
) -> Iterator[tuple[str, Series | None]]:
    kept = [(entry, unpack(kept_in.read(path), str(path), whole=False))
            for entry, path in zip(before.entries, before.files, strict=True)]  # fmt: skip
    rules = _Rules(loaded, compiled(loaded.config), {loaded.published: loaded.config})
    for name, numbers in counted.relations.items():
        yield name, _series(name, numbers, counted, kept, rules)


def _series(
    name: str, numbers: RelationCounts, counted: CountedSources, kept: Sequence[tuple[Entry, Snapshot]], rules: _Rules
) -> Series | None:
    own = numbers.tables.incidence
    there = [(entry, rules.counted(name, snapshot, own)) for entry, snapshot in kept]
    points = [(entry.date, _name(entry), i) for entry, i in there if i is not None]
    if not points:
        return None
    then = [snapshot for (_, snapshot), (_, i) in zip(kept, there, strict=True) if i is not None]
    found = [one for snapshot in then for one in snapshot.body.relations if one.name == name]
    left_out = [_left_out(one) for one in (*found, numbers)]
    date = report_date(rules.loaded.config, counted)
    points.append((date, date.isoformat() if date else NOW, own))
    over = aligned_all([incidence for _, _, incidence in points])
    return Series(
        source="snapshots",
        points=tuple(SeriesPoint(label, end, i) for (end, label, _), i in zip(points, over, strict=True)),
        n_periods=len(points),
        n_units=own.n_units,
        breaks=tuple(_name(entry) for entry, i in there if i is None),
        uncounted=of_reports(left_out, over[-1]),
    )


def _left_out(numbers: RelationCounts) -> int:
    """Return the number of candidate units not counted, or 0 for a shared key, which may have only one side."""
    coverage, role = numbers.coverage, numbers.tables.incidence.unit.role
    known = role in ("to", "from", "record") and not coverage.is_withheld
    return max(coverage.n_candidates - coverage.n_units, 0) if known else 0


def _name(entry: Entry) -> str:
    """Return the name of a snapshot: its date, otherwise its number."""
    return entry.date.isoformat() if entry.date else f"report {entry.number}"


@dataclass(frozen=True, eq=False)
class _Rules:
    """The current config and taxonomies, and the configs of snapshots by their text."""

    loaded: LoadedConfig
    taxonomies: Mapping[str, Taxonomy]
    configs: dict[str, Config | None]

    def counted(self, name: str, snapshot: Snapshot, own: Incidence) -> Incidence | None:
        """Return a relation of a snapshot counted under the current config, or None if this is not possible."""
        relation = next((one for one in snapshot.body.relations if one.name == name), None)
        config = self._config(snapshot)
        if relation is None or config is None or name not in config.relations:
            return None
        today = self.loaded.config
        if config.disclosure != today.disclosure:
            return None  # counts with different privacy protection
        if config is not today and units_of(config, name) != units_of(today, name):
            return None
        then = relation.tables.incidence
        like = replace(
            then,
            fractional=own.fractional,
            rows=replace(own.rows, categories=then.rows.categories),
            columns=replace(own.columns, categories=then.columns.categories),
        )
        if config is today or config.taxonomies == today.taxonomies:
            return like
        return None if (types := types_of(relation)) is None else filed(types, like, self.taxonomies)

    def _config(self, snapshot: Snapshot) -> Config | None:
        """Return the config of the snapshot, or None if this program cannot read it."""
        text = snapshot.head.config.content
        if text not in self.configs:
            try:
                self.configs[text] = load_text(text, Path(snapshot.head.config.name), closed=True).config
            except ConfigError:
                self.configs[text] = None
        return self.configs[text]


def units_of(config: Config, name: str) -> JsonValue:
    """Return the settings that determine the units and their categories. A different source means different data."""
    relation = config.relation(name).model_dump(mode="json", exclude=_WORDS)
    entities: dict[str, JsonValue] = {
        key: config.entity(key).model_dump(mode="json", exclude=_ITEM_WORDS) for key in used_entities(config)
    }
    return {"relation": _without_sources(relation), "entities": _without_sources(entities)}


def _without_sources(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _without_sources(part) for key, part in value.items() if key != "source"}
    return value


@contextmanager
def recall(config: Path, asked: str, *, engine: str | None, folder: Path | None) -> Iterator[PastBuild]:
    """Yield an old report: its original config and its counts.

    `config` is the current config, whose folder of snapshots is searched, or `folder` if it names none. The config need
    not exist if a file is given. The original config and text are written to a temporary folder. Raises SnapshotError,
    and ConfigError if the original config contains settings unknown to this program.
    """
    path = _snapshot_file(config, asked, folder)
    content = read(path)
    snapshot = unpack(content, str(path))
    with TemporaryFolder() as place, made_for(config.parent, place):
        loaded = _written(snapshot, place, config.parent, str(path), engine)
        head, own = snapshot.head, entry_of(path.name)
        counted = _with_notes(counted_of(snapshot), tuple(_notes(path, snapshot)))
        before = None if own is None else earlier(path.parent, own)  # a file in a site has another name
        remembered = RememberedBuilds(
            words=head.strengths,
            series=series_of(loaded, counted, before),
            archive=head.archive,
            stale_after=settings_of(loaded.config).stale_after,
            take=lambda _: TakenSnapshot({SITE_PATH: content}),
        )
        yield PastBuild(loaded, counted, _made_from(snapshot, loaded), remembered)


def _snapshot_file(config: Path, asked: str, folder: Path | None) -> Path:
    """Return the file of a snapshot, by its path or by its id in a folder. Raises SnapshotError if there is none."""
    if asked.endswith(SUFFIX) and Path(asked).is_file():
        return Path(asked)
    loaded = load_config(config, snapshots=folder)
    if SNAPSHOTS.name not in loaded.config.added():
        raise SnapshotError(
            f'"{asked}": is no file, and the config has no `snapshots:` whose folder it could be looked for in'
        )
    return chosen(folder_of(loaded), asked)


def _notes(path: Path, snapshot: Snapshot) -> Iterator[Note]:
    name, head = path.name.removesuffix(SUFFIX), snapshot.head
    if head.program != VERSION:
        yield Note(
            "program",
            name,
            f"snapshot {name}: version {head.program} counted, version {VERSION} worked out and wrote what is here",
        )
    for line in snapshot.body.left_out:
        yield Note("left_out", name, f"snapshot {name}: was too large to keep whole, without {line}")


def _with_notes(counted: CountedSources, notes: tuple[Note, ...]) -> CountedSources:
    told = {name: replace(numbers, notes=(*numbers.notes, *notes)) for name, numbers in counted.relations.items()}
    return replace(counted, relations=told)


def _written(snapshot: Snapshot, place: Path, own: Path, where: str, engine: str | None) -> LoadedConfig:
    """Write the original config and text, and the fonts named in it, and load the config."""
    head = snapshot.head
    path = place / head.config.name
    path.write_text(head.config.content, encoding="utf-8", newline="")
    loaded = load_text(head.config.content, path, engine=engine, closed=True)
    lacking = {panel.relation for panel in loaded.config.panels} - _counted(snapshot, loaded.config)
    if lacking:
        raise SnapshotError(f"{where}: its config has a relation that it did not count ({min(lacking)})")
    for _, named in passage_folders(loaded):
        folder = place / named
        if not folder.resolve().is_relative_to(place.resolve()):
            raise SnapshotError(f"{where}: its text stood outside the folder of its config, so it cannot be made again")
        folder.mkdir(parents=True, exist_ok=True)
        for text in head.texts:
            (folder / text.name).write_text(text.content, encoding="utf-8", newline="")
    fonts = tuple(str((own / name).absolute()) for name in loaded.config.fonts)
    return replace(loaded, config=loaded.config.model_copy(update={"fonts": fonts}))


def _counted(snapshot: Snapshot, config: Config) -> set[str]:
    """Return the relations with numbers in a snapshot. Relations of published matrices have nothing else."""
    matrices = {panel.relation for panel in config.panels if panel.id in snapshot.body.matrices}
    return {relation.name for relation in snapshot.body.relations} | matrices


def _made_from(snapshot: Snapshot, loaded: LoadedConfig) -> MadeFrom:
    head = snapshot.head
    found = fingerprint(head.config.content.encode())
    files = [entry for entry in head.inputs if not entry.columns]
    tables = [entry for entry in head.inputs if entry.columns]
    return MadeFrom(
        config=InputFile(path=head.config.name, sha256=found.sha256, size=found.size),
        inputs=tuple(
            InputFile(path=e.path, sha256=e.sha256, size=e.size or 0, address=e.address, revision=e.revision)
            for e in files
        ),
        settings=report_settings(loaded) | {"fonts": head.settings.get("fonts")},
        tables=tuple(InputTable(source=t.path, columns=t.columns, rows=t.rows, sha256=t.sha256) for t in tables),
    )
