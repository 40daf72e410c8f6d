"""The engine `spark` and its own settings. Spark itself is loaded when a build uses it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Annotated, Any
from urllib.parse import urlsplit

from ...confine import OpensPath, current
from ...errors import DataError
from ...settings import Settings
from ...sources import EngineSettings, Limits
from ...sources.engine import Engine, Frame
from ...sources.engines import EngineKind


def _master_fault(master: str) -> str | None:
    """Return why `--confine` does not allow a master, or None."""
    confinement = current()
    if confinement is None or re.fullmatch(r"local(\[[^\[\]]*\])?", master):
        return None
    host = urlsplit(master.removeprefix("k8s://")).hostname or master
    if host in confinement.hosts:
        return None
    return (
        f'"{master}" is a server that would get all data, which --confine does not ask; leave it out to count on this '
        f"machine, or allow it on the command line with --allow-host {host}"
    )


class SparkSettings(Settings):
    """Keys below `engine:` that only Spark has."""

    master: Annotated[str | None, OpensPath("server", _master_fault)] = None
    """Only for Spark: a master URL or sc://host:port (default: local)."""


def _open(settings: EngineSettings, limits: Limits) -> Engine:
    missing = [package for package in ("pyspark", "pyarrow") if find_spec(package) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        lacking = f"{' and '.join(missing)}, which {verb} not installed"
        raise DataError(f'engine: spark needs {lacking}: pip install "diptych[spark]"')
    from .session import SparkEngine  # noqa: PLC0415 - Spark is loaded where it is used

    return SparkEngine(settings, limits, SparkSettings.model_validate(settings.chosen(SparkSettings)).master)


def _as_frame(native: Any) -> Frame:  # noqa: ANN401 - of PySpark, if installed
    from .session import as_frame  # noqa: PLC0415

    return as_frame(native)


SPARK = EngineKind("spark", _open, SparkSettings, title="Spark", frames=("pyspark", "DataFrame"), as_frame=_as_frame)
