"""The whole document: the outline of DESIGN section 6, a figure at a time, provenance once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from report.document import closing, middle, opening, tables
from report.document.material import Part, Provenance
from report.document.model import (
    Block,
    Document,
    Download,
    Figure,
    FigureBlock,
    ReportSettings,
    Section,
)
from report.prose.sentence import Sentence
from report.prose.writer import Writer

Builder = Callable[[Part, Writer], Sequence[Block]]

OUTLINE: tuple[tuple[str, Builder], ...] = (
    ("abstract", opening.abstract),
    ("overview", opening.overview),
    ("reading", opening.reading),
    ("analysis", middle.analysis),
    ("observations", middle.observations),
    ("interpretation", closing.interpretation),
    ("coverage", closing.coverage),
    ("methods", closing.methods),
    ("sensitivity", closing.sensitivity),
    ("appendix", tables.matrices),
)
"""Sections in order. The figure stands with the abstract, the cells that matter with the overview, provenance
before the appendix."""


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


def compose(written: Sequence[Written], frame: Frame) -> Document:
    """Put the sections together; with several figures each id has its figure's before it."""
    by_figure = [(name, list(parts)) for name, parts in groupby(written, key=lambda w: w.part.figure)]
    several = len(by_figure) > 1
    sections: list[Section] = []
    for name, parts in by_figure:
        title = parts[0].part.figure_title
        for section, build in OUTLINE:
            blocks = [block for w in parts for block in _blocks(section, build, w)]
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
    )


def _blocks(section: str, build: Builder, w: Written) -> list[Block]:
    blocks = list(build(w.part, w.writer))
    if section == "abstract":
        blocks.append(_figure(w))
    if section == "overview":
        blocks += tables.cells_that_matter(w.part, w.writer)
    return blocks


def _figure(w: Written) -> FigureBlock:
    panel = w.part.panels[0]
    population = w.writer.words("caption", "population") if w.part.counted is not None else ""
    text = w.writer.tell("caption", "figure", panels=w.part.panels, n_units=panel.n_units, population=population)
    caption = Sentence(f"caption.{w.part.figure}", text.spans)
    return FigureBlock(w.part.figure, (caption,), w.alt)


def _with_provenance(sections: list[Section], frame: Frame, writer: Writer) -> list[Section]:
    """Return the sections with provenance before the first appendix, or last."""
    section = Section(
        "provenance", writer.words("headings", "provenance"), closing.provenance(frame.provenance, writer)
    )
    place = next((i for i, s in enumerate(sections) if s.id.split(".")[-1] == "appendix"), len(sections))
    return [*sections[:place], section, *sections[place:]]
