"""Prepare the data of the page's templates: ids, numbers, links, classes, and drawings as inline SVG.

Texts are not yet escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

from .. import formats
from ..cells import CellRef, Panel
from ..document import Document, Figure, FigureBlock, ItemList, Paragraph, Section, Sentence, Span, TableBlock
from ..document import View as PanelView
from ..errors import RenderError
from ..theme import hexadecimal
from .outline import (
    Anchors,
    BlockWriter,
    Outline,
    blocks_of,
    runs,
    sentences_of,
)

_ALLOWED = frozenset(
    {
        *("svg", "g", "defs", "use", "symbol", "title", "desc", "image"),
        *("path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan"),
        *("clipPath", "mask", "pattern", "linearGradient", "radialGradient", "stop"),
    }
)
_DROPPED = frozenset({"style", "metadata"})  # embedded fonts are in the page
_NOISE = re.compile(r"^(role|aria-.*|font-family|focusable|version|tabindex|pointer-events|width|height)$")
_SIZED = frozenset({"image", "rect", "pattern", "mask"})
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_PICTURE = re.compile(r"data:image/png;base64,[\w+/]+=*$", re.ASCII)
_NAMES = {"http://www.w3.org/1999/xlink": "", "http://www.w3.org/XML/1998/namespace": "xml:"}


def inline_svg(
    svg: str, name: str, kind: str = "", panel: Panel | None = None, order: Sequence[int] = (), *, prefix: str = ""
) -> Markup:
    """Return the SVG of a drawing as an element of class `kind` for a page, hidden from screen readers.

    Its ids begin with `prefix` and "svg-<name>-", and are thus unique. The style sheet sets size and typeface, and
    embedded styles are removed. The enclosing element must have the alternative text. The squares of the cells of
    `panel`, whose rows are drawn in this `order`, have their short names as `data-cell`, and a picture of them has its
    id as `data-panel`. Raises RenderError for a drawing that is malformed, runs code, loads files, or violates the
    page's policy.
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 - made in this process from our own specification
    except ET.ParseError as error:
        raise RenderError(f"figure {name}: its drawing is not well-formed SVG ({error})") from error
    if _local(root.tag) != "svg":
        raise RenderError(f"figure {name}: its drawing is <{_local(root.tag)}>, not <svg>")
    if panel is not None:
        _name_cells(root, panel, order)
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in _DROPPED or (parent is root and _local(child.tag) == "rect"):
                parent.remove(child)  # the page is the ground
    for element in root.iter():
        _settle(element, name, f"{prefix}svg-{name}-")
    root.attrib |= {"aria-hidden": "true", "focusable": "false"} | ({"class": kind} if kind else {})
    if kind == "large":  # in its own size
        root.set("width", root.get("viewBox", "").split()[2])
    for parent in root.iter():
        _lighten(parent)
    text = ET.tostring(root, encoding="unicode").replace(" />", "/>")
    return Markup(text)  # noqa: S704 - all texts and attributes are escaped, and only drawing elements remain


def _settle(element: ET.Element, figure: str, prefix: str) -> None:
    """Remove namespaces and unneeded attributes from an element, and add the prefix to ids and references."""
    element.tag = _local(element.tag)
    if element.tag not in _ALLOWED:
        raise RenderError(f"figure {figure}: its drawing contains <{element.tag}>, which a page may not carry")
    kept: dict[str, str] = {}
    for qualified, value in element.attrib.items():
        name = _attribute(qualified, is_sized=element.tag in _SIZED)
        if name is None:
            continue
        leads = name == "href" and not (_PICTURE.match(value) if element.tag == "image" else value.startswith("#"))
        if name.startswith("on") or name == "style" or leads:
            raise RenderError(f"figure {figure}: its drawing contains {name}={value!r}, which a page may not carry")
        kept[name] = _value(name, value, prefix)
    element.attrib.clear()
    element.attrib.update(kept)


_INHERITED = ("stroke", "stroke-width", "font-size", "font-weight", "text-anchor", "fill")
_MOST = 0.6


def _lighten(parent: ET.Element) -> None:
    """Move common attributes to the group and remove invisible elements, which saves a third of a drawing."""
    for child in list(parent):
        if child.get("class") in {"background", "foreground"} and {child.get("fill"), child.get("stroke")} == {None}:
            parent.remove(child)
    if parent.tag != "svg" and "mark-" not in parent.get("class", ""):
        parent.attrib.pop("class", None)
    if parent.get("opacity") == "1":
        del parent.attrib["opacity"]
    if "fill" in parent.attrib:
        parent.set("fill", hexadecimal(parent.attrib["fill"]))
    if parent.tag == "g" and len(parent) > 1:
        _share(parent)


