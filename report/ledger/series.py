"""A series: the same relation at several points of time, over the same patterns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..incidence import selected

if TYPE_CHECKING:
    from ..incidence import Incidence
    from .dating import Dated
    from .periods import Every


@dataclass(frozen=True, eq=False)
class Point:
    """The relation at one time. `incidence` is over the patterns of the series: some may be without units here."""

    name: str
    end: dt.date | None
    incidence: Incidence

    @cached_property
    def counted(self) -> Incidence:
        """The incidence as counting the units of this point alone would give it."""
        return selected(self.incidence, self.incidence.units > 0)


@dataclass(frozen=True, eq=False)
class Series:
    """Points in order of time, at least two; all over the same patterns, strata, groups and categories.

    By date (`column` and `every` say which): units that had come by the end of a period, `n_undated` of `n_units` being
    in none; points stand for `n_periods`. By snapshots: what each kept report counted. `breaks` are snapshots that are
    left out, since they were counted under other rules and cannot be counted again.
    """

    source: Literal["date", "snapshots"]
    points: tuple[Point, ...]
    column: str = ""
    every: Every | None = None
    n_periods: int = 0
    n_undated: int = 0
    n_units: int = 0
    breaks: tuple[str, ...] = ()

    @cached_property
    def periods(self) -> tuple[Point, ...]:
        """What is new at each point: by date the units of its period (of the first all until then), else the report."""
        if self.source == "snapshots":
            return self.points
        later = (Point(new.name, new.end, less(new.incidence, old.incidence)) for old, new in pairwise(self.points))
        return (self.points[0], *later)

    @property
    def undated_share(self) -> float:
        """The share of units that are in no point."""
        return self.n_undated / self.n_units if self.n_units else 0.0


def less(all_units: Incidence, some: Incidence) -> Incidence:
    """Return the units of an incidence that are not in another one over the same patterns, which holds some of them."""
    units = all_units.units - some.units
    weight, squared = (
        np.where(units > 0, whole - part, 0.0)
        for whole, part in ((all_units.weight, some.weight), (all_units.weight_squared, some.weight_squared))
    )
    parts = all_units.weight_parts
    if parts is not None and some.weight_parts is not None:
        parts = parts - some.weight_parts
    return replace(all_units, units=units, weight=weight, weight_squared=squared, weight_parts=parts)


def dated_series(dated: Dated, incidence: Incidence) -> Series | None:
    """Return the series of an incidence by when its units came; None with fewer than two periods."""
    if len(dated.names) < 2:
        return None
    spread: Iterable[Incidence] = (dated.spread(incidence, point) for point in range(len(dated.names)))
    return Series(
        source="date",
        points=tuple(Point(*one) for one in zip(dated.names, dated.ends, spread, strict=True)),
        column=dated.column,
        every=dated.every,
        n_periods=dated.n_periods,
        n_undated=dated.n_undated,
        n_units=dated.n_units,
    )
