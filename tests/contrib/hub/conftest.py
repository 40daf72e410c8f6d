"""A Hub of our own for each test, with caches and tokens of its own; nobody sleeps."""

from __future__ import annotations

import pytest

from diptych.contrib.hub.network import Patience
from tests.contrib.hub.serving import served


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self):
        self.slept = []
        self.told = []
        self.moves = []

    def sleep(self, seconds):
        self.slept.append(seconds)

    def moved(self, what, done, total, unit):
        self.moves.append((what, done, total, unit))

    def waiting(self, message):
        self.told.append(message)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def patience(clock):
    return Patience(sleep=clock.sleep, watch=clock)


@pytest.fixture
def hub(tmp_path_factory):
    """Return the server; the library and our own code look to it."""
    with served(tmp_path_factory.mktemp("hub-home")) as server:
        yield server
