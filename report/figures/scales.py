"""The colour scale that the panels of a figure share: domain, ticks, and the level of a value on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .. import formats
from ..cells import MeasureInfo, Panel
from ..theme import colours
from .layout import FigureSettings, Scheme

DRAWN = frozenset({"measured", "few"})
"""States whose value, where there is one, is drawn as a colour."""

SMALLEST = 0.005
"""Smaller numbers are 0.00 to two decimals."""

LARGE_COUNT = 100
"""From here on counts are coloured by their square roots: one large cell would leave all others the lowest colour."""

MAX_LOG2 = 6
"""Ratios are coloured up to 64 times (and down to 1/64); beyond, they take the end colour."""


@dataclass(frozen=True, slots=True)
class ColourScale:
    """Values from `low` to `high` take the colours of `scheme`; `log` where ratios are compared.

    `ticks` are the values that the colour bar names, `tick_format` how (d3-format). `convention`: values of cells
    that nothing is in are agreed on, not observed. `root`: colours follow square roots. `nothing`: the scale starts
    where a cell has nothing in it, so that an exact 0 needs no colour.
    """

    low: float
    high: float
    scheme: Scheme
    ticks: tuple[float, ...]
    tick_format: str
    log: bool = False
    convention: bool = False
    root: bool = False
    nothing: bool = False

    def level(self, value: float) -> float:
        """Return where a value stands, 0 (low) to 1 (high); values beyond an end stand at it."""
        if self.log:
            value = math.log2(value) if value > 0 else -math.inf
            low, high = math.log2(self.low), math.log2(self.high)
        elif self.root:
            value, low, high = math.sqrt(max(value, 0.0)), math.sqrt(self.low), math.sqrt(self.high)
        else:
            low, high = self.low, self.high
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def tick_texts(self) -> tuple[str, ...]:
        """Return the texts at the ticks, as the colour bar writes them."""
        if self.log:
            return tuple(f"1/{1 / tick:.3g}" if tick < 1 else f"{tick:.3g}" for tick in self.ticks)
        return tuple(format(tick, self.tick_format).replace("-", "\N{MINUS SIGN}") for tick in self.ticks)

    def holds(self, value: float) -> bool:
        """Return whether a value lies within the scale."""
        return self.low <= value <= self.high


def colour_scale(figure: FigureSettings, panels: Sequence[Panel]) -> ColourScale:
    """Return the one scale of panels of one measure: as declared, or the measure's range, or the data's.

    The data's range is widened to round numbers, and is symmetric around the null of a diverging measure.
    """
    measure = panels[0].measure
    scheme = figure.scheme or (colours.DIVERGING_DEFAULT if measure.diverging else colours.SEQUENTIAL_DEFAULT)
    log = is_ratio(measure) and (figure.scale is None or figure.scale[0] > 0)
    low, high = figure.scale or _range(panels, log=log)
    log = log or (figure.colours == "log" and low > 0)
    root = figure.colours == "sqrt" or (figure.colours is None and measure.name == "count" and high >= LARGE_COUNT)
    ticks = _powers(low, high) if log else _quarters(low, high)
    return ColourScale(
        low,
        high,
        scheme,
        ticks,
        _tick_format(ticks),
        log=log,
        convention=measure.convention,
        root=root and not log and low >= 0,
        nothing=low == 0 and not measure.diverging and not log,
    )


def is_ratio(measure: MeasureInfo) -> bool:
    """Return whether values compare with 1 as ratios do, so that 2 and 1/2 are equally far from it."""
    return measure.diverging and measure.null == 1


def number_text(value: float, measure: MeasureInfo) -> str:
    """Return the number that stands in a cell: two decimals; counts whole; fewer decimals where long.

    What is not 0 is never written as 0, nor what is not 1 as 1 where that is the most.

    >>> from diptych.cells import MeasureInfo
    >>> share, lift = MeasureInfo("conditional", "Share", "", 0, 1), MeasureInfo("lift", "Lift", "", 0, None, 1.0)
    >>> number_text(0.909, share), number_text(1, share), number_text(23.55, lift), number_text(236.4, lift)
    ('0.91', '1.00', '23.6', '236')
    >>> number_text(0.004, share), number_text(0.9951, share), number_text(0, share)
    ('<.01', '>.99', '0.00')
    """
    if measure.name == "count":
        return formats.count(value)
    if not measure.diverging and 0 < value < SMALLEST:
        return "<.01"
    if measure.upper == 1 and 1 - SMALLEST <= value < 1:
        return ">.99"
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    if is_ratio(measure) and 0 < value <= SMALLEST:
        return "<0.01"
    nothing = abs(value) < 0.5 * 10.0**-digits  # no minus sign before 0.00
    return formats.decimal(0.0 if nothing else value, digits)


def _coloured(panel: Panel) -> set[float]:
    """Return the values that have a colour."""
    columns = zip(panel.column("state"), panel.column("value"), strict=True)
    return {value for state, value in columns if state in DRAWN and value is not None}


def _ratio_range(values: Sequence[float]) -> tuple[float, float]:
    farthest = max((abs(math.log2(value)) for value in values if value > 0), default=1.0)
    power = min(max(math.ceil(farthest - 1e-9), 1), MAX_LOG2)
    return 2.0**-power, 2.0**power


def _range(panels: Sequence[Panel], *, log: bool) -> tuple[float, float]:
    measure = panels[0].measure
    if not log and measure.lower is not None and measure.upper is not None:
        return measure.lower, measure.upper
    values = tuple(set().union(*map(_coloured, panels)))
    if log:
        return _ratio_range(values)
    if measure.diverging and measure.null is not None:
        reach = _rounded_up(max((abs(value - measure.null) for value in values), default=1.0), measure)
        return measure.null - reach, measure.null + reach
    low = measure.lower if measure.lower is not None else min(0.0, *values, 0.0)
    high = measure.upper if measure.upper is not None else max((*values, low))
    return low, low + _rounded_up(high - low, measure)


def _rounded_up(reach: float, measure: MeasureInfo) -> float:
    """Return the least 4 x (1, 2, 2.5 or 5) x 10^k that reaches; counts keep whole quarters, logs whole halves."""
    if reach <= 0:
        return 4.0 if measure.name == "count" else 1.0
    if measure.name == "log2_lift":
        return float(min(max(math.ceil(reach / 2 - 1e-9) * 2, 2), MAX_LOG2))
    power = 10.0 ** math.floor(math.log10(reach / 4))
    quarters = [factor * power for factor in (1, 2, 2.5, 5, 10)]
    if measure.name == "count":
        quarters = [1.0, *(quarter for quarter in quarters if quarter >= 1 and quarter.is_integer())]
    return 4 * next((quarter for quarter in quarters if 4 * quarter >= reach - 1e-12), 10 * power)


def _quarters(low: float, high: float) -> tuple[float, ...]:
    return tuple(round(low + (high - low) * quarter / 4, 12) for quarter in range(5))


def _powers(low: float, high: float) -> tuple[float, ...]:
    first, last = math.ceil(math.log2(low) - 1e-9), math.floor(math.log2(high) + 1e-9)
    step = max(1, math.ceil((last - first) / 6))
    return tuple(2.0**power for power in range(first, last + 1) if power % step == 0)


def _tick_format(ticks: Sequence[float]) -> str:
    """Return the d3 format with as many decimals as the ticks need: at least two, none for whole numbers above 1."""
    if all(tick == int(tick) for tick in ticks):
        return ",.0f"
    decimals = next((n for n in range(2, 7) if all(abs(round(t, n) - t) < 1e-9 for t in ticks)), 6)
    return f".{decimals}f"
