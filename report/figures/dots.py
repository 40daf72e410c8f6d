"""Draw dot charts: ratios of observed over expected, shares, and outcomes of statements in alternative analyses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, Protocol

from ..cells import Estimate
from ..theme.fonts import text_em
from . import SLANTED
from .chart import (
    NOTE_PX,
    SMALL_PX,
    STACKED_PX,
    TITLE,
    Chart,
    Pen,
    Sign,
    TextStyle,
    fitted,
    keyed,
    widest,
    wrapped_title,
)
from .naming import wrapped

_MOST_TICKS = 5
_GAP = 14.0
GRID, WAY = Pen("grid", "grid", 0.5), Pen("way", "grid", 1)
INTERVAL, OPEN_INTERVAL = Pen("interval", "accent", 2.5), Pen("open-interval", "hatch", 2.5)
READING = TextStyle(SMALL_PX, colour="muted")
NAME, NOTE = TextStyle(anchor="end"), TextStyle(SMALL_PX, "end", "muted")
NOTED = TextStyle(NOTE_PX, bold=True)
TICK, VALUE = TextStyle(SMALL_PX, "middle", "muted"), TextStyle(NOTE_PX)

TOP_PX, NEVER_PX = 28, 24.0
"""Height of the axis above the rows, and width of the area for pairs that never co-occur."""
_BEYOND = 0.8
"""Number of doublings beyond the dots and rings at which intervals are cut, with an arrow."""
ONE = Pen("one", "muted", 1)
RING, HOLE = Pen("over-all", "muted", 8, round=True), Pen("hole", "paper", 5.4, round=True)
MOST = Pen("most", "ink", 1.4)
DOT, OPEN_DOT = Pen("within", "accent", 8, round=True), Pen("open-within", "muted", 8, round=True)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A pair of categories: its name, a note with the number of units, and its ratios.

    `over_all` is the ratio over all units. `within` is the ratio within strata. `most` is the largest possible ratio
    within strata. Each of these is None if there is none. `text` gives `within` and its interval in words.
    """

    name: str
    note: str
    over_all: float
    within: Estimate | None
    text: str
    most: float | None = None


