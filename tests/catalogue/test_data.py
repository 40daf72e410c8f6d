"""The committed tables: whole, consistent, and with the counts the README states."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from tools.catalogue.aliases import spelling_key
from tools.catalogue.packages import PACKAGES

FOLDER = Path(__file__).parents[2] / "data" / "catalogue"
HEADERS = {
    "datasets": ["id", "labels", "package", "created"],
    "models": ["id", "labels", "package", "origin", "created"],
    "links": ["source", "target", "relation", "package"],
    "aliases": ["alias", "id"],
    "sources": ["package", "version", "file", "sha256", "license", "read"],
}


@pytest.fixture(scope="module")
def table():
    def load(name):
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return {name: load(name) for name in HEADERS}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_order_and_bytes(table, name):
    content = (FOLDER / f"{name}.csv").read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert list(table[name][0]) == HEADERS[name]
    rows = [tuple(row.values()) for row in table[name]]
    keys = [row[:3] if name == "links" else row[:1] for row in rows]
    assert keys == sorted(set(keys))
    assert all(row[0] and row[1] and row[0] == row[0].strip() for row in rows)


def test_links_end_at_models_and_most_start_at_datasets(table):
    models = {row["id"] for row in table["models"]}
    known = {row["id"] for row in table["datasets"]} | {row["alias"] for row in table["aliases"]}
    assert {row["target"] for row in table["links"]} <= models
    assert {row["relation"] for row in table["links"]} == {"trained_on", "evaluated_on"}
    unresolved = [row for row in table["links"] if row["source"] not in known]
    assert Counter(row["package"] for row in unresolved) == {"mteb": 1722, "mmsegmentation": 24}
    headings = {row["source"] for row in unresolved if row["package"] == "mmsegmentation"}
    assert headings == {"# HRNet backbone", "# ResNet backbone"}


def test_labels_and_dates(table):
    for row in table["datasets"] + table["models"]:
        assert all(row["labels"].split("|"))
        assert re.fullmatch(r"(\d{4}-\d\d-\d\d)?", row["created"]), row


def test_aliases_join_spellings_of_datasets(table):
    datasets = {row["id"] for row in table["datasets"]}
    aliases = {row["alias"]: row["id"] for row in table["aliases"]}
    assert set(aliases.values()) <= datasets
    assert not set(aliases) & set(aliases.values())
    differing = [name for name, other in aliases.items() if spelling_key(name) != spelling_key(other)]
    assert differing == ["PersianTextTone"]
    assert aliases["Imagenet1k"] == "ImageNet-1k"
    assert aliases["YFCC100M"] == "YFCC-100M"


def test_sources_are_the_pinned_wheels(table):
    pinned = {(package.name, package.version, package.sha256) for package in PACKAGES}
    assert {(row["package"], row["version"], row["sha256"]) for row in table["sources"]} == pinned
    assert all(re.match("Apache|MIT", row["license"]) for row in table["sources"])


def test_no_table_holds_an_address_or_a_path(table):
    for path in FOLDER.iterdir():
        assert not re.search(r"://|^/|,/", path.read_text(encoding="utf-8")), path.name
