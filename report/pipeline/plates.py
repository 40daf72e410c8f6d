"""What Typst sets: whether the fonts have every character of a report, and files of figures, as soon as each is drawn.

What a PDF needs is said at once, and the page is made. Files are set in threads: Typst works without Python's lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

from ..cache import Cache
from ..cells import Panel
from ..config.loading import LoadedConfig
from ..document.model import LANGUAGE
from ..errors import FontError, Note, RenderError
from ..figures.drawing import Plate, drawn_files, figure_files
from ..figures.printing import on_paper
from ..progress import tell
from ..renderers.pdf import check_fonts
from ..reuse import Files
from ..theme.fonts import SYSTEM, lacking, scripts_of, system_fonts
from .counting import Counted, report_date
from .inputs import fallback_fonts
from .pictures import Sheet, wanted_figures

_FONTS = dict.fromkeys(("Chinese", "Japanese", "Korean"), "Noto Sans CJK") | {
    "Emoji": "Noto Emoji",
    "Other": "Noto Sans",
}
"""Fonts that have a script, where their name is another."""
_MOST = 8


def check_pdf_fonts(loaded: LoadedConfig) -> None:
    """Raise RenderError where a PDF is to be made and a font file that the config names is none."""
    if loaded.config.outputs.pdf:
        check_fonts(fallback_fonts(loaded))


def lettered(loaded: LoadedConfig, panels: Iterable[Panel]) -> tuple[LoadedConfig, tuple[Note, ...]]:
    """Return the config that a build can keep, and what to say of it.

    Where names of categories, kinds or units, or the words of the config, have characters that no font has, the PDF is
    left out. `fallback: system` stands for a font of this machine that has them. Raises RenderError where a PDF alone
    was asked for.
    """
    config = loaded.config
    if config.outputs.pdf is None and wanted_figures(config.outputs) is None:
        return loaded, ()
    missing = lacking(list(_texts(loaded, panels)), fallback_fonts(loaded))
    wants_system = SYSTEM in config.fonts.fallback
    found = system_fonts(missing) if missing and wants_system else []
    if wants_system:
        own = [name for name in config.fonts.fallback if name != SYSTEM] + list(map(str, found))
        config = config.model_copy(update={"fonts": config.fonts.model_copy(update={"fallback": tuple(own)})})
    if not missing or found:
        return replace(loaded, config=config), ()
    text = _message(missing, asked_system=wants_system)
    others = [name for name, value in config.outputs if name != "pdf" and value and name != "others"]
    if config.outputs.pdf is not None and not others:
        raise RenderError(f"report.pdf: {text}")
    outputs = config.outputs.model_copy(update={"pdf": None})
    note = Note("fonts", "report.pdf", f"PDF files are left out: {text}")
    return replace(loaded, config=config.model_copy(update={"outputs": outputs})), (note,)


def _message(missing: list[str], *, asked_system: bool) -> str:
    scripts = scripts_of(missing)
    shown = " ".join(missing[:_MOST]) + (" …" if len(missing) > _MOST else "")
    fonts = " and ".join(dict.fromkeys(_FONTS.get(script, f"Noto Sans {script}") for script in scripts))
    machine = (
        " (no font of this machine has them)"
        if asked_system
        else ", or fonts: {fallback: system} for one of this machine"
    )
    return (
        f"no font has the {' and '.join(scripts)} characters {shown}; name a font file that has them, such as {fonts}, "
        f"under fonts: {{fallback: [...]}}{machine}"
    )


def _texts(loaded: LoadedConfig, panels: Iterable[Panel]) -> Iterator[str]:
    report = loaded.config.report
    yield from (report.title, report.subtitle or "", *(author.name for author in report.authors))
    for panel in panels:
        yield from (*panel.given_categories, *panel.outcome_categories, panel.title, panel.reading)
        yield from (panel.given.label, panel.given.plural, panel.outcome.label, panel.outcome.plural, panel.unit.plural)


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
            width=sheet.how.width,
            date=self._date,
            language=LANGUAGE,
            fallback_fonts=fallback_fonts(self._loaded),
            transparent=sheet.how.transparent,
        )
        if self._settings is None:
            return {}
        try:
            return figure_files(sheet.name, sheet.spec, plate, dpi=self._settings.dpi, cache=self._cache)
        except FontError:  # said once for all files that need fonts
            return drawn_files(sheet.name, sheet.spec, plate.svg)