def _share(parent: ET.Element) -> None:
    """Move attributes that most children have with the same value to their group."""
    for name in _INHERITED:
        values = [child.get(name) for child in parent]
        value = max(values, key=values.count)
        if None in values or value is None or name in parent.attrib or values.count(value) < _MOST * len(values):
            continue
        parent.set(name, value)
        for child in parent:
            if child.get(name) == value:
                del child.attrib[name]


def _value(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "href":
        return f"#{prefix}{value[1:]}" if value.startswith("#") else value
    return _REFERENCE.sub(rf"url(#{prefix}\g<1>)", value) if "url(" in value else value


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@cache
def _attribute(qualified: str, *, is_sized: bool) -> str | None:
    """Return the name of an attribute without namespace, None if a page does not need it."""
    namespace, _, local = qualified.lstrip("{").rpartition("}")
    name = _NAMES.get(namespace, "") + local
    return None if _NOISE.match(name) and not (is_sized and local in {"width", "height"}) else name


def _name_cells(root: ET.Element, panel: Panel, order: Sequence[int]) -> None:
    """Set `data-cell` of the square of each cell, which are drawn in the order of reading, and `data-panel`."""
    n = len(panel.outcome_categories)
    for group in root.iter():
        classes = group.get("class", "").split()
        if f"{panel.id}_cells_marks" in classes:
            squares = [square for square in group if _local(square.tag) == "path"]
            places = ((row, column) for row in order for column in range(n))
            if len(squares) >= n * len(panel.given_categories):
                for square, (row, column) in zip(squares, places, strict=False):
                    square.set("data-cell", cell_key(panel.id, row, column))
        elif f"{panel.id}_picture_marks" in classes:
            for picture in group.findall("{*}image"):
                picture.set("data-panel", panel.id)


def cell_key(panel: str, row: int, column: int) -> str:
    """Return a short name for a cell, safe in any attribute: panel id, row and column, e.g. "left-1-2"."""
    return f"{panel}-{row}-{column}"


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


def _places_of(document: Document) -> dict[str, tuple[dict[str, int], ...]]:
    """Return the positions of the categories of both sides of each panel."""
    return {
        panel.id: tuple(
            {name: place for place, name in enumerate(side)}
            for side in (panel.given_categories, panel.outcome_categories)
        )
        for figure in reversed(document.figures)  # of two with the same panels, the first is read
        for panel in figure.shown
    }


_FOLDED = ("interpretation", "findings", "coverage", "reading")
_MOST_WORDS = 13
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


def _sizes(figure: Figure) -> str:
    """Return the numbers of categories of a figure, "" without panels."""
    sides = ((panel.given_categories, panel.outcome_categories) for panel in figure.shown[:1])
    return "".join(f"{formats.small(len(one))} by {formats.small(len(other))} categories" for one, other in sides)


def _summary(blocks: Sequence[View]) -> str:
    """Return the text next to the title of a fold, if it is short: a first clause, rather one with a number."""
    first = blocks[0]
    if first["type"] == "figure":
        return str(first["sizes"])
    if first["type"] == "table":
        texts = [str(first["block"].caption)]
    elif first["type"] == "paragraph" and first["origin"] != "authored":
        texts = ["".join(span.text for span in sentence["spans"]) for sentence in first["sentences"]]
    else:
        return ""
    clauses = [text.partition(";")[0].partition(" (")[0].partition(". ")[0].rstrip(".:") for text in texts]
    short = [clause if len(clause.split()) <= _MOST_WORDS else "" for clause in clauses]
    return next((clause for clause in short if re.search(r"\d", clause)), short[0])


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
        self._places = _places_of(document)
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
            {"type": "paragraph", "origin": origin, "sentences": self.sentences(sentences)}
            for origin, sentences in runs(paragraph)
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
        if span.href and span.href.startswith("#"):
            return replace(span, href=f"#{self._prefix}{span.href[1:]}")
        return span

    def keys(self, cells: Iterable[CellRef]) -> str:
        """Return the distinct short names of cells, separated by spaces."""
        return " ".join(dict.fromkeys(key for ref in cells if (key := self._key(ref))))

    def _key(self, ref: CellRef) -> str | None:
        """Return the short name of a cell; None for a cell that is in no panel of the document."""
        if ref.panel not in self._places:
            return None
        row, column = (at.get(name) for at, name in zip(self._places[ref.panel], (ref.given, ref.outcome), strict=True))
        return None if row is None or column is None else cell_key(ref.panel, row, column)

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
            "sizes": _sizes(figure),
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
