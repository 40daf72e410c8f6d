"""A session of Spark: one that is there already, or one that is started for a build and stopped after it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from ..errors import DataError

if TYPE_CHECKING:
    from .settings import EngineSettings

_SQL: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what overflows is an error, not another number
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.binaryAsString": "true",
}
"""What every build needs of a session, whoever started it."""

_CONNECT = "sc://"
_CONNECT_PORT = 15002
_PATIENCE = 20.0
"""Seconds in which a server must answer."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A session. `before` are the settings to give back to it, None where it was started here."""

    session: SparkSession
    before: Mapping[str, str | None] | None

    def close(self) -> None:
        """Stop the session where it was started here, otherwise leave it as it was; harmless when repeated."""
        if self.before is None:
            self.session.stop()
            return
        for name, value in self.before.items():
            if value is None:
                self.session.conf.unset(name)
            else:
                self.session.conf.set(name, value)


def open_session(settings: EngineSettings, folder: Path) -> Opened:
    """Return the active session, or start one; `DataError` where Java is missing or Spark does not start.

    What Java writes to standard error goes to a file in `folder`.
    """
    active = _running()
    if active is not None:
        before = {name: active.conf.get(name, None) for name in _SQL}
        for name, value in _SQL.items():
            active.conf.set(name, value)
        return Opened(active, before)
    master = settings.master or f"local[{settings.threads or '*'}]"
    if not master.startswith(_CONNECT) and not _has_java():
        raise DataError(
            "engine: spark needs Java 17 or newer, and none is found; install it (Debian: default-jre-headless), "
            "or set JAVA_HOME"
        )
    log = folder / "spark.log"
    try:
        with _standard_error_in(log), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, through which nothing goes
            return Opened(_started(master, settings, folder), None)
    except OSError as error:
        raise DataError(f"engine: no Spark Connect server answers at {master} ({error.strerror or error})") from error
    except ImportError as error:
        raise DataError(
            f'engine: Spark Connect needs packages that are not installed: pip install "pyspark[connect]" ({error})'
        ) from error
    except (PySparkException, Py4JError) as error:
        raise DataError(f"engine: Spark does not start at {master}: {_reason(error, log)}") from error


def is_local(session: SparkSession) -> bool:
    """Tell whether a session computes on this machine alone, so that it sees the same files."""
    at_hand = "connect" not in type(session).__module__
    return at_hand and str(session.conf.get("spark.master", "")).startswith("local")


def _running() -> SparkSession | None:
    """Return the session that runs in this process, in whatever thread it was started."""
    try:
        return SparkSession.active()
    except PySparkException:
        return None


def _started(master: str, settings: EngineSettings, folder: Path) -> SparkSession:
    if master.startswith(_CONNECT):
        _reach(master)
        session = SparkSession.builder.remote(master).appName("diptych").getOrCreate()
        for name, value in _SQL.items():
            session.conf.set(name, value)
        return session
    configuration = {**_SQL, "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if settings.memory is not None:
        configuration["spark.driver.memory"] = f"{_mebibytes(settings.memory)}m"
    if master.startswith("local"):
        threads = str(settings.threads or os.cpu_count() or 1)
        configuration |= {
            "spark.sql.shuffle.partitions": threads,
            "spark.default.parallelism": threads,
            "spark.local.dir": str(folder),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.driver.host": "localhost",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    builder = SparkSession.builder.master(master).appName("diptych")
    for name, value in configuration.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _reach(master: str) -> None:
    """Raise OSError where no server answers: the client itself would go on asking for many minutes."""
    address = urlsplit(master)
    with socket.create_connection((address.hostname or "", address.port or _CONNECT_PORT), timeout=_PATIENCE):
        pass


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin") if home else None) is not None


def _mebibytes(amount: str) -> int:
    """Return an amount of memory in mebibytes.

    >>> _mebibytes("4GB"), _mebibytes("1.5 GiB")
    (3814, 1536)
    """
    number, unit = re.fullmatch(r"([0-9.]+)\s*([A-Za-z]+)", amount).groups()  # type: ignore[union-attr]
    power = "KMGT".index(unit[0]) + 1
    return max(1, int(float(number) * (1024 if "i" in unit else 1000) ** power / 2**20))


def _reason(error: Exception, log: Path) -> str:
    """Return why Spark did not start: the last error in what Java wrote, else the first line of our own."""
    written = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    said = re.findall(r"(?:Exception|Error): (.*)", written)
    return said[-1] if said else str(error).strip().split("\n")[0]


@contextmanager
def _standard_error_in(path: Path) -> Iterator[None]:
    """Let programs that are started write to a file instead of the terminal."""
    kept = os.dup(2)
    with path.open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
