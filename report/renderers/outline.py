"""Prepare a document for all formats: order, numbers, links, authors' passages, remarks of captions, and plain data."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import groupby
from typing import Any, Generic, TypeVar, cast

import yaml
from pydantic import BaseModel

from .. import formats
from ..cells import CellRef
from ..document import (
    Block,
    Column,
    Document,
    FigureBlock,
    ItemList,
    Origin,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from ..foreign_text import isolate, runs_right_to_left
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
    names = (name for name, if_set in _published(kind) if not if_set or getattr(value, name) is not None)
    return {name: plain(getattr(value, name)) for name in names}


@cache
def _published(kind: type) -> tuple[tuple[str, bool], ...]:
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
    quoted = with_texts({**values}, lambda text: _Quoted(clean(text)))
    text: str = yaml.dump(
        quoted, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"), default_flow_style=False
    )
    return text


@dataclass(frozen=True)
class Outline:
    """A document in printed order: abstract and lead figure first, then the other sections.

    `lead` is the first figure of the document, removed from its section. `figures` and `tables` give the printed number
    of each id.
    """

    abstract: Section | None
    lead: FigureBlock | None
    sections: tuple[Section, ...]
    figures: Mapping[str, int]
    tables: Mapping[str, int]


Run = tuple[Origin, tuple[Sentence, ...]]
"""Consecutive sentences of one origin."""


def outline(document: Document) -> Outline:
    """Return the order and the numbers of a document's parts."""
    figures = [block for block in blocks_of(document) if isinstance(block, FigureBlock)]
    lead = figures[0] if figures else None
    sections = tuple(
        replace(section, blocks=tuple(block for block in section.blocks if block is not lead))
        for section in document.sections
    )
    abstract = sections[0] if sections and sections[0].id.split(".")[-1] == "abstract" else None
    return Outline(
        abstract=abstract,
        lead=lead,
        sections=tuple(section for section in sections if section is not abstract and section.blocks),
        figures={block.id: number for number, block in enumerate(figures, start=1)},
        tables={block.id: number for number, block in enumerate(table_blocks(document), start=1)},
    )


def blocks_of(document: Document) -> Iterator[Block]:
    """Yield the blocks of all sections in reading order."""
    return (block for section in document.sections for block in section.blocks)


def table_blocks(document: Document) -> Iterator[TableBlock]:
    """Yield the tables in reading order."""
    return (block for block in blocks_of(document) if isinstance(block, TableBlock))


def runs(paragraph: Paragraph) -> tuple[Run, ...]:
    """Split a paragraph where the origin of its sentences changes, so that authors' text can look different."""
    by_origin = groupby(paragraph.sentences, key=lambda sentence: sentence.origin)
    return tuple((origin, tuple(group)) for origin, group in by_origin)


def refs_of(document: Document) -> frozenset[CellRef]:
    """Return the cells that sentences refer to."""
    return frozenset(ref for block in blocks_of(document) for one in sentences_of(block) for ref in one.cells)


def sentences_of(block: Block) -> Iterator[Sentence]:
    """Yield the sentences of a block in reading order."""
    if isinstance(block, Paragraph):
        yield from block.sentences
    elif isinstance(block, ItemList):
        for item in block.items:
            yield from item.sentences
    elif isinstance(block, FigureBlock):
        yield from block.caption


class Anchors:
    """Generator of unique ids for a page, made from names, without spaces and markup.

    >>> anchors = Anchors()
    >>> anchors.new("sharing:NLP:Time Series"), anchors.new("sharing:NLP:Time Series")
    ('sharing:NLP:Time_Series', 'sharing:NLP:Time_Series-2')
    """

    def __init__(self, prefix: str = "") -> None:
        """Begin every id with `prefix`."""
        self._prefix = prefix
        self._taken: set[str] = set()

    def new(self, name: str) -> str:
        """Return an id for `name` that this page has not used. The second id for a name ends in "-2"."""
        base = "".join(_safe(character) for character in unicodedata.normalize("NFC", name)) or "x"
        anchor, n = base, 1
        while anchor in self._taken:
            n += 1
            anchor = f"{base}-{n}"
        self._taken.add(anchor)
        return self._prefix + anchor


def _safe(character: str) -> str:
    if character.isalnum() or character in "-_.:":
        return character
    return "_" if character.isspace() else f"~{ord(character):x}"


Written = TypeVar("Written")
"""A format's result for a part of a document: text, or data for a template."""


