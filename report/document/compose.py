"""Compose the whole document: the outline, one figure and its relation at a time, and provenance once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from .. import formats
from ..cells import CellRef, Panel
from ..errors import Note
from ..statements import Statement
from ..statements.matrices import ToldMatrices
from ..statements.select import Reason, Told
from ..words import Names
from ..words.report import Said, TableWords, Words
from ..words.sentences import said
from . import (
    FIRST_PAGE,
    SECTION_IDS,
    Block,
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Results,
    Section,
    Sentence,
    Span,
    TableBlock,
    right,
    table,
)


@dataclass(frozen=True)
class Part:
    """One figure and one relation in it.

    `panels` belong to the relation, in the order of their positions in the figure. `notes` are remarks on the data.
    `results` are all results for the relation.
    """

    figure: str
    figure_title: str
    panels: tuple[Panel, ...]

    names: Names
    told: Told | ToldMatrices
    words: Words
    notes: tuple[Note, ...] = ()
    results: Results | None = None

    @property
    def relation(self) -> str:
        """The name of the relation."""
        return self.panels[0].relation

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement that is reported or was tested, once each, in order."""
        found = {one.key: one for one in self.told.statements()}
        tested = () if isinstance(self.told, ToldMatrices) else self.told.tested
        return (*found.values(), *(one for one in tested if one.key not in found))

    def reason(self, statement: Statement) -> Reason:
        """Return whether a statement is told, or the condition that it does not meet."""
        if any(one.key == statement.key for one in self.words.statements()):
            return "told"
        reasons = {} if isinstance(self.told, ToldMatrices) else self.told.reasons
        found = reasons.get(statement.key, "told")
        return "no_room" if found == "told" else found

    def refs(self, statement: Statement) -> tuple[CellRef, ...]:
        """Return the cells of the panels that a statement is about."""
        return tuple(dict.fromkeys(ref for panel in self.panels for ref in self._refs(statement, panel)))

    def _refs(self, statement: Statement, panel: Panel) -> list[CellRef]:
        if isinstance(self.told, ToldMatrices):
            return [CellRef(panel.id, *cell) for cell in statement.cells] if statement.scope == panel.id else []
        explaining = self.names.columns if self.told.table.is_flipped else self.names.rows
        is_turned = panel.given != explaining
        return [CellRef(panel.id, *(cell[::-1] if is_turned else cell)) for cell in statement.cells]


NOTES_FILE = "data/notes.csv"
NOTES_SHOWN = 5
"""The most notes on the data that the page lists; the file has all."""

_FOR_AUTHORS = frozenset(
    {
        *("contained", "counts_per_row", "dispersion", "hidden_characters", "look_alikes", "near_ids", "nested_group"),
        *("personal", "rows_as_groups", "two_rules", "unbalanced_brackets", "unknown_alias"),
        "unreachable_category",
    }
)
"""Notes that advise the author of the config. `build` and `check` print them, and the page does not repeat them."""


def compose(parts: Sequence[Part], blank: Document) -> Document:
    """Combine sections into a document. With several figures, each section id starts with the id of its figure."""
    sections = list(_sections(parts))
    sections.append(Section("provenance", heading("provenance"), provenance(blank, parts)))
    told = {part.figure for part in parts}
    again = (figure for figure in blank.figures if figure.id not in told)
    words = parts[0].words
    sections += (
        Section(f"{figure.id}.figure", figure.title, (FigureBlock(figure.id, (), words.alternative),))
        for figure in again
    )
    headline = blank.headline or words.title.text
    return replace(blank, headline=headline, deck=words.deck, sections=tuple(sections))


def heading(section: str) -> str:
    """Return the heading of a section, by its name without a figure."""
    return said("tables", f"heading_{section}")


def _sections(parts: Sequence[Part]) -> Iterator[Section]:
    """Yield the first page of all figures, then the later sections."""
    by_figure = [(name, list(own)) for name, own in groupby(parts, key=lambda part: part.figure)]
    behind = tuple(name for name in SECTION_IDS if name not in FIRST_PAGE and name != "provenance")
    for page in (FIRST_PAGE, behind):
        for figure, own in by_figure:
            for section in page:
                blocks = [block for part in own for block in _blocks(section, part)]
                blocks += [_figure(own)] if section == "abstract" else []
                if blocks and by_figure[1:]:
                    title = f"{own[0].figure_title}: {heading(section)}"
                    yield Section(f"{figure}.{section}", title, tuple(blocks))
                elif blocks:
                    yield Section(section, heading(section), tuple(blocks))


