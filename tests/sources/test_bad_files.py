"""Every kind of bad file, by its whole message, which is the same whatever the engine."""

from __future__ import annotations

import gzip
import os
import sys

import duckdb
import pytest

from diptych.errors import DataError
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.files import open_table, require_columns
from diptych.sources.located import open_engine


def messages(tmp_path, engine, source, *, compute=("id", "b")):
    """Open (and compute columns of) a source that must fail; return what it says."""
    with pytest.raises(DataError) as caught:  # noqa: PT012  opening or computing may be what fails
        table = open_table(SourceSettings.model_validate(source), tmp_path, engine, where_declared="entities.a.source")
        engine.collect(table.frame.select(*compute))
    return list(caught.value.messages)


# one file's bytes -> the whole message after "entities.a.source: x.csv "
CSV_FAULTS = {
    "empty": (b"", "is empty"),
    "only a mark": (b"\xef\xbb\xbf", "is empty"),
    "header only": (b"id,b\n", "has a header and no rows"),
    "empty lines before the header": (
        b"\n\nid,b\n1,2\n",
        "has 2 empty lines before its header; remove the lines before the names of the columns, or write source: {path: x.csv, skip: 2}",
    ),
    "a title as a spreadsheet writes it": (
        b"Of 2024,\nid,b\n1,2\n",
        'begins with a row of one field, "Of 2024"; if that is a title, delete the rows above the names of the columns, or write source: {path: x.csv, skip: 1}',
    ),
    "long row": (
        b"id,b\n1,2\n1,2,3\n4,5\n",
        (
            "has 1 row with another number of fields than the header, which has 2 fields: row 3 has 3"
            " (the header is row 1; a field that contains the delimiter , needs quotes)"
        ),
    ),
    "long and short rows": (
        b'id,b\n1,"2\n2"\n1,2,3\n4\n',
        (
            "has 2 rows with another number of fields than the header, which has 2 fields: row 3 has 3, row 4 has 1"
            " (the header is row 1; a field that contains the delimiter , needs quotes)"
        ),
    ),
    "twelve bad rows": (
        b"id,b\n" + b"1\n" * 12,
        (
            "has 12 rows with another number of fields than the header, which has 2 fields: row 2 has 1, row 3 has 1,"
            " row 4 has 1, row 5 has 1, row 6 has 1, row 7 has 1, row 8 has 1, row 9 has 1, row 10 has 1, row 11 has 1"
            " and 2 more (the header is row 1; a field that contains the delimiter , needs quotes)"
        ),
    ),
    "open quote": (b'id,b\n1,2\n3,"4\n5,6\n', 'opens a quote in row 3 that is never closed (")'),
    "text after quote": (
        b'id,b\n1,2\n3,"4"x\n',
        'has text after a closing quote in row 3; inside quotes write " twice, or give another quote character',
    ),
    "latin-1": (
        b"id,b\n1,2\n3,\xe9\n",
        "is not utf-8 (byte 12, line 3); save it as UTF-8, or, if that is what it is, write source: {path: x.csv, encoding: latin-1}",
    ),
    "latin-1 in the header": (
        b"id,b\xe9\n1,2\n",
        "is not utf-8 (byte 5, line 1); save it as UTF-8, or, if that is what it is, write source: {path: x.csv, encoding: latin-1}",
    ),
    "mixed line ends": (
        b"id,b\r\n1,2\n3,4\r\n",
        "ends some lines in CRLF and others in LF; save it with one kind of line end",
    ),
    "NUL": (
        b"id,b\n1,\x002\n",
        (
            "contains a NUL byte (byte 8): it is no text file, or was damaged, or is UTF-16"
            " (then write source: {path: x.csv, encoding: utf-16})"
        ),
    ),
    "semicolons": (
        b"id;b\n1;2\n",
        'has one column named "id;b"; to split it, write source: {path: x.csv, delimiter: ";"}',
    ),
    "tabs": (
        b"id\tb\n1\t2\n",
        'has one column named "id\tb"; to split it, write source: {path: x.csv, delimiter: "\\t"}',
    ),
    "repeated name": (
        b"id,b,id\n1,2,3\n",
        'calls columns 1 and 3 "id"; give each column a name of its own, or write source: {path: x.csv, header: 1} to number them',
    ),
    "names by case": (
        b"id,b,ID\n1,2,3\n",
        "has columns 1 and 3 whose names differ in case alone (id, ID); give each column a name of its own, or write source: {path: x.csv, header: 1} to number them",
    ),
    "nameless column": (
        b"id,,b\n1,2,3\n",
        "has no name for column 2 in its header; give each column a name, or take it out, or write source: {path: x.csv, header: 1} to number it (header: 2 if the names go on in row 2)",
    ),
    "nameless columns": (
        b"id,,b, \n1,2,3,4\n",
        "has no name for columns 2, 4 in its header; give each column a name, or take it out, or write source: {path: x.csv, header: 1} to number them (header: 2 if the names go on in row 2)",
    ),
    "empty field too many": (
        b"id,b\n1,2\n3,4,\n5,6\n",
        (
            "has 1 row with another number of fields than the header, which has 2 fields: row 3 has 3"
            " (the header is row 1; a field that contains the delimiter , needs quotes)"
        ),
    ),
    "quoted empty fields too many": (
        b'id,b\n1,2\n3,"4\n4",""\n5,6,,\n',
        (
            "has 2 rows with another number of fields than the header, which has 2 fields: row 3 has 3, row 4 has 4"
            " (the header is row 1; a field that contains the delimiter , needs quotes)"
        ),
    ),
}


