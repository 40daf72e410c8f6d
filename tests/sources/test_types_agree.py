"""Parquet files of every type: the same texts and numbers on every engine, written out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diptych.errors import DataError
from diptych.relations.attributes import scaled
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import open_engine
from tests.sources.engines import needs_spark

MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5, 120_000)  # noqa: DTZ001 - of no zone
ABROAD = dt.timezone(dt.timedelta(hours=2))

# name -> (value, type, what it is as text)
VALUES = {
    "byte": (5, pa.int8(), "5"),
    "unsigned": (2**64 - 1, pa.uint64(), "18446744073709551615"),
    "truth": (True, pa.bool_(), "true"),
    "day": (dt.date(2020, 1, 2), pa.date32(), "2020-01-02"),
    "whole": (1.0, pa.float64(), "1.0"),
    "small": (0.0001, pa.float64(), "0.0001"),
    "smaller": (0.000012, pa.float64(), "1.2e-05"),
    "tiny": (1e-7, pa.float64(), "1e-07"),
    "large": (123456789.25, pa.float64(), "123456789.25"),
    "larger": (1e15, pa.float64(), "1000000000000000.0"),
    "huge": (1.5e20, pa.float64(), "1.5e+20"),
    "negative": (-1e300, pa.float64(), "-1e+300"),
    "none": (float("nan"), pa.float64(), "nan"),
    "endless": (float("-inf"), pa.float64(), "-inf"),
    "single": (0.5, pa.float32(), "0.5"),
    "money": (Decimal("1.50"), pa.decimal128(10, 2), "1.50"),
    "moment": (MOMENT, pa.timestamp("us"), "2020-01-02 03:04:05.12"),
    "second": (MOMENT.replace(microsecond=0), pa.timestamp("ms"), "2020-01-02 03:04:05"),
    "exact": (MOMENT, pa.timestamp("ns"), "2020-01-02 03:04:05.12"),
    "abroad": (MOMENT.replace(tzinfo=ABROAD), pa.timestamp("us", "+02:00"), "2020-01-02 01:04:05.12+00"),
    "kind": ("a", pa.dictionary(pa.int8(), pa.string()), "a"),
    "bytes": (b"caf\xc3\xa9", pa.binary(), "café"),
    "numbers": ([1.5, None], pa.list_(pa.float64()), '["1.5",null]'),
    "moments": ([MOMENT], pa.list_(pa.timestamp("us")), '["2020-01-02 03:04:05.12"]'),
    "texts": (["a"], pa.list_(pa.string()), '["a"]'),
}


def read(tmp_path, engine, path="*.parquet"):
    return open_table(SourceSettings(path=(path,)), tmp_path, engine, where_declared="entities.a.source")


@pytest.mark.parametrize("with_nanoseconds", [True, False])
def test_texts_of_every_type(tmp_path, engine, with_nanoseconds, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    values = {name: v for name, v in VALUES.items() if with_nanoseconds or name != "exact"}
    columns = {name: pa.array([value, None], type_) for name, (value, type_, _) in values.items()}
    pq.write_table(pa.table({"n": [0, 1], **columns}), tmp_path / "x.parquet")
    frame = read(tmp_path, engine).frame
    from diptych.sources.engine import with_text  # noqa: PLC0415

    texts = with_text(frame, **{f"text_{name}": name for name in values}).select(
        "n", *(f"text_{name}" for name in values)
    )
    found = engine.collect(texts.sort("n"))
    assert {name: found[f"text_{name}"].iloc[0] for name in values} == {
        name: text for name, (*_, text) in values.items()
    }
    assert found.iloc[1, 1:].isna().all()


@pytest.mark.parametrize(
    ("type_", "numbers", "expected"),
    [
        (pa.float64(), [0.29, 2.5e-6, 3.0], [290_000, 3, 3_000_000]),
        (pa.float32(), [0.5, 2.0, 123456.789], [500_000, 2_000_000, 123_456_789_063]),  # a double of 123456.7890625
        (pa.decimal128(12, 2), [Decimal("0.29"), Decimal("7.00")], [290_000, 7_000_000]),
        (pa.int16(), [3, 2], [2, 3]),
    ],
    ids=str,
)
def test_weights_of_every_type(tmp_path, engine, type_, numbers, expected):
    pq.write_table(pa.table({"weight": pa.array(numbers, type_)}), tmp_path / "x.parquet")
    frame, _ = scaled(read(tmp_path, engine).frame, engine, "w")
    assert sorted(engine.collect(frame)["weight"].tolist()) == sorted(expected)


def test_a_column_that_changes_its_type_between_files_is_text(tmp_path, engine):
    pq.write_table(pa.table({"id": ["a"], "n": pa.array([1], pa.int32()), "m": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"n": [2.5], "id": ["b"], "m": [2]}), tmp_path / "b.parquet")
    pq.write_table(pa.table({"id": ["c"], "n": ["x"], "m": [3]}), tmp_path / "c.parquet")
    table = read(tmp_path, engine)
    assert table.columns == ("id", "n", "m")
    schema = table.frame.collect_schema()
    assert (schema["n"], schema["m"]) == (nw.String(), nw.Int64())
    found = engine.collect(table.frame.sort("id"))
    assert found["n"].tolist() == ["1", "2.5", "x"]


@pytest.mark.parametrize(
    "name", ["x y.parquet", "[x].parquet", "{x,y}.parquet", "%20.parquet", "_x.parquet", ".x.parquet"]
)
def test_names_stand_for_themselves(tmp_path, engine, name):
    folder = tmp_path / "year=2020"
    folder.mkdir()
    pq.write_table(pa.table({"id": ["a"]}), folder / name)
    pq.write_table(pa.table({"id": ["no"]}), folder / "x.parquet")
    table = read(tmp_path, engine, "year=2020/" + name.replace("[", "[[]").replace("[[]x]", "[[]x[]]"))
    assert table.columns == ("id",)
    assert engine.collect(table.frame)["id"].tolist() == ["a"]


@needs_spark
def test_columns_that_spark_cannot_name(tmp_path, spark_session):
    (tmp_path / "x.csv").write_text("id,a.b,c`d,e\n1,2,3,4\n")
    with open_engine(EngineSettings(name="spark")) as engine, pytest.raises(DataError) as caught:
        read(tmp_path, engine, "x.csv")
    assert str(caught.value) == (
        "entities.a.source: x.csv has columns that Spark cannot name, for a full stop or a backquote in it: a.b, c`d; "
        "rename, or count with DuckDB"
    )
