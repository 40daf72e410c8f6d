"""What may be otherwise in a relation."""

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
    replaces others, or no longer does. Where one entity stands on both sides its items and labels change on
    both, whichever is named. `side` is None also for `replaces` and `preset` where one taxonomy files both
    sides: it then changes for both.
    """

    by: By
    side: str | None
    name: str
