"""All pictures of a report, drawn in parallel with the rest of the build.

Each panel is drawn twice for pages, wide and narrow, and enlarged if it has many categories, and the whole figure once
for paper. Files of figures are the same drawings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from .. import formats
from ..cells import Panel, folded
from ..config.loading import LoadedConfig
from ..document.model import Figure, View
from ..figures import JOURNAL_WIDTHS_MM, FigureSettings, width_mm
from ..figures.drawing import Drawer
from ..figures.heatmap import alt_text, heatmap_spec, key_spec, panel_scales, panel_specs, print_room, report_room
from ..figures.layout import LARGE, PAGE, PHONE, is_large, row_order
from ..figures.specs import Json
from ..renderers import FiguresSettings, OutputSettings, has_panel_files, picture_room
from ..renderers.registry import needs_drawings, needs_figures

_KINDS = ("", "-narrow", "-large")


@dataclass(frozen=True)
class Sheet:
    """A figure, or a panel of it, that is being drawn for a file. `name` is the name of its files.

    `alt` is the alternative text, and `width` is in millimetres. A panel has files that need no fonts.
    """

    name: str
    title: str
    alt: str
    spec: Json
    svg: Future[str]
    width: float
    is_panel: bool = False


@dataclass(frozen=True)
class Drawing:
    """A figure of the document that is being drawn, and its files."""

    figure: Figure
    whole: Future[str] | None
    views: tuple[tuple[str, tuple[int, ...], tuple[Future[str], ...]], ...]
    key: Future[str] | None
    sheets: tuple[Sheet, ...]

    def drawn(self) -> Figure:
        """Return the figure after it is drawn."""
        drawn = ((panel, order, [one.result() for one in own]) for panel, order, own in self.views)
        views = tuple(View(panel, own[0], own[1], order, "".join(own[2:])) for panel, order, own in drawn)
        whole, key = ("" if one is None else one.result() for one in (self.whole, self.key))
        return replace(self.figure, svg=whole, views=views, key=key)


def warm_up(loaded: LoadedConfig, drawer: Drawer, *, listed: bool = False) -> None:
    """Let a drawer warm up if the build draws anything. For `listed` see `draw_figures`."""
    outputs = loaded.config.outputs
    if listed or needs_drawings(outputs) or wanted_figures(outputs) is not None:
        drawer.warm_up()


def draw_figures(
    loaded: LoadedConfig, panels: Mapping[str, Panel], drawer: Drawer, *, listed: bool = False
) -> tuple[Drawing, ...]:
    """Start drawing every figure. `listed`: a list of several reports shows it, too.

    Raises RenderError if a width has no room for cells.
    """
    return tuple(_draw(loaded, figure, panels, drawer, listed=listed) for figure in loaded.config.figures)


def _draw(
    loaded: LoadedConfig, figure: FigureSettings, panels: Mapping[str, Panel], drawer: Drawer, *, listed: bool
) -> Drawing:
    config = loaded.config
    shown = _panels(figure, panels)
    known: dict[str, Future[str]] = {}

    def draw(name: str, spec: Json) -> Future[str]:
        key = repr(spec)  # a file is often the drawing of the report
        if key not in known:
            known[key] = drawer.draw(spec, name)
        return known[key]

    is_read, wanted = listed or needs_drawings(config.outputs), wanted_figures(config.outputs)
    wide = panel_specs(figure, shown, PAGE)
    views: tuple[tuple[str, tuple[int, ...], tuple[Future[str], ...]], ...] = ()
    scales = panel_scales(figure, shown)
    whole = key = None
    if is_read:
        sizes = [wide, wide if figure.is_classic else panel_specs(figure, shown, PHONE)]
        if not figure.is_classic and any(map(is_large, shown)):
            sizes.append(panel_specs(figure, shown, LARGE))
        views = tuple(
            (
                panel.id,
                tuple(range(len(panel.given_categories))) if figure.is_classic else row_order(panel, scales[panel.id]),
                tuple(draw(f"{figure.id}-{panel.id}{kind}", spec) for kind, spec in zip(_KINDS, own, strict=False)),
            )
            for panel, *own in zip(shown, *sizes, strict=True)
        )
        spec = key_spec(figure, shown, PHONE.width)
        key = None if spec is None else draw(f"{figure.id}-key", spec)
        width, _ = picture_room("a4" if config.outputs.pdf is None else config.outputs.pdf.paper)
        whole = draw(figure.id, heatmap_spec(figure, shown, *report_room(figure, shown, width)))
    sheets = () if wanted is None else tuple(_sheets(loaded, figure, shown, wanted, draw, wide))
    title = figure.title or config.report.title
    scheme = next(iter(scales.values())).scheme
    own = tuple(replace(panels[name], lettered=figure.is_classic) for name in figure.panels)
    made = Figure(id=figure.id, title=title, svg="", panels=own, scheme=scheme, folds=not figure.is_classic)
    return Drawing(made, whole, views, key, sheets)


def _sheets(
    loaded: LoadedConfig,
    figure: FigureSettings,
    panels: tuple[Panel, ...],
    wanted: FiguresSettings,
    draw: Callable[[str, Json], Future[str]],
    wide: Sequence[Json],
) -> Iterator[Sheet]:
    """Yield the files of a figure and of its panels, which are the drawings of a wide page."""
    source = ", ".join(filter(None, (loaded.config.report.title, loaded.config.url)))
    width = width_mm(wanted.width)
    spec = heatmap_spec(figure, panels, *print_room(figure, panels, width), _note(panels, source))
    title = figure.title or loaded.config.report.title
    yield Sheet(figure.id, title, alt_text(panels), spec, draw(figure.id, spec), width)
    if not has_panel_files(panels):
        return
    for panel, spec in zip(panels, wide, strict=True):
        name = f"{figure.id}-{panel.id}"
        title = f"{panel.given_title} by {panel.outcome_title}"
        yield Sheet(name, title, alt_text((panel,)), spec, draw(name, spec), JOURNAL_WIDTHS_MM["single"], is_panel=True)


def wanted_figures(outputs: OutputSettings) -> FiguresSettings | None:
    """Return the settings of figure files, which other outputs may use too, or None if no output needs them."""
    if outputs.figures is not None:
        return outputs.figures
    return FiguresSettings() if needs_figures(outputs) else None


def _note(panels: Sequence[Panel], source: str) -> str:
    """Return the note below a figure file: the unit, the count and the source."""
    counts = dict.fromkeys(
        f"{formats.count(p.n_units)} {formats.plural(p.n_units, p.unit.singular, p.unit.plural)}"
        for p in panels
        if p.n_units is not None
    )
    return ". ".join(filter(None, ("; ".join(counts), source))) + "."


def _panels(settings: FigureSettings, panels: Mapping[str, Panel]) -> tuple[Panel, ...]:
    """Return the panels of a figure with its axis names, and without empty categories unless it is classic."""
    own = (replace(panels[name], lettered=settings.is_classic) for name in settings.panels)
    return tuple(own) if settings.is_classic else tuple(map(folded, own))
