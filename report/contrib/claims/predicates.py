"""Evaluate expressions and claims of authored text from the numbers of the report.

Any undefined number makes a claim false, even under `not` and `or`, so that an unknown never counts as true.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import ge, gt, le, lt
from typing import Any

from jinja2 import nodes

from ... import formats
from ...cells import Estimate, Panel, Refusal
from ...document import Claim
from ...stats import InferenceSettings
from .differences import PlacedPanel, cell_differences
from .functions import FUNCTIONS, PREDICATES, as_number, units_of
from .telling import says
from .values import (
    TIE,
    AuthorError,
    CellValue,
    Judgement,
    Material,
    MeasuredCell,
    Name,
    Number,
    Operand,
    Row,
    Thing,
    Words,
    cell_of,
    combine,
    negated,
    row_of,
)

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}

_ARITHMETIC: Mapping[type[nodes.Expr], str] = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/"}


def evaluate(node: nodes.Node, material: Material) -> Thing:
    """Return the value of an expression. Raises Wrong if it has none, whatever the data."""
    if isinstance(node, nodes.Const):
        return _constant(node.value)
    if isinstance(node, nodes.Name):
        return _named(node.name, material)
    if isinstance(node, nodes.Getitem):
        return _item(node, material)
    if isinstance(node, nodes.Call):
        return _called(node, material)
    if isinstance(node, nodes.Neg | nodes.Pos):
        number = as_number(evaluate(node.node, material))
        return negated(number) if isinstance(node, nodes.Neg) else number
    if isinstance(node, nodes.BinExpr) and type(node) in _ARITHMETIC:
        first, second = (as_number(evaluate(side, material)) for side in (node.left, node.right))
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


def _named(name: str, material: Material) -> Thing:
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


def _item(node: nodes.Getitem, material: Material) -> Thing:
    panel = evaluate(node.node, material)
    if not isinstance(panel, Panel):
        raise AuthorError("only a panel has cells")
    inside = node.arg.items if isinstance(node.arg, nodes.Tuple) else [node.arg]
    names = [evaluate(item, material) for item in inside]
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


def _called(node: nodes.Call, material: Material) -> Thing:
    assert isinstance(node.node, nodes.Name)  # noqa: S101 - parsing has seen to it
    name = node.node.name
    if name not in FUNCTIONS:
        raise AuthorError(f"{name}(…) is for claims: {{% claim {PREDICATES[name]} %}}")
    positional = [evaluate(argument, material) for argument in node.args]
    named = {pair.key: evaluate(pair.value, material) for pair in node.kwargs}
    return FUNCTIONS[name](material, positional, named)


def spell(node: nodes.Node) -> str:
    """Return an expression in the author's syntax."""
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
class Verdict(Claim):
    """A claim or value with the numbers of its predicate."""

    operands: tuple[Operand, ...] = ()


_MOST_DIGITS = 9


def texts_of(*values: float, whole: bool = False) -> list[str]:
    """Return numbers as text for a message, with enough decimals (at least two) to tell different ones apart.

    With `whole`, integers have no decimals. A number that rounds to zero has no sign.

    >>> texts_of(0.9121, 0.9119), texts_of(2.0, 1.0, whole=True), texts_of(-0.004)
    (['0.9121', '0.9119'], ['2', '1'], ['0.00'])
    """
    if whole and all(value == int(value) for value in values):
        return [str(int(value)) for value in values]
    n_different = len({round(value, _MOST_DIGITS) for value in values})
    texts: list[str] = []
    for digits in range(2, _MOST_DIGITS + 1):
        texts = [f"{round(value, digits) + 0.0:.{digits}f}" for value in values]
        if len(set(texts)) >= n_different:
            break
    return texts


def interval_text(low: float, high: float, bound: float) -> str:
    """Return an interval with enough decimals for its ends to differ from a bound.

    >>> interval_text(0.7496, 0.9, 0.75), interval_text(12.3, math.inf, 10)
    ('0.7496 to 0.9000', '12.30 or more')
    """
    if math.isinf(high):
        return f"{texts_of(low, bound)[0]} or more"
    return " to ".join(texts_of(low, high, bound)[:2])


MOST_DIFFERENCES = 1000
"""Maximum number of pairs of cells with a difference."""


@dataclass(eq=False)
class Differences:
    """Differences of pairs of cells, each computed once. `sources` contains the panels with counts, by id."""

    sources: Mapping[str, PlacedPanel]
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    _known: dict[tuple[MeasuredCell, MeasuredCell], Estimate | Refusal] = field(default_factory=dict)

    def of(self, first: MeasuredCell, second: MeasuredCell) -> Estimate | Refusal:
        """Return `first` minus `second` with its interval, or the reason why there is none."""
        sources = [self.sources.get(cell.ref.panel) for cell in (first, second)]
        if sources[0] is None or sources[1] is None or sources[0].incidence is not sources[1].incidence:
            return Refusal("the two are not counted over the same units")
        if (first, second) not in self._known:
            if len(self._known) >= MOST_DIFFERENCES:
                return Refusal(f"more than {MOST_DIFFERENCES:,} differences are asked for")
            pair = (sources[0], first.ref, first.measure), (sources[1], second.ref, second.measure)
            [found] = cell_differences([pair], self.inference.level)
            has_interval = math.isfinite(found.value) and found.low is not None and found.high is not None
            self._known[first, second] = found if has_interval else Refusal("the difference has no interval")
        return self._known[first, second]


