"""Databases and queries of strangers: they are read, and do nothing else, within bounds."""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

import diptych
from diptych.contrib.choose.reading import read_table
from diptych.errors import DataError, DiptychError
from diptych.pipeline import check
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import open_engine
from tests.limited import limited

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: {database: x.sqlite, query: QUERY}
      rows: {column: a, label: Place}
      columns: {column: b, label: Job}
      label: person
outputs: [data]
"""
READING = "does more than read; a query begins with select or with, and is one statement that only reads"


def database(folder: Path, *statements: str, name: str = "x.sqlite") -> Path:
    with closing(sqlite3.connect(folder / name)) as connection:
        for statement in ("create table t (a, b)", "insert into t values ('x', 'y'), ('z', 'y')", *statements):
            connection.execute(statement)
        connection.commit()
    return folder / name


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def said(tmp_path):
    """Return a function that asks a query, and gives what is wrong with it."""

    def message(query: str, **limits) -> str:
        source = SourceSettings.model_validate({"database": "x.sqlite", "query": query})
        with open_engine(limited(**limits)) as engine, pytest.raises(DataError) as caught:
            open_table(source, tmp_path, engine, where_declared="s")
        (only,) = caught.value.messages
        return only.removeprefix("s: x.sqlite, a query").lstrip(": ")

    return message


def rows(folder: Path, query: str | None = None, table: str | None = None, **settings) -> list[tuple]:
    keys = {"query": query} if table is None else {"table": table}
    with open_engine(EngineSettings(threads=1, **settings)) as engine:
        source = SourceSettings.model_validate({"database": "x.sqlite", **keys})
        opened = open_table(source, folder, engine, where_declared="s")
        return [tuple(row) for row in engine.in_order(opened.frame)]


@pytest.mark.parametrize("run", ["check", "build"])
def test_a_query_cannot_write_a_file_that_python_runs(tmp_path, run):
    """A line of a .pth file that begins with import is executed by the next start of Python."""
    (tmp_path / "site-packages").mkdir()
    database(
        tmp_path,
        "create table x (y)",
        "insert into x values (char(10) || 'import os; os.mkdir(\"owned\")' || char(10))",
    )
    (tmp_path / "config.yaml").write_text(CONFIG.replace("QUERY", f"vacuum into '{tmp_path}/site-packages/a.pth'"))
    before = files(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(tmp_path / "config.yaml") if run == "check" else diptych.build(
            tmp_path / "config.yaml", tmp_path / "site"
        )
    assert files(tmp_path) == before
    assert str(caught.value) == f"relations.r.records.source: x.sqlite, a query {READING}"


@pytest.mark.parametrize(
    "query",
    [
        "vacuum into 'FOLDER/new'",
        "vacuum",
        "attach 'FOLDER/new' as n",
        "attach 'file:FOLDER/new?mode=rwc' as n",
        "detach main",
        "insert into t values (1, 2) returning a, b",
        "with w as (select 1 as a) delete from t returning a, b",
        "create temp table n as select * from t",
        "create table n (a)",
        "pragma journal_mode = wal",
        "pragma writable_schema = on",
        "pragma temp_store_directory = 'FOLDER'",
        "select * from pragma_journal_mode",
        "begin exclusive",
        "analyze",
        "reindex",
        "drop table t",
    ],
)
def test_what_is_no_reading_is_refused_and_leaves_no_trace(tmp_path, said, query):
    database(tmp_path)
    before = files(tmp_path)
    message = said(query.replace("FOLDER", str(tmp_path)))
    assert message == READING or message.startswith(("no such table", 'reads "pragma_'))
    assert files(tmp_path) == before


@pytest.mark.parametrize("query", ["select 1 as a; vacuum into 'FOLDER/new'", "select 1 as a; select 2 as a"])
def test_one_statement_alone(tmp_path, said, query):
    database(tmp_path)
    assert said(query.replace("FOLDER", str(tmp_path))) == "is more than one statement; write one select"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "function", ["load_extension('/tmp/x.so')", "LOAD_EXTENSION('/tmp/x.so', 'main')", "fts3_tokenizer('simple')"]
)
def test_functions_that_reach_beyond_the_database(tmp_path, said, function):
    database(tmp_path)
    message = said(f"select {function} as a, 1 as b from t")  # noqa: S608 - it is refused
    name = function.partition("(")[0].lower()
    assert message in (f"calls {name}(), which a query may not; leave it out", f"no such function: {name}")


def test_functions_and_lists_of_ordinary_queries(tmp_path):
    database(tmp_path, """insert into t values ('["p","q"]', ' w ')""")
    query = "select upper(trim(b)) as a, json_each.value as b from t, json_each(a) where a glob '[[]*'"
    assert rows(tmp_path, query) == [("W", "p"), ("W", "q")]
    windowed = "select a, row_number() over (order by a desc) as b, a -> 0 as c from t where instr(a, 'p') order by a"
    assert rows(tmp_path, windowed) == [('["p","q"]', "1", '"p"')]


def test_views_of_a_crafted_database_are_bounded_as_queries_are(tmp_path):
    database(tmp_path, "create view v as select load_extension('x') as a, b from t")
    with pytest.raises(DataError, match=r"load_extension|unsafe"):
        rows(tmp_path, table="v")


def test_virtual_tables_of_a_database_are_not_read(tmp_path, said):
    database(tmp_path, "create virtual table docs using fts5 (a, b)", "insert into docs values ('x', 'y')")
    for name, query in (("docs", "select a, b from docs"), ("dbstat", "select name as a, path as b from dbstat")):
        assert (
            said(query)
            == f'reads "{name}", which is no plain table or view of the database; copy it into a plain table'
        )
    assert rows(tmp_path, "select a, b from t order by a") == [("x", "y"), ("z", "y")]


COUNTING = "with recursive n (a) as (select 1 union all select a + 1 from n) select a, a as b from n"


@pytest.mark.parametrize(
    ("query", "settings", "message"),
    [
        (COUNTING, {"rows": 50_000}, "has more than 50,000 rows; if that is meant, raise engine.limits"),
        (
            COUNTING,
            {"unpacked": 0, "least_unpacked": 1e6},
            "gives more than 1.0 MB; if that is meant, raise engine.limits",
        ),
        (
            COUNTING + " where a < 0",
            {"seconds": 1},
            "a query takes more than 1 s; if that is meant, raise engine.limits",
        ),
        (
            COUNTING + " where instr(printf('%.*c', 130000, 'a'), printf('%.*c', 65000, 'a') || a)",
            {"seconds": 1},
            "a query takes more than 1 s; if that is meant, raise engine.limits",
        ),
        (
            "select replace(printf('%.*c', 100000, 'x'), 'x', 'yyyyy') as a, 1 as b",
            {},
            "has more than 131 kB in a row or a value; write a query that leaves out, or cuts, long columns",
        ),
        (
            (
                "with recursive n (a) as (select 1 union all select a + 1 from n limit 200000)"
                " select group_concat('xxxxxxxxxxxxxxxxxxxx') as a, 1 as b from n"
            ),
            {"row": 10**5},
            "has more than 100 kB in a row or a value; write a query that leaves out, or cuts, long columns",
        ),
        (
            (
                "with recursive n (a, x) as (select 1, 'x' union all select a + 1, printf('%.*c', 100000, 'x') || a from n)"
                " select a, x as b from n order by x desc"
            ),
            {"memory": "300MB"},
            "needs more memory than 300 MB; ask for less, or set engine.memory to more and start again",
        ),
        ("select a, b from t where a like '" + "%a" * 300 + "'", {}, "LIKE or GLOB pattern too complex"),
        ("select 1" + " + 1" * 2000 + " as a", {}, "Expression tree is too large (maximum depth 1000)"),
    ],
    ids=["rows", "bytes", "time", "time-in-long-steps", "printf", "group_concat", "sort", "like", "nesting"],
)
def test_queries_that_never_end_or_fill_the_memory(tmp_path, said, query, settings, message):
    database(tmp_path)
    began = time.monotonic()
    assert said(query, **settings) == message
    assert time.monotonic() - began < 10


def test_many_rows_arrive_whole_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("diptych.contrib.databases.sqlite._AT_ONCE", 15_000)
    database(tmp_path)
    found = rows(tmp_path, COUNTING.replace("select a, a as b", "select a, nullif(a % 3, 1) as b") + " limit 23456")
    assert found == [(str(a), None if a % 3 == 1 else str(a % 3)) for a in range(1, 23_457)]


def test_a_closed_database_that_keeps_a_log_is_read_and_none_is_made(tmp_path):
    database(tmp_path, "pragma journal_mode = wal")
    before = files(tmp_path)
    assert len(rows(tmp_path, table="t")) == 2
    with pytest.raises(DataError, match=r"write one of its tables .*: t$"):
        read_table(str(tmp_path / "x.sqlite"))
    assert files(tmp_path) == before


def test_a_log_without_its_index_is_read_and_none_is_made(tmp_path):
    """A write-ahead log that was copied with its database: SQLite itself would make the index beside it."""
    (tmp_path / "made").mkdir()
    made = database(tmp_path / "made")
    with closing(sqlite3.connect(made)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("insert into t values ('late', 'y')")
        writer.commit()
        for ending in ("", "-wal"):
            (tmp_path / f"x.sqlite{ending}").write_bytes((tmp_path / f"made/x.sqlite{ending}").read_bytes())
    before = files(tmp_path)
    assert ("late", "y") in rows(tmp_path, table="t")
    assert files(tmp_path).keys() == before.keys()


def test_a_journal_that_an_interrupted_writer_left(tmp_path, said):
    """Rolling it back would write into the database, and delete the file that the journal names."""
    path = database(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("pragma cache_size = 1")
        writer.execute("begin")
        writer.execute("update t set a = 'w'")
        for n in range(300):
            writer.execute("insert into t values (?, ?)", ("x" * 3000, n))
        content, journal = path.read_bytes(), (tmp_path / "x.sqlite-journal").read_bytes()
    path.write_bytes(content)
    (tmp_path / "x.sqlite-journal").write_bytes(journal)
    before = files(tmp_path)
    assert said("select a, b from t") == (
        "attempt to write a readonly database; x.sqlite-journal shows that its last writer was interrupted: open it once "
        "with sqlite3"
    )
    assert files(tmp_path) == before


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_a_pipe_or_a_device_is_no_database(tmp_path, said, make):
    make(tmp_path / "x.sqlite")
    sort = "a device" if (tmp_path / "x.sqlite").is_symlink() else "a pipe"
    source = SourceSettings.model_validate({"database": "x.sqlite", "table": "t"})
    with open_engine(EngineSettings(threads=1)) as engine, pytest.raises(DataError) as caught:
        open_table(source, tmp_path, engine, where_declared="s")
    assert str(caught.value) == f"s: x.sqlite is no file but {sort}; only files are read: write what it gives into one"
    with pytest.raises(DataError, match="only files are read"):
        read_table(str(tmp_path / "x.sqlite"))


@pytest.mark.parametrize("at", [0, 16, 20, 100, 105, 4096])
def test_damaged_databases_end_in_a_message(tmp_path, at):
    path = database(tmp_path)
    content = bytearray(path.read_bytes())
    content[at : at + 40] = bytes(0xA5 for _ in content[at : at + 40])
    path.write_bytes(bytes(content))
    with suppress(DataError):
        assert rows(tmp_path, table="t")


def test_init_lists_the_tables_of_a_hostile_database_without_running_it(tmp_path):
    path = database(tmp_path, "create view v as select load_extension('x') as a")
    with pytest.raises(DataError, match=r"is a database; write one of its tables into a config .*: t, v"):
        read_table(str(path))
