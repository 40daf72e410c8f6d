"""Asymmetry: the contrast between two panels that reverse each other.

For two conditional panels over the same units, L[a,b] / R[b,a] = n_b / n_a exactly. The contrast depends on category
sizes alone and contains no information about direction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..cells import Cell, Estimate, Panel
from .finding import Finding, KeyNumber, SentenceSpec, Study, mirrored
from .statements import FindingKind

MOST_MIRRORS = 900
"""The largest number of pairs that a finding lists: all pairs of 30 categories. Of more pairs, those with the largest
difference in size are listed."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Mirror:
    """A cell of the left panel with the reversed cell of the right panel, if any unit has both categories.

    `log_ratio` is log(left / right), or None unless both are positive. `log_size_ratio` is log(n_b / n_a) of outcome b
    over given a. `imbalance` is |n_a - n_b| / (n_a + n_b - n_ab), the inequality of the two sizes: 0 if they are equal,
    towards 1 the more they differ (Wu, Chen & Han 2010, Data Mining and Knowledge Discovery 21). `lift` and
    `lift_within` (within strata, None without strata) are the same for both panels.
    """

    given: str
    outcome: str
    left: float | None
    right: float | None
    log_ratio: float | None
    log_size_ratio: float
    imbalance: float
    lift: float | None
    lift_within: float | None


@dataclass(frozen=True, kw_only=True)
class Asymmetry(Finding):
    """Two mutually reversed panels of one relation, compared cell by cell.

    `size_share` is the share of the contrast due to category sizes, 1 - sum |log(L/R) - log(n_b/n_a)| / sum |log(L/R)|
    over the `n_compared` mirrored pairs that are positive in both panels. It is 1 if size ratios reproduce every pair
    and 0 if they explain nothing. `largest_error` is the largest |log(L/R) - log(n_b/n_a)|. Both are None unless the
    panels show shares: other directed measures use the same 2 x 2 tables, but their ratio is not a ratio of sizes.

    `lift_apart` and `within_apart` are the contrast after base rates: the largest |log lift L - log lift R| over all
    units and within strata (None without strata). `left_mean` and `right_mean` are means over measured pairs. They are
    None if the rows of either panel add to one, because the mean is then not informative. `left_cell` and `right_cell`
    are the measured pair with the largest difference in value. `mirrors` are the `n_mirrors` pairs with any unit.
    Beyond MOST_MIRRORS, only the pairs with the largest difference in size are listed.

    Null if there is no contrast: a `symmetric` measure, or the same values in every pair.
    """

    kind = "asymmetry"
    place = "panels"
    left: str
    right: str
    measure: str
    symmetric: bool
    n_compared: int
    size_share: float | None
    largest_error: float | None
    lift_apart: float
    within_apart: float | None
    left_mean: float | None
    right_mean: float | None
    left_cell: Cell
    right_cell: Cell
    n_mirrors: int
    mirrors: tuple[Mirror, ...]

    @property
    def is_all_size(self) -> bool:
        """Whether category sizes explain the whole contrast, to rounding."""
        return self.size_share is not None and self.size_share > 1 - _ROUNDING

    @property
    def nothing_left(self) -> bool:
        """Whether base rates, over all units and within strata, explain the whole contrast, to rounding."""
        return max(self.lift_apart, self.within_apart or 0) < _ROUNDING

    @property
    def factor_left(self) -> float:
        """The largest factor between lifts of mirrored cells, over all units or within strata; 1 if they are equal."""
        return math.exp(max(self.lift_apart, self.within_apart or 0))

    def tells(self) -> Iterator[SentenceSpec]:
        """Yield the contrast and its meaning. If no cell differs from base rates, the text of each panel says so."""
        if not self.nothing_left:
            yield SentenceSpec("observation")
            yield SentenceSpec("meaning")

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((), Estimate.of(1.0 if self.is_all_size else self.size_share))


def find(study: Study) -> list[Asymmetry]:
    """Return one finding for each pair of mutually reversed panels that share a measured cell."""
    found = (_compare(study, left, right) for left, right in mirrored(study.panels))
    return [compared for compared in found if compared is not None]


