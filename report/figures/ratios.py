"""Observed over expected, pair by pair: over all units as a ring, within strata as a dot with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .chart import NOTE_PX, SMALL_PX, TITLE_PX, Chart, Lettering, Pen, Sign, fitted, keyed, widest, wrapped_title

ROW_PX, TOP_PX, NEVER_PX = 20, 20, 24.0
"""Height of a row, of the axis above the rows, and width of the place of pairs that never meet."""

_BEYOND = 0.8
"""Intervals are cut so many doublings beyond the dots and rings, and end in an arrow there."""
_MOST_TICKS = 5
_GAP = 14.0
_NAMES = 0.4
"""Of the width names take at most so much."""

GRID, ONE, WAY = Pen("grid", "grid", 0.5), Pen("one", "muted", 1), Pen("way", "grid", 1)
INTERVAL, OPEN_INTERVAL = Pen("interval", "accent", 2.5), Pen("open-interval", "hatch", 2.5)
RING, HOLE = Pen("over-all", "muted", 8, round=True), Pen("hole", "paper", 5.4, round=True)
MOST = Pen("most", "ink", 1.4)
DOT, OPEN_DOT = Pen("within", "accent", 8, round=True), Pen("open-within", "muted", 8, round=True)
PENS = (GRID, ONE, WAY, OPEN_INTERVAL, INTERVAL, RING, HOLE, MOST, OPEN_DOT, DOT)

TITLE = Lettering(TITLE_PX, bold=True)
NAME, NOTE = Lettering(anchor="end"), Lettering(SMALL_PX, "end", "muted")
TICK, VALUE = Lettering(SMALL_PX, "middle", "muted"), Lettering(NOTE_PX)


@dataclass(frozen=True, slots=True)
class RatioRow:
    """A pair: what it is called, how many units there are (in words), and observed over expected.

    `within` is within strata with its interval, `most` the largest that can be there, each None where there is none;
    `text` says `within` and its interval.
    """

    name: str
    note: str
    over_all: float
    within: float | None
    low: float | None
    high: float | None
    text: str
    most: float | None = None

    @property
    def sure(self) -> bool:
        """Whether there is an interval, and 1 outside of it."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


