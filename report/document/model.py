"""The document: sections of paragraphs, figures and tables as frozen values, without markup or frames.

Renderers turn it into pages and escape text for their format. Nothing in here is escaped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator

from ..cells import CellRef, Panel, folded
from ..settings import Settings
from .material import Results

LANGUAGE = "en"
"""The language of reports."""

FIRST_PAGE = ("abstract", "reading", "findings", "interpretation", "coverage")
"""The sections that a reader sees in the first minute, in order."""

SECTION_IDS = (*FIRST_PAGE, "methods", "provenance")
"""Every section, in order. With several figures an id is `<figure>.<section>`."""


_ORCID = re.compile(r"\s*<(\d{4}-\d{4}-\d{4}-\d{3}[\dX])>")


@dataclass(frozen=True)
class Author:
    """An author of the report: the name as printed and, for a person, perhaps an ORCID."""

    name: str
    orcid: str | None = None


def _author(value: object) -> object:
    """Return the author that a text names: a name, with an ORCID after it or without."""
    if not isinstance(value, str):
        raise ValueError("needs a name, or a name and an ORCID: Ann Example <0000-0002-1825-0097>")  # noqa: TRY004
    name, bracket, rest = value.partition("<")
    orcid = _ORCID.fullmatch(bracket + rest)
    if not name.strip() or (re.match(r"[\dX-]+>", rest) and orcid is None):
        raise ValueError(f'needs a name, or a name and an ORCID: Ann Example <0000-0002-1825-0097>, not "{value}"')
    return Author(value if orcid is None else name.strip(), None if orcid is None else orcid[1])


def _day(value: object) -> object:
    """Convert a day as written (2026-08-01). Pydantic alone would read a bare number as seconds since 1970."""
    if not isinstance(value, str) or value == "data":
        return value
    try:
        return dt.date.fromisoformat(value if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else "")
    except ValueError:
        raise ValueError("needs data or a date such as 2026-08-01") from None


_Author = Annotated[Author, PlainValidator(_author, json_schema_input_type=str), PlainSerializer(asdict)]


class ReportSettings(Settings):
    """The title page. `date: data` is the newest declared date of the data, never the current date."""

    title: str = Field(min_length=1)
    """The topic. It is the title of citations and files, and the line below the headline."""
    headline: str | None = Field(None, min_length=1)
    """The title of the page. Default: the first statement, or the topic if there is none."""
    subtitle: str | None = None
    """The source of the data, in the line below the headline."""
    authors: tuple[_Author, ...] = ()
    """The authors, in order: names, each perhaps with an ORCID, such as Ann Example <0000-0002-1825-0097>."""
    date: Annotated[Literal["data"] | dt.date, BeforeValidator(_day)] = "data"
    """data (the newest declared date of the data, or no date if there is none) or a date. Never the current date."""


Origin = Literal["computed", "authored"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text: plain, `strong`, or `emphasis` for a title or foreign word."""

    text: str
    style: Literal["plain", "strong", "emphasis"] = "plain"


@dataclass(frozen=True, slots=True)
class LinkSpan(Span):
    """A run of text with a link to an http(s) address, or to a section such as "#interpretation"."""

    href: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with a stable id (kind and categories, never rank or number) and the cells that it describes."""

    id: str
    spans: tuple[Span, ...]
    cells: tuple[CellRef, ...] = ()
    origin: Origin = "computed"

    @property
    def text(self) -> str:
        """The words without styles."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences set together."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of paragraphs, numbered or not."""

    items: tuple[Paragraph, ...]
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A figure by its id. The renderer takes its SVG from the build's figures.

    `alt` is the alternative text. `caption` gives unit, population and n. `marks` are the shares of a bar of agreement,
    with their labels.
    """

    id: str
    caption: tuple[Sentence, ...]
    alt: str
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header and the alignment of its fields."""

    header: str
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table. The first `row_headers` fields of each row are row headers. `source` names the CSV it comes from."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    row_headers: int = 1
    source: str | None = None


def right(header: str) -> Column:
    """Return a column of numbers."""
    return Column(header, "right")


def table(
    table_id: str,
    caption: str,
    columns: Iterable[Column | str],
    rows: Iterable[Iterable[str]],
    source: str | None = None,
    row_headers: int = 1,
) -> TableBlock:
    """Return a table. A bare header becomes a column of texts."""
    return TableBlock(
        id=table_id,
        caption=caption,
        columns=tuple(Column(column) if isinstance(column, str) else column for column in columns),
        rows=tuple(map(tuple, rows)),
        row_headers=row_headers,
        source=source,
    )


Block = Paragraph | ItemList | FigureBlock | TableBlock


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
    """A titled part. Its id is one of SECTION_IDS, preceded by the figure's id if text is about several figures.

    A figure without text of its own has the section `<figure>.figure`.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """Its id in SECTION_IDS, or "figure"."""
        return self.id.rpartition(".")[2]

    @property
    def detail(self) -> bool:
        """Whether it comes after the first page, for readers who want more detail."""
        return self.name not in FIRST_PAGE


@dataclass(frozen=True, slots=True)
class View:
    """The drawing of one panel on a wide page, on a narrow one, such as a phone's, and, of many categories, enlarged.

    `order` are the positions of its rows from above: those with too little data are below the others.
    """

    panel: str
    wide: str
    narrow: str
    order: tuple[int, ...]
    large: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """The drawings of a figure, made once: `svg` is the whole figure on paper, `scheme` its colours.

    `views` are its panels on pages, and `key` the meaning of their colours. `folds`: it omits categories without units,
    and lists them. Drawings are empty if no page, PDF or list of reports shows them.
    """

    id: str
    title: str
    svg: str
    panels: tuple[Panel, ...]
    scheme: str = "yellowgreenblue"
    views: tuple[View, ...] = ()
    key: str = ""
    folds: bool = False

    @property
    def shown(self) -> tuple[Panel, ...]:
        """The panels as shown: without empty categories if the figure folds them."""
        return tuple(map(folded, self.panels)) if self.folds else self.panels


@dataclass(frozen=True, slots=True)
class Download:
    """A file of the site that the report offers for download: path below the site, description, bytes."""

    path: str
    label: str
    content: bytes


@dataclass(frozen=True)
class Document:
    """The whole report, ready for any renderer.

    `title` is the topic. `headline` is the first statement, if any, and the printed title. `deck` is the line below it:
    topic, measure, source, number of units and date.
    `date` is None if the data declare no date, and then none is printed. `abstract` is sections[0]. `results` contain
    all results for each relation, and `statements` all that were tested, for programs.
    """

    title: str
    subtitle: str | None
    authors: tuple[Author, ...]
    date: dt.date | None
    language: str
    url: str | None
    version: str
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
    downloads: tuple[Download, ...]
    results: tuple[Results, ...] = ()
    statements: tuple[Mapping[str, Any], ...] = ()
    headline: str | None = None
    deck: str | None = None

    @property
    def printed_title(self) -> str:
        """The title of the page: the headline, or the topic if there is none."""
        return self.headline or self.title

    @property
    def printed_deck(self) -> str:
        """The line below the title, empty if there is none."""
        return self.deck or self.subtitle or ""

    @classmethod
    def blank(cls, settings: ReportSettings, version: str, date: dt.date | None = None) -> Document:
        """Return a document with only its title page."""
        return cls(
            title=settings.title,
            headline=settings.headline,
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
        """Return the figure with this id. Raise KeyError if there is none."""
        return {figure.id: figure for figure in self.figures}[figure_id]
