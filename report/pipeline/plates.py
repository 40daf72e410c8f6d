"""Files of figures: set as soon as each is drawn, in threads, since Typst works without Python's lock."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from ..cache import Cache
from ..config.loading import LoadedConfig
from ..errors import FontError
from ..figures.printing import Plate, drawn_files, figure_files, on_paper
from ..progress import tell
from .counting import Counted, report_date
from .inputs import fallback_fonts
from .pictures import Sheet, wanted_figures

Files = dict[str, bytes]

_AT_ONCE = 2
"""Sheets that are set at once: each takes tens of megabytes."""


class Plates:
    """Sets sheets while the rest of the build goes on; for use in a `with` block."""

    def __init__(self, loaded: LoadedConfig, counted: Counted, cache: Cache) -> None:
        """Prepare; nothing is started before the first sheet is there."""
        self._loaded, self._cache = loaded, cache
        self._date = report_date(loaded.config, counted)
        self._settings = wanted_figures(loaded.config.outputs)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="plates")
        self._made: list[Future[Files]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=error is None, cancel_futures=True)

    def start(self, sheets: Sequence[Sheet]) -> None:
        """Set the files of sheets once each is drawn."""
        self._made += [self._threads.submit(self._set, sheet) for sheet in sheets]

    def files(self) -> Files:
        """Return the files of all sheets that were started: path below the site -> bytes.

        Raises RenderError, with the files that are asked for, where the fonts lack a character.
        """
        files: Files = {}
        for number, made in enumerate(self._made, start=1):
            tell(f"{number} of {len(self._made)}")
            files |= made.result()
        return files

    def _set(self, sheet: Sheet) -> Files:
        plate = Plate(
            svg=on_paper(sheet.svg.result(), sheet.how),
            title=sheet.title,
            alt=sheet.alt,
            width=sheet.how.room.width,
            date=self._date,
            language=self._loaded.config.report.language,
            fallback_fonts=fallback_fonts(self._loaded),
            transparent=sheet.how.transparent,
        )
        if self._settings is None:
            return {}
        try:
            return figure_files(sheet.name, sheet.spec, plate, dpi=self._settings.dpi, cache=self._cache)
        except FontError:  # said once for all files that need fonts
            return drawn_files(sheet.name, sheet.spec, plate.svg)
