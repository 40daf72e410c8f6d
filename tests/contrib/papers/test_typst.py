"""Papers in Typst: numbers, tables and figures by name, and labels are never markup."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import typst

from diptych.document.model import Column, Section, TableBlock
from tests.contrib.papers.papers import compiled, kit, text_of, values, with_statements
from tests.renderers.documents import NASTY, demo, nasty, small

pytestmark = pytest.mark.slow

EVERYTHING = """#for name in diptych.content.tables.keys() { diptych.table(name) }
#for name in diptych.content.figures.keys() { if "-" not in name { diptych.figure(name) } }"""


@pytest.mark.parametrize("document", [small, nasty, demo])
def test_everything_compiles_and_is_accessible(tmp_path, document):
    compiled(kit(tmp_path, document()), EVERYTHING, pdf_standards=["ua-1"])


def test_numbers_by_name(tmp_path):
    codes = (
        'diptych.number("left/units")',
        'diptych.value("left/units")',
        'diptych.number("left/NLP/CV/percent")',
        'calc.round(diptych.value("left/NLP/CV/value"), digits: 1)',
        'diptych.value("left/NLP/CV/lift_within")',
        'diptych.number("statement/agreement/share_percent")',
        'diptych.number("date")',
    )
    found = values(kit(tmp_path, with_statements()), *codes)
    assert found == ["6", 6, "25%", 0.3, None, "83%", "2 March 2026"]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('number("left/NLP/CV/percnt")', ["left/NLP/CV/percent", "left/NLP/CV/count"]),
        ('value("left/nlp/CV/count")', ["left/given/NLP", "left/units"]),
        ('table("cell")', ["cells"]),
        ('figure("left")', ["main", "main-left"]),
    ],
)
def test_a_name_that_does_not_exist_is_answered_by_similar_ones(tmp_path, code, shown):
    with pytest.raises(typst.TypstError) as caught:
        compiled(kit(tmp_path, small()), f"#diptych.{code}")
    assert set(shown) <= set(re.split(r"[ ,]+", caught.value.message))


@pytest.mark.services
def test_labels_are_printed_as_they_are(tmp_path):
    text = text_of(compiled(kit(tmp_path, nasty()), '#diptych.table("left")'))
    assert NASTY in text.replace(" ", "")


@pytest.mark.services
def test_a_long_table_continues_with_its_head(tmp_path):
    rows = tuple((f"row {n}", str(n)) for n in range(120))
    table = TableBlock("long", "Long.", (Column("The name"), Column("The number", "right")), rows)
    folder = kit(tmp_path, replace(small(), sections=(Section("methods", "A", (table,)),)))
    pdf = compiled(folder, '#show figure.where(kind: table): set block(breakable: true)\n#diptych.table("long")')
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        n_pages = len(opened.pages)
    assert n_pages > 1
    text = text_of(pdf)
    assert text.count("The name The number") == n_pages
    assert "row 0 0 row 1 1" in text
    assert "row 119 119" in text


@pytest.mark.services
def test_tables_and_figures_can_be_changed_and_referred_to(tmp_path):
    text = text_of(
        compiled(
            kit(tmp_path, small()),
            "See @cells and @main.\n\n"
            '#diptych.table("cells", caption: [Ours], size: 6pt, placement: bottom) <cells>\n'
            '#diptych.figure("main", alt: "Ours", width: 50%) <main>\n',
        )
    )
    assert "See Table 1 and Figure 1." in text
    assert "Table 1: Ours" in text
    assert "Figure 1: Left given data, right given models; n = 6. Data of 2 March 2026." in text


def test_figures_have_alternative_text(tmp_path):
    with pikepdf.open(io.BytesIO(compiled(kit(tmp_path, small()), '#diptych.figure("main")'))) as opened:
        found = [str(item.Alt) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert found == ["Two matrices of NLP and CV."]


@pytest.mark.parametrize(("name", "file"), [("main-left", ""), ("main", ', file: "main-left.svg"')])
def test_a_figure_can_be_another_file_of_the_folder(tmp_path, name, file):
    with pytest.raises(typst.TypstError, match=r"file not found .*figures/main-left\.svg"):
        compiled(kit(tmp_path, small()), f'#diptych.figure("{name}"{file})')


@pytest.mark.services
def test_the_example_of_the_docs_compiles(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "papers.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```typst\n(.*?)```", page, re.DOTALL)
    kit(tmp_path / "report", with_statements(demo()))
    (tmp_path / "paper.typ").write_text(code, encoding="utf-8")
    text = text_of(
        typst.compile(tmp_path / "paper.typ", root=tmp_path, ignore_system_fonts=True, pdf_standards=["ua-1"])
    )
    assert "Of the 430 models trained on NLP data, 0% (at most 1%) are CV models. The lift is 9.8." in text
    assert "In all, 5 of 4,227 models (83%) have the category of their data; 3,435 are CV models." in text
    assert "Figure 1 and Table 1 show the rest." in text
