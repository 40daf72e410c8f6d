"""Charts read back: what each pen drew, and what words stand where, from the SVG alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

from diptych.theme.fonts import text_em

NUMBER = re.compile(r"-?\d*\.?\d+")
STEP = re.compile(r"([Mmlhvc])([^Mmlhvc]*)")


@dataclass(frozen=True)
class Words:
    """A text with the box that it takes in the drawing; one that climbs has none."""

    text: str
    x: float
    y: float
    size: float
    anchor: str
    slanted: bool

    @cached_property
    def box(self):
        width = text_em(self.text) * self.size
        left = self.x - {"start": 0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - 0.72 * self.size, left + width, self.y + 0.2 * self.size


@dataclass(frozen=True)
class DrawnChart:
    """Width and height; by pen the lines ((x, y), (x, y)) and how broad each is; the words."""

    width: float
    height: float
    lines: dict
    widths: dict
    words: tuple

    def dots(self, pen):
        """The places of a pen's dots."""
        return [start for start, _ in self.lines.get(pen, ())]

    def said(self):
        return [word.text for word in self.words]


def read(svg):
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    _, _, width, height = (float(number) for number in root.get("viewBox").split())
    lines, widths, words = {}, {}, []
    for element, x, style in _walk(root, 0.0, {}):
        if element.tag.endswith("path"):
            own = list(_lines(element.get("d")))
            lines.setdefault(element.get("class"), []).extend(own)
            widths.setdefault(element.get("class"), []).extend([float(element.get("stroke-width"))] * len(own))
        elif element.tag.endswith("text"):
            words.append(_words(element, x, style))
    return DrawnChart(width, height, lines, widths, tuple(words))


def _walk(element, x, style):
    for child in element:
        shift = re.fullmatch(r"translate\((-?[\d.]+)\)", child.get("transform", ""))
        own = style | {name: child.get(name) for name in ("font-size", "text-anchor") if child.get(name)}
        yield child, x + (float(shift[1]) if shift else 0.0), own
        yield from _walk(child, x + (float(shift[1]) if shift else 0.0), own)


def _words(element, x, style):
    slanted = re.match(r"translate\((-?[\d.]+),(-?[\d.]+)\)rotate", element.get("transform", ""))
    x, y = (
        (float(slanted[1]), float(slanted[2])) if slanted else (x + float(element.get("x", 0)), float(element.get("y")))
    )
    size = float(style["font-size"].removesuffix("px"))
    return Words(element.text, x, y, size, style.get("text-anchor", "start"), bool(slanted))


def _lines(d):
    at = (0.0, 0.0)
    for command, text in STEP.findall(d):
        numbers = [float(number) for number in NUMBER.findall(text)]
        if command == "M":
            at = tuple(numbers)
        elif command == "m":
            at = (at[0] + numbers[0], at[1] + numbers[1])
        else:
            dx, dy = {"h": (numbers[0], 0.0), "v": (0.0, numbers[0])}.get(command) or numbers[-2:]
            to = (at[0] + dx, at[1] + dy)
            yield tuple(round(place, 2) for place in at), tuple(round(place, 2) for place in to)
            at = to


def overlapping(chart):
    """Pairs of level words whose boxes meet."""
    level = [word for word in chart.words if not word.slanted]
    return [
        (one.text, other.text)
        for k, one in enumerate(level)
        for other in level[k + 1 :]
        if min(one.box[2], other.box[2]) - max(one.box[0], other.box[0]) > 0.5
        and min(one.box[3], other.box[3]) - max(one.box[1], other.box[1]) > 0.5
    ]


def outside(chart):
    """Words that reach beyond the drawing."""
    return [
        word.text
        for word in chart.words
        if not word.slanted
        and (word.box[0] < -0.5 or word.box[2] > chart.width + 0.5 or word.box[1] < 0 or word.box[3] > chart.height)
    ]
