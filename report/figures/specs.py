"""Vega-Lite specifications as JSON: text, the configuration of all figures, and large panels as one picture."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..arrays import Floats
from ..cells import Panel
from ..theme import LIGHT, RAMPS
from ..theme.fonts import FAMILIES
from .scales import ColourScale, coloured_values, looks

Json = dict[str, Any]
"""A Vega-Lite specification or a part of one, as defined by the Vega-Lite schema."""

VEGALITE_VERSION = "6.4"
"""Version of Vega-Lite, in the notation of vl-convert."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

_NOT_IN_XML = re.compile("[\0-\b\v\f\x0e-\x1f\ufffe\uffff]")
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00[01][0-9a-f]|[bf])|[\ufffe\uffff]")
"""The same characters as escape sequences in JSON text, after an even number of backslashes."""


def drawable(text: str) -> str:
    """Return a text without the characters that XML cannot contain, on which vl-convert ends the process."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def spec_text(spec: Json) -> str:
    r"""Return a specification as compact JSON with sorted keys, identical for identical figures.

    All texts are `drawable`.

    >>> spec_text({"mark": "rect", "data": {"name": "cells"}})
    '{"data":{"name":"cells"},"mark":"rect"}'
    >>> print(spec_text({"name": "a\x07b\\u0007c\n"}))
    {"name":"a�b\\u0007c\n"}
    """
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    suspect = any(part in text for part in ("\\u00", "\\b", "\\f", "\ufffe", "\uffff"))
    return _ESCAPED.sub("\\1\N{REPLACEMENT CHARACTER}", text) if suspect else text


def spec_file(spec: Json) -> str:
    """Return a specification as readable JSON: indented, with each row of data on one line."""
    marks = {name: f"@{number}" for number, name in enumerate(sorted(spec.get("datasets", {})))}
    text = json.dumps(spec | {"datasets": marks}, sort_keys=True, ensure_ascii=False, indent=1)
    head, tail = text.split(json.dumps(marks, sort_keys=True, ensure_ascii=False, indent=1).replace("\n", "\n "))
    sets = (f'  "{name}": [\n{_lines(spec["datasets"][name])}\n  ]' for name in sorted(marks))
    return head + "{\n" + ",\n".join(sets) + "\n }" + tail + "\n"


def _lines(rows: list[Json]) -> str:
    return ",\n".join(f"   {json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False)}" for row in rows)


def config_of(padding: float = 0, **more: Json) -> Json:
    """Return the Vega-Lite configuration of all figures: typeface, paper and padding."""
    return {
        "font": FAMILIES,
        "background": LIGHT["paper"],
        "aria": False,
        "padding": padding,
        "view": {"stroke": None},
        **more,
    }


Pixels = NDArray[np.uint8]

MOST_PIXELS, LARGEST_SQUARE = 1600, 8
"""Maximum side of a picture, unless cells of one pixel need more, and of a cell, in pixels."""

BLANK = {"none": LIGHT["vacant"], "masked": LIGHT["mask"], "withheld": LIGHT["mask"]}
"""The colours of cells without a value, by how they are drawn. Others have the colour of the paper."""


@lru_cache(maxsize=8)  # page and print have the same picture
def picture_url(panel: Panel, scale: ColourScale) -> str:
    """Return the cells of a panel as the data URL of a PNG."""
    shape = len(panel.given_categories), len(panel.outcome_categories)
    side = max(1, min(LARGEST_SQUARE, MOST_PIXELS // max(shape)))
    drawn = np.array(looks(panel, scale)).reshape(shape)
    values = np.array(coloured_values(panel), dtype=np.float64).reshape(shape)
    cells = np.empty((*shape, 4), dtype=np.uint8)
    cells[:] = _rgba(LIGHT["paper"])
    for look, colour in BLANK.items():
        cells[drawn == look] = _rgba(colour)
    coloured = drawn == "coloured"
    cells[coloured] = _shades(values[coloured], scale)
    pixels = cells.repeat(side, axis=0).repeat(side, axis=1)
    return "data:image/png;base64," + base64.b64encode(_png(pixels)).decode()


def _shades(values: Floats, scale: ColourScale) -> Pixels:
    """Return the RGBA colours (n, 4) of values, interpolated linearly between the stops of the scheme, as in Vega."""
    ends = np.array(scale.domain)
    low, high = (portable.log2 if scale.log else np.sqrt if scale.root else np.asarray)(ends)
    bend = portable.log2 if scale.log else np.sqrt if scale.root else np.asarray
    levels = (bend(values) - low) / (high - low)
    stops = np.array([_rgba(stop) for stop in RAMPS[scale.scheme]], dtype=np.float64)
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(levels, at, channel) + 0.5 for channel in stops.T], axis=-1).astype(np.uint8)


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return (*bytes.fromhex(colour[1:]), 255)


def _png(pixels: Pixels) -> bytes:
    """Return pixels (height, width, 4) as a PNG (ISO 15948), with filtered lines, in which most bytes are 0.

    A line that repeats the previous line is stored as zeros (filter 2, up). Any other line is stored as differences
    from left to right (filter 1, sub).
    """
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 4 * width), dtype=np.uint8)
    new = np.diff(pixels.reshape(height, -1), axis=0, prepend=np.uint8(0)).any(axis=1)
    lines[:, 0] = np.where(new, 1, 2)
    lines[new, 1:] = np.diff(pixels[new], axis=1, prepend=np.uint8(0)).reshape(-1, 4 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
