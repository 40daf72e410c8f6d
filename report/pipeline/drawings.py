"""From panels to pictures: the figures of the page, and those for print, drawn while numbers are worked out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from ..cache import NO_CACHE, Cache
from ..cells import Panel
from ..config.loading import LoadedConfig
from ..document import Document, Figure, FigureBlock
from ..figures.drawing import Drawer
from ..figures.heatmap import alt_text, heatmap_spec, panel_scales
from ..figures.layout import FigureSettings, width_mm
from ..figures.marks import Json
from ..figures.printing import Print, Room, figure_files, on_paper, print_spec
from ..figures.typesetting import Plate
from ..progress import tell
from ..renderers.settings import PANELS_LIMIT, FiguresSettings, OutputSettings
from .inputs import fallback_fonts

Files = dict[str, bytes]


@dataclass(frozen=True)
class Drawing:
    """A figure that is being drawn for the page."""

    settings: FigureSettings
    spec: Json
    svg: Future[str]


@dataclass(frozen=True)
class Sheet:
    """A figure, or one of its panels, that is being drawn for print. `name` is that of its files.

    Pictures of a series have no panels of their own.
    """

    name: str
    figure: str
    panels: tuple[Panel, ...]
    spec: Json
    svg: Future[str]
    how: Print


def warm_up(loaded: LoadedConfig, drawer: Drawer, *, listed: bool = False) -> None:
    """Let a drawer warm up, where the build draws anything at all; for `listed` see `draw_pages`."""
    outputs = loaded.config.outputs
    if listed or _is_read(outputs) or wanted_figures(outputs) is not None:
        drawer.warm_up()


def draw_pages(
    loaded: LoadedConfig, panels: Mapping[str, Panel], drawer: Drawer, *, listed: bool = False
) -> tuple[Drawing, ...]:
    """Start drawing every figure as the page shows it. `listed`: a list of several reports shows it, too."""
    drawings = []
    for settings in loaded.config.figures:
        spec = heatmap_spec(settings, _panels(settings, panels))
        drawings.append(Drawing(settings, spec, draw_for_reading(loaded, spec, settings.id, drawer, listed=listed)))
    return tuple(drawings)


def draw_for_reading(
    loaded: LoadedConfig, spec: Json, figure_id: str, drawer: Drawer, *, listed: bool = False
) -> Future[str]:
    """Start drawing a figure for page, PDF and list; its picture is empty where the build makes none of them."""
    if listed or _is_read(loaded.config.outputs):
        return drawer.draw(spec, figure_id)
    nothing: Future[str] = Future()
    nothing.set_result("")
    return nothing


def draw_sheets(loaded: LoadedConfig, panels: Mapping[str, Panel], drawer: Drawer) -> tuple[Sheet, ...]:
    """Start drawing every figure and panel for print; nothing where the build makes no such files.

    Raises RenderError where a width has no room for cells.
    """
    wanted = wanted_figures(loaded.config.outputs)
    if wanted is None:
        return ()
    return tuple(
        sheet
        for settings in loaded.config.figures
        for sheet in _sheets(settings, _panels(settings, panels), wanted, drawer)
    )


def wanted_figures(outputs: OutputSettings) -> FiguresSettings | None:
    """Return the settings of figure files; paper kits and Markdown show figures by their files and bring them."""
    if outputs.figures is None and not (outputs.markdown or outputs.latex or outputs.typst):
        return None
    return outputs.figures or FiguresSettings()


def _is_read(outputs: OutputSettings) -> bool:
    return outputs.html is not None or outputs.pdf is not None


def print_of(loaded: LoadedConfig) -> Print | None:
    """Return how figures are printed; None where the build makes no files of them."""
    wanted = wanted_figures(loaded.config.outputs)
    return None if wanted is None else Print(Room(width_mm(wanted.width), wanted.text), wanted.transparent)


def figures_of(loaded: LoadedConfig, panels: Mapping[str, Panel], drawings: Sequence[Drawing]) -> tuple[Figure, ...]:
    """Return the document's figures, once they are drawn."""
    return tuple(
        Figure(
            id=drawing.settings.id,
            title=drawing.settings.title or loaded.config.report.title,
            spec=json.dumps(drawing.spec, ensure_ascii=False, sort_keys=True),
            svg=drawing.svg.result(),
            panels=_panels(drawing.settings, panels),
            scheme=next(iter(panel_scales(drawing.settings, _panels(drawing.settings, panels)).values())).scheme,
        )
        for drawing in drawings
    )


def sheet_files(
    loaded: LoadedConfig,
    document: Document,
    sheets: Sequence[Sheet],
    cache: Cache = NO_CACHE,
) -> Files:
    """Return the files of all figures and panels. Raises RenderError where the fonts lack a character."""
    settings = wanted_figures(loaded.config.outputs)
    if settings is None:
        return {}
    alts = {b.id: b.alt for section in document.sections for b in section.blocks if isinstance(b, FigureBlock)}

    def made(sheet: Sheet) -> Files:
        whole = sheet.name == sheet.figure
        named = [f"{panel.given_title} by {panel.outcome_title}" for panel in sheet.panels]
        plate = Plate(
            svg=on_paper(sheet.svg.result(), sheet.how),
            title=document.figure(sheet.figure).title if whole else named[0],
            alt=alts[sheet.figure] if whole else alt_text(sheet.panels),
            width=sheet.how.room.width,
            date=document.date,
            language=document.language,
            fallback_fonts=fallback_fonts(loaded),
            transparent=sheet.how.transparent,
        )
        return figure_files(sheet.name, sheet.spec, plate, dpi=settings.dpi, cache=cache)

    files: Files = {}
    with ThreadPoolExecutor() as threads:
        for number, of_sheet in enumerate(threads.map(made, sheets), start=1):
            tell(f"{number} of {len(sheets)}")
            files |= of_sheet
    return files


def _sheets(
    figure: FigureSettings, panels: tuple[Panel, ...], wanted: FiguresSettings, drawer: Drawer
) -> Iterator[Sheet]:
    printed = figure.model_copy(update={"scheme": wanted.scheme or figure.scheme})
    scales = panel_scales(printed, panels)
    how = Print(Room(width_mm(wanted.width), wanted.text), wanted.transparent)
    spec = print_spec(printed, panels, scales, how)
    yield Sheet(figure.id, figure.id, panels, spec, drawer.draw(spec, figure.id), how)
    if len(panels) == 1 or not _apart(panels, wanted):
        return
    how = replace(how, room=Room(width_mm(wanted.panel_width), wanted.text))
    for panel in panels:
        name = f"{figure.id}-{panel.id}"
        alone = printed.model_copy(update={"panels": (panel.id,), "title": None})
        spec = print_spec(alone, (panel,), scales, how)
        yield Sheet(name, figure.id, (panel,), spec, drawer.draw(spec, name), how)


def _apart(panels: Sequence[Panel], wanted: FiguresSettings) -> bool:
    if wanted.panels is not None:
        return wanted.panels
    return max(max(len(p.given_categories), len(p.outcome_categories)) for p in panels) <= PANELS_LIMIT


def _panels(settings: FigureSettings, panels: Mapping[str, Panel]) -> tuple[Panel, ...]:
    return tuple(panels[name] for name in settings.panels)
