"""Numbers of a report for use in the text of a paper: as a format-independent tree, and as LaTeX macros."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from ... import formats
from ...cells import Cell, CellRef, Panel
from ...document.model import Document
from ...renderers.outline import refs_of
from ...renderers.plain import plain
from ...theme import Raw, one_line
from .escapes import latex

MANY_CELLS = 400
"""In a panel with more cells than this, only cells mentioned in the report have numbers."""

Number = int | float | str | None
"""A number or a related text, or None if it is undefined."""

Tree = Mapping[str, "Number | Tree"]
"""Numbers by name."""

CELL_NUMBERS = (
    ("value", "value", "the panel's measure"),
    ("low", "low", "the lower end of its interval"),
    ("high", "high", "the upper end"),
    ("percent", None, "the value in whole percent as text, where the measure is a share"),
    ("range", None, "its interval in percent as text"),
    ("count", "n_joint", "units with both categories"),
    ("given", "n_given", "units with the given category"),
    ("outcome", "n_outcome", "units with the outcome category"),
    ("baseline", "baseline", "share of the outcome category among all units"),
    ("lift", "lift", "count over what would be expected were the two unrelated"),
    ("lift_within", "lift_within_strata", "the same, expected within strata"),
    ("q_value", "q_value", "of the test of no association, among pairs of different categories or along the diagonal"),
    ("state", "state", "measured, few, no_given, no_outcome or masked"),
)
"""The numbers of each cell: name, attribute of `Cell` (None: computed here), and meaning."""

_AS_MACROS = [number for number in CELL_NUMBERS if number[0] != "state"]

SOMETIMES = ("percent", "range", "lift_within", "q_value")
"""Numbers left out if no cell of the panel has them: the measure is not a share, or nothing is stratified or tested."""

_TESTS = frozenset({"p_value", "q_value"})
"""Names of the p and q of tests, which `formats.p_value` formats."""

_MOST_DECIMALS = 9
_SHARES = frozenset({"share", "other", "chance", "within", "low", "high", "rest"})
"""Numbers of statements that are shares of units."""


@dataclass(frozen=True, slots=True)
class PanelNumbers:
    """The numbers of a panel: units, groups (None if units are treated as independent), categories and cells.

    `given` and `outcome` are the sizes of categories in declared order. `cells` are by given and outcome category, each
    with its numbers by the names in CELL_NUMBERS.
    """

    id: str
    unit: str
    units: Number
    groups: Number
    given: Mapping[str, Number]
    outcome: Mapping[str, Number]
    cells: Mapping[str, Mapping[str, Mapping[str, Number]]]


@dataclass(frozen=True, slots=True)
class PaperNumbers:
    """All numbers of a report. `statements` are the reported statements, by the id that sentences refer to."""

    panels: tuple[PanelNumbers, ...]
    statements: Mapping[str, Tree]


def paper_numbers(document: Document) -> PaperNumbers:
    """Return the numbers of every panel and of every statement that the report tells.

    For a panel with more than MANY_CELLS cells, only cells in sentences or tables are included.
    """
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    named = refs_of(document)
    return PaperNumbers(
        panels=tuple(_panel(panel, named) for panel in panels.values()),
        statements=dict(_statements(document)),
    )


def _panel(panel: Panel, named: frozenset[CellRef]) -> PanelNumbers:
    there = {(ref.given, ref.outcome) for ref in named if ref.panel == panel.id}
    is_whole = len(panel.cells) <= MANY_CELLS
    is_share = (panel.measure.lower, panel.measure.upper) == (0, 1)
    cells: dict[str, dict[str, dict[str, Number]]] = {}
    for place, (given, outcome) in enumerate(product(panel.given_categories, panel.outcome_categories)):
        if is_whole or (given, outcome) in there:
            cells.setdefault(given, {})[outcome] = _of_cell(panel.cells[place], is_share=is_share)
    return PanelNumbers(
        id=panel.id,
        unit=panel.unit.plural,
        units=_number(panel.n_units),
        groups=panel.n_groups,
        given=_sizes(panel.given_categories, panel.column("n_given")[:: len(panel.outcome_categories)]),
        outcome=_sizes(panel.outcome_categories, panel.column("n_outcome")),
        cells=cells,
    )


def _sizes(categories: Sequence[str], sizes: Sequence[float | None]) -> dict[str, Number]:
    return {name: _number(size) for name, size in zip(categories, sizes, strict=False)}


def _of_cell(cell: Cell, *, is_share: bool) -> dict[str, Number]:
    texts = {"percent": _percent(cell.value), "range": _range(cell.low, cell.high)} if is_share else {}
    return {
        name: texts.get(name) if attribute is None else _number(getattr(cell, attribute))
        for name, attribute, _ in CELL_NUMBERS
    }


def _statements(document: Document) -> Iterator[tuple[str, Tree]]:
    """Yield the reported statements. With several figures, names begin with the name of the figure."""
    several = len({one["figure"] for one in document.statements}) > 1
    for one in document.statements:
        numbers = dict(_numbers(one)) if one["told"] == "told" else {}
        if numbers:
            yield (f"{one['figure']}.{one['id']}" if several else one["id"]), numbers


def _numbers(one: Mapping[str, Any]) -> Iterator[tuple[str, Number | Tree]]:
    """Yield the numbers of a statement by name. A share also has its percentage as text. Lists are left out."""
    for name, value in one["numbers"].items():
        if isinstance(value, bool | str | list) or value is None:
            continue
        yield name, _number(value)
        if name in _SHARES:
            yield f"{name}_percent", _percent(value)
    if "interval" in one:
        low, high = one["interval"]
        yield from (("interval_low", _number(low)), ("interval_high", _number(high)))
        yield from (("p_value", _number(one["p"])), ("q_value", _number(one["q"])))


def _number(value: float | str | None) -> Number:
    """Return a number as in data files: whole numbers as integers, None if it is not finite."""
    return cast("Number", plain(value))


def _percent(value: float | None) -> str | None:
    return None if _number(value) is None or value is None else formats.percent(round(value, 12))


def _range(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else formats.percent_range(low, high)


def decimals(value: float) -> str:
    """Return a fractional number with three decimals, and more if it would look like 0 or 1.

    >>> decimals(0.98128), decimals(0.00042), decimals(0.99997)
    ('0.981', '0.0004', '0.99997')
    """
    texts = [f"{value:.{digits}f}" for digits in range(3, _MOST_DECIMALS + 1)]
    return next((text for text in texts if abs(float(text)) not in (0, 1)), texts[0])


UNDEFINED = Raw(r"\DiptychUndefined{}")
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def letters_of(name: str) -> str:
    """Return a name in ASCII letters, each word capitalised. Digits are spelled out, accents are removed.

    >>> letters_of("Time Series"), letters_of("NLP"), letters_of("hub_9"), letters_of("Bücher"), letters_of("数据")
    ('TimeSeries', 'Nlp', 'HubNine', 'Bucher', '')
    """
    return "".join(_words(unaccented(name)))


def unaccented(text: str) -> str:
    """Return text without accents, with composed letters separated.

    >>> unaccented("Bücher")
    'Bucher'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z]+|[0-9]", text):
        yield _DIGITS[int(word)] if word.isdigit() else word.capitalize()


