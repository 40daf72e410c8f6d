"""What stands before the details takes at most two pages of the PDF for each figure."""

import json
import subprocess

import pytest

from tests.renderers.pdf_reading import squeezed

pytestmark = pytest.mark.services


@pytest.mark.parametrize("name", ["default", "survey", "rodents", "published"])
def test_the_last_words_before_the_details_stand_within_two_pages_a_figure(name, sites):
    site = sites(name)
    text = subprocess.run(["pdftotext", site / "report.pdf", "-"], capture_output=True, text=True, check=True).stdout
    report = json.loads((site / "report.json").read_text("utf-8"))
    figures = [figure for figure in report["figures"] if figure["panels"]]
    first = [section for section in report["sections"] if not section["detail"]]
    last = "".join(span["text"] for span in first[-1]["blocks"][-1]["sentences"][-1]["spans"])
    ending = squeezed(last)[-25:]
    pages = [n for n, one in enumerate(text.split("\f"), 1) if ending in squeezed(one)]
    assert pages
    assert max(pages) <= 2 * len(figures)
