"""Find the columns that a table was collected to explain, and those of its design, from names, places and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .binning import are_amounts
from .columns import Look, LookedColumn
from .vocabulary import (
    BACKGROUND,
    DESIGN,
    IDS,
    IN_GROUPS,
    LIFE,
    NO_SUBJECTS,
    OUTCOME_LABELS,
    OUTCOMES,
    RESULTS,
    TIMES,
    TREATMENT_LABELS,
    TREATMENTS,
    UNITS,
)

_NAMED, _LABELLED, _SUBJECT, _RESULT, _YES_NO, _MEASURED = 1.0, 0.8, 0.75, 0.6, 0.45, 0.35
"""Likelihood of an outcome: by its name, by a label such as dead, as the subject of the file, as a result, as yes or
no, as a measurement."""

_LAST, _FIRST, _OF_LIFE = 0.25, 0.2, 0.3
"""Added for the last and the first column; subtracted for circumstances of a person."""

_MOST_MEASURED = 0.4
"""Maximum share of measurements among possible sides for which each is likely to be the outcome."""

_EVEN = 1.06
"""Maximum ratio of the largest to the smallest label of a column whose labels were assigned."""

_FEWEST_EACH = 10
_STEM = 4


@dataclass(frozen=True)
class Outcomes:
    """The likelihood that each side is an outcome, and the columns that belong to the design."""

    likelihood: dict[str, float]
    design: frozenset[str]
    subjects: frozenset[str]
    """The sides whose names occur in the name of the file."""
    earlier: frozenset[str] = frozenset()
    """The sides that were measured again in a later year, such as `re74` if there is `re78`."""
    named: frozenset[str] = frozenset()
    """The sides that are named as outcomes are."""

    @classmethod
    def of(cls, look: Look, sides: Sequence[LookedColumn], weights: NDArray[np.float64] | None = None) -> Outcomes:
        """Return the likely outcomes of a table, whose rows may be counts."""
        design = frozenset(side.name for side in sides if is_design(side, weights))
        words = _words_of(look)
        subjects = frozenset(side.name for side in sides if _is_subject(side, words))
        free = [side for side in sides if not side.words & (IDS | TIMES)]
        ends = (free[0].name, free[-1].name) if len(free) > 2 else ("", "")
        n_measured = sum(side.bins is not None for side in sides)
        is_rare = n_measured <= max(1, _MOST_MEASURED * len(sides))
        earlier, last = _by_year(sides)
        likelihood = {
            side.name: 0.0
            if side.name in design | earlier
            else _likelihood(side, is_subject=side.name in subjects, ends=ends, is_measured=is_rare)
            for side in sides
        }
        likelihood |= {name: min(1.0, max(likelihood[name], _MEASURED) + _LAST) for name in last - design}
        found = likelihood | _called_y(sides)
        named = frozenset(s.name for s in sides if found[s.name] == _NAMED and (s.words & OUTCOMES or s.words == {"y"}))
        return cls(found, design, subjects, earlier, named)

    @property
    def best(self) -> float:
        """Return the likelihood of the likeliest outcome."""
        return max(self.likelihood.values(), default=0.0)


_YEAR = re.compile(r"(.*[^\W\d_]{2}[\W_]*)((?:19|20)?[5-9]\d|(?:19|20)\d\d)")
"""A name that ends with a year, of two or four digits."""


def _by_year(sides: Sequence[LookedColumn]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the sides measured again in a later year, and those of the last of several years."""
    found: dict[str, dict[int, str]] = {}
    for side in sides:
        if (named := _YEAR.fullmatch(side.name)) is not None:
            found.setdefault(named[1], {})[int(named[2])] = side.name
    several = [years for years in found.values() if len(years) > 1]
    last = frozenset(years[max(years)] for years in several)
    return frozenset(name for years in several for name in years.values()) - last, last


def _called_y(sides: Sequence[LookedColumn]) -> dict[str, float]:
    """Return the likelihood of a side called y, as outcomes are in tables for a model, unless it is a coordinate."""
    names = {side.name.casefold() for side in sides}
    return {side.name: _NAMED for side in sides if side.name.casefold() == "y" and "x" not in names}


