"""What makes the figures of a page live: their models as data, our script and rules, and the Vega bundle."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from dataclasses import dataclass

from ..document import Document
from ..errors import RenderError
from ..theme.templates import template_folder
from .html_assets import Asset
from .html_data import DataBlock, json_block

DATA_ID = "report-data"
"""The id of the block of data; where several reports stand in one page it may have something before it."""

_ENDS_A_SCRIPT = re.compile(r"<(?=/script|script|!--)", re.IGNORECASE)


@dataclass(frozen=True)
class LiveBlocks:
    """What a page with live figures takes in: data before the scripts, and these in order."""

    data: DataBlock
    style: Asset
    scripts: tuple[Asset, ...]


_REMARKS = re.compile(r"^[ \t]+(?://.*\n)?|^//.*\n", re.MULTILINE)


def live_blocks(document: Document) -> LiveBlocks | None:
    """Return what makes the figures of a document live; None where it has none that can be."""
    figures = [{"figure": f.id, "model": packed(f.live.model)} for f in document.figures if f.live]
    if not figures:
        return None
    folder = template_folder() / "html"
    return LiveBlocks(
        data=json_block("application/json", DATA_ID, {"figures": figures}),
        style=Asset("live", (folder / "live.css").read_text("utf-8")),
        scripts=(Asset("live", unspaced((folder / "live.js").read_text("utf-8"))), Asset("vega", bundle())),
    )


def packed(model: str) -> str:
    """Return a model as it travels: deflated (a fifth of its size), in base64, for `DecompressionStream`."""
    return base64.b64encode(zlib.compress(model.encode(), 9)).decode()


def unspaced(script: str) -> str:
    r"""Return a script of ours without indentation and lines that are only a remark.

    >>> unspaced("if (a) {\n  // why\n  b();\n}\n")
    'if (a) {\nb();\n}\n'
    """
    return _REMARKS.sub("", script)


def bundle() -> str:
    """Return the stock Vega bundle, fit to stand in a page. Raises RenderError where an installation has none.

    It stands in a function of its own: its thousands of short names would be the page's, and clash if it came twice.
    """
    folder = template_folder() / "vendor"
    found = sorted(folder.glob("vega-*.js.gz"))
    if len(found) != 1:
        raise RenderError(f"{len(found)} Vega bundles in {folder}, one is needed: install diptych again")
    return f"(() => {{\n{inline_script(gzip.decompress(found[0].read_bytes()).decode())}\n}})();\n"


def inline_script(text: str) -> str:
    r"""Return a script that a page may carry: none of its strings looks like the end of it, or like a comment.

    >>> print(inline_script("s = '</SCRIPT><!--'"))
    s = '\x3c/SCRIPT>\x3c!--'
    """
    return _ENDS_A_SCRIPT.sub(r"\\x3c", text)
