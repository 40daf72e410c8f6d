"""Files of the web: fetched once, asked for by their ETag, and fetched again where they were cut."""

import pytest

from diptych.contrib.hub import store
from diptych.contrib.hub.store import files_at
from diptych.contrib.hub.web import kept_place
from diptych.errors import FetchError
from diptych.sources.addresses import kept_origin

WHERE = "entities.models.source"
CONTENT = bytes(range(256)) * 10_000


@pytest.fixture
def address(hub):
    hub.elsewhere["data.csv"] = CONTENT, '"one"'
    return f"{hub.endpoint}/web/data.csv"


def fetched(address, patience):
    store._found.clear()
    ((path, name),) = files_at(address, WHERE, patience).items()
    return path, name


def refused(address, patience):
    with pytest.raises(FetchError) as error:
        files_at(address, WHERE, patience)
    return str(error.value)


def test_a_file_comes_once(hub, address, patience):
    path, name = fetched(f"{address}?key=secret", patience)
    assert (path.name, name) == ("data.csv", address)
    assert path.read_bytes() == CONTENT
    assert (kept_origin(path).address, kept_origin(path).revision) == (address, '"one"')
    assert fetched(f"{address}?key=secret", patience)[0] == path
    assert [one.n_bytes for one in hub.asked] == [len(CONTENT), 0]


@pytest.mark.parametrize("path", ["..", "a/..", "", "a\\..\\b"])
def test_odd_names_stay_in_the_cache(hub, path):
    assert kept_place(f"{hub.endpoint}/web/{path}?a=..", WHERE).name == "file"


def test_what_has_changed_comes_anew(hub, address, patience):
    fetched(address, patience)
    hub.elsewhere["data.csv"] = b"new", '"two"'
    path, _ = fetched(address, patience)
    assert path.read_bytes() == b"new"
    assert kept_origin(path).revision == '"two"'


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ({"status": 429, "headers": {"Retry-After": "9"}}, [9]),
        ({"status": 503, "times": 3}, [1, 2, 4]),
        ({"cut": 2_000_000}, [1]),
        ({"cut": 100, "times": 2}, [1, 2]),
    ],
)
def test_faults_that_pass(hub, address, fault, waits, patience, clock):
    hub.fail("/web/", **fault)
    assert fetched(address, patience)[0].read_bytes() == CONTENT
    assert clock.slept == waits


def test_a_server_that_does_not_recover(hub, address, patience, clock):
    hub.fail("/web/", times=99, status=500)
    message = "127.0.0.1 answers 500 (tried 4 times); try again later"
    assert refused(f"{address}?key=secret", patience) == f"{WHERE}: {address}: {message}"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_refusals(hub, address, status, patience, clock):
    hub.fail("/web/", status=status)
    assert refused(address, patience) == f"{WHERE}: {address}: the server does not give it (status {status})"
    assert clock.slept == []


def test_without_a_cache_there_is_no_place_for_it(hub, address, patience, monkeypatch):
    monkeypatch.setenv("DIPTYCH_CACHE", "")
    message = "files of the web need a cache; DIPTYCH_CACHE is empty: name a folder, or unset it"
    assert refused(address, patience) == f"{WHERE}: {message}"


def test_no_token_goes_to_the_web(hub, address, patience, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetched(address, patience)
    assert [one.authorization for one in hub.asked] == [None]
