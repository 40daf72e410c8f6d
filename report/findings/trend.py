"""Trend: which shares moved over a series by more than chance, and whether only the mix of strata did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import CellRef, Estimate
from ..incidence import Incidence
from ..inference.laws import false_discovery
from ..inference.mix import Split, split
from ..inference.settings import InferenceSettings
from ..inference.shifts import Overlap, shift
from ..inference.totals import proportion
from ..matrices.counts import shares
from ..measures import MEASURES
from ..recounts.series import Point, Series
from .finding import Finding, Study

Floats = NDArray[np.float64]
About = Literal["agreement", "category", "cell"]
Verdict = Literal["trend", "mix", "undated"]

_PLACES = 9
"""Decimals by which changes are ranked: a share and what it leaves move alike, and floats must not decide."""

_OF_SHARES = {"conditional": False, "share": True, "count": True}
"""Measures whose cells are shares of something: whether of all units, or of those with the given category."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A share at one point: `n` units it is of. `share` is None where there are too few to judge."""

    name: str
    n: float
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A share that moved by more than chance between the first point with enough units and the last.

    About the agreement, a category (`outcome`) of all units, or a cell of a panel. `part` and `n` are the units at the
    first and at the last, `change` the difference of both shares, `within` what of it is change within strata (None
    without strata) and `mix` the rest. `verdict`: a trend, mix alone, or not to be told since too many units have no
    date.
    """

    about: About
    panel: str
    given: str
    outcome: str
    standings: tuple[Standing, ...]
    first: int
    part: tuple[float, float]
    n: tuple[float, float]
    change: Estimate
    q: float
    within: Estimate | None
    mix: float | None
    verdict: Verdict

    @property
    def shares(self) -> tuple[float, float]:
        """The share at the first and at the last point."""
        return self.part[0] / self.n[0], self.part[1] / self.n[1]

    @property
    def since(self) -> str:
        """The name of its first point."""
        return self.standings[self.first].name

    @property
    def mix_share(self) -> float | None:
        """The share of the change that the mix of strata makes, None without strata."""
        return None if self.mix is None or not self.change.value else self.mix / self.change.value


@dataclass(frozen=True, kw_only=True)
class Trend(Finding):
    """What a series shows, and what it does not.

    `moved`: trends first, then what only the mix moved, each by how far from 0 the interval of the change is. `n_first`
    and `n_last` are units at the ends of the series; `came` and `went` are levels of the strata that the first, the
    last point lacks. `undated`: more units lack a date than `thresholds.undated` allows, so that nothing is a trend.
    Null where nothing moved by more than chance.
    """

    kind: ClassVar[str] = "trend"
    source: Literal["date", "snapshots"]
    column: str
    every: str | None
    points: tuple[str, ...]
    n_periods: int
    n_first: float
    n_last: float
    n_undated: int
    n_all: int
    undated: bool
    strata: tuple[str, ...]
    came: tuple[str, ...]
    went: tuple[str, ...]
    breaks: tuple[str, ...]
    n_tested: int
    moved: tuple[Moved, ...]

    @property
    def trends(self) -> tuple[Moved, ...]:
        """What may be called a trend."""
        return tuple(m for m in self.moved if m.verdict == "trend")

    @property
    def mixed(self) -> tuple[Moved, ...]:
        """What moved by the mix of strata."""
        return tuple(m for m in self.moved if m.verdict == "mix")

    @property
    def undated_share(self) -> float:
        """The share of units without a date."""
        return self.n_undated / self.n_all if self.n_all else 0.0


def find(study: Study) -> list[Trend]:
    """Return one finding where the relation has a series, null where nothing moved by more than chance."""
    series = study.series
    if series is None:
        return []
    undated = series.undated_share > study.thresholds.undated
    found = list(_moved(study, series, undated=undated))
    moved = sorted((m for m in found if m is not None), key=_rank)
    first, last = series.points[0], series.points[-1]
    came, went = _levels(first.incidence, last.incidence)
    return [
        Trend(
            id="trend",
            cells=tuple(dict.fromkeys(ref for m in moved[:1] for ref in _refs(study, m))),
            null=not moved,
            source=series.source,
            column=series.column,
            every=series.every,
            points=tuple(point.name for point in series.points),
            n_periods=series.n_periods,
            n_first=float(first.incidence.weight.sum()),
            n_last=float(last.incidence.weight.sum()),
            n_undated=series.n_undated,
            n_all=series.n_units,
            undated=undated,
            strata=last.incidence.stratum_names,
            came=came,
            went=went,
            breaks=series.breaks,
            n_tested=len(found),
            moved=tuple(moved),
        )
    ]


def _rank(m: Moved) -> tuple[bool, float]:
    ends = (m.change.low, m.change.high)
    nearer = min((abs(end) for end in ends if end is not None), default=abs(m.change.value))
    return m.verdict != "trend", -round(nearer, _PLACES)


def _refs(study: Study, m: Moved) -> tuple[CellRef, ...]:
    if m.about == "cell":
        panel = next(panel for panel in study.panels if panel.id == m.panel)
        there = m.given in panel.given_categories and m.outcome in panel.outcome_categories
        return (CellRef(m.panel, m.given, m.outcome),) if there else ()
    return tuple(ref for name in study.rows for ref in study.refs(name, name)) if m.about == "agreement" else ()


def _levels(first: Incidence, last: Incidence) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the levels of the strata that only the last point has, and those that only the first has."""
    there = [
        {one.strata[number] for number in np.unique(one.stratum[one.units > 0])} if one.stratum_names else set()
        for one in (first, last)
    ]
    return tuple(sorted(there[1] - there[0])), tuple(sorted(there[0] - there[1]))


