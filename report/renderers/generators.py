"""Write the report as a page of a static site generator.

The generator gets the title and the headings of sections in its own markup, for its contents and its search. Each
section is a block of HTML without empty lines, which Markdown leaves unchanged. The style sheet is a file.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml

from ..document.model import Document
from ..document.writer import fill, html_environment
from ..theme import one_line, template_folder
from . import Generator
from .citing import description
from .html import for_other_page, id_prefix
from .html_data import INSIDE, OUTSIDE, fragment_style
from .html_view import PageView, View, shown
from .outline import outline


@dataclass(frozen=True)
class SitePage:
    """The form of a page for a generator: its file, whether the theme shows the title, and the markup of headings.

    `attributes` are attributes of each block of HTML. If `is_fenced`, blocks are in raw blocks of Pandoc. If
    `copies_downloads`, the generator copies only files whose links have the attribute `download`.
    """

    file: str = "index.md"
    shows_title: bool = False
    headings: Literal["markdown", "html"] = "markdown"
    layout: str | None = None
    attributes: str = ""
    is_fenced: bool = False
    copies_downloads: bool = False


PAGES: Mapping[Generator, SitePage] = {
    "mkdocs": SitePage(),
    "sphinx": SitePage(),
    "hugo": SitePage(shows_title=True),
    "jekyll": SitePage(file="index.html", headings="html", layout="default"),
    "quarto": SitePage(file="index.qmd", shows_title=True, is_fenced=True),
    "eleventy": SitePage(file="index.html", headings="html"),
    "vitepress": SitePage(attributes=" v-pre"),
    "astro": SitePage(shows_title=True),
    "observable": SitePage(copies_downloads=True),
}
"""The page for each generator."""

_SHEET = "assets/diptych"
_DIGITS = 16  # of the content's hash in the name of the style sheet


def render_site_page(
    document: Document, generator: Generator, others: Sequence[tuple[str, str]], name: str | None
) -> dict[str, bytes]:
    """Return the page of a generator and its style sheet.

    `others` are other formats of the report (path, link text). `name` is the name of the report in a site of several.
    Raises RenderError if a drawing is not allowed in a page or if a template or style has an error.
    """
    form, prefix = PAGES[generator], id_prefix(document, name)
    page = PageView(document, outline(document), prefix=prefix)
    style = fragment_style(page).encode()
    sheet = f"{_SHEET}-{hashlib.sha256(style).hexdigest()[:_DIGITS]}.css"
    cards = _cards(document, page, others, sheet, prefix)
    title = "" if form.shows_title else _heading(form, 1, document.title, f"{prefix}title")
    body = title + "".join(
        ("" if heading is None else _heading(form, 2, heading, f"{anchor}-title")) + _block(form, card)
        for heading, anchor, card in cards
    )
    return {form.file: f"---\n{_front_matter(document, generator)}---\n{body}".encode(), sheet: style}


def _cards(
    document: Document, page: PageView, others: Sequence[tuple[str, str]], sheet: str, prefix: str
) -> list[tuple[str | None, str, str]]:
    """Return the heading, id and HTML of each card: the opening, which has no heading, the sections, and the files."""
    sections: list[View | None] = [None, *page.sections]
    if document.downloads:
        sections.append({"id": f"{prefix}data", "title": "Files", "detail": False, "blocks": [], "lists_files": True})
    environment = html_environment(template_folder() / "html")
    common = shown(document, page) | {"outside": OUTSIDE, "inside": INSIDE, "formats": others}
    found = []
    for section in sections:
        card = fill(
            environment,
            "card.html",
            **common,
            section=None if section is None else {"lists_files": False, **section},
            style=sheet if section is None else None,
            is_last=section is sections[-1],
        )
        heading, anchor = (None, "") if section is None else (str(section["title"]), str(section["id"]))
        found.append((heading, anchor, for_other_page(card)))
    return found


def _front_matter(document: Document, generator: Generator) -> str:
    layout = PAGES[generator].layout
    matter: dict[str, object] = {"layout": layout} if layout else {}
    matter["title"] = one_line(document.title)
    about = description(document)
    matter |= {"myst": {"html_meta": {"description": about}}} if generator == "sphinx" else {"description": about}
    if document.date:
        matter["date"] = document.date
    return yaml.safe_dump(matter, allow_unicode=True, sort_keys=False, width=10**6)


_NO_MARKUP = re.compile(r"[^\w\s,.;:?'()/%-]", re.ASCII)


def _heading(form: SitePage, level: int, title: str, anchor: str) -> str:
    """Return a heading. In Markdown, punctuation that any dialect could read as markup is an entity."""
    line = one_line(title)
    if form.headings == "html":
        return f'<h{level} id="{anchor}">{_untagged(html.escape(line))}</h{level}>\n'
    text = _NO_MARKUP.sub(lambda found: f"&#{ord(found[0])};" if found[0].isascii() else found[0], line)
    text = text.replace("_", "&#95;")
    return f"\n{'#' * level} {f'<span v-pre>{text}</span>' if '&#123;&#123;' in text and form.attributes else text}\n\n"


_TAG_BEGINS = re.compile(r"\{(?=[{%#<])|(?<=\$)\{")
_FILE_LINK = re.compile(r'<a href="(?!#|[a-z]+:)')


def _untagged(text: str) -> str:
    """Return equivalent HTML in which a generator finds no template tags ({{, {%, {#, {<, ${)."""
    return _TAG_BEGINS.sub("&#123;", text)


def _block(form: SitePage, card: str) -> str:
    """Return a card as a block of HTML that the generator leaves unchanged."""
    text = _untagged(card)
    if form.attributes:
        text = text.replace("<div", f"<div{form.attributes}", 1)
    if form.copies_downloads:
        text = _FILE_LINK.sub('<a download href="', text)
    if not form.is_fenced:
        return text
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{{=html}}\n{text}{fence}\n"
