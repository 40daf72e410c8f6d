"""Evaluate expressions of authored text, and record for each claim whether it is true, and if not, why."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from jinja2 import nodes

from ... import formats
from ...cells import CellRef, Estimate, Panel
from ...document.passages import Claim
from ...errors import Note
from .functions import FUNCTIONS, PREDICATES, as_number, units_of
from .values import AuthorError, CellValue, Material, Name, Number, Row, Thing, Words, cell_of, combine, negated, row_of

Loops = Mapping[str, str]
"""The names bound by loops, with the current category of each."""

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}

_ARITHMETIC: Mapping[type[nodes.Expr], str] = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/"}


def evaluate(node: nodes.Node, material: Material, loops: Loops) -> Thing:
    """Return the value of an expression. Raises Wrong if it has none, whatever the data."""
    if isinstance(node, nodes.Const):
        return _constant(node.value)
    if isinstance(node, nodes.Name):
        return _named(node.name, material, loops)
    if isinstance(node, nodes.Getitem):
        return _item(node, material, loops)
    if isinstance(node, nodes.Call):
        return _called(node, material, loops)
    if isinstance(node, nodes.Neg | nodes.Pos):
        number = as_number(evaluate(node.node, material, loops))
        return negated(number) if isinstance(node, nodes.Neg) else number
    if isinstance(node, nodes.BinExpr) and type(node) in _ARITHMETIC:
        first, second = (as_number(evaluate(side, material, loops)) for side in (node.left, node.right))
        return combine(first, _ARITHMETIC[type(node)], second)
    raise AuthorError("this stands for no value; comparisons belong into claims")


def _constant(value: object) -> Thing:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return Name(value, constant=True)
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise AuthorError("a number is too large")
        return Number(Estimate(number), constant=True)
    raise AuthorError("none stands for no value")


def _named(name: str, material: Material, loops: Loops) -> Thing:
    if name in loops:
        return Name(loops[name])
    if name in material.panels:
        return material.panels[name]
    if name == "date":
        if material.date is None:
            return Number(None, reason="the report has no date")
        return Words(formats.date(material.date, material.language))
    if name == "units":
        return _all_units(material)
    usage = FUNCTIONS[name].usage if name in FUNCTIONS else PREDICATES[name]
    raise AuthorError(f"{name} is a function: {usage}")


def _all_units(material: Material) -> Number:
    panels = list(material.panels.values())
    if len({panel.relation for panel in panels}) > 1:
        raise AuthorError(f"there are several relations; write units({panels[0].id})")
    return units_of(panels[0])


def _item(node: nodes.Getitem, material: Material, loops: Loops) -> Thing:
    panel = evaluate(node.node, material, loops)
    if not isinstance(panel, Panel):
        raise AuthorError("only a panel has cells")
    inside = node.arg.items if isinstance(node.arg, nodes.Tuple) else [node.arg]
    names = [evaluate(item, material, loops) for item in inside]
    if not 1 <= len(names) <= 2 or not all(isinstance(name, Name) for name in names):
        raise AuthorError(f'cells are written {panel.id}["given", "outcome"]')
    texts = [name for name in names if isinstance(name, Name)]
    if len(texts) == 1:
        given = texts[0]
        return row_of(panel, given.text) if given.text is not None else Row(panel, "", given.reason)
    unknown = next((name for name in texts if name.text is None), None)
    first, second = (name.text or "" for name in texts)
    found = cell_of(panel, first, second)
    return found if unknown is None else CellValue(panel, found.ref, None, unknown.reason)


def _called(node: nodes.Call, material: Material, loops: Loops) -> Thing:
    assert isinstance(node.node, nodes.Name)  # noqa: S101 - parsing has seen to it
    name = node.node.name
    if name not in FUNCTIONS:
        raise AuthorError(f"{name}(…) is for claims: {{% claim {PREDICATES[name]} %}}")
    positional = [evaluate(argument, material, loops) for argument in node.args]
    named = {pair.key: evaluate(pair.value, material, loops) for pair in node.kwargs}
    return FUNCTIONS[name](material, positional, named)


@lru_cache(maxsize=4096)
def spell(node: nodes.Node) -> str:
    """Return an expression in the author's syntax; cached, because claims within loops are spelt often."""
    return next((words(node) for sort, words in _SPELT if isinstance(node, sort)), "…")


def _compared(node: nodes.Compare) -> str:
    return spell(node.expr) + "".join(f" {OPERATORS.get(op.op, op.op)} {spell(op.expr)}" for op in node.ops)


