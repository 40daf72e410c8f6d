"""Engines by name, those that need what is not installed left out by name; and the session that all Spark tests share."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

WITHOUT_SPARK = next(
    (f"Spark needs {what}" for what in ("pyspark", "pyarrow") if find_spec(what) is None),
    None if shutil.which("java") or os.environ.get("JAVA_HOME") else "Spark needs Java",
)
_OF_SPARK = (pytest.mark.spark, pytest.mark.skipif(WITHOUT_SPARK is not None, reason=str(WITHOUT_SPARK)))

OTHERS = [pytest.param("spark", marks=_OF_SPARK)]
ENGINES = ["duckdb", *OTHERS]

_QUICK = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "localhost",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.default.parallelism": "2",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Small tables take most of their time in planning and compiling."""

JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
"""The same, for Java itself, which also takes Spark's own classes to be whole."""


def needs_spark(test):
    """Mark a test that counts with Spark; it is skipped where that is not installed."""
    for mark in _OF_SPARK:
        test = mark(test)
    return test


def start_session(folder, **more):
    """A session of Spark for small tables. The engine uses the one that is active, and does not stop it."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - may not be installed

    os.environ["JDK_JAVA_OPTIONS"] = JAVA_OPTIONS
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in {**_QUICK, "spark.local.dir": str(folder), **more}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
