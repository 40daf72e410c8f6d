"""`surely(…)`: whether the interval of a number, or of a difference, lies wholly on one side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..cells import Refusal
from .differences import Differences
from .values import Number
from .wording import ends, rounded, shown

Ends = tuple[float, float]

_TURNED: Mapping[str, str] = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq"}

_WHOLLY: Mapping[str, Callable[[Ends, float], bool]] = {
    "lt": lambda ends, bound: ends[1] < bound,
    "lteq": lambda ends, bound: ends[1] <= bound,
    "gt": lambda ends, bound: ends[0] > bound,
    "gteq": lambda ends, bound: ends[0] >= bound,
}


def surely(first: Number, second: Number, operator: str, differences: Differences) -> tuple[bool, str]:
    """Return whether the interval supports `first operator second`, and what it is where it does not.

    Against a constant, the number's own interval must lie on that side, or that of the difference it is. Two
    numbers of the data are judged by the interval of their difference: by drawing units or groups again, and
    for published values by the ends of both reading intervals. Where there is no interval nothing is sure.
    """
    if first.constant:
        return surely(second, first, _TURNED[operator], differences)
    bound = second.value or 0.0
    if second.constant and first.parts is None:
        return _against(first, bound, operator)
    if second.constant and first.parts is not None:
        return _difference(*first.parts, bound, operator, differences)
    return _difference(first, second, 0.0, operator, differences)


def _against(number: Number, bound: float, operator: str) -> tuple[bool, str]:
    if number.low is None:
        return False, f"{shown(number)} has no interval"
    high = math.inf if number.high is None else number.high
    return _WHOLLY[operator]((number.low, high), bound), f"the interval is {ends(number.low, high, bound)}"


def _difference(
    first: Number, second: Number, bound: float, operator: str, differences: Differences
) -> tuple[bool, str]:
    if first.measured is None or second.measured is None:
        return False, "the difference has no interval: it is not of two cells"
    found = differences.ask(first.measured, second.measured)
    if not isinstance(found, Refusal) and found.low is not None and found.high is not None:
        holds = _WHOLLY[operator]((found.low, found.high), bound)
        return holds, f"the difference is {rounded(found.value)}, {ends(found.low, found.high, bound)}"
    if isinstance(found, Refusal) and _read(first, differences) and _read(second, differences):
        return _readings(first, second, bound, operator)
    return False, found.reason if isinstance(found, Refusal) else "the difference has no interval"


def _read(number: Number, differences: Differences) -> bool:
    """Whether a number was read from a published matrix: such a panel has no units to draw."""
    return number.measured is not None and number.measured.ref.panel not in differences.sources


def _readings(first: Number, second: Number, bound: float, operator: str) -> tuple[bool, str]:
    """Judge the difference of two published values by the ends of what they may have been read from."""
    if None in (first.low, first.high, second.low, second.high):
        return False, "the published values have no interval"
    low, high = (first.low or 0.0) - (second.high or 0.0), (first.high or 0.0) - (second.low or 0.0)
    number = replace(first, value=(first.value or 0.0) - (second.value or 0.0), low=low, high=high)
    return _against(number, bound, operator)
