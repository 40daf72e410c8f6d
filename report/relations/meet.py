"""The one way in: a declared relation and the items it names -> a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..sources.engine import Engine
from ..taxonomy.compile import Taxonomy
from .forms import RelationSettings
from .items import Items
from .links import meet_links
from .meeting import Meeting
from .records import meet_records
from .shared import meet_shared


def meet(
    name: str,
    relation: RelationSettings,
    items: Mapping[str, Items],
    taxonomies: Mapping[str, Taxonomy],
    engine: Engine,
    base: Path,
) -> Meeting:
    """Return the meeting of relation `name`, with the units of its population.

    `items` holds the entities that the relation names, read with the names of `asked_attributes` (none for
    records); `taxonomies` those of records by name (a side that names none takes the only one, or "default").
    Paths of sources are relative to `base`. Raises DataError for what the data do not have or cannot give. A
    relation by bare matrices counts nothing and is not for this function (ValueError).
    """
    if relation.links is not None:
        meeting = meet_links(name, relation, relation.links, items, engine, base)
    elif relation.shared is not None:
        meeting = meet_shared(name, relation, relation.shared, items, engine)
    elif relation.records is not None:
        meeting = meet_records(name, relation, relation.records, taxonomies, engine, base)
    else:
        raise ValueError(f"relation {name} has no units: it is given by bare matrices")
    return _population(meeting, relation)


def _population(meeting: Meeting, relation: RelationSettings) -> Meeting:
    return replace(meeting, counts="labelled") if relation.population == "labelled" else meeting
