"""Methods of drawing tables from populations with known parameters: independent units, groups, weights."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from benchmarks.populations import (
    Population,
    group_sizes,
    grouped_units,
    independent_units,
    some_population,
    weighted_units,
)
from diptych.ledger.incidence import Incidence

TABLES_OF_ONE_POPULATION = 20

Draw = Callable[[Population, np.random.Generator], Incidence]


@dataclass(frozen=True)
class Table:
    """A table, the population it was drawn from, and that population's number."""

    number: int
    population: Population
    incidence: Incidence


@dataclass(frozen=True)
class Regime:
    """A method of drawing tables. `name` is also the seed, and `short` is a column header.

    `total` is the mean weight of all units in a table.
    """

    name: str
    short: str
    draw: Draw
    total: float

    def tables(self, n_tables: int) -> Iterator[Table]:
        """Yield tables, twenty from each population."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        for k in range(n_tables):
            if k % TABLES_OF_ONE_POPULATION == 0:
                population = some_population(rng)
            yield Table(k // TABLES_OF_ONE_POPULATION, population, self.draw(population, rng))


def independent(n_units: int) -> Regime:
    """Return independent units."""
    name = f"{n_units:,} independent units"
    return Regime(
        name, f"{n_units:,} units", lambda population, rng: independent_units(population, n_units, rng), n_units
    )


def weighted(n_units: int, shape: float) -> Regime:
    """Return independent units with Pareto weights, from 1 on, with a mean of shape / (shape - 1)."""
    return Regime(
        f"{n_units:,} units, Pareto weights ({shape:g})",
        f"{n_units:,} weighted ({shape:g})",
        lambda population, rng: weighted_units(population, n_units, shape, rng),
        n_units * shape / (shape - 1),
    )


def grouped(effective: int, spread: float, correlation: float = 0.2, mean: float = 30) -> Regime:
    """Return groups of `mean` units on average, in a number for which G_eff of all units is about `effective`."""
    n_groups = round(effective * math.exp(spread**2))
    sizes = "equal sizes" if spread == 0 else f"log-normal sizes ({spread:g})"
    few = "" if mean == 30 else f" of {mean:g}"
    alike = "" if correlation == 0.2 else f", {correlation:g}"
    return Regime(
        f"{n_groups} groups{few}, {sizes}, correlation {correlation:g}",
        f"{n_groups} equal groups{few}{alike}" if spread == 0 else f"{n_groups} groups{few} ({spread:g}){alike}",
        lambda population, rng: grouped_units(population, group_sizes(n_groups, mean, spread, rng), correlation, rng),
        n_groups * mean_size(mean, spread),
    )


def mean_size(mean: float, spread: float) -> float:
    """Return the expected size of a group: log-normal, rounded, at least 1.

    >>> mean_size(30, 0), round(mean_size(3, 0.5), 2)
    (30, 3.0)
    """
    if spread == 0:
        return mean
    law = stats.lognorm(spread, scale=mean * math.exp(-(spread**2) / 2))
    # A size is at least k if the log-normal number is at least k - 1/2.
    return 1 + float(law.sf(np.arange(2, 200 * mean) - 0.5).sum())
