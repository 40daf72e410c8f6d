"""Style sheets and scripts of a page: inside it, or in files beside it that several pages share."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from markupsafe import Markup

SHARED = "assets/"
"""The folder of shared files, below the site."""

_SHORT = 16  # hexadecimal digits of a content's hash in the name of its file: 64 bits


@dataclass(frozen=True)
class Asset:
    """A style sheet or a script of ours. `name` begins the name of its file; `own`: made for one page, never shared."""

    name: str
    text: str
    own: bool = False


@dataclass(frozen=True)
class Placed:
    """An asset where the page has it: its `text` in the page, or `href`, the address of its file; the other is None."""

    text: Markup | None = None
    href: str | None = None


@dataclass(frozen=True)
class PageAssets:
    """What a page takes in, in order; the policy that lets in this and nothing else; files by path below the site."""

    styles: tuple[Placed, ...]
    scripts: tuple[Placed, ...]
    policy: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def page_assets(styles: Sequence[Asset], scripts: Sequence[Asset], *, shared: str | None = None) -> PageAssets:
    """Return where a page has its style sheets and scripts.

    `shared`: the address of the folder of shared files as the page sees it (`assets/`, `../assets/`); None puts
    everything into the page.
    """
    files: dict[str, bytes] = {}

    def placed(asset: Asset, ending: str) -> Placed:
        if shared is None or asset.own:
            return Placed(text=Markup(asset.text))  # noqa: S704 - our own file; its hash stands in the policy
        content = asset.text.encode()
        name = f"{asset.name}-{hashlib.sha256(content).hexdigest()[:_SHORT]}.{ending}"
        files[f"{SHARED}{name}"] = content
        return Placed(href=f"{shared}{quote(name)}")

    sheets = tuple(placed(asset, "css") for asset in styles)
    programs = tuple(placed(asset, "js") for asset in scripts)
    return PageAssets(sheets, programs, _policy(sheets, programs), files)


def _policy(styles: Sequence[Placed], scripts: Sequence[Placed]) -> str:
    """Return a Content-Security-Policy that lets in these style sheets and scripts, and data in the page."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_sources(styles)}",
            f"script-src {_sources(scripts)}",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _sources(assets: Sequence[Placed]) -> str:
    hashes = [f"'sha256-{_sha256(asset.text)}'" for asset in assets if asset.text is not None]
    # 'self' is the site's own server; a page opened from a disk has no server, and not every browser lets 'self' stand
    # for the disk. On a server, file: lets in nothing.
    beside = ["'self'", "file:"] if any(asset.href is not None for asset in assets) else []
    return " ".join(dict.fromkeys([*hashes, *beside])) or "'none'"


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
