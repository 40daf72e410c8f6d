"""The first page of every example, simulated world and public table: short, plain, and in words that anyone has."""

from __future__ import annotations

import re
import sys
from statistics import median

import pytest

from diptych.document import front
from diptych.document.compose import BUILDERS
from diptych.document.model import FIRST_PAGE, Document, ReportSettings, TableBlock
from diptych.document.pictures import cells_that_matter, of_pairs
from diptych.figures.chart import PAGE_PX
from tests.examples.relations import CONFIGS
from tests.figures.drawn_charts import read
from tests.prose.cases import PUBLIC
from tests.prose.first_page import flesch, names_of, numbers_in, replaced, sentences_in, words_in
from tests.prose.test_words import SIMULATED
from tests.prose.wholes import wholes
from tools.prose import rates

MOST_WORDS, MOST_WORDS_WITH_TABLES, MOST_TABLES = 450, 900, 2
MOST_WORDS_IN_SENTENCE, MOST_NUMBERS, MOST_STATEMENTS, MOST_SENTENCES = 30, 3, 5, 2
MEDIAN_WORDS = 17
ABSENT = ("what-clause", "stands", "holds", "tells", "is said", "would make, rests on", "archaic", "inversion")
"""Marks of stilted English (`tools/prose.py`) that the first page never has."""

EASE = 60
"""On the scale of Flesch (1948): plain English, as eighth to ninth graders read it."""

BLANK = Document.blank(ReportSettings(title="Topic"), "0")

TRADE = re.compile(
    r"\b(lifts?|q[- ]values?|lineari[sz]\w*|strata|stratum|effective|quasi-?\w*|resampl\w*|mirrored|base rates?"
    r"|odds ratios?|deviance|residuals?|marginals?|p[- ]values?|null hypothes\w*|heterogene\w*)\b",
    re.IGNORECASE,
)

PROJECT_IDS = [f"public-{name}" for name in PUBLIC]


@pytest.fixture(params=[*CONFIGS, *SIMULATED, *PROJECT_IDS], scope="module")
def pages(request, public, simulated):
    """Return the first page of each part of the report of each of them: its sentences, its tables and its names."""
    if request.param in CONFIGS:
        parts = wholes(CONFIGS[request.param])
    elif request.param in SIMULATED:
        parts = wholes(simulated(request.param) / "config.yaml")
    else:
        parts = public(request.param.removeprefix("public-"))
    return [(whole, [said for said in whole.said if said.section in FIRST_PAGE]) for whole in parts]


def tables(whole):
    part, writer = whole.written.part, whole.written.writer
    blocks = [block for name in FIRST_PAGE if name in BUILDERS for block in BUILDERS[name](part, writer)]
    cells = cells_that_matter(part, writer) if of_pairs(part, writer) is None else ()
    return [block for block in (*blocks, *cells) if isinstance(block, TableBlock)]


def pictured(whole):
    """Return the words of the picture on the first page, its caption among them; none where there is none."""
    picture = of_pairs(whole.written.part, whole.written.writer)
    if picture is None:
        return []
    drawn = read(picture.chart.svg(PAGE_PX[0], "#ffffff"))
    return [*drawn.said(), *(sentence.text for sentence in picture.block.caption)]


def test_the_first_page_is_short(pages):
    for whole, said in pages:
        n = sum(len(words_in(one.text)) for one in said)
        found = tables(whole)
        texts = [t for block in found for t in (block.caption, *(c.text for row in block.rows for c in row))]
        assert n <= MOST_WORDS
        assert len(found) <= MOST_TABLES
        assert n + sum(len(words_in(text)) for text in (*texts, *pictured(whole))) <= MOST_WORDS_WITH_TABLES


def test_lengths_and_readability_are_printed(pages, request):
    """A row for each first page, shown by `pytest -rP`: words, words with tables, tables, longest sentence, ease."""
    for whole, said in pages:
        names = names_of(whole)
        text = " ".join(replaced(one.text, names) for one in said)
        found = tables(whole)
        cells = [t for block in found for t in (block.caption, *(c.text for row in block.rows for c in row))]
        n = sum(len(words_in(one.text)) for one in said)
        longest = max(len(words_in(sentence)) for one in said for sentence in sentences_in(replaced(one.text, names)))
        columns = (n, n + sum(len(words_in(t)) for t in cells), len(found), longest, round(flesch(text)))
        row = " ".join(f"{column:>6}" for column in columns)
        sys.stdout.write(f"{request.node.callspec.params['pages']:<24} {row}\n")
        assert all(column > 0 for column in columns[:2])


def test_a_sentence_is_short_and_has_few_numbers(pages):
    for whole, said in pages:
        names = names_of(whole)
        plain = [sentence for one in said for sentence in sentences_in(replaced(one.text, names))]
        assert [text for text in plain if len(words_in(text)) > MOST_WORDS_IN_SENTENCE] == []
        assert [text for text in plain if len(numbers_in(text)) > MOST_NUMBERS] == []


