"""Settings of fonts."""

from __future__ import annotations

from ..settings import Names, Settings


class FontSettings(Settings):
    """A text font of the user's own, and fallback fonts for characters that the shipped one lacks: font files."""

    text: str | None = None
    """The font file of the text (not available yet)."""
    fallback: Names = ()
    """Font files for characters that the shipped font lacks."""
