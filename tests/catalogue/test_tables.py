"""Merging, spellings, the CSV dialect and the pinned hashes."""

import hashlib

import pytest

from tools.catalogue import packages
from tools.catalogue.aliases import find_aliases
from tools.catalogue.facts import CatalogueError, Dataset, Facts, Link, Model
from tools.catalogue.tables import merge


def link(source, target="m", relation="trained_on"):
    return Link(source, target, relation, "p")


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
