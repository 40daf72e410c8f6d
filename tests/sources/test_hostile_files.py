"""Files made to break the program: each ends in a message that names it, soon, and with little memory."""

import gzip
import os
import tracemalloc
import zipfile

import duckdb
import pytest

from diptych.errors import DataError
from diptych.sources.files import open_table
from diptych.sources.opening import open_engine
from diptych.sources.settings import EngineSettings, SourceSettings

_ROWS = "".join(f"d{n},a\n" for n in range(3))


@pytest.fixture
def said(tmp_path):
    """Return a function that opens a source, computes its columns, and gives what is wrong with it."""

    def messages(source, **settings) -> list[str]:
        engine = open_engine(EngineSettings(threads=1, memory="500MB", **settings))
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
    message = f"s: x.csv.gz unpacks to more than 5.0 MB, from {size:.0f} kB; if that is meant, raise engine.unpacked"
    assert said("x.csv.gz", unpacked="5MB") == [message]
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_the_same_of_zstandard_and_json(tmp_path, said):
    with duckdb.connect() as connection:
        for name in ("x.csv.zst", "x.jsonl.zst"):
            rows = "select 'id,l' union all select 'x,a' from range(1_000_000)"
            connection.execute(
                f"copy ({rows}) to '{tmp_path}/{name}' (format csv, header false, delim '|', quote '', compression zstd)"
            )
            assert said(name, unpacked="1MB")[0].startswith(f"s: {name} unpacks to more than 1.0 MB, from ")


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_line_that_never_ends(tmp_path, said, ending):
    content = b"id,l\nd1,a\nd2," + b"x" * 5_000_000
    (tmp_path / f"x.csv{ending}").write_bytes(gzip.compress(content) if ending else content)
    assert said(f"x.csv{ending}", row="1MB") == [
        (
            f"s: x.csv{ending} has more than 1.0 MB in row 3: a line end or a closing quote may be missing; if that is meant, "
            "raise engine.row"
        )
    ]


def test_json_that_nests_too_deep(tmp_path, said):
    (tmp_path / "x.json").write_text('[{"id": ' + "[" * 50_000 + "]" * 50_000 + "}]")
    assert said("x.json") == [
        ("s: x.json nests lists or objects deeper than is read; labels are texts, or lists of texts")
    ]


def test_parquet_that_opens_and_fails_later(tmp_path, said):
    path = tmp_path / "x.parquet"
    duckdb.sql("select 'd' || i as id, hash(i) as h from range(50_000) t(i)").write_parquet(str(path))
    content = bytearray(path.read_bytes())
    content[200:3000] = bytes(byte ^ 0x5A for byte in content[200:3000])
    path.write_bytes(bytes(content))
    assert said("x.parquet") == [
        ("s: x.parquet is damaged: its columns cannot be read to their ends; write it anew, or fetch it again")
    ]


def test_more_columns_than_are_read(tmp_path, said):
    (tmp_path / "x.csv").write_text(",".join(f"c{n}" for n in range(10_001)) + "\n" + "1," * 10_000 + "1\n")
    assert said("x.csv") == [
        (
            "s: x.csv has 10,001 columns, of which at most 10,000 are read; take out those that are not needed, or turn it "
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
            's: x.xlsx has 3 cells in sheet "S" that span 1,048,576 rows and 16,384 columns; delete what stands far from the '
            "table, or save it as CSV"
        )
    ]


def test_a_workbook_that_unpacks_to_too_much(tmp_path, said):
    workbook(tmp_path / "x.xlsx", [("A1", "id"), ("A2", "x" * 3_000_000)])
    assert said("x.xlsx", unpacked="1MB") == [
        ("s: x.xlsx unpacks to 3.0 MB, more than 1.0 MB; if that is meant, raise engine.unpacked")
    ]
