"""Prepare the resources of a page: style sheets, a script, and data blocks that are never run.

One data block is the reading line of a figure: the numbers of each cell, for a sentence of the page's script.

Style sheets and scripts are inside the page, or in separate files that several pages share. The security policy of the
page allows only these.

The style sheet of a fragment has no effect outside the fragment, and outside styles have no effect inside it. Every
rule is nested in one class, and every declaration is !important in a separate cascade layer. Thus, it overrides the
styles of the enclosing page outside layers, even with !important. The first rules reset all styles of the page with
`all: revert`, or `revert-layer` for drawings, to preserve their attributes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from markupsafe import Markup

from .. import formats
from ..cells import WITHHELD, Panel
from ..document import Document
from ..errors import RenderError
from ..foreign_text import isolate, runs_right_to_left
from ..theme import DARK, LIGHT, template_folder
from ..theme.fonts import Style, woff2
from .html_view import PageView, View
from .outline import Plain

SEPARATOR = "|"
MOST = 40
"""The most categories with intervals and expected shares, which would double the size of a larger page."""


def readings(document: Document) -> dict[str, Plain]:
    """Return the reading lines of all panels by id: names, parts of the sentence, and the fields of each cell."""
    figures = document.figures[::-1]  # of two with the same panels, the first is read
    panels = {panel.id: panel for figure in figures for panel in figure.shown}
    orders = {view.panel: [*view.order] for figure in figures for view in figure.views}
    return {
        name: _reading(panel) | {"order": orders.get(name, [*range(len(panel.given_categories))])}
        for name, panel in panels.items()
        if panel.says
    }


def _reading(panel: Panel) -> dict[str, Plain]:
    names = [*panel.given_categories, *panel.outcome_categories]
    is_turned = any(map(runs_right_to_left, names))
    shown = [isolate(name) if is_turned else name for name in names]
    n = len(panel.given_categories)
    return {
        "given": [*shown[:n]],
        "outcome": [*shown[n:]],
        "says": [list(part) for part in panel.says],
        "cells": [SEPARATOR.join(fields).rstrip(SEPARATOR) for fields in _cells(panel)],
    }


def _cells(panel: Panel) -> Iterator[tuple[str, ...]]:
    """Yield the fields of each cell; a cell without a number has none."""
    is_large = max(len(panel.given_categories), len(panel.outcome_categories)) > MOST
    n_units = panel.n_units or 0
    for cell in panel.cells:
        if cell.state in WITHHELD or cell.value is None:
            yield ()
            continue
        ends = within = ""
        if not is_large:
            if cell.low is not None and cell.high is not None:
                ends = formats.percent_range(cell.low, cell.high)
            if cell.expected_within_strata is not None and cell.n_given:
                within = formats.percent(cell.expected_within_strata / cell.n_given)
        yield (
            formats.percent(cell.value) if panel.measure.is_share else formats.in_cell(cell.value, panel.measure),
            "" if cell.n_joint is None else formats.count(cell.n_joint),
            "" if cell.n_given is None else formats.count(cell.n_given),
            ends,
            formats.percent(cell.n_outcome / n_units) if cell.n_outcome is not None and n_units else "",
            within,
        )


def report_assets(page: PageView, *, in_series: bool) -> View:
    """Return the resources of a report's page. If `in_series`, the page links to other reports."""
    styles = [base_style(page.letters) + marks(page), *([read("series.css")] if in_series else [])]
    return page_assets(styles, [EARLY, script()])


EARLY = 'for (const face of ["1em Report", "bold 1em Report"]) document.fonts?.load(face);'
"""Script that runs before the first drawing: it loads the typeface, which would otherwise shift the first lines."""


def script() -> str:
    """Return the script of a page. It is wrapped in a function, so that none of its names is global."""
    return unspaced(f'"use strict";\n(() => {{\n{read("script.js")}}})();\n')


def read(name: str) -> str:
    """Return the text of a template without variables."""
    return (template_folder() / "html" / name).read_text("utf-8")


