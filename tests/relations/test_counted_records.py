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


PLACE = "relations.voyage.records.count: t.csv:"
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


def test_only_rows_that_count_are_looked_at_and_of_many_the_first_are_named(tmp_path, monkeypatch):
    write(tmp_path, "t.csv", "count: n\n      where: {sex: m}")
    (tmp_path / "t.csv").write_text("sex,class,end,n\n" + "f,First,died,-1\nm,First,died,-2\n" * 7)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert caught.value.messages == (
        (
            f"{PLACE} n is negative in row 3 (-2), row 5 (-2), row 7 (-2), row 9 (-2), row 11 (-2) and 2 more; a row "
            "cannot stand for fewer than no units"
        ),
    )


def test_counts_that_are_all_0(tmp_path, monkeypatch):
    write(tmp_path, "t.csv", "count: n")
    (tmp_path / "t.csv").write_text("sex,class,end,n\nf,First,died,0\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert caught.value.messages == (f"{PLACE} n is 0 in every row that counts",)


def test_rows_of_other_formats_are_numbered_too(tmp_path, monkeypatch):
    frame = pd.DataFrame({"class": ["First", "Crew"], "end": ["died", "lived"], "n": [2.0, 1.5]})
    frame.to_json(tmp_path / "t.json", orient="records")
    write(tmp_path, "t.json", "count: n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    message = "n is no whole number in row 2 (1.5); if it is the weight of a row, write weight: n for count: n"
    assert caught.value.messages == (f"relations.voyage.records.count: t.json: {message}",)
    with pytest.raises(DiptychError) as passed:
        diptych.build("config.yaml", "site", {"voyage": frame})
    assert passed.value.messages == (f'relations.voyage.records.count: the table passed as "voyage": {message}',)


def test_one_column_cannot_be_the_count_and_the_weight(tmp_path, monkeypatch):
    write(tmp_path, "t.csv", "count: n\n      weight: n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert caught.value.messages == (
        (
            "config.yaml:14:7: relations.voyage.records.weight: n is also the count: count is the number of units in a "
            "row, weight the weight of each; leave one of them out"
        ),
    )


def test_empty_goes_with_a_count(tmp_path, monkeypatch):
    write(tmp_path, "t.csv", "empty: 0")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert caught.value.messages == (
        "config.yaml:13:7: relations.voyage.records.empty: says what an empty count is, and there is no count",
    )
