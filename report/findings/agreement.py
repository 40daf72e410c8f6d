"""Agreement: on how many units both sides have exactly the same categories, and where the others go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..cells import Estimate
from ..inference.totals import proportion
from .finding import Finding, Study


@dataclass(frozen=True, kw_only=True)
class Agreement(Finding):
    """Of the units labelled on both sides, the share whose row set equals their column set.

    `pivot` is the category that most of the differing units have on one side or the other, on `n_pivot` of
    the `n_differ`.
    """

    kind: ClassVar[str] = "agreement"
    n_labelled: float
    n_agree: float
    share: Estimate
    n_differ: float
    pivot: str | None
    n_pivot: float


def find(study: Study) -> list[Agreement]:
    """Return one finding where both axes carry one taxonomy and any unit is labelled on both sides."""
    incidence = study.tables.incidence
    if not study.diagonal:
        return []
    labelled = incidence.row_sets.any(axis=1) & incidence.column_sets.any(axis=1)
    agree = labelled & (incidence.row_sets == incidence.column_sets).all(axis=1)
    weight = incidence.weight
    if not float(labelled @ weight):
        return []
    differ = np.where(labelled & ~agree, weight, 0.0)
    touched = (incidence.row_sets | incidence.column_sets).astype(np.float64).T @ differ
    pivot = int(np.argmax(touched)) if differ.sum() else None
    return [
        Agreement(
            id="agreement",
            cells=tuple(ref for name in study.rows for ref in study.refs(name, name)),
            n_labelled=float(labelled @ weight),
            n_agree=float(agree @ weight),
            share=proportion(agree.astype(float), labelled.astype(float), incidence, study.inference.level),
            n_differ=float(differ.sum()),
            pivot=None if pivot is None else study.rows[pivot],
            n_pivot=0.0 if pivot is None else float(touched[pivot]),
        )
    ]
