"""`diptych fetch hub` as a person or a script uses it: results, endings, kills, and where a token may not be."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from diptych.cli import main
from tests.contrib.hub.rows import MODELS, model, parquet, rows

pytestmark = pytest.mark.slow

DIPTYCH = Path(sys.executable).with_name("diptych")
TOKEN = "hf_SecretSecretSecret"  # noqa: S105


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(hub, capfd, monkeypatch, tmp_path):
    """Return a function that runs the command in this process and in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["diptych", "fetch", "hub", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def listed(hub):
    hub.items["models"] = [model(n) for n in range(25)]
    hub.items["datasets"] = [{"id": f"lab/d{n}", "tags": ["task_categories:translation"]} for n in range(7)]


def started(tmp_path, *arguments):
    return subprocess.Popen(
        [DIPTYCH, "fetch", "hub", *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to that")


def test_as_json(hub, listed, run, tmp_path):
    done = run("models", "-o", "x", "--author", "owner-1", "--tag", "dataset:lab/d2", "--since", "2024-01-02", "--json")
    (entry,) = json.loads(done.stdout)["files"]
    assert entry == {
        "name": "x/models.parquet",
        "path": "x/models.parquet",
        "rows": 2,
        "bytes": (tmp_path / "x" / "models.parquet").stat().st_size,
        "address": f"{hub.endpoint}/api/models?author=owner-1&filter=dataset%3Alab%2Fd2",
        "kind": "models",
        "filter": {"author": "owner-1", "tags": ["dataset:lab/d2"], "since": "2024-01-02"},
        "listed": "Fri, 02 Oct 2026 10:00:00 GMT",
        "notes": [],
    }


def test_a_snapshot_of_the_hub_and_one_of_this_machine(hub, run, tmp_path):
    commit = hub.put("pub/stats", {"m.parquet": parquet(tmp_path / "m.parquet", MODELS)})
    done = run("models", "--snapshot", "hf://datasets/pub/stats/m.parquet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"from hf://datasets/pub/stats/m.parquet at {commit}\n")
    other = run("models", "--snapshot", "m.parquet", "-o", "own", "--no-card")
    assert (other.returncode, other.stderr) == (0, "")
    assert other.stdout.startswith("own/models.parquet: 3 models, 0.0 MB, from m.parquet\n")
    assert rows(tmp_path / "own" / "models.parquet", "datasets")[0] == (["lab/text"],)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("model",), 'Invalid value for WHAT: "model" is not one of models, datasets, all'),
        (("--since", "May"), 'Invalid value for --since: needs a date such as 2026-08-01, not "May"'),
        (("--limit", "0"), "Invalid value for '--limit'"),
        (
            ("--snapshot", "hf://datasets/a/b/c.parquet"),
            "Invalid value for --snapshot: contains models or datasets; say which",
        ),
        (("models", "--snapshot", "x", "--limit", "5"), "--snapshot: is taken whole; filters are of the Hub's listing"),
        (("--config", "c.yaml", "--limit", "5"), "--config: goes with none of the options that say what to fetch"),
        (("-q", "-v"), "Invalid value for --verbose: -q and -v exclude each other"),
    ],
)
def test_usage(arguments, message, run):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.split())


def test_ctrl_c(hub, listed, run):
    hub.page_size = 5
    gate = threading.Event()
    hub.fail("cursor=10", wait=gate)

    def interrupt():
        until(lambda: hub.paths("cursor=10"))
        os.kill(os.getpid(), signal.SIGINT)  # while the command waits for an answer

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    other = threading.Thread(target=interrupt)
    other.start()
    try:
        assert run("models") == Done(130, "", "error: interrupted\n")
    finally:
        gate.set()
        other.join()
        signal.signal(signal.SIGINT, before)
    assert run("models").returncode == 0


def test_a_token_is_never_printed_or_written(hub, listed, run, monkeypatch, tmp_path):
    hub.token = TOKEN
    hub.put("pub/stats", {"m.parquet": parquet(tmp_path / "m.parquet", MODELS)}, only="me")
    home = Path(os.environ["HF_HOME"])
    said = []
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for arguments in (
        ("-v",),
        ("models", "-v", "--json", "--snapshot", "hf://datasets/pub/stats/m.parquet"),
        ("models", "-v", "--snapshot", "hf://datasets/pub/none/m.parquet"),
        ("models", "-v", "--author", "nobody"),
    ):
        done = run(*arguments)
        said += [done.stdout, done.stderr]
    monkeypatch.setenv("HF_DEBUG", "1")  # read when the library is loaded
    hub.fail("/api/models", times=1, status=401)
    process = started(tmp_path, "models", "-v")
    said += process.communicate(timeout=60)
    assert process.returncode == 1
    assert any(one.authorization == f"Bearer {TOKEN}" for one in hub.asked)
    assert not any(TOKEN in text for text in said)
    files = [path for folder in (tmp_path, home) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def test_what_a_config_reads(hub, listed, run, tmp_path):
    commit = hub.put("pub/stats", {"m.parquet": parquet(tmp_path / "m.parquet", MODELS), "k.csv": b"id,l\n1,a\n"})
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "config.yaml").write_text(
        """
version: 1
report: {title: T}
taxonomy: {preset: hub-figure9@2026-08}
entities:
  datasets: {label: Dataset, source: {hub: datasets, filter: {limit: 3}}, labels: task_categories}
  models: {label: Model, source: {hub: models, snapshot: hf://datasets/pub/stats/m.parquet}, labels: tasks}
  other: {label: Other, source: hf://datasets/pub/stats/k.csv, labels: l}
relations:
  a: {links: {from: {entity: datasets}, to: {entity: models, column: datasets}}}
  b: {shared: {key: id, entities: [other, models]}}
""",
        encoding="utf-8",
    )
    done = run("--config", "c/config.yaml", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = {entry["name"]: entry for entry in json.loads(done.stdout)["files"]}
    assert sorted(found) == [
        *("c/data/hub/datasets.parquet", "hf://datasets/pub/stats/k.csv", "hf://datasets/pub/stats/m.parquet")
    ]
    assert found["c/data/hub/datasets.parquet"]["rows"] == 3
    assert found["hf://datasets/pub/stats/k.csv"]["revision"] == commit
    assert len(rows(found["hf://datasets/pub/stats/m.parquet"]["path"])) == 3
