"""Tables of the Hub and addresses as sources of a report: opened, built, written into the manifest, rebuilt."""

import json
import sys

import pytest

from diptych.config.loading import load_config
from diptych.contrib.hub import hub as hub_access
from diptych.contrib.hub import store
from diptych.contrib.hub.listed_tables import COLUMNS, HubFilter, HubTable
from diptych.contrib.hub.store import file_of, write_table
from diptych.contrib.verify.rebuild import rebuild
from diptych.errors import ConfigError, DataError, FetchError
from diptych.pipeline import build
from diptych.pipeline.inputs import is_local
from diptych.publish.manifest import read_any_manifest
from tests.contrib.hub.rows import model, parquet

pytestmark = pytest.mark.slow

WHERE = "entities.models.source"
CONFIG = """
version: 1
report: {title: T}
taxonomy: {categories: [{name: N, match: [text-generation, translation]}, {name: C, match: [image-classification]}]}
entities:
  datasets: {label: Dataset, source: DATASETS, labels: task_categories}
  models: {label: Model, source: MODELS, labels: tasks, date: created}
relations:
  trained_on: {links: {from: {entity: datasets}, to: {entity: models, column: datasets}}}
outputs: [data]
"""
SNAPSHOT = "{hub: models, snapshot: hf://datasets/pub/stats/models.parquet}"
DATASETS = SNAPSHOT.replace("models", "datasets")
FORM = "write hf://datasets/OWNER/NAME/FILE, with @REVISION after NAME where it is not the main branch"


@pytest.fixture
def published(hub, tmp_path):
    models = """
        select 'o/m' || i as id, [if(i % 3 = 0, 'image-classification', 'text-generation'), 'dataset:lab/d' || i % 4] as tags,
               timestamp '2024-01-01' + to_days(i::int) as "createdAt"
        from range(60) r(i)
    """
    datasets = """
        select 'lab/d' || i as id, ['task_categories:' || if(i = 0, 'image-classification', 'translation')] as tags
        from range(4) r(i)
    """
    files = {
        "models.parquet": parquet(tmp_path / "m.parquet", models),
        "datasets.parquet": parquet(tmp_path / "d.parquet", datasets),
        "more/tables.csv": b"id,task_categories\nlab/d0,image-classification\nlab/d1,translation\n",
    }
    return hub.put("pub/stats", files)


def config(tmp_path, models=SNAPSHOT, datasets=DATASETS):
    path = tmp_path / "project" / "config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CONFIG.replace("MODELS", models).replace("DATASETS", datasets), encoding="utf-8")
    return path


def problems(path):
    with pytest.raises(ConfigError) as error:
        load_config(path)
    return [message.partition(": ")[2] for message in error.value.messages]


