"""fragment.html: the report as a part of somebody else's page; and the same with front matter for site generators."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from urllib.parse import quote

import yaml
from markupsafe import Markup

from ..document import Document
from ..errors import RenderError
from ..theme.colours import LIGHT
from ..theme.templates import template_folder
from .environment import fill, html_environment
from .escape import one_line
from .html_scope import INSIDE, OUTSIDE, scoped
from .html_style import faces, rules, shades, tokens
from .html_view import Link, page_view
from .html_words import date_view, direction, has_authored, headline
from .outline import outline
from .settings import Generator, HtmlSettings

FRAGMENT = "fragment.html"

PAGES: Mapping[Generator, str] = {
    "hugo": "page.html",
    "jekyll": "page.html",
    "quarto": "page.qmd",
    "mkdocs": "page.md",
}
"""The file with front matter for each generator; those that take HTML get HTML, which no Markdown then changes."""

_FAMILY = "'Diptych Sans'"
_FACE = f"{_FAMILY}, ui-sans-serif, system-ui, sans-serif"
_CARD = (
    f":root{{--face:{_FACE};color-scheme:light;padding:1rem clamp(.75rem,2.5cqi,1.5rem);border-radius:6px}}\n"
    "h2{margin-block-start:1.8rem}.abstract h2{margin-block-start:0}\n"
)
"""A fragment is a light card, whatever is around it."""

_REFERENCES = frozenset(
    {"for", "list", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details"}
)
_ATTRIBUTE = re.compile(r'(?<=\s)([\w:-]+)="([^"]*)"')
_CONTROLS = (
    re.compile(r"\s*<(button|fieldset)\b[^>]*>.*?</\1>", re.DOTALL),
    re.compile(r'\s*<div class="tools"[^>]*>\s*</div>'),
)
"""What does nothing without scripts, and the boxes that are empty then."""

_URL = re.compile(r"url\(#")
_SLUG = re.compile(r"[^a-z0-9]+")


def render_fragment(
    document: Document, settings: HtmlSettings, others: Sequence[tuple[str, str]], name: str | None
) -> dict[str, bytes]:
    """Return what `settings` ask for: `fragment.html`, and a page with front matter.

    The fragment has no html, head and body, no title (the page around it has one) and no script. Its styles hold
    within it alone, its ids begin with a word of its own, its addresses are relative.

    `others` are the report's files that say the same (path, what it is); `name` is the report's in a site of several.
    Raises RenderError where a figure's drawing may not stand in a page, and where a template or style is wrong.
    """
    if not (settings.fragment or settings.front_matter):
        return {}
    text = _fragment(document, others, id_prefix(document, name))
    files = {FRAGMENT: text.encode()} if settings.fragment else {}
    if settings.front_matter:
        files[PAGES[settings.front_matter]] = _page(document, settings.front_matter, text).encode()
    return files


def id_prefix(document: Document, name: str | None) -> str:
    """Return how all ids of a report's fragment begin: its name or title, and a hash that tells equal titles apart."""
    words = _SLUG.sub("-", (name or document.title).lower()).strip("-")[:24].strip("-") or "report"
    named = "\0".join([document.title, document.subtitle or "", name or ""])
    return f"{words}-{hashlib.sha256(named.encode()).hexdigest()[:6]}-"


def _fragment(document: Document, others: Sequence[tuple[str, str]], prefix: str) -> str:
    folder = template_folder() / "html"
    order = outline(document)
    page = page_view(document, order)
    sheet = f":root{{{tokens(LIGHT)}}}\n{rules(folder)}{shades(page)}{_CARD}"
    try:
        style = scoped(sheet)
    except ValueError as error:
        raise RenderError(f"template style.css: {error}") from error
    text = fill(
        html_environment(folder),
        "fragment.html",
        document=document,
        outside=OUTSIDE,
        inside=INSIDE,
        language=document.language.replace("_", "-"),
        direction=direction(document.language),
        style=Markup(f"{faces(_FAMILY)}{style}"),  # noqa: S704 - our own file
        date=date_view(document, scripts=False),
        formats=[Link(quote(path), label) for path, label in others],
        page=page,
        has_authored=has_authored(document),
        downloads=[
            {"href": quote(download.path), "path": download.path, "label": download.label}
            for download in document.downloads
        ],
    )
    text = with_own_ids(text, prefix)
    for pattern in _CONTROLS:
        text = pattern.sub("", text)
    return re.sub(r"\n\s*\n", "\n", text).lstrip()  # an empty line would end the HTML of a Markdown file


def with_own_ids(text: str, prefix: str) -> str:
    """Return HTML whose ids begin with `prefix`, and what refers to them within it.

    Regions become groups: as landmarks they would be those of the page around, and of two fragments the same.

    >>> with_own_ids('<a href="#a" id="b">#a</a><p role="region" aria-labelledby="a b"></p>', "x-")
    '<a href="#x-a" id="x-b">#a</a><p role="group" aria-labelledby="x-a x-b"></p>'
    """
    rewriter = _Rewriter(prefix)
    rewriter.feed(text)
    rewriter.close()
    return "".join(rewriter.parts)


class _Rewriter(HTMLParser):
    """Gives back the HTML it reads, with other ids in its start tags."""

    def __init__(self, prefix: str) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._prefix = prefix

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs
        self.parts.append(_ATTRIBUTE.sub(self._attribute, self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{_CASED.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def _attribute(self, found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if name == "id":
            value = self._prefix + value
        elif name in _REFERENCES:
            value = " ".join(self._prefix + one for one in value.split())
        elif name in ("href", "xlink:href") and value.startswith("#"):
            value = f"#{self._prefix}{value[1:]}"
        elif name == "role" and value == "region":
            value = "group"
        return f'{name}="{_URL.sub(f"url(#{self._prefix}", value)}"'


_CASED = {name.lower(): name for name in ("clipPath", "linearGradient", "radialGradient")}
"""Elements of drawings with capitals: a parser of HTML gives their names without."""


def _page(document: Document, generator: Generator, fragment: str) -> str:
    """Return the fragment below front matter, as the generator takes it.

    What generators would read as their own ({{, {%) is spelled otherwise; a browser shows the same.
    """
    matter: dict[str, object] = {"layout": "default"} if generator == "jekyll" else {}
    matter |= {"title": one_line(document.title), "description": one_line(headline(document))}
    if document.date:
        matter["date"] = document.date
    front = yaml.safe_dump(matter, allow_unicode=True, sort_keys=False, width=10**6)
    body = re.sub(r"\{(?=[{%#<])", "&#123;", fragment)
    if generator == "quarto":
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", body)), default=0))
        body = f"{fence}{{=html}}\n{body}{fence}\n"
    return f"---\n{front}---\n{body}"
