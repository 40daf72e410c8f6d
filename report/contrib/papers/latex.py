"""The folder latex/: fragments of the report for a paper, tables, numbers as macros, and an example that compiles.

A table is a macro: as wide as its text or the page, and split into parts if it is longer than a page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from ... import formats, portable
from ...document.model import (
    Column,
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from ...document.writer import fill_each
from ...renderers.outline import (
    BlockWriter,
    Outline,
    Run,
    address,
    dated,
    outline,
    runs,
    table_blocks,
)
from ...renderers.registry import Renderer, Rendering
from ...theme import Raw, clean
from .escapes import latex
from .numbers import MANY_CELLS, MacroNames, MacroWriter, endings, letters_of, paper_numbers

KIT = (
    *("Undefined", "Figures", "Authored", "Float", "Continued", "Box", "Character", "Break"),
    *("Abstract", "NoAbstract", "Claim", "Grouped", "Three"),
)
"""Macros defined by the fragments themselves, each with the prefix Diptych."""


def render_latex(document: Document) -> dict[str, bytes]:
    r"""Return `latex/report.tex`, `latex/tables.tex`, `latex/numbers.tex` (to \input) and `latex/example.tex`.

    Fragments load no package. Comments at their start list the required packages. Tables are macros in tables.tex, and
    report.tex calls them, so that a paper can include a single table.
    """
    order = outline(document)
    tables = table_names(document)
    writer = _LatexWriter(document, order, tables)
    names = MacroNames({*tables.values(), *(f"Diptych{name}" for name in KIT)})
    files = fill_each(
        ("report.tex", "tables.tex", "numbers.tex", "example.tex"),
        "contrib/papers/latex",
        latex,
        document=document,
        lead=writer.figure(order.lead) if order.lead else None,
        abstract=writer.section(order.abstract) if order.abstract else None,
        sections=[(section, writer.section(section)) for section in order.sections],
        tables=[(tables[block.id], _LatexTable(block).text()) for block in table_blocks(document)],
        groups=MacroWriter(names).groups(document, paper_numbers(document)),
        many=MANY_CELLS,
        endings=endings(),
        date=formats.date(document.date, document.language) if document.date else None,
    )
    return {f"latex/{name}": clean(text).encode() for name, text in files.items()}


class _LatexWriter(BlockWriter[str]):
    """Writer of parts of a document as LaTeX."""

    def __init__(self, document: Document, order: Outline, tables: Mapping[str, str]) -> None:
        super().__init__(document, order)
        self._tables = tables

    def section(self, section: Section) -> Raw:
        """Return a section's blocks, without its heading."""
        return Raw("\n\n".join(self.sequence(section.blocks)))

    def authored(self, parts: list[str]) -> str:
        return _framed("\n\n".join(parts))

    def paragraph(self, paragraph: Paragraph) -> list[str]:
        return [_run(run) for run in runs(paragraph)]

    def item_list(self, block: ItemList) -> str:
        kind = "enumerate" if block.numbered else "itemize"
        items = "\n".join(rf"  \item {chr(10).join(self.paragraph(item))}" for item in block.items)
        return f"\\begin{{{kind}}}\n{items}\n\\end{{{kind}}}"

    def table(self, block: TableBlock) -> str:
        return rf"\{self._tables[block.id]}"

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
    text = _sentences(run.sentences)
    return _framed(text) if run.origin == "authored" else text


def _framed(text: str) -> str:
    """Return authored text in its environment."""
    return f"\\begin{{DiptychAuthored}}\n{text}\n\\end{{DiptychAuthored}}"


def _sentences(sentences: Iterable[Sentence]) -> str:
    return " ".join("".join(_span(span) for span in sentence.spans) for sentence in sentences)


def _span(span: Span) -> str:
    href = address(span)
    if href.startswith("http"):  # print the address: fragments load no package for links
        return rf"{latex(span.text)} (\texttt{{{latex(href)}}})"
    macro = {"strong": r"\textbf", "emphasis": r"\emph"}.get(span.style)
    return f"{macro}{{{latex(span.text)}}}" if macro else latex(span.text)


SHORT_FIELD = 10
"""Maximum field length, in characters, of a column that is never wrapped in a table that is too wide."""

