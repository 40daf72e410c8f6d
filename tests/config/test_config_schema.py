"""The JSON Schema: valid itself, takes what the loader takes, refuses what is plainly wrong, describes every key."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from diptych.config.loading import Config, described_keys, json_schema
from diptych.config.problems import PATTERNS, keys_at, keys_of
from diptych.config.sections import SECTIONS
from diptych.contrib.hub.kinds import HubSource
from diptych.contrib.spark.engine import SparkSettings
from diptych.packs import PARTS
from diptych.renderers import OutputSettings
from diptych.settings import ChoiceSettings, Settings
from diptych.sources.addresses import SourceKeys

SECTION_KEYS = [SECTIONS[name].settings for name in SECTIONS]
NAMES = [
    of.__name__
    for base in (Settings, ChoiceSettings, SourceKeys)
    for of in base.__subclasses__()
    if of not in (ChoiceSettings, SourceKeys)
]
assert {"SparkSettings", HubSource.__name__} <= {*NAMES, SparkSettings.__name__}
EVERYTHING = Path(__file__).with_name("everything.yaml")
DOCS = Path(__file__).parents[2] / "docs" / "config.md"


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(json_schema())


def errors(validator, text: str) -> list[str]:
    """Return the places where the schema refuses a config, as an editor's YAML reads it."""
    return sorted({error.json_path for error in validator.iter_errors(yaml.safe_load(text))})


def test_it_is_a_valid_schema_without_id_that_is_plain_json():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert '"$id"' not in json.dumps(schema)
    assert json.dumps(schema) == json.dumps(json_schema())


def test_every_section_of_the_contract_is_valid(validator):
    assert errors(validator, EVERYTHING.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("match: a", "match: [no, on, 12:30, 1e3, 2.5]"),
        ("title: T", "title: 2026"),
        ("title: T", "title: T, date: '2026-08-01', authors: [Ann]"),
        ("source: d.csv", "source: [a.csv, b.csv]"),
        ("source: d.csv", "source: {path: [a.csv, b.csv], 'null': ['', NA]}"),
        ("labels: l}", "labels: [l, {column: m, prefix: 'x:'}], owner: author, year: 6}"),
        ("labels: l}", "labels: {column: l}, aliases: {a: 1}}"),
        ("labels: l}", "labels: l, aliases: names.csv}"),
        ("match: b", "pattern: ^b, replaces: no, when_several_of: [A, B]"),
        ("{categories:", "{preset: hub-figure9, categories:"),
        ("source: k.csv,", "source: k.csv, where: {a: x, b: [y, null], c: null},"),
        ("version: 1", "version: 1\noutputs: [html, pdf: , {figures: {width: 100}}, paper: yes]"),
        ("version: 1", "version: 1\noutputs: {html: {}, pdf: null}"),
    ],
)
def test_short_forms_and_scalars_are_valid(validator, small, old, new):
    assert errors(validator, small) == []
    assert errors(validator, small.replace(old, new, 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("version: 1", "version: 2", "$.version"),
        ("version: 1", "version: 1\npanel: []", "$"),
        ("title: T", "titel: T", "$.report"),
        ("title: T", "title: [T]", "$.report.title"),
        ("label: Model, ", "", "$.entities.models"),
        ("  models:", "  Models:", "$.entities"),
        ("column: s}", "colum: s}", "$.relations.trained_on.links"),
        ("    links:", "    unit: lnk\n    links:", "$.relations.trained_on.unit"),
        ("    links:", "    shared: {key: k, entities: [a, b]}\n    links:", "$.relations.trained_on"),
        ("version: 1", "version: 1\noutputs: [htm]", "$.outputs"),
        ("version: 1", "version: 1\ninference: {level: 95}", "$.inference.level"),
        ("version: 1", "version: 1\nengine: {memory: 4}", "$.engine.memory"),
        ("{categories:", "{preset: hub-figure8, categories:", "$.taxonomy"),
        (
            "version: 1",
            "version: 1\npanels: [{id: a, relation: b, given: c, outcome: d, measure: npmy}]",
            "$.panels[0].measure",
        ),
    ],
)
def test_what_is_plainly_wrong_is_refused_at_its_place(validator, small, old, new, place):
    assert errors(validator, small.replace(old, new, 1)) == [place]


def test_every_key_is_described_and_every_description_is_of_a_key():
    schema = json_schema()
    described = 0
    stack = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            for name, below in part.get("properties", {}).items():
                assert below["description"], name
                described += 1
            stack += part.values()
        elif isinstance(part, list):
            stack += part
    in_the_short_form_of_outputs = len(OutputSettings.model_fields)
    of_packs = 2 * len(PARTS["renderer"])  # in the short form and in the long one
    assert described == sum(
        len(described_keys(name)) for name in NAMES
    ) + in_the_short_form_of_outputs + of_packs + len(SECTION_KEYS)


def test_every_pattern_of_the_settings_has_words():
    text = json.dumps(json_schema())
    patterns = {part["pattern"] for part in _parts(json.loads(text)) if isinstance(part.get("pattern"), str)}
    assert patterns <= set(PATTERNS)
    assert len(PATTERNS) == 5


def _parts(value):
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from _parts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _parts(below)


def test_known_keys_are_found_through_short_forms():
    assert keys_at((), Config) == keys_of(Config)
    assert keys_at(("relations", "any", "links", "from"), Config)[:2] == ("entity", "column")
    for path in (("entities", "any", "labels"), ("entities", "any", "labels", 0)):
        assert keys_at(path, Config) == ("column", "separator", "prefix", "lookup")
    assert keys_at(("outputs", 0, "pdf"), Config) == ("paper",)
    assert keys_at(("relations", "any", "matrix", "left"), Config)[0] == "path"
    assert keys_at(("entities", "any", "aliases"), Config) == ()


def test_the_reference_in_the_docs_names_every_key_as_the_schema_describes_it():
    text = DOCS.read_text(encoding="utf-8")
    missing = [
        f"{name}.{key}"
        for name in NAMES
        for key, words in described_keys(name).items()
        if f"| `{key}` | {words.replace('|', chr(92) + '|')} |" not in text
    ]
    assert missing == []
