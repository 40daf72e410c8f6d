"""Prepare drawings for pages: inline SVG with names for cells, without the parts that a page does not need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from xml.etree import ElementTree as ET

from markupsafe import Markup

from ..cells import Panel
from ..errors import RenderError
from ..theme.colours import hexadecimal

_ALLOWED = frozenset(
    {
        *("svg", "g", "defs", "use", "symbol", "title", "desc", "image"),
        *("path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan"),
        *("clipPath", "mask", "pattern", "linearGradient", "radialGradient", "stop"),
    }
)
_DROPPED = frozenset({"style", "metadata"})  # embedded fonts are in the page
_NOISE = re.compile(r"^(role|aria-.*|font-family|focusable|version|tabindex|pointer-events|width|height)$")
_SIZED = frozenset({"image", "rect", "pattern", "mask"})
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_PICTURE = re.compile(r"data:image/png;base64,[\w+/]+=*$", re.ASCII)
_NAMES = {"http://www.w3.org/1999/xlink": "", "http://www.w3.org/XML/1998/namespace": "xml:"}


def inline_svg(
    svg: str, name: str, kind: str = "", panel: Panel | None = None, order: Sequence[int] = (), *, prefix: str = ""
) -> Markup:
    """Return the SVG of a drawing as an element of class `kind` for a page, hidden from screen readers.

    Its ids begin with `prefix` and "svg-<name>-", and are thus unique. The style sheet sets size and typeface, and
    embedded styles are removed. The enclosing element must have the alternative text. The squares of the cells of
    `panel`, whose rows are drawn in this `order`, have their short names as `data-cell`, and a picture of them has its
    id as `data-panel`. Raises RenderError for a drawing that is malformed, runs code, loads files, or violates the
    page's policy.
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 - made in this process from our own specification
    except ET.ParseError as error:
        raise RenderError(f"figure {name}: its drawing is not well-formed SVG ({error})") from error
    if _local(root.tag) != "svg":
        raise RenderError(f"figure {name}: its drawing is <{_local(root.tag)}>, not <svg>")
    if panel is not None:
        _name_cells(root, panel, order)
    for parent in root.iter():
        for child in list(parent):
            if _local(child.tag) in _DROPPED or (parent is root and _local(child.tag) == "rect"):
                parent.remove(child)  # the page is the ground
    for element in root.iter():
        _settle(element, name, f"{prefix}svg-{name}-")
    root.attrib |= {"aria-hidden": "true", "focusable": "false"} | ({"class": kind} if kind else {})
    if kind == "large":  # in its own size
        root.set("width", root.get("viewBox", "").split()[2])
    for parent in root.iter():
        _lighten(parent)
    text = ET.tostring(root, encoding="unicode").replace(" />", "/>")
    return Markup(text)  # noqa: S704 - all texts and attributes are escaped, and only drawing elements remain


def _settle(element: ET.Element, figure: str, prefix: str) -> None:
    """Remove namespaces and unneeded attributes from an element, and add the prefix to ids and references."""
    element.tag = _local(element.tag)
    if element.tag not in _ALLOWED:
        raise RenderError(f"figure {figure}: its drawing contains <{element.tag}>, which a page may not carry")
    kept: dict[str, str] = {}
    for qualified, value in element.attrib.items():
        name = _attribute(qualified, is_sized=element.tag in _SIZED)
        if name is None:
            continue
        leads = name == "href" and not (_PICTURE.match(value) if element.tag == "image" else value.startswith("#"))
        if name.startswith("on") or name == "style" or leads:
            raise RenderError(f"figure {figure}: its drawing contains {name}={value!r}, which a page may not carry")
        kept[name] = _value(name, value, prefix)
    element.attrib.clear()
    element.attrib.update(kept)


_INHERITED = ("stroke", "stroke-width", "font-size", "font-weight", "text-anchor", "fill")
_MOST = 0.6


def _lighten(parent: ET.Element) -> None:
    """Move common attributes to the group and remove invisible elements, which saves a third of a drawing."""
    for child in list(parent):
        if child.get("class") in {"background", "foreground"} and {child.get("fill"), child.get("stroke")} == {None}:
            parent.remove(child)
    if parent.tag != "svg" and "mark-" not in parent.get("class", ""):
        parent.attrib.pop("class", None)
    if parent.get("opacity") == "1":
        del parent.attrib["opacity"]
    if "fill" in parent.attrib:
        parent.set("fill", hexadecimal(parent.attrib["fill"]))
    if parent.tag == "g" and len(parent) > 1:
        _share(parent)


def _share(parent: ET.Element) -> None:
    """Move attributes that most children have with the same value to their group."""
    for name in _INHERITED:
        values = [child.get(name) for child in parent]
        value = max(values, key=values.count)
        if None in values or value is None or name in parent.attrib or values.count(value) < _MOST * len(values):
            continue
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


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@cache
def _attribute(qualified: str, *, is_sized: bool) -> str | None:
    """Return the name of an attribute without namespace, None if a page does not need it."""
    namespace, _, local = qualified.lstrip("{").rpartition("}")
    name = _NAMES.get(namespace, "") + local
    return None if _NOISE.match(name) and not (is_sized and local in {"width", "height"}) else name


def _name_cells(root: ET.Element, panel: Panel, order: Sequence[int]) -> None:
    """Set `data-cell` of the square of each cell, which are drawn in the order of reading, and `data-panel`."""
    n = len(panel.outcome_categories)
    for group in root.iter():
        classes = group.get("class", "").split()
        if f"{panel.id}_cells_marks" in classes:
            squares = [square for square in group if _local(square.tag) == "path"]
            places = ((row, column) for row in order for column in range(n))
            if len(squares) >= n * len(panel.given_categories):
                for square, (row, column) in zip(squares, places, strict=False):
                    square.set("data-cell", cell_key(panel.id, row, column))
        elif f"{panel.id}_picture_marks" in classes:
            for picture in group.findall("{*}image"):
                picture.set("data-panel", panel.id)


def cell_key(panel: str, row: int, column: int) -> str:
    """Return a short name for a cell, safe in any attribute: panel id, row and column, e.g. "left-1-2"."""
    return f"{panel}-{row}-{column}"
