"""The numbers, tables and figures of a report by name, as data for papers.

A name is a path such as "left/NLP/CV/percent". It has the same meaning in LaTeX, Typst and JSON.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from ... import formats
from ...cells import Cell, CellRef, Panel
from ...document import Column, Document, FigureBlock, Sentence, TableBlock
from ...figures.heatmap import alt_text
from ...renderers import has_panel_files
from ...renderers.outline import Plain, blocks_of, dated, plain, refs_of, table_blocks
from ...theme import one_line

MANY_CELLS = 400
"""In a panel with more cells than this, only cells mentioned in the report have numbers."""

CELL_NUMBERS = {
    "value": "value",
    "low": "low",
    "high": "high",
    "count": "n_joint",
    "given": "n_given",
    "outcome": "n_outcome",
    "baseline": "baseline",
    "lift": "lift",
    "lift_within": "lift_within_strata",
    "q_value": "q_value",
    "state": "state",
}
"""The numbers of each cell by name, with their attributes of `Cell`. Shares have `percent` and `range` as well."""

_MOST_DECIMALS = 9
_NOT_IN_NAMES = re.compile(r"[\\{}%#~^/]")
_SHARES = frozenset({"share", "other", "chance", "within", "low", "high", "rest"})
"""Numbers of statements that are shares of units."""

Content = dict[str, dict[str, Any]]


def paper_content(document: Document) -> Content:
    """Return `numbers`, `tables` and `figures`, each by name.

    A number is its `value` (unrounded, None if undefined) and its `text`. Of a panel with more than MANY_CELLS cells,
    only cells in sentences or tables are included, and it has no table.
    """
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    named = refs_of(document)
    date = formats.date(document.date, document.language) if document.date else None
    numbers: dict[str, Plain] = {"title": document.title, "date": date, "version": document.version}
    for panel in panels.values():
        numbers.update(_panel_numbers(panel, named))
    numbers.update(_statement_numbers(document))
    small = (_panel_table(panel) for panel in panels.values() if len(panel.cells) <= MANY_CELLS)
    return {
        "numbers": {name: {"value": value, "text": number_text(name, value)} for name, value in numbers.items()},
        "tables": {name_of(block.id): _table(block) for block in (*table_blocks(document), *small)},
        "figures": dict(_figures(document)),
    }


def name_of(label: str) -> str:
    r"""Return a label as a part of a name, with hyphens for the characters that TeX or a path treats differently.

    >>> print(name_of("Time Series"), name_of("100 % R&D_a/b"), name_of("\\x{y}"), sep=" | ")
    Time Series | 100 - R&D_a-b | -x-y-
    """
    return _NOT_IN_NAMES.sub("-", one_line(unicodedata.normalize("NFC", label)).strip())


def _names_of(labels: Iterable[str]) -> dict[str, str]:
    """Return the names of the labels of one axis. A name that is already taken gets a number."""
    found: dict[str, str] = {}
    for label in labels:
        name, n = name_of(label), 1
        while name in found.values():
            n += 1
            name = f"{name_of(label)}-{n}"
        found[label] = name
    return found


def _panel_numbers(panel: Panel, named: frozenset[CellRef]) -> Iterator[tuple[str, Plain]]:
    yield f"{panel.id}/units", plain(panel.n_units)
    yield f"{panel.id}/groups", panel.n_groups
    givens, outcomes = _names_of(panel.given_categories), _names_of(panel.outcome_categories)
    for place, name in enumerate(givens.values()):
        yield f"{panel.id}/given/{name}", plain(panel.cells[place * len(outcomes)].n_given)
    for place, name in enumerate(outcomes.values()):
        yield f"{panel.id}/outcome/{name}", plain(panel.cells[place].n_outcome)
    for cell, (given, outcome) in zip(panel.cells, product(givens, outcomes), strict=True):
        if len(panel.cells) <= MANY_CELLS or CellRef(panel.id, given, outcome) in named:
            for number, value in _cell_numbers(cell, is_share=_is_share(panel)):
                yield f"{panel.id}/{givens[given]}/{outcomes[outcome]}/{number}", value


def _cell_numbers(cell: Cell, *, is_share: bool) -> Iterator[tuple[str, Plain]]:
    for name, attribute in CELL_NUMBERS.items():
        yield name, plain(getattr(cell, attribute))
    if is_share:
        yield "percent", _percent(cell.value)
        yield "range", None if cell.low is None or cell.high is None else formats.percent_range(cell.low, cell.high)


def _is_share(panel: Panel) -> bool:
    return (panel.measure.lower, panel.measure.upper) == (0, 1)


def _percent(value: float | None) -> str | None:
    return None if plain(value) is None or value is None else formats.percent(round(value, 12))


def _statement_numbers(document: Document) -> Iterator[tuple[str, Plain]]:
    """Yield the numbers of told statements, without lists. With several figures, names begin with the figure's id."""
    several = len({one["figure"] for one in document.statements}) > 1
    for one in document.statements:
        if one["told"] == "told":
            start = f"statement/{name_of(one['figure'])}/" if several else "statement/"
            for name, value in _numbers(one):
                yield f"{start}{name_of(one['id'])}/{name}", value


