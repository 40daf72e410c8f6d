"""Building again: the same site where nothing changed, a new one where anything did."""

import os
import time

import pytest

from diptych.cache import Cache
from diptych.findings import recounted_panels
from diptych.pipeline import parts
from diptych.pipeline.build import build
from diptych.pipeline.site import build_site
from diptych.reuse import find, program, republish
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
    found = republish(cache, [folder / "config.yaml"], folder / "site")
    assert found.how == "unchanged"
    assert (found.n_files, found.n_bytes, found.notes) == (built.n_files, built.n_bytes, built.notes)
    elsewhere = republish(cache, [folder / "config.yaml"], folder / "elsewhere")
    assert elsewhere.how == "created"
    assert tree(folder / "elsewhere") == tree(folder / "site")


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_changed_config_is_built(again):
    folder, cache = again
    edit(folder / "config.yaml", "version: 1", "version: 1  # the same")
    assert find(cache, [folder / "config.yaml"], None) is None


def test_a_changed_input_is_built_whatever_its_time_says(again):
    folder, cache = again
    data = next(path for path in sorted(folder.rglob("*.csv")) if "site" not in path.parts)
    content = data.read_bytes()
    data.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    os.utime(data, (OLD, OLD))
    assert find(cache, [folder / "config.yaml"], None) is None
    data.write_bytes(content)
    assert find(cache, [folder / "config.yaml"], None) is not None


def test_a_missing_input_is_built_and_says_so(again):
    folder, cache = again
    next(path for path in sorted(folder.rglob("*.csv")) if "site" not in path.parts).unlink()
    assert find(cache, [folder / "config.yaml"], None) is None


def test_another_engine_or_program_is_built(again):
    folder, cache = again
    assert find(cache, [folder / "config.yaml"], "duckdb") is None
    assert find(Cache(cache._folder, "another"), [folder / "config.yaml"], None) is None


def test_a_damaged_cache_gives_the_same_site(all_again, tmp_path):
    folder, cache = all_again
    for number, path in enumerate(sorted(path for path in cache._folder.rglob("*") if path.is_file())):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if number % 2 else content[:-1] + b"\xff")
    assert find(cache, [folder / "config.yaml"], None) is None
    build(folder / "config.yaml", tmp_path / "anew", cache=cache)
    assert tree(tmp_path / "anew") == tree(folder / "site")
    assert find(cache, [folder / "config.yaml"], None) is not None


def test_with_the_cache_and_without_it_all_bytes_are_the_same(all_again, tmp_path):
    """The pieces too: a title is changed, so that drawings, numbers and typesetting come from the cache where they can."""
    folder, cache = all_again
    edit(folder / "config.yaml", "title: T", "title: Tea")
    build(folder / "config.yaml", tmp_path / "with", cache=cache)
    build(folder / "config.yaml", tmp_path / "without")
    assert tree(tmp_path / "with") == tree(tmp_path / "without")


def test_a_new_file_that_a_pattern_finds_is_built(tmp_path):
    folder = write_project(tmp_path, {"source: d.csv": "source: d*.csv"})
    settled(folder)
    cache = Cache(tmp_path / "cache", program())
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert find(cache, [folder / "config.yaml"], None) is not None
    (folder / "d2.csv").write_bytes((folder / "d.csv").read_bytes())
    assert find(cache, [folder / "config.yaml"], None) is None


def test_a_file_written_while_building_is_not_kept(tmp_path):
    folder = settled(write_project(tmp_path))
    later = time.time() + 60
    os.utime(folder / "config.yaml", (later, later))
    cache = Cache(tmp_path / "cache", program())
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert find(cache, [folder / "config.yaml"], None) is None


def test_a_site_of_several_reports(tmp_path):
    folders = [settled(write_project(tmp_path / name)) for name in ("one", "two")]
    configs = [folder / "config.yaml" for folder in folders]
    cache = Cache(tmp_path / "cache", program())
    build_site(configs, tmp_path / "site", cache=cache)
    assert republish(cache, configs, tmp_path / "site").how == "unchanged"
    assert find(cache, configs[::-1], None) is None
    edit(configs[1], "version: 1", "version: 1  # the same")
    assert find(cache, configs, None) is None


def test_after_a_change_of_words_alone_nothing_is_found_again(tmp_path, monkeypatch):
    """Nor is a claim drawn again that stands as it stood; one that changed is."""
    claim = '{% claim left["A","A"] > 0.1 %}Most stay.{% endclaim %} Words.\n'
    edits = {"version: 1": "version: 1\ninference: {minimum_units: 1}\ntext: {folder: words}"}
    # Nine in ten models are like their datasets: the shares are precise enough for a claim.
    files = {
        "words/overview.md": claim,
        "m.csv": "id,l,owner\n" + "".join(f"m{i},{'ab'[i % 2]},u\n" for i in range(40)),
        "k.csv": "s,t\n" + "".join(f"d{(i + (i < 4)) % 2 + 1},m{i}\n" for i in range(40)),
    }
    folder = write_project(tmp_path / "project", edits, files, outputs="[html, data]")
    cache, asked = Cache(tmp_path / "cache", program()), []
    for module, name in ((parts, "find_all"), (recounted_panels, "redraws")):
        made = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, made=made, name=name, **k: (asked.append(name), made(*a, **k))[1])
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert set(asked) == {"find_all", "redraws"}
    asked.clear()
    edit(folder / "words" / "overview.md", "Words", "More words")
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert asked == []
    build(folder / "config.yaml", folder / "anew")
    assert tree(folder / "anew") == tree(folder / "site")
    asked.clear()
    edit(folder / "words" / "overview.md", "> 0.1", "> 0.2")
    build(folder / "config.yaml", folder / "site", cache=cache)
    assert asked == ["redraws"]


def test_where_snapshots_make_a_history_all_is_found_again(tmp_path, monkeypatch):
    """What was found then says nothing of the builds between; what was counted does."""
    edits = {"version: 1": "version: 1\ntext: {folder: words}\nsnapshots: {folder: kept}"}
    folder = write_project(tmp_path / "project", edits, {"words/overview.md": "Words.\n"})
    cache, asked = Cache(tmp_path / "cache", program()), []
    made = parts.find_all
    monkeypatch.setattr(parts, "find_all", lambda *a, **k: (asked.append(a), made(*a, **k))[1])
    for _ in range(3):
        build(folder / "config.yaml", folder / "site", cache=cache)
        edit(folder / "words" / "overview.md", "Words", "More Words")
    assert len(asked) == 3
