"""Render report.docx: the report with native tables, numbered captions and figures at 300 dpi.

The same report gives the same bytes: dates of the document and of the files in it are those of the data, or fixed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from ... import formats
from ...document import Document, FigureBlock, ItemList, Paragraph, Sentence, TableBlock
from ...figures.drawing import Plate, plate_png
from ...renderers.outline import BlockWriter, address, outline, runs
from ...renderers.pdf import pictures
from ...renderers.registry import Renderer, Rendering
from ...theme import clean, one_line

FILE = "report.docx"
DPI = 300
WIDTH_MM = 160.0
"""Width of the text, and of figures: A4 with margins of 25 mm."""

_PAGE_MM, _MARGIN_MM = (210, 297), 25
_TALLEST_MM = 200.0
_FIXED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Word's dates have no zone; not a date of the report
_ZIPPED = (1980, 1, 1, 0, 0, 0)
_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def render_docx(of: Rendering) -> dict[str, bytes]:
    """Return `report.docx`. Authors' text is in the style Quote and begins with the word Authors."""
    document = of.read
    order = outline(document)
    writer = _WordWriter(of, document)
    writer.front()
    for section in (*((order.abstract,) if order.abstract else ()), *order.sections):
        writer.heading(section.title, 1)
        writer.sequence(section.blocks)
        if section is order.abstract and order.lead:
            writer.figure(order.lead)
    if order.lead and not order.abstract:
        writer.figure(order.lead)
    return {FILE: writer.content()}


