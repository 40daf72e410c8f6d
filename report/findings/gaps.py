"""Gaps of coverage: which items take part, which links resolve, and how this differs by category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from .finding import Finding, KeyNumber, Recipe, Study, part_of
from .statements import FindingKind

_YEARS_APART = 0.25


@dataclass(frozen=True, slots=True)
class CoveredCategory:
    """Of a category's items, how many are in a counted unit."""

    category: str
    n_items: int
    n_linked: int

    @property
    def share(self) -> float:
        """n_linked / n_items."""
        return self.n_linked / self.n_items


@dataclass(frozen=True, slots=True)
class CoveredYear:
    """Of the items of a year, how many are in a counted unit."""

    year: int
    n_items: int
    n_linked: int

    @property
    def share(self) -> float:
        """n_linked / n_items."""
        return self.n_linked / self.n_items


@dataclass(frozen=True, kw_only=True)
class Gaps(Finding):
    """Coverage of both sides.

    `parts` are the categories of the unit's side with enough items, best first, `years` its years with enough.
    `other_items` and `other_linked` count the items of the other side; `n_names` are distinct unresolved
    names, `n_unresolved` the links that carry them; `n_itself` links lead from an item to itself.
    """

    kind: ClassVar[str] = "gaps"
    thresholds: ClassVar[tuple[str, ...]] = ("minimum_units",)
    parts: tuple[CoveredCategory, ...]
    years: tuple[CoveredYear, ...]
    other_side: str
    other_items: int
    other_linked: int
    n_links: int
    n_resolved: int
    n_names: int
    n_itself: int = 0

    @property
    def n_unresolved(self) -> int:
        """Links that find no item at one end or the other."""
        return self.n_links - self.n_resolved

    @property
    def uneven(self) -> bool:
        """Whether the best and the worst covered category differ by ten points or more."""
        return len(self.parts) > 1 and self.parts[0].share - self.parts[-1].share >= 0.1

    @property
    def best_year(self) -> CoveredYear | None:
        """The year of which most items are counted, the earlier of two alike."""
        return max(self.years, key=lambda year: (year.share, -year.year), default=None)

    @property
    def worst_year(self) -> CoveredYear | None:
        """The year of which fewest items are counted, the later of two alike."""
        return min(self.years, key=lambda year: (year.share, -year.year), default=None)

    @property
    def uneven_years(self) -> bool:
        """Whether the best and the worst covered year differ by 25 points or more."""
        best, worst = self.best_year, self.worst_year
        return best is not None and worst is not None and best.share - worst.share >= _YEARS_APART

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((), part_of(self.n_resolved, self.n_links), plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        if self.n_links:
            yield Recipe("resolved", "n / n_all", {"n": "n_resolved", "n_all": "n_links"})
        if self.other_items and (self.other_linked, self.other_items) != (self.n_resolved, self.n_links):
            terms = {"n": "other_linked", "n_all": "other_items"}
            yield Recipe("other_side", "n / n_all", terms, names=(self.other_side,))
        of_parts = [(f"parts.{place}", part.category) for place, part in enumerate(self.parts)]
        of_years = [(f"years.{place}", str(year.year)) for place, year in enumerate(self.years)]
        for at, name in (*of_parts, *of_years):
            terms = {"n": f"{at}.n_linked", "n_all": f"{at}.n_items"}
            yield Recipe("covered", "n / n_all", terms, f"{at}.share", names=(name,))


def find(study: Study) -> list[Gaps]:
    """Describe coverage; always one finding."""
    coverage = study.coverage
    own, other, side = coverage.columns, coverage.rows, "rows"
    if study.tables.incidence.unit.role == "from":
        own, other, side = coverage.rows, coverage.columns, "columns"
    parts = [
        CoveredCategory(c.category, c.n_items, c.n_linked)
        for c in own.categories
        if c.n_items >= study.inference.minimum_units
    ]
    years = [
        CoveredYear(y.year, y.n_items, y.n_linked)
        for y in own.years
        if y.year is not None and y.n_items >= study.inference.minimum_units
    ]
    return [
        Gaps(
            id="gaps",
            years=tuple(sorted(years, key=lambda year: year.year)),
            parts=tuple(sorted(parts, key=lambda part: (-part.share, part.category))),
            other_side=side,
            other_items=other.n_items,
            other_linked=other.n_linked,
            n_links=coverage.n_links,
            n_resolved=coverage.n_resolved,
            n_names=len({(name.side, name.name) for name in coverage.unresolved}),
            n_itself=coverage.n_itself,
        )
    ]


KIND = FindingKind(Gaps, find)
