"""Population: how many units of how many, which categories they have, which categories are absent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from .finding import Finding, KeyNumber, Recipe, Study, part_of
from .statements import FindingKind


@dataclass(frozen=True, slots=True)
class Size:
    """How many units have a category, and their share of the population."""

    category: str
    n: float
    share: float


@dataclass(frozen=True, slots=True)
class RowSums:
    """Of the units that have a category on the other side: how many have several on this one, and how many none."""

    n_several: float
    n_none: float


@dataclass(frozen=True, kw_only=True)
class Population(Finding):
    """The units that count and the sizes of their categories, largest first. `weight` is theirs in all, if weighted.

    `sizes` are those of the side that the unit belongs to (columns where it belongs to neither).
    `absent` are categories that no unit has on either side. `unit_side` is "rows" or "columns". `several`
    are the units with more than one category on the row side and on the column side. `sums` say for both sides why the
    shares in a row do not add to one, where that side is the outcome.
    """

    kind: ClassVar[str] = "population"
    thresholds: ClassVar[tuple[str, ...]] = ("minimum_units", "minimum_groups")
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

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((), part_of(self.n_units, self.n_candidates), plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield Recipe("counted", "n / n_all", {"n": "n_units", "n_all": "n_candidates"})
        for place, size in enumerate(self.sizes):
            terms = {"n_b": f"sizes.{place}.n", "N": "n_units"}
            yield Recipe("size", "n_b / N", terms, f"sizes.{place}.share", names=(size.category,))


def find(study: Study) -> list[Population]:
    """Describe the population; always one finding."""
    counts, coverage = study.tables.counts, study.coverage
    side = "rows" if study.tables.incidence.unit.role == "from" else "columns"
    totals, names = (counts.given, study.rows) if side == "rows" else (counts.outcome, study.columns)
    sizes = [Size(n, float(v), float(v) / max(counts.n_units, 1)) for n, v in zip(names, totals, strict=True) if v]
    absent = [
        name
        for name in dict.fromkeys((*study.rows, *study.columns))
        if not _total(study.rows, counts.given.tolist(), name)
        and not _total(study.columns, counts.outcome.tolist(), name)
    ]
    few_units, few_groups = _few(study)
    return [
        Population(
            id="population",
            n_units=coverage.n_units,
            weight=float(study.tables.incidence.weight.sum()) if study.tables.incidence.weighted else None,
            n_candidates=coverage.n_candidates,
            n_named=coverage.n_candidates if coverage.n_named is None else coverage.n_named,
            n_links=coverage.n_links,
            n_resolved=coverage.n_resolved,
            n_unlabelled=coverage.n_unlabelled_units,
            unit_side=side,
            sizes=tuple(sorted(sizes, key=lambda size: -size.n)),
            absent=tuple(absent),
            several=_several(study),
            sums=_sums(study),
            few_units=few_units,
            few_groups=few_groups,
        )
    ]


def _total(names: tuple[str, ...], totals: list[float], name: str) -> float:
    return totals[names.index(name)] if name in names else 0.0


def _few(study: Study) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
    """Return the given categories that are too few to judge: in units (whatever they weigh), or only in groups."""
    panel, counted = study.panels[0], study.tables.units
    turned = counted.T if panel.given != study.tables.incidence.rows.kind else counted
    units: list[Size] = []
    groups: list[Size] = []
    states, n_outcome = panel.column("state"), len(panel.outcome_categories)
    few = {panel.given_categories[place // n_outcome] for place, state in enumerate(states) if state == "few"}
    for name, n in zip(turned.given_side.categories, turned.given.tolist(), strict=True):
        if name in few:
            size = Size(name, n, n / turned.n_units)
            (units if n < study.inference.minimum_units else groups).append(size)
    return tuple(units), tuple(groups)


def _sums(study: Study) -> tuple[RowSums, RowSums]:
    incidence = study.tables.incidence
    n_rows, n_columns = incidence.row_sets.sum(axis=1), incidence.column_sets.sum(axis=1)
    rows, columns = (
        RowSums(*(float(((given > 0) & which) @ incidence.weight) for which in (n > 1, n == 0)))
        for n, given in ((n_rows, n_columns), (n_columns, n_rows))
    )
    return rows, columns


def _several(study: Study) -> tuple[float, float]:
    incidence = study.tables.incidence
    sides = (incidence.row_sets, incidence.column_sets)
    rows, columns = (float((side.sum(axis=1) > 1) @ incidence.weight) for side in sides)
    return rows, columns


KIND = FindingKind(Population, find)
