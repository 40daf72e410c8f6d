"""The small pictures of a report, written for page, PDF and print: they take so little that nobody waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace

from ..config.loading import LoadedConfig
from ..document.compose import Written
from ..document.model import Figure, Picture
from ..document.pictures import pictures
from ..document.pictures_of_counts import Illustration
from ..figures.chart import LABEL_PX, NOTE_PX, SMALL_PX
from ..figures.in_report import REPORT_TEXT
from ..figures.naming import wrapped
from ..figures.printing import LEAST_PT, Print, Room, on_paper
from ..renderers.outputs import picture_room
from ..theme.colours import LIGHT
from .pictures import Sheet, note_of, print_of, source_of

LEAST_PX = 340.0
"""Narrower there is no room for names and dots: the chart is then made smaller as a whole."""


def chart_figures(loaded: LoadedConfig, written: Sequence[Written]) -> tuple[Figure, ...]:
    """Return the document's charts, as the page shows them and as its PDF does."""
    paper = loaded.config.outputs.pdf
    how = None if paper is None else Print(Room(picture_room(paper.paper)[0], REPORT_TEXT[0]))
    return tuple(
        Figure(
            id=picture.block.id,
            title=picture.title,
            spec="",
            svg=picture.chart.svg(picture.chart.page_px, LIGHT["paper"]),
            printed=() if how is None else (Picture(_printed(picture, how), picture.block.alt),),
            panels=(),
        )
        for _, picture in _pictures(written)
    )


def chart_sheets(loaded: LoadedConfig, written: Sequence[Written]) -> tuple[Sheet, ...]:
    """Return the charts for print; nothing where the build makes no files of figures."""
    how = print_of(loaded)
    if how is None:
        return ()
    text = max(how.room.text, LEAST_PT * LABEL_PX / SMALL_PX)
    how = replace(how, room=Room(how.room.width, text))
    return tuple(
        Sheet(picture.block.id, picture.title, picture.block.alt, None, _done(_drawn(picture, how, loaded, one)), how)
        for one, picture in _pictures(written)
    )


def _pictures(written: Sequence[Written]) -> Iterator[tuple[Written, Illustration]]:
    return ((one, picture) for one in written for picture in pictures(one.part, one.writer))


def _printed(picture: Illustration, how: Print) -> str:
    return on_paper(picture.chart.svg(max(how.room.pixels, LEAST_PX), how.ground), how)


def _drawn(picture: Illustration, how: Print, loaded: LoadedConfig, one: Written) -> str:
    width = max(how.room.pixels, LEAST_PX)
    note = note_of(one.part.panels, source_of(loaded))
    return picture.chart.svg(width, how.ground, wrapped(note, (width - 8) / NOTE_PX))


def _done(svg: str) -> Future[str]:
    future: Future[str] = Future()
    future.set_result(svg)
    return future
