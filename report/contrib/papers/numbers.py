"""The numbers of a report that the text of a paper may cite: as a tree that knows no format, and as macros of LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import product
from typing import cast

from ...api import (
    Cell,
    CellRef,
    Document,
    Estimate,
    EvidenceNote,
    Finding,
    Panel,
    Raw,
    blocks_of,
    formats,
    one_line,
    plain,
    refs_of,
    sentences_of,
)
from .escapes import latex

MANY_CELLS = 400
"""Of a panel of more cells only those have numbers that the report names."""

Number = int | float | str | None
"""A number, or a text that goes with it; None where it is undefined."""

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
"""What each cell has: its name, the attribute of `Cell` that holds it (None: worked out here), and what it means."""

_AS_MACROS = [number for number in CELL_NUMBERS if number[0] != "state"]

SOMETIMES = ("percent", "range", "lift_within", "q_value")
"""What is left out where no cell of the panel has it: the measure is no share, nothing is stratified or tested."""

TESTS = frozenset({"p_value", "q_value"})
"""Names of the p and q of tests, which are written by `formats.p_value`."""

_MOST_DECIMALS = 9
_NOT_NUMBERS = frozenset({"id", "cells", "null", "strength"})


@dataclass(frozen=True, slots=True)
class PanelNumbers:
    """The numbers of a panel: all units, groups of them (None where they are taken as independent), and these parts.

    `given` and `outcome` are the sizes of categories in declared order; `cells` are by given and outcome category, each
    with its numbers by the names of CELL_NUMBERS.
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
    """All numbers of a report. `findings` are those that sentences rest on, by the id that they point at."""

    panels: tuple[PanelNumbers, ...]
    findings: Mapping[str, Tree]


