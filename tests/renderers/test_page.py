import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from urllib.parse import unquote

import pytest
from lxml import etree, html

from diptych.document import Figure, FigureBlock, Section
from diptych.renderers.html import render_html
from tests.renderers.documents import IMAGE, NASTY, SCRIPT, demo, nasty, sentence, small, svg

FORMATS = (("report.pdf", "PDF"), ("report.md", "Markdown"))
DOCUMENTS = [small, nasty, demo]


def text_of(document):
    return render_html(document, FORMATS)["index.html"].decode()


def tree_of(document):
    return html.document_fromstring(text_of(document))


def words(element):
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_policy_holds_the_hashes_of_what_stands_in_the_page(document):
    page = text_of(document())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies]
        named = re.search(rf"{directive} ([^;]*)", policy)[1].split()
        assert named == [f"'sha256-{digest}'" for digest in digests]
        assert named
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


@pytest.mark.parametrize("document", DOCUMENTS)
def test_nothing_is_loaded_and_nothing_runs(document):
    page = tree_of(document())
    loading = page.xpath("//*[@src or @srcset or @data or @poster or @action or @background]")
    assert loading == []
    assert [link.get("href")[:19] for link in page.xpath("//link[@rel='icon']")] == ["data:image/svg+xml,"]
    assert {link.get("rel") for link in page.xpath("//link")} <= {"icon", "canonical"}
    sheet = "".join(page.xpath("//style/text()"))
    assert "@import" not in sheet
    assert set(re.findall(r"url\((\w+:)", sheet)) == {"data:"}
    assert page.xpath("//*[@style]") == []
    assert [name for element in page.iter() for name in element.attrib if name.startswith("on")] == []
    assert page.xpath("//script[not(@type)]/@*") == []
    assert set(page.xpath("//script/@type")) == {"application/ld+json", "application/json"}
    assert page.xpath("//iframe | //object | //embed | //img | //form | //base") == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_ids_are_given_once_and_every_link_arrives(document):
    page = tree_of(document())
    ids = Counter(page.xpath("//@id"))
    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in ids if re.search(r"\s", name)] == []
    links = [unquote(href[1:]) for href in page.xpath("//a/@href") if href.startswith("#")]
    assert links
    assert [name for name in links if name not in ids] == []
    named = " ".join(page.xpath("//@aria-labelledby | //@aria-describedby")).split()
    assert [name for name in named if name not in ids] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_markup_is_well_formed(document):
    """Every element is closed and every attribute quoted: an XML parser reads the page, with void elements closed."""
    page = re.sub(r"<(meta|link|br)\b([^>]*)>", r"<\1\2/>", text_of(document()))
    page = re.sub(r"<(style|script)>.*?</\1>", r"<\1/>", page.replace("<!doctype html>", ""), flags=re.DOTALL)
    etree.fromstring(page.encode())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_word_of_the_document_is_there(document):
    document = document()
    page = words(tree_of(document).xpath("//body")[0])
    for section in document.sections:
        assert section.title in page or section.name in ("abstract", "findings", "interpretation", "provenance")
        for block in section.blocks:
            for paragraph in getattr(block, "items", [block]):
                for one in getattr(paragraph, "sentences", getattr(paragraph, "caption", ())):
                    assert isinstance(one, str) or " ".join(one.text.split()) in page
            for row in getattr(block, "rows", ()):
                assert all(" ".join(text.split()) in page for text in row)


def test_labels_are_text_everywhere():
    page = tree_of(nasty())
    assert page.xpath("//title")[0].text == f"{NASTY} {IMAGE}"
    assert words(page.xpath("//h1")[0]) == f"{NASTY} {IMAGE}"
    assert [words(cell) for cell in page.xpath("//table//th[@scope='row']")] == [NASTY, SCRIPT + IMAGE]
    assert page.xpath("//figure//*[@role='img']/@aria-label") == [f"Two matrices of {NASTY} and {SCRIPT + IMAGE}."]
    assert page.xpath("//*[local-name()='svg']//*[local-name()='text']")[0].text == NASTY
    assert "alert(1)" not in "".join(page.xpath("//script[not(@type)]/text()"))
    assert [json.loads(text) for text in page.xpath("//script[@type]/text()")]
    assert "</script" not in "".join(page.xpath("//script[@type]/text()"))


def test_two_figures_share_no_id():
    document = small()
    second = Figure("second", "Second", svg(document.figures[0].panels), ())
    block = FigureBlock("second", (sentence("caption:second", "Again."),), "Again.")
    document = replace(
        document,
        figures=(*document.figures, second),
        sections=(*document.sections, Section("second.reading", "Second", (block,))),
    )
    page = tree_of(document)
    assert len(page.xpath("//*[local-name()='lineargradient']/@id")) == 5  # two panels twice, and the other figure
    assert len(set(page.xpath("//@id"))) == len(page.xpath("//@id"))


def test_right_to_left_languages_say_so():
    assert tree_of(replace(small(), language="ar")).get("dir") == "rtl"
    assert tree_of(small()).get("dir") == "ltr"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", None])
def test_only_web_addresses_become_links(url):
    assert tree_of(replace(small(), url=url)).xpath("//link[@rel='canonical']") == []


def test_same_document_same_bytes_and_small():
    assert text_of(demo()) == text_of(demo())
    assert len(text_of(demo()).encode()) < 350_000
