"""What an engine keeps goes where its scope ends, or before where it is forgotten; what is outside stays."""

from __future__ import annotations

import duckdb
import narwhals as nw
import pytest

from diptych.sources import EngineSettings
from diptych.sources.duckdb import DuckDBEngine


def tables(engine):
    found = engine._connection.execute("select table_name from duckdb_tables() order by all").fetchall()
    return [name for (name,) in found]


def doubled(engine, frame):
    return engine.keep(frame.with_columns(b=nw.col("a")))


def test_tables_of_a_scope_go_with_it():
    with DuckDBEngine(EngineSettings()) as engine:
        outside = engine.load({"a": ["x"]})
        with engine.scope():
            doubled(engine, outside)
            with engine.scope():
                innermost = doubled(engine, outside)
                assert tables(engine) == ["kept_1", "kept_2", "kept_3"]
            assert tables(engine) == ["kept_1", "kept_2"]
            with pytest.raises(duckdb.CatalogException):
                engine.collect(innermost)
        assert tables(engine) == ["kept_1"]
        assert engine.collect(doubled(engine, outside)).to_dict("list") == {"a": ["x"], "b": ["x"]}


def test_a_scope_that_fails_lets_go_too():
    with DuckDBEngine(EngineSettings()) as engine:
        with pytest.raises(nw.exceptions.ColumnNotFoundError), engine.scope():
            engine.collect(doubled(engine, engine.load({"other": ["x"]})))
        assert tables(engine) == []


def test_what_is_forgotten_is_gone_once():
    with DuckDBEngine(EngineSettings()) as engine:
        first = engine.load({"a": ["x"]})
        with engine.scope():
            second = doubled(engine, first)
            engine.forget(second.with_columns(c=nw.lit(1)))  # no table of its own
            assert tables(engine) == ["kept_1", "kept_2"]
            engine.forget(second)
            engine.forget(first)
            assert tables(engine) == []
            engine.forget(second)
