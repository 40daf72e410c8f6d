"""How often 95 % intervals hold the truth: `python -m benchmarks.coverage [--tables 2000] [--write]`.

Tables are drawn from populations whose numbers are known. The results stand in docs/inference.md; --write puts
them there. Seeded: the same numbers come out again.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.pages import markdown_table, publish
from benchmarks.populations import (
    N_CATEGORIES,
    Population,
    group_sizes,
    grouped_units,
    independent_units,
    some_population,
    weighted_units,
)
from report.cells import Refusal
from report.incidence import Incidence
from report.inference.contrast_intervals import contrast_interval
from report.inference.contrasts import Contrast, cell, panel_mean, row_mean
from report.inference.intervals import effective_groups, interval
from report.inference.linearised_contrasts import linearise
from report.inference.moments import moments
from report.inference.resampling import draw, resampling
from report.inference.settings import InferenceSettings
from report.matrices.counts import tabulate
from report.measures import MEASURES

LEVEL = 0.95
MEASURED = ("conditional", "lift", "difference", "phi", "jaccard")
CONTRASTED = ("conditional", "lift")
TABLES_OF_ONE_POPULATION = 20
SHAPE = (N_CATEGORIES, N_CATEGORIES)
DRAWS = InferenceSettings(resamples=1000)

WAYS = ("percentile", "basic", "percentile, stretched", "linearised t")
P_BOUNDS = (0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.7, 0.9, 0.95, 1)
EXPECTED_BOUNDS = (0, 1, 2, 5, 10, 20, 50, math.inf)
GROUP_BOUNDS = (1, 2, 3, 5, 7, 10, 20, 50, math.inf)
LEAST = 5000
"""Intervals that a row of coverages needs: its chance error is then below one per cent."""

Draw = Callable[[Population, np.random.Generator], Incidence]


@dataclass(frozen=True)
class Regime:
    """A way of drawing tables; `name` also seeds it."""

    name: str
    draw: Draw

    def tables(self, n_tables: int) -> Iterator[tuple[Population, Incidence]]:
        """Yield tables with the populations they were drawn from."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        for k in range(n_tables):
            if k % TABLES_OF_ONE_POPULATION == 0:
                population = some_population(rng)
            yield population, self.draw(population, rng)


def independent(n_units: int) -> Regime:
    """Return independent units."""
    return Regime(f"{n_units:,} independent units", lambda population, rng: independent_units(population, n_units, rng))


def weighted(n_units: int, shape: float) -> Regime:
    """Return independent units with Pareto weights."""
    name = f"{n_units:,} units, Pareto weights ({shape:g})"
    return Regime(name, lambda population, rng: weighted_units(population, n_units, shape, rng))


def grouped(effective: int, spread: float, correlation: float = 0.2) -> Regime:
    """Return groups of 30 units on average, so many that G_eff of all units is about `effective`."""
    n_groups = round(effective * math.exp(spread**2))
    sizes = "equal sizes" if spread == 0 else f"log-normal sizes ({spread:g})"
    return Regime(
        f"{n_groups} groups, {sizes}, correlation {correlation:g}",
        lambda population, rng: grouped_units(population, group_sizes(n_groups, 30, spread, rng), correlation, rng),
    )


REGIMES = (
    independent(300),
    independent(2000),
    weighted(2000, 3),
    weighted(2000, 2),
    *(grouped(effective, 0) for effective in (5, 10, 20, 50, 100)),
    *(grouped(effective, 1) for effective in (5, 10, 20, 50, 100)),
    grouped(100, 0, 0.5),
    grouped(100, 1.3, 0.5),
)
CONTRAST_REGIMES = (independent(300), *(grouped(effective, 1) for effective in (5, 10, 20, 50)))


def cell_coverage(regime: Regime, n_tables: int) -> pd.DataFrame:
    """Return whether each interval holds the truth: a row for each measure and cell of each table.

    Columns: measure, covered, n_given, p (true P(b|a)), expected (true n_a n_b / N), effective (G_eff).
    """
    parts: dict[str, list[NDArray[np.generic]]] = {}
    for population, incidence in regime.tables(n_tables):
        found = moments(incidence)
        n_given = np.broadcast_to(tabulate(incidence, "units").given[:, None], SHAPE)
        for name in MEASURED:
            measure = MEASURES[name]
            ends = interval(measure.info, measure, found, LEVEL, weighted=incidence.weighted)
            truth = measure(*population.totals)
            cells = {
                "measure": np.full(SHAPE, name),
                "covered": (ends.low <= truth) & (truth <= ends.high),
                "there": np.isfinite(ends.low),
                "n_given": n_given,
                "p": population.totals[0] / population.totals[1],
                "expected": incidence.n_units * population.totals[1] * population.totals[2],
                "effective": effective_groups(measure.info, found),
            }
            for column, values in cells.items():
                parts.setdefault(column, []).append(np.ravel(values))
    whole = pd.DataFrame({column: np.concatenate(values) for column, values in parts.items()})
    return whole[whole["there"]]