@dataclass(frozen=True, slots=True)
class RatioChart:
    """Chart of ratios of observed over expected: over all units as rings, within strata as dots.

    `keys` are the names of ring, dot, line and tick in the key, "" to omit an entry. `one` is the tick label at 1, and
    `never` is the label at 0. A dot is grey if its interval includes 1 or if it has no interval.
    """

    title: str
    rows: tuple[ComparedRow, ...]
    keys: tuple[str, str, str, str]
    one: str
    never: str

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart as SVG, `width` pixels wide, with the lines of text in `below` under it."""
        pens = (GRID, ONE, WAY, OPEN_INTERVAL, INTERVAL, RING, HOLE, MOST, OPEN_DOT, DOT)
        chart, row_px = Chart(width, ground, pens), 20 if width >= STACKED_PX else 32
        over_all, within, interval, most = self.keys
        ring, dot = chart.dot_sign(over_all, RING, HOLE), chart.dot_sign(within, DOT)
        signs = [ring, dot, chart.line_sign(interval, INTERVAL), chart.tick_sign(most, MOST)]
        axis = _ratio_axis(self.rows, width)
        top = keyed(chart, wrapped_title(chart, self.title) + 4, signs) + TOP_PX
        bottom = top + row_px * len(self.rows)
        for x, text, is_middle in self._ticks(axis):
            chart.line(ONE if is_middle else GRID, (x, top), (x, bottom))
            chart.words(x, top - 8, text, TICK)
        for place, row in enumerate(self.rows):
            self._row(chart, axis, row, top + row_px * (place + 1) - 11)
        return chart.finished(bottom + 4, below)

    def _ticks(self, axis: RatioAxis) -> Iterator[tuple[float, str, bool]]:
        """Yield the x of each grid line, its label, and whether it is the line at 1."""
        room = widest([self.one, self.never], SMALL_PX)
        for level in axis.doublings(widest([self.one], SMALL_PX)):
            x = axis.at(2.0**level)
            is_apart = axis.never is None or x - axis.never >= room
            yield x, (_times(level) if is_apart else "") if level else self.one, level == 0
        if axis.never is not None:
            yield axis.never, self.never, False

    def _row(self, chart: Chart, axis: RatioAxis, row: ComparedRow, y: float) -> None:
        _named(chart, row.name, row.note, axis.names, axis.naming, y)
        over_all = axis.at(row.over_all)
        sure = row.within is not None and row.within.excludes(1)
        if row.within is not None:
            within = axis.at(row.within.value)
            if abs(within - over_all) > RING.width:
                chart.line(WAY, (over_all, y), (within, y))
            _interval(chart, axis, row.within, INTERVAL if sure else OPEN_INTERVAL, y)
        chart.ring(RING, HOLE, over_all, y)
        if row.within is not None:
            if row.most is not None:
                chart.tick(MOST, axis.at(row.most), y, 7)
            chart.dot(DOT if sure else OPEN_DOT, axis.at(row.within.value), y)
        chart.words(axis.values, y, row.text, VALUE)


@dataclass(frozen=True, slots=True)
class RatioAxis:
    """The axis of ratios over `domain`, in doublings, between the x coordinates `left` and `right`.

    `never` is the x of ratio 0, None if no pair has it. Names end at the x `names`, in the style `naming`. Values
    begin at the x `values`.
    """

    domain: tuple[float, float]
    left: float
    right: float
    names: float
    values: float
    naming: TextStyle
    never: float | None = None

    def level(self, number: float) -> float:
        """Return a ratio in doublings; minus infinity for 0."""
        return math.log2(number) if number > 0 else -math.inf

    def at(self, number: float) -> float:
        """Return the x of a ratio. Ratios beyond an end of the axis are placed at that end."""
        if self.never is not None and number <= 0:
            return self.never
        first, last = self.domain
        level = min(max(self.level(number), first), last)
        return self.left + (self.right - self.left) * (level - first) / (last - first)

    def doublings(self, room: float) -> range:
        """Return the doublings that are labelled, including 0, with at least `room` pixels for each label."""
        first, last = self.domain
        across = (self.right - self.left) / (last - first)
        step = max(math.ceil((last - first) / _MOST_TICKS), math.ceil((room + 4) / max(across, 0.1)))
        return range(math.ceil(first / step) * step, math.floor(last) + 1, step)


def _ratio_axis(rows: Sequence[ComparedRow], width: float) -> RatioAxis:
    naming, names = _names(rows, width, 0.4)
    values = math.floor(width - widest([r.text for r in rows], NOTE_PX))
    within = [row.within for row in rows if row.within is not None]
    ratios = [
        *filter(None, [*(ratio for row in rows for ratio in (row.over_all, row.most)), *(of.value for of in within)])
    ]
    low, high = (math.log2(end) for end in (min([1.0, *ratios]), max([1.0, *ratios])))
    ends = [math.log2(end) for of in within for end in (of.low, of.high) if end and math.isfinite(end)]
    reach = max([low - _BEYOND, min([low, *ends])]), min([high + _BEYOND, max([high, *ends])])
    gap = _GAP if names else 4
    never = names + gap + NEVER_PX / 2 if any(r.over_all == 0 for r in rows) else None
    left = names + gap + (0 if never is None else NEVER_PX + 8)
    return RatioAxis((reach[0] - 0.2, reach[1] + 0.2), left, values - _GAP, names, values, naming, never=never)


def _interval(chart: Chart, axis: RatioAxis, estimate: Estimate, pen: Pen, y: float) -> None:
    """Draw the interval of an estimate, with an arrow if it extends beyond the axis."""
    if estimate.ends is None:
        return
    left, right = map(axis.at, estimate.ends)
    chart.line(pen, (left, y), (right, y))
    for end, x, inwards in zip(estimate.ends, (left, right), (5, -5), strict=True):
        level = axis.level(end)
        if level != -math.inf and not axis.domain[0] <= level <= axis.domain[1]:
            chart.line(pen, (x, y), (x + inwards, y - 3))
            chart.line(pen, (x, y), (x + inwards, y + 3))


class _Named(Protocol):
    """A row with a name and a note."""

    @property
    def name(self) -> str: ...

    @property
    def note(self) -> str: ...


def _names(rows: Sequence[_Named], width: float, share: float) -> tuple[TextStyle, int]:
    """Return the lettering of names and the width of their column, 0 if names are above their rows."""
    naming, names = fitted(NAME, [r.name for r in rows], share * width, [r.note for r in rows])
    return (naming, names) if width >= STACKED_PX else (NOTED, 0)


def _named(chart: Chart, name: str, note: str, right: float, naming: TextStyle, y: float) -> None:
    """Write a row's name, and its note below it. If there is no column of names, they are above the row if they fit."""
    if not right:
        chart.words(0, y - 14, name, naming, chart.width / 1.1)  # bold is a tenth wider
        if text_em(name) * naming.em + text_em(note) * NOTE.size + 8 <= chart.width:
            chart.words(chart.width, y - 14, note, NOTE)
        return
    chart.words(right, y - 4 if note else y, name, naming, right)
    chart.words(right, y + 6, note, NOTE, right)


