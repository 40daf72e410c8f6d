"""index.html: one page that carries everything it needs and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .. import formats
from ..document import Document, Download
from ..theme.templates import template_folder
from .citing import citations, web_address
from .environment import fill, html_environment
from .html_assets import Asset, page_assets
from .html_data import embedded_files, files_block
from .html_live import live_blocks
from .html_meta import dataset, metas
from .html_style import base_style, shades
from .html_view import Link, PageView, page_view
from .html_words import Neighbours, date_view, direction, has_authored
from .outline import outline
from .settings import HtmlSettings

ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='1' y='3' width='6.5' height='10' fill='#225ea8'/><rect x='8.5' y='3' width='6.5' height='10' "
    "fill='#7fcdbb'/></svg>"
)

EARLY = """
document.documentElement.classList.add("js");
for (const face of ["1em Report", "bold 1em Report"]) document.fonts?.load(face);
"""
"""Runs before anything is drawn: what needs scripts is there from the start, and so is the typeface, which would
otherwise come a moment after the first lines; nothing moves later. Italics do not stand there and can wait."""

SCRIPTS = ("script.js", "files.js", "sorting.js")
"""What the page does, in one script: every file keeps its names to itself."""


@dataclass(frozen=True)
class HtmlAssets:
    """What the page takes in beside the document.

    `formats` are other files of the same build that say the same (path below the site, what it is), e.g.
    ("report.pdf", "PDF"). `picture` is a file of the build for previews of links, None where it makes none.
    `neighbours` are the other reports of a site, None for a report alone. `shared` is the address of the folder of
    shared style sheets and scripts as the page sees it, None where the page carries them.
    """

    formats: tuple[tuple[str, str], ...] = ()
    picture: str | None = None
    neighbours: Neighbours | None = None
    shared: str | None = None


@dataclass(frozen=True)
class DownloadView:
    """A file of the site: where, what it is, how large in words, and whether the page carries it."""

    href: str
    path: str
    label: str
    size: str
    embedded: bool


def render_html(document: Document, settings: HtmlSettings, assets: HtmlAssets) -> dict[str, bytes]:
    """Return `index.html`, complete without JavaScript, and the files it shares with others.

    It carries all it needs and asks for nothing, or for those files alone. Raises RenderError where a figure's
    drawing may not stand in a page, and where a template is wrong.
    """
    del settings  # `bundle` has become `assets.shared`; the other settings make files of their own
    folder = template_folder() / "html"
    files = embedded_files(document)
    page = page_view(document, outline(document), files)
    styles = [Asset("style", base_style(folder)), Asset("shades", shades(page), own=True)]
    if assets.neighbours:
        styles.append(Asset("series", (folder / "series.css").read_text("utf-8")))
    scripts = [Asset("early", EARLY, own=True), Asset("script", page_script(folder))]
    date = date_view(document, scripts=True)
    if date is not None and date.stale_days is not None:
        scripts.append(Asset("stale", (folder / "stale.js").read_text("utf-8")))
    live = live_blocks(document)
    if live:
        styles.append(live.style)
        scripts += live.scripts
    taken_in = page_assets(styles, scripts, shared=assets.shared)
    text = fill(
        html_environment(folder),
        "page.html",
        document=document,
        language=document.language.replace("_", "-"),
        direction=direction(document.language),
        assets=taken_in,
        neighbours=assets.neighbours,
        data=[dataset(document), *([files_block(files)] if files else []), *([live.data] if live else [])],
        icon="data:image/svg+xml," + quote(ICON, safe=""),
        metas=metas(document, assets.picture, _pdf(assets)),
        date=date,
        url=web_address(document.url),
        formats=[Link(quote(path), label) for path, label in assets.formats],
        contents=_contents(page, has_files=bool(document.downloads)),
        page=page,
        citations=citations(document),
        downloads=[_download(download, files) for download in document.downloads],
        has_authored=has_authored(document),
    )
    return {"index.html": text.encode(), **taken_in.files}


def page_script(folder: Path) -> str:
    """Return what the page does when scripts may run: a reader without misses no word."""
    return '"use strict";\n' + "".join((folder / name).read_text("utf-8") for name in SCRIPTS)


def _contents(page: PageView, *, has_files: bool) -> list[Link]:
    sections = ([page.abstract] if page.abstract else []) + list(page.sections)
    links = [Link(f"#{quote(section.id)}", section.title) for section in sections]
    return [*links, Link("#cite", "Cite this"), *([Link("#files", "Files")] if has_files else [])]


def _download(download: Download, embedded: Collection[str]) -> DownloadView:
    return DownloadView(
        href=quote(download.path),
        path=download.path,
        label=download.label,
        size=formats.size_text(len(download.content)),
        embedded=download.path in embedded,
    )


def _pdf(assets: HtmlAssets) -> str | None:
    return next((path for path, _ in assets.formats if path.endswith(".pdf")), None)
