"""A Hub of our own that the library and our own code look to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import constants, file_download
from huggingface_hub.utils import _cache_assets, _http, close_session

from diptych.contrib.hub import hub, kinds
from tests.contrib.hub.server import FakeHub


@contextmanager
def served(home: Path) -> Iterator[FakeHub]:
    """Serve an empty Hub, with caches and tokens in `home`, and forget before and after what was found on any."""
    with pytest.MonkeyPatch.context() as patch:
        server = FakeHub()
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE"):
            patch.delenv(name, raising=False)
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
        patch.setenv("HF_ENDPOINT", server.endpoint)
        patch.setenv("HF_HOME", str(home))
        patch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
        patch.setenv("DIPTYCH_CACHE", str(home / "diptych"))
        patch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
        patch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        patch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
        patch.setattr(_cache_assets, "HF_ASSETS_CACHE", str(home / "assets"))
        patch.setattr(_http, "time", SimpleNamespace(sleep=lambda _: None, time=time.time, monotonic=time.monotonic))
        patch.setattr(file_download, "time", SimpleNamespace(sleep=lambda _: None, time=time.time))
        _forget()
        close_session()
        try:
            yield server
        finally:
            close_session()
            server.close()
            _forget()


def _forget() -> None:
    kinds._found.clear()
    hub._commits.clear()
