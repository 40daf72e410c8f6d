"""What was labelled, linked and resolved, what was left out and why, and what carries a cell; and the guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..errors import ExpectationError, did_you_mean
from ..incidence import IF_SET
from ..settings import Settings, Share
from ..taxonomy.sets import has

if TYPE_CHECKING:
    from . import Axis, Ledger

By = Literal["item", "label", "stratum", "group"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much of a cell one contributor carries; `side` is the side of the relation it stands on, None for levels.

    `by` "item": an item of the side that is not the unit (a dataset, for unit `to`): `n_touching` units of
    the cell have it, `n_sole` have no other item of the row category, so would leave the cell without it.
    `by` "label": a raw label of either side that brings the cell's category there, by its rule or through
    derived categories: `n_touching` units of the cell have an item of that category that carries it, `n_sole`
    would leave the cell if the label did not exist, derived categories evaluated anew. (Where one entity stands
    on both sides only this side is looked at.)
    `by` "stratum" or "group": units of the cell at that level (touching and sole are the same).
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
    """How many units of the population have one item."""

    name: str
    n_units: int


@dataclass(frozen=True, slots=True)
class Contributors:
    """Per cell up to ten contributors of each sort (and side), largest sole count first, then touching, then name.

    With more than 10,000 cells there are fewer of them for each, at least one.

    `items` are the ten items that most units have; `n_item_sets` is how many distinct sets of items the
    units have, `n_largest_set` how many units share the commonest one (all None where units have no items,
    as with records).
    """

    cells: tuple[Contribution, ...]
    items: tuple[ItemUse, ...]
    n_item_sets: int | None
    n_largest_set: int | None

    def largest(self, row: str, column: str, by: By, side: str | None = None) -> Contribution | None:
        """Return the contributor that carries most of a cell (of those on one side, if named), or None if none does."""
        found = (c for c in self.cells if (c.row, c.column, c.by) == (row, column, by))
        return next((c for c in found if side is None or c.side == side), None)


NO_CONTRIBUTORS = Contributors(cells=(), items=(), n_item_sets=None, n_largest_set=None)
"""Where nobody has looked for them."""


class ExpectSettings(Settings):
    """Guards: outside them the build stops and the old site stays.

    `rows`: the least number of rows of an entity, or of links or records of a relation. `unlabelled`,
    `unresolved`: the largest share of items without a category, of links that find no item. `change`: the
    largest relative change of any row count or population since the last snapshot, and the largest difference of
    the headline number of a finding (of a ratio the largest relative change).
    """

    rows: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """The least number of rows, by entity or relation."""
    unlabelled: Share | None = None
    """The largest share of items without a category."""
    unresolved: Share | None = None
    """The largest share of links that find no item."""
    change: Share | None = None
    """The largest change since the last snapshot: of row counts and populations, and of headline numbers."""


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
    """A name in links that no item has: at which side, and how many links carry it."""

    side: str
    name: str
    n_links: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one relation: links (records) read, those that resolve at both ends, units counted, and the rest.

    `n_candidates` is how many units could count (for unit `to`, all `to` items; of an entity that is linked to itself
    those at that end of a link), `n_named` how many of these have a link at all (None: no items are counted) and
    `n_units` how many do count; `n_unlabelled_units` of those lack a category on at least one side. `n_itself` links
    lead from an item to itself. For `records` a row without labels on
    both sides does not resolve. `unresolved` is sorted by falling count, then name, and complete.

    `minimum` is the least number of units that a published cell may have, where small cells are withheld for
    confidentiality. Only the units that are published are then counted, and nothing is said of items and links.
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
        """Whether units were withheld for confidentiality, so that nothing is known of what was left out."""
        return self.minimum is not None


def check_expectations(
    expect: ExpectSettings,
    coverages: Iterable[Coverage],
    rows: Mapping[str, int],
    previous: Mapping[str, int] | None = None,
) -> None:
    """Raise ExpectationError with a message for every guard that is broken, with both numbers.

    `rows` is how many rows each entity and each relation (its links, its records) has now, `previous` how
    many it had in the last snapshot (None: there is none, and `change` is not judged).
    """
    messages = [*_few_rows(expect, rows)]
    for coverage in coverages:
        messages += [*_unlabelled(expect, coverage), *_unresolved_links(expect, coverage)]
    messages += _changed(expect, rows, previous or {})
    if messages:
        raise ExpectationError(*dict.fromkeys(messages))


def _few_rows(expect: ExpectSettings, rows: Mapping[str, int]) -> Iterable[str]:
    for name, least in expect.rows.items():
        if name not in rows:
            yield f'expect.rows: "{name}" is nothing that is counted for a panel{did_you_mean(name, rows)}'
        elif rows[name] < least:
            yield f"expect.rows.{name}: {name} has {rows[name]:,} rows; at least {least:,} are expected"


def _unlabelled(expect: ExpectSettings, coverage: Coverage) -> Iterable[str]:
    for side in (coverage.rows, coverage.columns):
        # The same entity is measured for each relation: its message must be the same to be given once.
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


def _changed(expect: ExpectSettings, rows: Mapping[str, int], previous: Mapping[str, int]) -> Iterable[str]:
    for name, before in previous.items():
        now = rows.get(name, before)  # what the config no longer names has not shrunk
        if expect.change is not None and abs(now - before) > expect.change * before:
            yield (
                f"expect.change: {name} has {now:,} rows and had {before:,} in the last snapshot; a relative change "
                f"of at most {expect.change:g} is expected"
            )


_AT_ONCE = 1_000_000
"""Items that are looked at at once."""


def measure_coverage(ledger: Ledger) -> Coverage:
    """Return what a ledger's units were made from, and what was left out."""
    n_units = n_bare = n_pairs = 0
    size: type[np.integer] = np.int64 if ledger.unit.role == "record" else np.int32  # one may stand for any number
    uses: list[NDArray[np.integer]] = [np.zeros(side.found.n_items, dtype=size) for side in ledger.sides]
    for part in ledger.parts:
        n = part.n * part.alive
        bare = ~(part.rows.words.any(axis=1) & part.columns.words.any(axis=1))
        n_units += int(n.sum())
        n_bare += int(n[bare].sum())
        n_pairs += max(len(side.use) for side in part.sides)
        for place, side in enumerate(part.sides):
            weights = None if (n == 1).all() else n[side.unit]
            if len(side.use) < len(uses[place]):  # of a part: no table of all items for each
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
    """Return how many items of a side are labelled, and how many count, by how many units use each (a,).

    A kind's items are those of its table; for records they are the records themselves, seen from one side: in its
    table all that were read, labelled those with a category there, linked those that count.
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
