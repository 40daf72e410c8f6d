"""The population: the number of units, the coverage of items, the largest item, and the coarseness of units."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..arrays import Floats, Ints
from ..cells import Estimate, Panel
from ..incidence import IF_SET
from ..panels import RelationStats
from .finding import Finding, KeyNumber, Study, part_of
from .statements import FindingKind

_CONCENTRATED = 0.2
"""The share of units that include one item, from which the item is named."""

_YEARS_APART = 0.25

NEAR = 0.05
"""A share that is this close to 1 does not distinguish categories."""

_MOST_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Size:
    """The number of units with a category, and their share of the population."""

    category: str
    n: float
    share: float


@dataclass(frozen=True, slots=True)
class RowSums:
    """Units with a category on the other side: the number with several categories on this side, and with none."""

    n_several: float
    n_none: float


@dataclass(frozen=True, kw_only=True)
class Population(Finding):
    """The counted units and the sizes of their categories, largest first. `weight` is their total weight, if weighted.

    `sizes` are the sizes on the side of the unit (columns if the unit belongs to neither side). `absent` are categories
    without units on either side. `unit_side` is "rows" or "columns". `several` are the numbers of units with more than
    one category on the row side and on the column side. For each side as the outcome, `sums` give the reasons why the
    shares in a row do not add to one.
    """

    kind = "population"
    place = None
    n_units: int
    weight: float | None
    n_candidates: int
    n_named: int
    n_links: int
    n_resolved: int
    n_unlabelled: int
    unit_side: str
    sizes: tuple[Size, ...]
    absent: tuple[str, ...]
    several: tuple[float, float]
    sums: tuple[RowSums, RowSums]
    few_units: tuple[Size, ...]
    few_groups: tuple[Size, ...]
    minimum: int | None = field(default=None, metadata=IF_SET)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((), None if self.minimum else part_of(self.n_units, self.n_candidates))


def find_population(study: Study) -> list[Population]:
    """Return one finding that describes the population."""
    counts, coverage, incidence = study.tables.counts, study.coverage, study.tables.incidence
    side = "rows" if incidence.unit.role == "from" else "columns"
    totals, names = (counts.given, study.rows) if side == "rows" else (counts.outcome, study.columns)
    sizes = [Size(n, float(v), float(v) / max(counts.n_units, 1)) for n, v in zip(names, totals, strict=True) if v]
    of_sides = [*zip(study.rows, counts.given, strict=True), *zip(study.columns, counts.outcome, strict=True)]
    there = {name for name, n in of_sides if n} | _withheld(study)
    n_rows, n_columns = (sets.sum(axis=1) for sets in (incidence.row_sets, incidence.column_sets))
    few_units, few_groups = _few(study)
    return [
        Population(
            id="population",
            n_units=coverage.n_units,
            weight=float(incidence.weight.sum()) if incidence.weighted else None,
            n_candidates=coverage.n_candidates,
            n_named=coverage.n_candidates if coverage.n_named is None else coverage.n_named,
            n_links=coverage.n_links,
            n_resolved=coverage.n_resolved,
            n_unlabelled=coverage.n_unlabelled_units,
            unit_side=side,
            sizes=tuple(sorted(sizes, key=lambda size: -size.n)),
            absent=tuple(dict.fromkeys(name for name, _ in of_sides if name not in there)),
            several=(float((n_rows > 1) @ incidence.weight), float((n_columns > 1) @ incidence.weight)),
            sums=(_sums(n_rows, n_columns, incidence.weight), _sums(n_columns, n_rows, incidence.weight)),
            few_units=few_units,
            few_groups=few_groups,
            minimum=coverage.minimum,
        )
    ]


def _withheld(study: Study) -> set[str]:
    """Return the categories with a withheld cell. Without remaining units, they may still have withheld units."""
    withheld = study.tables.withheld
    if withheld is None:
        return set()
    rows, columns = np.nonzero(withheld)
    return {study.rows[i] for i in rows.tolist()} | {study.columns[j] for j in columns.tolist()}


def _few(study: Study) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
    """Return the given categories with too few units (unweighted), and those with enough units but too few groups."""
    panel, counted = study.panels[0], study.tables.units
    turned = counted.T if study.is_turned(panel) else counted
    units: list[Size] = []
    groups: list[Size] = []
    states, n_outcome = panel.column("state"), len(panel.outcome_categories)
    few = {panel.given_categories[place // n_outcome] for place, state in enumerate(states) if state == "few"}
    for name, n in zip(turned.given_side.categories, turned.given.tolist(), strict=True):
        if name in few:
            size = Size(name, n, n / turned.n_units)
            (units if n < study.inference.minimum_units else groups).append(size)
    return tuple(units), tuple(groups)


def _sums(n_own: Ints, n_given: Ints, weight: Floats) -> RowSums:
    """Return the sums of one side from the number of categories of patterns there and on the other side (p,)."""
    several, none = (float(((n_given > 0) & which) @ weight) for which in (n_own > 1, n_own == 0))
    return RowSums(several, none)


@dataclass(frozen=True, slots=True)
class CoveredCategory:
    """The number of items of a category, and how many are in a counted unit."""

    category: str
    n_items: int
    n_linked: int

    @property
    def share(self) -> float:
        """n_linked / n_items."""
        return self.n_linked / self.n_items


@dataclass(frozen=True, slots=True)
class CoveredYear:
    """The number of items of a year, and how many are in a counted unit."""

    year: int
    n_items: int
    n_linked: int

    @property
    def share(self) -> float:
        """n_linked / n_items."""
        return self.n_linked / self.n_items


@dataclass(frozen=True, kw_only=True)
class CoverageGaps(Finding):
    """Coverage of both sides.

    `parts` are the categories on the unit's side with enough items, the largest coverage first, and `years` are the
    years with enough items. `other_items` and `other_linked` count the items of the other side. `n_names` is the number
    of distinct unresolved names, `n_unresolved` the number of links with these names, and `n_itself` the number of
    links from an item to itself.
    """

    kind = "gaps"
    place = None
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
        """The number of links without an item at one end or the other."""
        return self.n_links - self.n_resolved

    @property
    def uneven(self) -> bool:
        """Whether the coverage of the best and the worst category differs by ten points or more."""
        return len(self.parts) > 1 and self.parts[0].share - self.parts[-1].share >= 0.1

    @property
    def best_year(self) -> CoveredYear | None:
        """The year with the largest coverage, the earlier one in a tie."""
        return max(self.years, key=lambda year: (year.share, -year.year), default=None)

    @property
    def worst_year(self) -> CoveredYear | None:
        """The year with the smallest coverage, the later one in a tie."""
        return min(self.years, key=lambda year: (year.share, -year.year), default=None)

    @property
    def uneven_years(self) -> bool:
        """Whether the coverage of the best and the worst year differs by 25 points or more."""
        best, worst = self.best_year, self.worst_year
        return best is not None and worst is not None and best.share - worst.share >= _YEARS_APART

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((), part_of(self.n_resolved, self.n_links))


def find_gaps(study: Study) -> list[CoverageGaps]:
    """Return one finding that describes coverage, or nothing if coverage is withheld."""
    coverage = study.coverage
    if coverage.is_withheld:
        return []
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
        CoverageGaps(
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


@dataclass(frozen=True, kw_only=True)
class Concentration(Finding):
    """The item that most units have, and how often sets of items repeat."""

    kind = "concentration"
    place = "items"
    thresholds = (("concentrated", _CONCENTRATED),)
    item: str
    n_units: int
    share: float
    n_item_sets: int | None
    n_largest_set: int | None
    n_population: int

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((self.item,), Estimate(self.share))


def find_concentration(study: Study) -> list[Concentration]:
    """Return one finding if units have items; null if the largest item belongs to few units."""
    items = study.numbers.contributors.items
    if not items or not study.coverage.n_units or study.tables.incidence.unit.role not in ("to", "from"):
        return []
    top = items[0]
    share = top.n_units / study.coverage.n_units
    return [
        Concentration(
            id="concentration",
            null=share < _CONCENTRATED,
            item=top.name,
            n_units=top.n_units,
            share=share,
            n_item_sets=study.numbers.contributors.n_item_sets,
            n_largest_set=study.numbers.contributors.n_largest_set,
            n_population=study.coverage.n_units,
        )
    ]


@dataclass(frozen=True, kw_only=True)
class TooFewCategories(Finding):
    """More than half of a conditional panel's measured cells are within `NEAR` of 1.

    `finer` is the name of the unit with the smallest share of such cells, or None if no other unit can be counted or
    none is finer.
    """

    kind = "coarse"
    place = None
    panel: str
    n_near: int
    n_cells: int
    finer: str | None

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((), part_of(self.n_near, self.n_cells))


def find_coarse(study: Study) -> list[TooFewCategories]:
    """Return a finding for each conditional panel whose unit is too coarse."""
    found = []
    for panel in study.panels:
        if panel.measure.name != "conditional":
            continue
        columns = zip(panel.column("state"), panel.column("value"), strict=True)
        values = {place: value for place, (state, value) in enumerate(columns) if state == "measured"}
        near = [panel.cells[place] for place, value in values.items() if (value or 0) >= 1 - NEAR]
        n_cells = sum(value is not None for value in values.values())
        if len(near) <= _MOST_NEAR * n_cells:
            continue
        found.append(
            TooFewCategories(
                id=f"coarse.{panel.id}",
                panel=panel.id,
                cells=panel.refs(near),
                n_near=len(near),
                n_cells=n_cells,
                finer=_finer(study, len(near) / n_cells, panel),
            )
        )
    return found


def _finer(study: Study, share: float, panel: Panel) -> str | None:
    shares = [(_near(study, tables, panel), tables) for tables in study.numbers.alternatives.values()]
    least, tables = min(shares, key=lambda pair: pair[0], default=(1.0, study.tables))
    return tables.incidence.unit.plural if least < share else None


def _near(study: Study, tables: RelationStats, panel: Panel) -> float:
    """Return the share of a panel's cells near 1, of those with enough data in other counts; 1 if there are none."""
    counts, units = (of.T if study.is_turned(panel) else of for of in (tables.counts, tables.units))
    judged = (units.given >= study.inference.minimum_units)[:, None] & (counts.outcome > 0)[None, :]
    values: Floats = counts.joint / np.maximum(counts.given, 1e-300)[:, None]
    return float((values[judged] >= 1 - NEAR).mean()) if judged.any() else 1.0


POPULATION = FindingKind(Population, find_population)
GAPS = FindingKind(CoverageGaps, find_gaps)
CONCENTRATION = FindingKind(Concentration, find_concentration)
COARSE = FindingKind(TooFewCategories, find_coarse)
