"""Authored Markdown as blocks of the document: what it may hold, its sentences, and their cells."""

import pytest

from diptych.cells import CellRef
from diptych.contrib.claims.blocks import blocks_of
from diptych.document import SECTION_IDS, Paragraph, Span
from tests.contrib.claims.small import rendered

NN, CC = CellRef("left", "N", "N"), CellRef("left", "C", "C")


def blocks(source, **more):
    found, problems = blocks_of(rendered(source, **more), SECTION_IDS)
    assert problems == []
    return found


def texts(source):
    """Every paragraph as the texts of its sentences."""
    return [[sentence.text for sentence in block.sentences] for block in blocks(source) if isinstance(block, Paragraph)]


def test_every_sentence_is_authored_with_an_id_of_its_words():
    (block,) = blocks(
        'Text {{ percent(left["N","N"]) }} keeps to itself, as a rule, mostly so. Text keeps. Text keeps.'
    )
    assert [(sentence.id, sentence.origin) for sentence in block.sentences] == [
        ("authored.findings.text-keeps-to-itself-as-a", "authored"),
        ("authored.findings.text-keeps", "authored"),
        ("authored.findings.text-keeps-2", "authored"),
    ]


def test_ids_do_not_move_with_the_numbers():
    before, after = (blocks("{{ " + value + " }} of them do.") for value in ('n(left["N","N"])', 'n(left["C","C"])'))
    assert before[0].sentences[0].id == after[0].sentences[0].id == "authored.findings.of-them-do"


def test_a_value_gives_its_cells_to_its_sentence_alone():
    (block,) = blocks('First {{ left["N","N"] }}. Second {{ left["C","C"] }} here. Third.')
    assert [sentence.cells for sentence in block.sentences] == [(NN,), (CC,), ()]
    assert [sentence.text for sentence in block.sentences] == ["First 90%.", "Second 98% here.", "Third."]


def test_a_claim_gives_its_cells_to_what_it_says():
    (block,) = blocks('Before. {% claim left["N","N"] < left["C","C"] %}It is so.{% endclaim %} After.')
    assert [(sentence.text, sentence.cells) for sentence in block.sentences] == [
        ("Before.", ()), ("It is so.", (NN, CC)), ("After.", ()),
    ]  # fmt: skip
    (block,) = blocks('{% claim left["N","N"] > 0.5 %}It is so. And so on.{% endclaim %}')
    assert [sentence.cells for sentence in block.sentences] == [(NN,), (NN,)]


def test_a_claim_may_hold_a_paragraph_or_a_list():
    found = blocks('{% claim left["N","N"] > 0.5 %}\n\nSo it is.\n\n- one\n- two\n\n{% endclaim %}\n\nAfter.')
    assert [type(block).__name__ for block in found] == ["Paragraph", "ItemList", "Paragraph"]
    assert [item.sentences[0].text for item in found[1].items] == ["one", "two"]


def test_styles_and_links():
    (block,) = blocks("Plain *soft* **hard *both*** `code` [a **link**](https://example.org/a?b=1) [there](#methods).")
    assert block.sentences[0].spans == (
        Span("Plain "),
        Span("soft", "emphasis"),
        Span(" "),
        Span("hard both", "strong"),
        Span(" code "),
        Span("a ", "plain", "https://example.org/a?b=1"),
        Span("link", "strong", "https://example.org/a?b=1"),
        Span(" "),
        Span("there", "plain", "#methods"),
        Span("."),
    )


def test_lists():
    found = blocks('1. One *a*.\n2. Two.\n\n   More.\n\n- x {{ left["N","N"] }}\n- y')
    assert [(block.numbered, [[s.text for s in item.sentences] for item in block.items]) for block in found] == [
        (True, [["One a."], ["Two.", "More."]]),
        (False, [["x 90%"], ["y"]]),
    ]


def test_a_heading_becomes_the_first_words_of_its_paragraph():
    found = blocks('# What we think of {{ percent(left["N","N"]) }}\nIt is so.\n\nAnd so.\n\n## Why?\n\nThus.')
    assert [[sentence.text for sentence in block.sentences] for block in found] == [
        ["What we think of 90%.", "It is so."],
        ["And so."],
        ["Why?", "Thus."],
    ]
    first, second = found[0].sentences
    assert ({span.style for span in first.spans}, first.cells) == ({"strong"}, (NN,))
    assert ({span.style for span in second.spans}, second.cells) == ({"plain"}, ())


HTML = "<script>alert(1)</script> <b onclick=x>bold</b> <img src=x onerror=y> &lt;b&gt; <!-- c -->"


def test_html_is_text_like_any_other():
    (block,) = blocks(f"<div>{HTML}</div>")
    assert block.sentences[0].text == "<div>" + HTML.replace("&lt;b&gt;", "<b>") + "</div>"
    assert all(type(span) is Span for sentence in block.sentences for span in sentence.spans)


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        ("a\n\n```\ncode\n```", ["3: code blocks cannot be used in authored text"]),
        ("a\n\n    code", ["3: code blocks cannot be used in authored text; begin the line without spaces"]),
        ("> quoted", ["1: quotations in blocks (>) cannot be used in authored text"]),
        ("a\n\n---\n\nb", ["3: rules (---) cannot be used in authored text"]),
        ("![a](https://example.org/a.png)", ["1: images cannot be used in authored text"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["1: tables cannot be used in authored text; write a list"]),
        ("- a\n  - b", ["2: a list cannot be inside a list"]),
        ("# Alone", ["1: a heading needs a paragraph after it, whose first words it becomes"]),
        ("# A\n\n# B\n\ntext", ["1: a heading needs a paragraph after it, whose first words it becomes"]),
        ("- # A", ["1: a heading needs a paragraph after it, whose first words it becomes"]),
        ("[a](ftp://example.org)", ['1: a link leads to https://… or to #section, not to "ftp://example.org"']),
        ("[a](page.html)", ['1: a link leads to https://… or to #section, not to "page.html"']),
        ("[a](//example.org)", ['1: a link leads to https://… or to #section, not to "//example.org"']),
        (
            "[a](https://me:pw@example.org)",
            ['1: a link leads to https://… or to #section, not to "https://me:pw@example.org"'],
        ),
        ("<mailto:a@example.org>", ['1: a link leads to https://… or to #section, not to "mailto:a@example.org"']),
        ("[a](#methodss)", ['1: there is no section "methodss" to link to (did you mean "methods"?)']),
        ('[a](https://example.org/{{ left["N","N"] }})', ["1: the address of a link cannot contain a value"]),
        ("[a](javascript:alert(1))", []),
        ("[a](data:text/html;base64,xx)", []),
        ("[a]({{ left['N','N'] }})", ["1: the address of a link cannot contain a value"]),
        (
            "{% claim left['N','N'] > 0\n and left['N','N'] > 0.1 %}\n\n> q\n\n{# a\nb #}\n![b](https://example.org/b)\n{% endclaim %}",
            [
                "4: quotations in blocks (>) cannot be used in authored text",
                "8: images cannot be used in authored text",
            ],
        ),
    ],
)
def test_what_a_report_cannot_carry_is_refused_at_its_line(source, messages):
    _, found = blocks_of(rendered(source), SECTION_IDS)
    assert [str(problem) for problem in found] == [f"text/findings.md:{message}" for message in messages]


@pytest.mark.parametrize(
    "source", ["[" * 3000, "*" * 3000, "**a" * 1000, "> " * 500, "- " * 500 + "a", "`" * 3000, "<" * 3000]
)
def test_deep_markdown_comes_to_an_end(source):
    blocks_of(rendered(source), SECTION_IDS)
