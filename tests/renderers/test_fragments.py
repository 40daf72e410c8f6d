"""Fragments for pages of other sites: front matter, markup that no generator changes, styles that stay inside."""

import html
import re
from collections import Counter
from dataclasses import replace

import pytest
import yaml
from markdown_it import MarkdownIt

from diptych.renderers.html import id_prefix, render_fragment
from diptych.renderers.outline import outline
from diptych.renderers.registry import PAGES, render_site_page
from diptych.theme import one_line
from tests.renderers.documents import demo, nasty, small

OTHERS = (("report.pdf", "PDF"),)
TEMPLATES = "{{7*7}} {% raw %} {{< shortcode >}} {# no #} ${7*7}"


def made(document, *, name=None):
    return render_fragment(document, OTHERS, name)["fragment.html"].decode()


def paged(document, generator, *, name=None):
    """Return the page of a generator, its style sheet, and the address of the style sheet."""
    files = {path: content.decode() for path, content in render_site_page(document, generator, OTHERS, name).items()}
    page = files.pop(PAGES[generator].file)
    ((path, sheet),) = files.items()
    return page, sheet, path


def parts(page):
    """Return the front matter and the rest of a page, as generators split it."""
    found = re.fullmatch(r"---\n(.*?\n)---\n(.*)", page, re.DOTALL)
    return yaml.safe_load(found[1]), found[2]


@pytest.mark.parametrize(
    "title", ["a: b # c", "---", "- x", "yes", "2026-01-01", "q\"'", "x\n---\ny", "{{7*7}}", "é\x00"]
)
def test_any_title_is_text_in_front_matter_and_heading(title):
    expected = " ".join(title.split()).replace("\x00", "\\u0000")
    for generator in ("hugo", "mkdocs"):
        matter, body = parts(paged(replace(small(), title=title, date=None), generator)[0])
        assert matter["title"] == expected
        assert list(matter) == ["title", "description"]
    shown = MarkdownIt("commonmark", {"html": True}).render(body)
    assert html.unescape(re.match(r"<h1>(.*)</h1>\n<div", shown)[1]) == expected


MARKDOWN = [name for name, form in PAGES.items() if form.headings == "markdown"]


@pytest.mark.parametrize("document", [small, demo, nasty])
@pytest.mark.parametrize("generator", MARKDOWN)
def test_markdown_has_the_headings_and_leaves_the_cards_as_they_are(document, generator):
    body = parts(paged(document(), generator)[0])[1]
    tokens = MarkdownIt("commonmark", {"html": True}).parse(body)
    headings = [
        (
            token.tag,
            html.unescape(
                "".join(child.content for child in tokens[place + 1].children if child.type != "html_inline")
            ),
        )
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    page = outline(document())
    titles = [("h2", section.title) for section in page.sections] + [("h2", "Files")] * bool(document().downloads)
    assert headings == ([] if PAGES[generator].shows_title else [("h1", one_line(document().title))]) + titles
    kinds = {token.type for token in tokens if not token.type.startswith(("heading", "inline"))}
    assert kinds == {"fence" if generator == "quarto" else "html_block"}
    cards = [token.content for token in tokens if token.type in {"fence", "html_block"}]
    assert len(cards) == len(titles) + 1
    assert all(card.startswith("<div") and card.endswith("</div>\n") for card in cards)
    assert {token.info for token in tokens if token.type == "fence"} <= {"{=html}"}


@pytest.mark.parametrize("generator", PAGES)
def test_no_generator_runs_what_a_label_says(generator):
    document = replace(small(names=(TEMPLATES, "CV")), title=f"On {TEMPLATES}")
    matter, body = parts(paged(document, generator)[0])
    assert matter["title"] == document.title
    assert not re.search(r"\{[{%#<]|\$\{", body)
    assert html.escape(TEMPLATES) in made(document)
    assert "&#123;{7*7}} &#123;% raw %} &#123;{&lt; shortcode &gt;}} &#123;# no #} $&#123;7*7}" in body


@pytest.mark.parametrize("generator", PAGES)
def test_a_page_says_all_that_the_fragment_says(generator):
    def said(text):
        return re.findall(r"\w+", html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)))

    page, _, _ = paged(demo(), generator)
    assert Counter(said(made(demo()))) - Counter(said(page)) == Counter()


def test_labels_are_text_and_no_markup():
    text = made(nasty())
    assert not re.search(r"<(script|img|html|head|body)\b", text)
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_ids_begin_with_the_report():
    document = small()
    assert re.fullmatch(r"small-report-[0-9a-f]{6}-", id_prefix(document, None))
    assert re.fullmatch(r"hub-2026-[0-9a-f]{6}-", id_prefix(document, "Hub 2026"))
    others = [replace(document, subtitle="Another"), replace(document, title="Small: report!"), document]
    names = [id_prefix(one, None) for one in others] + [id_prefix(document, "small-report")]
    assert len(set(names)) == 4
    assert re.fullmatch(r"report-[0-9a-f]{6}-", id_prefix(replace(document, title="数据"), None))
    text = made(document, name="hub")
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) > 10
    assert {one[:4] for one in ids} == {"hub-"}
