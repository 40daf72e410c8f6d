"""Parse authored text to a tree. Jinja only reads it and never compiles or runs it (`rendering` walks the tree).

An expression can therefore only do things that the walk supports. There are no attributes, methods or files, and no
code to escape from. Jinja syntax that authored text may not contain is rejected here, with all errors reported in one
run.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from jinja2 import TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ...errors import Problem, did_you_mean, listed
from .functions import FUNCTIONS, PREDICATES
from .verdicts import Unbound

LARGEST = 100_000
"""Maximum length of a file of authored text, in characters."""

DEEPEST = 40
"""Maximum nesting of brackets, sums and tags."""

TAGS = ("claim", "otherwise", "endclaim", "for", "endfor")

MARKS = range(0xE000, 0xE004)
"""Private characters that represent values between Jinja and Markdown. Author's text must not contain them."""

_TOO_DEEP = "brackets or tags are nested too deeply"

_MARK = " claim"
"""The name that marks a claim in the tree. Authors cannot write it because it contains a space."""

_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Name, nodes.Const, nodes.Tuple,
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


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}` or `{% … %}`: its name ("" for a value), its content, and its place."""

    name: str
    inside: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of text between tags, its start, and whether it is inside a claim."""

    text: str
    offset: int
    claimed: bool


@dataclass(frozen=True)
class ParsedText:
    """A file of authored text: its tree, the tag of each value, loop and claim, and the text between tags.

    `source` has spaces in place of the front matter, so that line numbers match the file.
    """

    file: str
    section: str
    source: str
    tree: nodes.Template
    tags: Mapping[int, Tag]
    stretches: tuple[Stretch, ...]
    otherwise: Collection[int] = field(default_factory=frozenset)

    def tag(self, node: nodes.Node) -> Tag:
        """Return the tag of a value, loop or claim."""
        return self.tags[id(node)]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column, from 1, of a character."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Return the start of each line."""
        return (0, *(found.end() for found in re.finditer("\n", self.source)))


def parse(file: str, section: str, source: str, panels: Collection[str]) -> ParsedText | list[Problem]:
    """Return the tree of authored text, or all its problems.

    `panels` are the names of panels.
    """
    unfit = list(_unfit(file, source))
    if unfit:
        return unfit
    environment = _Environment(extensions=[_Claims], keep_trailing_newline=True)
    tags: list[Tag] = []
    try:
        tags, stretches = _scan(environment, source)
        refused = [_unknown_tag(file, tag) for tag in tags if tag.name and tag.name not in TAGS]
        if refused:
            return refused
        tree = environment.parse(source)
        problems = list(dict.fromkeys(_check(file, tree, _tagged(tree, tags), panels)))
        otherwise = frozenset(environment.otherwise)
        return problems or ParsedText(file, section, source, tree, _tagged(tree, tags), stretches, otherwise)
    except TemplateSyntaxError as error:
        on_line = [tag.column for tag in tags if tag.line == error.lineno]
        return [Problem(file, error.lineno, on_line[0] if len(on_line) == 1 else 0, "", _words(error.message or ""))]
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
    """Jinja's syntax with claims. It records which claims have an `otherwise`."""

    def __init__(self, **options: object) -> None:
        self.otherwise: set[int] = set()
        super().__init__(**options)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()


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


def predicate_of(node: nodes.If) -> nodes.Expr | None:
    """Return the predicate of a claim, or None if the node is not a claim."""
    test = node.test
    marked = isinstance(test, nodes.Call) and isinstance(test.node, nodes.Name) and test.node.name == _MARK
    return test.args[0] if marked and isinstance(test, nodes.Call) else None


def _scan(environment: _Environment, source: str) -> tuple[list[Tag], tuple[Stretch, ...]]:
    """Return the tags and the text between them, in order, from Jinja's tokens."""
    tags: list[Tag] = []
    stretches: list[Stretch] = []
    offset = begin = within = 0
    named: str | None = None
    for _, sort, text in environment.lex(source):
        start = source.index(text, offset)
        offset = start + len(text)
        if sort == "data":
            stretches.append(Stretch(text, start, within > 0))
        elif sort in ("block_begin", "variable_begin"):
            begin, named = start, "" if sort == "variable_begin" else None
            inner = offset
        elif sort == "name" and named is None:
            named, inner = text, offset
            within += {"claim": 1, "endclaim": -1}.get(text, 0)
        elif sort in ("block_end", "variable_end"):
            inside = " ".join(source[inner:start].split())
            tags.append(Tag(named or "", inside, *_place(source, begin)))
            named = ""
    return tags, tuple(stretches)


def _unknown_tag(file: str, tag: Tag) -> Problem:
    near = did_you_mean(tag.name, TAGS)
    message = f"the tag {tag.name} is not available; tags are {listed(TAGS)}{near}"
    return Problem(file, tag.line, tag.column, "", message)


def _tagged(tree: nodes.Template, tags: Sequence[Tag]) -> dict[int, Tag]:
    """Return the tag of each value, loop and claim by node identity. Both are in source order."""
    opening = iter([tag for tag in tags if tag.name in ("", "claim", "for")])
    return {id(node): tag for node, tag in zip(_opened(tree), opening, strict=True)}


def _opened(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.Output):
        yield from (child for child in node.nodes if not isinstance(child, nodes.TemplateData))
        return
    if isinstance(node, nodes.For | nodes.If):
        yield node
    for child in node.iter_child_nodes():
        yield from _opened(child)


def _check(file: str, tree: nodes.Template, tags: Mapping[int, Tag], panels: Collection[str]) -> Iterator[Problem]:
    """Yield every construct that authored text may not contain, and every unknown name."""
    stack: list[tuple[nodes.Node, Tag | None, frozenset[str], int]] = [(tree, None, frozenset(), 0)]
    while stack:
        node, tag, loops, depth = stack.pop()
        tag = tags.get(id(node), tag)
        message = _TOO_DEEP if depth > DEEPEST else _fault(node, panels, loops)
        if message is not None:
            yield Problem(file, tag.line if tag else node.lineno, tag.column if tag else 0, "", message)
            continue
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
            loops |= {node.target.name}
        stack += [(child, tag, loops, depth + 1) for child in node.iter_child_nodes()][::-1]


def _fault(node: nodes.Node, panels: Collection[str], loops: Collection[str]) -> str | None:
    if type(node) in _REFUSED:
        return _REFUSED[type(node)]
    if type(node) not in _NODES:
        return f"{type(node).__name__} is not available in authored text"
    if isinstance(node, nodes.For) and (
        not isinstance(node.target, nodes.Name) or node.else_ or node.test or node.recursive
    ):
        return "a loop is written {% for name in categories(left) %}…{% endfor %}"
    if isinstance(node, nodes.Call):
        return _fault_of_call(node, panels)
    if isinstance(node, nodes.Name) and node.name != _MARK and node.ctx == "load":
        return _fault_of_name(node.name, {*panels, *loops, "date", "units"})
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


_SAID: Sequence[tuple[str, str]] = (
    (r"Encountered unknown tag '(\w+)'", "{0} has no claim or for before it"),
    (r"Unexpected end of template", "a claim or for is never closed"),
    (r"unexpected end of template", "a tag is never closed"),
    (r"expected token '(.*)', got '(.*)'", 'there is "{1}" where {0} should be'),
    (r"unexpected char '(.*)'", "the character {0} cannot be used here"),
    (r"unexpected '(?:end of .*)'", "something is missing before the end of a tag"),
    (r"unexpected '(.*)', expected '(.*)'", 'there is "{0}" where "{1}" should be'),
    (r"unexpected '(.*)'", 'there is a "{0}" that nothing opens'),
)


def _words(said: str) -> str:
    """Return an error message of Jinja in our own words."""
    for pattern, words in _SAID:
        found = re.search(pattern, said)
        if found:
            return words.format(*found.groups())
    return "this tag cannot be read: look at its quotes and brackets"


def _place(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


_NUMBER = r"(?<![\w.,-])[-+\N{MINUS SIGN}]?\d[\d.,]*(?:\s?%)?(?![\w-])(?<![.,])"
_WORDS = (
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million "
    "half third quarter twice double dozen"
)
_SUPERLATIVES = (
    "most least highest lowest largest smallest biggest greatest strongest weakest fewest commonest rarest best worst "
    "all every none never always only majority minority"
)
_FOUND = re.compile(
    rf"(?P<number>{_NUMBER}|\b(?:{'|'.join(_WORDS.split())})\b)|(?P<superlative>\b(?:{'|'.join(_SUPERLATIVES.split())})\b)",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(r"^[ \t]*\d{1,9}[.)](?=\s)|\]\([^)\n]*\)|<https?:[^>\n]*>", re.MULTILINE)
"""Numbers of list items and addresses of links, which are not prose."""

_SENTENCE = re.compile(r"[^.!?\n]*(?:\.(?=\d)[^.!?\n]*|\n(?!\s*\n)[^.!?\n]*)*[.!?\n]?")


def unbound(parsed: ParsedText, categories: Sequence[str]) -> Iterator[Unbound]:
    """Yield numbers and superlatives outside values and claims, in the order of the file.

    A number in a sentence that names a category is an unchecked statement about the data, and is reported as such.
    Words such as ImageNet-1k are not numbers, nor are category names that contain digits.
    """
    names = [name for name in categories if name.strip()]
    known = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True)))
    for stretch in parsed.stretches:
        if stretch.claimed:
            continue
        prose = _blanked(_NOT_PROSE, stretch.text)
        plain = _blanked(known, prose) if names else prose
        sentences = [
            (m.start(), bool(names) and known.search(m.group()) is not None) for m in _SENTENCE.finditer(prose)
        ]
        for found in _FOUND.finditer(plain):
            named = sentences[bisect_right(sentences, (found.start(), True)) - 1][1]
            line, column = parsed.place(stretch.offset + found.start())
            yield Unbound(parsed.file, line, column, _sort(found, named=named), found.group().strip())


def _sort(found: re.Match[str], *, named: bool) -> Literal["number", "superlative", "category with number"]:
    if found.group("superlative"):
        return "superlative"
    return "category with number" if named else "number"


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """Return text with matches replaced by spaces, so that positions are unchanged."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
