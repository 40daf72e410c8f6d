"""The engine `careful`: DuckDB, in a process that says what it counts."""

import sys

from diptych.extend import DuckDBEngine, EngineKind, Settings


class CarefulSettings(Settings):
    """Keys below `engine:`."""

    greeting: str = "hello"
    """What it says when it starts."""


def _open(settings, limits):
    own = CarefulSettings.model_validate(settings.chosen(CarefulSettings))
    sys.stderr.write(f"{own.greeting}: at most {limits.rows} rows\n")
    return DuckDBEngine(settings)


CAREFUL = EngineKind("careful", _open, CarefulSettings)
