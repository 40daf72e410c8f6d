"""An engine of each kind."""

from __future__ import annotations

import pytest

from diptych.sources import EngineSettings
from diptych.sources.located import open_engine
from tests.sources.engines import ENGINES


@pytest.fixture(params=ENGINES)
def engine_name(request):
    """The name of each engine, with its session active."""
    if request.param == "spark":
        request.getfixturevalue("spark_session")
    return request.param


@pytest.fixture
def engine(engine_name):
    opened = open_engine(EngineSettings(name=engine_name, threads=2, memory="1GB"))
    yield opened
    opened.close()