class _WordWriter(BlockWriter[None]):
    """Writer of the blocks of a document into a Word document, in order."""

    def __init__(self, of: Rendering, document: Document) -> None:
        super().__init__(document, outline(document))
        self._fonts = tuple(of.fonts)
        self._word: Any = docx.Document()
        self._authored = False
        page = self._word.sections[0]
        page.page_width, page.page_height = map(Mm, _PAGE_MM)
        page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(_MARGIN_MM)
        for language in self._word.styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), document.language.replace("_", "-"))
        self._core()

    def _core(self) -> None:
        document, core = self.document, self._word.core_properties
        date = dt.datetime.combine(document.date, dt.time()) if document.date else _FIXED
        core.title, core.subject = one_line(document.title), one_line(document.subtitle or "")
        core.author = core.last_modified_by = ", ".join(one_line(author.name) for author in document.authors)
        core.comments, core.keywords, core.revision = f"Made with Diptych {document.version}", "", 1
        core.created = core.modified = date

    def content(self) -> bytes:
        """Return the bytes of the document, with fixed dates in its archive."""
        saved, fixed = io.BytesIO(), io.BytesIO()
        self._word.save(saved)
        with zipfile.ZipFile(saved) as given, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as made:
            for name in given.namelist():
                entry = zipfile.ZipInfo(name, _ZIPPED)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
                made.writestr(entry, given.read(name))
        return fixed.getvalue()

    def front(self) -> None:
        """Write title, the line below it, authors and date."""
        document = self.document
        self._word.add_paragraph(clean(one_line(document.printed_title)), style="Title")
        if document.printed_deck:
            self._word.add_paragraph(clean(one_line(document.printed_deck)), style="Subtitle")
        names = ", ".join(author.name for author in document.authors)
        date = formats.date(document.date, document.language) if document.date and not document.deck else ""
        if names or date:
            self._word.add_paragraph(clean(". ".join(filter(None, (names, date)))))

    def heading(self, title: str, level: int) -> None:
        """Write a heading."""
        self._word.add_heading(clean(one_line(title)), level)

    def authored(self, parts: list[None]) -> None:
        """Do nothing: the parts are already written, each with its origin (see `sequence`)."""

    def paragraph(self, paragraph: Paragraph) -> list[None]:
        self._runs(paragraph, None)
        return [None]

    def _runs(self, paragraph: Paragraph, style: str | None, number: int | None = None) -> None:
        for place, (origin, sentences) in enumerate(runs(paragraph)):
            is_authored = origin == "authored"
            own = self._word.add_paragraph(style="Quote" if is_authored else style)
            if number is not None and place == 0 and not is_authored:
                self._number(own, number)
            if is_authored:
                own.add_run("Authors: ").bold = True
            self._sentences(own, sentences)

    def _sentences(self, paragraph: Any, sentences: Iterable[Sentence]) -> None:  # noqa: ANN401
        for place, sentence in enumerate(sentences):
            if place:
                paragraph.add_run(" ")
            for span in sentence.spans:
                run = paragraph.add_run(clean(span.text))
                run.bold, run.italic = span.style == "strong" or None, span.style == "emphasis" or None
                if address(span).startswith("http"):
                    paragraph.add_run(f" ({clean(address(span))})")

    def item_list(self, block: ItemList) -> None:
        """Write a list. Each numbered list begins with 1."""
        number = self._new_list() if block.numbered else None
        for item in block.items:
            self._runs(item, "List Number" if block.numbered else "List Bullet", number)

    def _new_list(self) -> int:
        """Return the id of a new list with the numbers of the style List Number."""
        numbering = self._word.part.numbering_part.element
        style = self._word.styles["List Number"].element
        used = style.find(f".//{qn('w:numId')}").get(qn("w:val"))
        (base,) = (one for one in numbering.findall(qn("w:num")) if one.get(qn("w:numId")) == used)
        made = numbering.add_num(int(base.find(qn("w:abstractNumId")).get(qn("w:val"))))
        made.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(made.numId)

    def _number(self, paragraph: Any, number: int) -> None:  # noqa: ANN401
        found = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001 - python-docx has no method for it
        found.get_or_add_ilvl().val, found.get_or_add_numId().val = 0, number

    def figure(self, block: FigureBlock) -> None:
        """Write a figure with its alternative text, and its caption below."""
        figure = self.document.figure(block.id)
        shown = pictures(figure, block.alt)
        for svg, alt in shown:
            plate = Plate(svg, figure.title, alt, WIDTH_MM, self.document.date, self.document.language, self._fonts)
            own = self._word.add_paragraph()
            own.paragraph_format.keep_with_next = True
            picture = own.add_run().add_picture(io.BytesIO(plate_png(plate, DPI)), width=Mm(WIDTH_MM))
            if picture.height > Mm(_TALLEST_MM):
                picture.width = int(picture.width * Mm(_TALLEST_MM) / picture.height)
                picture.height = Mm(_TALLEST_MM)
            about = picture._inline.docPr  # noqa: SLF001 - python-docx has no method for it
            about.set("descr", clean(one_line(alt)))
            about.set("title", clean(one_line(figure.title)))
        own = self._caption("Figure", self.order.figures[block.id])
        self._sentences(own, block.caption)

    def _caption(self, kind: str, number: int) -> Any:  # noqa: ANN401 - a paragraph of python-docx
        """Begin a caption whose number is a field, which Word updates and refers to."""
        own = self._word.add_paragraph(style="Caption")
        own.add_run(f"{kind} ")
        field, run, text = OxmlElement("w:fldSimple"), OxmlElement("w:r"), OxmlElement("w:t")
        field.set(qn("w:instr"), f" SEQ {kind} \\* ARABIC ")
        text.text = str(number)
        run.append(text)
        field.append(run)
        own._p.append(field)  # noqa: SLF001 - python-docx has no method for it
        own.add_run(". ")
        return own

    def table(self, block: TableBlock) -> None:
        """Write a table below its caption. Its head is repeated on each page."""
        own = self._caption("Table", self.order.tables[block.id])
        own.add_run(clean(one_line(block.caption)))
        own.paragraph_format.keep_with_next = True
        made = self._word.add_table(rows=1, cols=len(block.columns), style="Table Grid")
        head = made.rows[0]
        repeated = OxmlElement("w:tblHeader")
        head._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - python-docx has no method for it
        for place, column in enumerate(block.columns):
            self._field(head.cells[place], column.header, column.align, is_bold=True)
        for row in block.rows:
            added = made.add_row()
            added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001
            cells = added.cells
            for place, text in enumerate(row):
                self._field(cells[place], text, block.columns[place].align, is_bold=place < block.row_headers)
        for column, width in zip(made.columns, _widths(block), strict=True):
            column.width = Mm(width)  # for LibreOffice, which ignores the widths of cells
            for cell in column.cells:
                cell.width = Mm(width)
        after = self._word.add_paragraph()
        after.add_run(clean(f"Source: {block.source}" if block.source else "")).font.size = Pt(8)

    def _field(self, cell: Any, text: str, align: str, *, is_bold: bool) -> None:  # noqa: ANN401
        own = cell.paragraphs[0]
        own.alignment = _SIDES[align]
        own.paragraph_format.space_after = Pt(0)
        run = own.add_run(clean(one_line(text)))
        run.bold, run.font.size = is_bold or None, Pt(8)


_CHARACTER_MM, _LONGEST = 1.7, 40
_BREAK = re.compile(r"\s|(?<=[^\W\d][–-])(?=[^\W\d])")
"""Where a line can end."""


def _widths(block: TableBlock) -> list[float]:
    """Return the widths of columns in millimetres: room for the longest word, and a share of the rest by length."""
    texts = [[column.header, *(row[place] for row in block.rows)] for place, column in enumerate(block.columns)]
    words = [max(len(word) for text in own for word in _BREAK.split(text)) + 3 for own in texts]
    longest = [min(_LONGEST, max(map(len, own))) + 3 for own in texts]
    least = [_CHARACTER_MM * number for number in words]
    spare = max(0.0, WIDTH_MM - sum(least))
    shares = [max(0, length - word) + 0.1 for length, word in zip(longest, words, strict=True)]
    wide = [start + spare * share / sum(shares) for start, share in zip(least, shares, strict=True)]
    return [width * WIDTH_MM / sum(wide) for width in wide]


DOCX = Renderer(
    "docx",
    render_docx,
    (FILE, "Word"),
    about="report.docx, with native tables (needs diptych[word]).",
    for_people=True,
    draws=True,
)
