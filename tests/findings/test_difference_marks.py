"""Arrows in cells that differ from the other rows, and the table of the differences."""

from __future__ import annotations

from pathlib import Path

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

import diptych
from diptych.figures import FigureSettings
from diptych.figures.scales import cell_rows, colour_scale, key_entries, marks_of

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: t.csv
      label: person
      rows: {column: x}
      columns: {column: y}
      weight: w
panels:
  - {id: left, relation: r, given: rows, outcome: columns}
figures:
  - {id: main, panels: [left], marks: 0.05}
outputs: [markdown]
"""
TABLE = {"a": (90, 10), "b": (50, 50), "c": (48, 52)}


@pytest.fixture
def panel(make_study):
    patterns = [([a], [b], n) for a, row in TABLE.items() for b, n in zip("yz", row, strict=True)]
    return make_study(patterns, ["a", "b", "c"], columns=["y", "z"], minimum=10).panels[0]


def test_arrows_point_where_a_cell_differs(panel):
    assert marks_of(panel, 0.05) == ["↑", "↓", "↓", "↑", "↓", "↑"]
    assert marks_of(panel, 1e-6) == ["↑", "↓", "", "", "", ""]
    assert marks_of(panel, None) == [""] * 6


def test_the_figure_and_its_key_show_them(panel):
    figure = FigureSettings(id="main", panels=("left",), marks=1e-6)
    scale = colour_scale(figure, [panel])
    assert [row["text"] for row in cell_rows(panel, scale, values=True)] == ["90↑", "10↓", "50", "50", "48", "52"]
    texts = [entry.text for entry in key_entries([panel], {"left": scale}, pointed=False)]
    assert texts[-1].startswith("↑ above, ↓ below the other rows (false discovery rate")
    plain = colour_scale(FigureSettings(id="main", panels=("left",)), [panel])
    assert [row["text"] for row in cell_rows(panel, plain, values=True)][:2] == ["90", "10"]


def test_an_empty_cell_has_its_arrow_beside_its_sign(make_study):
    patterns = [(["a"], ["y"], 100), (["b"], ["y"], 50), (["b"], ["z"], 50), (["c"], ["z"], 40), (["c"], ["y"], 60)]
    panel = make_study(patterns, ["a", "b", "c"], columns=["y", "z"], minimum=10).panels[0]
    scale = colour_scale(FigureSettings(id="main", panels=("left",), marks=0.05), [panel])
    row = cell_rows(panel, scale, values=True)[1]
    assert (row["state"], row["text"].strip("\u200b\u2003")) == ("nothing", "↓")


def test_the_table_has_bases_and_differences_in_points(tmp_path: Path):
    rows = [
        f"{a},{b},{2 if k % 2 else 1}"
        for a, row in TABLE.items()
        for b, n in zip("yz", row, strict=True)
        for k in range(n)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["x,y,w", *rows]), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG.replace("      weight: w\n", ""), encoding="utf-8")
    diptych.build(tmp_path / "config.yaml", tmp_path / "site")
    text = (tmp_path / "site/report.md").read_text(encoding="utf-8")
    low, high = confint_proportions_2indep(90, 100, 98, 200, method="newcomb", compare="diff")
    difference = f"41 ({100 * low:.0f}–{100 * high:.0f})"
    lines = [line for line in text.splitlines() if line.startswith("| a | y | 100 |")]
    assert any("↑" in line and difference in line for line in lines)
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    diptych.build(tmp_path / "config.yaml", tmp_path / "site")
    text = (tmp_path / "site/report.md").read_text(encoding="utf-8")
    header = next(line for line in text.splitlines() if "Unweighted" in line)
    assert [cell.strip() for cell in header.split("|")[1:4]] == ["x", "People by weight", "Unweighted"]
    assert "| a | 150 | 100 |" in text
