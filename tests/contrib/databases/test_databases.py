"""Tables of databases: SQLite through whole builds against pandas, servers as far as they are reached without one."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pandas as pd
import pytest

import diptych
from diptych.config.loading import load_config
from diptych.contrib.databases.postgres import uri_of
from diptych.errors import DiptychError
from diptych.pipeline import check
from diptych.pipeline.inputs import reads_files_alone
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
def test_without_its_driver_a_server_says_what_to_install(scheme, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    monkeypatch.delitem(sys.modules, "diptych.contrib.databases.postgres", raising=False)
    config = write(tmp_path, f'"{scheme}://host:55/shop", table: work')
    assert not reads_files_alone(load_config(config))
    with pytest.raises(DiptychError, match=r'adbc_driver_postgresql.*pip install "diptych\[databases\]"'):
        check(config)


@pytest.mark.parametrize(
    "part", ["shop host=evil", "shop?host=evil", "shop' host='evil", "a=b", "shop\\", "a@evil", "a#b"]
)
def test_a_name_adds_no_keys_to_the_connection(part):
    parts = urlsplit(uri_of(f"postgres://host:5432/{quote(part)}", 9))
    assert (parts.netloc, parts.path.count("/")) == ("host:5432", 1)
    assert parse_qs(parts.query).keys() == {"connect_timeout", "options"}
    assert parse_qs(parts.query)["options"] == ["-c default_transaction_read_only=on -c statement_timeout=9000"]
