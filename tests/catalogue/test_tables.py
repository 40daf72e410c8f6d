"""Merging, spellings, the CSV dialect and the pinned hashes."""

import hashlib

import pytest

from tools.catalogue import packages
from tools.catalogue.aliases import find_aliases
from tools.catalogue.facts import CatalogueError, Dataset, Facts, Link, Model
from tools.catalogue.tables import merge, tables, write


def link(source, target="m", relation="trained_on"):
    return Link(source, target, relation, "p")


def test_one_name_of_several_packages_is_one_dataset():
    first = Facts([Dataset("X", ("image",), "b"), Dataset("Y", (), "b")])
    second = Facts([Dataset("X", ("video", "image"), "a", "2020-01-01")])
    assert merge([first, second]).datasets == [
        Dataset("X", ("image", "video"), "a|b", "2020-01-01"),
        Dataset("Y", ("Y",), "b"),
    ]


def test_a_date_later_than_the_wheel_is_left_empty():
    facts = Facts([Dataset("X", (), "p", "2029-03-30")], [Model("m", (), "p", "", "2026-10-22")])
    dated = facts.dated_until("2026-10-22")
    assert [item.created for item in (*dated.datasets, *dated.models)] == ["", "2026-10-22"]


def test_every_ambiguity_is_named_at_once():
    models = [Model("m", ("a|b",), "p"), Model("m", (), "p")]
    with pytest.raises(CatalogueError) as caught:
        merge([Facts([], models, [link("d", "n")])])
    assert str(caught.value) == "model m appears twice; links to n, which is no model; label 'a|b' of m"


def test_spellings_equal_up_to_case_and_punctuation_are_aliases():
    datasets = [Dataset(name, (), "p") for name in ("ImageNet-1k", "Imagenet1k", "MNLI (m)", "New")]
    links = [link("ImageNet-1k"), link("ImageNet 1k"), link("mnli m"), link("Quora"), link("quora")]
    assert find_aliases(datasets, links, {"Old": "New", "Lost": "Nothing"}) == [
        ("ImageNet 1k", "ImageNet-1k"),
        ("Imagenet1k", "ImageNet-1k"),
        ("Old", "New"),
        ("mnli m", "MNLI (m)"),
    ]


def test_the_same_facts_give_the_same_bytes(tmp_path):
    facts = merge([Facts([Dataset("d", (), "p")], [Model("m", ("x", "y"), "p", "o")], [link("d")])])
    for name in ("one", "two"):
        write(tmp_path / name, tables(facts, []))
    assert [path.name for path in sorted((tmp_path / "one").iterdir())] == [
        "aliases.csv",
        "datasets.csv",
        "links.csv",
        "models.csv",
        "sources.csv",
    ]
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert (tmp_path / "one" / "models.csv").read_text() == "id,labels,package,origin,created\nm,x|y,p,o,\n"


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tmp_path):
    path = tmp_path / "p-1.0-py3-none-any.whl"
    path.write_bytes(b"other")
    found = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(CatalogueError) as caught:
        packages.verify(path, "0" * 64)
    assert str(caught.value) == f"{path.name}: SHA-256 is {found}, expected {'0' * 64}"
    with pytest.raises(CatalogueError) as caught:
        packages.verify(tmp_path / "missing.whl", found)
    assert str(caught.value) == "missing.whl: not in the folder of wheels"
    assert packages.locate(packages.Package("p", "1.0", path.name, found, ""), tmp_path) == path
