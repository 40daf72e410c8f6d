"""Tables passed from Python: the same report as of files, and everything that can be wrong with them by whole message."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import diptych
from diptych.contrib.verify.rebuild import rebuild
from diptych.errors import DiptychError
from tests.pipeline.projects import RECORDS, SHARED, tree, write_project
from tests.sources.engines import needs_spark

pytestmark = pytest.mark.slow

DATASETS = {"id": ["d1", "d2", "d3"], "l": [["a"], ["b"], ["a", "b"]], "owner": ["u", "v", "w"]}
MODELS = {"id": ["m1", "m2", "m3"], "l": [["a"], ["b"], ["b"]], "owner": ["u", "v", "u"]}
LINKS = {"s": ["d1", "d2", "d3", "d1"], "t": ["m1", "m2", "m3", "m3"]}
ALL = {"datasets": DATASETS, "models": MODELS, "trained_on": LINKS}
LISTS = {'labels: {column: l, separator: "|"}': "labels: l"}

KINDS = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy polars": lambda columns: pl.DataFrame(columns).lazy(),
    "pyarrow": pa.table,
    "duckdb": lambda columns: duckdb.from_arrow(pa.table(columns)),
}


def data_of(site: Path):
    return {path.name: path.read_bytes() for path in sorted((site / "data").iterdir())}


@pytest.fixture(scope="module")
def of_files(tmp_path_factory):
    folder = write_project(tmp_path_factory.mktemp("files"))
    diptych.build(folder / "config.yaml", folder / "site")
    return folder / "site"


def without_sources(folder: Path):
    """Write a project whose data files are not there."""
    write_project(folder, LISTS)
    for name in ("d.csv", "m.csv", "k.csv"):
        (folder / name).unlink()
    return folder / "config.yaml"


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_are_those_of_files(kind, of_files, tmp_path):
    built = diptych.build(
        str(without_sources(tmp_path)), str(tmp_path / "site"), {n: KINDS[kind](t) for n, t in ALL.items()}
    )
    assert (built.folder, built.notes) == (tmp_path / "site", ())
    expected = data_of(of_files)
    assert data_of(tmp_path / "site") == expected
    assert b"A,A,1,2,1,3,0.5," in expected["left.csv"]  # of m1 and m3, which have A data, m1 is an A model


@needs_spark
def test_data_frames_of_spark(of_files, tmp_path, spark_session):
    tables = {name: spark_session.createDataFrame(pa.table(table)) for name, table in ALL.items()}
    config = without_sources(tmp_path)
    diptych.build(config, tmp_path / "site", tables, engine="spark")
    assert data_of(tmp_path / "site") == data_of(of_files)
    with pytest.raises(DiptychError) as caught:
        diptych.build(config, tmp_path / "other", tables)
    assert str(caught.value).splitlines()[0] == (
        'tables: "datasets" is a data frame of Spark; count with Spark too (engine: {name: spark}, or engine="spark")'
    )


def test_some_tables_may_stay_files(of_files, tmp_path):
    write_project(tmp_path)
    text = {**MODELS, "l": ["a", "b", "b"]}
    diptych.build(tmp_path / "config.yaml", tmp_path / "site", {"models": pd.DataFrame(text)})
    assert data_of(tmp_path / "site") == data_of(of_files)
    manifest = json.loads((tmp_path / "site/manifest.json").read_bytes())
    assert [file["path"] for file in manifest["inputs"]] == ["d.csv", "k.csv"]
    (table,) = manifest["tables"]
    assert (table["source"], table["columns"], table["rows"]) == ("entities.models.source", ["id", "l", "owner"], 3)


def test_the_same_table_has_the_same_fingerprint_whatever_its_kind_and_order(tmp_path):
    config = without_sources(tmp_path)
    hashes = set()
    for kind, make in KINDS.items():
        turned = {name: {key: column[::-1] for key, column in table.items()} for name, table in ALL.items()}
        chosen = turned if kind == "polars" else ALL
        diptych.build(config, tmp_path / "site", {name: make(table) for name, table in chosen.items()})
        tables = json.loads((tmp_path / "site/manifest.json").read_bytes())["tables"]
        hashes.add(tuple(table["sha256"] for table in tables))
    assert len(hashes) == 1
    changed = {**ALL, "models": {**MODELS, "l": [["a"], ["b"], ["a"]]}}
    diptych.build(config, tmp_path / "site", {name: pd.DataFrame(table) for name, table in changed.items()})
    tables = json.loads((tmp_path / "site/manifest.json").read_bytes())["tables"]
    (before,) = hashes
    assert [a == b["sha256"] for a, b in zip(before, tables, strict=True)] == [True, False, True]


def test_records_and_keys_that_are_shared(tmp_path):
    records = pd.DataFrame({"x": ["a", "b"], "y": ["a", "b"]})
    write_project(tmp_path / "records", RECORDS)
    diptych.build(tmp_path / "records/config.yaml", tmp_path / "records/site", {"trained_on": records})
    assert b"A,A,1,1,1,2,1," in (tmp_path / "records/site/data/left.csv").read_bytes()
    write_project(tmp_path / "shared", SHARED | LISTS)
    tables = {name: pd.DataFrame(ALL[name]) for name in ("datasets", "models")}
    diptych.build(tmp_path / "shared/config.yaml", tmp_path / "shared/site", tables)
    # owners: u has an A dataset and models of A and B, v a B dataset and a B model, w a dataset of both and no model
    assert b"A,A,1,2,1,3,0.5," in (tmp_path / "shared/site/data/left.csv").read_bytes()


WRONG = [
    ({"modles": MODELS}, 'tables: "modles" is no entity or relation of the config, which has datasets, models, trained_on (did you mean "models"?)'),
    ({"models": None}, 'tables: "models" is None; give a data frame of pandas, Polars or Spark, a table of PyArrow, or a relation of DuckDB'),
    ({"models": MODELS}, 'tables: "models" is a dict; give a data frame of pandas, Polars or Spark, a table of PyArrow, or a relation of DuckDB'),
    ({"models": pd.DataFrame([["m", "a", "b"]], columns=["id", "l", "l"])}, 'tables: "models" calls columns 2 and 3 "l"; give each column a name of its own'),
    ({"models": pd.DataFrame({"id": pd.Series(["m\ud800"], dtype=object)})}, 'tables: "models" contains text that is not Unicode: "m\\ud800"; clean it first'),
    ({"models": pd.DataFrame({"id": []})}, 'tables: "models" has no rows'),
    ({"models": pd.DataFrame(MODELS), "entities.models": pd.DataFrame(MODELS)}, "tables: entities.models is given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "message"), WRONG)
def test_what_is_no_table(tables, message, tmp_path):
    write_project(tmp_path)
    diptych.build(tmp_path / "config.yaml", tmp_path / "site")
    before = tree(tmp_path)
    with pytest.raises(DiptychError) as caught:
        diptych.build(tmp_path / "config.yaml", tmp_path / "site", tables)
    assert str(caught.value) == message
    assert tree(tmp_path) == before


def test_a_relation_without_a_table_of_its_own(tmp_path):
    write_project(tmp_path, SHARED)
    with pytest.raises(DiptychError) as caught:
        diptych.build(tmp_path / "config.yaml", tmp_path / "site", {"trained_on": pd.DataFrame(LINKS)})
    assert str(caught.value) == (
        'tables: relation "trained_on" has no table of its own to stand in for: only records do, and links with a '
        "`source`"
    )


def test_what_was_passed_is_not_taken_from_the_cache_and_cannot_be_rebuilt(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / "cache"))
    config = without_sources(tmp_path)
    diptych.build(config, tmp_path / "site", {name: pd.DataFrame(table) for name, table in ALL.items()})
    changed = {**ALL, "trained_on": {"s": ["d1", "d2"], "t": ["m2", "m1"]}}
    diptych.build(config, tmp_path / "site", {name: pd.DataFrame(table) for name, table in changed.items()})
    assert b"A,A,0,1,1,2,0," in (tmp_path / "site/data/left.csv").read_bytes()
    assert str(rebuild(tmp_path / "site").stopped) == (
        "entities.datasets.source, entities.models.source and relations.trained_on.links.source came from Python, not "
        "from a file, when this was built; build it again where that is passed, and compare the two manifests"
    )
