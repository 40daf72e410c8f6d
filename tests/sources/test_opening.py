"""Engines that cannot be had say so; a session of Spark is left as it was; one of our own is quiet and leaves nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.contrib.spark import engine as opening
from diptych.errors import DataError
from diptych.sources import EngineSettings
from diptych.sources.located import open_engine
from tests.pipeline.projects import write_project
from tests.sources.engines import JAVA_OPTIONS, needs_spark

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "missing", "said"),
    [
        ("spark", {"pyspark", "pyarrow"}, "spark needs pyspark and pyarrow, which are not installed"),
        ("spark", {"pyspark"}, "spark needs pyspark, which is not installed"),
        ("spark", {"pyarrow"}, "spark needs pyarrow, which is not installed"),
    ],
)
def test_what_is_not_installed(name, missing, said, monkeypatch):
    monkeypatch.setattr(opening, "find_spec", lambda package: None if package in missing else package)
    with pytest.raises(DataError) as caught:
        open_engine(EngineSettings(name=name))
    assert str(caught.value) == f'engine: {said}: pip install "diptych[{name}]"'


def test_engines_that_are_not_used_are_not_loaded():
    code = """
import sys
import diptych
from diptych.sources.located import open_engine
from diptych.sources import EngineSettings
open_engine(EngineSettings()).close()
print(sorted({"polars", "pyspark", "py4j"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_package_alone_is_light():
    code = "import sys, diptych; diptych.build; print(sorted({'pandas', 'duckdb', 'pydantic', 'altair'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@needs_spark
def test_a_session_of_our_own_is_here_and_java_writes_to_a_file(spark_session):
    from diptych.contrib.spark.session import is_local  # noqa: PLC0415 - may not be installed

    folder = Path(spark_session.conf.get("spark.local.dir"))
    assert is_local(spark_session)
    assert spark_session.conf.get("spark.sql.shuffle.partitions") == "2"
    assert "WARN" in (folder / "spark.log").read_text("utf-8")


@needs_spark
def test_a_session_that_runs_is_used_and_left_as_it_was(spark_session):
    spark_session.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    spark_session.conf.unset("spark.sql.parquet.binaryAsString")
    with open_engine(EngineSettings(name="spark")) as engine:
        assert spark_session.conf.get("spark.sql.session.timeZone") == "UTC"
        kept = engine.keep(engine.load({"a": ["x"]}))
        assert kept.to_native().sparkSession.sparkContext is spark_session.sparkContext
    assert spark_session.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    assert spark_session.conf.get("spark.sql.parquet.binaryAsString") == "false"
    assert spark_session.range(3).count() == 3


@needs_spark
def test_no_java(monkeypatch):
    from diptych.contrib.spark import session as module  # noqa: PLC0415 - may not be installed

    monkeypatch.setattr(module, "_running", lambda: None)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(DataError) as caught:
        open_engine(EngineSettings(name="spark"))
    assert str(caught.value) == (
        "engine: spark needs Java 17 or newer, and none is found; install it (Debian: default-jre-headless), "
        "or set JAVA_HOME"
    )


@needs_spark
def test_no_server_of_spark_connect(monkeypatch):
    from diptych.contrib.spark import session as module  # noqa: PLC0415 - may not be installed

    monkeypatch.setattr(module, "_running", lambda: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        master = f"sc://127.0.0.1:{taken.getsockname()[1]}/;user_id=me"
        with pytest.raises(DataError) as caught:
            open_engine(EngineSettings(name="spark", master=master))
    assert str(caught.value) == f"engine: no Spark Connect server answers at {master} (Connection refused)"


@pytest.mark.nightly
@needs_spark
@pytest.mark.parametrize(
    ("engine", "status", "out", "err"),
    [
        (
            "engine: {name: spark, memory: 900MB}",
            0,
            "config.yaml: no problem found\ntrained_on: 3 of 3 units counted\n",
            "",
        ),
        (
            "engine: {name: spark, master: nonsense}",
            1,
            "",
            "error: engine: Spark does not start at nonsense: Master must ",
        ),
        (
            "engine: {name: spark, memory: 9MB}",
            1,
            "",
            "error: engine: Spark does not start at local[*]: Java heap space\n",
        ),
    ],
    ids=["here", "a master that is none", "too little memory"],
)
def test_a_session_of_our_own_leaves_nothing(tmp_path, engine, status, out, err):
    write_project(tmp_path, {"version: 1": f"version: 1\n{engine}"})
    (tmp_path / "scratch").mkdir()
    done = subprocess.run(
        [sys.executable, *([] if status else ["-W", "error"]), "-m", "diptych", "check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JDK_JAVA_OPTIONS": JAVA_OPTIONS},
    )
    assert (done.returncode, done.stdout) == (status, out)
    assert done.stderr.startswith(err)
    assert done.stderr.count("\n") == status  # nothing that Java says
    assert list((tmp_path / "scratch").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "d.csv", "k.csv", "m.csv", "scratch"]
