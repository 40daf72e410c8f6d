"""The most frequent labels as categories, the rest in one of their own or in none: against pandas, and what is said."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import diptych

CONFIG = """\
version: 1
public: [records, strata]
report: {title: T}
taxonomies:
  places: {PLACES}
  tools: {top: 2}
relations:
  r:
    records:
      source: t.csv
      rows: {column: place, label: Place, taxonomy: places}
      columns: {column: tool, separator: "|", label: Tool, taxonomy: tools}
outputs: [data, markdown]
"""
ROWS = [
    *[("Rome", "hammer"), ("Rome", "saw"), ("Oslo", "hammer|saw"), ("Oslo", "axe"), ("Oslo", "hammer")] * 3,
    *[("Kyiv", "saw"), ("Kyiv", "plane|hammer"), ("Bern", "axe|plane"), ("Lima", "saw"), ("Riga", "hammer")] * 2,
]


def write(folder: Path, places: str) -> Path:
    pd.DataFrame(ROWS, columns=["place", "tool"]).to_csv(folder / "t.csv", index=False)
    (folder / "config.yaml").write_text(CONFIG.replace("PLACES", places))
    return folder / "config.yaml"


def built(folder: Path, places: str) -> tuple[pd.DataFrame, str]:
    diptych.build(write(folder, places), folder / "site")
    return pd.read_csv(folder / "site/data/left.csv"), (folder / "site/report.md").read_text()


@pytest.mark.parametrize("rest", [None, "Elsewhere", "Rome"])
def test_counts(rest, tmp_path):
    cells, _ = built(tmp_path, "top: 2" if rest is None else f"top: 2, unmatched: {rest}")
    table = pd.DataFrame(ROWS, columns=["place", "tool"])
    most = ["Oslo", "Rome"]
    table["place"] = table["place"].where(table["place"].isin(most), rest)
    expected = table.assign(tool=table["tool"].str.split("|")).explode("tool").groupby(["place", "tool"]).size()
    assert list(dict.fromkeys(cells["given"])) == list(dict.fromkeys([*most, *([] if rest is None else [rest])]))
    assert list(dict.fromkeys(cells["outcome"])) == ["hammer", "saw"]
    for cell in cells.itertuples():
        assert cell.n_joint == expected.get((cell.given, cell.outcome), 0)
        assert cell.n_units == len(ROWS)


def test_order_adds_and_comes_first(tmp_path):
    cells, _ = built(tmp_path, "top: 2, ordered: [Riga, Rome], unmatched: Elsewhere")
    assert list(dict.fromkeys(cells["given"])) == ["Riga", "Rome", "Oslo", "Elsewhere"]
