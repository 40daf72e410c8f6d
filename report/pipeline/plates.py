"""Work for Typst: check that fonts have all characters of a report, and make figure files after drawing.

A missing font for the PDF is reported at once, and the page is still made. Files are made in threads, because Typst
works without Python's lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

from ..cells import Panel
from ..config.loading import LoadedConfig
from ..document.model import LANGUAGE
from ..errors import FontError, Note, RenderError
from ..figures.drawing import Plate, drawn_files, figure_files, on_paper
from ..progress import tell
from ..renderers.pdf import check_fonts
from ..reuse import Files
from ..theme.fonts import SYSTEM, lacking, scripts_of, system_fonts
from .counting import CountedSources, report_date
from .inputs import fallback_fonts
from .pictures import Sheet, wanted_figures

_FONTS = dict.fromkeys(("Chinese", "Japanese", "Korean"), "Noto Sans CJK") | {
    "Emoji": "Noto Emoji",
    "Other": "Noto Sans",
}
"""Font names for scripts that do not follow the pattern `Noto Sans SCRIPT`."""
_MOST = 8


def check_pdf_fonts(loaded: LoadedConfig) -> None:
    """Raise RenderError if a PDF is requested and a font file in the config is invalid."""
    if loaded.config.outputs.pdf:
        check_fonts(fallback_fonts(loaded))


def lettered(loaded: LoadedConfig, panels: Iterable[Panel]) -> tuple[LoadedConfig, tuple[Note, ...]]:
    """Return the config that a build can make, and notes on it.

    If names of categories, kinds or units, or the words of the config, have characters that no font has, the PDF is
    left out. `fonts: system` means a font of this machine that has them. Raises RenderError if only a PDF is
    requested.
    """
    config = loaded.config
    if config.outputs.pdf is None and wanted_figures(config.outputs) is None:
        return loaded, ()
    missing = lacking(list(_texts(loaded, panels)), fallback_fonts(loaded))
    wants_system = SYSTEM in config.fonts
    found = system_fonts(missing) if missing and wants_system else []
    if wants_system:
        own = [name for name in config.fonts if name != SYSTEM] + list(map(str, found))
        config = config.model_copy(update={"fonts": tuple(own)})
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
    machine = " (no font of this machine has them)" if asked_system else ", or fonts: system for one of this machine"
    return (
        f"no font has the {' and '.join(scripts)} characters {shown}; name a font file that has them, such as {fonts}, "
        f"under fonts: [...]{machine}"
    )


def _texts(loaded: LoadedConfig, panels: Iterable[Panel]) -> Iterator[str]:
    report = loaded.config.report
    yield from (report.title, report.headline or "", report.subtitle or "", *(author.name for author in report.authors))
    for panel in panels:
        yield from (*panel.given_categories, *panel.outcome_categories, panel.title, panel.reading)
        yield from (panel.given.label, panel.given.plural, panel.outcome.label, panel.outcome.plural, panel.unit.plural)


_AT_ONCE = 2
"""The number of sheets that are made at once. Each takes tens of megabytes."""


class Plates:
    """Makes figure files in parallel with the rest of the build; for use in a `with` block."""

    def __init__(self, loaded: LoadedConfig, counted: CountedSources) -> None:
        """Prepare. Nothing starts before the first sheet."""
        self._loaded = loaded
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
        """Make the files of sheets after each is drawn."""
        self._made += [self._threads.submit(self._set, sheet) for sheet in sheets]

    def files(self) -> Files:
        """Return the files of all started sheets: path below the site -> bytes.

        If the fonts lack a character, a sheet has no PDF and PNG. Raises RenderError if Typst fails for another reason.
        """
        files: Files = {}
        for number, made in enumerate(self._made, start=1):
            tell(f"{number} of {len(self._made)}")
            files |= made.result()
        return files

    def _set(self, sheet: Sheet) -> Files:
        svg = on_paper(sheet.svg.result(), sheet.width)
        if self._settings is None or sheet.is_panel:
            return {} if self._settings is None else drawn_files(sheet.name, sheet.spec, svg)
        plate = Plate(
            svg=svg,
            title=sheet.title,
            alt=sheet.alt,
            width=sheet.width,
            date=self._date,
            language=LANGUAGE,
            fallback_fonts=fallback_fonts(self._loaded),
        )
        try:
            return figure_files(sheet.name, sheet.spec, plate)
        except FontError:  # reported once for all files that need fonts
            return drawn_files(sheet.name, sheet.spec, svg)
