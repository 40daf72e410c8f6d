"""Evaluate predicates of claims from the numbers of the report.

Any undefined number makes a claim false, even under `not` and `or`, so that an unknown never counts as true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from jinja2 import nodes

from ...cells import CellRef, Estimate, Refusal
from ...panels import PlacedCell, PlacedPanel, cell_differences
from ...stats.settings import InferenceSettings
from .functions import HIDDEN, PREDICATES, as_number, may_be_beyond, n_not_beyond
from .telling import says
from .values import TIE, AuthorError, CellValue, Material, MeasuredCell, Name, Number, Thing, number_of
from .verdicts import OPERATORS, Judgement, Loops, Operand, apart, ends, evaluate, places, rounded, shown, spell

MOST_DIFFERENCES = 1000
"""Maximum number of pairs of cells with a difference; only nested loops produce more claims than this."""

Pair = tuple[MeasuredCell, MeasuredCell]


@dataclass(eq=False)
class Differences:
    """Differences for pairs of cells. New requests are queued, and `answer` resamples for the whole queue.

    `sources` contains the panels with counts, by id.
    """

    sources: Mapping[str, PlacedPanel]
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    _known: dict[Pair, Estimate | Refusal] = field(default_factory=dict)
    _waiting: dict[Pair, None] = field(default_factory=dict)

    def ask(self, first: MeasuredCell, second: MeasuredCell) -> Estimate | Refusal:
        """Return `first` minus `second` with its interval, or a Refusal with the reason why there is none (yet)."""
        ends = [self.sources.get(of.ref.panel) for of in (first, second)]
        if ends[0] is None or ends[1] is None or ends[0].incidence is not ends[1].incidence:
            return Refusal("the two are not counted over the same units")
        pair = first, second
        if pair not in self._known:
            if len(self._known) + len(self._waiting) >= MOST_DIFFERENCES:
                return Refusal(f"more than {MOST_DIFFERENCES:,} differences are asked for")
            self._waiting[pair] = None
            return Refusal("it is being drawn")
        return self._known[pair]

    def answer(self) -> bool:
        """Process the queue; return whether it contained anything."""
        waiting, self._waiting = list(self._waiting), {}
        by_incidence: dict[int, list[Pair]] = {}
        for pair in waiting:
            by_incidence.setdefault(id(self._source(pair).incidence), []).append(pair)
        for pairs in by_incidence.values():
            placed = [(self._placed(first), self._placed(second)) for first, second in pairs]
            found = cell_differences(placed, self.inference.level)
            self._known |= {pair: _answer(one) for pair, one in zip(pairs, found, strict=True)}
        return bool(waiting)

    def _source(self, pair: Pair) -> PlacedPanel:
        return self.sources[pair[0].ref.panel]

    def _placed(self, of: MeasuredCell) -> PlacedCell:
        return self.sources[of.ref.panel], of.ref, of.measure


def _answer(found: Estimate) -> Estimate | Refusal:
    if not math.isfinite(found.value):
        return Refusal("the difference is undefined")
    return Refusal("the difference has no interval") if found.low is None or found.high is None else found


_NUMBERS: Mapping[str, Callable[[float, float], bool]] = {
    "eq": lambda a, b: abs(a - b) <= TIE,
    "ne": lambda a, b: abs(a - b) > TIE,
    "lt": lambda a, b: b - a > TIE,
    "gt": lambda a, b: a - b > TIE,
    "lteq": lambda a, b: a - b <= TIE,
    "gteq": lambda a, b: b - a <= TIE,
}
"""Comparisons. Numbers that differ by at most TIE are equal, so neither is greater."""


_TRENDS: Mapping[str, str] = {"rises": "lt", "falls": "gt"}
"""Trends, each with the comparison between successive numbers."""

_FEWEST = 3


@dataclass(frozen=True)
class Judge:
    """Evaluator of predicates over the numbers of a report."""

    material: Material
    differences: Differences
    loops: Loops

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
        return evaluate(node, self.material, self.loops)

    def _compared(self, left: nodes.Expr, operator: str, right: nodes.Expr) -> Judgement:
        first, second = self._thing(left), self._thing(right)
        if isinstance(first, Name) and isinstance(second, Name):
            return _names(first, operator, second, (left, right))
        numbers = self._data((first, second), (left, right))

        def said(a: float, b: float) -> tuple[bool, str]:
            return _NUMBERS[operator](a, b), f" {OPERATORS[operator]} ".join(apart(numbers))

        return _judged(numbers, (left, right), said, _mirrored(first, second))

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
        if name == "about":
            return self._about(node)
        if name in _TRENDS:
            return _joined([self._compared(*pair) for pair in _steps(name, node)], all)
        return self._ranked(name, node)

    def _surely(self, inner: nodes.Expr | None) -> Judgement:
        if isinstance(inner, nodes.And):
            return _joined([self._surely(inner.left), self._surely(inner.right)], all)
        if isinstance(inner, nodes.Call) and isinstance(inner.node, nodes.Name) and inner.node.name in _TRENDS:
            return _joined([self._sure(*pair) for pair in _steps(inner.node.name, inner)], all)
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
            texts = apart((x, target))
            return abs(a - b) <= allowed + TIE, f"{texts[0]} is not within {spell(node.args[2])} of {texts[1]}"

        return _judged((x, target), node.args[:2], said)

    def _ranked(self, name: str, node: nodes.Call) -> Judgement:
        things = [self._thing(argument) for argument in node.args]
        found = things[0] if things else None
        if not isinstance(found, CellValue) or len(things) != (2 if name == "top" else 1):
            raise AuthorError(f"this call is written {PREDICATES[name]}")
        own, lowest = number_of(found), name == "is_lowest"
        if own.value is not None and may_be_beyond(found.panel, found.ref.given, lowest=lowest):
            own = replace(own, estimate=None, reason=HIDDEN)

        def said(_: float) -> tuple[bool, str]:
            within = _whole(things[1]) if name == "top" else 1
            not_beyond, others = n_not_beyond(found, lowest=lowest)
            if others == 0:
                return False, "nothing else in its row is measured"
            return not_beyond < within, places(found, own, not_beyond, others, lowest=lowest)

        return _judged((own,), node.args[:1], said)


def _whole(thing: Thing) -> int:
    number = as_number(thing)
    if not number.constant or number.value is None or number.value < 1 or number.value != int(number.value):
        raise AuthorError(f"this call is written {PREDICATES['top']}, with a whole number")
    return int(number.value)


def _steps(name: str, node: nodes.Call) -> list[tuple[nodes.Expr, str, nodes.Expr]]:
    """Return the comparisons of a trend: each number with its predecessor."""
    if len(node.args) < _FEWEST or node.kwargs:
        raise AuthorError(f"this call is written {PREDICATES[name]}, with three numbers or more")
    return [(before, _TRENDS[name], after) for before, after in pairwise(node.args)]


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
        tuple(pair for part in parts for pair in part.mirrored),
    )


def _judged(
    numbers: Sequence[Number],
    written: Sequence[nodes.Expr],
    said: Callable[..., tuple[bool, str]],
    mirrored: tuple[tuple[CellRef, CellRef], ...] = (),
) -> Judgement:
    """Return whether the statement `said` is true of the values of the operands `written`, and the numbers behind it.

    If one of them is undefined, the statement is false.
    """
    pairs = [*zip(numbers, written, strict=True)]
    undefined = "; ".join(f"{spell(node)} is undefined: {n.reason}" for n, node in pairs if n.value is None)
    holds, detail = (False, "") if undefined else said(*(number.value for number in numbers))
    operands = tuple(Operand(spell(node), n.estimate) for n, node in pairs if not n.constant)
    cells = tuple(dict.fromkeys(cell for number in numbers for cell in number.cells))
    return Judgement(holds, detail, operands, cells, undefined, mirrored)


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


def _mirrored(first: Thing, second: Thing) -> tuple[tuple[CellRef, CellRef], ...]:
    """Return both cells if they count the same units over different totals: (a, b) and (b, a) of two panels."""
    if not isinstance(first, CellValue) or not isinstance(second, CellValue):
        return ()
    a, b = first.ref, second.ref
    turned = (a.given, a.outcome) == (b.outcome, b.given)
    reversed_panels = first.panel.relation == second.panel.relation and first.panel.given == second.panel.outcome
    mirrored = first.panel.id != second.panel.id and reversed_panels and turned
    return ((a, b),) if mirrored and not first.panel.measure.symmetric else ()


Ends = tuple[float, float]

_TURNED: Mapping[str, str] = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq"}

_WHOLLY: Mapping[str, Callable[[Ends, float], bool]] = {
    "lt": lambda ends, bound: ends[1] < bound,
    "lteq": lambda ends, bound: ends[1] <= bound,
    "gt": lambda ends, bound: ends[0] > bound,
    "gteq": lambda ends, bound: ends[0] >= bound,
}


def surely(first: Number, second: Number, operator: str, differences: Differences) -> tuple[bool, str]:
    """Return whether the interval supports `first operator second`, and the interval if it does not.

    Against a constant, the interval of the number (or difference) must be entirely on that side. Two numbers of the
    data are compared by the interval of their difference. It comes from resampled units or groups, or, for published
    values, from the ends of both reading intervals. Without an interval the result is false.
    """
    if first.constant:
        return surely(second, first, _TURNED[operator], differences)
    bound = second.value or 0.0
    if second.constant and first.parts is None:
        return _against(first, bound, operator)
    if second.constant and first.parts is not None:
        return _difference(*first.parts, bound, operator, differences)
    return _difference(first, second, 0.0, operator, differences)


def _against(number: Number, bound: float, operator: str) -> tuple[bool, str]:
    low, high = (None, None) if number.estimate is None else (number.estimate.low, number.estimate.high)
    if low is None:
        return False, f"{shown(number)} has no interval"
    high = math.inf if high is None else high
    return _WHOLLY[operator]((low, high), bound), f"the interval is {ends(low, high, bound)}"


def _difference(
    first: Number, second: Number, bound: float, operator: str, differences: Differences
) -> tuple[bool, str]:
    if first.measured is None or second.measured is None:
        return False, "the difference has no interval: it is not of two cells"
    found = differences.ask(first.measured, second.measured)
    if not isinstance(found, Refusal) and found.low is not None and found.high is not None:
        holds = _WHOLLY[operator]((found.low, found.high), bound)
        return holds, f"the difference is {rounded(found.value)}, {ends(found.low, found.high, bound)}"
    if isinstance(found, Refusal) and _read(first, differences) and _read(second, differences):
        return _readings(first, second, bound, operator)
    return False, found.reason if isinstance(found, Refusal) else "the difference has no interval"


def _read(number: Number, differences: Differences) -> bool:
    """Return whether a number comes from a published matrix, which has no units to resample."""
    return number.measured is not None and number.measured.ref.panel not in differences.sources


def _readings(first: Number, second: Number, bound: float, operator: str) -> tuple[bool, str]:
    """Judge the difference of two published values from the ends of their reading intervals."""
    one, other = first.estimate, second.estimate
    if one is None or other is None or one.ends is None or other.ends is None:
        return False, "the published values have no interval"
    difference = Estimate(one.value - other.value, one.ends[0] - other.ends[1], one.ends[1] - other.ends[0])
    return _against(replace(first, estimate=difference), bound, operator)
