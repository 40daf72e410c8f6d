"""The part of GitHub's expressions that our workflows use: https://docs.github.com/actions, "Evaluate expressions"."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

Value: TypeAlias = "str | bool | int | Mapping[str, Value] | None"
Contexts: TypeAlias = Mapping[str, Value]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)|(?P<sign>==|!=|&&|\|\||[!(),]))"
)
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def fill(text: str, contexts: Contexts, state: str = "success") -> str:
    """Return a text with each `${{ … }}` replaced by its value."""
    return _INSIDE.sub(lambda found: as_text(evaluate(found[1], contexts, state)), text)


def holds(condition: str | None, contexts: Contexts, state: str) -> bool:
    """Tell whether a step or job with this `if` runs; without a word on the state it runs after success alone."""
    if condition is None:
        return state == "success"
    inside = _INSIDE.fullmatch(condition.strip())
    expression = inside[1] if inside else condition
    if not re.search(r"\b(success|failure|cancelled|always)\(\)", expression):
        expression = f"success() && ({expression})"
    return truth(evaluate(expression, contexts, state))


def evaluate(expression: str, contexts: Contexts, state: str = "success") -> Value:
    """Return the value of an expression. ValueError for what this reader does not know: then it must learn it."""
    tokens = _tokens(expression)
    value, rest = _either(tokens, contexts, state)
    if rest:
        raise ValueError(f"not understood: {expression!r} from {rest[0]!r}")
    return value


def truth(value: Value) -> bool:
    """Tell whether a value counts as true."""
    return value not in (None, "", False, 0)


def as_text(value: Value) -> str:
    """Return a value as it stands in a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    expression = expression.strip()
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if not found:
            raise ValueError(f"not understood: {expression!r} at {expression[at:]!r}")
        tokens.append((str(found.lastgroup), found[found.lastgroup]))
        at = found.end()
    return tokens


def _either(tokens, contexts, state):
    value, rest = _both(tokens, contexts, state)
    while rest and rest[0][1] == "||":
        other, rest = _both(rest[1:], contexts, state)
        value = value if truth(value) else other
    return value, rest


def _both(tokens, contexts, state):
    value, rest = _equal(tokens, contexts, state)
    while rest and rest[0][1] == "&&":
        other, rest = _equal(rest[1:], contexts, state)
        value = other if truth(value) else value
    return value, rest


def _equal(tokens, contexts, state):
    value, rest = _one(tokens, contexts, state)
    while rest and rest[0][1] in ("==", "!="):
        sign = rest[0][1]
        other, rest = _one(rest[1:], contexts, state)
        value = (as_text(value).casefold() == as_text(other).casefold()) is (sign == "==")
    return value, rest


def _one(tokens, contexts, state):  # noqa: PLR0911 - one for each sort of thing
    (kind, text), rest = tokens[0], tokens[1:]
    if text == "!":
        value, rest = _one(rest, contexts, state)
        return not truth(value), rest
    if text == "(":
        value, rest = _either(rest, contexts, state)
        return value, rest[1:]
    if kind == "text":
        return text[1:-1].replace("''", "'"), rest
    if kind == "number":
        return int(text), rest
    if text in ("true", "false"):
        return text == "true", rest
    if rest and rest[0][1] == "(":
        return _called(text, rest[1:], contexts, state)
    return _named(text, contexts), rest


def _called(name, tokens, contexts, state):
    given = []
    while tokens[0][1] != ")":
        value, tokens = _either(tokens, contexts, state)
        given.append(value)
        if tokens[0][1] == ",":
            tokens = tokens[1:]
    functions: dict[str, Callable[..., Value]] = {
        "success": lambda: state == "success",
        "failure": lambda: state == "failure",
        "cancelled": lambda: state == "cancelled",
        "always": lambda: True,
        "format": lambda text, *values: text.format(*map(as_text, values)),
    }
    return functions[name](*given), tokens[1:]


def _named(name: str, contexts: Contexts) -> Value:
    value: Value = contexts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
