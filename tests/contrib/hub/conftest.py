"""A Hub of our own for each test, with caches and tokens of its own; nobody sleeps."""

from __future__ import annotations

import pytest

from diptych.contrib.hub import network
from tests.contrib.hub.serving import served


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """Return the seconds that would have been waited for."""
    seconds = []
    monkeypatch.setattr(network, "sleep", seconds.append)
    return seconds


@pytest.fixture
def hub(tmp_path_factory):
    """Return the server; the library and our own code look to it."""
    with served(tmp_path_factory.mktemp("hub-home")) as server:
        yield server
