"""What people wrote, as passages: neighbouring blocks of theirs stand in one frame, under one label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from ..document import Block, ItemList, LinkSpan, Origin, Paragraph, Span


def passages(blocks: Iterable[Block]) -> Iterator[tuple[Origin, tuple[Block, ...]]]:
    """Yield neighbouring blocks of one origin; those that are wholly authored as if computed, for a frame around all.

    A paragraph or list that mixes both origins is computed: its runs look different by themselves.
    """
    for origin, group in groupby(blocks, key=_origin):
        own = tuple(group)
        yield origin, tuple(map(_unmarked, own)) if origin == "authored" else own


def _origin(block: Block) -> Origin:
    paragraphs = block.items if isinstance(block, ItemList) else (block,)
    origins = {s.origin for p in paragraphs for s in (p.sentences if isinstance(p, Paragraph) else ())}
    return "authored" if origins == {"authored"} else "computed"


def _unmarked(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, sentences=tuple(replace(sentence, origin="computed") for sentence in block.sentences))
    if isinstance(block, ItemList):
        return replace(block, items=tuple(p for item in block.items if isinstance(p := _unmarked(item), Paragraph)))
    return block


def address(span: Span) -> str:
    """Return where a run of text leads, "" where nowhere."""
    return span.href if isinstance(span, LinkSpan) else ""
