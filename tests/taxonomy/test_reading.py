"""Entities and sides of records: from files to items with categories, counted by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from diptych.cells import Kind
from diptych.errors import DataError
from diptych.relations.items import NUMBER, read_items
from diptych.sources import EngineSettings, EntitySettings
from diptych.sources.located import open_engine
from diptych.taxonomy import LabelCount, TaxonomySettings, categorise, compile_taxonomy
from tests.refusals import Refusals

FIELDS = {
    "categories": [
        {"name": "Multimodal", "match": "any"},
        {"name": "NLP", "match": ["text", "text (long, hard)"]},
        {"name": "CV", "match": "image", "pattern": "^video"},
        {"name": "Multimodal", "when_several_of": ["Multimodal", "NLP", "CV"], "replaces": True},
    ]
}


@pytest.fixture
def engine():
    engine = open_engine(EngineSettings(threads=2))
    yield engine
    engine.close()


def items_of(tmp_path, engine, *, content, taxonomy=None, wanted=(), **entity):
    (tmp_path / "x.csv").write_text(content, encoding="utf-8")
    settings = EntitySettings.model_validate(
        {"label": "Model", "source": "x.csv", "labels": {"column": "tasks", "separator": "|"}, **entity}
    )
    compiled = compile_taxonomy(TaxonomySettings.model_validate(FIELDS if taxonomy is None else taxonomy), "fields")
    return read_items("models", settings, compiled, engine, tmp_path, wanted=wanted)


def table(engine, frame, *columns):
    """Rows in order, absent as None."""
    found = engine.collect(frame.select(*columns).sort(*columns)).astype(object)
    return [tuple(None if pd.isna(value) else value for value in row) for row in found.to_numpy().tolist()]


def members(engine, items):
    """Id -> names of its categories."""
    found: dict[str, list[str]] = {}
    ids = [id_ for _, id_ in table(engine, items.items.select("id", item=NUMBER), "item", "id")]
    for number, category in np.argwhere(
        categorise.members(items.found.words[items.found.type], len(items.found.taxonomy.categories))
    ).tolist():
        found.setdefault(ids[number], []).append(items.found.taxonomy.categories[category])
    return found


def notes(items):
    return {note.slug: note.message for note in items.notes}


def test_items(tmp_path, engine):
    items = items_of(
        tmp_path,
        engine,
        content="id,tasks,author,created,size\na, text |image|,ann,2020-01-02,5\nb,text|text,ann,,\nc,video-x,bob,2021,7\n"
        "d,,bob,2022,1\ne,else| ,,2022,1\n",
        owner="author",
        date="created",
        weight="size",
        wanted=["owner", "author", "via", "id"],
    )
    assert items.kind == Kind("models", "Model", "model", "models")
    assert (items.name, items.found.taxonomy.name, items.found.taxonomy.categories) == (
        "models",
        "fields",
        ("Multimodal", "NLP", "CV"),
    )
    assert items.n_items == 5
    assert members(engine, items) == {"a": ["Multimodal"], "b": ["NLP"], "c": ["CV"]}
    assert items.items.collect_schema().names() == ["id", NUMBER, "author", "date", "owner", "weight"]
    assert table(engine, items.items, "id", "owner", "author", "date", "weight") == [
        ("a", "ann", "ann", "2020-01-02", "5"),
        ("b", "ann", "ann", None, None),
        ("c", "bob", "bob", "2021", "7"),
        ("d", "bob", "bob", "2022", "1"),
        ("e", None, None, "2022", "1"),
    ]
    assert items.labels == (
        LabelCount("models", "text", 2, ("NLP",), "match"),
        LabelCount("models", "else", 1, (), "none"),
        LabelCount("models", "image", 1, ("CV",), "match"),
        LabelCount("models", "video-x", 1, ("CV",), "pattern ^video"),
    )
    assert items.notes == ()


def test_list_columns_prefixes_and_several_columns(tmp_path, engine):
    duckdb.sql(
        "select * from (values"
        " (1, ['task: text', 'task:image', 'license:any'], 'any'),"
        " (2, ['task:text', null], null),"
        " (3, [], 'text'),"
        " (4, null, 'x')) t(id, tags, pipeline)"
    ).write_parquet(str(tmp_path / "x.parquet"))
    settings = EntitySettings.model_validate(
        {"label": "Model", "source": "x.parquet", "labels": [{"column": "tags", "prefix": "task:"}, "pipeline"]}
    )
    plain = compile_taxonomy(TaxonomySettings.model_validate({"categories": FIELDS["categories"][:3]}), "fields")
    items = read_items("models", settings, plain, engine, tmp_path)
    assert members(engine, items) == {"1": ["Multimodal", "NLP", "CV"], "2": ["NLP"], "3": ["NLP"]}
    assert [(label.label, label.n_items) for label in items.labels] == [("text", 3), ("any", 1), ("image", 1), ("x", 1)]


def test_aliases_unite_labels_and_keep_the_items_own_attributes(tmp_path, engine):
    items = items_of(
        tmp_path,
        engine,
        content="id,tasks,author\nImagenet1k,image,zoe\nImageNet-1k,any,ann\nin1k,text,bob\nPiqa,text,eve\npiqa2,image,amy\nsolo,text,sue\n",
        taxonomy={"categories": FIELDS["categories"][:3]},
        aliases={
            "Imagenet1k": "ImageNet-1k",
            "in1k": "ImageNet-1k",
            "Piqa": "PIQA",
            "piqa2": "PIQA",
            "gone": "solo",
            "x": "nowhere",
        },
        wanted=["author"],
    )
    assert items.n_items == 3
    assert members(engine, items) == {
        "ImageNet-1k": ["Multimodal", "NLP", "CV"],
        "PIQA": ["NLP", "CV"],
        "solo": ["NLP"],
    }
    assert table(engine, items.items, "id", "author") == [("ImageNet-1k", "ann"), ("PIQA", "eve"), ("solo", "sue")]
    assert {label.label: label.n_items for label in items.labels} == {"text": 3, "image": 2, "any": 1}
    assert items.aliases["x"] == "nowhere"
    assert notes(items) == {
        "unknown_alias": 'entities.models.aliases: aliases of 2 ids that no row has: "PIQA", "nowhere"',
        "merged_aliases": "models: 3 rows were merged into the items of which they are aliases; the items keep all labels",
    }


def test_aliases_from_a_file(tmp_path, engine):
    (tmp_path / "aliases.csv").write_text("id,alias,why\nb,a,case\n,c,\n")
    items = items_of(tmp_path, engine, content="id,tasks\na,text\nb,image\n", aliases="aliases.csv")
    assert (items.aliases, items.n_items, members(engine, items)) == ({"a": "b"}, 1, {"b": ["Multimodal"]})


def test_near_ids(tmp_path, engine):
    ids = [
        "ImageNet-1k",
        "Imagenet1k",
        "imagenet 1K",
        "YFCC-100M",
        "YFCC100M",
        "v1.0",
        "v10",
        "?",
        "!",
        "Über_a",
        "über-A",
    ]
    content = "id,tasks\n" + "".join(f"{id_},text\n" for id_ in ids)
    items = items_of(tmp_path, engine, content=content, aliases={"YFCC100M": "YFCC-100M"})
    assert notes(items)["near_ids"] == (
        'models: 4 pairs of ids are equal but for case and punctuation: "ImageNet-1k" and "Imagenet1k", "ImageNet-1k" and '
        '"imagenet 1K", "Imagenet1k" and "imagenet 1K", "Über_a" and "über-A"; list those that mean one item under aliases'
    )


# what a config or a file has wrong -> everything that is said
REFUSALS = Refusals(Path(__file__).with_name("refusals.yaml"))


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_faults_golden(tmp_path, engine, name):
    given = {key: value for key, value in REFUSALS.cases[name].items() if key not in ("says", "alias_file")}
    if "alias_file" in REFUSALS.cases[name]:
        (tmp_path / "aliases.csv").write_text(REFUSALS.cases[name]["alias_file"])
    with pytest.raises(DataError) as caught:
        items_of(tmp_path, engine, **given)
    REFUSALS.compare(name, caught.value.messages)
