import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from diptych.document import Paragraph, Section
from diptych.errors import RenderError
from diptych.renderers import PdfSettings, pdf
from diptych.renderers.data import panel_csv
from diptych.renderers.pdf import Attachment, render_pdf
from tests.programs import POPPLER, program
from tests.renderers.documents import demo, sentence, small

pytestmark = pytest.mark.slow


def attachments(document):
    panels = document.figures[0].panels
    return [
        *(Attachment(f"data/{panel.id}.csv", f"{panel.id} panel", panel_csv(panel)) for panel in panels),
        Attachment("config.yaml", "what the report was made from", b"version: 1\n", "application/yaml", "source"),
    ]


def pdf_of(document, settings=None, **fonts):
    return render_pdf(document, settings or PdfSettings(), attachments(document), **fonts)["report.pdf"]


def opened(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def text_of(pdf):
    done = subprocess.run(
        [program("pdftotext", install=POPPLER), "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


def elements(parent, kind):
    for child in parent.get("/K", []) if isinstance(parent.get("/K", []), pikepdf.Array) else [parent.K]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            if str(child.S) == f"/{kind}":
                yield child
            yield from elements(child, kind)


@pytest.mark.parametrize("settings", [PdfSettings(), PdfSettings(paper="letter")])
def test_it_is_tagged_archival_and_says_what_it_is(settings):
    with opened(pdf_of(demo(), settings)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Models and the data they were trained on"
            assert metadata["dc:creator"] == ["Ada Example", "Grace Sample"]
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["xmp:CreateDate"] == "2026-03-02T00:00:00+00:00"


def test_without_a_date_time_stands_still():
    with opened(pdf_of(small(date=None))) as pdf, pdf.open_metadata() as metadata:
        assert metadata["xmp:CreateDate"] == "1970-01-01T00:00:00+00:00"


def test_attachments_are_the_files_byte_for_byte():
    document = demo()
    with opened(pdf_of(document)) as pdf:
        inside = {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}
        assert inside == {one.path: one.content for one in attachments(document)}
        relations = {str(pdf.attachments[name].obj.AFRelationship) for name in inside}
        assert relations == {"/Data", "/Source"}


def test_an_attachment_that_is_no_text_is_refused():
    with pytest.raises(RenderError) as caught:
        render_pdf(small(), PdfSettings(), [Attachment("x.bin", "x", b"\xff")])
    assert str(caught.value) == (
        "report.pdf: the attachment x.bin is not UTF-8 text: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte"
    )


def test_characters_that_no_font_has_are_named():
    with pytest.raises(RenderError) as caught:
        pdf_of(small(("数据", "a\u0f00")))
    assert str(caught.value) == (
        "report.pdf: no font has the characters 数 (U+6570), 据 (U+636E), \u0f00 (U+0F00); "
        "name a font file that has them under `fonts: [...]`, or leave pdf out of `outputs:`"
    )


@pytest.mark.services
def test_control_characters_do_not_stop_it():
    document = small()
    block = Paragraph((sentence("x", "one\x01two"),))
    document = replace(document, sections=(*document.sections, Section("provenance", "More", (block,))))
    assert "one\\u0001two" in text_of(pdf_of(document))


def test_a_font_that_is_missing_is_named():
    with pytest.raises(RenderError, match=r"^font nowhere.ttf: there is no such file$"):
        pdf_of(small(), fonts=(Path("nowhere.ttf"),))


def test_a_file_that_is_no_font_is_refused(tmp_path):
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(RenderError) as caught:
        pdf_of(small(), fonts=(tmp_path / "x.ttf",))
    assert (
        str(caught.value) == f"font {tmp_path / 'x.ttf'}: not a font file (TrueType, OpenType or a collection of these)"
    )


def test_same_document_same_bytes():
    assert pdf_of(demo()) == pdf_of(demo())


def test_cross_references_never_end_in_a_carriage_return(monkeypatch):
    """One in 256 would; readers that take it for the end of a line find the table cut off. Here the first two do."""
    plain, saved, times = pdf_of(small()), pdf._saved, []

    def unlucky(pdf):
        times.append(1)
        content = saved(pdf)
        return content if len(times) > 2 else content[:-60] + b"\r\nendstream\nendobj\nstartxref\n9\n%%EOF\n"

    monkeypatch.setattr(pdf, "_saved", unlucky)
    again = pdf_of(small())
    assert len(times) == 3
    with opened(plain) as one, opened(again) as other:
        before, after = (pdf.Root.Metadata.read_bytes() for pdf in (one, other))
    assert after == before.replace(b"<?xpacket end", b"  <?xpacket end")
