"""Every picture of a report, drawn beside the rest of the build; and what is told of times before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from .. import formats
from ..cells import Panel, folded
from ..config.loading import Config, LoadedConfig
from ..document.compose import Written
from ..document.history import name_of
from ..document.material import History
from ..document.model import Figure, Picture
from ..document.pictures import pictures
from ..document.pictures_of_counts import Illustration
from ..errors import RenderError
from ..figures import SQUARES_LIMIT, FigureSettings, width_mm
from ..figures.chart import LABEL_PX, NOTE_PX, SMALL_PX
from ..figures.drawing import Drawer
from ..figures.heatmap import alt_text, heatmap_spec, panel_scales
from ..figures.history import LINES_PX, MOST_LINES, MOST_POINTS, MULTIPLES_PX, Line, Spot, lines_spec, multiples_spec
from ..figures.marks import Json
from ..figures.naming import wrapped
from ..figures.printing import LEAST_PT, REPORT_TEXT, Print, Sheeted, on_paper, print_spec, report_prints
from ..findings.trend import Moved, Trend
from ..ledger.series import Series, SeriesPoint, spread
from ..panels import build_panel, tables_of
from ..renderers import PANELS_LIMIT, FiguresSettings, OutputSettings, picture_room
from ..theme.colours import LIGHT
from .counting import Counted


@dataclass(frozen=True)
class Drawing:
    """A figure of the document that is being drawn for the page, and anew for the PDF where one is made."""

    figure: Figure
    svg: Future[str]
    printed: tuple[tuple[Sheeted, Future[str]], ...] = ()

    def drawn(self) -> Figure:
        """Return the figure, once it is drawn."""
        printed = tuple(Picture(on_paper(svg.result(), one.how), one.alt) for one, svg in self.printed)
        return replace(self.figure, svg=self.svg.result(), printed=printed)


def _undrawn(figure_id: str, title: str, spec: Json, scheme: str) -> Figure:
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True)
    return Figure(id=figure_id, title=title, spec=text, svg="", panels=(), scheme=scheme)


@dataclass(frozen=True)
class Sheet:
    """A figure, or one of its panels, that is being drawn for print. `name` is that of its files.

    Charts have no specification. `alt` describes it to those who cannot see it.
    """

    name: str
    title: str
    alt: str
    spec: Json | None
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
) -> tuple[tuple[Sheeted, Future[str]], ...]:
    """Start drawing a figure for the PDF; nothing where none is made, or where the page's own picture must do."""
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
    """Start drawing a figure for page, PDF and list; its picture is empty where the build makes none of them."""
    return drawer.draw(spec, figure_id) if listed or _is_read(loaded.config.outputs) else _there("")


def _there(svg: str) -> Future[str]:
    """Return a picture that need not be waited for."""
    future: Future[str] = Future()
    future.set_result(svg)
    return future


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
        for sheet in _sheets(loaded, settings, _panels(settings, panels), wanted, drawer)
    )


def wanted_figures(outputs: OutputSettings) -> FiguresSettings | None:
    """Return the settings of figure files; paper kits and Markdown show figures by their files and bring them."""
    if outputs.figures is None and not (outputs.markdown or outputs.latex or outputs.typst):
        return None
    return outputs.figures or FiguresSettings()


def _is_read(outputs: OutputSettings) -> bool:
    return outputs.html is not None or outputs.pdf is not None


def _print_of(loaded: LoadedConfig) -> Print | None:
    """Return how figures are printed; None where the build makes no files of them."""
    wanted = wanted_figures(loaded.config.outputs)
    return None if wanted is None else _print(wanted)


def _print(wanted: FiguresSettings) -> Print:
    return Print(width_mm(wanted.width), wanted.text, transparent=wanted.transparent)


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
    if len(panels) == 1 or not _apart(panels, wanted):
        return
    how = replace(how, width=width_mm(wanted.panel_width))
    for panel in panels:
        name = f"{figure.id}-{panel.id}"
        alone = printed.model_copy(update={"panels": (panel.id,), "title": None})
        spec = print_spec(alone, (panel,), scales, how, note=_note((panel,), source))
        title = f"{panel.given_title} by {panel.outcome_title}"
        yield Sheet(name, title, alt_text((panel,)), spec, drawer.draw(spec, name), how)


def _source(loaded: LoadedConfig) -> str:
    """Return where a file of a figure comes from, for those who meet it alone."""
    return ", ".join(filter(None, (loaded.config.report.title, loaded.config.url)))


