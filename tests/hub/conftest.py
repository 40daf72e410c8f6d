"""A Hub of our own for each test, with caches and tokens of its own; nobody sleeps."""

from __future__ import annotations

import datetime as dt

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.utils import _cache_assets, close_session

from diptych.hub import kept, store
from diptych.hub.patience import Patience
from tests.hub.server import FakeHub


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self):
        self.slept = []
        self.told = []
        self.moves = []

    def sleep(self, seconds):
        self.slept.append(seconds)

    def now(self):
        return dt.datetime(2026, 10, 2, 10, 0, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=sum(self.slept))

    def moved(self, what, done, total, unit):
        self.moves.append((what, done, total, unit))

    def waiting(self, message):
        self.told.append(message)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def patience(clock):
    return Patience(sleep=clock.sleep, now=clock.now, watch=clock)


@pytest.fixture
def hub(monkeypatch, tmp_path_factory):
    """Return the server; the library and our own code look to it."""
    home = tmp_path_factory.mktemp("hub-home")
    server = FakeHub()
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("DIPTYCH_CACHE", str(home / "diptych"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(_cache_assets, "HF_ASSETS_CACHE", str(home / "assets"))
    store._found.clear()
    kept._commits.clear()
    huggingface_hub.utils.close_session()
    yield server
    close_session()
    server.close()
    store._found.clear()
    kept._commits.clear()
