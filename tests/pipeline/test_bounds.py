"""Numbers, names and lists beyond all measure: a message soon, of a length that can be read."""

import importlib
import time
from pathlib import Path

import pytest

from diptych.config.loading import load_text
from diptych.errors import ConfigError, DataError, Note, PublishError
from diptych.pipeline.build import build
from diptych.sources.text import found_in
from diptych.taxonomy import Taxonomy, TaxonomySettings, compile_taxonomy, identity_taxonomy
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.slow

BASE = """\
version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
relations: {r: {records: {source: r.csv, rows: {column: x}, columns: {column: y}}}}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_text(text, Path("c.yaml"))
    return list(caught.value.messages)


@pytest.mark.parametrize("key", ["minimum_units", "minimum_groups"])
def test_counts_beyond_floating_point(key):
    digits = "1" + "0" * 400
    assert problems(f"{BASE}inference: {{{key}: {digits}}}\n") == [
        f'c.yaml:5:13: inference.{key}: needs a number of at most 1000000000000, not "{digits[:30]}…{"0" * 29}"'
    ]


def test_a_pattern_that_would_backtrack_without_end():
    began = time.process_time()
    assert found_in(("(a+)+$", "^b"), ("a" * 60 + "c", "aaa", "b")) == {"aaa": (0,), "b": (1,)}
    assert time.process_time() - began < 2


def test_more_categories_than_a_report_has():
    message = "taxonomy of labels as they are: 1,001 categories; a report has at most 1,000: put several labels into one (match, pattern), or choose another column"
    with pytest.raises(DataError) as caught:
        identity_taxonomy(Taxonomy("", (), identity=True), {f"l{n}": 1 for n in range(1001)})
    assert str(caught.value) == message
    with pytest.raises(DataError) as caught:
        compile_taxonomy(TaxonomySettings(ordered=tuple(f"l{n}" for n in range(1001))), "")
    assert str(caught.value) == message


def test_sixty_thousand_keys():
    began = time.process_time()
    assert problems(BASE + "".join(f"key{n}: 1\n" for n in range(60_000))) == [
        "c.yaml:24986:11: more than 50,000 keys and values; long tables belong in a file of data"
    ]
    assert time.process_time() - began < 10


def test_ten_thousand_unknown_keys():
    began = time.process_time()
    found = problems(BASE + "inference:\n" + "".join(f"  key{n}: 1\n" for n in range(10_000)))
    assert found[0] == "c.yaml: has more problems than the 199 shown; put these right and check again"
    assert len(found) == 200
    assert time.process_time() - began < 10


def test_a_name_of_thousands_of_letters():
    message = str(DataError("x.csv has no column " + "s" * 20_000 + "; it has id"))
    assert message == f"x.csv has no column {'s' * 159}…{'s' * 79}; it has id"
    many = DataError("words " * 1000)
    assert len(many.messages[0]) == len(Note("a", "b", "words " * 1000).message) == 1900


def test_the_output_folder_is_looked_at_before_any_work(tmp_path, monkeypatch):
    write_project(tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("x")
    monkeypatch.setattr(
        importlib.import_module("diptych.pipeline.build"), "make", lambda *_, **__: pytest.fail("work was done")
    )
    with pytest.raises(PublishError) as caught:
        build(tmp_path / "config.yaml", tmp_path / "site")
    assert str(caught.value) == (
        f"{tmp_path}/site: contains files but no manifest.json of this program, so it was not built by it; give another "
        "folder, or --force to replace everything in it"
    )
