"""Cells of panels of shares: where the same category leads its row, and which others are large enough to be named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Bools, over
from ..cells import Cell, Panel
from .finding import Finding, KeyNumber, Recipe, Study, cell_recipes
from .statements import Answer, Asked, Drawn, FindingKind, Headline, Question, Statement, about_cell, varying

NAMED = 6
"""Crossings that the text names: only these are statements."""


@dataclass(frozen=True, kw_only=True)
class Diagonal(Finding):
    """Measured rows of one panel: `leading` diagonal cells, highest first, and where another cell leads.

    `others` are the leading cells of rows whose diagonal is not the highest.
    """

    kind = "diagonal"
    thresholds = ("minimum_units",)
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


def find_diagonal(study: Study) -> list[Diagonal]:
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
        cells=panel.refs((*leading, *others)),
        leading=tuple(leading),
        others=tuple(others),
    )


def _best(panel: Panel, given: str) -> int | None:
    """Return where the highest measured cell of a row is, the diagonal in a tie; None where no unit is in any."""
    row, value, state = panel.places(given), panel.column("value"), panel.column("state")
    there = [place for place in row if state[place] == "measured" and value[place]]
    own = [panel.outcome_categories[place - row.start] == given for place in there]
    return max(zip(there, own, strict=True), key=lambda one: (value[one[0]], one[1]), default=(None, False))[0]


def _asks_who_leads(finding: Diagonal, study: Study) -> Iterator[Question]:
    if finding.panel == study.panels[0].id:
        for cell in (*finding.leading, *finding.others):
            yield about_cell("leads", (cell.given,), (cell.given, cell.outcome), finding, study)


def _leads(question: Question, asked: Asked) -> Answer | None:
    panel = asked.panel(question)
    place = _best(panel, question.categories[0])
    if place is None:
        return None
    return Answer(panel.column("value")[place], panel.outcome_categories[place % len(panel.outcome_categories)])


def _leads_otherwise(headline: Headline, drawn: Drawn) -> Bools | None:
    joint, total, outcomes = drawn.row(headline)
    own = outcomes.index(headline.answer.word)
    others = np.delete(joint, own, axis=1)
    beaten = (others >= joint[:, [own]]).any(axis=1) if others.shape[1] else np.zeros(len(joint), dtype=np.bool_)
    if headline.answer.word == headline.question.categories[0]:  # in a tie the diagonal leads
        beaten = (others > joint[:, [own]]).any(axis=1)
    return varying(over(joint[:, own], total, np.nan), beaten | (total <= 0))


@dataclass(frozen=True, kw_only=True)
class Crossings(Finding):
    """Measured cells of a conditional panel off the diagonal from `threshold` on, highest first.

    Where the axes carry different taxonomies every measured cell counts. `n_below` are the other measured
    cells with any unit in them, `n_few` those from `threshold` on that have too few units to be judged.
    """

    kind = "crossings"
    thresholds = ("listed", "minimum_units")
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


def find_crossings(study: Study) -> list[Crossings]:
    """Return one finding for each conditional panel."""
    found = []
    threshold = study.thresholds.listed
    for panel in study.panels:
        if panel.measure.name != "conditional":
            continue
        values, states = panel.column("value"), panel.column("state")
        alike = zip(panel.column("given"), panel.column("outcome"), strict=True)
        apart = (not panel.same_taxonomy or given != outcome for given, outcome in alike)
        there = [place for place, (value, is_apart) in enumerate(zip(values, apart, strict=True)) if value and is_apart]
        often = [place for place in there if values[place] >= threshold]
        shown = sorted((place for place in often if states[place] == "measured"), key=lambda place: -values[place])
        listed = [panel.cells[place] for place in shown]
        found.append(
            Crossings(
                id=f"crossings.{panel.id}",
                null=not listed,
                panel=panel.id,
                cells=panel.refs(listed),
                threshold=threshold,
                listed=tuple(listed),
                n_below=sum(states[place] == "measured" for place in there) - len(listed),
                n_few=sum(states[place] == "few" for place in often),
            )
        )
    return found


def _asks_what_is_listed(finding: Crossings, study: Study) -> Iterator[Question]:
    if finding.panel == study.panels[0].id:
        for cell in finding.listed[:NAMED]:
            pair = (cell.given, cell.outcome)
            yield about_cell("share", pair, pair, finding, study)


def _is_listed(question: Question, asked: Asked) -> Answer | None:
    cell = asked.cell(question)
    if cell is None or cell.value is None:
        return None
    return Answer(cell.value, "listed" if cell.value >= asked.study.thresholds.listed else "below")


def _listed_otherwise(headline: Headline, drawn: Drawn) -> Bools | None:
    joint, total, outcomes = drawn.row(headline)
    share = over(joint[:, outcomes.index(headline.question.categories[-1])], total, np.nan)
    is_listed = np.nan_to_num(share) >= drawn.study.thresholds.listed
    return varying(share, is_listed != (headline.answer.word == "listed"))


DIAGONAL = FindingKind(
    Diagonal, find_diagonal, _asks_who_leads, (Statement("leads", _leads, _leads_otherwise, names=True),)
)
CROSSINGS = FindingKind(
    Crossings, find_crossings, _asks_what_is_listed, (Statement("share", _is_listed, _listed_otherwise),)
)
