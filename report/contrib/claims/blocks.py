"""Convert Markdown with placeholders for values to blocks of the document.

HTML in Markdown is treated as text. Markup that the document model does not support is an error and is never dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ...cells import CellRef
from ...document import Block, ItemList, Paragraph, Sentence, Span
from ...errors import Problem, did_you_mean
from .rendering import CLOSE, OPEN, Piece, RenderedText

_REFUSED: Mapping[str, str] = {
    "table_open": "tables cannot be used in authored text; write a list",
    "fence": "code blocks cannot be used in authored text",
    "code_block": "code blocks cannot be used in authored text; begin the line without spaces",
    "blockquote_open": "quotations in blocks (>) cannot be used in authored text",
    "hr": "rules (---) cannot be used in authored text",
    "image": "images cannot be used in authored text",
    "html_block": "HTML cannot be used in authored text",
}


def _problems(rendered: RenderedText, tokens: Sequence[Token], sections: Collection[str]) -> Iterator[Problem]:
    depth = 0
    for n, token in enumerate(tokens):
        depth += token.type.endswith("list_open") - token.type.endswith("list_close")
        messages = list(_inline_faults(token, sections))
        if token.type in _REFUSED:
            messages.append(_REFUSED[token.type])
        elif depth > 1 and token.type.endswith("list_open"):
            messages.append("a list cannot be inside a list")
        elif token.type == "heading_open" and (
            depth or tokens[n + 3 : n + 4] == [] or tokens[n + 3].type != "paragraph_open"
        ):
            messages.append("a heading needs a paragraph after it, whose first words it becomes")
        line = rendered.lines[token.map[0]] if token.map else 0
        yield from (Problem(rendered.parsed.file, line, 0, "", message) for message in messages)


def _inline_faults(token: Token, sections: Collection[str]) -> Iterator[str]:
    for child in token.children or ():
        if child.type in _REFUSED:
            yield _REFUSED[child.type]
        elif child.type == "link_open" and (message := _fault_of_link(str(child.attrs.get("href", "")), sections)):
            yield message


def _fault_of_link(href: str, sections: Collection[str]) -> str | None:
    if href.startswith("#"):
        name = href[1:]
        return None if name in sections else f'there is no section "{name}" to link to{did_you_mean(name, sections)}'
    if OPEN in href or "%EE%80%80" in href:
        return "the address of a link cannot contain a value"
    try:
        parts = urlsplit(href)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        good = False
    return None if good else f'a link leads to https://… or to #section, not to "{href}"'


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def blocks_of(rendered: RenderedText, sections: Collection[str]) -> tuple[tuple[Block, ...], list[Problem]]:
    """Return the blocks of a file, and its unsupported Markdown. `sections` are the valid targets of links.

    Each sentence is `authored`, with an id made of its words and its values' cells.
    """
    tokens = _markdown().parse(rendered.markdown)
    problems = list(_problems(rendered, tokens, sections))
    if problems:
        return (), problems
    taken: Counter[str] = Counter()
    section, pieces = rendered.parsed.section, rendered.pieces
    found = _blocks(tokens, lambda token: tuple(_sentences(token.children or (), pieces, section, taken)))
    return tuple(found), []


def _blocks(tokens: Sequence[Token], sentences_of: Callable[[Token], tuple[Sentence, ...]]) -> Iterator[Block]:
    """Yield paragraphs and lists. A heading becomes the first words of the paragraph after it."""
    lead: tuple[Sentence, ...] = ()
    items: list[Paragraph] = []
    depth = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type.endswith("list_open"):
            depth += 1
        elif token.type.endswith("list_close"):
            depth -= 1
            if not depth and items:
                yield ItemList(tuple(items), numbered=token.type == "ordered_list_close")
                items = []
        elif token.type == "list_item_open":
            items.append(Paragraph(()))
        elif token.type == "inline":
            sentences = sentences_of(token)
            if before is not None and before.type == "heading_open":
                lead = sentences
            elif items:
                items[-1] = Paragraph((*items[-1].sentences, *sentences))
            elif sentences:
                yield _led(lead, sentences)
                lead = ()


def _led(lead: Sequence[Sentence], sentences: tuple[Sentence, ...]) -> Paragraph:
    """Return a paragraph that begins with its heading, in strong type and with a full stop."""
    if not lead:
        return Paragraph(sentences)
    *first, last = (_strong(sentence) for sentence in lead)
    if last.text[-1] not in ".!?:":
        last = replace(last, spans=(*last.spans[:-1], replace(last.spans[-1], text=f"{last.spans[-1].text}.")))
    return Paragraph((*first, last, *sentences))


def _strong(sentence: Sentence) -> Sentence:
    spans = (replace(span, style="strong") if span.style == "plain" else span for span in sentence.spans)
    return replace(sentence, spans=tuple(spans))


_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_VALUE = "\ue002"
"""Replaces each character of a value when text is divided into sentences."""
_BOUNDARY = re.compile(rf"(?:(?<=[.!?])|(?<=[.!?][\"”’)\]]))\s+(?=[^\W\d_a-z]|[\"“(\[{_VALUE}]|$)")
_END = re.compile(r"[.!?][\"”’)\]]?$")
_WORDS_IN_ID = 6
_STYLES = {"strong_open": "strong", "em_open": "emphasis"}


def _sentences(
    tokens: Sequence[Token], pieces: Sequence[Piece], section: str, taken: Counter[str]
) -> Iterator[Sentence]:
    """Yield the sentences of a paragraph. `taken` counts the ids of its file."""
    text, runs, cells = _runs(tokens, pieces)
    gaps = [gap.span() for gap in _BOUNDARY.finditer(text)]
    starts = [len(text) - len(text.lstrip()), *(end for _, end in gaps)]
    for start, end in zip(starts, [*(begin for begin, _ in gaps), len(text)], strict=True):
        spans: list[Span] = []
        for place, span in runs:
            part = replace(span, text=span.text[max(0, start - place) : max(0, end - place)])
            if part.text and spans and part.href is None and part == replace(spans[-1], text=part.text):
                spans[-1] = replace(part, text=spans[-1].text + part.text)
            elif part.text:
                spans.append(part)
        if not any(span.text.strip() for span in spans):
            continue
        until = min((later for later in starts if later > start), default=len(text))
        own = dict.fromkeys(
            ref for place, refs in cells for ref in refs if start <= place < until or (until == len(text) == place)
        )
        words = "-".join(word.lower() for word in re.findall(r"\w+", text[start:end])[:_WORDS_IN_ID])
        name = f"authored.{section}.{words or 'value'}"
        taken[name] += 1
        yield Sentence(f"{name}-{taken[name]}" if taken[name] > 1 else name, tuple(spans), tuple(own), "authored")


def _runs(
    tokens: Sequence[Token], pieces: Sequence[Piece]
) -> tuple[str, list[tuple[int, Span]], list[tuple[int, tuple[CellRef, ...]]]]:
    """Return the text of a paragraph with its values hidden, and its spans and the cells of values by position."""
    text, href, styles = "", "", ["plain"]
    runs: list[tuple[int, Span]] = []
    cells: list[tuple[int, tuple[CellRef, ...]]] = []
    for token in tokens:
        if token.type in _STYLES:
            styles.append(_STYLES[token.type])
        elif token.type in ("strong_close", "em_close"):
            styles.pop()
        elif token.type in ("link_open", "link_close"):
            href = str(token.attrs.get("href", ""))
        for n, part in enumerate(_MARK.split(" " if token.type in ("softbreak", "hardbreak") else token.content)):
            piece = pieces[int(part)] if n % 2 else Piece(part)
            if n % 2:
                cells.append((len(text), piece.cells))
            if piece.text:
                style: Any = "strong" if piece.strong or "strong" in styles else styles[-1]
                runs.append((len(text), Span(piece.text, style, href or None)))
                end = _END.search(piece.text)
                n_hidden = (end.start() if end else len(piece.text)) if n % 2 else 0
                text += _VALUE * n_hidden + piece.text[n_hidden:]
    return text, runs, cells
