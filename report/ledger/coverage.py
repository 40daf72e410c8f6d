"""Coverage: which data were labelled, linked, resolved or left out and why; contributors to cells; and guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..errors import DataError, did_you_mean
from ..settings import Settings, Share
from ..taxonomy.categorise import has
from .incidence import IF_SET

if TYPE_CHECKING:
    from . import Axis, Ledger

By = Literal["item", "label", "stratum", "group"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """The contribution of one item, label or level to a cell; `side` is its side of the relation, None for levels.

    `by` "item": an item of the side that is not the unit (a dataset, for unit `to`): `n_touching` units of the cell
    have it, and `n_sole` have no other item of the row category, so would leave the cell without it. `by` "label": a
    raw label of either side that assigns the cell's category there, by its rule or through derived categories:
    `n_touching` units of the cell have an item of that category with the label, and `n_sole` would leave the cell if
    the label did not exist, with derived categories evaluated again. (If one entity is on both sides, only this side is
    considered.) `by` "stratum" or "group": units of the cell at that level (touching and sole are the same).
    """

    row: str
    column: str
    by: By
    name: str
    n_touching: int
    n_sole: int
    side: str | None = None


@dataclass(frozen=True, slots=True)
class ItemUse:
    """The number of units of the population with one item."""

    name: str
    n_units: int


@dataclass(frozen=True, slots=True)
class TopContributors:
    """Up to ten contributors per cell of each kind (and side), by decreasing sole count, touching count, then name.

    With more than 10,000 cells there are fewer of them per cell, but at least one.

    `items` are the ten most used items.
    """

    cells: tuple[Contribution, ...]
    items: tuple[ItemUse, ...]


NO_CONTRIBUTORS = TopContributors(cells=(), items=())
"""Placeholder if contributors were not computed."""


class ExpectSettings(Settings):
    """Guards: if one fails, the build stops and the old site stays.

    `rows`: the minimum number of rows of an entity, or of links or records of a relation. `unlabelled`, `unresolved`:
    the maximum share of items without a category, and of links without a matching item.
    """

    rows: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """The minimum number of rows, by entity or relation."""
    unlabelled: Share | None = None
    """The maximum share of items without a category."""
    unresolved: Share | None = None
    """The maximum share of links without a matching item."""


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """Coverage of one category of a kind: its items, items in a counted unit, and items in no other category."""

    category: str
    n_items: int
    n_linked: int
    n_exclusive: int


@dataclass(frozen=True, slots=True)
class YearCoverage:
    """Coverage of one kind in one year: items dated in it (None: undated), labelled items, and counted items."""

    year: int | None
    n_items: int
    n_labelled: int
    n_linked: int


@dataclass(frozen=True, slots=True)
class SideCoverage:
    """Coverage of one kind in one relation: items in its table, with a category, and in at least one counted unit."""

    side: str
    n_items: int
    n_labelled: int
    n_linked: int
    categories: tuple[CategoryCoverage, ...]
    years: tuple[YearCoverage, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name in links without an item: its side, and the number of links with it."""

    side: str
    name: str
    n_links: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of one relation: links (records) read, links that resolve at both ends, units counted, and the rest.

    `n_candidates` is the number of units that could count (for unit `to`, all `to` items; for an entity that is linked
    to itself, items at that end of a link), `n_named` the number of these with any link (None: no items are counted),
    and `n_units` the number that count. `n_unlabelled_units` of these lack a category on at least one side. `n_itself`
    links lead from an item to itself. For `records`, a row without labels on both sides does not resolve. `unresolved`
    is sorted by decreasing count, then name, and complete.

    `minimum` is the minimum number of units of a published cell, if small cells are withheld for confidentiality. Only
    the published units are then counted, and there are no numbers of items and links.
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
    n_named: int | None = None
    n_itself: int = 0
    minimum: int | None = field(default=None, metadata=IF_SET)

    @property
    def is_withheld(self) -> bool:
        """Whether units were withheld for confidentiality, so that the omitted data are unknown."""
        return self.minimum is not None


def check_expectations(expect: ExpectSettings, coverages: Iterable[Coverage], rows: Mapping[str, int]) -> None:
    """Raise DataError with a message for every guard that failed, with both numbers.

    `rows` is the number of rows of each entity and each relation (its links, its records).
    """
    messages = [*_few_rows(expect, rows)]
    for coverage in coverages:
        messages += [*_unlabelled(expect, coverage), *_unresolved_links(expect, coverage)]
    if messages:
        raise DataError(*dict.fromkeys(messages), slug="expect")


def _few_rows(expect: ExpectSettings, rows: Mapping[str, int]) -> Iterable[str]:
    for name, least in expect.rows.items():
        if name not in rows:
            yield f'expect.rows: "{name}" is nothing that is counted for a panel{did_you_mean(name, rows)}'
        elif rows[name] < least:
            yield f"expect.rows.{name}: {name} has {rows[name]:,} rows; at least {least:,} are expected"


