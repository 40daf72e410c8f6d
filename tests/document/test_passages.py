"""Passages in the document: before, after and instead of computed text."""

import pytest

from diptych.document import (
    Column,
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Passage,
    Section,
    Sentence,
    Span,
    TableBlock,
    with_passages,
)


def told(name, origin="computed"):
    return Paragraph((Sentence(name, (Span(name),), (), origin),))


def document():
    plain = TableBlock("p", "P", (Column("a"),), (("1",),))
    sections = (
        Section("abstract", "Abstract", (told("a"), FigureBlock("main", (), "alt"))),
        Section("methods", "Methods", (told("m"), ItemList((told("i"),)), plain)),
        Section("provenance", "Provenance", (told("p"),)),
    )
    return Document("T", None, (), None, "en", None, "0", sections, (), ())


MINE = (told("mine", "authored"),)


@pytest.mark.parametrize(
    ("section", "where", "kinds"),
    [
        ("abstract", "before", ["mine", "a", "main"]),
        ("abstract", "after", ["a", "main", "mine"]),
        ("abstract", "instead", ["mine", "main"]),
        ("methods", "before", ["mine", "m", "ItemList", "p"]),
        ("methods", "after", ["m", "ItemList", "p", "mine"]),
        ("methods", "instead", ["mine"]),
    ],
)
def test_the_place_of_a_passage(section, where, kinds):
    found = with_passages(document(), [Passage(section, where, MINE)], str.capitalize).section(section)
    names = [b.sentences[0].id if isinstance(b, Paragraph) else getattr(b, "id", "ItemList") for b in found.blocks]
    assert names == kinds


def test_a_section_that_is_not_there_is_made_in_its_place():
    found = with_passages(
        document(), [Passage("interpretation", "instead", MINE), Passage("coverage", "after", MINE)], str.capitalize
    )
    assert [(section.id, section.title) for section in found.sections] == [
        ("abstract", "Abstract"),
        ("interpretation", "Interpretation"),
        ("coverage", "Coverage"),
        ("methods", "Methods"),
        ("provenance", "Provenance"),
    ]


def test_with_several_figures_a_new_section_stands_with_its_figure():
    sections = tuple(
        Section(name, name, (told(name),))
        for name in ("x.abstract", "x.methods", "y.abstract", "y.methods", "provenance")
    )
    both = Document("T", None, (), None, "en", None, "0", sections, (), ())
    found = with_passages(both, [Passage(f"{f}.coverage", "after", MINE) for f in "yx"], str)
    assert [section.id for section in found.sections] == [
        "x.abstract", "x.coverage", "x.methods", "y.abstract", "y.coverage", "y.methods", "provenance",
    ]  # fmt: skip


def test_a_link_to_a_section_that_the_report_lacks_is_text():
    links = Sentence("mine", (Span("a", "plain", "#methods"), Span("b", "plain", "#coverage")), (), "authored")
    passage = Passage("methods", "after", (Paragraph((links,)),))
    found = with_passages(document(), [passage], str).section("methods").blocks[-1]
    assert [span.href for span in found.sentences[0].spans if span.href is not None] == ["#methods", ""]
