"""Convert Markdown with placeholders for values to blocks of the document.

HTML in Markdown is treated as text. Markup that the document model does not support is an error and is never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ...cells import CellRef
from ...document.model import Block, ItemList, LinkSpan, Paragraph, Sentence, Span
from ...errors import Problem, did_you_mean
from .parsing import ParsedText
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


def markdown_faults(parsed: ParsedText, sections: Collection[str]) -> Iterator[Problem]:
    """Yield the unsupported Markdown in a file. `sections` are the valid targets of links."""
    tokens = _markdown().parse(_flat(parsed))
    depth = 0
    for number, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        depth += token.type.endswith("list_open") - token.type.endswith("list_close")
        if token.type in _REFUSED:
            yield Problem(parsed.file, line, 0, "", _REFUSED[token.type])
        elif depth > 1 and token.type.endswith("list_open"):
            yield Problem(parsed.file, line, 0, "", "a list cannot be inside a list")
        elif token.type == "heading_open" and (depth or not _paragraph_follows(tokens, number)):
            message = "a heading needs a paragraph after it, whose first words it becomes"
            yield Problem(parsed.file, line, 0, "", message)
        for message in _inline_faults(token, sections):
            yield Problem(parsed.file, line, 0, "", message)


def _paragraph_follows(tokens: Sequence[Token], number: int) -> bool:
    return len(tokens) > number + 3 and tokens[number + 3].type == "paragraph_open"


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


def _flat(parsed: ParsedText) -> str:
    """Return a file without its tags, with a placeholder for each value and all line breaks, to keep line numbers."""
    parts, end = [], 0
    for stretch in parsed.stretches:
        between = parsed.source[end : stretch.offset]
        parts += [f"{OPEN}{CLOSE}" * ("{{" in between), "\n" * between.count("\n"), stretch.text]
        end = stretch.offset + len(stretch.text)
    rest = parsed.source[end:]
    return "".join([*parts, f"{OPEN}{CLOSE}" * ("{{" in rest)])


def blocks_of(rendered: RenderedText) -> tuple[Block, ...]:
    """Return the blocks of a file. Each sentence is `authored`, with an id made of its words and its values' cells."""
    taken: dict[str, int] = {}
    section, pieces = rendered.parsed.section, rendered.pieces
    tokens = _markdown().parse(rendered.markdown)
    return tuple(_blocks(tokens, lambda token: Sentences(section, pieces, taken).of(token.children or ())))


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
_BOUNDARY = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"”’)\]]))\s+(?=[^\W\d_a-z]|[\"“(\[]|$)")
_LATER = re.compile(r"^\s+(?=[^\W\d_a-z]|[\"“(\[]|$)")
_ENDED = re.compile(r"[.!?][\"”’)\]]?$")
_WORDS_IN_ID = 6

_STYLES = {"strong_open": "strong", "em_open": "emphasis"}


@dataclass(eq=False)
class Sentences:
    """Builder that groups the runs of one paragraph into sentences.

    `taken` are the ids used in this file, each with its last suffix.
    """

    section: str
    pieces: Sequence[Piece]
    taken: dict[str, int]
    _done: list[Sentence] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)
    _cells: list[CellRef] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)
    _styles: list[str] = field(default_factory=list)
    _href: str = ""

    def of(self, tokens: Sequence[Token]) -> tuple[Sentence, ...]:
        """Return the sentences of a paragraph's tokens."""
        for token in tokens:
            if token.type in _STYLES:
                self._styles.append(_STYLES[token.type])
            elif token.type in ("strong_close", "em_close"):
                self._styles.pop()
            elif token.type == "link_open":
                href = str(token.attrs.get("href", ""))
                self._href = href if re.match(r"https?://|#", href) and "%EE%80" not in href else ""
            elif token.type == "link_close":
                self._href = ""
            else:
                self._text(" " if token.type in ("softbreak", "hardbreak") else token.content)
        self._end()
        return tuple(self._done)

    def _text(self, text: str) -> None:
        for n, part in enumerate(_MARK.split(text)):
            if n % 2:
                self._piece(self.pieces[int(part)])
            elif part:
                self._own(part)

    def _piece(self, piece: Piece) -> None:
        self._cells += piece.cells
        if piece.text:
            self._add(piece.text, "strong" if piece.strong else self._style)

    def _own(self, text: str) -> None:
        """Add the author's words, and split them at the ends of sentences."""
        if self._spans and _ENDED.search(self._spans[-1].text) and _LATER.match(text):
            self._end()
            text = text.lstrip()
        *whole, rest = _BOUNDARY.split(text)
        for sentence in whole:
            self._words += re.findall(r"\w+", sentence)
            self._add(sentence, self._style)
            self._end()
        if rest:
            self._words += re.findall(r"\w+", rest)
            self._add(rest, self._style)

    @property
    def _style(self) -> str:
        return "strong" if "strong" in self._styles else self._styles[-1] if self._styles else "plain"

    def _add(self, text: str, style: str) -> None:
        if not self._spans:
            text = text.lstrip()
        if not text:
            return
        span = LinkSpan(text, style, self._href) if self._href else Span(text, style)  # type: ignore[arg-type]
        last = self._spans[-1] if self._spans else None
        if type(last) is type(span) is Span and last is not None and last.style == span.style:
            self._spans[-1] = Span(last.text + span.text, span.style)
        else:
            self._spans.append(span)

    def _end(self) -> None:
        """End the current sentence, if any."""
        if any(span.text.strip() for span in self._spans):
            cells = tuple(dict.fromkeys(self._cells))
            self._done.append(Sentence(self._id(), tuple(self._spans), cells, "authored"))
        elif self._cells and self._done:
            last = self._done[-1]
            cells = tuple(dict.fromkeys((*last.cells, *self._cells)))
            self._done[-1] = Sentence(last.id, last.spans, cells, "authored")
        self._spans, self._cells, self._words = [], [], []

    def _id(self) -> str:
        words = "-".join(word.lower() for word in self._words[:_WORDS_IN_ID]) or "value"
        base = name = f"authored.{self.section}.{words}"
        while name in self.taken:
            self.taken[base] += 1
            name = f"{base}-{self.taken[base]}"
        self.taken[name] = 1
        return name
