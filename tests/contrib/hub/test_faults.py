"""What goes wrong on the way: cut connections, rate limits, servers in trouble, refusals. Nobody sleeps here."""

import json
import random

import pytest

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
    ((path, name),) = files_at(address, WHERE, patience).items()
    assert name == address
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


def test_a_whole_file(hub, published, patience, clock):
    assert fetched(patience) == BYTES
    assert stored(hub) == [("bytes=0-2999999", 3_000_000)]
    assert clock.slept == []
    assert clock.moves[-1] == ("data.csv", 3_000_000, 3_000_000, "bytes")


def test_a_small_file_that_git_keeps(hub, published, patience):
    assert fetched(patience, "hf://datasets/pub/stats/small.csv") == b"id,l\n1,a\n"
    assert stored(hub) == []


def test_an_empty_file(hub, patience):
    hub.put("pub/stats", {"empty.csv": b""})
    assert fetched(patience, "hf://datasets/pub/stats/empty.csv") == b""


def test_a_cut_connection_goes_on_where_it_was(hub, published, patience, clock):
    hub.fail("/storage/", cut=1_200_000)
    hub.fail("/storage/", cut=500_000)
    assert fetched(patience) == BYTES
    (_, first), (second, _), (third, _) = stored(hub)
    # what came is kept to the last whole piece of a mebibyte, or more
    starts = [int(asked.removeprefix("bytes=").partition("-")[0]) for asked in (second, third)]
    assert first == 1_200_000
    assert 2**20 <= starts[0] <= 1_200_000
    assert starts[0] <= starts[1] <= starts[0] + 500_000
    assert clock.slept == [1, 1] if starts[1] > starts[0] else [1, 2]


def test_a_cut_connection_within_a_snapshot(hub, published, patience, clock, tmp_path):
    hub.fail("/storage/", cut=100)
    assert len(table(patience, tmp_path)) == 3
    assert clock.slept == [1]
    assert clock.told == ["the Hub cut the connection; waiting 1 s"]


def test_a_stopped_fetch_goes_on(hub, published, patience, clock):
    def stop(what, done, total, unit):
        if done >= 2**20:
            raise KeyboardInterrupt

    clock.moved, moved = stop, clock.moved
    with pytest.raises(KeyboardInterrupt):
        fetched(patience)
    clock.moved = moved
    n_before = len(stored(hub))
    assert fetched(patience) == BYTES
    assert [asked for asked, _ in stored(hub)[n_before:]] == ["bytes=1048576-2999999"]


def test_what_a_journal_says_of_another_state_does_not_count(hub, published, patience, clock):
    def stop(what, done, total, unit):
        raise KeyboardInterrupt

    clock.moved, moved = stop, clock.moved
    with pytest.raises(KeyboardInterrupt):
        fetched(patience)
    clock.moved = moved
    other = bytes(reversed(BYTES))
    hub.repositories["dataset", "pub/stats"].commits[published]["data.csv"] = other
    assert fetched(patience) == other


def test_a_file_that_changes_on_the_way(hub, published, patience):
    hub.fail("/storage/", cut=1_200_000)

    def change(message):
        hub.repositories["dataset", "pub/stats"].commits[published]["data.csv"] = BYTES[::-1]

    patience.watch.waiting = change
    assert refused(patience).endswith("data.csv: changed while it was fetched (another ETag); fetch it again")


def test_what_comes_is_not_what_was_announced(hub, published, patience):
    hub.fail("/storage/", body=b"x" * 3_000_000)
    message = "the file is another than the Hub names (its hash differs); fetch it again"
    assert refused(patience) == f"{WHERE}: hf://datasets/pub/stats@{published}/data.csv: {message}"
    assert fetched(patience) == BYTES


def test_more_comes_than_was_announced(hub, published, patience):
    hub.fail("/storage/", body=b"x" * 3_000_001)
    assert refused(patience).endswith("data.csv: the Hub sends more than the 3,000,000 bytes that it announced")


def test_a_server_without_ranges(hub, published, patience):
    hub.without_ranges = True
    hub.fail("/storage/", cut=1_200_000)
    assert fetched(patience) == BYTES
    assert stored(hub)[1][1] == 3_000_000


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "17"}, [17]),
        ({"Retry-After": "Fri, 02 Oct 2026 10:00:30 GMT"}, [30]),
        ({"Retry-After": "Fri, 02 Oct 2026 09:00:00 GMT"}, [0]),
        ({"Retry-After": "soon"}, [1]),
        ({"RateLimit": '"api";r=0;t=55'}, [55]),
        ({"RateLimit": '"api";r=3;t=55'}, [1]),
        ({}, [1]),
    ],
)
@pytest.mark.parametrize(
    ("pattern", "method"),
    [("/revision/|/api/datasets/pub/stats$", "GET"), ("/resolve/", "HEAD"), ("/resolve/", "GET"), ("/storage/", "GET")],
)
def test_too_many_requests(hub, published, pattern, method, headers, waits, patience, clock):  # noqa: PLR0917
    hub.fail(pattern, method=method, status=429, headers=headers)
    assert fetched(patience) == BYTES
    assert clock.slept == waits
    assert clock.told == [f"the Hub answers 429; waiting {waits[0]} s"]


def test_too_long_a_wait_is_not_waited_for(hub, published, patience, clock):
    hub.fail("/resolve/", status=429, headers={"Retry-After": "3600"})
    message = "the Hub answers 429 and asks to wait for 60 min; try again then: what has come is kept"
    assert refused(patience) == f"{WHERE}: hf://datasets/pub/stats@{published}/data.csv: {message}"
    assert clock.slept == []


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_server_that_recovers(hub, published, status, patience, clock):
    hub.fail("/resolve/", times=2, status=status)
    assert fetched(patience) == BYTES
    assert clock.slept == [1, 2]


def test_a_server_that_does_not_recover(hub, published, patience, clock):
    hub.fail("/resolve/", times=99, status=500)
    message = "the Hub answers 500 (tried 7 times in 63 s); try again later: what has come is kept"
    assert refused(patience) == f"{WHERE}: hf://datasets/pub/stats@{published}/data.csv: {message}"
    assert clock.slept == [1, 2, 4, 8, 16, 32]


def test_tries_are_counted_anew_when_something_came(hub, published, patience, clock):
    hub.fail("/storage/", times=3, status=503)
    hub.fail("/storage/", cut=2_200_000)
    hub.fail("/storage/", times=5, status=503)
    assert fetched(patience) == BYTES
    assert clock.slept == [1, 2, 4, 1, 2, 4, 8, 16, 32]


def test_nobody_there(hub, patience, clock, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    message = "the Hub cannot be reached (tried 4 times in 7 s); try again later: what has come is kept"
    assert refused(patience) == f"{WHERE}: {DATA}: {message}"
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


def test_a_file_that_is_not_there(hub, published, patience):
    address = f"hf://datasets/pub/stats@{published}/date.csv"
    assert refused(patience, address) == f"{WHERE}: {address}: the repository has no such file at this revision"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, f"the Hub does not let this be read; {TOKEN}"),
        (404, "the Hub has no such thing"),
        (400, "the Hub refuses this (status 400)"),
        (451, "the Hub refuses this (status 451)"),
    ],
)
def test_other_refusals(hub, published, status, message, patience, clock):
    hub.fail("/resolve/", method="HEAD", status=status)
    assert refused(patience).endswith(f"data.csv: {message}")
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
