"""Prepare the data of the page's templates: ids, numbers, links and classes. Texts are not yet escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

from .. import formats
from ..cells import CellRef, Panel
from ..document.model import (
    Document,
    FigureBlock,
    ItemList,
    LinkSpan,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from ..document.model import View as PanelView
from .outline import (
    Anchors,
    BlockWriter,
    Outline,
    blocks_of,
    runs,
    sentences_of,
)
from .svg import cell_key, inline_svg


@dataclass(frozen=True)
class Neighbours:
    """Links of a report to the previous and next report of a site, None at the ends."""

    previous: Link | None
    next: Link | None


def shown(document: Document, page: PageView) -> dict[str, object]:
    """Return the values that the templates of pages and fragments share."""
    sentences = (sentence for block in blocks_of(document) for sentence in sentences_of(block))
    return {
        "document": document,
        "page": page,
        "language": document.language.replace("_", "-"),
        "direction": direction(document.language),
        "date_text": formats.date(document.date) if document.date else "",
        "has_authored": any(sentence.origin == "authored" for sentence in sentences),
    }


def direction(language: str) -> str:
    """Return the writing direction of a language, ltr or rtl; ltr if it is unknown."""
    try:
        return "rtl" if Locale.parse(language.replace("-", "_")).character_order == "right-to-left" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "ltr"


TAKEN = ("main", "data", "cite", "report-readings")
"""Ids that the page itself uses, which are not available for parts of a document."""


@dataclass(frozen=True)
class Link:
    """A link: its address and text."""

    href: str
    text: str


View: TypeAlias = Mapping[str, Any]
"""A part of the document as data for its template. A block has the same `type` as in report.json."""


ALIGNED = {"left": "", "right": "r"}
"""The class of table cells for each alignment. Names are short, because a page has hundreds of cells."""


_INTERVAL = re.compile(r"(\S+) (\(\S+(?: to |\u2060?–\u2060?)\S+\))")


def _parted(text: str) -> tuple[str, str]:
    """Return a number and its interval, which narrow tables show below it; "" if the text has no interval.

    >>> _parted("71 (54–83)"), _parted("WebLI (58)")
    (('71', '(54–83)'), ('WebLI (58)', ''))
    """
    found = _INTERVAL.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


class CellKeys:
    """Lookup of the short names of cells (`cell_key`)."""

    def __init__(self, document: Document) -> None:
        """Index the positions of the categories of all panels."""
        self._places = {
            panel.id: tuple(
                {name: place for place, name in enumerate(side)}
                for side in (panel.given_categories, panel.outcome_categories)
            )
            for figure in reversed(document.figures)  # of two with the same panels, the first is read
            for panel in figure.shown
        }

    def key(self, ref: CellRef | None) -> str | None:
        """Return the short name of a cell; None for no cell or a cell that is in no panel of the document."""
        if ref is None or ref.panel not in self._places:
            return None
        row, column = (at.get(name) for at, name in zip(self._places[ref.panel], (ref.given, ref.outcome), strict=True))
        return None if row is None or column is None else cell_key(ref.panel, row, column)


_FOLDED = ("interpretation", "findings", "coverage", "reading")
_MOST_WORDS = 10
"""Maximum number of words of a clause that a fold shows next to its title."""


def _listed(blocks: Sequence[View]) -> View | None:
    """Return the list of findings of a section, its first numbered list."""
    return next((block for block in blocks if block["type"] == "list" and block["numbered"]), None)


def _findings(blocks: Sequence[View]) -> list[View]:
    """Return the findings of a section: computed sentences, their cells, and authors' text."""
    listed = _listed(blocks)
    found: list[View] = []
    for runs_ in () if listed is None else listed["entries"]:
        authored = [run for run in runs_ if run["origin"] == "authored"]
        sentences = [one for run in runs_ if run["origin"] != "authored" for one in run["sentences"]]
        cells = dict.fromkeys(key for one in sentences for key in one["cells"].split())
        found.append({"sentences": sentences, "cells": " ".join(cells), "authored": authored})
    return found


