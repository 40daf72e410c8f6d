"""Small files that ask for much memory or time: a build of each ends in a message, with 2 GB of addresses."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.sources.test_hostile_files import _PARTS

CONFIG = """\
version: 1
report: {{title: T}}
relations:
  r:
    records:
      source: {source}
      rows: {{column: a, label: Place}}
      columns: {{column: b, label: Job}}
      label: person
{strata}outputs: [data]
engine: {engine}
"""
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'


def sheet(rows: str, before: str = "") -> str:
    return f"<worksheet {MAIN}>{before}<sheetData>{HEADER}{rows}</sheetData></worksheet>"


PREFIXED = (
    f'<x:worksheet {MAIN.replace("xmlns", "xmlns:x")}><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
    '<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
)
FAR = "delete the cells that are far from the table, or save it as CSV"
SPELLINGS = {
    "plain": sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "single_quotes": sheet("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"),
    "spaces": sheet('<row r = "1048576"><c  s="0"\n r = "XFD1048576" ><v>1</v></c></row>'),
    "prefix": PREFIXED,
    "small_letters": sheet('<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>'),
    "row_alone": sheet('<row r="1048575"><c><v>1</v></c></row><row><c r="XFD1048576"><v>1</v></c></row>'),
    "columns_counted": sheet('<row r="1048576"><c r="XFC1048576"><v>1</v></c><c><v>1</v></c></row>'),
    "beyond_the_end": sheet('<row r="4294967295"><c><v>1</v></c></row>'),
    "long_attribute": sheet(f'<row r="1048576"><c {"q" * 300}="1" r="XFD1048576"><v>1</v></c></row>'),
}


def workbook(path: Path, cells: str, strings: str = "", name: str = "xl/worksheets/sheet1.xml") -> None:
    parts = {**_PARTS, name: cells}
    if strings:
        parts["xl/sharedStrings.xml"] = strings
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        relations = parts["xl/_rels/workbook.xml.rels"]
        more = f'<Relationship Id="r2" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
        parts["xl/_rels/workbook.xml.rels"] = relations.replace("</Relationships>", more)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def twice(path: Path) -> None:
    """A harmless sheet under the name that is asked for, and another under the same name in capitals."""
    workbook(path, sheet(""))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/Worksheets/SHEET1.xml", SPELLINGS["plain"])


def shared_text(path: Path) -> None:
    """One text of 2 MB, which 100,000 cells name."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}"><v>1</v></c></row>' for n in range(2, 50_002)
    )
    workbook(path, sheet(rows), f"<sst {MAIN}><si><t>{'x' * 2_000_000}</t></si></sst>")


def many_cells(path: Path) -> None:
    """Three million cells with one digit each, a hundred columns wide."""
    row = "<row>" + "<c><v>1</v></c>" * 100 + "</row>"
    workbook(path, sheet(row * 30_000))


def entities(path: Path) -> None:
    """Texts that grow as they are read."""
    inner = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE x [<!ENTITY e0 "xxxxxxxxxx">{inner}]>'
    workbook(path, head + sheet("<row><c t='inlineStr'><is><t>&e9;</t></is></c></row>"))


def spreadsheet_of_another_format(path: Path) -> None:
    """An OpenDocument file that repeats one cell over the whole sheet."""
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)


def equal_rows(path: Path) -> None:
    """Seventy million equal rows in 220 kB."""
    duckdb.sql("select 'x' as a, 'y' as b from range(70_000_000)").write_parquet(str(path), compression="zstd")


def few(*more: str) -> str:
    """A small table with further rows."""
    return "a,b,c\n" + "".join(f"p{n % 3},j{n % 4},{n % 2}\n" for n in range(60)) + "".join(f"{row}\n" for row in more)


def long_label(path: Path) -> None:
    path.write_text(few("p1," + "x" * 1_000_000 + ",0"))


def long_level(path: Path) -> None:
    path.write_text(few("p1,j1," + "z" * 100_000))


def long_text(row: int, n: int, character: str, column: str = "b") -> str:
    return (
        f'row {row}, column {column}, has a text of {n:,} characters, more than 1,000: "{character * 40}…"; name another '
        "column or a separator, or, if that is meant, raise engine.limits"
    )


OTHERS = {
    "equal.parquet": (
        equal_rows,
        "unpacks to at least 560 MB (70,000,000 rows), more than 256 MB; if that is meant, raise engine.limits",
    ),
    "long.csv": (long_label, long_text(62, 1_000_000, "x")),
    "level.csv": (long_level, "stratum has a text of 100,000 characters, more than 1,000"),
    "twice.xlsx": (twice, "cannot be read as an .xlsx workbook"),
    "shared.xlsx": (
        shared_text,
        'has cells with 100,000,000,000 characters in sheet "S", which take more than 256 MB; if that is meant, raise engine.limits',
    ),
    "cells.xlsx": (
        many_cells,
        'has more than 468,750 cells in sheet "S", which take more than 60 MB; if that is meant, raise engine.limits',
    ),
    "entities.xlsx": (entities, "cannot be read as an .xlsx workbook"),
    "x.ods": (spreadsheet_of_another_format, "cannot be read as an .xlsx workbook"),
}
FORMATS = {"x.ods": "{path: x.ods, format: xlsx}"}
ENGINES = {"cells.xlsx": "{threads: 1, limits: 0.234375}"}
EXPECTED = dict.fromkeys(SPELLINGS, FAR) | {name: message for name, (_, message) in OTHERS.items()}


STRATA = {"level.csv": "    strata: [c]\n"}


def config_of(name: str) -> str:
    return CONFIG.format(
        source=FORMATS.get(name, name),
        strata=STRATA.get(name, ""),
        engine=ENGINES.get(name, "{threads: 1}"),
    )


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """How the build of each file ended: status and messages."""
    root = tmp_path_factory.mktemp("bombs")
    for name, content in SPELLINGS.items():
        (root / name).mkdir()
        workbook(root / name / "x.xlsx", content)
        (root / name / "config.yaml").write_text(config_of("x.xlsx"))
    for name, (write, _) in OTHERS.items():
        (root / name).mkdir()
        write(root / name / name)
        (root / name / "config.yaml").write_text(config_of(name))
    command = [sys.executable, Path(__file__).with_name("within_memory.py"), root]
    environment = {**os.environ, "CI": ""}  # messages in CI quote no private text
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_build_ends_in_a_message(ended, name):
    status, said = ended[name]
    assert status == 1, said
    assert said.startswith("error: r")
    assert EXPECTED[name] in said
