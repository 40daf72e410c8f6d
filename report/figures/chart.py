"""Write small charts as SVG: dots, lines and text, laid out for a given width.

A chart of this kind needs 70 ms and 21 kB with Vega, and less than a millisecond and 4 kB here. Everything that one
pen draws is a single path, and the class of the path is the pen's name. A dot is a very short line with round ends.
Thus, page, PDF and print use the same few elements, and tests can read positions from the SVG
(`tests/figures/drawn_charts.py`).
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
TITLE_PX, LABEL_PX, NOTE_PX, SMALL_PX = 11.0, 10.0, 9.0, 8.6
"""Font sizes, as in the figure of the matrices. `LABEL_PX` corresponds to the text size in print."""

PAGE_PX = (657.0, 400.0, 192.0)
"""Widths for which a page has a chart, the widest first. At each, the smallest text is 11 pixels high on a screen."""

STACKED_PX = 300.0
"""In a narrower chart, the name of a row is above its marks."""

_SHARED = 3
"""Minimum number of texts with the same x for which a group gives the x once."""


@dataclass(frozen=True, slots=True)
class Pen:
    """A line style: name (the class of its path), colour of the theme, width in pixels, round ends or not."""

    name: str
    colour: str
    width: float
    round: bool = False

    def own(self) -> str:
        """Return the SVG attributes of this pen's path only."""
        return f'class="{self.name}" stroke-width="{self.width:g}"'

    def shared(self) -> str:
        """Return the SVG attributes that consecutive paths of the same colour and line ends share."""
        cap = ' stroke-linecap="round"' if self.round else ""
        return f'stroke="{LIGHT[self.colour]}"{cap}'


@dataclass(frozen=True, slots=True)
class TextStyle:
    """A text style: font size in pixels, anchor, colour, weight, and whether text is slanted upwards by 45°."""

    size: float = LABEL_PX
    anchor: Anchor = "start"
    colour: str = "ink"
    bold: bool = False
    slanted: bool = False

    @property
    def em(self) -> float:
        """Width of an em in pixels. Text is measured in the regular style, and bold is a tenth wider."""
        return self.size * (1.1 if self.bold else 1)

    def attributes(self) -> str:
        """Return the SVG attributes that differ from SVG's defaults."""
        anchor = "" if self.anchor == "start" else f' text-anchor="{self.anchor}"'
        weight = ' font-weight="bold"' if self.bold else ""
        return f'font-size="{self.size:g}px" fill="{LIGHT[self.colour]}"{anchor}{weight}'


Point = tuple[float, float]


class Chart:
    """Canvas of a chart, which collects lines, dots and text."""

    def __init__(self, width: float, ground: str | None, pens: Sequence[Pen]) -> None:
        """Begin a chart `width` pixels wide. Later pens draw above earlier ones. `ground` None is transparent."""
        self.width, self.ground = width, ground
        self._paths = {pen: _Path() for pen in pens}
        self._fields = ""
        self._words: dict[TextStyle, list[tuple[str, str, str]]] = {}

    def line(self, pen: Pen, start: Point, end: Point) -> None:
        """Draw from one point to another."""
        self._paths[pen].line(start, end)

    def dot(self, pen: Pen, x: float, y: float) -> None:
        """Draw a dot with the diameter of the pen. Its path has a length, because PDF output omits empty paths."""
        self.line(pen, (x, y), (round(x, 1) + 0.1, y))

    def cross(self, pen: Pen, x: float, y: float, side: float) -> None:
        """Draw a cross in a square with this side."""
        half = side / 2
        self.line(pen, (x - half, y - half), (x + half, y + half))
        self.line(pen, (x - half, y + half), (x + half, y - half))

    def ring(self, rim: Pen, hole: Pen, x: float, y: float) -> None:
        """Draw a ring: a dot with a smaller dot in the paper colour on top."""
        self.dot(rim, x, y)
        self.dot(hole, x, y)

    def tick(self, pen: Pen, x: float, y: float, half: float) -> None:
        """Draw a vertical line, centred at (x, y), that extends `half` up and down."""
        self.line(pen, (x, y - half), (x, y + half))

    def dot_sign(self, text: str, pen: Pen, hole: Pen | None = None) -> Sign:
        """Return the sign of a dot or, with `hole`, of a ring."""

        def draw(x: float, y: float) -> None:
            for own in (pen,) if hole is None else (pen, hole):
                self.dot(own, x + pen.width / 2, y)

        return text, round(pen.width), draw

    def line_sign(self, text: str, pen: Pen) -> Sign:
        """Return the sign of a line."""
        return text, 14, lambda x, y: self.line(pen, (x, y), (x + 14, y))

    def tick_sign(self, text: str, pen: Pen) -> Sign:
        """Return the sign of a vertical line."""
        return text, 2, lambda x, y: self.tick(pen, x + 1, y, 6)

    def field(self, x: float, y: float, side: float, view: str) -> None:
        """Add a transparent square. A click on it selects `view` in the page's figure. Nothing is added for ""."""
        if view:
            size = f'x="{_n(x - side / 2)}" y="{_n(y - side / 2)}" width="{_n(side)}" height="{_n(side)}"'
            self._fields += f"<rect {size} data-view={quoteattr(view)}/>"

    def words(self, x: float, y: float, text: str, how: TextStyle, room: float | None = None) -> None:
        """Write text centred vertically at `y`, cut to `room` pixels if it is longer."""
        shown = text if room is None else cut(text, room / how.size)
        if shown:
            self._words.setdefault(how, []).append((_n(x), _n(y if how.slanted else y + 0.35 * how.size), shown))

    def finished(self, height: float, below: Sequence[str] = ()) -> str:
        """Return the chart as SVG, `height` pixels high plus the lines of text in `below`."""
        for text in below:
            height += NOTE_PX * 1.3
            self.words(0, height - NOTE_PX * 0.5, text, TextStyle(NOTE_PX, colour="muted"))
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
    """The lines of a pen. Each begins relative to the end of the previous line if that is shorter."""

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


