"""Names of LaTeX macros, and a report's numbers under them, so that a paper's text cannot go stale."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import formats
from ..document import Document, EvidenceNote
from .escape import Raw, latex, one_line
from .numbers import CELL_NUMBERS, TESTS, Number, PanelNumbers, PaperNumbers, Tree, decimals

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

_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True)
class Macro:
    """A macro without its backslash, and the LaTeX that it stands for."""

    name: str
    body: Raw


@dataclass(frozen=True)
class MacroGroup:
    """Macros about one thing; `about` is a comment that says which, `renamed` whether their name was taken."""

    about: str
    renamed: bool
    macros: tuple[Macro, ...]


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


def number_macros(
    document: Document, numbers: PaperNumbers, notes: Mapping[str, EvidenceNote], names: MacroNames
) -> tuple[MacroGroup, ...]:
    r"""Return the macros of the report, of each panel and its cells in declared order, and of findings.

    A name is `\Diptych` and what it is about, each word in letters alone ("left", "NLP", "Time Series" give
    `\DiptychLeftNlpTimeSeries`), then an ending. Where that is taken, "Alt", "AltAlt", ... stands before the ending.
    `notes` are those of evidence by id: their titles say what a finding is about.
    """
    write = _Writer(names, document.language)
    groups = [write.report(document)]
    for panel in numbers.panels:
        groups += write.panel(panel)
    for panel in numbers.panels:
        groups += write.cells(panel)
    for name, tree in numbers.findings.items():
        note = notes.get(f"evidence.{name}")
        groups.append(write.finding(name, note.title if note else "", tree))
    return tuple(groups)


class _Writer:
    """Writes groups of macros under names that are free."""

    def __init__(self, names: MacroNames, language: str) -> None:
        self._names = names
        self._language = language

    def report(self, document: Document) -> MacroGroup:
        date = UNDEFINED if document.date is None else Raw(latex(formats.date(document.date, self._language)))
        bodies = {"Title": Raw(latex(document.title)), "Date": date, "Version": Raw(latex(document.version))}
        return self._group("the report; its date is that of the data", "Diptych", bodies)

    def panel(self, panel: PanelNumbers) -> Iterator[MacroGroup]:
        base = "Diptych" + letters_of(panel.id)
        bodies = {"Units": number_text(panel.units), "Groups": number_text(panel.groups)}
        yield self._group(f"{panel.id}: how many {panel.unit}, and groups of them", base, bodies)
        for role, sizes in (("Given", panel.given), ("Outcome", panel.outcome)):
            yield self._sizes(f"{panel.id}: {panel.unit} with each {role.lower()} category", base + role, sizes)

    def _sizes(self, about: str, base: str, sizes: Mapping[str, Number]) -> MacroGroup:
        wanted = [base + _category(category, tuple(sizes)) for category in sizes]
        names = [self._names.new(name) for name in wanted]
        macros = tuple(Macro(name, number_text(n)) for name, n in zip(names, sizes.values(), strict=True))
        return MacroGroup(one_line(f"{about}, in this order: {', '.join(sizes)}"), names != wanted, macros)

    def cells(self, panel: PanelNumbers) -> Iterator[MacroGroup]:
        some = {name for name in SOMETIMES for cell in panel.cells if cell.numbers[name] is not None}
        shown = [name for name in ENDINGS if name not in SOMETIMES or name in some]
        for cell in panel.cells:
            bodies = {ENDINGS[name]: _of_cell(name, cell.numbers[name]) for name in shown}
            base = "Diptych" + letters_of(panel.id) + _category(cell.given, tuple(panel.given))
            base += _category(cell.outcome, tuple(panel.outcome))
            yield self._group(f"{panel.id}: {cell.given} -> {cell.outcome} ({cell.numbers['state']})", base, bodies)

    def finding(self, name: str, title: str, tree: Tree) -> MacroGroup:
        base = "DiptychFinding" + letters_of(name)
        about = f"finding {name}" + (f" ({title.rstrip('.')})" if title else "")
        return self._group(about, base, dict(_leaves(tree)))

    def _group(self, about: str, base: str, bodies: Mapping[str, Raw]) -> MacroGroup:
        name = self._names.new(base, tuple(bodies))
        macros = tuple(Macro(name + ending, body) for ending, body in bodies.items())
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