def _times(level: int) -> str:
    """Return the label of a tick.

    >>> _times(3), _times(-2)
    ('8 ×', '1/4 ×')
    """
    return f"{2**level} ×" if level > 0 else f"1/{2**-level} ×"


SHARE_ROW_PX, COLUMN_GAP_PX = 22, 16
_MIDDLE = 0.5
_LEAST_PLOT = 64.0
"""Smallest plot width, in pixels, with intervals in words. In a narrower plot they are only drawn."""
SHARE, OPEN_SHARE = Pen("share", "accent", 8, round=True), Pen("open-share", "muted", 8, round=True)
BASE = Pen("base", "ink", 1.4)


@dataclass(frozen=True, slots=True)
class ShareDot:
    """A share (0 to 1) and its base rate, None if there is none.

    `text` gives the share in words, with its interval. `short` is the text without the interval, for narrow plots.
    """

    share: Estimate
    base: float | None
    text: str
    short: str

    @property
    def sure(self) -> bool:
        """Whether there is an interval that does not include the base rate."""
        return self.base is not None and self.share.excludes(self.base)


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A pair of categories: its name, a note with the number of units, and its share in each panel."""

    name: str
    note: str
    spots: tuple[ShareDot, ...]


@dataclass(frozen=True, slots=True)
class ShareChart:
    """Chart of the shares of pairs and their base rates, with a column of dots for each panel.

    `headings` are the title of each panel and the definition of its shares. `keys` are the names of dot, line and tick
    in the key, "" to omit an entry.
    """

    headings: tuple[tuple[str, str], ...]
    rows: tuple[ShareRow, ...]
    keys: tuple[str, str, str]

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart as SVG, `width` pixels wide, with the lines of text in `below` under it."""
        chart = Chart(width, ground, (GRID, OPEN_INTERVAL, INTERVAL, BASE, OPEN_SHARE, SHARE))
        share, interval, base = self.keys
        signs = [chart.dot_sign(share, SHARE), chart.line_sign(interval, INTERVAL), chart.tick_sign(base, BASE)]
        naming, names = _names(self.rows, width, 0.34)
        row_px = SHARE_ROW_PX if names else SHARE_ROW_PX + 12
        column = (width - names - 10 - COLUMN_GAP_PX * (len(self.headings) - 1)) / len(self.headings)
        lefts = [names + 10 + k * (column + COLUMN_GAP_PX) for k in range(len(self.headings))]
        top = max(_heading(chart, left, column, of) for left, of in zip(lefts, self.headings, strict=True)) + 18
        bottom = top + row_px * len(self.rows)
        end = keyed(chart, bottom + 14, signs) + 10
        for k, left in enumerate(lefts):
            texts = [row.spots[k].text for row in self.rows]
            if column - widest(texts, NOTE_PX) < _LEAST_PLOT:
                texts = [row.spots[k].short for row in self.rows]
            across = left + 6, left + column - widest(texts, NOTE_PX) - 12
            _column(chart, [row.spots[k] for row in self.rows], texts, across, (top, bottom))
        for place, row in enumerate(self.rows):
            _named(chart, row.name, row.note, names, naming, top + row_px * (place + 1) - 11)
        return chart.finished(end, below)


def _column(
    chart: Chart,
    spots: Sequence[ShareDot],
    texts: Sequence[str],
    across: tuple[float, float],
    down: tuple[float, float],
) -> None:
    left, right = across
    top, bottom = down
    row_px = (bottom - top) / len(spots)

    def at(share: float) -> float:
        return left + (right - left) * share

    for tick in (0.0, _MIDDLE, 1.0):
        chart.line(GRID, (at(tick), top), (at(tick), bottom))
        if tick != _MIDDLE or right - left >= _LEAST_PLOT:
            chart.words(at(tick), top - 7, f"{100 * tick:.0f}\N{NO-BREAK SPACE}%", TICK)
    for place, (spot, text) in enumerate(zip(spots, texts, strict=True)):
        y = top + row_px * (place + 1) - 11
        if spot.share.ends is not None:
            left_end, right_end = map(at, spot.share.ends)
            chart.line(INTERVAL if spot.sure else OPEN_INTERVAL, (left_end, y), (right_end, y))
        if spot.base is not None:
            chart.tick(BASE, at(spot.base), y, 7)
        chart.dot(SHARE if spot.sure else OPEN_SHARE, at(spot.share.value), y)
        chart.words(right + 12, y, text, VALUE)


