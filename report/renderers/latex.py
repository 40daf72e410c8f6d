"""latex/: the report as fragments for a paper, its tables, its numbers as macros, and an example that compiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from report import formats
from report.document import (
    Block,
    Document,
    EvidenceList,
    EvidenceNote,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
    TableCell,
)
from report.renderers.environment import fill, text_environment
from report.renderers.escape import Raw, clean, latex
from report.renderers.latex_numbers import MANY_CELLS, NUMBERS, cell_macros
from report.renderers.outline import Outline, Run, letters, note_mark, notes_of, outline, refs_of, runs, schemes_of
from report.renderers.passages import address, passages
from report.theme.colours import SEQUENTIAL_DEFAULT, ink, shade
from report.theme.templates import template_folder

MANY_COLUMNS = 12
"""From more columns than this on, heads stand upright and the type is smallest."""

SHORT_FIELD = 10
"""Where a table is too wide, a column with a longer field than this many characters is set in lines."""

_MOST_FOOTNOTE = 6
_FOOTNOTE_LINE, _SCRIPT_LINE, _BETWEEN = 82, 104, 2
"""How many characters fit across a page in either size, and how many the space between columns takes."""

_LEAST_WIDTH = 0.07
_RAGGED = {"l": r"\raggedright", "r": r"\raggedleft", "c": r"\centering"}


def render_latex(document: Document) -> dict[str, bytes]:
    r"""Return `latex/report.tex`, `latex/tables.tex`, `latex/numbers.tex` (to \input) and `latex/example.tex`.

    Fragments load no package; their head comments name what they need. Tables stand in tables.tex as macros
    that report.tex calls, so that a paper can take one alone.
    """
    environment = text_environment(template_folder() / "latex", latex)
    order = outline(document)
    writer = _Writer(document, order)
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    tables = [block for section in document.sections for block in section.blocks if isinstance(block, TableBlock)]
    values: dict[str, dict[str, object]] = {
        "report.tex": {
            "lead": writer.figure(order.lead) if order.lead else None,
            "abstract": writer.section(order.abstract) if order.abstract else None,
            "sections": [(section, writer.section(section)) for section in order.sections],
        },
        "tables.tex": {"tables": [(writer.table_name(table), writer.table(table)) for table in tables]},
        "numbers.tex": {
            "cells": cell_macros(tuple(panels.values()), refs_of(document)),
            "many": MANY_CELLS,
            "endings": [(ending or "(none)", attribute) for ending, attribute in NUMBERS],
        },
        "example.tex": {"date": formats.date(document.date) if document.date else None},
    }
    return {
        f"latex/{name}": clean(fill(environment, name, document=document, raw=_comment, **value)).encode()
        for name, value in values.items()
    }


def _comment(text: str) -> Raw:
    """Return text for a comment: on one line, where nothing needs escaping."""
    return Raw(" ".join(clean(text).split()))


class _Writer:
    """Writes parts of a document as LaTeX."""

    def __init__(self, document: Document, order: Outline) -> None:
        self._document = document
        self._order = order
        self._schemes = schemes_of(document)

    def section(self, section: Section) -> Raw:
        """Return a section's blocks, without its heading."""
        notes = {} if section is self._order.abstract else self._order.notes
        parts = []
        for origin, blocks in passages(section.blocks):
            text = "\n\n".join(self._block(block, notes) for block in blocks)
            parts.append(_framed(text) if origin == "authored" else text)
        return Raw("\n\n".join(parts))

    def _block(self, block: Block, notes: Mapping[str, EvidenceNote]) -> str:
        if isinstance(block, Paragraph):
            return "\n\n".join(_run(run) for run in runs(block, notes))
        if isinstance(block, ItemList):
            kind = "enumerate" if block.numbered else "itemize"
            items = "\n".join(
                rf"  \item {chr(10).join(_run(run) for run in runs(item, notes))}" for item in block.items
            )
            return f"\\begin{{{kind}}}\n{items}\n\\end{{{kind}}}"
        if isinstance(block, EvidenceList):
            return _evidence(block)
        return self.figure(block) if isinstance(block, FigureBlock) else rf"\{self.table_name(block)}"

    def figure(self, block: FigureBlock) -> Raw:
        """Return a figure that spans the page; its alternative text is a comment where LaTeX has no place for it."""
        name = self._document.figure(block.id).id
        return Raw(
            "\\begin{figure*}\n  \\centering\n"
            f"  % alternative text: {_comment(block.alt)}\n"
            f"  \\includegraphics[width=\\textwidth]{{\\DiptychFigures/{name}.pdf}}\n"
            f"  \\caption{{{_sentences(block.caption)}}}\n  \\label{{fig:diptych-{name}}}\n\\end{{figure*}}"
        )

    def table_name(self, block: TableBlock) -> Raw:
        """Return the macro of a table, by its number: DiptychTableA, DiptychTableB, ..."""
        return Raw("DiptychTable" + letters(self._order.tables[block.id] - 1).upper())

    def table(self, block: TableBlock) -> Raw:
        """Return a booktabs table."""
        notes = notes_of(block)
        head = " & ".join(
            _head(column.header, is_upright=len(block.columns) > MANY_COLUMNS) for column in block.columns
        )
        body = "\n".join(f"    {self._row(row, notes)} \\\\" for row in block.rows)
        below = "; ".join(rf"\textsuperscript{{{letters(i)}}}\,{latex(note)}" for i, note in enumerate(notes))
        return Raw(
            f"\\begin{{table*}}\n  \\centering{_size(block)}\n"
            f"  \\caption{{{latex(block.caption)}}}\n  \\label{{tab:diptych-{_label(block.id)}}}\n"
            f"  \\begin{{tabular}}{{{_columns(block)}}}\n    \\toprule\n    {head} \\\\\n    \\midrule\n{body}\n"
            "    \\bottomrule\n  \\end{tabular}\n"
            + (f"  \\par\\smallskip {{\\scriptsize {below}}}\n" if below else "")
            + "\\end{table*}"
        )

    def _row(self, row: Iterable[TableCell], notes: tuple[str, ...]) -> str:
        return " & ".join(self._field(cell, note_mark(notes, cell)) for cell in row)

    def _field(self, cell: TableCell, mark: str) -> str:
        text = latex(cell.text) + (rf"\textsuperscript{{{mark}}}" if mark else "")
        if cell.level is None:
            return text
        paper = shade(cell.level, self._schemes.get(cell.ref.panel if cell.ref else "", SEQUENTIAL_DEFAULT))
        return rf"\DiptychShade{{{_hex(paper)}}}{{{_hex(ink(paper))}}}{{{text}}}"


