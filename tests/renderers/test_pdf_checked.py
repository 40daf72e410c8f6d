"""PDFs pass the checks of JHOVE, PDFBox preflight and pdfua, each skipped where it is not installed."""

import io
from dataclasses import replace

import pikepdf
import pytest

from diptych.renderers import PdfSettings
from diptych.renderers.pdf import Attachment, render_pdf
from tests.renderers import pdf_checkers
from tests.renderers.documents import demo, nasty, small
from tests.renderers.pdf_documents import LONG_TITLE, MANY_LONG, UNBROKEN, crowded

pytestmark = pytest.mark.java

ATTACHED = [
    Attachment("data/left.csv", "Left", b"given,outcome\n"),
    Attachment("data/claims.json", "Claims", b"{}", "application/json"),
    Attachment("config.yaml", "Config", b"version: 1\n", "application/yaml", "source"),
]

MADE = {
    "small": (small(), PdfSettings()),
    "undated": (replace(small(), date=None, authors=(), url=None), PdfSettings()),
    "nasty": (nasty(), PdfSettings()),
    "demo": (demo(), PdfSettings()),
    "demo-letter": (demo(), PdfSettings(paper="letter")),
    "sixty": (crowded(MANY_LONG, LONG_TITLE), PdfSettings()),
    "unbroken": (crowded(UNBROKEN), PdfSettings(paper="letter")),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return the files, written."""
    folder = tmp_path_factory.mktemp("pdfs")
    for name, (document, settings) in MADE.items():
        (folder / f"{name}.pdf").write_bytes(render_pdf(document, settings, ATTACHED)["report.pdf"])
    return [folder / f"{name}.pdf" for name in MADE]


@pytest.fixture
def spoilt(files, tmp_path):
    """Return a function that gives a file with something wrong in it."""

    def spoil(change):
        with pikepdf.open(files[0]) as pdf:
            change(pdf)
            pdf.save(tmp_path / "spoilt.pdf")
        return tmp_path / "spoilt.pdf"

    return spoil


def test_jhove_finds_nothing_but_what_is_spoilt(files, spoilt):
    def spoil(pdf):
        place = pdf.make_indirect(pikepdf.Array([*pdf.Root.Outlines.First.Dest]))
        kind = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Link}
        link = pikepdf.Dictionary(Rect=[0, 0, 9, 9], Dest=place, **kind)
        pdf.pages[0].Annots = pikepdf.Array([*pdf.pages[0].get("/Annots", ()), pdf.make_indirect(link)])

    *sound, bad = pdf_checkers.jhove(*files, spoilt(spoil))
    assert sound == [["Well-Formed and valid"]] * len(files)
    assert bad[0] == "Well-Formed, but not valid"


def test_preflight_finds_nothing_but_what_is_spoilt(files, spoilt):
    def spoil(pdf):
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                for name in ("/FontFile2", "/FontFile3"):
                    if name in item:
                        del item[name]

    bad = spoilt(spoil)
    found = pdf_checkers.preflight(*files, bad)
    assert {file for file, *_ in found} == {bad}
    assert "3.1.3" in {code for _, code, _ in found}


def test_pdfua(files, monkeypatch):
    assert pdf_checkers.pdfua(monkeypatch, *files) == []


def test_the_syntax_is_sound(files):
    for file in files:
        with pikepdf.open(io.BytesIO(file.read_bytes())) as pdf:
            assert pdf.check_pdf_syntax() == []


def test_pdfua_would_say_so(spoilt, monkeypatch):
    def spoil(pdf):
        del pdf.Root.Lang
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
                del item["/Alt"]

    found = {rule for rule, _ in pdf_checkers.pdfua(monkeypatch, spoilt(spoil))}
    assert found == {"UA-06-001", "UA-13-004"}  # language and alternative text
