"""All pictures of a report, drawn in parallel with the rest of the build."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from .. import formats
from ..cells import Panel, folded
from ..config.loading import LoadedConfig
from ..document.model import Figure, Picture
from ..errors import RenderError
from ..figures import JOURNAL_WIDTHS_MM, FigureSettings, width_mm
from ..figures.drawing import Drawer
from ..figures.heatmap import alt_text, heatmap_spec, panel_scales
from ..figures.printing import Print, PrintedFigure, on_paper, print_spec, report_prints
from ..figures.specs import Json
from ..renderers import FiguresSettings, OutputSettings, has_panel_files, picture_room
from ..renderers.registry import needs_drawings, needs_figures


@dataclass(frozen=True)
class Drawing:
    """A figure of the document that is being drawn for the page, and separately for the PDF if there is one."""

    figure: Figure
    svg: Future[str]
    printed: tuple[tuple[PrintedFigure, Future[str]], ...] = ()

    def drawn(self) -> Figure:
        """Return the figure after it is drawn."""
        printed = tuple(Picture(on_paper(svg.result(), one.how), one.alt) for one, svg in self.printed)
        return replace(self.figure, svg=self.svg.result(), printed=printed)


def _undrawn(figure_id: str, title: str, spec: Json, scheme: str) -> Figure:
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True)
    return Figure(id=figure_id, title=title, spec=text, svg="", panels=(), scheme=scheme)


@dataclass(frozen=True)
class Sheet:
    """A figure, or one of its panels, that is being drawn for print. `name` is the name of its files.

    `alt` is the alternative text. A panel has files that need no fonts.
    """

    name: str
    title: str
    alt: str
    spec: Json
    svg: Future[str]
    how: Print
    is_panel: bool = False


def warm_up(loaded: LoadedConfig, drawer: Drawer, *, listed: bool = False) -> None:
    """Let a drawer warm up if the build draws anything. For `listed` see `draw_pages`."""
    outputs = loaded.config.outputs
    if listed or needs_drawings(outputs) or wanted_figures(outputs) is not None:
        drawer.warm_up()


def draw_pages(
    loaded: LoadedConfig, panels: Mapping[str, Panel], drawer: Drawer, *, listed: bool = False
) -> tuple[Drawing, ...]:
    """Start drawing every figure for the page. `listed`: a list of several reports shows it, too."""
    drawings = []
    for settings in loaded.config.figures:
        own = _panels(settings, panels)
        spec = heatmap_spec(settings, own)
        svg = draw_for_reading(loaded, spec, settings.id, drawer, listed=listed)
        scheme = next(iter(panel_scales(settings, own).values())).scheme
        figure = replace(
            _undrawn(settings.id, settings.title or loaded.config.report.title, spec, scheme),
            panels=tuple(replace(panels[name], lettered=settings.is_lettered) for name in settings.panels),
            folds=settings.folds,
        )
        drawings.append(Drawing(figure, svg, _printed(loaded, settings, own, drawer)))
    return tuple(drawings)


def _printed(
    loaded: LoadedConfig, settings: FigureSettings, shown: tuple[Panel, ...], drawer: Drawer
) -> tuple[tuple[PrintedFigure, Future[str]], ...]:
    """Start drawing a figure for the PDF, if there is one and the page's picture is not used instead."""
    if loaded.config.outputs.pdf is None:
        return ()
    scales = panel_scales(settings, shown)
    width, height = picture_room(loaded.config.outputs.pdf.paper)
    try:
        sheets = report_prints(settings, shown, scales, width, height)
        specs = [print_spec(one.figure, one.panels, scales, one.how) for one in sheets]
    except RenderError:
        return ()
    return tuple((one, drawer.draw(spec, settings.id)) for one, spec in zip(sheets, specs, strict=True))


def draw_for_reading(
    loaded: LoadedConfig, spec: Json, figure_id: str, drawer: Drawer, *, listed: bool = False
) -> Future[str]:
    """Start drawing a figure for page, PDF and list. The picture is empty if the build makes none of them."""
    return drawer.draw(spec, figure_id) if listed or needs_drawings(loaded.config.outputs) else _there("")


def _there(svg: str) -> Future[str]:
    """Return a finished picture."""
    future: Future[str] = Future()
    future.set_result(svg)
    return future


def draw_sheets(loaded: LoadedConfig, panels: Mapping[str, Panel], drawer: Drawer) -> tuple[Sheet, ...]:
    """Start drawing every figure and panel for print, if the build makes such files.

    Raises RenderError if a width has no room for cells.
    """
    wanted = wanted_figures(loaded.config.outputs)
    if wanted is None:
        return ()
    return tuple(
        sheet
        for settings in loaded.config.figures
        for sheet in _sheets(loaded, settings, _panels(settings, panels), wanted, drawer)
    )


def wanted_figures(outputs: OutputSettings) -> FiguresSettings | None:
    """Return the settings of figure files, which other outputs may use too, or None if no output needs them."""
    if outputs.figures is not None:
        return outputs.figures
    return FiguresSettings() if needs_figures(outputs) else None


def _print(wanted: FiguresSettings) -> Print:
    return Print(width_mm(wanted.width), wanted.text)


def _sheets(
    loaded: LoadedConfig, figure: FigureSettings, panels: tuple[Panel, ...], wanted: FiguresSettings, drawer: Drawer
) -> Iterator[Sheet]:
    printed = figure.model_copy(update={"scheme": wanted.scheme or figure.scheme})
    scales = panel_scales(printed, panels)
    how = _print(wanted)
    source = _source(loaded)
    spec = print_spec(printed, panels, scales, how, note=_note(panels, source))
    title = figure.title or loaded.config.report.title
    yield Sheet(figure.id, title, alt_text(panels), spec, drawer.draw(spec, figure.id), how)
    if not has_panel_files(panels):
        return
    how = replace(how, width=JOURNAL_WIDTHS_MM["single"])
    for panel in panels:
        name = f"{figure.id}-{panel.id}"
        alone = printed.model_copy(update={"panels": (panel.id,), "title": None})
        spec = print_spec(alone, (panel,), scales, how, note=_note((panel,), source))
        title = f"{panel.given_title} by {panel.outcome_title}"
        yield Sheet(name, title, alt_text((panel,)), spec, drawer.draw(spec, name), how, is_panel=True)


def _source(loaded: LoadedConfig) -> str:
    """Return the source of a figure file, for readers who see it alone."""
    return ", ".join(filter(None, (loaded.config.report.title, loaded.config.url)))


def _note(panels: Sequence[Panel], source: str) -> str:
    """Return the note below a figure file: the unit, the count and the source."""
    counts = dict.fromkeys(
        f"{formats.count(p.n_units)} {formats.plural(p.n_units, p.unit.singular, p.unit.plural)}"
        for p in panels
        if p.n_units is not None
    )
    return ". ".join(filter(None, ("; ".join(counts), source))) + "."


def _panels(settings: FigureSettings, panels: Mapping[str, Panel]) -> tuple[Panel, ...]:
    """Return the panels of a figure with its axis names, and without empty categories if folded."""
    own = (replace(panels[name], lettered=settings.is_lettered) for name in settings.panels)
    return tuple(map(folded, own)) if settings.folds else tuple(own)