def _folds(section: View) -> Iterator[View]:
    """Yield the fold of a section, if anything is left for it: its tables and the authors' text of findings."""
    blocks, (figure, of, title) = section["blocks"], section["title"].rpartition(": ")
    if section["name"] == "findings":
        listed = _listed(blocks)
        blocks = [block for block in blocks if block is not listed]
        table = next((block for block in blocks if block["type"] == "table"), None)
        title = title if table is None else f"Table {table['number']}"
    summary = _summary(blocks) if blocks else ""
    if section["name"] == "interpretation" and (limits := [b for b in blocks if b["type"] == "list"]):
        n = len(limits[0]["entries"])
        some = f"{formats.small(n)} {formats.plural(n, 'statement', 'statements')}"
        title, summary = "Not shown", f"{some} that these data cannot support"
    if blocks:
        yield {"id": section["id"], "title": f"{figure}{of}{title}", "summary": summary, "blocks": blocks}


def _summary(blocks: Sequence[View]) -> str:
    """Return the text next to the title of a fold: the first clause of its caption or text, if it is short."""
    first = blocks[0]
    if first["type"] == "table":
        text = str(first["block"].caption).partition(" (")[0]
    elif first["type"] == "paragraph" and first["origin"] != "authored":
        text = "".join(span.text for span in first["sentences"][0]["spans"]).partition(";")[0]
    else:
        return ""
    text = text.partition(". ")[0].rstrip(".:")
    return text if len(text.split()) <= _MOST_WORDS else ""


