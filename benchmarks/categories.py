"""Builds with many categories: `python -m benchmarks.categories [--categories 9 50 200] [--records 20000]`.

Records are generated with a seed. Each has one or two labels on either side, and each label is a category. Categories
have unequal frequencies. A third of the records have the same label on both sides. Nothing is cached between builds.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.budgets import Budget, Section
from benchmarks.child import Run, median, run
from benchmarks.pages import markdown_table
from benchmarks.settings import NOTHING_KEPT, ROOT, BenchSettings, build

CATEGORIES = (9, 50, 200)
N_RECORDS = 20_000
MOST_SECONDS = {50: 2, 200: 4}
MOST_MB = 600

_CONFIG = """version: 1
report: {title: Generated records}
relations:
  records:
    records:
      source: records.csv
      rows: {column: left, separator: "|", label: Skill}
      columns: {column: right, separator: "|", label: Job}
"""


@dataclass(frozen=True)
class MeasuredCell:
    """The number of categories on either side, the cost of the build, and the sizes of its page and PDF in bytes."""

    n_categories: int
    run: Run
    page: int
    pdf: int


def write_records(path: Path, n_categories: int, n_records: int, seed: int = 1) -> None:
    """Write a CSV of records with the columns left and right, labels joined by |."""
    draws = random.Random(seed)  # noqa: S311 - nothing here is secret
    names = [f"Kind {number + 1}" for number in range(n_categories)]
    weights = [(number + 1) ** -0.7 for number in range(n_categories)]

    def drawn() -> list[str]:
        return draws.choices(names, weights, k=2 if draws.random() < 0.2 else 1)

    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["left", "right"])
        for _ in range(n_records):
            left = drawn()
            right = [left[0]] if draws.random() < 1 / 3 else drawn()
            rows.writerow(["|".join(left), "|".join(right)])


def measured(n_categories: int, n_records: int = N_RECORDS) -> MeasuredCell:
    """Build the report of generated records and return the cost."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_records(folder / "records.csv", n_categories, n_records)
        (folder / "config.yaml").write_text(_CONFIG, encoding="utf-8")
        site = folder / "site"
        took = run(build(folder / "config.yaml", site), cwd=ROOT, env=NOTHING_KEPT)
        page, pdf = (site / name for name in ("index.html", "report.pdf"))
        return MeasuredCell(n_categories, took, page.stat().st_size, pdf.stat().st_size)


def line(one: MeasuredCell) -> str:
    """Return the cost of a build in words."""
    sizes = f"page {one.page / 1e6:.1f} MB, PDF {one.pdf / 1e6:.1f} MB"
    return f"{one.n_categories:>4} categories: {one.run.seconds:6.1f} s, {one.run.peak_mb:5.0f} MB; {sizes}"


def measure(asked: BenchSettings) -> Section:
    """Build a report for each number of categories and judge the largest."""
    rounds = min(asked.rounds, 3)
    found = {n: [measured(n) for _ in range(rounds)] for n in CATEGORIES}
    runs = {n: median(one.run for one in several) for n, several in found.items()}
    rows = [
        {
            "": str(n),
            "seconds": f"{run_.seconds:.1f}",
            "CPU seconds": f"{run_.cpu:.1f}",
            "memory, MB": f"{run_.peak_mb:.0f}",
            "page, kB": f"{found[n][0].page / 1e3:,.0f}",
            "PDF, kB": f"{found[n][0].pdf / 1e3:,.0f}",
        }
        for n, run_ in runs.items()
    ]
    text = f"{N_RECORDS:,} generated records, each label a category. Nothing kept; medians (runs: {rounds}).\n\n"
    budgets = [Budget(f"categories-{n}", f"{n} categories", runs[n].seconds, s, " s") for n, s in MOST_SECONDS.items()]
    most = CATEGORIES[-1]
    budgets.append(Budget("categories-memory", f"memory of {most} categories", runs[most].peak_mb, MOST_MB, " MB"))
    return Section("Many categories", text + markdown_table("categories", rows), tuple(budgets))


def main() -> None:
    """Build a report for each number of categories."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--categories", type=int, nargs="+", default=CATEGORIES)
    parser.add_argument("--records", type=int, default=N_RECORDS)
    asked = parser.parse_args()
    for n_categories in asked.categories:
        print(line(measured(n_categories, asked.records)), flush=True)


if __name__ == "__main__":
    main()
