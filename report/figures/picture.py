"""Draw the cells of a large panel as one picture: a square of pixels for each cell."""

from __future__ import annotations

import base64
import struct
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..arrays import Floats
from ..cells import Panel
from ..theme.colours import LIGHT, RAMPS
from .scales import ColourScale, coloured_values, looks

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
