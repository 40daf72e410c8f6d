"""Building again: the same site where nothing changed, a new one where anything did."""

import os
import time

import pytest

from diptych.cache import Cache
from diptych.pipeline import inputs
from diptych.pipeline.build import build, build_site
from diptych.publish.reuse import program, unchanged
from tests.pipeline.projects import tree, write_project

pytestmark = pytest.mark.slow

OLD = time.time() - 1000


def settled(folder):
    """Files of long ago, as those of a project are."""
    for path in folder.rglob("*"):
        os.utime(path, (OLD, OLD))
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = settled(write_project(tmp_path_factory.mktemp("first"), outputs=None))
    cache = Cache(folder / "cache", program())
    built = build(folder / "config.yaml", folder / "site", cache=cache)
    return folder, built


def built(tmp_path, outputs):
    folder = settled(write_project(tmp_path / "project", outputs=outputs))
    cache = Cache(tmp_path / "cache", program())
    build(folder / "config.yaml", folder / "site", cache=cache)
    return folder, cache


@pytest.fixture
def again(tmp_path):
    """A project of data files whose cache has its build."""
    return built(tmp_path, "[data]")


@pytest.fixture
def all_again(tmp_path):
    """The same with every output."""
    return built(tmp_path, None)


def test_the_same_bytes_and_the_same_notes(first):
    folder, built = first
    cache = Cache(folder / "cache", program())
    found = unchanged(cache, [folder / "config.yaml"], folder / "site")
    assert found.how == "unchanged"
    assert (found.n_files, found.n_bytes, found.notes) == (built.n_files, built.n_bytes, built.notes)
    assert (found.folder, found.page) == (built.folder, built.page)
    assert unchanged(cache, [folder / "config.yaml"], folder / "elsewhere") is None


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_changed_config_is_built(again):
    folder, cache = again
    edit(folder / "config.yaml", "version: 1", "version: 1  # the same")
    assert unchanged(cache, [folder / "config.yaml"], folder / "site") is None


def test_a_changed_input_is_built_whatever_its_time_says(again):
    folder, cache = again
    data = next(path for path in sorted(folder.rglob("*.csv")) if "site" not in path.parts)
    content = data.read_bytes()
    data.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    os.utime(data, (OLD, OLD))
    assert unchanged(cache, [folder / "config.yaml"], folder / "site") is None
    data.write_bytes(content)
    assert unchanged(cache, [folder / "config.yaml"], folder / "site") is not None


@pytest.mark.parametrize("change", ["a file", "another file", "the manifest", "no file"])
def test_a_site_that_is_not_as_it_was_is_built(again, change):
    folder, cache = again
    site = folder / "site"
    if change == "another file":
        (site / "mine.txt").write_text("mine")
    elif change == "no file":
        (site / "data" / "left.csv").unlink()
    else:
        edit(site / ("manifest.json" if change == "the manifest" else "data/left.csv"), "A", "B")
    assert unchanged(cache, [folder / "config.yaml"], site) is None


def test_after_a_change_of_words_nothing_is_counted_again(again, monkeypatch):
    folder, cache = again
    counted = []
    own = inputs.count_all
    monkeypatch.setattr(inputs, "count_all", lambda *given: counted.append(1) or own(*given))
    edit(folder / "config.yaml", "title: T", "title: Tea")
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert counted == []
    edit(folder / "config.yaml", "version: 1", "version: 1\ninference: {minimum_units: 1}")
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert counted == [1]


def test_a_damaged_cache_gives_the_same_site(all_again, tmp_path):
    folder, cache = all_again
    for number, path in enumerate(sorted(path for path in cache.folder.rglob("*") if path.is_file())):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if number % 2 else content[:-1] + b"\xff")
    assert unchanged(cache, [folder / "config.yaml"], folder / "site") is None
    build(folder / "config.yaml", tmp_path / "anew", cache=cache)
    assert tree(tmp_path / "anew") == tree(folder / "site")
    assert unchanged(cache, [folder / "config.yaml"], tmp_path / "anew") is not None


def test_with_the_cache_and_without_it_all_bytes_are_the_same(all_again, tmp_path):
    """The pieces too: a title is changed, so that drawings, numbers and typesetting come from the cache where they can."""
    folder, cache = all_again
    edit(folder / "config.yaml", "title: T", "title: Tea")
    build(folder / "config.yaml", tmp_path / "with", cache=cache)
    build(folder / "config.yaml", tmp_path / "without")
    assert tree(tmp_path / "with") == tree(tmp_path / "without")


def test_a_site_of_several_reports(tmp_path):
    folders = [settled(write_project(tmp_path / name)) for name in ("one", "two")]
    configs = [folder / "config.yaml" for folder in folders]
    cache = Cache(tmp_path / "cache", program())
    build_site(configs, tmp_path / "site", cache=cache)
    assert unchanged(cache, configs, tmp_path / "site").how == "unchanged"
    assert unchanged(cache, configs[::-1], tmp_path / "site") is None
    edit(configs[1], "version: 1", "version: 1  # the same")
    assert unchanged(cache, configs, tmp_path / "site") is None