def _note(panels: Sequence[Panel], source: str) -> str:
    """Return what stands below a figure that is a file of its own: what is counted, how many, and the source."""
    counts = dict.fromkeys(
        f"{formats.count(p.n_units)} {formats.plural(p.n_units, p.unit.singular, p.unit.plural)}"
        for p in panels
        if p.n_units is not None
    )
    return ". ".join(filter(None, ("; ".join(counts), source))) + "."


def _apart(panels: Sequence[Panel], wanted: FiguresSettings) -> bool:
    if wanted.panels is not None:
        return wanted.panels
    return max(max(len(p.given_categories), len(p.outcome_categories)) for p in panels) <= PANELS_LIMIT


def _panels(settings: FigureSettings, panels: Mapping[str, Panel]) -> tuple[Panel, ...]:
    """Return the panels of a figure as it shows them: with its names of axes, without empty categories if folded."""
    own = (replace(panels[name], lettered=settings.is_lettered) for name in settings.panels)
    return tuple(map(folded, own)) if settings.folds else tuple(own)


@dataclass(frozen=True)
class Histories:
    """Parts that know the pictures of their series, these for the page, and sheets for print.

    They show panels of the past, and hold none.
    """

    written: tuple[Written, ...]
    drawings: tuple[Drawing, ...]
    sheets: tuple[Sheet, ...]


def draw_histories(loaded: LoadedConfig, counted: Counted, written: Sequence[Written], drawer: Drawer) -> Histories:
    """Start drawing the series of every part that has one."""
    drawn = [_drawn(loaded, counted, one, written) for one in written]
    return Histories(
        written=tuple(map(_known, written, drawn)),
        drawings=tuple(drawing for one in drawn if one is not None for drawing in one.drawings(drawer)),
        sheets=tuple(sheet for one in drawn if one is not None for sheet in one.sheets(drawer)),
    )


def with_histories(loaded: LoadedConfig, counted: Counted, written: Sequence[Written]) -> tuple[Written, ...]:
    """Return parts that know the pictures of their series, without drawing any."""
    return tuple(_known(one, _drawn(loaded, counted, one, written)) for one in written)


def _known(one: Written, drawn: _DrawnFigure | None) -> Written:
    return one if drawn is None else replace(one, part=replace(one.part, history=drawn.history()))


def _drawn(loaded: LoadedConfig, counted: Counted, one: Written, others: Sequence[Written]) -> _DrawnFigure | None:
    """Return the pictures of a part, None where it has no series."""
    numbers = counted.relations.get(one.part.panels[0].relation)
    found = next((f for f in one.part.findings if isinstance(f, Trend)), None)
    if numbers is None or numbers.series is None or found is None:
        return None
    several = sum(other.part.figure == one.part.figure for other in others) > 1
    return _DrawnFigure(loaded, numbers.series, one, found, f"{numbers.name}-" if several else "")


def panels_at(config: Config, panels: Sequence[Panel], point: SeriesPoint) -> tuple[Panel, ...]:
    """Return panels as they were at a point of their relation's series."""
    tables = tables_of(point.counted)
    return tuple(build_panel(config.panel(p.id), tables, config.inference, p.mirror) for p in panels)


