"""YAML text -> plain values in which every scalar is the text that stands in the file, and where each stands.

PyYAML's composer gives nodes with their places; nothing is constructed from tags, so `no`, `on`, `12:30` and
`1e3` stay text until the settings of a stage want a number or a truth value.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import yaml

from ..errors import ConfigError, Problem
from .places import KeyPath, Place, Positions, Wrong, quoted
from .syntax import syntax_problem

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
"""A value of the file: text, nothing (`~`, `null`, or empty), a list, or a mapping."""

DEEPEST = 40
MOST_ENTRIES = 50_000
"""How many keys and values a file may have in all: reading them takes seconds, and tables belong in files of data."""

MOST_REPEATED = 10_000
"""How many values may come from aliases (*name) in all: enough for any config, too few for a bomb."""

_YAML = "tag:yaml.org,2002:"
_TAGS = frozenset(
    _YAML + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)


@dataclass(frozen=True)
class Tree:
    """A config file as plain values; `wrongs` are the problems that did not keep it from being read."""

    value: dict[str, Plain]
    positions: Positions
    wrongs: tuple[tuple[Place, Wrong], ...]


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """The file cannot be read on from here."""

    def __init__(self, mark: yaml.Mark, message: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message


class _Composer(yaml.SafeLoader):
    """Composes nodes, not deeper than allowed (Python's own stack would end first, with a traceback)."""

    depth = 0
    n_entries = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        self.depth += 1
        self.n_entries += 1
        if self.n_entries > MOST_ENTRIES:
            message = f"more than {MOST_ENTRIES:,} keys and values; long tables belong in a file of data"
            raise _Unreadable(self.peek_event().start_mark, message)  # type: ignore[no-untyped-call]
        if self.depth > DEEPEST:
            message = f"brackets or indentation deeper than {DEEPEST} levels"
            raise _Unreadable(self.peek_event().start_mark, message)  # type: ignore[no-untyped-call]
        try:
            return super().compose_node(parent, index)  # type: ignore[arg-type]
        finally:
            self.depth -= 1


def read_tree(text: str, file: str) -> Tree:
    """Return the plain values of YAML text; ConfigError where it is no YAML, or not one mapping of keys."""
    try:
        reader = _Reader()
        value = reader.mapping(_top(_compose(text), file), ())
    except yaml.MarkedYAMLError as error:
        raise ConfigError([syntax_problem(error, file)]) from None
    except _Unreadable as error:
        raise ConfigError([Problem(file, error.mark.line + 1, error.mark.column + 1, "", error.message)]) from None
    return Tree(value, Positions(file, MappingProxyType(reader.places)), tuple(reader.wrongs))


def _top(node: yaml.Node | None, file: str) -> yaml.MappingNode:
    if node is None or _is_null(node):
        raise ConfigError([Problem(file, 0, 0, "", "is empty; a config begins with version: 1")])
    if node.tag not in _TAGS:
        raise _Unreadable(node.start_mark, f"tags ({_short_tag(node.tag)}) are not read; remove it")
    if not isinstance(node, yaml.MappingNode):
        raise _Unreadable(node.start_mark, "a config is a mapping of keys such as version: 1, report: …")
    return node


def _compose(text: str) -> yaml.Node | None:
    loader = _Composer(text)
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError) as error:
        # a character number beyond Unicode in an escape, an endless YAML version: the parser's own slips
        message = "an escape between double quotes names no character; use single quotes"
        raise _Unreadable(loader.get_mark(), message) from error
    finally:
        loader.dispose()


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_YAML}null" and node.style is None


class _Reader:
    """Turns nodes into plain values, noting places and what is wrong on the way."""

    def __init__(self) -> None:
        self.places: dict[KeyPath, Place] = {}
        self.wrongs: list[tuple[Place, Wrong]] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._repeated = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Plain:
        """Return the plain value of a node."""
        self._count(node)
        if node.tag not in _TAGS:
            self.wrongs.append((_place(node), Wrong(path, f"tags ({_short_tag(node.tag)}) are not read; remove it")))
        if isinstance(node, yaml.ScalarNode):
            return None if _is_null(node) else str(node.value)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        return self._sequence(node, path)

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Plain]:
        """Return a mapping; of a key written twice the first counts, and both places are reported."""
        plain: dict[str, Plain] = {}
        with _Opened(self._open, node):
            for key_node, value_node in node.value:
                key = self._key(key_node, path)
                if key is None:
                    continue
                below = (*path, key)
                if key in plain:
                    first = self.places[below]
                    message = f"is written twice; first at line {first.line}, column {first.column}"
                    self.wrongs.append((_place(key_node), Wrong(below, message)))
                    continue
                self.places[below] = _place(key_node)
                plain[key] = self.value(value_node, below)
        return plain

    def _sequence(self, node: yaml.Node, path: KeyPath) -> list[Plain]:
        plain: list[Plain] = []
        with _Opened(self._open, node):
            for i, entry in enumerate(node.value):
                self.places[*path, i] = _place(entry)
                plain.append(self.value(entry, (*path, i)))
        return plain

    def _key(self, node: yaml.Node, path: KeyPath) -> str | None:
        message = None
        if not isinstance(node, yaml.ScalarNode):
            message = "a key must be text, not a list or mapping"
        elif node.tag not in _TAGS:
            message = f"tags ({_short_tag(node.tag)}) are not read; remove it"
        elif node.tag == f"{_YAML}merge":
            message = "merge keys (<<) are not read; write the keys out"
        elif node.value == "":
            message = 'a key is missing before ":"'
        if message is None:
            return str(node.value)
        self.wrongs.append((_place(node), Wrong(path, message)))
        return None

    def _count(self, node: yaml.Node) -> None:
        if id(node) in self._seen:
            self._repeated += 1
            if self._repeated > MOST_REPEATED:
                message = f"aliases (*name) repeat more than {MOST_REPEATED:,} values; write them in fewer places"
                raise _Unreadable(node.start_mark, message)
        self._seen.add(id(node))


class _Opened:
    """Marks a list or mapping as being read, so that one that holds itself by an alias is found out."""

    def __init__(self, open_nodes: set[int], node: yaml.Node) -> None:
        self.open_nodes = open_nodes
        self.node = node

    def __enter__(self) -> None:
        if id(self.node) in self.open_nodes:
            raise _Unreadable(self.node.start_mark, "this holds itself by an alias (*name); write it out")
        self.open_nodes.add(id(self.node))

    def __exit__(self, *_: object) -> None:
        self.open_nodes.discard(id(self.node))


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _short_tag(tag: str) -> str:
    return quoted("!!" + tag.removeprefix(_YAML) if tag.startswith(_YAML) else tag).strip('"')
