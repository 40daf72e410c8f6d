"""Bridges: a category through which nearly all crossings between others pass."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from .finding import Finding, Study, slug


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two categories and how many units have one on one side and the other on the other, either way."""

    first: str
    second: str
    n: float


@dataclass(frozen=True, kw_only=True)
class Bridge(Finding):
    """A category that is in most crossings, with what is left among the others.

    `live` categories have enough units on either side. `met` are those the bridge meets. Of `n_pairs` pairs
    of the other live categories `n_unmet` share no unit; `exceptions` are the pairs that do.
    """

    kind: ClassVar[str] = "bridge"
    category: str
    live: tuple[str, ...]
    met: tuple[str, ...]
    n_crossing: float
    n_through: float
    n_pairs: int
    n_unmet: int
    exceptions: tuple[Meeting, ...]


def find(study: Study) -> list[Bridge]:
    """Return one finding where a single category carries the crossings; a null finding where none does."""
    if not study.diagonal:
        return []
    counts = study.tables.counts
    crossing = counts.joint + counts.joint.T
    np.fill_diagonal(crossing, 0)
    enough = np.maximum(counts.given, counts.outcome) >= study.inference.minimum_units
    live = [int(i) for i in np.flatnonzero(enough)]
    total = float(crossing.sum()) / 2
    if len(live) < 3 or not total:
        return []
    best = max(live, key=lambda i: float(crossing[i].sum()))
    others = [i for i in live if i != best and crossing[i].any()]
    pairs = [Meeting(study.rows[i], study.rows[j], float(crossing[i, j])) for i, j in combinations(others, 2)]
    through = float(crossing[best].sum())
    met = tuple(study.rows[i] for i in live if crossing[best, i])
    return [
        Bridge(
            id=f"bridge.{slug(study.rows[best])}",
            null=through < study.thresholds.high * total or len(met) < 2,
            cells=tuple(
                r for name in met for r in (*study.refs(study.rows[best], name), *study.refs(name, study.rows[best]))
            ),
            category=study.rows[best],
            live=tuple(study.rows[i] for i in live),
            met=met,
            n_crossing=total,
            n_through=through,
            n_pairs=len(pairs),
            n_unmet=sum(pair.n == 0 for pair in pairs),
            exceptions=tuple(sorted((p for p in pairs if p.n), key=lambda p: -p.n)),
        )
    ]
