"""What types cannot say of counts that were read: lengths that must be equal, numbers that must be of something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from ..renderers.escape import one_line
from .plain import PlainError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..incidence import Incidence
    from ..ledger.dating import Dated
    from ..ledger.item_types import ItemTypes, Sets, TypeSide
    from .snapshot import Head, KeptRelation

_PARTS = 10
_LONGEST_NAME = 255
"""Bytes that file systems take."""


def checked_texts(head: Head) -> None:
    """Raise PlainError where the config and authored text of a snapshot cannot be files of one folder again."""
    for text in (head.config, *head.texts):
        name = text.name
        if PurePosixPath(name).name != name or "\\" in name or name in ("", ".", "..") or not _is_text(name):
            raise PlainError(f'it names a file "{one_line(name[:80])}"')
        if len(name.encode()) > _LONGEST_NAME:
            raise PlainError(f'it names a file "{one_line(name[:80])}…"')
        if not _is_text(text.content):
            raise PlainError(f"{one_line(name)} holds what is no text")


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def checked_relation(relation: KeptRelation) -> None:
    """Raise PlainError where the counts of a relation do not hang together."""
    own = relation.incidence
    named = [("incidence", own), *relation.alternatives.items()]
    named += [("recounts", recount.incidence) for recount in relation.recounts]
    for name, incidence in named:
        for fault in _faults(incidence):
            raise PlainError(f"relation {relation.name}, {name}: {fault}")
    for name, other in relation.alternatives.items():
        if not (_names(own) <= _names(other)):
            raise PlainError(f"relation {relation.name}, {name}: lacks categories of the incidence")
    if relation.types is not None:
        for fault in _type_faults(relation.types, own):
            raise PlainError(f"relation {relation.name}, item types: {fault}")
    if relation.dated is not None:
        for fault in _date_faults(relation.dated, own):
            raise PlainError(f"relation {relation.name}, dates: {fault}")


def _names(incidence: Incidence) -> set[tuple[str, str]]:
    sides = (("rows", incidence.rows), ("columns", incidence.columns))
    return {(side, name) for side, one in sides for name in one.categories}


def _faults(incidence: Incidence) -> Iterator[str]:
    p = len(incidence.units)
    if incidence.row_sets.shape != (p, len(incidence.rows.categories)):
        yield "row sets are not those of its patterns and categories"
    if incidence.column_sets.shape != (p, len(incidence.columns.categories)):
        yield "column sets are not those of its patterns and categories"
    yield from _levels(p, incidence.stratum, len(incidence.strata), "strata")
    if (incidence.group is None) != (incidence.n_groups is None):
        yield "groups are numbered and not counted, or counted and not numbered"
    elif incidence.group is not None and incidence.n_groups is not None:
        yield from _levels(p, incidence.group, incidence.n_groups, "groups")
    if (incidence.units < 0).any():
        yield "units are below nothing"
    yield from _weights(p, incidence.weight_parts, incidence.weight_scale if incidence.weighted else None)


def _type_faults(types: ItemTypes, like: Incidence) -> Iterator[str]:
    q = len(types.units)
    yield from _levels(q, types.row_set, len(types.rows.sets), "sets of rows")
    yield from _levels(q, types.column_set, len(types.columns.sets), "sets of columns")
    yield from _levels(q, types.stratum, len(types.strata), "strata")
    if (types.group is None) != (like.group is None):
        yield "groups are not those of the incidence"
    elif types.group is not None:
        yield from _levels(q, types.group, len(types.groups), "groups")
    if (types.units < 0).any():
        yield "units are below nothing"
    yield from _weights(q, types.weight_parts, like.weight_scale if like.weighted else None)
    for side in (types.rows, types.columns):
        yield from _side(side)


def _date_faults(dated: Dated, like: Incidence) -> Iterator[str]:
    q = len(dated.units)
    yield from _levels(q, dated.pattern, len(like.units), "patterns")
    yield from _levels(q, dated.point, len(dated.names), "periods")
    if len(dated.names) != len(dated.ends) or list(dated.ends) != sorted(dated.ends):
        yield "periods do not follow each other"
    if (dated.units < 0).any():
        yield "units are below nothing"
    yield from _weights(q, dated.weight_parts, like.weight_scale if like.weighted else None)


def _side(side: TypeSide) -> Iterator[str]:
    if len(side.labels) != len(side.n_items):
        yield "labels are not counted one by one"
    if not _within(side.types, len(side.labels)) or not _within(side.sets, len(side.types)):
        yield "types or sets name what is not there"


def _within(sets: Sets, n: int) -> bool:
    return all(0 <= number < n for members in sets for number in members)


def _levels(p: int, number: NDArray[np.int64], n: int, what: str) -> Iterator[str]:
    if number.shape != (p,) or (p and not 0 <= number.min() <= number.max() < n):
        yield f"{what} are not numbered as they are named"


def _weights(p: int, parts: NDArray[np.int64] | None, scale: int | None) -> Iterator[str]:
    if (parts is None) != (scale is None) or (scale is not None and scale <= 0):
        yield "weights have no scale, or a scale no weights"
    elif parts is not None and (parts.shape != (p, _PARTS) or (parts < 0).any()):
        yield "weights are not sums of parts"
