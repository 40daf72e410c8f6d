"""index.html: one page that carries everything it needs and asks nobody for anything; the list of several reports."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin

from .. import formats
from ..document.model import Document, FigureBlock
from ..theme.colours import BLACK, DARK, LIGHT, WHITE, ink, turned
from ..theme.fonts import Style, woff2
from ..theme.templates import template_folder
from .citing import abstract, citations, description, web_address
from .environment import fill, html_environment
from .escape import one_line
from .html_data import (
    Asset,
    DataBlock,
    embedded_files,
    files_block,
    json_block,
    live_block,
    live_script,
    page_assets,
    unspaced,
)
from .html_view import Link, Neighbours, PageView, View, direction, letters_of, page_view, shown, stale_days
from .outline import blocks_of, outline
from .svg import inline_svg

_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "svg": "image/svg+xml", "pdf": "application/pdf"}


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
LINE_TOKENS = ("accent", "bad")
"""Those of lines and dots alone: a cell may be of such a colour, too."""


def base_style(folder: Path, text: str | None = None) -> str:
    """Return the style sheet that every page has: embedded fonts and the theme's colours, then our rules.

    `text` is what the fonts must have characters for, None for any.
    """
    # for screens: paper is light whatever the reader's screen is
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{tokens(DARK)}}}}}"
    return f"\n{faces('Report', text)}:root{{{tokens(LIGHT)}}}\n{dark}\n{rules(folder)}"


def rules(folder: Path) -> str:
    """Return our rules without fonts and colours: what pages and fragments have in common."""
    return "".join((folder / name).read_text("utf-8") for name in SHEETS) + figure_rules()


def figure_rules() -> str:
    """Return rules by which a drawing follows the page from light to dark.

    A drawing names the theme's light colours; `night` has those of cells. A white number is text, the white of paper
    is not.
    """
    return "".join(
        f'.drawing svg {":not(text)" if name == "paper" else ""}[{place}="{LIGHT[name]}"]{{{place}:var(--{name})}}\n'
        for name in FIGURE_TOKENS
        for place in ("fill", "stroke")
    ) + "".join(f'.drawing svg [stroke="{LIGHT[name]}"]{{stroke:var(--{name})}}\n' for name in LINE_TOKENS)


def faces(family: str, text: str | None = None) -> str:
    """Return the rules that give a page the shipped fonts under this name, embedded, for a text or for any."""
    return "".join(
        f"@font-face{{font-family:{family};{rule};font-display:block;"
        f"src:url(data:font/woff2;base64,{base64.b64encode(woff2(style, text)).decode()}) format('woff2')}}\n"
        for style, rule in _FACES.items()
    )


def shades(page: PageView) -> str:
    """Return the rules of one page alone: for the shaded fields of its tables and the widths of its drawings."""
    fields = (f"td.{name}{{background:{paper};color:{ink(paper)}}}\n" for name, paper in page.shades.items())
    return "".join(fields) + page.rules


def night(page: PageView) -> str:
    """Return the rules by which cells of figures and tables follow a page into the dark; black and white turn."""
    drawn = "".join(
        f'.drawing svg [{what}="{colour}"]{{{what}:{turned(colour)}}}\n' for what, colour in sorted(page.colours)
    )
    numbers = f'.drawing svg [fill="{BLACK}"]{{fill:{WHITE}}}\n.drawing svg text[fill="{WHITE}"]{{fill:{BLACK}}}\n'
    picture = ".drawing svg image{filter:invert(1) hue-rotate(180deg)}\n"
    fields = "".join(
        f"td.{name}{{background:{turned(paper)};color:{WHITE if ink(paper) == BLACK else BLACK}}}\n"
        for name, paper in page.shades.items()
    )
    return f"@media screen and (prefers-color-scheme:dark){{\n{drawn}{numbers}{picture}{fields}}}\n"


def tokens(colours: Mapping[str, str]) -> str:
    """Return colours as declarations of custom properties."""
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


ICON = "data:image/svg+xml," + quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='1' y='3' width='6.5' height='10' fill='#225ea8'/><rect x='8.5' y='3' width='6.5' height='10' "
    "fill='#7fcdbb'/></svg>",
    safe="",
)

EARLY = """
document.documentElement.classList.add("js");
for (const face of ["1em Report", "bold 1em Report"]) document.fonts?.load(face);
"""
"""Runs before anything is drawn: what needs scripts is there from the start, and so is the typeface, which would
otherwise come a moment after the first lines; nothing moves later. Italics do not stand there and can wait."""

SCRIPTS = ("script.js", "files.js", "sorting.js", "regions.js", "notes.js", "late.js")
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


def render_html(document: Document, assets: HtmlAssets) -> dict[str, bytes]:
    """Return `index.html`, complete without JavaScript, and the files it shares with others.

    It carries all it needs and asks for nothing, or for those files alone. Raises RenderError where a figure's
    drawing may not stand in a page, and where a template is wrong.
    """
    folder = template_folder() / "html"
    files = embedded_files(document)
    page = page_view(document, outline(document), files)
    text = letters_of(document, page) if assets.shared is None else None
    styles = [Asset("style", base_style(folder, text)), Asset("shades", shades(page) + night(page), own=True)]
    scripts = [Asset("early", EARLY, own=True), Asset("script", page_script(folder))]
    if assets.neighbours:
        styles.append(Asset("series", (folder / "series.css").read_text("utf-8")))
    if document.date and document.stale_after:
        scripts.append(Asset("stale", (folder / "stale.js").read_text("utf-8")))
    data = [dataset(document), *([files_block(files)] if files else [])]
    if any(figure.live for figure in document.figures):
        styles.append(Asset("live", (folder / "live.css").read_text("utf-8")))
        scripts.append(Asset("live", live_script(document, folder), late=True))
        data.append(live_block(document))
    taken_in = page_assets(styles, scripts, shared=assets.shared)
    url = web_address(document.url)
    pdf = next((path for path, _ in assets.formats if path.endswith(".pdf")), None)
    filled = fill(
        html_environment(folder),
        "page.html",
        **shown(document, page),
        assets=taken_in,
        neighbours=assets.neighbours,
        data=data,
        icon=ICON,
        description=description(document),
        picture=absolute(url, assets.picture) if url and assets.picture else None,
        picture_alt=next((one_line(b.alt) for b in blocks_of(document) if isinstance(b, FigureBlock)), ""),
        pdf=absolute(url, pdf) if url and pdf else None,
        url=url,
        formats=assets.formats,
        stale_days=stale_days(document),
        citations=citations(document),
        embedded=files,
        size_text=formats.size_text,
    )
    return {"index.html": filled.encode(), **taken_in.files}


def page_script(folder: Path) -> str:
    """Return what the page does when scripts may run: a reader without misses no word."""
    return unspaced('"use strict";\n' + "".join((folder / name).read_text("utf-8") for name in SCRIPTS))


INDEX = "index.html"


@dataclass(frozen=True)
class Listed:
    """A report of the site: its folder below it, what it says, and its files that say the same (path, what it is).

    `has_page`: whether the folder has an `index.html`.
    """

    name: str
    document: Document
    formats: tuple[tuple[str, str], ...]
    has_page: bool


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
        title="Reports",
        description=f"{len(reports)} reports on how the categories of one kind of thing go with those of another.",
        icon=ICON,
        entries=[_entry(position, report) for position, report in enumerate(reports, start=1)],
    )
    return {INDEX: text.encode(), **taken_in.files}


def neighbours_of(titles: Mapping[str, str]) -> dict[str, Neighbours]:
    """Return how each report links to the others, by its folder; `titles` has those with a page, in their order."""
    links = [Link(f"../{quote(name)}/{INDEX}", title) for name, title in titles.items()]
    around = zip(titles, [None, *links[:-1]], [*links[1:], None], strict=True)
    return {name: Neighbours(before, after) for name, before, after in around}


def _entry(position: int, report: Listed) -> View:
    """Return a report as the list shows it; `href` is None where it has no page, `thumbnail` where it has no figure."""
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
