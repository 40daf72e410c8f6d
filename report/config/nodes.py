"""Read a file into plain values, with every scalar as its text, and with the place of each entry.

PyYAML's composer gives nodes with their places. Nothing is constructed from tags, so `no`, `on`, `12:30` and `1e3` stay
text until the settings of a stage need a number or a boolean.
"""

from __future__ import annotations

import codecs
import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from ..disk import NOT_UTF_8, is_text
from ..errors import ConfigError, Problem
from ..foreign_text import CONTROL, NO_TEXT, PRIVATE, REORDERING
from .places import Fault, KeyPath, Place, Plain, SourcePositions, quoted

LARGEST = 1_000_000
"""The maximum size of a config file in bytes. Thousands of aliases belong in a separate file."""

_NO_TEXT = re.compile(f"[{NO_TEXT}]")
_UNREADABLE = re.compile(f"[{CONTROL}{REORDERING}{PRIVATE}]")
"""Characters that displayed text must not contain. Names of columns, separators and labels of data may."""

_REORDERING = re.compile(f"[{REORDERING}{NO_TEXT}]")

_DATA_KEYS = frozenset(
    {
        "aliases",
        "attributes",
        "column",
        "columns",
        "delimiter",
        "encoding",
        "group",
        "id",
        "key",
        "labels",
        "lookup",
        "match",
        "null",
        "path",
        "pattern",
        "prefix",
        "quote",
        "replace",
        "separator",
        "strata",
        "selected_values",
        "unmatched",
        "when_several_of",
        "where",
    }
)
"""Keys whose values are compared with data."""

_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path) -> str:
    """Return a config file's text. Raises ConfigError if it cannot be read or is not UTF-8."""
    if not is_text(path):
        raise _failure(path, f"cannot be read: {NOT_UTF_8}")
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise _failure(path, "is no file but a pipe or a device; only files are read: write what it gives into one")
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise _failure(path, "is a folder; name the YAML file in it") from None
    except FileNotFoundError:
        raise _failure(path, f"there is no such file{_nearby(path)}") from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL byte in the name. On Windows, PermissionError may also mean a folder
        if path.is_dir():
            raise _failure(path, "is a folder; name the YAML file in it") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a file's"
        raise _failure(path, f"cannot be read: {reason}") from None
    return decode(raw, str(path))


def decode(raw: bytes, file: str) -> str:
    """Return bytes as text without byte order mark. Raises ConfigError if there are too many or they are not UTF-8."""
    if len(raw) > LARGEST:
        raise _failure(file, f"is larger than {LARGEST // 1_000_000} MB; is this the config file?")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _failure(file, "is UTF-16; save it as UTF-8", 1, 1)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        message = f"byte 0x{raw[error.start]:02X} (number {error.start + 1}) is not UTF-8; save the file as UTF-8"
        raise _failure(file, message, *_end(before)) from None
    text = text.removeprefix("\ufeff")
    found = _CONTROL.search(text)
    if found:
        message = f"the character U+{ord(found.group()):04X} cannot be used in YAML; remove it"
        raise _failure(file, message, *_end(text[: found.start()]))
    found = _REORDERING.search(text)
    if found:
        message = f"the character U+{ord(found.group()):04X} {_why(found.group())}; remove it"
        raise _failure(file, message, *_end(text[: found.start()]))
    return text


def _failure(file: str | Path, message: str, line: int = 0, column: int = 0) -> ConfigError:
    return ConfigError([Problem(str(file), line, column, "", message)])


def _end(before: str) -> tuple[int, int]:
    """Return line and column, from 1, of the position after this text."""
    lines = before.removeprefix("\ufeff").split("\n")
    return len(lines), len(lines[-1]) + 1


def _nearby(path: Path) -> str:
    """Return a guess at the intended file: the YAML file of the same folder with the most similar name."""
    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.suffix in {".yaml", ".yml"})
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f' (did you mean "{path.with_name(near[0])}"?)' if near else ""


_TOKENS = {
    "<block end>": "the end of an indented part",
    "<block mapping start>": "keys indented further",
    "<block sequence start>": "a list",
    "<block sequence entry>": "a list entry (-)",
    "<document end>": "the end of the document (...)",
    "<document start>": "a new document (---)",
    "<scalar>": "text",
    "<stream end>": "the end of the file",
    "?": "a key",
}

