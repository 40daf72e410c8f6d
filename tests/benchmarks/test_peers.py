"""The hand-written peers of the benchmarks count what the report does."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks import example, hub
from benchmarks.counts import require_same
from benchmarks.hub_snapshot import write_snapshots
from benchmarks.settings import PEERS, ROOT, Asked, rscript
from diptych.pipeline.build import build
from diptych.taxonomy.presets import load_preset

PYTHON = ROOT / ".venv-bench" / "bin" / "python"
needs_peers = pytest.mark.skipif(not PYTHON.exists(), reason="make bench has not made .venv-bench")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / "site"
    build(example.CONFIG, folder)
    return folder


@needs_peers
@pytest.mark.parametrize("name", [example.SEABORN, example.NOTEBOOK, example.R_MARKDOWN])
def test_peers_of_the_default_example_count_what_its_panels_have(site, tmp_path, name):
    if name == example.R_MARKDOWN and rscript() is None:
        pytest.skip("R with rmarkdown and pheatmap is not installed")
    jobs, folders = example.jobs(Asked(1, quick=True, folder=tmp_path, python=PYTHON))
    jobs[name]()
    require_same(site, folders[name] / "counts.csv", name, left="left", right="right")
    (page,) = folders[name].glob("*.html")
    assert any(picture in page.read_text(encoding="utf-8") for picture in ("<svg", "data:image/png"))


def test_the_tasks_of_the_peers_are_those_of_the_preset():
    with (PEERS / "tasks.csv").open(encoding="utf-8", newline="") as file:
        tasks = {row["task"]: row["category"] for row in csv.DictReader(file)}
    preset = load_preset(yaml.safe_load(hub.CONFIG.read_text(encoding="utf-8"))["taxonomy"]["preset"])
    rules = zip(preset.categories, preset.match, strict=True)
    assert list(tasks.items()) == [(label, category) for category, labels in rules for label in labels]


@pytest.fixture(scope="module")
def hub_folder(tmp_path_factory):
    """A small snapshot of the Hub, and the data of the example's report on it."""
    folder = tmp_path_factory.mktemp("hub")
    write_snapshots(folder / "snapshot", 4000, 1500)
    hub.to_tables(folder / "snapshot", folder / "tables")
    config = folder / "config.yaml"
    hub.write_config(config, folder / "tables", expect=False)
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump({**settings, "outputs": ["data"]}), encoding="utf-8")
    build(config, folder / "site")
    return folder


@pytest.mark.parametrize("script", list(hub.SCRIPTS.values()))
def test_peers_of_the_hub_count_what_all_panels_have(hub_folder, tmp_path, script):
    python = Path(sys.executable)
    if script == "hub_pandas.py":
        pytest.importorskip("pyarrow")
    subprocess.run([python, PEERS / script, hub_folder / "snapshot", tmp_path], check=True)
    hub.require_same_counts(hub_folder / "site", tmp_path / "counts.csv", script)
