"""Tables that are passed from Python: put in the place of the sources that a config declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from ..config.loading import LoadedConfig
from ..config.model import Config
from ..errors import DataError
from ..manifest import InputTable
from ..relations.settings import LinkSettings, RecordSettings, RelationSettings
from ..schema import did_you_mean, listed
from ..sources.passed import PassedSource, take
from ..temporary import TemporaryFolder
from .counting import gathered
from .inputs import named_sources


@contextmanager
def with_tables(loaded: LoadedConfig, tables: Mapping[str, object]) -> Iterator[LoadedConfig]:
    """Give a config whose named entities and relations have the passed tables as their sources.

    A name that is an entity's and a relation's as well is written `entities.NAME` or `relations.NAME`. Raises
    `DataError` with everything that is wrong with names and tables. What the tables need goes with the end of this.
    """
    config = loaded.config
    if not tables:
        yield loaded
        return
    places = gathered({name: partial(_place, config, name) for name in tables})
    again = sorted({place for place in places.values() if list(places.values()).count(place) > 1})
    if again:
        raise DataError(*(f"tables: {place} is given twice" for place in again))
    with TemporaryFolder(config.engine.temporary) as folder:
        taken = gathered({name: partial(take, name, table, folder, config.engine) for name, table in tables.items()})
        for name, table in taken.items():
            config = _replaced(config, places[name], PassedSource(passed=table))
        yield replace(loaded, config=config)


def passed_tables(loaded: LoadedConfig) -> tuple[InputTable, ...]:
    """Return what a manifest says of the tables that were passed and that the report reads."""
    passed = {where: s.passed for where, s in named_sources(loaded) if isinstance(s, PassedSource)}
    return tuple(
        InputTable(source=where, columns=table.columns, rows=table.n_rows, sha256=table.sha256)
        for where, table in sorted(passed.items())
    )


def _place(config: Config, name: str) -> str:
    """Return "entities.NAME" or "relations.NAME" of a name; DataError where there is no such source."""
    found = [
        f"{kind}.{bare}"
        for kind, names in (("entities", config.entities), ("relations", config.relations))
        if (bare := name.removeprefix(f"{kind}.")) in names
    ]
    if not found:
        names = [*config.entities, *config.relations]
        near = did_you_mean(name, names)
        raise DataError(f'tables: "{name}" is no entity or relation of the config, which has {listed(names)}{near}')
    if len(found) > 1:
        raise DataError(f'tables: "{name}" is an entity and a relation; write {found[0]} or {found[1]}')
    kind, bare = found[0].split(".", 1)
    if kind == "relations" and _own_table(config.relation(bare)) is None:
        raise DataError(
            f'tables: relation "{bare}" has no table of its own to stand in for: only records do, and links with a '
            "`source`"
        )
    return found[0]


def _own_table(relation: RelationSettings) -> LinkSettings | RecordSettings | None:
    """Return the part of a relation that has a source."""
    return relation.records or (relation.links if relation.links and relation.links.source else None)


def _replaced(config: Config, place: str, source: PassedSource) -> Config:
    """Return a config with another source at a place."""
    kind, name = place.split(".", 1)
    if kind == "entities":
        entity = config.entity(name).model_copy(update={"source": source})
        return config.model_copy(update={"entities": {**config.entities, name: entity}})
    relation = config.relation(name)
    part = "records" if relation.records else "links"
    own = getattr(relation, part).model_copy(update={"source": source})
    changed = relation.model_copy(update={part: own})
    return config.model_copy(update={"relations": {**config.relations, name: changed}})
