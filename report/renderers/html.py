"""Render pages: index.html, which needs no other files or servers, the list of several reports, and fragments.

fragment.html is the report for inclusion in another page. `generators` writes pages of site generators.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from .. import formats
from ..document import Author, Document, FigureBlock
from ..document.writer import fill, html_environment
from ..theme import one_line, template_folder
from .citing import abstract, citation_text, description, web_address
from .html_data import (
    INSIDE,
    OUTSIDE,
    base_style,
    fragment_style,
    json_block,
    page_assets,
    read,
    readings,
    report_assets,
)
from .html_view import PageView, View, direction, inline_svg, shown
from .outline import blocks_of, outline

_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "svg": "image/svg+xml", "pdf": "application/pdf"}


def dataset(document: Document) -> View:
    """Return schema.org's `Dataset` in JSON-LD, without the parts that the document lacks."""
    url = web_address(document.url)
    kinds = dict.fromkeys(k.label for f in document.figures for p in f.panels for k in (p.given, p.outcome))
    measures = dict.fromkeys(p.measure for f in document.figures for p in f.panels)
    entries: dict[str, object] = {
        "name": document.title,
        "alternativeHeadline": document.subtitle,
        "description": abstract(document),
        "url": url,
        "inLanguage": document.language.replace("_", "-"),
        "datePublished": document.date.isoformat() if document.date else None,
        "creator": [*map(_person, document.authors)],
        "keywords": list(kinds),
        "variableMeasured": [{"@type": "PropertyValue", "name": m.label, "description": m.formula} for m in measures],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": download.label,
                "contentUrl": absolute(url, download.path) if url else quote(download.path),
                "encodingFormat": media_type(download.path),
                "contentSize": f"{len(download.content)} B",
            }
            for download in document.downloads
        ],
    }
    known = {name: value for name, value in entries.items() if value}
    return json_block("application/ld+json", "", {"@context": "https://schema.org", "@type": "Dataset", **known})


def absolute(url: str, path: str) -> str:
    """Return the absolute address of a file of the site. If `url` does not name a page, it names a folder.

    >>> absolute("https://example.org/report", "data/a b.csv")
    'https://example.org/report/data/a%20b.csv'
    >>> absolute("https://example.org/report/index.html", "report.pdf")
    'https://example.org/report/report.pdf'
    """
    address = url.partition("#")[0].partition("?")[0]
    page = address.rpartition("/")[2].endswith((".html", ".htm"))
    return urljoin(address if page or address.endswith("/") else f"{address}/", quote(path))


def media_type(path: str) -> str:
    """Return the media type of a file, from its extension."""
    return _MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream")


def _person(author: Author) -> dict[str, object]:
    id_ = f"https://orcid.org/{author.orcid}" if author.orcid else None
    person = {"@type": "Person", "name": author.name, "@id": id_}
    return {name: value for name, value in person.items() if value}


ICON = "data:image/svg+xml," + quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='1' y='3' width='6.5' height='10' fill='#225ea8'/><rect x='8.5' y='3' width='6.5' height='10' "
    "fill='#7fcdbb'/></svg>",
    safe="",
)


def render_html(
    document: Document,
    others: Sequence[tuple[str, str]] = (),
    *,
    picture: str | None = None,
    neighbours: View | None = None,
    bibliography: str | None = None,
) -> dict[str, bytes]:
    """Return `index.html`, which is complete without JavaScript and loads no other files.

    `others` are other formats of the report in the same build
    (path below the site, link text), e.g. ("report.pdf", "PDF"). `picture` is a file of the build for link previews,
    None if there is none. `neighbours` are links to adjacent reports of a site, None for a single report.
    `bibliography` is the file with the BibTeX entry, None if there is none.
    Raises RenderError if a figure's drawing is not allowed in a page or if a template has an error.
    """
    folder = template_folder() / "html"
    page = PageView(document, outline(document))
    url = web_address(document.url)
    pdf = next((path for path, _ in others if path.endswith(".pdf")), None)
    filled = fill(
        html_environment(folder),
        "page.html",
        **shown(document, page),
        assets=report_assets(page, in_series=neighbours is not None),
        neighbours=neighbours,
        data=[dataset(document), json_block("application/json", "report-readings", readings(document))],
        icon=ICON,
        description=description(document),
        picture=absolute(url, picture) if url and picture else None,
        picture_alt=next((one_line(b.alt) for b in blocks_of(document) if isinstance(b, FigureBlock)), ""),
        pdf=absolute(url, pdf) if url and pdf else None,
        url=url,
        formats=others,
        citation=citation_text(document),
        bibliography=bibliography,
        size_text=formats.size_text,
    )
    return {"index.html": filled.encode()}


