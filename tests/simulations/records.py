"""Records as arrays, and the two ways from them to numbers: straight, for many replications, and as files.

A record carries labels on both sides, may belong to a group and lies in a stratum. `numbers` counts records in plain
NumPy as the program would count `files` (the two are compared in test_statements.py), so that findings and sentences
of hundreds of replications cost no engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diptych.cells import Kind, Unit
from diptych.findings.finding import RelationCounts
from diptych.incidence import Incidence, Side
from diptych.ledger.coverage import CategoryCoverage, Contribution, Coverage, SideCoverage, TopContributors
from diptych.panels import tables_of
from diptych.pipeline.counting import CountedSources
from diptych.taxonomy import kind_of
from tests.simulations.worlds import SIMULATED, level

Whole = NDArray[np.int64]
Sets = NDArray[np.bool_]

RELATION = "simulated"
UNKNOWN = "other"
"""The label of records with no category on a side; no rule knows it, so that they stay in the population."""

CARRIERS = 10
"""Contributors that the program keeps for each cell."""


@dataclass(frozen=True, eq=False)
class Records:
    """N records. `rows` (N, R) and `columns` (N, C) are their categories, of one taxonomy where `same`.

    `group` (N,) and `stratum` (N,) are whole numbers, None where neither is declared. `activity`: strata are how many
    labels a record has on either side, declared as `strata: [activity]`. `lost` (N, 2) says whether the label of the
    rows and that of the columns is missing; a record with a missing label is not counted. `weight` (N,) are declared
    weights. `larger` (N,) are groups of groups, in a column that is not declared.
    """

    rows: Sets
    columns: Sets
    same: bool
    group: Whole | None = None
    stratum: Whole | None = None
    activity: bool = False
    lost: Sets | None = None
    weight: NDArray[np.float64] | None = None
    larger: Whole | None = None

    @property
    def kept(self) -> Records:
        """The records that have a label on both sides."""
        if self.lost is None:
            return self
        own = ~self.lost.any(axis=1)
        group, stratum, weight = (None if of is None else of[own] for of in (self.group, self.stratum, self.weight))
        return replace(
            self, rows=self.rows[own], columns=self.columns[own], group=group, stratum=stratum, weight=weight, lost=None
        )

    def names(self, side: str) -> tuple[str, ...]:
        """Return the categories of "rows" or "columns"."""
        n, letter = (self.rows if side == "rows" else self.columns).shape[1], side[0].upper()
        return tuple(f"{'K' if self.same else letter}{i:02d}" for i in range(1, n + 1))

    def levels(self) -> list[str] | None:
        """Return the stratum of each record by its name, None without strata."""
        if self.activity:
            counts = (side.sum(axis=1) for side in (self.rows, self.columns))
            return [f"{level(int(n))} x {level(int(m))}" for n, m in zip(*counts, strict=True)]
        return None if self.stratum is None else [f"s{i:03d}" for i in self.stratum]

    def groups(self) -> list[str] | None:
        """Return the group of each record by its name, None without groups."""
        return None if self.group is None else [f"g{i:04d}" for i in self.group]

    # The short way.

    def counted(self) -> CountedSources:
        """Return what the program counts of these records, in NumPy alone."""
        return CountedSources({RELATION: self.numbers()}, {}, {}, {}, None, {RELATION: len(self.rows)})

    def numbers(self) -> RelationCounts:
        """Return the relation after counting; no labels or notes, which stand in no observation."""
        incidence = self.kept.incidence()
        carried = TopContributors(tuple(_carriers(incidence)), ())
        return RelationCounts.alone(RELATION, tables_of(incidence), self.coverage(), carried)

    def coverage(self) -> Coverage:
        """Return how many records there are, and how many have which categories on each side."""
        n, kept = len(self.rows), self.kept
        lost = np.zeros((n, 2), dtype=bool) if self.lost is None else self.lost
        sides = [
            _coverage(side, self.names(side), sets, gone, kept_sets)
            for (side, sets), gone, (_, kept_sets) in zip(self._sides(), lost.T, kept._sides(), strict=True)
        ]
        n_kept = len(kept.rows)
        return Coverage(RELATION, n, n_kept, n, n_kept, kept.n_bare, *sides, ())

    @property
    def n_bare(self) -> int:
        """How many records lack a category on at least one side."""
        return int((~(self.rows.any(axis=1) & self.columns.any(axis=1))).sum())

    def incidence(self) -> Incidence:
        """Return the distinct patterns of (stratum, group, row set, column set), sorted as the program sorts them."""
        strata, stratum = _numbered(self.levels(), len(self.rows))
        groups, group = _numbered(self.groups(), len(self.rows))
        keys = np.column_stack([stratum, group, ~self.rows, ~self.columns])
        keys = keys[np.lexsort(keys.T[::-1])]
        first = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
        units, found = np.diff(np.r_[first, len(keys)]), keys[first]
        n_rows = self.rows.shape[1]
        weight, squared = units.astype(float), units.astype(float)
        if self.weight is not None:
            order = np.lexsort(np.column_stack([stratum, group, ~self.rows, ~self.columns]).T[::-1])
            weight, squared = (np.add.reduceat(self.weight[order] ** power, first) for power in (1, 2))
        labels = {side: side.capitalize()[:-1] for side, _ in self._sides()}
        kinds = [
            kind_of(side, label) if self.activity else Kind(side, label, label, f"categories of {label}")
            for side, label in labels.items()
        ]
        return Incidence(
            relation=RELATION,
            rows=Side("rows", kinds[0], self.names("rows"), "default" if self.same else "rows"),
            columns=Side("columns", kinds[1], self.names("columns"), "default" if self.same else "columns"),
            unit=Unit("record", "record", "records"),
            row_sets=found[:, 2 : 2 + n_rows] == 0,
            column_sets=found[:, 2 + n_rows :] == 0,
            units=units.astype(np.int64),
            weight=weight,
            weight_squared=squared,
            stratum=found[:, 0].astype(np.int64),
            strata=strata,
            stratum_names=self.stratum_names,
            group=None if self.group is None else found[:, 1].astype(np.int64),
            n_groups=None if self.group is None else len(groups),
            group_names=() if self.group is None else ("team",),
            weighted=self.weight is not None,
            trivial_diagonal=False,
            groups=() if self.group is None else groups,
        )

    @property
    def stratum_names(self) -> tuple[str, ...]:
        """What strata are called in the config."""
        return ("activity",) if self.activity else () if self.stratum is None else ("place",)

    def _sides(self) -> tuple[tuple[str, Sets], tuple[str, Sets]]:
        return ("rows", self.rows), ("columns", self.columns)

    # The long way.

    def files(self) -> dict[str, str]:
        """Return the records as a table and the config for the whole program."""
        header = "team,place,school,weight,rows,columns"
        return {"records.csv": "\n".join((header, *self._lines(), "")), "config.yaml": self.config()}

    def _lines(self) -> Iterator[str]:
        n = len(self.rows)
        teams, places = self.groups() or [""] * n, (None if self.activity else self.levels()) or [""] * n
        schools = [""] * n if self.larger is None else [f"school {i}" for i in self.larger]
        weights = ["1"] * n if self.weight is None else [f"{w:.0f}" for w in self.weight]
        labels = [[_joined(chosen, self.names(side)) for chosen in sets] for side, sets in self._sides()]
        if self.lost is not None:
            labels = [
                ["" if gone else label for label, gone in zip(of, lost, strict=True)]
                for of, lost in zip(labels, self.lost.T, strict=True)
            ]
        return (",".join(fields) for fields in zip(teams, places, schools, weights, *labels, strict=True))

    def config(self) -> str:
        """Return the config; the same for every replication of a world whose categories are as many."""
        own = {side: "" if self.same else f", taxonomy: {side}" for side in ("rows", "columns")}
        named = {side: _taxonomy(self.names(side)) for side in ("rows", "columns")}
        taxonomies = f"taxonomy: {named['rows']}" if self.same else "taxonomies:"
        lines = [] if self.same else [f"  {side}: {taxonomy}" for side, taxonomy in named.items()]
        levels = ["    group: {columns: [team], public: true}"] if self.group is not None else []
        levels += [f"    strata: [{', '.join(self.stratum_names)}]"] if self.stratum_names else []
        weight = "" if self.weight is None else "\n      weight: weight"
        return _CONFIG.format(
            weight=weight, said=SIMULATED, taxonomies="\n".join([taxonomies, *lines]), own=own, levels="\n".join(levels)
        )


def _numbered(keys: Sequence[str] | None, n: int) -> tuple[tuple[str, ...], Whole]:
    if keys is None:
        return ("",), np.zeros(n, dtype=np.int64)
    names, number = np.unique(np.array(keys), return_inverse=True)
    return tuple(map(str, names)), number.astype(np.int64)


def _coverage(side: str, names: Sequence[str], sets: Sets, gone: Sets, kept: Sets) -> SideCoverage:
    """Return the coverage of a side by records (N, K) whose label may be `gone` (N,), of which some are `kept`."""
    n, sets = len(sets), sets[~gone]
    alone = sets.sum(axis=1) == 1
    counts = zip(names, sets.sum(axis=0), kept.sum(axis=0), sets[alone].sum(axis=0), strict=True)
    categories = tuple(CategoryCoverage(name, *map(int, numbers)) for name, *numbers in counts)
    return SideCoverage(side, n, int(sets.any(axis=1).sum()), len(kept), categories, ())


def _carriers(incidence: Incidence) -> Iterator[Contribution]:
    """Yield the strata and groups that carry each cell; a label is its category itself, which carries nothing."""
    parts = (("stratum", incidence.stratum, incidence.strata if incidence.stratum_names else ()),)
    parts += (("group", incidence.group, incidence.groups),) if incidence.group is not None else ()
    weights = incidence.units[:, None].astype(float)
    for by, number, names in parts:
        if not names:
            continue
        shape = len(names), incidence.row_sets.shape[1], incidence.column_sets.shape[1]
        joint = np.zeros(shape)
        for i in range(shape[1]):
            own = incidence.row_sets[:, i]
            np.add.at(joint[:, i, :], number[own], incidence.column_sets[own] * weights[own])
        for i, row in enumerate(incidence.rows.categories):
            for j, column in enumerate(incidence.columns.categories):
                counts = joint[:, i, j]
                largest = np.argsort(-counts, kind="stable")[:CARRIERS]  # names are in order
                for k in largest[counts[largest] > 0]:
                    yield Contribution(row, column, by, names[k], int(counts[k]), int(counts[k]))


def _joined(chosen: Sets, names: Sequence[str]) -> str:
    return ";".join(names[i] for i in np.flatnonzero(chosen)) or UNKNOWN


def _taxonomy(names: Sequence[str]) -> str:
    return f"{{categories: [{', '.join(f'{{name: {name}, match: {name}}}' for name in names)}]}}"


_CONFIG = """# {said}
version: 1
report:
  title: Simulated records
  subtitle: "{said}"
{taxonomies}
relations:
  simulated:
    records:
      source: records.csv
      label: record{weight}
      rows: {{column: rows, separator: ";", label: Row{own[rows]}}}
      columns: {{column: columns, separator: ";", label: Column{own[columns]}}}
{levels}
outputs: [markdown, data]
panels:
  - {{id: left, relation: simulated, given: rows, outcome: columns}}
  - {{id: right, relation: simulated, given: columns, outcome: rows}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""
