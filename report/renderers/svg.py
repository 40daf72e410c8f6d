"""Prepare drawings for pages: inline SVG with names for cells, and small matrices next to sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree as ET

from markupsafe import Markup

from ..cells import CellRef, Panel
from ..document.model import Document, Paragraph
from ..errors import RenderError
from ..theme.colours import LIGHT, PALE, WHITE, hexadecimal, pale
from .svg_parts import SvgParts, parts_of

_ALLOWED = frozenset(
    {
        *("svg", "g", "defs", "use", "symbol", "title", "desc", "image"),
        *("path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan"),
        *("clipPath", "mask", "pattern", "linearGradient", "radialGradient", "stop"),
    }
)
_DROPPED = frozenset({"style", "metadata"})  # embedded fonts are in the page
_NOISE = re.compile(r"^(role|aria-.*|font-family|focusable|version|tabindex)$")
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_PICTURE = re.compile(r"data:image/png;base64,[\w+/]+=*$", re.ASCII)
_NAMES = {"http://www.w3.org/1999/xlink": "", "http://www.w3.org/XML/1998/namespace": "xml:"}


def inline_svg(svg: str, name: str) -> Markup:
    """Return the SVG of the figure `name` as an element for a page, hidden from screen readers.

    Its ids begin with "svg-<name>-" and are thus unique among figures. The style sheet sets size and typeface, and
    embedded styles are removed. The enclosing element must have the alternative text. Raises RenderError for a picture
    that is malformed, runs code, loads files, or violates the page's policy.
    """
    root = settled(svg, name)
    for parent in root.iter():
        lighten(parent)
    # All texts and attributes have been escaped again, and only drawing elements remain.
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704


def inline_parts(svg: str, name: str, prepare: Callable[[ET.Element], None], prefix: str, scope: str) -> SvgParts:
    """Return the SVG like `inline_svg`, in parts that a page can stack.

    `prepare` is called first, to set attributes of the parsed drawing. Ids begin with `prefix`. `scope` is the selector
    of the figure in its style rules.
    """
    return parts_of(settled(svg, name, prepare, prefix), scope, lighten)


def settled(svg: str, name: str, prepare: Callable[[ET.Element], None] | None = None, prefix: str = "") -> ET.Element:
    """Return the root of a drawing, with only the elements and attributes that a page allows."""
    root = _parse(svg, name)
    if prepare is not None:
        prepare(root)
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in _DROPPED:
                parent.remove(child)
    for element in root.iter():
        _settle(element, name, f"{prefix}svg-{name}-")
    for noise in ("width", "height", "class"):
        root.attrib.pop(noise, None)
    root.attrib |= {"aria-hidden": "true", "focusable": "false"}
    return root


def _parse(svg: str, name: str) -> ET.Element:
    try:
        root = ET.fromstring(svg)  # noqa: S314 - made in this process from our own specification
    except ET.ParseError as error:
        raise RenderError(f"figure {name}: its drawing is not well-formed SVG ({error})") from error
    if _local(root.tag) != "svg":
        raise RenderError(f"figure {name}: its drawing is <{_local(root.tag)}>, not <svg>")
    return root


def _settle(element: ET.Element, figure: str, prefix: str) -> None:
    """Remove namespaces and unneeded attributes from an element, and add the prefix to ids and references."""
    element.tag = _local(element.tag)
    if element.tag not in _ALLOWED:
        raise RenderError(f"figure {figure}: its drawing contains <{element.tag}>, which a page may not carry")
    kept: dict[str, str] = {}
    for qualified, value in element.attrib.items():
        name = _attribute(qualified)
        if name is None:
            continue
        leads = name == "href" and not (_PICTURE.match(value) if element.tag == "image" else value.startswith("#"))
        if name.startswith("on") or name == "style" or leads:
            raise RenderError(f"figure {figure}: its drawing contains {name}={value!r}, which a page may not carry")
        kept[name] = _value(name, value, prefix)
    element.attrib.clear()
    element.attrib.update(kept)


_UNSEEN = frozenset({"background", "foreground"})
"""Classes of the frames of Vega's groups, which are invisible without a colour."""
_INHERITED = ("stroke", "stroke-width", "font-size", "font-style", "font-weight", "text-anchor", "fill")
_MOST = 0.6
_PALE_FILL = re.compile(rf'fill="(rgb\(\d+, \d+, \d+\)|#[0-9a-f]{{6}})" fill-opacity="{PALE}"')


def lighten(parent: ET.Element) -> None:
    """Move common attributes to the group and remove invisible elements, which saves a third of a drawing."""
    for child in list(parent):
        if child.get("class") in _UNSEEN and child.get("fill") is None and child.get("stroke") is None:
            parent.remove(child)
    parent.attrib.pop("pointer-events", None)
    if parent.get("opacity") == "1":
        del parent.attrib["opacity"]
    for name in ("fill", "stop-color"):
        if name in parent.attrib:
            parent.set(name, hexadecimal(parent.attrib[name]))
    if parent.tag == "g" and len(parent) > 1:
        _share(parent)


def _share(parent: ET.Element) -> None:
    """Move attributes that most children have with the same value to their group."""
    for name in _INHERITED:
        values = [child.get(name) for child in parent]
        value = max(values, key=values.count)
        if None in values or value is None or name in parent.attrib or values.count(value) < _MOST * len(values):
            continue
        if parent[0].tag == "text" and (name, value) == ("fill", WHITE):
            continue  # keep the white of numbers on the text: the page's rules treat other white as paper
        parent.set(name, value)
        for child in parent:
            if child.get(name) == value:
                del child.attrib[name]


