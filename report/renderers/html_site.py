"""The page that lists the reports of a site of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from .. import formats
from ..document import Document
from ..theme.templates import template_folder
from .environment import fill, html_environment
from .html import ICON
from .html_assets import Asset, page_assets
from .html_style import base_style
from .html_view import Link
from .html_words import Neighbours, direction, headline
from .outline import outline
from .svg import inline_svg

INDEX = "index.html"
TITLE = "Reports"
BACK = "All reports"


@dataclass(frozen=True)
class Listed:
    """A report of the site: its folder below it, what it says, and its files that say the same (path, what it is).

    `has_page`: whether the folder has an `index.html`.
    """

    name: str
    document: Document
    formats: tuple[tuple[str, str], ...]
    has_page: bool


@dataclass(frozen=True)
class EntryView:
    """A report as the list shows it; `href` is None where it has no page, `thumbnail` where it has no figure."""

    title: str
    href: str | None
    headline: str
    date: Mapping[str, str] | None
    formats: tuple[Link, ...]
    thumbnail: Markup | None
    alt: str


def render_site(reports: Sequence[Listed], *, shared: str | None) -> dict[str, bytes]:
    """Return `index.html`, the list of reports, in their order, with what it shares.

    `shared`: the address of the folder of shared style sheets; None where the page carries them. Raises RenderError
    where a figure's drawing may not stand in a page, and where a template is wrong.
    """
    folder = template_folder() / "html"
    styles = [Asset("style", base_style(folder)), Asset("series", (folder / "series.css").read_text("utf-8"))]
    taken_in = page_assets(styles, [], shared=shared)
    languages = dict.fromkeys(report.document.language for report in reports)
    language = next(iter(languages)) if len(languages) == 1 else "en"
    text = fill(
        html_environment(folder),
        "site.html",
        language=language.replace("_", "-"),
        direction=direction(language),
        assets=taken_in,
        version=reports[0].document.version,
        title=TITLE,
        description=f"{len(reports)} reports on how the categories of one kind of thing go with those of another.",
        icon="data:image/svg+xml," + quote(ICON, safe=""),
        entries=[_entry(position, report) for position, report in enumerate(reports, start=1)],
    )
    return {INDEX: text.encode(), **taken_in.files}


def neighbours_of(titles: Mapping[str, str]) -> dict[str, Neighbours]:
    """Return how each report links to the others, by its folder; `titles` has those with a page, in their order."""
    names = list(titles)
    return {
        name: Neighbours(
            index=Link(f"../{INDEX}", BACK),
            previous=_beside(names[position - 1], titles) if position else None,
            next=_beside(names[position + 1], titles) if position + 1 < len(names) else None,
        )
        for position, name in enumerate(names)
    }


def _beside(name: str, titles: Mapping[str, str]) -> Link:
    return Link(f"../{quote(name)}/{INDEX}", titles[name])


def _entry(position: int, report: Listed) -> EntryView:
    document = report.document
    lead = outline(document).lead
    folder = f"{quote(report.name)}/"
    return EntryView(
        title=document.title,
        href=f"{folder}{INDEX}" if report.has_page else None,
        headline=headline(document),
        date={"iso": document.date.isoformat(), "text": formats.date(document.date)} if document.date else None,
        formats=tuple(Link(f"{folder}{quote(path)}", label) for path, label in report.formats),
        thumbnail=None if lead is None else inline_svg(document.figure(lead.id).svg, f"{position}-{lead.id}"),
        alt="" if lead is None else lead.alt,
    )
