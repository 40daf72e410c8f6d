"""Templates are compiled once: for all writers of a process, and for the next one."""

import sys

import pytest
from jinja2 import Environment, FileSystemLoader

from diptych.document.writer import CompiledTemplates

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "a.j2").write_text("{{ n }} units", encoding="utf-8")
    return tmp_path


def environment(folder, compiled):
    return Environment(loader=FileSystemLoader(folder), bytecode_cache=compiled)  # noqa: S701 - no markup


def rendered(folder, compiled):
    return environment(folder, compiled).get_template("a.j2").render(n=3)


def test_what_one_process_compiles_the_next_one_takes(folder, monkeypatch):
    assert rendered(folder, CompiledTemplates(folder)) == "3 units"
    (kept,) = (folder / "__pycache__").iterdir()
    assert sys.implementation.cache_tag in kept.name
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: pytest.fail("compiled again"))
    assert rendered(folder, CompiledTemplates(folder)) == "3 units"


def test_within_a_process_no_file_is_read_again(folder, monkeypatch):
    compiled = CompiledTemplates(folder)
    rendered(folder, compiled)
    for file in (folder / "__pycache__").iterdir():
        file.unlink()
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: pytest.fail("compiled again"))
    assert rendered(folder, compiled) == "3 units"


def test_a_changed_template_and_a_damaged_file_are_compiled_anew(folder):
    rendered(folder, CompiledTemplates(folder))
    (folder / "a.j2").write_text("{{ n }} items", encoding="utf-8")
    assert rendered(folder, CompiledTemplates(folder)) == "3 items"
    (kept,) = (folder / "__pycache__").iterdir()
    whole = kept.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole[:20], whole[::-1]):
        kept.write_bytes(damaged)
        assert rendered(folder, CompiledTemplates(folder)) == "3 items"
        assert kept.read_bytes() == whole


def test_nothing_is_written_where_python_writes_nothing(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(folder, CompiledTemplates(folder)) == "3 units"
    assert not (folder / "__pycache__").exists()


def test_a_folder_that_cannot_be_written_is_no_error(folder):
    (folder / "__pycache__").write_text("no folder", encoding="utf-8")
    assert rendered(folder, CompiledTemplates(folder)) == "3 units"
