"""Numbers as tables print them: each text with the range of values that are printed so."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(under |over |<|>|−)?(\d+(?:,\d{3})*(?:\.\d+)?)")
_SLACK = 1e-9


@dataclass(frozen=True)
class Printed:
    """All values from `low` to `high` are printed alike."""

    low: float
    high: float

    def agrees(self, value: float) -> bool:
        """Return whether a value may be printed so."""
        slack = _SLACK * max(1.0, abs(value))
        return self.low - slack <= value <= self.high + slack


def exactly(value: float) -> Printed:
    """Return the range of a number of a data file: 12 significant digits."""
    return Printed(value - 1e-11 * abs(value), value + 1e-11 * abs(value))


def numbers(text: str) -> list[Printed]:
    """Return the numbers of a text in order; with a percent sign in it all are percentages.

    >>> numbers("0.71 (0.55 to >0.99)")
    [Printed(low=0.705, high=0.715), Printed(low=0.545, high=0.555), Printed(low=0.99, high=1.0)]
    """
    factor = 100.0 if "%" in text else 1.0
    return [
        _range(sign or "", digits, factor) for sign, digits in _NUMBER.findall(text.replace("\N{NO-BREAK SPACE}", " "))
    ]


def _range(sign: str, digits: str, factor: float) -> Printed:
    value = float(digits.replace(",", ""))
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
    if sign in ("<", "under "):
        return Printed(0.0 if value else -math.inf, value / factor)
    if sign in (">", "over "):
        return Printed(value / factor, 1.0)
    low, high = (value - half) / factor, (value + half) / factor
    return Printed(-high, -low) if sign == "−" else Printed(round(low, 12), round(high, 12))
