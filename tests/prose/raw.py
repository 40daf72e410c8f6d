"""The raw table behind a report, in pandas alone: units with the categories of both sides, weights and strata."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd

from tests.public import projects

MINIMUM = 10
"""Units of a category below which it is too small to judge."""


def united(sets: pd.Series, keys: pd.Series) -> pd.Series:
    """Return the union of the sets of each key."""
    found = defaultdict(set)
    for key, one in zip(keys, sets, strict=True):
        found[key] |= one
    return pd.Series({key: frozenset(names) for key, names in found.items()}, dtype=object)


def joined(columns: pd.DataFrame) -> list[str]:
    """Return the texts of each row as one."""
    return [" \u00b7 ".join(row) for row in columns.itertuples(index=False, name=None)]


@dataclass(frozen=True, eq=False)
class Linked:
    """Units that have items: `role` "to" where they are the items of the columns, "key" where a key holds both sides.

    `items` of both sides (index,
    `labels`, `categories`, `counted`: in a unit, and `year` where items have dates), `uses` (unit, item) those of the
    rows. `named` is how many candidates name any. `population`: "and", "or" between the sides of a key, "" where it has
    one kind. `links` counts distinct links: all, those that find both ends, names that no item has, and those that lead
    from an item to itself. `of_one_kind`: items of both sides are of one kind, such as models that come from models.
    """

    role: str
    items: tuple[pd.DataFrame, pd.DataFrame]
    uses: pd.DataFrame
    of_labels: Callable[[list[str]], frozenset[str]]
    named: int = 0
    population: str = ""
    links: tuple[int, int, int, int] = (0, 0, 0, 0)
    of_one_kind: bool = False

    def rows(self) -> pd.Series:
        """Return the categories of the items of each unit, by unit."""
        sets = self.uses["item"].map(self.items[0]["categories"])
        return united(sets, self.uses["unit"])

    def without_label(self, label: str, side: int) -> Linked:
        """Return the same where items of one side do not carry a label."""
        items = list(self.items)
        left = items[side]["labels"].map(lambda found: [x for x in found if x != label])
        items[side] = items[side].assign(labels=left, categories=left.map(self.of_labels))
        return replace(self, items=tuple(items))


@dataclass(eq=False)
class Raw:
    """Units: `rows` and `columns` are frozensets of categories, beside `weight`, `stratum`, `group`.

    `names` are the categories of both sides, `strata` is what levels are made of. `candidates` are all records. `plain`:
    units are independent and count 1 each. `same`: both sides have one taxonomy; `masked`: they are the same items, so
    that a pair is one whichever comes first. `linked` is how units come to have categories where they are no records.
    `counts` is the table of counts (`had`, `got`, `n`) that units were made of, and `dispersion` is how many times as much
    these vary as counts of independent units. `ordered` are the categories of either side in order, where they have one.
    """

    units: pd.DataFrame
    names: tuple[list[str], list[str]]
    strata: tuple[str, ...]
    candidates: pd.DataFrame
    plain: bool
    same: bool
    linked: Linked | None = None
    masked: bool = False
    counts: pd.DataFrame | None = None
    dispersion: float | None = None
    ordered: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def __post_init__(self) -> None:
        """Work nothing out twice."""
        self._weights = self.units["weight"].to_numpy()
        for name in ("has", "levels", "met", "within", "departures", "implied", "by_chance", "without"):
            setattr(self, name, cache(getattr(self, name)))

    def has(self, side: int, name: str) -> np.ndarray:
        """Return which units have a category."""
        return np.array([name in found for found in self.units[("rows", "columns")[side]]], dtype=bool)

    def n(self, which: np.ndarray | None = None) -> float:
        return float(self._weights.sum() if which is None else self._weights[which].sum())

    def levels(self) -> list[np.ndarray]:
        """Return which units are of each stratum; all, where there are none."""
        return [(self.units["stratum"] == level).to_numpy() for level in self.units["stratum"].unique()]

    def met(self, row: str, column: str) -> tuple[float, float, float]:
        """Return how often a pair meets, and the mean and the variance of that by chance within strata."""
        a, b = self.has(0, row), self.has(1, column)
        n, e, v = self.n(a & b), 0.0, 0.0
        for s in self.levels():
            size, in_a, in_b = self.n(s), self.n(a & s), self.n(b & s)
            e += in_a * in_b / size
            v += in_a * (1 - in_a / size) * in_b * (1 - in_b / size) / (size - 1) if size > 1 else 0.0
        return n, e, v

    def within(self, row: str, column: str) -> float:
        """Return how often a pair meets over what chance makes within strata."""
        a, b = self.has(0, row), self.has(1, column)
        expected = math.fsum(self.n(a & s) * self.n(b & s) / self.n(s) for s in self.levels())
        return self.n(a & b) / expected if expected else 0.0  # in no stratum with both nothing is expected

    def departures(self) -> dict[tuple[str, str], float]:
        """Return by how much pairs of categories that are no too small depart: n log(n/e) - (n - e) less chance."""
        found = {}
        for row in self.names[0]:
            for column in self.names[1]:
                few = min(self.n(self.has(0, row)), self.n(self.has(1, column))) < MINIMUM
                if few or (self.masked and row >= column):
                    continue
                n, e, v = self.met(row, column)
                amount = (n * math.log(n / e) if n else 0.0) - (n - e) - v / (2 * e) if e else 0.0
                found[row, column] = max(amount, 0.0)
        return found

    def implied(self, pair: tuple[str, str]) -> set[tuple[str, str]]:
        """Return what is said of other pairs by one: with the other of two categories, and that all have one."""
        row, column = pair
        rows, columns = ([name, *self._opposite(side, name)] for side, name in ((0, row), (1, column)))
        found = {(a, b) for a in rows for b in columns}
        a, b = self.has(0, row), self.has(1, column)
        if self.n(a & b) and self.n(a & b) == self.n(a) and self._single(1):
            found |= {(row, other) for other in self.names[1]}
        if self.n(a & b) and self.n(a & b) == self.n(b) and self._single(0):
            found |= {(other, column) for other in self.names[0]}
        return found

    def _single(self, side: int) -> bool:
        return bool(self.units[("rows", "columns")[side]].map(len).le(1).all())

    def _opposite(self, side: int, name: str) -> list[str]:
        """Return the category that nine in ten units without this have, and nearly no unit with it; either way."""

        def nearly(first: np.ndarray, second: np.ndarray) -> bool:
            other = self.n(second & ~first)
            return other >= 0.9 * self.n(~first) and other >= 0.9 * self.n(second) > 0

        own = self.has(side, name)
        for other in self.names[side]:
            its = self.has(side, other)
            if other != name and nearly(own, its) and nearly(its, own):
                return [other]
        return []

    def without(self, name: str) -> tuple[Raw, ...]:
        """Return the table without what a name is of: a level of strata, a group, an item, or a raw label of a side."""
        return tuple(self._without(name))

    def _without(self, name: str) -> Iterator[Raw]:
        for level in ("stratum", "group"):
            if (self.units[level] == name).any():
                yield self._of_units(self.units[self.units[level] != name])
        linked = self.linked
        if linked is not None and linked.role == "to":
            if name in linked.items[0].index:
                other = replace(linked, uses=linked.uses[linked.uses["item"] != name])
                yield self._linked_by(other)
                if linked.of_one_kind:  # it is a unit, too
                    yield self._linked_by(replace(other, uses=other.uses[other.uses["unit"] != name]))
            carrying = [side for side in (0, 1) if any(name in found for found in linked.items[side]["labels"])]
            if linked.of_one_kind and carrying:
                yield self._linked_by(linked.without_label(name, 0).without_label(name, 1))
            else:
                yield from (self._linked_by(linked.without_label(name, side)) for side in carrying)
        for side in ("rows", "columns"):
            if f"{side}_labels" in self.units and any(name in found for found in self.units[f"{side}_labels"]):
                labels = self.units[f"{side}_labels"].map(lambda found: [x for x in found if x != name])
                sets = self.units[side].map(lambda found: found - {name})
                left = self.units.assign(**{f"{side}_labels": labels, side: sets})
                yield self._of_units(left[labels.map(bool)])

    def _of_units(self, units: pd.DataFrame) -> Raw:
        return replace(self, units=units)

    def _linked_by(self, linked: Linked) -> Raw:
        """Return the table where units have their items and categories by other links."""
        rows = linked.rows()
        units = self.units[self.units.index.isin(rows.index)]
        columns = linked.items[1]["categories"]
        return replace(
            self,
            units=units.assign(rows=rows.reindex(units.index), columns=columns.reindex(units.index)),
            linked=linked,
        )

    def overlap(self, side: int, names: list[str]) -> float:
        """Return by how much the shares of categories over the other side overlap, on average over pairs of them."""
        counts = {
            name: [self.n(self.has(side, name) & self.has(1 - side, other)) for other in self.names[1 - side]]
            for name in names
        }
        shares = {name: [x / sum(row) for x in row] for name, row in counts.items() if sum(row)}
        pairs = [sum(min(x, y) for x, y in zip(shares[a], shares[b], strict=True)) for a, b in combinations(shares, 2)]
        return sum(pairs) / max(len(pairs), 1)

    def by_chance(self, *, in_strata: bool = False) -> float:
        """Return the share of units labelled on both sides that would have equal sets if sides met at random."""
        both = self.units[self.units["rows"].map(bool) & self.units["columns"].map(bool)]
        alike = 0.0
        for inside in [own for _, own in both.groupby("stratum")] if in_strata else [both]:
            rows, columns = (inside.groupby(side)["weight"].sum() for side in ("rows", "columns"))
            alike += math.fsum(w * columns.get(found, 0.0) for found, w in rows.items()) / inside["weight"].sum()
        return alike / both["weight"].sum()


@cache
def of_project(name: str) -> Raw:
    """Return the raw table of a public project."""
    return of_table(
        projects.PROJECTS[name], pd.read_csv(projects.FOLDER / f"{name}.csv", dtype=str), projects.categories(name)
    )


def of_relation(relation) -> Raw:
    """Return the raw table of records that an example's own test met in plain pandas."""
    sides = {name: side.items["categories"] for name, side in (("rows", relation.rows), ("columns", relation.columns))}
    candidates = pd.DataFrame({**sides, "weight": 1.0, "stratum": "", "group": ""})
    units = candidates.loc[relation.units.index].assign(group=relation.units["group"].map(" \u00b7 ".join))
    names = (relation.rows.taxonomy.categories, relation.columns.taxonomy.categories)
    alone = units["group"].nunique() == len(units)
    return Raw(units, names, (), candidates, alone, same=False)


def of_table(project: projects.Project, table: pd.DataFrame, names: tuple[list[str], list[str]]) -> Raw:
    """Return the units of a table: records with a label on both sides."""
    sides = {}
    for side, axis, known in (("rows", project.rows, names[0]), ("columns", project.columns, names[1])):
        fields = table[axis.column].fillna("")
        labels = fields.map(lambda text, s=axis.separator: [x for x in (text.split(s) if s else [text]) if x])
        sides[side] = labels.map(lambda found, known=set(known): frozenset(found) & known)
        sides[f"{side}_labels"] = labels
    units = pd.DataFrame(sides)
    units["weight"] = table[project.weight].astype(float) if project.weight else 1.0
    for name, columns in (("stratum", project.strata), ("group", project.group)):
        units[name] = joined(table[list(columns)].fillna("")) if columns else ""
    kept = units[units["rows_labels"].map(bool) & units["columns_labels"].map(bool)]
    return Raw(
        units=kept,
        names=names,
        strata=project.strata,
        candidates=units,
        plain=not project.group and project.weight is None,
        same=project.same,
        ordered=(project.rows.ordered, project.columns.ordered),
    )
