"""Stratified populations with known parameters, and tables drawn from them, for simulations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.populations import N_CATEGORIES, Population, some_population
from diptych.cells import Kind, Unit
from diptych.ledger.incidence import Incidence, Side

Floats = NDArray[np.float64]
Draw = NDArray[np.int64]
_SETS = np.array(list(product([False, True], repeat=N_CATEGORIES)))
_NAMES = ("A", "B", "C")
_ALIKE = 0.45
"""The chance that a unit has its group's class: the intra-group correlation of the class is its square, 0.2."""


@dataclass(frozen=True, eq=False)
class StratifiedPopulation:
    """Units of K latent classes in S strata of `sizes` (S,), each with its own mix of classes, `mixes` (S, K).

    `related`: a unit has one class, which determines its row and column categories. Otherwise it has a class for each,
    drawn independently. Rows and columns are then unrelated within strata, although the strata associate them.
    """

    classes: Population
    sizes: Floats
    mixes: Floats
    related: bool

    @cached_property
    def _of_class(self) -> tuple[Floats, Floats]:
        """The probabilities (K, 8) of row sets and of column sets in each class."""
        had = self.classes.had
        parts = [
            np.where(_SETS[None], side[:, None], 1 - side[:, None]).prod(axis=2)
            for side in (had[:, :N_CATEGORIES], had[:, N_CATEGORIES:])
        ]
        return parts[0], parts[1]

    def patterns(self, row_mixes: Floats, column_mixes: Floats) -> Floats:
        """Return the probabilities (..., 8, 8) of row sets by column sets for mixes (..., K) of classes."""
        rows, columns = self._of_class
        if self.related:
            joined = np.einsum("kr,kc->krc", rows, columns)
            return np.einsum("...k,krc->...rc", row_mixes, joined)
        return (row_mixes @ rows)[..., :, None] * (column_mixes @ columns)[..., None, :]

    @cached_property
    def truth(self) -> tuple[Floats, Floats, Floats]:
        """The true n_ab (3, 3), E_ab within strata (3, 3) and n_a n_b / N (3, 3), for one unit."""
        chance = self.patterns(self.mixes, self.mixes) * self.sizes[:, None, None]
        sets = _SETS.astype(float)
        joint = np.einsum("src,ra,cb->ab", chance, sets, sets)
        rows, columns = chance.sum(axis=2) @ sets, chance.sum(axis=1) @ sets
        within = rows.T @ (columns / self.sizes[:, None])
        return joint, within, np.outer(rows.sum(axis=0), columns.sum(axis=0))


def some_stratified(n_strata: int, rng: np.random.Generator, *, related: bool) -> StratifiedPopulation:
    """Draw a population with `n_strata` strata of unequal size. Most classes occur mainly in some of them."""
    classes = some_population(rng)
    sizes = rng.dirichlet(np.full(n_strata, 2.0))
    mixes = rng.dirichlet(classes.classes * 2.0, n_strata)
    return StratifiedPopulation(classes, sizes, mixes, related)


def units(population: StratifiedPopulation, n_units: int, rng: np.random.Generator, shape: float = 0) -> Incidence:
    """Draw units independently. With `shape`, each has a Pareto weight of that shape."""
    chance = population.patterns(population.mixes, population.mixes) * population.sizes[:, None, None]
    if shape == 0:
        return _incidence(rng.multinomial(n_units, chance.ravel() / chance.sum()).reshape(1, *chance.shape))
    kind = rng.choice(chance.size, n_units, p=chance.ravel() / chance.sum())
    weight = 1 + rng.pareto(shape, n_units)
    sums, squares = (np.bincount(kind, w, chance.size).reshape(chance.shape) for w in (weight, weight**2))
    return _incidence(np.bincount(kind, minlength=chance.size).reshape(1, *chance.shape), weights=(sums, squares))


def groups(population: StratifiedPopulation, sizes: Draw, rng: np.random.Generator, *, nested: bool) -> Incidence:
    """Draw groups of those sizes (G,), each in one stratum (`nested`) or with its units spread over all strata.

    The units of a group tend to one class, the same class in every stratum that has it.
    """
    n_strata = len(population.sizes)
    if nested:
        of_stratum = np.zeros((len(sizes), n_strata), dtype=np.int64)
        of_stratum[np.arange(len(sizes)), rng.choice(n_strata, len(sizes), p=population.sizes)] = sizes
    else:
        of_stratum = rng.multinomial(sizes, population.sizes)
    group, stratum = np.nonzero(of_stratum)
    mixes = [_alike(population.mixes[stratum], rng.random(len(sizes))[group]) for _ in range(2)]
    if population.related:
        mixes[1] = mixes[0]
    chance = population.patterns(*mixes).reshape(len(group), -1)
    drawn = np.zeros((len(sizes), n_strata, len(_SETS), len(_SETS)), dtype=np.int64)
    chance /= chance.sum(axis=1, keepdims=True)
    drawn[group, stratum] = rng.multinomial(of_stratum[group, stratum], chance).reshape(-1, len(_SETS), len(_SETS))
    return _incidence(drawn, grouped=True)


def _alike(mixes: Floats, at: Floats) -> Floats:
    """Return mixes (n, K) moved towards one class each: the class at the quantile `at` (n,) of the mix."""
    chosen = (np.cumsum(mixes, axis=1) < at[:, None]).sum(axis=1)
    own = np.eye(mixes.shape[1])[np.minimum(chosen, mixes.shape[1] - 1)]
    moved: Floats = (1 - _ALIKE) * mixes + _ALIKE * own
    return moved


def _incidence(drawn: Draw, *, grouped: bool = False, weights: tuple[Floats, Floats] | None = None) -> Incidence:
    """Return the incidence of units (G, S, 8, 8) by group, stratum, row set and column set. Weights are (S, 8, 8)."""
    group, stratum, row, column = np.nonzero(drawn)
    counts = drawn[group, stratum, row, column]
    plain = counts.astype(np.float64)
    weight, squared = (plain, plain) if weights is None else (part[stratum, row, column] for part in weights)
    kinds = Kind("datasets", "Dataset", "dataset", "datasets"), Kind("models", "Model", "model", "models")
    return Incidence(
        relation="drawn",
        rows=Side("datasets", kinds[0], _NAMES, "default"),
        columns=Side("models", kinds[1], _NAMES, "default"),
        unit=Unit("to", "model", "models"),
        row_sets=_SETS[row],
        column_sets=_SETS[column],
        units=counts,
        weight=weight,
        weight_squared=squared,
        stratum=stratum,
        strata=tuple(str(s) for s in range(drawn.shape[1])),
        stratum_names=("stratum",),
        group=group if grouped else None,
        n_groups=len(drawn) if grouped else None,
        group_names=("group",) if grouped else (),
        weighted=weights is not None,
        trivial_diagonal=False,
    )
