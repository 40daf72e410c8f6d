"""Compose the whole document: the outline, one figure at a time, provenance once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, product

from ..cells import Panel
from ..findings.population import Population
from ..formats import NBSP
from . import appendix, context, front, methods, pictures, pictures_of_counts, story
from .material import RelationReport
from .model import (
    FIRST_PAGE,
    SECTION_IDS,
    Block,
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    TableBlock,
    place_of,
    sentences_in,
    with_sentences,
)
from .pictures_of_counts import Illustration
from .writer import Writer

Builder = Callable[[RelationReport, Writer], Sequence[Block]]

BUILDERS: Mapping[str, Builder] = {
    "abstract": story.headline,
    "observations": story.observations,
    "interpretation": context.interpretation,
    "overview": context.overview,
    "reading": context.reading,
    "analysis": story.analysis,
    "methods": lambda part, writer: methods.methods(part, writer, _mentioned(_others(part, writer))),
    "appendix": appendix.appendix,
}
"""The functions that build each section. The figure is in the abstract, and the table of cells is with the
observations. Provenance comes before the appendix."""

BEFORE_TABLES: Mapping[str, Sequence[Callable[[RelationReport, Writer], Illustration | None]]] = {
    "analysis": (pictures_of_counts.of_strata,),
}
"""The pictures of a section, before its tables. The picture of the pairs is with the observations."""


def _others(part: RelationReport, writer: Writer) -> Iterator[Block]:
    """Yield the blocks of all sections but the method."""
    for section in BUILDERS:
        if section != "methods":
            yield from _built(section, part, writer)


def _mentioned(blocks: Iterable[Block]) -> methods.MentionedMethods:
    """Return the terms that some blocks use in sentences, captions, table heads, notes and charts."""
    return methods.MentionedMethods.in_texts(text for block in blocks for text in _words(block))


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    yield from (sentence.text for sentence in sentences_in(blocks) if sentence.origin == "computed")
    for block in blocks:
        if isinstance(block, TableBlock):
            yield block.caption
            yield from (column.header for column in block.columns)
            yield from (cell.text for row in block.rows for cell in row if cell.ref is None)


def _words(block: Block) -> Iterator[str]:
    if isinstance(block, FigureBlock):
        yield from (block.alt, *(sentence.text for sentence in block.caption))
    yield from _texts((block,))
    for paragraph in block.items if isinstance(block, ItemList) else (block,):
        if isinstance(paragraph, Paragraph):
            yield paragraph.lead or ""


@dataclass(frozen=True)
class WrittenPart:
    """A part of the report with its writer and the alternative text of its figure."""

    part: RelationReport
    writer: Writer
    alt: str


def compose(written: Sequence[WrittenPart], blank: Document) -> Document:
    """Combine sections into a document. With several figures, each section id starts with the id of its figure."""
    sections = list(_sections(written))
    writer = written[0].writer
    provenance = context.provenance(blank, [w.part for w in written], writer)
    place = place_of(sections, "appendix")
    sections.insert(place, Section("provenance", writer.words("headings", "provenance"), provenance))
    sections = [_first_interval_named(section, written[0].part.wording.ci) for section in sections]
    headline = blank.headline or front.title(written[0].part, writer)
    deck = front.deck(written[0].part, writer, blank, is_topic=headline is not None)
    brief = front.brief(written[0].part, writer)
    return replace(blank, headline=headline, deck=deck, brief=brief, sections=tuple(sections))


_INTERVAL = re.compile(r"(?:(?<=% \()|(?<=%; ))(?=[\d.]+–[\d.]+%)")
"""The start of a confidence interval in brackets after a share."""


def _first_interval_named(section: Section, name: str) -> Section:
    """Return a section in which the first interval after a share is called a confidence interval."""
    found = False

    def named(sentence: Sentence) -> Sentence:
        nonlocal found
        if found or sentence.origin != "computed" or not _INTERVAL.search(sentence.text):
            return sentence
        spans = []
        for span in sentence.spans:
            text, n = (span.text, 0) if found else _INTERVAL.subn(f"{name}{NBSP}", span.text, count=1)
            found = found or bool(n)
            spans.append(replace(span, text=text))
        return replace(sentence, spans=tuple(spans))

    return replace(section, blocks=with_sentences(section.blocks, named))


def key_sentences(written: Sequence[WrittenPart]) -> Iterator[tuple[str, WrittenPart, Sentence]]:
    """Yield the computed sentences of the abstract and of the key observations, each with its section and its part."""
    for w, section in product(written, ("abstract", "observations")):
        for sentence in sentences_in(BUILDERS[section](w.part, w.writer)):
            yield section, w, sentence


def _sections(written: Sequence[WrittenPart]) -> Iterator[Section]:
    """Yield the first page of all figures, then the later sections, without repeated tables and rows."""
    by_figure = [(name, list(parts)) for name, parts in groupby(written, key=lambda w: w.part.figure)]
    tables_set: set[str] = set()
    behind = tuple(section for section in SECTION_IDS if section not in FIRST_PAGE and section in BUILDERS)
    made = {_name(w): _sections_of(w) for w in written}
    for page in (FIRST_PAGE, behind):
        for (name, parts), section in product(by_figure, page):
            blocks = [block for w in parts for block in made[_name(w)][section]]
            if section == "abstract":
                blocks.append(_figure(parts))
            blocks = _once(blocks, tables_set)
            if blocks:
                place, heading = section, _heading(section, blocks, parts[0].writer)
                if by_figure[1:]:
                    place, heading = f"{name}.{section}", f"{parts[0].part.figure_title}: {heading}"
                yield Section(place, heading, tuple(blocks))


def _sections_of(w: WrittenPart) -> Mapping[str, list[Block]]:
    """Return the blocks of each section of a part. The method comes last, because it explains terms of the others."""
    made = {section: _built(section, w.part, w.writer) for section in BUILDERS if section != "methods"}
    mentioned = _mentioned(chain.from_iterable(made.values()))
    return made | {"methods": list(methods.methods(w.part, w.writer, mentioned))}


def _heading(section: str, blocks: Sequence[Block], writer: Writer) -> str:
    """Return the heading of a section. Observations without a sentence contain only pictures."""
    bare = section == "observations" and not any(isinstance(block, ItemList | Paragraph) for block in blocks)
    return writer.words("headings", "pictured" if bare else section)


def _name(w: WrittenPart) -> str:
    """Return a name that separates the findings of one part from another: figure and relation."""
    return f"{w.part.figure}.{w.part.panels[0].relation}"


def _built(section: str, part: RelationReport, writer: Writer) -> list[Block]:
    """Return the blocks of a section with its charts and the table of cells."""
    blocks = list(BUILDERS[section](part, writer))
    if section == "observations":
        drawn = pictures.of_pairs(part, writer)
        blocks += pictures.cells_that_matter(part, writer) if drawn is None else [drawn.block]
    if section == "analysis" and pictures.of_pairs(part, writer) is not None:
        blocks += pictures.cells_that_matter(part, writer)
    if blocks and section in BEFORE_TABLES:
        found = (make(part, writer) for make in BEFORE_TABLES[section])
        place = next((k for k, block in enumerate(blocks) if isinstance(block, TableBlock)), len(blocks))
        blocks[place:place] = [picture.block for picture in found if picture is not None]
    return blocks


def _once(blocks: Sequence[Block], tables_set: set[str]) -> list[Block]:
    """Leave out tables that already appeared, and record the rest. A panel in two figures has one matrix."""
    fresh = [block for block in blocks if not isinstance(block, TableBlock) or block.id not in tables_set]
    tables_set |= {block.id for block in fresh if isinstance(block, TableBlock)}
    return fresh


def _figure(parts: Sequence[WrittenPart]) -> FigureBlock:
    """Return the figure with one sentence in its caption for each relation in it."""
    several = len(parts) > 1
    captions = []
    for w in parts:
        name = f"{w.part.figure}.{w.part.panels[0].relation}" if several else w.part.figure
        captions.append(Sentence(f"caption.{name}", caption(w, w.part.panels).spans))
        if (example := context.example(w.part, w.writer)) is not None:
            captions.append(replace(example, id=f"caption.{name}.example"))
    return FigureBlock(parts[0].part.figure, tuple(captions), parts[0].alt)


def caption(w: WrittenPart, panels: tuple[Panel, ...]) -> Sentence:
    """Return the caption for the panels of a relation: the panels of the figure, or the same with another measure."""
    several = len(w.part.in_figure) > 1
    counted = w.part.first(Population)
    # With a key, all units in the data count, and the caption names them. Else it does so only if some are left out.
    of_key = w.part.wording.unit.role == "key"
    chosen = counted is not None and (of_key or counted.n_units < counted.n_candidates)
    population = w.writer.words("caption", "population") if chosen else ""
    return w.writer.tell(
        "caption",
        "figure",
        panels=panels,
        several=several,
        n_units=panels[0].n_units,
        n_counted=None if counted is None else counted.n_units,
        population=population,
    )