class BlockWriter(ABC, Generic[Written]):
    """Writer of the blocks of a document in one format, with a method per kind of block and one for authors' text."""

    def __init__(self, document: Document, order: Outline) -> None:
        """Take the document and its printed order."""
        self.document = document
        self.order = order

    def sequence(self, blocks: Iterable[Block]) -> list[Written]:
        """Return blocks in order. Consecutive blocks that are entirely authors' text are framed together.

        In the frame, they are written like computed text. A paragraph or list with both origins is not framed, because
        its runs already look different.
        """
        written: list[Written] = []
        for origin, group in groupby(blocks, key=_origin):
            if origin == "authored":
                written.append(self.authored([part for block in group for part in self.block(_unmarked(block))]))
            else:
                written += [part for block in group for part in self.block(block)]
        return written

    def block(self, block: Block) -> list[Written]:
        """Return a block, a paragraph in its runs."""
        if isinstance(block, Paragraph):
            return self.paragraph(block)
        if isinstance(block, ItemList):
            return [self.item_list(block)]
        return [self.figure(block) if isinstance(block, FigureBlock) else self.table(block)]

    @abstractmethod
    def authored(self, parts: list[Written]) -> Written:
        """Return authors' text in its frame."""

    @abstractmethod
    def paragraph(self, paragraph: Paragraph) -> list[Written]:
        """Return the runs of a paragraph."""

    @abstractmethod
    def item_list(self, block: ItemList) -> Written:
        """Return a list."""

    @abstractmethod
    def figure(self, block: FigureBlock) -> Written:
        """Return a figure with its caption."""

    @abstractmethod
    def table(self, block: TableBlock) -> Written:
        """Return a table."""


def _origin(block: Block) -> Origin:
    return "authored" if {sentence.origin for sentence in sentences_of(block)} == {"authored"} else "computed"


def _unmarked(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, sentences=tuple(replace(sentence, origin="computed") for sentence in block.sentences))
    if isinstance(block, ItemList):
        return replace(block, items=tuple(p for item in block.items if isinstance(p := _unmarked(item), Paragraph)))
    return block


def address(span: Span) -> str:
    """Return the address that a span of text links to, "" if it is no link."""
    return span.href or ""


def dated(document: Document) -> str:
    """Return a sentence with the date of the data, "" if they have none."""
    return f"Data of {formats.date(document.date, document.language)}." if document.date else ""


_RTL = "\u0590-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff"
_RUN = rf"[{_RTL}]+(?:[ '’\"_-][{_RTL}]+)*"
"""Right-to-left words, without digits and punctuation between them, which would be reordered."""

_RUNNING: Mapping[type, tuple[str, ...]] = {
    Section: ("title", "blocks"),
    Paragraph: ("sentences",),
    ItemList: ("items",),
    FigureBlock: ("caption", "alt"),
    TableBlock: ("caption", "columns", "rows"),
    Column: ("header",),
    Sentence: ("spans",),
    Span: ("text",),
}
"""Fields with running text in each part of a document."""


def isolated(document: Document, direction: str = "ltr") -> Document:
    """Return the document with names isolated whose writing direction differs from `direction` (ltr or rtl).

    Without isolation, such names would reorder the adjacent text. A name is enclosed in FIRST STRONG ISOLATE and POP
    DIRECTIONAL ISOLATE (Unicode 6.3), which pages, PDF and plain text support. In computed left-to-right text, all
    other right-to-left words (raw labels, ids, levels) are isolated as well.
    """
    names = {name for name in (*_names(document), *_fields(document)) if _runs(name) not in (None, direction)}
    if not names:
        return document
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    authored = re.compile(known)
    computed = re.compile(f"{known}|{_RUN}" if direction == "ltr" else known)

    def changed(part: object, pattern: re.Pattern[str] = computed) -> object:
        if isinstance(part, str):
            return pattern.sub(lambda match: isolate(match[0]), part)
        if isinstance(part, tuple):
            return tuple(changed(one, pattern) for one in part)
        if isinstance(part, Sentence) and part.origin == "authored":
            pattern = authored
        fields: dict[str, Any] = {name: changed(getattr(part, name), pattern) for name in _RUNNING.get(type(part), ())}
        return replace(cast("Section", part), **fields) if fields else part

    return replace(document, sections=cast("tuple[Section, ...]", changed(document.sections)))


def _runs(name: str) -> str | None:
    """Return the direction of a name: rtl with any strong right-to-left character, ltr with others, else None."""
    if runs_right_to_left(name):
        return "rtl"
    return "ltr" if _has_left_to_right(name) else None


def _fields(document: Document) -> Iterator[str]:
    """Yield the row names of tables: labels, items and levels.

    A text that combines a right-to-left name and left-to-right words ("A with B") or two names ("A–B") is omitted. Its
    names are isolated separately.
    """
    known = [name for name in _names(document) if _runs(name) == "rtl"]
    for table in table_blocks(document):
        for row in table.rows:
            yield from (text for text in row[: table.row_headers] if text in known or not _is_combined(text, known))


def _is_combined(text: str, names: Collection[str]) -> bool:
    """Return whether a text is a pair of names, or contains a name and left-to-right words."""
    if all(part in names for part in text.split(formats.DASH)):
        return True
    rest = text
    for name in names:
        rest = rest.replace(name, "")
    return rest != text and _has_left_to_right(rest)


def _has_left_to_right(text: str) -> bool:
    return any(unicodedata.bidirectional(character) == "L" for character in text)


def _names(document: Document) -> Iterator[str]:
    for figure in document.figures:
        for panel in figure.panels:
            yield from (*panel.given_categories, *panel.outcome_categories)
            for kind in (panel.given, panel.outcome):
                yield from (kind.label, kind.singular, kind.plural)
            yield from (panel.unit.singular, panel.unit.plural)
