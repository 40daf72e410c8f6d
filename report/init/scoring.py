"""One model for what a column is: features that can be seen, and what each is worth for each role, in points.

A score is a sum of features times points, as in naive Bayes with weights set by hand: nothing is fitted, so that what
was guessed can be read off (`told`). No feature looks at how two columns go together: what a report finds must not have
chosen what it is about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .columns import LookedColumn, Role

Feature = Callable[[LookedColumn], float]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KINDS = _words(
    "type types status kind class category categories genre group species label labels tag tags task tasks topic role "
    "job occupation sector industry style shape color colour cut clarity segment brand maker manufacturer "
    "party religion race ethnicity field subject department diet vore order taxa island site purpose cause "
    "method mode level grade channel treatment arm rx"
)
OUTCOMES = _words(
    "outcome result results survived response vote choice diagnosis end improved attrition churn pred "
    "predicted assigned next decision cause admit"
)
IDS = _words(
    "id ids uuid key index idx code rownames row subject patient person respondent participant individual "
    "household tailnum seqn record fold resample plot name batch"
)
_TIMES = _words(
    "year month day hour minute second date time week weekday quarter decade yr series episode season round"
)
_COUNTS = _words("n count counts freq frequency total number")
_MEASURES = _words("lat latitude long lon longitude lng zip postcode url link email phone ssn price amount")
_TEXTS = _words("comment comments description text note notes title address summary")

_ENOUGH_ROWS = 10
_FEW, _MANY = 12, 80


def _recurs(column: LookedColumn) -> float:
    """1 where each value comes ten times on average, 0 where each comes once."""
    n = len(column.counts)
    return min(1.0, math.log(max(1.0, column.counts.total() / n), _ENOUGH_ROWS)) if n else 0.0


def _several(column: LookedColumn) -> float:
    """1 for 3 to 12 different values, half for two, falling to 0 at 80."""
    n = len(column.counts)
    if n <= 2:
        return 0.5 * (n == 2)
    return 1.0 if n <= _FEW else max(0.0, 1 - math.log(n / _FEW) / math.log(_MANY / _FEW))


def _missing(column: LookedColumn) -> float:
    """Return the share of rows without a value."""
    return 1 - column.n_filled / len(column.rows) if column.rows else 1.0


def _lopsided(column: LookedColumn) -> float:
    """0 where the commonest value is in at most 80 % of what is filled, 1 where in all."""
    most = max(column.counts.values(), default=0) / max(1, column.n_filled)
    return max(0.0, (most - 0.8) / 0.2)


def _unique(column: LookedColumn) -> float:
    """1 where no value comes twice, 0 where each comes twice or more."""
    return max(0.0, 2 * len(column.counts) / max(1, column.counts.total()) - 1) if column.is_single else 0.0


def _measured(column: LookedColumn) -> float:
    """1 for numbers that are no codes: with decimals, or more than 12 different ones."""
    return float(column.is_number and (not column.is_whole or len(column.counts) > _FEW))


def _long(column: LookedColumn) -> float:
    """1 where values are sentences."""
    return min(1.0, max(0.0, (sum(map(len, column.counts)) / max(1, len(column.counts)) - 20) / 20))


def _named(words: frozenset[str]) -> Feature:
    return lambda column: float(bool(column.words & words))


@dataclass(frozen=True)
class Weighed:
    """A feature, its points for each role that it speaks for or against, and the words for it."""

    feature: Feature
    points: Mapping[Role, float]
    words: str


MODEL: dict[str, Weighed] = {
    "recurs": Weighed(_recurs, {"label": 2, "group": 1}, "values come again"),
    "several": Weighed(_several, {"label": 2, "group": -2}, "few different values"),
    "text": Weighed(lambda c: float(not c.is_number and not c.is_flag), {"label": 1.5}, "words"),
    "flag": Weighed(lambda c: float(c.is_flag), {"label": -1, "group": -3, "count": -3}, "yes or no"),
    "code": Weighed(lambda c: float(c.is_number), {"label": -0.5}, "numbers"),
    "measured": Weighed(_measured, {"label": -4, "group": 0}, "numbers that measure"),
    "fraction": Weighed(lambda c: float(c.is_number and not c.is_whole), {"group": -4, "count": -6}, "fractions"),
    "whole": Weighed(lambda c: float(c.is_whole), {"count": 4.5}, "whole numbers"),
    "missing": Weighed(_missing, {"label": -3, "group": -3, "count": -6}, "empty fields"),
    "lopsided": Weighed(_lopsided, {"label": -3}, "nearly all the same"),
    "unique": Weighed(_unique, {"label": -4, "group": -6}, "hardly any value comes again"),
    "date": Weighed(lambda c: float(c.is_date), {"label": -6, "group": -6, "count": -9, "date": 4}, "dates"),
    "long": Weighed(_long, {"label": -2}, "long texts"),
    "several in a field": Weighed(lambda c: float(not c.is_single), {"label": 1.5, "group": -9}, "several in a field"),
    "named a kind": Weighed(_named(_KINDS), {"label": 1}, "the name is that of a kind"),
    "named an outcome": Weighed(_named(OUTCOMES), {"label": 1.5}, "the name is that of an outcome"),
    "named an id": Weighed(_named(IDS), {"label": -1.5, "group": 3.5}, "the name is that of an id"),
    "named a time": Weighed(_named(_TIMES), {"label": -1.5, "group": -3, "date": 0.5}, "the name is that of a time"),
    "named a count": Weighed(_named(_COUNTS), {"count": 3}, "the name is that of a count"),
    "named a measure": Weighed(_named(_MEASURES), {"label": -2, "group": -3}, "the name is that of a measure"),
    "named a text": Weighed(_named(_TEXTS), {"label": -1, "group": -3}, "the name is that of a text"),
}  # fmt: skip
"""Every feature there is, with what it is worth."""

THRESHOLD: dict[Role, float] = {"label": 1.0, "group": 2.0, "count": 4.5, "date": 3.0}
"""From how many points on a column can have a role."""


def points(column: LookedColumn, role: Role) -> float:
    """Return what a column scores in a role."""
    return sum(one.points[role] * one.feature(column) for one in MODEL.values() if role in one.points)


def can_be(column: LookedColumn, role: Role) -> bool:
    """Tell whether a column scores enough for a role."""
    if role == "label" and len(column.counts) < 2:
        return False
    return points(column, role) >= THRESHOLD[role]


def told(column: LookedColumn, role: Role) -> str:
    """Return the two features that speak most for a column in a role, and the one that speaks most against it."""
    parts = sorted((one.points[role] * one.feature(column), one.words) for one in MODEL.values() if role in one.points)
    for_ = [words for value, words in reversed(parts) if value >= 0.5][:2]
    against = [f"but {words}" for value, words in parts[:1] if value <= -0.5]
    return ", ".join([*for_, *against])
