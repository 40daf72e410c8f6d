"""Incidence -> counts and margins, labelled, in declared order; which panels show them."""

from __future__ import annotations

from ..settings import Identifier, Settings


class PanelSettings(Settings):
    """One matrix: over which relation, which kind is given (rows), which is the outcome (columns), which measure.

    `given` and `outcome` name entities; for records `rows` and `columns`; for links of a kind with itself
    `from` and `to`.
    """

    id: Identifier
    """The panel's name in files, figures and text."""
    relation: str
    """The relation it shows."""
    given: str
    """The kind of its rows: an entity; rows or columns of records; from or to of a kind with itself."""
    outcome: str
    """The kind of its columns."""
    measure: str = "conditional"
    """What each cell shows."""
    title: str | None = None
    """The title above it; in words made from the relation unless given."""
    reading: str | None = None
    """The line below the title that says what a cell is; made from relation and measure unless given."""
