"""Coverage of 95% intervals: `python -m benchmarks.coverage [--tables 2000] [--write]`.

Tables are drawn from populations with known parameters. The results are in benchmarks/simulations.md. With
--write they are updated there. The simulation is seeded and gives the same numbers and the same bytes each time.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import pandas as pd

from benchmarks.coverage_alike import COMPARED, N_BCA, REGIMES, alike_coverage, by_regime, by_way
from benchmarks.coverage_cells import cell_coverage
from benchmarks.coverage_contrasts import contrast_coverage
from benchmarks.coverage_regimes import CELLS, CONTRASTS, grouped, independent, weighted
from benchmarks.coverage_tables import all_or_nothing, binned, by_groups, by_kind, by_measure, percent
from benchmarks.pages import markdown_table, publish

LARGE = (independent(2000), weighted(2000, 2), grouped(100, 1))
MEETING = (independent(300), weighted(300, 3), grouped(20, 0), grouped(20, 1), grouped(100, 0.5, 0.5, 3))
"""Cases in which all or none of the smaller category often occur with the other category."""

Found = Mapping[str, pd.DataFrame]

SHORT = {regime.name: regime.short for regime in (*CELLS, *CONTRASTS)}


@dataclass(frozen=True, eq=False)
class Results:
    """Results for single cells, cells of near-copies, and contrasts, by the name of their regime."""

    n_tables: int
    n_near: int
    cells: Found
    alike: Found
    contrasts: Found

    def text(self) -> str:
        """Return all tables as Markdown."""
        parts = (
            promise(self.n_tables, self.cells),
            near_copies(self.n_near, self.alike),
            few_groups(self.cells),
            small_counts(self.cells),
            of_all_contrasts(self.n_tables, self.contrasts),
        )
        return "\n".join(line for part in parts for line in part)


def simulate(n_tables: int, n_near: int, processes: int) -> Results:
    """Return the coverage of intervals in every regime, with `n_near` tables in the regimes of near-copies."""
    with ProcessPoolExecutor(processes) as pool:
        cells = {r.name: pool.submit(cells_of, k, n_tables) for k, r in enumerate(CELLS)}
        contrasts = {r.name: pool.submit(contrasts_of, k, n_tables) for k, r in enumerate(CONTRASTS)}
        alike = {r.name: pool.submit(alike_of, k, n_near) for k, r in enumerate(REGIMES)}
        parts = ({name: later.result() for name, later in found.items()} for found in (cells, alike, contrasts))
        return Results(n_tables, n_near, *parts)


def cells_of(number: int, n_tables: int) -> pd.DataFrame:
    """Return `cell_coverage` of a regime by its number, for use in another process."""
    return cell_coverage(CELLS[number], n_tables)


def alike_of(number: int, n_tables: int) -> pd.DataFrame:
    """Return `alike_coverage` of a regime by its number, for use in another process."""
    return alike_coverage(REGIMES[number], n_tables)


def contrasts_of(number: int, n_tables: int) -> pd.DataFrame:
    """Return `contrast_coverage` of a regime by its number, for use in another process."""
    return contrast_coverage(CONTRASTS[number], n_tables)


def promise(n_tables: int, found: Found) -> list[str]:
    """Return the promised coverage, by measure."""
    rows, error = by_measure(found, SHORT)
    return [
        "### Nominal coverage: 93 to 97 %\n",
        f"Cells with n_given >= 50, true P(b|a) from 0.05 to 0.95 and G_eff >= 50; {n_tables:,} tables of nine cells",
        "in each column. Brackets give the spread of group sizes or the shape of weights. After a comma is the",
        f"correlation, if it is not 0.2. The standard error is at most {percent(error)}.\n",
        markdown_table("measure", rows),
    ]


def near_copies(n_tables: int, found: Found) -> list[str]:
    """Return the coverage if units of a group are near-copies."""
    lines = [
        "### Near-copies\n",
        f"{n_tables:,} tables of nine cells in each row. A group has one pattern, drawn from the population, that a",
        "share of its units copies (last number). Its other units draw their own. Groups have 30 units, or log-normal",
        "sizes with this mean (1.5), so that 500 count as 53. All intervals that are given, for true shares P(b|a)",
        "from 1 to 98 %. Brackets give the coverage for the share with the lowest coverage.\n",
        markdown_table("groups, sizes, share that copies", by_regime(found, marked=True)),
        "The same for cells that a report does not mark as few (n_given >= 10, and G_eff >= 5 for every decisive",
        "margin of the measure):\n",
        markdown_table("groups, sizes, share that copies", by_regime(found, marked=False)),
    ]
    for measure in COMPARED:
        lines += [
            f"The same for `{measure}`, by method ({N_BCA} tables for BCa). The last column is the median of",
            "the width in use over the width of the linearised interval with G_eff - 1 degrees of freedom.\n",
            markdown_table("groups, sizes, share that copies", by_way(found, measure)),
        ]
    return lines


def few_groups(found: Found) -> list[str]:
    """Return the coverage with few groups."""
    cells = pd.concat([part for name, part in found.items() if "groups" in name])
    return [
        "### Few groups\n",
        "Cells of all grouped tables with n_given >= 50 and true P(b|a) from 0.05 to 0.95, by their own G_eff.\n",
        markdown_table("G_eff", by_groups(cells)),
    ]


def small_counts(found: Found) -> list[str]:
    """Return the coverage with small shares and small counts."""
    by_share = {regime.name: found[regime.name] for regime in (independent(300), *LARGE)}
    meeting = {regime.name: found[regime.name] for regime in MEETING}
    return [
        "### Small and large shares\n",
        "Conditionals with n_given >= 50 (number of cells in brackets).\n",
        markdown_table("true share", binned(by_share, SHORT, "conditional", "p", (0, 0.01, 0.05, 0.2, 0.8, 1))),
        "### Small expected counts, all or nothing\n",
        "Lifts with n_given >= 50, by true expected count.\n",
        markdown_table("expected", binned(meeting, SHORT, "lift", "expected", (0, 1, 5, 20, math.inf))),
        "Cells in which every unit of the smaller category has the other: linearised alone → as it is used.\n",
        markdown_table("all meet", all_or_nothing(meeting, SHORT, "all")),
        "Cells in which no unit has both (a conditional or overlap is then Wilson's for 0 of G_eff).\n",
        markdown_table("none meet", all_or_nothing(meeting, SHORT, "none")),
    ]


def of_all_contrasts(n_tables: int, found: Found) -> list[str]:
    """Return the coverage of contrasts, by kind."""
    kinds, error = by_kind(found, SHORT)
    return [
        "### Contrasts\n",
        f"{n_tables:,} tables in each column; standard error of a kind at most {percent(error)}.\n",
        markdown_table("contrast", kinds),
    ]


def main() -> None:
    """Simulate, and print the tables or write them into the page."""
    parser = argparse.ArgumentParser(description="How often 95 % intervals hold the truth.")
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--near", type=int, default=1000, help="tables of near-copies in each regime")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/simulations.md")
    asked = parser.parse_args()
    found = simulate(asked.tables, asked.near, asked.processes)
    publish("coverage", found.text(), write=asked.write)


if __name__ == "__main__":
    main()