class MacroNames:
    """Registry of macro names, each used once."""

    def __init__(self, reserved: Container[str] = ()) -> None:
        """Reserve the `reserved` names."""
        self._reserved = reserved
        self._taken: set[str] = set()

    def new(self, base: str, endings: Sequence[str] = ("",)) -> str:
        """Return `base`, with "Alt" appended until all its endings are free; reserve these names."""
        name = base
        while any(name + ending in self._taken or name + ending in self._reserved for ending in endings):
            name += "Alt"
        self._taken.update(name + ending for ending in endings)
        return name


@dataclass(frozen=True)
class MacroGroup:
    """Macros about one subject. `about` is a comment with the subject, `renamed` is true if the name was taken."""

    about: str
    renamed: bool
    macros: tuple[tuple[str, Raw], ...]


class MacroWriter:
    r"""Writer of groups of macros under free names.

    A name is `\Diptych`, the subject with each word in letters only ("left", "NLP", "Time Series" give
    `\DiptychLeftNlpTimeSeries`), and an ending. If the name is taken, "Alt", "AltAlt", ... is inserted before the
    ending.
    """

    def __init__(self, names: MacroNames) -> None:
        """Start with a registry of names."""
        self._names = names

    def groups(self, document: Document, numbers: PaperNumbers) -> Iterator[MacroGroup]:
        """Yield the macros of the report, of each panel and its cells in declared order, and of statements."""
        date = Raw(latex(formats.date(document.date, document.language))) if document.date else UNDEFINED
        bodies = {"Title": Raw(latex(document.title)), "Date": date, "Version": Raw(latex(document.version))}
        yield self._group("the report; its date is that of the data", "Diptych", bodies)
        for panel in numbers.panels:
            yield from self._panel(panel)
        for panel in numbers.panels:
            yield from self._cells(panel)
        for name, tree in numbers.statements.items():
            yield self._group(f"statement {name}", "DiptychStatement" + letters_of(name), dict(_leaves(tree)))

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
        shown = [name for name, _, _ in _AS_MACROS if name not in SOMETIMES or name in some]
        for given, outcome, cell in cells:
            bodies = {ending(name): _text_of(name, cell[name]) for name in shown}
            base = "Diptych" + letters_of(panel.id) + _category(given, tuple(panel.given))
            base += _category(outcome, tuple(panel.outcome))
            yield self._group(f"{panel.id}: {given} -> {outcome} ({cell['state']})", base, bodies)

    def _group(self, about: str, base: str, bodies: Mapping[str, Raw]) -> MacroGroup:
        name = self._names.new(base, tuple(bodies))
        macros = tuple((name + ending, body) for ending, body in bodies.items())
        return MacroGroup(one_line(about), name != base, macros)


