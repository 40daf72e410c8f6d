"""Split the drawing of a figure into parts, one per panel, that a page sets side by side or stacks.

Vega draws a figure as one picture. A page shows each panel as a separate SVG, with a view box that selects the panel
from the drawing. Thus, a narrow screen can stack the panels. Side by side, they look like the original picture.
"""

from __future__ import annotations

import cmath
import copy
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple
from xml.etree import ElementTree as ET

from markupsafe import Markup

from ..figures import SCREEN
from ..theme.colours import hexadecimal
from ..theme.fonts import BOLD, text_em

_PART = re.compile(r"\b(p\d+|bar|key)_group\b|\b(role-title)\b")
_TRANSFORM = re.compile(r"(translate|rotate)\(([^)]*)\)")
_PATH = re.compile(r"M(-?[\d.]+),(-?[\d.]+)h(-?[\d.]+)v(-?[\d.]+)")
_MARGIN = 4.0

SMALLEST, LARGEST = 1.2, SCREEN
"""Smallest and largest scale of a part on a screen, relative to its drawing.

At the smallest scale, the smallest text is 11 pixels high. Parts that would be smaller continue on the next row. A part
that does not fit alone scrolls.
"""

COLUMN_PX, _GAP_PX = 868.0, 12.0
"""Width of the column of figures next to findings, and gap between parts in a row (`style.css`)."""

TALLEST_PX = 620.0
"""Maximum height of a drawing that remains in view next to findings."""

NARROWEST_PX, LEAST_CELL_PX = 240.0, 8.0
"""Width of a box that panels fit with narrower cells, and the smallest cells. A panel that needs more room scrolls."""

NUMBERS_PX, SMALL_NUMBERS_PX = 18.0, 25.0
"""Smallest width of cells with numbers, and of cells with numbers of full size."""

WHOLE = (0.88, 1.5)
"""Smallest and largest scale of a drawing that is one part."""

Place = tuple[complex, complex]
"""The transformation of a group, with points as complex numbers: a factor that rotates, then a term that shifts."""


class Box(NamedTuple):
    """A rectangle in the units of its drawing."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width of the rectangle."""
        return self.right - self.left

    def text(self) -> str:
        """Return the rectangle as a view box."""
        return f"{self.left:.5g} {self.top:.5g} {self.width:.5g} {self.bottom - self.top:.5g}"


