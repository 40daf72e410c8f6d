"""What a page takes in beside its text: style sheets and scripts, data that are never run, what makes figures live.

Style sheets and scripts stand inside the page, or in files beside it that several pages share; its policy lets in these
and nothing else.

The style sheet of a fragment reaches nothing outside, and nothing outside reaches in: every rule is nested in one
class, every declaration is !important in a cascade layer of its own. There it wins against whatever the page says
outside layers, also against !important, and the first rules take everything of the page's back: `all: revert`, but for
drawings `revert-layer`, which leaves them their attributes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from urllib.parse import quote

from markupsafe import Markup

from ..document.model import Document
from ..errors import RenderError
from ..theme import template_folder
from ..theme.colours import BLACK, DARK, LIGHT, WHITE, ink, turned
from ..theme.fonts import Style, woff2
from .html_view import PageView

SHARED = "assets/"
"""The folder of shared files, below the site."""

_SHORT = 16  # hexadecimal digits of a content's hash in the name of its file: 64 bits


@dataclass(frozen=True)
class DataBlock:
    """A `<script>` of data: its type, its id ("" for none), and its text, ready to stand in the page."""

    type: str
    id: str
    text: Markup


@dataclass(frozen=True)
class Asset:
    """A style sheet or a script of ours. `name` begins the name of its file; `own`: made for one page, never shared.

    `late`: a script that a page carries packed, as `report-<name>`, and that one of its other scripts starts. `href`
    is the address of its file, None where it stands in the page.
    """

    name: str
    text: str
    own: bool = False
    late: bool = False
    href: str | None = None

    @property
    def packed(self) -> str:
        """The text as a page carries that of a late script."""
        return packed(self.text)


@dataclass(frozen=True)
class PageAssets:
    """What a page takes in, in order; the policy that lets in this and nothing else; files by path below the site."""

    styles: tuple[Asset, ...]
    scripts: tuple[Asset, ...]
    policy: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def report_assets(document: Document, page: PageView, *, shared: str | None, in_series: bool) -> PageAssets:
    """Return what the page of a report takes in, as `page_assets` has it; `in_series`: it leads to other reports."""
    styles = [
        Asset("style", base_style(None if shared else page.letters)),
        Asset("shades", shades(page) + night(page), own=True),
    ]
    scripts = [Asset("early", EARLY, own=True), Asset("script", unspaced('"use strict";\n' + read(*SCRIPTS)))]
    if in_series:
        styles.append(Asset("series", read("series.css")))
    if document.date and document.stale_after:
        scripts.append(Asset("stale", read("stale.js")))
    if any(figure.live for figure in document.figures):
        styles.append(Asset("live", read("live.css")))
        names = LIVE + EXPLORED * is_large(document)
        # as one function, so that none of its names is the page's
        scripts.append(Asset("live", unspaced(f'"use strict";\n(() => {{\n{read(*names)}}})();\n'), late=True))
    return page_assets(styles, scripts, shared=shared)


def read(*names: str) -> str:
    """Return templates that are filled with nothing, one after the other."""
    return "".join((template_folder() / "html" / name).read_text("utf-8") for name in names)


def page_assets(styles: Sequence[Asset], scripts: Sequence[Asset], *, shared: str | None = None) -> PageAssets:
    """Return where a page has its style sheets and scripts.

    `shared`: the address of the folder of shared files as the page sees it (`assets/`, `../assets/`); None puts
    everything into the page.
    """
    files: dict[str, bytes] = {}

    def placed(asset: Asset, ending: str) -> Asset:
        if shared is None or asset.own:
            return asset
        content = asset.text.encode()
        name = f"{asset.name}-{hashlib.sha256(content).hexdigest()[:_SHORT]}.{ending}"
        files[f"{SHARED}{name}"] = content
        return replace(asset, href=f"{shared}{quote(name)}")

    sheets = tuple(placed(asset, "css") for asset in styles)
    programs = tuple(placed(asset, "js") for asset in scripts)
    return PageAssets(sheets, programs, _policy(sheets, programs), files)


def _policy(styles: Sequence[Asset], scripts: Sequence[Asset]) -> str:
    """Return a Content-Security-Policy that lets in these style sheets and scripts, and data in the page."""
    return (
        f"default-src 'none'; style-src {_sources(styles)}; script-src {_sources(scripts)}; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _sources(assets: Sequence[Asset]) -> str:
    digests = [hashlib.sha256(asset.text.encode()).digest() for asset in assets if asset.href is None]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    # 'self' is the site's own server; a page opened from a disk has no server, and not every browser lets 'self' stand
    # for the disk. On a server, file: lets in nothing.
    beside = ["'self'", "file:"] if any(asset.href is not None for asset in assets) else []
    return " ".join(dict.fromkeys([*hashes, *beside])) or "'none'"


_LARGE = 1_000_000
"""Characters from which on a model is large."""

_MARKUP = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def json_block(kind: str, name: str, value: object) -> DataBlock:
    r"""Return JSON as a block. No text in it can end the block, whatever it says.

    >>> print(json_block("application/json", "x", ["</script><!--"]).text)
    ["\u003c/script\u003e\u003c!--"]
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    escaped = text.translate(_MARKUP)
    return DataBlock(kind, name, Markup(escaped))  # noqa: S704 - no character of markup is left


