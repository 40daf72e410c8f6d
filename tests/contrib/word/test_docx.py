"""report.docx as Word and LibreOffice read it: tables, captions, figures, and the same bytes in each build."""

import io
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn

from diptych.contrib.word.output import DOCX
from diptych.renderers import OutputSettings
from diptych.renderers.outline import outline, table_blocks
from diptych.renderers.registry import Rendering
from diptych.theme import clean, one_line
from tests.renderers.documents import demo, nasty, small


def made(document):
    (content,) = DOCX.make(Rendering(document, None, OutputSettings())).values()
    return content


def opened(content):
    return docx.Document(io.BytesIO(content))


def test_equal_documents_give_equal_bytes_without_the_time():
    first, second = made(small()), made(small())
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert opened(first).core_properties.created.date().isoformat() == "2026-03-02"
    undated = opened(made(replace(small(), date=None))).core_properties
    assert (undated.created, undated.modified, undated.title) == (undated.modified, undated.created, "Small report")
    assert undated.created.year == 2000


@pytest.mark.parametrize("document", [small, demo, nasty])
def test_tables_are_native_and_have_every_field(document):
    document = document()
    word, blocks = opened(made(document)), [*table_blocks(document)]
    assert len(word.tables) == len(blocks) > 0
    for table, block in zip(word.tables, blocks, strict=True):
        assert [cell.text for cell in table.rows[0].cells] == [clean(one_line(c.header)) for c in block.columns]
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        for row, cells in zip(block.rows, list(table.rows)[1:], strict=True):
            assert cells._tr.find(f".//{qn('w:cantSplit')}") is not None
            for given, cell in zip(row, cells.cells, strict=True):
                assert cell.text == clean(one_line(given))


def test_captions_have_fields_for_their_numbers():
    document = demo()
    order = outline(document)
    fields = [
        (field.get(qn("w:instr")).split()[1], field.find(f".//{qn('w:t')}").text)
        for field in opened(made(document)).element.iter(qn("w:fldSimple"))
    ]
    assert sorted(fields) == sorted(
        [("Figure", str(n)) for n in order.figures.values()] + [("Table", str(n)) for n in order.tables.values()]
    )


def test_figures_have_300_dots_per_inch_and_alternative_text():
    document = small()
    word = opened(made(document))
    (shape, *_) = word.inline_shapes
    blob = word.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed].blob
    width = struct.unpack(">I", blob[16:20])[0]
    assert abs(width / (shape.width / 914400) - 300) < 2
    assert shape._inline.docPr.get("descr") == "Two matrices of NLP and CV."


def test_headings_and_sentences_are_those_of_the_report():
    document = demo()
    word = opened(made(document))
    order = outline(document)
    headings = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
    sections = [*([order.abstract] if order.abstract else []), *order.sections]
    assert headings == [clean(one_line(section.title)) for section in sections]
    text = "\n".join(p.text for p in word.paragraphs)
    for block in document.sections[0].blocks:
        for sentence in getattr(block, "sentences", ()):
            assert "".join(span.text for span in sentence.spans) in text


def test_each_numbered_list_begins_with_one():
    word = opened(made(demo()))
    numbers = [p._p.pPr.numPr.numId.val for p in word.paragraphs if p.style.name == "List Number"]
    overrides = {
        num.get(qn("w:numId"))
        for num in word.part.numbering_part.element.iter(qn("w:num"))
        if num.find(qn("w:lvlOverride")) is not None
    }
    assert {str(number) for number in numbers} == overrides


@pytest.mark.parametrize("document", [small, nasty])
def test_libreoffice_opens_it(tmp_path, document):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
    (tmp_path / "report.docx").write_bytes(made(document()))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    subprocess.run(
        [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "report.docx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Figure 1." in text
    assert "Table 1." in text
