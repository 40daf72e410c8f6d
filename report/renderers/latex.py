"""latex/: the report as fragments for a paper, its tables, its numbers as macros, and an example that compiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from .. import formats
from ..cells import Panel
from ..document import (
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
)
from ..theme.templates import template_folder
from .environment import fill, text_environment
from .escape import Raw, clean, latex, one_line
from .latex_numbers import MacroNames, endings, number_macros
from .latex_tables import label_of, table_macros, table_names, tables_of
from .numbers import MANY_CELLS, paper_numbers
from .outline import Outline, Run, outline, runs
from .passages import address, passages

KIT = ("Undefined", "Figures", "Authored", "Shade", "Float", "Head", "Continued", "Box", "Character", "Break")
"""What the fragments themselves define, each with Diptych before it."""


def render_latex(document: Document) -> dict[str, bytes]:
    r"""Return `latex/report.tex`, `latex/tables.tex`, `latex/numbers.tex` (to \input) and `latex/example.tex`.

    Fragments load no package; their head comments name what they need. Tables stand in tables.tex as macros
    that report.tex calls, so that a paper can take one alone.
    """
    environment = text_environment(template_folder() / "latex", latex)
    order = outline(document)
    tables = table_names(document)
    writer = _Writer(document, order, tables)
    names = MacroNames({*tables.values(), *(f"Diptych{name}" for name in KIT)})
    values: dict[str, dict[str, object]] = {
        "report.tex": {
            "lead": writer.figure(order.lead) if order.lead else None,
            "abstract": writer.section(order.abstract) if order.abstract else None,
            "sections": [(section, writer.section(section)) for section in order.sections],
        },
        "tables.tex": {"tables": table_macros(document, tables, _remarks(document))},
        "numbers.tex": {
            "groups": number_macros(document, paper_numbers(document), order.notes, names),
            "many": MANY_CELLS,
            "endings": list(endings()),
        },
        "example.tex": {"date": formats.date(document.date, document.language) if document.date else None},
    }
    return {
        f"latex/{name}": clean(fill(environment, name, document=document, raw=_comment, **value)).encode()
        for name, value in values.items()
    }


def _comment(text: str) -> Raw:
    """Return text for a comment: on one line, where nothing needs escaping."""
    return Raw(one_line(text))


def _remarks(document: Document) -> dict[str, str]:
    """Return by table what its caption says besides: unit, n and population where it shows cells, and the date."""
    populations = dict(_populations(document))
    remarks = {}
    for table in tables_of(document):
        panels = dict.fromkeys(cell.ref.panel for row in table.rows for cell in row if cell.ref)
        said = dict.fromkeys(populations[panel] for panel in panels if panel in populations)
        dated = [_date(document)] if panels or table.source else []
        remarks[table.id] = " ".join(filter(None, [*said, *dated]))
    return remarks


def _date(document: Document) -> str:
    return f"Data of {formats.date(document.date, document.language)}." if document.date else ""


def _populations(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each panel with its units and who they are, as the caption of its figure has it."""
    blocks = (block for section in document.sections for block in section.blocks)
    captions = {block.id: [s.text for s in block.caption] for block in blocks if isinstance(block, FigureBlock)}
    for figure in document.figures:
        for panel in figure.panels:
            if panel.n_units is not None:
                yield panel.id, _population(panel, captions.get(figure.id, []))


def _population(panel: Panel, captions: Iterable[str]) -> str:
    n = panel.n_units or 0
    start = f"{formats.count(n)} {formats.plural(n, panel.unit.singular, panel.unit.plural)}"
    found = (caption[caption.rindex(start) :] for caption in captions if start in caption)
    return next(found, f"{start}.")


class _Writer:
    """Writes parts of a document as LaTeX."""

    def __init__(self, document: Document, order: Outline, tables: Mapping[str, str]) -> None:
        self._document = document
        self._order = order
        self._tables = tables

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
        return rf"\{self._tables[block.id]}" if isinstance(block, TableBlock) else self.figure(block)

    def figure(self, block: FigureBlock) -> Raw:
        """Return a figure that spans the page, with its alternative text."""
        figure = self._document.figure(block.id)
        caption = " ".join(filter(None, [_sentences(block.caption), latex(_date(self._document))]))
        return Raw(
            "\\begin{figure*}[htbp]\n  \\centering\n"
            "  \\includegraphics[width=\\textwidth, height=.8\\textheight, keepaspectratio,\n"
            f"    alt={{{latex(block.alt)}}}]{{\\DiptychFigures/{figure.id}.pdf}}\n"
            f"  \\caption[{{{latex(figure.title)}}}]{{{caption}}}\n"
            f"  \\label{{fig:diptych-{label_of(figure.id)}}}\n\\end{{figure*}}"
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
