"""Draw the chart of strata: one small matrix per stratum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .chart import NOTE_PX, SMALL_PX, Chart, Pen, TextStyle, widest, wrapped_title

HEADING = TextStyle(NOTE_PX, bold=True)
VALUE = TextStyle(NOTE_PX, colour="muted")

GAP_PX, HEAD_PX = 16, 24
"""Gap between matrices, and height of the two lines above each."""
LEAST_PITCH, LARGEST_PITCH, SIDE_PX = 11, 18, 84
"""Smallest and largest distance between categories, and the intended width of a matrix."""
LARGEST_PX, LEAST_PX = 14.0, 2.2
"""Diameter of the dot of the largest number, and smallest visible diameter."""
_LONGEST_PX = 60.0
_MOST_HEADING = 90.0
"""Maximum width of a name above a matrix. Bold text is a tenth wider."""
_SLOPE = 0.7071

GRID = Pen("grid", "grid", 0.4)
NAME, TOP, NOTE = TextStyle(SMALL_PX, "end"), TextStyle(SMALL_PX, slanted=True), TextStyle(SMALL_PX, colour="muted")


@dataclass(frozen=True, slots=True)
class SmallMatrix:
    """One matrix: its name, a note with the number of units, and the units of each cell (row, column, units)."""

    name: str
    note: str
    units: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class SmallMultiples:
    """Small multiples over the same rows and columns: dots with areas proportional to units, on one common scale.

    `reading` names rows and columns. If both have the same categories, only the first matrix has column names, and
    each matrix has a diagonal line.
    """

    title: str
    reading: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    matrices: tuple[SmallMatrix, ...]

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart as SVG, `width` pixels wide, with the lines of text in `below` under it."""
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
        """Return the number of matrices side by side, and the distance from one to the next."""
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

    def _matrix(self, chart: Chart, matrix: SmallMatrix, pens: dict[float, Pen], x: float, y: float) -> None:
        wide, high = self._pitch * len(self.columns), self._pitch * len(self.rows)
        for k in range(len(self.rows)):
            chart.line(GRID, (x, y + self._middle(k)), (x + wide, y + self._middle(k)))
        if self.rows == self.columns:
            chart.line(GRID, (x, y), (x + wide, y + high))
        for row, column, n in matrix.units:
            chart.dot(pens[n], x + self._middle(column), y + self._middle(row))


def _dot(n: float, most: float) -> Pen:
    """Return the pen for the dot of a number, with an area proportional to the number and a visible size."""
    return Pen("units", "accent", round(max(LARGEST_PX * math.sqrt(n / most), LEAST_PX), 1), round=True)
