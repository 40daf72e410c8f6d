"""Parse authored text to a tree. Jinja only reads it and never compiles or runs it (`rendering` walks the tree).

An expression can therefore only do things that the walk supports. There are no attributes, methods or files, and no
code to escape from. Jinja syntax that authored text may not contain is rejected here, with all errors reported in one
run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.lexer import TokenStream
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ...errors import Problem, did_you_mean, listed
from .functions import FUNCTIONS, PREDICATES

LARGEST = 100_000
"""Maximum length of a file of authored text, in characters."""

DEEPEST = 40
"""Maximum nesting of brackets, sums and tags."""

TAGS = ("claim", "otherwise", "endclaim")

MARKS = range(0xE000, 0xE004)
"""Private characters that represent values between Jinja and Markdown. Author's text must not contain them."""

_TOO_DEEP = "brackets or tags are nested too deeply"

_MARK = " claim"
"""The name that marks a claim in the tree. Authors cannot write it because it contains a space."""

_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Name, nodes.Const, nodes.Tuple,
    nodes.Getitem, nodes.Call, nodes.Keyword, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Pos,
)  # fmt: skip

_REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.Getattr: "attributes (.name) are not available",
    nodes.Filter: "filters (|name) are not available; write percent(…), ratio(…) or count(…)",
    nodes.Test: "tests (is …) are not available; compare with ==, <, >",
    nodes.CondExpr: "if … else … is not available; write a claim with otherwise",
    nodes.Concat: "~ is not available; write the texts next to each other",
    nodes.Slice: "slices are not available",
    nodes.List: "lists are not available",
    nodes.Dict: "mappings are not available",
    nodes.Pow: "** is not available",
    nodes.Mod: "% is not available",
    nodes.FloorDiv: "// is not available",
}


@dataclass(frozen=True)
class ParsedText:
    """A file of authored text and its tree, in which `lineno` of a node is the position of its first character.

    `source` has empty lines in place of the front matter, so that line numbers match the file. `otherwise` are the
    claims with other words.
    """

    file: str
    section: str
    source: str
    tree: nodes.Template
    otherwise: Collection[int] = frozenset()

    def place(self, node: nodes.Node) -> tuple[int, int]:
        """Return the line and column, from 1, of the tag that a node belongs to."""
        return _place(self.source, self.begin(node))

    def inside(self, node: nodes.Node) -> str:
        """Return the content of the tag of a value or claim, as its author wrote it."""
        found = _TAG.match(self.source, self.begin(node))
        return " ".join(found["inside"].split()) if found else ""

    def begin(self, node: nodes.Node) -> int:
        """Return the position of the tag that a node belongs to."""
        before = node.lineno + 1
        return max(self.source.rfind(mark, 0, before) for mark in ("{{", "{%"))

    def problem(self, node: nodes.Node, message: str) -> Problem:
        """Return a problem at the tag of a node."""
        return Problem(self.file, *self.place(node), "", message)


_TAG = re.compile(r"\{(?:\{|%)[-+]?\s*(?:claim\b)?(?P<inside>.*?)[-+]?(?:\}\}|%\})", re.DOTALL)


def parse(file: str, section: str, source: str, panels: Collection[str]) -> ParsedText | list[Problem]:
    """Return the tree of authored text, or all its problems.

    `panels` are the names of panels.
    """
    unfit = list(_unfit(file, source))
    if unfit:
        return unfit
    environment = _Environment(extensions=[_Claims], keep_trailing_newline=True)
    try:
        parsed = ParsedText(file, section, source, environment.parse(source), environment.otherwise)
        return list(dict.fromkeys(_check(parsed, panels))) or parsed
    except TemplateSyntaxError as error:
        begin = max(error.lineno and source.rfind(mark, 0, error.lineno + 1) for mark in ("{{", "{%"))
        return [Problem(file, *_place(source, begin), "", _words(error.message or ""))]
    except RecursionError:
        return [Problem(file, 0, 0, "", _TOO_DEEP)]
    except (ValueError, OverflowError):
        return [Problem(file, 0, 0, "", "a number has too many digits")]


