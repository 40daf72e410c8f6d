"""The text of an authored paragraph -> sentences, with the values that stand at marks and the cells they rest on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from ..cells import CellRef
from ..claims.rendering import CLOSE, OPEN, Piece
from ..prose.writer import LinkSpan, Sentence, Span

_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_BOUNDARY = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"”’)\]]))\s+(?=[^\W\d_a-z]|[\"“(\[]|$)")
_LATER = re.compile(r"^\s+(?=[^\W\d_a-z]|[\"“(\[]|$)")
_ENDED = re.compile(r"[.!?][\"”’)\]]?$")
_WORDS_IN_ID = 6

_STYLES = {"strong_open": "strong", "em_open": "emphasis"}


@dataclass(eq=False)
class Sentences:
    """Gathers the runs of one paragraph into sentences.

    `taken` are the ids given in this file, with the last number behind each.
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
        """Add the author's words, and end sentences where they end."""
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
        """End the sentence, if there is any."""
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