_NUMBERS: Mapping[str, Callable[[float, float], bool]] = {
    "eq": lambda a, b: abs(a - b) <= TIE,
    "ne": lambda a, b: abs(a - b) > TIE,
    "lt": lambda a, b: b - a > TIE,
    "gt": lambda a, b: a - b > TIE,
    "lteq": lambda a, b: a - b <= TIE,
    "gteq": lambda a, b: b - a <= TIE,
}
"""Comparisons. Numbers that differ by at most TIE are equal, so neither is greater."""


_COMPARED: Mapping[str, Callable[[float, float], bool]] = {"lt": lt, "lteq": le, "gt": gt, "gteq": ge}


@dataclass(frozen=True)
class Judge:
    """Evaluator of predicates over the numbers of a report."""

    material: Material
    differences: Differences

    def __call__(self, node: nodes.Node) -> Judgement:
        """Return whether a predicate is true, and if not, why.

        Raises Wrong if the node is not a predicate, or only has constants.
        """
        found = self._judge(node)
        return replace(found, holds=False, detail=found.undefined) if found.undefined else found

    def _judge(self, node: nodes.Node) -> Judgement:
        if isinstance(node, nodes.Not):
            inner = self._judge(node.node)
            return replace(inner, holds=not inner.holds)
        if isinstance(node, nodes.And | nodes.Or):
            both = [self._judge(node.left), self._judge(node.right)]
            return _joined(both, all if isinstance(node, nodes.And) else any)
        if isinstance(node, nodes.Compare):
            return _joined([self._compared(*pair) for pair in _pairs(node)], all)
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in PREDICATES:
            return self._called(node.node.name, node)
        raise AuthorError(f"{spell(node)} is no predicate; compare it, or write {PREDICATES['surely']}")

    def _thing(self, node: nodes.Node) -> Thing:
        return evaluate(node, self.material)

    def _compared(self, left: nodes.Expr, operator: str, right: nodes.Expr) -> Judgement:
        first, second = self._thing(left), self._thing(right)
        if isinstance(first, Name) and isinstance(second, Name):
            return _names(first, operator, second, (left, right))
        first_number, second_number = self._data((first, second), (left, right))

        def said(a: float, b: float) -> tuple[bool, str]:
            texts = texts_of(a, b, whole="count" in (first_number.sort, second_number.sort))
            return _NUMBERS[operator](a, b), f" {OPERATORS[operator]} ".join(texts)

        return _judged((first_number, second_number), (left, right), said)

    def _data(self, things: Iterable[Thing], written: tuple[nodes.Expr, nodes.Expr]) -> tuple[Number, Number]:
        """Return both sides as numbers. Raises Wrong if neither comes from the data or both are the same."""
        first, second = map(as_number, things)
        if first.constant and second.constant:
            raise AuthorError("a claim over constants alone says nothing about the data")
        if spell(written[0]) == spell(written[1]):
            raise AuthorError(f"{spell(written[0])} is compared with itself")
        return first, second

    def _called(self, name: str, node: nodes.Call) -> Judgement:
        if node.kwargs:
            raise AuthorError(f"this call is written {PREDICATES[name]}")
        if name == "surely":
            return self._surely(node.args[0] if len(node.args) == 1 else None)
        if name == "told":
            return says(self.material, [self._thing(argument) for argument in node.args])
        return self._about(node)

    def _surely(self, inner: nodes.Expr | None) -> Judgement:
        if isinstance(inner, nodes.And):
            return _joined([self._surely(inner.left), self._surely(inner.right)], all)
        if not isinstance(inner, nodes.Compare):
            raise AuthorError(f"surely takes a comparison: {PREDICATES['surely']}")
        return _joined([self._sure(*pair) for pair in _pairs(inner)], all)

    def _sure(self, left: nodes.Expr, operator: str, right: nodes.Expr) -> Judgement:
        if operator in ("eq", "ne"):
            raise AuthorError(
                "surely takes <, <=, > or >=; about(x, value, tolerance) says that a number is near another"
            )
        point = self._compared(left, operator, right)
        if point.undefined:
            return point
        numbers = self._data(map(self._thing, (left, right)), (left, right))
        holds, detail = surely(*numbers, operator, self.differences)
        return replace(point, holds=holds, detail=detail)

    def _about(self, node: nodes.Call) -> Judgement:
        if len(node.args) != 3:
            raise AuthorError(f"this call is written {PREDICATES['about']}")
        x, target, tolerance = (as_number(self._thing(argument)) for argument in node.args)
        if x.constant and target.constant:
            raise AuthorError("a claim over constants alone says nothing about the data")
        if not tolerance.constant or (tolerance.value or 0) <= 0:
            raise AuthorError("the tolerance of about(…) is a number over 0")
        allowed = tolerance.value or 0

        def said(a: float, b: float) -> tuple[bool, str]:
            texts = texts_of(a, b, whole="count" in (x.sort, target.sort))
            return abs(a - b) <= allowed + TIE, f"{texts[0]} is not within {spell(node.args[2])} of {texts[1]}"

        return _judged((x, target), node.args[:2], said)


