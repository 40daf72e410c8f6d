"""Fields whose labels the engine cannot split: separators within brackets or quotes, lists and objects as text."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from typing import Protocol

from ..errors import DataError

AS_LIST = "list"
"""The `separator` of fields that are lists written as text, in JSON's way or Python's."""

BRACKETS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = ('"', "'")
_NAMED = 3
_LONGEST = 100_000
"""Characters of the longest field that is read as a list or an object."""


class FieldForm(Protocol):
    """How a field holds labels."""

    @property
    def separator(self) -> str | None: ...  # noqa: D102
    @property
    def respect(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def key(self) -> str | None: ...  # noqa: D102


def is_split_here(how: FieldForm) -> bool:
    """Return whether the labels of fields are found here and not in the engine."""
    return bool(how.respect) or how.separator == AS_LIST or how.key is not None


def labels_in(texts: Sequence[str], how: FieldForm, kind: str) -> dict[str, list[str]]:
    """Return the raw labels that each text holds; DataError where texts are no lists or objects, as they should be."""
    if how.separator == AS_LIST or how.key is not None:
        return _listed(texts, how, kind)
    separator = how.separator or ""
    return {text: list(_parts(text, separator, how.respect)) for text in texts}


def refuse_lists(texts: Sequence[str], how: FieldForm, kind: str) -> None:
    """Raise DataError where labels are lists or objects written as text, which nobody means."""
    if how.separator == AS_LIST or how.key is not None:
        return
    nested = [text for text in texts if isinstance(parsed(text), list | dict) and parsed(text)]
    if len(nested) < 2 or 2 * len(nested) <= len(texts):
        return
    objects = [parsed(text) for text in nested]
    held = next((one for value in objects if isinstance(one := _first(value), dict) and one), None)
    line = f"separator: {AS_LIST}" + ("" if held is None else f", key: {_best(held)}")
    what = "lists" if held is None else "objects"
    raise DataError(
        f'{kind}: labels are {what} written as text, such as "{min(nested)[:80]}"; to read them, write {line}'
    )


def _first(value: object) -> object:
    while isinstance(value, list) and value:
        value = value[0]
    return value


def _best(held: dict[str, object]) -> str:
    """Return the key of an object under which its label most likely stands."""
    texts = [key for key, value in held.items() if isinstance(value, str)]
    return next((key for key in texts if key in ("name", "label", "title")), next(iter(texts or held)))


def _parts(text: str, separator: str, respect: Sequence[str]) -> Iterator[str]:
    """Yield the parts of a text between separators that stand outside brackets or quotes.

    A bracket or quote that is never closed holds nothing together. Quotes around a whole part are taken off.

    >>> list(_parts('C (a, b), "x, y", z', ",", ("brackets", "quotes")))
    ['C (a, b)', 'x, y', 'z']
    >>> list(_parts("rock (hard, it's", ",", ("brackets", "quotes")))
    ['rock (hard', "it's"]
    """
    begin = at = 0
    while at < len(text):
        if text.startswith(separator, at):
            yield _bare(text[begin:at], respect)
            at += len(separator)
            begin = at
        else:
            at = _end(text, at, begin, respect) + 1
    yield _bare(text[begin:], respect)


def _end(text: str, at: int, begin: int, respect: Sequence[str]) -> int:
    """Return where the bracket or quote that opens at a place is closed; the place itself where none is."""
    character = text[at]
    if "quotes" in respect and character in _QUOTES and not text[begin:at].strip():
        return max(at, text.find(character, at + 1))
    if "brackets" not in respect or character not in BRACKETS:
        return at
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == character) - (text[place] == BRACKETS[character])
        if depth == 0:
            return place
    return at


def _bare(part: str, respect: Sequence[str]) -> str:
    bare = part.strip()
    quoted = "quotes" in respect and len(bare) > 1 and bare[0] in _QUOTES and bare[-1] == bare[0]
    return bare[1:-1] if quoted else bare


def _listed(texts: Sequence[str], how: FieldForm, kind: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    wrong: list[str] = []
    for text in texts:
        try:
            found[text] = list(_labels(_value(text), how.key))
        except ValueError:
            wrong.append(text)
    if wrong:
        named = ", ".join(f'"{text[:80]}"' for text in sorted(wrong)[:_NAMED])
        more = f" and {len(wrong) - _NAMED:,} more" if len(wrong) > _NAMED else ""
        what = "no list" if how.key is None else f'no object with "{how.key}", nor a list of such'
        raise DataError(f"{kind}: {len(wrong):,} of {len(texts):,} distinct fields hold {what}: {named}{more}")
    return found


def _value(text: str) -> object:
    """Return the list or object that a text is, in JSON's way or Python's; ValueError where it is none."""
    if not text.strip():
        return []
    value = parsed(text)
    if not isinstance(value, list | tuple | set | dict):
        raise ValueError(text)  # noqa: TRY004 - caught above
    return value


def parsed(text: str) -> object:
    """Return what a text is as JSON or as a literal of Python; None where it is neither, or too long."""
    bare = text.strip()
    if len(bare) > _LONGEST or bare[:1] not in ("[", "{", "("):
        return None
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        pass
    try:
        value: object = ast.literal_eval(bare)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value


def _labels(value: object, key: str | None) -> Iterator[str]:
    """Yield the labels of a value: texts, lists of them however deep, of objects what stands under the key."""
    if isinstance(value, list | tuple | set):
        for one in value:
            yield from _labels(one, key)
    elif isinstance(value, dict):
        if key is None or key not in value:
            raise ValueError(key)
        yield from _labels(value[key], None if not isinstance(value[key], dict | list) else key)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None:
        yield str(value)
