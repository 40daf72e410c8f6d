"""Engines by name, those that need what is not installed left out by name; and the session that all Spark tests share."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

from diptych.sources import EngineSettings
from tests.programs import needs

WITHOUT_SPARK = next(
    (f"Spark needs {what}" for what in ("pyspark", "pyarrow") if find_spec(what) is None),
    None if shutil.which("java") or os.environ.get("JAVA_HOME") else "Spark needs Java",
)
_OF_SPARK = (pytest.mark.services, needs(WITHOUT_SPARK is None, str(WITHOUT_SPARK)))

OTHERS = [pytest.param("spark", marks=_OF_SPARK)]
ENGINES = ["duckdb", *OTHERS]

_QUICK = ("adaptive.enabled", "codegen.wholeStage")
"""What Spark is to leave: small tables take most of their time in planning and compiling."""

JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
"""The same, for Java itself, which also takes Spark's own classes to be whole."""


def needs_spark(test):
    """Mark a test that counts with Spark; it is skipped where that is not installed."""
    for mark in _OF_SPARK:
        test = mark(test)
    return test


def start_session(folder):
    """A session of Spark as the program starts one, for small tables. The engine uses the one that is active."""
    from diptych.contrib.spark.session import open_session  # noqa: PLC0415 - may not be installed

    settings = [*(f"spark.sql.{name} false" for name in _QUICK), "spark.sql.codegen.factoryMode NO_CODEGEN"]
    (folder / "spark-defaults.conf").write_text("\n".join(settings), "utf-8")
    os.environ |= {"JDK_JAVA_OPTIONS": JAVA_OPTIONS, "SPARK_CONF_DIR": str(folder)}
    return open_session(EngineSettings(name="spark", threads=2), folder).session
