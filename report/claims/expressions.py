"""Expressions of authored text -> what they stand for; and expressions back to text, for messages."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import nodes

from .. import formats
from ..cells import Panel
from .functions import FUNCTIONS, PREDICATES, as_number, units_of
from .values import (
    CellValue,
    Material,
    Name,
    Names,
    Number,
    Row,
    Thing,
    Words,
    Wrong,
    cell_of,
    combine,
    negated,
    row_of,
)

Loops = Mapping[str, str]
"""The names that loops have given, with the category each stands for now."""

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}

_ARITHMETIC: Mapping[type[nodes.Expr], str] = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/"}


def evaluate(node: nodes.Node, material: Material, loops: Loops) -> Thing:
    """Return what an expression stands for. Wrong where it stands for nothing, whatever the data."""
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
    raise Wrong("this stands for no value; comparisons belong into claims")


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
            raise Wrong("a number is too large")
        return Number(number, constant=True)
    raise Wrong("none stands for no value")


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
    raise Wrong(f"{name} is a function: {usage}")


def _all_units(material: Material) -> Number:
    panels = list(material.panels.values())
    if len({panel.relation for panel in panels}) > 1:
        raise Wrong(f"there are several relations; write units({panels[0].id})")
    return units_of(panels[0])


def _item(node: nodes.Getitem, material: Material, loops: Loops) -> Thing:
    panel = evaluate(node.node, material, loops)
    if not isinstance(panel, Panel):
        raise Wrong("only a panel has cells")
    inside = node.arg.items if isinstance(node.arg, nodes.Tuple) else [node.arg]
    names = [evaluate(item, material, loops) for item in inside]
    if not 1 <= len(names) <= 2 or not all(isinstance(name, Name) for name in names):
        raise Wrong(f'cells are written {panel.id}["given", "outcome"]')
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
        raise Wrong(f"{name}(…) is for claims: {{% claim {PREDICATES[name]} %}}")
    positional = [evaluate(argument, material, loops) for argument in node.args]
    named = {pair.key: evaluate(pair.value, material, loops) for pair in node.kwargs}
    return FUNCTIONS[name](material, positional, named)


def is_text(thing: Thing) -> bool:
    """Whether a thing can be shown as it stands."""
    return isinstance(thing, Number | CellValue | Name | Names | Words)


@lru_cache(maxsize=4096)
def spell(node: nodes.Node) -> str:
    """Return an expression as an author writes it; kept, since claims are judged in hundreds of drawings."""
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