def page_assets(styles: Sequence[str], scripts: Sequence[str]) -> View:
    """Return the style sheets and scripts of a page, and the policy that allows only these, and images and fonts."""
    policy = (
        f"default-src 'none'; style-src {_sources(styles)}; script-src {_sources(scripts)}; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    return {"styles": styles, "scripts": scripts, "policy": policy}


def _sources(assets: Sequence[str]) -> str:
    digests = [hashlib.sha256(asset.encode()).digest() for asset in assets]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return " ".join(dict.fromkeys(hashes)) or "'none'"


_MARKUP = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def json_block(kind: str, name: str, value: object) -> View:
    r"""Return JSON as a `<script>` element: its type, its id ("" for none) and its text, in which markup is escaped.

    >>> print(json_block("application/json", "x", ["</script><!--"])["text"])
    ["\u003c/script\u003e\u003c!--"]
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    escaped = text.translate(_MARKUP)
    return {"type": kind, "id": name, "text": Markup(escaped)}  # noqa: S704 - no character of markup is left


_REMARKS = re.compile(r"^[ \t]+(?://.*\n)?|^//.*\n", re.MULTILINE)


def unspaced(script: str) -> str:
    r"""Return a script without indentation and comment lines.

    >>> unspaced("if (a) {\n  // why\n  b();\n}\n")
    'if (a) {\nb();\n}\n'
    """
    return _REMARKS.sub("", script)


_FACES: Mapping[Style, str] = {
    "regular": "font-weight:400;font-style:normal",
    "italic": "font-weight:400;font-style:italic",
    "bold": "font-weight:700;font-style:normal",
}


def base_style(text: str | None = None, styles: Collection[Style] | None = None) -> str:
    """Return the style sheet of every page: embedded fonts, colours of the theme, and rules.

    If `text` is given, fonts need only its characters (`woff2`). `styles` are the styles of the font, None for all.
    """
    # only on screens, because printed pages are always light
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{tokens(DARK)}}}}}"
    return f"\n{faces('Report', text, styles)}:root{{{tokens(LIGHT)}}}\n{dark}\n{rules()}"


def rules() -> str:
    """Return the rules that pages and fragments share, without fonts and colours."""
    return read("style.css")


def faces(family: str, text: str | None = None, styles: Collection[Style] | None = None) -> str:
    """Return rules that embed the shipped fonts under a family name, with the characters that `text` needs.

    `styles` are the styles to embed, None for all.
    """
    return "".join(
        f"@font-face{{font-family:{family};{rule};font-display:block;"
        f"src:url(data:font/woff2;base64,{base64.b64encode(woff2(style, text)).decode()}) format('woff2')}}\n"
        for style, rule in _FACES.items()
        if styles is None or style in styles
    )


def marks(page: PageView) -> str:
    """Return the rules of the places of bars of agreement."""
    return "".join(f".at-{at}{{inset-inline-start:{at}%}}.to-{at}{{inline-size:{at}%}}\n" for at in sorted(page.marks))


def tokens(colours: Mapping[str, str]) -> str:
    """Return colours as declarations of custom properties."""
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


OUTSIDE = "diptych"
"""Class of the fragment's outer element, and name of its cascade layer and container."""

INSIDE = "diptych-report"
"""Class of the only child of the outer element, which replaces the root of a page."""

_REM = "--diptych-rem"
_PIXELS = 16  # pixels per rem in a media query, independent of the page's font size

_BOXES = "".join(
    f"{name}:revert !important;"
    for name in (
        *("animation", "aspect-ratio", "background", "border", "border-radius", "box-shadow", "box-sizing", "float"),
        *("inset", "line-height", "margin", "max-height", "max-width", "min-height", "min-width", "outline", "padding"),
        *("position", "text-align", "text-shadow", "text-transform", "transition", "vertical-align", "z-index"),
    )
)
"""Properties of drawings that no attribute sets: cascade layers of the enclosing page would otherwise set them."""

_RESET = f"""\
:where(.{OUTSIDE})::before,:where(.{OUTSIDE})::after{{all:revert !important}}
:where(.{OUTSIDE}){{all:initial !important;display:block !important;container:{OUTSIDE}/inline-size !important}}
:where(.{OUTSIDE} :not(svg,svg *)),:where(.{OUTSIDE} *)::before,:where(.{OUTSIDE} *)::after{{all:revert !important}}
:where(.{OUTSIDE} :is(svg,svg *)){{all:revert-layer !important;{_BOXES}}}
.{INSIDE}{{{_REM}:1em !important;display:block !important}}
"""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = r"""\"[^"]*\"|'[^']*'"""
_INNER = rf"\((?:{_STRING}|[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_PIECE = re.compile(rf"((?:{_STRING}|{_INNER}|[^\"'(){{}};])*)([{{}};])")
"""A piece that ends with { } or ; outside strings and round brackets (an address can contain ;)."""

_LEFT_OUT = re.compile(r"@page\b|@media.*prefers-color-scheme\s*:\s*dark")
_CONDITION = re.compile(r"@(media|supports|container|layer|scope|starting-style)\b")
_WIDTHS = re.compile(r"@media\s*((\(\s*(min|max)-width\s*:[^()]*\)|\(\s*width\s*[<>]=?[^()]*\))(\s+and\s+|\s*))+")
_ROOT = re.compile(r"(^|,\s*)((:root|html|body)(?![\w-])|(?=\[dir))")
_LENGTH = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+)rem\b")


def scoped(sheet: str) -> str:
    """Return a style sheet whose rules apply only within OUTSIDE: nested in INSIDE, with every declaration important.

    `:root`, `html` and `body` become INSIDE. Conditions on the width of the window become conditions on the width of
    OUTSIDE. Rules for the dark theme and for printed pages are omitted, because the enclosing page controls both.
    Raises ValueError if brackets do not match or a rule cannot be nested.
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
    """Return the head of a block, before {: selectors of nested rules, or a condition."""
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
"""Rules that make a fragment a light card, independent of the enclosing page."""


def fragment_style(page: PageView) -> str:
    """Return the style sheet of a fragment. Raises RenderError if it cannot be scoped."""
    try:
        return faces(_FAMILY, page.letters) + scoped(f":root{{{tokens(LIGHT)}}}\n{rules()}{_CARD}")
    except ValueError as error:
        raise RenderError(f"template style.css: {error}") from error
