"""Render small pages with one part of a report, for frames in other pages.

A page is complete in itself and loads nothing. It follows the width of its frame and the colour scheme of the reader,
and tells the page around it how high it is.
"""

from __future__ import annotations

from ..document.model import Document
from ..document.writer import fill, html_environment
from ..theme import template_folder
from .html_data import Asset, base_style, json_block, page_assets, read, script, unspaced
from .html_view import PageView, shown
from .outline import outline
from .readings import readings


def render_embedded(document: Document, template: str, **values: object) -> bytes:
    """Return a page with the whole document, which is usually a part of a report.

    `template` is a template of a pack, below `contrib/`. It gets `values`, the values of the page's own template, the
    assets and the reading lines of figures. Raises RenderError if a drawing is not allowed in a page or if a template
    has an error.
    """
    page, told = PageView(document, outline(document)), readings(document)
    texts = [page.letters, *map(str, values.values()), _ASCII, str(told)]
    styles = [
        Asset("style", base_style("".join(texts), ("regular", "bold"))),
        Asset("own", str(values.get("style", ""))),
    ]
    scripts = [Asset("frame", unspaced(read("frame.js"))), *([script()] if told else [])]
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
