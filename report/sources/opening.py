"""Settings -> the engine that they name; only that engine is imported."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..errors import DataError
from .engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .declared import EngineSettings


__all__ = ["Engine", "open_engine"]
"""Who opens an engine hands it on; what is asked of it is asked by sources, relations and the ledger's export."""


def open_engine(settings: EngineSettings) -> Engine:
    """Return the engine that the settings name; `DataError` where it is not installed or does not start."""
    if settings.name == "spark":
        _require("spark", ("pyspark", "pyarrow"))
        from .spark import SparkEngine  # noqa: PLC0415 - an engine is loaded where it is used

        return SparkEngine(settings)
    from .duckdb import DuckDBEngine  # noqa: PLC0415

    return DuckDBEngine(settings)


def _require(name: str, packages: Sequence[str]) -> None:
    """Raise `DataError` where a package of an extra is missing."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise DataError(
            f'engine: {name} needs {" and ".join(missing)}, which {verb} not installed: pip install "diptych[{name}]"'
        )