def test_a_report_of_snapshots(hub, published, tmp_path):
    built = build(config(tmp_path), tmp_path / "site")
    assert built.n_files
    manifest = read_any_manifest(tmp_path / "site")
    assert [(entry.path, entry.address, entry.revision) for entry in manifest.inputs] == [
        (f"hf://datasets/pub/stats/{kind}.parquet",) * 2 + (published,) for kind in ("datasets", "models")
    ]
    text = (tmp_path / "site" / "manifest.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert "localhost" not in text
    left = (tmp_path / "site" / "data" / "left.csv").read_text(encoding="utf-8").splitlines()
    assert left[1].startswith("N,N,30,45,")  # models of d1, d2, d3 that are no multiple of 3: 30 of 45
    assert hub.paths("/revision/|/api/datasets/pub/stats$") == ["/api/datasets/pub/stats"]


def test_rebuilding_takes_the_same_files(hub, published, tmp_path):
    path = config(tmp_path)
    build(path, tmp_path / "site")
    result = rebuild(tmp_path / "site", [path])
    assert (result.stopped, result.files, result.changes) == (None, {}, ())


def test_a_branch_that_moved_is_a_changed_input(hub, published, tmp_path):
    path = config(tmp_path)
    build(path, tmp_path / "site")
    files = dict(hub.repositories["dataset", "pub/stats"].commits[published])
    more = "select 'o/m' || i as id, ['text-generation', 'dataset:lab/d1'] as tags, date '2024-01-01' as created_at"
    hub.put("pub/stats", {**files, "models.parquet": parquet(tmp_path / "n.parquet", f"{more} from range(50) r(i)")})
    store._found.clear()
    hub_access._commits.clear()
    (change,) = rebuild(tmp_path / "site", [path]).changes
    assert change.name == "hf://datasets/pub/stats/models.parquet"
    assert None not in (change.then, change.now)


def test_a_report_of_a_listing(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(40)]
    hub.items["datasets"] = [{"id": f"lab/d{n}", "tags": ["task_categories:translation"]} for n in range(5)]
    path = config(tmp_path, "{hub: models, filter: {limit: 30}}", "{hub: datasets, folder: tables}")
    project = path.parent
    models = HubTable(kind="models", filter=HubFilter(limit=30))
    write_table(models, project / "data" / "hub", "fetch hub", patience)
    write_table(HubTable(kind="datasets"), project / "tables", "fetch hub", patience)
    assert is_local(load_config(path))
    build(path, tmp_path / "site")
    inputs = {entry.path: entry for entry in read_any_manifest(tmp_path / "site").inputs}
    assert sorted(inputs) == ["data/hub/models.parquet", "tables/datasets.parquet"]
    entry = inputs["data/hub/models.parquet"]
    assert (entry.address, entry.revision) == (f"{hub.endpoint}/api/models", None)
    assert json.loads((tmp_path / "site" / "manifest.json").read_bytes())["inputs"][0]["address"] == entry.address


def test_files_at_addresses(hub, published, tmp_path):
    hub.elsewhere["models.csv"] = (
        b"id,tasks,datasets,created\nm1,text-generation,lab/d1,2024-01-01\nm2,text-generation,lab/d0,2024-02-02\n",
        '"e"',
    )
    web = f"{hub.endpoint}/web/models.csv?key=secret"
    path = config(tmp_path, f'"{web}"', "hf://datasets/pub/stats/more/*.csv")
    assert not is_local(load_config(path))
    build(path, tmp_path / "site")
    inputs = read_any_manifest(tmp_path / "site").inputs
    assert [(entry.path, entry.address, entry.revision) for entry in inputs] == [
        ("hf://datasets/pub/stats/more/tables.csv", "hf://datasets/pub/stats/more/tables.csv", published),
        (f"{hub.endpoint}/web/models.csv", f"{hub.endpoint}/web/models.csv", '"e"'),
    ]


def test_everything_that_cannot_be_fetched_is_said_in_one_run(hub, tmp_path):
    path = config(tmp_path, "hf://datasets/pub/none/m.csv", "hf://datasets/pub/nothing/d.csv")
    with pytest.raises(FetchError) as error:
        build(path, tmp_path / "site")
    reason = "there is no such repository, or it is private; correct the name, or give a token that may read it"
    assert [message.partition(" (HF_TOKEN")[0] for message in error.value.messages] == [
        f"entities.datasets.source: hf://datasets/pub/nothing/d.csv: {reason}",
        f"entities.models.source: hf://datasets/pub/none/m.csv: {reason}",
    ]
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("table", "command"),
    [
        ({}, "diptych fetch hub models -o {base}/data/hub"),
        ({"folder": "tables"}, "diptych fetch hub models -o {base}/tables"),
        (
            {"filter": {"author": "ann", "tags": ["a", "b"], "since": "2024-05-06", "limit": 7}},
            "diptych fetch hub models -o {base}/data/hub --author ann --tag a --tag b --since 2024-05-06 --limit 7",
        ),
    ],
)
def test_what_was_not_fetched_is_said_with_the_command(table, command, tmp_path):
    settings = HubTable.model_validate({"kind": "models", **table})
    with pytest.raises(DataError) as error:
        file_of(settings, tmp_path, WHERE)
    said = f"{WHERE}: {settings.place}/models.parquet is not there yet; fetch it: {command.format(base=tmp_path)}"
    assert str(error.value) == said


