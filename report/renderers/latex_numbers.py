"""numbers.tex: one LaTeX macro for each number of each cell, so that a paper's text cannot go stale."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from report.cells import Cell, CellRef, Panel
from report.renderers.escape import Raw, one_line

_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
UNDEFINED = Raw(r"\DiptychUndefined{}")

MANY_CELLS = 900

NUMBERS = (
    ("", "value"),
    ("Low", "low"),
    ("High", "high"),
    ("Count", "n_joint"),
    ("Given", "n_given"),
    ("Outcome", "n_outcome"),
    ("Baseline", "baseline"),
    ("Lift", "lift"),
)
"""The ending of each macro, and the attribute of `Cell` that it holds."""


@dataclass(frozen=True)
class Macro:
    """A macro without its backslash, and the LaTeX that it stands for."""

    name: str
    body: Raw


@dataclass(frozen=True)
class CellMacros:
    """The macros of one cell; `about` is a comment that says which cell, and `renamed` whether its name was taken."""

    about: str
    renamed: bool
    macros: tuple[Macro, ...]


def cell_macros(panels: Sequence[Panel], named: frozenset[CellRef] = frozenset()) -> tuple[CellMacros, ...]:
    r"""Return the macros of all panels, in panel and declared order.

    Of a panel of more than MANY_CELLS only the cells in `named` have any: TeX has room for some 100,000.

    A name is `\Diptych` + panel + given + outcome + ending, each in letters alone ("left", "NLP", "Time Series"
    give `\DiptychLeftNlpTimeSeries`). Where that is taken, "Alt", "AltAlt", ... is put before the ending.
    Shares and ratios are rounded to three decimals, counts are exact; what is undefined is \DiptychUndefined.
    """
    taken: set[str] = set()
    return tuple(
        _of_cell(panel, cell, taken)
        for panel in panels
        for cell in panel.cells
        if len(panel.cells) <= MANY_CELLS or CellRef(panel.id, cell.given, cell.outcome) in named
    )


def _of_cell(panel: Panel, cell: Cell, taken: set[str]) -> CellMacros:
    base = "Diptych" + letters_of(panel.id)
    base += _category(cell.given, panel.given_categories) + _category(cell.outcome, panel.outcome_categories)
    name = base
    while any(name + ending in taken for ending, _ in NUMBERS):
        name += "Alt"
    macros = tuple(Macro(name + ending, _number(getattr(cell, attribute))) for ending, attribute in NUMBERS)
    taken.update(macro.name for macro in macros)
    about = one_line(f"{panel.id}: {cell.given} -> {cell.outcome} ({cell.state})")
    return CellMacros(about, name != base, macros)


def _category(name: str, categories: Sequence[str]) -> str:
    """Return a category in letters; one without any is called by its place in the declared order."""
    return letters_of(name) or "Category" + letters_of(str(categories.index(name) + 1))


def letters_of(name: str) -> str:
    """Return a name in ASCII letters, each word with a capital; digits are spelled, accents taken off.

    >>> letters_of("Time Series"), letters_of("NLP"), letters_of("hub_9"), letters_of("Bücher"), letters_of("数据")
    ('TimeSeries', 'Nlp', 'HubNine', 'Bucher', '')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return "".join(_words(plain))


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z]+|[0-9]", text):
        yield _DIGITS[int(word)] if word.isdigit() else word.capitalize()


def _number(value: float | None) -> Raw:
    if value is None or not math.isfinite(value):
        return UNDEFINED
    return Raw(int(value) if value == int(value) else f"{value:.3f}")