def files_blocks(files: Mapping[str, bytes]) -> list[DataBlock]:
    """Return the block that the page's buttons save from: all files in one, packed, and where each begins and ends.

    Together they pack better than one by one, since they name the same things. Packing is zlib at its tightest
    (`DecompressionStream("deflate")`): unlike gzip it has no header that says where and when it was done. None is
    needed where there are no files.
    """
    ends = [*accumulate(map(len, files.values()))]
    places = {path: [end - len(files[path]), end] for path, end in zip(files, ends, strict=True)}
    whole = base64.b64encode(zlib.compress(b"".join(files.values()), 9)).decode()
    return [json_block("application/json", "report-files", {"places": places, "packed": whole})] if files else []


_REMARKS = re.compile(r"^[ \t]+(?://.*\n)?|^//.*\n", re.MULTILINE)


def live_blocks(document: Document) -> list[DataBlock]:
    """Return the data of the figures of a document that are live, if any is."""
    figures = [{"figure": f.id, "model": packed(f.live.model)} for f in document.figures if f.live]
    return [json_block("application/json", "report-data", {"figures": figures})] if figures else []


def packed(model: str) -> str:
    """Return a model, or a script, as it travels: deflated (a fifth of its size), in base64, for `DecompressionStream`.

    A large one is packed less tightly: a twentieth more bytes in a quarter of the time.
    """
    return base64.b64encode(zlib.compress(model.encode(), 9 if len(model) < _LARGE else 6)).decode()


def unspaced(script: str) -> str:
    r"""Return a script of ours without indentation and lines that are only a remark.

    >>> unspaced("if (a) {\n  // why\n  b();\n}\n")
    'if (a) {\nb();\n}\n'
    """
    return _REMARKS.sub("", script)


LIVE, EXPLORED = ("drawing.js", "live.js"), ("explore.js",)
LARGE = 30
"""From this many categories a page can search and enlarge its figures (`templates/html/explore.js`)."""


def is_large(document: Document) -> bool:
    """Return whether a live figure has as many categories as `LARGE`."""
    panels = (panel for figure in document.figures if figure.live for panel in figure.shown)
    return any(max(len(p.given_categories), len(p.outcome_categories)) >= LARGE for p in panels)


EARLY = """
document.documentElement.classList.add("js");
for (const face of ["1em Report", "bold 1em Report"]) document.fonts?.load(face);
"""
"""Runs before anything is drawn: what needs scripts is there from the start, and so is the typeface, which would
otherwise come a moment after the first lines; nothing moves later. Italics do not stand there and can wait."""

SCRIPTS = ("script.js", "files.js", "sorting.js", "regions.js", "notes.js", "late.js")
"""What the page does, in one script: every file keeps its names to itself."""


_FACES: Mapping[Style, str] = {
    "regular": "font-weight:400;font-style:normal",
    "italic": "font-weight:400;font-style:italic",
    "bold": "font-weight:700;font-style:normal",
}
FIGURE_TOKENS = ("paper", "ink", "muted", "grid", "hatch", "mask", "vacant")
"""The theme's colours that figures are drawn with, beside those of their cells."""
LINE_TOKENS = ("accent", "bad")
"""Those of lines and dots alone: a cell may be of such a colour, too."""


def base_style(text: str | None = None) -> str:
    """Return the style sheet that every page has: embedded fonts and the theme's colours, then our rules.

    `text` is what the fonts must have characters for, None for any.
    """
    # for screens: paper is light whatever the reader's screen is
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{tokens(DARK)}}}}}"
    return f"\n{faces('Report', text)}:root{{{tokens(LIGHT)}}}\n{dark}\n{rules()}"


def rules() -> str:
    """Return our rules without fonts and colours: what pages and fragments have in common."""
    return read("style.css") + figure_rules()


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
    fields = (f"td.{name}{{background:{paper};color:{ink(paper)}}}\n" for name, paper in sorted(page.shades.items()))
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
        for name, paper in sorted(page.shades.items())
    )
    return f"@media screen and (prefers-color-scheme:dark){{\n{drawn}{numbers}{picture}{fields}}}\n"


def tokens(colours: Mapping[str, str]) -> str:
    """Return colours as declarations of custom properties."""
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


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


_FAMILY = "'Diptych Sans'"
_CARD = (
    f":root{{--face:{_FAMILY}, ui-sans-serif, system-ui, sans-serif;color-scheme:light;"
    "padding:1rem clamp(.75rem,2.5cqi,1.5rem);border-radius:6px}\n"
    "h2{margin-block-start:1.8rem}.abstract h2{margin-block-start:0}\n"
)
"""A fragment is a light card, whatever is around it."""


def fragment_style(page: PageView) -> str:
    """Return the style sheet of a fragment. Raises RenderError where it cannot be scoped."""
    try:
        return faces(_FAMILY, page.letters) + scoped(f":root{{{tokens(LIGHT)}}}\n{rules()}{shades(page)}{_CARD}")
    except ValueError as error:
        raise RenderError(f"template style.css: {error}") from error
