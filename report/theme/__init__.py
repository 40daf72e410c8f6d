"""Colours, fonts and sizes for figures and renderers, the place of templates, and escaping of their values.

`markdown` escapes for Markdown. Jinja escapes for HTML, Typst gets data, and the paper kits escape for LaTeX.

A cell of an HTML table has the same shade as in the figure. The ramps are therefore Vega's own numbers (vega-scale 8,
`src/palettes.js`), except for the two default schemes: equally spaced stops, straight lines between them in sRGB.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from .. import portable
from ..errors import RenderError
from ..foreign_text import carried


def template_folder() -> Path:
    """Return the folder of the templates. Templates of packs are in `contrib/`.

    In an installed wheel it is next to the package's modules, in a checkout at the top level. Raises RenderError if an
    installation has no templates.
    """
    package = Path(str(files(__package__.partition(".")[0]))).resolve()
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise RenderError(f"no templates next to {package}: the installation is incomplete, install diptych again")


_SPACE = re.compile(r"[ \t\r\n\u2028\u2029]+")


class Raw(str):
    """Text that is already markup. Any other text is escaped when it is inserted into a template."""

    __slots__ = ()


def clean(text: str) -> str:
    r"""Return text in which each character that no format can represent is an escape.

    >>> print(clean("a\x00b"))
    a\u0000b
    """
    return carried(text)


def one_line(text: str) -> str:
    r"""Return text on one line: every run of line breaks, tabs and spaces becomes one space.

    >>> one_line("a\r\n\n b")
    'a b'
    """
    return _SPACE.sub(" ", clean(text))


_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>&|~$^#!]")
_MARKDOWN_URL = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)
_MARKDOWN_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)](?:\s|$)))")


def markdown(text: str) -> str:
    r"""Return text for GitHub-flavoured Markdown, on one line: as a paragraph, a list item or a field of a table.

    Backslashes appear only before possible markup. Plain addresses do not become links.

    >>> print(markdown("<b> a*b | 5 %"), markdown("1. x"), markdown("- y"))
    \<b\> a\*b \| 5 % 1\. x \- y
    """
    safe = _MARKDOWN_SPECIAL.sub(r"\\\g<0>", one_line(text))
    safe = _MARKDOWN_URL.sub(r"\\\g<0>", safe)
    return _MARKDOWN_START.sub(_escape_start, safe)


def _escape_start(match: re.Match[str]) -> str:
    spaces, mark = match[1], match[2]
    return f"{spaces}{mark}\\" if mark.isdigit() else f"{spaces}\\{mark}"


BLACK = "#000000"
WHITE = "#ffffff"

AA_CONTRAST = 4.5
"""The minimum contrast of text in WCAG 2.2 (success criterion 1.4.3)."""


def _stops(packed: str) -> tuple[str, ...]:
    return tuple(f"#{packed[i : i + 6]}" for i in range(0, len(packed), 6))


RAMPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yellowgreenblue": _stops("ffffd9edf8b1c7e9b47fcdbb41b6c41d91c0225ea8253494081d58"),
        "orangeblue": _stops("7c2d04b4540fdd8a3cecbd85dfdcd3abcbe36ba5d03071ae0f3a78"),
        "viridis": _stops(
            "440154470e61481a6c482575472f7d443a834144873d4e8a39568c35608d31688e2d708e2a788e27818e23888e21918d1f988b"
            "1fa08822a8842ab07f35b77943bf7154c56866cc5d7ad1518fd744a5db36bcdf27d2e21be9e51afde725"
        ),
        "greys": _stops("e2e2e2d4d4d4c4c4c4b1b1b19d9d9d8888887575756262624d4d4d3535351e1e1e"),
    }
)
"""Every scheme for `scheme:` with its stops, from the lowest value to the highest."""

SEQUENTIAL_DEFAULT: Final = "yellowgreenblue"
DIVERGING_DEFAULT: Final = "orangeblue"

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#ffffff",
        "surface": "#f6f7f8",
        "ink": "#16191d",
        "muted": "#565d66",
        "line": "#d5d9de",
        "hatch": "#8a9099",
        "mask": "#e4e6e9",
        "vacant": "#eff1f3",
        "accent": "#1c3185",
        "authored": "#7a4a00",
        "bad": "#a3201d",
        "focus": "#1f5fbf",
        "mark": "#b3134d",
    }
)
"""Tokens of the light page and of every figure. `authored` is for people's text, `mark` for a sentence's cells."""

DARK: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#14171b",
        "surface": "#1d2126",
        "ink": "#eceff2",
        "muted": "#a9b1bb",
        "line": "#363c44",
        "hatch": "#8a9099",
        "mask": "#2b3037",
        "vacant": "#20252b",
        "accent": "#9db4ff",
        "authored": "#f0bf73",
        "bad": "#ff9c94",
        "focus": "#8ab4ff",
        "mark": "#ff86ae",
    }
)
"""The same tokens for a dark page. `turned` gives the colours of shaded cells in its tables."""


def shade(level: float, scheme: str = SEQUENTIAL_DEFAULT) -> str:
    """Return the colour of a level from 0 (lowest of the scale) to 1 (highest), as Vega draws it.

    Levels outside the scale have the colour of the nearer end.

    >>> shade(0), shade(0.5), shade(1)
    ('#ffffd9', '#41b6c4', '#081d58')
    """
    stops = RAMPS[scheme]
    place = min(max(level, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    pairs = zip(_channels(stops[first]), _channels(stops[first + 1]), strict=True)
    mixed = (low + (high - low) * (place - first) for low, high in pairs)
    return _hex(mixed)


_BALANCE = 0.05 * 1.05
"""Black and white have equal contrast (WCAG 2.2) at the luminance x with (x + 0.05)^2 equal to this."""

_FLATTENED = 0.867
"""Exponent of contrasts on a dark page.

