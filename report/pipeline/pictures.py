"""All pictures of a report, drawn in parallel with the rest of the build.

Each panel is drawn twice for pages, wide and narrow, and enlarged if it has many categories, and the whole figure once
for paper. Files of figures are the same drawings, made in threads, because Typst works without Python's lock. A missing
font for the PDF is reported at once, and the page is still made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from .. import formats
from ..cells import Panel, folded
from ..config.loading import LoadedConfig
from ..document import LANGUAGE, Figure, View
from ..errors import FontError, Note, RenderError
from ..figures import JOURNAL_WIDTHS_MM, FigureSettings, width_mm
from ..figures.drawing import Drawer, Plate, drawn_files, figure_files, on_paper
from ..figures.heatmap import alt_text, heatmap_spec, key_spec, panel_scales, panel_specs, print_room, report_room
from ..figures.layout import LARGE, PAGE, PHONE, is_large, row_order
from ..figures.specs import Json
from ..progress import tell
from ..publish.reuse import Files
from ..renderers import FiguresSettings, OutputSettings, has_panel_files, picture_room
from ..renderers.pdf import check_fonts
from ..renderers.registry import needs_drawings, needs_figures
from ..theme.fonts import SYSTEM, lacking, scripts_of, system_fonts
from .counting import CountedSources, report_date
from .inputs import fallback_fonts

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
