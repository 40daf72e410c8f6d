"""Bins of numbers and dates, and missing answers: the numbers of units of each category, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

import diptych

CONFIG = """\
version: 1
public: [records, strata]
report: {title: T}
relations:
  r:
    records:
      source: t.csv
      label: person
      rows: {column: x, SIDE}
      columns: {column: y}
      MORE
outputs: [data, markdown]
"""


def built(folder: Path, values, side: str, more: str = ""):
    """Build a report of values of x, each with a and b as y; return the built report."""
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["x", "y"], *([x, "ab"[k % 2]] for k, x in enumerate(values))])
    text = CONFIG.replace("SIDE", side).replace("      MORE\n", f"      {more}\n" if more else "")
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return diptych.build(folder / "config.yaml", folder / "site")


def sizes(folder: Path) -> dict[str, float]:
    """The number of units of each row category, in the order of the axis."""
    cells = pd.read_csv(folder / "site/data/left.csv", keep_default_na=False)
    return {str(name): float(n) for name, n in zip(cells["given"], cells["n_given"], strict=True)}


def test_cut_points_begin_bins(tmp_path):
    built(tmp_path, [17, 18, 29, 30, 44, 45, 90, 90], "bins: [18, 30, 45]")
    assert sizes(tmp_path) == {"under 18": 1, "18–29": 2, "30–44": 2, "45 and over": 3}


def test_quartiles_have_a_quarter_of_the_rows_and_say_so_on_the_axis(tmp_path):
    built(tmp_path, [*range(1, 101)], "bins: quartiles, label: Age")
    assert sizes(tmp_path) == {"1–25": 25, "26–50": 25, "51–75": 25, "76–100": 25}
    assert "age (quartiles)" in (tmp_path / "site/report.md").read_text().casefold()


def test_dates_by_year_and_month(tmp_path):
    dates = ["2024-12-31", "2023-02-01", "2024-01-05 10:30", "2024/1/9"]
    built(tmp_path, dates, "bins: years")
    assert sizes(tmp_path) == {"2023": 1, "2024": 3}
    built(tmp_path, dates, "bins: months")
    assert sizes(tmp_path) == {"2023-02": 1, "2024-01": 2, "2024-12": 1}


def test_texts_that_are_no_numbers_are_listed_and_empty_fields_counted(tmp_path):
    built(tmp_path, [*[20] * 10, *[40] * 10, "unknown", "", ""], "bins: [30]")
    assert sizes(tmp_path) == {"under 30": 10, "30 and over": 10}
    unmatched = pd.read_csv(tmp_path / "site/data/unmatched.csv")
    assert unmatched["label"].tolist() == ["unknown"]


def test_empty_fields_are_a_category_and_no_part_of_an_order(tmp_path):
    built(tmp_path, ["often", "never", "", "sometimes", " "], 'ordered: true, blank: "No reply"')
    assert sizes(tmp_path) == {"never": 1, "sometimes": 1, "often": 1, "No reply": 2}


def test_codes_of_missing_answers(tmp_path):
    answers = [*[1, 2] * 6, "-1", "-1.0", "98", "Not applicable", ""]
    report = built(tmp_path, answers, 'missing: [98, -1, not applicable], blank: "No answer"')
    assert sizes(tmp_path) == {"1": 6, "2": 6, "No answer": 1}
    (note,) = [note for note in report.notes if note.slug == "missing"]
    assert note.message.startswith("x: 4 rows")
    built(tmp_path, answers, "missing: [98, -1, not applicable]")
    assert sizes(tmp_path) == {"1": 6, "2": 6}


def test_codes_of_missing_answers_that_are_categories_are_noted(tmp_path):
    """Answers that look like codes are named; words such as "Refused" need no note: no finding speaks of them."""
    answers = [*[1, 2, 3] * 6, 9, 9, "-", "Refused"]
    report = built(tmp_path, answers, "blank: null")
    (note,) = [note for note in report.notes if note.slug == "missing_codes"]
    assert '"9" (2)' in note.message
    assert '"-" (1)' in note.message
    assert "Refused" not in note.message
    report = built(tmp_path, answers, "missing: [9, '-']")
    assert not [note for note in report.notes if note.slug == "missing_codes"]
