import io

import pikepdf
import pytest

from diptych.errors import RenderError
from diptych.renderers import PdfSettings, pdf
from diptych.renderers.data import panel_csv
from diptych.renderers.pdf import Attachment, render_pdf
from tests.renderers.documents import demo, small

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


def test_characters_that_no_font_has_are_named():
    with pytest.raises(RenderError) as caught:
        pdf_of(small(("数据", "a\u0f00")))
    assert str(caught.value) == (
        "report.pdf: no font has the characters 数 (U+6570), 据 (U+636E), \u0f00 (U+0F00); "
        "name a font file that has them under `fonts: [...]`, or leave pdf out of `outputs:`"
    )
