"""A small chart written as SVG: dots, lines and words, laid out for a width.

Vega takes 70 ms and 21 kB for a picture of this sort; written here it takes less than a millisecond and 4 kB. What
is drawn with one pen is one path whose class is the pen's name: a dot is a line of next to no length with a round end.
So page, PDF and print show the same few elements, and positions can be read back (`tests/figures/drawn_charts.py`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from ..theme.colours import LIGHT
from ..theme.fonts import FONT_FAMILY, text_em
from .naming import wrapped

Anchor = Literal["start", "middle", "end"]
TITLE_PX, LABEL_PX, NOTE_PX, SMALL_PX = 11.0, 10.0, 9.0, 7.5
"""Sizes of words: as in the figure of the matrices, of which `LABEL_PX` is what a text size in print refers to."""

_SHARED = 3
"""From so many words at one place across on, the place is said once for all of them."""


@dataclass(frozen=True, slots=True)
class Pen:
    """A line so wide (pixels) in a colour of the theme. `name` says what is drawn with it; `round`: dots are."""

    name: str
    colour: str
    width: float
    round: bool = False

    def own(self) -> str:
        """Return what SVG says of its path alone."""
        return f'class="{self.name}" stroke-width="{self.width:g}"'

    def shared(self) -> str:
        """Return what SVG says of paths in a row of one colour and ends."""
        cap = ' stroke-linecap="round"' if self.round else ""
        return f'stroke="{LIGHT[self.colour]}"{cap}'


@dataclass(frozen=True, slots=True)
class Lettering:
    """How words stand: height in pixels, where they begin or end, colour, weight, and whether they climb by 45°."""

    size: float = LABEL_PX
    anchor: Anchor = "start"
    colour: str = "ink"
    bold: bool = False
    slanted: bool = False

    @property
    def em(self) -> float:
        """An em of text as it is measured, which is in the regular style: bold is a tenth wider."""
        return self.size * (1.1 if self.bold else 1)

    def attributes(self) -> str:
        """Return how SVG says it, as far as it is not what SVG takes for granted."""
        anchor = "" if self.anchor == "start" else f' text-anchor="{self.anchor}"'
        weight = ' font-weight="bold"' if self.bold else ""
        return f'font-size="{self.size:g}px" fill="{LIGHT[self.colour]}"{anchor}{weight}'


Point = tuple[float, float]


class Chart:
    """Collects what is drawn."""

    def __init__(self, width: float, ground: str | None, pens: Sequence[Pen]) -> None:
        """Begin a chart of so many pixels, on a ground or on none; later pens lie above earlier ones."""
        self.width, self.ground = width, ground
        self._paths = {pen: _Path() for pen in pens}
        self._fields = ""
        self._words: dict[Lettering, list[tuple[str, str, str]]] = {}

    def line(self, pen: Pen, start: Point, end: Point) -> None:
        """Draw from one point to another."""
        self._paths[pen].line(start, end)

    def dot(self, pen: Pen, x: float, y: float) -> None:
        """Draw a dot as wide as a pen. A path of no length at all would be left out of a PDF."""
        self.line(pen, (x, y), (round(x, 1) + 0.1, y))

    def cross(self, pen: Pen, x: float, y: float, side: float) -> None:
        """Draw a cross in a square of this side."""
        half = side / 2
        self.line(pen, (x - half, y - half), (x + half, y + half))
        self.line(pen, (x - half, y + half), (x + half, y - half))

    def ring(self, rim: Pen, hole: Pen, x: float, y: float) -> None:
        """Draw a ring: a dot with a smaller one of paper on it."""
        self.dot(rim, x, y)
        self.dot(hole, x, y)

    def tick(self, pen: Pen, x: float, y: float, half: float) -> None:
        """Draw a line upright, its middle here."""
        self.line(pen, (x, y - half), (x, y + half))

    def dot_sign(self, text: str, pen: Pen, hole: Pen | None = None) -> Sign:
        """Return the sign of a dot, or of a ring."""

        def draw(x: float, y: float) -> None:
            for own in (pen,) if hole is None else (pen, hole):
                self.dot(own, x + pen.width / 2, y)

        return text, round(pen.width), draw

    def line_sign(self, text: str, pen: Pen) -> Sign:
        """Return the sign of a line."""
        return text, 14, lambda x, y: self.line(pen, (x, y), (x + 14, y))

    def tick_sign(self, text: str, pen: Pen) -> Sign:
        """Return the sign of an upright line."""
        return text, 2, lambda x, y: self.tick(pen, x + 1, y, 6)

    def field(self, x: float, y: float, side: float, view: str) -> None:
        """Lay a clear square on a place: pressed there, a page shows its figure in this view; none for ""."""
        if view:
            size = f'x="{_n(x - side / 2)}" y="{_n(y - side / 2)}" width="{_n(side)}" height="{_n(side)}"'
            self._fields += f"<rect {size} data-view={quoteattr(view)}/>"

    def words(self, x: float, y: float, text: str, how: Lettering, room: float | None = None) -> None:
        """Write words whose middle is at this height, cut to so many pixels where they are longer."""
        shown = text if room is None else cut(text, room / how.size)
        if shown:
            self._words.setdefault(how, []).append((_n(x), _n(y if how.slanted else y + 0.35 * how.size), shown))

    def finished(self, height: float, below: Sequence[str] = ()) -> str:
        """Return the chart, so high, with lines of words below it."""
        for text in below:
            height += NOTE_PX * 1.3
            self.words(0, height - NOTE_PX * 0.5, text, Lettering(NOTE_PX, colour="muted"))
        height += 3 if below else 0
        size = f'width="{_n(self.width)}" height="{_n(height)}" viewBox="0 0 {_n(self.width)} {_n(height)}"'
        ground = f'<rect {size.partition(" viewBox")[0]} fill="{self.ground}"/>' if self.ground else ""
        drawn = [(pen, path.text) for pen, path in self._paths.items() if path.text]
        lines = ""
        for shared, own in groupby(drawn, key=lambda one: one[0].shared()):
            paths = "".join(f'<path {pen.own()} d="{text}"/>' for pen, text in own)
            lines += f"<g {shared}>{paths}</g>"
        words = "".join(f"<g {how.attributes()}>{_written(how, texts)}</g>" for how, texts in self._words.items())
        head = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{FONT_FAMILY}" {size}>{ground}'
        fields = f'<g fill="none">{self._fields}</g>' if self._fields else ""
        return f'{head}<g fill="none">{lines}</g>{words}{fields}</svg>'


class _Path:
    """The lines of a pen, each told from the end of the one before where that is shorter."""

    def __init__(self) -> None:
        self.text = ""
        self._at: Point | None = None

    def line(self, start: Point, end: Point) -> None:
        (x, y), (to_x, to_y) = (tuple(round(place, 1) for place in point) for point in (start, end))
        there = f"M{_pair(x, y)}"
        if self._at is not None:
            there = min(there, f"m{_pair(x - self._at[0], y - self._at[1])}", key=len)
        dx, dy = round(to_x - x, 1), round(to_y - y, 1)
        step = f"h{_n(dx)}" if not dy else f"v{_n(dy)}" if not dx else f"l{_pair(dx, dy)}"
        self.text += there + step
        self._at = to_x, to_y


def _written(how: Lettering, texts: Sequence[tuple[str, str, str]]) -> str:
    """Return words as SVG; those at one place across stand in a group that says it."""
    if how.slanted:
        drop = _n(0.35 * how.size)
        return "".join(
            f'<text transform="translate({x},{y})rotate(-45)" y="{drop}">{escape(text)}</text>' for x, y, text in texts
        )
    made = ""
    for place in dict.fromkeys(x for x, _, _ in texts):
        own = [(y, escape(text)) for x, y, text in texts if x == place]
        if len(own) < _SHARED:
            made += "".join(f'<text x="{place}" y="{y}">{text}</text>' for y, text in own)
        else:
            inner = "".join(f'<text y="{y}">{text}</text>' for y, text in own)
            made += f'<g transform="translate({place})">{inner}</g>'
    return made


def _pair(x: float, y: float) -> str:
    second = _n(y)
    return f"{_n(x)}{second}" if second[0] == "-" else f"{_n(x)} {second}"


def _n(number: float) -> str:
    """Return a place in tenths of a pixel, as short as it can be written.

    >>> _n(12.0), _n(0.25), _n(-0.3), _n(-0.04)
    ('12', '.2', '-.3', '0')
    """
    text = f"{number:.1f}".removesuffix(".0")
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    return "0" if digits == "0" else sign + digits.removeprefix("0")


def cut(text: str, most_em: float) -> str:
    """Return a text of at most so many em, with an ellipsis where it was longer.

    >>> cut("Multimodal", 20), cut("Multimodal", 3)
    ('Multimodal', 'Mult…')
    """
    if text_em(text) <= most_em:
        return text
    n = bisect_right(range(len(text)), most_em, key=lambda n: text_em(f"{text[:n]}…")) - 1
    return f"{text[: max(n, 0)].rstrip()}…"


def widest(texts: Sequence[str], size: float) -> float:
    """Return how wide the widest of some texts is at a size, in pixels; 0 of none."""
    return max((text_em(text) for text in texts), default=0.0) * size


def sized(how: Lettering, texts: Sequence[str], room: float) -> Lettering:
    """Return a lettering in which texts fit a room, a little smaller where they must be."""
    sizes = (size for size in (how.size, NOTE_PX, 8.0) if widest(texts, size) <= room)
    return replace(how, size=next(sizes, 8.0))


def fitted(
    how: Lettering, names: Sequence[str], room: float, notes: Sequence[str] = (), gap: float = 0
) -> tuple[Lettering, int]:
    """Return the lettering of names in a room, and how wide they are there with notes below them and a gap."""
    naming = sized(how, names, room)
    return naming, math.ceil(min(max(widest(names, naming.size), widest(notes, SMALL_PX)) + gap, room))


KEY = Lettering(NOTE_PX, colour="muted")
KEY_PX = 14
"""Height of a line of a key."""

Sign = tuple[str, int, Callable[[float, float], None]]
"""What a sign is called, how wide it is, and what draws it, given its left end and its middle's height."""


def keyed(chart: Chart, y: float, signs: Sequence[Sign]) -> float:
    """Write what signs are called, those that have a name, in as many lines as this needs; return the last's height."""
    x = 1
    for text, width, draw in (sign for sign in signs if sign[0]):
        end = x + width + 4 + math.ceil(text_em(text) * KEY.size)
        if end > chart.width and x > 1:
            x, end, y = 1, end - x + 1, y + KEY_PX
        draw(x, y)
        chart.words(x + width + 4, y, text, KEY, chart.width - x - width - 4)
        x = end + 12
    return y


TITLE = Lettering(TITLE_PX, bold=True)


def wrapped_title(chart: Chart, title: str) -> float:
    """Write a title at the top, in as many lines as it needs; return how low it reaches."""
    y = 8.0
    for line in wrapped(title, (chart.width - 8) / TITLE.em):
        chart.words(0, y, line, TITLE)
        y += 14
    return y