@dataclass(frozen=True, eq=False)
class _Block:
    """Shares of `columns` (p, B) among `rows` (p, A), over the patterns of the series."""

    about: About
    panel: str
    given: tuple[str, ...]
    outcome: tuple[str, ...]
    rows: Floats
    columns: Floats


def _blocks(study: Study, like: Incidence) -> Iterator[_Block]:
    rows, columns = shares(like)
    every = np.ones((len(like.units), 1))
    if study.diagonal:
        labelled = like.row_sets.any(axis=1) & like.column_sets.any(axis=1)
        agree = labelled & (like.row_sets == like.column_sets).all(axis=1)
        whole, part = labelled.astype(np.float64), agree.astype(np.float64)
        yield _Block("agreement", "", ("",), ("",), whole.reshape(-1, 1), part.reshape(-1, 1))
    side, own = (like.rows, rows) if like.unit.role == "from" else (like.columns, columns)
    yield _Block("category", "", ("",), side.categories, every, own)
    for panel in study.panels:
        if panel.measure.name not in _OF_SHARES:
            continue
        turned = panel.given.name != like.rows.name
        given, outcome = (columns, rows) if turned else (rows, columns)
        names = like.rows.categories, like.columns.categories
        names = names[::-1] if turned else names
        if not _OF_SHARES[panel.measure.name]:
            yield _Block("cell", panel.id, *names, given, outcome)
            continue
        for place, name in enumerate(names[0]):
            met: Floats = given[:, [place]] * outcome
            yield _Block("cell", panel.id, (name,), names[1], every, met)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One share that was compared: where it stands in its block, its first point, what chance does, and p."""

    block: _Block
    row: int
    column: int
    first: int
    change: Estimate
    p: float


def _moved(study: Study, series: Series, *, undated: bool) -> Iterator[Moved | None]:
    """Yield for every share that was compared what moved, None for what did not."""
    points, settings = series.points, study.inference
    masked = points[-1].incidence.trivial_diagonal
    asked = [
        one
        for block in _blocks(study, points[-1].incidence)
        for one in _asked(block, series, settings)
        if not (masked and block.about == "cell" and block.given[one.row] == block.outcome[one.column])
    ]
    if not asked:
        return
    q = false_discovery(np.array([one.p for one in asked]))
    for one, its_q in zip(asked, q.tolist(), strict=True):
        clear = its_q < settings.fdr and abs(one.change.value) >= study.thresholds.moved
        yield _told(study, series, one, its_q, undated=undated) if clear else None


def _asked(block: _Block, series: Series, settings: InferenceSettings) -> Iterator[_Asked]:
    """Yield the shares of a block that can be compared: enough units at both ends, and enough that came or went."""
    points = series.points
    enough = np.stack([_enough(block.rows, point.incidence, settings) for point in points])
    firsts = enough.argmax(axis=0)
    last = len(points) - 1
    share = MEASURES["conditional"]
    for first in sorted({int(f) for f in firsts[enough[-1]]} - {last}):
        found = shift(share.info, share, _overlap(block, series, points[first], points[last]), settings)
        known = found.enough & np.isfinite(found.p)
        for row in np.flatnonzero((firsts == first) & enough[-1]).tolist():
            for column in np.flatnonzero(known[row]).tolist():
                ends = float(found.low[row, column]), float(found.high[row, column])
                change = Estimate(float(found.difference[row, column]), *ends)
                yield _Asked(block, row, column, first, change, float(found.p[row, column]))


def _enough(rows: Floats, incidence: Incidence, settings: InferenceSettings) -> NDArray[np.bool_]:
    """Return which given categories (A,) have enough units, and groups, to be judged."""
    units = rows.T @ incidence.units
    enough = np.asarray(units >= settings.minimum_units)
    if incidence.group is not None:
        n_groups = incidence.n_groups or 0
        sums = np.stack([np.bincount(incidence.group, column * incidence.weight, n_groups) for column in rows.T])
        squares = (sums**2).sum(axis=1)
        effective = np.divide(sums.sum(axis=1) ** 2, squares, out=np.zeros(len(squares)), where=squares > 0)
        enough = enough & (effective >= settings.minimum_groups)
    return enough


def _overlap(block: _Block, series: Series, old: Point, new: Point) -> Overlap:
    """Return two points as an overlap. By date all that had come stays; of kept reports only patterns are known."""
    before, after = old.incidence, new.incidence
    weight, squared = before.weight + after.weight, before.weight_squared + after.weight_squared
    square = np.divide(squared, weight, out=np.ones_like(weight), where=weight > 0)
    overlap = Overlap(block.rows, block.columns, before.weight, after.weight, square, after.group)
    return overlap if series.source == "date" else overlap.reckoned()


def _told(study: Study, series: Series, one: _Asked, q: float, *, undated: bool) -> Moved:
    block, points = one.block, series.points
    alone = replace(block, rows=block.rows[:, [one.row]], columns=block.columns[:, [one.column]])
    ends = (points[one.first], points[-1])
    overlap = _overlap(alone, series, *ends)
    whole = alone.rows[:, 0]
    both = whole * alone.columns[:, 0]
    last = points[-1].incidence
    parts = split(overlap, last.stratum, study.inference.level) if last.stratum_names else None
    return Moved(
        about=block.about,
        panel=block.panel,
        given=block.given[one.row],
        outcome=block.outcome[one.column],
        standings=tuple(_standing(both, whole, point, study.inference) for point in points),
        first=one.first,
        part=(float(both @ ends[0].incidence.weight), float(both @ ends[1].incidence.weight)),
        n=(float(whole @ ends[0].incidence.weight), float(whole @ ends[1].incidence.weight)),
        change=one.change,
        q=q,
        within=None if parts is None else parts.within,
        mix=None if parts is None else parts.mix,
        verdict=_verdict(one.change.value, parts, study.thresholds.mix, undated=undated),
    )


def _standing(part: Floats, whole: Floats, point: Point, settings: InferenceSettings) -> Standing:
    n = float(whole @ point.incidence.weight)
    if not _enough(whole[:, None], point.incidence, settings)[0]:
        return Standing(point.name, n, None)
    kept = point.incidence.units > 0
    return Standing(point.name, n, proportion(part[kept], whole[kept], point.counted, settings.level))


def _verdict(change: float, parts: Split | None, limit: float, *, undated: bool) -> Verdict:
    """Return whether a change may be called a trend: dates are known, and it is more than the mix of strata."""
    if parts is not None and (not parts.is_clear or parts.mix / change > limit):
        return "mix"
    return "undated" if undated else "trend"