def _compare(study: Study, left: Panel, right: Panel) -> Asymmetry | None:
    n_given, n_outcome = len(left.given_categories), len(left.outcome_categories)
    back = [place for a in range(n_given) for place in range(a, n_given * n_outcome, n_given)]
    pairs = _MirroredCells(left, right, back)
    if not pairs.measured or not pairs.met:
        return None
    ratios = [(log, size) for log, size in zip(pairs.log_ratios, pairs.log_size_ratios, strict=True) if log is not None]
    is_share = left.measure.name == "conditional"
    levels = _levels(study, [values for _, *values in pairs.measured]) if is_share else (None, None)
    most = max(pairs.measured, key=lambda one: abs(one[1] - one[2]))[0]
    left_cell, right_cell = left.cells[most], right.cells[back[most]]
    return Asymmetry(
        id=f"asymmetry.{left.id}.{right.id}",
        cells=(*left.refs([left_cell]), *right.refs([right_cell])),
        null=left.measure.symmetric or all(abs(a - b) < _ROUNDING for _, a, b in pairs.measured),
        left=left.id,
        right=right.id,
        measure=left.measure.phrase,
        symmetric=left.measure.symmetric,
        n_compared=len(ratios) if is_share else len(pairs.met),
        size_share=_size_share(ratios) if is_share else None,
        largest_error=max((abs(log - size) for log, size in ratios), default=0.0) if is_share else None,
        lift_apart=_largest(pairs.of("lift")) or 0.0,
        within_apart=_largest(pairs.of("lift_within_strata")),
        left_mean=levels[0],
        right_mean=levels[1],
        left_cell=left_cell,
        right_cell=right_cell,
        n_mirrors=len(pairs.met),
        mirrors=pairs.mirrors(),
    )


class _MirroredCells:
    """The cells of two mutually reversed panels as columns, pair by pair in the order of the left panel.

    `measured` are the pairs measured in both panels: (place, left, right). `met` are the places of pairs with units of
    both categories and joint units. The two lists of logs are for these places.
    """

    def __init__(self, left: Panel, right: Panel, back: Sequence[int]) -> None:
        self._left, self._right, self._back = left, right, back
        values, sizes = [*self.of("value")], zip(*map(left.column, ("n_joint", "n_given", "n_outcome")), strict=True)
        self.measured = [
            (place, a, b)
            for place, ((a, b), states) in enumerate(zip(values, self.of("state"), strict=True))
            if states == ("measured", "measured") and a is not None and b is not None
        ]
        self.met = [place for place, numbers in enumerate(sizes) if all(numbers)]
        given, outcome = left.column("n_given"), left.column("n_outcome")
        self.log_ratios = [_log_ratio(*values[place]) for place in self.met]
        self.log_size_ratios = [math.log(outcome[place] / given[place]) for place in self.met]

    def of(self, name: str) -> Iterable[tuple[Any, Any]]:
        """Return a field of both cells of each pair."""
        right = self._right.column(name)
        return zip(self._left.column(name), [right[place] for place in self._back], strict=True)

    def mirrors(self) -> tuple[Mirror, ...]:
        """Return the listed pairs, in order: all, or the MOST_MIRRORS pairs with the largest difference in size."""
        sizes = self.log_size_ratios
        by_size = sorted(range(len(sizes)), key=lambda i: (-abs(sizes[i]), i))
        return tuple(self._mirror(i) for i in sorted(by_size[:MOST_MIRRORS]))

    def _mirror(self, i: int) -> Mirror:
        place = self.met[i]
        a, b = self._left.cells[place], self._right.cells[self._back[place]]
        joint, given, outcome = (n or 0 for n in (a.n_joint, a.n_given, a.n_outcome))
        imbalance = abs(given - outcome) / (given + outcome - joint)
        logs = self.log_ratios[i], self.log_size_ratios[i]
        return Mirror(a.given, a.outcome, a.value, b.value, *logs, imbalance, a.lift, a.lift_within_strata)


def _log_ratio(a: float | None, b: float | None) -> float | None:
    return math.log(a / b) if a is not None and b is not None and a > 0 and b > 0 else None


def _size_share(ratios: Sequence[tuple[float, float]]) -> float | None:
    """Return the share of the contrast due to category sizes, or None if there is no contrast."""
    whole = sum(abs(log) for log, _ in ratios)
    return 1 - sum(abs(log - size) for log, size in ratios) / whole if whole > _ROUNDING else None


def _largest(lifts: Iterable[tuple[float | None, float | None]]) -> float | None:
    """Return the largest |log a - log b| over pairs of positive lifts, or None if there is no pair."""
    return max((abs(log) for a, b in lifts if (log := _log_ratio(a, b)) is not None), default=None)


def _levels(study: Study, measured: Sequence[Sequence[float]]) -> tuple[float, float] | tuple[None, None]:
    """Return the means of both panels if units can have several categories on both sides, else None."""
    incidence = study.tables.incidence
    several = all(bool((sets.sum(axis=1) > 1).any()) for sets in (incidence.row_sets, incidence.column_sets))
    if not several:
        return None, None
    left, right = (math.fsum(side) / len(measured) for side in zip(*measured, strict=True))
    return left, right


KIND = FindingKind(Asymmetry, find)
