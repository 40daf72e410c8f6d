"""A part of a report: one figure and one relation in it, with its statements and their words."""

from __future__ import annotations

from dataclasses import dataclass

from ..cells import CellRef, Panel
from ..errors import Note
from ..statements.matrices import ToldMatrices
from ..statements.record import Statement
from ..statements.select import Reason, Told
from ..words.names import Names
from ..words.report import Words
from .material import Results


@dataclass(frozen=True)
class Part:
    """One figure and one relation in it.

    `panels` belong to the relation, in the order of their positions in the figure. `notes` are remarks on the data.
    `results` are all results for the relation.
    """

    figure: str
    figure_title: str
    panels: tuple[Panel, ...]

    names: Names
    told: Told | ToldMatrices
    words: Words
    notes: tuple[Note, ...] = ()
    results: Results | None = None

    @property
    def relation(self) -> str:
        """The name of the relation."""
        return self.panels[0].relation

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement that is reported or was tested, once each, in order."""
        found = {one.key: one for one in self.told.statements()}
        tested = () if isinstance(self.told, ToldMatrices) else self.told.tested
        return (*found.values(), *(one for one in tested if one.key not in found))

    def reason(self, statement: Statement) -> Reason:
        """Return whether a statement is told, or the condition that it does not meet."""
        if any(one.key == statement.key for one in self.words.statements()):
            return "told"
        reasons = {} if isinstance(self.told, ToldMatrices) else self.told.reasons
        found = reasons.get(statement.key, "told")
        return "no_room" if found == "told" else found

    def refs(self, statement: Statement) -> tuple[CellRef, ...]:
        """Return the cells of the panels that a statement is about."""
        return tuple(dict.fromkeys(ref for panel in self.panels for ref in self._refs(statement, panel)))

    def _refs(self, statement: Statement, panel: Panel) -> list[CellRef]:
        if isinstance(self.told, ToldMatrices):
            return [CellRef(panel.id, *cell) for cell in statement.cells] if statement.scope == panel.id else []
        explaining = self.names.columns if self.told.table.is_flipped else self.names.rows
        is_turned = panel.given != explaining
        return [CellRef(panel.id, *(cell[::-1] if is_turned else cell)) for cell in statement.cells]