def _written(how: TextStyle, texts: Sequence[tuple[str, str, str]]) -> str:
    """Return texts as SVG, grouped by x if several have the same x."""
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
    """Return a coordinate rounded to tenths of a pixel, in its shortest notation.

    >>> _n(12.0), _n(0.25), _n(-0.3), _n(-0.04)
    ('12', '.2', '-.3', '0')
    """
    text = f"{number:.1f}".removesuffix(".0")
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    return "0" if digits == "0" else sign + digits.removeprefix("0")


def cut(text: str, most_em: float) -> str:
    """Return a text of at most `most_em`, with an ellipsis if it is cut.

    >>> cut("Multimodal", 20), cut("Multimodal", 3)
    ('Multimodal', 'Mult…')
    """
    if text_em(text) <= most_em:
        return text
    n = bisect_right(range(len(text)), most_em, key=lambda n: text_em(f"{text[:n]}…")) - 1
    return f"{text[: max(n, 0)].rstrip()}…"


def widest(texts: Sequence[str], size: float) -> float:
    """Return the width of the widest text at a font size, in pixels; 0 without texts."""
    return max((text_em(text) for text in texts), default=0.0) * size


def sized(how: TextStyle, texts: Sequence[str], room: float) -> TextStyle:
    """Return a lettering in which texts fit into `room` pixels, with a smaller font (at least `SMALL_PX`) if needed."""
    sizes = (size for size in (how.size, NOTE_PX, SMALL_PX) if widest(texts, size) <= room)
    return replace(how, size=next(sizes, SMALL_PX))


def fitted(
    how: TextStyle, names: Sequence[str], room: float, notes: Sequence[str] = (), gap: float = 0
) -> tuple[TextStyle, int]:
    """Return the lettering of names and the width of their column, with notes below and a gap, at most `room`."""
    naming = sized(how, names, room)
    return naming, math.ceil(min(max(widest(names, naming.size), widest(notes, SMALL_PX)) + gap, room))


KEY = TextStyle(NOTE_PX, colour="muted")
KEY_PX = 14
"""Height of a line of a key."""

Sign = tuple[str, int, Callable[[float, float], None]]
"""An entry of a key: name, width, and a function that draws the sign, given its left end and its middle's y."""


def keyed(chart: Chart, y: float, signs: Sequence[Sign]) -> float:
    """Write the key of all signs that have a name, in as many lines as needed; return the y of the last line."""
    x = 1
    for text, width, draw in (sign for sign in signs if sign[0]):
        end = x + width + 4 + math.ceil(text_em(text) * KEY.size)
        if end > chart.width and x > 1:
            x, end, y = 1, end - x + 1, y + KEY_PX
        draw(x, y)
        chart.words(x + width + 4, y, text, KEY, chart.width - x - width - 4)
        x = end + 12
    return y


TITLE = TextStyle(TITLE_PX, bold=True)


def wrapped_title(chart: Chart, title: str) -> float:
    """Write a title at the top, in as many lines as needed; return the y below it."""
    y = 8.0
    for line in wrapped(title, (chart.width - 8) / TITLE.em):
        chart.words(0, y, line, TITLE)
        y += 14
    return y
