"""Fragments for pages of other sites: front matter, markup that no generator changes, styles that stay inside."""

import datetime as dt
import html
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
import yaml
from markdown_it import MarkdownIt

from diptych.renderers import HtmlSettings
from diptych.renderers.html import PAGES, id_prefix, render_fragment
from diptych.renderers.html_data import scoped
from tests.renderers.documents import demo, nasty, small

OTHERS = (("report.pdf", "PDF"),)
TEMPLATES = "{{7*7}} {% raw %} {{< shortcode >}} {# no #} ${7*7}"


def made(document, generator=None, *, fragment=True, name=None):
    settings = HtmlSettings(fragment=fragment, front_matter=generator)
    return {path: content.decode() for path, content in render_fragment(document, settings, OTHERS, name).items()}


def parts(page):
    """Return the front matter and the rest of a page, as generators split it."""
    found = re.fullmatch(r"---\n(.*?\n)---\n(.*)", page, re.DOTALL)
    return yaml.safe_load(found[1]), found[2]


def test_nothing_is_made_unless_asked_for():
    assert made(small(), fragment=False) == {}
    assert list(made(small())) == ["fragment.html"]
    assert list(made(small(), "quarto")) == ["fragment.html", "page.qmd"]
    assert list(made(small(), "quarto", fragment=False)) == ["page.qmd"]


@pytest.mark.parametrize("generator", PAGES)
def test_front_matter_says_title_description_and_date(generator):
    matter, _ = parts(made(small(), generator)[PAGES[generator]])
    description = "".join(span.text for span in small().sections[0].blocks[0].sentences[0].spans)
    layout = {"layout": "default"} if generator == "jekyll" else {}
    assert matter == {**layout, "title": "Small report", "description": description, "date": dt.date(2026, 3, 2)}


@pytest.mark.parametrize(
    "title", ["a: b # c", "---", "- x", "yes", "2026-01-01", "q\"'", "x\n---\ny", "{{7*7}}", "é\x00"]
)
def test_any_title_is_text_in_front_matter(title):
    matter, body = parts(made(replace(small(), title=title, date=None), "hugo")["page.html"])
    assert matter["title"] == " ".join(title.split()).replace("\x00", "\\u0000")
    assert list(matter) == ["title", "description"]
    assert body.startswith('<div class="diptych"')


@pytest.mark.parametrize("document", [small, demo, nasty])
def test_markdown_leaves_the_fragment_as_it_is(document):
    page = made(document(), "mkdocs")
    body = parts(page["page.md"])[1]
    assert MarkdownIt("commonmark", {"html": True}).render(body) == body
    tokens = MarkdownIt("commonmark").parse(parts(made(document(), "quarto")["page.qmd"])[1])
    assert [(token.type, token.info, token.content) for token in tokens] == [("fence", "{=html}", body)]
    assert html.unescape(body) == html.unescape(page["fragment.html"])


@pytest.mark.parametrize("generator", PAGES)
def test_no_generator_runs_what_a_label_says(generator):
    document = small(names=(TEMPLATES, "CV"))
    page = made(document, generator)
    body = parts(page[PAGES[generator]])[1]
    assert not re.search(r"\{[{%#<]", body)
    assert html.escape(TEMPLATES) in page["fragment.html"]
    assert "&#123;{7*7}} &#123;% raw %} &#123;{&lt; shortcode &gt;}} &#123;# no #} ${7*7}" in body


def test_labels_are_text_and_no_markup():
    text = made(nasty())["fragment.html"]
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
    text = made(document, name="hub")["fragment.html"]
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) > 10
    assert {one[:4] for one in ids} == {"hub-"}


def test_what_leads_to_an_id_begins_with_the_report_too():
    text = made(small(), name="hub")["fragment.html"]
    ids = set(re.findall(r'\sid="([^"]*)"', text))
    led = re.findall(r'\s(?:href|aria-labelledby)="#?(hub-[^"]*)"|url\(#([^)]*)\)', text)
    assert len(led) > 10
    assert {unquote(one) or other for one, other in led} <= ids
    assert not re.findall(r'\s(?:xlink:)?href="#(?!hub-)[^"]*"', text)
    assert 'role="region"' not in text


def rules(sheet):
    """Return the rules of a sheet that was scoped, without those that every one has."""
    return re.search(r"\n\.diptych-report\{([^\n]*)\}\n\}\n\Z", scoped(sheet))[1]


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("h1, .a > p{color:red}", "h1, .a > p{color:red !important;}"),
        (
            ":root{--a:1} html{x:y} body{p:q}",
            "&{--a:1 !important;}&{x:y !important;}&{p:q !important;}",
        ),
        ("*::before{a:b}", "*::before{a:b !important;}"),
        ("a{b:c !important;d:e}", "a{b:c !important;d:e !important;}"),
        (".bodyless, html.dark .x{a:b}", ".bodyless, &.dark .x{a:b !important;}"),
        (':is(a, b)[title="x,}"]{a:b}', ':is(a, b)[title="x,}"]{a:b !important;}'),
        ('[dir="rtl"] a{b:c}', '&[dir="rtl"] a{b:c !important;}'),
        ("a{b:c;&:hover{d:e}}", "a{b:c !important;&:hover{d:e !important;}}"),
        ("a{b:url(data:x;y,{z})}", "a{b:url(data:x;y,{z}) !important;}"),
        ("a{b:calc(2 * (1 + var(--c)))}", "a{b:calc(2 * (1 + var(--c))) !important;}"),
        ("/* a{b:c} */a{/* ; */b:c}", "a{b:c !important;}"),
        (
            "a{m:-.5rem 2rem 3rems}",
            "a{m:calc(-.5 * var(--diptych-rem)) calc(2 * var(--diptych-rem)) 3rems !important;}",
        ),
        ("@media (prefers-color-scheme: dark){a{b:c}d{e:f}}a{b:c}", "a{b:c !important;}"),
        ("@page{margin:1cm}", ""),
        ("@media print{a{b:c}@page{d:e}}", "@media print{a{b:c !important;}}"),
        (
            "@media (min-width: 30rem) and (max-width:60rem){a{b:c}}",
            "@container diptych (min-width: 480px) and (max-width:960px){a{b:c !important;}}",
        ),
        (
            "@media screen and (min-width:30rem){a{b:c}}",
            "@media screen and (min-width:30rem){a{b:c !important;}}",
        ),
    ],
)
def test_rules_are_nested_in_one_class(sheet, expected):
    assert rules(sheet) == expected


@pytest.mark.parametrize("sheet", ["a{b:c", "a{b:c;", "a{b:c}}", "a{b:(((((c)))))}", "a{b:'c}"])
def test_a_sheet_with_unmatched_brackets_is_refused(sheet):
    with pytest.raises(ValueError, match="the style sheet does not close all that it opens"):
        scoped(sheet)


def test_statements_that_reach_outside_are_refused():
    with pytest.raises(ValueError, match=re.escape("a style sheet with @import url(x.css) cannot be scoped")):
        scoped("@import url(x.css);")
