"""Data that travel in the page: JSON in blocks that are never run, files packed so that a button can unpack them."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from ..document import Document

EMBEDDED_LIMIT = 60_000
"""Files that are larger than this when packed, in bytes, are not carried along: their link alone offers them."""

_MARKUP = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class DataBlock:
    """A `<script>` of data: its type, its id ("" for none), and its text, ready to stand in the page."""

    type: str
    id: str
    text: Markup


def json_block(kind: str, name: str, value: object) -> DataBlock:
    r"""Return JSON as a block. No text in it can end the block, whatever it says.

    >>> print(json_block("application/json", "x", ["</script><!--"]).text)
    ["\u003c/script\u003e\u003c!--"]
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    escaped = text.translate(_MARKUP)
    return DataBlock(kind, name, Markup(escaped))  # noqa: S704 - no character of markup is left


def embedded_files(document: Document, limit: int = EMBEDDED_LIMIT) -> dict[str, str]:
    """Return what a reader can save from the page alone: path below the site -> packed bytes in base64.

    These are the downloads and the static drawing of each figure. Packing is zlib at its tightest
    (`DecompressionStream("deflate")`): unlike gzip it has no header that says where and when it was done.
    """
    files = {download.path: download.content for download in document.downloads}
    files |= {figure_path(figure.id): figure.svg.encode() for figure in document.figures}
    packed = {path: zlib.compress(content, 9) for path, content in files.items()}
    return {path: base64.b64encode(content).decode() for path, content in packed.items() if len(content) <= limit}


def figure_path(figure_id: str) -> str:
    """Return where the site has the static drawing of a figure."""
    return f"figures/{figure_id}.svg"


def files_block(files: Mapping[str, str]) -> DataBlock:
    """Return the block that the page's buttons save from."""
    return json_block("application/json", "report-files", dict(files))