@dataclass(frozen=True, slots=True)
class RatioChart:
    """A chart of ratios. `keys` name ring, dot, line and tick, "" for none of these.

    `one` is what the middle is called, `never` the left end.
    """

    title: str
    rows: tuple[RatioRow, ...]
    keys: tuple[str, str, str, str]
    one: str
    never: str

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page, which shows it up to half as wide again."""
        return 390

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        chart = Chart(width, ground, PENS)
        axis = _axis(self.rows, width)
        top = keyed(chart, wrapped_title(chart, self.title, TITLE) + 4, _signs(chart, self.keys)) + 8 + TOP_PX
        bottom = top + ROW_PX * len(self.rows)
        self._scale(chart, axis, top, bottom)
        for place, row in enumerate(self.rows):
            _row(chart, axis, row, top + ROW_PX * place + 9)
        return chart.finished(bottom + 4, below)

    def _scale(self, chart: Chart, axis: RatioAxis, top: float, bottom: float) -> None:
        for level in axis.ticks(widest([self.one], SMALL_PX)):
            x = axis.at(2.0**level)
            chart.line(ONE if level == 0 else GRID, (x, top), (x, bottom))
            chart.words(x, top - 8, self.one if level == 0 else _times(level), TICK)
        if axis.never is not None:
            chart.line(GRID, (axis.never, top), (axis.never, bottom))
            chart.words(axis.never, top - 8, self.never, TICK)


@dataclass(frozen=True, slots=True)
class RatioAxis:
    """Where ratios stand: doublings `low` to `high` between two places; `never` is that of 0, None without any.

    Names end at `names`, written so, values begin at `values`.
    """

    low: float
    high: float
    left: float
    right: float
    never: float | None
    names: float
    values: float
    naming: Lettering

    def at(self, ratio: float) -> float:
        """Return where a ratio stands; beyond the ends, at the end."""
        if ratio <= 0:
            return self.left if self.never is None else self.never
        level = min(max(math.log2(ratio), self.low), self.high)
        return self.left + (self.right - self.left) * (level - self.low) / (self.high - self.low)

    def ticks(self, room: float) -> range:
        """Return the doublings that are named, 0 among them; each has so much room at least."""
        across = (self.right - self.left) / (self.high - self.low)
        step = max(math.ceil((self.high - self.low) / _MOST_TICKS), math.ceil((room + 4) / max(across, 0.1)))
        return range(math.ceil(self.low / step) * step, math.floor(self.high) + 1, step)


def _axis(rows: Sequence[RatioRow], width: float) -> RatioAxis:
    naming, names = fitted(NAME, [r.name for r in rows], _NAMES * width, [r.note for r in rows])
    values = math.floor(width - widest([r.text for r in rows], NOTE_PX))
    ratios = [ratio for r in rows for ratio in (r.over_all, r.within, r.most) if ratio]
    low, high = (math.log2(end) for end in (min([1.0, *ratios]), max([1.0, *ratios])))
    ends = [math.log2(end) for r in rows for end in (r.low, r.high) if end and math.isfinite(end)]
    reach = max([low - _BEYOND, min([low, *ends])]), min([high + _BEYOND, max([high, *ends])])
    never = names + _GAP + NEVER_PX / 2 if any(r.over_all == 0 for r in rows) else None
    left = names + _GAP + (0 if never is None else NEVER_PX + 8)
    return RatioAxis(reach[0] - 0.2, reach[1] + 0.2, left, values - _GAP, never, names, values, naming)


def _row(chart: Chart, axis: RatioAxis, row: RatioRow, y: float) -> None:
    chart.words(axis.names, y - 4, row.name, axis.naming, axis.names)
    chart.words(axis.names, y + 6, row.note, NOTE, axis.names)
    over_all = axis.at(row.over_all)
    if row.within is not None:
        within = axis.at(row.within)
        if abs(within - over_all) > 8:
            chart.line(WAY, (over_all, y), (within, y))
        _interval(chart, axis, row, y)
    _ring(chart, over_all, y)
    if row.within is not None:
        if row.most is not None:
            x = axis.at(row.most)
            chart.line(MOST, (x, y - 7), (x, y + 7))
        chart.dot(DOT if row.sure else OPEN_DOT, axis.at(row.within), y)
    chart.words(axis.values, y, row.text, VALUE)


def _interval(chart: Chart, axis: RatioAxis, row: RatioRow, y: float) -> None:
    """Draw the interval of a row, with an arrow where it goes on beyond the axis."""
    if row.low is None or row.high is None:
        return
    pen = INTERVAL if row.sure else OPEN_INTERVAL
    left, right = axis.at(row.low), axis.at(row.high)
    chart.line(pen, (left, y), (right, y))
    for end, x, inwards in ((row.low, left, 5), (row.high, right, -5)):
        if end > 0 and not axis.low <= math.log2(end) <= axis.high:
            chart.line(pen, (x, y), (x + inwards, y - 3))
            chart.line(pen, (x, y), (x + inwards, y + 3))


def _ring(chart: Chart, x: float, y: float) -> None:
    chart.dot(RING, x, y)
    chart.dot(HOLE, x, y)


def _signs(chart: Chart, keys: tuple[str, str, str, str]) -> list[Sign]:
    over_all, within, interval, most = keys
    signs: list[Sign] = [
        (over_all, 8, lambda x, y: _ring(chart, x + 4, y)),
        (within, 8, lambda x, y: chart.dot(DOT, x + 4, y)),
    ]
    if interval:
        signs.append((interval, 14, lambda x, y: chart.line(INTERVAL, (x, y), (x + 14, y))))
    if most:
        signs.append((most, 2, lambda x, y: chart.line(MOST, (x + 1, y - 6), (x + 1, y + 6))))
    return signs


def _times(level: int) -> str:
    """Return how a tick is called.

    >>> _times(3), _times(-2)
    ('8 ×', '1/4 ×')
    """
    return f"{2**level} ×" if level > 0 else f"1/{2**-level} ×"
