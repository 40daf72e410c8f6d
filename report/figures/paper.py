"""A figure, or one of its panels, as a journal wants it: so wide, with labels of that size, on this ground."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..cells import Panel
from ..theme.colours import LIGHT
from .fitting import Room, fitted
from .heatmap import heatmap_spec
from .scales import ColourScale
from .settings import FigureSettings
from .vegalite import Json

_ROOT = re.compile(
    r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d. ]+">'
    r'(?:<rect width="[\d.]+" height="[\d.]+" fill="[^"]*"/>)?'
)
"""The root of a drawing, and its ground."""


@dataclass(frozen=True, slots=True)
class Print:
    """How a figure is printed: the room it has, and whether it has a ground."""

    room: Room
    transparent: bool = False

    @property
    def ground(self) -> str | None:
        """The colour behind the figure; None where it has none."""
        return None if self.transparent else LIGHT["paper"]


def print_spec(
    figure: FigureSettings, panels: tuple[Panel, ...], scales: Mapping[str, ColourScale], how: Print
) -> Json:
    """Return the specification of panels in print. `scales` by panel id: one for all panels of a measure.

    Raises RenderError where the width has no room for cells.
    """
    sizes = replace(fitted(figure, panels, scales, how.room), ground=how.ground)
    return heatmap_spec(figure, panels, sizes, scales)


def on_paper(svg: str, how: Print) -> str:
    """Return a drawing of `print_spec` with its size in millimetres: exactly as wide as asked, the rest in proportion.

    What the drawing leaves of the width is at both its sides.
    """
    found = _ROOT.search(svg)
    if found is None:
        raise ValueError("not a drawing of Vega's")
    width, height = float(found[1]), float(found[2])
    whole = max(width, how.room.pixels)
    left, tall = (width - whole) / 2, height * how.room.width / whole
    box = f"{left:.6g} 0 {whole:.6g} {height:g}"
    root = f'width="{how.room.width:g}mm" height="{tall:.6g}mm" viewBox="{box}">'
    ground = f'<rect x="{left:.6g}" width="{whole:.6g}" height="{height:g}" fill="{how.ground}"/>' if how.ground else ""
    return svg[: found.start()] + root + ground + svg[found.end() :]
