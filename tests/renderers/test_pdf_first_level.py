"""What stands before the details takes at most two pages of the PDF for each figure."""

import json
import subprocess

import pytest

pytestmark = pytest.mark.long


def words(text):
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize("name", ["default", "survey", "rodents", "published"])
def test_the_last_words_before_the_details_stand_within_two_pages_a_figure(name, sites):
    site = sites(name)
    text = subprocess.run(["pdftotext", site / "report.pdf", "-"], capture_output=True, text=True, check=True).stdout
    report = json.loads((site / "report.json").read_text("utf-8"))
    figures = [figure for figure in report["figures"] if figure["panels"]]
    first = [section for section in report["sections"] if not section["detail"]]
    last = [block for block in first[-1]["blocks"] if block["type"] == "paragraph"][-1]["sentences"][-1]
    ending = words("".join(span["text"] for span in last["spans"]))[-40:]
    (page,) = (number for number, one in enumerate(text.split("\f"), 1) if ending in words(one))
    assert page <= 2 * len(figures)
