"""Files of every format give the same table; only the columns asked for are read; the engine keeps its word."""

from __future__ import annotations

import datetime as dt
import gzip
import zipfile

import narwhals as nw
import pandas as pd
import pytest

from diptych.errors import DataError
from diptych.sources import EngineSettings, SourceSettings
from diptych.sources.files import open_table
from diptych.sources.located import open_engine

ROWS = [("a", "x|y", "1"), ("b", None, None), ("c", 'q,"r"\n2', "3")]


def read(tmp_path, engine, source):
    return open_table(SourceSettings.model_validate(source), tmp_path, engine, where_declared="entities.a.source")


def rows(engine, frame, by="id"):
    """All rows sorted, absent values as None."""
    result = engine.collect(frame.sort(by))
    return [
        tuple(None if pd.isna(value) else value for value in row) for row in result.astype(object).to_numpy().tolist()
    ]


CSV = 'id,tasks,n\na,x|y,1\nb,,NA\nc,"q,""r""\n2",3\n'


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("x.csv", CSV.encode(), {}),
        ("x.csv", b"\xef\xbb\xbf" + CSV.encode(), {}),
        ("x.csv", CSV.replace("\n", "\r\n").replace('"\r\n2', '"\n2').encode(), {}),
        ("x.csv", CSV.rstrip("\n").encode(), {}),
        ("x.dat", CSV.replace(",", ";").replace("q;", "q,").encode(), {"format": "csv", "delimiter": ";"}),
        ("x.csv", CSV.encode("utf-16"), {"encoding": "utf-16"}),
        ("x.csv", CSV.encode("latin-1"), {"encoding": "latin-1"}),
        ("x.csv.gz", gzip.compress(CSV.encode(), mtime=0), {}),
        ("x.tsv", b'id\ttasks\tn\na\tx|y\t1\nb\t\tNA\nc\t"q,""r""\n2"\t3\n', {}),
        ("x.csv", b"id,tasks,n\na,x|y,1\nb,,NA\nc,'q,\"r\"\n2',3\n", {"quote": "'"}),
    ],
)
def test_delimited(tmp_path, engine, name, content, options):
    (tmp_path / name).write_bytes(content)
    table = read(tmp_path, engine, {"path": name, "null": ["", "NA"], **options})
    assert (table.name, table.columns) == (name, ("id", "tasks", "n"))
    assert rows(engine, table.frame) == ROWS


def test_characters_that_some_take_for_line_ends_or_patterns(tmp_path, engine):
    (tmp_path / "x[1]*.csv").write_text("id,b\n1,p\u2028q\x0cr\x85s\n", encoding="utf-8")
    (tmp_path / "x1.csv").write_text("no,thing\n0,0\n", encoding="utf-8")
    table = read(tmp_path, engine, "x[[]1][*].csv")
    assert rows(engine, table.frame) == [("1", "p\u2028q\x0cr\x85s")]


def test_patterns_are_sorted_and_columns_found_by_name(tmp_path, engine):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "b.csv").write_text("id,b\n1,x\n")
    (tmp_path / "deep" / "er" / "a.csv").write_text("b,id\ny,2\n")
    (tmp_path / "deep" / "c.csv").write_text("id,b\n")
    table = read(tmp_path, engine, "deep/**/*.csv")
    assert (table.name, table.columns) == ("deep/**/*.csv", ("id", "b"))
    assert rows(engine, table.frame) == [("1", "x"), ("2", "y")]


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.jsonl.gz"])
def test_json_keeps_texts_as_they_are_and_lists_as_lists(tmp_path, engine, name):
    objects = [
        '{"id": "a", "tags": ["x", "y"], "day": "2020-01-01T00:00:00Z", "n": 1, "mixed": 1, "some": "solo"}',
        '{"id": "b", "tags": [], "mixed": "q\\"z", "some": ["p", 2], "deep": {"k": 1}}',
        '{"id": "c", "tags": null, "n": 2}',
    ]
    text = "\n".join(objects) if "jsonl" in name else "[" + ",\n".join(objects) + "]"
    (tmp_path / name).write_bytes(gzip.compress(text.encode(), mtime=0) if name.endswith("gz") else text.encode())
    table = read(tmp_path, engine, name)
    assert table.columns == ("id", "tags", "day", "n", "mixed", "some", "deep")
    assert table.frame.collect_schema() == {
        "id": nw.String(),
        "tags": nw.List(nw.String()),
        "day": nw.String(),
        "n": nw.Int64(),
        "mixed": nw.String(),
        "some": nw.List(nw.String()),
        "deep": nw.String(),
    }
    assert rows(engine, table.frame.select("id", "day", "n", "mixed", "deep")) == [
        ("a", "2020-01-01T00:00:00Z", 1, "1", None),
        ("b", None, None, 'q"z', '{"k":1}'),
        ("c", None, 2, None, None),
    ]
    assert rows(engine, table.frame.select("id", "tags").explode("tags"), by=("id", "tags")) == [
        ("a", "x"), ("a", "y"), ("b", None), ("c", None),
    ]  # fmt: skip
    assert rows(engine, table.frame.select("id", "some").explode("some"), by=("id", "some")) == [
        ("a", "solo"), ("b", "2"), ("b", "p"), ("c", None),
    ]  # fmt: skip