def paper_numbers(document: Document) -> PaperNumbers:
    """Return the numbers of every panel and of every finding that a sentence of the report rests on.

    Of a panel of more than MANY_CELLS cells only those are there that sentences speak of or tables show.
    """
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    named = refs_of(document)
    return PaperNumbers(
        panels=tuple(_panel(panel, named) for panel in panels.values()),
        findings=dict(_findings(document)),
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


def _findings(document: Document) -> Iterator[tuple[str, Tree]]:
    """Yield the findings that sentences point at; where several parts have one id, their prefix goes before it."""
    cited = {sentence.evidence for block in blocks_of(document) for sentence in sentences_of(block)}
    for found in document.results:
        for figure, finding in found.findings:
            for name in (finding.id, f"{figure}.{found.relation}.{finding.id}"):
                numbers = finding_numbers(finding) if f"evidence.{name}" in cited else {}
                if numbers:
                    yield name, numbers


def finding_numbers(finding: Finding) -> Tree:
    """Return the numbers of a finding by the names of its fields, and the names that go with them.

    An estimate has `value`, `low` and `high`, a record of several numbers its own names. A share has its percent beside
    it as text, and its interval where it has one. Cells are left out, since panels have them, and so are lists, which
    stand in data/findings.json. Nothing is returned where only names are left.
    """
    found = dict(_fields(finding))
    return found if _has_number(found) else {}


def _has_number(tree: Tree) -> bool:
    return any(
        _has_number(value) if isinstance(value, Mapping) else isinstance(value, int | float) for value in tree.values()
    )


def _fields(record: object) -> Iterator[tuple[str, Number | Tree]]:
    for field in fields(cast("Finding", record)):
        value = getattr(record, field.name)
        is_share = field.name.split("_")[-1] == "share"
        if "if_set" in field.metadata and value is None:
            continue
        if field.name in _NOT_NUMBERS or isinstance(value, bool | tuple | Cell):
            continue
        if isinstance(value, Estimate):
            yield field.name, _estimate(value, is_share=is_share)
        elif is_dataclass(value):
            inner = dict(_fields(value))
            if inner:
                yield field.name, inner
        elif value is None or isinstance(value, int | float | str):
            yield field.name, _number(value)
            if is_share and isinstance(value, int | float):
                yield f"{field.name}_percent", _percent(value)


def _estimate(value: Estimate, *, is_share: bool) -> Tree:
    ends = {name: _number(getattr(value, name)) for name in ("value", "low", "high")}
    return ends | {"percent": _percent(value.value), "range": _range(value.low, value.high)} if is_share else ends


def _number(value: float | str | None) -> Number:
    """Return a number as data files have it: whole ones as integers, None where it is not finite."""
    return cast("Number", plain(value))


def _percent(value: float | None) -> str | None:
    return None if _number(value) is None or value is None else formats.percent(round(value, 12))


def _range(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else formats.percent_range(low, high)


def decimals(value: float) -> str:
    """Return a number that is not whole with three decimals, and more where it would look like 0 or 1.

    >>> decimals(0.98128), decimals(0.00042), decimals(0.99997)
    ('0.981', '0.0004', '0.99997')
    """
    texts = [f"{value:.{digits}f}" for digits in range(3, _MOST_DECIMALS + 1)]
    return next((text for text in texts if abs(float(text)) not in (0, 1)), texts[0])


UNDEFINED = Raw(r"\DiptychUndefined{}")
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def letters_of(name: str) -> str:
    """Return a name in ASCII letters, each word with a capital; digits are spelled, accents taken off.

    >>> letters_of("Time Series"), letters_of("NLP"), letters_of("hub_9"), letters_of("Bücher"), letters_of("数据")
    ('TimeSeries', 'Nlp', 'HubNine', 'Bucher', '')
    """
    return "".join(_words(unaccented(name)))


def unaccented(text: str) -> str:
    """Return text without accents, letters that are made of several taken apart.

    >>> unaccented("Bücher")
    'Bucher'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z]+|[0-9]", text):
        yield _DIGITS[int(word)] if word.isdigit() else word.capitalize()


class MacroNames:
    """Names of macros, each given once."""

    def __init__(self, reserved: Container[str] = ()) -> None:
        """Take none of the `reserved` names."""
        self._reserved = reserved
        self._taken: set[str] = set()

    def new(self, base: str, endings: Sequence[str] = ("",)) -> str:
        """Return `base`, with as many "Alt" behind it as it takes for all of its endings to be free; take them."""
        name = base
        while any(name + ending in self._taken or name + ending in self._reserved for ending in endings):
            name += "Alt"
        self._taken.update(name + ending for ending in endings)
        return name


@dataclass(frozen=True)
class MacroGroup:
    """Macros about one thing; `about` is a comment that says which, `renamed` whether their name was taken."""

    about: str
    renamed: bool
    macros: tuple[tuple[str, Raw], ...]


class MacroWriter:
    r"""Writes groups of macros under names that are free.

    A name is `\Diptych` and what it is about, each word in letters alone ("left", "NLP", "Time Series" give
    `\DiptychLeftNlpTimeSeries`), then an ending. Where that is taken, "Alt", "AltAlt", ... stands before the ending.
    """

    def __init__(self, names: MacroNames) -> None:
        """Take names that are not taken yet."""
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
    """Return a category in letters; one without any is called by its place in the declared order."""
    return letters_of(name) or "Category" + letters_of(str(categories.index(name) + 1))


def _text_of(name: str, value: Number) -> Raw:
    """Return a number; the p of a test is never printed as 0."""
    if name in TESTS and isinstance(value, int | float):
        return Raw(latex(formats.p_value(value)))
    return number_text(value)


def _leaves(tree: Tree) -> Iterator[tuple[str, Raw]]:
    """Yield the numbers of a tree by their names in letters; what is called `value` has the name of what holds it."""
    for key, value in tree.items():
        name = ending(key)
        if isinstance(value, Mapping):
            yield from ((name + inner, body) for inner, body in _leaves(value))
        else:
            yield name, _text_of(key, value)


def number_text(value: Number) -> Raw:
    r"""Return a number as LaTeX: whole ones exact, others with three decimals; texts are escaped.

    More decimals where it would look like 0 or 1 and is neither. What is undefined is \DiptychUndefined.

    >>> print(number_text(4285), number_text(0.98128), number_text(0.00042), number_text("a_b"), number_text(None))
    4285 0.981 0.0004 a\_b \DiptychUndefined{}
    """
    if isinstance(value, str):
        return Raw(latex(value))
    if value is None:
        return UNDEFINED
    return Raw(int(value) if value == int(value) else decimals(value))


def endings() -> Iterator[tuple[str, str]]:
    """Yield the ending of each macro of a cell with what it is."""
    for name, _, meaning in _AS_MACROS:
        yield ending(name) or "(none)", meaning


def ending(name: str) -> str:
    """Return how the macro of a number ends; what is called `value` has the name of what holds it."""
    return "" if name == "value" else letters_of(name)
