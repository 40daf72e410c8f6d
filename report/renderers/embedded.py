"""Render small pages with one part of a report, for frames in other pages.

A page is complete in itself and loads nothing. It follows the width of its frame and the colour scheme of the reader,
and tells the page around it how high it is.
"""

from __future__ import annotations

from ..document.model import Document
from ..document.writer import fill, html_environment
from ..theme import template_folder
from .html_data import LIVE, Asset, base_style, live_blocks, night, page_assets, read, shades, unspaced
from .html_view import PageView, shown
from .outline import outline


def render_embedded(document: Document, template: str, **values: object) -> bytes:
    """Return a page with the whole document, which is usually a part of a report.

    `template` is a template of a pack, below `contrib/`. It gets `values`, the values of the page's own template, the
    assets and the data of live figures. Raises RenderError if a drawing is not allowed in a page or if a template has
    an error.
    """
    page = PageView(document, outline(document))
    is_live = any(figure.live for figure in document.figures)
    texts = [page.letters, *map(str, values.values()), _ASCII, *(f.live.model for f in document.figures if f.live)]
    styles = [
        Asset("style", base_style("".join(texts), ("regular", "bold"))),
        Asset("shades", shades(page) + night(page)),
        Asset("own", str(values.get("style", ""))),
    ]
    scripts = [
        Asset("early", 'document.documentElement.classList.add("js");'),
        Asset("frame", unspaced(read("frame.js"))),
    ]
    if is_live:
        styles.insert(1, Asset("live", read("live.css")))
        scripts.append(Asset("script", unspaced(f'"use strict";\n{read("regions.js", "late.js")}')))
        scripts.append(Asset("live", unspaced(f'"use strict";\n(() => {{\n{read(*LIVE)}}})();\n'), late=True))
    folder = template_folder()
    filled = fill(
        html_environment(folder / "html", folder / "contrib"),
        template,
        **{
            **shown(document, page),
            **values,
            "assets": page_assets(styles, scripts),
            "data": live_blocks(document),
        },
    )
    return filled.encode()


_ASCII = "".join(map(chr, range(32, 127)))
"""Characters that a live figure may write."""
