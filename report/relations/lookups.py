"""Lookup files: the labels that codes stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from ..errors import DataError, Note
from ..sources.files import open_table, require_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..sources.declared import LookupSettings
    from ..sources.engine import Engine
    from .labels import LabelColumn

_NAMED = 5


@dataclass(frozen=True)
class Coded:
    """How a column holds labels, of which some are codes; `codes` says which label each stands for."""

    separator: str | None
    prefix: str | None
    respect: tuple[str, ...]
    key: str | None
    codes: Mapping[str, str]


def coded(how: LabelColumn, settings: LookupSettings | None, where: str, engine: Engine, base: Path) -> LabelColumn:
    """Return how a column holds labels, with the labels that its codes stand for where there is a lookup."""
    if settings is None:
        return how
    codes = read_lookup(settings, f"{where}.lookup", engine, base)
    return Coded(how.separator, how.prefix, how.respect, how.key, codes)


def read_lookup(settings: LookupSettings, place: str, engine: Engine, base: Path) -> dict[str, str]:
    """Return code -> label; DataError where the file is faulty, or a code stands for two labels.

    Rows without a code or a label say nothing. White space around either does not count.
    """
    table = open_table(settings.source, base, engine, where_declared=place)
    messages = require_columns(table, {settings.code: f"{place}.code", settings.label: f"{place}.label"})
    if messages:
        raise DataError(*messages)
    text = {"code": nw.col(settings.code).cast(nw.String), "label": nw.col(settings.label).cast(nw.String)}
    rows = engine.columns(table.frame.select(**text).unique())
    found: dict[str, set[str]] = {}
    for code, label in zip(rows["code"], rows["label"], strict=True):
        if code is not None and label is not None and str(code).strip() and str(label).strip():
            found.setdefault(str(code).strip(), set()).add(str(label).strip())
    several = sorted(code for code, labels in found.items() if len(labels) > 1)
    if several:
        named = ", ".join(f'"{code}" ({" and ".join(sorted(found[code]))})' for code in several[:_NAMED])
        raise DataError(f"{place}: {table.name} gives more than one label to {named}{_more(several)}")
    return {code: next(iter(labels)) for code, labels in found.items()}


def looked_up(labels: Sequence[str], lookup: Mapping[str, str], kind: str) -> tuple[list[str], tuple[Note, ...]]:
    """Return labels with those that are codes replaced, and a note on the others; DataError where none is a code."""
    unknown = sorted({label for label in labels if label and label not in lookup})
    named = ", ".join(f'"{label}"' for label in unknown[:_NAMED]) + _more(unknown)
    if unknown and not any(label in lookup for label in labels):
        codes = sorted(lookup)
        known = ", ".join(f'"{code}"' for code in codes[:_NAMED]) + _more(codes) if codes else "none"
        raise DataError(f"{kind}: the lookup knows none of the labels: {named}; its codes are {known}")
    note = Note("not_looked_up", kind, f"{kind}: the lookup does not have {named}; left as they are")
    return [lookup.get(label, label) for label in labels], (note,) if unknown else ()


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
