"""What an audit looks at: every counted relation of a config in the engine, and the items that are filed in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw

from ..cells import Kind
from ..config.loading import LoadedConfig, load_config
from ..errors import DataError
from ..relations.meet import meet
from ..relations.meeting import Meeting, MeetingSide
from ..relations.settings import RelationSettings
from ..sources.engine import Engine
from ..sources.opening import open_engine
from ..taxonomy.audit import Population
from .counting import compiled, counted_relations, gathered, read_entities


@dataclass(frozen=True, eq=False)
class AuditData:
    """A config with its data in the engine: the counted relations by name, and what they file by `population_name`."""

    loaded: LoadedConfig
    engine: Engine
    meetings: Mapping[str, Meeting]
    populations: Mapping[str, Population]


@contextmanager
def audit_data(config: Path, engine_name: str | None = None) -> Iterator[AuditData]:
    """Give the data of a config while the engine is open.

    Raises a DiptychError for what is wrong in config or data, and where no relation is counted.
    """
    loaded = load_config(config, engine=engine_name)
    settings = counted_relations(loaded.config)
    if not settings:
        raise DataError(
            f"{config}: no panel shows a relation with counts, and published matrices have no items to audit"
        )
    taxonomies = compiled(loaded.config)
    engine = open_engine(loaded.config.engine)
    try:
        items = read_entities(loaded.config, taxonomies, engine, loaded.folder)

        def task(name: str, relation: RelationSettings) -> Callable[[], Meeting]:
            return lambda: meet(name, relation, items, taxonomies, engine, loaded.folder)

        meetings = gathered({name: task(name, relation) for name, relation in settings.items()})
        populations: dict[str, Population] = {}
        for meeting in meetings.values():
            for side in (meeting.rows, meeting.columns):
                name = population_name(meeting, side)
                entity = None if meeting.unit.role == "record" else items[side.entity].kind
                populations[name] = _population(name, side, entity)
        yield AuditData(loaded, engine, meetings, populations)
    finally:
        engine.close()


def population_name(meeting: Meeting, side: MeetingSide) -> str:
    """Return what an audit calls the items of a side: the entity, or relation and side for records."""
    return f"{meeting.relation}.{side.name}" if meeting.unit.role == "record" else side.entity


def _population(name: str, side: MeetingSide, entity: Kind | None) -> Population:
    if side.found is None:
        raise AssertionError("what relations of a config meet is read with its labels")
    many = f"different {side.kind.singular} texts" if entity is None else entity.plural
    return Population(
        name=name,
        many=many,
        taxonomy=side.found.taxonomy,
        items=side.items.filter(~nw.col("name").is_null()).select(item=nw.col("name")),
        members=side.named(side.members).select("category", item=nw.col("name")),
        pairs=side.named(side.found.pairs.rename({"key": "item"})).select("label", item=nw.col("name")),
        labels=side.found.labels,
    )
