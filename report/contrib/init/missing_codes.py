"""Recognise codes of missing answers, such as 9 after 1 to 4 or -99, among the numbers of a column."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from .columns import LookedColumn
from .vocabulary import CODES, COUNTS, IDS, MEASURES, PLACES, TIMES

_NINES = re.compile(r"9{1,4}|9{0,2}[78]|88|77")
"""Codes above a scale: 9, 99, 999, 8, 98, 97, 88, 77."""

_BELOW_ZERO = re.compile(r"-(?:9{1,4}|9{0,2}[678]|88|77)")
"""Codes below zero: -9, -99, -98, -8."""

_LONGEST_SCALE, _WIDEST_GAP = 12, 3
"""Maximum number of steps of a scale, and minimum distance of a code from its last step."""

_FEWEST, _MOST_SHARE, _TIMES_LARGER = 2, 0.4, 2.0
"""Minimum number of rows with a code, their maximum share, and the minimum ratio of a code to measurements."""


def missing_codes(column: LookedColumn) -> tuple[str, ...]:
    """Return the values of a column of whole numbers that are codes of missing answers.

    A scale has steps without a gap from 0 or 1 on, and codes are far above it. Measurements from 0 on have codes of
    nines that are at least twice the largest, or codes below zero.

    >>> from diptych.contrib.init.columns import column_of
    >>> missing_codes(column_of("grade", ["1", "2", "3", "9", "9", "2"]))
    ('9',)
    """
    if not column.is_whole or column.words & (IDS | CODES | PLACES | TIMES | MEASURES | COUNTS):
        return ()
    numbers = {value: float(value) for value in column.counts}
    below = [value for value in numbers if _BELOW_ZERO.fullmatch(value.partition(".")[0])]
    if any(n < 0 for value, n in numbers.items() if value not in below):
        below = []
    above = [value for value in numbers if _NINES.fullmatch(value.partition(".")[0])]
    found = [value for value in [*below, *_above(numbers, above)] if column.counts[value] >= _FEWEST]
    n = sum(column.counts[value] for value in found)
    if not found or n > _MOST_SHARE * column.n_filled or len(numbers) - len(found) < 2:
        return ()
    return tuple(sorted(found, key=lambda value: numbers[value]))


def _above(numbers: dict[str, float], codes: list[str]) -> list[str]:
    """Return the codes that are far above all other numbers."""
    for first in sorted(codes, key=lambda code: numbers[code]):
        chosen = [code for code in codes if numbers[code] >= numbers[first]]
        rest = sorted(n for value, n in numbers.items() if n >= 0 and value not in chosen)
        if len(rest) < 2 or numbers[first] <= rest[-1]:
            continue
        if len(rest) <= _LONGEST_SCALE and _is_scale(rest) and numbers[first] >= rest[-1] + _WIDEST_GAP:
            return chosen
        is_measured = len(numbers) > _LONGEST_SCALE and all(set(code.partition(".")[0]) == {"9"} for code in chosen)
        if is_measured and numbers[first] >= _TIMES_LARGER * rest[-1] and numbers[first] > _LARGEST_STEP:
            return chosen
    return []


_LARGEST_STEP = 9


def _is_scale(rest: list[float]) -> bool:
    """Return whether numbers are the steps of a scale: from 1 on without a gap, or no more than 0, 1 and 2."""
    steps = all(b - a == 1 for a, b in pairwise(rest))
    return steps and (rest[0] == 1 or (rest[0] == 0 and len(rest) <= _SHORT_SCALE))


_SHORT_SCALE = 3


def without_missing_codes(column: LookedColumn) -> LookedColumn:
    """Return a column whose codes of missing answers are empty."""
    codes = missing_codes(column)
    if not codes:
        return column
    rows = tuple(() if row and row[0] in codes else row for row in column.rows)
    return replace(column, rows=rows, no_answer=codes)