def _blocks(section: str, part: Part) -> Iterator[Block]:
    words = part.words
    if section == "findings":
        items = tuple(Paragraph(_sentences(part, section, own)) for own in words.findings)
        if items:
            yield ItemList(items)
        if words.table is not None:
            yield from _table(part, words.table)
    elif section == "interpretation" and words.not_shown:
        yield Paragraph((Sentence(f"{section}.lead", (Span(words.not_shown_lead),)),))
        ends = (*(";",) * (len(words.not_shown) - 1), ".")
        clauses = (one._replace(text=one.text + end) for one, end in zip(words.not_shown, ends, strict=True))
        yield ItemList(tuple(Paragraph(_sentences(part, section, (one,))) for one in clauses), numbered=False)
    else:
        own = {"abstract": words.abstract, "reading": words.reading, "coverage": words.covered, "methods": words.method}
        found = _sentences(part, section, own.get(section, ()))
        if found:
            yield Paragraph(found)


def _sentences(part: Part, section: str, own: Sequence[Said]) -> tuple[Sentence, ...]:
    return tuple(sentence_of(part, section, number, one) for number, one in enumerate(own, start=1) if one.text)


def sentence_of(part: Part, section: str, number: int, one: Said) -> Sentence:
    """Return a sentence with the id of its statement, or with its place in the section if it has none."""
    if one.statement is None:
        return Sentence(f"{section}.{number}", (Span(one.text),))
    refs = dict.fromkeys(ref for of in (one.statement, *one.also) for ref in part.refs(of))
    return Sentence(one.statement.id, (Span(one.text),), tuple(refs))


def _table(part: Part, words: TableWords) -> Iterator[Block]:
    """Yield a table of statements, and the sentences under it."""
    n_heads = 1 if not words.statements else 2
    columns = [name if place < n_heads else right(name) for place, name in enumerate(words.header)]
    made = table(f"{part.figure}-{part.relation}-findings", words.caption, columns, words.rows, row_headers=n_heads)
    yield made
    notes = _sentences(part, "findings.table", words.notes)
    if notes:
        yield Paragraph(notes)


def _figure(parts: Sequence[Part]) -> FigureBlock:
    """Return the figure with the sentences of its caption for each relation in it."""
    captions = []
    for part in parts:
        name = f"caption.{part.figure}.{part.relation}"
        for number, one in enumerate(part.words.caption, start=1):
            captions.append(replace(sentence_of(part, "caption", number, one), id=f"{name}.{number}"))
    alternative = " ".join(part.words.alternative for part in parts)
    return FigureBlock(parts[0].figure, tuple(captions), alternative, parts[0].words.marks)


def provenance(of: Document, parts: Sequence[Part]) -> tuple[Block, ...]:
    """Return the version, the date of the data, and the notes on the data."""
    date = None if of.date is None else formats.date(of.date)
    text = said("tables", "provenance", version=of.version, date=date)
    notes = list(dict.fromkeys(note for part in parts for note in part.notes if note.slug not in _FOR_AUTHORS))
    first = Paragraph((Sentence("provenance.1", (Span(text),)),))
    if len(notes) > 1:
        return first, _notes(notes)
    told = (Span(f"{note.subject}: {_message(note)}.") for note in notes)
    return (first, *(Paragraph((Sentence("provenance.note", (span,)),)) for span in told))


def _notes(notes: Sequence[Note]) -> TableBlock:
    shown = notes[:NOTES_SHOWN]
    return table(
        "notes",
        said("tables", "notes_caption", n=len(notes), shown=len(shown)),
        (said("tables", "subject_header"), said("tables", "note_header")),
        ((note.subject, _message(note)) for note in shown),
        source=NOTES_FILE if len(shown) < len(notes) else None,
    )


def _message(note: Note) -> str:
    """Return the message of a note without its location, which comes before it."""
    return note.message.removeprefix(f"{note.subject}: ")
