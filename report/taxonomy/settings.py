"""Settings of a taxonomy (DESIGN section 3)."""

from __future__ import annotations

from pydantic import Field

from ..settings import Names, Settings

MOST_CATEGORIES = 1_000
"""More make a figure that nobody can read, of a square of their number of cells."""


class CategorySettings(Settings):
    """One entry: which raw labels belong to a category, or which categories it is derived from.

    `match` lists exact labels; `pattern` holds regular expressions (RE2), searched case-sensitively in the label
    after its prefix is cut. `when_several_of` gives the category to items with at least two of those named
    (it may name itself); with `replaces` the item has it instead of them. A category may have several
    entries. `order` (a list) stands at the taxonomy, not here.
    """

    name: str = Field(min_length=1)
    match: Names = ()
    pattern: Names = ()
    when_several_of: tuple[str, ...] = ()
    replaces: bool = False


class TaxonomySettings(Settings):
    """A preset, if any, and the entries that add to it or override it.

    `unmatched`: `report` lists labels that no rule knows; `error` stops; a category's name takes them in.
    `order` puts categories first in this order; the rest follow as declared.
    """

    preset: str | None = None
    categories: tuple[CategorySettings, ...] = ()
    unmatched: str = "report"
    order: tuple[str, ...] = ()
