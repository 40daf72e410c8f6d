"""A font with another style than its tables say, as a machine may have one under the name of ours."""

from __future__ import annotations

import struct

REGULAR_WEIGHT, REGULAR_SELECTION = 400, 0x40


def with_regular_style(font: bytes) -> bytes:
    """Return a TrueType font that says that it is the regular style of its family."""
    changed = bytearray(font)
    for number in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        if tag == b"OS/2":
            struct.pack_into(">H", changed, offset + 4, REGULAR_WEIGHT)
            struct.pack_into(">H", changed, offset + 62, REGULAR_SELECTION)
        elif tag == b"head":
            struct.pack_into(">H", changed, offset + 44, 0)
    return bytes(changed)
