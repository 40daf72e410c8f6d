"""Each cell of a table that names a cell of a panel prints that cell's number from the data file."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

SHARE = re.compile(r"(?P<sign>[<>])?(?P<number>\d+(?:\.\d+)?)")
UNITS = re.compile(r"[\d,]+")


def cells_of(document):
    """Yield each table's cells with a panel's cell behind them, and the table."""
    tables = [block for section in document["sections"] for block in section["blocks"] if block["type"] == "table"]
    for table in tables:
        yield from ((table, cell) for row in table["rows"] for cell in row if cell["ref"] is not None)


def agrees(text, share):
    """Return whether a share is printed so in percent, rounded to its digits.

    >>> agrees("64 (37–84)", 0.643), agrees("<1", 0.004), agrees("64", 0.65)
    (True, True, False)
    """
    found = SHARE.match(text)
    number = float(found["number"])
    if found["sign"]:
        return 100 * share < number if found["sign"] == "<" else 100 * share > number
    half = 0.5 * 10.0 ** -len(found["number"].partition(".")[2])
    return abs(100 * share - number) <= half + 1e-9


@pytest.mark.parametrize("name", ["default", "survey", "rodents"])
def test_tables_print_the_numbers_of_the_data_files(name, sites):
    site, n = sites(name), 0
    document = json.loads((site / "report.json").read_text(encoding="utf-8"))
    shares = {
        panel["id"]: pd.read_csv(site / "data" / f"{panel['id']}.csv").set_index(["given", "outcome"])
        for panel in document["panels"]
        if panel["measure"]["name"] == "conditional"
    }
    for table, cell in cells_of(document):
        at = cell["ref"]
        if at["panel"] not in shares or not SHARE.match(cell["text"]):
            continue
        row = shares[at["panel"]].loc[(at["given"], at["outcome"])]
        assert agrees(cell["text"], row["value"]), (table["id"], cell)
        n += 1
    assert n > 50


@pytest.mark.parametrize("name", ["survey", "rodents"])
def test_matrices_print_the_units_of_each_row(name, sites):
    site = sites(name)
    document = json.loads((site / "report.json").read_text(encoding="utf-8"))
    matrices = [b for s in document["sections"] for b in s["blocks"] if b["type"] == "table" and b["kind"] == "matrix"]
    assert matrices
    for table in matrices:
        n_given = pd.read_csv(site / table["source"]).drop_duplicates("given").set_index("given")["n_given"]
        where = next(
            (k for k, column in enumerate(table["columns"]) if k and column["header"] not in n_given.index), None
        )
        for row in table["rows"]:
            assert int(UNITS.match(row[where]["text"])[0].replace(",", "")) == n_given[row[0]["text"]], table["id"]