def _category(name: str, categories: Sequence[str]) -> str:
    """Return a category in letters. A category without letters is named by its position in the declared order."""
    return letters_of(name) or "Category" + letters_of(str(categories.index(name) + 1))


def _text_of(name: str, value: Number) -> Raw:
    """Return a number as text. The p of a test is never printed as 0."""
    if name in _TESTS and isinstance(value, int | float):
        return Raw(latex(formats.p_value(value)))
    return number_text(value)


def _leaves(tree: Tree) -> Iterator[tuple[str, Raw]]:
    """Yield the numbers of a tree by their names in letters. `value` takes the name of its parent."""
    for key, value in tree.items():
        name = ending(key)
        if isinstance(value, Mapping):
            yield from ((name + inner, body) for inner, body in _leaves(value))
        else:
            yield name, _text_of(key, value)


def number_text(value: Number) -> Raw:
    r"""Return a number as LaTeX: whole numbers exactly, others with three decimals. Texts are escaped.

    There are more decimals if the number would look like 0 or 1 but is neither. Undefined numbers are
    \DiptychUndefined.

    >>> print(number_text(4285), number_text(0.98128), number_text(0.00042), number_text("a_b"), number_text(None))
    4285 0.981 0.0004 a\_b \DiptychUndefined{}
    """
    if isinstance(value, str):
        return Raw(latex(value))
    if value is None:
        return UNDEFINED
    return Raw(int(value) if value == int(value) else decimals(value))


def endings() -> Iterator[tuple[str, str]]:
    """Yield the ending of each macro of a cell with its meaning."""
    for name, _, meaning in _AS_MACROS:
        yield ending(name) or "(none)", meaning


def ending(name: str) -> str:
    """Return the ending of a number's macro. `value` takes the name of its parent."""
    return "" if name == "value" else letters_of(name)
