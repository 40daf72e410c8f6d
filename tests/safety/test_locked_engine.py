"""What SQL could do in the engine, if any of a stranger's ever came there; and bounds for its time and for files."""

import duckdb
import narwhals as nw
import pytest

from diptych.errors import DataError
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.engine import duckdb_aside
from diptych.sources.files import open_table
from diptych.sources.located import open_engine
from tests.limited import limited

REFUSED = {
    "install httpfs": "Failed to create directory",
    "load httpfs": "not found",
    "set extension_directory = '/tmp'": "locked",
    "set enable_external_access = true": "locked",
    "set memory_limit = '1TB'": "locked",
    "set max_execution_time = 0": "locked",
    "set lock_configuration = false": "locked",
    "from 'https://localhost:1/x.csv'": "httpfs",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_no_sql_loads_an_extension_or_unlocks_the_engine(statement):
    settings = EngineSettings(threads=1, memory="500MB")
    with open_engine(settings) as engine, pytest.raises(duckdb.Error, match=REFUSED[statement]):
        engine._connection.execute(statement)
    with duckdb_aside() as connection, pytest.raises(duckdb.Error, match=REFUSED[statement]):
        connection.execute(statement)


def test_a_query_that_takes_too_long_is_stopped():
    with open_engine(limited(memory="500MB", seconds=1)) as engine:
        numbers = engine.load({"a": [str(n) for n in range(3000)]})
        others = numbers.join(numbers.select(b="a"), how="cross").join(numbers.select(c="a"), how="cross")
        with pytest.raises(DataError) as caught:
            engine.columns(others.select(nw.concat_str(["a", "b", "c"]).max()))
    assert str(caught.value) == "a query takes more than 1 s; if that is meant, raise engine.limits"


def test_a_pattern_that_finds_too_many_files(tmp_path):
    for n in range(6):
        (tmp_path / f"{n}.csv").write_text("id,l\na,b\n")
    source = SourceSettings(path=("*.csv",))
    with open_engine(limited(files=5)) as engine, pytest.raises(DataError) as caught:
        open_table(source, tmp_path, engine, where_declared="s")
    assert str(caught.value) == "s: *.csv names 6 files, more than 5; if that is meant, raise engine.limits"
