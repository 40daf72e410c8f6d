"""Codes and a file of the labels that they stand for: against pandas, what is noted, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

import diptych

CONFIG = """\
version: 1
public: [items, records, strata]
report: {title: T}
taxonomy: {}
entities:
  people: {label: Person, source: p.csv, labels: {column: job, separator: ";", lookup: LOOKUP}}
  places: {label: Place, source: q.csv, labels: kind}
relations:
  lives:
    links: {source: k.csv, from: {entity: people, column: p}, to: {entity: places, column: q}}
    unit: link
  survey:
    records:
      source: r.csv
      rows: {column: job, separator: ";", label: Job, lookup: {path: j.csv, delimiter: ";", rename: {n: code, what: label}}}
      columns: {column: kind, label: Kind}
outputs: [data, markdown]
"""
CODES = {"1": "Clerk", "2": "Cook", "3": "Cook", "9": "Nobody"}


def write(folder: Path, lookup: str = "codes.csv", codes: str | None = None) -> Path:
    (folder / "config.yaml").write_text(CONFIG.replace("LOOKUP", lookup))
    text = "".join(f" {code},{label} \n" for code, label in CODES.items())
    (folder / "codes.csv").write_text(codes or f"code,label\n{text},\n5,\n")
    (folder / "j.csv").write_text("n;what\n" + "".join(f"{code};{label}\n" for code, label in CODES.items()))
    (folder / "p.csv").write_text("id,job\na,1\nb,1; 2\nc,2;3\nd,7\n")
    (folder / "q.csv").write_text("id,kind\nx,town\ny,farm\n")
    (folder / "k.csv").write_text("p,q\na,x\nb,x\nb,y\nc,y\nd,x\n")
    (folder / "r.csv").write_text("job,kind\n1,town\n1;2,farm\n2;3,farm\n7,town\n")
    return folder / "config.yaml"


def test_counts_and_notes(tmp_path):
    built = diptych.build(write(tmp_path), tmp_path / "site")
    for name, rows in (
        ("lives_left", [("1", "town"), ("1;2", "town"), ("1;2", "farm"), ("2;3", "farm"), ("7", "town")]),
        ("survey_left", [("1", "town"), ("1;2", "farm"), ("2;3", "farm"), ("7", "town")]),
    ):
        table = pd.DataFrame(rows, columns=["job", "kind"])
        table["job"] = table["job"].map(lambda field: {CODES.get(code, code) for code in field.split(";")})
        expected = table.explode("job").groupby(["job", "kind"]).size().to_dict()
        cells = pd.read_csv(tmp_path / f"site/data/{name}.csv")
        assert {(c.given, c.outcome): c.n_joint for c in cells.itertuples() if c.n_joint} == expected
    assert [note.message for note in built.notes if note.slug == "not_looked_up"] == [
        'people: the lookup does not have "7"; left as they are',
        'rows: the lookup does not have "7"; left as they are',
    ]
    inputs = {entry["path"] for entry in json.loads((tmp_path / "site/manifest.json").read_text())["inputs"]}
    assert {"codes.csv", "j.csv"} <= inputs
