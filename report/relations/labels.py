"""Read the labels of items from columns: split fields, look up codes, and assign labels to categories."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import HIDDEN_IN_LOGS, DataError, Note, listed, may_quote, quoted, raise_if_any
from ..foreign_text import visible
from ..sources import LabelSettings, SourceSettings
from ..sources.engine import Engine, Frame, split
from ..sources.faults import check_length
from ..sources.files import Table, open_table, require_columns
from ..taxonomy import Taxonomy
from ..taxonomy.categorise import CategorisedItems, Types, categorise, types_of, united
from . import RecordSideSettings
from .hidden import TextOrigin, hidden_note, look_alike_notes

AS_LIST = "list"
"""The `separator` of fields that are lists written as text, in JSON or Python syntax."""

BRACKETS = {"(": ")", "[": "]", "{": "}"}
_SHOWN = 3
_LONGEST = 100_000
"""Maximum length of a field that is parsed as a list or an object."""


@dataclass(frozen=True)
class FieldForm:
    """The form of labels in fields: split at `separator`, then filtered by `prefix`, which is removed.

    `codes` maps codes to labels, if some labels are codes.
    """

    separator: str | None = None
    prefix: str | None = None
    codes: Mapping[str, str] | None = None

    @property
    def holds_lists(self) -> bool:
        """Whether fields are lists written as text, which are split in Python and not in the engine."""
        return self.separator == AS_LIST


def field_form(how: LabelSettings | RecordSideSettings, where: str, engine: Engine, base: Path) -> FieldForm:
    """Return the form of labels in a declared column, with the codes of its lookup file if there is one."""
    codes = None if how.lookup is None else read_lookup(how.lookup, f"{where}.lookup", engine, base)
    return FieldForm(how.separator, how.prefix, codes)


def refuse_lists(texts: Sequence[str], how: FieldForm, kind: str) -> None:
    """Raise DataError if labels are lists or objects written as text, which is never intended."""
    if how.holds_lists:
        return
    nested = [text for text in texts if isinstance(parsed(text), list | dict) and parsed(text)]
    if len(nested) < 2 or 2 * len(nested) <= len(texts):
        return
    objects = [parsed(text) for text in nested]
    held = next((one for value in objects if isinstance(one := _first(value), dict) and one), None)
    what, remedy = ("lists", f"to read them, write separator: {AS_LIST}")
    if held is not None:
        what, remedy = "objects", f"make a column of their {_best(held)} first"
    raise DataError(f'{kind}: labels are {what} written as text, such as "{min(nested)[:80]}"; {remedy}')


def _first(value: object) -> object:
    while isinstance(value, list) and value:
        value = value[0]
    return value


def _best(held: dict[str, object]) -> str:
    """Return the key of an object that most likely has its label."""
    texts = [key for key, value in held.items() if isinstance(value, str)]
    return next((key for key in texts if key in ("name", "label", "title")), next(iter(texts or held)))


def labels_in(texts: Sequence[str], kind: str) -> dict[str, list[str]]:
    """Return the raw labels in each text, or raise DataError if texts are no lists."""
    found: dict[str, list[str]] = {}
    wrong: dict[str, list[str]] = {}
    for text in texts:
        try:
            found[text] = list(_labels(_value(text)))
            "".join(found[text]).encode()
        except UnicodeEncodeError:
            wrong.setdefault("an escape that is no character, but half of one", []).append(text)
        except ValueError:
            wrong.setdefault("no list", []).append(text)
    raise_if_any(
        f"{kind}: {len(own):,} of {len(texts):,} distinct fields contain {what}: "
        f"{quoted([text[:80] for text in sorted(own)], _SHOWN)}"
        for what, own in wrong.items()
    )
    return found


def _value(text: str) -> object:
    """Return the list in a text, in JSON or Python syntax, or raise ValueError if it is none."""
    if not text.strip():
        return []
    value = parsed(text)
    if not isinstance(value, list | tuple | set):
        raise ValueError(text)  # noqa: TRY004 - caught above
    return value


def parsed(text: str) -> object:
    """Return the value of a text as JSON or as a Python literal, or None if it is neither, or too long."""
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


def _labels(value: object) -> Iterator[str]:
    """Yield the labels in a value: a text, or texts in lists at any depth. Raises ValueError for objects."""
    if isinstance(value, list | tuple | set):
        for one in value:
            yield from _labels(one)
    elif isinstance(value, dict):
        raise ValueError(value)  # noqa: TRY004 - caught above
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None:
        yield str(value)


_IN_LOOKUPS = 5


def read_lookup(settings: SourceSettings, place: str, engine: Engine, base: Path) -> dict[str, str]:
    """Return code -> label, or raise DataError if the file is invalid, or a code has two labels.

    Rows without a code or a label are ignored, as is white space around either.
    """
    table = open_table(settings, base, engine, where_declared=place)
    found: dict[str, set[str]] = {}
    for code, label in pairs_in(table, ("code", place), ("label", place), engine):
        if code.strip() and label.strip():
            found.setdefault(visible(code.strip()), set()).add(label.strip())
    several = sorted(code for code, labels in found.items() if len(labels) > 1)
    if several:
        named = listed([f'"{code}" ({" and ".join(sorted(found[code]))})' for code in several], _IN_LOOKUPS)
        raise DataError(f"{place}: {table.name} gives more than one label to {named}")
    return {code: next(iter(labels)) for code, labels in found.items()}


def pairs_in(table: Table, first: tuple[str, str], second: tuple[str, str], engine: Engine) -> list[tuple[str, str]]:
    """Return the texts in two columns of a table as sorted, distinct pairs, none half empty.

    Each column comes with its config key. Raises DataError if the table does not have the column.
    """
    raise_if_any(require_columns(table, dict((first, second))))
    texts = {place: nw.col(column).cast(nw.String) for place, (column, _) in zip("ab", (first, second), strict=True)}
    rows = engine.columns(table.frame.select(**texts).unique())
    return sorted(pair for pair in zip(rows["a"], rows["b"], strict=True) if None not in pair)


def looked_up(
    labels: Sequence[str], lookup: Mapping[str, str], kind: str, *, public: bool = True
) -> tuple[list[str], tuple[Note, ...]]:
    """Return labels with codes replaced, and a note on labels without a code, or raise DataError if none is a code."""
    unknown = sorted({label for label in labels if label and label not in lookup})
    named = quoted(unknown, _IN_LOOKUPS)
    if unknown and not any(label in lookup for label in labels):
        known = quoted(sorted(lookup), _IN_LOOKUPS) or "none"
        said = named if may_quote(public=public) else HIDDEN_IN_LOGS
        raise DataError(f"{kind}: the lookup knows none of the labels: {said}; its codes are {known}")
    if not public:
        named = "1 label" if len(unknown) == 1 else f"{len(unknown):,} labels"
    note = Note("not_looked_up", kind, f"{kind}: the lookup does not have {named}; left as they are")
    return [lookup.get(label, label) for label in labels], (note,) if unknown else ()


_NAMED = 10

BETWEEN = "\x1f"
"""Separator between labels that were joined here (the ASCII unit separator, which no label contains)."""

_AT_ONCE = 4_000_000
"""Number of items whose labels are read at once."""


def read_labels(
    frame: Frame,
    columns: Sequence[tuple[str, FieldForm]],
    n: NDArray[np.integer],
    taxonomy: Taxonomy,
    engine: Engine,
    origin: TextOrigin,
) -> CategorisedItems:
    """Return the categories of items with labels in columns of a frame, next to `key`, the number of the item.

    `n` (a,) is the number of units of each item, and `origin` the origin of the labels. Private labels get pseudonyms
    (`categorise`). Raises `DataError` if a label is in no category and the taxonomy forbids it.
    """
    kind = origin.kind
    parts: list[tuple[Frame, dict[str, str]]] = []
    raw: dict[str, str] = {}
    notes: list[Note] = []
    for column, how in columns:
        part = _pairs(frame, column, how, engine, kind)
        texts = engine.columns(part.group_by("label").agg())["label"]
        refuse_lists(texts, how, kind)
        labels = [_label(text, how) for text in texts]
        if how.codes is not None:
            labels, more = looked_up([visible(label) for label in labels], how.codes, kind, public=origin.public)
            notes += more
        check_length(labels, engine.limits, kind, quoted=may_quote(public=origin.public))
        labels = _shown(labels, raw)
        parts.append((part, {text: label for text, label in zip(texts, labels, strict=True) if label}))
    names = tuple(sorted({label for _, known in parts for label in known.values()}))
    place = {name: number for number, name in enumerate(names)}
    carried: list[Frame] = []
    for part, known in parts:
        numbers = engine.load({"label": list(known), "number": [place[name] for name in known.values()]}, ["number"])
        carried.append(part.join(numbers, on="label").select("key", nw.col("number").cast(nw.Int32)))
    types = [
        _types(carried, low, min(low + _AT_ONCE, len(n)), len(n), engine) for low in range(0, max(1, len(n)), _AT_ONCE)
    ]
    found = categorise(united(types), n, names, taxonomy, kind, public=origin.public)
    is_split = any(how.separator not in (None, BETWEEN) and not how.holds_lists for _, how in columns)
    brackets = unbalanced(names, kind, public=origin.public) if is_split else ()
    odd = (
        *hidden_note(raw.values(), origin, ("label", "labels"), found.vocabulary),
        *look_alike_notes(found, raw, origin),
    )
    for part, _ in parts:
        engine.forget(part)
    return replace(found, notes=(*brackets, *odd, *notes, *found.notes))


def _pairs(frame: Frame, column: str, how: FieldForm, engine: Engine, kind: str) -> Frame:
    """Return rows with `key` and raw `label`, perhaps repeated or without a valid label; see `_label`."""
    label = nw.col("label")
    frame = frame.select(nw.col("key").cast(nw.Int32), label=nw.col(column)).filter(~label.is_null())
    if isinstance(frame.collect_schema()["label"], nw.List):
        frame = frame.explode("label").filter(~label.is_null())
    frame = frame.with_columns(label=label.cast(nw.String))
    if how.holds_lists:
        texts = [str(text) for text in engine.columns(frame.group_by("label").agg())["label"]]
        pairs = [(text, part) for text, parts in labels_in(texts, kind).items() for part in parts]
        table = engine.load({"label": [text for text, _ in pairs], "part": [part for _, part in pairs]})
        frame = frame.join(table, on="label").select("key", label=nw.col("part"))
    elif how.separator is not None:
        frame = frame.with_columns(label=split(frame, "label", how.separator)).explode("label")
    if how.prefix is not None:
        frame = frame.filter(label.str.contains(how.prefix, literal=True))
    # Keep results that are expensive to compute.
    plain = how.separator is None and how.prefix is None and not how.holds_lists
    return frame if plain else engine.keep(frame)


def _label(text: str, how: FieldForm) -> str:
    """Return the label in a raw text without surrounding ASCII white space, "" if there is none."""
    label, prefix = text.strip(string.whitespace), how.prefix or ""
    return label[len(prefix) :].strip(string.whitespace) if label.startswith(prefix) else ""


def _shown(labels: Sequence[str], raw: dict[str, str]) -> list[str]:
    """Return labels as they are shown, and add to `raw` the original of each label that is shown differently."""
    shown = [visible(label) for label in labels]
    raw |= {new: old for new, old in zip(shown, labels, strict=True) if new != old}
    return shown


def _types(carried: Sequence[Frame], low: int, high: int, n_items: int, engine: Engine) -> Types:
    """Return the label sets of some items, given the items of each label."""
    some = nw.col("key").is_between(low, high - 1)
    read = [engine.arrays(part if high - low == n_items else part.filter(some)) for part in carried]
    none = np.zeros(0, dtype=np.int32)
    key, number = (np.concatenate([none, *(one[name] for one in read)]) for name in ("key", "number"))
    return types_of(key - low, number, high - low)


def unbalanced(names: Sequence[str], kind: str, *, public: bool = True) -> tuple[Note, ...]:
    """Return a note if labels contain an unclosed bracket: a separator inside brackets has split them."""
    labels = [label for label in names if not _is_balanced(label)]
    if not labels:
        return ()
    count = "1 label has" if len(labels) == 1 else f"{len(labels):,} labels have"
    said = f": {quoted(labels, _NAMED)}" if public else ""
    message = (
        f"{kind}: {count} unbalanced brackets after splitting{said}; if the separator occurs "
        "within names, choose another one in the table"
    )
    return (Note("unbalanced_brackets", kind, message),)


def _is_balanced(label: str) -> bool:
    open_: list[str] = []
    for character in label:
        if character in BRACKETS:
            open_.append(BRACKETS[character])
        elif character in BRACKETS.values() and (not open_ or open_.pop() != character):
            return False
    return not open_
