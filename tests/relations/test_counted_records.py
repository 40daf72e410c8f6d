"""Rows that stand for several units: the numbers of a table in which each row is repeated, and what is no count."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

import diptych
from diptych.errors import DiptychError
from diptych.pipeline import check
from tests.pipeline.projects import tree
from tests.refusals import Refusals

COUNTED = """\
sex,class,end,n
f,First | Crew,died,3
f,First,lived,0
f,Second,lived,12
m,First,died,7.0
m,Second | Crew,lived,5
m,Crew,died,11
m,,died,4
m,First,odd,2
"""

CONFIG = """\
version: 1
report: {title: Passengers}
taxonomies:
  classes: {categories: [{name: First, match: First}, {name: Second, match: Second}, {name: Crew, match: Crew}]}
  ends: {categories: [{name: died, match: died}, {name: lived, match: lived}]}
relations:
  voyage:
    records:
      source: SOURCE
      label: passenger
      rows: {column: class, separator: "|", label: Class, taxonomy: classes}
      columns: {column: end, label: End, taxonomy: ends}
      MORE
    KEYS
outputs: [OUTPUTS]
"""

KEYS = {
    "independent": "",
    "strata": "strata: [sex, activity]",
    "groups": "group: [sex, class]",
    "labelled": "population: labelled",
}


def write(folder, source, more, keys="", outputs="data"):
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIG.replace("SOURCE", source).replace("MORE", more).replace("KEYS", keys).replace("OUTPUTS", outputs)
    (folder / "config.yaml").write_text(config)
    return folder / "config.yaml"


def repeated():
    frame = pd.read_csv(io.StringIO(COUNTED), dtype=str, keep_default_na=False)
    return frame.loc[frame.index.repeat(frame["n"].astype(float).astype(int))]


@pytest.mark.parametrize("keys", KEYS)
def test_the_same_files_as_of_a_table_with_each_row_repeated(keys, tmp_path):
    counted = write(tmp_path / "counted", "t.csv", "count: n", KEYS[keys])
    (tmp_path / "counted/t.csv").write_text(COUNTED)
    long = write(tmp_path / "long", "t.csv", "", KEYS[keys])
    repeated().to_csv(tmp_path / "long/t.csv", index=False)
    for config in (counted, long):
        diptych.build(config, config.parent / "site")
    own, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "site/data").iterdir()}
        for name in ("counted", "long")
    )
    assert "left.csv" in own
    assert own == other


def test_the_counts_are_those_of_pandas(tmp_path):
    config = write(tmp_path, "t.csv", "count: n")
    (tmp_path / "t.csv").write_text(COUNTED)
    diptych.build(config, tmp_path / "site")
    frame = repeated().reset_index(drop=True)
    frame = frame[frame["class"] != ""]
    labels = frame["class"].str.split(" | ", regex=False)
    pairs = frame.assign(label=labels).explode("label")
    expected = pairs.groupby(["label", "end"]).size()
    cells = pd.read_csv(tmp_path / "site/data/left.csv")
    for cell in cells.itertuples():
        assert cell.n_joint == expected.get((cell.given, cell.outcome), 0)
        assert cell.n_given == (labels.map(lambda own, label=cell.given: label in own)).sum()
        assert cell.n_outcome == (frame["end"] == cell.outcome).sum()
        assert cell.n_units == len(frame) == 40


def test_weights_of_rows_that_stand_for_several(tmp_path):
    rows = pd.read_csv(io.StringIO(COUNTED), dtype=str, keep_default_na=False).assign(
        w=["2", "1", "0.5", "3", "1", "1.25", "9", "1"]
    )
    long = rows.loc[rows.index.repeat(rows["n"].astype(float).astype(int))]
    counted = write(tmp_path / "counted", "t.csv", "count: n\n      weight: w")
    rows.to_csv(tmp_path / "counted/t.csv", index=False)
    plain = write(tmp_path / "long", "t.csv", "weight: w")
    long.to_csv(tmp_path / "long/t.csv", index=False)
    for config in (counted, plain):
        diptych.build(config, config.parent / "site")
    for name in ("left.csv", "right.csv", "statements.json"):
        assert (tmp_path / "counted/site/data" / name).read_bytes() == (tmp_path / "long/site/data" / name).read_bytes()


def test_empty_counts_are_none_where_the_config_says_so(tmp_path):
    config = write(tmp_path, "t.csv", "count: n\n      empty: 0")
    (tmp_path / "t.csv").write_text(COUNTED.replace("lived,0\n", "lived,\n"))
    diptych.build(config, tmp_path / "site")
    cells = pd.read_csv(tmp_path / "site/data/left.csv")
    assert set(cells["n_units"]) == {40}


REFUSALS = Refusals(Path(__file__).with_name("counted_refusals.yaml"))


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_what_is_no_count_is_refused_by_file_and_rows_golden(name, tmp_path, monkeypatch):
    write(tmp_path, "t.csv", "count: n")
    text = COUNTED
    for old, new in REFUSALS.cases[name]["edits"].items():
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "t.csv").write_text(text)
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert tree(tmp_path) == before
    REFUSALS.compare(name, caught.value.messages)
