import pytest
from markdown_it import MarkdownIt

from diptych.renderers.markdown import render_markdown
from diptych.theme import markdown
from tests.renderers.documents import IMAGE, NASTY, SCRIPT, nasty

LABELS = [
    NASTY, SCRIPT, IMAGE, "1. one", "12) x", "- item", "+ item", "* item", "# title", "=====", "---", "> quote", "~~gone~~",
    "a_b_c", "__x__", "`code`", "![i](u)", "[a]: b", "&amp;", "| a | b |", "https://x.example/a_b", "www.x.example",
    "a@b.example", "line\nbreak", "back\\slash", "$x^2$", "0.1.0", "trailing\\",
]  # fmt: skip


def read(text):
    """What GitHub-flavoured Markdown makes of a text: (types of tokens, words)."""
    parser = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    tokens = [child for token in parser.parse(text) for child in (token.children or [token])]
    return {token.type for token in tokens}, "".join(
        token.content for token in tokens if token.type in ("text", "text_special")
    )


@pytest.mark.parametrize("label", LABELS)
def test_a_label_survives_as_paragraph_heading_item_and_field(label):
    one_line = label.replace("\n", " ")
    safe = markdown(label)
    assert read(safe) == ({"paragraph_open", "text", "paragraph_close"}, one_line) or read(safe)[1] == one_line
    assert read(f"# {safe}")[1] == one_line
    assert read(f"- {safe}")[1] == one_line
    assert read(f"| h |\n| --- |\n| {safe} |")[1] == f"h{one_line}"
    assert read(f"a {safe} b")[1] == f"a {one_line} b"
    assert {"html_inline", "html_block", "link_open", "em_open", "strong_open", "code_inline", "s_open"} & read(safe)[
        0
    ] == set()


def test_addresses_do_not_become_links():
    assert [markdown(text) for text in ("https://x.example", "www.x.example", "a@b.example")] == [
        r"https\://x.example", r"www\.x.example", r"a\@b.example",
    ]  # fmt: skip


def test_words_of_the_whole_document_survive():
    types, text = read(render_markdown(nasty())["report.md"].decode())
    assert "html_inline" not in types
    assert "html_block" not in types
    # title, sentence and findings table
    assert text.count(NASTY) == 3
    assert f"{SCRIPT}{IMAGE}: all 2." in text
