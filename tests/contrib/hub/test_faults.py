"""What goes wrong on the way: cut connections, rate limits, servers in trouble, refusals. Nobody sleeps here."""

import json
import random
from pathlib import Path

import pytest
from huggingface_hub import constants

from diptych.contrib.hub.listed_tables import HubTable
from diptych.contrib.hub.store import file_of, files_at
from diptych.errors import FetchError
from tests.contrib.hub.rows import MODELS, parquet, rows

pytestmark = pytest.mark.slow

ADDRESS = "hf://datasets/pub/stats/models.parquet"
WHERE = "entities.models.source"
BYTES = random.Random(1).randbytes(3_000_000)  # noqa: S311
DATA = "hf://datasets/pub/stats/data.csv"


@pytest.fixture
def published(hub, tmp_path):
    """A large file, a small one and a snapshot."""
    snapshot = parquet(tmp_path / "m.parquet", MODELS)
    return hub.put("pub/stats", {"data.csv": BYTES, "small.csv": b"id,l\n1,a\n", "models.parquet": snapshot})


def fetched(patience, address=DATA):
    ((path, _),) = files_at(address, WHERE, patience).items()
    return path.read_bytes()


def refused(patience, address=DATA):
    with pytest.raises(FetchError) as error:
        files_at(address, WHERE, patience)
    (message,) = error.value.messages
    return message


def table(patience, tmp_path):
    ((path, _),) = file_of(HubTable(kind="models", snapshot=ADDRESS), tmp_path, WHERE, patience).items()
    return rows(path)


def stored(hub):
    """The ranges that were asked for where large files are, and the bytes that were sent."""
    return [(one.range, one.n_bytes) for one in hub.asked if one.path.startswith("/storage/") and one.method == "GET"]


def test_a_cut_connection(hub, published, patience):
    hub.fail("/storage/", cut=1_200_000)
    hub.fail("/storage/", cut=500_000)
    assert fetched(patience) == BYTES


def test_what_comes_is_not_what_was_announced(hub, published, patience):
    hub.fail("/storage/", body=b"x" * 3_000_000)
    message = "the file is another than the Hub names (its hash differs); fetch it again"
    assert refused(patience) == f"{WHERE}: hf://datasets/pub/stats@{published}/data.csv: {message}"
    assert fetched(patience) == BYTES


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "17"}, [17]),
        ({"Retry-After": "soon"}, [1]),
        ({"RateLimit": '"api";r=0;t=55'}, [55]),
        ({"RateLimit": '"api";r=3;t=55'}, [1]),
        ({}, [1]),
    ],
)
@pytest.mark.parametrize(
    ("pattern", "method"),
    [("/revision/|/api/datasets/pub/stats$", "GET"), ("/resolve/", "HEAD"), ("/storage/", "GET")],
)
def test_too_many_requests(hub, published, pattern, method, headers, waits, patience, clock):  # noqa: PLR0917
    hub.fail(pattern, method=method, status=429, headers=headers)
    assert fetched(patience) == BYTES
    assert clock.slept == waits
    assert clock.told == [f"the Hub answers 429; waiting {waits[0]} s"]


def test_too_long_a_wait_is_not_waited_for(hub, published, patience, clock):
    hub.fail("/storage/", status=429, headers={"Retry-After": "3600"})
    message = "the Hub answers 429 and asks to wait for 60 min; try again then"
    assert refused(patience) == f"{WHERE}: hf://datasets/pub/stats@{published}/data.csv: {message}"
    assert clock.slept == []


def test_a_server_that_does_not_recover(hub, published, patience, clock):
    hub.fail("/storage/", times=99, status=500)
    message = "the Hub answers 500 (tried 4 times); try again later"
    assert refused(patience) == f"{WHERE}: hf://datasets/pub/stats@{published}/data.csv: {message}"
    assert clock.slept == [1, 2, 4]


