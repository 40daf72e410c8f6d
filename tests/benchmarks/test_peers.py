"""The hand-written peers of the benchmarks count what the report does."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks import example, hub
from benchmarks.counts import require_same
from benchmarks.settings import PEERS, ROOT, BenchSettings, rscript
from diptych.config.loading import load_config
from diptych.taxonomy import load_preset

pytestmark = pytest.mark.slow

PYTHON = ROOT / ".venv-bench" / "bin" / "python"
needs_peers = pytest.mark.skipif(not PYTHON.exists(), reason="make bench has not made .venv-bench")


@pytest.mark.nightly
@needs_peers
@pytest.mark.parametrize("name", [example.SEABORN, example.NOTEBOOK, example.R_MARKDOWN])
def test_peers_of_the_default_example_count_what_its_panels_have(sites, tmp_path, name):
    if name == example.R_MARKDOWN and rscript() is None:
        pytest.skip("R with rmarkdown and pheatmap is not installed")
    jobs, folders = example.jobs(BenchSettings(1, quick=True, folder=tmp_path, python=PYTHON))
    jobs[name]()
    require_same(sites("default"), folders[name] / "counts.csv", name, left="left", right="right")
    (page,) = folders[name].glob("*.html")
    assert any(picture in page.read_text(encoding="utf-8") for picture in ("<svg", "data:image/png"))


def test_the_tasks_of_the_peers_are_those_of_the_preset():
    with (PEERS / "tasks.csv").open(encoding="utf-8", newline="") as file:
        tasks = {row["task"]: row["category"] for row in csv.DictReader(file)}
    preset = load_preset(yaml.safe_load(hub.CONFIG.read_text(encoding="utf-8"))["taxonomy"]["preset"])
    rules = zip(preset.categories, preset.match, strict=True)
    assert list(tasks.items()) == [(label, category) for category, labels in rules for label in labels]


def test_the_report_that_is_measured_has_the_panels_that_are_compared(tmp_path):
    """`make bench` holds what that report counts to the peers; here they are held to the example's."""
    hub.write_config(tmp_path / "config.yaml", tmp_path, expect=False)
    loaded = load_config(tmp_path / "config.yaml")
    assert [panel.id for panel in loaded.config.panels] == [name for pair in hub.PANELS.values() for name in pair]


@pytest.mark.nightly
@pytest.mark.parametrize("script", list(hub.SCRIPTS.values()))
def test_peers_of_the_hub_count_what_all_panels_have(sites, tmp_path, script):
    python = Path(sys.executable)
    subprocess.run([python, PEERS / script, sites("hub").parent / "generated", tmp_path], check=True)
    hub.require_same_counts(sites("hub"), tmp_path / "counts.csv", script)
