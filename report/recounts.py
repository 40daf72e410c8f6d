"""Recounts: the same relation counted as if something in it were otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["item", "label", "stratum", "group", "replaces", "preset"]
"""item, label, stratum, group: left out. replaces: the other way of filing items with several categories.
preset: labels filed by another preset."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise. `side` is the name of the side whose items (or labels) change, None for levels.

    `name` is the item, raw label, level of the strata, group, or preset; for `replaces` the category that
    replaces others, or no longer does.
    """

    by: By
    side: str | None
    name: str
