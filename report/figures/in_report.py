"""A figure on a report's pages: panels side by side where they can be, else a picture for each panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..cells import Panel
from ..errors import RenderError
from .heatmap import alt_text
from .layout import BESIDE_LIMIT, LABEL_LIMIT_PX, POINT_MM, FigureSettings, longest, panel_letters, wants_values
from .printing import Print, fitted
from .scales import ColourScale

REPORT_TEXT = (7.0, 6.5, 6.0, 5.6)
"""Sizes of labels in a report, in points, the largest first; at the last no text is under five points."""

_LEAST_ROW = 0.8 * REPORT_TEXT[-1]
"""Points that a row with a name takes at least: where all do not fit a page, panels are not tried side by side."""

NAMES_PX = (LABEL_LIMIT_PX, 110.0, 80.0)
"""How long names may be, in pixels of a drawing, the longest first: about 28, 20 and 15 letters."""


@dataclass(frozen=True)
class Sheeted:
    """A picture of a figure in a report: how it is drawn and printed, what it shows, and that in words."""

    figure: FigureSettings
    panels: tuple[Panel, ...]
    how: Print
    alt: str


def report_prints(
    figure: FigureSettings,
    panels: tuple[Panel, ...],
    scales: Mapping[str, ColourScale],
    width: float,
    height: float,
) -> tuple[Sheeted, ...]:
    """Return the pictures of a figure on a report's pages, which have `width` by `height` millimetres for one.

    Labels are as large as they may be with panels side by side, and names as long. Where numbers then have no room at
    any size, up to `BESIDE_LIMIT` categories they are left out. Where panels cannot stand side by side each has a
    picture of its own, so that none is made smaller to fit a page.
    """
    most, wanted = longest(panels), wants_values(figure, panels)
    if len(panels) > 1 and most * _LEAST_ROW * POINT_MM <= height:
        plain = [figure.model_copy(update={"values": False})] if wanted and most <= BESIDE_LIMIT else []
        for own in (figure, *plain):
            how = _how(own, panels, scales, (width, height), values=wanted and own is figure, columns=2)
            if how is not None:
                return (Sheeted(own, panels, how, alt_text(panels)),)
    sheets = []
    for panel, letter in zip(panels, panel_letters(panels), strict=True):
        own = figure.model_copy(update={"panels": (panel.id,)})
        shown = (replace(panel, title=f"{letter} {panel.title}".strip() if panel.title else ""),)
        how = _how(own, shown, scales, (width, height), values=wanted, columns=1)
        sheets.append(Sheeted(own, shown, how or Print(width, REPORT_TEXT[-1], height), alt_text((panel,))))
    return tuple(sheets)


def _how(
    figure: FigureSettings,
    panels: Sequence[Panel],
    scales: Mapping[str, ColourScale],
    page: tuple[float, float],
    *,
    values: bool,
    columns: int,
) -> Print | None:
    """Return how panels print in so many columns, with or without numbers; None where they do not.

    Panels stand side by side where every row has its name, without numbers with the largest cells that there are.
    """
    found: list[tuple[float, Print]] = []
    for names in NAMES_PX:
        for text in REPORT_TEXT:
            how = Print(page[0], text, page[1], names)
            try:
                sizes = fitted(figure, panels, scales, how)
            except RenderError:
                continue
            if sizes.values == values and sizes.columns == columns and (columns == 1 or sizes.given_label_every == 1):
                if values or columns == 1:
                    return how
                found.append((sizes.step * text, how))
    return max(found, key=lambda one: one[0])[1] if found else None
