"""The default example's document: outline, and that its sentences point at what there is."""

import json

import pytest

from diptych.document import SECTION_IDS


@pytest.fixture(scope="module")
def document(sites):
    return json.loads((sites("default") / "report.json").read_text(encoding="utf-8"))


def paragraphs(section):
    for block in section["blocks"]:
        if block["type"] == "paragraph":
            yield block
        elif block["type"] == "list":
            yield from block["items"]


def sentences(document):
    for section in document["sections"]:
        for paragraph in paragraphs(section):
            yield from paragraph["sentences"]


def section(document, name):
    return next(part for part in document["sections"] if part["id"] == name)


def test_sections_stand_in_the_order_of_the_outline(document):
    ids = [part["id"] for part in document["sections"]]
    assert ids == [*SECTION_IDS, "classic.figure"]  # the figure of the same panels has no text of its own


def test_the_figure_stands_with_the_abstract_and_the_table_with_the_findings(document):
    assert [block["type"] for block in section(document, "abstract")["blocks"]] == ["paragraph", "figure"]
    blocks = section(document, "findings")["blocks"]
    assert [block["type"] for block in blocks] == ["list", "table", "paragraph"]
    assert {sentence["origin"] for sentence in blocks[2]["sentences"]} == {"authored"}


def test_sentences_point_at_cells_of_the_panels(document):
    cells = {panel["id"]: panel["cells"] for panel in document["panels"]}
    there = {(panel, *pair) for panel, of in cells.items() for pair in zip(of["given"], of["outcome"], strict=True)}
    pointed = {(c["panel"], c["given"], c["outcome"]) for sentence in sentences(document) for c in sentence["cells"]}
    assert pointed
    assert pointed <= there


def test_the_abstract_has_at_most_three_sentences_and_there_are_at_most_four_findings_of_two(document):
    abstract = next(paragraphs(section(document, "abstract")))
    assert 1 <= len(abstract["sentences"]) <= 3
    (listed,) = [block for block in section(document, "findings")["blocks"] if block["type"] == "list"]
    assert listed["numbered"]
    assert 1 <= len(listed["items"]) <= 4
    assert all(1 <= len(item["sentences"]) <= 2 for item in listed["items"])


def test_sentences_are_named_after_their_statements(document):
    told = {one["id"] for own in document["statements"] for one in (own, *own["notes"])}
    (listed,) = [block for block in section(document, "findings")["blocks"] if block["type"] == "list"]
    assert {sentence["id"] for item in listed["items"] for sentence in item["sentences"]} <= told
