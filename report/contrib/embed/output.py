"""The output `embed`: small pages in `embed/`, and a script that sets the height of their frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from ...document import Document, Figure, FigureBlock, Paragraph, Section, Sentence
from ...document.writer import fill, html_environment
from ...errors import RenderError
from ...figures.heatmap import alt_text
from ...renderers.citing import web_address
from ...renderers.html_data import base_style, json_block, page_assets, read, readings, script, unspaced
from ...renderers.html_view import PageView, shown
from ...renderers.outline import blocks_of, outline, sentences_of
from ...renderers.registry import Renderer, Rendering, page_of
from ...theme import template_folder


def render_embedded(document: Document, template: str, **values: object) -> bytes:
    """Return a page with the whole document, which is usually a part of a report.

    `template` is a template of a pack, below `contrib/`. It gets `values`, the values of the page's own template, the
    assets and the reading lines of figures. Raises RenderError if a drawing is not allowed in a page or if a template
    has an error.
    """
    page, told = PageView(document, outline(document)), readings(document)
    texts = [page.letters, *map(str, values.values()), _ASCII, str(told)]
    styles = [base_style("".join(texts), ("regular", "bold")), str(values.get("style", ""))]
    scripts = [unspaced(read("frame.js")), *([script()] if told else [])]
    folder = template_folder()
    filled = fill(
        html_environment(folder / "html", folder / "contrib"),
        template,
        **{
            **shown(document, page),
            **values,
            "assets": page_assets(styles, scripts),
            "data": [json_block("application/json", "report-readings", told)] if told else [],
        },
    )
    return filled.encode()


_ASCII = "".join(map(chr, range(32, 127)))
"""Characters that a reading line may write."""

FOLDER = "embed/"
LIMIT = 120_000
"""Maximum size of a page, in bytes."""

_TEMPLATE = "embed/embed.html"
_ABSTRACT, _SENTENCE, _SCRIPT = "abstract", "sentence", "resize.js"


def render_embeds(of: Rendering) -> dict[str, bytes]:
    """Return a page for each figure, each panel, the abstract and all sentences, and the script."""
    document, report = of.read, _address_of_report(of)
    pages = {f"{FOLDER}{_SCRIPT}": _read(_SCRIPT).encode()}
    for block in _figure_blocks(document):
        pages |= _figure_pages(document, block, report)
    if abstract := [*_abstract(document)]:
        pages[_path(_ABSTRACT)] = _page(replace(document, figures=()), report, document.title, abstract=abstract)
    sentences = {sentence.id: sentence for block in blocks_of(document) for sentence in sentences_of(block)}
    if sentences:
        bare = replace(document, figures=())
        pages[_path(_SENTENCE)] = _page(bare, report, document.title, sentences=[*sentences.values()])
    return pages


def _address_of_report(of: Rendering) -> str:
    """Return the address of the report from a page in `embed/`, or from anywhere if the config has its address."""
    own = page_of(of.outputs)
    return web_address(of.document.url) or f"../{own if own and own.endswith('.html') else ''}"


def _path(name: str) -> str:
    return f"{FOLDER}{name}.html"


def _figure_blocks(document: Document) -> list[FigureBlock]:
    return [block for block in blocks_of(document) if isinstance(block, FigureBlock)]


def _abstract(document: Document) -> Iterator[Sentence]:
    for section in document.sections:
        if section.name == "abstract":
            yield from (
                one for block in section.blocks if not isinstance(block, FigureBlock) for one in sentences_of(block)
            )


def _figure_pages(document: Document, block: FigureBlock, report: str) -> dict[str, bytes]:
    figure = document.figure(block.id)
    whole = _figure_page(document, block, figure, report)
    if len(whole) > LIMIT:
        raise RenderError(
            f"figure {figure.id}: its page for a frame would have more than {LIMIT:,} bytes; "
            "show fewer categories (panels: max_categories), or leave embed out of outputs"
        )
    pages = {_path(figure.id): whole}
    if len(figure.panels) > 1:
        for panel in figure.shown:
            views = tuple(view for view in figure.views if view.panel == panel.id)
            own = replace(block, alt=alt_text((panel,)))
            page = _figure_page(document, own, replace(figure, views=views), report)
            pages[_path(f"{figure.id}-{panel.id}")] = page
    return pages


def _figure_page(document: Document, block: FigureBlock, figure: Figure, report: str) -> bytes:
    part = replace(document, figures=(figure,), sections=(Section("figure", figure.title, (block,)),))
    return _page(part, f"{report}#figure-{quote(figure.id)}", figure.title)


def _page(
    document: Document,
    report: str,
    title: str,
    *,
    abstract: list[Sentence] | None = None,
    sentences: list[Sentence] | None = None,
) -> bytes:
    if not document.figures:
        blocks = (Paragraph((*(abstract or ()), *(sentences or ()))),)
        document = replace(document, sections=(Section("text", title, blocks),))
    return render_embedded(
        document,
        _TEMPLATE,
        title=title,
        report=report,
        style=_read("embed.css"),
        abstract=abstract or [],
        sentences=sentences or [],
    )


def _read(name: str) -> str:
    return (template_folder() / "contrib" / "embed" / name).read_text("utf-8")


EMBED = Renderer(
    "embed",
    render_embeds,
    about="Figures, panels, the abstract and sentences as pages for frames in other pages (docs/homes.md).",
    draws=True,
)
