"""What is said in the PDF is what the document says, in its order: every sentence, every field of every table."""

import json
from dataclasses import replace

import pytest

from diptych.renderers import PdfSettings
from diptych.renderers.data import render_json
from diptych.renderers.pdf import render_pdf
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


@pytest.mark.parametrize("url", [None, "javascript:alert(1)"])
def test_what_is_no_address_of_the_web_is_not_linked(url):
    document = replace(crowded(LONG), url=url)
    with opened(render_pdf(document, PdfSettings(), [])["report.pdf"]) as one:
        assert set(addresses(one)) == {"https://orcid.org/0000-0002-1825-0097"}
        assert "as a page" not in tagged(one).text
        assert "javascript" not in tagged(one).text
