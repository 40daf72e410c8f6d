"""A share whose interval is wider than 60 points is in no sentence, and figure and tables mark its cell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from statsmodels.stats.proportion import proportion_confint

from diptych.config.loading import load_config
from diptych.document.appendix import matrices
from diptych.document.compose import WrittenPart
from diptych.document.model import TableBlock, TableCell
from diptych.figures.heatmap import alt_text
from diptych.figures.marks import expressions
from diptych.figures.scales import state_words
from diptych.findings.agreement import Agreement
from diptych.findings.story import Story
from diptych.pipeline import build
from diptych.pipeline.counting import count_all
from tests.simulations.statements import sentences, written_of

pytestmark = pytest.mark.slow

CONFIG = """version: 1
report: {{title: Plots}}
taxonomies:
  rows: {{categories: [{{name: A, match: A}}, {{name: B, match: B}}]}}
  columns: {{categories: [{{name: X, match: X}}, {{name: Y, match: Y}}]}}
relations:
  seen:
    records:
      source: records.csv
      label: plot
      rows: {{column: rows, label: Type, taxonomy: rows}}
      columns: {{column: columns, label: Plant, taxonomy: {columns}}}
inference: {{minimum_units: 3}}
outputs: [data]
panels:
  - {{id: left, relation: seen, given: rows, outcome: columns}}
  - {{id: right, relation: seen, given: columns, outcome: rows}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""
FEW_OF_A = [("A", "X")] * 3 + [("A", "Y")] * 2 + [("B", "X")] * 4 + [("B", "Y")] * 296
"""3 of 5 (23 to 88 %) against 4 of 300."""
FIVE = [("A", "A")] * 2 + [("B", "B"), ("A", "B"), ("B", "A")]
"""3 of 5 are the same on both sides."""


def project(folder: Path, records: list[tuple[str, str]], columns: str = "columns") -> Path:
    lines = "\n".join(",".join(record) for record in records)
    (folder / "records.csv").write_text(f"rows,columns\n{lines}\n", encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(columns=columns), encoding="utf-8")
    return path


def report(path: Path) -> WrittenPart:
    loaded = load_config(path)
    return written_of(loaded, count_all(loaded))


def texts(written: WrittenPart) -> list[str]:
    found = (sentence.text for of in sentences(written).values() for sentence in of)
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in found]


def test_a_pair_with_an_uncertain_share_is_told_in_counts(tmp_path: Path) -> None:
    low, high = proportion_confint(3, 5, method="wilson")
    assert high - low > 0.6
    written = report(project(tmp_path, FEW_OF_A))
    story = written.part.first(Story)
    assert story is not None
    assert not story.points[0].pairs[0].precise
    said = texts(written)
    assert any("3 of the 5" in text for text in said), said
    assert not any(share in text for text in said for share in ("60 %", "60%", "40 %", "40%")), said


def test_a_precise_share_is_told_as_a_share(tmp_path: Path) -> None:
    low, high = proportion_confint(12, 20, method="wilson")
    assert high - low <= 0.6
    written = report(project(tmp_path, FEW_OF_A * 4))
    assert any("60 %" in text or "60%" in text for text in texts(written))
    assert {"uncertain"}.isdisjoint(written.part.panels[0].column("state"))


def test_figure_and_tables_mark_the_cell(tmp_path: Path) -> None:
    path = project(tmp_path, FEW_OF_A)
    written = report(path)
    panel = written.part.panels[0]
    assert [cell.state for cell in panel.cells] == ["uncertain", "uncertain", "measured", "measured"]
    assert "with enough data (2 of 4)" in alt_text(written.part.panels[:1])
    assert state_words(written.part.panels)["uncertain"] == "uncertain: interval over 60 points"
    assert "too uncertain: interval wider than 60 points" in expressions(panel, percent=True)["reading"]
    table = next(of for of in matrices(written.part, written.writer) if isinstance(of, TableBlock))
    notes = [cell.note for cell in table.rows[0] if isinstance(cell, TableCell) and cell.ref is not None]
    assert notes == ["too uncertain", "too uncertain"]
    build(path, tmp_path / "site")
    with (tmp_path / "site" / "data" / "left.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    low, high = proportion_confint(3, 5, method="wilson")
    assert (row["state"], row["value"]) == ("uncertain", "0.6")
    assert [float(row["low"]), float(row["high"])] == pytest.approx([low, high])


def test_an_uncertain_agreement_is_told_in_counts(tmp_path: Path) -> None:
    written = report(project(tmp_path, FIVE, columns="rows"))
    agreement = written.part.first(Agreement)
    assert agreement is not None
    assert not agreement.share.is_precise_share
    said = [text for text in texts(written) if "have the same category in" in text]
    assert said
    for text in said:
        assert "3 of the 5" in text
        assert "%" not in text
