"""CITATION.cff and citation.bib: made with every report that people read, and what they say."""

import re
from dataclasses import replace

import pytest
import yaml
from jsonschema import Draft202012Validator

from diptych.document import Author
from diptych.renderers.citing import render_citations
from tests.renderers.documents import demo, nasty, small

ORCID = "0000-0002-1825-0097"

TEXT = {"type": "string", "minLength": 1}
AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "anyOf": [
            {
                "additionalProperties": False,
                "required": ["family-names", "given-names"],
                "properties": {
                    **dict.fromkeys(["family-names", "given-names", "name-particle", "name-suffix"], TEXT),
                    "orcid": {"pattern": "^https://orcid\\.org/[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$"},
                },
            },
            {"additionalProperties": False, "required": ["name"], "properties": {"name": TEXT, "orcid": TEXT}},
        ]
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cff-version", "message", "title", "authors"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "title": TEXT,
        "authors": AUTHORS,
        "type": {"enum": ["dataset", "software"]},
        "date-released": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "url": {"pattern": "^(https|http)://.+"},
        "abstract": TEXT,
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "references": {
            "type": "array",
            "items": {
                "additionalProperties": False,
                "required": ["type", "title", "authors"],
                "properties": {"type": {"const": "software"}, "title": TEXT, "version": TEXT, "authors": AUTHORS},
            },
        },
    },
}
"""What the standard (Citation File Format 1.2.0) demands of the keys that are used."""


def bare():
    return replace(small(), subtitle=None, authors=(), date=None, url=None, version="", sections=(), figures=())


def cited(document):
    return yaml.safe_load(render_citations(document)["CITATION.cff"])


def by(*authors):
    return cited(replace(small(), authors=tuple(Author(**author) for author in authors)))["authors"]


@pytest.mark.parametrize("document", [small, nasty, demo, bare])
def test_it_is_as_the_standard_wants_it(document):
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(cited(document()))] == []


def test_texts_are_quoted_for_every_reader_of_yaml():
    """YAML 1.2 takes 1e3 for a number and YAML 1.1 `no` for false: in quotes both are texts."""
    document = replace(bare(), title="1e3", authors=(Author(name="no"),))
    lines = render_citations(document)["CITATION.cff"].decode().splitlines()
    assert 'title: "1e3"' in lines
    assert '- name: "no"' in lines
    assert all(re.fullmatch(r'[- ]*[a-z-]+:( ".*")?|- ".*"', line) for line in lines)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Example", {"family-names": "Example", "given-names": "Ada"}),
        ("Ludwig van Beethoven", {"family-names": "Beethoven", "given-names": "Ludwig", "name-particle": "van"}),
        ("Sammy Davis Jr.", {"family-names": "Davis", "given-names": "Sammy", "name-suffix": "Jr."}),
        ("García Márquez, Gabriel", {"family-names": "García Márquez", "given-names": "Gabriel"}),
        ("Madonna", {"name": "Madonna"}),
        ("van Gogh", {"name": "van Gogh"}),
        ("one, two, three", {"name": "one, two, three"}),
        ("Jr.", {"name": "Jr."}),
    ],
)
def test_names_of_people(name, parts):
    """An ORCID says that a name is a person's."""
    assert by({"name": name, "orcid": ORCID}) == [{**parts, "orcid": f"https://orcid.org/{ORCID}"}]


def test_what_may_be_a_group_keeps_its_name():
    assert by({"name": "The Example Institute"}, {"name": "Ada Example"}) == [
        {"name": "The Example Institute"},
        {"name": "Ada Example"},
    ]
    assert by({"name": "  "}) == [{"name": "anonymous"}]
