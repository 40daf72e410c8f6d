"""All renderers, one entry each: what a build's `outputs:` asks for, made from one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..cache import NO_CACHE, Cache
from ..document.model import Document
from ..settings import Settings
from ..slots import Entries, at_work
from . import HtmlSettings, OutputSettings, PdfSettings
from .citing import render_citations
from .html import render_fragment, render_html
from .html_data import SHARED
from .html_view import Neighbours, direction
from .latex import render_latex
from .markdown import render_markdown, render_quarto
from .outline import isolated
from .pdf import Attachment, render_pdf
from .report_json import render_json
from .typst_kit import render_typst_kit

Files = dict[str, bytes]
"""Path below the site -> bytes."""


@dataclass(frozen=True)
class SitePlace:
    """Where a report stands in a site of several: the name of its folder, and the reports beside it.

    `neighbours` is None where the report has no page.
    """

    name: str
    neighbours: Neighbours | None = None


@dataclass(frozen=True)
class Rendering:
    """What a renderer makes files of: the document, its own options, and what is known beside it.

    `options` are those of the config, as the renderer's `settings` read them; None where it has none. `attachments` are
    for whoever can carry files, `fonts` files for characters that the shipped font lacks; `place` is None for a report
    alone.
    """

    document: Document
    options: Settings | None
    outputs: OutputSettings
    attachments: Sequence[Attachment] = ()
    fonts: Sequence[Path] = ()
    place: SitePlace | None = None
    cache: Cache = NO_CACHE

    @property
    def read(self) -> Document:
        """The document for people to read: names that run against its text are isolated in it."""
        return isolated(self.document, direction(self.document.language))


@dataclass(frozen=True, eq=False)
class Renderer:
    """What makes the files of one output. `name` is what `outputs:` calls it.

    `make` gives paths below the site with their bytes; `link` is the file that a page links to, if any, and what it
    says there. `settings` are its options. What `typesets` lets go of Python's lock and runs beside all others.
    `interface` is that of docs/extending.md, for renderers of other packages.
    """

    name: str
    make: Callable[[Rendering], Files]
    link: tuple[str, str] | None = None
    settings: type[Settings] | None = None
    typesets: bool = False
    interface: int | None = None


def _pages(of: Rendering) -> Files:
    if not isinstance(of.options, HtmlSettings):
        return {}
    others = formats_of(of.outputs)
    page = render_html(
        of.read,
        others,
        picture=picture_of(of.document, of.outputs),
        neighbours=of.place.neighbours if of.place else None,
        shared=shared_address(of.outputs, of.place),
    )
    return page | render_fragment(of.read, of.options, others, of.place.name if of.place else None)


def _pdf(of: Rendering) -> Files:
    if not isinstance(of.options, PdfSettings):
        return {}
    return render_pdf(of.read, of.options, of.attachments, of.fonts, of.cache)


RENDERERS = Entries(
    "renderer",
    Renderer,
    (
        Renderer("html", _pages),
        Renderer("pdf", _pdf, ("report.pdf", "PDF"), typesets=True),
        Renderer(
            "markdown",
            lambda of: render_markdown(of.read) | render_quarto(of.document),
            ("report.md", "Markdown"),
        ),
        Renderer("latex", lambda of: render_latex(of.document), ("latex/report.tex", "LaTeX")),
        Renderer("typst", lambda of: render_typst_kit(of.read), ("typst/example.typ", "Typst")),
        Renderer("data", lambda of: render_json(of.document), ("report.json", "JSON")),
    ),
)
"""Every renderer by its name; those of other packages are not among these when iterated."""


def wanted(outputs: OutputSettings) -> Iterator[tuple[Renderer, Settings | None]]:
    """Yield the renderers that a build asks for, with their options. Raises PluginError where one cannot be used."""
    for renderer in RENDERERS.values():
        options = getattr(outputs, renderer.name)
        if options is not None and options is not False:
            yield renderer, options if isinstance(options, Settings) else None
    for name, options in outputs.others.items():
        renderer = RENDERERS[name]
        yield renderer, renderer.settings.model_validate(options) if renderer.settings is not None else None


def render(
    document: Document,
    outputs: OutputSettings,
    attachments: Sequence[Attachment] = (),
    fonts: Sequence[Path] = (),
    place: SitePlace | None = None,
    cache: Cache = NO_CACHE,
) -> Files:
    """Return every text output that `outputs` asks for. The calls do not share anything.

    `place` is None for a report alone. Paths are below the report's folder, but for those of shared files
    (`assets/…`), which are below the site. Raises RenderError where an output cannot be made as asked.
    """
    files: Files = {}
    asked = [
        (renderer, Rendering(document, options, outputs, attachments, fonts, place, cache))
        for renderer, options in wanted(outputs)
    ]
    with ThreadPoolExecutor(1) as thread:
        typeset = {of.name: thread.submit(of.make, what) for of, what in asked if of.typesets}
        for renderer, what in asked:
            with at_work("renderer", renderer.name, renderer.interface):
                made = typeset[renderer.name].result() if renderer.typesets else renderer.make(what)
                if twice := files.keys() & made.keys():
                    raise ValueError(f"{min(twice)} is made by another output")
            files |= made
    return files | (render_citations(document) if is_read(outputs) else {})


def is_read(outputs: OutputSettings) -> bool:
    """Say whether people get the report to read, or parts of it for a paper: then there are files to cite it by."""
    return any((outputs.html, outputs.pdf, outputs.markdown, outputs.latex, outputs.typst))


def shared_address(outputs: OutputSettings, place: SitePlace | None) -> str | None:
    """Return the folder of shared style sheets and scripts as a report's page sees it; None: the page carries them."""
    if outputs.html is None or not outputs.html.is_shared(among_several=place is not None):
        return None
    return f"../{SHARED}" if place else SHARED


def picture_of(document: Document, outputs: OutputSettings) -> str | None:
    """Return the picture of the first figure among the site's files; None where the build makes none."""
    drawn = outputs.figures is not None or outputs.markdown or outputs.latex or outputs.typst
    return f"figures/{document.figures[0].id}.png" if drawn and document.figures else None


def formats_of(outputs: OutputSettings) -> tuple[tuple[str, str], ...]:
    """Return what a page links to beside its title: other files that say the same, as (path, what it is)."""
    return tuple(renderer.link for renderer, _ in wanted(outputs) if renderer.link is not None)
