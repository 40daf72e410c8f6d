"""Coverage of 95% intervals: `python -m benchmarks.coverage [--tables 400] [--write]`.

Tables are drawn from populations with known parameters, without and with strata. The results are the share of intervals
that contain the truth, and of tests at 5% that reject if nothing is related within strata, in
benchmarks/simulations.md. With --write they are updated there. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.coverage_regimes import TABLES_OF_ONE_POPULATION, Regime, grouped, independent, weighted
from benchmarks.pages import markdown_table, publish
from benchmarks.populations import group_sizes
from benchmarks.stratified_populations import StratifiedPopulation, groups, some_stratified, units
from diptych.ledger.incidence import Incidence
from diptych.stats.measures import MEASURES, interval
from diptych.stats.pairs import pairs_of
from diptych.stats.strata import within_strata

Floats = NDArray[np.float64]

ALPHA = 0.05
FEWEST = 20
"""Units with and without a category, from which statements are made."""
MEASURED = ("conditional", "share", "jaccard", "difference", "lift", "odds_ratio", "relative_risk", "phi")
REGIMES = (
    independent(100), independent(300), independent(2000), weighted(300, 3), weighted(2000, 3),
    *(grouped(effective, spread) for effective in (8, 20, 50, 100) for spread in (0, 1)),
)  # fmt: skip
BOUNDS = {"p < 0.02": (0, 0.02), "0.02 to 0.1": (0.02, 0.1), "0.1 to 0.9": (0.1, 0.9), "p > 0.9": (0.9, 1)}


def cells_of(regime: Regime, n_tables: int) -> pd.DataFrame:
    """Return one row for each measure and each cell with an interval: measure, population, p, covered."""
    parts = []
    for table in regime.tables(n_tables):
        incidence, true = table.incidence, table.population.totals
        held = incidence.units @ incidence.row_sets
        enough = np.minimum(held, incidence.units.sum() - held) >= FEWEST
        for name in MEASURED:
            low, high = interval(MEASURES[name], pairs_of(incidence), ALPHA, worth=incidence.worth_of_one)
            truth = MEASURES[name](*true)
            there = enough[:, None] & np.isfinite(low) & np.isfinite(truth)
            covered = (low <= truth) & ~(high < truth)
            p = np.broadcast_to(true[0] / true[1], there.shape)
            parts.append({"measure": name, "population": table.number, "p": p[there], "covered": covered[there]})
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


Draw = Callable[[StratifiedPopulation, np.random.Generator], Incidence]


@dataclass(frozen=True)
class Strata:
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


def in_units(n_units: int, n_strata: int, shape: float = 0) -> Strata:
    """Return independent units, with `shape` of Pareto weights."""
    name = f"{n_units:,} units{f', Pareto weights ({shape:g})' if shape else ''}, {n_strata} strata"
    return Strata(name, n_strata, lambda population, rng: units(population, n_units, rng, shape))


def in_groups(n_groups: int, n_strata: int, spread: float, *, nested: bool) -> Strata:
    """Return groups of 30 units on average, log-normal in size with `spread`, each in one stratum or in all."""
    sizes = "equal" if spread == 0 else f"log-normal ({spread:g})"
    name = f"{n_groups} groups, {sizes}, {'inside' if nested else 'across'} {n_strata} strata"
    return Strata(
        name,
        n_strata,
        lambda population, rng: groups(population, group_sizes(n_groups, 30, spread, rng), rng, nested=nested),
    )


STRATA = (
    in_units(300, 5), in_units(300, 30), in_units(2000, 10), in_units(2000, 200), in_units(2000, 10, 3),
    in_groups(40, 4, 0, nested=True), in_groups(120, 6, 0, nested=True), in_groups(270, 10, 1, nested=True),
    in_groups(40, 4, 0, nested=False), in_groups(120, 6, 0, nested=False), in_groups(270, 10, 1, nested=False),
)  # fmt: skip


def pairs_in(regime: Strata, n_tables: int, *, related: bool) -> pd.DataFrame:
    """Return one row for each pair with at least five expected units: covered (of the ratio), and p."""
    parts = []
    for population, incidence in regime.tables(n_tables, related=related):
        joint, within, _ = population.truth
        found = within_strata(incidence)
        low, high = found.lift_ends(ALPHA)
        there = np.isfinite(low) & (within * incidence.weight.sum() >= 5)
        covered = (low <= joint / within) & (joint / within <= high)
        parts.append({"covered": covered[there], "p": found.p[there]})
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def percent(of: pd.Series) -> str:
    """Return a share of booleans as a percentage with one decimal, or a dash for none."""
    return f"{100 * of.mean():.1f}" if len(of) else "–"


def main() -> None:
    """Run the simulation and print or write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=400)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    every = {regime.short: cells_of(regime, options.tables) for regime in REGIMES}
    rows = [
        {"": name} | {measure: percent(cells.loc[cells.measure == measure, "covered"]) for measure in MEASURED}
        for name, cells in every.items()
    ]
    of_sizes = []
    for label, (low, high) in BOUNDS.items():
        chosen = [cells[cells.p.between(low, high)] for cells in every.values()]
        cells = pd.concat(chosen)
        of_sizes.append({"": label} | {m: percent(cells.loc[cells.measure == m, "covered"]) for m in MEASURED})
    in_strata = []
    for regime in STRATA:
        related, apart = (pairs_in(regime, options.tables, related=of) for of in (True, False))
        rejected = apart["p"].dropna() < ALPHA
        shares = {"covered": percent(related["covered"]), "unrelated, rejected": percent(rejected)}
        in_strata.append({"": regime.name} | shares)
    tables = markdown_table("units", rows), markdown_table("true share", of_sizes), markdown_table("units", in_strata)
    for name, table in zip(("coverage", "sizes", "strata"), tables, strict=True):
        publish(name, table, write=options.write)


if __name__ == "__main__":
    main()
