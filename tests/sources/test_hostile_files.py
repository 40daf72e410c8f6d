"""Files made to break the program: each ends in a message that names it, soon, and with little memory."""

import gzip
import json
import os
import re
import sys
import time
import tracemalloc
import zipfile

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from diptych.errors import DataError
from diptych.sources import SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import open_engine
from tests.limited import limited

pytestmark = pytest.mark.slow

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.fixture
def said(tmp_path):
    """Return a function that opens a source, computes its columns, and gives what is wrong with it."""

    def messages(source, **limits) -> list[str]:
        engine = open_engine(limited(memory="500MB", **limits))
        try:
            with pytest.raises(DataError) as caught:  # noqa: PT012 - opening or computing may be what fails
                table = open_table(SourceSettings.model_validate(source), tmp_path, engine, where_declared="s")
                engine.collect(table.frame.select(*table.columns))
        finally:
            engine.close()
        return list(caught.value.messages)

    return messages


def test_a_pipe_is_not_waited_for(tmp_path, said):
    os.mkfifo(tmp_path / "x.csv")
    assert said("x.csv") == ["s: x.csv is no file but a pipe; only files are read: write what it gives into one"]


def test_a_device_is_not_read(said):
    message = "s: /dev/zero is no file but a device; only files are read: write what it gives into one"
    assert said({"path": "/dev/zero", "format": "csv"}) == [message]


def test_a_path_longer_than_the_system_allows(said):
    name = "x" * 290 + ".csv"
    assert said(name) == [f"s: {'x' * 159}…{'x' * 76}.csv cannot be read: File name too long"]


def test_an_archive_that_unpacks_to_too_much(tmp_path, said):
    with gzip.open(tmp_path / "x.csv.gz", "wb", 1) as file:
        file.write(b"id,l\n")
        for _ in range(12):
            file.write(b"x,a\n" * 2**18)
    size = (tmp_path / "x.csv.gz").stat().st_size / 1000
    tracemalloc.start()
    message = f"s: x.csv.gz unpacks to more than 5.0 MB, from {size:.0f} kB; if that is meant, raise engine.limits"
    assert said("x.csv.gz", unpacked=0, least_unpacked=5e6) == [message]
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("row", [b"x,a\n", b'{"id": "x", "l": "a"}\n'], ids=["csv", "jsonl"])
def test_two_hundred_million_rows_that_are_one_again_and_again(tmp_path, said, row):
    name = "x.csv.zst" if row[:1] == b"x" else "x.jsonl.zst"
    frames = [zstd.compress(b"id,l\n")] * (name == "x.csv.zst") + [zstd.compress(row * 1_000_000)] * 200
    (tmp_path / name).write_bytes(b"".join(frames))
    began = time.process_time()
    (message,) = said(name)
    assert time.process_time() - began < 5
    assert re.fullmatch(f"s: {name} unpacks to more than 256 MB, from .* kB; if that is .*engine.limits", message)


def test_more_rows_than_are_read(tmp_path, said):
    (tmp_path / "x.csv").write_text("id,l\n" + "d,a\n" * 60)
    expected = "s: x.csv has 61 lines, more than 50 rows are read; if that is meant, raise engine.limits"
    assert said("x.csv", rows=50) == [expected]
    (tmp_path / "x.jsonl").write_text('{"id": "d", "l": "a"}\n' * 60)
    assert said("x.jsonl", rows=50) == ["s: x.jsonl has 60 rows, more than 50; if that is meant, raise engine.limits"]
    duckdb.sql("select range as id from range(60)").write_parquet(str(tmp_path / "x.parquet"))
    expected = "s: x.parquet has 60 rows, more than 50; if that is meant, raise engine.limits"
    assert said("x.parquet", rows=50) == [expected]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_a_line_that_never_ends(tmp_path, said, pack):
    name = {bytes: "x.csv", gzip.compress: "x.csv.gz", zstd.compress: "x.csv.zst"}[pack]
    (tmp_path / name).write_bytes(pack(b"id,l\nd1,a\nd2," + b"x" * 5_000_000))
    assert said(name, row=10**6) == [
        (
            f"s: {name} has more than 1.0 MB in row 3: a line end or a closing quote may be missing; if that is meant, "
            "raise engine.limits"
        )
    ]


def test_an_object_that_never_ends(tmp_path, said):
    (tmp_path / "x.jsonl.zst").write_bytes(zstd.compress(b'{"id": "d1"}\n{"id": "' + b"x" * 50_000_000))
    assert said("x.jsonl.zst") == [
        (
            "s: x.jsonl.zst has more than 17 MB in row 2: a line end or a closing quote may be missing; if that is meant, "
            "raise engine.limits"
        )
    ]


def test_an_archive_that_asks_for_much_memory(tmp_path, said):
    with zstd.open(tmp_path / "x.csv.zst", "wb", options={zstd.CompressionParameter.window_log: 30}) as file:
        file.write(b"id,l\n" + b"x,a\n" * 100)
    message = "cannot be read: unpacking it takes more than 128 MiB of memory; pack it again, without --long"
    assert said("x.csv.zst") == [f"s: x.csv.zst {message}"]