class PageView(BlockWriter[View]):
    """The content of the page in printed order, with unique ids.

    `marks` are the places of bars of agreement, in per cent.
    """

    def __init__(self, document: Document, order: Outline, prefix: str = "") -> None:
        """Build the views of all sections. Every id, and every link to an id, begins with `prefix`."""
        super().__init__(document, order)
        self.marks: set[int] = set()
        self._prefix = prefix
        self._anchors = Anchors(prefix)
        self._cells = CellKeys(document)
        for taken in TAKEN:
            self._anchors.new(taken)
        self._sections = {s.id: self._anchors.new(s.id) for s in document.sections}
        self._figures = {name: self._anchors.new(f"figure-{name}") for name in order.figures}
        self._tables = {name: self._anchors.new(f"table-{name}") for name in order.tables}
        self.abstract = self.section(order.abstract) if order.abstract else None
        self.lead = self.figure(order.lead) if order.lead else None
        self.sections = [self.section(section) for section in order.sections]

    @property
    def letters(self) -> str:
        """A text with every character that is visible on the page."""
        document = self.document
        names = [author.name for author in document.authors]
        parts = (self.abstract, self.lead, self.sections)
        return "".join([document.printed_title, document.printed_deck, *names, *map(repr, parts)])

    @property
    def parts(self) -> list[View]:
        """The figures, each with the abstract above it and the findings below it, and a title if there are several."""
        found: list[View] = []
        told = [section for section in (self.abstract, *self.sections) if section is not None]
        for name in dict.fromkeys(section["figure"] for section in told if not section["detail"]):
            own = {section["name"]: section["blocks"] for section in told if section["figure"] == name}
            lead = [block for block in own.get("abstract", []) if block["type"] != "figure"]
            drawn = [block for block in own.get("abstract", []) if block["type"] == "figure"]
            figure = drawn[0] if drawn else self.lead if not found else None
            findings = _findings(own.get("findings", []))
            found.append(
                {
                    "title": self.document.figure(figure["of"]).title if name and figure else "",
                    "lead": lead,
                    "figure": figure,
                    "findings": findings,
                }
            )
        return found

    @property
    def provenance(self) -> list[View]:
        """The blocks on the date and the version of the report, which are next to its files."""
        return [block for section in self.sections if section["name"] == "provenance" for block in section["blocks"]]

    @property
    def folds(self) -> list[View]:
        """All else, each with a title and a summary: limits, tables of findings, coverage, and then the details."""
        first = {name: place for place, name in enumerate(_FOLDED)}
        rest = [section for section in self.sections if section["name"] not in {"abstract", "provenance"}]
        rest.sort(key=lambda section: first.get(section["name"], len(first)))
        return [fold for section in rest for fold in _folds(section)]

    def section(self, section: Section) -> View:
        """Return a section with its blocks."""
        blocks = self.sequence(section.blocks)
        about = {"id": self._sections[section.id], "name": section.name, "title": section.title}
        about["figure"] = section.id.rpartition(".")[0]
        return {**about, "detail": section.detail, "blocks": blocks}

    def authored(self, parts: list[View]) -> View:
        """Return authors' text in its frame."""
        return {"type": "authored", "blocks": parts}

    def paragraph(self, paragraph: Paragraph) -> list[View]:
        """Return the runs of a paragraph."""
        return [
            {"type": "paragraph", "origin": run.origin, "sentences": self.sentences(run.sentences)}
            for run in runs(paragraph)
        ]

    def item_list(self, block: ItemList) -> View:
        """Return a list."""
        entries = [self.paragraph(item) for item in block.items]
        return {"type": "list", "numbered": block.numbered, "entries": entries}

    def sentences(self, sentences: tuple[Sentence, ...]) -> list[View]:
        """Return sentences, each with its anchor and the short names of its cells."""
        return [
            {
                "id": self._anchors.new(sentence.id),
                "spans": [self.span(span) for span in sentence.spans],
                "cells": self.keys(sentence.cells),
            }
            for sentence in sentences
        ]

    def span(self, span: Span) -> Span:
        """Return a span of text. In a link within the page, the prefix is added to the id."""
        if isinstance(span, LinkSpan) and span.href.startswith("#"):
            return replace(span, href=f"#{self._prefix}{span.href[1:]}")
        return span

    def keys(self, cells: Iterable[CellRef]) -> str:
        """Return the distinct short names of cells, separated by spaces."""
        return " ".join(dict.fromkeys(key for ref in cells if (key := self._cells.key(ref))))

    def figure(self, block: FigureBlock) -> View:
        """Return a figure.

        `first` is the cell that its reading line begins with, "" for none; None if there is no such line.
        """
        figure, anchor = self.document.figure(block.id), self._figures[block.id]
        earlier = self.document.figures[: self.document.figures.index(figure)]
        read = {panel.id for other in earlier for panel in other.panels}
        panels = {panel.id: panel for panel in figure.shown if panel.id not in read}
        self.marks |= {round(100 * share) for share, _ in block.marks}
        drawn = [self._drawings(block.id, view, panels.get(view.panel)) for view in figure.views]
        if not drawn and figure.svg:
            drawn = [[inline_svg(figure.svg, block.id, prefix=self._prefix)]]
        caption = self.sentences(block.caption)
        cells = [key for one in caption for key in one["cells"].split()]
        return {
            "type": "figure",
            "id": anchor,
            "of": block.id,
            "number": self.order.figures[block.id],
            "panels": drawn,
            "is_large": any(view.large for view in figure.views),
            "key": inline_svg(figure.key, f"{block.id}-key", prefix=self._prefix) if figure.key else "",
            "alt": block.alt,
            "marks": block.marks,
            "caption": caption,
            "first": (cells or [""])[0] if any(panel.says for panel in panels.values()) else None,
        }

    def _drawings(self, figure: str, view: PanelView, panel: Panel | None) -> list[Markup]:
        """Return the drawings of a panel, whose cells have names unless it is None: wide, and others if they differ."""
        kinds = {"wide": view.wide} | ({"narrow": view.narrow} if view.narrow != view.wide else {})
        kinds |= {"large": view.large} if view.large else {}
        names = {kind: kind if kinds.keys() > {"wide"} else "" for kind in kinds}
        return [
            inline_svg(svg, f"{figure}-{view.panel}-{kind}", names[kind], panel, view.order, prefix=self._prefix)
            for kind, svg in kinds.items()
        ]

    def table(self, block: TableBlock) -> View:
        """Return a table."""
        return {
            "type": "table",
            "id": self._tables[block.id],
            "number": self.order.tables[block.id],
            "block": block,
            "classes": [ALIGNED[column.align] for column in block.columns],
            "rows": [[_parted(text) for text in row] for row in block.rows],
        }
