"""What the page's templates lay out: ids, numbers, links and classes decided, texts not yet escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from ..cells import CellRef
from ..document import (
    Block,
    Document,
    EvidenceList,
    EvidenceNote,
    FigureBlock,
    ItemList,
    Live,
    Origin,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
    TableCell,
)
from ..theme.colours import SEQUENTIAL_DEFAULT, shade
from .html_data import figure_path
from .outline import (
    Anchors,
    CellKeys,
    Outline,
    letters,
    marked,
    matrix_tables,
    note_mark,
    notes_of,
    notes_of_evidence,
    runs,
    schemes_of,
)
from .passages import passages
from .svg import inline_svg
from .svg_cells import name_cells

TAKEN = (
    *("main", "contents", "top", "status", "report-files", "report-data"),
    *("files", "files-title", "cite", "cite-title"),
    *(f"cite-{way}{part}" for way in ("text", "bibtex", "csl") for part in ("", "-label")),
)
"""Ids that the page itself uses: nothing of a document gets one of them."""


@dataclass(frozen=True)
class Link:
    """Where to, and what a reader reads there."""

    href: str
    text: str


@dataclass(frozen=True)
class SentenceView:
    """A sentence: its id on the page, its runs of text, and the short names of its cells, "" for none.

    `evidence` leads to the note that it and those before it rest on, None where none ends here.
    """

    id: str
    spans: tuple[Span, ...]
    cells: str
    evidence: Link | None = None


@dataclass(frozen=True)
class RunView:
    """A paragraph of one origin."""

    origin: Origin
    lead: str | None
    sentences: tuple[SentenceView, ...]
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class ListView:
    """A list; each item is one paragraph or more."""

    numbered: bool
    items: tuple[tuple[RunView, ...], ...]
    type: Literal["list"] = "list"


@dataclass(frozen=True)
class FigureView:
    """A figure with links to the tables that hold its numbers.

    `file` is its static drawing among the files that the page carries, None where it does not carry that.
    """

    id: str
    number: int
    svg: Markup
    alt: str
    caption: tuple[SentenceView, ...]
    tables: tuple[Link, ...]
    file: str | None = None
    live: Live | None = None
    type: Literal["figure"] = "figure"


@dataclass(frozen=True)
class FieldView:
    """One field of a table: its classes, the short name of its cell, and the mark of its note."""

    text: str
    is_header: bool
    classes: str
    cell: str | None
    mark: str


@dataclass(frozen=True)
class NoteView:
    """A note below a table."""

    mark: str
    text: str


@dataclass(frozen=True)
class HeaderView:
    """The head of a column."""

    text: str
    classes: str


@dataclass(frozen=True)
class TableView:
    """A table. `saved_as`: the kind of the file that `source` names ("CSV"), where the page carries that; else None."""

    id: str
    number: int
    caption: str
    is_matrix: bool
    columns: tuple[HeaderView, ...]
    rows: tuple[tuple[FieldView, ...], ...]
    notes: tuple[NoteView, ...]
    source: str | None
    saved_as: str | None = None
    type: Literal["table"] = "table"


@dataclass(frozen=True)
class EvidenceView:
    """A note of evidence: its id on the page, its words, the short names of its cells, and the way back."""

    id: str
    number: int
    title: str
    text: str
    cells: str
    back: str | None


@dataclass(frozen=True)
class EvidenceListView:
    """The notes."""

    id: str
    title: str
    notes: tuple[EvidenceView, ...]
    type: Literal["evidence"] = "evidence"


@dataclass(frozen=True)
class AuthoredView:
    """What people wrote: paragraphs and lists in one frame."""

    blocks: tuple[BlockView, ...]
    type: Literal["authored"] = "authored"


BlockView = AuthoredView | RunView | ListView | FigureView | TableView | EvidenceListView


@dataclass(frozen=True)
class SectionView:
    """A section with its id on the page."""

    id: str
    title: str
    blocks: tuple[BlockView, ...]


@dataclass(frozen=True)
class PageView:
    """The whole page. `shades` are the colours that its tables use, by class."""

    abstract: SectionView | None
    lead: FigureView | None
    sections: tuple[SectionView, ...]
    shades: Mapping[str, str]


def page_view(document: Document, order: Outline, embedded: Collection[str] = ()) -> PageView:
    """Return what the page shows, in the order it is set. `embedded` are the paths of the files it carries."""
    maker = _Maker(document, order, embedded)
    return PageView(
        abstract=maker.section(order.abstract) if order.abstract else None,
        lead=maker.figure(order.lead) if order.lead else None,
        sections=tuple(maker.section(section) for section in order.sections),
        shades=dict(sorted(maker.shades.items())),
    )


class _Maker:
    """Makes views; gives each id once, in the order in which things are set."""

    def __init__(self, document: Document, order: Outline, embedded: Collection[str]) -> None:
        self.document = document
        self.order = order
        self.embedded = embedded
        self.shades: dict[str, str] = {}
        self._schemes = schemes_of(document)
        self._anchors = Anchors()
        self._cells = CellKeys(document)
        for taken in TAKEN:
            self._anchors.new(taken)
        self._sections = {s.id: self._anchors.new(s.id) for s in document.sections}
        self._figures = {name: self._anchors.new(f"figure-{name}") for name in order.figures}
        self._tables = {name: self._anchors.new(f"table-{name}") for name in order.tables}
        self._notes = notes_of_evidence(document)
        self._evidence = {name: self._anchors.new(name) for name in self._notes}
        self._pointing: dict[str, str] = {}

    def section(self, section: Section) -> SectionView:
        blocks = tuple(view for passage in passages(section.blocks) for view in self.passage(*passage))
        return SectionView(self._sections[section.id], section.title, blocks)

    def passage(self, origin: Origin, blocks: tuple[Block, ...]) -> tuple[BlockView, ...]:
        views = tuple(view for block in blocks for view in self.block(block))
        return (AuthoredView(views),) if origin == "authored" else views

    def block(self, block: Block) -> tuple[BlockView, ...]:
        if isinstance(block, Paragraph):
            return self.paragraph(block)
        if isinstance(block, ItemList):
            return (ListView(block.numbered, tuple(self.paragraph(item) for item in block.items)),)
        if isinstance(block, EvidenceList):
            return (self.evidence(block),)
        return (self.figure(block) if isinstance(block, FigureBlock) else self.table(block),)

    def paragraph(self, paragraph: Paragraph) -> tuple[RunView, ...]:
        return tuple(RunView(run.origin, run.lead, self.sentences(run.sentences)) for run in runs(paragraph))

    def sentences(self, sentences: Iterable[Sentence]) -> tuple[SentenceView, ...]:
        given = tuple(sentences)
        notes = marked(given, self._notes)
        return tuple(self.sentence(sentence, note) for sentence, note in zip(given, notes, strict=True))

    def sentence(self, sentence: Sentence, note: EvidenceNote | None) -> SentenceView:
        anchor = self._anchors.new(sentence.id)
        link = None if note is None else Link(f"#{quote(self._evidence[note.id])}", str(note.number))
        if sentence.evidence is not None:
            self._pointing.setdefault(sentence.evidence, anchor)
        return SentenceView(anchor, sentence.spans, self.keys(sentence.cells), link)

    def keys(self, cells: Iterable[CellRef]) -> str:
        return " ".join(dict.fromkeys(key for ref in cells if (key := self._cells.key(ref))))

    def evidence(self, block: EvidenceList) -> EvidenceListView:
        return EvidenceListView(
            id=self._anchors.new("evidence"),
            title=block.title,
            notes=tuple(
                EvidenceView(
                    id=self._evidence[note.id],
                    number=note.number,
                    title=note.title,
                    text=" ".join(note.texts),
                    cells=self.keys(note.cells),
                    back=f"#{quote(self._pointing[note.id])}" if note.id in self._pointing else None,
                )
                for note in block.notes
            ),
        )

    def figure(self, block: FigureBlock) -> FigureView:
        tables = tuple(
            Link(f"#{self._tables[table.id]}", f"Table {self.order.tables[table.id]}")
            for table in matrix_tables(self.document, block.id)
        )
        figure = self.document.figure(block.id)
        svg = inline_svg(figure.svg, block.id, lambda root: name_cells(root, figure.panels, self._cells.key))
        return FigureView(
            id=self._figures[block.id],
            number=self.order.figures[block.id],
            svg=svg,
            alt=block.alt,
            caption=self.sentences(block.caption),
            tables=tables,
            file=path if (path := figure_path(block.id)) in self.embedded else None,
            live=figure.live,
        )

    def table(self, block: TableBlock) -> TableView:
        notes = notes_of(block)
        return TableView(
            id=self._tables[block.id],
            number=self.order.tables[block.id],
            caption=block.caption,
            is_matrix=block.kind == "matrix",
            columns=tuple(HeaderView(column.header, f"align-{column.align}") for column in block.columns),
            rows=tuple(
                tuple(self.field(block, position, cell, note_mark(notes, cell)) for position, cell in enumerate(row))
                for row in block.rows
            ),
            notes=tuple(NoteView(letters(index), note) for index, note in enumerate(notes)),
            source=block.source,
            saved_as=block.source.rpartition(".")[2].upper()
            if block.source and block.source in self.embedded
            else None,
        )

    def field(self, block: TableBlock, position: int, cell: TableCell, mark: str) -> FieldView:
        classes = [f"align-{block.columns[position].align}"]
        if cell.level is not None:
            classes.append(self._shade(cell))
        return FieldView(
            text=cell.text,
            is_header=position < block.row_headers,
            classes=" ".join(classes),
            cell=self._cells.key(cell.ref),
            mark=mark,
        )

    def _shade(self, cell: TableCell) -> str:
        """Return the class of a shaded field: levels are told apart in whole percent of the scale."""
        step = round(100 * min(1.0, max(0.0, cell.level or 0.0)))
        scheme = self._schemes.get(cell.ref.panel if cell.ref else "", SEQUENTIAL_DEFAULT)
        name = f"ramp-{scheme}-{step:03d}"
        self.shades[name] = shade(step / 100, scheme)
        return name
