"""Values as Typst code: whatever a label holds, it is a string there and never markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Value = None | bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]
"""What `typst_value` can write."""

_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')


def typst_string(text: str) -> str:
    r"""Return a text as a Typst string, character for character.

    >>> print(typst_string('a "b" \\ #c\n'))
    "a \"b\" \\ #c\u{a}"
    """
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character in '\\"':
        return f"\\{character}"
    code = ord(character)
    return f"\\u{{{0xFFFD if 0xD800 <= code <= 0xDFFF else code:x}}}"  # a lone surrogate is no character


def typst_value(value: Value) -> str:
    """Return a value on one line: mappings are dictionaries with their keys as strings, None is `none`.

    >>> print(typst_value({"a b": [1, 0.5], "c": [None], "d": {}, "e": []}))
    ("a b": (1, 0.5), "c": (none,), "d": (:), "e": ())
    """
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return typst_string(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return f"({', '.join(typst_entries(value)) or ':'})"
    items = [typst_value(item) for item in value]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def typst_entries(values: Mapping[str, Value]) -> list[str]:
    """Return the entries of a dictionary, each as code."""
    return [f"{typst_string(name)}: {typst_value(value)}" for name, value in values.items()]