def test_a_title_before_the_header(tmp_path, engine):
    (tmp_path / "x.csv").write_bytes(b"Of 2024\nid,b\n1,2\n")
    assert messages(tmp_path, engine, "x.csv", compute=("Of 2024",)) == [
        (
            "entities.a.source: x.csv has 2 rows with another number of fields than the header, which has 1 field: row 2 has 2,"
            " row 3 has 2 (the header is row 1; if that is a title, delete the rows above the names of the columns, or write source: {path: x.csv, skip: 1})"
        )
    ]


@pytest.mark.parametrize("fault", CSV_FAULTS)
def test_csv(tmp_path, engine, fault):
    content, message = CSV_FAULTS[fault]
    (tmp_path / "x.csv").write_bytes(content)
    assert messages(tmp_path, engine, "x.csv") == [f"entities.a.source: x.csv {message}"]


def test_two_faults_of_a_header_together(tmp_path, engine):
    (tmp_path / "x.csv").write_bytes(b"id,,b,id\n")
    assert messages(tmp_path, engine, "x.csv") == [
        "entities.a.source: x.csv has no name for column 2 in its header; give each column a name, or take it out, or write source: {path: x.csv, header: 1} to number it (header: 2 if the names go on in row 2)",
        'entities.a.source: x.csv calls columns 1 and 4 "id"; give each column a name of its own, or write source: {path: x.csv, header: 1} to number them',
    ]


def test_faults_of_several_files_together(tmp_path, engine):
    (tmp_path / "x.csv").write_bytes(b"id,b\n1\n")
    (tmp_path / "y.csv").write_bytes(b'id,b\n"1,2\n')
    assert messages(tmp_path, engine, "*.csv") == [
        (
            "entities.a.source: x.csv has 1 row with another number of fields than the header, which has 2 fields:"
            " row 2 has 1 (the header is row 1; a field that contains the delimiter , needs quotes)"
        ),
        'entities.a.source: y.csv opens a quote in row 2 that is never closed (")',
    ]


def test_windows_text_declared_as_latin_1(tmp_path, engine):
    (tmp_path / "x.csv").write_bytes(b"id,b\n1,\x93q\x94\n")
    assert messages(tmp_path, engine, {"path": "x.csv", "encoding": "latin-1"}) == [
        "entities.a.source: x.csv is not latin-1 (byte 8, line 2); save it as UTF-8, or, if that is what it is, write source: {path: x.csv, encoding: windows-1252}"
    ]


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_not_compressed(tmp_path, engine, ending):
    (tmp_path / f"x.csv.{ending}").write_bytes(b"id,b\n1,2\n")
    assert messages(tmp_path, engine, f"x.csv.{ending}") == [
        f"entities.a.source: x.csv.{ending} cannot be read: it is not a complete .{ending} file"
    ]


