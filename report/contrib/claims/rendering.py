"""Insert values into authored text and judge its claims. The result is Markdown in which each value is a placeholder.

A value appears in the Markdown as U+E000, its number, U+E001, so that no label can introduce markup. The cells behind a
claim are attached to its text by a placeholder without words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jinja2 import nodes

from ...cells import CellRef
from ...document import Download
from ...errors import Problem
from ...renderers.outline import plain_mapping
from .parsing import ParsedText, predicate_of
from .predicates import Differences, Judge, Verdict, evaluate
from .values import AuthorError, CellValue, Judgement, Material, Name, Number, Thing, Words, number_of, written

OPEN, CLOSE = "\ue000", "\ue001"

_SEVERAL = re.compile(r"[.!?]\s+\S")

Say = Callable[[str], str]
"""Function that words the notice in place of a false claim, with the reason, in the report's language."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The content of a placeholder: words ("" after a claim) and their cells. `strong` marks text of our own."""

    text: str
    cells: tuple[CellRef, ...] = ()
    strong: bool = False


@dataclass(eq=False)
class RenderedText:
    """A file with its values inserted and its claims judged: Markdown with placeholders, their contents, and verdicts.

    `lines` are the lines of the file from which the lines of the Markdown come.
    """

    parsed: ParsedText
    material: Material
    differences: Differences
    say: Say
    markdown: str = ""
    pieces: list[Piece] = field(default_factory=list)
    lines: list[int] = field(default_factory=lambda: [1])
    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Walk over the tree of the file. All errors are in `problems`."""
        self.markdown = self._body(self.parsed.tree.body)
        self.problems = list(dict.fromkeys(self.problems))

    def _body(self, body: Sequence[nodes.Node]) -> str:
        return "".join(self._node(node) for node in body)

    def _node(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Output):
            return "".join(self._output(part) for part in node.nodes)
        try:
            return self._claim(node)
        except AuthorError as wrong:
            self.problems.append(self.parsed.problem(node, str(wrong)))
            return ""

    def _output(self, part: nodes.Node) -> str:
        if isinstance(part, nodes.TemplateData):
            first = self.parsed.source.count("\n", 0, part.lineno) + 1
            self.lines += range(first + 1, first + 1 + part.data.count("\n"))
            return part.data
        try:
            shown = self._shown(evaluate(part, self.material), self.parsed.inside(part))
        except AuthorError as wrong:
            self.problems.append(self.parsed.problem(part, str(wrong)))
            return ""
        if isinstance(shown, str):
            self._judged("value", part, Judgement(holds=False, detail=shown))
            return self._instead(part, shown)
        return self._mark(shown)

    def _shown(self, thing: Thing, inside: str) -> Piece | str:
        """Return a value as displayed, or the reason why it is not available."""
        language = self.material.language
        if isinstance(thing, CellValue):
            thing = number_of(thing)
        if isinstance(thing, Number) and not thing.constant:
            return thing.reason if thing.value is None else Piece(written(thing, language), thing.cells)
        if isinstance(thing, Words):
            return Piece(thing.text, thing.cells)
        if isinstance(thing, Name) and not thing.constant:
            return thing.reason if thing.text is None else Piece(thing.text, thing.cells)
        if isinstance(thing, Name | Number):
            raise AuthorError(f"{inside} is what you wrote, no value of the data; write it as text")
        raise AuthorError(f"{inside} cannot be shown; show a cell of it")

    def _claim(self, node: nodes.Node) -> str:
        assert isinstance(node, nodes.If)  # noqa: S101 - parsing has seen to it
        predicate = predicate_of(node)
        judgement = Judge(self.material, self.differences)(predicate)
        has_otherwise = id(node) in self.parsed.otherwise
        self._judged("claim", node, judgement, has_otherwise=has_otherwise)
        if not judgement.holds and not has_otherwise:
            return self._instead(node, judgement.detail)
        text = self._body(node.body if judgement.holds else node.else_)
        kept = text.rstrip()
        if not kept:
            return text
        # A placeholder before a list or heading would turn it into a plain paragraph.
        begin = len(kept) - len(kept.lstrip())
        several = kept[begin].isalpha() and _SEVERAL.search(kept) is not None
        marks = [self._mark(Piece("", judgement.cells)) for _ in range(1 + several)]
        return f"{kept[:begin]}{marks[0] if several else ''}{kept[begin:]}{marks[-1]}{text[len(kept) :]}"

    def _mark(self, piece: Piece) -> str:
        self.pieces.append(piece)
        return f"{OPEN}{len(self.pieces) - 1}{CLOSE}"

    def _instead(self, node: nodes.Node, why: str) -> str:
        """Return the replacement for a claim that is withdrawn or a value that is not available."""
        return self._mark(Piece(self.say(f"{self.parsed.inside(node)}: {why}"), strong=True))

    def _judged(
        self,
        kind: Literal["claim", "value"],
        node: nodes.Node,
        judgement: Judgement,
        *,
        has_otherwise: bool = False,
    ) -> None:
        """Record the verdict on a claim, or a value that is not available."""
        verdict = Verdict(
            kind,
            self.parsed.file,
            *self.parsed.place(node),
            predicate=self.parsed.inside(node),
            holds=judgement.holds,
            reason="" if judgement.holds else judgement.detail,
            has_otherwise=has_otherwise,
            operands=judgement.operands,
            cells=judgement.cells,
        )
        self.verdicts.append(verdict)


CLAIMS_FILE = "data/claims.json"


def claims_file(verdicts: Sequence[Verdict]) -> Download:
    """Return data/claims.json: all claims with their places, numbers and verdicts."""
    claims = [
        plain_mapping(
            {
                **{name: getattr(of, name) for name in ("kind", "file", "line", "column", "predicate")},
                "holds": of.holds,
                "reason": of.reason or None,
                "otherwise": of.has_otherwise,
                "values": of.operands,
                "cells": of.cells,
            }
        )
        for of in verdicts
    ]
    content = {"schema": "diptych-claims/1", "claims": claims}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return Download(CLAIMS_FILE, "Claims of the authored text", f"{text}\n".encode("utf-8", "replace"))
