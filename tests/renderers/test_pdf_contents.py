"""What is said in the PDF is what the document says, in its order: every sentence, every field of every table."""

import json
import re
from dataclasses import replace

import pytest

from diptych.renderers import PdfSettings
from diptych.renderers.pdf import Attachment, render_pdf
from diptych.renderers.report_json import render_json
from tests.renderers.documents import demo, small
from tests.renderers.pdf_documents import DOCUMENTS, LONG, crowded, pdf_of
from tests.renderers.pdf_expected import expected, first_missing
from tests.renderers.pdf_reading import opened, run, squeezed, table_cells, tagged

pytestmark = pytest.mark.slow

NAMES = (
    *("small", "nasty", "a real one"),
    *("nine long names, a long title", "sixty long names", "nine names without spaces"),
)


@pytest.fixture(params=NAMES, scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def pdf(name):
    return pdf_of(name)


@pytest.fixture(scope="module")
def tree(pdf):
    with opened(pdf) as one:
        return tagged(one)


@pytest.fixture(scope="module")
def told(name):
    return _expected(DOCUMENTS[name])


def _expected(document):
    return expected(json.loads(render_json(document)["report.json"]))


def test_every_field_of_every_table_is_that_of_the_document(told, tree):
    assert [table_cells(table) for table in tree.all("Table")] == told.tables


def test_everything_is_said_in_order(told, tree):
    assert first_missing(told.texts, tree.text) is None


def test_every_figure_has_alternative_text(told, tree):
    assert [figure.alt for figure in tree.all("Figure")] == told.alts


def test_headings_are_those_of_the_document(told, tree):
    found = [element.text for element in tree.all("Title", "H1")]
    assert list(map(squeezed, found)) == list(map(squeezed, told.headings))


@pytest.mark.services
def test_a_program_that_reads_page_by_page_finds_the_same_order():
    pdf = pdf_of("a real one")
    assert first_missing(_expected(demo()).texts, _raw(pdf)) is None


def _raw(pdf):
    """Return the text without the lines at head and foot of pages."""
    pages = run("pdftotext", "-raw", "-", "-", pdf=pdf).split("\f")
    kept = (re.sub(r"Made with Diptych [\d.]+ \d+ / \d+", "", re.sub(r"\s+", " ", page)) for page in pages)
    return " ".join(page.removeprefix(f"{demo().title} 2 March 2026 ") for page in kept)


@pytest.mark.services
def test_fonts_are_embedded_and_nothing_is_a_picture_of_dots(pdf):
    rows = run("pdffonts", "-", pdf=pdf).splitlines()[2:]
    names = {row.split()[0].partition("+")[2] for row in rows}
    assert names <= {"DiptychSans-Regular", "DiptychSans-Bold", "DiptychSans-Italic"}
    assert len(rows) >= 2
    assert {tuple(row.split()[-5:-2]) for row in rows} == {("yes", "yes", "yes")}  # embedded, a subset, Unicode
    assert run("pdfimages", "-list", "-", pdf=pdf).splitlines()[2:] == []


def addresses(pdf):
    """Return the addresses that links of an open PDF lead to."""
    links = [link for page in pdf.pages for link in page.get("/Annots", ()) if "/A" in link]
    return [str(link.A.URI) for link in links]


def test_the_address_of_the_report_is_linked_beside_its_title_and_with_its_data():
    document = replace(crowded(LONG), url="https://example.org/report/")
    with opened(render_pdf(document, PdfSettings(), [])["report.pdf"]) as one:
        assert addresses(one).count("https://example.org/report/") == 2
        assert "This report as a page, with all its files: https://example.org/report/" in tagged(one).text


@pytest.mark.parametrize("url", [None, "javascript:alert(1)"])
def test_what_is_no_address_of_the_web_is_not_linked(url):
    document = replace(crowded(LONG), url=url)
    with opened(render_pdf(document, PdfSettings(), [])["report.pdf"]) as one:
        assert set(addresses(one)) == {"https://orcid.org/0000-0002-1825-0097"}
        assert "as a page" not in tagged(one).text
        assert "javascript" not in tagged(one).text


def test_keywords_are_the_kinds_and_the_categories_each_once():
    with opened(pdf_of("a real one")) as one, one.open_metadata() as metadata:
        assert metadata["pdf:Keywords"] == (
            "Dataset, Model, Multimodal, NLP, CV, Audio, Tabular, RL, Graph, Robotics, Time Series"
        )


def test_attachments_stand_under_their_names_whatever_is_made_of_the_file():
    files = [Attachment(f"data/{name}.json", name, b"{}", "application/json") for name in ("statements", "claims")]
    with opened(render_pdf(small(), PdfSettings(), files)["report.pdf"]) as one:
        found = {name: (str(item.obj.Desc), str(item.obj.EF.F.Subtype)) for name, item in one.attachments.items()}
    assert found == {
        "data/claims.json": ("claims", "/application/json"),
        "data/statements.json": ("statements", "/application/json"),
    }
