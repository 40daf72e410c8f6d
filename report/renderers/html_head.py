"""What a page says of itself to programs (search, previews, indexes of papers and data), and its rules of style."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin

from ..document import Document, FigureBlock
from ..theme.colours import DARK, LIGHT, ink
from ..theme.fonts import Style, woff2
from .citing import abstract, description, web_address
from .escape import one_line
from .html_data import DataBlock, json_block
from .html_view import PageView

_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "svg": "image/svg+xml", "pdf": "application/pdf"}


@dataclass(frozen=True)
class Meta:
    """A `<meta>`: `by` is the attribute that names it ("name" or "property")."""

    by: str
    name: str
    content: str


def metas(document: Document, picture: str | None, pdf: str | None) -> tuple[Meta, ...]:
    """Return the page's meta tags.

    `picture` and `pdf` are files of the site (paths below it), None where it has none. A picture needs the
    report's address: previews take only whole ones.
    """
    return (
        Meta("name", "description", description(document)),
        *(Meta("name", "author", author.name) for author in document.authors),
        *_preview(document, picture),
        *_scholarly(document, pdf),
    )


def dataset(document: Document) -> DataBlock:
    """Return schema.org's `Dataset` in JSON-LD, each part only where the document has it."""
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
        "creator": [_person(author.name, author.orcid, author.affiliation) for author in document.authors],
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
    """Return the whole address of a file of the site. An address that does not name a page is that of a folder.

    >>> absolute("https://example.org/report", "data/a b.csv")
    'https://example.org/report/data/a%20b.csv'
    >>> absolute("https://example.org/report/index.html", "report.pdf")
    'https://example.org/report/report.pdf'
    """
    address = url.partition("#")[0].partition("?")[0]
    page = address.rpartition("/")[2].endswith((".html", ".htm"))
    return urljoin(address if page or address.endswith("/") else f"{address}/", quote(path))


def media_type(path: str) -> str:
    """Return the type of a file by its ending."""
    return _MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream")


def _preview(document: Document, picture: str | None) -> list[Meta]:
    """Return Open Graph and the card of a link's preview."""
    url = web_address(document.url)
    found = [
        Meta("property", "og:type", "article"),
        Meta("property", "og:title", document.title),
        Meta("property", "og:description", description(document)),
    ]
    found += [Meta("property", "og:url", url)] if url else []
    if not (url and picture):
        return [*found, Meta("name", "twitter:card", "summary")]
    blocks = (block for section in document.sections for block in section.blocks)
    alt = next((block.alt for block in blocks if isinstance(block, FigureBlock)), "")
    return [
        *found,
        Meta("property", "og:image", absolute(url, picture)),
        *([Meta("property", "og:image:alt", one_line(alt))] if alt else []),
        Meta("name", "twitter:card", "summary_large_image"),
    ]


def _scholarly(document: Document, pdf: str | None) -> list[Meta]:
    """Return the tags by which indexes of papers read a page: they need authors and a date."""
    if not (document.authors and document.date):
        return []
    url = web_address(document.url)
    return [
        Meta("name", "citation_title", document.title),
        *(Meta("name", "citation_author", author.name) for author in document.authors),
        Meta("name", "citation_publication_date", document.date.strftime("%Y/%m/%d")),
        Meta("name", "citation_language", document.language.replace("_", "-")),
        *([Meta("name", "citation_fulltext_html_url", url)] if url else []),
        *([Meta("name", "citation_pdf_url", absolute(url, pdf))] if url and pdf else []),
    ]


def _person(name: str, orcid: str | None, affiliation: str | None) -> dict[str, object]:
    person: dict[str, object] = {"@type": "Person", "name": name}
    if orcid:
        person["@id"] = f"https://orcid.org/{orcid}"
    if affiliation:
        person["affiliation"] = {"@type": "Organization", "name": affiliation}
    return person


SHEETS = ("style.css",)
"""Our rules, by file, in order: those of every page and of every fragment."""

_FACES: Mapping[Style, str] = {
    "regular": "font-weight:400;font-style:normal",
    "italic": "font-weight:400;font-style:italic",
    "bold": "font-weight:700;font-style:normal",
}
FIGURE_TOKENS = ("paper", "ink", "muted", "grid", "hatch", "mask")
"""The theme's colours that figures are drawn with, beside those of their cells."""


def base_style(folder: Path) -> str:
    """Return the style sheet that every page has: embedded fonts and the theme's colours, then our rules."""
    # for screens: paper is light whatever the reader's screen is
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{tokens(DARK)}}}}}"
    return f"\n{faces('Report')}:root{{{tokens(LIGHT)}}}\n{dark}\n{rules(folder)}"


def rules(folder: Path) -> str:
    """Return our rules without fonts and colours: what pages and fragments have in common."""
    return "".join((folder / name).read_text("utf-8") for name in SHEETS) + figure_rules()


def figure_rules() -> str:
    """Return rules by which a drawing follows the page from light to dark.

    A drawing names the theme's light colours. Cells have colours of their own, which Vega writes as `rgb()`, and
    their numbers are black or white, so these stay as they are: a white number is text, the white of paper is not.
    """
    return "".join(
        f'.drawing svg {":not(text)" if name == "paper" else ""}[{place}="{LIGHT[name]}"]{{{place}:var(--{name})}}\n'
        for name in FIGURE_TOKENS
        for place in ("fill", "stroke")
    )


def faces(family: str) -> str:
    """Return the rules that give a page the shipped fonts under this name, embedded."""
    return "".join(
        f"@font-face{{font-family:{family};{rule};font-display:block;"
        f"src:url(data:font/woff2;base64,{base64.b64encode(woff2(style)).decode()}) format('woff2')}}\n"
        for style, rule in _FACES.items()
    )


def shades(page: PageView) -> str:
    """Return the rules for the shaded fields of a page's tables."""
    return "".join(f"td.{name}{{background:{paper};color:{ink(paper)}}}\n" for name, paper in page.shades.items())


def tokens(colours: Mapping[str, str]) -> str:
    """Return colours as declarations of custom properties."""
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())