def _hex(colour: str) -> str:
    return colour.removeprefix("#").upper()


def _label(name: str) -> str:
    """Return an id as a LaTeX label can carry it."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-.:") else f"-{ord(c):x}-" for c in name)


def _size(block: TableBlock) -> str:
    columns = len(block.columns)
    if columns <= _MOST_FOOTNOTE:
        return r"\footnotesize"
    size = r"\scriptsize" if columns <= MANY_COLUMNS else r"\tiny"
    return size + r"\setlength{\tabcolsep}{2.5pt}"


def _head(header: str, *, is_upright: bool) -> str:
    if not header:
        return ""
    text = rf"\textbf{{{latex(header)}}}"
    return rf"\rotatebox{{90}}{{{text}}}" if is_upright else text


def _columns(block: TableBlock) -> str:
    """Return the column letters; where fields would not fit side by side, long ones are set in lines."""
    letter = {"left": "l", "right": "r", "center": "c"}
    natural = "".join(letter[column.align] for column in block.columns)
    longest = [max([len(c.header), *(len(row[i].text) for row in block.rows)]) for i, c in enumerate(block.columns)]
    line = _FOOTNOTE_LINE if len(block.columns) <= _MOST_FOOTNOTE else _SCRIPT_LINE
    room = line - _BETWEEN * len(longest)
    if block.kind != "plain" or sum(longest) <= room:
        return natural
    long = [n > SHORT_FIELD for n in longest]
    left = room - sum(n for n, is_long in zip(longest, long, strict=True) if not is_long)
    whole = sum(n for n, is_long in zip(longest, long, strict=True) if is_long)
    widths = [
        max(_LEAST_WIDTH, left / line * n / whole) if is_long else None
        for n, is_long in zip(longest, long, strict=True)
    ]
    return "".join(
        natural[i] if width is None else rf">{{{_RAGGED[natural[i]]}\arraybackslash}}p{{{width:.2f}\textwidth}}"
        for i, width in enumerate(widths)
    )


def _evidence(block: EvidenceList) -> str:
    notes = "\n".join(
        rf"  \item[{note.number}.] "
        + (rf"\textbf{{{latex(note.title)}}} " if note.title else "")
        + latex(" ".join(note.texts))
        for note in block.notes
    )
    return (
        f"\\subsection*{{{latex(block.title)}}}\n\n{{\\footnotesize\n\\begin{{itemize}}\n{notes}\n\\end{{itemize}}\n}}"
    )


def _run(run: Run) -> str:
    text = (rf"\textbf{{{latex(run.lead)}}} " if run.lead else "") + _sentences(run.sentences, run.marks)
    return _framed(text) if run.origin == "authored" else text


def _framed(text: str) -> str:
    """Return what people wrote in its environment."""
    return f"\\begin{{DiptychAuthored}}\n{text}\n\\end{{DiptychAuthored}}"


def _sentences(sentences: Iterable[Sentence], marks: Iterable[int | None] = ()) -> str:
    texts = ("".join(_span(span) for span in sentence.spans) for sentence in sentences)
    pairs = zip_longest(texts, marks)
    return " ".join(text if mark is None else rf"{text}\textsuperscript{{{mark}}}" for text, mark in pairs)


def _span(span: Span) -> str:
    href = address(span)
    if href.startswith("http"):  # the address in print: fragments load no package that could make links
        return rf"{latex(span.text)} (\texttt{{{latex(href)}}})"
    macro = {"strong": r"\textbf", "emphasis": r"\emph"}.get(span.style)
    return f"{macro}{{{latex(span.text)}}}" if macro else latex(span.text)
