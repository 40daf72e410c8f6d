"""Settings of a panel."""

from __future__ import annotations

from ..settings import Identifier, Settings


class PanelSettings(Settings):
    """One matrix: over which relation, which kind is given (rows), which is the outcome (columns), which measure.

    `given` and `outcome` name entities; for records `rows` and `columns`; for links of a kind with itself
    `from` and `to`.
    """

    id: Identifier
    relation: str
    given: str
    outcome: str
    measure: str = "conditional"
