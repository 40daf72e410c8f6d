"""Warnings about columns that look personal, before their report is published.

The first rows of each column that the config uses are examined, unless the config has `public:`.
No warning quotes a value, and no warning is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config.loading import Config
from ..errors import DataError, Note
from ..relations import RecordSideSettings, RelationSettings
from ..relations.attributes import ACTIVITY
from ..sources import EntitySettings, LabelSettings, SourceSettings
from ..sources.engines import Engine
from ..sources.files import first_rows
from ..sources.personal import SAMPLED, looks_personal


@dataclass(frozen=True)
class _UsedColumn:
    """A column that a config uses: `place` is its key in the config, `holder` its word under `public:`.

    `public`: its values are published. `categories`: they are categories, which are published regardless of `holder`.
    `separator` is the sign between values of one field.
    """

    column: str
    place: str
    holder: str
    public: bool
    categories: bool = False
    separator: str | None = None


def personal_columns(config: Config, engine: Engine, folder: Path) -> tuple[Note, ...]:
    """Return a warning for each used column that looks personal and has no `public:` in the config.

    A table that cannot be read is skipped. The error is reported when it is counted.
    """
    tables: dict[str, tuple[SourceSettings, str, list[_UsedColumn]]] = {}
    for source, place, used in _all_used(config):
        tables.setdefault(repr(source), (source, place, []))[2].append(used)
    return tuple(dict.fromkeys(note for table in tables.values() for note in _of_table(*table, engine, folder)))


def _of_table(
    source: SourceSettings, place: str, columns: Sequence[_UsedColumn], engine: Engine, folder: Path
) -> Iterator[Note]:
    try:
        rows = first_rows(source, folder, engine, SAMPLED, where_declared=place)
    except DataError:
        return
    for used in columns:
        if used.column not in rows.columns:
            continue
        texts = [value for value in rows[used.column].tolist() if isinstance(value, str)]
        if used.separator is not None:
            texts = [part for text in texts for part in text.split(used.separator)]
        what = looks_personal(used.column, texts)
        if what is not None:
            yield Note("personal", used.place, _message(used, what))


def _message(used: _UsedColumn, what: str) -> str:
    seems = f"{used.place}: the column {used.column} seems to contain {what}"
    if used.categories:
        return (
            f"{seems}, and each of its values is a category that the report names; choose another column or file the "
            f"values under categories, or list {used.holder} under public if anybody may read them"
        )
    if used.public:
        return f"{seems}, which are published; write public: with a list without {used.holder}, or with it to confirm"
    return f"{seems}; they are not published: write public: with a list without {used.holder} to confirm, or with it"


def _all_used(config: Config) -> Iterator[tuple[SourceSettings, str, _UsedColumn]]:
    """Yield each used column that the config does not speak of under `public:`, with its source."""
    if "public" in config.model_fields_set:
        yield from (one for one in _every_used(config) if one[2].categories and not one[2].public)
    else:
        yield from _every_used(config)


def _every_used(config: Config) -> Iterator[tuple[SourceSettings, str, _UsedColumn]]:
    shown = {panel.relation for panel in config.panels}
    for name, relation in config.relations.items():
        if name not in shown:
            continue
        place = f"relations.{name}"
        for source, where in _sources(config, place, relation):
            yield from ((source, where, used) for used in _levels(config, place, relation))
        if relation.records is not None:
            source = relation.records.source
            yield from ((source, f"{place}.records.source", one) for one in _sides(config, place, relation))
        if relation.shared is not None:
            used = _UsedColumn(relation.shared.key, f"{place}.shared.key", "keys", config.publishes("keys"))
            for entity in dict.fromkeys(relation.shared.entities):
                yield from _of_entity(config, entity, used)
    for name in _entities(config, shown):
        kind, place = config.entity(name), f"entities.{name}"
        if kind.source is not None:
            yield from ((kind.source, f"{place}.source", one) for one in _ids_and_labels(config, name, kind))


def _entities(config: Config, shown: set[str]) -> tuple[str, ...]:
    """Return the entities of relations with counts."""
    named: list[str] = []
    for name in shown:
        relation = config.relation(name)
        if relation.links is not None:
            named += [relation.links.from_.entity, relation.links.to.entity]
        named += relation.shared.entities if relation.shared is not None else ()
    return tuple(name for name in config.entities if name in named)


def _of_entity(config: Config, name: str, used: _UsedColumn) -> Iterator[tuple[SourceSettings, str, _UsedColumn]]:
    entity = config.entity(name)
    if entity.source is not None:
        column = entity.column(used.column)
        yield entity.source, f"entities.{name}.source", _UsedColumn(column, used.place, used.holder, used.public)


def _sources(config: Config, place: str, relation: RelationSettings) -> Iterator[tuple[SourceSettings, str]]:
    """Yield the tables that may contain groups and strata of a relation."""
    if relation.records is not None:
        yield relation.records.source, f"{place}.records.source"
    if relation.links is not None and relation.links.source is not None:
        yield relation.links.source, f"{place}.links.source"
    named: tuple[str, ...] = () if relation.shared is None else relation.shared.entities
    if relation.links is not None:
        named = (relation.links.from_.entity, relation.links.to.entity)
    for name in dict.fromkeys(named):
        source = config.entity(name).source
        if source is not None:
            yield source, f"entities.{name}.source"


def _levels(config: Config, place: str, relation: RelationSettings) -> Iterator[_UsedColumn]:
    """Yield the columns of groups and strata, by attribute and by column."""
    attributes = {key: column for entity in config.entities.values() for key, column in entity.attributes.items()}
    for key, names in (("group", relation.group), ("strata", relation.strata)):
        for name in names:
            if name != ACTIVITY:
                for column in dict.fromkeys((name, attributes.get(name, name))):
                    yield _UsedColumn(column, f"{place}.{key}", key, config.publishes(key))


def _sides(config: Config, place: str, relation: RelationSettings) -> Iterator[_UsedColumn]:
    """Yield the columns of labels of records."""
    records = relation.records
    if records is None:
        return
    for name, side in (("rows", records.rows), ("columns", records.columns)):
        if side.is_wide or side.lookup is not None:
            continue
        yield _labels(config, side, f"{place}.records.{name}", "records", public=config.publishes("records"))


def _ids_and_labels(config: Config, name: str, entity: EntitySettings) -> Iterator[_UsedColumn]:
    place, public = f"entities.{name}", config.publishes("items", name)
    yield _UsedColumn(entity.id, f"{place}.id", "items", public)
    for labels in entity.labels:
        if labels.lookup is None:
            yield _labels(config, labels, f"{place}.labels", "items", public=public, taxonomy=entity.taxonomy)


def _labels(
    config: Config,
    how: LabelSettings | RecordSideSettings,
    place: str,
    holder: str,
    *,
    public: bool,
    taxonomy: str | None = None,
) -> _UsedColumn:
    chosen = how.taxonomy if isinstance(how, RecordSideSettings) else taxonomy
    rules = config.taxonomies.get(config.taxonomy_name(chosen))
    is_identity = rules is None or (rules.preset is None and not rules.categories)
    return _UsedColumn(str(how.column), place, holder, public, categories=is_identity, separator=how.separator)