def _value(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "href":
        return f"#{prefix}{value[1:]}" if value.startswith("#") else value
    return _REFERENCE.sub(rf"url(#{prefix}\g<1>)", value) if "url(" in value else value


@cache
def opaque(svg: str) -> str:
    """Return a drawing with opaque fills in place of pale ones, because an archival PDF has no transparency.

    >>> opaque('<path fill="rgb(0, 0, 0)" fill-opacity="0.4"/>')
    '<path fill="#999999"/>'
    """
    return _PALE_FILL.sub(lambda tag: f'fill="{pale(hexadecimal(tag[1]))}"', svg)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@cache
def _attribute(qualified: str) -> str | None:
    """Return the name of an attribute without namespace, None if a page does not need it."""
    namespace, _, local = qualified.lstrip("{").rpartition("}")
    name = _NAMES.get(namespace, "") + local
    return None if _NOISE.match(name) else name


# The names that `figures.marks` gives to marks, by the position of the panel in the figure.
_MATRIX = re.compile(r"\bmark-(?:rect|image)\b.* p(\d+)_cell_\d+_marks\b")
_SQUARE = re.compile(r"M(-?[\d.]+),(-?[\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z")


def name_cells(root: ET.Element, panels: Sequence[Panel], spoken: Collection[str] = ()) -> None:
    """Set the attribute `data-cell` of each cell's square to the cell's short name (`cell_key`), in place.

    The row and column of a square are its position divided by its size. If cells are one picture, the picture gets
    `data-panel`, the id of the panel, and each cell in `spoken` gets a transparent square on top. A drawing with other
    names is unchanged, because highlighting cells is optional.
    """
    for group in root.iter():
        found = _MATRIX.search(group.get("class", ""))
        if found and int(found[1]) < len(panels):
            panel = panels[int(found[1])]
            for square, row, column in _squares(group):
                if row < len(panel.given_categories) and column < len(panel.outcome_categories):
                    square.set("data-cell", cell_key(panel.id, row, column))
            for picture in group.findall("{*}image"):
                _lay_squares(group, picture, panel, spoken)


def cell_key(panel: str, row: int, column: int) -> str:
    """Return a short name for a cell, safe in any attribute: panel id, row and column, e.g. "left-1-2"."""
    return f"{panel}-{row}-{column}"


def _lay_squares(group: ET.Element, picture: ET.Element, panel: Panel, names: Collection[str]) -> None:
    """Add transparent squares to a picture of cells, for the cells with these short names."""
    picture.set("data-panel", panel.id)
    width = float(picture.get("width", 0)) / len(panel.outcome_categories)
    height = float(picture.get("height", 0)) / len(panel.given_categories)
    for name in sorted(names):
        of, row, column = name.rsplit("-", 2)
        if of == panel.id:
            corner = f"M{int(column) * width:.6g},{int(row) * height:.6g}"
            path = {"d": f"{corner}h{width:.6g}v{height:.6g}h-{width:.6g}Z", "fill": "transparent", "data-cell": name}
            ET.SubElement(group, "path", path)


def _squares(group: ET.Element) -> Iterator[tuple[ET.Element, int, int]]:
    """Yield each square with its row and column, from 0. Paths that are not squares on a grid are skipped."""
    for path in group:
        place = _SQUARE.fullmatch(path.get("d", ""))
        if not place:
            continue
        x, y, width, height = (float(number) for number in place.groups())
        row, column = y / height, x / width
        if min(row, column) >= 0 and row.is_integer() and column.is_integer():
            yield path, int(row), int(column)


MARKED = LIGHT["mark"]
MOST_MARKED = 40
"""Maximum number of categories of a thumbnail. Cells of a larger matrix would be indistinguishable."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small matrix with squares of side 1: its view box, and the paths of its grid and marked cells."""

    box: str
    lines: str
    marked: str
    tall: bool = False
    """Whether it has more rows than columns."""

    def svg(self) -> str:
        """Return the drawing as an SVG document with a transparent background."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{self.box}">'
            f'<path fill="none" stroke="{LIGHT["grid"]}" stroke-width="0.06" d="{self.lines}"/>'
            f'<path fill="{MARKED}" d="{self.marked}"/></svg>'
        )


def thumbnail(panel: Panel, refs: Iterable[CellRef]) -> Thumbnail:
    """Return a thumbnail of a panel with some cells marked."""
    rows, columns = panel.given_categories, panel.outcome_categories
    marked = "".join(f"M{columns.index(r.outcome)},{rows.index(r.given)}h1v1h-1Z" for r in refs)
    lines = "".join(f"M0,{y}h{len(columns)}" for y in range(len(rows) + 1))
    lines += "".join(f"M{x},0v{len(rows)}" for x in range(len(columns) + 1))
    return Thumbnail(f"-.1 -.1 {len(columns) + 0.2:g} {len(rows) + 0.2:g}", lines, marked, len(rows) > len(columns))


def thumbnails(document: Document, item: Paragraph) -> tuple[Thumbnail, ...]:
    """Return a thumbnail for each panel that a list item refers to, with the cells of the item marked.

    Panels with more than `MOST_MARKED` categories are omitted.
    """
    refs = dict.fromkeys(ref for sentence in item.sentences for ref in sentence.cells)
    found = []
    for panel in (panel for figure in document.figures for panel in figure.shown):
        given, outcome = panel.given_categories, panel.outcome_categories
        own = [ref for ref in refs if ref.panel == panel.id and ref.given in given and ref.outcome in outcome]
        if own and max(len(given), len(outcome)) <= MOST_MARKED:
            found.append(thumbnail(panel, own))
    return tuple(found)
