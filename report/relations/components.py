"""Groups by a column of several values: units that share any of them, directly or by way of others, are one group.

They are the connected components of units and values (Tarjan 1972, as scipy finds them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from scipy import sparse

from ..cells import Unit
from ..errors import Note
from ..sources.engine import Engine, Frame, with_text
from .attributes import NONE
from .forms import RelationSettings
from .labels import AS_LIST, labels_in
from .meeting import column_names

_MOST = 0.5
"""The share of units in one group from which a note says so."""


@dataclass(frozen=True)
class _Form:
    """How a field holds the values that units share."""

    separator: str
    respect: tuple[str, ...] = ()
    key: str | None = None


def with_lists_as_text(frame: Frame, relation: RelationSettings) -> Frame:
    """Return a frame in which a column of lists that units are grouped by is text, as JSON."""
    if relation.group_separator != AS_LIST:
        return frame
    schema = frame.collect_schema()
    listed = [column for column in relation.group if column in column_names(frame) and schema[column] == nw.List]
    return with_text(frame, **{column: column for column in listed}) if listed else frame


def tied(
    units: Frame, relation: RelationSettings, name: str, unit: Unit, engine: Engine
) -> tuple[Frame, tuple[Note, ...]]:
    """Return units whose `group` is the component that the values in their field belong to, and a note if one has most.

    A component is named by its first value, and how many more it has. Without `group_separator` nothing changes.
    Raises DataError where fields are no lists, as they should be.
    """
    if relation.group_separator is None:
        return units, ()
    fields = engine.columns(units.group_by("group").agg(n=nw.col("n").sum().cast(nw.Int64)))
    texts = [str(text) for text in fields["group"]]
    named = component_names(_values(texts, relation, name))
    table = engine.load({"group": texts, "component": [named[text] for text in texts]})
    joined = units.join(table, on="group").drop("group").rename({"component": "group"})
    sizes: dict[str, int] = {}
    for text, n in zip(texts, fields["n"], strict=True):
        sizes[named[text]] = sizes.get(named[text], 0) + int(n)
    return engine.keep(joined), _note(sizes, relation.group[0], name, unit)


def _values(texts: list[str], relation: RelationSettings, name: str) -> dict[str, list[str]]:
    """Return the values in each text; fields without any share that they have none."""
    held = [text for text in texts if text != NONE]
    found = labels_in(held, _Form(relation.group_separator or ""), f"relations.{name}.group_separator")
    values = {text: [value for part in parts if (value := part.strip())] for text, parts in found.items()}
    return {text: values.get(text) or [NONE] for text in texts}


def component_names(values: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the name of the component that each field belongs to, by the values that it holds.

    >>> component_names({"a;b": ["a", "b"], "b;c": ["b", "c"], "d": ["d"]})
    {'a;b': 'a and 2 more', 'b;c': 'a and 2 more', 'd': 'd'}
    """
    place = {value: number for number, value in enumerate(sorted({one for of in values.values() for one in of}))}
    row = np.repeat(np.arange(len(values)), [len(of) for of in values.values()])
    column = np.array([place[one] for of in values.values() for one in of], dtype=np.int64)
    size = len(values) + len(place)
    edges = sparse.coo_array((np.ones(len(row), dtype=np.int8), (row, len(values) + column)), shape=(size, size))
    _, component = sparse.csgraph.connected_components(edges.tocsr(), directed=False)
    members: dict[int, list[str]] = {}
    for value, number in place.items():
        members.setdefault(int(component[len(values) + number]), []).append(value)
    names = {
        number: own[0] if len(own) == 1 else f"{own[0]} and {len(own) - 1:,} more" for number, own in members.items()
    }
    return {text: names[int(component[number])] for number, text in enumerate(values)}


def _note(sizes: Mapping[str, int], column: str, name: str, unit: Unit) -> tuple[Note, ...]:
    total, largest = sum(sizes.values()), max(sizes.values(), default=0)
    if not total or largest <= _MOST * total:
        return ()
    groups = "the only one" if len(sizes) == 1 else f"of {len(sizes):,}"
    message = (
        f"{name}: {largest:,} of {total:,} {unit.plural} are one group, {groups}: shared values of {column} tie "
        "them together; little can be told with most in one group, so group by what fewer share"
    )
    return (Note("one_group", name, message),)
