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
    """The category. It may have several entries."""
    match: Names = ()
    """Exact raw labels."""
    pattern: Names = ()
    """Regular expressions (RE2), searched in the label after its prefix is cut; case counts."""
    when_several_of: tuple[str, ...] = ()
    """Gives the category to items with at least two of these."""
    replaces: bool = False
    """Whether such an item then has this category instead of those."""


class TaxonomySettings(Settings):
    """A preset, if any, and the entries that add to it or override it.

    `unmatched`: `report` lists labels that no rule knows; `error` stops; a category's name takes them in.
    `order` puts categories first in this order; the rest follow as declared.
    """

    preset: str | None = None
    """A built-in taxonomy to start from; with @ and a date it never changes, without it is the newest."""
    categories: tuple[CategorySettings, ...] = ()
    """Entries that add to the preset or override it; their order rules every axis."""
    unmatched: str = "report"
    """report (list unknown labels with counts), error, or the category that takes them in (with top: any name)."""
    top: int | None = Field(default=None, ge=1, le=MOST_CATEGORIES)
    """Without preset and categories: only so many labels are categories, the most frequent; the rest are unmatched."""
    order: tuple[str, ...] = ()
    """Categories that come first, in this order; the others follow as declared."""
