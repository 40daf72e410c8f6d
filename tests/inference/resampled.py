"""Totals of tables whose units, or whole groups, are drawn with replacement: an oracle for errors of contrasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diptych.cells import Kind, Unit
from diptych.incidence import Incidence, Side
from diptych.matrices.counts import shares


@dataclass(frozen=True)
class Totals:
    """Totals of k resamples: joint (k, R, C), given (k, R), outcome (k, C) and units (k,)."""

    joint: np.ndarray
    given: np.ndarray
    outcome: np.ndarray
    units: np.ndarray


def resampled(incidence: Incidence, n: int, seed: int = 1) -> Totals:
    """Draw n resamples of an incidence without weights."""
    rng = np.random.default_rng(seed)
    if incidence.group is None:
        times = rng.multinomial(incidence.n_units, incidence.units / incidence.n_units, n)
    else:
        n_groups = incidence.n_groups
        times = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), n)[:, incidence.group] * incidence.units
    rows, columns = shares(incidence)
    joint = np.stack([(times * rows[:, i]) @ columns for i in range(rows.shape[1])], axis=1)
    return Totals(joint, times @ rows, times @ columns, times.sum(axis=1).astype(np.float64))


def some_incidence(n_patterns: int, n_units: int, n_categories: int = 9) -> Incidence:
    """Return distinct random patterns with realistically unequal numbers of units."""
    rng = np.random.default_rng(1)
    masks = rng.choice(2 ** (2 * n_categories), n_patterns, replace=False)
    sets = (masks[:, None] >> np.arange(2 * n_categories)) & 1 == 1
    share = rng.pareto(1.2, n_patterns)
    units = np.maximum(1, np.rint(n_units * share / share.sum())).astype(np.int64)
    names = tuple(f"C{k}" for k in range(n_categories))
    return Incidence(
        relation="drawn",
        rows=Side("datasets", Kind("datasets", "Dataset", "dataset", "datasets"), names, "default"),
        columns=Side("models", Kind("models", "Model", "model", "models"), names, "default"),
        unit=Unit("to", "model", "models"),
        row_sets=sets[:, :n_categories],
        column_sets=sets[:, n_categories:],
        units=units,
        weight=units.astype(np.float64),
        weight_squared=units.astype(np.float64),
        stratum=np.zeros(n_patterns, dtype=np.int64),
        strata=("",),
        stratum_names=(),
        group=None,
        n_groups=None,
        group_names=(),
        weighted=False,
        trivial_diagonal=False,
    )
