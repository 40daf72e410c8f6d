"""Columns of raw labels -> one row a (key, label), and how many items carry each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import narwhals as nw

from ..errors import Note
from ..sources.engine import Engine, Frame
from ..sources.expressions import split, stripped

_NAMED = 10
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


class LabelColumn(Protocol):
    """How a column holds labels: split at `separator`, and of those only the ones that begin with `prefix`."""

    @property
    def separator(self) -> str | None: ...  # noqa: D102
    @property
    def prefix(self) -> str | None: ...  # noqa: D102


def split_labels(
    frame: Frame, columns: Sequence[tuple[str, LabelColumn]], keys: Sequence[str], *, unique: bool = False
) -> Frame:
    """Return the distinct (*keys, label) of a frame; `columns` are label columns and how each holds labels.

    Spaces around labels are stripped, empty labels dropped; a list column is taken apart first. `unique` says
    that no two rows have equal keys.
    """
    parts = [_split(frame.select(*keys, label=nw.col(column)), how) for column, how in columns]
    if not parts:
        return frame.select(*keys, label=nw.lit(None, dtype=nw.String)).head(0)
    if len(parts) > 1:
        return nw.concat(parts).unique()
    ((column, how),) = columns
    single = unique and how.separator is None and not isinstance(frame.collect_schema()[column], nw.List)
    return parts[0] if single else parts[0].unique()


def _split(frame: Frame, how: LabelColumn) -> Frame:
    label = nw.col("label")
    frame = frame.filter(~label.is_null())
    if isinstance(frame.collect_schema()["label"], nw.List):
        frame = frame.explode("label").filter(~label.is_null())
    frame = frame.with_columns(label=label.cast(nw.String))
    if how.separator is not None:
        frame = frame.with_columns(label=split(frame, "label", how.separator)).explode("label")
    frame = frame.with_columns(label=stripped(label))
    if how.prefix is not None:
        kept = frame.filter(label.str.starts_with(how.prefix))
        frame = kept.with_columns(label=stripped(label.str.slice(len(how.prefix))))
    return frame.filter(label != "")


def count_labels(pairs: Frame, engine: Engine) -> dict[str, int]:
    """Return label -> number of items, given one row a (key, label) with `n`, the items that a key stands for."""
    counted = engine.collect(pairs.group_by("label").agg(n=nw.col("n").sum().cast(nw.Int64)))
    return dict(sorted(zip(counted["label"].tolist(), counted["n"].tolist(), strict=True)))


def unbalanced(vocabulary: Mapping[str, int], kind: str) -> tuple[Note, ...]:
    """Return a note if labels hold an unclosed bracket: a separator inside brackets has split them."""
    labels = [label for label in vocabulary if not _is_balanced(label)]
    if not labels:
        return ()
    named = ", ".join(f'"{label}"' for label in labels[:_NAMED])
    rest = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
    count = "1 label has" if len(labels) == 1 else f"{len(labels):,} labels have"
    message = (
        f"{kind}: {count} unbalanced brackets after splitting: {named}{rest}; does the separator stand within names?"
    )
    return (Note("unbalanced_brackets", kind, message),)


def _is_balanced(label: str) -> bool:
    open_: list[str] = []
    for character in label:
        if character in _BRACKETS:
            open_.append(_BRACKETS[character])
        elif character in _BRACKETS.values() and (not open_ or open_.pop() != character):
            return False
    return not open_