@pytest.mark.parametrize("depth", [128, 50_000, 300_000])
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_json_that_nests_too_deep(tmp_path, said, name, depth):
    record = '{"id": ' + "[" * depth + "]" * depth + "}"
    (tmp_path / name).write_text(f"[{record}]" if name == "x.json" else f'{{"id": "d1"}}\n{record}\n')
    message = f"s: {name} nests lists or objects deeper than is read; labels are texts, or lists of texts"
    assert said(name) == [message]


def test_parquet_that_opens_and_fails_later(tmp_path, said):
    path = tmp_path / "x.parquet"
    duckdb.sql("select 'd' || i as id, hash(i) as h from range(50_000) t(i)").write_parquet(str(path))
    content = bytearray(path.read_bytes())
    content[200:3000] = bytes(byte ^ 0x5A for byte in content[200:3000])
    path.write_bytes(bytes(content))
    assert said("x.parquet") == [
        ("s: x.parquet is damaged: its columns cannot be read to their ends; write it again, or fetch it again")
    ]


MANY = {f"c{n}": 1 for n in range(10_001)}


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("x.csv", lambda path: path.write_text(",".join(MANY) + "\n" + "1," * 10_000 + "1\n")),
        ("x.json", lambda path: path.write_text(json.dumps([{"c0": 1}, MANY]))),
        ("x.jsonl", lambda path: path.write_text(f'{{"c0": 1}}\n{json.dumps(MANY)}\n')),
        ("each.jsonl", lambda path: path.write_text("".join(f'{{"{name}": 1}}\n' for name in MANY))),
        ("x.parquet", lambda path: parquet.write_table(pa.table({name: [1] for name in MANY}), path)),
    ],
)
def test_more_columns_than_are_read(tmp_path, said, name, write):
    write(tmp_path / name)
    assert said(name) == [
        (
            f"s: {name} has 10,001 columns, of which at most 10,000 are read; take out those that are not needed, or turn it "
            "on its side"
        )
    ]


_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def workbook(path, cells):
    rows = "".join(
        f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for place, text in cells
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, content)


def test_a_sheet_that_spans_a_huge_range(tmp_path, said):
    workbook(tmp_path / "x.xlsx", [("A1", "id"), ("A2", "d1"), ("XFD1048576", "1")])
    assert said("x.xlsx") == [
        (
            's: x.xlsx has 3 cells in sheet "S" that span 1,048,576 rows and 16,384 columns; delete the cells that are far '
            "from the table, or save it as CSV"
        )
    ]


def test_a_workbook_that_unpacks_to_too_much(tmp_path, said):
    workbook(tmp_path / "x.xlsx", [("A1", "id"), ("A2", "x" * 3_000_000)])
    assert said("x.xlsx", unpacked=0, least_unpacked=1e6) == [
        ("s: x.xlsx unpacks to 3.0 MB, more than 1.0 MB; if that is meant, raise engine.limits")
    ]


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_in_another_way(tmp_path, said, packing):
    workbook(tmp_path / "x.xlsx", [("A1", "id"), ("A2", "d1")])
    repack(tmp_path / "x.xlsx", packing)
    assert said("x.xlsx") == ["s: x.xlsx cannot be read as an .xlsx workbook"]


def test_a_workbook_with_a_damaged_part(tmp_path, said):
    workbook(tmp_path / "x.xlsx", [("A1", "id"), ("A2", "d1")])
    repack(tmp_path / "x.xlsx", zipfile.ZIP_DEFLATED)
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(path.read_bytes())
    start = entry.header_offset + 30 + len(entry.filename)
    content[start] = 0xFF  # a block of a kind that does not exist
    path.write_bytes(content)
    assert said("x.xlsx") == ["s: x.xlsx cannot be read as an .xlsx workbook"]


def repack(path, packing):
    """Write a workbook again with its parts packed in another way."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("lines", [True, False])
def test_json_without_names_of_columns(tmp_path, said, lines):
    name = "x.jsonl" if lines else "x.json"
    (tmp_path / name).write_text("{}\n" if lines else "[{}]")
    assert said(name) == [f"s: {name} has no columns: its objects are empty"]
    (tmp_path / name).write_text('{"": 1, "id": "a"}\n' if lines else '[{"": 1, "id": "a"}]')
    assert said(name) == [f"s: {name} has a key without a name in row 1; give it one, or take it out"]


def test_json_whose_objects_have_each_their_own_keys(tmp_path, said):
    (tmp_path / "x.json").write_text(json.dumps([{"id": str(n), f"k{n}": 1} for n in range(3_000)]))
    message = "x.json has objects with 3,001 different keys, at most 2 in each; rows have the same keys"
    assert said("x.json") == [f"s: {message}"]