def _unfit(file: str, source: str) -> Iterator[Problem]:
    if len(source) > LARGEST:
        yield Problem(file, 0, 0, "", f"has more than {LARGEST:,} characters")
    marks = [i for i, character in enumerate(source) if ord(character) in MARKS]
    if marks:
        message = f"the character U+{ord(source[marks[0]]):04X} cannot be used in authored text; remove it"
        yield Problem(file, *_place(source, marks[0]), "", message)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's syntax with claims, and with positions as line numbers. It records the claims with an `otherwise`."""

    def __init__(self, **options: object) -> None:
        self.otherwise: set[int] = set()
        super().__init__(**options)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        placed = self._placed(source, self.lexer.tokeniter(source, name, filename, state))
        return TokenStream(self.lexer.wrap(placed, name, filename), name, filename)

    def _placed(self, source: str, tokens: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
        """Yield tokens with the position of each in place of its line."""
        end = 0
        try:
            for _, sort, text in tokens:
                start = source.index(text, end)
                end = start + len(text)
                yield start, sort, text
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(error.message or "", end) from None


class _Claims(Extension):
    """`{% claim PREDICATE %}…{% otherwise %}…{% endclaim %}`: an If whose test is marked."""

    tags = {"claim"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        predicate = parser.parse_expression()
        body = parser.parse_statements(("name:otherwise", "name:endclaim"))
        other: list[nodes.Node] = []
        has_otherwise = parser.stream.current.test("name:otherwise")
        next(parser.stream)
        if has_otherwise:
            other = parser.parse_statements(("name:endclaim",), drop_needle=True)
        test = nodes.Call(nodes.Name(_MARK, "load", lineno=line), [predicate], [], None, None, lineno=line)
        node = nodes.If(test, body, [], other, lineno=line)
        if has_otherwise and isinstance(self.environment, _Environment):
            self.environment.otherwise.add(id(node))
        return node


def predicate_of(node: nodes.If) -> nodes.Expr:
    """Return the predicate of a claim."""
    assert isinstance(node.test, nodes.Call)  # noqa: S101 - written by _Claims
    return node.test.args[0]


def _check(parsed: ParsedText, panels: Collection[str]) -> Iterator[Problem]:
    """Yield every construct that authored text may not contain, and every unknown name."""
    stack: list[tuple[nodes.Node, int]] = [(parsed.tree, 0)]
    while stack:
        node, depth = stack.pop()
        message = _TOO_DEEP if depth > DEEPEST else _fault(node, panels)
        if message is not None:
            found = re.compile(r"\{%[-+]?\s*(\w+)").match(parsed.source, parsed.begin(node))
            is_tag = found is not None and found[1] not in TAGS
            yield parsed.problem(node, _unknown_tag(found[1]) if found and is_tag else message)
            continue
        stack += [(child, depth + 1) for child in node.iter_child_nodes()][::-1]


def _unknown_tag(name: str) -> str:
    if name in TAGS:
        return f"{name} has no claim before it"
    return f"the tag {name} is not available; tags are {listed(TAGS)}{did_you_mean(name, TAGS)}"


def _fault(node: nodes.Node, panels: Collection[str]) -> str | None:
    if type(node) in _REFUSED:
        return _REFUSED[type(node)]
    if type(node) not in _NODES:
        return f"{type(node).__name__} is not available in authored text"
    if isinstance(node, nodes.Call):
        return _fault_of_call(node, panels)
    if isinstance(node, nodes.Name) and node.name != _MARK and node.ctx == "load":
        return _fault_of_name(node.name, {*panels, "date", "units"})
    return None


def _fault_of_call(node: nodes.Call, panels: Collection[str]) -> str | None:
    if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
        return "only functions can be called, by their name"
    name = node.node.name
    known = {*FUNCTIONS, *PREDICATES}
    if name in panels:
        return f'{name} is a panel; its cells are {name}["given", "outcome"], in brackets'
    if name not in known and name != _MARK:
        return f"there is no function {name}; functions are {', '.join(sorted(known))}{did_you_mean(name, known)}"
    return None


def _fault_of_name(name: str, values: Collection[str]) -> str | None:
    if name in values or name in FUNCTIONS or name in PREDICATES:
        return None
    return f"there is no {name}; values are {', '.join(sorted(values))}{did_you_mean(name, values)}"


def _words(said: str) -> str:
    """Return an error message of Jinja, or our own for an unknown tag."""
    unknown = re.search(r"Encountered unknown tag '(\w+)'", said)
    return _unknown_tag(unknown[1]) if unknown else f"a tag cannot be read: {said}"


def _place(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
