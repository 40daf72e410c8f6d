"""Return a config for publication: without comments, since these are often private notes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from ..errors import ConfigError
from .nodes import read_text, read_tree
from .places import Plain

_HEADER_COMMENT = re.compile(r"\A([|>][-+0-9]*)[ \t]+#[^\r\n]*")
"""The comment after the mark of a block scalar, which the scanner treats as part of the scalar."""

_COMMENT = re.compile(r"[ \t]*#[^\r\n\x85\u2028\u2029]*")


def published_config(path: Path) -> str:
    """Return the text of a config file for publication. Raises ConfigError for a file that cannot be read."""
    return without_comments(read_text(path))


@lru_cache(maxsize=4)  # a build publishes its config in several files, and parsing takes 30 ms
def without_comments(text: str) -> str:
    """Return the text of a config without comments. Lines with only a comment are removed.

    The rest stays the same, byte by byte, including `#` in values. Raises ConfigError for a text that cannot be read.
    """
    value = read_tree(text, "config").value
    stripped = "".join(_parts(text))
    return stripped if _value(stripped) == value else _anew(value)


def _parts(text: str) -> Iterator[str]:
    """Yield the text token by token. Comments only occur between tokens."""
    end = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        start = token.start_mark.index
        if start > end:
            yield _gap(text[end:start], at_start=_begins_line(text, end))
        if token.end_mark.index > max(start, end):
            yield _HEADER_COMMENT.sub(r"\1", text[max(start, end) : token.end_mark.index])
        end = max(end, token.end_mark.index)
    yield _gap(text[end:], at_start=_begins_line(text, end))


def _begins_line(text: str, place: int) -> bool:
    return place == 0 or text[place - 1] in "\r\n"


def _gap(between: str, *, at_start: bool) -> str:
    """Return the text between two tokens without comments.

    Unless `at_start`, its first line ends a line with a value.
    """
    first, *lines = between.splitlines(keepends=True) or [""]
    kept = [line for line in ([first, *lines] if at_start else lines) if not line.lstrip(" \t").startswith("#")]
    return "".join(kept) if at_start else "".join([_COMMENT.sub("", first), *kept])


def _anew(value: Plain) -> str:
    """Return values as YAML, for a text whose values depend on the position of its comments."""
    plain = json.dumps(value, ensure_ascii=False, indent=2)  # valid YAML, except for characters that do not print
    return "".join(c if c.isprintable() or c == "\n" else f"\\U{ord(c):08x}" for c in plain) + "\n"


def _value(text: str) -> object:
    try:
        tree = read_tree(text, "config")
    except ConfigError:
        return None
    return None if tree.wrongs else tree.value