@pytest.mark.parametrize("engine_name", ["duckdb"])
def test_only_the_columns_asked_for_are_read(tmp_path, engine):
    """By DuckDB; the others have text files converted whole."""
    # a byte that fails where it is read, beyond what is looked at for the header
    (tmp_path / "x.csv").write_bytes(b"id,b,c\n" + b"0,0,0\n" * 50_000 + b"1,2,\xff\n")
    frame = read(tmp_path, engine, "x.csv").frame
    assert rows(engine, frame.select("b", "id").filter(nw.col("id") == "1")) == [("2", "1")]
    assert "Projections: b" in frame.select("b").to_native().explain()
    with pytest.raises(DataError):
        engine.collect(frame.select("c"))


def sheet(path, cells, second=None):
    """Write the smallest .xlsx that Excel would open; cells are inline texts, numbers or (style, number).

    `second` are the cells of another sheet, "More".
    """

    def cell(value):
        if isinstance(value, tuple):
            return f'<c s="{value[0]}"><v>{value[1]}</v></c>'
        if isinstance(value, bool):
            return f'<c t="b"><v>{int(value)}</v></c>'
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>" if value is not None else "<c/>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sheets = {"Data": cells} | ({} if second is None else {"More": second})
    bodies = ["".join("<row>" + "".join(map(cell, row)) + "</row>" for row in one) for one in sheets.values()]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="s{n}"/>' for n, name in enumerate(sheets, start=1))
    targets = "".join(
        f'<Relationship Id="s{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{targets}<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    } | {
        f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        for n, body in enumerate(bodies, start=1)
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)


def test_excel(tmp_path, engine):
    day = (dt.date(2020, 2, 3) - dt.date(1899, 12, 30)).days
    cells = [[None, None], ["id", "tags", "n", "day", "yes"], ["a", "x|y", 1, (1, day), True], [None], ["b", "NA", 2.5]]
    sheet(tmp_path / "x.xlsx", cells)
    table = read(tmp_path, engine, {"path": "x.xlsx", "null": ["", "NA"], "sheet": "Data"})
    assert table.columns == ("id", "tags", "n", "day", "yes")
    assert rows(engine, table.frame) == [("a", "x|y", "1", "2020-02-03", "true"), ("b", None, "2.5", None, None)]


def test_excel_sheets(tmp_path, engine):
    sheet(tmp_path / "x.xlsx", [["id"], ["a"]])
    with pytest.raises(DataError) as caught:
        read(tmp_path, engine, {"path": "x.xlsx", "sheet": "data"})
    assert str(caught.value) == 'entities.a.source: x.xlsx has no sheet "data"; it has Data (did you mean "Data"?)'
    sheet(tmp_path / "x.xlsx", [])
    with pytest.raises(DataError) as caught:
        read(tmp_path, engine, "x.xlsx")
    assert str(caught.value) == "entities.a.source: x.xlsx is empty"


def test_close_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine = open_engine(EngineSettings())
    assert len(list(tmp_path.iterdir())) == 2  # the folder, and its lock
    engine.close()
    engine.close()
    assert list(tmp_path.iterdir()) == []
