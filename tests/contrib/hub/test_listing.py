"""The Hub's own listing: pages, filters, and answers of the Hub on the way."""

import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from huggingface_hub import constants

from diptych.contrib.hub.listed_tables import HubFilter, HubTable
from diptych.contrib.hub.store import hub_origin, write_table
from diptych.errors import FetchError
from tests.contrib.hub.rows import columns, model, rows


def fetched(patience, folder, kind="models", *, card=True, **chosen):
    settings = HubFilter.model_validate(chosen) if chosen else None
    return write_table(HubTable(kind=kind, filter=settings, card=card), folder, "fetch hub", patience)


def refused(patience, folder, **how):
    with pytest.raises(FetchError) as error:
        fetched(patience, folder, **how)
    (message,) = error.value.messages
    return message


def pages(hub):
    return hub.paths("^/api/(models|datasets)")


def test_all_pages_are_one_table(hub, patience, clock, tmp_path):
    hub.items["models"] = [model(n) for n in range(25)]
    hub.page_size = 10
    table = fetched(patience, tmp_path)
    assert (table.path, table.n_rows) == (tmp_path / "models.parquet", 25)
    assert len(pages(hub)) == 3
    assert clock.moves == [("models", 10, None, "rows"), ("models", 20, None, "rows"), ("models", 25, None, "rows")]
    assert columns(table.path) == [
        *("id", "author", "pipeline_tag", "tasks", "datasets", "base_models", "base_model_kinds", "tags"),
        *("likes", "downloads", "created"),
    ]
    assert rows(table.path)[1] == (
        *("owner-0/model-0003", "owner-0", "text-generation", ["text-generation"], ["lab/d3"], [], []),
        *(["text-generation", "dataset:lab/d3"], 3, 30, dt.date(2024, 1, 4)),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["models.parquet"]


def test_filters(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(20)]
    table = fetched(patience, tmp_path, author="owner-1", tags=["text-generation", "dataset:lab/d2"])
    assert [row[0] for row in rows(table.path)] == ["owner-1/model-0007"]
    query = parse_qs(urlsplit(pages(hub)[0]).query)
    assert (query["author"], query["filter"]) == (["owner-1"], ["text-generation", "dataset:lab/d2"])
    origin = hub_origin(table.path)
    assert (
        origin.address == f"{hub.endpoint}/api/models?author=owner-1&filter=text-generation&filter=dataset%3Alab%2Fd2"
    )
    assert origin.filter == HubFilter(author="owner-1", tags=("text-generation", "dataset:lab/d2"))
    assert origin.listed == "Fri, 02 Oct 2026 10:00:00 GMT"


def test_the_newest_up_to_a_limit(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(25)]
    hub.page_size = 10
    table = fetched(patience, tmp_path, limit=12)
    assert sorted(row[8] for row in rows(table.path)) == list(range(13, 25))
    assert len(pages(hub)) == 2


def test_since_a_day(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(25)]
    hub.page_size = 5
    table = fetched(patience, tmp_path, since="2024-01-21")
    assert sorted(row[8] for row in rows(table.path)) == [20, 21, 22, 23, 24]
    assert len(pages(hub)) == 2  # the second page begins with what is too old


def test_odd_items(hub, patience, tmp_path):
    hub.token = "hf_right"  # noqa: S105
    hub.items["models"] = [
        {"id": "a/plain"},
        {"modelId": "a/old-name", "tags": None, "cardData": None, "likes": None, "createdAt": None},
        {"id": "a/odd", "tags": ["fill-mask", None, 5], "cardData": "text", "likes": "7", "downloads": 2**70, "new": 1},
        {"id": "a/list", "tags": "fill-mask", "cardData": {"datasets": "x/y", "base_model": ["b/c"]}, "likes": True},
        {"id": "a/ünï", "tags": ["graph-ml"], "createdAt": "2024-05-06T01:02:03.000Z"},
        {"tags": ["fill-mask"]},
        {"id": 5},
        {"id": "a/secret", "tags": ["fill-mask"], "private": True},
    ]
    path = fetched(patience, tmp_path).path
    assert rows(path, "id, tasks, datasets, base_models, likes, downloads, created") == [
        ("a/list", [], ["x/y"], ["b/c"], None, None, None),
        ("a/odd", ["fill-mask"], [], [], None, None, None),
        ("a/old-name", [], [], [], None, None, None),
        ("a/plain", [], [], [], None, None, None),
        ("a/ünï", ["graph-ml"], [], [], None, None, dt.date(2024, 5, 6)),
    ]


def test_private_models_are_left_out_though_a_token_may_see_them(hub, patience, tmp_path, monkeypatch):
    hub.token = "hf_right"  # noqa: S105
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    hub.items["models"] = [model(1), model(2, private=True)]
    assert [row[0] for row in rows(fetched(patience, tmp_path).path)] == ["owner-1/model-0001"]


def test_an_item_that_moves_between_pages_counts_once(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(12)]
    hub.page_size = 6
    hub.fail("cursor=6", body=json.dumps([model(6), model(5), model(4)]).encode())
    table = fetched(patience, tmp_path)
    assert (table.n_rows, table.n_repeated) == (8, 1)


def test_a_stopped_listing_leaves_nothing(hub, patience, clock, tmp_path):
    hub.items["models"] = [model(n) for n in range(45)]
    hub.page_size = 10

    def stop(what, done, total, unit):
        if done == 30:
            raise KeyboardInterrupt

    clock.moved = stop
    with pytest.raises(KeyboardInterrupt):
        fetched(patience, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_old_table_stays_until_the_new_is_whole(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(5)]
    before = fetched(patience, tmp_path).path.read_bytes()
    hub.items["models"] = [model(n) for n in range(9)]
    hub.page_size = 5
    hub.fail("cursor=5", status=403)
    assert refused(patience, tmp_path).startswith("fetch hub: models: the Hub does not let this be read;")
    assert (tmp_path / "models.parquet").read_bytes() == before
    assert len(rows(fetched(patience, tmp_path).path)) == 9


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ({"status": 429, "headers": {"Retry-After": "240"}}, [240]),
        ({"status": 500, "times": 2}, [1, 2]),
        ({"cut": 100}, [1]),
        ({"body": b'[{"id": "a/b"'}, [1]),
    ],
    ids=["too many requests", "server error", "cut", "half a page"],
)
def test_faults_on_the_way(hub, fault, waits, patience, clock, tmp_path):
    hub.items["models"] = [model(n) for n in range(25)]
    hub.page_size = 10
    hub.fail("cursor=10", **fault)
    assert fetched(patience, tmp_path).n_rows == 25
    assert clock.slept == waits
    assert len(pages(hub)) == 3 + len(waits)


def test_offline_nothing_is_asked(hub, patience, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE forbids" in refused(patience, tmp_path)
    assert hub.asked == []


def test_a_link_to_elsewhere_gets_no_token(hub, patience, tmp_path, monkeypatch):
    """The server links to huggingface.co, as behind a mirror; the next page is asked for where the first was."""
    hub.token = "hf_right"  # noqa: S105
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    hub.items["models"] = [model(n) for n in range(3)]
    hub.page_size = 2
    assert fetched(patience, tmp_path).n_rows == 3
    assert [one.authorization for one in hub.asked] == ["Bearer hf_right"] * 2


def test_a_file_that_nobody_fetched_is_not_replaced(hub, patience, tmp_path):
    (tmp_path / "models.parquet").write_bytes(b"mine")
    message = f"{tmp_path / 'models.parquet'} was not written by diptych fetch hub; name another folder, or remove it"
    assert refused(patience, tmp_path) == f"fetch hub: {message}"
    assert (tmp_path / "models.parquet").read_bytes() == b"mine"


def test_a_folder_that_cannot_be_written(hub, patience, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    message = refused(patience, tmp_path / "file" / "hub")
    assert message == f"fetch hub: {tmp_path / 'file' / 'hub'} cannot be written (Not a directory)"