def _pairs(node: nodes.Compare) -> list[tuple[nodes.Expr, str, nodes.Expr]]:
    """Return the comparisons of a chain: a < b < c is a < b and b < c."""
    pairs, left = [], node.expr
    for operand in node.ops:
        if operand.op not in OPERATORS:
            raise AuthorError("in and not in are not available; compare with ==, <, >")
        pairs.append((left, operand.op, operand.expr))
        left = operand.expr
    return pairs


def _joined(parts: list[Judgement], rule: Callable[[Iterable[bool]], bool]) -> Judgement:
    """Return the combination of several judgements. The detail comes from the decisive ones."""
    holds = rule(part.holds for part in parts)
    deciding = [part.detail for part in parts if part.holds == holds and part.detail]
    return Judgement(
        holds,
        "; ".join(dict.fromkeys(deciding)),
        tuple(dict.fromkeys(operand for part in parts for operand in part.operands)),
        tuple(dict.fromkeys(cell for part in parts for cell in part.cells)),
        "; ".join(dict.fromkeys(part.undefined for part in parts if part.undefined)),
    )


def _judged(
    numbers: Sequence[Number],
    written: Sequence[nodes.Expr],
    said: Callable[..., tuple[bool, str]],
) -> Judgement:
    """Return whether the statement `said` is true of the values of the operands `written`, and the numbers behind it.

    It is false if any of them is undefined.
    """
    pairs = [*zip(numbers, written, strict=True)]
    undefined = "; ".join(f"{spell(node)} is undefined: {n.reason}" for n, node in pairs if n.value is None)
    holds, detail = (False, "") if undefined else said(*(number.value for number in numbers))
    operands = tuple(Operand(spell(node), n.estimate) for n, node in pairs if not n.constant)
    cells = tuple(dict.fromkeys(cell for number in numbers for cell in number.cells))
    return Judgement(holds, detail, operands, cells, undefined)


def _names(first: Name, operator: str, second: Name, written: tuple[nodes.Expr, nodes.Expr]) -> Judgement:
    if operator not in ("eq", "ne"):
        raise AuthorError("names are compared with == and !=")
    if first.constant and second.constant:
        raise AuthorError("a claim over constants alone says nothing about the data")
    cells = tuple(dict.fromkeys((*first.cells, *second.cells)))
    gone = [f"{spell(node)} is undefined: {n.reason}" for n, node in zip((first, second), written, strict=True)
            if n.text is None]  # fmt: skip
    if gone:
        return Judgement(holds=False, cells=cells, undefined="; ".join(gone))
    same = first.text == second.text
    return Judgement(same == (operator == "eq"), f'"{first.text}" {OPERATORS[operator]} "{second.text}"', (), cells)


_TURNED: Mapping[str, str] = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq"}


def surely(first: Number, second: Number, operator: str, differences: Differences) -> tuple[bool, str]:
    """Return whether the interval supports `first operator second`, and the interval if it does not.

    Against a constant, the interval of the number (or difference) must be entirely on that side. Two numbers of the
    data are compared by the interval of their difference. It comes from units or groups, or, for published values, from
    the ends of both reading intervals. Without an interval the result is false.
    """
    if first.constant:
        return surely(second, first, _TURNED[operator], differences)
    bound = (second.value or 0.0) if second.constant else 0.0
    if second.constant and first.parts is None:
        found, said = first.estimate, ""
    else:
        one, other = first.parts if second.constant and first.parts else (first, second)
        difference = _difference(one, other, differences)
        if isinstance(difference, Refusal):
            return False, difference.reason
        found, said = difference, f"the difference is {texts_of(difference.value)[0]}, "
    if found is None or found.low is None:
        return False, f"{texts_of(first.value or 0.0, whole=first.sort == 'count')[0]} has no interval"
    low, high = found.low, math.inf if found.high is None else found.high
    end = low if operator in ("gt", "gteq") else high
    strictly = _COMPARED[operator](end, bound)
    return strictly, f"{said or 'the interval is '}{interval_text(low, high, bound)}"


def _difference(first: Number, second: Number, differences: Differences) -> Estimate | Refusal:
    a, b = first.measured, second.measured
    if a is None or b is None or first.estimate is None or second.estimate is None:
        return Refusal("the difference has no interval: it is not of two cells")
    if a.ref.panel in differences.sources or b.ref.panel in differences.sources:
        return differences.of(a, b)
    one, other = first.estimate, second.estimate
    if one.ends is None or other.ends is None:
        return Refusal("the published values have no interval")
    return Estimate(one.value - other.value, one.ends[0] - other.ends[1], one.ends[1] - other.ends[0])