def _around(boxes: Iterable[Box]) -> Box:
    """Return the smallest rectangle that includes all boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


class _Part(NamedTuple):
    """A part of a drawing: its name, the chain of elements from the root to it, and its bounding box."""

    name: str
    chain: list[ET.Element]
    box: Box

    @property
    def is_panel(self) -> bool:
        return self.name.startswith("p")

    @property
    def is_beside(self) -> bool:
        """Whether it can share a row with adjacent parts, as panels can, or the colour bar and its key."""
        return self.is_panel or self.name in ("bar", "key")


@dataclass(frozen=True, slots=True)
class SvgParts:
    """The parts of a drawing: rows of SVGs, style rules for their widths, and the view box of the whole drawing.

    `colours` are the colours of cells and colour bars, as (attribute, colour). `wide` is true if the drawing does not
    fit the column next to findings.
    """

    rows: tuple[tuple[Markup, ...], ...]
    rules: str
    box: str
    colours: frozenset[tuple[str, str]]
    wide: bool = False


def parts_of(root: ET.Element, scope: str, finish: Callable[[ET.Element], None]) -> SvgParts:
    """Return the parts of a drawing with names without namespaces; `scope` is the figure's CSS selector in a page.

    A drawing whose panels have no names is one part. `finish` is called for each element of a part, parents first.
    """
    found = _found(root)
    whole = root.get("viewBox", "")
    colours = _colours(root, "fill") | _colours(root, "stop-color")
    if not found:
        left, top, width, height = (float(number) for number in whole.split())
        svg = copy.copy(root)
        svg.set("class", "part part-0")
        rule = _rule(scope, 0, Box(left, top, left + width, top + height), WHOLE)
        return SvgParts(((_markup(svg, finish),),), rule, whole, colours)
    drawn: list[tuple[Markup, ...]] = []
    rules, numbers, widest, height = "", count(), 0.0, 0.0
    for row in _in_rows(found):
        _, top, _, bottom = _around(part.box for part in row)
        drawn.append(())
        widest = max(widest, sum(SMALLEST * (part.box.width + 2 * _MARGIN) + _GAP_PX for part in row) - _GAP_PX)
        height += LARGEST * (bottom - top)
        for part in row:
            box = Box(part.box.left - _MARGIN, top - _MARGIN, part.box.right + _MARGIN, bottom + _MARGIN)
            number = next(numbers)
            rules += _rule(scope, number, box) + _narrow(scope, number, part, box)
            _place_texts(part.chain[-1])
            drawn[-1] += (_drawn(root, part.chain, box, number, finish),)
    return SvgParts(tuple(drawn), rules, whole, colours, widest > COLUMN_PX or height > TALLEST_PX)


def _in_rows(parts: Iterable[_Part]) -> list[list[_Part]]:
    """Return parts by row. Panels side by side share a row, as do colour bar and key. Other parts are alone."""
    rows: list[list[_Part]] = []
    for part in parts:
        last = rows[-1][-1] if rows else None
        if last and last.is_beside and last.is_panel == part.is_panel and part.box.left > last.box.left:
            rows[-1].append(part)
        else:
            rows.append([part])
    return rows


def _colours(root: ET.Element, name: str) -> frozenset[tuple[str, str]]:
    """Return the interpolated colours of an attribute, as (attribute, colour)."""
    found = {value: hexadecimal(value) for value in (one.get(name, "") for one in root.iter())}
    mixed = {colour for value, colour in found.items() if colour != value}
    mixed |= {value for one in root.iter("stop") if (value := one.get(name, "")).startswith("#")}
    return frozenset((name, colour) for colour in mixed)


def _rule(scope: str, number: int, box: Box, bounds: tuple[float, float] = (SMALLEST, LARGEST)) -> str:
    least, most = (f"{share * box.width:.0f}px" for share in bounds)
    return f"{scope} .part-{number}{{flex:1 1 {least};min-inline-size:{least};max-inline-size:{most}}}\n"


def _narrow(scope: str, number: int, part: _Part, box: Box) -> str:
    """Return the rules for a panel in a box narrower than the panel: its cells are narrower, and its text is not.

    Only panels with column names above and without a colour bar of their own have such rules.
    """
    cells = _covered_by(part, re.compile(r"\bp\d+_cell_\d+_marks\b"))
    names = _boxes_by(part, re.compile(r"\bp\d+_top_0_marks\b"))
    if not names or not cells or _boxes_by(part, re.compile(r"\brole-legend\b")):
        return ""
    width, n = cells.width, len(names)
    least = LEAST_CELL_PX * n / SMALLEST / width
    # With the narrowest cells, a name of an earlier column can reach further to the right than the last one.
    over = max(name.right - cells.left - (name.left - cells.left) * (1 - least) - width * least for name in names)
    beside = SMALLEST * (cells.left - box.left + max(over, 0.0) + _MARGIN)
    titles = [title.right - box.left + _MARGIN for title in _boxes_by(part, re.compile(r"\brole-title\b"))]
    whole, shown = SMALLEST * box.width, max([beside + LEAST_CELL_PX * n, *(SMALLEST * title for title in titles)])
    if shown >= whole:
        return ""
    shown = max(shown, NARROWEST_PX)
    room = f"max(100cqi, {shown:.0f}px)"
    own, inner = f"{scope} .part-{number}", f"{scope} .part-{number} .role-scope > g > g"
    numbers = f"{inner} .mark-text:not([class*=_top_]) > text[x]"
    rules = (
        f"{own}{{flex:none;inline-size:{whole:.0f}px;margin-inline-end:calc({room} - {whole:.0f}px);"
        f"--narrow:tan(atan2({room} - {beside:.1f}px,{SMALLEST * width:.1f}px))}}\n"
        f"{inner}{{scale:var(--narrow) 1}}\n"
        f"{inner} > :is(.role-title,.role-axis,[class*=corner],[class*=_rows_],[class*=_all_],[class*=_whole_])"
        "{scale:calc(1/var(--narrow)) 1}\n"
        f"{inner} > [class*=_top_] text{{transform:scaleX(calc(1/var(--narrow))) rotate(-45deg) translateY(3px)}}\n"
        f"{inner} .mark-text > text[x]{{transform-box:fill-box}}\n"
        f"{numbers}{{transform-origin:50% 50%;transform:scaleX(calc(1/var(--narrow)))}}\n"
        f"{inner} > [class*=_top_] text{{transform-origin:0 78.8%}}\n"
    )
    small, none = (beside + least_px * n for least_px in (SMALL_NUMBERS_PX, NUMBERS_PX))
    return (
        f"@container (max-width:{whole - 1:.0f}px){{\n{scope} .parts{{inline-size:{room};overflow-x:clip}}\n{rules}}}\n"
        f"@container (max-width:{small:.0f}px){{{numbers}{{font-size:8px}}}}\n"
        f"@container (max-width:{none:.0f}px){{{numbers}{{display:none}}}}\n"
    )


_PLACED = re.compile(r"\bmark-text\b.* p\d+_(?:cell|base|top)_\d+_marks\b")
_AT = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)(?: rotate\((-?[\d.]+)\) (.*))?")


def _place_texts(panel: ET.Element) -> None:
    """Give numbers and column names their place as x and y, so that a style can change their transformation."""
    for group in panel.iter():
        if not _PLACED.search(group.get("class", "")):
            continue
        for text in group.iter("text"):
            at = _AT.fullmatch(text.get("transform", ""))
            if at is None:
                continue
            text.attrib.pop("transform")
            text.attrib |= {"x": at[1], "y": at[2]}
            if at[3]:
                text.set("transform", f"rotate({at[3]} {at[1]} {at[2]}) {at[4]}")


def _boxes_by(part: _Part, name: re.Pattern[str]) -> list[Box]:
    """Return the bounding boxes of the texts and squares in the groups of a panel with this class."""
    found: list[Box] = []

    def search(element: ET.Element, place: Place, *, inside: bool) -> None:
        inside = inside or name.search(element.get("class", "")) is not None
        place = _moved(place, element)
        own = _own(element) if inside else None
        if own is not None:
            found.append(_placed(own, place))
        for child in element:
            search(child, place, inside=inside)

    place: Place = (1, 0)
    for outer in part.chain[:-1]:
        place = _moved(place, outer)
    search(part.chain[-1], place, inside=False)
    return found


def _covered_by(part: _Part, name: re.Pattern[str]) -> Box | None:
    boxes = _boxes_by(part, name)
    return _around(boxes) if boxes else None


def _drawn(
    root: ET.Element, chain: Sequence[ET.Element], box: Box, number: int, finish: Callable[[ET.Element], None]
) -> Markup:
    """Return one part as an SVG: the last element of a chain, positioned by the elements before it."""
    inner = chain[-1]
    for outer in reversed(chain[1:-1]):
        inner = _within(outer, inner)
    attributes = {name: value for name, value in root.attrib.items() if name != "viewBox"}
    svg = ET.Element("svg", attributes | {"viewBox": box.text(), "class": f"part part-{number}"})
    svg.append(inner)
    references = set(re.findall(r"url\(#([^)]+)\)", ET.tostring(inner, encoding="unicode")))
    for definition in root.iter("defs"):
        own = [copy.deepcopy(child) for child in definition if child.get("id") in references]
        if own:
            defs = ET.SubElement(svg, "defs")
            defs.extend(own)
    return _markup(svg, finish)


def _within(outer: ET.Element, inner: ET.Element) -> ET.Element:
    """Return a copy of a group with one child, `inner`. A group without attributes is omitted."""
    said = {name: value for name, value in outer.attrib.items() if name != "class" and value != "translate(0,0)"}
    if not said:
        return inner
    group = ET.Element(outer.tag, said)
    group.append(inner)
    return group


def _markup(svg: ET.Element, finish: Callable[[ET.Element], None]) -> Markup:
    for element in svg.iter():
        finish(element)
    return Markup(ET.tostring(svg, encoding="unicode").replace(" />", "/>"))  # noqa: S704 - `inline_svg` has settled every element


def _found(root: ET.Element) -> list[_Part]:
    """Return the parts in order, titles first; an empty list if there is no panel."""

    def search(chain: list[ET.Element], place: Place) -> Iterator[_Part]:
        place = _moved(place, chain[-1])
        for child in chain[-1]:
            match = _PART.search(child.get("class", ""))
            if not match:
                yield from search([*chain, child], place)
            elif (box := _covered(child, place)) is not None:
                yield _Part(match[1] or "title", [*chain, child], box)

    found = sorted(search([root], (1, 0)), key=lambda part: part.name != "title")
    return found if any(part.is_panel for part in found) else []


def _covered(element: ET.Element, place: Place) -> Box | None:
    """Return the bounding box of an element and its descendants; None if they draw nothing."""
    place = _moved(place, element)
    boxes = [box for child in element if (box := _covered(child, place)) is not None]
    own = _own(element)
    if own is not None:
        boxes.append(_placed(own, place))
    return _around(boxes) if boxes else None


def _own(element: ET.Element) -> Box | None:
    if element.tag == "text" and (element.text or len(element)):
        return _text_box(element)
    if element.tag == "image":
        return Box(0, 0, float(element.get("width", 0)), float(element.get("height", 0)))
    square = _PATH.match(element.get("d", "")) if element.tag == "path" else None
    if square is None:
        return None
    x, y, width, height = (float(number) for number in square.groups())
    return Box(x, y, x + width, y + height)


def _text_box(text: ET.Element) -> Box:
    size = float(text.get("font-size", "10px").removesuffix("px"))
    em = size * (BOLD if text.get("font-weight") == "bold" else 1)
    width = max(text_em(line) for line in (text.text or "", *(part.text or "" for part in text))) * em
    shift = {"end": -width, "middle": -width / 2}.get(text.get("text-anchor", ""), 0.0)
    below = sum(float(part.get("dy", 0)) for part in text)
    return Box(shift, -0.8 * size, shift + width, below + 0.25 * size)


def _placed(box: Box, place: Place) -> Box:
    turn, shift = place
    corners = [turn * complex(x, y) + shift for x in (box.left, box.right) for y in (box.top, box.bottom)]
    return _around(Box(z.real, z.imag, z.real, z.imag) for z in corners)


def _moved(place: Place, element: ET.Element) -> Place:
    """Return the transformation of an element's children, given the transformation of its parent."""
    turn, shift = place
    for kind, numbers in _TRANSFORM.findall(element.get("transform", "")):
        values = [float(number) for number in re.split(r"[\s,]+", numbers.strip())]
        if kind == "translate":
            shift += turn * complex(*values)
        else:
            turn *= cmath.rect(1, math.radians(values[0]))
    return turn, shift
