"""Convert a document to plain data for report.json and Typst templates, and write YAML that all parsers agree on."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from functools import cache

import yaml
from pydantic import BaseModel

from .. import formats
from ..document.model import Block, FigureBlock, ItemList, Paragraph, Section, TableBlock
from ..theme import clean

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
"""Data that JSON can represent."""

_TYPES: Mapping[type, str] = {
    Paragraph: "paragraph",
    ItemList: "list",
    FigureBlock: "figure",
    TableBlock: "table",
}


_AS_THEY_ARE = (str, int, type(None))


def plain(value: object) -> Plain:
    """Return a frozen value as JSON data, with fields in declared order. Undefined numbers become None.

    Dataclasses and settings become mappings, tuples become lists, and dates become ISO text. Whole floats become
    integers, so that 12.0 is written as 12. Raises TypeError for any other type.
    """
    if isinstance(value, float):
        return formats.published(value) if math.isfinite(value) else None
    if isinstance(value, _AS_THEY_ARE):  # bool is a subclass of int
        return value
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, BaseModel):
        return plain_mapping(value.model_dump(mode="json"))
    if is_dataclass(value):
        return plain_fields(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a document")


def plain_fields(value: object) -> dict[str, Plain]:
    """Return the fields of a dataclass as JSON data, in declared order. Fields with `IF_SET` are omitted if None."""
    kind: type = type(value)
    names = (name for name, if_set in _names(kind) if not if_set or getattr(value, name) is not None)
    return {name: plain(getattr(value, name)) for name in names}


@cache
def _names(kind: type) -> tuple[tuple[str, bool], ...]:
    return tuple((field.name, "if_set" in field.metadata) for field in fields(kind))


def with_texts(value: Plain, change: Callable[[str], Plain], kept: Collection[str] = ()) -> Plain:
    """Return data with `change` applied to every text, except under the names in `kept`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [with_texts(item, change, kept) for item in value]
    if isinstance(value, dict):
        return {name: item if name in kept else with_texts(item, change, kept) for name, item in value.items()}
    return value


def plain_mapping(value: Mapping[str, object]) -> dict[str, Plain]:
    """Return a mapping with plain values, in the same order."""
    return {name: plain(item) for name, item in value.items()}


def plain_block(block: Block) -> dict[str, Plain]:
    """Return a block with its `type`: paragraph, list, figure or table."""
    return {"type": _TYPES[type(block)], **plain_fields(block)}


def plain_section(section: Section) -> dict[str, Plain]:
    """Return a section with typed blocks."""
    blocks: list[Plain] = [plain_block(block) for block in section.blocks]
    return {"id": section.id, "title": section.title, "detail": section.detail, "blocks": blocks}


class _Quoted(str):
    """A text that is written in quotes, so that no parser reads it as a number, date or truth value."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """YAML dumper that writes quoted texts and no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_Dumper.add_representer(_Quoted, _text)


def yaml_text(values: Mapping[str, Plain]) -> str:
    """Return a mapping as YAML.

    >>> print(yaml_text({"on": ["12", 0.5], "c": None}), end="")
    'on':
    - "12"
    - 0.5
    c: null
    """
    return _dumped(with_texts({**values}, lambda text: _Quoted(clean(text))))


def _dumped(values: Plain) -> str:
    text: str = yaml.dump(
        values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"), default_flow_style=False
    )
    return text
