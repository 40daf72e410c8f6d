"""A figure's drawing in parts, one for each panel, that stand side by side in a page or one below the other.

Vega draws a figure as one picture. A page shows each panel in an SVG of its own, cut out of it by its view box, so that
a narrow screen can stack them; where all stand side by side the page looks as the picture does.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markupsafe import Markup

from ..theme.fonts import text_em

_PART = re.compile(r"\b(p\d+|key)_group\b|\b(role-title)\b")
_TRANSFORM = re.compile(r"(translate|rotate)\(([^)]*)\)")
_PATH = re.compile(r"M(-?[\d.]+),(-?[\d.]+)h(-?[\d.]+)v(-?[\d.]+)")
_MARGIN = 4.0

SMALLEST, USUAL, LARGEST = 0.62, 0.75, 1.5
"""How a part's width on a screen compares with its own: it scrolls below, wraps below, and grows no further. On wide
screens, where two panels are looked at together, it wraps only where it would scroll."""

READABLE = 0.88
"""On a narrow screen a part is no smaller, so that names are 8 pixels high at least; what has no room scrolls."""

KEY_SCALE = 1.1

Matrix = tuple[float, float, float, float, float, float]
_PLAIN: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a drawing, in its own units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left

    def around(self, other: Box) -> Box:
        """Return the least rectangle that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def text(self) -> str:
        """Return the rectangle as a view box."""
        return f"{self.left:.5g} {self.top:.5g} {self.width:.5g} {self.bottom - self.top:.5g}"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a drawing: rows of SVGs, rules for their widths in a style sheet, and the whole's view box.

    `colours` are those of its cells, `stops` those of its colour bars.
    """

    rows: tuple[tuple[Markup, ...], ...]
    rules: str
    box: str
    colours: frozenset[str] = frozenset()
    stops: frozenset[str] = frozenset()


def parts_of(root: ET.Element, scope: str, finish: Callable[[ET.Element], None]) -> Parts:
    """Return the parts of a drawing whose elements have their plain names; `scope` selects the figure in a page.

    A drawing whose panels have no names is one part. `finish` is done to each element of a part, parents first.
    """
    found = list(_found(root))
    whole = root.get("viewBox", "")
    colours = _colours(root, "fill"), _colours(root, "stop-color")
    if not found:
        left, top, width, height = (float(number) for number in whole.split())
        svg = copy.copy(root)
        svg.set("class", "part part-0")
        return Parts(
            ((_markup(svg, finish),),), _rule(scope, 0, Box(left, top, left + width, top + height)), whole, *colours
        )
    rows: list[list[tuple[str, list[ET.Element], Box]]] = []
    for name, chain, box in found:
        if rows and name[0] == "p" and rows[-1][0][0][0] == "p" and box.left > rows[-1][-1][2].left:
            rows[-1].append((name, chain, box))
        else:
            rows.append([(name, chain, box)])
    drawn, rules, number = [], "", 0
    for row in rows:
        tops, bottoms = min(box.top for *_, box in row), max(box.bottom for *_, box in row)
        row_of: list[Markup] = []
        for name, chain, box in row:
            level = Box(box.left - _MARGIN, tops - _MARGIN, box.right + _MARGIN, bottoms + _MARGIN)
            row_of.append(_part(root, chain, level, number, finish))
            rules += _rule(scope, number, level, is_panel=name[0] == "p")
            number += 1
        drawn.append(tuple(row_of))
    return Parts(tuple(drawn), rules, whole, *colours)


_COLOUR = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")


def _colours(root: ET.Element, name: str) -> frozenset[str]:
    """Return the colours that Vega mixes, of an attribute."""
    found = (_COLOUR.fullmatch(element.get(name, "")) for element in root.iter())
    mixed = {"#" + "".join(f"{int(channel):02x}" for channel in match.groups()) for match in found if match}
    return frozenset(mixed | {value for one in root.iter("stop") if (value := one.get(name, "")).startswith("#")})


def _rule(scope: str, number: int, box: Box, *, is_panel: bool = True) -> str:
    where = f"{scope} .part-{number}"
    if not is_panel:
        return f"{where}{{flex:0 1 {KEY_SCALE * box.width:.0f}px}}\n"
    least, usual, most = (f"{share * box.width:.0f}px" for share in (SMALLEST, USUAL, LARGEST))
    beside = f"@media (min-width:1200px){{.story {where}{{flex-basis:{least}}}}}\n"
    alone = f"@media screen and (max-width:60rem){{{where}{{min-inline-size:{READABLE * box.width:.0f}px}}}}\n"
    return f"{where}{{flex:{box.width:.5g} 1 {usual};min-inline-size:{least};max-inline-size:{most}}}\n{beside}{alone}"


def _part(
    root: ET.Element, chain: Sequence[ET.Element], box: Box, number: int, finish: Callable[[ET.Element], None]
) -> Markup:
    """Return one part as an SVG: what is drawn within the last element of a chain, placed by those before it."""
    inner = chain[-1]
    for outer in reversed(chain[1:-1]):
        inner = _around(outer, inner)
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


def _around(outer: ET.Element, inner: ET.Element) -> ET.Element:
    """Return a group like another with one child, `inner`; groups that say nothing are left out."""
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


def _found(root: ET.Element) -> Iterator[tuple[str, list[ET.Element], Box]]:
    """Yield the parts in order: their names, the elements that lead to each, and what each covers."""

    def search(chain: list[ET.Element]) -> Iterator[tuple[str, list[ET.Element], Box]]:
        for child in chain[-1]:
            match = _PART.search(child.get("class", ""))
            way = [*chain, child]
            if match:
                box = _covered(child, _through(chain))
                if box is not None:
                    yield (match[1] or "title"), way, box
            else:
                yield from search(way)

    found = sorted(search([root]), key=lambda part: part[0] != "title")
    if any(name[0] == "p" for name, *_ in found):
        yield from found


def _through(chain: Sequence[ET.Element]) -> Matrix:
    matrix = _PLAIN
    for element in chain:
        matrix = _times(matrix, _matrix(element.get("transform", "")))
    return matrix


def _covered(element: ET.Element, matrix: Matrix) -> Box | None:
    """Return what an element and all within it cover; None for nothing."""
    matrix = _times(matrix, _matrix(element.get("transform", "")))
    boxes = [box for child in element if (box := _covered(child, matrix)) is not None]
    own = _own(element, matrix)
    if own is not None:
        boxes.append(own)
    if not boxes:
        return None
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.around(box)
    return whole


def _own(element: ET.Element, matrix: Matrix) -> Box | None:
    if element.tag == "text" and element.text:
        return _placed(_text_box(element), matrix)
    if element.tag == "image":
        return _placed(Box(0, 0, float(element.get("width", 0)), float(element.get("height", 0))), matrix)
    square = _PATH.match(element.get("d", "")) if element.tag == "path" else None
    if square is None:
        return None
    x, y, width, height = (float(number) for number in square.groups())
    return _placed(Box(x, y, x + width, y + height), matrix)


def _text_box(text: ET.Element) -> Box:
    size = float(text.get("font-size", "10px").removesuffix("px"))
    width = text_em(text.text or "") * size
    shift = {"end": -width, "middle": -width / 2}.get(text.get("text-anchor", ""), 0.0)
    return Box(shift, -0.8 * size, shift + width, 0.25 * size)


def _placed(box: Box, matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    xs, ys = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _matrix(transform: str) -> Matrix:
    matrix = _PLAIN
    for kind, numbers in _TRANSFORM.findall(transform):
        values = [float(number) for number in re.split(r"[\s,]+", numbers.strip())]
        if kind == "translate":
            own: Matrix = (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
        else:
            cosine, sine = math.cos(math.radians(values[0])), math.sin(math.radians(values[0]))
            own = (cosine, sine, -sine, cosine, 0, 0)
        matrix = _times(matrix, own)
    return matrix


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)
