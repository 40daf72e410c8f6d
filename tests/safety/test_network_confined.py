"""`--confine` on the network: what is not public is neither asked nor reached, by whatever name, redirect or look-up."""

from __future__ import annotations

import ipaddress
import socket
from collections import defaultdict
from pathlib import Path

import pytest

from diptych.confine import ConfineError, Confinement, confined
from diptych.contrib.hub import kinds, network
from diptych.contrib.hub.network import is_public, literal_address
from diptych.errors import ConfigError, FetchError
from diptych.pipeline import check
from diptych.sources.addresses import Fetching, fetched
from tests.pipeline.projects import write_project
from tests.safety.servers import Trap, answering
from tests.safety.watching import watched

PUBLIC = "93.184.215.14"
ASKED = Fetching("here", Path())


@pytest.fixture
def trap(monkeypatch, tmp_path):
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    kinds._found.clear()
    monkeypatch.setattr(network, "TRIES", 1)
    server = Trap()
    yield server
    server.close()
    kinds._found.clear()


def refused(address, **limits):
    """Return the message of an address that may not be asked, having seen that nothing was connected to."""
    with watched() as touched, confined(Confinement(**limits)), pytest.raises(ConfineError) as error:
        fetched(address, ASKED)
    return str(error.value), touched.connections


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "localhost", "localhost.", "LOCALHOST",
        "a.localhost", "0.0.0.0",  # noqa: S104
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "[fe80::1]", "[fc00::1]", "[fd12::1]", "[ff02::1]", "[fec0::1]",
        "192.0.2.1", "198.18.0.1", "0",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(trap, host):
    message, connections = refused(f"http://{host}:{trap.port}/file.csv")
    assert "is no address of the public internet" in message
    assert "--allow-host" in message
    assert (connections, trap.asked) == ([], [])


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"])
def test_addresses_that_are_public(address):
    assert is_public(ipaddress.ip_address(address))


def test_names_are_no_literals():
    assert [literal_address(name) for name in ("example.org", "1.2.3.4.5", "0x", "dead.beef", "1e3")] == [None] * 5


def test_in_a_config_each_address_has_its_place_and_nothing_is_asked(trap, tmp_path):
    sources = {
        "source: m.csv": f"source: http://2130706433:{trap.port}/file.csv",
        "source: d.csv": 'source: "https://[::1]/d.csv"',
    }
    config = write_project(tmp_path / "work", sources) / "config.yaml"
    with watched() as touched, confined(Confinement()), pytest.raises(ConfigError) as error:
        check(config)
    assert [(p.line, p.key) for p in error.value.problems] == [
        (6, "entities.datasets.source"),
        (7, "entities.models.source"),
    ]
    assert (touched.connections, trap.asked) == ([], [])


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"]]
)
def test_names_that_stand_for_such_addresses(trap, monkeypatch, addresses):
    answering(monkeypatch, {"data.example.org": [addresses]})
    message, connections = refused(trap.url("/file.csv", "data.example.org"))
    assert message.count("here: ") == 1
    assert "data.example.org (" in message
    assert (connections, trap.asked) == ([], [])


def test_in_a_config_such_a_name_has_its_place(trap, monkeypatch, tmp_path):
    answering(monkeypatch, {"data.example.org": [["127.0.0.1"]]})
    address = trap.url("/file.csv", "data.example.org")
    config = write_project(tmp_path / "work", {"source: m.csv": f"source: {address}"}) / "config.yaml"
    with confined(Confinement()), pytest.raises(ConfigError) as error:
        check(config)
    ((line, key),) = [(p.line, p.key) for p in error.value.problems]
    assert (line, key) == (7, "entities.models.source")
    assert trap.asked == []


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_used(trap, monkeypatch):
    asked = answering(monkeypatch, {"data.example.org": [[PUBLIC], ["127.0.0.1"]]})
    reached = []

    def connect(_, address):
        reached.append(address)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with confined(Confinement()), pytest.raises(FetchError):
        fetched(trap.url("/file.csv", "data.example.org"), ASKED)
    assert asked == ["data.example.org"]
    assert reached == [(PUBLIC, trap.port)]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/file.csv",
        "http://inner.example:{port}/file.csv",
        "http://[::ffff:127.0.0.1]:{port}/",
        "//2130706433:{port}/file.csv",
    ],
)
def test_redirects_to_such_addresses(trap, monkeypatch, target):
    answering(monkeypatch, {"data.example.org": [["127.0.0.1"]], "inner.example": [["127.0.0.1"]]})
    trap.redirects = {"/to/a": "/to/b", "/to/b": target.format(port=trap.port)}
    with confined(Confinement(hosts=frozenset({"data.example.org"}))), pytest.raises(ConfineError):
        fetched(trap.url("/to/a", "data.example.org"), ASKED)
    assert trap.asked == ["/to/a", "/to/b"]


def test_an_allowed_host_is_asked(trap, monkeypatch):
    answering(monkeypatch, {"data.example.org": [["127.0.0.1"]]})
    with confined(Confinement(hosts=frozenset({"data.example.org"}))):
        ((path, _),) = fetched(trap.url("/file.csv", "data.example.org"), ASKED).items()
    assert path.read_bytes().startswith(b"id,l,owner")


def test_what_was_fetched_without_limits_is_not_found_with_them(trap):
    fetched(trap.url("/file.csv"), ASKED)
    refused(trap.url("/file.csv"))
    assert trap.asked == ["/file.csv"]


def test_a_proxy_that_would_look_names_up_itself_is_not_used(trap, monkeypatch):
    monkeypatch.setenv("http_proxy", trap.url(""))
    message, connections = refused("http://data.example.org/file.csv")
    assert "HTTP_PROXY" in message
    assert (connections, trap.asked) == ([], [])
    with confined(Confinement(hosts=frozenset({"data.example.org"}))):
        fetched("http://data.example.org/file.csv", ASKED)
    assert trap.asked == ["http://data.example.org/file.csv"]


def test_redirects_of_the_hub_are_checked_too(trap, monkeypatch, tmp_path):
    answering(monkeypatch, {"hub.example.org": [["127.0.0.1"]], "inner.example": [["127.0.0.1"]]})
    monkeypatch.setenv("HF_ENDPOINT", trap.url("/to", "hub.example.org"))  # which may be asked, wherever it is
    trap.redirects = defaultdict(lambda: trap.url("/file.csv", "inner.example"))
    message = r"^fetch hub: models: inner.example \(127.0.0.1\) is no address"
    with confined(Confinement()), pytest.raises(ConfineError, match=message):
        kinds.fetch_table("models", tmp_path / "hub" / "models.parquet")
    (asked,) = trap.asked
    assert asked.startswith("/to/api/models?")


@pytest.mark.parametrize(
    "master",
    ["spark://10.0.0.1:7077", "local.example.org", "sc://example.org:15002", "yarn", "k8s://https://1.2.3.4:443"],
)
def test_a_cluster_that_would_get_the_data(tmp_path, master):
    more = {"column: t}}\n": f'column: t}}}}\nengine: {{name: spark, master: "{master}"}}\n'}
    config = write_project(tmp_path, more) / "config.yaml"
    with confined(Confinement()), pytest.raises(ConfigError, match="that would get all data"):
        check(config)
