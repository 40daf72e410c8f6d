"""What changed, as one small page that asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..config.places import one_line
from ..renderers.environment import fill, html_environment
from ..renderers.html_assets import Asset, page_assets
from ..theme.templates import template_folder
from .diff_blocks import Grid, Items, Text, parts_of

if TYPE_CHECKING:
    from ..history.changes import Diff


def page_of(found: Diff) -> str:
    """Return what changed as a page: self-contained, without scripts, with the policy of reports."""
    folder = template_folder() / "html"
    assets = page_assets([Asset("diff", (folder / "diff.css").read_text("utf-8"))], [])
    parts = [{"heading": part.heading, "blocks": [_block(b) for b in part.blocks]} for part in parts_of(found)]
    return fill(html_environment(folder), "diff.html", parts=parts, assets=assets)


def _block(block: Text | Items | Grid) -> dict[str, object]:
    if isinstance(block, Text):
        return {"sort": "text", "text": one_line(block.text)}
    if isinstance(block, Items):
        return {"sort": "items", "entries": [one_line(item) for item in block.items]}
    rows = [[one_line(cell) for cell in row] for row in block.rows]
    return {"sort": "grid", "words": block.words, "numbers": block.numbers, "rows": rows}
