"""Tables as people have them, through whole builds: each is read as pandas reads it, or refused with the line that would."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import diptych
from diptych.cache import Cache
from diptych.errors import DiptychError
from diptych.pipeline import build, check
from tests.sources.test_good_files import sheet

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: SOURCE
      rows: {column: COLUMN, HOW, label: Language}
      columns: {column: job}
outputs: [data]
"""
PLAIN = 'separator: "|"'

LANGUAGES = [["Python", "R"], ["R"], ["Python"], [], ["R", "Größe"], ["Python"]]
JOBS = ["clerk", "cook", "cook", "clerk", "clerk", "cook"]


def write(folder: Path, source: str, how: str = PLAIN, column: str = "languages") -> Path:
    (folder / "config.yaml").write_text(CONFIG.replace("SOURCE", source).replace("HOW", how).replace("COLUMN", column))
    return folder / "config.yaml"


def frame(form="|".join):
    return pd.DataFrame({"languages": [form(labels) for labels in LANGUAGES], "job": JOBS, "n": [1, 2, None, 4, 5, 6]})


def expected(languages=LANGUAGES):
    pairs = pd.DataFrame({"language": languages, "job": JOBS}).explode("language").dropna()
    return pairs.groupby(["language", "job"]).size().to_dict()


def built(config: Path) -> dict[tuple[str, str], int]:
    diptych.build(config, config.parent / "site")
    cells = pd.read_csv(config.parent / "site/data/left.csv", keep_default_na=False)
    return {(c.given, c.outcome): int(c.n_joint) for c in cells.itertuples() if int(c.n_joint)}


FILES = {
    "an index column without a name": ("t.csv", lambda path: frame().to_csv(path)),
    "semicolons": ('{path: t.csv, delimiter: ";"}', lambda path: frame().to_csv(path, index=False, sep=";")),
    "tabs": (r'{path: t.csv, delimiter: "\t"}', lambda path: frame().to_csv(path, index=False, sep="\t")),
    "latin-1": (
        "{path: t.csv, encoding: latin-1}",
        lambda path: frame().to_csv(path, index=False, encoding="latin-1"),
    ),
    "windows-1252": (
        "{path: t.csv, encoding: windows-1252}",
        lambda path: frame().assign(more="“quoted”").to_csv(path, index=False, encoding="cp1252"),
    ),
    "utf-16": ("{path: t.csv, encoding: utf-16}", lambda path: frame().to_csv(path, index=False, encoding="utf-16")),
    "a byte order mark": ("t.csv", lambda path: frame().to_csv(path, index=False, encoding="utf-8-sig")),
}


@pytest.mark.parametrize("name", FILES)
def test_text_files(name, tmp_path):
    source, save = FILES[name]
    save(tmp_path / "t.csv")
    assert built(write(tmp_path, source)) == expected()


@pytest.mark.parametrize("second", [None, [["notes"], ["of the table"]]])
def test_sheets(second, tmp_path):
    cells = [[None, "languages", "job"]] + [[n, *row] for n, row in enumerate(frame()[["languages", "job"]].values)]
    sheet(tmp_path / "t.xlsx", cells, second)
    assert built(write(tmp_path, "t.xlsx")) == expected()
    if second is not None:
        sheet(tmp_path / "t.xlsx", second, cells)
        assert built(write(tmp_path, "{path: t.xlsx, sheet: More}")) == expected()


def lists(form=list, none=None):
    rows = [
        {"languages": form(labels), "job": job, "n": n}
        for n, (labels, job) in enumerate(zip(LANGUAGES, JOBS, strict=False))
    ]
    rows[3] |= {"languages": none, "n": None}
    return rows


JSON = {
    "lists, with nulls": (lists(), 'separator: "|"', "languages"),
    "lists of lists": (lists(lambda labels: [[label] for label in labels]), "separator: list", "languages"),
    "lists with nulls in them": (lists(lambda labels: [*labels, None]), 'separator: "|"', "languages"),
}


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("name", JSON)
def test_json(name, lines, tmp_path):
    rows, how, column = JSON[name]
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    (tmp_path / "t.json").write_text(text)
    form = "{path: t.json, format: jsonl}" if lines else "t.json"
    assert built(write(tmp_path, form, how, column)) == expected()


