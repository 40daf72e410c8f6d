"""What reaches the data files and report.json: whole lines counted by hand, and the same numbers in both."""

import csv
import io
import json
import math

import pytest

from diptych.pipeline import build
from diptych.renderers import DATA_FILES
from tests.doc_pages import section

CONFIG = """\
version: 1
report: {title: T}
taxonomy:
  categories: [{name: A, match: a}, {name: B, match: b}, {name: C, match: c}]
entities:
  datasets: {label: Dataset, source: d.csv, labels: {column: l, separator: "|"}}
  models: {label: Model, source: m.csv, labels: {column: l, separator: "|"}}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
inference: {minimum_units: 3}
"""

# Eleven models, each on one dataset: A with A 4, A with B 2, B with A 1, B with B 3, C with C 1.
JOINT = {("a", "a"): 4, ("a", "b"): 2, ("b", "a"): 1, ("b", "b"): 3, ("c", "c"): 1}


def write(folder, config=CONFIG, joint=None, columns=""):
    models, links, number = [], [], 0
    for (row, column), n in (joint or JOINT).items():
        for _ in range(n):
            number += 1
            models.append(f"m{number:02d},{column}{',' + str(number) if columns else ''}")
            links.append(f"d_{row},m{number:02d}")
    rows = sorted({row for row, _ in (joint or JOINT)})
    files = {
        "config.yaml": config,
        "d.csv": "id,l\n" + "".join(f"d_{row},{row}\n" for row in rows),
        "m.csv": f"id,l{columns}\n" + "".join(f"{line}\n" for line in models),
        "k.csv": "s,t\n" + "".join(f"{line}\n" for line in links),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder / "config.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    build(write(folder), folder / "site")
    return folder / "site"


def lines(site, name):
    return (site / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines()


def rows(site, name):
    return list(csv.DictReader(io.StringIO((site / "data" / f"{name}.csv").read_text(encoding="utf-8"))))


def relation(site):
    [found] = json.loads((site / "report.json").read_text(encoding="utf-8"))["relations"]
    return found


def same(text, number):
    """Whether a field of a CSV file and a number of report.json are the same, to the digit."""
    return (text == "" and number is None) or (text != "" and number is not None and float(text) == number)


def test_counts(site):
    found = lines(site, "counts")
    assert found[0] == (
        "relation,row,column,n_joint,n_row,n_column,n_units,expected,expected_within_strata,standardized_residual,"
        "lift_within_low,lift_within_high,most_within_strata"
    )
    # A on both sides: 4 of 11, margins 6 and 5; e = 30 / 11, and its variance e (5 / 11) (6 / 11).
    e = 30 / 11
    residual = (4 - e) / math.sqrt(e * (5 / 11) * (6 / 11))
    head, tail = found[1].removesuffix(",,,").rsplit(",", 1)
    assert head == f"trained_on,A,A,4,6,5,11,{e:.12g},"
    assert float(tail) == pytest.approx(residual)
    assert len(found) == 1 + 9


def test_contributors(site):
    assert lines(site, "contributors")[:3] == [
        "relation,row,column,by,side,name,n_touching,n_sole",
        *(
            line
            for line in lines(site, "contributors")
            if line.startswith(("trained_on,A,A,item", "trained_on,A,B,item"))
        ),
    ]
    first = next(row for row in rows(site, "contributors") if row["by"] == "item")
    assert [first[key] for key in ("row", "column", "name", "n_touching", "n_sole")] == ["A", "A", "d_a", "4", "4"]


def test_report_json_holds_the_numbers_of_the_files(site):
    found = relation(site)
    for row in rows(site, "counts"):
        counts = found["counts"]
        for name, matrix in (("n_joint", "joint"), ("expected", "expected"), ("standardized_residual",) * 2):
            assert same(row[name], counts[matrix][row["row"]][row["column"]])
        assert same(row["n_row"], counts["rows"][row["row"]])
        assert same(row["n_column"], counts["columns"][row["column"]])
    assert [axis["order"] for axis in found["order"]] == [["A", "B", "C"]] * 2


DOCS = section("homes.md", "Data files")


@pytest.mark.parametrize("path", list(DATA_FILES))
def test_the_docs_name_every_file(path):
    assert f"`{path}`" in DOCS


@pytest.mark.parametrize("name", ["counts", "contributors"])
def test_the_docs_name_every_column(site, name):
    columns = ", ".join(lines(site, name)[0].split(","))
    [row] = [line for line in DOCS.splitlines() if line.startswith(f"| `data/{name}.csv`")]
    assert row.endswith(f"| {columns} |")