def test_cut_off_gzip(tmp_path, engine):
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"id,b\n1,2\n", mtime=0)[:-9])
    assert messages(tmp_path, engine, "x.csv.gz") == [
        "entities.a.source: x.csv.gz cannot be read: it is not a complete .gz file"
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_damaged_gzip(tmp_path, engine, ending):
    whole = gzip.compress(b"id,b\n1,2\n", mtime=0)
    (tmp_path / f"x.{ending}.gz").write_bytes(whole[:10] + b"\xff" + whole[11:])
    assert messages(tmp_path, engine, f"x.{ending}.gz") == [
        f"entities.a.source: x.{ending}.gz cannot be read: it is not a complete .gz file"
    ]


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


def test_missing_files_all_at_once(tmp_path, engine):
    (tmp_path / "datasets.csv").write_text("id,b\n1,2\n")
    (tmp_path / "folder").mkdir()
    paths = ["dataset.csv", "nowhere/x.csv", "zzz", "folder", "*.parquet"]
    assert messages(tmp_path, engine, {"path": paths}) == [
        'entities.a.source: dataset.csv does not exist (did you mean "datasets.csv"?)',
        "entities.a.source: nowhere/x.csv does not exist, nor does its folder",
        "entities.a.source: zzz does not exist",
        "entities.a.source: folder is a folder; name a file in it, or a pattern such as folder/*.csv",
        'entities.a.source: no file matches "*.parquet"',
    ]


def test_unreadable_file(tmp_path, engine, monkeypatch):
    (tmp_path / "x.csv").write_text("id,b\n1,2\n")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert messages(tmp_path, engine, "x.csv") == ["entities.a.source: x.csv may not be read (permission denied)"]


def test_no_path(tmp_path, engine):
    assert messages(tmp_path, engine, {"format": "csv"}) == ["entities.a.source: gives no path"]


def test_unknown_ending(tmp_path, engine):
    (tmp_path / "x.txt.gz").write_text("id,b\n1,2\n")
    assert messages(tmp_path, engine, "x.txt.gz") == [
        (
            'entities.a.source: cannot determine the format of x.txt.gz from its ending ".txt"; '
            "give format: csv, tsv, json, jsonl, parquet or xlsx"
        )
    ]


def test_two_formats(tmp_path, engine):
    (tmp_path / "x.csv").write_text("id,b\n1,2\n")
    (tmp_path / "x.tsv").write_text("id\tb\n1\t2\n")
    assert messages(tmp_path, engine, "x.*") == [
        "entities.a.source: files of one source must have one format, not csv, tsv"
    ]


def test_files_with_other_columns(tmp_path, engine):
    (tmp_path / "a.csv").write_text("id,b\n1,2\n")
    (tmp_path / "b.csv").write_text("id,c,d\n1,2,3\n")
    (tmp_path / "c.csv").write_text("id\n1\n")
    assert messages(tmp_path, engine, "*.csv") == [
        "entities.a.source: b.csv has other columns than a.csv: it lacks b and adds c, d",
        "entities.a.source: c.csv has other columns than a.csv: it lacks b",
    ]


JSON_FAULTS = {
    ("json", b""): "has no rows",
    ("json", b"[]"): "has no rows",
    ("jsonl", b"\n"): "has no rows",
    ("json", b'{"id": 1}'): "is not a JSON array of objects: it holds an object",
    ("json", b"[1, 2]"): "is not a JSON array of objects: row 1 is a number",
    ("json", b'[{"id": 1, "b": 2'): "is not JSON in line 1, column 18: expecting ',' delimiter",
    ("json", b'[{"id": 1, "b": 2},\n \n'): "is not JSON in line 3, column 1: expecting value",
    ("json", b'[{"id": 1, "b": 3, "id": 2}]'): 'is not a JSON array of objects: an object has the key "id" twice',
    ("jsonl", b'{"id": 1, "b": 2}\n["x"]\n'): "is not one JSON object a line: row 2 is a list",
    ("jsonl", b'{"id": 1, "b": 2}\n{"id": \n'): "is not JSON in line 2, column 7: expecting value",
    ("jsonl", b'{"id": 1, "b": "\xe9"}\n'): "is not utf-8 (byte 17, line 1); save it as UTF-8",
}


@pytest.mark.parametrize("fault", JSON_FAULTS, ids=str)
def test_json(tmp_path, engine, fault):
    ending, content = fault
    (tmp_path / f"x.{ending}").write_bytes(content)
    assert messages(tmp_path, engine, f"x.{ending}") == [f"entities.a.source: x.{ending} {JSON_FAULTS[fault]}"]


def test_no_parquet(tmp_path, engine):
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
    assert messages(tmp_path, engine, "x.parquet") == ["entities.a.source: x.parquet is not a readable Parquet file"]


def test_parquet_without_rows(tmp_path, engine):
    duckdb.connect().execute(f"copy (select 1 as id where false) to '{tmp_path}/x.parquet'")
    assert messages(tmp_path, engine, "x.parquet") == ["entities.a.source: x.parquet has a header and no rows"]


def test_no_workbook(tmp_path, engine):
    (tmp_path / "x.xlsx").write_bytes(b"no")
    assert messages(tmp_path, engine, "x.xlsx") == ["entities.a.source: x.xlsx cannot be read as an .xlsx workbook"]


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


def test_a_database_named_as_a_file(tmp_path, engine):
    (tmp_path / "x.sqlite").write_bytes(b"SQLite format 3\0")
    assert messages(tmp_path, engine, "x.sqlite") == [
        'entities.a.source: x.sqlite is a database; write source: {database: "x.sqlite", table: NAME}'
    ]


def test_missing_columns(tmp_path, engine):
    (tmp_path / "x.csv").write_text("id,task,n\n1,2,3\n")
    table = open_table(SourceSettings.model_validate("x.csv"), tmp_path, engine, where_declared="entities.a.source")
    wanted = {"id": "entities.a.id", "tasks": "entities.a.labels", "owner": "entities.a.owner"}
    assert require_columns(table, wanted) == [
        'entities.a.labels: x.csv has no column "tasks"; it has id, task, n (did you mean "task"?)',
        'entities.a.owner: x.csv has no column "owner"; it has id, task, n',
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
