"""report.pdf of the default example and of each other: accessible, archival, and saying what the site says."""

import json

import pikepdf
import pytest

from diptych.config.comments import without_comments
from tests.examples.conftest import changed
from tests.examples.relations import CONFIGS
from tests.renderers import pdf_checkers
from tests.renderers.pdf_expected import expected, first_missing
from tests.renderers.pdf_reading import opened, squeezed, table_cells, tagged

pytestmark = pytest.mark.slow

LETTER = "default, letter"


@pytest.fixture(scope="module")
def letter_site(tmp_path_factory):
    """Return the site of the default example on letter paper."""
    outputs = "[pdf: {paper: letter}, data]"
    return changed("default", tmp_path_factory.mktemp("letter"), "version: 1", "version: 1", outputs)


@pytest.fixture(params=[*CONFIGS, LETTER])
def example(request):
    """Return the site of each example in turn, and its config."""
    if request.param == LETTER:
        site = request.getfixturevalue("letter_site")
        return site, site.parent / "config.yaml"
    return request.getfixturevalue("sites")(request.param), CONFIGS[request.param]


@pytest.fixture
def pdf(example):
    return (example[0] / "report.pdf").read_bytes()


@pytest.fixture
def told(example):
    return expected(json.loads((example[0] / "report.json").read_text(encoding="utf-8")))


def test_it_is_tagged_and_says_everything_in_order(pdf, told):
    with opened(pdf) as one:
        assert one.Root.MarkInfo.Marked
        assert str(one.Root.Lang) == "en"
        tree = tagged(one)
    assert [figure.alt for figure in tree.all("Figure")] == told.alts
    assert all(told.alts)
    assert list(map(squeezed, (item.text for item in tree.all("Title", "H1")))) == list(map(squeezed, told.headings))
    assert first_missing(told.texts, tree.text) is None


def test_every_field_of_every_table_is_that_of_the_site(pdf, told):
    with opened(pdf) as one:
        assert [table_cells(table) for table in tagged(one).all("Table")] == told.tables


def test_attachments_are_the_files_of_the_site(pdf, example):
    site, config = example
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.glob("data/*")}
    with opened(pdf) as one:
        inside = {name: item.get_file().read_bytes() for name, item in one.attachments.items()}
    assert {"data/statements.json", "config.yaml"} < set(inside)
    assert inside == {**files, "config.yaml": without_comments(config.read_text("utf-8")).encode()}


@pytest.mark.java
def test_they_pass_the_checks_of_jhove_preflight_and_pdfua(sites, letter_site, monkeypatch):
    files = [*(sites(name) / "report.pdf" for name in CONFIGS), letter_site / "report.pdf"]
    for file in files:
        with pikepdf.open(file) as one:
            assert one.check_pdf_syntax() == []
    assert pdf_checkers.pdfua(monkeypatch, *files) == []
    assert pdf_checkers.jhove(*files) == [["Well-Formed and valid"]] * len(files)
    assert pdf_checkers.preflight(*files) == []
