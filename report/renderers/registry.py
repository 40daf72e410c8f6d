"""All renderers, one line each: what a build's `outputs:` asks for, made from one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from report.document import Document
from report.renderers.html import HtmlAssets, render_html
from report.renderers.latex import render_latex
from report.renderers.markdown import render_markdown
from report.renderers.pdf import Attachment, render_pdf
from report.renderers.pdf_fonts import PdfFonts
from report.renderers.report_json import render_json
from report.renderers.settings import OutputSettings

Files = dict[str, bytes]
"""Path below the site -> bytes."""


def render(
    document: Document, outputs: OutputSettings, attachments: Sequence[Attachment] = (), fonts: PdfFonts | None = None
) -> Files:
    """Return every text output that `outputs` asks for. The calls do not share anything.

    Raises RenderError where an output cannot be made as asked.
    """
    html, pdf = outputs.html, outputs.pdf
    assets = HtmlAssets(formats_of(outputs))
    renderers: tuple[tuple[bool, Callable[[], Files]], ...] = (
        (html is not None, lambda: render_html(document, html, assets) if html else {}),
        (pdf is not None, lambda: render_pdf(document, pdf, attachments, fonts) if pdf else {}),
        (outputs.markdown, lambda: render_markdown(document)),
        (outputs.latex, lambda: render_latex(document)),
        (outputs.data, lambda: render_json(document)),
    )
    return {path: content for wanted, make in renderers if wanted for path, content in make().items()}


def formats_of(outputs: OutputSettings) -> tuple[tuple[str, str], ...]:
    """Return what a page links to beside its title: other files that say the same, as (path, what it is)."""
    formats = (
        (outputs.pdf is not None, "report.pdf", "PDF"),
        (outputs.markdown, "report.md", "Markdown"),
        (outputs.latex, "latex/report.tex", "LaTeX"),
        (outputs.data, "report.json", "JSON"),
    )
    return tuple((path, label) for wanted, path, label in formats if wanted)
