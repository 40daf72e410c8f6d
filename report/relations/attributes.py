"""Columns by name: those that relations ask of entities, and those that make groups and strata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from ..errors import DataError
from ..schema import did_you_mean
from .keys import ACTIVITY, joined, level
from .meeting import ONE, column_names
from .settings import DatedRelationSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..sources.engine import Frame
    from .settings import RelationSettings


def key_names(relation: RelationSettings) -> tuple[str, ...]:
    """Return the columns that group, strata and dates are made from, each once, `activity` not among them."""
    names = (*relation.group, *relation.strata, *dated_names(relation))
    return tuple(dict.fromkeys(name for name in names if name != ACTIVITY))


def dated_names(relation: RelationSettings) -> tuple[str, ...]:
    """Return the column that says when a unit came; none where nobody asked."""
    return (relation.dated,) if isinstance(relation, DatedRelationSettings) else ()


def asked_attributes(relation: RelationSettings, entity: str) -> tuple[str, ...]:
    """Return the names (attributes or columns) that a relation asks of an entity, beside its id.

    For links that come from a table of their own the names of a `link` group may be columns of that table:
    they are asked for all the same, and may be missing here.
    """
    names: list[str] = []
    if relation.shared is not None and entity in relation.shared.entities:
        names += [relation.shared.key, *key_names(relation)]
    if relation.links is not None:
        links = relation.links
        side = links.from_ if relation.unit == "from" else links.to
        if side.entity == entity:
            names += key_names(relation)
        if links.source is None:
            for end in (links.from_, links.to):
                if end.column is not None and end.entity == entity:
                    names += [end.column, *links.where, *key_names(relation)]
                    names += [links.weight] if links.weight is not None else []
    return tuple(dict.fromkeys(names))


def key_columns(names: Sequence[str]) -> dict[str, str]:
    """Return the internal name of the level column of each name."""
    return {name: f"key_{i}" for i, name in enumerate(names)}


def levels_of(frame: Frame, names: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Return the level columns, under their internal names, of those names that a frame has as columns."""
    present = set(column_names(frame))
    return {internal: level(name) for name, internal in names.items() if name in present}


def require(names: Iterable[str], present: Collection[str], place: str, where: str) -> None:
    """Raise DataError naming every column that `where` does not have, with the nearest name there is."""
    messages = [
        f'{place}: "{name}" is not a column or attribute of {where}{did_you_mean(name, present)}'
        for name in names
        if name not in present
    ]
    if messages:
        raise DataError(*messages)


def finished_units(units: Frame, relation: RelationSettings, group: str | None = None) -> Frame:
    """Return units (`unit`, `n`, `stratum`, and `group`, `weight` and `date` if any) from units with level columns.

    `group` is the column to group by where the relation names none, or None. A column `n` and a column
    `weight` are kept where there are any; a column `activity` where strata ask for it.
    """
    present = column_names(units)
    internal = key_columns(key_names(relation))
    strata = [internal.get(name, name) for name in relation.strata]
    chosen = {"unit": nw.col("unit"), "n": nw.col("n") if "n" in present else ONE}
    chosen["stratum"] = joined(strata) if strata else nw.lit("")
    if relation.group:
        chosen["group"] = joined([internal[name] for name in relation.group])
    elif group is not None:
        chosen["group"] = nw.col(group)
    if "weight" in present:
        chosen["weight"] = nw.col("weight")
    for name in dated_names(relation):
        chosen["date"] = nw.col(internal[name])
    return units.select(**chosen)
