"""Changes of shares in points: over all as a ring, within strata as a dot with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .chart import NOTE_PX, SMALL_PX, TITLE_PX, Chart, Lettering, Pen, Sign, fitted, keyed, widest, wrapped_title

ROW_PX, TOP_PX, GAP_PX = 18, 28, 14
_MOST_TICKS = 5
_NAMES = 0.45
"""Of the width names take at most so much."""

GRID, ZERO, WAY = Pen("grid", "grid", 0.5), Pen("zero", "muted", 1), Pen("way", "grid", 1)
INTERVAL = Pen("interval", "accent", 2.5)
RING, HOLE = Pen("over-all", "muted", 8, round=True), Pen("hole", "paper", 5.4, round=True)
DOT = Pen("within", "accent", 8, round=True)
PENS = (GRID, ZERO, WAY, INTERVAL, RING, HOLE, DOT)

TITLE, NAME = Lettering(TITLE_PX, bold=True), Lettering(anchor="end")
TICK, VALUE = Lettering(SMALL_PX, "middle", "muted"), Lettering(NOTE_PX)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A share that moved: by how many points over all, and within strata with the ends of its interval, if known."""

    name: str
    over_all: float
    within: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A chart of changes in points. `keys` name ring, dot and line, "" for no line."""

    title: str
    rows: tuple[ChangeRow, ...]
    keys: tuple[str, str, str]

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page, which shows it up to half as wide again."""
        return 390

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        chart = Chart(width, ground, PENS)
        naming, names = fitted(NAME, [row.name for row in self.rows], _NAMES * width)
        values = math.floor(width - widest([row.text for row in self.rows], NOTE_PX))
        ends = [end for r in self.rows for end in (r.over_all, r.within, r.low, r.high) if end is not None]
        low, high = min(0.0, *ends), max(0.0, *ends)
        left, right = names + GAP_PX, values - GAP_PX

        def at(points: float) -> float:
            return left + (right - left) * (points - low) / (high - low)

        top = keyed(chart, wrapped_title(chart, self.title, TITLE) + 4, self._signs(chart)) + TOP_PX
        step = _step(high - low)
        for k in range(math.ceil(low / step), math.floor(high / step) + 1):
            chart.line(GRID if k else ZERO, (at(k * step), top), (at(k * step), top + ROW_PX * len(self.rows)))
            chart.words(at(k * step), top - 8, f"{k * step:+g}".replace("-", "−") if k else "0", TICK)
        for place, row in enumerate(self.rows):
            y = top + ROW_PX * place + ROW_PX // 2
            chart.words(names, y, row.name, naming, names)
            if abs(at(row.over_all) - at(row.within)) > RING.width:
                chart.line(WAY, (at(row.over_all), y), (at(row.within), y))
            if row.low is not None and row.high is not None:
                chart.line(INTERVAL, (at(row.low), y), (at(row.high), y))
            _ring(chart, at(row.over_all), y)
            chart.dot(DOT, at(row.within), y)
            chart.words(values, y, row.text, VALUE)
        return chart.finished(top + ROW_PX * len(self.rows) + 4, below)

    def _signs(self, chart: Chart) -> list[Sign]:
        over_all, within, interval = self.keys
        signs: list[Sign] = [
            (over_all, 8, lambda x, y: _ring(chart, x + 4, y)),
            (within, 8, lambda x, y: chart.dot(DOT, x + 4, y)),
        ]
        if interval:
            signs.append((interval, 14, lambda x, y: chart.line(INTERVAL, (x, y), (x + 14, y))))
        return signs


def _ring(chart: Chart, x: float, y: float) -> None:
    chart.dot(RING, x, y)
    chart.dot(HOLE, x, y)


def _step(reach: float) -> float:
    """Return the distance of ticks: 1, 2 or 5 with zeros, for at most five of them.

    >>> _step(70.0), _step(3.2)
    (20.0, 1.0)
    """
    size = 10.0 ** math.floor(math.log10(reach / _MOST_TICKS))
    return next(n * size for n in (1, 2, 5, 10) if reach / (n * size) <= _MOST_TICKS)
