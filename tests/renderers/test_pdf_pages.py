"""The pages of the default report on paper: how many, how full, and figures after their headings, by their pixels."""

import io
import re
import subprocess

import numpy as np
import pikepdf
import pytest
from PIL import Image

from tests.renderers.pdf_reading import words

pytestmark = pytest.mark.services

DPI = 36
MARGIN_MM = 18


@pytest.fixture(scope="module")
def pdf(sites):
    return (sites("default") / "report.pdf").read_bytes()


@pytest.fixture(scope="module")
def pages(pdf):
    """Return the pages as arrays of grey values."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        n = len(opened.pages)
    pages = []
    for number in range(1, n + 1):
        command = ["pdftoppm", "-r", str(DPI), "-gray", "-f", str(number), "-l", str(number), "-"]
        shown = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
        pages.append(np.asarray(Image.open(io.BytesIO(shown))))
    return pages


def test_the_default_report_has_two_to_four_pages_without_contents(pages, pdf):
    assert 2 <= len(pages) <= 4
    assert "CONTENTS" not in {word.text.upper() for _, found in words(pdf) for word in found}


def test_pages_are_at_least_two_thirds_full_but_the_last(pages):
    margin = round(MARGIN_MM / 25.4 * DPI)
    for number, page in enumerate(pages[:-1], start=1):
        area = page[margin:-margin]
        rows = np.flatnonzero((area < 200).any(axis=1))
        assert rows[-1] >= len(area) * 2 / 3, number
        assert np.diff(rows).max() <= len(area) / 6, number  # no hole in the page


def test_figures_and_tables_are_numbered_in_order_and_named_as_in_the_markdown(sites, pdf):
    told = [" ".join(word.text for word in found) for _, found in words(pdf)]
    markdown = (sites("default") / "report.md").read_text(encoding="utf-8")
    captions = re.findall(r"\*\*((?:Figure|Table) \d+)\.\*\* ([^\s(]\S*)", markdown)
    assert len(captions) > 1
    for name, first in captions:
        assert len([page for page in told if f"{name}. {first}" in page]) == 1, name
