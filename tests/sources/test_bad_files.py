"""Every kind of bad file, by its whole message, which is the same whatever the engine.

A case of `refusals.yaml` has `files`, the `source` of the config if it is not x.csv, and the columns to `compute`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest

from diptych.errors import DataError
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import open_engine
from tests.refusals import Refusals


def messages(tmp_path, engine, source, *, compute=("id", "b")):
    """Open (and compute columns of) a source that must fail; return what it says."""
    with pytest.raises(DataError) as caught:  # noqa: PT012  opening or computing may be what fails
        table = open_table(SourceSettings.model_validate(source), tmp_path, engine, where_declared="entities.a.source")
        engine.collect(table.frame.select(*compute))
    return list(caught.value.messages)


REFUSALS = Refusals(Path(__file__).with_name("refusals.yaml"))


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_the_whole_message_golden(tmp_path, engine, name):
    case = REFUSALS.cases[name]
    for file, content in case.get("files", {}).items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = messages(tmp_path, engine, case.get("source", "x.csv"), compute=case.get("compute", ("id", "b")))
    REFUSALS.compare(name, found)


def test_ragged_zstandard(tmp_path, engine):
    path = tmp_path / "x.csv.zst"
    duckdb.connect().execute(
        f"copy (select 'id,b' union all select '1,2,3') to '{path}' (header false, delim '|', quote '', compression zstd)"
    )
    assert messages(tmp_path, engine, "x.csv.zst") == [
        (
            "entities.a.source: x.csv.zst has 1 row with another number of fields than the header, which has 2 fields:"
            " row 2 has 3 (the header is row 1; a field that contains the delimiter , needs quotes)"
        )
    ]


def test_excel_extra_not_installed(tmp_path, engine, monkeypatch):
    (tmp_path / "x.xlsx").write_bytes(b"no")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    monkeypatch.delitem(sys.modules, "diptych.contrib.spreadsheets.workbook", raising=False)
    assert messages(tmp_path, engine, "x.xlsx") == [
        (
            'entities.a.source: the format of files "xlsx" needs python_calamine, which is not installed: '
            'pip install "diptych[spreadsheets]"'
        )
    ]


class Greedy:
    """A frame that needs more memory than there is."""

    sql_query = None

    def to_native(self):
        return self

    def collect(self, _backend):
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate data of size 16.0 MiB")


@pytest.mark.parametrize(("memory", "said"), [("30MB", "30MB"), (None, "the default, four fifths of the machine's")])
def test_too_little_memory(memory, said):
    with open_engine(EngineSettings(memory=memory, threads=1)) as engine, pytest.raises(DataError) as caught:
        engine.collect(Greedy())
    assert str(caught.value) == (
        f"counting needs more memory than engine.memory allows ({said}); raise it, or set TMPDIR to a folder "
        "with more space"
    )


def test_no_temporary_folder(tmp_path, monkeypatch, engine_name):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(DataError) as caught:
        open_engine(EngineSettings(name=engine_name))
    assert str(caught.value) == (
        f"engine: the temporary folder {tmp_path / 'none'} cannot be written to (No such file or directory); "
        "name another in TMPDIR"
    )


def test_what_only_the_engine_can_tell(tmp_path, engine, engine_name):
    duckdb.sql("select range as id, range as b from range(100000)").write_parquet(str(tmp_path / "x.parquet"))
    content = (tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(content[:100] + b"\xff" * 2000 + content[2100:])
    (message,) = messages(tmp_path, engine, "x.parquet")
    damaged = "entities.a.source: x.parquet is damaged: its columns cannot be read to their ends; write it again, or fetch it again"
    assert message == damaged or (engine_name != "duckdb" and message.startswith("the data cannot be read: "))
    assert "\n" not in message
