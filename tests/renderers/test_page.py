import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from urllib.parse import unquote

import pytest
from lxml import etree, html

from diptych.document.model import Figure, FigureBlock, Section
from diptych.errors import RenderError
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


def test_other_links_are_files_of_the_site_or_plain_addresses():
    hrefs = {href for href in tree_of(small()).xpath("//a/@href") if not href.startswith("#")}
    assert hrefs == {
        "report.pdf",
        "report.md",
        "data/left.csv",
        "data/right.csv",
        "https://orcid.org/0000-0002-1825-0097",
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_markup_is_well_formed(document):
    """Every element is closed and every attribute quoted: an XML parser reads the page, with void elements closed."""
    page = re.sub(r"<(meta|link|br)\b([^>]*)>", r"<\1\2/>", text_of(document()))
    page = re.sub(r"<(style|script)>.*?</\1>", r"<\1/>", page.replace("<!doctype html>", ""), flags=re.DOTALL)
    etree.fromstring(page.encode())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_headings_and_landmarks(document):
    page = tree_of(document())
    assert [heading.tag for heading in page.xpath("//h1 | //h2 | //h3")][:2] == ["h1", "h2"]
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//h3") == []
    assert page.get("lang") == "en"
    assert [len(page.xpath(f"/html/body/div/{tag}")) for tag in ("header", "header//nav", "main", "footer")] == [1] * 4
    assert page.xpath("/html/body/*[1]/@href") == ["#main"]


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


def test_abstract_figure_and_findings_come_first_and_all_else_is_folded():
    page = tree_of(demo())
    [part] = page.xpath("//main/section")
    assert [child.tag for child in part] == ["div", "figure", "ol"]
    [findings] = [section for section in demo().sections if section.name == "findings"]
    assert len(part.xpath("./ol/li")) == len(findings.blocks[0].items)
    assert page.xpath("//main//details[@open]") == []
    assert set(page.xpath("//main/div/details/@id")) == {
        *(section.id for section in demo().sections if section.name not in {"abstract", "provenance"}),
        "data",
    }
    assert all(words(title) for title in page.xpath("//summary/h2"))


def test_a_finding_with_cells_is_a_button_that_names_them():
    page = tree_of(small())
    assert page.xpath("//ol[@data-figure='figure-main']/li/button/@data-cells") == ["left-0-0 right-0-0"]
    assert page.xpath("//li/button//span/@id") == ["self:NLP", "self:NLP:more"]
    assert page.xpath("//li[2]/*/span/@id") == ["self:CV"]
    for kind in ("wide", "narrow"):
        assert sorted(page.xpath(f"//*[@class='{kind}']//*[local-name()='path']/@data-cell")) == [
            f"{panel}-{i}-{j}" for panel in ("left", "right") for i in (0, 1) for j in (0, 1)
        ]


def test_tables_have_headers_and_sources():
    page = tree_of(small())
    [table] = page.xpath("//div[@id='table-cells']")
    assert table.xpath(".//thead//th[@scope='col']/text()") == ["Given", "Outcome", "n"]
    assert table.xpath(".//tbody//th[@scope='row']/text()") == ["NLP", "CV"]
    assert words(table.xpath(".//p[@class='tablenotes']")[0]) == "Source: data/left.csv"
    assert words(page.xpath("//figcaption")[0]) == ("Figure 1. Left given data, right given models; n = 6.")


def test_what_people_wrote_looks_different_and_is_named():
    page = tree_of(small())
    assert [words(block) for block in page.xpath("//div[@class='authored']")] == ["Authors We had expected that."]
    assert "except passages marked “Authors”, which people wrote" in words(page.xpath("//footer")[0])


def test_without_a_date_none_is_printed():
    page = tree_of(small(date=None))
    assert page.xpath("//time") == []
    assert page.xpath("//p[@class='date']") == []


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


def test_a_sentence_said_twice_has_two_ids():
    document = small()
    twice = replace(
        document,
        sections=(
            *document.sections,
            replace(document.sections[0], id="interpretation", blocks=document.sections[0].blocks[:1]),
        ),
    )
    ids = tree_of(twice).xpath("//span[@class='sentence']/@id")
    assert "sharing:NLP:CV" in ids
    assert "sharing:NLP:CV-2" in ids


def test_right_to_left_languages_say_so():
    assert tree_of(replace(small(), language="ar")).get("dir") == "rtl"
    assert tree_of(small()).get("dir") == "ltr"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", None])
def test_only_web_addresses_become_links(url):
    assert tree_of(replace(small(), url=url)).xpath("//link[@rel='canonical']") == []


def test_a_document_without_abstract_or_figure_is_a_page():
    page = tree_of(replace(small(), sections=small().sections[1:], figures=()))
    assert page.xpath("//figure") == []
    assert page.xpath("//ol[@class='findings']/li")


def test_a_drawing_that_is_none_is_an_error():
    document = small()
    document = replace(document, figures=(replace(document.figures[0], views=(), svg="<p/>"),))
    with pytest.raises(RenderError, match=r"^figure main: its drawing is <p>, not <svg>$"):
        text_of(document)


def test_same_document_same_bytes_and_small():
    assert text_of(demo()) == text_of(demo())
    assert len(text_of(demo()).encode()) < 350_000
