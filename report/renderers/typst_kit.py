"""typst/: the report's numbers, figures and tables for a paper in Typst, and an example that compiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from .. import formats
from ..document import Block, Document, FigureBlock, LinkSpan, Sentence, Span, TableBlock
from ..theme.templates import template_folder
from .captions import dated, table_remarks, with_remark
from .environment import fill, text_environment
from .escape import Raw, one_line
from .numbers import CELL_NUMBERS, MANY_CELLS, CellNumbers, PanelNumbers, PaperNumbers, paper_numbers
from .outline import Anchors, Outline, outline, schemes_of
from .passages import address
from .typst_tables import table_code
from .typst_values import Value, typst_string, typst_value


def render_typst_kit(document: Document) -> dict[str, bytes]:
    """Return `typst/numbers.typ`, `typst/figures.typ`, `typst/tables.typ` (to import) and `typst/example.typ`.

    No file names a font or a package. Figures are the files of the folder figures/.
    """
    environment = text_environment(template_folder() / "typst_kit", typst_string)
    order = outline(document)
    numbers = paper_numbers(document)
    figures, tables = _figures(document), _tables(document, order)
    values: dict[str, dict[str, object]] = {
        "numbers.typ": _numbers(document, numbers),
        "figures.typ": {"figures": figures},
        "tables.typ": {"tables": tables},
        "example.typ": {
            "figures": [figure["name"] for figure in figures],
            "tables": [table["name"] for table in tables],
            **_example(document, numbers),
        },
    }
    return {
        f"typst/{name}": fill(environment, name, document=document, raw=_comment, **value).encode()
        for name, value in values.items()
    }


def _comment(text: str) -> Raw:
    """Return text for a comment: on one line, where nothing needs escaping."""
    return Raw(one_line(text))


def _code(value: object) -> Raw:
    return Raw(typst_value(cast("Value", value)))


def _numbers(document: Document, numbers: PaperNumbers) -> dict[str, object]:
    panels = numbers.panels
    return {
        "meanings": [(name, meaning) for name, _, meaning in CELL_NUMBERS],
        "many": str(MANY_CELLS),
        "about": _code(
            {
                "title": one_line(document.title),
                "date": formats.date(document.date) if document.date else None,
                "version": document.version,
            }
        ),
        "panels": [(panel.id, list(_rows(panel))) for panel in panels],
        "totals": [(panel.id, _code({"units": panel.units, "groups": panel.groups})) for panel in panels],
        "sizes": [(panel.id, _code({"given": panel.given, "outcome": panel.outcome})) for panel in panels],
        "findings": [(name, _code(found)) for name, found in numbers.findings.items()],
    }


def _rows(panel: PanelNumbers) -> Iterator[tuple[str, list[tuple[str, Raw]]]]:
    for given, cells in panel.rows():
        yield given, [(cell.outcome, _code(cell.numbers)) for cell in cells]


def _figures(document: Document) -> list[dict[str, object]]:
    names = Anchors()
    return [
        {
            "name": _name(names, "figure", block.id),
            "title": document.figure(block.id).title,
            "file": f"{document.figure(block.id).id}.svg",
            "alt": one_line(block.alt),
            "caption": _caption(block, document),
        }
        for block in _blocks(document)
        if isinstance(block, FigureBlock)
    ]


def _blocks(document: Document) -> Iterator[Block]:
    return (block for section in document.sections for block in section.blocks)


def _name(names: Anchors, kind: str, name: str) -> Raw:
    """Return an identifier that no other function of the file has."""
    return Raw(names.new(f"{kind}-{re.sub(r'[^A-Za-z0-9_-]', '-', name)}"))


def _caption(block: FigureBlock, document: Document) -> Raw:
    parts = [_sentence(sentence) for sentence in block.caption]
    parts += [typst_string(text) for text in (dated(document),) if text]
    return Raw(f"{{ {'; [ ]; '.join(parts)} }}")


def _sentence(sentence: Sentence) -> str:
    return "; ".join(map(_span, sentence.spans))


def _span(span: Span) -> str:
    text = typst_string(one_line(span.text))
    if isinstance(span, LinkSpan) and not address(span).startswith("#"):
        return f"link({typst_string(address(span))}, {text})"
    function = {"strong": "strong", "emphasis": "emph"}.get(span.style)
    return f"{function}({text})" if function else text


def _tables(document: Document, order: Outline) -> list[dict[str, object]]:
    names, schemes, remarks = Anchors(), schemes_of(document), table_remarks(document)
    return [
        {
            "name": _name(names, "table", block.id),
            "title": f"Table {order.tables[block.id]} of the report: {block.caption}",
            "caption": one_line(with_remark(block.caption, remarks[block.id])),
            "code": table_code(block, schemes),
        }
        for block in _blocks(document)
        if isinstance(block, TableBlock)
    ]


def _example(document: Document, numbers: PaperNumbers) -> dict[str, object]:
    date = document.date
    names = [one_line(author.name) for author in document.authors]
    found = _told(numbers)
    return {
        "authors": _code(names),
        "date": Raw(f"datetime(year: {date.year}, month: {date.month}, day: {date.day})" if date else "none"),
        "language": document.language.replace("_", "-").split("-")[0],
        "names": _markup(formats.listing(names)) if names else None,
        "has_date": date is not None,
        "told": None if found is None else _telling(*found),
    }


def _markup(text: str) -> Raw:
    """Return a text for a sentence: as it stands where it has only letters, digits and spaces, else as a string."""
    line = one_line(text)
    return Raw(line if re.fullmatch(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*", line) else f"#{typst_string(line)}")


def _told(numbers: PaperNumbers) -> tuple[PanelNumbers, CellNumbers] | None:
    """Return the first cell that the example can speak of, a measured one if there is any."""
    cells = [(p, cell) for p in numbers.panels for cell in p.cells if cell.numbers["value"] is not None]
    return next((found for found in cells if found[1].numbers["state"] == "measured"), cells[0] if cells else None)


def _telling(panel: PanelNumbers, cell: CellNumbers) -> dict[str, object]:
    """Return what a sentence about a cell needs; without counts it tells the value alone."""
    is_counted = cell.numbers["count"] is not None and cell.numbers["percent"] is not None
    return {
        "cell": Raw(", ".join(map(typst_string, (panel.id, cell.given, cell.outcome)))),
        "given": _markup(cell.given),
        "outcome": _markup(cell.outcome),
        "unit": _markup(panel.unit),
        "counted": is_counted,
    }
