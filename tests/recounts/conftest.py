"""An engine for the tests of recounts."""

from __future__ import annotations

import pytest

from diptych.sources import EngineSettings
from diptych.sources.located import open_engine


@pytest.fixture(scope="session")
def engine():
    opened = open_engine(EngineSettings(threads=1))
    yield opened
    opened.close()