class _DrawnFigure:
    """The pictures of one part."""

    def __init__(self, loaded: LoadedConfig, series: Series, one: Written, found: Trend, infix: str) -> None:
        self._loaded, self._series, self._found = loaded, series, found
        self._part, self._writer = one.part, one.writer
        self._over_time, self._lines = (f"{one.part.figure}-{infix}{name}" for name in ("over-time", "lines"))
        self._points = tuple(series.points[place] for place in spread(len(series.points), MOST_POINTS))
        at = [panels_at(loaded.config, self._part.panels, point) for point in self._points]
        names = [point.name for point in self._points]
        self._rows = [list(zip(names, row, strict=True)) for row in zip(*at, strict=True)]
        self._trends = found.trends[:MOST_LINES]
        self._settings = loaded.config.figure(one.part.figure)
        sides = (side for panel in self._part.panels for side in (panel.given_categories, panel.outcome_categories))
        # A larger one is not drawn at several times: six times as many cells as it has cannot be told.
        self._small = max(map(len, sides)) <= SQUARES_LIMIT

    def history(self) -> History:
        """Return what the document says of the pictures."""
        shown = tuple(name for name, _ in self._rows[0])
        latest = alt_text([row[-1][1] for row in self._rows])
        items = [self._line_alt(m) for m in self._trends]
        return History(
            over_time=self._over_time if self._small else None,
            shown=shown,
            over_time_alt=self._writer.words("trend", "over_time_alt", shown=shown, latest=latest),
            lines=self._lines if self._trends else None,
            lines_alt=self._writer.words("trend", "lines_alt", items=items) if items else "",
            n_lines=len(items),
        )

    def _line_alt(self, m: Moved) -> str:
        first, last = (formats.percent(share) for share in m.shares)
        name = name_of(self._part, m, self._writer)
        return self._writer.words("trend", "line_alt", name=name, first=first, last=last, m=m, f=self._found)

    def drawings(self, drawer: Drawer) -> Iterator[Drawing]:
        """Start drawing for the page."""
        for name, title, scheme, spec in self._specs(None):
            yield Drawing(_undrawn(name, title, spec, scheme), draw_for_reading(self._loaded, spec, name, drawer))

    def sheets(self, drawer: Drawer) -> Iterator[Sheet]:
        """Start drawing for print, where the build makes files of figures."""
        how = _print_of(self._loaded)
        if how is not None:
            shown = self.history()
            alts = {self._over_time: shown.over_time_alt, self._lines: shown.lines_alt}
            for name, title, _, spec in self._specs(how):
                yield Sheet(name, title, alts[name], spec, drawer.draw(spec, name), how)

    def _specs(self, how: Print | None) -> Iterator[tuple[str, str, str, Json]]:
        """Yield id, title, scheme and specification of each picture."""
        room, ground = (None, LIGHT["paper"]) if how is None else (how.pixels, how.ground)
        scales = panel_scales(self._settings, self._part.in_figure)
        scheme = next(iter(scales.values())).scheme
        if self._small:
            spec = multiples_spec(self._rows, scales, room or MULTIPLES_PX, ground)
            yield self._over_time, self._writer.words("trend", "over_time_title"), scheme, spec
        if self._trends:
            title = self._writer.words("trend", "lines_title")
            days = self._days()
            ticks = [(day, name) for name, day in days.items()]
            drawn = lines_spec([self._line(m, days) for m in self._trends], ticks, title, room or LINES_PX, ground)
            yield self._lines, self._writer.words("trend", "lines_title_long"), scheme, drawn

    def _days(self) -> dict[str, int]:
        """Return where each point stands in time; one after the other where any has no date."""
        ends = [point.end for point in self._series.points]
        days = [place if None in ends or end is None else end.toordinal() for place, end in enumerate(ends)]
        return dict(zip((point.name for point in self._series.points), days, strict=True))

    def _line(self, m: Moved, days: Mapping[str, int]) -> Line:
        there = ((days[s.name], s.share) for s in m.standings if s.share is not None)
        spots = tuple(Spot(day, share.value, share.low, share.high) for day, share in there)
        return Line(name_of(self._part, m, self._writer), spots)


LEAST_PX = 340.0
"""Narrower there is no room for names and dots: the chart is then made smaller as a whole."""


def chart_figures(loaded: LoadedConfig, written: Sequence[Written]) -> tuple[Figure, ...]:
    """Return the document's charts, as the page shows them and as its PDF does."""
    paper = loaded.config.outputs.pdf
    how = None if paper is None else Print(picture_room(paper.paper)[0], REPORT_TEXT[0])
    return tuple(
        Figure(
            id=picture.block.id,
            title=picture.title,
            spec="",
            svg=picture.chart.svg(picture.chart.page_px, LIGHT["paper"]),
            printed=() if how is None else (Picture(_paper(picture, how), picture.block.alt),),
            panels=(),
        )
        for _, picture in _charts(written)
    )


def chart_sheets(loaded: LoadedConfig, written: Sequence[Written]) -> tuple[Sheet, ...]:
    """Return the charts for print; nothing where the build makes no files of figures."""
    how = _print_of(loaded)
    if how is None:
        return ()
    text = max(how.text, LEAST_PT * LABEL_PX / SMALL_PX)
    how = replace(how, text=text)
    return tuple(
        Sheet(picture.block.id, picture.title, picture.block.alt, None, _there(_noted(picture, how, loaded, one)), how)
        for one, picture in _charts(written)
    )


def _charts(written: Sequence[Written]) -> Iterator[tuple[Written, Illustration]]:
    return ((one, picture) for one in written for picture in pictures(one.part, one.writer))


def _paper(picture: Illustration, how: Print) -> str:
    return on_paper(picture.chart.svg(max(how.pixels, LEAST_PX), how.ground), how)


def _noted(picture: Illustration, how: Print, loaded: LoadedConfig, one: Written) -> str:
    width = max(how.pixels, LEAST_PX)
    note = _note(one.part.panels, _source(loaded))
    return picture.chart.svg(width, how.ground, wrapped(note, (width - 8) / NOTE_PX))
