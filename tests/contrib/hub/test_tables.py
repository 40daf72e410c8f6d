"""Tables of models and datasets: of snapshots, and of the Hub's own listing with `diptych fetch hub`."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from huggingface_hub import constants

from diptych.cli import main
from diptych.contrib.hub import hub as hub_access
from diptych.contrib.hub import kinds
from diptych.contrib.hub.kinds import HubSource
from diptych.contrib.verify.rebuild import rebuild
from diptych.errors import FetchError
from diptych.pipeline import build
from diptych.publish.manifest import read_any_manifest
from diptych.sources.addresses import Fetching, kept_origin, origin_of
from tests.contrib.hub.rows import DATASETS, MODELS, columns, model, parquet, rows

pytestmark = pytest.mark.slow

ADDRESS = "hf://datasets/pub/stats/models.parquet"
COLUMNS = [
    *("id", "author", "pipeline_tag", "tasks", "datasets", "base_models", "base_model_kinds", "tags"),
    *("likes", "downloads", "created"),
]
CONFIG = """
version: 1
report: {title: T}
taxonomy: {categories: [{name: N, match: [text-generation, translation]}, {name: C, match: [image-classification]}]}
entities:
  datasets: {label: Dataset, source: {hub: datasets, snapshot: hf://datasets/pub/stats/datasets.parquet}, labels: task_categories}
  models: {label: Model, source: {hub: models, snapshot: hf://datasets/pub/stats/models.parquet}, labels: tasks}
relations:
  trained_on: {links: {from: {entity: datasets}, to: {entity: models, column: datasets}}}
outputs: [data]
"""


@pytest.fixture
def published(hub, tmp_path):
    """The two tables as somebody publishes them."""
    files = {
        "models.parquet": parquet(tmp_path / "m.parquet", MODELS),
        "datasets.parquet": parquet(tmp_path / "d.parquet", DATASETS),
    }
    return hub.put("pub/stats", files)


def forget():
    """Forget what a process knows, as a new one would."""
    kinds._found.clear()
    hub_access._commits.clear()


def made(kind="models", snapshot=ADDRESS):
    table = HubSource.model_validate({"hub": kind, "snapshot": snapshot})
    ((path, _),) = table.files(Fetching("here", Path())).items()
    return path


def test_models(published):
    path = made()
    assert columns(path) == COLUMNS
    one, base, canonical = rows(path)
    assert one == (
        *("ann/one", "ann", "text-generation", ["image-text-to-text", "text-generation"], ["lab/text"]),
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


def test_datasets(published):
    path = made("datasets", "hf://datasets/pub/stats/datasets.parquet")
    assert columns(path) == ["id", "author", "task_categories", "tags", "likes", "downloads", "created"]
    assert rows(path, "id, task_categories, created") == [
        ("lab/more", [], dt.date(2024, 2, 3)),
        ("lab/text", ["text-generation", "translation"], dt.date(2024, 1, 1)),
    ]


def test_a_moved_branch_gives_new_rows_and_a_pinned_commit_the_old(hub, published, tmp_path):
    assert len(rows(made())) == 3
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "n.parquet", f"{MODELS} limit 1")})
    assert len(rows(made())) == 3  # one build sees one state
    forget()
    assert len(rows(made())) == 1
    assert len(rows(made(snapshot=ADDRESS.replace("stats/", f"stats@{published}/")))) == 3


def test_a_commit_that_leaves_the_files_alone_brings_nothing_new(hub, published):
    first = made()
    files = hub.repositories["dataset", "pub/stats"].commits[published]
    commit = hub.put("pub/stats", {**files, "README.md": b"# Stats"})
    forget()
    n_read = len(hub.paths("/storage/"))
    second = made()
    assert (kept_origin(first).revision, kept_origin(second).revision) == (published, commit)
    assert first.read_bytes() == second.read_bytes()
    assert len(hub.paths("/storage/")) == n_read


def test_offline_takes_what_is_there(hub, published, monkeypatch):
    first = made()
    forget()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    asked = len(hub.asked)
    assert made() == first
    forget()
    assert made(snapshot="hf://datasets/pub/stats/m*.parquet").parent == first.parent
    with pytest.raises(FetchError, match="is not on this machine, and HF_HUB_OFFLINE"):
        made(snapshot="hf://datasets/pub/other/models.parquet")
    assert len(hub.asked) == asked


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("select 'o/a' as id, null as tags, 'fill-mask' as pipeline_tag", ("o/a", ["fill-mask"], [])),
        ("select 'o/a' as id, '[\"fill-mask\"]' as tags", ("o/a", ["fill-mask"], [])),
        ("select 'o/a' as id, ['dataset:', 'dataset:x/y', 'dataset:x/y'] as tags", ("o/a", [], ["x/y"])),
        (
            "select * from (values ('o/a', ['fill-mask']), ('o/a', ['graph-ml'])) t(id, tags)",
            ("o/a", ["fill-mask"], []),
        ),
    ],
    ids=["null tags", "tags as JSON", "names given twice", "ids given twice"],
)
def test_tables_drift(hub, select, expected, tmp_path):
    hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    assert rows(made(), "id, tasks, datasets") == [expected]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("select 'a' as name, ['x'] as tags", "has no column id; it has name, tags"),
        ("select 'a' as id, 1 as likes", "has no column tags"),
        ("select 'a' as id, 5 as tags", "holds INTEGER"),
        ("select 'a' as id, {'a': 5} as tags", r"holds STRUCT\(a INTEGER\)"),
        ("select 'a' as id, 'no json' as tags", "cannot be read"),
        ("select 'a' as id, ['x'] as tags limit 0", "has no rows"),
        ("select 'a' as id, ['x'] as tags, true as private", "has no rows"),
    ],
)
def test_what_cannot_be_read_is_said(hub, select, said, tmp_path):
    commit = hub.put("pub/stats", {"models.parquet": parquet(tmp_path / "m.parquet", select)})
    with pytest.raises(FetchError, match=rf"^here: hf://datasets/pub/stats@{commit}/models.parquet: .*{said}"):
        made()


@pytest.mark.parametrize("part", [0.5, 0.999, 0.001, 0])
def test_truncated_parquet(hub, published, part):
    whole = hub.repositories["dataset", "pub/stats"].commits[published]["models.parquet"]
    hub.put("pub/stats", {"models.parquet": whole[: int(len(whole) * part)]})
    with pytest.raises(FetchError, match="is no whole Parquet file"):
        made()


def test_a_report_of_snapshots(hub, tmp_path):
    models = """
        select 'o/m' || i as id, [if(i % 3 = 0, 'image-classification', 'text-generation'), 'dataset:lab/d' || i % 4] as tags
        from range(60) r(i)
    """
    datasets = """
        select 'lab/d' || i as id, ['task_categories:' || if(i = 0, 'image-classification', 'translation')] as tags
        from range(4) r(i)
    """
    files = {
        "models.parquet": parquet(tmp_path / "m.parquet", models),
        "datasets.parquet": parquet(tmp_path / "d.parquet", datasets),
    }
    commit = hub.put("pub/stats", files)
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    build(config, tmp_path / "site")
    assert [(entry.path, entry.address, entry.revision) for entry in read_any_manifest(tmp_path / "site").inputs] == [
        (f"hf://datasets/pub/stats/{kind}.parquet",) * 2 + (commit,) for kind in ("datasets", "models")
    ]
    assert str(tmp_path) not in (tmp_path / "site" / "manifest.json").read_text(encoding="utf-8")
    left = (tmp_path / "site" / "data" / "left.csv").read_text(encoding="utf-8").splitlines()
    assert left[1].startswith("N,N,30,45,")  # models of d1, d2, d3 that are no multiple of 3: 30 of 45
    result = rebuild(tmp_path / "site", [config])
    assert (result.stopped, result.files, result.changes) == (None, {}, ())
    more = "select 'o/m' || i as id, ['text-generation', 'dataset:lab/d1'] as tags from range(50) r(i)"
    hub.put("pub/stats", {**files, "models.parquet": parquet(tmp_path / "n.parquet", more)})
    forget()
    (change,) = rebuild(tmp_path / "site", [config]).changes
    assert change.name == ADDRESS


def test_everything_that_cannot_be_fetched_is_said_in_one_run(hub, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    with pytest.raises(FetchError) as error:
        build(config, tmp_path / "site")
    assert [message.partition(": hf://")[0] for message in error.value.messages] == [
        "entities.datasets.source",
        "entities.models.source",
    ]
    assert not (tmp_path / "site").exists()


def test_without_the_extra(monkeypatch):
    for name in [
        one for one in sys.modules if one.partition(".")[0] == "huggingface_hub" or one == hub_access.__name__
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("diptych.contrib.hub.hub", raising=False)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert kinds.HF.fault(ADDRESS) == 'needs the extra "hub": pip install "diptych[hub]"'
    with pytest.raises(FetchError, match="needs the extra"):
        kinds.fetch_table("models", Path("none"))


@pytest.fixture
def run(hub, capfd, monkeypatch, tmp_path):
    """Return a function that runs `diptych fetch hub` in `tmp_path`, and returns its status and output."""
    hub.items["models"] = [model(n) for n in range(25)]
    hub.items["datasets"] = [{"id": f"lab/d{n}", "tags": ["task_categories:translation"]} for n in range(7)]
    hub.page_size = 10
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["diptych", "fetch", "hub", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def test_the_listing(hub, run, tmp_path):
    assert run()[0] == 0
    path = tmp_path / "data" / "hub" / "models.parquet"
    assert columns(path) == COLUMNS
    assert len(rows(path)) == 25
    assert rows(path)[1] == (
        *("owner-0/model-0003", "owner-0", "text-generation", ["text-generation"], ["lab/d3"], [], []),
        *(["text-generation", "dataset:lab/d3"], 3, 30, dt.date(2024, 1, 4)),
    )
    assert len(rows(path.with_name("datasets.parquet"))) == 7
    assert sorted(file.name for file in path.parent.iterdir()) == ["datasets.parquet", "models.parquet"]


def test_filters_of_the_listing(hub, run, tmp_path):
    status, out, _ = run("models", "-o", "x", "--author", "owner-1", "--tag", "dataset:lab/d2", "--json")
    assert (status, json.loads(out)["files"]) == (0, [{"path": "x/models.parquet", "rows": 2}])
    query = parse_qs(urlsplit(hub.paths()[0]).query)
    assert (query["author"], query["filter"]) == (["owner-1"], ["dataset:lab/d2"])
    address = f"{hub.endpoint}/api/models?author=owner-1&filter=dataset%3Alab%2Fd2"
    assert origin_of(tmp_path / "x" / "models.parquet").address == address


@pytest.mark.parametrize(
    ("option", "kept"), [(("--limit", "12"), range(13, 25)), (("--since", "2024-01-21"), range(20, 25))]
)
def test_the_newest_of_the_listing(hub, run, tmp_path, option, kept):
    assert run("models", *option)[0] == 0
    assert sorted(row[8] for row in rows(tmp_path / "data" / "hub" / "models.parquet")) == list(kept)
    assert len(hub.paths()) < 3


def test_odd_items(hub, run, tmp_path, monkeypatch):
    hub.token = "hf_right"  # noqa: S105
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    hub.items["models"] = [
        {"id": "a/plain"},
        {"id": "a/odd", "tags": ["fill-mask", None], "likes": 7, "downloads": None, "new": 1},
        {"id": "a/ünï", "tags": ["graph-ml"], "createdAt": "2024-05-06T01:02:03.000Z"},
        {"id": "a/secret", "tags": ["fill-mask"], "private": True},
        {"id": "a/plain"},
    ]
    assert run("models")[0] == 0
    assert rows(tmp_path / "data" / "hub" / "models.parquet", "id, tasks, likes, downloads, created") == [
        ("a/odd", ["fill-mask"], 7, None, None),
        ("a/plain", [], None, None, None),
        ("a/ünï", ["graph-ml"], None, None, dt.date(2024, 5, 6)),
    ]


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ({"status": 429, "headers": {"Retry-After": "240"}}, [240]),
        ({"status": 500, "times": 2}, [1, 2]),
        ({"cut": 100}, [1]),
    ],
)
def test_a_page_of_the_listing_is_asked_for_again(hub, run, slept, fault, waits):
    hub.fail("cursor=10", **fault)
    assert run("models")[0] == 0
    assert slept == waits


@pytest.mark.parametrize("fault", [{"status": 403}, {"body": b'[{"id": "a/b"'}, {"body": b'{"a": 1}'}])
def test_the_old_table_stays_until_the_new_is_whole(hub, run, fault, tmp_path):
    run("models")
    before = (tmp_path / "data" / "hub" / "models.parquet").read_bytes()
    hub.items["models"].append(model(26))
    hub.fail("cursor=10", **fault)
    status, _, err = run("models")
    assert (status, "error: fetch hub: models: " in err) == (1, True)
    assert (tmp_path / "data" / "hub" / "models.parquet").read_bytes() == before


def test_a_token_stays_with_the_hub_and_is_never_printed_or_written(hub, run, monkeypatch, tmp_path):
    """The server links to another host for the next page, which is asked without the token."""
    hub.token = "hf_SecretSecretSecret"  # noqa: S105
    hub.linked = hub.storage
    monkeypatch.setenv("HF_TOKEN", hub.token)
    said = [*run("models", "-v"), *run("models", "-v", "--author", "nobody")]
    assert {one.authorization for one in hub.asked if "cursor" not in one.path} == {f"Bearer {hub.token}"}
    assert {one.authorization for one in hub.asked if "cursor" in one.path} == {None}
    assert not any(hub.token in str(text) for text in said)
    files = [p for folder in (tmp_path, Path(os.environ["HF_HOME"])) for p in folder.rglob("*") if p.is_file()]
    assert [path for path in files if hub.token.encode() in path.read_bytes()] == []


def test_a_file_that_nobody_fetched_is_not_replaced(run, tmp_path):
    (tmp_path / "models.parquet").write_bytes(b"mine")
    status, _, err = run("models", "-o", ".")
    assert (status, "was not written by diptych fetch hub" in err) == (1, True)
    assert (tmp_path / "models.parquet").read_bytes() == b"mine"
    assert "cannot be written" in run("models", "-o", "models.parquet/hub")[2]


def test_offline_nothing_is_asked(hub, run, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE forbids" in run("models")[2]
    assert hub.asked == []


@pytest.mark.parametrize("arguments", [("model",), ("--since", "May"), ("--limit", "0")])
def test_usage(arguments, run):
    assert run(*arguments)[:2] == (2, "")
