"""The document: sections of paragraphs, figures and tables as frozen values. No markup, no frames.

Renderers turn it into pages and escape as their format needs; nothing in here is escaped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ..cells import CellRef, Panel, folded
from ..settings import Settings
from .material import Results

LANGUAGE = "en"
"""The language of reports."""

FIRST_PAGE = ("abstract", "observations", "interpretation", "overview")
"""What a reader of a minute sees, in order."""

SECTION_IDS = (
    *FIRST_PAGE,
    "reading",
    "analysis",
    "coverage",
    "methods",
    "sensitivity",
    "history",
    "provenance",
    "appendix",
    "glossary",
)
"""Every section, in order; with several figures an id is `<figure>.<section>`."""


class AuthorSettings(Settings):
    """An author of the report."""

    name: str = Field(min_length=1)
    """The author's name as printed."""
    orcid: str | None = Field(default=None, pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")
    """The author's ORCID, such as 0000-0002-1825-0097."""
    affiliation: str | None = None
    """Where the author works."""


def _named(value: object) -> object:
    """Read a name alone as that of an author."""
    return {"name": value} if isinstance(value, str) else value


def _day(value: object) -> object:
    """Read a day as it is written (2026-08-01): pydantic alone would take a bare number for seconds since 1970."""
    if not isinstance(value, str) or value == "data":
        return value
    try:
        return dt.date.fromisoformat(value if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else "")
    except ValueError:
        raise ValueError("needs data or a date such as 2026-08-01") from None


class ReportSettings(Settings):
    """What stands on the title page. `date: data` is the newest declared date of the data, never the clock."""

    title: str = Field(min_length=1)
    """The title."""
    subtitle: str | None = None
    """A second line under the title."""
    authors: tuple[
        Annotated[AuthorSettings, BeforeValidator(_named, json_schema_input_type=str | AuthorSettings)], ...
    ] = ()
    """The authors, in order: a name each, or more than that."""
    date: Annotated[Literal["data"] | dt.date, BeforeValidator(_day)] = "data"
    """data (the newest declared date of the data; none: no date is printed), or a date. Never the clock."""


Origin = Literal["computed", "authored"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text. `strong` marks the lead words of an observation, `emphasis` a title or foreign word."""

    text: str
    style: Literal["plain", "strong", "emphasis"] = "plain"


@dataclass(frozen=True, slots=True)
class LinkSpan(Span):
    """A run of text that leads somewhere: to an http(s) address, or to a section as "#interpretation".

    `hint` says in short what stands there, for who points at it; empty where nothing is said.
    """

    href: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with a stable id (kind and categories, never rank or number) and the cells it speaks of.

    `evidence` is the id of the note that says what its numbers rest on, None where it is about no finding.
    """

    id: str
    spans: tuple[Span, ...]
    cells: tuple[CellRef, ...] = ()
    origin: Origin = "computed"
    evidence: str | None = None

    @property
    def text(self) -> str:
        """The words without styles."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences set together; `lead` is set in bold before them."""

    sentences: tuple[Sentence, ...]
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of paragraphs, numbered or not."""

    items: tuple[Paragraph, ...]
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A figure by its id; the renderer takes its SVG from the build's figures.

    `alt` describes it for those who cannot see it; `caption` says unit, population and n. The real table is
    the appendix table of each panel; `tables` are the ids of those that hold the numbers of any other picture.
    """

    id: str
    caption: tuple[Sentence, ...]
    alt: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableCell:
    """One field of a table, already in words. `ref` points at the panel's cell, `level` (0 to 1) shades it."""

    text: str
    ref: CellRef | None = None
    level: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, and how its fields are aligned. `spare`: a page with little room may leave it out."""

    header: str
    align: Literal["left", "right", "center"] = "left"
    spare: bool = False


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table. The first `row_headers` fields of each row are row headers. `source` names the CSV it is drawn from."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    row_headers: int = 1
    source: str | None = None
    kind: Literal["plain", "matrix"] = "plain"


def right(header: str) -> Column:
    """Return a column of numbers."""
    return Column(header, "right")


def table(
    table_id: str,
    caption: str,
    columns: Iterable[Column | str],
    rows: Iterable[Iterable[TableCell | str]],
    source: str | None = None,
    row_headers: int = 1,
) -> TableBlock:
    """Return a plain table; a header alone is that of a column of texts, a text alone a field."""
    return TableBlock(
        id=table_id,
        caption=caption,
        columns=tuple(Column(column) if isinstance(column, str) else column for column in columns),
        rows=tuple(tuple(TableCell(field) if isinstance(field, str) else field for field in row) for row in rows),
        row_headers=row_headers,
        source=source,
    )


@dataclass(frozen=True, slots=True)
class EvidenceNote:
    """What the numbers of some sentences rest on. `sentences` are the ids of those that point here, in order."""

    id: str
    number: int
    title: str
    texts: tuple[str, ...]
    cells: tuple[CellRef, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceList:
    """Numbered notes; numbers count through the whole document."""

    title: str
    notes: tuple[EvidenceNote, ...]


Block = Paragraph | ItemList | FigureBlock | TableBlock | EvidenceList


def sentences_in(blocks: Iterable[Block]) -> Iterator[Sentence]:
    """Yield the sentences of paragraphs and lists, in order."""
    for block in blocks:
        for paragraph in block.items if isinstance(block, ItemList) else (block,):
            if isinstance(paragraph, Paragraph):
                yield from paragraph.sentences


def with_sentences(blocks: Iterable[Block], change: Callable[[Sentence], Sentence]) -> tuple[Block, ...]:
    """Return blocks with each sentence of their paragraphs and lists changed, in order."""

    def changed(paragraph: Paragraph) -> Paragraph:
        return replace(paragraph, sentences=tuple(map(change, paragraph.sentences)))

    def of(block: Block) -> Block:
        if isinstance(block, ItemList):
            return replace(block, items=tuple(map(changed, block.items)))
        return changed(block) if isinstance(block, Paragraph) else block

    return tuple(map(of, blocks))


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part; its id is one of SECTION_IDS, with the figure's id before it where there are several."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """Its id in SECTION_IDS."""
        return self.id.rpartition(".")[2]

    @property
    def detail(self) -> bool:
        """Whether it lies behind the first page, for who wants to know more."""
        return self.name not in FIRST_PAGE


def place_of(sections: Sequence[Section], name: str) -> int:
    """Return the place of the first section so called, of whatever figure; behind the last where there is none."""
    return next((place for place, section in enumerate(sections) if section.name == name), len(sections))


@dataclass(frozen=True, slots=True)
class Option:
    """Something a reader may choose: its name in addresses, and what it is called; `otherwise`: of other counts."""

    name: str
    label: str
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """What makes a figure live in a page.

    `figure` is the figure's id, `model` JSON (`figures.live`, and the evidence of cells); `measures` and `orders`
    begin with what is declared. `values`: whether cells carry numbers, which may then be hidden. `few` is what cells
    with too little to judge are called, "" where there are none to hide. `times` are earlier times at which the figure
    can be seen; without a series none.
    """

    figure: str
    model: str
    measures: tuple[Option, ...]
    orders: tuple[Option, ...]
    values: bool
    few: str
    times: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, and what it shows in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's drawings, made once. `spec` is Vega-Lite JSON, `svg` its static picture, `scheme` its colours.

    `printed` are its pictures for a report on paper, none where that is the same.

    `folds`: it leaves out categories without units, and says which.

    `svg` is empty where neither page, PDF nor list of reports shows it, `live` None where no page is made.
    """

    id: str
    title: str
    spec: str
    svg: str
    panels: tuple[Panel, ...]
    scheme: str = "yellowgreenblue"
    printed: tuple[Picture, ...] = ()
    live: Live | None = None
    folds: bool = False

    @property
    def shown(self) -> tuple[Panel, ...]:
        """The panels as it shows them: without their empty categories where it folds these."""
        return tuple(map(folded, self.panels)) if self.folds else self.panels


@dataclass(frozen=True, slots=True)
class Download:
    """A file of the site that the report offers: path below the site, what it is, bytes."""

    path: str
    label: str
    content: bytes


@dataclass(frozen=True)
class Document:
    """The whole report, ready for any renderer.

    `date` is None where the data declare none: then no date is printed. `abstract` is sections[0]. `results` hold
    all that was worked out about each relation, for programs. `stale_after` is a length of time such as "60 days" from
    which on the data are old. `archive` is where below its site the report stays for good (`archive/2026-03-02/`).
    """

    title: str
    subtitle: str | None
    authors: tuple[AuthorSettings, ...]
    date: dt.date | None
    language: str
    url: str | None
    version: str
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
    downloads: tuple[Download, ...]
    results: tuple[Results, ...] = ()
    stale_after: str | None = None
    archive: str | None = None

    @classmethod
    def blank(cls, settings: ReportSettings, version: str, date: dt.date | None = None) -> Document:
        """Return a document with its title page alone."""
        return cls(
            title=settings.title,
            subtitle=settings.subtitle,
            authors=settings.authors,
            date=date,
            language=LANGUAGE,
            url=None,
            version=version,
            sections=(),
            figures=(),
            downloads=(),
        )

    def section(self, section_id: str) -> Section | None:
        """Return the section with this id, or None."""
        return next((s for s in self.sections if s.id == section_id), None)

    def figure(self, figure_id: str) -> Figure:
        """Return the figure with this id; KeyError where there is none."""
        return {figure.id: figure for figure in self.figures}[figure_id]
