"""What crosses between categories: ribbons from the one to the other, as broad as there are units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .chart import NOTE_PX, TITLE_PX, Chart, Lettering, Pen, cut, sized, widest, wrapped_title

WHOLE_PX, LEAST_NODE, GAP_PX = 120.0, 13.0, 5.0
"""How high all ribbons are together; of a category at least, so that its name has room; and between categories."""
_NAMES = 0.32
"""Of the width the names of either side take at most so much."""
_LEAST_WIDTH = 0.8

TITLE, HEADING = Lettering(TITLE_PX, bold=True), Lettering(NOTE_PX, bold=True)
LEFT, RIGHT = Lettering(anchor="end"), Lettering()

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
    """A chart of ribbons. `sides` are called above their categories; `left` and `right` in the order shown."""

    title: str
    sides: tuple[str, str]
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page, which shows it up to half as wide again."""
        return 390

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the chart on so many pixels; lines of words stand `below` it."""
        scale = WHOLE_PX / sum(ribbon.n for ribbon in self.ribbons)
        pens = [_pen(ribbon, scale) for ribbon in self.ribbons]
        colours = [*_COLOURS.values()]
        chart = Chart(width, ground, tuple(dict.fromkeys(sorted(pens, key=lambda pen: colours.index(pen.colour)))))
        texts = [[node.text for node in nodes] for nodes in (self.left, self.right)]
        left_style, right_style = (
            sized(how, own, _NAMES * width) for how, own in zip((LEFT, RIGHT), texts, strict=True)
        )
        start, end = (
            math.ceil(min(widest(own, how.size), _NAMES * width)) + 6
            for own, how in zip(texts, (left_style, right_style), strict=True)
        )
        right = int(width - end)
        top = wrapped_title(chart, self.title, TITLE) + 2
        heading = cut(self.sides[0], (right - start) / 2 / NOTE_PX), cut(self.sides[1], (right - start) / 2 / NOTE_PX)
        chart.words(start, top, heading[0], HEADING)
        chart.words(right, top, heading[1], Lettering(NOTE_PX, "end", bold=True))
        rooms = [
            _rooms(nodes, self.ribbons, side, scale, top + 10)
            for nodes, side in ((self.left, "left"), (self.right, "right"))
        ]
        for nodes, room, x, how, most in (
            (self.left, rooms[0], start - 6, left_style, start - 6),
            (self.right, rooms[1], right + 6, right_style, end - 6),
        ):
            for node in nodes:
                low, high = room[node.category]
                chart.words(x, (low + high) / 2, node.text, how, most)
        self._draw(chart, pens, rooms, (start, right), scale)
        return chart.finished(max(high for room in rooms for _, high in room.values()) + 4, below)

    def _draw(
        self,
        chart: Chart,
        pens: Sequence[Pen],
        rooms: Sequence[dict[str, tuple[float, float]]],
        ends: tuple[float, float],
        scale: float,
    ) -> None:
        """Draw each ribbon from where the one before it ended, at both its categories."""
        places = [_starts(room, self.ribbons, side, scale) for room, side in zip(rooms, ("left", "right"), strict=True)]
        order = {node.category: place for place, node in enumerate(self.right)}
        for place in sorted(
            range(len(pens)), key=lambda k: (rooms[0][self.ribbons[k].left], order[self.ribbons[k].right])
        ):
            ribbon, height = self.ribbons[place], self.ribbons[place].n * scale
            ys = []
            for side, name in zip(places, (ribbon.left, ribbon.right), strict=True):
                ys.append(side[name] + height / 2)
                side[name] += height
            chart.curve(pens[place], (ends[0], ys[0]), (ends[1], ys[1]))


def _pen(ribbon: Ribbon, scale: float) -> Pen:
    """Return what draws a ribbon, a little narrower than its room, so that paper shows between two."""
    height = ribbon.n * scale
    return Pen("ribbon", _COLOURS[ribbon.tone], round(max(height - min(0.2 * height, 1.0), _LEAST_WIDTH), 1))


def _sums(ribbons: Iterable[Ribbon], side: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for ribbon in ribbons:
        name = ribbon.left if side == "left" else ribbon.right
        sums[name] = sums.get(name, 0.0) + ribbon.n
    return sums


def _rooms(
    nodes: Sequence[Node], ribbons: Sequence[Ribbon], side: str, scale: float, top: float
) -> dict[str, tuple[float, float]]:
    """Return from where to where each category of a side reaches."""
    sums, rooms = _sums(ribbons, side), {}
    for node in nodes:
        height = max(sums[node.category] * scale, LEAST_NODE)
        rooms[node.category] = (top, top + height)
        top += height + GAP_PX
    return rooms


def _starts(
    rooms: dict[str, tuple[float, float]], ribbons: Sequence[Ribbon], side: str, scale: float
) -> dict[str, float]:
    """Return where the ribbons of each category begin: in the middle of its room."""
    sums = _sums(ribbons, side)
    return {name: (low + high - sums[name] * scale) / 2 for name, (low, high) in rooms.items()}
