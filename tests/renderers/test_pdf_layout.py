"""Where things stand on the pages: nothing over an edge or over other text, no heading alone at a foot."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from diptych.renderers import PdfSettings
from diptych.renderers.outline import outline
from tests.draws import NIGHTLY
from tests.renderers.pdf_documents import DOCUMENTS, pdf_of
from tests.renderers.pdf_reading import opened, words

pytestmark = pytest.mark.services

SIDE, FOOT = 51.0, 51.0
"""Margins: 18 mm."""

HANGING = 3.5
"""So far commas and hyphens at the end of a line may stand out, which keeps the edge of a text even."""

SETTINGS = [PdfSettings(), PdfSettings(paper="letter")]

CROWDED = [name for name in DOCUMENTS if name not in ("small", "nasty")]
WIDEST = ("nine long names, a long title", "sixty long names")


def every(function):
    """Run a test on every document on every paper; by day on letter, which is wider and lower, with long names alone."""
    made = {
        f"{name}-{s.paper}": (name, s)
        for name in CROWDED
        for s in SETTINGS
        if NIGHTLY or s.paper == "a4" or name in WIDEST
    }
    return pytest.mark.parametrize(("name", "settings"), made.values(), ids=made)(function)


@dataclass(frozen=True)
class Made:
    """A PDF, and for each of its pages the size and the words."""

    pdf: bytes
    pages: list


@cache
def made(name, settings):
    """The PDF of a document, made and read once."""
    pdf = pdf_of(name, settings)
    return Made(pdf, words(pdf))


@every
def test_no_text_leaves_the_type_area(name, settings):
    pages = made(name, settings).pages
    for number, ((width, height), found) in enumerate(pages, start=1):
        outside = [
            word
            for word in found
            if word.left < SIDE - 1 or word.right > width - SIDE + HANGING or word.top < 30 or word.bottom > height - 30
        ]
        assert outside == [], number
        foot = [word for word in found if word.bottom > height - FOOT + 6]
        assert [word.text for word in foot][:3] == ["Made", "with", "Diptych"], number
        assert [word.text for word in foot][4:] == [str(number), "/", str(len(pages))]


@every
def test_no_text_stands_on_other_text(name, settings):
    for number, (_, found) in enumerate(made(name, settings).pages, start=1):
        ordered = sorted(found, key=lambda word: word.left)
        left, top, right, bottom = np.array([(w.left, w.top, w.right, w.bottom) for w in ordered]).T
        common = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
        lower = np.minimum((bottom - top)[:, None], bottom - top)
        on = np.triu((right[:, None] - left > 1.5) & (common > 0.5 * lower), 1)
        assert [(ordered[one], ordered[other]) for one, other in np.argwhere(on)] == [], number


@every
def test_text_follows_every_heading(name, settings):
    pages = made(name, settings).pages
    with opened(made(name, settings).pdf) as one:
        places = {page.objgen: number for number, page in enumerate(one.pages)}
        found = 0
        with one.open_outline() as bookmarks:
            for item in _all(bookmarks.root):
                page, _, left, top, _ = item.destination
                (width, height), texts = pages[places[page.objgen]]
                below = [
                    word
                    for word in texts
                    if float(left) - 2 < word.left < width - SIDE - 10
                    and height - float(top) + 18 < word.top < height - FOOT
                ]
                assert below, item.title
                found += 1
    assert found >= len(outline(DOCUMENTS[name]).sections)


def _all(items):
    for item in items:
        yield item
        yield from _all(item.children)