def test_what_was_fetched_by_another_filter_is_not_taken(hub, patience, tmp_path):
    hub.items["models"] = [model(n) for n in range(5)]
    declared = HubTable(kind="models", filter=HubFilter(limit=4))
    write_table(HubTable(kind="models", filter=HubFilter(limit=3)), tmp_path / "data" / "hub", "fetch hub", patience)
    command = f"diptych fetch hub models -o {tmp_path}/data/hub --limit 4"
    with pytest.raises(DataError) as error:
        file_of(declared, tmp_path, WHERE)
    assert str(error.value) == f"{WHERE}: data/hub/models.parquet was fetched by another filter; fetch it: {command}"
    write_table(declared, tmp_path / "data" / "hub", "fetch hub", patience)
    assert list(file_of(declared, tmp_path, WHERE).values()) == ["data/hub/models.parquet"]
    assert list(file_of(HubTable(kind="models"), tmp_path, WHERE).values()) == ["data/hub/models.parquet"]


def test_without_the_extra(monkeypatch, tmp_path):
    for name in [
        name for name in sys.modules if name.partition(".")[0] == "huggingface_hub" or name == "diptych.contrib.hub.hub"
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("diptych.contrib.hub.hub", raising=False)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(FetchError) as error:
        file_of(HubTable(kind="models", snapshot="hf://datasets/a/b/c.parquet"), tmp_path, WHERE)
    assert str(error.value) == f'{WHERE}: needs the extra "hub": pip install "diptych[hub]"'


def test_wrong_keys(tmp_path):
    wrong = {
        "{hub: model}": ['hub: "model" is not one of models, datasets (did you mean "models"?)'],
        "{hub: models, path: a.csv}": ["path and hub exclude each other"],
        "{path: a.csv, folder: x, card: no}": [
            "folder: goes with hub: models or hub: datasets",
            "card: goes with hub: models or hub: datasets",
        ],
        "{hub: models, format: csv}": ["format: goes with a path, not with hub"],
        "{hub: models, columns: {id: x}}": [
            "columns: goes with snapshot: the address of the published file",
        ],
        "{hub: models, snapshot: 'hf://datasets/a/b@dev/c.parquet', filter: {limit: 5}}": [
            "filter: is of what diptych fetch hub has written; it does not go with snapshot",
        ],
        "{hub: models, snapshot: models.parquet}": [
            f'snapshot: "models.parquet" is no address on the Hub; {FORM}',
        ],
        "{hub: models, snapshot: 'hf://datasets/a/b/c.csv'}": [
            'snapshot: "hf://datasets/a/b/c.csv" names no Parquet file (.parquet)'
        ],
        "{hub: models, filter: {since: May, limit: 0, athor: x}}": [
            'filter.since: needs a date such as 2026-08-01, not "May"',
            'filter.limit: needs a number of at least 1, not "0"',
            'filter.athor: unknown key; known keys here are author, tags, since, limit (did you mean "author"?)',
        ],
        "{hub: models, snapshot: 'hf://datasets/a/b/c.parquet', columns: {idd: x}}": [
            f'columns: "idd" is not one of {", ".join(COLUMNS["models"])} (did you mean "id"?)',
        ],
        "hf://datasets/a/c.csv": [
            f'"hf://datasets/a/c.csv" does not name a file; {FORM}',
        ],
        "ftp://a/b.csv": ["ftp:// addresses are not read; give a file"],
    }
    for source, expected in wrong.items():
        (tmp_path / "project").mkdir(exist_ok=True)
        found = problems(config(tmp_path, models=f'"{source}"' if source[0] != "{" else source, datasets="d.csv"))
        assert [text.removeprefix("entities.models.source").lstrip(".: ") for text in found] == expected, source