_INDENT = "does not line up with the lines above: entries of one mapping or list begin in the same column"
_COMPLAINTS: tuple[tuple[str, str], ...] = (
    (r"found character '\\t'", "a tab; YAML is indented with spaces"),
    (r"found character '([@`%])'", "text cannot begin with {0}; put it in quotes"),
    (r"found character", "this character cannot begin an entry; put the text in quotes"),
    (r"could not find expected ':'", 'a key needs ":" and a space after it, on the same line'),
    (
        r"sequence entries are not allowed here",
        'a list entry ("- …") cannot be used here; begin it on a line of its own',
    ),
    (r"mapping keys are not allowed here", "a key cannot be used here; begin it on a line of its own"),
    (
        r"mapping values are not allowed here",
        'a second ": " on this line, or a line indented too far; put text that contains ": " in quotes',
    ),
    (r"unknown escape character '(.*)'", "\\{0} means nothing between double quotes; use single quotes"),
    (r"hexadecimal numbers", "an escape between double quotes lacks digits; use single quotes"),
    (r"unexpected end of stream", "the quote that begins {context} is never closed"),
    (r"unexpected document separator", "the quote that begins {context} is never closed"),
    (r"expected '<document start>', but found '(.*)'", "{token} cannot follow the lines above"),
    (r"expected a single document", "the file contains several documents (---); a config is one"),
    (r"but found another document", "the file contains several documents (---); a config is one"),
    (r"undefined alias '(.*)'", "*{0} refers to nothing: there is no &{0} above"),
    (r"undefined tag handle", "tags (!…) are not read; remove it"),
    (r"the node content, but found '(.*)'", "a value is missing here; there is {token}"),
    (r"expected <block end>, but found ':'", 'a key is missing before ":"'),
    (r"expected <block end>, but found", _INDENT),
    (r"expected ',' or '\]', but got '(.*)'", 'the list that begins {context} needs "," or "]" before {token}'),
    (r"expected ',' or '\}', but got '(.*)'", 'the mapping that begins {context} needs "," or "}}" before {token}'),
    (r"indentation indicator|chomping", 'only "|", ">", "|-" or ">-" and a line break begin a block of text'),
    (r"comment or a line break", "a line break is needed here"),
)
_PARTS = (
    ("directive", "lines that begin with % are not read; remove this one"),
    ("YAML directive", "lines that begin with % are not read; remove this one"),
    ("tag", "tags (!…) are not read; remove it"),
    ("anchor", "an anchor (&name) or alias (*name) needs a name of letters and digits; or put the text in quotes"),
    ("alias", "an anchor (&name) or alias (*name) needs a name of letters and digits; or put the text in quotes"),
)


def _syntax_failure(error: yaml.MarkedYAMLError, file: str) -> ConfigError:
    """Return the error of the parser with its place, in our words."""
    # the parser notices a key without a colon lines later; report the place of the key
    unfinished = "expected ':'" in (error.problem or "")
    mark = error.context_mark if unfinished else error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return _failure(file, _complaint(error), line, column)


def _complaint(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.context or ''} {error.problem or ''}"
    for pattern, words in _COMPLAINTS:
        found = re.search(pattern, said)
        if found:
            named = found.groups() or ("",)
            token = _TOKENS.get(named[0], f'"{named[0]}"')
            return words.format(*named, token=token, context=_where(error.context_mark))
    for part, words in _PARTS:
        if part in said:
            return words
    return "this is not YAML: look at the indentation, brackets and quotes just before"


def _where(mark: yaml.Mark | None) -> str:
    return f"at line {mark.line + 1}, column {mark.column + 1}" if mark else "above"


DEEPEST = 40
MOST_ENTRIES = 50_000
"""The most keys and values in a file. Reading them takes seconds, and tables belong in data files."""

MOST_REPEATED = 10_000
"""The most values that may come from aliases (*name): enough for any config, too few for a YAML bomb."""

_YAML = "tag:yaml.org,2002:"
_TAGS = frozenset(
    _YAML + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)


@dataclass(frozen=True)
class Tree:
    """A config file as plain values. `wrongs` are the problems that did not prevent reading."""

    value: dict[str, Plain]
    positions: SourcePositions
    wrongs: tuple[tuple[Place, Fault], ...]


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """The rest of the file cannot be read."""

    def __init__(self, mark: yaml.Mark, message: str) -> None:
        super().__init__(message)
        self.mark, self.message = mark, message


class _Composer(yaml.SafeLoader):
    """A composer of nodes with limited depth (beyond it, Python's own stack overflows with a traceback)."""

    depth = 0
    n_entries = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        self.depth += 1
        self.n_entries += 1
        message = None
        if self.n_entries > MOST_ENTRIES:
            message = f"more than {MOST_ENTRIES:,} keys and values; long tables belong in a file of data"
        elif self.depth > DEEPEST:
            message = f"brackets or indentation deeper than {DEEPEST} levels"
        if message is not None:
            raise _Unreadable(self.peek_event().start_mark, message)  # type: ignore[no-untyped-call]
        try:
            return super().compose_node(parent, index)  # type: ignore[arg-type]
        finally:
            self.depth -= 1


