"""No key of a config is forgotten: each that takes free text is known to name something to open, or to name nothing."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from diptych.config.confined import opened
from diptych.config.loading import config_with, load_text
from diptych.config.sections import SECTIONS
from diptych.confine import OpensPath
from diptych.contrib.hub.kinds import HubSource
from diptych.contrib.spark.engine import SparkSettings

OPENED = {
    ("SourceSettings", "path"): "file",
    ("SourceSettings", "database"): "database",
    ("HubSource", "snapshot"): "address",
    ("EntitySettings", "aliases"): "file",
    ("TextSettings", "folder"): "folder",
    ("SparkSettings", "master"): "server",
    ("Config", "fonts"): "file",
}

WORDS = {
    "CategorySettings": {"name", "match", "pattern", "when_several_of"},
    "Config": {"public", "entities", "relations", "taxonomies", "url"},
    "DatedRelationSettings": set(),
    "EndSettings": {"entity", "column", "separator", "prefix", "label"},
    "EngineSettings": {"name", "memory"},
    "EntitySettings": {"label", "id", "taxonomy", "date", "weight"},
    "ExpectSettings": {"rows"},
    "FigureSettings": {"id", "panels", "title"},
    "LabelSettings": {"column", "separator", "prefix"},
    "LinkSettings": {"where", "weight"},
    "MatrixSettings": {"root"},
    "PanelSettings": {"id", "relation", "given", "outcome", "measure"},
    "RecordSettings": {"label", "where", "count", "weight"},
    "RecordSideSettings": {
        *(
            "column",
            "separator",
            "prefix",
            "selected_values",
            "label",
            "phrase",
        ),
        *("taxonomy", "ordered", "blank", "missing"),
    },
    "RelationSettings": {"label", "label_reversed", "group", "strata"},
    "ReportSettings": {"title", "headline", "subtitle", "language"},
    "SharedSettings": {"key", "entities"},
    "SnapshotSettings": {"by", "stale_after"},
    "SourceSettings": {"rename", "format", "delimiter", "quote", "null", "sheet", "of", "query"},
    "TaxonomySettings": {"preset", "unmatched", "ordered"},
}
"""Text that names nothing to open: words, columns, numbers. `format` and `measure` name plug-ins, which have a check
of their own; `preset` is one of the program's own; `url` is printed and never asked."""


def models(form: Any, seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """Yield every class of settings that a form can hold."""
    if isinstance(form, type) and issubclass(form, BaseModel) and form not in seen:
        seen.add(form)
        yield form
        for field in form.model_fields.values():
            yield from models(field.annotation, seen)
    for part in get_args(form):
        yield from models(part, seen)


def takes_text(form: Any) -> bool:
    """Return whether any text at all is a value of a form, or part of one."""
    if form is str:
        return True
    if get_origin(form) in (Annotated, Union, UnionType, tuple, list, dict):
        return any(takes_text(part) for part in get_args(form))
    return False


def test_every_key_with_free_text_is_known_to_be_opened_or_not():
    found = {}
    words = {}
    for model in (
        *models(config_with(frozenset(SECTIONS)), set()),
        *models(SparkSettings, set()),
        *models(HubSource, set()),
    ):
        for name, field in model.model_fields.items():
            marks = [mark for mark in field.metadata if isinstance(mark, OpensPath)]
            if marks:
                found[model.__name__, name] = marks[0].what
            elif takes_text(field.annotation):
                words.setdefault(model.__name__, set()).add(name)
    assert found == OPENED
    unknown = {
        model: names - WORDS.get(model, set()) for model, names in words.items() if names - WORDS.get(model, set())
    }
    assert unknown == {}, (
        "new keys: mark those that name something to open with Opens (report/confine.py), list others in WORDS"
    )


def test_each_marked_key_is_found_in_a_config(tmp_path):
    text = """
version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
entities:
  a: {label: A, source: [1.csv, 2.csv], labels: {column: l, lookup: 3.csv}, aliases: 4.csv}
  b: {label: B, source: five.csv, labels: {column: l, lookup: {path: 6.csv}}}
  c: {label: C, source: {database: 7.sqlite, table: t}, labels: l}
  d: {label: D, source: {hub: models, snapshot: "hf://datasets/a/b/8.parquet"}, labels: l}
relations:
  one: {links: {source: 9.csv, from: {entity: a, column: s}, to: {entity: b, column: t}}}
  two: {records: {source: 10.csv, rows: {column: x, lookup: 11.csv}, columns: {column: y, lookup: 12.csv}}}
  three: {matrix: {left: 13.csv}}
panels:
  - {id: p, relation: one, given: a, outcome: b}
  - {id: left, relation: three, given: c, outcome: d}
text: {folder: fourteen}
engine: {name: spark, master: "local[1]"}
fonts: [17.ttf]
"""
    config = load_text(text, tmp_path / "config.yaml", closed=True).config
    names = ["1.csv", "2.csv", "3.csv", "4.csv", "five.csv", "6.csv", "7.sqlite", "hf://datasets/a/b/8.parquet"]
    names += ["9.csv", "10.csv", "11.csv", "12.csv", "13.csv", "fourteen", "local[1]", "17.ttf"]
    assert sorted(value.text for value in opened(config)) == sorted(names)
