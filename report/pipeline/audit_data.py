"""What an audit looks at: every counted relation of a config, and the items that are filed in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..config.loading import LoadedConfig, load_config
from ..errors import DataError
from ..ledger.export import ledger_of
from ..ledger.ledger import Axis, Ledger
from ..relations.meet import meet
from ..relations.settings import RelationSettings
from ..sources.opening import open_engine
from ..taxonomy.audit import Population
from .counting import compiled, counted_relations, gathered, read_entities


@dataclass(frozen=True, eq=False)
class AuditData:
    """A config with its data: the counted relations by name, and what they file by `population_name`.

    The engine is open: names are looked up in it.
    """

    loaded: LoadedConfig
    ledgers: Mapping[str, Ledger]
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

        def task(name: str, relation: RelationSettings) -> Callable[[], Ledger]:
            return lambda: ledger_of(meet(name, relation, items, taxonomies, engine, loaded.folder), engine)

        ledgers = gathered({name: task(name, relation) for name, relation in settings.items()})
        populations: dict[str, Population] = {}
        for ledger in ledgers.values():
            for side in ledger.sides:
                name = population_name(ledger, side)
                entity = None if ledger.unit.role == "record" else items[side.entity].kind
                many = f"different {side.kind.singular} texts" if entity is None else entity.plural
                populations[name] = Population(name, many, side.items, side.names, side.found)
        yield AuditData(loaded, ledgers, populations)
    finally:
        engine.close()


def population_name(ledger: Ledger, side: Axis) -> str:
    """Return what an audit calls the items of a side: the entity, or relation and side for records."""
    return f"{ledger.relation}.{side.name}" if ledger.unit.role == "record" else side.entity
