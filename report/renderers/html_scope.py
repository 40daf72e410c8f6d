"""A style sheet for a part of somebody else's page: it reaches nothing outside, and nothing outside reaches in.

Every selector is set under one class, every declaration is !important in a cascade layer of its own. There it wins
against whatever the page says outside layers, also against !important, and the first rules take everything of the
page's back: `all: revert`, but for drawings `revert-layer`, which leaves them their attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OUTSIDE = "diptych"
"""The class of the element that a page includes, which is also the name of the layer and of the container."""

INSIDE = "diptych-report"
"""The class of its only child, which stands for the root of the page."""

_REM = "--diptych-rem"
_PIXELS = 16  # of a rem in a media query, whatever the page's own size of type

_RESET = f"""\
:where(.{OUTSIDE})::before,:where(.{OUTSIDE})::after{{all:revert !important}}
:where(.{OUTSIDE}){{all:initial !important;display:block !important;container:{OUTSIDE}/inline-size !important}}
:where(.{OUTSIDE} :not(svg,svg *)),:where(.{OUTSIDE} *)::before,:where(.{OUTSIDE} *)::after{{all:revert !important}}
:where(.{OUTSIDE} :is(svg,svg *)){{all:revert-layer !important}}
.{INSIDE}{{{_REM}:1em !important;display:block !important}}
"""

_HOISTED = re.compile(r"@(font-face|property|(-webkit-)?keyframes)\b")
_CONDITION = re.compile(r"@(media|supports|container|layer|scope|starting-style)\b")
_DARK = re.compile(r"prefers-color-scheme\s*:\s*dark")
_WIDTHS = re.compile(r"@media\s*((\(\s*(min|max)-width\s*:[^()]*\)|\(\s*width\s*[<>]=?[^()]*\))(\s+and\s+|\s*))+")
_ROOT = re.compile(r"(:root|html|body)(?![\w-])")
_LENGTH = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+)rem\b")


@dataclass(frozen=True)
class Node:
    """A declaration or a statement (`inner` None), or what stands before { and what between { and }."""

    head: str
    inner: tuple[Node, ...] | None = None


def scoped(sheet: str) -> str:
    """Return a style sheet whose rules hold within OUTSIDE alone.

    `:root`, `html` and `body` become INSIDE; conditions on the width of the window become ones on the width of
    OUTSIDE; what is meant for a dark page is left out, since the page around decides; rules of printed pages too.
    """
    hoisted: list[str] = []
    inside = "".join(_rules(parse(sheet), hoisted))
    root = f'@property {_REM}{{syntax:"<length>";inherits:true;initial-value:{_PIXELS}px}}\n'
    return f"{root}{''.join(hoisted)}@layer {OUTSIDE}{{\n{_RESET}{inside}}}\n"


def parse(sheet: str) -> tuple[Node, ...]:
    """Return the rules of a style sheet, with those within them. ValueError where brackets do not match."""
    levels: list[list[Node]] = [[]]
    heads: list[str] = []
    for piece in _pieces(_without_comments(sheet)):
        text, end = piece[:-1].strip(), piece[-1]
        if end == "{":
            heads.append(" ".join(text.split()))
            levels.append([])
            continue
        if text:
            levels[-1].append(Node(" ".join(text.split())))
        if end == "}":
            if not heads:
                raise ValueError("the style sheet closes a bracket that it has not opened")
            inner = tuple(levels.pop())
            levels[-1].append(Node(heads.pop(), inner))
    if heads:
        raise ValueError(f"the style sheet does not close {heads[-1]}")
    return tuple(levels[0])


def _without_comments(sheet: str) -> str:
    return re.sub(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/""", lambda m: m[1] or " ", sheet, flags=re.DOTALL)


def _pieces(sheet: str) -> Iterator[str]:
    """Give the sheet in pieces that end with { } or ; outside strings and round brackets (an address may hold ;)."""
    begin = depth = 0
    for found in re.finditer(r"""[(){};]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", sheet):
        sign = found[0]
        if sign in "()":
            depth += 1 if sign == "(" else -1
        elif depth == 0 and sign in "{};":
            yield sheet[begin : found.end()]
            begin = found.end()
    if sheet[begin:].strip():
        raise ValueError(f"the style sheet ends within {sheet[begin:].strip()[:40]}")


def _rules(nodes: tuple[Node, ...], hoisted: list[str]) -> Iterator[str]:
    for node in nodes:
        if node.inner is None:
            raise ValueError(f"a style sheet with {node.head} cannot be scoped")
        if _HOISTED.match(node.head):
            hoisted.append(f"{_plain(node)}\n")
        elif _CONDITION.match(node.head):
            if not _DARK.search(node.head):
                yield f"{_condition(node.head)}{{\n{''.join(_rules(node.inner, hoisted))}}}\n"
        elif not node.head.startswith("@page"):
            yield f"{','.join(map(_selector, _listed(node.head)))}{{{_declarations(node.inner)}}}\n"


def _plain(node: Node) -> str:
    return f"{node.head};" if node.inner is None else f"{node.head}{{{''.join(map(_plain, node.inner))}}}"


def _condition(head: str) -> str:
    if not _WIDTHS.fullmatch(head):
        return head
    pixels = _LENGTH.sub(lambda found: f"{float(found[1]) * _PIXELS:g}px", head)
    return pixels.replace("@media", f"@container {OUTSIDE}", 1)


def _declarations(nodes: tuple[Node, ...]) -> str:
    return "".join(
        _important(node.head) if node.inner is None else f"{node.head}{{{_declarations(node.inner)}}}" for node in nodes
    )


def _important(declaration: str) -> str:
    declaration = _LENGTH.sub(rf"calc(\1 * var({_REM}))", declaration)
    return f"{declaration};" if declaration.endswith("!important") else f"{declaration} !important;"


def _listed(selectors: str) -> Iterator[str]:
    """Give the selectors of a list, split at commas outside brackets."""
    depth, begin = 0, 0
    for position, sign in enumerate(selectors):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield selectors[begin:position].strip()
            begin = position + 1
    yield selectors[begin:].strip()


def _selector(selector: str) -> str:
    if _ROOT.match(selector):
        return _ROOT.sub(f".{INSIDE}", selector, count=1)
    return f".{INSIDE}{'' if selector.startswith('[dir') else ' '}{selector}"
