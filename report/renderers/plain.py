"""Convert a document to plain data for report.json and Typst templates, and write YAML that all parsers agree on."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Union

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


TextTree = Mapping[str, Union[str, "TextTree"]]
"""Texts by name."""

_LONGEST = 1000
"""Maximum length of a YAML key without a question mark before it."""

_AS_IT_IS = re.compile(r"[ !#-\[\]-~]*")


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


def yaml_lines(tree: TextTree, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a tree of texts as YAML. A mapping that contains only texts is written on one line.

    This is a hundred times faster than PyYAML, with the same result. PyYAML formats each distinct name and text once.

    >>> print(*yaml_lines({"on": {"a": "12", "b": "x"}, "c": {"d": {}}}), sep="", end="")
    'on': {a: "12", b: "x"}
    c:
      d: {}
    """
    for name, value in tree.items():
        indent = "  " * depth
        start = f"{indent}{_name(name)}:" if len(name) <= _LONGEST else f"{indent}? {_name(name)}\n{indent}:"
        if isinstance(value, str):
            yield f"{start} {_quoted(value)}\n"
        elif any(isinstance(inner, Mapping) for inner in value.values()):
            yield f"{start}\n"
            yield from yaml_lines(value, depth + 1)
        else:
            pairs = (f"{'? ' * (len(key) > _LONGEST)}{_name(key)}: {_quoted(str(text))}" for key, text in value.items())
            yield f"{start} {{{', '.join(pairs)}}}\n"


@cache
def _name(name: str) -> str:
    return _dumped([name]).removeprefix("- ")[:-1]


@cache
def _quoted(text: str) -> str:
    return f'"{text}"' if _AS_IT_IS.fullmatch(text) else _dumped([_Quoted(clean(text))]).removeprefix("- ")[:-1]


def _dumped(values: Plain) -> str:
    text: str = yaml.dump(
        values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"), default_flow_style=False
    )
    return text