TEXTS = {
    "lists of Python": (repr, "separator: list"),
    "lists of JSON": (json.dumps, "separator: list"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_lists_as_text(name, tmp_path):
    form, how = TEXTS[name]
    frame(form).to_csv(tmp_path / "t.csv", index=False)
    assert built(write(tmp_path, "t.csv", how)) == expected()


TOGETHER = """\
version: 1
report: {title: T}
taxonomy: {}
entities: {items: {label: Languages, source: t.csv, id: id, labels: {column: languages, separator: "|"}}}
relations: {r: {shared: {key: id, entities: [items, items]}}}
outputs: [data]
"""


def test_labels_of_one_column_with_each_other(tmp_path):
    """By the lines that the message gives where one column stands on both sides."""
    (tmp_path / "config.yaml").write_text(TOGETHER)
    frame().rename_axis("id").to_csv(tmp_path / "t.csv")
    pairs = pd.DataFrame({"language": LANGUAGES}).explode("language").dropna().rename_axis("id").reset_index()
    both = pairs.merge(pairs, on="id", suffixes=("", "_other"))
    expected = both.groupby(["language", "language_other"]).size().to_dict()
    assert built(tmp_path / "config.yaml") == expected


def test_links_of_items_with_themselves_are_counted_apart_and_said(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "version: 1\nreport: {title: T}\ntaxonomy: {}\n"
        "entities: {m: {label: Model, source: m.csv, labels: l}}\n"
        "relations:\n  r:\n    unit: link\n    links:\n      source: k.csv\n"
        "      from: {entity: m, column: a, label: Base}\n      to: {entity: m, column: b, label: Derived}\n"
        "outputs: [data, markdown]\n"
    )
    (tmp_path / "m.csv").write_text("id,l\n1,x\n2,y\n3,x\n")
    (tmp_path / "k.csv").write_text("a,b\n1,1\n1,2\n3,1\n2,2\n9,1\n")
    assert built(tmp_path / "config.yaml") == {("x", "x"): 2, ("x", "y"): 1, ("y", "y"): 1}


BAD = {
    "one column on both sides": (
        lambda folder: frame().to_csv(folder / "t.csv", index=False),
        "t.csv\n      label: answer",
        'separator: "|"}\n      columns: {column: languages, separator: "|"}\n      where: {n: "1"',
        (
            'config.yaml:9:17: relations.r.records.columns.column: "languages" is on both sides, so each category would '
            "occur only with itself; name another column. For what goes together within a row, write instead of records: shared: {key: id, "
            "entities: [items, items]}, with entities: {items: {label: Languages, source: t.csv, id: id, labels: {column: "
            'languages, separator: "|"}}}, where id is the column that names each row'
        ),
    ),
    "semicolons": (
        lambda folder: frame().to_csv(folder / "t.csv", index=False, sep=";"),
        "t.csv",
        PLAIN,
        (
            'relations.r.records.source: t.csv has one column named "languages;job;n"; to split it, write source: {path: '
            't.csv, delimiter: ";"}'
        ),
    ),
    "latin-1": (
        lambda folder: frame().to_csv(folder / "t 1.csv", index=False, encoding="latin-1"),
        "t 1.csv",
        PLAIN,
        (
            "relations.r.records.source: t 1.csv is not utf-8 (byte 75, line 6); save it as UTF-8, or, if that is what it is, "
            'write source: {path: "t 1.csv", encoding: latin-1}'
        ),
    ),
    "windows-1252": (
        lambda folder: frame().assign(more="“”").to_csv(folder / "t.csv", index=False, encoding="cp1252"),
        "{path: t.csv, encoding: latin-1}",
        PLAIN,
        (
            "relations.r.records.source: t.csv is not latin-1 (byte 41, line 2); save it as UTF-8, or, if that is what it is, "
            "write source: {path: t.csv, encoding: windows-1252}"
        ),
    ),
    "two columns without a name": (
        lambda folder: frame().rename(columns={"n": ""}).to_csv(folder / "t.csv"),
        "t.csv",
        PLAIN,
        (
            "relations.r.records.source: t.csv has no name for column 4 in its header; give each column a name, or take it "
            "out, or write source: {path: t.csv, header: 1} to number it (header: 2 if the names go on in row 2)"
        ),
    ),
    "the table on another sheet": (
        lambda folder: sheet(folder / "t.xlsx", [["notes"], ["x"]], [["languages", "job"], ["R", "cook"]]),
        "t.xlsx",
        PLAIN,
        (
            'relations.r.records.rows: t.xlsx (its first sheet; sheet: More is another) has no column "languages"; it has '
            "notes\n"
            'relations.r.records.columns: t.xlsx (its first sheet; sheet: More is another) has no column "job"; it has notes'
        ),
    ),
    "rows inside an object": (
        lambda folder: (folder / "t.json").write_text(json.dumps({"data": lists(), "n": 6})),
        "t.json",
        PLAIN,
        (
            'relations.r.records.source: t.json is not a JSON array of objects: it contains an object with a list under "data"; '
            "if these are the rows, jq '.[\"data\"]' t.json > rows.json takes them out"
        ),
    ),
    "lists as text": (
        lambda folder: frame(repr).to_csv(folder / "t.csv", index=False),
        "t.csv",
        "separator: ;",
        "rows: labels are lists written as text, such as \"['Python', 'R']\"; to read them, write separator: list",
    ),
    "objects": (
        lambda folder: (folder / "t.json").write_text(
            json.dumps(lists(lambda labels: [{"id": 1, "name": one} for one in labels]))
        ),
        "t.json",
        "separator: ;",
        (
            'rows: labels are objects written as text, such as "{"id":1,"name":"Größe"}"; make a column of '
            "their name first"
        ),
    ),
    "no lists where the config says so": (
        lambda folder: frame().to_csv(folder / "t.csv", index=False),
        "t.csv",
        "separator: list",
        'rows: 4 of 4 distinct fields contain no list: "Python", "Python|R", "R" and 1 more',
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_the_whole_message(name, tmp_path, monkeypatch):
    save, source, how, message = BAD[name]
    save(tmp_path)
    config = write(tmp_path, source, how)
    if name == "one column on both sides":
        config.write_text(config.read_text().replace(", label: Language}\n      columns: {column: job}", "}"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == message


def test_whole_numbers_that_were_written_as_decimals(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text(
        "version: 1\nreport: {title: T}\ntaxonomy: {}\n"
        "entities:\n  d: {label: D, source: d.csv, labels: l}\n  m: {label: M, source: d.csv, labels: l}\n"
        "relations: {r: {links: {source: k.csv, from: {entity: d, column: a}, to: {entity: m, column: b}}}}\n"
    )
    (tmp_path / "d.csv").write_text("id,l\n1,x\n2,y\n")
    pd.DataFrame({"a": [1, 2, None], "b": [1, 2, None]}).to_csv(tmp_path / "k.csv", index=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert str(caught.value) == (
        'relations.r: no unit counts: of 2 links none finds an item at both ends; names that no item has: "1.0" (d), '
        '"1.0" (m), "2.0" (d), "2.0" (m); 1.0 was 1 before it stood beside empty fields: save whole numbers (pandas: '
        "astype Int64)"
    )


def test_text_that_no_line_of_the_config_names_is_said_not_to_be_read(tmp_path, monkeypatch):
    config = write(tmp_path, "t.csv")
    frame().to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.chdir(tmp_path)
    cache = Cache(tmp_path / "cache")
    assert build(config, Path("site"), cache=cache).notes == ()
    (tmp_path / "text").mkdir()
    (tmp_path / "text/readme.md").write_text("Of another program.\n")
    assert build(config, Path("site"), cache=cache).notes == ()
    (tmp_path / "text/coverage.md").write_text("Languages and jobs.\n")
    for _ in range(2):
        notes = build(config, Path("site"), cache=cache).notes
        assert [note.message for note in notes] == [
            "text/coverage.md is not read: the config has no line text: {folder: text/}"
        ]
