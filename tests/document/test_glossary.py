"""The glossary has the words of the trade that a report uses behind its first page, those alone, and each linked once."""

from __future__ import annotations

import pytest

from diptych.document.compose import with_glossary
from diptych.document.model import ItemList, LinkSpan, Paragraph, Section, Sentence, Span
from diptych.document.writer import Writer
from tests.prose.parts import folder

pytestmark = pytest.mark.slow


def spans(section):
    for block in section.blocks:
        for paragraph in block.items if isinstance(block, ItemList) else (block,):
            if isinstance(paragraph, Paragraph):
                yield from (span for sentence in paragraph.sentences for span in sentence.spans)


def section(name, text, origin="computed"):
    return Section(name, name, (Paragraph((Sentence("a.b", (Span(text),), origin=origin),)),))


@pytest.fixture
def writer():
    return Writer(folder(), "en", {})


def test_the_words_of_a_text_are_told_and_its_words_stay(writer):
    made = with_glossary(
        [section("abstract", "A lift."), section("methods", "Lifts, a lift and q; a shoplift.")], writer
    )
    assert [one.id for one in made] == ["abstract", "methods", "glossary"]
    assert [paragraph.lead for paragraph in made[-1].blocks[0].items] == ["Lift.", "q."]
    found = list(spans(made[1]))
    assert "".join(span.text for span in found) == "Lifts, a lift and q; a shoplift."
    assert [span.text for span in found if isinstance(span, LinkSpan)] == ["Lifts", "q"]


def test_a_report_without_such_words_has_no_glossary(writer):
    plain = [
        section("abstract", "A lift."),
        section("methods", "Nothing to learn."),
        section("reading", "q", "authored"),
    ]
    assert with_glossary(plain, writer) == plain