LINES_OF_A_PART = 34
"""Maximum number of lines of a table on a page: the capacity of `article` minus caption, heads and notes."""

_MOST_FOOTNOTE = 6
_FOOTNOTE_LINE, _SCRIPT_LINE, _BETWEEN = 76, 92, 2
"""Characters per line of `article` in both font sizes, and the width of the space between columns in characters."""

_FILLED = 0.85
"""Share of a line that is filled if words are not split."""

_RAGGED = {"left": r"\raggedright", "right": r"\raggedleft"}
_LETTER = {"left": "l", "right": "r"}
_EVEN = 0.75
"""Exponent for the width of wrapped columns, by longest field, so that long fields do not take all the space."""


def table_names(document: Document) -> dict[str, str]:
    """Return the macro of each table by the table's id: "main-left" is DiptychTableMainLeft."""
    names, found = MacroNames(), {}
    for number, block in enumerate(table_blocks(document), start=1):
        found[block.id] = names.new("DiptychTable" + (letters_of(block.id) or letters_of(str(number))))
    return found


def label_of(name: str) -> str:
    """Return an id as a valid LaTeX label.

    >>> label_of("main-left"), label_of("a b")
    ('main-left', 'a-20-b')
    """
    return "".join(c if c.isascii() and (c.isalnum() or c in "-.:_") else f"-{ord(c):x}-" for c in name)


class _LatexTable:
    """Writer of one table."""

    def __init__(self, block: TableBlock) -> None:
        self._block = block
        self._longest = tuple(
            max([_width(column.header), *(_width(row[i]) for row in block.rows)])
            for i, column in enumerate(block.columns)
        )
        self._long = [i for i, longest in enumerate(self._longest) if longest > SHORT_FIELD]
        """The columns that may be wrapped."""

    def text(self) -> Raw:
        parts = self._parts()
        return Raw("%\n".join(self._float(rows, i, len(parts)) for i, rows in enumerate(parts, start=1)))

    def _float(self, part: Sequence[Sequence[str]], number: int, n_parts: int) -> str:
        columns = self._block.columns
        head = self._caption(n_parts) if number == 1 else rf"\DiptychContinued{{{number}}}{{{n_parts}}}"
        heads = " & ".join(rf"\textbf{{{latex(column.header)}}}" if column.header else "" for column in columns)
        rows = "\n".join(f"  {' & '.join(map(latex, self._breaking(row)))} \\\\" for row in part)
        return (
            f"\\DiptychFloat{{{self._size(len(columns))}}}\n"
            f"{{{head}}}\n"
            f"{{{''.join(_LETTER[column.align] for column in columns)}}}\n{{{self._wrapped()}}}\n"
            f"{{\\toprule\n  {heads} \\\\\n  \\midrule\n{rows}\n  \\bottomrule}}"
        )

    def _caption(self, n_parts: int) -> str:
        short = latex(self._block.caption)
        long = f"{short} ({n_parts} parts)" if n_parts > 1 else short
        return rf"\caption[{{{short}}}]{{{long}}}\label{{tab:diptych-{label_of(self._block.id)}}}"

    def _size(self, n_columns: int) -> str:
        return r"\footnotesize" if n_columns <= _MOST_FOOTNOTE else r"\scriptsize\setlength{\tabcolsep}{2.5pt}"

    def _breaking(self, row: Sequence[str]) -> Iterator[str]:
        """Yield the fields of a row, in which lines of a wrapped column can end within "at most 0.95"."""
        for place, text in enumerate(row):
            yield text.replace(formats.NBSP, " ") if place in self._long else text

    def _wrapped(self) -> str:
        """Return the columns of a table as wide as the text, with long columns wrapped, or "" if no column is long."""
        weights, columns = self._weights(), self._block.columns
        settings = (
            _in_lines(column, weights[i]) if i in weights else _LETTER[column.align] for i, column in enumerate(columns)
        )
        return "".join(settings) if weights else ""

    def _weights(self) -> dict[int, float]:
        """Return the relative widths of wrapped columns, 1 on average; each has room for its words and numbers."""
        longest = {i: portable.power(self._longest[i], _EVEN) for i in self._long}
        whole, columns = sum(longest.values()), range(len(self._block.columns))
        line = _FOOTNOTE_LINE if len(columns) <= _MOST_FOOTNOTE else _SCRIPT_LINE
        line -= _BETWEEN * len(columns) + sum(self._longest[i] for i in columns if i not in longest)
        if not longest:
            return {}
        words = {i: self._longest_word(i) for i in longest}
        if line > 0:
            least = {i: len(longest) * word / line for i, word in words.items()}
            wide = {i: max(least[i], len(longest) * size / whole) for i, size in longest.items()}
            spare = sum(wide.values()) - sum(least.values())
            shrunk = (len(longest) - sum(least.values())) / spare if spare else 1.0
            widths = {i: least[i] + (wide[i] - least[i]) * shrunk for i in wide}
            if min(widths.values()) > _NARROWEST and (spare or sum(least.values()) <= len(longest)):
                return widths
        # The other columns leave no room, and words are hyphenated.
        return {i: len(longest) * word / sum(words.values()) for i, word in words.items()}

    def _longest_word(self, index: int) -> int:
        """Return the number of characters of the longest word of a column, with one more for wide letters."""
        head = 1 + max(map(_width, self._block.columns[index].header.split(" ")), default=0)
        words = (word for row in self._block.rows for word in _BREAKS.split(row[index].replace(formats.NBSP, " ")))
        return max([head, *(min(_width(word) + 1, _LONG_WORD) for word in words)])

    def _parts(self) -> list[list[tuple[str, ...]]]:
        """Return the rows in parts that each fit on a page and have similar sizes."""
        lines = self._lines()
        groups = _even(lines, max(1, math.ceil(sum(lines) / LINES_OF_A_PART)))
        return [[self._block.rows[place] for place in group] for group in groups]

    def _lines(self) -> list[int]:
        """Return the approximate number of lines of each row on a page of `article`."""
        columns = range(len(self._block.columns))
        line = _FOOTNOTE_LINE if len(columns) <= _MOST_FOOTNOTE else _SCRIPT_LINE
        long = self._long
        room = line - _BETWEEN * len(columns) - sum(self._longest[i] for i in columns if i not in long)
        whole = sum(portable.power(self._longest[i], _EVEN) for i in long)
        if not long or sum(self._longest[i] for i in long) <= room:
            return [1] * len(self._block.rows)
        fits = {i: max(4.0, _FILLED * room * portable.power(self._longest[i], _EVEN) / whole) for i in long}
        return [max(math.ceil(_width(row[i]) / fits[i]) or 1 for i in long) for row in self._block.rows]


