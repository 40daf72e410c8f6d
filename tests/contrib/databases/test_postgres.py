"""Tables of a real Postgres on the loopback address, through whole builds against pandas."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import diptych
from diptych.errors import DataError, DiptychError
from diptych.sources import SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import open_engine
from tests.contrib.databases.test_databases import CONFIG, JOINED, PEOPLE, TRADES, built, write
from tests.limited import limited
from tests.programs import needs

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
WHO = {"PGUSER": "reader", "PGPASSWORD": "sword-fish"}


pytestmark = [pytest.mark.services, needs(PROGRAMS, "no Postgres here: apt-get install postgresql")]


@pytest.fixture(scope="module")
def server():
    """Return the address of a database with the tables of test_databases, which needs the password of `WHO`."""
    with TemporaryDirectory() as folder:
        yield from _serving(Path(folder))


def _serving(folder):
    as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it will not run as root
    if as_other:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str, text: str | None = None) -> None:
        command = [*as_other, str(PROGRAMS[-1].with_name(program)), *arguments]
        subprocess.run(command, check=True, cwd=folder, input=text, text=True, stdout=subprocess.DEVNULL)

    (folder / "word").write_text("of the owner")
    auth = ("--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=word")
    run("initdb", "-D", "data", "-U", "owner", "-N", *auth)
    listens = f"-p {port} -k {folder} -h 127.0.0.1 -c fsync=off"
    run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", listens, "start")
    try:
        people = PEOPLE.astype({"trade": "Int64"}).to_csv(index=False)
        made = (
            "create database shop;\n\\connect shop\n"
            "create table people (name text, place text, trade int, n int);\n"
            f"copy people from stdin csv header;\n{people}\\.\n"
            "create table trades (id int, job text);\n"
            f"copy trades from stdin csv header;\n{TRADES.to_csv(index=False)}\\.\n"
            f"create view work as {JOINED};\n"
            "create extension citext; create table kinds (a citext, b money, c bytea, d text[], e numeric, f date);\n"
            "insert into kinds values ('Ab', 12.5, '\\x00', '{x,y}', 1.5, '2020-02-01');\n"
            "create sequence counter;\n"
            f"create user reader password '{WHO['PGPASSWORD']}'; grant select on all tables in schema public to reader;\n"
        )
        run(
            "psql",
            "-v",
            "ON_ERROR_STOP=1",
            "-q",
            "-h",
            str(folder),
            "-p",
            str(port),
            "-U",
            "owner",
            "postgres",
            text=made,
        )
        yield f"postgres://127.0.0.1:{port}/shop"
    finally:
        run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")


@pytest.fixture
def reader(monkeypatch):
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("what", ["table: work", "table: public.work", f'query: "{JOINED}"'])
def test_tables_views_and_queries(server, what, tmp_path):
    table = PEOPLE.dropna(subset=["place"]).merge(TRADES, left_on="trade", right_on="id")
    expected = table.groupby(["place", "job"])["n"].sum()
    assert built(write(tmp_path, f'"{server}", {what}', "count: n")) == expected[expected > 0].to_dict()
    content = b"".join(path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file())
    assert WHO["PGPASSWORD"].encode() not in content
    manifest = (tmp_path / "site/manifest.json").read_text()
    assert "reader" not in manifest
    assert [one for one in json.loads(manifest)["inputs"] if one["path"].startswith("postgres")] == []


def asked(server, query, **limits):
    source = SourceSettings.model_validate({"database": server, "query": query})
    with open_engine(limited(**limits)) as engine:
        opened = open_table(source, Path(), engine, where_declared="s")
        return [tuple(row) for row in engine.in_order(opened.frame)]


@pytest.mark.usefixtures("reader")
def test_types_arrive_as_the_server_writes_them(server):
    assert asked(server, "select * from kinds -- all") == [
        ("Ab", "$12.50", "\\x00", ["x", "y"], "1.5", dt.date(2020, 2, 1))
    ]


NO_SELECT = {
    "selekt 1": "syntax error",
    "delete from people": "syntax error",
    "delete from people returning name": "syntax error",
    "with gone as (delete from people returning name) select * from gone": "must be at the top level",
    "select name into copied from people": "INTO",
    "copy people to '/tmp/people'": "syntax error",
    "copy people to program 'touch /tmp/people'": "syntax error",
    "begin read write": "syntax error",
    "select 1 as a; commit; drop table people": "syntax error",
    "select 1 as a) as b; drop table people; select * from (select 1 as a": "multiple commands",
    "select nextval('counter') as a": "read-only transaction",
    "select set_config('transaction_read_only', 'off', false) as a": "before any query",
    "select pg_notify('a', 'b') as a, set_config('default_transaction_read_only', 'off', false) as b, nextval('counter') as c": (
        "read-only transaction"
    ),
}
"""Queries that would do more than read, and what the server says."""


@pytest.mark.parametrize("query", NO_SELECT)
def test_a_query_only_reads_even_as_the_owner(server, query, monkeypatch):
    monkeypatch.setenv("PGUSER", "owner")
    monkeypatch.setenv("PGPASSWORD", "of the owner")
    with pytest.raises(DataError) as caught:
        asked(server, query)
    assert NO_SELECT[query] in str(caught.value)
    assert len(asked(server, "select * from people")) == len(PEOPLE)
    assert asked(server, "select is_called from counter") == [(False,)]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("query", "limits", "said"),
    [
        ("select pg_sleep(60)", {"seconds": 1}, "takes more than 1 s"),
        ("select set_config('statement_timeout', '0', false), pg_sleep(60)", {"seconds": 1}, "takes more than 1 s"),
        ("select n from generate_series(1, 100000000000) as n order by -n", {"seconds": 1}, "takes more than 1 s"),
        (
            "with recursive n (a) as (select 1 union all select a + 1 from n) select a from n",
            {"rows": 1000},
            "more than 1,000;",
        ),
    ],
)
def test_a_query_has_bounds(server, query, limits, said):
    with pytest.raises(DataError, match=said):
        asked(server, query, **limits)


@pytest.mark.usefixtures("reader")
def test_errors_name_the_place_and_no_secret(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def refused(database):
        Path("config.yaml").write_text(CONFIG.replace("DATABASE", database).replace("MORE", ""))
        with pytest.raises(DiptychError) as caught:
            diptych.build("config.yaml", "site")
        assert caught.value.__cause__ is None
        return str(caught.value)

    assert refused(f'"{server}", table: wrok') == (
        f'relations.r.records.source: {server}, table wrok: relation "wrok" does not exist'
    )
    monkeypatch.setenv("PGPASSWORD", "cod-fish")
    wrong = refused(f'"{server}", table: work')
    assert 'user "$PGUSER" (who may read is taken from PGUSER and PGPASSWORD)' in wrong
    assert "reader" not in wrong
    assert "cannot connect" in refused('"postgres://127.0.0.1:1/shop", table: work')