_SPELT: Sequence[tuple[type[nodes.Node], Callable[[Any], str]]] = (
    (nodes.Const, lambda node: json.dumps(node.value, ensure_ascii=False)),
    (nodes.Name, lambda node: node.name),
    (nodes.Getitem, lambda node: f"{spell(node.node)}[{spell(node.arg)}]"),
    (nodes.Tuple, lambda node: ",".join(map(spell, node.items))),
    (nodes.Keyword, lambda node: f"{node.key}={spell(node.value)}"),
    (nodes.Call, lambda node: f"{spell(node.node)}({', '.join(map(spell, [*node.args, *node.kwargs]))})"),
    (nodes.Compare, _compared),
    (nodes.Not, lambda node: f"not {spell(node.node)}"),
    (nodes.UnaryExpr, lambda node: f"{node.operator}{spell(node.node)}"),
    (nodes.BinExpr, lambda node: f"({spell(node.left)} {node.operator} {spell(node.right)})"),
)


@dataclass(frozen=True, slots=True)
class Operand:
    """A number in a predicate, with its expression. `estimate` is None if it is undefined."""

    text: str
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The truth of a predicate. `detail` gives the reason if false. `mirrored` marks a comparison of category sizes."""

    holds: bool
    detail: str = ""
    operands: tuple[Operand, ...] = ()
    cells: tuple[CellRef, ...] = ()
    undefined: str = ""
    mirrored: tuple[tuple[CellRef, CellRef], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict(Claim):
    """A claim or value with the numbers of its predicate."""

    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class Unbound:
    """Authored text that reads like a fact about the data but is not bound to them."""

    file: str
    line: int
    column: int
    sort: Literal["number", "superlative", "category with number"]
    text: str

    @property
    def place(self) -> str:
        """Return file, line and column in the format of editors."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class JudgedClaims:
    """All verdicts of a build. `n_values` is the number of values that authored text shows outside claims."""

    verdicts: tuple[Verdict, ...] = ()
    unbound: tuple[Unbound, ...] = ()
    n_values: int = 0
    notes: tuple[Note, ...] = field(default=())

    @property
    def coverage(self) -> float | None:
        """Return the share of statements that are bound (values and claims count as bound), or None without any."""
        bound = self.n_values + sum(verdict.kind == "claim" for verdict in self.verdicts)
        return bound / (bound + len(self.unbound)) if bound + len(self.unbound) else None

    @property
    def false(self) -> tuple[Verdict, ...]:
        """Return claims that are false without an `otherwise`, and values that are not available."""
        return tuple(verdict for verdict in self.verdicts if verdict.fails)


_MOST_DIGITS = 9


def shown(number: Number, digits: int = 2) -> str:
    """Return a defined number for a message: counts as integers, others with decimals.

    >>> shown(Number(Estimate(1805.0), "count")), shown(Number(Estimate(0.912), "share"))
    ('1805', '0.91')
    """
    value = number.value or 0.0
    return str(int(value)) if number.sort == "count" and value == int(value) else rounded(value, digits)


def rounded(value: float, digits: int = 2) -> str:
    """Return a number with decimals, without a sign if it rounds to zero.

    >>> rounded(-0.004), rounded(-0.08)
    ('0.00', '-0.08')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}"


def apart(numbers: tuple[Number, Number]) -> tuple[str, str]:
    """Return two numbers with enough decimals (at least two) to differ. With a count, integers have none.

    >>> apart((Number(Estimate(0.9121)), Number(Estimate(0.9119))))
    ('0.9121', '0.9119')
    >>> apart((Number(Estimate(2.0), "count"), Number(Estimate(1.0), constant=True)))
    ('2', '1')
    """
    first, second = numbers
    if "count" in (first.sort, second.sort) and all(n.value == int(n.value or 0.0) for n in numbers):
        return str(int(first.value or 0.0)), str(int(second.value or 0.0))
    wanted = range(2, _MOST_DIGITS + 1)
    same = first.value == second.value
    digits = 2 if same else next((n for n in wanted if shown(first, n) != shown(second, n)), _MOST_DIGITS)
    return shown(first, digits), shown(second, digits)


def places(found: CellValue, own: Number, not_below: int, others: int, *, lowest: bool) -> str:
    """Return the position of a cell in its row."""
    of = f"of the {others + 1} measured cells given {found.ref.given}"
    before = "lower or equal" if lowest else "higher or equal"
    return f"{shown(own)}; {not_below} {before} {of}"


def ends(low: float, high: float, bound: float) -> str:
    """Return the ends of an interval with enough decimals (at least two) to differ from a bound.

    >>> ends(0.7496, 0.9, 0.75), ends(0.75, 0.9, 0.75)
    ('0.7496 to 0.9000', '0.75 to 0.90')
    >>> ends(12.3, math.inf, 10)
    '12.30 or more'
    """
    near = [end for end in (low, high) if end != bound and not math.isinf(end)]
    wanted = range(2, _MOST_DIGITS + 1)
    digits = next((n for n in wanted if all(rounded(end, n) != rounded(bound, n) for end in near)), _MOST_DIGITS)
    return (
        f"{rounded(low, digits)} or more" if math.isinf(high) else f"{rounded(low, digits)} to {rounded(high, digits)}"
    )
