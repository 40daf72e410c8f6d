"""Populations with known parameters, and tables drawn from them, for simulations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from diptych.cells import Kind, Unit
from diptych.ledger.incidence import Incidence, Side

Floats = NDArray[np.float64]
N_CATEGORIES = 3
_SETS = np.array(list(product([False, True], repeat=2 * N_CATEGORIES)))
_NAMES = ("A", "B", "C")


@dataclass(frozen=True, eq=False)
class Population:
    """Units of K latent classes. Within a class, categories are independent.

    `classes` (K,) are the shares of the classes. `had` (K, 6) are the probabilities of the three row and three
    column categories. Units may have several categories or none.
    """

    classes: Floats
    had: Floats

    @cached_property
    def within(self) -> Floats:
        """The probability (K, 64) of each pattern in each class."""
        chances = np.where(_SETS[None], self.had[:, None], 1 - self.had[:, None])
        probability: Floats = chances.prod(axis=2)
        return probability

    @cached_property
    def totals(self) -> Floats:
        """The true (n_ab, n_a, n_b, N) per unit, (4, 3, 3)."""
        chance = self.classes @ self.within
        rows, columns = _SETS[:, :N_CATEGORIES] * chance[:, None], _SETS[:, N_CATEGORIES:]
        given, outcome = rows.sum(axis=0), (columns * chance[:, None]).sum(axis=0)
        shape = (N_CATEGORIES, N_CATEGORIES)
        return np.stack([rows.T @ columns, np.broadcast_to(given[:, None], shape),
                         np.broadcast_to(outcome, shape), np.ones(shape)])  # fmt: skip


def some_population(rng: np.random.Generator) -> Population:
    """Draw a population whose shares range from a few per thousand (the last column) to over 90%."""
    own = np.tile(np.eye(N_CATEGORIES, dtype=bool), 2)
    had = np.where(own, rng.uniform(0.5, 0.97, own.shape), np.exp(rng.uniform(np.log(0.002), np.log(0.4), own.shape)))
    had[:, -1] *= np.exp(rng.uniform(np.log(0.005), 0))
    return Population(rng.dirichlet(np.full(N_CATEGORIES, 6.0)), had)


def independent_units(population: Population, n_units: int, rng: np.random.Generator) -> Incidence:
    """Draw units independently."""
    return _incidence(rng.multinomial(n_units, population.classes @ population.within)[None], grouped=False)


def weighted_units(population: Population, n_units: int, shape: float, rng: np.random.Generator) -> Incidence:
    """Draw units independently, each with a Pareto weight of this shape (smaller is more unequal)."""
    pattern = rng.choice(len(_SETS), n_units, p=population.classes @ population.within)
    weight = 1 + rng.pareto(shape, n_units)
    units = np.bincount(pattern, minlength=len(_SETS))
    sums, squares = (np.bincount(pattern, w, len(_SETS)).astype(np.float64) for w in (weight, weight**2))
    return _incidence(units[None], grouped=False, weights=(sums, squares))


def group_sizes(n_groups: int, mean: float, spread: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw the number of units in each group, at least one: log-normal with `spread`, 0 for equal sizes."""
    return np.maximum(1, np.rint(mean * np.exp(spread * rng.standard_normal(n_groups) - spread**2 / 2))).astype(
        np.int64
    )


def grouped_units(
    population: Population, sizes: NDArray[np.int64], correlation: float, rng: np.random.Generator
) -> Incidence:
    """Draw groups of the given sizes. Each has its own mix of classes, so that units of a group are similar.

    `correlation` is the intra-group correlation of the class: mixes are Dirichlet with 1/correlation - 1 in all.
    """
    mixes = rng.dirichlet(population.classes * (1 / correlation - 1), len(sizes))
    return _incidence(rng.multinomial(sizes, mixes @ population.within), grouped=True)


def _incidence(units: NDArray[np.int64], *, grouped: bool, weights: tuple[Floats, Floats] | None = None) -> Incidence:
    """Return the incidence of units (G, 64) by group and pattern. Weights are (64,)."""
    group, pattern = np.nonzero(units)
    counts = units[group, pattern]
    weight, squared = (counts.astype(np.float64),) * 2 if weights is None else (part[pattern] for part in weights)
    kinds = Kind("datasets", "Dataset", "dataset", "datasets"), Kind("models", "Model", "model", "models")
    return Incidence(
        relation="drawn",
        rows=Side("datasets", kinds[0], _NAMES, "default"),
        columns=Side("models", kinds[1], _NAMES, "default"),
        unit=Unit("to", "model", "models"),
        row_sets=_SETS[pattern, :N_CATEGORIES],
        column_sets=_SETS[pattern, N_CATEGORIES:],
        units=counts,
        weight=weight,
        weight_squared=squared,
        stratum=np.zeros(len(counts), dtype=np.int64),
        strata=("",),
        stratum_names=(),
        group=group if grouped else None,
        n_groups=len(units) if grouped else None,
        group_names=("group",) if grouped else (),
        weighted=weights is not None,
        trivial_diagonal=False,
    )
