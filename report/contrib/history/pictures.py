"""Report content for a series: its pictures, and the section that describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ... import formats
from ...config.loading import LoadedConfig
from ...document.compose import WrittenPart
from ...figures import SQUARES_LIMIT
from ...figures.heatmap import alt_text, panel_scales
from ...figures.printing import Print
from ...ledger.series import Series, spread
from ...pipeline.histories import PictureToDraw, Told
from ...pipeline.pictures import panels_at
from .charts import LINES_PX, MOST_LINES, MOST_POINTS, MULTIPLES_PX, DatedShare, ShareLine, lines_spec, multiples_spec
from .section import Pictures, name_of, over_time
from .trend import ShareTrend, Trend


def tell(loaded: LoadedConfig, series: Series, one: WrittenPart, infix: str) -> Told | None:
    """Return the content for the series of a part, or None if trends were not tested.

    `infix` is used in picture ids.
    """
    found = next((f for f in one.part.findings if isinstance(f, Trend)), None)
    if found is None:
        return None
    drawn = _DrawnSeries(loaded, series, one, found, infix)
    return Told(over_time(one.part, found, drawn.shown(), one.writer), drawn.pictures)


class _DrawnSeries:
    """The pictures of one part."""

    def __init__(self, loaded: LoadedConfig, series: Series, one: WrittenPart, found: Trend, infix: str) -> None:
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
        # A larger panel is not drawn at several times: six times as many cells would be unreadable.
        self._small = max(map(len, sides)) <= SQUARES_LIMIT

    def shown(self) -> Pictures:
        """Return the pictures in the form used by the document."""
        shown = tuple(name for name, _ in self._rows[0])
        latest = alt_text([row[-1][1] for row in self._rows])
        items = [self._line_alt(m) for m in self._trends]
        return Pictures(
            over_time=self._over_time if self._small else None,
            shown=shown,
            over_time_alt=self._writer.words("trend", "over_time_alt", shown=shown, latest=latest),
            lines=self._lines if self._trends else None,
            lines_alt=self._writer.words("trend", "lines_alt", items=items) if items else "",
        )

    def _line_alt(self, m: ShareTrend) -> str:
        first, last = (formats.percent(share) for share in m.shares)
        name = name_of(self._part, m, self._writer)
        return self._writer.words("trend", "line_alt", name=name, first=first, last=last, m=m, f=self._found)

    def pictures(self, how: Print | None) -> Iterator[PictureToDraw]:
        """Yield each picture for a page or for print."""
        shown = self.shown()
        room = None if how is None else how.pixels
        scales = panel_scales(self._settings, self._part.in_figure)
        scheme = next(iter(scales.values())).scheme
        if self._small:
            spec = multiples_spec(self._rows, scales, room or MULTIPLES_PX)
            title = self._writer.words("trend", "over_time_title")
            yield PictureToDraw(self._over_time, title, shown.over_time_alt, scheme, spec)
        if self._trends:
            title = self._writer.words("trend", "lines_title")
            days = self._days()
            ticks = [(day, name) for name, day in days.items()]
            drawn = lines_spec([self._line(m, days) for m in self._trends], ticks, title, room or LINES_PX)
            title = self._writer.words("trend", "lines_title_long")
            yield PictureToDraw(self._lines, title, shown.lines_alt, scheme, drawn)

    def _days(self) -> dict[str, int]:
        """Return the position of each point in time, or its index if any point has no date."""
        ends = [point.end for point in self._series.points]
        days = [place if None in ends or end is None else end.toordinal() for place, end in enumerate(ends)]
        return dict(zip((point.name for point in self._series.points), days, strict=True))

    def _line(self, m: ShareTrend, days: Mapping[str, int]) -> ShareLine:
        there = ((days[s.name], s.share) for s in m.standings if s.share is not None)
        spots = tuple(DatedShare(day, share) for day, share in there)
        return ShareLine(name_of(self._part, m, self._writer), spots)
