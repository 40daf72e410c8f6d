"""Files at addresses of the Hub and of the web: fetched, kept, checked, and refused with a reason."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from huggingface_hub import constants

from diptych.contrib.hub.kinds import _found
from diptych.contrib.hub.web import kept_place
from diptych.errors import FetchError
from diptych.pipeline import check
from diptych.sources.addresses import Fetching, fetched, kept_origin

pytestmark = pytest.mark.slow

DATA = "hf://datasets/pub/stats/data.csv"
BYTES = random.Random(1).randbytes(3_000_000)  # noqa: S311
ASKED = Fetching("here", Path())


@pytest.fixture
def published(hub):
    """A large file and a small one in a repository, and a file of the web; return their addresses."""
    hub.put("pub/stats", {"data.csv": BYTES, "small.csv": b"id,l\n1,a\n"})
    hub.elsewhere["data.csv"] = BYTES, '"one"'
    return {"hub": DATA, "web": f"{hub.endpoint}/web/data.csv?key=secret"}


def read(address):
    _found.clear()
    ((path, _),) = fetched(address, ASKED).items()
    return path.read_bytes()


def refused(address):
    with pytest.raises(FetchError) as error:
        fetched(address, ASKED)
    (message,) = error.value.messages
    assert message.startswith("here: ")
    assert "secret" not in message
    return message


@pytest.mark.parametrize("server", ["hub", "web"])
@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ({"cut": 1_200_000}, [1]),
        ({"cut": 100, "times": 2}, [1, 2]),
        ({"status": 503, "times": 3}, [1, 2, 4]),
        ({"status": 429, "headers": {"Retry-After": "17"}}, [17]),
        ({"status": 429, "headers": {"Retry-After": "soon"}}, [1]),
        ({"status": 429, "headers": {"RateLimit": '"api";r=0;t=55'}}, [55]),
        ({"status": 429, "headers": {"RateLimit": '"api";r=3;t=55'}}, [1]),
    ],
)
def test_faults_that_pass(hub, published, slept, server, fault, waits):
    hub.fail("/storage/|/web/", **fault)
    assert read(published[server]) == BYTES
    assert slept in (waits, [])  # the library goes on by itself where a connection was cut


@pytest.mark.parametrize("server", ["hub", "web"])
@pytest.mark.parametrize(
    ("fault", "said", "waits"),
    [
        ({"status": 429, "headers": {"Retry-After": "3600"}}, "asks to wait for 60 min", []),
        ({"status": 500, "times": 99}, "answers 500", [1, 2, 4]),
        ({"status": 403, "times": 99}, "403|does not let this be read", []),
    ],
)
def test_faults_that_stay(hub, published, slept, server, fault, said, waits):  # noqa: PLR0917
    hub.fail("/storage/|/web/", **fault)
    assert any(part in refused(published[server]) for part in said.split("|"))
    assert slept == waits


def test_another_file_than_the_hub_names_is_not_kept(hub, published):
    hub.fail("/storage/", body=b"x" * 3_000_000)
    assert "its hash differs" in refused(DATA)
    assert read(DATA) == BYTES


def test_nobody_there(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "the Hub cannot be reached" in refused(DATA)
    monkeypatch.setenv("HF_ENDPOINT", "hub.example.org")
    assert "it needs an address such as https://" in refused(DATA)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("hf://datasets/pub/stat/data.csv", "no such repository"),
        ("hf://datasets/pub/stats@dev/data.csv", "no such revision"),
        ("hf://datasets/pub/stats/none.csv", "no such file"),
        ("hf://datasets/pub/private/data.csv", "HF_TOKEN"),
        ("hf://datasets/pub/gated/data.csv", "must first agree"),
        ("hf://datasets/pub/stats/*.json", "no file of the repository matches"),
        ("WEB/web/none.csv", "status 404"),
    ],
)
def test_refusals(hub, published, slept, address, said):
    hub.put("pub/private", {"data.csv": BYTES}, only="me")
    hub.put("pub/gated", {"data.csv": BYTES}, gated=True)
    assert said in refused(address.replace("WEB", hub.endpoint))
    assert slept == []


def test_a_token_goes_to_the_hub_alone(hub, published, monkeypatch):
    hub.token = "hf_right"  # noqa: S105
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "does not take the token" in refused(DATA)
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    hub.put("pub/private", {"data.csv": BYTES}, only="me")
    hub.asked.clear()
    assert read("hf://datasets/pub/private/data.csv") == BYTES
    assert read(published["web"].replace("127.0.0.1", "localhost")) == BYTES
    sent = {(one.path.startswith(("/storage/", "/web/")), one.authorization) for one in hub.asked}
    assert sent == {(False, "Bearer hf_right"), (True, None)}


def test_a_pattern_gives_its_files_in_order(hub):
    commit = hub.put("pub/stats", {"a/2.csv": b"2", "a/1.csv": b"1", "a/x.txt": b"", "b/3.csv": b"3"})
    found = fetched("hf://datasets/pub/stats/a/*.csv", ASKED)
    assert [(name, path.read_bytes(), kept_origin(path).revision) for path, name in found.items()] == [
        ("hf://datasets/pub/stats/a/1.csv", b"1", commit),
        ("hf://datasets/pub/stats/a/2.csv", b"2", commit),
    ]


def test_models_have_addresses_too(hub):
    hub.put("pub/model", {"scores.csv": b"id\n1\n"}, kind="model")
    assert read("hf://pub/model/scores.csv") == b"id\n1\n"
    assert list(fetched("hf://pub/model/*.csv", ASKED).values()) == ["hf://pub/model/scores.csv"]


@pytest.mark.parametrize("path", ["a/../../outside-the-hub.csv", "/etc/outside-the-hub.csv"])
def test_a_hub_that_names_files_elsewhere_is_not_followed(hub, published, path):
    entry = {"type": "file", "path": path, "oid": "0" * 40, "size": 3}
    hub.fail("/tree/", times=9, body=json.dumps([entry]).encode())
    refused("hf://datasets/pub/stats/**/*.csv")
    assert not [file for file in Path(constants.HF_HUB_CACHE).parents[1].rglob("outside-the-hub.csv") if file.is_file()]


def test_a_hub_that_names_no_commit_is_not_followed(hub, published):
    hub.fail("/api/datasets/pub/stats", body=b'{"id": "pub/stats", "sha": "../../../x"}')
    refused("hf://datasets/pub/stats/*.csv")


@pytest.mark.parametrize(
    "address",
    ["hf://datasets/a/c.csv", "hf://datasets/a/b/", "hf://datasets/a/b@..%2F..%2Fx/c.csv", "hf://buckets/a/b/c.csv",
     "hf://datasets/a/b/../c.csv", "hf://dataset/a/b/c.csv", "hf://", "hf://datasets/a/b@/c.csv", "s3://bucket/a.csv",
     "ftp://a/b.csv", "https://", "https://a b/c.csv"],
)  # fmt: skip
def test_what_is_no_address_has_its_place_in_the_config(tmp_path, address):
    records = f'records: {{source: "{address}", rows: {{column: place}}, columns: {{column: job}}}}'
    (tmp_path / "config.yaml").write_text(f"version: 1\nreport: {{title: T}}\nrelations:\n  r:\n    {records}\n")
    with pytest.raises(Exception, match=r":5:\d+: relations.r.records.source") as caught:
        check(tmp_path / "config.yaml")
    assert type(caught.value).__name__ == "ConfigError"


def test_a_file_of_the_web_comes_once_and_anew_if_it_changed(hub, published):
    assert read(published["web"]) == BYTES
    ((path, name),) = fetched(published["web"], ASKED).items()
    assert (path.name, name) == ("data.csv", published["web"].partition("?")[0])
    assert (kept_origin(path).address, kept_origin(path).revision) == (name, '"one"')
    assert read(published["web"]) == BYTES
    assert [one.n_bytes for one in hub.asked] == [len(BYTES), 0]
    hub.elsewhere["data.csv"] = b"new", '"two"'
    assert read(published["web"]) == b"new"
    assert kept_origin(path).revision == '"two"'


@pytest.mark.parametrize("path", ["..", "a/..", "", "a\\..\\b"])
def test_odd_names_stay_in_the_cache(hub, path):
    assert kept_place(f"{hub.endpoint}/web/{path}?a=..", "here").name == "file"


def test_without_a_cache_there_is_no_place_for_the_web(published, monkeypatch):
    monkeypatch.setenv("DIPTYCH_CACHE", "")
    assert "DIPTYCH_CACHE is empty" in refused(published["web"])
