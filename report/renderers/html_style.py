"""The style sheets of pages: fonts, colours, our rules, shades of fields."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from ..theme.colours import DARK, LIGHT, ink
from ..theme.fonts import Style, woff2
from .html_view import PageView

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