FRAGMENT = "fragment.html"

_SLUG = re.compile(r"[^a-z0-9]+")


def render_fragment(document: Document, others: Sequence[tuple[str, str]], name: str | None) -> dict[str, bytes]:
    """Return `fragment.html`, the report as a part of a page of another site.

    The fragment has no html, head or body element, no title, because the enclosing page has one, and no script. Its
    styles apply only within it, its ids have a unique prefix, and its addresses are relative.

    `others` are other formats of the report (path, link text). `name` is the name of the report in a site of several.
    Raises RenderError if a figure's drawing is not allowed in a page or if a template or style has an error.
    """
    prefix = id_prefix(document, name)
    page = PageView(document, outline(document), prefix=prefix)
    text = fill(
        html_environment(template_folder() / "html"),
        "fragment.html",
        **shown(document, page),
        outside=OUTSIDE,
        inside=INSIDE,
        style=fragment_style(page),
        formats=others,
        prefix=prefix,
    )
    return {FRAGMENT: for_other_page(text).encode()}


def id_prefix(document: Document, name: str | None) -> str:
    """Return the prefix of all ids of a report's fragment: name or title, and a hash to distinguish equal titles."""
    words = _SLUG.sub("-", (name or document.title).lower()).strip("-")[:24].strip("-") or "report"
    named = "\0".join([document.title, document.subtitle or "", name or ""])
    return f"{words}-{hashlib.sha256(named.encode()).hexdigest()[:6]}-"


def for_other_page(text: str) -> str:
    """Return HTML of a report for another page: without empty lines, which would end a block of HTML in Markdown."""
    return re.sub(r"\n\s*\n", "\n", text).lstrip()


INDEX = "index.html"


@dataclass(frozen=True)
class ListedReport:
    """A report of the site: name of its folder, document, and other formats (path, link text).

    `has_page` is true if the folder has an `index.html`.
    """

    name: str
    document: Document
    formats: tuple[tuple[str, str], ...]
    has_page: bool


def render_site(reports: Sequence[ListedReport]) -> dict[str, bytes]:
    """Return `index.html`, the list of reports in the given order.

    Raises RenderError if a figure's drawing is not allowed in a page or if a template has an error.
    """
    folder = template_folder() / "html"
    styles = [base_style(), read("series.css")]
    languages = dict.fromkeys(report.document.language for report in reports)
    language = next(iter(languages)) if len(languages) == 1 else "en"
    text = fill(
        html_environment(folder),
        "site.html",
        language=language.replace("_", "-"),
        direction=direction(language),
        assets=page_assets(styles, []),
        version=reports[0].document.version,
        title="Reports",
        description=f"{len(reports)} reports on how the categories of one kind of thing go with those of another.",
        icon=ICON,
        entries=[_entry(position, report) for position, report in enumerate(reports, start=1)],
    )
    return {INDEX: text.encode()}


def neighbours_of(titles: Mapping[str, str]) -> dict[str, View]:
    """Return the links of each report to the previous and next one, by folder, None at the ends.

    `titles` are the titles of pages, in order.
    """
    links = [{"href": f"../{quote(name)}/{INDEX}", "text": title} for name, title in titles.items()]
    around = zip(titles, [None, *links], [*links[1:], None], strict=False)  # no report follows the last
    return {name: {"previous": before, "next": after} for name, before, after in around}


def _entry(position: int, report: ListedReport) -> View:
    """Return the list entry of a report. Without a page `href` is None, without a figure `thumbnail` is None."""
    document = report.document
    lead = outline(document).lead
    folder = f"{quote(report.name)}/"
    return {
        "title": document.title,
        "href": f"{folder}{INDEX}" if report.has_page else None,
        "headline": description(document),
        "date": document.date,
        "date_text": formats.date(document.date) if document.date else "",
        "formats": [(folder + quote(path), label) for path, label in report.formats],
        "thumbnail": None if lead is None else inline_svg(document.figure(lead.id).svg, f"{position}-{lead.id}"),
        "alt": "" if lead is None else lead.alt,
    }
