"""How text calls the units that have a category, for each form of relation.

The words come from the config (labels, plurals, the relation's label); what joins them stands in the
language's `_phrases.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..cells import Kind, Panel, Unit

Side = Literal["rows", "columns"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The nouns and the link between them. `label` reads from rows to columns' units ("trained on").

    `records_as` are the two kinds of a `records` relation as its sides are called.
    """

    form: Literal["links", "shared", "records", "matrix"]
    unit: Unit
    rows: Kind
    columns: Kind
    label: str
    inverse_label: str
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    population: str = ""

    def side(self, kind: Kind) -> Side:
        """Return on which side a panel's kind stands."""
        return "rows" if kind == self.rows else "columns"

    def outcome_side(self, panel: Panel) -> Side:
        """Return the side of a panel's outcome: for a kind with itself the side that is not the given one."""
        return "columns" if self.side(panel.given) == "rows" else "rows"

    def kind(self, side: Side) -> Kind:
        """Return the kind on a side."""
        return self.rows if side == "rows" else self.columns

    def own(self, side: Side) -> bool:
        """Return whether the unit is itself an item of this side, so that it *is* of a category."""
        return (self.unit.role, side) in (("to", "columns"), ("from", "rows"))

    def joint_label(self, side: Side) -> str:
        """Return what ties the unit to items of the other side ("trained on", "used for")."""
        return self.label if side == "rows" else self.inverse_label


def position(panels: tuple[Panel, ...], panel_id: str) -> str:
    """Return how text calls a panel: left and right of two, else (a), (b), ...; nothing for a lone one."""
    ids = [panel.id for panel in panels]
    if len(ids) == 2:
        return ("left", "right")[ids.index(panel_id)]
    return "" if len(ids) == 1 else f"({chr(ord('a') + ids.index(panel_id))})"
