"""All renderers, one line each: what a build's `outputs:` asks for, made from one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..cache import NO_CACHE, Cache
from ..document import Document
from .citing import render_citations
from .html import HtmlAssets, render_html
from .html_data import SHARED
from .html_fragment import render_fragment
from .html_view import Neighbours
from .latex import render_latex
from .markdown import render_markdown
from .outputs import OutputSettings
from .pdf import Attachment, PdfFonts, render_pdf
from .quarto import render_quarto
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


def render(
    document: Document,
    outputs: OutputSettings,
    attachments: Sequence[Attachment] = (),
    fonts: PdfFonts | None = None,
    place: SitePlace | None = None,
    cache: Cache = NO_CACHE,
) -> Files:
    """Return every text output that `outputs` asks for. The calls do not share anything.

    `place` is None for a report alone. Paths are below the report's folder, but for those of shared files
    (`assets/…`), which are below the site. Raises RenderError where an output cannot be made as asked.
    """
    html, pdf = outputs.html, outputs.pdf
    assets = HtmlAssets(
        formats=formats_of(outputs),
        shared=shared_address(outputs, place),
        neighbours=place.neighbours if place else None,
        picture=picture_of(document, outputs),
    )
    renderers: tuple[tuple[bool, Callable[[], Files]], ...] = (
        (html is not None, lambda: render_html(document, html, assets) if html else {}),
        (
            html is not None,
            lambda: render_fragment(document, html, assets.formats, place.name if place else None) if html else {},
        ),
        (pdf is not None, lambda: render_pdf(document, pdf, attachments, fonts, cache) if pdf else {}),
        (outputs.markdown, lambda: render_markdown(document)),
        (outputs.markdown, lambda: render_quarto(document)),
        (outputs.latex, lambda: render_latex(document)),
        (outputs.typst, lambda: render_typst_kit(document)),
        (outputs.data, lambda: render_json(document)),
        (is_read(outputs), lambda: render_citations(document)),
    )
    return {path: content for wanted, make in renderers if wanted for path, content in make().items()}


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
    formats = (
        (outputs.pdf is not None, "report.pdf", "PDF"),
        (outputs.markdown, "report.md", "Markdown"),
        (outputs.latex, "latex/report.tex", "LaTeX"),
        (outputs.typst, "typst/example.typ", "Typst"),
        (outputs.data, "report.json", "JSON"),
    )
    return tuple((path, label) for wanted, path, label in formats if wanted)
