"""Coarse units: where nearly every unit has nearly every category, shares near 1 say nothing about categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..arrays import Floats
from ..panels import Tables
from .finding import Finding, KeyNumber, Recipe, Study, part_of
from .statements import FindingKind

NEAR = 0.05
"""A share this near to 1 tells categories no longer apart."""

_MOST = 0.5


@dataclass(frozen=True, kw_only=True)
class Coarse(Finding):
    """More than half of a conditional panel's measured cells lie within `NEAR` of 1.

    `finer` is what the unit is called under which the fewest cells do, None where no other unit can be counted or
    none is finer.
    """

    kind: ClassVar[str] = "coarse"
    panel: str
    n_near: int
    n_cells: int
    finer: str | None

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((), part_of(self.n_near, self.n_cells), plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield Recipe("near_one", "n_near / n_cells", {"n_near": "n_near", "n_cells": "n_cells"})


def find(study: Study) -> list[Coarse]:
    """Return a finding for each conditional panel whose unit is too coarse."""
    found = []
    for panel in study.panels:
        if panel.measure.name != "conditional":
            continue
        cells = panel.measured()
        near = [cell for cell in cells if (cell.value or 0) >= 1 - NEAR]
        if len(near) <= _MOST * len(cells):
            continue
        reverse = panel.given != study.tables.incidence.rows.kind
        found.append(
            Coarse(
                id=f"coarse.{panel.id}",
                panel=panel.id,
                cells=panel.refs(near),
                n_near=len(near),
                n_cells=len(cells),
                finer=_finer(study, len(near) / len(cells), reverse=reverse),
            )
        )
    return found


def _finer(study: Study, share: float, *, reverse: bool) -> str | None:
    minimum = study.inference.minimum_units
    shares = [(_near(tables, minimum, reverse=reverse), tables) for tables in study.alternatives.values()]
    least, tables = min(shares, key=lambda pair: pair[0], default=(1.0, study.tables))
    return tables.incidence.unit.plural if least < share else None


def _near(tables: Tables, minimum: int, *, reverse: bool) -> float:
    """Return the share of the cells that can be judged that lie near 1; 1 where there are none."""
    counts = tables.counts.T if reverse else tables.counts
    units = tables.units.T if reverse else tables.units
    judged = (units.given >= minimum)[:, None] & (counts.outcome > 0)[None, :]
    values: Floats = counts.joint / np.maximum(counts.given, 1e-300)[:, None]
    return float((values[judged] >= 1 - NEAR).mean()) if judged.any() else 1.0


KIND = FindingKind(Coarse, find)
