"""Configs with wrong values and references, and files that are no config: whole messages with line, column and key.

A case of `refusals.yaml` has the `text` of the file, or changes the nine lines of `small`: `edits` ({old: new}), the
lines of its `relation`, and lines `after` them.
"""

from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.contrib.claims.functions import FUNCTIONS, PREDICATES
from diptych.errors import ConfigError
from diptych.renderers import DATA_FILES
from diptych.stats.measures import MEASURES
from tests.refusals import Refusals

MEASURE_NAMES = ", ".join(MEASURES)
REFUSALS = Refusals(Path(__file__).with_name("refusals.yaml"))

LINKS = """\
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
"""


MANY = [
    'config.yaml:1:1: version: needs 1, not "2"',
    'config.yaml:2:1: raport: unknown key; known keys here are version, report, public, taxonomy, taxonomies, entities, relations, panels, figures, inference, expect, outputs, disclosure, engine, url, fonts, text (did you mean "report"?)',
    "config.yaml:3:10: report.title: has no value; it needs text",
    'config.yaml:3:19: report.date: needs data or a date such as 2026-08-01, not "2026"',
    "config.yaml:3:31: report.title: is written twice; first at line 3, column 10",
    'config.yaml:6:19: taxonomy.categories[0].pattern: "a(b" is not a regular expression (RE2): missing )',
    "config.yaml:8:3: entities.models.label: is required and missing",
    "config.yaml:8:3: entities.models.source: is required and missing: relation trained_on counts these items",
    'config.yaml:9:5: entities.models.lables: unknown key (did you mean "labels"?); if it is an attribute of your own, give it another name',
    'config.yaml:12:35: relations.trained_on.links.from.entity: "dataset" is not one of the entities: models',
    "config.yaml:12:64: relations.trained_on.links.to.column: is required and missing: which column of the links names the item?",
    'config.yaml:13:5: relations.trained_on.unit: "lnk" is not one of link, from, to (did you mean "link"?)',
    'config.yaml:15:6: panels[0].id: "percent" has a meaning of its own in authored text; choose another id',
    'config.yaml:15:19: panels[0].relation: "trained" is not one of the relations: trained_on (did you mean "trained_on"?)',
    f'config.yaml:15:60: panels[0].measure: "phii" is not one of the measures: {MEASURE_NAMES} (did you mean "phi"?)',
    'config.yaml:16:13: inference.level: needs a number under 1, not "2"',
    'config.yaml:16:23: inference.seed: needs a whole number, not "many"',
    'config.yaml:17:23: engine.threads: needs a whole number, not "1.5"',
]


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_the_whole_message_golden(name, small, problems_of):
    case = REFUSALS.cases[name]
    text = case.get("text", small)
    for old, new in {**case.get("edits", {}), **({LINKS: case["relation"]} if "relation" in case else {})}.items():
        assert old in text
        text = text.replace(old, new, 1)
    REFUSALS.compare(name, problems_of(text + case.get("after", "")))


@pytest.mark.parametrize("name", [*FUNCTIONS, *PREDICATES, "date", "claim", "otherwise", "if"])
def test_no_panel_may_have_the_name_of_a_function_of_authored_text(name, small, problems_of):
    panel = f"panels: [{{id: {name}, relation: trained_on, given: datasets, outcome: models}}]\n"
    fault = f'config.yaml:10:11: panels[0].id: "{name}" has a meaning of its own in authored text; choose another id'
    assert fault in problems_of(small + panel + "text: {}\n")


def test_without_authored_text_a_panel_may_have_the_name_of_a_function(small, tmp_path):
    panel = "panels: [{id: percent, relation: trained_on, given: datasets, outcome: models}]\n"
    (tmp_path / "config.yaml").write_text(small + panel, encoding="utf-8")
    assert [panel.id for panel in load_config(tmp_path / "config.yaml").config.panels] == ["percent"]


@pytest.mark.parametrize("name", sorted({Path(path).stem for path in DATA_FILES} - {*FUNCTIONS}))
def test_no_panel_can_be_called_as_another_file_of_the_data_folder(name, small, problems_of):
    panel = f"panels: [{{id: {name}, relation: trained_on, given: datasets, outcome: models}}]\n"
    (said,) = problems_of(small + panel)
    assert said.endswith("is a file of its own in the data folder; choose another id")


def test_hardly_anything(problems_of):
    assert problems_of("version: 1\n") == [
        "config.yaml: relations: is required and missing",
        "config.yaml: report: is required and missing",
    ]


def test_all_problems_come_in_one_run_in_file_order(problems_of):
    text = """\
version: 2
raport: {titel: x}
report: {title: , date: 2026, title: again}
taxonomy:
  categories:
    - {name: NLP, pattern: "a(b"}
entities:
  models:
    lables: x
relations:
  trained_on:
    links: {source: x.csv, from: {entity: dataset, column: a}, to: {entity: models}}
    unit: lnk
panels:
  - {id: percent, relation: trained, given: x, outcome: y, measure: phii}
inference: {level: 2, seed: many}
engine: {name: spark, threads: 1.5}
text: {}
"""
    assert problems_of(text) == MANY


def test_a_known_key_is_not_called_unknown_because_others_are_wrong(problems_of):
    """`records` has two wrong entries, and no form of a relation fits."""
    config = (
        "version: 1\nreport: {title: T}\nrelations: {a: {records: {source: t.csv, rows: {colum: x}}}}\n"
        "panels: [{id: p, relation: a, given: rows, outcome: columns, measure: count}]\n"
        "figures: [{id: f, panels: [p]}]\n"
    )
    found = "\n".join(problems_of(config))
    assert "rows.colum: unknown key" in found
    assert "records.columns: is required" in found
    assert "relations.a.records: unknown key" not in found


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (
            b"report: {title: caf\xe9}\n",
            ["config.yaml:1:20: byte 0xE9 (number 20) is not UTF-8; save the file as UTF-8"],
        ),
        (
            "a: b\nc: \u00e9\n".encode() + b"\xff",
            ["config.yaml:3:1: byte 0xFF (number 12) is not UTF-8; save the file as UTF-8"],
        ),
        ("version: 1".encode("utf-16"), ["config.yaml:1:1: is UTF-16; save it as UTF-8"]),
        (b"#" * 1_000_001, ["config.yaml: is larger than 1 MB; is this the config file?"]),
    ],
    ids=["latin-1", "a byte at the end", "utf-16", "too large"],
)
def test_what_is_wrong_with_the_bytes(problems_of, raw, lines):
    assert problems_of(raw) == lines


def test_a_file_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^config\.yaml: there is no such file$"):
        load_config(Path("config.yaml"))


def test_a_file_of_a_similar_name_is_pointed_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.yml").touch()
    with pytest.raises(ConfigError, match=r'^config\.yaml: there is no such file \(did you mean "config\.yml"\?\)$'):
        load_config(Path("config.yaml"))


def test_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^\.: is a folder; name the YAML file in it$"):
        load_config(Path())
