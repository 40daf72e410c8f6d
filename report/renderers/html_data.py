"""What a page takes in beside its text: style sheets and scripts, data that are never run, what makes figures live.

Style sheets and scripts stand inside the page, or in files beside it that several pages share; its policy lets in these
and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from ..document.model import Document

SHARED = "assets/"
"""The folder of shared files, below the site."""

_SHORT = 16  # hexadecimal digits of a content's hash in the name of its file: 64 bits


@dataclass(frozen=True)
class DataBlock:
    """A `<script>` of data: its type, its id ("" for none), and its text, ready to stand in the page."""

    type: str
    id: str
    text: Markup


@dataclass(frozen=True)
class Asset:
    """A style sheet or a script of ours. `name` begins the name of its file; `own`: made for one page, never shared.

    `late`: a script that a page carries packed, as `report-<name>`, and that one of its other scripts starts. `href`
    is the address of its file, None where it stands in the page.
    """

    name: str
    text: str
    own: bool = False
    late: bool = False
    href: str | None = None

    @property
    def packed(self) -> str:
        """The text as a page carries that of a late script."""
        return packed(self.text)


@dataclass(frozen=True)
class PageAssets:
    """What a page takes in, in order; the policy that lets in this and nothing else; files by path below the site."""

    styles: tuple[Asset, ...]
    scripts: tuple[Asset, ...]
    policy: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def page_assets(styles: Sequence[Asset], scripts: Sequence[Asset], *, shared: str | None = None) -> PageAssets:
    """Return where a page has its style sheets and scripts.

    `shared`: the address of the folder of shared files as the page sees it (`assets/`, `../assets/`); None puts
    everything into the page.
    """
    files: dict[str, bytes] = {}

    def placed(asset: Asset, ending: str) -> Asset:
        if shared is None or asset.own:
            return asset
        content = asset.text.encode()
        name = f"{asset.name}-{hashlib.sha256(content).hexdigest()[:_SHORT]}.{ending}"
        files[f"{SHARED}{name}"] = content
        return replace(asset, href=f"{shared}{quote(name)}")

    sheets = tuple(placed(asset, "css") for asset in styles)
    programs = tuple(placed(asset, "js") for asset in scripts)
    return PageAssets(sheets, programs, _policy(sheets, programs), files)


def _policy(styles: Sequence[Asset], scripts: Sequence[Asset]) -> str:
    """Return a Content-Security-Policy that lets in these style sheets and scripts, and data in the page."""
    return (
        f"default-src 'none'; style-src {_sources(styles)}; script-src {_sources(scripts)}; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _sources(assets: Sequence[Asset]) -> str:
    digests = [hashlib.sha256(asset.text.encode()).digest() for asset in assets if asset.href is None]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    # 'self' is the site's own server; a page opened from a disk has no server, and not every browser lets 'self' stand
    # for the disk. On a server, file: lets in nothing.
    beside = ["'self'", "file:"] if any(asset.href is not None for asset in assets) else []
    return " ".join(dict.fromkeys([*hashes, *beside])) or "'none'"


EMBEDDED_LIMIT = 60_000
"""Files that are larger than this when packed, in bytes, are not carried along: their link alone offers them."""

_LARGE = 1_000_000
"""Characters from which on a model is large."""

_MARKUP = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def json_block(kind: str, name: str, value: object) -> DataBlock:
    r"""Return JSON as a block. No text in it can end the block, whatever it says.

    >>> print(json_block("application/json", "x", ["</script><!--"]).text)
    ["\u003c/script\u003e\u003c!--"]
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    escaped = text.translate(_MARKUP)
    return DataBlock(kind, name, Markup(escaped))  # noqa: S704 - no character of markup is left


def embedded_files(document: Document, limit: int = EMBEDDED_LIMIT) -> dict[str, bytes]:
    """Return what a reader can save from the page alone: path below the site -> bytes.

    These are the downloads; figures are saved from the page's own drawings.
    """
    files = {download.path: download.content for download in document.downloads}
    return {path: content for path, content in files.items() if _packs_into(content, limit)}


def _packs_into(content: bytes, limit: int) -> bool:
    """Return whether packing a file takes at most `limit` bytes: what is far too large is not packed to its end."""
    packer, size = zlib.compressobj(9), 0
    for start in range(0, len(content), _CHUNK):
        size += len(packer.compress(content[start : start + _CHUNK]))
        if size > limit:
            return False
    return size + len(packer.flush()) <= limit


_CHUNK = 1 << 18
"""Bytes that are packed before it is asked whether they fit."""


def files_block(files: Mapping[str, bytes]) -> DataBlock:
    """Return the block that the page's buttons save from: all files in one, packed, and where each begins and ends.

    Together they pack better than one by one, since they name the same things. Packing is zlib at its tightest
    (`DecompressionStream("deflate")`): unlike gzip it has no header that says where and when it was done.
    """
    places, at = {}, 0
    for path, content in files.items():
        places[path] = [at, at + len(content)]
        at += len(content)
    whole = base64.b64encode(zlib.compress(b"".join(files.values()), 9)).decode()
    return json_block("application/json", "report-files", {"places": places, "packed": whole})


DATA_ID = "report-data"
"""The id of the block of data; where several reports stand in one page it may have something before it."""


_REMARKS = re.compile(r"^[ \t]+(?://.*\n)?|^//.*\n", re.MULTILINE)


def live_block(document: Document) -> DataBlock:
    """Return the data of the figures of a document that are live."""
    figures = [{"figure": f.id, "model": packed(f.live.model)} for f in document.figures if f.live]
    return json_block("application/json", DATA_ID, {"figures": figures})


def live_script(document: Document, folder: Path) -> str:
    """Return what makes figures live as one function, so that none of its names is the page's."""
    names = LIVE + EXPLORED * is_large(document)
    parts = "".join((folder / name).read_text("utf-8") for name in names)
    return unspaced(f'"use strict";\n(() => {{\n{parts}}})();\n')


def packed(model: str) -> str:
    """Return a model, or a script, as it travels: deflated (a fifth of its size), in base64, for `DecompressionStream`.

    A large one is packed less tightly: a twentieth more bytes in a quarter of the time.
    """
    return base64.b64encode(zlib.compress(model.encode(), 9 if len(model) < _LARGE else 6)).decode()


def unspaced(script: str) -> str:
    r"""Return a script of ours without indentation and lines that are only a remark.

    >>> unspaced("if (a) {\n  // why\n  b();\n}\n")
    'if (a) {\nb();\n}\n'
    """
    return _REMARKS.sub("", script)


LIVE, EXPLORED = ("drawing.js", "live.js"), ("explore.js",)
LARGE = 30
"""From this many categories a page can search and enlarge its figures (`templates/html/explore.js`)."""


def is_large(document: Document) -> bool:
    """Return whether a live figure has as many categories as `LARGE`."""
    panels = (panel for figure in document.figures if figure.live for panel in figure.shown)
    return any(max(len(p.given_categories), len(p.outcome_categories)) >= LARGE for p in panels)
