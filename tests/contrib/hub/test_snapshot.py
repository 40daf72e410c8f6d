"""Snapshots: what is fetched, how it goes on, and what becomes of files that are not as they should be."""

import datetime as dt
import shutil

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import _cache_assets

from diptych.contrib.hub import hub as hub_access
from diptych.contrib.hub import store
from diptych.contrib.hub.listed_tables import HubOrigin, HubTable
from diptych.contrib.hub.store import file_of, hub_origin, write_table
from diptych.errors import FetchError
from diptych.sources.addresses import kept_origin
from tests.contrib.hub.rows import DATASETS, MODELS, columns, parquet, rows

pytestmark = pytest.mark.slow

ADDRESS = "hf://datasets/pub/stats/models.parquet"
WHERE = "entities.models.source"


@pytest.fixture
def published(hub, tmp_path):
    """The two tables as somebody publishes them."""
    files = {
        "models.parquet": parquet(tmp_path / "m.parquet", MODELS),
        "datasets.parquet": parquet(tmp_path / "d.parquet", DATASETS),
    }
    return hub.put("pub/stats", files)


def made(patience, tmp_path, **table):
    settings = HubTable.model_validate({"kind": "models", "snapshot": ADDRESS, **table})
    ((path, _),) = file_of(settings, tmp_path, WHERE, patience).items()
    return path


def test_models(published, patience, tmp_path):
    path = made(patience, tmp_path)
    assert columns(path) == [
        *("id", "author", "pipeline_tag", "tasks", "datasets", "base_models", "base_model_kinds", "tags"),
        *("likes", "downloads", "created"),
    ]
    one, base, canonical = rows(path)
    assert one == (
        *("ann/one", "ann", "text-generation", ["image-text-to-text", "text-generation"], ["lab/more", "lab/text"]),
        *(["bob/base"], ["finetune:bob/base"]),
        [
            *("text-generation", "image-text-to-text", "conversational", "dataset:lab/text", "base_model:bob/base"),
            *("base_model:finetune:bob/base", "region:us"),
        ],
        *(7, 100, dt.date(2024, 5, 6)),
    )
    assert base == (
        *("bob/base", "bob", None, ["fill-mask"], [], [], [], ["fill-mask", "license:mit"]),
        *(2, 5, dt.date(2023, 1, 2)),
    )
    assert canonical == ("canonical", None, "odd-task", ["odd-task"], [], [], [], [], None, None, None)


def test_datasets(published, patience, tmp_path):
    path = made(patience, tmp_path, kind="datasets", snapshot="hf://datasets/pub/stats/datasets.parquet")
    assert columns(path) == ["id", "author", "task_categories", "tags", "likes", "downloads", "created"]
    assert rows(path, "id, task_categories, created") == [
        ("lab/more", [], dt.date(2024, 2, 3)),
        ("lab/text", ["text-generation", "translation"], dt.date(2024, 1, 1)),
    ]


def test_a_moved_branch_gives_new_rows_and_a_pinned_commit_the_old(hub, published, patience, tmp_path):
    assert len(rows(made(patience, tmp_path))) == 3
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "n.parquet", f"{MODELS} limit 1")})
    assert len(rows(made(patience, tmp_path))) == 3  # one build sees one state
    store._found.clear()
    hub_access._commits.clear()
    assert len(rows(made(patience, tmp_path))) == 1
    assert len(rows(made(patience, tmp_path, snapshot=ADDRESS.replace("stats/", f"stats@{published}/")))) == 3


def test_a_commit_that_leaves_the_files_alone_brings_nothing_new(hub, published, patience, tmp_path):
    first = made(patience, tmp_path)
    files = hub.repositories["dataset", "pub/stats"].commits[published]
    commit = hub.put("pub/stats", {**files, "README.md": b"# Stats"})
    store._found.clear()
    hub_access._commits.clear()
    n_read = len(hub.paths("/storage/"))
    second = made(patience, tmp_path)
    assert (kept_origin(first).revision, kept_origin(second).revision) == (published, commit)
    assert first.read_bytes() == second.read_bytes()
    assert len(hub.paths("/storage/")) == n_read
    assert len(hub.paths("/resolve/", method="HEAD")) == 2


def test_the_table_says_where_it_comes_from(published, patience, tmp_path):
    path = made(patience, tmp_path)
    origin = kept_origin(path)
    assert (origin.address, origin.revision, origin.kind) == (ADDRESS, published, "models")
    table = HubTable(kind="models", snapshot=ADDRESS)
    written = write_table(table, tmp_path / "hub", "fetch hub", patience)
    assert written.path == tmp_path / "hub" / "models.parquet"
    assert (written.n_rows, written.absent, written.n_repeated) == (3, (), 0)
    assert kept_origin(written.path) is None
    assert hub_origin(written.path) == HubOrigin.model_validate(origin.model_dump())
    assert write_table(table, tmp_path / "hub", "fetch hub", patience).n_rows == 3
    assert sorted(p.name for p in (tmp_path / "hub").iterdir()) == ["models.parquet"]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("select 'o/a' as id, null as tags, 'fill-mask' as pipeline_tag", ("o/a", ["fill-mask"], [])),
        ("select 'o/a' as id, '[\"fill-mask\"]' as tags", ("o/a", ["fill-mask"], [])),
        ("select 'o/a' as id, ['dataset:', 'dataset:x/y', 'dataset:x/y'] as tags", ("o/a", [], ["x/y"])),
        ("select 'o/a' as id, [] as tags, {'datasets': ['x/y', 'z']} as \"cardData\"", ("o/a", [], ["x/y", "z"])),
        ("select 'o/a' as id, [] as tags, '{\"datasets\": \"x/y\"}' as card_data", ("o/a", [], ["x/y"])),
        ("select 'o/a' as id, [] as tags, '{\"datasets\": [{\"a\": 1}, 7, null]}' as card_data", ("o/a", [], ["7"])),
        ("select 'o/a' as id, [] as tags, '{\"datasets\": {\"a\": 1}}' as card_data", ("o/a", [], [])),
    ],
    ids=[
        "null tags",
        "tags as JSON",
        "names given twice",
        "card as a struct",
        "one dataset",
        "odd datasets",
        "an object",
    ],
)
def test_tables_drift(hub, select, expected, patience, tmp_path):
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    assert rows(made(patience, tmp_path), "id, tasks, datasets") == [expected]