def promised(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells for which 93 to 97 % are promised: n_given >= 50, p from 0.05 to 0.95, G_eff >= 50."""
    return cells[(cells["n_given"] >= 50) & cells["p"].between(0.05, 0.95) & (cells["effective"] >= 50)]


def contrasts_of(name: str) -> dict[str, Contrast]:
    """Return one contrast of each kind for a measure."""
    measure, all_cells = MEASURES[name], np.ones(SHAPE, dtype=bool)
    contrasts = {
        "cell, cell": Contrast(cell(measure, SHAPE, 0, 0), cell(measure, SHAPE, 1, 1)),
        "row, row": Contrast(row_mean(measure, all_cells, 0), row_mean(measure, all_cells, 1)),
        "a,b and b,a": Contrast(cell(measure, SHAPE, 0, 1), cell(measure, SHAPE, 1, 0)),
    }
    if not measure.info.symmetric:
        reverse = panel_mean(measure, all_cells, reverse=True)
        contrasts["panel, panel"] = Contrast(panel_mean(measure, all_cells), reverse)
    return contrasts


def contrast_coverage(regime: Regime, n_tables: int) -> pd.DataFrame:
    """Return which ways of making an interval hold the truth: a row for each contrast of each table."""
    contrasts = {(name, kind): made for name in CONTRASTED for kind, made in contrasts_of(name).items()}
    rows = []
    for population, incidence in regime.tables(n_tables):
        joint, given, outcome, units = population.totals
        whole = joint, given[:, 0], outcome[0], units[0, 0]
        for (name, kind), contrast in contrasts.items():
            truth = float(contrast.value(*whole))
            ends = _ways(contrast, incidence)
            rows.append(
                {"measure": name, "kind": kind} | {way: low <= truth <= high for way, (low, high) in ends.items()}
            )
    return pd.DataFrame(rows)


def _ways(contrast: Contrast, incidence: Incidence) -> dict[str, tuple[float, float]]:
    """Return the ends of one contrast's interval made in four ways; none where it has no interval."""
    chosen = contrast_interval(contrast, incidence, DRAWS, threads=1)
    narrow, rows, columns = contrast.narrowed()
    found = resampling(incidence, rows, columns)
    if isinstance(found, Refusal) or chosen.low is None or chosen.high is None:
        return {}
    values = np.concatenate(
        list(draw(found, lambda t: narrow.value(t.joint, t.given, t.outcome, t.units), DRAWS, threads=1))
    )
    low, high = np.nanquantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    about = linearise(contrast, incidence)
    law = stats.norm() if incidence.group is None else stats.t(max(about.effective - 1, 1))
    half = law.ppf((1 + LEVEL) / 2) * about.error
    basic = 2 * about.value - high, 2 * about.value - low
    linearised = about.value - half, about.value + half
    return dict(zip(WAYS, ((low, high), basic, (chosen.low, chosen.high), linearised), strict=True))


def simulate(n_tables: int, processes: int) -> str:
    """Return every table of results as Markdown; contrasts are simulated on a quarter of the tables."""
    n_contrasts = max(1, n_tables // 4)
    with ProcessPoolExecutor(processes) as pool:
        cells_later = [pool.submit(cell_coverage_of, k, n_tables) for k in range(len(REGIMES))]
        contrasts_later = [pool.submit(contrast_coverage_of, k, n_contrasts) for k in range(len(CONTRAST_REGIMES))]
        found = {regime.name: later.result() for regime, later in zip(REGIMES, cells_later, strict=True)}
        contrasts = {r.name: later.result() for r, later in zip(CONTRAST_REGIMES, contrasts_later, strict=True)}
    grouped_cells = pd.concat([cells for name, cells in found.items() if "groups" in name])
    spread = {name: found[name] for name in (independent(2000).name, grouped(100, 1).name)}
    kept = {name: good for name, cells in found.items() if len(good := promised(cells)) >= LEAST}
    return "\n".join(
        [
            "### Where 93 to 97 % are promised\n",
            f"{n_tables:,} tables of nine cells in each row.",
            "Cells with n_given >= 50, true P(b|a) from 0.05 to 0.95 and G_eff >= 50.\n",
            markdown_table("tables", [_by_measure(name, cells) for name, cells in kept.items()]),
            "### Few groups\n",
            "All grouped tables; cells with n_given >= 50 and true P(b|a) from 0.05 to 0.95, by their own G_eff.\n",
            markdown_table("G_eff", _by_groups(grouped_cells)),
            "### Small and large shares\n",
            "Conditionals with n_given >= 50, by true P(b|a).\n",
            markdown_table("true share", _binned(spread, "conditional", "p", P_BOUNDS)),
            "Lifts with n_given >= 50, by true expected count.\n",
            markdown_table("expected", _binned(spread, "lift", "expected", EXPECTED_BOUNDS)),
            "### Contrasts\n",
            f"{n_contrasts:,} tables in each row, {DRAWS.resamples:,} resamples.",
            "Contrasts of conditionals and of lifts together, by the way of making an interval.\n",
            markdown_table("tables", [_by_way(name, rows) for name, rows in contrasts.items()]),
            "The way that is used (percentile, stretched), by kind of contrast.\n",
            markdown_table("tables", [_by_kind(name, rows) for name, rows in contrasts.items()]),
        ]
    )


def cell_coverage_of(number: int, n_tables: int) -> pd.DataFrame:
    """Return `cell_coverage` of a regime by its number, for another process."""
    return cell_coverage(REGIMES[number], n_tables)


def contrast_coverage_of(number: int, n_tables: int) -> pd.DataFrame:
    """Return `contrast_coverage` of a regime by its number, for another process."""
    return contrast_coverage(CONTRAST_REGIMES[number], n_tables)


def _by_measure(label: str, cells: pd.DataFrame) -> dict[str, str]:
    by_measure = cells.groupby("measure")["covered"].mean()
    shown = {name: _percent(by_measure.get(name)) for name in MEASURED}
    return {"": label, "cells": f"{len(cells) // len(MEASURED):,}"} | shown


def _by_groups(cells: pd.DataFrame) -> list[dict[str, str]]:
    chosen = cells[(cells["n_given"] >= 50) & cells["p"].between(0.05, 0.95)]
    bins = pd.cut(chosen["effective"], GROUP_BOUNDS, right=False)
    return [_by_measure(_range(bin_), part) for bin_, part in chosen.groupby(bins, observed=True)]


def _binned(found: dict[str, pd.DataFrame], measure: str, by: str, bounds: Sequence[float]) -> list[dict[str, str]]:
    rows: dict[str, dict[str, str]] = {_range(bin_): {} for bin_ in pd.IntervalIndex.from_breaks(list(bounds))}
    for name, cells in found.items():
        chosen = cells[(cells["measure"] == measure) & (cells["n_given"] >= 50)]
        for bin_, part in chosen.groupby(pd.cut(chosen[by], bounds, right=False), observed=True):
            rows[_range(bin_)][f"{name} (cells)"] = f"{_percent(part['covered'].mean())} ({len(part):,})"
    return [{"": label} | row for label, row in rows.items() if row]


def _by_way(label: str, rows: pd.DataFrame) -> dict[str, str]:
    return {"": label} | {way: _percent(rows[way].astype(float).mean()) for way in WAYS}


def _by_kind(label: str, rows: pd.DataFrame) -> dict[str, str]:
    named = rows.assign(held=rows[WAYS[2]].astype(float), name=rows["measure"] + ": " + rows["kind"])
    by_kind = named.groupby("name", sort=False)["held"].mean()
    return {"": label} | {str(name): _percent(share) for name, share in by_kind.items()}


def _range(bin_: pd.Interval) -> str:
    return f"{bin_.left:g} to {bin_.right:g}" if math.isfinite(bin_.right) else f"{bin_.left:g} or more"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def main() -> None:
    """Simulate, and print the tables or write them into the page."""
    parser = argparse.ArgumentParser(description="How often 95 % intervals hold the truth.")
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/inference.md")
    asked = parser.parse_args()
    publish("coverage", simulate(asked.tables, asked.processes), write=asked.write)


if __name__ == "__main__":
    main()
