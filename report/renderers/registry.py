"""Register all renderers, and render the outputs that the config requests from one document.

A static site generator gets a page with the title and the headings of sections in its own markup, for its contents and
its search. Each section is a block of HTML without empty lines, which Markdown leaves unchanged. The style sheet is a
file.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from ..document import Document, Figure
from ..document.writer import fill, html_environment
from ..settings import Settings
from ..slots import Entries, at_work
from ..theme import one_line, template_folder
from . import Generator, HtmlSettings, OutputSettings, PdfSettings, has_panel_files
from .citing import BIBLIOGRAPHY, description, render_citations
from .data import render_json
from .html import INDEX, for_other_page, id_prefix, render_fragment, render_html
from .html_data import INSIDE, OUTSIDE, fragment_style
from .html_view import PageView, View, direction, shown
from .markdown import render_markdown
from .outline import isolated, outline
from .pdf import Attachment, render_pdf


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


Files = dict[str, bytes]
"""Path below the site -> bytes."""


@dataclass(frozen=True)
class SitePlace:
    """Position of a report in a site of several: the name of its folder, and links to adjacent reports.

    `neighbours` is None if the report has no page.
    """

    name: str
    neighbours: View | None = None


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
