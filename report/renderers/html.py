"""index.html: one page that carries everything it needs and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

from report import formats
from report.document import Document, ItemList, Paragraph
from report.renderers.environment import fill, html_environment
from report.renderers.html_view import Link, PageView, page_view
from report.renderers.outline import outline
from report.renderers.settings import HtmlSettings
from report.theme.colours import DARK, LIGHT, ink
from report.theme.fonts import Style, woff2
from report.theme.templates import template_folder

ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='1' y='3' width='6.5' height='10' fill='#225ea8'/><rect x='8.5' y='3' width='6.5' height='10' "
    "fill='#7fcdbb'/></svg>"
)


@dataclass(frozen=True)
class HtmlAssets:
    """What the page takes in beside the document.

    `formats` are other files of the same build that say the same (path below the site, what it is), e.g.
    ("report.pdf", "PDF").
    """

    formats: tuple[tuple[str, str], ...] = ()


def render_html(document: Document, settings: HtmlSettings, assets: HtmlAssets) -> dict[str, bytes]:
    """Return `index.html`: self-contained, zero requests, complete without JavaScript.

    `settings.bundle` concerns the live charts and changes nothing in a page that has none. Raises RenderError
    where a figure's drawing may not stand in a page, and where a template is wrong.
    """
    del settings
    folder = template_folder() / "html"
    order = outline(document)
    page = page_view(document, order)
    style = _style((folder / "style.css").read_text("utf-8"), page)
    script = (folder / "script.js").read_text("utf-8")
    downloads = [
        {"href": quote(download.path), "path": download.path, "label": download.label}
        for download in document.downloads
    ]
    text = fill(
        html_environment(folder),
        "page.html",
        document=document,
        language=document.language.replace("_", "-"),
        direction=_direction(document.language),
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file; its hash stands in the policy
        script=Markup(script),  # noqa: S704 - the same
        icon="data:image/svg+xml," + quote(ICON, safe=""),
        description=_description(document),
        date={"iso": document.date.isoformat(), "text": formats.date(document.date)} if document.date else None,
        url=document.url if document.url and document.url.startswith(("https://", "http://")) else None,
        formats=[Link(quote(path), label) for path, label in assets.formats],
        contents=_contents(page, has_files=bool(downloads)),
        page=page,
        downloads=downloads,
        has_authored=_has_authored(document),
    )
    return {"index.html": text.encode()}


def _contents(page: PageView, *, has_files: bool) -> list[Link]:
    sections = ([page.abstract] if page.abstract else []) + list(page.sections)
    links = [Link(f"#{quote(section.id)}", section.title) for section in sections]
    return [*links, Link("#files", "Files")] if has_files else links


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy that lets in this style sheet, this script, and data in the page."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_FACES: Mapping[Style, str] = {
    "regular": "font-weight:400;font-style:normal",
    "italic": "font-weight:400;font-style:italic",
    "bold": "font-weight:700;font-style:normal",
}


def _style(sheet: str, page: PageView) -> str:
    """Return the style sheet: embedded fonts and the theme's colours before it, shades of fields after it."""
    faces = "".join(
        f"@font-face{{font-family:Report;{rule};font-display:block;"
        f"src:url(data:font/woff2;base64,{base64.b64encode(woff2(style)).decode()}) format('woff2')}}\n"
        for style, rule in _FACES.items()
    )
    shades = "".join(f"td.{name}{{background:{paper};color:{ink(paper)}}}\n" for name, paper in page.shades.items())
    dark = f"@media (prefers-color-scheme:dark){{:root{{{_tokens(DARK)}}}}}"
    return f"\n{faces}:root{{{_tokens(LIGHT)}}}\n{dark}\n{sheet}{shades}"


def _tokens(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def _direction(language: str) -> str:
    try:
        return "rtl" if Locale.parse(language.replace("-", "_")).character_order == "right-to-left" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "ltr"


def _description(document: Document) -> str:
    """Return the first sentence of the abstract, or the title: what a search result shows."""
    for section in document.sections[:1]:
        for block in section.blocks:
            if isinstance(block, Paragraph) and block.sentences:
                return block.sentences[0].text
    return document.subtitle or document.title


def _has_authored(document: Document) -> bool:
    blocks = (block for section in document.sections for block in section.blocks)
    paragraphs = (p for b in blocks for p in (b.items if isinstance(b, ItemList) else (b,)))
    return any(
        sentence.origin == "authored" for p in paragraphs if isinstance(p, Paragraph) for sentence in p.sentences
    )