@pytest.mark.parametrize(
    ("select", "table", "messages"),
    [
        (
            "select 'a' as name, ['x'] as tags",
            {},
            ["has no column id; it has name, tags; say which it is (columns: {id: …})"],
        ),
        (
            "select 'a' as id, 1 as likes",
            {},
            ["has no column pipeline_tag or tags, so nothing says what these models are for"],
        ),
        (
            "select 'a' as id, ['x'] as tags, 1 as created_on",
            {"columns": {"created": "create_on", "likes": "nothing"}},
            [
                'has no column "create_on"; it has id, tags, created_on (did you mean "created_on"?)',
                'has no column "nothing"; it has id, tags, created_on',
            ],
        ),
        ("select 'a' as id, 5 as tags", {}, ['the column "tags" holds INTEGER; a list of texts is needed']),
        (
            "select 'a' as id, {'a': 5} as tags",
            {},
            ['the column "tags" holds STRUCT(a INTEGER); a list of texts is needed'],
        ),
        ("select 'a' as id, ['x'] as tags limit 0", {}, ["has no rows"]),
        ("select 'a' as id, ['x'] as tags, true as private", {}, ["has no rows"]),
    ],
    ids=["no id", "no labels", "named columns", "a number", "a struct", "no rows", "private rows"],
)
def test_what_cannot_be_read_is_said(hub, select, table, messages, patience, tmp_path):
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    with pytest.raises(FetchError) as error:
        made(patience, tmp_path, **table)
    address = ADDRESS.replace("stats/", f"stats@{hub.repositories['dataset', 'pub/stats'].branches['main']}/")
    assert list(error.value.messages) == [f"{WHERE}: {address}: {message}" for message in messages]


def test_tags_that_are_no_json_are_an_error_and_cards_are_not(hub, patience, tmp_path):
    select = "select 'o/a' as id, 'not json' as tags, 'not json' as \"cardData\""
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    with pytest.raises(FetchError, match=r"cannot be read \(Malformed JSON.*\); fetch it again"):
        made(patience, tmp_path)


def test_columns_of_other_names(hub, patience, tmp_path):
    select = "select 'o/a' as repo, ['fill-mask'] as labels, 3 as hearts, '2024-05-06' as born"
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    names = {"id": "repo", "tags": "labels", "likes": "hearts", "created": "born"}
    path = made(patience, tmp_path, columns=names)
    assert rows(path, "id, author, tasks, likes, created") == [("o/a", "o", ["fill-mask"], 3, dt.date(2024, 5, 6))]


def test_ids_that_come_twice_count_once(hub, patience, tmp_path):
    select = "select * from (values ('o/a', ['x'], 1), ('o/b', ['y'], 1), ('o/a', ['z'], 2)) t(id, tags, likes)"
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    written = write_table(HubTable(kind="models", snapshot=ADDRESS), tmp_path / "hub", "fetch hub", patience)
    assert (written.n_rows, written.n_repeated) == (2, 1)
    assert written.absent == ("author", "pipeline_tag", "card", "downloads", "created")
    assert [row[0] for row in rows(written.path)] == ["o/a", "o/b"]


@pytest.mark.parametrize("part", [0.5, 0.999, 4, 0])
def test_truncated_parquet(hub, published, part, patience, tmp_path):
    whole = hub.repositories["dataset", "pub/stats"].commits[published]["models.parquet"]
    content = whole[: int(len(whole) * part) if part < 1 else part]
    commit = hub.put("pub/stats", {"models.parquet": content})
    address = ADDRESS.replace("stats/", f"stats@{commit}/")
    message = "is no whole Parquet file: it may have been cut off"
    with pytest.raises(FetchError) as error:
        made(patience, tmp_path)
    assert str(error.value) == f"{WHERE}: {address}: {message}"


def test_offline_takes_what_is_there(hub, published, patience, tmp_path, monkeypatch):
    first = made(patience, tmp_path)
    store._found.clear()
    hub_access._commits.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    asked = len(hub.asked)
    assert made(patience, tmp_path) == first
    with pytest.raises(FetchError) as error:
        made(patience, tmp_path, snapshot="hf://datasets/pub/other/models.parquet")
    reason = "is not kept on this machine, and HF_HUB_OFFLINE forbids asking the Hub"
    assert str(error.value) == f"{WHERE}: hf://datasets/pub/other/models.parquet: {reason}"
    assert len(hub.asked) == asked


def test_the_same_snapshot_gives_the_same_bytes(hub, published, patience, tmp_path):
    first = made(patience, tmp_path).read_bytes()
    shutil.rmtree(_cache_assets.HF_ASSETS_CACHE)
    store._found.clear()
    assert made(patience, tmp_path).read_bytes() == first