def test_nobody_there(hub, patience, clock, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    said = refused(patience)
    assert said.startswith(f"{WHERE}: {DATA}: the Hub cannot be reached")
    assert said.endswith("(tried 4 times); try again later")
    assert len(clock.slept) == 3


def test_an_endpoint_that_is_none(patience, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "hub.example.org")
    message = 'HF_ENDPOINT is "hub.example.org"; it needs an address such as https://…'
    assert refused(patience) == f"{WHERE}: {message}"


TOKEN = "give a token that may read it (HF_TOKEN, or hf auth login)"  # noqa: S105


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "hf://datasets/pub/stat/data.csv",
            f"there is no such repository, or it is private; correct the name, or {TOKEN}",
        ),
        ("hf://datasets/pub/stats@dev/data.csv", 'the repository has no revision "dev"'),
        (
            "hf://datasets/pub/private/data.csv",
            f"there is no such repository, or it is private; correct the name, or {TOKEN}",
        ),
        (
            "hf://datasets/pub/gated/data.csv",
            f"who reads this repository must first agree on its page on the Hub; then {TOKEN}",
        ),
        ("hf://datasets/pub/stats/*.json", "no file of the repository matches"),
    ],
)
def test_refusals(hub, published, address, message, patience, clock):
    hub.put("pub/private", {"data.csv": BYTES}, only="me")
    hub.put("pub/gated", {"data.csv": BYTES}, gated=True)
    said = address.replace("stats/*", f"stats@{published}/*")
    assert refused(patience, address) == f"{WHERE}: {said}: {message}"
    assert clock.slept == []


def test_a_token_that_is_not_taken(hub, published, patience, monkeypatch):
    hub.token = "hf_right"  # noqa: S105
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    message = "the Hub does not take the token; renew it (hf auth login), or take HF_TOKEN out of the environment"
    assert refused(patience) == f"{WHERE}: {DATA}: {message}"


def test_a_token_goes_to_the_hub_alone(hub, patience, monkeypatch):
    hub.token = "hf_right"  # noqa: S105
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    hub.put("pub/stats", {"data.csv": BYTES}, only="me")
    assert fetched(patience) == BYTES
    sent = {(one.path.startswith("/storage/"), one.authorization) for one in hub.asked}
    assert sent == {(False, "Bearer hf_right"), (True, None)}


def test_a_pattern_gives_its_files_in_order(hub, patience):
    hub.put("pub/stats", {"a/2.csv": b"id\n2\n", "a/1.csv": b"id\n1\n", "a/x.txt": b"", "b/3.csv": b"id\n3\n"})
    found = files_at("hf://datasets/pub/stats/a/*.csv", WHERE, patience)
    assert [(name, path.read_bytes()) for path, name in found.items()] == [
        ("hf://datasets/pub/stats/a/1.csv", b"id\n1\n"),
        ("hf://datasets/pub/stats/a/2.csv", b"id\n2\n"),
    ]


def test_a_hub_that_names_files_elsewhere_is_not_followed(hub, published, patience):
    entry = {"type": "file", "path": "a/../../x.csv", "oid": "0" * 40, "size": 3}
    hub.fail("/tree/", times=9, body=json.dumps([entry]).encode())
    reason = 'the Hub names a file "a/../../x.csv", which is no path within a repository'
    assert refused(patience, "hf://datasets/pub/stats/**/*.csv").endswith(f"/**/*.csv: {reason}")


def test_models_have_addresses_too(hub, patience):
    hub.put("pub/model", {"scores.csv": b"id\n1\n"}, kind="model")
    assert fetched(patience, "hf://pub/model/scores.csv") == b"id\n1\n"


def test_a_hub_that_names_no_commit_is_not_followed(hub, published, patience):
    hub.fail("/api/datasets/pub/stats", body=b'{"id": "pub/stats", "sha": "../../../x"}')
    assert "names no commit" in refused(patience)


def test_a_revision_is_no_path_of_this_machine(hub, published, patience, tmp_path):
    hub.repositories["dataset", "pub/stats"].branches["../../../x"] = published
    home = Path(constants.HF_HUB_CACHE).parent
    assert fetched(patience, "hf://datasets/pub/stats@..%2F..%2F..%2Fx/small.csv") == b"id,l\n1,a\n"
    assert [path for path in home.rglob("x") if path.is_file()] == []
