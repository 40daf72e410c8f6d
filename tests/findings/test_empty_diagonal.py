"""Square tables of records with nobody on the diagonal: the diagonal is no result, and expected counts leave it out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from diptych.findings.agreement import Agreement
from diptych.findings.diagonal import Diagonal
from diptych.findings.direction import Direction
from diptych.findings.story import Story
from diptych.panels import tables_of
from diptych.pipeline.drafts import Draft, draft
from tests.matrices.tiny import P, tiny

PLACES = ("North", "East", "South", "West")
MOVES = {
    ("North", "East"): 300, ("North", "South"): 40, ("North", "West"): 60,
    ("East", "North"): 120, ("East", "South"): 50, ("East", "West"): 80,
    ("South", "North"): 30, ("South", "East"): 70, ("South", "West"): 200,
    ("West", "North"): 50, ("West", "East"): 90, ("West", "South"): 110,
}  # fmt: skip
CONFIG = f"""\
version: 1
report: {{title: Moves}}
taxonomy:
  categories: [{", ".join(f'{{name: {name}, match: ["{name}"]}}' for name in PLACES)}]
relations:
  moves:
    records:
      source: moves.csv
      label: migrant
      count: n
      rows: {{column: source, label: Origin}}
      columns: {{column: destination, label: Destination}}
"""


def report_of(folder: Path, moves: dict[tuple[str, str], int]) -> Draft:
    rows = "".join(f"{a},{b},{n}\n" for (a, b), n in moves.items())
    (folder / "moves.csv").write_text(f"source,destination,n\n{rows}", encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return draft(folder / "config.yaml")


def square(moves):
    record = tiny(*(P(a[0], b[0], n) for (a, b), n in moves.items()), rows="NESW", columns="NESW", one=True)
    return replace(record, unit=replace(record.unit, role="record"))


def scaled_to_margins(table):
    """Fit rows times columns to the cells off the diagonal, by scaling rows and columns in turn."""
    fitted = 1.0 - np.eye(len(table))
    for _ in range(2000):
        fitted *= (table.sum(axis=1) / fitted.sum(axis=1))[:, None]
        fitted *= table.sum(axis=0) / fitted.sum(axis=0)
    return fitted


def test_an_empty_diagonal_is_recognised_if_records_would_be_expected_on_it():
    assert square(MOVES).empty_diagonal
    assert not square(MOVES | {("North", "North"): 1}).empty_diagonal
    assert not replace(square(MOVES), unit=tiny().unit).empty_diagonal  # links
    assert not square(dict.fromkeys(MOVES, 3)).empty_diagonal  # 9 * 9 / 36 are too few
    assert square(dict.fromkeys(MOVES, 7)).empty_diagonal  # 21 * 21 / 84 are enough
    several = P("NE", "S", 50)
    both = tiny(several, P("N", "E", 90), P("E", "N", 90), P("S", "E", 90), rows="NES", columns="NES", one=True)
    assert not replace(both, unit=replace(both.unit, role="record")).empty_diagonal


def test_expected_counts_and_ratios_are_those_of_quasi_independence():
    tables = tables_of(square(MOVES))
    expected = scaled_to_margins(tables.counts.joint)
    apart = ~np.eye(4, dtype=bool)
    assert tables.counts.expected == pytest.approx(expected, rel=1e-9)
    assert tables.counts.T.expected == pytest.approx(expected.T, rel=1e-9)
    ratios = tables.over_all(0.95)
    assert ratios.ratio[apart] == pytest.approx((tables.counts.joint / np.where(apart, expected, 1))[apart])
    assert np.isnan(ratios.ratio[~apart]).all()
    assert np.isnan(ratios.p[~apart]).all()
    assert (ratios.low[apart] < ratios.ratio[apart]).all()


def test_a_report_says_that_stayers_are_missing_and_nothing_about_the_diagonal(tmp_path):
    found = report_of(tmp_path, MOVES)
    part = found.written[0].part
    for panel in part.panels:
        cells = {(cell.given, cell.outcome): cell for cell in panel.cells}
        assert {cells[name, name].state for name in PLACES} == {"masked"}
        assert {cells[name, name].q_value for name in PLACES} == {None}
        assert {cell.state for pair, cell in cells.items() if pair[0] != pair[1]} == {"measured"}
    assert not list(part.found(Agreement))
    assert not list(part.found(Diagonal))
    text = " ".join(str(found.document).split())
    assert (
        "No migrant has the same category in both columns, so the table seems to leave such migrants out. "
        "Cells on the diagonal are not interpreted." in text
    )
    assert "have the same category in Origin" not in text
    assert "diagonal cell is" not in text
    assert "over 12 tested pairs of different categories." in text


def test_other_units_are_those_who_could_have_the_pair(tmp_path):
    (story,) = report_of(tmp_path, MOVES).written[0].part.found(Story)
    pairs = [pair for point in story.points for pair in point.pairs]
    assert pairs
    for pair in pairs:
        side = 1 if pair.outcome == pair.row else 0
        own = (pair.row, pair.column)[side]
        others = {moved: n for moved, n in MOVES.items() if moved[side] not in (own, pair.outcome)}
        with_it = sum(n for moved, n in others.items() if moved[1 - side] == pair.outcome)
        assert pair.others == pytest.approx(with_it / sum(others.values()))


def test_a_report_with_stayers_is_unchanged(tmp_path):
    found = report_of(tmp_path, MOVES | {(name, name): 200 for name in PLACES})
    part = found.written[0].part
    assert list(part.found(Agreement))
    assert "masked" not in part.panels[0].column("state")
    counts = part.panels[0].cell("North", "East")
    assert counts.expected == pytest.approx(600 * 660 / 2000)


def test_directions_are_reported_without_the_diagonal(tmp_path):
    (direction,) = report_of(tmp_path, MOVES).written[0].part.found(Direction)
    assert MOVES[direction.origin, direction.goal] > MOVES[direction.goal, direction.origin]
