"""The pictures of a series: the figure at several times, and lines of what moved; for the page and for print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from .. import formats
from ..cells import Panel
from ..config.loading import LoadedConfig
from ..config.model import Config
from ..document import Figure
from ..document.compose import Written
from ..document.history import name_of
from ..document.material import History
from ..figures.drawing import Drawer
from ..figures.heatmap import alt_text, panel_scales
from ..figures.history import LINES_PX, MOST_LINES, MOST_POINTS, MULTIPLES_PX, Line, Spot, lines_spec, multiples_spec
from ..figures.marks import Json
from ..figures.printing import Print
from ..findings.trend import Moved, Trend
from ..ledger.periods import spread
from ..ledger.series import Point, Series
from ..panels import build_panel, tables_of
from ..theme.colours import LIGHT
from .counting import Counted
from .drawings import Sheet, draw_for_reading, print_of

MOST_CATEGORIES = 40
"""With more on a side the figure is not drawn at several times: six times as many cells as it has cannot be told."""


@dataclass(frozen=True)
class Picture:
    """A picture of a series that is being drawn."""

    id: str
    title: str
    scheme: str
    spec: Json
    svg: Future[str]


@dataclass(frozen=True)
class Histories:
    """Parts that know the pictures of their series, these for the page, and sheets for print."""

    written: tuple[Written, ...]
    pictures: tuple[Picture, ...]
    sheets: tuple[Sheet, ...]

    def figures(self) -> tuple[Figure, ...]:
        """Return the document's figures, once they are drawn. They show panels of the past, and hold none."""
        return tuple(
            Figure(
                id=picture.id,
                title=picture.title,
                spec=json.dumps(picture.spec, ensure_ascii=False, sort_keys=True),
                svg=picture.svg.result(),
                panels=(),
                scheme=picture.scheme,
            )
            for picture in self.pictures
        )


def draw_histories(loaded: LoadedConfig, counted: Counted, written: Sequence[Written], drawer: Drawer) -> Histories:
    """Start drawing the series of every part that has one."""
    drawn = [_drawn(loaded, counted, one, written) for one in written]
    return Histories(
        written=tuple(map(_known, written, drawn)),
        pictures=tuple(picture for one in drawn if one is not None for picture in one.pictures(drawer)),
        sheets=tuple(sheet for one in drawn if one is not None for sheet in one.sheets(drawer)),
    )


def with_histories(loaded: LoadedConfig, counted: Counted, written: Sequence[Written]) -> tuple[Written, ...]:
    """Return parts that know the pictures of their series, without drawing any."""
    return tuple(_known(one, _drawn(loaded, counted, one, written)) for one in written)


def _known(one: Written, drawn: _Drawn | None) -> Written:
    return one if drawn is None else replace(one, part=replace(one.part, history=drawn.history()))


def _drawn(loaded: LoadedConfig, counted: Counted, one: Written, others: Sequence[Written]) -> _Drawn | None:
    """Return the pictures of a part, None where it has no series."""
    numbers = counted.relations.get(one.part.panels[0].relation)
    found = next((f for f in one.part.findings if isinstance(f, Trend)), None)
    if numbers is None or numbers.series is None or found is None:
        return None
    several = sum(other.part.figure == one.part.figure for other in others) > 1
    return _Drawn(loaded, numbers.series, one, found, f"{numbers.name}-" if several else "")


def panels_at(config: Config, panels: Sequence[Panel], point: Point) -> tuple[Panel, ...]:
    """Return panels as they were at a point of their relation's series."""
    tables = tables_of(point.counted)
    return tuple(build_panel(config.panel(p.id), tables, config.inference, p.mirror) for p in panels)


class _Drawn:
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
        self._small = max(map(len, sides)) <= MOST_CATEGORIES

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

    def pictures(self, drawer: Drawer) -> Iterator[Picture]:
        """Start drawing for the page."""
        for name, title, scheme, spec in self._specs(None):
            yield Picture(name, title, scheme, spec, draw_for_reading(self._loaded, spec, name, drawer))

    def sheets(self, drawer: Drawer) -> Iterator[Sheet]:
        """Start drawing for print, where the build makes files of figures."""
        how = print_of(self._loaded)
        if how is not None:
            for name, _, _, spec in self._specs(how):
                yield Sheet(name, name, (), spec, drawer.draw(spec, name), how)

    def _specs(self, how: Print | None) -> Iterator[tuple[str, str, str, Json]]:
        """Yield id, title, scheme and specification of each picture."""
        room, ground = (None, LIGHT["paper"]) if how is None else (how.room.pixels, how.ground)
        scales = panel_scales(self._settings, self._part.in_figure)
        scheme = next(iter(scales.values())).scheme
        if self._small:
            spec = multiples_spec(self._rows, scales, room or MULTIPLES_PX, ground)
            yield self._over_time, self._writer.words("trend", "over_time_title"), scheme, spec
        if self._trends:
            title = self._writer.words("trend", "lines_title")
            drawn = lines_spec(self._line_list(), self._ticks(), title, room or LINES_PX, ground)
            yield self._lines, self._writer.words("trend", "lines_title_long"), scheme, drawn

    def _days(self) -> dict[str, int]:
        """Return where each point stands in time; one after the other where any has no date."""
        ends = [point.end for point in self._series.points]
        days = [place if None in ends or end is None else end.toordinal() for place, end in enumerate(ends)]
        return dict(zip((point.name for point in self._series.points), days, strict=True))

    def _ticks(self) -> list[tuple[int, str]]:
        return [(day, name) for name, day in self._days().items()]

    def _line_list(self) -> list[Line]:
        days = self._days()
        return [
            Line(
                name_of(self._part, m, self._writer),
                tuple(
                    Spot(days[s.name], s.share.value, s.share.low, s.share.high)
                    for s in m.standings
                    if s.share is not None
                ),
            )
            for m in self._trends
        ]
