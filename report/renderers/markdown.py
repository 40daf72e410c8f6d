"""report.md: the report in GitHub-flavoured Markdown, with its figures as links; and _numbers.yml.

_numbers.yml has the numbers of a report as variables of Quarto and other Markdown, each a text to be printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from urllib.parse import quote

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
from ..document.writer import fill_each
from ..theme import Raw, clean, markdown, one_line, unaccented
from .numbers import CELL_NUMBERS, MANY_CELLS, TESTS, Number, Tree, decimals, paper_numbers
from .outline import Anchors, BlockWriter, Run, address, letters, note_mark, notes_of, outline, runs
from .plain import TextTree, yaml_lines

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Marks of notes: Markdown has none of its own."""

_RULES = {"left": ":--", "right": "--:", "center": ":-:"}


def render_markdown(document: Document) -> dict[str, bytes]:
    """Return `report.md`; what people wrote stands in quotation blocks, opened by the word Authors."""
    order = outline(document)
    writer = _MarkdownWriter(document, order)
    sections = ((order.abstract,) if order.abstract else ()) + order.sections
    files = fill_each(
        ("report.md",),
        "markdown",
        markdown,
        document=document,
        date=formats.date(document.date) if document.date else None,
        before=Raw(writer.figure(order.lead)) if order.lead and not order.abstract else None,
        sections=[(section, Raw("\n\n".join(writer.section(section)))) for section in sections],
        downloads=[(Raw(quote(download.path)), download) for download in document.downloads],
    )
    return {name: clean(text).encode() for name, text in files.items()}


class _MarkdownWriter(BlockWriter[str]):
    """Writes parts of a document as Markdown."""

    def section(self, section: Section) -> list[str]:
        """Return a section's blocks; the lead figure follows the abstract."""
        lead = [self.figure(self.order.lead)] if self.order.lead and section is self.order.abstract else []
        return self.sequence(section.blocks) + lead

    def authored(self, parts: list[str]) -> str:
        return _framed(parts)

    def paragraph(self, paragraph: Paragraph) -> list[str]:
        return [_run(run) for run in runs(paragraph, self.order.notes)]

    def item_list(self, block: ItemList) -> str:
        """Return a list; runs after the first of an item are indented below it."""
        marks = [f"{number}. " if block.numbered else "- " for number in range(1, len(block.items) + 1)]
        items = zip(marks, block.items, strict=True)
        return "\n".join(mark + f"\n\n{' ' * len(mark)}".join(self.paragraph(item)) for mark, item in items)

    def evidence(self, block: EvidenceList) -> str:
        return "\n\n".join([f"### {markdown(block.title)}", "\n".join(map(_note, block.notes))])

    def figure(self, block: FigureBlock) -> str:
        title = f"**Figure {self.order.figures[block.id]}.** {_sentences(block.caption)}"
        name = quote(self.document.figure(block.id).id)
        alt = markdown(block.alt)
        return f"![{alt}](figures/{name}.svg)\n\n{title} (as [SVG](figures/{name}.svg) and [PNG](figures/{name}.png))"

    def table(self, block: TableBlock) -> list[str]:
        notes = notes_of(block)
        lines = [
            _row(markdown(column.header) for column in block.columns),
            _row(_RULES[column.align] for column in block.columns),
        ]
        for row in block.rows:
            marks = [note_mark(notes, cell) for cell in row]
            texts = [_field(cell.text, mark) for cell, mark in zip(row, marks, strict=True)]
            lines.append(
                _row(f"**{text}**" if place < block.row_headers and text else text for place, text in enumerate(texts))
            )
        parts = [f"**Table {self.order.tables[block.id]}.** {markdown(block.caption)}", "\n".join(lines)]
        below = [f"({letters(index)}) {markdown(note)}" for index, note in enumerate(notes)]
        if block.source:
            below.append(f"Source: [{markdown(block.source)}]({quote(block.source)})")
        return [*parts, *(["; ".join(below)] if below else [])]


def _framed(texts: Iterable[str]) -> str:
    """Return what people wrote as one quotation block."""
    first, *rest = "\n\n".join(texts).split("\n")
    lines = (
        [f"**Authors:** {first}", *rest] if not first.startswith(("- ", "1. ")) else ["**Authors:**", "", first, *rest]
    )
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _note(note: EvidenceNote) -> str:
    title = f"**{markdown(note.title)}** " if note.title else ""
    return f"{note.number}. {title}{markdown(' '.join(note.texts))}"


def _run(run: Run) -> str:
    text = (f"**{markdown(run.lead)}** " if run.lead else "") + _sentences(run.sentences, run.marks)
    return f"> **Authors:** {text}" if run.origin == "authored" else text


def _sentences(sentences: Iterable[Sentence], marks: Iterable[int | None] = ()) -> str:
    texts = ("".join(_span(span) for span in sentence.spans) for sentence in sentences)
    pairs = zip_longest(texts, marks)
    return " ".join(text if mark is None else f"{text}{str(mark).translate(_RAISED)}" for text, mark in pairs)


def _span(span: Span) -> str:
    """Return a run of text; spaces at its ends stay outside the marks, which would not hold them."""
    if address(span):
        href = address(span)
        return f"[{markdown(span.text)}]({href})" if not href.startswith("#") else markdown(span.text)
    mark = {"strong": "**", "emphasis": "*"}.get(span.style, "")
    core = span.text.strip()
    if not mark or not core:
        return markdown(span.text)
    before, _, after = span.text.partition(core)
    return f"{markdown(before)}{mark}{markdown(core)}{mark}{markdown(after)}"


