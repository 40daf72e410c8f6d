"""Coverage: what was labelled, linked and resolved, what was left out and why; and the guards of `expect:`."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from report.settings import Settings, Share


class ExpectSettings(Settings):
    """Guards: outside them the build stops and the old site stays.

    `rows`: the least number of rows of an entity (or of a records relation). `unlabelled`, `unresolved`:
    the largest share of items without a category, of links that find no item. `change`: the largest
    relative change of any row count since the last snapshot.
    """

    rows: dict[str, int] = Field(default_factory=dict)
    unlabelled: Share | None = None
    unresolved: Share | None = None
    change: Share | None = None


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """Of one kind and category: its items, those in at least one counted unit, those in no other category."""

    category: str
    n_items: int
    n_linked: int
    n_exclusive: int


@dataclass(frozen=True, slots=True)
class YearCoverage:
    """Of one kind: the items dated in a year (None: undated), how many are labelled, how many counted."""

    year: int | None
    n_items: int
    n_labelled: int
    n_linked: int


@dataclass(frozen=True, slots=True)
class SideCoverage:
    """Of one kind in one relation: items in its table, with a category, in at least one counted unit."""

    side: str
    n_items: int
    n_labelled: int
    n_linked: int
    categories: tuple[CategoryCoverage, ...]
    years: tuple[YearCoverage, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name in links that no item has: at which side, how many links carry it, and from which stratum most."""

    side: str
    name: str
    n_links: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one relation: links (records) read, those that resolve at both ends, units counted, and the rest.

    `n_candidates` is how many units could count (for unit `to`, all `to` items) and `n_units` how many do;
    `n_unlabelled_units` of those lack a category on at least one side. For `records` a row without labels on
    both sides does not resolve. `unresolved` is sorted by falling count, then name, and complete.
    """

    relation: str
    n_links: int
    n_resolved: int
    n_candidates: int
    n_units: int
    n_unlabelled_units: int
    rows: SideCoverage
    columns: SideCoverage
    unresolved: tuple[Unresolved, ...]