def _numbers(one: Mapping[str, Any]) -> Iterator[tuple[str, Plain]]:
    for name, value in one["numbers"].items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, plain(value)
            if name in _SHARES:
                yield f"{name}_percent", _percent(value)
    if "interval" in one:
        ends = zip(("interval_low", "interval_high"), one["interval"], strict=True)
        yield from ((name, plain(end)) for name, end in ends)
        yield from (("p_value", plain(one["p"])), ("q_value", plain(one["q"])))


def number_text(name: str, value: Plain) -> str:
    """Return a number as text: whole numbers with grouped thousands, others with three decimals, texts unchanged.

    There are more decimals if the number would look like 0 or 1 but is neither. The p of a test is never printed as 0.

    >>> number_text("left/units", 4285), number_text("left/a/b/lift", 0.00042), number_text("left/a/b/low", None)
    ('4,285', '0.0004', '–')
    """
    if not isinstance(value, int | float):
        return str(value or "–")
    if name.endswith(("/p_value", "/q_value")):
        return formats.p_value(value)
    if value == int(value):
        return formats.count(value) if value >= 0 else formats.decimal(value, 0)
    texts = [formats.decimal(value, digits) for digits in range(3, _MOST_DECIMALS + 1)]
    return next((text for text in texts if text.strip("−0.") not in ("", "1")), texts[0])


def _panel_table(panel: Panel) -> TableBlock:
    """Return the values of a panel as a table: in percent if they are shares, with dashes where nothing is measured."""

    def text(cell: Cell) -> str:
        if cell.state not in ("measured", "uncertain"):
            return "–"
        return (_percent(cell.value) if _is_share(panel) else number_text("", plain(cell.value))) or "–"

    label = panel.measure.label
    columns = (Column(panel.given.label), *(Column(name, "right") for name in panel.outcome_categories))
    rows = tuple((given, *map(text, panel.row(given))) for given in panel.given_categories)
    caption = f"{label[:1].upper()}{label[1:]} by {panel.given.label} (rows) and {panel.outcome.label} (columns)."
    return TableBlock(panel.id, caption, columns, rows)


def _table(block: TableBlock) -> dict[str, Any]:
    return {
        "caption": one_line(block.caption),
        "heads": [one_line(column.header) for column in block.columns],
        "align": [column.align for column in block.columns],
        "rows": [[one_line(field) for field in row] for row in block.rows],
    }


def _figures(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the figures, and the panels that have a file of their own."""
    for block in blocks_of(document):
        if isinstance(block, FigureBlock):
            figure = document.figure(block.id)
            parts = [*map(_text, block.caption), dated(document)]
            caption = " ".join(part for part in parts if part)
            yield figure.id, {"title": one_line(figure.title), "caption": caption, "alt": one_line(block.alt)}
            for panel in figure.shown if has_panel_files(figure.shown) else ():
                title = f"{figure.title}: {panel.given_title} → {panel.outcome_title}"
                yield (
                    f"{figure.id}-{panel.id}",
                    {"title": one_line(title), "caption": caption, "alt": one_line(alt_text((panel,)))},
                )


def _text(sentence: Sentence) -> str:
    return one_line(sentence.text)
