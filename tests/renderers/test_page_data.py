"""The data of a page: metadata, previews of links, and the reading lines of its cells."""

import json
from dataclasses import replace

from lxml import html

from diptych.renderers.html import render_html
from tests.renderers.documents import IMAGE, NASTY, SCRIPT, nasty, small

FORMATS = (("report.pdf", "PDF"),)


def tree_of(document, picture="figures/main.png"):
    return html.document_fromstring(render_html(document, FORMATS, picture=picture)["index.html"])


def metas_of(page):
    return {(m.get("name") or m.get("property")): m.get("content") for m in page.xpath("//meta[@name or @property]")}


def dataset_of(page):
    [text] = page.xpath("//script[@type='application/ld+json']/text()")
    return json.loads(text)


def test_no_label_ends_the_block():
    document = nasty()
    page = tree_of(document)
    assert dataset_of(page)["name"] == f"{NASTY} {IMAGE}"
    assert SCRIPT in dataset_of(page)["description"]
    for text in page.xpath("//script[@type]/text()"):
        assert not set("<>&\u2028\u2029") & set(text)


def test_previews_and_tags_for_indexes_of_papers():
    found = metas_of(tree_of(small()))
    shown = {name: text for name, text in found.items() if name.startswith(("og:", "twitter:", "citation_"))}
    assert shown == {
        "og:type": "article",
        "og:title": "Small report",
        "og:description": "The figure describes 6 models of 8.",
        "og:url": "https://example.org/report/",
        "og:image": "https://example.org/report/figures/main.png",
        "og:image:alt": "Two matrices of NLP and CV.",
        "twitter:card": "summary_large_image",
        "citation_title": "Small report",
        "citation_author": "Ada Example",
        "citation_publication_date": "2026/03/02",
        "citation_language": "en",
        "citation_fulltext_html_url": "https://example.org/report/",
        "citation_pdf_url": "https://example.org/report/report.pdf",
    }


def readings_of(document):
    [text] = tree_of(document).xpath("//script[@id='report-readings']/text()")
    return json.loads(text)


def test_a_reading_line_has_names_parts_and_the_numbers_of_each_cell():
    document = nasty()
    says = (("{value} of {given} {outcome}.", ""),)
    panels = tuple(replace(panel, says=says) for panel in document.figures[0].panels)
    found = readings_of(replace(document, figures=(replace(document.figures[0], panels=panels),)))
    assert [*found] == ["left", "right"]
    assert found["left"]["given"] == found["left"]["outcome"] == [NASTY, SCRIPT + IMAGE]
    assert found["left"]["says"] == [list(part) for part in says]
    assert [cell.split("|")[1:3] for cell in found["left"]["cells"]] == [["3", "4"], ["1", "4"], ["0", "2"], ["2", "2"]]
    assert readings_of(document) == {}
