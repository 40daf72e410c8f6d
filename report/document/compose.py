"""The whole document: the outline of DESIGN section 6, a figure at a time, provenance once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product

from ..cells import Panel
from . import (
    appendix,
    closing,
    history,
    opening,
    picture_of_changes,
    pictures,
    pictures_of_counts,
    robustness,
    story,
    tables,
)
from .evidence_notes import noted_findings, pointing, with_notes
from .glossary import with_glossary
from .illustration import Illustration
from .material import Part, Provenance
from .model import (
    FIRST_PAGE,
    SECTION_IDS,
    Block,
    Document,
    Download,
    Figure,
    FigureBlock,
    ReportSettings,
    Section,
    TableBlock,
)
from .writer import Sentence, Writer

Builder = Callable[[Part, Writer], Sequence[Block]]

BUILDERS: Mapping[str, Builder] = {
    "abstract": story.headline,
    "observations": story.observations,
    "interpretation": closing.interpretation,
    "overview": opening.overview,
    "reading": opening.reading,
    "analysis": story.analysis,
    "coverage": closing.coverage,
    "methods": closing.methods,
    "sensitivity": robustness.sensitivity,
    "history": history.history,
    "appendix": appendix.appendix,
}
"""What makes each section. The figure stands with the abstract, the cells that matter with the observations, provenance
before the appendix."""

BEFORE_TABLES: Mapping[str, Sequence[Callable[[Part, Writer], Illustration | None]]] = {
    "analysis": (pictures_of_counts.of_strata, pictures_of_counts.of_crossings),
    "coverage": (pictures_of_counts.of_coverage,),
    "sensitivity": (pictures.of_statements,),
    "history": (picture_of_changes.of_changes,),
}
"""The pictures that stand in a section, before its tables. That of the pairs stands with the observations."""


@dataclass(frozen=True)
class Written:
    """A part of the report with the writer that knows its words, and its figure's alternative text."""

    part: Part
    writer: Writer
    alt: str


@dataclass(frozen=True)
class Frame:
    """What the document carries beside its sections."""

    settings: ReportSettings
    date: dt.date | None
    url: str | None
    provenance: Provenance
    figures: tuple[Figure, ...]
    downloads: tuple[Download, ...]
    stale_after: str | None = None
    archive: str | None = None


def compose(written: Sequence[Written], frame: Frame) -> Document:
    """Put the sections together; with several figures each id has its figure's before it."""
    noted = {_name(w): noted_findings(w.part, w.writer, f"{_name(w)}." if written[1:] else "") for w in written}
    by_figure = [(name, list(parts)) for name, parts in groupby(written, key=lambda w: w.part.figure)]
    several = len(by_figure) > 1
    sections: list[Section] = []
    tables_set: set[str] = set()
    behind = tuple(section for section in SECTION_IDS if section not in FIRST_PAGE and section in BUILDERS)
    for page in (FIRST_PAGE, behind):
        for (name, parts), section in product(by_figure, page):
            title = parts[0].part.figure_title
            blocks = [block for w in parts for block in pointing(_blocks(section, w), noted[_name(w)])]
            if section == "abstract":
                blocks.append(_figure(parts))
            blocks = _once(blocks, tables_set)
            if blocks:
                heading = parts[0].writer.words("headings", section)
                sections.append(
                    Section(
                        id=f"{name}.{section}" if several else section,
                        title=f"{title}: {heading}" if several else heading,
                        blocks=tuple(blocks),
                    )
                )
    sections = _with_provenance(sections, frame, written[0].writer)
    sections = with_notes(sections, {name: entry for notes in noted.values() for name, entry in notes.items()})
    sections = with_glossary(sections, written[0].writer)
    return Document(
        title=frame.settings.title,
        subtitle=frame.settings.subtitle,
        authors=frame.settings.authors,
        date=frame.date,
        language=frame.settings.language,
        url=frame.url,
        version=frame.provenance.version,
        sections=tuple(sections),
        figures=frame.figures,
        downloads=frame.downloads,
        stale_after=frame.stale_after,
        archive=frame.archive,
        folded=frame.settings.length == "short",
    )


def _name(w: Written) -> str:
    """Return what tells the findings of one part from those of another: figure and relation."""
    return f"{w.part.figure}.{w.part.panels[0].relation}"


def _blocks(section: str, w: Written) -> list[Block]:
    blocks = list(BUILDERS[section](w.part, w.writer))
    if section == "observations":
        drawn = pictures.of_pairs(w.part, w.writer)
        blocks += tables.cells_that_matter(w.part, w.writer) if drawn is None else [drawn.block]
    if section == "analysis" and pictures.of_pairs(w.part, w.writer) is not None:
        blocks += tables.cells_that_matter(w.part, w.writer)
    if blocks and section in BEFORE_TABLES:
        found = (make(w.part, w.writer) for make in BEFORE_TABLES[section])
        place = next((k for k, block in enumerate(blocks) if isinstance(block, TableBlock)), len(blocks))
        blocks[place:place] = [picture.block for picture in found if picture is not None]
    return blocks


def _once(blocks: Sequence[Block], tables_set: set[str]) -> list[Block]:
    """Leave out the tables that stand already, and note the others: a panel in two figures has one matrix."""
    fresh = [block for block in blocks if not isinstance(block, TableBlock) or block.id not in tables_set]
    tables_set |= {block.id for block in fresh if isinstance(block, TableBlock)}
    return fresh


def _figure(parts: Sequence[Written]) -> FigureBlock:
    """Return the figure with a sentence of its caption for each relation in it."""
    several = len(parts) > 1
    captions = []
    for w in parts:
        name = f"{w.part.figure}.{w.part.panels[0].relation}" if several else w.part.figure
        captions.append(Sentence(f"caption.{name}", caption(w, w.part.panels).spans))
        if w.part.counted is not None:
            captions.append(Sentence(f"caption.{name}.intervals", opening.intervals(w.part, w.writer).spans))
    return FigureBlock(parts[0].part.figure, tuple(captions), parts[0].alt)


def caption(w: Written, panels: tuple[Panel, ...]) -> Sentence:
    """Return what the caption says of a relation's panels: those of the figure, or the same by another measure."""
    population = w.writer.words("caption", "population") if w.part.counted is not None else ""
    several = len(w.part.in_figure) > 1
    return w.writer.tell(
        "caption", "figure", panels=panels, several=several, n_units=panels[0].n_units, population=population
    )


def _with_provenance(sections: list[Section], frame: Frame, writer: Writer) -> list[Section]:
    """Return the sections with provenance before the first appendix, or last."""
    section = Section(
        "provenance", writer.words("headings", "provenance"), closing.provenance(frame.provenance, writer)
    )
    place = next((i for i, s in enumerate(sections) if s.id.split(".")[-1] == "appendix"), len(sections))
    return [*sections[:place], section, *sections[place:]]
