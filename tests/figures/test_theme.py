"""Colours are Vega's own, ink on them can be read, fonts are there and named as they must be."""

import re

import pytest
import vl_convert

from diptych import theme
from diptych.figures import Scheme
from diptych.theme.fonts import (
    basic_characters,
    shipped_characters,
    woff2,
)

OWN = ("yellowgreenblue", "orangeblue")
"""Schemes that are not Vega's."""
SCHEMES = Scheme.__args__


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def vega_colours(scheme, levels):
    """Return the fills that Vega gives to values 0 to 1."""
    spec = {
        "data": {"values": [{"i": i, "v": v} for i, v in enumerate(levels)]},
        "mark": "rect",
        "encoding": {
            "x": {"field": "i", "type": "ordinal", "axis": None},
            "color": {
                "field": "v",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "scheme": scheme},
                "legend": None,
            },
        },
    }
    svg = vl_convert.vegalite_to_svg(spec, vl_version="6.4")
    return [tuple(map(int, m)) for m in re.findall(r'fill="rgb\((\d+), (\d+), (\d+)\)"', svg)]


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme not in OWN])
def test_shades_are_vegas(scheme):
    levels = [i / 37 for i in range(38)]
    assert vega_colours(scheme, levels) == [rgb(theme.shade(level, scheme)) for level in levels]


@pytest.mark.parametrize("scheme", OWN)
def test_every_colour_of_the_default_schemes_bears_a_number_on_a_dark_page_too(scheme):
    for level in (i / 200 for i in range(201)):
        light = theme.shade(level, scheme)
        dark = theme.turned(light)
        opposite = theme.WHITE if theme.ink(light) == theme.BLACK else theme.BLACK
        assert theme.contrast(opposite, dark) >= theme.AA_CONTRAST


@pytest.mark.parametrize("style", ["regular", "italic", "bold"])
def test_a_page_that_needs_no_more_has_the_smaller_subset(style):
    assert basic_characters() < shipped_characters()
    small = woff2(
        style, "Überschwemmung \N{ALMOST EQUAL TO} 0.5, Imieli\u0144ski, \u81ea\u7136"
    )  # no font of ours has the last
    assert small[:4] == b"wOF2"
    assert len(small) < 0.7 * len(woff2(style))
    assert woff2(style, "Erd\u0151s") == woff2(style)
