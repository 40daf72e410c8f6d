"""What pages say of a document beside its text: its headline, its direction, its place among other reports."""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from .. import formats
from ..document import Document, ItemList, Paragraph
from .html_view import Link


@dataclass(frozen=True)
class Neighbours:
    """The other reports of a site, as one of them links to them. `previous` and `next` are None at the ends."""

    index: Link
    previous: Link | None
    next: Link | None


@dataclass(frozen=True)
class DateView:
    """A date as pages show it: `iso` and `text`.

    `stale_after` is the length of time from which on the data are old, in words and in days; the days are None where
    no script can say so. A month has 30 days here, as people mean it when they say how old something may be.
    """

    iso: str
    text: str
    stale_after: str | None = None
    stale_days: int | None = None


_DAYS = {"day": 1, "week": 7, "month": 30}


def date_view(document: Document, *, scripts: bool) -> DateView | None:
    """Return a document's date; None where it has none. `scripts`: whether the page has scripts."""
    if document.date is None:
        return None
    number, _, unit = (document.stale_after or "").partition(" ")
    days = int(number) * _DAYS[unit.rstrip("s")] if document.stale_after and scripts else None
    return DateView(document.date.isoformat(), formats.date(document.date), document.stale_after, days)


def direction(language: str) -> str:
    """Return ltr or rtl, the direction in which a language is written; ltr where it is not known."""
    try:
        return "rtl" if Locale.parse(language.replace("-", "_")).character_order == "right-to-left" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "ltr"


def headline(document: Document) -> str:
    """Return the first sentence of the abstract, or the title: what a search result shows."""
    for section in document.sections[:1]:
        for block in section.blocks:
            if isinstance(block, Paragraph) and block.sentences:
                return block.sentences[0].text
    return document.subtitle or document.title


def has_authored(document: Document) -> bool:
    """Say whether people wrote any sentence of it."""
    blocks = (block for section in document.sections for block in section.blocks)
    paragraphs = (p for b in blocks for p in (b.items if isinstance(b, ItemList) else (b,)))
    return any(
        sentence.origin == "authored" for p in paragraphs if isinstance(p, Paragraph) for sentence in p.sentences
    )
