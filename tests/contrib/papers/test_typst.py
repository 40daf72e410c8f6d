"""Papers in Typst: numbers, tables and figures by name, and labels are never markup."""

import re

import pytest
import typst

from tests.contrib.papers.papers import compiled, kit, text_of, values, with_statements
from tests.doc_pages import section
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
def test_the_example_of_the_docs_compiles(tmp_path):
    (code,) = re.findall(r"```typst\n(.*?)```", section("homes.md", "Papers"), re.DOTALL)
    kit(tmp_path / "report", with_statements(demo()))
    (tmp_path / "paper.typ").write_text(code, encoding="utf-8")
    text = text_of(
        typst.compile(tmp_path / "paper.typ", root=tmp_path, ignore_system_fonts=True, pdf_standards=["ua-1"])
    )
    assert "Of the 430 models trained on NLP data, 0% (at most 1%) are CV models. The lift is 9.8." in text
    assert "In all, 5 of 4,227 models (83%) have the category of their data; 3,435 are CV models." in text
    assert "Figure 1 and Table 1 show the rest." in text
