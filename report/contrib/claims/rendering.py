"""Insert values into authored text and judge its claims. The result is Markdown in which each value is a placeholder.

A value appears in the Markdown as U+E000, its number, U+E001, so that no label can introduce markup. The cells behind a
claim are attached to its text by a placeholder without words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jinja2 import nodes

from ... import formats
from ...cells import CellRef
from ...errors import Note, Problem
from .parsing import ParsedText, Tag, predicate_of
from .predicates import Differences, Judge
from .values import AuthorError, CellValue, Material, Name, Names, Number, Thing, Words, number_of, written
from .verdicts import Judgement, Loops, Verdict, evaluate

OPEN, CLOSE = "\ue000", "\ue001"

MOST_STEPS = 50_000
"""Maximum total of words in expressions, pieces of text and loop iterations for a file."""

MOST_CHARACTERS = 200_000
"""Maximum length of a rendered file, in characters."""

_SEVERAL = re.compile(r"[.!?]\s+\S")

Say = Callable[[str], str]
"""Function that words the notice in place of a false claim, with the reason, in the report's language."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The content of a placeholder: words ("" after a claim) and their cells. `strong` marks text of our own."""

    text: str
    cells: tuple[CellRef, ...] = ()
    strong: bool = False


@dataclass(frozen=True)
class RenderedText:
    """A rendered file: Markdown with placeholders, their contents, and the verdicts on its claims."""

    parsed: ParsedText
    markdown: str
    pieces: tuple[Piece, ...]
    verdicts: tuple[Verdict, ...]
    n_values: int
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]


def render(parsed: ParsedText, material: Material, differences: Differences, say: Say) -> RenderedText:
    """Return a file with its values inserted and its claims judged. All errors are in `problems`.

    Intervals of differences are resampled for the whole file at once. The file is then walked a second time.
    """
    while True:
        walk = _Walk(parsed, material, differences, say)
        rendered = walk.whole()
        if not differences.answer():
            return rendered


class _Endless(Exception):  # noqa: N818 - never leaves this module
    """The text is longer, or takes more steps, than any report needs."""


