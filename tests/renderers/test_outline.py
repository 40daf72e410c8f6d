from dataclasses import replace

from diptych.document import Paragraph
from diptych.renderers import HtmlSettings, OutputSettings
from diptych.renderers.outline import Anchors, outline, runs
from diptych.renderers.registry import formats_of, render
from tests.renderers.documents import sentence, small


def test_a_section_left_empty_is_left_out():
    document = small()
    only = replace(document.sections[0], id="interpretation", blocks=document.sections[0].blocks[1:])
    assert [section.id for section in outline(replace(document, sections=(only,))).sections] == []


def test_a_paragraph_is_split_where_its_origin_changes():
    computed, authored = sentence("a", "A."), sentence("b", "B.", origin="authored")
    parts = runs(Paragraph((computed, computed, authored, computed)))
    assert [(origin, len(own)) for origin, own in parts] == [("computed", 2), ("authored", 1), ("computed", 1)]
    assert runs(Paragraph(())) == ()


def test_ids_are_made_of_what_they_name():
    anchors = Anchors()
    assert [anchors.new(name) for name in ("a b", "a b", "<x>", "", "数据")] == ["a_b", "a_b-2", "~3cx~3e", "x", "数据"]


def test_only_what_is_asked_for_is_made():
    assert set(render(small(), OutputSettings(html=HtmlSettings(), data=True))) == {
        "CITATION.cff",
        "citation.bib",
        "index.html",
        "report.json",
    }
    assert set(render(small(), OutputSettings(data=True))) == {"report.json"}
    everything = render(small(), OutputSettings.everything())
    assert sorted(everything) == [
        "CITATION.cff",
        "citation.bib",
        "index.html",
        "paper/diptych.tex",
        "paper/diptych.typ",
        "paper/numbers.json",
        "report.json",
        "report.md",
        "report.pdf",
    ]
    assert {path for path, _ in formats_of(OutputSettings.everything())} < set(everything)