With 1, the lightest colour is almost black: 1.1:1 on the dark ground. With this exponent it has 1.3:1 there, as on
white.
"""


def turned(colour: str) -> str:
    """Return a colour for a dark page: the same hue, light if the given colour is dark.

    Numbers change from black to white at the same colour, and have a contrast of at least 4.5 on both pages.
    """
    middle = portable.power(_BALANCE, 0.5)
    wanted = middle * portable.power(middle / (_luminance(colour) + 0.05), _FLATTENED) - 0.05
    hue, _, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(colour)))
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        made = _hex(255 * channel for channel in colorsys.hls_to_rgb(hue, middle, saturation))
        low, high = (middle, high) if _luminance(made) < wanted else (low, middle)
    return _hex(255 * channel for channel in colorsys.hls_to_rgb(hue, low, saturation))


def _hex(channels: Iterable[float]) -> str:
    """Return the hexadecimal colour for red, green and blue, 0 to 255 each."""
    return "#" + "".join(f"{int(channel + 0.5):02x}" for channel in channels)


_RGB = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")


def hexadecimal(colour: str) -> str:
    """Return a colour as #rrggbb if it is given as rgb(r, g, b), as Vega mixes them. Others are unchanged.

    >>> hexadecimal("rgb(0, 128, 255)"), hexadecimal("transparent")
    ('#0080ff', 'transparent')
    """
    found = _RGB.fullmatch(colour)
    return _hex(map(int, found.groups())) if found else colour


def ink(background: str) -> str:
    """Return black or white, whichever is easier to read on a colour, with a contrast of at least 4.58:1.

    On yellowgreenblue the change is at 0.65. (The worse of two complementary contrasts is never under the square root
    of 21.)

    >>> ink(shade(0.5)), ink(shade(0.75))
    ('#000000', '#ffffff')
    """
    return BLACK if contrast(BLACK, background) >= contrast(WHITE, background) else WHITE


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def _luminance(colour: str) -> float:
    linear = (_linear(channel / 255) for channel in _channels(colour))
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else portable.power((channel + 0.055) / 1.055, 2.4)