def _heading(chart: Chart, left: float, room: float, heading: tuple[str, str]) -> float:
    """Write the title of a panel and the definition of its shares; return the y below them."""
    y = 8.0
    for text, how in zip(heading, (TITLE, READING), strict=True):
        for line in wrapped(text, room / how.em):
            chart.words(left, y, line, how)
            y += how.size * 1.25
        y += 1
    return round(y)


StatementOutcome = Literal["stays", "changes", "unasked"]

FATE_ROW_PX, LEAST_STEP, LARGEST_STEP = 18, 15, 34
"""Height of a row, and smallest and largest distance between columns."""
_LONGEST_PX = 125.0
"""Maximum width of a column name."""
_SLOPE = 0.7071
STAYS, CHANGES = Pen("stays", "accent", 9, round=True), Pen("changes", "bad", 2.4)
UNASKED, UNASKED_HOLE = Pen("unasked", "hatch", 7, round=True), Pen("hole", "paper", 5, round=True)
RULE = Pen("rule", "grid", 0.5)
TOP, COUNT = TextStyle(NOTE_PX, slanted=True), TextStyle(NOTE_PX, colour="muted")


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A statement, its outcome in each alternative analysis, and a text with the number in which it is unchanged.

    An outcome is None if the analysis does not apply to the statement. `views` are the names of the analyses in the
    address of a page that shows the figure accordingly.
    """

    name: str
    fates: tuple[StatementOutcome | None, ...]
    text: str
    views: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeChart:
    """Chart of statements by alternative analysis: a dot if unchanged, a cross if changed, a ring if not testable.

    `keys` are the names of dot, cross and ring in the key. The first `n_choices` columns are choices of the analysis,
    and a gap separates the other columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[OutcomeRow, ...]
    keys: tuple[str, str, str]
    n_choices: int

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart as SVG, `width` pixels wide, with the lines of text in `below` under it."""
        chart = Chart(width, ground, (RULE, STAYS, UNASKED, UNASKED_HOLE, CHANGES))
        count, n = widest([row.text for row in self.rows], NOTE_PX) + 14, len(self.columns)
        heads = [min(text_em(name) * NOTE_PX, _LONGEST_PX) for name in self.columns]
        row_px = FATE_ROW_PX if width >= STACKED_PX else FATE_ROW_PX + 14
        naming, names = fitted(NAME, [row.name for row in self.rows], 0.6 * width, gap=10)
        naming, names = (naming, names) if width >= STACKED_PX else (NOTED, 0)
        # The slanted names of the last columns extend over the numbers on the right.
        room = min((width - names - 10 - head * _SLOPE) / (k + 0.5) for k, head in enumerate(heads))
        step = min(max(int(min((width - names - count) / n, room)), LEAST_STEP), LARGEST_STEP)
        names = int(min(names, width - count - step * n))
        top = keyed(chart, wrapped_title(chart, self.title) + 4, self._signs(chart))
        top = round(top + 22 + max(heads) * _SLOPE)
        places = [names + step * k + step // 2 + (5 if k >= self.n_choices else 0) for k in range(n)]
        every = 1 if step >= SLANTED * NOTE_PX else 2
        for x, name in zip(places[::every], self.columns[::every], strict=True):
            chart.words(x, top - 6, name, TOP, min(_LONGEST_PX, (width - x - 5) / _SLOPE))
        end = names + step * n + 5
        for place, row in enumerate(self.rows):
            y = top + row_px * place
            chart.line(RULE, (0, y), (round(end + count - 5), y))
            chart.words(max(names - 8, 0), y + 9, row.name, naming, names - 8 if names else width / 1.1)
            chart.words(end + 4, y + row_px - 9, row.text, COUNT)
            _marks(chart, row, places, y + row_px - 9)
        return chart.finished(top + row_px * len(self.rows) + 4, below)

    def _signs(self, chart: Chart) -> list[Sign]:
        stays, changes, unasked = self.keys
        cross: Sign = (changes, 8, lambda x, y: chart.cross(CHANGES, x + 4, y, 6))
        return [chart.dot_sign(stays, STAYS), cross, chart.dot_sign(unasked, UNASKED, UNASKED_HOLE)]


def _marks(chart: Chart, row: OutcomeRow, places: Sequence[float], y: float) -> None:
    for x, fate, view in zip_longest(places, row.fates, row.views):
        if fate == "stays":
            chart.dot(STAYS, x, y)
        elif fate == "changes":
            chart.cross(CHANGES, x, y, 6)
            chart.field(x, y, 14, view or "")
        elif fate == "unasked":
            chart.ring(UNASKED, UNASKED_HOLE, x, y)
