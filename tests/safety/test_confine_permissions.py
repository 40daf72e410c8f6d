"""`--confine`: databases, plug-ins and folders of snapshots that nobody allowed; and the command line that allows them."""

from __future__ import annotations

import sqlite3
import sys

import pytest

from diptych.confine import Confinement, confined
from diptych.contrib.databases import postgres
from diptych.contrib.github.building import limits
from diptych.errors import ConfigError
from diptych.pipeline import build, check
from tests.extending.conftest import install, on_path
from tests.pipeline.projects import write_project
from tests.safety.watching import watched

ENTRY = 'from pathlib import Path\nPath({mark!r}).write_text("ran")\n'


def problems(config, **limits_):
    with confined(Confinement(**limits_)), pytest.raises(ConfigError) as error:
        check(config)
    return [(p.line, p.key, p.message) for p in error.value.problems]


@pytest.fixture
def database(tmp_path):
    with sqlite3.connect(tmp_path / "m.sqlite") as opened:
        opened.execute("create table models (id, l, owner)")
        opened.executemany(
            "insert into models values (?, ?, ?)", [("m1", "a", "u"), ("m2", "b", "v"), ("m3", "b", "u")]
        )
    return tmp_path


def test_a_query_must_be_allowed_and_a_table_need_not(database):
    query = "source: {database: m.sqlite, query: \"attach '/etc/passwd' as x; select 1\"}"
    config = write_project(database, {"source: m.csv": query}) / "config.yaml"
    with watched() as touched:
        ((line, key, message),) = problems(config)
    assert (line, key) == (7, "entities.models.source.database")
    assert message.endswith("allow it on the command line with --allow-database m.sqlite")
    assert [path for path in touched.paths if path.endswith("m.sqlite")] == []
    write_project(database, {"source: m.csv": "source: {database: m.sqlite, table: models}"})
    with confined(Confinement()):
        check(config)
    write_project(database, {"source: m.csv": "source: {database: m.sqlite, query: select * from models}"})
    with confined(Confinement(databases=("m.sqlite",))):
        check(config)


def test_an_allowed_database_must_be_inside_all_the_same(database):
    work = database / "work"
    work.mkdir()
    source = {"source: m.csv": "source: {database: ../m.sqlite, query: select * from models}"}
    config = write_project(work, source) / "config.yaml"
    ((_, _, message),) = problems(config, databases=("../m.sqlite",))
    assert "leads outside" in message


@pytest.mark.parametrize(
    "address", ["postgres://db.example/sales", "postgres://127.0.0.1:3306/xy", "postgresql://db/xy"]
)
def test_servers_must_be_allowed(tmp_path, monkeypatch, address):
    asked = []
    monkeypatch.setattr(postgres, "_cursor", lambda *_: asked.append(1))
    config = write_project(tmp_path, {"source: m.csv": f'source: {{database: "{address}", table: t}}'}) / "config.yaml"
    ((_, _, message),) = problems(config)
    assert message.endswith(f"--allow-database {address}")
    for near in (address[:-1], f"{address}x", address.split("://")[0], "postgres://db.exam", ""):
        assert len(problems(config, databases=(near,))) == 1
    assert asked == []