def _field(text: str, mark: str) -> str:
    return " ".join(part for part in (markdown(text), f"({mark})" if mark else "") if part)


def _row(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"


GROUPS = ("about", "totals", "sizes", "findings", "names")
"""What stands beside the panels; a panel of such a name is called otherwise."""

_HEAD = """\
# {title}: numbers
# Made with Diptych {version}, anew with every report: leave this file as it is.
#
# Quarto, in the front matter or in _quarto.yml, and then in the text:
#   metadata-files: [_numbers.yml]
#   {{{{< meta diptych.PANEL.GIVEN.OUTCOME.percent >}}}}
# or, as _variables.yml of a project, {{{{< var diptych.PANEL.GIVEN.OUTCOME.percent >}}}}.
#
# Names are in small letters, digits and underscores: accents are taken off, all else becomes an underscore, and one
# that begins with a digit gets an n. One without such letters is called by its place (category_3); where a name was
# taken by an earlier one, _2, _3, ... stands behind it. `names` tells the true names, with Markdown escaped.
# Numbers are texts to be printed: counts with their thousands apart, others with three decimals (more where
# they would look like 0 or 1), undefined ones a dash. The data files have them unrounded. What each cell has:
{fields}
# Of panels of more than {many} cells, only cells that the report names are here.
"""

_PUNCTUATION = re.compile(r"[!-$&-+\--/:-@\[-`{-~]")


def render_quarto(document: Document) -> dict[str, bytes]:
    """Return `_numbers.yml`."""
    numbers = paper_numbers(document)
    panels = slugs((panel.id for panel in numbers.panels), GROUPS)
    findings = slugs(numbers.findings)
    about = {
        "title": markdown_text(document.title),
        "date": formats.date(document.date) if document.date else formats.DASH,
        "version": markdown_text(document.version),
    }
    cells, totals, sizes, names = {}, {}, {}, {}
    for panel in numbers.panels:
        key, given, outcome = panels[panel.id], slugs(panel.given), slugs(panel.outcome)
        cells[key] = {given[a]: {outcome[b]: _tree(of) for b, of in own.items()} for a, own in panel.cells.items()}
        totals[key] = {"units": text_of(panel.units), "groups": text_of(panel.groups)}
        sizes[key] = {"given": _sizes(panel.given, given), "outcome": _sizes(panel.outcome, outcome)}
        names[key] = {"given": _names(given), "outcome": _names(outcome)}
    content: TextTree = {
        "about": about,
        **cells,
        "totals": totals,
        "sizes": sizes,
        "findings": {findings[name]: _tree(found) for name, found in numbers.findings.items()},
        "names": names | {"findings": _names(findings)},
    }
    head = _HEAD.format(
        title=one_line(document.title),
        version=one_line(document.version),
        fields="\n".join(f"#   {name}: {meaning}" for name, _, meaning in CELL_NUMBERS),
        many=MANY_CELLS,
    )
    return {"_numbers.yml": "".join((head, *yaml_lines({"diptych": content}))).encode()}


def _sizes(sizes: Mapping[str, Number], named: Mapping[str, str]) -> TextTree:
    return {named[name]: text_of(n) for name, n in sizes.items()}


def _tree(tree: Tree) -> TextTree:
    """Return numbers as texts; the p of a test is never printed as 0."""
    return {
        name: _tree(value)
        if isinstance(value, Mapping)
        else formats.p_value(value)
        if name in TESTS and isinstance(value, int | float)
        else text_of(value)
        for name, value in tree.items()
    }


def _names(named: Mapping[str, str]) -> TextTree:
    return {slug: markdown_text(name) for name, slug in named.items()}


def text_of(value: Number) -> str:
    r"""Return a number as it is printed, a name with Markdown escaped, and a dash for what is undefined.

    >>> text_of(12388), text_of(0.2421), text_of("no_given"), text_of(None)
    ('12,388', '0.242', 'no\\_given', '–')
    """
    if value is None:
        return formats.DASH
    if isinstance(value, str):
        return markdown_text(value)
    return formats.count(value) if value == int(value) else decimals(value).replace("-", "−")


def markdown_text(text: str) -> str:
    r"""Return a text that any reader of Markdown prints as it stands: every sign that could mean something is escaped.

    >>> print(markdown_text("a. <b> {{< x >}} 5 %"))
    a\. \<b\> \{\{\< x \>\}\} 5 %
    """
    return _PUNCTUATION.sub(r"\\\g<0>", one_line(text))


def slugs(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return for each name a key of small letters, digits and underscores that begins with a letter; each once.

    >>> slugs(["Time Series", "time-series", "3D", "数据"])
    {'Time Series': 'time_series', 'time-series': 'time_series_2', '3D': 'n3d', '数据': 'category_4'}
    """
    free = Anchors(between="_")
    for name in taken:
        free.new(name)
    return {name: free.new(_slug(name, place)) for place, name in enumerate(names, start=1)}


def _slug(name: str, place: int) -> str:
    words = "_".join(re.findall(r"[a-z0-9]+", unaccented(name).lower())) or f"category_{place}"
    return f"n{words}" if words[0].isdigit() else words
