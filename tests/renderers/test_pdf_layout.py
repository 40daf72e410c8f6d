"""Where things stand on the pages: nothing over an edge or over other text, no heading alone at a foot."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from diptych.document.model import Paragraph, Section
from diptych.renderers import PdfSettings
from diptych.renderers.outline import outline
from diptych.renderers.pdf import render_pdf
from tests.draws import NIGHTLY
from tests.renderers.documents import small
from tests.renderers.pdf_documents import CORNERS, DOCUMENTS, pdf_of
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


def make(document, settings):
    pdf = render_pdf(document, settings, [])["report.pdf"]
    return Made(pdf, words(pdf))


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


@every
def test_the_whole_drawing_is_on_one_page_with_its_caption(name, settings):
    if name == "a real one":
        return
    pages = [{word.text: word for word in found} for _, found in made(name, settings).pages]
    [page] = [page for page in pages if set(CORNERS) <= set(page)]
    top, bottom = page["nw"], page["sw"]
    caption = page["Figure"]
    assert top.left < page["ne"].left
    assert top.top < bottom.top < caption.top
    # no larger than it was drawn: a pixel is three quarters of a point
    assert page["ne"].left - top.left <= 720 * 0.75 + 0.1


def test_tables_keep_their_heads_on_every_page():
    pages = made("sixty", SETTINGS[0]).pages
    told = [[word.text for word in found] for _, found in pages]
    following = [page for page in told if "Skill" in page and "Table" not in page]  # the table goes on
    assert len(following) > 1
    assert all({"Job", "Answers", "Share"} <= set(page) for page in following)


def test_pages_after_the_first_have_running_heads():
    pages = made("nine", SETTINGS[0]).pages
    heads = [[word.text for word in found if word.top < 45] for _, found in pages]
    assert heads[0] == []
    assert heads[1:] == [["Crowded", "2", "March", "2026"]] * (len(pages) - 1)


def test_contents_of_more_than_twenty_pages_name_every_section_with_its_page():
    document = DOCUMENTS["nine"]
    [text] = [block for block in document.sections[1].blocks if isinstance(block, Paragraph)]
    long = replace(document, sections=tuple(replace(s, blocks=(*s.blocks, *[text] * 16)) for s in document.sections))
    found, titles, n_pages = _contents(make(long, SETTINGS[0]).pdf)
    assert n_pages > 20
    assert [link.partition(", page ")[0] for link in found] == [section.title for section in document.sections[1:]]
    assert [link.partition(", page ")[0] for link in found] == titles
    assert _contents(made("nine", SETTINGS[0]).pdf)[0] == []


def _contents(pdf):
    """Return the links of the contents, the bookmarks, and the number of pages."""
    with opened(pdf) as one:
        found = [str(link.Contents) for page in one.pages for link in page.get("/Annots", [])]
        with one.open_outline() as bookmarks:
            return (
                [link for link in found if ", page " in link],
                [item.title for item in bookmarks.root],
                len(one.pages),
            )


def test_an_opening_higher_than_a_page_goes_on():
    long = DOCUMENTS["nine long names, a long title"]
    abstract = replace(long.sections[0], blocks=(long.sections[1].blocks[0],) * 4)
    pages = make(replace(long, sections=(abstract, *long.sections[1:])), SETTINGS[0]).pages
    shown = [word.text for (_, height), found in pages for word in found if word.bottom <= height - 30]
    assert shown.count("answers") >= 4 * 30


def test_more_sections_than_contents_have_room_for():
    text = small().sections[1].blocks[0]
    many = tuple(Section(f"s{n}", f"Section number {n}", (text,)) for n in range(130))
    pages = make(replace(small(), sections=(small().sections[0], *many)), SETTINGS[0]).pages
    for (width, height), found in pages:
        assert [word for word in found if word.right > width - SIDE + HANGING or word.bottom > height - 30] == []
