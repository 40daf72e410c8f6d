"""Tables of a real Postgres, through whole builds against pandas; where the machine has none, or DuckDB lacks what reads it,
the reason is said. `apt-get install postgresql` and `python -c "import duckdb; duckdb.sql('install postgres')"` bring both.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import duckdb
import pytest

import diptych
from diptych.errors import DiptychError
from diptych.sources.text import NO_DOWNLOADS
from tests.contrib.databases.test_databases import CONFIG, JOINED, PEOPLE, TRADES, built, write

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
WHO = {"PGUSER": "reader", "PGPASSWORD": "sword-fish"}


def has_extension() -> bool:
    with duckdb.connect(":memory:", config=NO_DOWNLOADS) as connection:
        try:
            connection.execute("load postgres")
        except duckdb.Error:
            return False
    return True


pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(not PROGRAMS, reason="no Postgres here: apt-get install postgresql"),
    pytest.mark.skipif(not has_extension(), reason="DuckDB's extension postgres is not installed here"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return the address of a database with the tables of test_databases, which needs the password of `WHO`."""
    folder = tmp_path_factory.mktemp("postgres")
    as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it will not run as root
    if as_other:
        for path in (folder, *folder.parents[:2]):
            path.chmod(0o755)
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


BAD = {
    "table: wrok": ("table wrok", "name wrok does not exist"),
    "query: selekt 1": ("a query", 'syntax error at or near "selekt"'),
    "query: delete from people": ("a query", "the query must be a SELECT statement"),
}
"""What is asked, what the message calls it, and what the server or the extension says."""


def refused(server, what, folder, monkeypatch):
    (folder / "config.yaml").write_text(CONFIG.replace("DATABASE", f'"{server}", {what}').replace("MORE", ""))
    monkeypatch.chdir(folder)
    with pytest.raises(DiptychError) as caught:
        diptych.build("config.yaml", "site")
    return str(caught.value).replace(server, "SERVER")


@pytest.mark.usefixtures("reader")
def test_what_is_wrong_is_said(server, tmp_path, monkeypatch):
    place = "relations.r.records.source: SERVER"
    place = "relations.r.records.source: SERVER, "
    for what, (name, said) in BAD.items():
        found = refused(server, what, tmp_path, monkeypatch)
        assert found.startswith(f"{place}{name}: ")
        assert said in found
    monkeypatch.setenv("PGPASSWORD", "cod-fish")
    found = refused(server, "table: work", tmp_path, monkeypatch)
    assert found.startswith(f"{place}table work: Unable to connect to Postgres")
    assert found.endswith('for user "$PGUSER" (who may read is taken from PGUSER and PGPASSWORD)')
