"""The glossary has the words of the trade that a report uses behind its first page, those alone, and each linked once."""

from __future__ import annotations

import re

import pytest

from diptych.document.compose import BUILDERS, ID, WORDS, with_glossary
from diptych.document.model import FIRST_PAGE, ItemList, LinkSpan, Paragraph, Section, Sentence, Span, TableBlock
from diptych.document.writer import Writer
from tests.examples.relations import CONFIGS
from tests.prose.first_page import names_of, replaced
from tests.prose.parts import folder
from tests.prose.test_first_page import TRADE
from tests.prose.wholes import wholes

pytestmark = pytest.mark.long


def sections_of(whole):
    part, writer = whole.written.part, whole.written.writer
    return [Section(name, name, tuple(build(part, writer))) for name, build in BUILDERS.items()]


def texts(section):
    for block in section.blocks:
        for paragraph in block.items if isinstance(block, ItemList) else (block,):
            if isinstance(paragraph, Paragraph):
                yield from (sentence.text for sentence in paragraph.sentences)
        if isinstance(block, TableBlock) and not block.id.endswith("-references"):
            yield block.caption
            yield from (column.header for column in block.columns)
            yield from (cell.text for row in block.rows for cell in row)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_word_of_the_trade_that_a_report_uses_is_in_its_glossary(name):
    for whole in wholes(CONFIGS[name]):
        plain = sections_of(whole)
        made = with_glossary(plain, whole.written.writer)
        entries = made[-1].blocks[0].items if made[-1].id == ID else ()
        told = {entry.sentences[0].id.removeprefix(f"{ID}.") for entry in entries}
        used = set()
        for text in (text for section in plain if section.id not in FIRST_PAGE for text in texts(section)):
            for found in TRADE.finditer(replaced(text, names_of(whole))):
                known = {word for word, pattern in WORDS.items() if pattern.search(text)}
                assert known, (found.group(), text)
                used |= known
        assert used <= told


@pytest.mark.parametrize("name", CONFIGS)
def test_no_word_is_linked_before_the_details_and_each_once(name):
    for whole in wholes(CONFIGS[name]):
        made = with_glossary(sections_of(whole), whole.written.writer)
        links = [(section, span) for section in made for span in spans(section) if isinstance(span, LinkSpan)]
        assert all(section.detail and span.href == "#glossary" and span.hint for section, span in links)
        assert len({span.hint for _, span in links}) == len(links)


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


def test_each_entry_is_a_short_plain_sentence(writer):
    for name in WORDS:
        text = writer.words(ID, name)
        assert text.endswith(".")
        assert len(text.split()) <= 28
        assert not any(pattern.search(text) for word, pattern in WORDS.items() if word != name), text


def test_page_and_markdown_of_the_default_report_print_it(sites):
    site = sites("default")
    page, text = ((site / name).read_text(encoding="utf-8") for name in ("index.html", "report.md"))
    assert re.search(
        r'<a href="#glossary" class="term" title="The variance of an estimate [^"]+">[Dd]esign effect</a>', page
    )
    assert page.index('<section id="glossary"') > page.index('<section id="appendix"')
    assert "\n## Glossary\n\n" in text
    assert len(page.encode()) < 350_000
