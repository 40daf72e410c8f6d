"""Coverage of ratios within strata: `python -m benchmarks.stratified [--tables 1000] [--write]`.

Tables are drawn from stratified populations with known parameters. The results are the coverage of 95% intervals,
and how often 5% tests reject if rows and columns are unrelated within every stratum, in benchmarks/simulations.md.
With --write they are updated there. The simulation is seeded and gives the same numbers each time.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.pages import markdown_table, publish
from benchmarks.populations import group_sizes
from benchmarks.stratified_populations import StratifiedPopulation, groups, some_stratified, units
from diptych.arrays import over
from diptych.incidence import Incidence
from diptych.inference.laws import cumulants
from diptych.inference.strata import stratum_moments, within_strata

LEVEL = 0.95
TABLES_OF_ONE_POPULATION = 20
BOUNDS = (0, 1, 2, 5, 10, 20, 50, math.inf)
Draw = Callable[[StratifiedPopulation, np.random.Generator], Incidence]


@dataclass(frozen=True)
class Regime:
    """A method of drawing tables in a number of strata. `name` is also the seed."""

    name: str
    n_strata: int
    draw: Draw

    def tables(self, n_tables: int, *, related: bool) -> Iterator[tuple[StratifiedPopulation, Incidence]]:
        """Yield tables with the populations they were drawn from."""
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), related])
        for k in range(n_tables):
            if k % TABLES_OF_ONE_POPULATION == 0:
                population = some_stratified(self.n_strata, rng, related=related)
            yield population, self.draw(population, rng)


def independent(n_units: int, n_strata: int) -> Regime:
    """Return independent units."""
    return Regime(f"{n_units:,} units, {n_strata} strata", n_strata, lambda p, rng: units(p, n_units, rng))


def weighted(n_units: int, n_strata: int) -> Regime:
    """Return independent units with Pareto weights of shape 3."""
    name = f"{n_units:,} units, Pareto weights (3), {n_strata} strata"
    return Regime(name, n_strata, lambda p, rng: units(p, n_units, rng, 3))


def grouped(n_groups: int, n_strata: int, spread: float, *, nested: bool) -> Regime:
    """Return groups of 30 units on average, log-normal in size with `spread`."""
    sizes = "equal" if spread == 0 else f"log-normal ({spread:g})"
    name = f"{n_groups} groups, {sizes}, {'inside' if nested else 'across'} {n_strata} strata"
    return Regime(name, n_strata, lambda p, rng: groups(p, group_sizes(n_groups, 30, spread, rng), rng, nested=nested))


UNITS = (independent(300, 5), independent(300, 30), independent(2000, 10), independent(2000, 200), weighted(2000, 10))
GROUPS = (
    grouped(40, 4, 0, nested=True),
    grouped(120, 6, 0, nested=True),
    grouped(270, 10, 1, nested=True),
    grouped(600, 10, 1, nested=True),
    grouped(40, 4, 0, nested=False),
    grouped(120, 6, 0, nested=False),
    grouped(270, 10, 1, nested=False),
)
REGIMES = (*UNITS, *GROUPS)


def cells_of(regime: Regime, n_tables: int, *, related: bool) -> pd.DataFrame:
    """Return one row for each testable cell of each table: covered, expected, effective and p values.

    Columns: covered, there (an interval is given), n (units of the smaller margin), expected (true, within strata),
    effective (G_eff), and p from each method of testing.
    """
    parts: dict[str, list[NDArray[np.generic]]] = {}
    for population, incidence in regime.tables(n_tables, related=related):
        joint, within, _ = population.truth
        found, ratios = stratum_moments(incidence), within_strata(incidence, LEVEL)
        truth = joint / within
        given, outcome = found.margins.rows.sum(axis=0), found.margins.columns.sum(axis=0)
        columns = {
            "told": found.margins.n_telling > 0,
            "covered": (ratios.low <= truth) & (truth <= ratios.high),
            "there": np.isfinite(ratios.low),
            "n": np.minimum.outer(given, outcome),
            "expected": within * incidence.weight.sum(),
            "effective": found.groups,
            "p": ratios.p,
        }
        law = cumulants(found.margins)
        for name, less in (("chi-square", 0.0), ("chi-square, corrected", 0.5)):
            distance = np.maximum(np.abs(found.joint - law.mean) - less, 0.0)
            columns[name] = stats.chi2.sf(over(distance**2, law.variance, np.nan), 1)
        for name, values in columns.items():
            parts.setdefault(name, []).append(np.ravel(values))
    whole = pd.DataFrame({name: np.concatenate(values) for name, values in parts.items()})
    return whole[whole["told"]]


@dataclass(frozen=True)
class Found:
    """The results of one regime."""

    related: pd.DataFrame
    unrelated: pd.DataFrame


def simulate_regime(number: int, n_tables: int) -> Found:
    """Return the results of a regime by its number, for use in another process."""
    regime = REGIMES[number]
    return Found(
        cells_of(regime, n_tables, related=True),
        cells_of(regime, n_tables, related=False),
    )


def simulate(n_tables: int, processes: int) -> str:
    """Return every table of results as Markdown."""
    with ProcessPoolExecutor(processes) as pool:
        later = [pool.submit(simulate_regime, k, n_tables) for k in range(len(REGIMES))]
        found = {regime.name: each.result() for regime, each in zip(REGIMES, later, strict=True)}
    of_units = {name: found[name] for name in (r.name for r in UNITS[:4])}
    return "\n".join(
        [
            "### Over all\n",
            f"{n_tables:,} tables of nine cells in each row, twice: with and without affinity within strata.\n",
            markdown_table("tables", [_summary(name, each) for name, each in found.items()]),
            "### Intervals of the ratio, by expected count\n",
            "Independent units; true expected count within strata.\n",
            markdown_table("expected", _binned({n: f.related for n, f in of_units.items()}, "covered")),
            "### Tests at 5 %, by expected count\n",
            "Independent units without affinity within strata, the four regimes together: per cent rejected.\n",
            markdown_table("expected", _tests(pd.concat([f.unrelated for f in of_units.values()]))),
            "### Tests and intervals of groups, by G_eff\n",
            "All grouped tables; cells with 50 units or more on either margin and an expected count of 5 or more.\n",
            markdown_table("G_eff", _by_groups([found[r.name] for r in GROUPS])),
        ]
    )


def _summary(label: str, found: Found) -> dict[str, str]:
    enough = found.related[(found.related["n"] >= 50) & (found.related["expected"] >= 5) & found.related["there"]]
    tested = found.unrelated[(found.unrelated["n"] >= 50) & (found.unrelated["expected"] >= 5)]
    return {
        "": label,
        "ratio held": f"{_percent(enough['covered'])} ({len(enough):,})",
        "rejected without affinity": f"{_percent(_rejected(tested['p']))} ({len(tested):,})",
    }


def _rejected(p: pd.Series) -> pd.Series:
    return p.dropna() <= 1 - LEVEL


def _binned(found: dict[str, pd.DataFrame], column: str) -> list[dict[str, str]]:
    rows: dict[str, dict[str, str]] = {_range(bin_): {} for bin_ in pd.IntervalIndex.from_breaks(list(BOUNDS))}
    for name, cells in found.items():
        chosen = cells[cells["there"]]
        for bin_, part in chosen.groupby(pd.cut(chosen["expected"], BOUNDS, right=False), observed=True):
            rows[_range(bin_)][name] = f"{_percent(part[column])} ({len(part):,})"
    return [{"": label} | row for label, row in rows.items() if row]


def _tests(cells: pd.DataFrame) -> list[dict[str, str]]:
    ways = {"exact": "p", "chi-square": "chi-square", "chi-square, corrected": "chi-square, corrected"}
    rows = []
    for bin_, part in cells.groupby(pd.cut(cells["expected"], BOUNDS, right=False), observed=True):
        at_five = {name: _percent(_rejected(part[column])) for name, column in ways.items()}
        rare = {f"{name}, at 0.1 %": _percent(part[column].dropna() <= 0.001, 2) for name, column in ways.items()}
        rows.append({"": _range(bin_), "cells": f"{len(part):,}"} | at_five | rare)
    return rows


def _by_groups(found: list[Found]) -> list[dict[str, str]]:
    rows = []
    bounds = (1, 3, 5, 7, 10, 20, 50, math.inf)
    related, unrelated = (pd.concat([getattr(each, name) for each in found]) for name in ("related", "unrelated"))
    for bin_ in pd.IntervalIndex.from_breaks(list(bounds), closed="left"):
        chosen = [
            cells[
                (cells["n"] >= 50)
                & (cells["expected"] >= 5)
                & cells["effective"].between(bin_.left, bin_.right, "left")
            ]
            for cells in (related[related["there"]], unrelated)
        ]
        if min(map(len, chosen)):
            held, rejected = _percent(chosen[0]["covered"]), _percent(_rejected(chosen[1]["p"]))
            rows.append(
                {
                    "": _range(bin_),
                    "ratio held": f"{held} ({len(chosen[0]):,})",
                    "rejected without affinity": f"{rejected} ({len(chosen[1]):,})",
                }
            )
    return rows


def _range(bin_: pd.Interval) -> str:
    return f"{bin_.left:g} to {bin_.right:g}" if math.isfinite(bin_.right) else f"{bin_.left:g} or more"


def _percent(values: pd.Series, digits: int = 1) -> str:
    return f"{100 * values.astype(float).mean():.{digits}f}" if len(values) else ""


def main() -> None:
    """Simulate, and print the tables or write them into the page."""
    parser = argparse.ArgumentParser(description="Coverage of ratios within strata.")
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/simulations.md")
    asked = parser.parse_args()
    text = simulate(asked.tables, asked.processes)
    publish("strata", text, write=asked.write)


if __name__ == "__main__":
    main()
