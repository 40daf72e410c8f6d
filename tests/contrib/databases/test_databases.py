"""Tables of databases: SQLite through whole builds against pandas, servers as far as they are reached without one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import diptych
from diptych.config.loading import load_config
from diptych.contrib.databases import servers
from diptych.errors import DataError, DiptychError
from diptych.pipeline import check
from diptych.pipeline.inputs import reads_files_alone
from diptych.sources import Limits
from tests.refusals import Refusals

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: {database: DATABASE}
      rows: {column: place, label: Place}
      columns: {column: job, label: Job}
      label: person
      MORE
outputs: [data]
"""
PEOPLE = pd.DataFrame(
    {
        "name": [f"p{n}" for n in range(9)],
        "place": ["Oslo", "Rome", "Oslo", "Bern", "Rome", None, "Oslo", "Rome", "Bern"],
        "trade": [1, 2, 1, 2, 1, 1, 2, 2, None],
        "n": [3, 1, 0, 2, 5, 1, 1, 4, 2],
    }
)
TRADES = pd.DataFrame({"id": [1, 2], "job": ["clerk", "cook"]})
JOINED = "select place, job, n from people join trades on trade = id"


def write(folder: Path, database: str = "shop.sqlite, table: work", more: str = "") -> Path:
    with closing(sqlite3.connect(folder / "shop.sqlite")) as connection:
        PEOPLE.astype({"trade": "Int64"}).to_sql("people", connection, index=False)
        TRADES.to_sql("trades", connection, index=False)
        connection.execute(f"create view work as {JOINED}")
        connection.execute("create table nobody (place, job)")
        connection.commit()
    (folder / "config.yaml").write_text(CONFIG.replace("DATABASE", database).replace("MORE", more))
    return folder / "config.yaml"


def built(config: Path) -> dict[tuple[str, str], int]:
    diptych.build(config, config.parent / "site")
    cells = pd.read_csv(config.parent / "site/data/left.csv")
    return {(c.given, c.outcome): int(c.n_joint) for c in cells.itertuples() if c.n_joint}


@pytest.mark.parametrize("database", ["shop.sqlite, table: work", f'shop.sqlite, query: "{JOINED}"'])
def test_tables_views_and_queries_of_sqlite(database, tmp_path):
    table = PEOPLE.dropna(subset=["place"]).merge(TRADES, left_on="trade", right_on="id")
    assert built(write(tmp_path, database)) == table.groupby(["place", "job"]).size().to_dict()


def test_counts_of_sqlite(tmp_path):
    table = PEOPLE.dropna(subset=["place"]).merge(TRADES, left_on="trade", right_on="id")
    expected = table.groupby(["place", "job"])["n"].sum()
    assert built(write(tmp_path, more="count: n")) == expected[expected > 0].to_dict()


def test_the_file_is_an_input_and_what_is_not_yet_in_it_too(tmp_path):
    config = write(tmp_path)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("insert into people values ('late', 'Riga', 1, 1)")
        writer.commit()
        assert built(config)["Riga", "clerk"] == 1
    inputs = {one["path"] for one in json.loads((tmp_path / "site/manifest.json").read_text())["inputs"]}
    assert {"shop.sqlite", "shop.sqlite-wal"} <= inputs


PLACE = "relations.r.records.source"
REFUSALS = Refusals(Path(__file__).with_name("refusals.yaml"))


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_the_whole_message_golden(name, tmp_path, monkeypatch):
    write(tmp_path, REFUSALS.cases[name]["database"], REFUSALS.cases[name].get("more", ""))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    REFUSALS.compare(name, caught.value.messages)


def test_a_table_without_its_database(tmp_path, monkeypatch):
    config = write(tmp_path)
    config.write_text(config.read_text().replace("database: shop.sqlite", "path: shop.csv"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == (
        f"config.yaml:6:32: {PLACE}.table: goes with database: a file of SQLite, or postgres://HOST/NAME"
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_servers_say_what_to_install(scheme, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))  # where extensions would be
    monkeypatch.setattr(servers, "NO_DOWNLOADS", {**servers.NO_DOWNLOADS, "extension_directory": str(tmp_path)})
    config = write(tmp_path, f'"{scheme}://host:55/shop", table: work')
    assert not reads_files_alone(load_config(config))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == (
        f"{PLACE}: {scheme}:// needs DuckDB's extension postgres, which is not installed; run once: python -c "
        "\"import duckdb; duckdb.sql('install postgres')\""
    )
    assert list(tmp_path.glob("**/*.duckdb_extension")) == []


def test_what_a_server_says_is_told_without_secrets(monkeypatch):
    monkeypatch.setenv("PGUSER", "annie7")
    monkeypatch.setenv("PGPASSWORD", "swordfish")
    error = duckdb.IOException('IO Error: cannot connect: password "swordfish" of user "annie7" is wrong')
    with pytest.raises(DataError) as caught, servers._said("x: postgres://host/shop, table t", Limits()):
        raise error
    assert caught.value.messages == (
        (
            'x: postgres://host/shop, table t: cannot connect: password "$PGPASSWORD" of user "$PGUSER" is wrong (who may read is taken from '
            "PGUSER and PGPASSWORD)"
        ),
    )
    assert "swordfish" not in "".join(map(str, (caught.value.__cause__, caught.value.__suppress_context__)))


def test_what_extensions_are_given_holds_no_user():
    assert servers._attached("host", 5432, "/shop") == "host=host port=5432 dbname=shop"
    assert servers._attached("host", None, "/shop") == "host=host dbname=shop"


@pytest.mark.parametrize("part", ["/shop host=evil", "/shop\thost=evil", "/shop' host='evil", "/a=b", "/shop\\"])
def test_an_address_adds_no_keys_to_those_that_extensions_are_given(part):
    assert servers._attached("host", None, part) is None
    assert servers._attached(part.strip("/"), None, "/shop") is None