AFTER = ("methods", "appendix")
"""Sections that may have longer sentences and more numbers."""


def test_no_sentence_outside_the_method_is_long_or_full_of_numbers(pages):
    for whole, _ in pages:
        names = names_of(whole)
        said = [one for one in whole.said if one.section not in AFTER]
        plain = [sentence for one in said for sentence in sentences_in(replaced(one.text, names))]
        assert [text for text in plain if len(words_in(text)) > MOST_WORDS_IN_SENTENCE] == []
        assert [text for text in plain if len(numbers_in(text)) > MOST_NUMBERS] == []
        assert median(map(len, map(words_in, plain))) <= MEDIAN_WORDS


def test_half_of_the_sentences_are_of_17_words_at_most(pages):
    lengths = [
        len(words_in(sentence))
        for whole, said in pages
        for one in said
        for sentence in sentences_in(replaced(one.text, names_of(whole)))
    ]
    assert median(lengths) <= MEDIAN_WORDS


def test_no_mark_of_stilted_english_is_on_the_first_page(pages):
    """In sentences, lead words, cells of tables, the title and the deck."""
    for whole, said in pages:
        part, writer = whole.written.part, whole.written.writer
        titles = [front.title(part, writer) or "", front.deck(part, writer, BLANK, is_topic=True)]
        texts = [*titles, *(one.text for one in said)]
        texts += [cell.text for block in tables(whole) for row in block.rows for cell in row]
        texts += [
            item.lead or "" for block in BUILDERS["observations"](part, writer) for item in getattr(block, "items", ())
        ]
        found = {text: rates(replaced(text, names_of(whole))).found for text in texts}
        assert {
            text: [name for name in ABSENT if n[name]] for text, n in found.items() if any(map(n.get, ABSENT))
        } == {}


def test_the_first_page_reads_easily(pages):
    for whole, said in pages:
        text = " ".join(replaced(one.text, names_of(whole)) for one in said)
        assert flesch(text) >= EASE, text


def test_no_word_of_the_trade_stands_before_the_details(pages):
    for whole, said in pages:
        names = names_of(whole)
        texts = [one.text for one in said] + [
            text for block in tables(whole) for text in (block.caption, *(c.text for row in block.rows for c in row))
        ]
        texts += pictured(whole)
        assert [text for text in texts if TRADE.search(replaced(text, names))] == []


def test_there_are_few_statements_of_few_sentences(pages):
    for whole, _ in pages:
        blocks = BUILDERS["observations"](whole.written.part, whole.written.writer)
        items = [item for block in blocks for item in getattr(block, "items", ())]
        assert len(items) <= MOST_STATEMENTS
        texts = [" ".join(sentence.text for sentence in item.sentences) for item in items]
        assert [text for text in texts if len(sentences_in(replaced(text, names_of(whole)))) > MOST_SENTENCES] == []


def test_sensitivity_asks_first_what_is_told_first(pages):
    for whole, _ in pages:
        findings = whole.written.part.findings
        points = [point for f in findings if f.kind == "story" for point in f.points]
        told = [(point.finding, {p.row, p.column}) for point in points for p in point.pairs or [None] if p]
        wholly = {point.finding for point in points if not point.pairs}
        for found in (f for f in findings if f.kind in ("choices", "dependence")):
            questions = [line.headline.question for line in (found.tried if found.kind == "choices" else found.rests)]
            asked = [(q.finding, set(q.categories)) for q in questions]
            ranks = [told.index(one) for one in asked if one in told]
            assert ranks == sorted(ranks)
            first = [one in told or one[0] in wholly for one in asked]
            assert first == sorted(first, reverse=True)


def test_nothing_is_said_twice(pages):
    for _, said in pages:
        texts = [one.text for one in said if not one.sentence.id.endswith(("-also", "-within", "-turned", "rests"))]
        assert sorted(set(texts)) == sorted(texts)


def test_what_is_too_long_or_too_learned_is_noticed():
    """The tests above can fail."""
    assert len(words_in("One, two three-fold and 4% of 12,345.")) == 7
    assert numbers_in("Of 12,345 models 95% (92–97%) are none of 0.5.") == ["12,345", "95", "0.5"]
    assert all(map(TRADE.search, ("its lift is 2", "within Strata", "by quasi-symmetry")))
    assert replaced("Long-term Krat Exclosure is one", ("Long-term Krat Exclosure", "Krat")) == "Name is one"
    assert sentences_in("One of 3.5 here. Two; three.") == ["One of 3.5 here.", "Two; three."]
    easy, hard = "The cat sat on the mat.", "Heterogeneity necessitates considerable methodological sophistication."
    assert flesch(easy) > 100 > EASE > flesch(hard)
