"""The values of an evaluated module, and the operations carried out on them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Hashable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Value = Any  # a module may bind any value
Scope = MutableMapping[str, Value]


class Unknown:
    """The value of an expression that was not evaluated."""

    def __repr__(self) -> str:
        """Return the word shown in error messages."""
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(eq=False)
class Record:
    """A call that was not carried out: the callable's name and its arguments."""

    name: str
    args: tuple[Any, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Function:
    """A function of the wheel with the scope it was defined in."""

    node: ast.FunctionDef
    scope: Scope


@dataclass(frozen=True)
class ClassBody:
    """A class of the wheel: its name and the assignments of its body."""

    name: str
    scope: Scope


class Returned(Exception):  # noqa: N818 - it is no error
    """Carries a function's value out of its body."""

    def __init__(self, value: Value) -> None:
        """Keep ``value`` for the caller."""
        super().__init__()
        self.value = value


def _set(value: Value = ()) -> set[Any]:
    # set("XNLI") is meant as one name; Python's four letters are nobody's data
    return {value} if isinstance(value, str) else set(value)


BUILTINS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(list, dict, tuple, str, int, float, range),
        *(sorted, len, enumerate, zip, min, max, sum, any, all, reversed),
    )
} | {"set": _set, "frozenset": _set, "OrderedDict": dict}
PLAIN = (str, bytes, int, float, list, tuple, set, frozenset, dict, range)
BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


def attempt(function: Callable[..., Any], *args: Value, **named: Value) -> Value:
    """Call ``function``; UNKNOWN where an argument is unknown or does not fit."""
    if any(value is UNKNOWN for value in (*args, *named.values())):
        return UNKNOWN
    try:
        return function(*args, **named)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return UNKNOWN


def store(owner: dict[Any, Any] | list[Any], key: Value, value: Value) -> None:
    """Set an item; what cannot be a key is stored under UNKNOWN, so that the loss shows."""
    if isinstance(owner, list):
        attempt(owner.__setitem__, key, value)
    else:
        owner[key if isinstance(key, Hashable) else UNKNOWN] = value


def taint(owner: Value, args: list[Any]) -> None:
    """Put UNKNOWN into a list or set that a method would have given something unknown."""
    if UNKNOWN in args and isinstance(owner, list):
        owner.append(UNKNOWN)
    elif UNKNOWN in args and isinstance(owner, set):
        owner.add(UNKNOWN)
