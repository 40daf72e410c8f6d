"""fragment.html: the report as a part of somebody else's page; and the same with front matter for site generators.

Its style sheet reaches nothing outside, and nothing outside reaches in: every rule is nested in one class, every
declaration is !important in a cascade layer of its own. There it wins against whatever the page says outside layers,
also against !important, and the first rules take everything of the page's back: `all: revert`, but for drawings
`revert-layer`, which leaves them their attributes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import yaml

from ..document.model import Document
from ..errors import RenderError
from ..theme.colours import LIGHT
from ..theme.templates import template_folder
from .citing import description
from .environment import fill, html_environment
from .escape import one_line
from .html import faces, rules, shades, tokens
from .html_view import letters_of, page_view, shown
from .outline import outline
from .outputs import Generator, HtmlSettings

OUTSIDE = "diptych"
"""The class of the element that a page includes, which is also the name of the layer and of the container."""

INSIDE = "diptych-report"
"""The class of its only child, which stands for the root of the page."""

_REM = "--diptych-rem"
_PIXELS = 16  # of a rem in a media query, whatever the page's own size of type

_RESET = f"""\
:where(.{OUTSIDE})::before,:where(.{OUTSIDE})::after{{all:revert !important}}
:where(.{OUTSIDE}){{all:initial !important;display:block !important;container:{OUTSIDE}/inline-size !important}}
:where(.{OUTSIDE} :not(svg,svg *)),:where(.{OUTSIDE} *)::before,:where(.{OUTSIDE} *)::after{{all:revert !important}}
:where(.{OUTSIDE} :is(svg,svg *)){{all:revert-layer !important}}
.{INSIDE}{{{_REM}:1em !important;display:block !important}}
"""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = r"""\"[^"]*\"|'[^']*'"""
_INNER = rf"\((?:{_STRING}|[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_PIECE = re.compile(rf"((?:{_STRING}|{_INNER}|[^\"'(){{}};])*)([{{}};])")
"""What ends with { } or ; outside strings and round brackets (an address may hold ;)."""

_LEFT_OUT = re.compile(r"@page\b|@media.*prefers-color-scheme\s*:\s*dark")
_CONDITION = re.compile(r"@(media|supports|container|layer|scope|starting-style)\b")
_WIDTHS = re.compile(r"@media\s*((\(\s*(min|max)-width\s*:[^()]*\)|\(\s*width\s*[<>]=?[^()]*\))(\s+and\s+|\s*))+")
_ROOT = re.compile(r"(^|,\s*)((:root|html|body)(?![\w-])|(?=\[dir))")
_LENGTH = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+)rem\b")


def scoped(sheet: str) -> str:
    """Return a style sheet whose rules hold within OUTSIDE alone: nested in INSIDE, every declaration important.

    `:root`, `html` and `body` become INSIDE; conditions on the width of the window become ones on the width of
    OUTSIDE; what is meant for a dark page is left out, since the page around decides; rules of printed pages too.
    ValueError where brackets do not match, and for what cannot be nested.
    """
    depth = skipped = 0
    inside = ""
    rules = _COMMENT.sub(" ", sheet).rstrip()
    pieces = _PIECE.findall(rules)
    for piece, end in pieces:
        text = " ".join(piece.split())
        depth += {"{": 1, "}": -1}.get(end, 0)
        if skipped:
            skipped = 0 if depth < skipped else skipped
        elif end == "{" and _LEFT_OUT.match(text):
            skipped = depth
        elif text.startswith("@") and not (end == "{" and _CONDITION.match(text)):
            raise ValueError(f"a style sheet with {text} cannot be scoped")
        else:
            inside += f"{_begun(text)}{{" if end == "{" else (_important(text) if text else "") + end.replace(";", "")
    if depth or sum(len(piece) + 1 for piece, _ in pieces) < len(rules):
        raise ValueError("the style sheet does not close all that it opens, or goes deeper than it may")
    root = f'@property {_REM}{{syntax:"<length>";inherits:true;initial-value:{_PIXELS}px}}\n'
    return f"{root}@layer {OUTSIDE}{{\n{_RESET}.{INSIDE}{{{inside}}}\n}}\n"


def _begun(head: str) -> str:
    """Return what stands before {: selectors of rules that are nested, or a condition."""
    if not head.startswith("@"):
        return _ROOT.sub(r"\1&", head)
    if not _WIDTHS.fullmatch(head):
        return head
    pixels = _LENGTH.sub(lambda found: f"{float(found[1]) * _PIXELS:g}px", head)
    return pixels.replace("@media", f"@container {OUTSIDE}", 1)


def _important(declaration: str) -> str:
    declaration = _LENGTH.sub(rf"calc(\1 * var({_REM}))", declaration)
    return f"{declaration};" if declaration.endswith("!important") else f"{declaration} !important;"


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

_CONTROLS = (
    re.compile(r"\s*<(button|fieldset)\b[^>]*>.*?</\1>", re.DOTALL),
    re.compile(r'\s*<div class="tools"[^>]*>\s*</div>'),
)
"""What does nothing without scripts, and the boxes that are empty then."""

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
    page = page_view(document, order, prefix=prefix)
    sheet = f":root{{{tokens(LIGHT)}}}\n{rules(folder)}{shades(page)}{_CARD}"
    try:
        style = scoped(sheet)
    except ValueError as error:
        raise RenderError(f"template style.css: {error}") from error
    text = fill(
        html_environment(folder),
        "fragment.html",
        **shown(document, page),
        outside=OUTSIDE,
        inside=INSIDE,
        style=faces(_FAMILY, letters_of(document, page)) + style,
        formats=others,
        prefix=prefix,
    )
    # as landmarks they would be those of the page around, and of two fragments the same
    text = text.replace(' role="region"', ' role="group"')
    for pattern in _CONTROLS:
        text = pattern.sub("", text)
    return re.sub(r"\n\s*\n", "\n", text).lstrip()  # an empty line would end the HTML of a Markdown file


def _page(document: Document, generator: Generator, fragment: str) -> str:
    """Return the fragment below front matter, as the generator takes it.

    What generators would read as their own ({{, {%) is spelled otherwise; a browser shows the same.
    """
    matter: dict[str, object] = {"layout": "default"} if generator == "jekyll" else {}
    matter |= {"title": one_line(document.title), "description": description(document)}
    if document.date:
        matter["date"] = document.date
    front = yaml.safe_dump(matter, allow_unicode=True, sort_keys=False, width=10**6)
    body = re.sub(r"\{(?=[{%#<])", "&#123;", fragment)
    if generator == "quarto":
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", body)), default=0))
        body = f"{fence}{{=html}}\n{body}{fence}\n"
    return f"---\n{front}---\n{body}"
