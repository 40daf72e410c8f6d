"""The folder typst/: numbers, figures and tables of the report for a paper in Typst, and an example that compiles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from ... import formats
from ...document.model import Document, Figure, FigureBlock, LinkSpan, Span, TableBlock
from ...document.writer import fill_each
from ...figures.heatmap import alt_text
from ...renderers.outline import (
    Anchors,
    Outline,
    address,
    blocks_of,
    dated,
    outline,
    table_blocks,
)
from ...renderers.registry import Renderer, Rendering
from ...theme import Raw, one_line
from .numbers import CELL_NUMBERS, MANY_CELLS, PanelNumbers, PaperNumbers, paper_numbers

Value = None | bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]
"""Types supported by `typst_value`."""

_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')


def typst_string(text: str) -> str:
    r"""Return a text as a Typst string, character for character.

    >>> print(typst_string('a "b" \\ #c\n'))
    "a \"b\" \\ #c\u{a}"
    """
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character in '\\"':
        return f"\\{character}"
    code = ord(character)
    return f"\\u{{{0xFFFD if 0xD800 <= code <= 0xDFFF else code:x}}}"  # a lone surrogate is not a character


def typst_value(value: Value) -> str:
    """Return a value on one line: mappings are dictionaries with their keys as strings, None is `none`.

    >>> print(typst_value({"a b": [1, 0.5], "c": [None], "d": {}, "e": []}))
    ("a b": (1, 0.5), "c": (none,), "d": (:), "e": ())
    """
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return typst_string(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return f"({', '.join(typst_entries(value)) or ':'})"
    items = [typst_value(item) for item in value]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def typst_entries(values: Mapping[str, Value]) -> list[str]:
    """Return the entries of a dictionary, each as code."""
    return [f"{typst_string(name)}: {typst_value(value)}" for name, value in values.items()]


LINE = 104
"""Number of characters in table type across the width of the text."""

LONG_FIELD = 26
"""A column with a field longer than this many characters is wrapped."""

SHORT_FIELD = 16
"""Next to wrapped columns, a column whose fields are at most this long is as wide as its fields."""

_GAP = 2
_EM, _HEAD_EM, _INSET_EM = 0.5, 0.63, 1.1
"""Width in em of a character, of a bold character in a head, and of the space on both sides of a field."""

_ALIGN = {"left": "start", "right": "end"}


def _table_code(block: TableBlock) -> dict[str, object]:
    """Return a table as code: settings by their names, then its rows."""
    settings = {
        "size": Raw("8.4pt" if len(block.columns) <= 8 else "7.6pt"),
        "widths": _listed(_widths(block)),
        "aligns": _listed(_ALIGN[column.align] for column in block.columns),
        "heads": _code([one_line(column.header) for column in block.columns]),
    }
    return {"settings": settings, "rows": [_code([*map(one_line, row)]) for row in block.rows]}


def _listed(items: Iterable[str]) -> Raw:
    """Return code as an array, even for a single item."""
    return Raw(f"({', '.join(items)},)")


def _widths(block: TableBlock) -> list[str]:
    """Return a width for each column: `auto`, a width in em, or a share (fr) of the remaining space.

    Columns of a table that fits use their natural width, except for long texts. In a table that does not fit, columns
    of numbers and short fields are as wide as their longest number or word. Texts share the rest.
    """
    columns = [(column, [row[place] for row in block.rows]) for place, column in enumerate(block.columns)]
    bodies = [max([1, *map(len, texts)]) for _, texts in columns]
    words = [max([1, *(len(word) for text in texts for word in text.split())]) for _, texts in columns]
    longest = [max(len(column.header), body) for (column, _), body in zip(columns, bodies, strict=True)]
    if sum(min(length, LONG_FIELD) + _GAP for length in longest) <= LINE:
        return ["auto" if length <= LONG_FIELD else f"{min(length, 4 * LONG_FIELD)}fr" for length in longest]
    return [
        f"{max(_EM * body, _HEAD_EM * max([1, *map(len, column.header.split())])) + _INSET_EM:.2f}em"
        if column.align == "right" or body <= SHORT_FIELD
        else f"{max(min(body, 4 * LONG_FIELD), 2 * word)}fr"
        for (column, _), body, word in zip(columns, bodies, words, strict=True)
    ]


def render_typst_kit(
    document: Document, has_panel_files: Callable[[Figure], bool] = lambda figure: len(figure.panels) > 1
) -> dict[str, bytes]:
    """Return `typst/numbers.json`, files to import for numbers, figures and tables, and `typst/example.typ`.

    No file names a font or a package. Figures are the files in the folder figures/.
    """
    numbers = paper_numbers(document)
    names = ("numbers.typ", "figures.typ", "tables.typ", "example.typ")
    files = fill_each(
        names,
        "contrib/papers/typst_kit",
        typst_string,
        document=document,
        meanings=CELL_NUMBERS,
        many=str(MANY_CELLS),
        figures=_figures(document, has_panel_files),
        tables=_tables(document, outline(document)),
        **_example(document, numbers),
    )
    return {
        "typst/numbers.json": _numbers_file(document, numbers),
        **{f"typst/{name}": text.encode() for name, text in files.items()},
    }


def _code(value: object) -> Raw:
    return Raw(typst_value(cast("Value", value)))


def _numbers_file(document: Document, numbers: PaperNumbers) -> bytes:
    """Return the numbers as JSON: about the report, cells, totals and sizes by panel, and statements."""
    date = formats.date(document.date) if document.date else None
    content = {
        "about": {"title": one_line(document.title), "date": date, "version": document.version},
        "panels": {panel.id: panel.cells for panel in numbers.panels},
        "totals": {panel.id: {"units": panel.units, "groups": panel.groups} for panel in numbers.panels},
        "sizes": {panel.id: {"given": panel.given, "outcome": panel.outcome} for panel in numbers.panels},
        "statements": numbers.statements,
    }
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode(errors="replace")


def _figures(document: Document, has_panel_files: Callable[[Figure], bool]) -> list[dict[str, object]]:
    """Return the functions of figures, and of the panels of figures with several."""
    names, found = Anchors(), []
    for block in blocks_of(document):
        if isinstance(block, FigureBlock):
            figure = document.figure(block.id)
            panels = figure.shown if has_panel_files(figure) else ()
            shown = [(figure.id, figure.title, block.alt)]
            shown += [
                (f"{figure.id}-{p.id}", f"{figure.title}: {p.given_title} -> {p.outcome_title}", alt_text((p,)))
                for p in panels
            ]
            found += [
                {
                    "name": _name(names, "figure", file),
                    "title": title,
                    "file": f"{file}.svg",
                    "alt": one_line(alt),
                    "caption": _caption(block, document),
                    "is_panel": file != figure.id,
                }
                for file, title, alt in shown
            ]
    return found


def _name(names: Anchors, kind: str, name: str) -> Raw:
    """Return an identifier that no other function of the file has."""
    return Raw(names.new(f"{kind}-{re.sub(r'[^A-Za-z0-9_-]', '-', name)}"))


def _caption(block: FigureBlock, document: Document) -> Raw:
    parts = ["; ".join(map(_span, sentence.spans)) for sentence in block.caption]
    parts += [typst_string(text) for text in (dated(document),) if text]
    return Raw(f"{{ {'; [ ]; '.join(parts)} }}")


def _span(span: Span) -> str:
    text = typst_string(one_line(span.text))
    if isinstance(span, LinkSpan) and not address(span).startswith("#"):
        return f"link({typst_string(address(span))}, {text})"
    function = {"strong": "strong", "emphasis": "emph"}.get(span.style)
    return f"{function}({text})" if function else text


def _tables(document: Document, order: Outline) -> list[dict[str, object]]:
    names = Anchors()
    return [
        {
            "name": _name(names, "table", block.id),
            "title": f"Table {order.tables[block.id]} of the report: {block.caption}",
            "caption": one_line(block.caption),
            **_table_code(block),
        }
        for block in table_blocks(document)
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
        "told": None if found is None else _telling(*found),
    }


def _markup(text: str) -> Raw:
    """Return a text for a sentence: literally if it only has letters, digits and spaces, otherwise as a string."""
    line = one_line(text)
    return Raw(line if re.fullmatch(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*", line) else f"#{typst_string(line)}")


def _told(numbers: PaperNumbers) -> tuple[PanelNumbers, str, str] | None:
    """Return panel, given and outcome of the first suitable cell for the example, preferably a measured cell."""
    cells = [
        (panel, given, outcome)
        for panel in numbers.panels
        for given, own in panel.cells.items()
        for outcome, cell in own.items()
        if cell["value"] is not None
    ]
    measured = (found for found in cells if found[0].cells[found[1]][found[2]]["state"] == "measured")
    return next(measured, cells[0] if cells else None)


def _telling(panel: PanelNumbers, given: str, outcome: str) -> dict[str, object]:
    """Return the values for a sentence about a cell, or only the value if there are no counts."""
    cell = panel.cells[given][outcome]
    return {
        "cell": Raw(", ".join(map(typst_string, (panel.id, given, outcome)))),
        "given": _markup(given),
        "outcome": _markup(outcome),
        "unit": _markup(panel.unit),
        "counted": cell["count"] is not None and cell["percent"] is not None,
    }


def _make(of: Rendering) -> dict[str, bytes]:
    return render_typst_kit(of.read, of.has_panel_files)


TYPST = Renderer(
    "typst",
    _make,
    ("typst/example.typ", "Typst"),
    about="The folder typst/ for a paper.",
    for_people=True,
    with_figures=True,
)
