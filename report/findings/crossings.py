"""Crossings: the cells off the diagonal that are large enough to be named, and how many are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..arrays import Bools, over
from ..cells import Cell, CellRef
from .finding import Finding, KeyNumber, Recipe, Study, cell_recipes
from .statements import (
    Answer,
    Asked,
    Drawn,
    FindingKind,
    Headline,
    Question,
    Statement,
    about_cell,
    varying,
)


@dataclass(frozen=True, kw_only=True)
class Crossings(Finding):
    """Measured cells of a conditional panel off the diagonal from `threshold` on, highest first.

    Where the axes carry different taxonomies every measured cell counts. `n_below` are the other measured
    cells with any unit in them, `n_few` those from `threshold` on that have too few units to be judged.
    """

    kind: ClassVar[str] = "crossings"
    thresholds: ClassVar[tuple[str, ...]] = ("listed", "minimum_units")
    panel: str
    threshold: float
    listed: tuple[Cell, ...]
    n_below: int
    n_few: int = 0

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        if not self.listed:
            return KeyNumber((), None)
        cell = self.listed[0]
        return KeyNumber((cell.given, cell.outcome), cell.value, low=cell.low, high=cell.high)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield from cell_recipes("listed", self.listed)
        yield Recipe("below", "n_below", {"n_below": "n_below"}, "n_below")


def find(study: Study) -> list[Crossings]:
    """Return one finding for each conditional panel."""
    found = []
    threshold = study.thresholds.listed
    for panel in study.panels:
        if panel.measure.name != "conditional":
            continue
        there = [c for c in panel.cells if c.value and not (panel.same_taxonomy and c.given == c.outcome)]
        cells = [cell for cell in there if cell.state == "measured"]
        listed = sorted((cell for cell in cells if (cell.value or 0) >= threshold), key=lambda cell: -(cell.value or 0))
        found.append(
            Crossings(
                id=f"crossings.{panel.id}",
                null=not listed,
                panel=panel.id,
                cells=tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in listed),
                threshold=threshold,
                listed=tuple(listed),
                n_below=len(cells) - len(listed),
                n_few=sum(cell.state == "few" and (cell.value or 0) >= threshold for cell in there),
            )
        )
    return found


NAMED = 6
"""Crossings that the text names: only these are statements."""


def _asks(finding: Crossings, study: Study) -> Iterator[Question]:
    if finding.panel == study.panels[0].id:
        for cell in finding.listed[:NAMED]:
            pair = (cell.given, cell.outcome)
            yield about_cell("share", pair, pair, finding, study)


def _answer(question: Question, asked: Asked) -> Answer | None:
    cell = asked.cell(question)
    if cell is None or cell.value is None:
        return None
    return Answer(cell.value, "listed" if cell.value >= asked.study.thresholds.listed else "below")


def _fails(headline: Headline, drawn: Drawn) -> Bools | None:
    joint, total, outcomes = drawn.row(headline)
    share = over(joint[:, outcomes.index(headline.question.categories[-1])], total, np.nan)
    is_listed = np.nan_to_num(share) >= drawn.study.thresholds.listed
    return varying(share, is_listed != (headline.answer.word == "listed"))


KIND = FindingKind(Crossings, find, _asks, (Statement("share", _answer, _fails),))
