"""examples/hub builds from generated snapshots that our own Hub serves, and counts as plain Python does."""

import csv
import json
from collections import Counter
from pathlib import Path

import yaml

from tests.contrib.hub.rows import rows

EXAMPLE = Path(__file__).parents[3] / "examples" / "hub" / "config.yaml"
PRESET = Path(__file__).parents[3] / "report" / "taxonomy" / "preset_files" / "hub-figure9@2026-08.yaml"


def category_of():
    preset = yaml.safe_load(PRESET.read_text(encoding="utf-8"))
    return {label: entry["name"] for entry in preset["categories"] for label in entry["match"]}


def after(tags, prefix):
    return {tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)}


def test_the_example_builds_from_served_snapshots(sites):
    site = sites("hub")
    snapshots = site.parent / "generated"
    named = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["entities"]
    inputs = json.loads((site / "manifest.json").read_bytes())["inputs"]
    assert {entry["address"] for entry in inputs} == {entity["source"]["snapshot"] for entity in named.values()}
    assert {entry["revision"] for entry in inputs} == {(site.parent / "commit").read_text(encoding="utf-8")}
    check_links(snapshots, site)
    check_bases(snapshots, site)


def check_links(snapshots, site):
    """Each model once, with the categories of all its datasets."""
    known = category_of()
    of_dataset = {
        name: {known[task] for task in after(tags, "task_categories:") if task in known}
        for name, tags in rows(snapshots / "datasets.parquet", "id, tags")
    }
    joint, given, outcome, n_units = Counter(), Counter(), Counter(), 0
    for tags in (row[0] for row in rows(snapshots / "models.parquet", "tags")):
        datasets = after(tags, "dataset:") & of_dataset.keys()
        if not datasets:
            continue
        n_units += 1
        a = set().union(*(of_dataset[name] for name in datasets))
        b = {known[tag] for tag in tags if tag in known}
        given.update(a)
        outcome.update(b)
        joint.update((x, y) for x in a for y in b)
    assert n_units > 300
    assert_cells(site / "data" / "left.csv", joint, given, outcome, n_units)


def check_bases(snapshots, site):
    """Each derived model once, with the categories of what it comes from."""
    known = category_of()
    tags_of = dict(rows(snapshots / "models.parquet", "id, tags"))
    of_model = {name: {known[tag] for tag in tags if tag in known} for name, tags in tags_of.items()}
    joint, given, outcome, n_units = Counter(), Counter(), Counter(), 0
    for name, tags in tags_of.items():
        bases = {text.rpartition(":")[2] for text in after(tags, "base_model:")} & tags_of.keys()
        if not bases:
            continue
        n_units += 1
        a = set().union(*(of_model[base] for base in bases))
        given.update(a)
        outcome.update(of_model[name])
        joint.update((x, y) for x in a for y in of_model[name])
    assert n_units > 600
    assert_cells(site / "data" / "base_left.csv", joint, given, outcome, n_units)


def assert_cells(path, joint, given, outcome, n_units):
    with path.open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert len(cells) == 81
    for cell in cells:
        a, b = cell["given"], cell["outcome"]
        expected = (joint[a, b], given[a], outcome[b], n_units)
        assert tuple(int(cell[key]) for key in ("n_joint", "n_given", "n_outcome", "n_units")) == expected, (a, b)
