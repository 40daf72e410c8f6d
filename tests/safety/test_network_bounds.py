"""What a server can do to whoever fetches: send without end, slowly, packed, or send elsewhere. All of it ends soon."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diptych.contrib.hub import kinds, network
from diptych.errors import DataError, FetchError
from diptych.pipeline import check
from diptych.sources import EngineSettings
from diptych.sources.addresses import DownloadBounds, Fetching, fetched
from tests.pipeline.projects import write_project
from tests.safety.servers import Trap


@pytest.fixture
def trap(monkeypatch, tmp_path):
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    kinds._found.clear()
    monkeypatch.setattr(network, "sleep", lambda _: None)
    server = Trap()
    yield server
    server.close()
    kinds._found.clear()


def refused(address, n_bytes=10**6, seconds=30.0):
    with pytest.raises(FetchError) as error:
        fetched(address, Fetching("here", Path(), DownloadBounds(n_bytes, seconds)))
    return str(error.value)


def left(tmp_path):
    """Return the files that a fetch has left."""
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_a_body_without_end(trap, tmp_path):
    address = trap.url("/endless.csv")
    assert (
        refused(address)
        == f"here: {address}: the server sends more than 1 MB; if you expect so much, raise engine.limits"
    )
    assert trap.sent < 50 * 2**20
    assert left(tmp_path) == []


def test_a_length_that_is_too_much_is_not_waited_for(trap, tmp_path):
    began = time.monotonic()
    assert "the server sends 1,000,000 GB, more than 1 MB" in refused(trap.url("/huge.csv"))
    assert time.monotonic() - began < 4
    assert left(tmp_path) == []


@pytest.mark.parametrize("path", ["/slow.csv", "/headers.csv"])
def test_a_server_that_sends_one_byte_at_a_time(trap, tmp_path, path):
    began = time.monotonic()
    message = refused(trap.url(path), seconds=1.5)
    assert "the download has not ended after 2 s; if you expect it to take longer, raise engine.limits" in message
    assert 1 < time.monotonic() - began < 10
    assert left(tmp_path) == []


def test_waiting_counts(trap):
    with pytest.raises(FetchError, match="has not ended after 3 s"):
        fetched(trap.url("/broken.csv"), Fetching("here", Path(), DownloadBounds(10**6, 3)))
    assert len(trap.asked) <= 4


def test_an_answer_that_is_packed_unasked(trap, tmp_path):
    assert "the server sends it compressed, although it was asked not to" in refused(trap.url("/packed.csv"))
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x.csv", "data:,id", "gopher://x/", "FILE:/etc/passwd"]
)
def test_redirects_to_other_schemes(trap, tmp_path, target):
    trap.redirects = {"/to": target}
    said = refused(trap.url("/to"))
    assert "only https: and http: are fetched" in said or "no address of the web" in said
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "target",
    ["http://[", "http://[::1/", "http://127.0.0.1:x/", "", "?", "http://" + "a" * 64 + ".org/", "http://a..b/"],
)
def test_redirects_to_what_is_no_address(trap, target):
    trap.redirects = {"/to": target}
    assert "here: " in refused(trap.url("/to"), seconds=5)


def test_redirects_in_a_circle_and_in_a_long_chain(trap):
    trap.redirects = {"/to": "/to"}
    assert "redirects" in refused(trap.url("/to"))
    trap.redirects = {f"/to/{n}": f"/to/{n + 1}" for n in range(50)}
    trap.asked.clear()
    assert "redirects more than 5 times" in refused(trap.url("/to/0"))
    assert len(trap.asked) <= 12  # of two tries


def test_the_body_of_a_redirect_is_not_read(trap):
    began = time.monotonic()
    ((path, _),) = fetched(trap.url("/long"), Fetching("here", Path(), DownloadBounds(10**6, 30))).items()
    assert path.read_bytes().startswith(b"id,")
    assert time.monotonic() - began < 10


def test_nothing_stays_where_the_connection_is_cut(trap, tmp_path):
    refused(trap.url("/broken.csv"))
    assert left(tmp_path) == []


def test_a_file_that_is_there_stays_as_it_is(trap, tmp_path, monkeypatch):
    address = trap.url("/file.csv")
    ((path, _),) = fetched(address, Fetching("here", Path())).items()
    before = path.read_bytes()
    kinds._found.clear()
    refused(address, n_bytes=3)
    assert path.read_bytes() == before


def test_parts_of_killed_programs_are_swept(trap, tmp_path):
    address = trap.url("/slow.csv")
    program = "from pathlib import Path; from diptych.sources.addresses import Fetching, fetched; "
    program += f"fetched({address!r}, Fetching('here', Path()))"
    with subprocess.Popen([sys.executable, "-P", "-c", program], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not left(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.05)
        while "/slow.csv" not in trap.asked and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert left(tmp_path) != []
    refused(trap.url("/broken.csv"))
    refused(address, seconds=0.5)
    assert left(tmp_path) == []


def test_the_config_sets_the_bounds(trap, tmp_path):
    source = {"source: m.csv": f"source: {trap.url('/endless.csv')}"}
    engine = "column: t}}\nengine: {limits: 0.002}\n"
    config = write_project(tmp_path / "work", {**source, "column: t}}\n": engine}) / "config.yaml"
    with pytest.raises(DataError, match="sends more than 2 MB; if you expect so much, raise engine"):
        check(config)
    limits = EngineSettings(limits=0.002).limits
    assert (limits.download.n_bytes, limits.download.seconds) == (2 * 10**6, 7.2)
    usual = EngineSettings().limits.download
    assert (usual.n_bytes, usual.seconds) == (10**9, 3600)


def test_a_page_of_a_listing_that_is_packed_unasked(trap, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", trap.url(""))
    monkeypatch.setenv("HF_TOKEN", "hf_any")
    with pytest.raises(FetchError, match="the server sends it compressed, although it was asked not to"):
        kinds.fetch_table("models", tmp_path / "hub" / "models.parquet")
    assert list((tmp_path / "hub").iterdir()) == []
