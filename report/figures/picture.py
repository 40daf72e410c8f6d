"""A matrix of many categories as one picture: a square of pixels for each cell, under Altair's axes and colour bar.

Vega draws an element for each cell, and page, PDF and plates set each of them again: at 200 categories that were
80,000 elements and half of a build. A picture of as many squares is 50 kB, and sharp at any size that print has.
"""

from __future__ import annotations

import base64
import struct
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Floats
from ..cells import Panel
from ..theme.colours import LIGHT, PALE, RAMPS
from .rows import shown_states
from .scales import DRAWN, ColourScale

Pixels = NDArray[np.uint8]

MOST_PIXELS = 1600
"""A picture is no longer than this, and a cell at least a pixel."""

LARGEST_SQUARE, LEAST_SIGNED = 8, 4
"""Pixels on the side of a cell at most, and from how many on signs stand over cells that are not plain."""


@lru_cache(maxsize=8)  # page and print show the same
def picture_url(panel: Panel, scale: ColourScale, ground: str | None) -> str:
    """Return the cells of a panel as the address of a PNG that holds them: what squares and signs would show.

    `ground` is the colour of cells without one of their own; None leaves them clear.
    """
    shape = len(panel.given_categories), len(panel.outcome_categories)
    side = max(1, min(LARGEST_SQUARE, MOST_PIXELS // max(shape)))
    states = np.array(shown_states(panel, scale)).reshape(shape)
    values = np.array(panel.column("value"), dtype=np.float64).reshape(shape)
    cells = np.empty((*shape, 4), dtype=np.uint8)
    cells[:] = (0, 0, 0, 0) if ground is None else _rgba(ground)
    cells[states == "masked"] = _rgba(LIGHT["mask"])
    coloured = np.isin(states, tuple(DRAWN))
    cells[coloured] = _shades(values[coloured], scale)
    few = states == "few"
    under = cells[few] if ground is None else np.array(_rgba(ground), dtype=np.uint8)
    cells[few] = (PALE * cells[few] + (1 - PALE) * under + 0.5).astype(np.uint8)
    pixels = cells.repeat(side, axis=0).repeat(side, axis=1)
    for state, stamp in _signs(side).items():
        if (states == state).any():
            pixels[np.kron(states == state, stamp).astype(np.bool_)] = _rgba(LIGHT["hatch"])
    return "data:image/png;base64," + base64.b64encode(_png(pixels)).decode()


def _shades(values: Floats, scale: ColourScale) -> Pixels:
    """Return the colours (n, 4) of values as Vega draws them: straight lines between the stops of the scheme."""
    ends = np.array([scale.low, scale.high])
    low, high = (np.log2 if scale.log else np.sqrt if scale.root else np.asarray)(ends)
    bend = np.log2 if scale.log else np.sqrt if scale.root else np.asarray
    levels = (bend(values) - low) / (high - low)
    stops = np.array([_rgba(stop) for stop in RAMPS[scale.scheme]], dtype=np.float64)
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(levels, at, channel) + 0.5 for channel in stops.T], axis=-1).astype(np.uint8)


def _signs(side: int) -> dict[str, Bools]:
    """Return by state which pixels (side, side) of a cell its sign covers; none where cells are too small for signs."""
    if side < LEAST_SIGNED:
        return {}
    at = (np.arange(side) + 0.5) * 2 / side - 1
    x, y = at[None, :], at[:, None]
    line = 1.0 / side
    return {
        "empty": np.abs((x + y) * 2 - np.round((x + y) * 2)) < 2 * line,
        "masked": np.minimum(np.abs(x - y), np.abs(x + y)) < line,
        "nothing": (np.abs(y) <= line) & (np.abs(x) <= line),
        "undefined": (np.abs(y) <= line) & (np.abs(x) <= 0.3),
    }


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return (*bytes.fromhex(colour[1:]), 255)


def _png(pixels: Pixels) -> bytes:
    """Return pixels (height, width, 4) as a PNG (ISO 15948): lines as differences, most of which are then nothing.

    A line that repeats the one above differs from it by nothing (filter 2); any other is told from left to right (1).
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
