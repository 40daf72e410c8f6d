"""Recognise answers that are missing: texts such as "refused", and codes such as 9 after 1 to 4, or -99."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

TEXTS = frozenset(
    {
        *("", "-", "--", ".", "?", "na", "n/a", "#n/a", "nan", "null", "missing", "no answer", "no response"),
        *("not answered", "not stated", "refused", "refusal", "prefer not to say", "prefer not to answer"),
        *("rather not say", "i prefer not to say", "i prefer not to answer", "not asked"),
    }
)
"""Texts in lower case that mean that there is no answer."""

_NINES = re.compile(r"9{1,4}|9{0,2}[78]|88|77")
_BELOW_ZERO = re.compile(r"-(?:9{1,4}|9{0,2}[678]|88|77|1)")
_LONGEST_SCALE, _WIDEST_GAP = 12, 3
"""Maximum number of steps of a scale, and minimum distance of a code from its last step."""
_FEWEST, _MOST_SHARE, _TIMES_LARGER, _LARGEST_STEP = 2, 0.4, 2.0, 9
"""Minimum number of rows with a code, their maximum share, and how far a code is above measurements."""


def is_missing(text: str) -> bool:
    """Return whether a text means that there is no answer.

    >>> is_missing(" N/A "), is_missing("Don't know")
    (True, False)
    """
    return text.strip().casefold().replace("’", "'") in TEXTS


def missing_codes(numbers: Mapping[float, int]) -> tuple[float, ...]:
    """Return the values of a column of whole numbers that are codes of missing answers, given their numbers of rows.

    A scale has steps without a gap from 0 or 1 on, and codes are far above it. Measurements from 0 on have codes of
    nines that are at least twice the largest, or codes below zero.

    >>> missing_codes({1: 40, 2: 30, 3: 20, 9: 10}), missing_codes({1: 40, 2: 30, 3: 20, 4: 10})
    ((9,), ())
    """
    if any(value != int(value) for value in numbers):
        return ()
    below = [value for value in numbers if _BELOW_ZERO.fullmatch(str(int(value)))]
    if any(value < 0 for value in numbers if value not in below):
        below = []
    above = [value for value in numbers if _NINES.fullmatch(str(int(value)))]
    found = [value for value in [*below, *_above(numbers, above)] if numbers[value] >= _FEWEST]
    total, n = sum(numbers.values()), sum(numbers[value] for value in found)
    if not found or n > _MOST_SHARE * total or len(numbers) - len(found) < 2:
        return ()
    return tuple(sorted(found))


def _above(numbers: Mapping[float, int], codes: list[float]) -> list[float]:
    """Return the codes that are far above all other numbers."""
    for first in sorted(codes):
        chosen = [code for code in codes if code >= first]
        rest = sorted(n for n in numbers if n >= 0 and n not in chosen)
        if len(rest) < 2 or first <= rest[-1]:
            continue
        if len(rest) <= _LONGEST_SCALE and _is_scale(rest) and first >= rest[-1] + _WIDEST_GAP:
            return chosen
        is_measured = len(numbers) > _LONGEST_SCALE and all(set(str(int(code))) == {"9"} for code in chosen)
        if is_measured and first >= _TIMES_LARGER * rest[-1] and first > _LARGEST_STEP:
            return chosen
    return []


def _is_scale(rest: list[float]) -> bool:
    """Return whether numbers are the steps of a scale: from 1 on without a gap, or no more than 0, 1 and 2."""
    steps = all(b - a == 1 for a, b in pairwise(rest))
    return steps and (rest[0] == 1 or (rest[0] == 0 and len(rest) <= 3))
