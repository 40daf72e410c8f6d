"""Shares of pairs with their intervals, a column of dots for each panel, against the base rate of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .chart import NOTE_PX, SMALL_PX, TITLE_PX, Chart, Lettering, Pen, Sign, fitted, keyed, widest
from .naming import wrapped

ROW_PX, GAP_PX = 22, 16
_MIDDLE = 0.5
_TICKS = (0.0, _MIDDLE, 1.0)
_LEAST_PLOT = 64.0
"""Narrower, intervals are drawn and not told in words."""
Ends = tuple[float, float]
_NAMES = 0.34
"""Of the width names take at most so much."""

GRID = Pen("grid", "grid", 0.5)
INTERVAL, OPEN_INTERVAL = Pen("interval", "accent", 2.5), Pen("open-interval", "hatch", 2.5)
DOT, OPEN_DOT = Pen("share", "accent", 8, round=True), Pen("open-share", "muted", 8, round=True)
BASE = Pen("base", "ink", 1.4)
PENS = (GRID, OPEN_INTERVAL, INTERVAL, BASE, OPEN_DOT, DOT)

TITLE, READING = Lettering(TITLE_PX, bold=True), Lettering(SMALL_PX, colour="muted")
NAME, NOTE = Lettering(anchor="end"), Lettering(SMALL_PX, "end", "muted")
TICK, VALUE = Lettering(SMALL_PX, "middle", "muted"), Lettering(NOTE_PX)


@dataclass(frozen=True, slots=True)
class ShareSpot:
    """A share with its interval and its base rate, None where there is none.

    `text` says it; `short` does where there is no room for its interval in words.
    """

    value: float
    low: float | None
    high: float | None
    base: float | None
    text: str
    short: str

    @property
    def sure(self) -> bool:
        """Whether there is an interval, and the base rate outside of it."""
        ends, base = (self.low, self.high), self.base
        return ends[0] is not None and ends[1] is not None and base is not None and not ends[0] <= base <= ends[1]


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A pair: its name, how many units it has (in words), and its share in each panel."""

    name: str
    note: str
    spots: tuple[ShareSpot, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """A chart of shares. `headings` are each panel's title and what a share is of; `keys` name dot, line and tick."""

    headings: tuple[tuple[str, str], ...]
    rows: tuple[ShareRow, ...]
    keys: tuple[str, str, str]

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page, which shows it up to half as wide again."""
        return 480

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        chart = Chart(width, ground, PENS)
        naming, names = fitted(NAME, [r.name for r in self.rows], _NAMES * width, [r.note for r in self.rows])
        column = (width - names - 10 - GAP_PX * (len(self.headings) - 1)) / len(self.headings)
        lefts = [names + 10 + k * (column + GAP_PX) for k in range(len(self.headings))]
        top = max(_heading(chart, left, column, of) for left, of in zip(lefts, self.headings, strict=True)) + 18
        bottom = top + ROW_PX * len(self.rows)
        end = keyed(chart, bottom + 14, self._signs(chart)) + 10
        for k, left in enumerate(lefts):
            texts = [row.spots[k].text for row in self.rows]
            if column - widest(texts, NOTE_PX) < _LEAST_PLOT:
                texts = [row.spots[k].short for row in self.rows]
            across = left + 6, left + column - widest(texts, NOTE_PX) - 12
            self._column(chart, [row.spots[k] for row in self.rows], texts, across, (top, bottom))
        for place, row in enumerate(self.rows):
            y = top + ROW_PX * place + 11
            chart.words(names, y - 4, row.name, naming, names)
            chart.words(names, y + 6, row.note, NOTE, names)
        return chart.finished(end, below)

    @staticmethod
    def _column(chart: Chart, spots: Sequence[ShareSpot], texts: Sequence[str], across: Ends, down: Ends) -> None:
        left, right = across
        top, bottom = down

        def at(share: float) -> float:
            return left + (right - left) * share

        for tick in _TICKS:
            chart.line(GRID, (at(tick), top), (at(tick), bottom))
            if tick != _MIDDLE or right - left >= _LEAST_PLOT:
                chart.words(at(tick), top - 7, f"{100 * tick:.0f}\N{NO-BREAK SPACE}%", TICK)
        for place, (spot, text) in enumerate(zip(spots, texts, strict=True)):
            y = top + ROW_PX * place + 11
            if spot.low is not None and spot.high is not None:
                pen = INTERVAL if spot.sure else OPEN_INTERVAL
                chart.line(pen, (at(spot.low), y), (at(spot.high), y))
            if spot.base is not None:
                chart.line(BASE, (at(spot.base), y - 7), (at(spot.base), y + 7))
            chart.dot(DOT if spot.sure else OPEN_DOT, at(spot.value), y)
            chart.words(right + 12, y, text, VALUE)

    def _signs(self, chart: Chart) -> list[Sign]:
        share, interval, base = self.keys
        signs: list[Sign] = [(share, 8, lambda x, y: chart.dot(DOT, x + 4, y))]
        if interval:
            signs.append((interval, 14, lambda x, y: chart.line(INTERVAL, (x, y), (x + 14, y))))
        return [*signs, (base, 2, lambda x, y: chart.line(BASE, (x + 1, y - 6), (x + 1, y + 6)))]


def _heading(chart: Chart, left: float, room: float, heading: tuple[str, str]) -> float:
    """Write a panel's title and what a share is of; return how low they reach."""
    y = 8.0
    for text, how in zip(heading, (TITLE, READING), strict=True):
        for line in wrapped(text, room / how.em):
            chart.words(left, y, line, how)
            y += how.size * 1.25
        y += 1
    return round(y)