@dataclass(eq=False)
class _Walk:
    """One walk over the tree of a file."""

    parsed: ParsedText
    material: Material
    differences: Differences
    say: Say
    pieces: list[Piece] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    n_values: int = 0
    steps: int = 0
    characters: int = 0
    costs: dict[int, int] = field(default_factory=dict)

    def whole(self) -> RenderedText:
        try:
            text = self.body(self.parsed.tree.body, {}, claimed=False)
        except _Endless as error:
            text = ""
            self.problems = [Problem(self.parsed.file, 0, 0, "", str(error))]
        return RenderedText(
            self.parsed,
            text,
            tuple(self.pieces),
            tuple(self.verdicts),
            self.n_values,
            tuple(dict.fromkeys(self.problems)),
            tuple(dict.fromkeys(self.notes)),
        )

    def body(self, body: Sequence[nodes.Node], loops: Loops, *, claimed: bool) -> str:
        return "".join(self.node(node, loops, claimed=claimed) for node in body)

    def node(self, node: nodes.Node, loops: Loops, *, claimed: bool) -> str:
        if isinstance(node, nodes.Output):
            return "".join(self.output(part, loops, claimed=claimed) for part in node.nodes)
        if isinstance(node, nodes.For):
            return self.loop(node, loops, claimed=claimed)
        predicate = predicate_of(node) if isinstance(node, nodes.If) else None
        if predicate is None or not isinstance(node, nodes.If):
            raise AssertionError("parsing lets nothing else through")
        return self.claim(node, predicate, loops)

    def output(self, part: nodes.Node, loops: Loops, *, claimed: bool) -> str:
        self.step(part)
        if isinstance(part, nodes.TemplateData):
            return self.counted(part.data)
        tag = self.parsed.tag(part)
        try:
            shown = self.shown(evaluate(part, self.material, loops), tag)
        except AuthorError as wrong:
            self.wrong(tag, wrong)
            return ""
        if isinstance(shown, str):
            self.judged(tag, Judgement(holds=False, detail=shown), loops)
            return self.instead(tag.inside, shown)
        self.n_values += not claimed
        return self.mark(shown)

    def shown(self, thing: Thing, tag: Tag) -> Piece | str:
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
        if isinstance(thing, Names):
            return Piece(formats.listing(thing.texts, language)) if thing.texts else "no category is there"
        if isinstance(thing, Name | Number):
            raise AuthorError(f"{tag.inside} is what you wrote, no value of the data; write it as text")
        raise AuthorError(f"{tag.inside} cannot be shown; show a cell of it, or a list of its categories")

    def claim(self, node: nodes.If, predicate: nodes.Expr, loops: Loops) -> str:
        self.step(predicate)
        tag = self.parsed.tag(node)
        try:
            judgement = Judge(self.material, self.differences, loops)(predicate)
        except AuthorError as wrong:
            self.wrong(tag, wrong)
            judgement = Judgement(holds=True)
        for pair in judgement.mirrored:
            self.note(tag, *pair)
        has_otherwise = id(node) in self.parsed.otherwise
        self.judged(tag, judgement, loops, predicate, has_otherwise=has_otherwise)
        if judgement.holds:
            return self.behind(self.body(node.body, loops, claimed=True), judgement.cells)
        if has_otherwise:
            return self.behind(self.body(node.else_, loops, claimed=True), judgement.cells)
        return self.instead(tag.inside, judgement.detail)

    def loop(self, node: nodes.For, loops: Loops, *, claimed: bool) -> str:
        tag = self.parsed.tag(node)
        assert isinstance(node.target, nodes.Name)  # noqa: S101 - parsing has seen to it
        try:
            names = evaluate(node.iter, self.material, loops)
        except AuthorError as wrong:
            self.wrong(tag, wrong)
            return ""
        if not isinstance(names, Names):
            self.wrong(tag, AuthorError("a loop goes over categories(left)"))
            return ""
        name = node.target.name
        parts = []
        for text in names.texts:
            self.step(node.iter)
            parts.append(self.body(node.body, {**loops, name: text}, claimed=claimed))
        return "".join(parts)

    def mark(self, piece: Piece) -> str:
        self.pieces.append(piece)
        return self.counted(f"{OPEN}{len(self.pieces) - 1}{CLOSE}")

    def behind(self, text: str, cells: tuple[CellRef, ...]) -> str:
        """Return the text of a claim followed by a placeholder, and preceded by another if it has several sentences.

        There is no placeholder before a possible list or heading, because it would turn into a plain paragraph.
        """
        kept = text.rstrip()
        if not kept:
            return text
        end = f"{self.mark(Piece('', cells))}{text[len(kept) :]}"
        begin = len(kept) - len(kept.lstrip())
        several = kept[begin].isalpha() and _SEVERAL.search(kept) is not None
        return f"{kept[:begin]}{self.mark(Piece('', cells)) if several else ''}{kept[begin:]}{end}"

    def instead(self, what: str, why: str) -> str:
        """Return the replacement for a claim that is withdrawn or a value that is not available."""
        return self.mark(Piece(self.say(f"{what}: {why}"), strong=True))

    def judged(
        self,
        tag: Tag,
        judgement: Judgement,
        loops: Loops,
        claim: nodes.Expr | None = None,
        *,
        has_otherwise: bool = False,
    ) -> None:
        """Record the verdict on a claim, or a value that is not available."""
        verdict = Verdict(
            kind="value" if claim is None else "claim",
            file=self.parsed.file,
            line=tag.line,
            column=tag.column,
            predicate=tag.inside,
            holds=judgement.holds,
            reason="" if judgement.holds else judgement.detail,
            where=", ".join(f'{name} = "{text}"' for name, text in loops.items()),
            has_otherwise=has_otherwise,
            operands=judgement.operands,
            cells=judgement.cells,
        )
        self.verdicts.append(verdict)

    def note(self, tag: Tag, first: CellRef, second: CellRef) -> None:
        file = f"{self.parsed.file}:{tag.line}:{tag.column}"
        cells = " and ".join(f'{ref.panel}["{ref.given}","{ref.outcome}"]' for ref in (first, second))
        message = f"{file}: {cells} count the same units over other totals; to compare them compares category sizes"
        self.notes.append(Note("mirrored_claim", file, message))

    def wrong(self, tag: Tag, wrong: AuthorError) -> None:
        self.problems.append(Problem(self.parsed.file, tag.line, tag.column, "", str(wrong)))

    def step(self, node: nodes.Node) -> None:
        """Add the cost of an expression: one step per word."""
        if id(node) not in self.costs:
            self.costs[id(node)] = 1 + sum(1 for _ in node.find_all(nodes.Node))
        self.steps += self.costs[id(node)]
        if self.steps > MOST_STEPS:
            raise _Endless(f"takes more than {MOST_STEPS:,} steps; loops are nested")

    def counted(self, text: str) -> str:
        self.characters += len(text)
        if self.characters > MOST_CHARACTERS:
            raise _Endless(f"comes to more than {MOST_CHARACTERS:,} characters; loops are nested")
        return text
