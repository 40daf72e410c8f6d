"""latex/: the report as fragments for a paper, its tables, its numbers as macros, and an example that compiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from .. import formats
from ..document.model import (
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
from .latex_tables import MacroNames, label_of, letters_of, table_macros, table_names
from .numbers import CELL_NUMBERS, MANY_CELLS, TESTS, Number, PanelNumbers, PaperNumbers, Tree, decimals, paper_numbers
from .outline import BlockWriter, Outline, Run, address, dated, outline, runs, table_remarks

UNDEFINED = Raw(r"\DiptychUndefined{}")

ENDINGS: Mapping[str, str] = {
    "value": "",
    "low": "Low",
    "high": "High",
    "percent": "Percent",
    "range": "Range",
    "count": "Count",
    "given": "Given",
    "outcome": "Outcome",
    "baseline": "Baseline",
    "lift": "Lift",
    "lift_within": "LiftWithin",
    "q_value": "QValue",
}
"""The ending of each number of a cell, by its name in CELL_NUMBERS."""

SOMETIMES = ("percent", "range", "lift_within", "q_value")
"""What is left out where no cell of the panel has it: the measure is no share, nothing is stratified or tested."""


@dataclass(frozen=True)
class MacroGroup:
    """Macros about one thing; `about` is a comment that says which, `renamed` whether their name was taken."""

    about: str
    renamed: bool
    macros: tuple[tuple[str, Raw], ...]


class _Macros:
    r"""Writes groups of macros under names that are free.

    A name is `\Diptych` and what it is about, each word in letters alone ("left", "NLP", "Time Series" give
    `\DiptychLeftNlpTimeSeries`), then an ending. Where that is taken, "Alt", "AltAlt", ... stands before the ending.
    """

    def __init__(self, names: MacroNames) -> None:
        self._names = names

    def groups(
        self, document: Document, numbers: PaperNumbers, notes: Mapping[str, EvidenceNote]
    ) -> Iterator[MacroGroup]:
        """Yield the macros of the report, of each panel and its cells in declared order, and of findings.

        `notes` are those of evidence by id: their titles say what a finding is about.
        """
        date = Raw(latex(formats.date(document.date, document.language))) if document.date else UNDEFINED
        bodies = {"Title": Raw(latex(document.title)), "Date": date, "Version": Raw(latex(document.version))}
        yield self._group("the report; its date is that of the data", "Diptych", bodies)
        for panel in numbers.panels:
            yield from self._panel(panel)
        for panel in numbers.panels:
            yield from self._cells(panel)
        for name, tree in numbers.findings.items():
            note = notes.get(f"evidence.{name}")
            title = f" ({note.title.rstrip('.')})" if note and note.title else ""
            yield self._group(f"finding {name}{title}", "DiptychFinding" + letters_of(name), dict(_leaves(tree)))

    def _panel(self, panel: PanelNumbers) -> Iterator[MacroGroup]:
        base = "Diptych" + letters_of(panel.id)
        bodies = {"Units": number_text(panel.units), "Groups": number_text(panel.groups)}
        yield self._group(f"{panel.id}: how many {panel.unit}, and groups of them", base, bodies)
        for role, sizes in (("Given", panel.given), ("Outcome", panel.outcome)):
            about = f"{panel.id}: {panel.unit} with each {role.lower()} category, in this order: {', '.join(sizes)}"
            wanted = [base + role + _category(category, tuple(sizes)) for category in sizes]
            names = [self._names.new(name) for name in wanted]
            macros = zip(names, map(number_text, sizes.values()), strict=True)
            yield MacroGroup(one_line(about), names != wanted, tuple(macros))

    def _cells(self, panel: PanelNumbers) -> Iterator[MacroGroup]:
        cells = [(given, outcome, cell) for given, own in panel.cells.items() for outcome, cell in own.items()]
        some = {name for name in SOMETIMES for *_, cell in cells if cell[name] is not None}
        shown = [name for name in ENDINGS if name not in SOMETIMES or name in some]
        for given, outcome, cell in cells:
            bodies = {ENDINGS[name]: _of_cell(name, cell[name]) for name in shown}
            base = "Diptych" + letters_of(panel.id) + _category(given, tuple(panel.given))
            base += _category(outcome, tuple(panel.outcome))
            yield self._group(f"{panel.id}: {given} -> {outcome} ({cell['state']})", base, bodies)

    def _group(self, about: str, base: str, bodies: Mapping[str, Raw]) -> MacroGroup:
        name = self._names.new(base, tuple(bodies))
        macros = tuple((name + ending, body) for ending, body in bodies.items())
        return MacroGroup(one_line(about), name != base, macros)


def _category(name: str, categories: Sequence[str]) -> str:
    """Return a category in letters; one without any is called by its place in the declared order."""
    return letters_of(name) or "Category" + letters_of(str(categories.index(name) + 1))


def _of_cell(name: str, value: Number) -> Raw:
    """Return a number; the p of a test is never printed as 0."""
    if name in TESTS and isinstance(value, int | float):
        return Raw(latex(formats.p_value(value)))
    return number_text(value)


def _leaves(tree: Tree) -> Iterator[tuple[str, Raw]]:
    """Yield the numbers of a tree by their names in letters; what is called `value` has the name of what holds it."""
    for key, value in tree.items():
        name = "" if key == "value" else letters_of(key)
        if isinstance(value, Mapping):
            yield from ((name + inner, body) for inner, body in _leaves(value))
        else:
            yield name, _of_cell(key, value)


def number_text(value: Number) -> Raw:
    r"""Return a number as LaTeX: whole ones exact, others with three decimals; texts are escaped.

    More decimals where it would look like 0 or 1 and is neither. What is undefined is \DiptychUndefined.

    >>> print(number_text(4285), number_text(0.98128), number_text(0.00042), number_text("a_b"), number_text(None))
    4285 0.981 0.0004 a\_b \DiptychUndefined{}
    """
    if isinstance(value, str):
        return Raw(latex(value))
    if value is None or not math.isfinite(value):
        return UNDEFINED
    return Raw(int(value) if value == int(value) else decimals(value))


def endings() -> Iterator[tuple[str, str]]:
    """Yield the ending of each macro of a cell with what it is."""
    for name, _, meaning in CELL_NUMBERS:
        if name in ENDINGS:
            yield ENDINGS[name] or "(none)", meaning


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
    writer = _LatexWriter(document, order, tables)
    names = MacroNames({*tables.values(), *(f"Diptych{name}" for name in KIT)})
    values: dict[str, dict[str, object]] = {
        "report.tex": {
            "lead": writer.figure(order.lead) if order.lead else None,
            "abstract": writer.section(order.abstract) if order.abstract else None,
            "sections": [(section, writer.section(section)) for section in order.sections],
        },
        "tables.tex": {"tables": table_macros(document, tables, table_remarks(document))},
        "numbers.tex": {
            "groups": _Macros(names).groups(document, paper_numbers(document), order.notes),
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


class _LatexWriter(BlockWriter[str]):
    """Writes parts of a document as LaTeX."""

    def __init__(self, document: Document, order: Outline, tables: Mapping[str, str]) -> None:
        super().__init__(document, order)
        self._tables = tables

    def section(self, section: Section) -> Raw:
        """Return a section's blocks, without its heading."""
        return Raw("\n\n".join(self.sequence(section.blocks)))

    def authored(self, parts: list[str]) -> str:
        return _framed("\n\n".join(parts))

    def paragraph(self, paragraph: Paragraph) -> list[str]:
        return [_run(run) for run in runs(paragraph, self.order.notes)]

    def item_list(self, block: ItemList) -> str:
        kind = "enumerate" if block.numbered else "itemize"
        items = "\n".join(rf"  \item {chr(10).join(self.paragraph(item))}" for item in block.items)
        return f"\\begin{{{kind}}}\n{items}\n\\end{{{kind}}}"

    def evidence(self, block: EvidenceList) -> str:
        notes = "\n".join(
            rf"  \item[{note.number}.] "
            + (rf"\textbf{{{latex(note.title)}}} " if note.title else "")
            + latex(" ".join(note.texts))
            for note in block.notes
        )
        head = f"\\subsection*{{{latex(block.title)}}}"
        return f"{head}\n\n{{\\footnotesize\n\\begin{{itemize}}\n{notes}\n\\end{{itemize}}\n}}"

    def table(self, block: TableBlock) -> list[str]:
        return [rf"\{self._tables[block.id]}"]

    def figure(self, block: FigureBlock) -> Raw:
        """Return a figure that spans the page, with its alternative text."""
        figure = self.document.figure(block.id)
        caption = " ".join(filter(None, [_sentences(block.caption), latex(dated(self.document))]))
        return Raw(
            "\\begin{figure*}[htbp]\n  \\centering\n"
            "  \\includegraphics[width=\\textwidth, height=.8\\textheight, keepaspectratio,\n"
            f"    alt={{{latex(block.alt)}}}]{{\\DiptychFigures/{figure.id}.pdf}}\n"
            f"  \\caption[{{{latex(figure.title)}}}]{{{caption}}}\n"
            f"  \\label{{fig:diptych-{label_of(figure.id)}}}\n\\end{{figure*}}"
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
