"""Overdispersion: row counts with the same labels that vary more than counts of independent units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..cells import Estimate
from .finding import Finding, KeyNumber, Study
from .statements import FindingKind

Treatment = Literal["independent", "dispersion", "groups"]


@dataclass(frozen=True, kw_only=True)
class Overdispersion(Finding):
    """The variation of counts in a table of counts, and its treatment in intervals and tests (`treatment`).

    There are three treatments: the units of a row are independent (null), variances are multiplied by `index` with
    `freedom` degrees of freedom, or the units of a row form a group. The fields are defined in
    `diptych.cells.CountVariation`. `n_rows` is the number of rows with any unit.
    """

    kind = "overdispersion"
    place = None
    n_rows: int
    n_cells: int
    n_free: int
    index: float
    freedom: float
    score: float
    p: float
    is_drawn: bool
    is_excessive: bool
    level: float
    treatment: Treatment

    def number(self) -> KeyNumber:
        """Return the index of dispersion."""
        return KeyNumber((), Estimate(self.index))


def find(study: Study) -> list[Overdispersion]:
    """Return one finding if the counts of rows could be tested."""
    tally = study.numbers.tally
    if tally is None or tally.variation is None:
        return []
    found = tally.variation
    treatment: Treatment = "groups" if tally.as_groups else "independent" if tally.dispersion is None else "dispersion"
    return [
        Overdispersion(
            id="overdispersion",
            null=treatment == "independent",
            n_rows=tally.n_rows,
            n_cells=found.n_cells,
            n_free=found.n_free,
            index=found.index,
            freedom=found.freedom,
            score=found.score,
            p=found.p,
            is_drawn=found.is_drawn,
            is_excessive=found.is_excessive,
            level=found.level,
            treatment=treatment,
        )
    ]


KIND = FindingKind(Overdispersion, find)
