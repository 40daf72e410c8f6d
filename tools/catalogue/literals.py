"""Evaluate the data that a Python module states, without importing the module.

The wheels are read as files: importing them would need their own heavy dependencies.
Module level assignments, sets and their unions, comprehensions, calls of small
helper functions of the same wheel and names imported from sibling modules are enough
to reach every fact the tables need. Whatever lies beyond becomes ``UNKNOWN``, which
spreads through expressions, so that a reader can refuse it instead of losing it.
"""

from __future__ import annotations

import ast
import operator
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tools.catalogue.values import (
    BINARY,
    BUILTINS,
    COMPARE,
    PLAIN,
    UNKNOWN,
    ClassBody,
    Function,
    Record,
    Returned,
    Scope,
    Value,
    attempt,
    store,
    taint,
)


def evaluate(node: ast.expr | None, scope: Scope) -> Value:
    """Return the value of an expression, or UNKNOWN where it is beyond this module."""
    handler = HANDLERS.get(type(node))
    return UNKNOWN if handler is None else handler(node, scope)


def _name(node: ast.Name, scope: Scope) -> Value:
    value = scope.get(node.id, BUILTINS.get(node.id, UNKNOWN))
    # a name imported from a sibling module is looked up when it is first used
    return value.load() if hasattr(value, "load") else value


def _elements(nodes: list[ast.expr], scope: Scope) -> list[Any]:
    values: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = evaluate(node.value, scope)
            values.extend([UNKNOWN] if inner is UNKNOWN else attempt(list, inner))
        else:
            values.append(evaluate(node, scope))
    return values


def _dict(node: ast.Dict, scope: Scope) -> Value:
    result: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merged = evaluate(value, scope)
            if not isinstance(merged, dict):
                return UNKNOWN
            result |= merged
        else:
            store(result, evaluate(key, scope), evaluate(value, scope))
    return result


def _binary(node: ast.BinOp, scope: Scope) -> Value:
    function = BINARY.get(type(node.op))
    if function is None:
        return UNKNOWN
    return attempt(function, evaluate(node.left, scope), evaluate(node.right, scope))


def _unary(node: ast.UnaryOp, scope: Scope) -> Value:
    function = {ast.Not: operator.not_, ast.USub: operator.neg}.get(type(node.op))
    return UNKNOWN if function is None else attempt(function, evaluate(node.operand, scope))


def _boolean(node: ast.BoolOp, scope: Scope) -> Value:
    stop_at = isinstance(node.op, ast.Or)
    value: Value = UNKNOWN
    for operand in node.values:
        value = evaluate(operand, scope)
        if value is UNKNOWN or bool(value) is stop_at:
            return value
    return value


def _compare(node: ast.Compare, scope: Scope) -> Value:
    if len(node.ops) > 1:
        return UNKNOWN
    left, right = evaluate(node.left, scope), evaluate(node.comparators[0], scope)
    return attempt(COMPARE[type(node.ops[0])], left, right)


def _conditional(node: ast.IfExp, scope: Scope) -> Value:
    test = evaluate(node.test, scope)
    if test is UNKNOWN:
        return UNKNOWN
    return evaluate(node.body if test else node.orelse, scope)


