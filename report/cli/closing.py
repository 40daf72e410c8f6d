"""The last lines of a build for a person: its first sentence, what to open, and how long it took."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..config.places import one_line

if TYPE_CHECKING:
    from ..reuse import Built

_FIRST = re.compile(r'<meta name="description" content="([^"]*)"')
_HEAD = 20_000


def headline(folder: Path) -> str | None:
    """Return the first sentence of the report in a folder; None where it has no page."""
    try:
        with (folder / "index.html").open(encoding="utf-8") as page:
            return first_sentence(page.read(_HEAD))
    except (OSError, ValueError):
        return None


def first_sentence(page: str) -> str | None:
    """Return what a page says of itself in its head."""
    found = _FIRST.search(page[:_HEAD])
    return one_line(plain_spaces(html.unescape(found[1]))) if found and found[1] else None


def plain_spaces(text: str) -> str:
    """Return a text with the spaces that keep a number and its unit together as plain ones, for the terminal."""
    return re.sub(r"(?<=\w)[\u00a0\u202f](?=[\w%])", " ", text)


def closing(built: Built, seconds: float) -> list[str]:
    """Return the last lines: the headline, then the page, how much was written, and after how long."""
    said = headline(built.folder)
    size = f"{built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how} in {seconds:.1f} s"
    lines = [] if said is None else [said, ""]
    return [*lines, f"open   {one_line(str(built.folder))}/index.html   ({size})"]