def read_tree(text: str, file: str) -> Tree:
    """Return the plain values of YAML text. Raises ConfigError if it is not YAML, or not one mapping of keys."""
    try:
        reader = _Reader()
        value = reader.mapping(_top(_compose(text), file), ())
    except yaml.MarkedYAMLError as error:
        raise _syntax_failure(error, file) from None
    except _Unreadable as error:
        raise _failure(file, error.message, error.mark.line + 1, error.mark.column + 1) from None
    return Tree(value, SourcePositions(file, MappingProxyType(reader.places)), tuple(reader.wrongs))


def _top(node: yaml.Node | None, file: str) -> yaml.MappingNode:
    if node is None or _is_null(node):
        raise _failure(file, "is empty; a config begins with version: 1")
    if node.tag not in _TAGS:
        raise _Unreadable(node.start_mark, f"tags ({_short_tag(node.tag)}) are not read; remove it")
    if not isinstance(node, yaml.MappingNode):
        raise _Unreadable(node.start_mark, "a config is a mapping of keys such as version: 1, report: …")
    return node


@lru_cache(maxsize=1)  # a build reads its config once for its settings and once to publish it
def _compose(text: str) -> yaml.Node | None:
    loader = _Composer(text)
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError) as error:
        # bugs of the parser: a character number beyond Unicode in an escape, an endless YAML version
        message = "an escape between double quotes names no character; use single quotes"
        raise _Unreadable(loader.get_mark(), message) from error
    finally:
        loader.dispose()


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_YAML}null" and node.style is None


class _Reader:
    """Convert nodes to plain values and collect places and problems."""

    def __init__(self) -> None:
        self.places: dict[KeyPath, Place] = {}
        self.wrongs: list[tuple[Place, Fault]] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._repeated = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Plain:
        """Return the plain value of a node."""
        self._count(node)
        if node.tag not in _TAGS:
            self.wrongs.append((_place(node), Fault(path, f"tags ({_short_tag(node.tag)}) are not read; remove it")))
        if isinstance(node, yaml.ScalarNode):
            return None if _is_null(node) else self._checked(node.value, node, path)
        if id(node) in self._open:
            raise _Unreadable(node.start_mark, "this contains itself by an alias (*name); write it out")
        self._open.add(id(node))
        plain = self.mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        self._open.discard(id(node))
        return plain

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Plain]:
        """Return a mapping. If a key occurs twice, the first counts, and both places are reported."""
        plain: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            below = (*path, key)
            if key in plain:
                first = self.places[below]
                message = f"is written twice; first at line {first.line}, column {first.column}"
                self.wrongs.append((_place(key_node), Fault(below, message)))
                continue
            self.places[below] = _place(key_node)
            plain[key] = self.value(value_node, below)
        return plain

    def _sequence(self, node: yaml.Node, path: KeyPath) -> list[Plain]:
        plain: list[Plain] = []
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
            return self._checked(node.value, node, path)
        self.wrongs.append((_place(node), Fault(path, message)))
        return None

    def _checked(self, text: str, node: yaml.Node, path: KeyPath) -> str:
        """Return a text and note a forbidden character in it, which an escape between double quotes can insert."""
        found = _NO_TEXT.search(text) or (None if _DATA_KEYS.intersection(path) else _UNREADABLE.search(text))
        if found is not None:
            message = f"the character U+{ord(found[0]):04X} {_why(found[0])}; remove it"
            self.wrongs.append((_place(node), Fault(path, message)))
        return _NO_TEXT.sub("?", text)

    def _count(self, node: yaml.Node) -> None:
        if id(node) in self._seen:
            self._repeated += 1
            if self._repeated > MOST_REPEATED:
                message = f"aliases (*name) repeat more than {MOST_REPEATED:,} values; write them in fewer places"
                raise _Unreadable(node.start_mark, message)
        self._seen.add(id(node))


def _why(character: str) -> str:
    if _NO_TEXT.match(character):
        return "is not text"
    return "reorders the text around it" if re.match(f"[{REORDERING}]", character) else "cannot be seen or printed"


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _short_tag(tag: str) -> str:
    return quoted("!!" + tag.removeprefix(_YAML) if tag.startswith(_YAML) else tag).strip('"')