def _joined(node: ast.JoinedStr, scope: Scope) -> Value:
    parts = [evaluate(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in node.values]
    return UNKNOWN if UNKNOWN in parts else "".join(map(str, parts))


def _subscript(node: ast.Subscript, scope: Scope) -> Value:
    index = node.slice
    if isinstance(index, ast.Slice):
        ends = [None if end is None else evaluate(end, scope) for end in (index.lower, index.upper)]
        return attempt(operator.getitem, evaluate(node.value, scope), slice(*ends))
    return attempt(operator.getitem, evaluate(node.value, scope), evaluate(index, scope))


def _attribute(node: ast.Attribute, scope: Scope) -> Value:
    owner = evaluate(node.value, scope)
    if isinstance(owner, Record):
        return owner.fields.get(node.attr, UNKNOWN)
    if isinstance(owner, ClassBody):
        return owner.scope.get(node.attr, UNKNOWN)
    return UNKNOWN


def items(node: ast.expr, scope: Scope) -> Iterable[Any]:
    """Return the values of a loop; if they are unknown, a single UNKNOWN, so that the loss shows."""
    value = evaluate(node, scope)
    return value if isinstance(value, Iterable) else [UNKNOWN]


def _loops(generators: list[ast.comprehension], scope: Scope) -> Iterator[Scope]:
    """Yield one scope for each turn of nested comprehension loops."""
    if not generators:
        yield scope
        return
    first, rest = generators[0], generators[1:]
    for item in items(first.iter, scope):
        inner: Scope = ChainMap({}, scope)
        bind(first.target, item, inner)
        if all(evaluate(test, inner) for test in first.ifs):
            yield from _loops(rest, inner)


def _comprehension(node: Value, scope: Scope) -> list[Any]:
    return [evaluate(node.elt, inner) for inner in _loops(node.generators, scope)]


def _dict_comprehension(node: ast.DictComp, scope: Scope) -> Value:
    loops = _loops(node.generators, scope)
    return attempt(dict, [(evaluate(node.key, s), evaluate(node.value, s)) for s in loops])


def _named_arguments(node: ast.Call, scope: Scope) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(keyword.value, scope)
        if keyword.arg is None:
            named |= value if isinstance(value, dict) else {"**": UNKNOWN}
        else:
            named[keyword.arg] = value
    return named


def _call(node: ast.Call, scope: Scope) -> Value:
    args, named = _elements(node.args, scope), _named_arguments(node, scope)
    if isinstance(node.func, ast.Attribute):
        return _method(evaluate(node.func.value, scope), node.func.attr, args, named)
    function = evaluate(node.func, scope)
    if function is dict and not args:
        return named  # one unknown value does not hide the others
    if isinstance(function, Function):
        return call(function, args, named)
    if function in BUILTINS.values():
        return attempt(function, *args, **named)
    name = function.name if isinstance(function, ClassBody) else ast.unparse(node.func)
    return Record(name, tuple(args), named)


def _method(owner: Value, name: str, args: list[Any], named: dict[str, Any]) -> Value:
    if isinstance(owner, PLAIN):
        taint(owner, args)
        return attempt(getattr(owner, name), *args, **named)
    if isinstance(owner, Record) and name == "model_copy":
        return Record(owner.name, owner.args, owner.fields | named.get("update", {}))
    return Record(name, tuple(args), named)


def _statements(function: ast.FunctionDef) -> list[ast.stmt]:
    return [node for node in ast.walk(function) if isinstance(node, ast.stmt)]


def call(function: Function, args: list[Any], named: dict[str, Any]) -> Value:
    """Carry out a function of the wheel with positional and named arguments."""
    if not all(isinstance(inner, CARRIED_OUT) for inner in _statements(function.node)):
        return UNKNOWN
    spec = function.node.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    local: dict[str, Any] = {}
    for name, default in zip(reversed(names), reversed(spec.defaults), strict=False):
        local[name] = evaluate(default, function.scope)
    for argument, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        local[argument.arg] = evaluate(value, function.scope)
    local |= dict(zip(names, args, strict=False))
    accepted = {*names, *(argument.arg for argument in spec.kwonlyargs)}
    local |= {key: value for key, value in named.items() if key in accepted}
    if spec.kwarg is not None:
        local[spec.kwarg.arg] = {k: v for k, v in named.items() if k not in accepted}
    if spec.vararg is not None:
        local[spec.vararg.arg] = tuple(args[len(names) :])
    try:
        execute(function.node.body, ChainMap(local, function.scope))
    except Returned as result:
        return result.value
    return None


HANDLERS: dict[type[Any], Callable[[Any, Scope], Any]] = {
    ast.Constant: lambda node, _: node.value,
    ast.Name: _name,
    ast.List: lambda node, scope: _elements(node.elts, scope),
    ast.Tuple: lambda node, scope: tuple(_elements(node.elts, scope)),
    ast.Set: lambda node, scope: attempt(set, _elements(node.elts, scope)),
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.JoinedStr: _joined,
    ast.Subscript: _subscript,
    ast.Attribute: _attribute,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: lambda node, scope: attempt(set, _comprehension(node, scope)),
    ast.DictComp: _dict_comprehension,
    ast.Call: _call,
}


def bind(target: ast.expr, value: Value, scope: Scope) -> None:
    """Assign ``value`` to a name, a tuple of names or a subscript."""
    if isinstance(target, ast.Name):
        scope[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, tuple | list):
        for inner, item in zip(target.elts, value, strict=False):
            bind(inner, item, scope)
    elif isinstance(target, ast.Attribute):
        owner = evaluate(target.value, scope)
        if isinstance(owner, Record):
            owner.fields[target.attr] = value
    elif isinstance(target, ast.Subscript):
        owner = evaluate(target.value, scope)
        if isinstance(owner, dict | list):
            store(owner, evaluate(target.slice, scope), value)


def execute(body: list[ast.stmt], scope: Scope) -> None:
    """Carry out statements; those without a handler change nothing."""
    for statement in body:
        handler = STATEMENTS.get(type(statement))
        if handler is not None:
            handler(statement, scope)


def _assign(node: ast.Assign, scope: Scope) -> None:
    value = evaluate(node.value, scope)
    for target in node.targets:
        bind(target, value, scope)


def _annotated(node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        bind(node.target, evaluate(node.value, scope), scope)


def _refuse(*_: Value) -> Value:
    return UNKNOWN


def _augmented(node: ast.AugAssign, scope: Scope) -> None:
    if isinstance(node.target, ast.Name):
        current, value = _name(node.target, scope), evaluate(node.value, scope)
        if isinstance(node.op, ast.Add) and isinstance(current, list):
            # as in Python, any iterable may be added to a list
            current.extend(value if isinstance(value, Iterable) else [UNKNOWN])
        else:
            bind(node.target, attempt(BINARY.get(type(node.op), _refuse), current, value), scope)


def _if(node: ast.If, scope: Scope) -> None:
    test = evaluate(node.test, scope)
    # an unknown test guards imports for type checkers: neither branch states data
    if test is not UNKNOWN:
        execute(node.body if test else node.orelse, scope)


def _for(node: ast.For, scope: Scope) -> None:
    for item in items(node.iter, scope):
        bind(node.target, item, scope)
        execute(node.body, scope)


def _class(node: ast.ClassDef, scope: Scope) -> None:
    inner: dict[str, Any] = {}
    execute(node.body, ChainMap(inner, scope))
    scope[node.name] = ClassBody(node.name, inner)


def _function(node: ast.FunctionDef, scope: Scope) -> None:
    scope[node.name] = Function(node, scope)


def _return(node: ast.Return, scope: Scope) -> None:
    raise Returned(None if node.value is None else evaluate(node.value, scope))


STATEMENTS: dict[type[ast.stmt], Callable[[Any, Scope], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: lambda node, scope: evaluate(node.value, scope) and None,
    ast.If: _if,
    ast.For: _for,
    ast.Try: lambda node, scope: execute(node.body, scope),
    ast.ClassDef: _class,
    ast.FunctionDef: _function,
    ast.Return: _return,
}
CARRIED_OUT = (*STATEMENTS, ast.Pass, ast.Assert, ast.Raise)
