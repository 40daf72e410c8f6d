"""The document as plain data: what report.json holds, and what a Typst template reads."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import cast

from pydantic import BaseModel

from .. import formats
from ..document import Block, EvidenceList, FigureBlock, ItemList, Paragraph, Section, TableBlock

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
"""What JSON can hold."""

_TYPES: Mapping[type, str] = {
    Paragraph: "paragraph",
    ItemList: "list",
    FigureBlock: "figure",
    TableBlock: "table",
    EvidenceList: "evidence",
}


def plain(value: object) -> Plain:
    """Return a frozen value as JSON data, fields in declared order; undefined numbers are None.

    Dataclasses and settings become mappings, tuples lists, dates ISO text. Whole floats become integers, so
    that 12 is written as 12 whatever the engine made of it. Raises TypeError for anything else.
    """
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, BaseModel):
        return plain_mapping(value.model_dump(mode="json"))
    if is_dataclass(value):
        kind: type = type(value)
        return {name: plain(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a document")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def plain_mapping(value: Mapping[str, object]) -> dict[str, Plain]:
    """Return a mapping with plain values, in its own order."""
    return {name: plain(item) for name, item in value.items()}


def plain_block(block: Block) -> dict[str, Plain]:
    """Return a block with its `type`: paragraph, list, figure, table or evidence."""
    return {"type": _TYPES[type(block)], **cast("dict[str, Plain]", plain(block))}


def plain_section(section: Section) -> dict[str, Plain]:
    """Return a section with typed blocks."""
    return {"id": section.id, "title": section.title, "blocks": [plain_block(block) for block in section.blocks]}


def _number(value: float) -> int | float | None:
    if not math.isfinite(value):
        return None
    return formats.published(value)
