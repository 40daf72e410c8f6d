"""Formulas of evidence: written with names, filled with numbers, and worked out, so that they cannot say otherwise."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

from .. import formats

_NAME = re.compile(r"[A-Za-z_]\w*")
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"log": math.log, "log2": math.log2, "sqrt": math.sqrt, "min": min}
_LARGE, _THOUSAND = 10, 1000
_MOST_DIGITS = 6
_ROUNDING = 1e-9


def written(formula: str) -> str:
    """Return a formula as a reader sees it.

    >>> written("2 * n_ab / (n_a + n_b)")
    '2 × n_ab / (n_a + n_b)'
    """
    return formula.replace("*", "×")


def filled(formula: str, numbers: Mapping[str, float], language: str = "en") -> str:
    """Return a formula with its numbers in the place of names.

    >>> filled("n_ab / n_a", {"n_ab": 392.0, "n_a": 4350.0})
    '392 / 4,350'
    """
    return written(_NAME.sub(lambda m: _operand(numbers[m[0]], language) if m[0] in numbers else m[0], formula))


def _operand(number: float, language: str) -> str:
    text = number_text(number, language)
    return f"({text})" if number < 0 else text


def evaluated(formula: str, numbers: Mapping[str, float]) -> float | None:
    """Return what a formula gives; None where it is undefined (a division by 0, a logarithm of 0).

    >>> evaluated("n_ab / n_a", {"n_ab": 9.0, "n_a": 10.0}), evaluated("n_ab / n_a", {"n_ab": 0.0, "n_a": 0.0})
    (0.9, None)
    """
    try:
        value = _value(ast.parse(formula, mode="eval").body, numbers)
    except (ZeroDivisionError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _value(node: ast.expr, numbers: Mapping[str, float]) -> float:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left, numbers), _value(node.right, numbers))
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, numbers)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _FUNCTIONS[node.func.id](*(_value(argument, numbers) for argument in node.args))
    if isinstance(node, ast.Name):
        return numbers[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    raise AssertionError("formulas are ours: they hold nothing else")


def term_text(name: str, value: float) -> str:
    """Return a number beside a formula with its name: "N = 4,350"; that of a test as p or q, which is never 0.

    >>> term_text("N", 4350.0), term_text("q", 1e-12)
    ('N = 4,350', 'q < 0.001')
    """
    return formats.p_equation(name, value) if name in ("p", "q") else f"{name} = {number_text(value)}"


def number_text(number: float, language: str = "en") -> str:
    """Return a number as evidence prints it: whole and large ones whole, others to two digits that count or more.

    What is not 0, 1 or -1 never reads so.

    >>> number_text(4227.0), number_text(0.9012), number_text(0.99964), number_text(0.0004), number_text(39.87)
    ('4,227', '0.90', '0.9996', '0.00040', '39.9')
    """
    whole = round(number)
    if abs(number) >= _THOUSAND or math.isclose(number, whole, rel_tol=0, abs_tol=_ROUNDING):
        sign = formats.decimal(-1, 0, language).removesuffix("1") if whole < 0 else ""
        return sign + formats.count(abs(whole), language)
    if abs(number) >= _LARGE:
        return formats.decimal(number, 1, language)
    digits = max(2, 1 - math.floor(math.log10(abs(number))))
    while digits < _MOST_DIGITS and round(number, digits) in (-1, 0, 1):
        digits += 1
    return formats.decimal(number, digits, language)
