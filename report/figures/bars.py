"""How many of how many, as bars in groups: what there is in a light bar, what is counted of it in a dark one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .chart import NOTE_PX, TITLE_PX, Chart, Lettering, Pen, Sign, fitted, keyed, widest, wrapped_title

ROW_PX, HEADING_PX = 14, 20
_NAMES = 0.4
"""Of the width names take at most so much."""

ALL, COUNTED = Pen("all", "mask", 9), Pen("counted", "accent", 9)
PENS = (ALL, COUNTED)

TITLE, HEADING = Lettering(TITLE_PX, bold=True), Lettering(NOTE_PX, bold=True)
NAME, VALUE = Lettering(anchor="end"), Lettering(NOTE_PX, colour="muted")


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
    """A chart of groups of bars, one below the other. `keys` name the dark and the light bar."""

    title: str
    groups: tuple[BarGroup, ...]
    keys: tuple[str, str]

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page, which shows it up to half as wide again."""
        return 390

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        chart = Chart(width, ground, PENS)
        bars = [bar for group in self.groups for bar in group.bars]
        naming, names = fitted(NAME, [bar.name for bar in bars], _NAMES * width)
        left, right = names + 8, int(width - widest([bar.text for bar in bars], NOTE_PX) - 8)
        y = keyed(chart, wrapped_title(chart, self.title, TITLE) + 4, self._signs(chart))
        for group in self.groups:
            y += HEADING_PX
            chart.words(left, y, group.heading, HEADING, width - left)
            end = max(bar.whole for bar in group.bars)
            for bar in group.bars:
                y += ROW_PX
                chart.words(names, y, bar.name, naming, names)
                chart.line(ALL, (left, y), (left + (right - left) * bar.whole / end, y))
                if bar.counted:
                    chart.line(COUNTED, (left, y), (left + (right - left) * bar.counted / end, y))
                chart.words(right + 8, y, bar.text, VALUE)
        return chart.finished(y + 10, below)

    def _signs(self, chart: Chart) -> list[Sign]:
        counted, whole = self.keys
        return [
            (counted, 14, lambda x, y: chart.line(COUNTED, (x, y), (x + 14, y))),
            (whole, 14, lambda x, y: chart.line(ALL, (x, y), (x + 14, y))),
        ]
