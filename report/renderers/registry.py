"""Register all renderers, and render the outputs that the config requests from one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..document.model import Document, Figure
from ..settings import Settings
from ..slots import Entries, at_work
from . import HtmlSettings, OutputSettings, PdfSettings, has_panel_files
from .citing import BIBLIOGRAPHY, render_citations
from .generators import PAGES, render_site_page
from .html import INDEX, render_fragment, render_html
from .html_view import Neighbours, direction
from .markdown import render_markdown
from .outline import isolated
from .pdf import Attachment, render_pdf
from .report_json import render_json

Files = dict[str, bytes]
"""Path below the site -> bytes."""


@dataclass(frozen=True)
class SitePlace:
    """Position of a report in a site of several: the name of its folder, and links to adjacent reports.

    `neighbours` is None if the report has no page.
    """

    name: str
    neighbours: Neighbours | None = None


@dataclass(frozen=True)
class Rendering:
    """The input of a renderer: the document, the renderer's options, and the context.

    `options` are the options from the config, validated by the renderer's `settings`; None if it has none.
    `attachments` are files for formats that can contain files. `fonts` are font files for characters that the shipped
    font lacks. `place` is None for a single report.
    """

    document: Document
    options: Settings | None
    outputs: OutputSettings
    attachments: Sequence[Attachment] = ()
    fonts: Sequence[Path] = ()
    place: SitePlace | None = None

    def has_panel_files(self, figure: Figure) -> bool:
        """Return whether each panel of a figure has files of its own in `figures/`."""
        return has_panel_files(figure.shown)

    @property
    def read(self) -> Document:
        """The document for human readers, in which names of the opposite writing direction are isolated."""
        return isolated(self.document, direction(self.document.language))


@dataclass(frozen=True, eq=False)
class Renderer:
    """A renderer, which makes the files of one output. `name` is its name in `outputs:`.

    `make` returns paths below the site with their bytes. `link` is the file that a page links to, if any, and the link
    text. `settings` is the class of its options. A renderer that `typesets` releases Python's lock and runs
    concurrently with all others. `about` is a sentence for the schema. If `for_people`, people read the files: citation
    files are added, and pages link to these files before data. If `with_figures`, the output shows the files of
    figures/, so they are made too. If it `draws`, it needs the drawings of the document.
    """

    name: str
    make: Callable[[Rendering], Files]
    link: tuple[str, str] | None = None
    settings: type[Settings] | None = None
    typesets: bool = False
    about: str = ""
    for_people: bool = False
    with_figures: bool = False
    draws: bool = False


def _pages(of: Rendering) -> Files:
    if not isinstance(of.options, HtmlSettings):
        return {}
    others = formats_of(of.outputs)
    name = of.place.name if of.place else None
    part = render_fragment(of.read, others, name) if of.options.fragment else {}
    if of.options.front_matter:
        return part | render_site_page(of.read, of.options.front_matter, others, name)
    page = render_html(
        of.read,
        others,
        picture=picture_of(of.document, of.outputs),
        neighbours=of.place.neighbours if of.place else None,
        bibliography=BIBLIOGRAPHY if is_read(of.outputs) else None,
    )
    return page | part


def page_of(outputs: OutputSettings) -> str | None:
    """Return the file of the page of a report; None if the outputs have no page."""
    if outputs.html is None:
        return None
    return PAGES[outputs.html.front_matter].file if outputs.html.front_matter else INDEX


def _markdown(of: Rendering) -> Files:
    return {_markdown_name(of.outputs): content for content in render_markdown(of.read).values()}


def _markdown_name(outputs: OutputSettings) -> str:
    """Return the name of report.md. A generator would take that for a second page, so it gets another ending."""
    return "report.md.txt" if outputs.html is not None and outputs.html.front_matter else "report.md"


def _pdf(of: Rendering) -> Files:
    if not isinstance(of.options, PdfSettings):
        return {}
    return render_pdf(of.read, of.options, of.attachments, of.fonts)


RENDERERS = Entries(
    "renderer",
    Renderer,
    (
        Renderer("html", _pages, for_people=True, draws=True),
        Renderer("pdf", _pdf, ("report.pdf", "PDF"), typesets=True, for_people=True, draws=True),
        Renderer(
            "markdown",
            _markdown,
            ("report.md", "Markdown"),
            for_people=True,
            with_figures=True,
        ),
        Renderer("data", lambda of: render_json(of.document), ("report.json", "JSON")),
    ),
)
"""All renderers by name. Iteration omits renderers of other packages."""


def wanted(outputs: OutputSettings) -> list[tuple[Renderer, Settings | None]]:
    """Return the requested renderers with their options. Renderers for people come first.

    Raises PluginError if a renderer cannot be used.
    """
    found: list[tuple[Renderer, Settings | None]] = []
    for name in dict.fromkeys((*RENDERERS, *outputs.others)):
        options = outputs.others.get(name, getattr(outputs, name, None))
        if options is None or options is False:
            continue
        renderer = RENDERERS[name]
        if renderer.settings is not None:
            found.append((renderer, renderer.settings.model_validate(options)))
        else:
            found.append((renderer, options if isinstance(options, Settings) else None))
    return sorted(found, key=lambda one: not one[0].for_people)


def needs_figures(outputs: OutputSettings) -> bool:
    """Return whether an output shows the files of figures/."""
    return any(renderer.with_figures for renderer, _ in wanted(outputs))


def needs_drawings(outputs: OutputSettings) -> bool:
    """Return whether an output shows the drawings of the document."""
    return any(renderer.draws for renderer, _ in wanted(outputs))


def render(
    document: Document,
    outputs: OutputSettings,
    attachments: Sequence[Attachment] = (),
    fonts: Sequence[Path] = (),
    place: SitePlace | None = None,
) -> Files:
    """Return the files of every output in `outputs`, except the files of figures. Calls share no state.

    `place` is None for a single report. Paths are relative to the report's folder. Raises RenderError if an output
    cannot be made as requested.
    """
    files: Files = {}
    asked = [
        (renderer, Rendering(document, options, outputs, attachments, fonts, place))
        for renderer, options in wanted(outputs)
    ]
    with ThreadPoolExecutor(1) as thread:
        typeset = {of.name: thread.submit(of.make, what) for of, what in asked if of.typesets}
        for renderer, what in asked:
            with at_work("renderer", renderer.name):
                made = typeset[renderer.name].result() if renderer.typesets else renderer.make(what)
                if twice := files.keys() & made.keys():
                    raise ValueError(f"{min(twice)} is made by another output")
            files |= made
    return files | (render_citations(document) if is_read(outputs) else {})


def is_read(outputs: OutputSettings) -> bool:
    """Return whether an output is for human readers, in which case citation files are made."""
    return any(renderer.for_people for renderer, _ in wanted(outputs))


def picture_of(document: Document, outputs: OutputSettings) -> str | None:
    """Return the path of the first figure's picture; None if the build makes no figure files."""
    drawn = outputs.figures is not None or needs_figures(outputs)
    return f"figures/{document.figures[0].id}.png" if drawn and document.figures else None


def formats_of(outputs: OutputSettings) -> tuple[tuple[str, str], ...]:
    """Return the links next to a page's title: other formats of the report, as (path, link text)."""
    links = [renderer.link for renderer, _ in wanted(outputs) if renderer.link is not None]
    return tuple((_markdown_name(outputs) if path == "report.md" else path, text) for path, text in links)
