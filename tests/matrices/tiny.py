"""Incidences as literals, and the units they stand for written out one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from diptych.cells import Kind, Unit
from diptych.ledger.incidence import Incidence, Side

DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
MODELS = Kind("models", "Model", "model", "models")


class P(NamedTuple):
    """A pattern: sets as letters, how many units show it, its group and stratum; `weights` of each unit."""

    rows: str
    columns: str
    units: int
    group: str = ""
    stratum: str = ""
    weights: tuple[float, ...] | None = None


def tiny(*patterns, rows="AB", columns="XY", groups=False, strata=False, trivial=False, one=False):
    """Make an incidence of patterns; `one`: both axes carry one taxonomy."""
    group_names = sorted({p.group for p in patterns})
    levels = sorted({p.stratum for p in patterns})
    weights = [p.weights or (1.0,) * p.units for p in patterns]
    assert [len(w) for w in weights] == [p.units for p in patterns]

    def sets(names, side):
        return np.array([[n in p[side] for n in names] for p in patterns], dtype=bool).reshape(-1, len(names))

    def numbers(values, dtype=np.int64):
        return np.array(list(values), dtype=dtype)

    return Incidence(
        relation="trained_on",
        rows=Side("datasets", DATASETS, tuple(rows), "default"),
        columns=Side("models", MODELS, tuple(columns), "default" if one else "other"),
        unit=Unit("to", "model", "models"),
        row_sets=sets(rows, 0),
        column_sets=sets(columns, 1),
        units=numbers(p.units for p in patterns),
        weight=numbers((sum(w) for w in weights), np.float64),
        weight_squared=numbers((sum(x * x for x in w) for w in weights), np.float64),
        stratum=numbers(levels.index(p.stratum) for p in patterns),
        strata=tuple(levels) or ("",),
        stratum_names=("package",) if strata else (),
        group=numbers(group_names.index(p.group) for p in patterns) if groups else None,
        n_groups=len(group_names) if groups else None,
        group_names=("author",) if groups else (),
        weighted=any(p.weights for p in patterns),
        trivial_diagonal=trivial,
    )


@dataclass(frozen=True)
class One:
    """One unit: its row and column categories, its weight and its group."""

    rows: str
    columns: str
    weight: float
    group: str


def units_of(patterns):
    """Write the units of patterns out, one by one, in plain Python."""
    return [
        One(p.rows, p.columns, weight, p.group or f"{number}.{k}")
        for number, p in enumerate(patterns)
        for k, weight in enumerate(p.weights or (1.0,) * p.units)
    ]


def adds(unit, a, b):
    """What a unit adds to n_ab, n_a, n_b and N."""
    row, column = a in unit.rows, b in unit.columns
    return [share * unit.weight for share in (row and column, row, column, True)]


def random_patterns(seed, n, *, n_groups=0, weighted=False, rows="AB", columns="XY"):
    """Draw patterns with a fixed seed; few groups share many of them."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        sets = ["".join(c for c in names if rng.random() < 0.45) for names in (rows, columns)]
        units = int(rng.integers(1, 6))
        weights = tuple(float(w) for w in rng.integers(1, 40, units)) if weighted else None
        group = f"g{int(n_groups * rng.random() ** 2):03d}" if n_groups else ""
        out.append(P(*sets, units, group, "", weights))
    return out
