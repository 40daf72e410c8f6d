"""Which contrasts and rankings a relation's panels are asked for, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..arrays import Bools, Floats
from ..cells import MeasureInfo, Refusal
from ..document.results import ContrastKind, ContrastLine, ContrastTerm, Highest
from ..inference import InferenceSettings
from ..inference.contrasts import CellSum, Compared, Contrast, cell, compared, mean
from ..inference.drawing import Ranking, highest_shares
from ..inference.intervals import Formula
from ..panels import PlacedPanel

MOST_CATEGORIES = 30
"""Categories of an axis up to which contrasts are made: beyond, a panel has more than a thousand, for no reader."""

_Asked = tuple[ContrastLine, Contrast | None]


@dataclass(frozen=True)
class Comparisons:
    """Contrasts in order, and by panel id how often each measured cell is the highest of its row."""

    contrasts: tuple[ContrastLine, ...]
    highest: dict[str, tuple[Highest, ...] | Refusal]


class Shown(PlacedPanel):
    """A panel over an incidence, for which contrasts of its measured cells are asked."""

    @property
    def info(self) -> MeasureInfo:
        """What the panel measures."""
        return self.panel.measure

    @cached_property
    def own(self) -> Formula:
        """The panel's measure as a formula of the incidence's totals; the same one each time."""
        return self.formula(self.info.name)

    @cached_property
    def measured(self) -> Bools:
        """Which cells (R, C) of the incidence are measured and have a value."""
        panel = self.panel
        of_cells = zip(panel.column("state"), panel.column("value"), strict=True)
        there = np.array([state == "measured" and value is not None for state, value in of_cells], dtype=np.bool_)
        there = there.reshape(len(panel.given_categories), len(panel.outcome_categories))
        return there.T if self.by_columns else there

    @property
    def rows(self) -> list[int]:
        """The given categories that have a measured cell."""
        return [int(a) for a in np.flatnonzero(self.measured.any(axis=0 if self.by_columns else 1))]

    def cell(self, row: int, column: int) -> CellSum:
        """Return a cell of the incidence as a term of a contrast."""
        return cell(self.own, row, column)

    def only(self, given: int) -> Bools:
        """Return the measured cells (R, C) of one given category."""
        chosen = np.zeros_like(self.measured)
        chosen[(slice(None), given) if self.by_columns else given] = True
        return chosen & self.measured

    @cached_property
    def adds_to_one(self) -> bool:
        """Whether the shares of each row add to one whatever is drawn, so that means of rows say nothing."""
        if self.info.name != "conditional" or self.incidence.trivial_diagonal:
            return False
        sets = (self.incidence.row_sets, self.incidence.column_sets)
        outcome, given = sets if self.by_columns else sets[::-1]
        n_outcome = outcome[given.any(axis=1)].sum(axis=1)
        return bool((n_outcome >= 1).all() if self.incidence.fractional else (n_outcome == 1).all())


def compare(shown: Sequence[Shown], settings: InferenceSettings) -> Comparisons:
    """Return contrasts of the measured cells of a relation's panels, and ranks within rows.

    Contrasts, in order: (a, b) of a panel against (b, a) of the one that reverses it, the means of both; within a
    panel of one taxonomy (a, b) against (b, a); each row's mean against the mean of all other rows. A kind that
    could only say what is known beforehand has one line with the reason.
    """
    asked = [line for left, right in _mirrored(shown) for line in _between(left, right)]
    asked += [line for one in shown for line in _within(one)]
    contrasts = [contrast for _, contrast in asked if contrast is not None]
    ranked = [one for one in shown if _reason(one) is None and one.measured.any()]
    rankings = [Ranking(one.own, one.measured, one.by_columns) for one in ranked]
    if not contrasts and not rankings:
        return Comparisons(tuple(line for line, _ in asked), {})
    incidence = shown[0].incidence
    numbers = iter(compared(contrasts, incidence, settings.level))
    lines = tuple(line if contrast is None else _answered(line, next(numbers)) for line, contrast in asked)
    shares = highest_shares(rankings, incidence, settings)
    if isinstance(shares, Refusal):
        return Comparisons(lines, dict.fromkeys((one.panel.id for one in ranked), shares))
    return Comparisons(lines, {one.panel.id: tuple(_highest(one, s)) for one, s in zip(ranked, shares, strict=True)})


def _answered(line: ContrastLine, found: Compared) -> ContrastLine:
    if not math.isfinite(found.difference.value):
        return replace(line, reason=found.reason)
    return replace(
        line,
        first_value=found.first,
        second_value=found.second,
        difference=found.difference,
        reason=found.reason,
    )


def _highest(one: Shown, shares: Floats) -> Iterator[Highest]:
    panel = one.panel
    for a, given in enumerate(panel.given_categories):
        for b, outcome in enumerate(panel.outcome_categories):
            place = one.place(a, b)
            if one.measured[place]:
                yield Highest(given, outcome, float(shares[place]))


def _mirrored(shown: Sequence[Shown]) -> Iterator[tuple[Shown, Shown]]:
    """Yield each two panels that reverse each other, once."""
    by_id = {one.panel.id: one for one in shown}
    seen: set[str] = set()
    for one in shown:
        mirror = by_id.get(one.panel.mirror or "")
        if mirror is not None and mirror.panel.id not in seen:
            yield one, mirror
        seen.add(one.panel.id)


def _reason(one: Shown) -> str | None:
    """Return why a panel has no contrasts at all, or None."""
    if max(len(one.panel.given_categories), len(one.panel.outcome_categories)) > MOST_CATEGORIES:
        return f"there are more than {MOST_CATEGORIES} categories"
    return "a test statistic has no interval" if one.info.statistic else None


def _without(kind: ContrastKind, first: Shown, second: Shown, reason: str) -> _Asked:
    return ContrastLine(kind, ContrastTerm(first.panel.id), ContrastTerm(second.panel.id), reason=reason), None


def _between(left: Shown, right: Shown) -> Iterator[_Asked]:
    """Yield contrasts of two reversed panels: of each pair of categories measured in both, and of the means."""
    reason = _reason(left)
    if reason is None and left.info.symmetric:
        reason = "the measure is symmetric: both panels hold the same values"
    if reason is not None:
        yield _without("mirror", left, right, reason)
        yield _without("panels", left, right, reason)
        return
    yield from _mirrors(left, right)
    if not left.measured.any() or not right.measured.any():
        return
    if left.adds_to_one and right.adds_to_one:
        yield _without("panels", left, right, "shares in a row add to one in both panels, so both means are known")
        return
    first, second = (mean(one.own, one.measured) for one in (left, right))
    line = ContrastLine("panels", ContrastTerm(left.panel.id), ContrastTerm(right.panel.id))
    yield line, Contrast(first, second, *_bounds(left.info))


def _mirrors(left: Shown, right: Shown) -> Iterator[_Asked]:
    for a, given in enumerate(left.panel.given_categories):
        for b, outcome in enumerate(left.panel.outcome_categories):
            place = left.place(a, b)
            if left.measured[place] and right.measured[place]:
                first, second = (one.cell(*place) for one in (left, right))
                line = ContrastLine(
                    "mirror", ContrastTerm(left.panel.id, given, outcome), ContrastTerm(right.panel.id, outcome, given)
                )
                yield line, Contrast(first, second, *_bounds(left.info))


def _within(one: Shown) -> Iterator[_Asked]:
    reason = _reason(one)
    if one.panel.same_taxonomy:
        same = one.incidence.trivial_diagonal and one.info.symmetric
        why_not = reason or ("both axes are the same items: both cells are one" if same else None)
        yield from _reverses(one) if why_not is None else (_without("reverse", one, one, why_not),)
    if len(one.rows) < 2:
        return
    if reason is None and one.adds_to_one:
        reason = "each unit has one category on the outcome side: shares in a row add to one"
    yield from _rows(one) if reason is None else (_without("rows", one, one, reason),)


def _reverses(one: Shown) -> Iterator[_Asked]:
    panel = one.panel
    for a, given in enumerate(panel.given_categories):
        for b, outcome in enumerate(panel.outcome_categories[:a]):
            places = one.place(b, a), one.place(a, b)
            if one.measured[places[0]] and one.measured[places[1]]:
                first, second = (one.cell(*place) for place in places)
                line = ContrastLine(
                    "reverse", ContrastTerm(panel.id, outcome, given), ContrastTerm(panel.id, given, outcome)
                )
                yield line, Contrast(first, second, *_bounds(one.info))


def _rows(one: Shown) -> Iterator[_Asked]:
    for a in one.rows:
        own = mean(one.own, one.only(a))
        others = mean(one.own, one.measured & ~one.only(a))
        line = ContrastLine(
            "rows", ContrastTerm(one.panel.id, one.panel.given_categories[a]), ContrastTerm(one.panel.id)
        )
        yield line, Contrast(own, others, *_bounds(one.info))


def _bounds(info: MeasureInfo) -> tuple[float | None, float | None]:
    """Return what a difference of two values cannot leave."""
    if info.lower is None or info.upper is None:
        return None, None
    return info.lower - info.upper, info.upper - info.lower