_NARROWEST = 0.3
"""Smallest relative width of a wrapped column."""
_LONG_WORD = 14
"""Longer words are code or names, which `latex` lets break."""

_BREAKS = re.compile(r" |(?<=-)|(?<=[^\W\d])–(?=[^\W\d])")
"""Where a line can end: not within numbers and intervals."""


def _in_lines(column: Column, weight: float) -> str:
    ragged = _RAGGED[column.align]
    return rf">{{\hsize={weight:.2f}\hsize{ragged}\hspace{{0pt}}\arraybackslash}}X"


def _even(sizes: Sequence[int], n_parts: int) -> list[tuple[int, ...]]:
    """Split items of these sizes into at most this many runs with similar totals; at least one, which may be empty.

    >>> _even([1, 1, 1, 1, 1], 2), _even([5, 1, 1], 2), _even([], 1)
    ([(0, 1, 2), (3, 4)], [(0,), (1, 2)], [()])
    """
    whole = sum(sizes)
    before, parts = 0, [0] * len(sizes)
    for i, size in enumerate(sizes):
        parts[i] = min(n_parts - 1, int(before * n_parts / whole))
        before += size
    ends = [i for i, (a, b) in enumerate(pairwise(parts), start=1) if a != b]
    return [tuple(range(a, b)) for a, b in pairwise([0, *ends, len(sizes)])]


def _width(text: str) -> int:
    """Return the printed width of a text in characters, counting eight for a missing character: "[U+6570]"."""
    return len(text) + 7 * latex(text).count(r"\DiptychCharacter{")


def _make(of: Rendering) -> dict[str, bytes]:
    return render_latex(of.document)


LATEX = Renderer(
    "latex",
    _make,
    ("latex/report.tex", "LaTeX"),
    about="The folder latex/ for a paper.",
    for_people=True,
    with_figures=True,
)
