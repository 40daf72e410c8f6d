"""Columns of raw labels -> who carries which label, and the categories that it leads to."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import Note
from ..sources.engine import Engine, Frame, split
from ..taxonomy.categorise import Categorised, Types, categorise, types_of, united
from ..taxonomy.compile import Taxonomy
from .lookups import Coded, looked_up
from .splitting import BRACKETS, FieldForm, is_split_here, labels_in, refuse_lists

_NAMED = 10

BETWEEN = "\x1f"
"""Stands between labels that were put together here (the unit separator of ASCII, which no label holds)."""

_AT_ONCE = 4_000_000
"""Items whose labels are read at once."""


class LabelColumn(FieldForm, Protocol):
    """How a column holds labels: split at `separator`, and of those only the ones that begin with `prefix`."""

    @property
    def prefix(self) -> str | None: ...  # noqa: D102


def read_labels(
    frame: Frame,
    columns: Sequence[tuple[str, LabelColumn]],
    n: NDArray[np.integer],
    taxonomy: Taxonomy,
    engine: Engine,
    kind: str,
) -> Categorised:
    """Return the categories of items whose labels stand in columns of a frame, beside `key`, the number of the item.

    `n` (a,) says how many each item stands for. Raises `DataError` where a label is in no category and the taxonomy
    forbids it.
    """
    parts = [_pairs(frame, column, how, engine, kind) for column, how in columns]
    texts = [engine.columns(part.group_by("label").agg())["label"] for part in parts]
    for own, (_, how) in zip(texts, columns, strict=True):
        refuse_lists(own, how, kind)
    labels = [[_label(text, how) for text in own] for own, (_, how) in zip(texts, columns, strict=True)]
    notes: tuple[Note, ...] = ()
    for number, (_, how) in enumerate(columns):
        if isinstance(how, Coded):
            labels[number], more = looked_up(labels[number], how.codes, kind)
            notes = (*notes, *more)
    names = tuple(sorted({label for own in labels for label in own if label}))
    place = {name: number for number, name in enumerate(names)}
    carried: list[Frame] = []
    for part, raw, own in zip(parts, texts, labels, strict=True):
        known = {text: place[label] for text, label in zip(raw, own, strict=True) if label}
        numbers = engine.load({"label": list(known), "number": list(known.values())}, ["number"])
        carried.append(part.join(numbers, on="label").select("key", nw.col("number").cast(nw.Int32)))
    types = [
        _types(carried, low, min(low + _AT_ONCE, len(n)), len(n), engine) for low in range(0, max(1, len(n)), _AT_ONCE)
    ]
    found = categorise(united(types), n, names, taxonomy, kind)
    is_split = any(how.separator not in (None, BETWEEN) and not is_split_here(how) for _, how in columns)
    brackets = unbalanced(found.vocabulary, kind) if is_split else ()
    for part in parts:
        engine.forget(part)
    return replace(found, notes=(*brackets, *notes, *found.notes))


def _pairs(frame: Frame, column: str, how: LabelColumn, engine: Engine, kind: str) -> Frame:
    """Return one row a `key` and raw `label`, some perhaps twice and some that are no label; see `_label`."""
    label = nw.col("label")
    frame = frame.select(nw.col("key").cast(nw.Int32), label=nw.col(column)).filter(~label.is_null())
    if isinstance(frame.collect_schema()["label"], nw.List):
        frame = frame.explode("label").filter(~label.is_null())
    frame = frame.with_columns(label=label.cast(nw.String))
    if is_split_here(how):
        texts = [str(text) for text in engine.columns(frame.group_by("label").agg())["label"]]
        pairs = [(text, part) for text, parts in labels_in(texts, how, kind).items() for part in parts]
        table = engine.load({"label": [text for text, _ in pairs], "part": [part for _, part in pairs]})
        frame = frame.join(table, on="label").select("key", label=nw.col("part"))
    elif how.separator is not None:
        frame = frame.with_columns(label=split(frame, "label", how.separator)).explode("label")
    if how.prefix is not None:
        frame = frame.filter(label.str.contains(how.prefix, literal=True))
    # What costs more to work out than to hold is held.
    plain = how.separator is None and how.prefix is None and not is_split_here(how)
    return frame if plain else engine.keep(frame)


def _label(text: str, how: LabelColumn) -> str:
    """Return the label that a raw text is, "" where it is none: without the white space of ASCII around it."""
    label, prefix = text.strip(string.whitespace), how.prefix or ""
    return label[len(prefix) :].strip(string.whitespace) if label.startswith(prefix) else ""


def _types(carried: Sequence[Frame], low: int, high: int, n_items: int, engine: Engine) -> Types:
    """Return the types of some items, given who carries which label."""
    some = nw.col("key").is_between(low, high - 1)
    read = [engine.arrays(part if high - low == n_items else part.filter(some)) for part in carried]
    none = np.zeros(0, dtype=np.int32)
    key, number = (np.concatenate([none, *(one[name] for one in read)]) for name in ("key", "number"))
    return types_of(key - low, number, high - low)


def unbalanced(vocabulary: Mapping[str, int], kind: str) -> tuple[Note, ...]:
    """Return a note if labels hold an unclosed bracket: a separator inside brackets has split them."""
    labels = [label for label in vocabulary if not _is_balanced(label)]
    if not labels:
        return ()
    named = ", ".join(f'"{label}"' for label in labels[:_NAMED])
    rest = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
    count = "1 label has" if len(labels) == 1 else f"{len(labels):,} labels have"
    message = (
        f"{kind}: {count} unbalanced brackets after splitting: {named}{rest}; if the separator stands within names, "
        "write respect: brackets"
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