def _unlabelled(expect: ExpectSettings, coverage: Coverage) -> Iterable[str]:
    for side in (coverage.rows, coverage.columns):
        # The same entity is measured for each relation. Its messages must be equal so that they are shown once.
        place = f" (relation {coverage.relation})" if side.side in {"from", "to", "rows", "columns"} else ""
        named = f"expect.unlabelled: {side.side}{place}"
        n = side.n_items - side.n_labelled
        yield from _too_many(f"{named}: {n:,} of {side.n_items:,} have no category", n, side.n_items, expect.unlabelled)


def _unresolved_links(expect: ExpectSettings, coverage: Coverage) -> Iterable[str]:
    n, links = coverage.n_links - coverage.n_resolved, coverage.n_links
    told = f"expect.unresolved: relation {coverage.relation}: {n:,} of {links:,} do not resolve"
    yield from _too_many(told, n, links, expect.unresolved)


def _too_many(told: str, n: int, of: int, most: float | None) -> Iterable[str]:
    if most is not None and of and n / of > most:
        yield f"{told}, a share of {n / of:.3f}; at most {most:g} is expected"


_AT_ONCE = 1_000_000
"""Number of items processed at once."""


def measure_coverage(ledger: Ledger) -> Coverage:
    """Return the coverage of a ledger: the data behind its units, and the omitted data."""
    n_units = n_bare = n_pairs = 0
    size: type[np.integer] = np.int64 if ledger.unit.role == "record" else np.int32  # a record may count many units
    uses: list[NDArray[np.integer]] = [np.zeros(side.found.n_items, dtype=size) for side in ledger.sides]
    for part in ledger.parts:
        n = part.n * part.alive
        bare = ~(part.rows.words.any(axis=1) & part.columns.words.any(axis=1))
        n_units += int(n.sum())
        n_bare += int(n[bare].sum())
        n_pairs += max(len(side.use) for side in part.sides)
        for place, side in enumerate(part.sides):
            weights = None if (n == 1).all() else n[side.unit]
            if len(side.use) < len(uses[place]):  # in a part: no table of all items
                np.add.at(uses[place], side.use, np.int32(1) if weights is None else weights)
                continue
            uses[place] += np.bincount(side.use, weights, side.found.n_items).astype(size)
    n_resolved = n_pairs if ledger.n_resolved is None else ledger.n_resolved
    n_links = n_resolved + ledger.n_unresolved
    rows, columns = (_side(ledger, *one) for one in zip(ledger.sides, uses, strict=True))
    return Coverage(
        relation=ledger.relation,
        n_links=n_links,
        n_resolved=n_resolved,
        n_candidates=n_links if ledger.n_candidates is None else ledger.n_candidates,
        n_units=n_units,
        n_unlabelled_units=n_bare,
        rows=rows,
        columns=columns,
        unresolved=ledger.unresolved,
        n_named=ledger.n_named,
        n_itself=ledger.n_itself,
    )


def _side(ledger: Ledger, side: Axis, uses: NDArray[np.integer]) -> SideCoverage:
    """Return the numbers of labelled and counted items of a side, given the number of units with each (a,).

    The items of a kind are the items of its table. For records they are the records themselves, seen from one side: in
    the table are all records that were read, labelled are records with a category there, and linked are records that
    count.
    """
    n_items, n_linked = np.zeros((2, side.found.n_types), dtype=np.int64)
    years: dict[int, list[int]] = {}
    labelled: NDArray[np.bool_] = np.asarray(side.found.words.any(axis=1))
    for low in range(0, len(side.items), _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        items, n = side.items[some], side.n[some]
        used, type_ = uses[items], side.found.type[items]
        # Equal records are one text: some of its `n` may be left out (an empty field opposite), the rest count.
        linked = used if ledger.unit.role == "record" else np.where(used > 0, n, 0)
        n_items += np.bincount(type_, n, len(n_items)).astype(np.int64)
        n_linked += np.bincount(type_, linked, len(n_linked)).astype(np.int64)
        if side.year is None:
            continue
        of_item = side.year[some]
        for year in np.unique(of_item).tolist():
            its = of_item == year
            sums = int(n[its].sum()), int(n[its & labelled[type_]].sum()), int(linked[its].sum())
            years[year] = [one + other for one, other in zip(years.get(year, (0, 0, 0)), sums, strict=True)]
    size = np.bitwise_count(side.found.words).sum(axis=1)
    alone = np.where(size == 1, n_items, 0)
    its = [has(side.found.words, number) for number in range(len(side.categories))]
    counts = [[int(of[types].sum()) for of in (n_items, n_linked, alone)] for types in its]
    ordered = sorted(years, key=lambda year: (year < 0, year))
    return SideCoverage(
        side=side.name,
        n_items=int(side.n.sum()) + side.n_nameless,
        n_labelled=int(n_items[size > 0].sum()),
        n_linked=int(n_linked.sum()),
        categories=tuple(CategoryCoverage(name, *own) for name, own in zip(side.categories, counts, strict=True)),
        years=tuple(YearCoverage(year if year >= 0 else None, *years[year]) for year in ordered),
    )