def _likelihood(column: LookedColumn, *, is_subject: bool, ends: tuple[str, str], is_measured: bool) -> float:
    if column.words & OUTCOMES or is_vital(column):
        return _NAMED
    if column.words & (TIMES | IDS) or is_background(column) or is_treatment(column):
        return 0.0
    if _has_label(column, OUTCOME_LABELS):
        return _LABELLED
    found = _SUBJECT if is_subject and not is_of_life(column) else 0.0
    if is_result(column):
        found = max(found, _RESULT)
    if column.is_flag:
        found = max(found, _YES_NO)
    if column.bins is not None and is_measured:
        found = max(found, _MEASURED)
    if column.bins is not None and are_amounts(column.unbinned):
        found = max(found, _YES_NO)
    found += _LAST if column.name == ends[1] else _FIRST if column.name == ends[0] else 0.0
    return max(0.0, min(1.0, found - (_OF_LIFE if is_of_life(column) else 0.0)))


_MOST_WORDS = 12
"""Maximum number of labels that are searched for words of results and treatments."""


def _has_label(column: LookedColumn, words: frozenset[str]) -> bool:
    if column.bins is not None or column.is_number or len(column.counts) > _MOST_WORDS:
        return False
    return any(words & set(re.findall(r"[a-z]+", label.casefold())) for label in column.counts)


def is_treatment(column: LookedColumn) -> bool:
    """Return whether a column has treatments: by its name, or by a label such as placebo."""
    return bool(column.words & TREATMENTS) or (len(column.counts) > 1 and _has_label(column, TREATMENT_LABELS))


_LOGARITHM = re.compile(r"^(?:log|ln|l)(?=[a-z]{4})")
"""The start of the name of a logarithm, such as lwage."""


def is_result(column: LookedColumn) -> bool:
    """Return whether a column is named as measured results, or their logarithms, are."""
    return any(word in RESULTS or _LOGARITHM.sub("", word) in RESULTS for word in column.words)


def is_background(column: LookedColumn) -> bool:
    """Return whether a column says who or where: by its name, or by yes and no to a group of people, such as female."""
    is_near = any(word.startswith("near") and "nearly" not in word for word in column.words)
    return bool(column.words & BACKGROUND or is_near or (column.words & IN_GROUPS and len(column.counts) == 2))


def is_of_life(column: LookedColumn) -> bool:
    """Return whether a column describes the life of a person, such as fatheduc, the education of a father."""
    return bool(column.words & LIFE) or any(_OF_EDUCATION.search(word) for word in column.words)


_OF_EDUCATION = re.compile(r"\w(?:educ|coll|schooling)$")


def is_vital(column: LookedColumn) -> bool:
    """Return whether a column is a status with two values, such as 0 and 1, or dead and censored."""
    is_status = column.words <= frozenset({"status", "vital", "event"}) and len(column.counts) == 2
    return is_status and (
        column.is_number or column.is_flag or "event" not in column.words or _has_label(column, _VITAL)
    )


_VITAL = OUTCOME_LABELS | {"censored", "living", "event", "none", "yes", "no"}


def is_design(column: LookedColumn, weights: NDArray[np.float64] | None = None) -> bool:
    """Return whether the labels of a column were assigned: it is named so, or each has as many units."""
    if column.words & DESIGN:
        return True
    if not column.is_single or column.bins is not None or column.words & OUTCOMES or is_background(column):
        return False
    chosen = column.codes >= 0
    totals = np.bincount(column.codes[chosen], None if weights is None else weights[chosen])
    if len(totals) < 2:
        return False
    least, most = float(totals.min()), float(totals.max())
    return least >= _FEWEST_EACH and most <= max(least * _EVEN, least + 1)


def _words_of(look: Look) -> frozenset[str]:
    """Return the words of the file's name that may be its subject."""
    words = re.findall(r"[a-z]+", look.path.name.partition(".")[0].casefold())
    if words and words[-1] in UNITS:  # the last word names the rows
        words = words[:-1]
    return frozenset(words) - NO_SUBJECTS


def _is_subject(column: LookedColumn, words: Iterable[str]) -> bool:
    own = [word for word in column.words if not word.isdigit()]
    return any(_are_one(word, each) for word in words for each in own)


def _are_one(first: str, second: str) -> bool:
    """Return whether two words have one stem: smoking and smoker, cholesterol and chol, affairs and naffairs.

    >>> _are_one("smoking", "smoke"), _are_one("cholesterol", "chol"), _are_one("tea", "tea"), _are_one("tea", "team")
    (True, True, True, False)
    """
    if min(len(first), len(second)) < _STEM:
        return first == second and len(first) == _STEM - 1
    return first[:_STEM] == second[:_STEM] or (len(first) > _STEM and first in second)
