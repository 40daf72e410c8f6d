"""What becomes of statements under other choices: a dot where one stays, a cross where it changes, else a ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from ..theme.fonts import text_em
from .chart import NOTE_PX, TITLE_PX, Chart, Lettering, Pen, Sign, fitted, keyed, widest, wrapped_title
from .layout import SLANTED

Fate = Literal["stays", "changes", "unasked"]

ROW_PX, LEAST_STEP, LARGEST_STEP = 18, 15, 34
"""Height of a row, and how far columns stand apart."""
_LONGEST_PX = 125.0
"""Names of columns are cut beyond this."""
_SLOPE = 0.7071
_NAMES = 0.6
"""Of the width names of statements take at most so much."""

STAYS, CHANGES = Pen("stays", "accent", 9, round=True), Pen("changes", "bad", 2.4)
RING, HOLE = Pen("unasked", "hatch", 7, round=True), Pen("hole", "paper", 5, round=True)
RULE = Pen("rule", "grid", 0.5)
PENS = (RULE, STAYS, RING, HOLE, CHANGES)

TITLE, NAME = Lettering(TITLE_PX, bold=True), Lettering(anchor="end")
TOP, COUNT = Lettering(NOTE_PX, slanted=True), Lettering(NOTE_PX, colour="muted")


@dataclass(frozen=True, slots=True)
class FateRow:
    """A statement, its fate under each choice (None where that does not concern it), and in words how many it stays.

    `views` name each choice in the address of a page that shows the figure so.
    """

    name: str
    fates: tuple[Fate | None, ...]
    text: str
    views: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Fates:
    """A chart of statements by choices. `keys` name dot, cross and ring; the first `n_choices` columns are choices."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[FateRow, ...]
    keys: tuple[str, str, str]
    n_choices: int

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page, which shows it up to half as wide again."""
        return 390

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        chart = Chart(width, ground, PENS)
        count, n = widest([row.text for row in self.rows], NOTE_PX) + 14, len(self.columns)
        heads = [min(text_em(name) * NOTE_PX, _LONGEST_PX) for name in self.columns]
        naming, names = fitted(NAME, [row.name for row in self.rows], _NAMES * width, gap=10)
        # The last columns' names climb over the numbers at the right.
        room = min((width - names - 10 - head * _SLOPE) / (k + 0.5) for k, head in enumerate(heads))
        step = min(max(int(min((width - names - count) / n, room)), LEAST_STEP), LARGEST_STEP)
        names = int(min(names, width - count - step * n))
        top = keyed(chart, wrapped_title(chart, self.title, TITLE) + 4, self._signs(chart))
        top = round(top + 22 + max(heads) * _SLOPE)
        places = [names + step * k + step // 2 + (5 if k >= self.n_choices else 0) for k in range(n)]
        every = 1 if step >= SLANTED * NOTE_PX else 2
        for k, (x, name) in enumerate(zip(places, self.columns, strict=True)):
            if k % every == 0:
                chart.words(x, top - 6, name, TOP, min(_LONGEST_PX, (width - x - 5) / _SLOPE))
        end = names + step * n + 5
        for place in range(len(self.rows)):
            y = top + ROW_PX * place
            chart.line(RULE, (0, y), (round(end + count - 5), y))
        for place, row in enumerate(self.rows):
            y = top + ROW_PX * place + 9
            chart.words(names - 8, y, row.name, naming, names - 8)
            chart.words(end + 4, y, row.text, COUNT)
            _marks(chart, row, places, y)
        return chart.finished(top + ROW_PX * len(self.rows) + 4, below)

    def _signs(self, chart: Chart) -> list[Sign]:
        stays, changes, unasked = self.keys
        return [
            (stays, 9, lambda x, y: chart.dot(STAYS, x + 4.5, y)),
            (changes, 8, lambda x, y: chart.cross(CHANGES, x + 4, y, 6)),
            (unasked, 7, lambda x, y: _ring(chart, x + 3.5, y)),
        ]


def _ring(chart: Chart, x: float, y: float) -> None:
    chart.dot(RING, x, y)
    chart.dot(HOLE, x, y)


def _marks(chart: Chart, row: FateRow, places: Sequence[float], y: float) -> None:
    for x, fate, view in zip_longest(places, row.fates, row.views):
        if fate == "stays":
            chart.dot(STAYS, x, y)
        elif fate == "changes":
            chart.cross(CHANGES, x, y, 6)
            chart.field(x, y, 14, view or "")
        elif fate == "unasked":
            _ring(chart, x, y)
