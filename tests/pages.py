"""Pages as a browser would read them: their ids and links, what they fetch, and the text that is seen."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

ELSEWHERE = re.compile(r"(https?|mailto|data|javascript):")


class Page(HTMLParser):
    """What a page has; `fetched` is what a browser asks for by itself, `text` is without styles and scripts."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.text: list[str] = []
        self.policy = ""
        self._quiet = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element names and leads to."""
        found = {name: value for name, value in attrs if value}
        self.tags.append(tag)
        self.ids += [found[key] for key in ("id", *(["name"] if tag == "a" else [])) if key in found]
        self.links += [found[key] for key in ("href", "src", "xlink:href") if key in found]
        is_fetched = tag != "a" and ("src" in found or found.get("rel") == "stylesheet")
        self.fetched += self.links[-1:] if is_fetched else []
        self._quiet += tag in {"style", "script"}
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]

    def handle_endtag(self, tag: str) -> None:
        """Hear text again after styles and scripts."""
        self._quiet -= tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        self.text += [] if self._quiet else [data]


def pages_of(folder: Path) -> dict[Path, Page]:
    """Return the pages of a site, each as it is read."""
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}


def lost(folder: Path) -> list[tuple[str, str]]:
    """Return (page, link) of links that lead to no file or id of a site, and (page, id) of ids that stand twice."""
    found, pages = [], pages_of(folder)
    for path, page in pages.items():
        name = path.relative_to(folder.resolve()).as_posix()
        found += [(name, one) for one in set(page.ids) if page.ids.count(one) > 1]
        for link in page.links:
            file, _, anchor = unquote(link).partition("#")
            target = (path.parent / file).resolve() if file else path
            target = target / "index.html" if target.is_dir() else target
            leads = target.is_file() and target.is_relative_to(folder.resolve())
            if not (
                ELSEWHERE.match(link)
                or (leads and (not anchor or anchor in getattr(pages.get(target), "ids", [anchor])))
            ):
                found.append((name, link))
    return found
