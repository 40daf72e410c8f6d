"""The diagonal of a panel: in which rows the same category leads, and in which it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..arrays import Bools, over
from ..cells import Cell, CellRef, Panel
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
class Diagonal(Finding):
    """Measured rows of one panel: `leading` diagonal cells, highest first, and where another cell leads.

    `others` are the leading cells of rows whose diagonal is not the highest.
    """

    kind: ClassVar[str] = "diagonal"
    thresholds: ClassVar[tuple[str, ...]] = ("minimum_units",)
    panel: str
    leading: tuple[Cell, ...]
    others: tuple[Cell, ...]

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        names = tuple(cell.given for cell in self.leading)
        return KeyNumber(names, len(self.leading) / max(len(self.leading) + len(self.others), 1))

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield from cell_recipes("leading", self.leading)
        yield from cell_recipes("others", self.others)


def find(study: Study) -> list[Diagonal]:
    """Return one finding for each conditional panel with one taxonomy and a measured row."""
    found = []
    for panel in study.panels:
        if not study.diagonal or panel.measure.name != "conditional":
            continue
        best = [_best(panel, name) for name in panel.given_categories]
        measured = [panel.cells[place] for place in best if place is not None]
        if measured:
            found.append(_diagonal(panel, measured))
    return found


def _diagonal(panel: Panel, best: list[Cell]) -> Diagonal:
    leading = sorted((cell for cell in best if cell.given == cell.outcome), key=lambda cell: -(cell.value or 0))
    others = [cell for cell in best if cell.given != cell.outcome]
    return Diagonal(
        id=f"diagonal.{panel.id}",
        panel=panel.id,
        cells=tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in (*leading, *others)),
        leading=tuple(leading),
        others=tuple(others),
    )


def _best(panel: Panel, given: str) -> int | None:
    """Return where the highest measured cell of a row is, the diagonal in a tie; None where no unit is in any."""
    row, value, state = panel.places(given), panel.column("value"), panel.column("state")
    there = [place for place in row if state[place] == "measured" and value[place]]
    own = [panel.outcome_categories[place - row.start] == given for place in there]
    return max(zip(there, own, strict=True), key=lambda one: (value[one[0]], one[1]), default=(None, False))[0]


def _asks(finding: Diagonal, study: Study) -> Iterator[Question]:
    if finding.panel == study.panels[0].id:
        for cell in (*finding.leading, *finding.others):
            yield about_cell("leads", (cell.given,), (cell.given, cell.outcome), finding, study)


def _answer(question: Question, asked: Asked) -> Answer | None:
    panel = asked.panel(question)
    place = _best(panel, question.categories[0])
    if place is None:
        return None
    return Answer(panel.column("value")[place], panel.outcome_categories[place % len(panel.outcome_categories)])


def _fails(headline: Headline, drawn: Drawn) -> Bools | None:
    joint, total, outcomes = drawn.row(headline)
    own = outcomes.index(headline.answer.word)
    others = np.delete(joint, own, axis=1)
    beaten = (others >= joint[:, [own]]).any(axis=1) if others.shape[1] else np.zeros(len(joint), dtype=np.bool_)
    if headline.answer.word == headline.question.categories[0]:  # in a tie the diagonal leads
        beaten = (others > joint[:, [own]]).any(axis=1)
    return varying(over(joint[:, own], total, np.nan), beaten | (total <= 0))


KIND = FindingKind(Diagonal, find, _asks, (Statement("leads", _answer, _fails, names=True),))
