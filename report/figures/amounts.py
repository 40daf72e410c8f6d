"""Charts of amounts: how many of how many as bars, what crosses as ribbons, and a matrix in small for each stratum."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from .chart import NOTE_PX, SMALL_PX, Chart, Lettering, Pen, fitted, keyed, widest, wrapped_title

BAR_PX, HEADING_PX = 14, 20
ALL, COUNTED = Pen("all", "mask", 9), Pen("counted", "accent", 9)
HEADING, RIGHT_HEADING = Lettering(NOTE_PX, bold=True), Lettering(NOTE_PX, "end", bold=True)
LEFT, RIGHT = Lettering(anchor="end"), Lettering()
VALUE = Lettering(NOTE_PX, colour="muted")


@dataclass(frozen=True, slots=True)
class Bar:
    """So many of so many, by name; `text` says it."""

    name: str
    counted: float
    whole: float
    text: str


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Bars on one scale, whose end is the largest of them."""

    heading: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups of bars, one below the other: what there is in a light bar, what is counted of it in a dark one.

    `keys` name the dark and the light bar.
    """

    page_px: ClassVar[float] = 390
    title: str
    groups: tuple[BarGroup, ...]
    keys: tuple[str, str]

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        chart = Chart(width, ground, (ALL, COUNTED))
        counted, whole = self.keys
        bars = [bar for group in self.groups for bar in group.bars]
        naming, names = fitted(LEFT, [bar.name for bar in bars], 0.4 * width)
        left, right = names + 8, int(width - widest([bar.text for bar in bars], NOTE_PX) - 8)
        signs = [chart.line_sign(counted, COUNTED), chart.line_sign(whole, ALL)]
        y = keyed(chart, wrapped_title(chart, self.title) + 4, signs)
        for group in self.groups:
            y += HEADING_PX
            chart.words(left, y, group.heading, HEADING, width - left)
            end = max(bar.whole for bar in group.bars)
            for bar in group.bars:
                y += BAR_PX
                chart.words(names, y, bar.name, naming, names)
                chart.line(ALL, (left, y), (left + (right - left) * bar.whole / end, y))
                if bar.counted:
                    chart.line(COUNTED, (left, y), (left + (right - left) * bar.counted / end, y))
                chart.words(right + 8, y, bar.text, VALUE)
        return chart.finished(y + 10, below)


WHOLE_PX, LEAST_NODE, NODE_GAP_PX = 120.0, 13.0, 5.0
"""How high all ribbons are together; of a category at least, so that its name has room; and between categories."""
_SIDE = 0.32
"""Of the width the names of either side take at most so much."""
_LEAST_WIDTH = 0.8

Tone = Literal["from", "to", "other"]
_COLOURS: dict[Tone, str] = {"other": "grid", "to": "hatch", "from": "accent"}


@dataclass(frozen=True, slots=True)
class Ribbon:
    """So many units with one category on the left and another on the right, in one of three tones."""

    left: str
    right: str
    n: float
    tone: Tone = "other"


@dataclass(frozen=True, slots=True)
class Node:
    """A category of a side: its name with how many units, in words."""

    category: str
    text: str


@dataclass(frozen=True, slots=True)
class Ribbons:
    """Ribbons from one category to another, as broad as there are units.

    `sides` are called above their categories; `left` and `right` in the order shown.
    """

    page_px: ClassVar[float] = 390
    title: str
    sides: tuple[str, str]
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        scale = WHOLE_PX / sum(ribbon.n for ribbon in self.ribbons)
        colours = list(_COLOURS.values())
        pens = sorted((_pen(r, scale) for r in self.ribbons), key=lambda pen: colours.index(pen.colour))
        chart = Chart(width, ground, tuple(dict.fromkeys(pens)))
        left_style, start = fitted(LEFT, [node.text for node in self.left], _SIDE * width)
        right_style, end = fitted(RIGHT, [node.text for node in self.right], _SIDE * width)
        start, right = start + 6, int(width - end - 6)
        top = wrapped_title(chart, self.title) + 2
        chart.words(start, top, self.sides[0], HEADING, (right - start) / 2)
        chart.words(right, top, self.sides[1], RIGHT_HEADING, (right - start) / 2)
        sides = (
            _Side(self.left, [(ribbon.left, ribbon.n) for ribbon in self.ribbons], scale, top + 10),
            _Side(self.right, [(ribbon.right, ribbon.n) for ribbon in self.ribbons], scale, top + 10),
        )
        for nodes, side, x, how, most in (
            (self.left, sides[0], start - 6, left_style, start - 6),
            (self.right, sides[1], right + 6, right_style, end),
        ):
            for node in nodes:
                chart.words(x, side.middles[node.category], node.text, how, most)
        tops = [side.tops for side in sides]
        for ribbon in sorted(self.ribbons, key=lambda of: (tops[0][of.left], tops[1][of.right])):
            height = ribbon.n * scale
            ys = sides[0].taken(ribbon.left, height), sides[1].taken(ribbon.right, height)
            chart.curve(_pen(ribbon, scale), (start, ys[0]), (right, ys[1]))
        return chart.finished(max(side.bottom for side in sides) + 4, below)


class _Side:
    """The categories of a side from the top: where each begins, its middle, and where its next ribbon begins."""

    def __init__(self, nodes: Sequence[Node], ends: Iterable[tuple[str, float]], scale: float, top: float) -> None:
        sums: dict[str, float] = {}
        for name, n in ends:
            sums[name] = sums.get(name, 0.0) + n
        self.tops: dict[str, float] = {}
        self.middles: dict[str, float] = {}
        self._next: dict[str, float] = {}
        for node in nodes:
            high = max(sums[node.category] * scale, LEAST_NODE)
            self.bottom = top + high
            self.tops[node.category] = top
            self.middles[node.category] = (top + self.bottom) / 2
            self._next[node.category] = (top + self.bottom - sums[node.category] * scale) / 2
            top += high + NODE_GAP_PX

    def taken(self, category: str, height: float) -> float:
        """Return the middle of the next ribbon of a category, so high, from where the one before it ended."""
        start = self._next[category]
        self._next[category] += height
        return start + height / 2


def _pen(ribbon: Ribbon, scale: float) -> Pen:
    """Return what draws a ribbon, a little narrower than its room, so that paper shows between two."""
    height = ribbon.n * scale
    return Pen("ribbon", _COLOURS[ribbon.tone], round(max(height - min(0.2 * height, 1.0), _LEAST_WIDTH), 1))


GAP_PX, HEAD_PX = 16, 24
"""How far matrices stand apart, and how high the two lines above each are."""
LEAST_PITCH, LARGEST_PITCH, SIDE_PX = 11, 18, 84
"""How far categories stand apart, so that a matrix is so wide if it can."""
LARGEST_PX, LEAST_PX = 14.0, 2.2
"""How wide the dot of the largest number is, and the least that can be seen."""
_LONGEST_PX = 60.0
_MOST_HEADING = 90.0
"""Names above matrices are cut beyond this; bold ones are a tenth wider."""
_SLOPE = 0.7071

GRID = Pen("grid", "grid", 0.4)
NAME, TOP, NOTE = Lettering(SMALL_PX, "end"), Lettering(SMALL_PX, slanted=True), Lettering(SMALL_PX, colour="muted")


@dataclass(frozen=True, slots=True)
class Small:
    """One matrix: what it is called, how many units it has (in words), and units by place (row, column)."""

    name: str
    note: str
    units: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Multiples:
    """Small matrices over the same rows and columns: dots whose areas are numbers of units, on one scale for all.

    `reading` says what is down and what across. Where rows and columns are the same categories, names stand at the
    first matrix alone, and a line marks them.
    """

    page_px: ClassVar[float] = 390
    title: str
    reading: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    matrices: tuple[Small, ...]

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        most = max(n for matrix in self.matrices for *_, n in matrix.units)
        pens = {n: _dot(n, most) for matrix in self.matrices for *_, n in matrix.units}
        chart = Chart(width, ground, (GRID, *dict.fromkeys(sorted(pens.values(), key=lambda pen: -pen.width))))
        names = math.ceil(min(widest(self.rows, NAME.size), 0.3 * width)) + 6
        heads = [min(widest([name], TOP.size), _LONGEST_PX) for name in self.columns]
        across, pace = self._across(width - names, heads)
        top = wrapped_title(chart, self.title) + 2
        chart.words(0, top, self.reading, VALUE, width)
        top = round(top + 14)
        first = top + HEAD_PX + 8 + round(max(heads) * _SLOPE)
        high = self._pitch * len(self.rows)
        for place, matrix in enumerate(self.matrices):
            line, k = divmod(place, across)
            x, y = names + k * pace, first + line * (high + GAP_PX + HEAD_PX)
            if line == 0 and (k == 0 or self.rows != self.columns):
                self._heads(chart, x, y, width)
            for row, name in enumerate(self.rows if k == 0 else ()):
                chart.words(names - 6, y + self._middle(row), name, NAME, names - 6)
            above = top if line == 0 else y - HEAD_PX
            chart.words(x, above + 6, matrix.name, HEADING, (pace - GAP_PX) / 1.1)
            chart.words(x, above + 16, matrix.note, NOTE, pace - GAP_PX)
            self._matrix(chart, matrix, pens, x, y)
        lines = math.ceil(len(self.matrices) / across)
        return chart.finished(first + lines * high + (lines - 1) * (GAP_PX + HEAD_PX) + 6, below)

    @property
    def _pitch(self) -> int:
        return max(LEAST_PITCH, min(LARGEST_PITCH, SIDE_PX // len(self.columns)))

    def _middle(self, place: int) -> int:
        return self._pitch * place + self._pitch // 2

    def _across(self, room: float, heads: Sequence[float]) -> tuple[int, int]:
        """Return how many matrices stand side by side, and from one to the next."""
        named = math.ceil(min(widest([matrix.name for matrix in self.matrices], NOTE_PX * 1.1), _MOST_HEADING))
        wide = self._pitch * len(self.columns)
        pace = max(wide, named) + GAP_PX
        over = max(head * _SLOPE + 6 + self._middle(k) - wide for k, head in enumerate(heads))
        most = max(1, int((room - max(0.0, over - GAP_PX) + GAP_PX) / pace))
        return math.ceil(len(self.matrices) / math.ceil(len(self.matrices) / most)), pace

    def _heads(self, chart: Chart, x: float, y: float, width: float) -> None:
        for k, name in enumerate(self.columns):
            at = x + self._middle(k)
            chart.words(at, y - 4, name, TOP, min(_LONGEST_PX, (width - at - 4) / _SLOPE))

    def _matrix(self, chart: Chart, matrix: Small, pens: dict[float, Pen], x: float, y: float) -> None:
        wide, high = self._pitch * len(self.columns), self._pitch * len(self.rows)
        for k in range(len(self.rows)):
            chart.line(GRID, (x, y + self._middle(k)), (x + wide, y + self._middle(k)))
        if self.rows == self.columns:
            chart.line(GRID, (x, y), (x + wide, y + high))
        for row, column, n in matrix.units:
            chart.dot(pens[n], x + self._middle(column), y + self._middle(row))


def _dot(n: float, most: float) -> Pen:
    """Return what draws the dot of a number: its area is the number's, and it can be seen."""
    return Pen("units", "accent", round(max(LARGEST_PX * math.sqrt(n / most), LEAST_PX), 1), round=True)
