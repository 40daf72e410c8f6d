"""The document: the content of a report as frozen values, without markup, arrays or frames.

It has sections of paragraphs, figures and tables, and all results of a relation for tables and data files. Packs and
other packages add passages to its sections. Renderers turn it into pages and escape text for their format. Nothing in
here is escaped. An undefined number is None.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator

from ..cells import CellRef, Kind, Panel, Unit, folded
from ..ledger.coverage import Coverage, TopContributors
from ..ledger.incidence import IF_SET
from ..settings import Settings
from ..stats.matrices import Grouping

Matrix = tuple[tuple[float | None, ...], ...]
"""A number for each pair of row and column category, None if undefined."""


@dataclass(frozen=True, slots=True)
class CountTables:
    """Joint counts of R row and C column categories over `n_units` units (or sums of weights).

    `expected` are the counts under independence, and `expected_within_strata` their sums over strata.
    `lift_within_low` and `lift_within_high` are the ends of the interval of the ratio of observed to expected counts
    within strata. `most_within_strata` are the largest counts that the margins within strata allow. All of these
    are None without strata, except `expected`. `standardized_residual` is the difference in standard errors of
    independent units.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    n_units: float
    row_totals: tuple[float | None, ...]
    column_totals: tuple[float | None, ...]
    joint: Matrix
    expected: Matrix
    expected_within_strata: Matrix | None
    standardized_residual: Matrix
    lift_within_low: Matrix | None = None
    lift_within_high: Matrix | None = None
    most_within_strata: Matrix | None = None

    def at(self, matrix: Matrix | None, row: str, column: str) -> float | None:
        """Return the number of a pair in one of these matrices, or None if either is undefined."""
        return None if matrix is None else matrix[self.rows.index(row)][self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Joint counts of the `n_units` units (or sums of weights) of one stratum; see `CountTables`."""

    stratum: str
    n_units: float
    joint: Matrix


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sampling design behind the intervals.

    `n_units` is the number of units. `effective_units` is their effective number given the weights,
    (sum w)^2 / sum w^2 (Kish 1965), None without weights. `n_groups` is None if units are assumed to be independent.
    """

    n_units: int
    effective_units: float | None
    n_groups: int | None
    group_names: tuple[str, ...]
    stratum_names: tuple[str, ...]

    level: float


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """One side of a relation and the order that places similar categories next to each other.

    `ordered`: the categories have an order of their own, which every view of the figure keeps.
    """

    side: str
    kind: Kind
    grouping: Grouping
    ordered: bool = False


@dataclass(frozen=True)
class RelationResults:
    """A relation with counts. `rows` and `columns` are its sides.

    `strata` are the largest strata, in decreasing size, if the categories are few.
    """

    relation: str
    unit: Unit
    counts: CountTables
    sampling: Sampling
    coverage: Coverage
    contributors: TopContributors

    axes: tuple[AxisOrder, AxisOrder]
    strata: tuple[StratumCounts, ...] = ()


@dataclass(frozen=True)
class BareResults:
    """A relation of published matrices."""

    relation: str


Results = RelationResults | BareResults

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
    """A run of text: plain, `strong`, or `emphasis` for a title or foreign word.

    `href` is an http(s) address that it links to, or a section such as "#interpretation".
    """

    text: str
    style: Literal["plain", "strong", "emphasis"] = "plain"
    href: str | None = field(default=None, metadata=IF_SET)


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


Where = Literal["before", "after", "instead"]


@dataclass(frozen=True)
class Passage:
    """Blocks for one section, placed before, after or instead of its computed text."""

    section: str
    where: Where
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of a text about the data, or a value that it shows and that is unavailable, with its location.

    `holds` is False for such a value. With `has_otherwise` the text
    has alternative words for a false claim. `cells` are the cells that decide the claim.
    """

    kind: Literal["claim", "value"]
    file: str
    line: int
    column: int
    predicate: str
    holds: bool
    reason: str = ""
    has_otherwise: bool = False
    cells: tuple[CellRef, ...] = ()

    @property
    def place(self) -> str:
        """File, line and column, in the form that editors parse."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def fails(self) -> bool:
        """Whether it is false and the text has no alternative words for it."""
        return not self.holds and not self.has_otherwise

    @property
    def message(self) -> str:
        """The error message of a false claim."""
        said = "claim is false" if self.kind == "claim" else "value cannot be given"
        return f"{self.place}: {said}: {self.predicate} ({self.reason})"


def with_passages(document: Document, passages: Sequence[Passage], title: Callable[[str], str]) -> Document:
    """Return the document with passages in their sections. A missing section is created, with the given title.

    `instead` replaces everything except figures. Links to sections that the report does not have become plain text.
    """
    sections = list(document.sections)
    for passage in passages:
        old = next((section for section in sections if section.id == passage.section), None)
        if old is None:
            place = _place(sections, passage.section)
            sections.insert(place, Section(passage.section, title(passage.section), passage.blocks))
        else:
            sections[sections.index(old)] = replace(old, blocks=_placed(passage, old.blocks))
    there = {section.id for section in sections}
    return replace(document, sections=tuple(_linking(section, there) for section in sections))


def _placed(passage: Passage, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    if passage.where == "after":
        return (*blocks, *passage.blocks)
    if passage.where == "before":
        return (*passage.blocks, *blocks)
    return (*passage.blocks, *(block for block in blocks if isinstance(block, FigureBlock)))


def _place(sections: Sequence[Section], section: str) -> int:
    """Return the position of a new section: before the first later section of its figure in the outline."""
    figure, _, name = section.rpartition(".")
    for place, other in enumerate(sections):
        of, _, known = other.id.rpartition(".")
        if of in (figure, "") and SECTION_IDS.index(known) > SECTION_IDS.index(name):
            return place
    return len(sections)


def _linking(section: Section, there: Collection[str]) -> Section:
    def live(span: Span) -> Span:
        if span.href and span.href.startswith("#") and span.href[1:] not in there:
            return replace(span, href="")
        return span

    def checked(sentence: Sentence) -> Sentence:
        return replace(sentence, spans=tuple(map(live, sentence.spans)))

    return replace(section, blocks=with_sentences(section.blocks, checked))