@pytest.mark.parametrize(
    ("allowed", "name", "is_allowed"),
    [
        ("postgres://db.example", "postgres://db.example/sales", True),
        ("postgres://db.example/", "postgres://db.example/sales", True),
        ("postgres://db.example/sales", "postgres://db.example/sales", True),
        ("postgres://db.example", "postgres://db.example.org/sales", False),
        ("postgres://db.example", "postgres://db.example:99/sales", False),
        ("postgres://db.example/sales", "postgres://db.example/salesroom", False),
        ("m.sqlite", "data/m.sqlite", False),
    ],
)
def test_what_an_allowed_database_stands_for(allowed, name, is_allowed):
    assert Confinement(databases=(allowed,)).allows_database(name) is is_allowed


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A package whose import leaves a mark."""
    mark = tmp_path / "mark"
    points = {"diptych.measures": {"evil": "evil_toy:X"}, "diptych.sources": {"odd": "evil_toy:X"}}
    points |= {"diptych.renderers": {"plain": "evil_toy:X"}, "diptych.engines": {"fast": "evil_toy:X"}}
    project = {"name": "evil-toy", "version": "1", "entry-points": points}
    install(tmp_path / "packages", {"evil_toy.py": ENTRY.format(mark=str(mark))}, project)
    on_path(tmp_path / "packages", monkeypatch, "evil_toy")
    yield mark
    sys.modules.pop("evil_toy", None)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("column: t}}\n", "column: t}}\npanels: [{id: p, relation: trained_on, given: datasets, outcome: models, measure: evil}]\n", "evil"),
        ("source: m.csv", "source: {path: m.csv, format: odd}", "odd"),
        ("column: t}}\n", "column: t}}\noutputs: [data, plain]\n", "plain"),
        ("column: t}}\n", "column: t}}\nengine: {name: fast}\n", "fast"),
    ],
)  # fmt: skip
def test_plug_ins_must_be_allowed(tmp_path, plugin, old, new, name):
    work = tmp_path / "work"
    work.mkdir()
    config = write_project(work, {old: new}) / "config.yaml"
    found = problems(config)
    assert any(message.endswith(f"with --allow-plugin {name}") and line for line, _, message in found)
    assert not plugin.exists()
    with (
        confined(Confinement(plugins=frozenset({name}))),
        pytest.raises(ConfigError),
    ):  # it is no measure, but it was loaded
        check(config)
    assert plugin.exists()


def test_a_plug_in_by_the_ending_of_a_file(tmp_path, plugin):
    work = tmp_path / "work"
    work.mkdir()
    config = write_project(work, {"source: m.csv": "source: m.odd"}, {"m.odd": "x"}) / "config.yaml"
    with confined(Confinement()), pytest.raises(Exception, match="--allow-plugin odd"):
        check(config)
    assert not plugin.exists()


def test_the_command_line_sets_the_limits(here, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "m.csv").write_text("id,l,owner\nm1,a,u\nm2,b,v\nm3,b,u\n")
    write_project(tmp_path / "work", {"source: m.csv": "source: ../m.csv"})
    config = "work/config.yaml"
    for arguments in (
        ("check",), ("build",), ("explain", "agreement"), ("audit", "-o", "s.csv"),
    ):  # fmt: skip
        given = (arguments[0], "agreement", config) if arguments[0] == "explain" else (*arguments, config)
        status, _, err = here(*given, "--confine")
        assert (status, "leads outside" in err) == (1, True), arguments
    assert here("check", config)[0] == 0
    assert here("check", config, "--confine", "--root", ".")[0] == 0
    assert not (tmp_path / "site").exists()


def test_workflows_read_the_config_within_limits_too(here, tmp_path):
    write_project(tmp_path, {"source: m.csv": "source: ../m.csv"})
    arguments = ("init", "--github", "--action", "a/b@" + "0" * 40, "--confine")
    status, _, err = here(*arguments)
    assert (status, "leads outside" in err) == (1, True)


def test_a_rebuild_is_within_limits(here, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "m.csv").write_text("id,l,owner\nm1,a,u\nm2,b,v\nm3,b,u\n")
    config = write_project(tmp_path / "work", {"source: m.csv": "source: ../m.csv"}) / "config.yaml"
    build(config, tmp_path / "site")
    assert here("verify", "site", "--rebuild", "--config", str(config))[0] == 0
    status, out, _ = here("verify", "site", "--rebuild", "--config", str(config), "--confine")
    assert (status, "leads outside" in out) == (1, True)


@pytest.mark.parametrize(
    "option", [("--root", "."), ("--allow-host", "x"), ("--allow-database", "x"), ("--allow-plugin", "x")]
)
def test_options_that_need_the_flag(here, option):
    status, _, err = here("check", *option)
    assert (status, "goes with --confine, which is not given" in err) == (2, True)


def test_a_root_must_be_a_folder(here, tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("file", "missing"):
        status, _, err = here("check", "--confine", "--root", name)
        assert (status, "is no folder" in err) == (2, True)


def test_the_action_gives_limits():
    assert limits(confine=False, root="x", allow=["host:a"]) == []
    found = limits(confine=True, root="data", allow=["host:a.example", "database:postgres://b/c", "plugin:d"])
    assert found == [
        "--confine",
        "--root=data",
        "--allow-host=a.example",
        "--allow-database=postgres://b/c",
        "--allow-plugin=d",
    ]
    for wrong in ("a.example", "file:x", "host:", "--root=/"):
        with pytest.raises(Exception, match="is none of host:NAME"):
            limits(confine=True, allow=[wrong])
