"""Trends: shares that moved over a series by more than chance, and whether this is due to the mix of strata.

For series by date, periods are compared rather than cumulative states: the units before a period with the units since
then, for every way to split the series in two. Kept reports are each compared with the last report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ... import formats
from ...arrays import Bools, Floats, Ints, over
from ...cells import CellRef, Estimate
from ...findings.finding import Finding, KeyNumber, Recipe, Study
from ...findings.statements import FindingKind
from ...incidence import Incidence, freedom_of_both
from ...inference import InferenceSettings
from ...inference.laws import false_discovery, normal_quantile
from ...inference.strata import effective_of
from ...inference.totals import proportion
from ...ledger.series import Series, SeriesPoint, less, spread
from ...ledger.uncounted import UncountedByPoint
from ...matrices.counts import agreeing, shares
from ...measures import MEASURES
from ...theme import template_folder
from .missing_labels import CoverageShift, LabelledUnits, change_bounds, coverage_shift
from .shifts import Overlap, Split, shift, split

About = Literal["agreement", "category", "cell"]
Verdict = Literal["trend", "mix", "undated", "coverage"]

_PLACES = 9
"""Decimals for ranking changes: a share and its complement move equally, and float errors must not decide."""

_MOST_PAIRS = 8
"""Maximum number of compared pairs of times, because each comparison reduces the power of the others."""

FOUND = 0.2
"""A share counts as unchanged only if a change of this size would be found with a probability of four fifths.

`_POWER` is the two-sided level with the quantile for this probability.
"""
_POWER = 0.6

_OF_SHARES = {"conditional": False, "share": True, "count": True}
"""Measures whose cells are shares, of all units or of units with the given category."""


@dataclass(frozen=True, slots=True)
class ShareAt:
    """A share in one period (by date) or one kept report, of `n` units (None with too few units)."""

    name: str
    n: float
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class ShareTrend:
    """A share that moved by more than chance between two times.

    It is about the agreement, a category (`outcome`, of a `side`) of all units, or a cell of a panel. The point `first`
    separates the two times. By date, they are the periods before it and the periods since; otherwise, this report and
    the last. `part` and `n` are the units at the earlier and the later time. `change` is the difference of both shares,
    `within` the change within strata (None without strata), and `mix` the rest. `precise` is true if both shares have
    an interval narrow enough for a sentence.

    `counted` is the share of units counted at the earlier and the later time, if it moved by more than noise (among
    units with the given category if `counted_of` is "given"). `bounds` is then the range of changes that missing labels
    allow, widened by the error of the largest of all tests. `verdict` is a trend, mix alone, coverage if these bounds
    include 0, or undated if too many units have no date.
    """

    about: About
    panel: str
    side: Literal["rows", "columns", ""]
    given: str
    outcome: str
    standings: tuple[ShareAt, ...]
    first: int
    part: tuple[float, float]
    n: tuple[float, float]
    change: Estimate
    q: float
    within: Estimate | None
    mix: float | None
    counted: tuple[float, float] | None
    counted_of: Literal["all", "given", ""]
    bounds: tuple[float, float] | None
    verdict: Verdict
    precise: bool = True

    @property
    def shares(self) -> tuple[float, float]:
        """Return the share at the earlier and at the later time."""
        return self.part[0] / self.n[0], self.part[1] / self.n[1]

    @property
    def since(self) -> str:
        """Return the name of the point that separates the times."""
        return self.standings[self.first].name

    @property
    def latest(self) -> Estimate | None:
        """Return the share in the last period, or None if this is the whole later time, or if it has too few units."""
        last = self.standings[-1].share
        if self.first == len(self.standings) - 1 or last is None or not last.is_precise_share:
            return None
        return last

    @property
    def mix_share(self) -> float | None:
        """Return the share of the change due to the mix of strata, None without strata."""
        return None if self.mix is None or not self.change.value else self.mix / self.change.value


@dataclass(frozen=True, kw_only=True)
class Trend(Finding):
    """The changes in a series, and shares that certainly did not change.

    `moved` lists trends, then changes due to mix, then the rest, each by the distance of the interval of the change
    from 0. `n_first` and `n_last` are units at the ends of the series. `came` and `went` are levels of the strata that
    are missing at the first and the last point. `undated` is true if more units lack a date than `thresholds.undated`
    allows, so that nothing is a trend. Of `n_tested` compared shares, `n_sure` would probably have shown a change of
    `FOUND`. The finding is null if nothing moved by more than chance.
    """

    kind = "trend"
    place = None
    thresholds = ("min_change", "mix", "undated", "fdr", "minimum_units")
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
    n_sure: int
    moved: tuple[ShareTrend, ...]

    @property
    def sure(self) -> str:
        """Return the change, in points, that can be excluded for a share that did not move, as text."""
        return formats.decimal(100 * FOUND, 0)

    @property
    def trends(self) -> tuple[ShareTrend, ...]:
        """Return the changes that are trends."""
        return tuple(m for m in self.moved if m.verdict == "trend")

    @property
    def mixed(self) -> tuple[ShareTrend, ...]:
        """Return the changes due to the mix of strata."""
        return tuple(m for m in self.moved if m.verdict == "mix")

    @property
    def by_coverage(self) -> tuple[ShareTrend, ...]:
        """Return the changes that missing labels alone could explain."""
        return tuple(m for m in self.moved if m.verdict == "coverage")

    @property
    def is_whole(self) -> bool:
        """Return whether each point is one period or report; in a long series, some points represent several."""
        return self.n_periods == len(self.points)

    @property
    def undated_share(self) -> float:
        """Return the share of units without a date."""
        return self.n_undated / self.n_all if self.n_all else 0.0

    def number(self) -> KeyNumber:
        """Return the largest change: moderate for a trend, weak if it is due to mix or undetermined."""
        if not self.moved:
            return KeyNumber((), None, "value")
        m = self.moved[0]
        about = tuple(name for name in (m.given, m.outcome) if name)
        return KeyNumber(about, m.change, "value", step=int(m.verdict == "trend"))

    def evidence(self) -> Iterator[Recipe]:
        """Yield the calculations behind its numbers."""
        for at, m in self.records("moved"):
            names = tuple(name for name in (m.given, m.outcome) if name)
            terms = {"k_1": f"{at}.part.1", "n_1": f"{at}.n.1", "k_0": f"{at}.part.0", "n_0": f"{at}.n.0"}
            ends = (f"{at}.change.low", f"{at}.change.high")
            yield Recipe("moved", "k_1 / n_1 - k_0 / n_0", terms, f"{at}.change.value", ends, "shift", names)
            if m.within is not None:
                within = (f"{at}.within.low", f"{at}.within.high") if m.within.low is not None else None
                formula, value = "mean over strata of r_1 - r_0", f"{at}.within.value"
                yield Recipe("moved_within", formula, {}, value, within, "shift" if within else "", names)


def find(study: Study) -> list[Trend]:
    """Return one finding if the relation has a series. It is null if nothing moved by more than chance."""
    series = study.numbers.series
    if series is None:
        return []
    undated = series.undated_share > study.thresholds.undated
    asked = list(_asked(study, series))
    moved = sorted(_moved(study, series, asked, undated=undated), key=_rank)
    first, last = series.points[0], series.points[-1]
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
            came=tuple(sorted(last.levels - first.levels)),
            went=tuple(sorted(first.levels - last.levels)),
            breaks=series.breaks,
            n_tested=len(asked),
            n_sure=sum(_is_sure(one, len(asked), study.inference) for one in asked),
            moved=tuple(moved),
        )
    ]


_ORDER: tuple[Verdict, ...] = ("trend", "mix", "undated", "coverage")


def _rank(m: ShareTrend) -> tuple[int, float]:
    ends = (m.change.low, m.change.high)
    nearer = min((abs(end) for end in ends if end is not None), default=abs(m.change.value))
    return _ORDER.index(m.verdict), -round(nearer, _PLACES)


def _refs(study: Study, m: ShareTrend) -> tuple[CellRef, ...]:
    if m.about == "cell":
        panel = study.panel(m.panel)
        there = m.given in panel.given_categories and m.outcome in panel.outcome_categories
        return (CellRef(m.panel, m.given, m.outcome),) if there else ()
    return tuple(ref for name in study.rows for ref in study.refs(name, name)) if m.about == "agreement" else ()


@dataclass(frozen=True, eq=False)
class _Block:
    """Shares of `columns` (p, B) among `rows` (p, A), over the patterns of the series."""

    about: About
    panel: str
    given: tuple[str, ...]
    outcome: tuple[str, ...]
    rows: Floats
    columns: Floats
    side: Literal["rows", "columns", ""] = ""


def _blocks(study: Study, like: Incidence) -> Iterator[_Block]:
    rows, columns = shares(like)
    every = np.ones((len(like.units), 1))
    if study.diagonal:
        whole, part = (which.astype(np.float64)[:, None] for which in agreeing(like))
        yield _Block("agreement", "", ("",), ("",), whole, part)
    yield _Block("category", "", ("",), like.columns.categories, every, columns, "columns")
    if not like.trivial_diagonal:
        yield _Block("category", "", ("",), like.rows.categories, every, rows, "rows")
    for panel in study.panels:
        if panel.measure.name not in _OF_SHARES:
            continue
        sides = (like.rows.categories, rows), (like.columns.categories, columns)
        (names, given), (others, outcome) = sides if panel.given.name == like.rows.name else sides[::-1]
        if not _OF_SHARES[panel.measure.name]:
            yield _Block("cell", panel.id, names, others, given, outcome)
            continue
        for place, name in enumerate(names):
            yield _Block("cell", panel.id, (name,), others, every, given[:, [place]] * outcome)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two times that are compared: `since` is the index of the point that separates them (see `ShareTrend`)."""

    since: int
    old: Incidence
    new: Incidence
    apart: bool

    def overlap(self, block: _Block) -> Overlap:
        """Return both times as an overlap. For kept reports, only patterns are known, not which units stayed."""
        weight = self.old.weight + self.new.weight
        squared = self.old.weight_squared + self.new.weight_squared
        square = over(squared, weight, 1.0)
        units = (self.old.weight, self.new.weight, square, self.new.group)
        freedom = freedom_of_both(self.old, self.new)
        overlap = Overlap(block.rows, block.columns, *units, apart=self.apart, freedom=freedom)
        return overlap if self.apart else overlap.reckoned()


def _pairs(series: Series) -> tuple[_Pair, ...]:
    """Return the compared times: all ways to split the series in two, or a selection if there are very many."""
    points = series.points
    chosen = spread(len(points) - 1, _MOST_PAIRS)
    if series.source == "snapshots":
        return tuple(_Pair(k, points[k].incidence, points[-1].incidence, apart=False) for k in chosen)
    whole = points[-1].incidence
    before = ((k + 1, points[k].incidence) for k in chosen)
    return tuple(_Pair(k, old, less(whole, old), apart=True) for k, old in before)


@dataclass(frozen=True, slots=True)
class _Share:
    """One share compared at `n_pairs` pairs of times: its position, and the pair with the largest change.

    `p` is the p of this pair times the number of pairs. `half` is half the narrowest interval of a change of it.
    """

    block: _Block
    row: int
    column: int
    pair: _Pair
    n_pairs: int
    change: Estimate
    p: float
    half: float


def _asked(study: Study, series: Series) -> Iterator[_Share]:
    """Yield the shares that can be compared: enough units and groups at both times of some pair."""
    pairs, settings, last = _pairs(series), study.inference, series.points[-1].incidence
    share = MEASURES["conditional"]
    for block in _blocks(study, last):
        found: dict[tuple[int, int], list[_Share]] = {}
        for pair in pairs:
            enough = _enough(block.rows, pair.old, settings) & _enough(block.rows, pair.new, settings)
            if not enough.any():
                continue
            one = shift(share.info, share, pair.overlap(block), settings)
            known = enough[:, None] & np.isfinite(one.p) & (one.enough | pair.apart)
            if last.trivial_diagonal and block.about == "cell":
                known &= np.array(block.given)[:, None] != np.array(block.outcome)
            for row, column in np.argwhere(known).tolist():
                change, low, high = (float(values[row, column]) for values in (one.difference, one.low, one.high))
                p, half = float(one.p[row, column]), (high - low) / 2
                asked = _Share(block, row, column, pair, 1, Estimate(change, max(low, -1.0), min(high, 1.0)), p, half)
                found.setdefault((row, column), []).append(asked)
        for tried in found.values():
            most = min(tried, key=lambda a: (float(f"{a.p:.6g}"), -round(abs(a.change.value), _PLACES), a.pair.since))
            yield replace(most, n_pairs=len(tried), p=min(1.0, len(tried) * most.p), half=min(a.half for a in tried))


def _moved(study: Study, series: Series, asked: list[_Share], *, undated: bool) -> Iterator[ShareTrend]:
    """Yield the shares that moved by more than chance, and far enough."""
    q = false_discovery(np.array([one.p for one in asked]))
    for one, its_q in zip(asked, q.tolist(), strict=True):
        if its_q < study.inference.fdr and abs(one.change.value) >= study.thresholds.min_change:
            n_tests = len(asked) * one.n_pairs
            yield _told(study, series, one, its_q, n_tests, undated=undated)


def _is_sure(one: _Share, n_asked: int, settings: InferenceSettings) -> bool:
    """Return whether a change of `FOUND` of a share would have been detected in four of five such series.

    Its interval must be narrow enough: the required distance is the quantile for the strictest of all tests, plus the
    quantile for a power of four fifths (two-sided 0.6).
    """
    strictest = normal_quantile(1 - settings.fdr / (n_asked * one.n_pairs))
    return one.half / normal_quantile(settings.level) * (strictest + normal_quantile(_POWER)) <= FOUND


def _enough(rows: Floats, incidence: Incidence, settings: InferenceSettings) -> Bools:
    """Return which given categories (A,) have enough units and groups."""
    units = rows.T @ incidence.units
    enough = np.asarray(units >= settings.minimum_units)
    if incidence.group is not None:
        enough = enough & (effective_of(rows, incidence) >= settings.minimum_groups)
    return enough


def _told(study: Study, series: Series, one: _Share, q: float, n_tests: int, *, undated: bool) -> ShareTrend:
    block, pair = one.block, one.pair
    alone = replace(block, rows=block.rows[:, [one.row]], columns=block.columns[:, [one.column]])
    overlap = pair.overlap(alone)
    whole = alone.rows[:, 0]
    both = whole * alone.columns[:, 0]
    parts = split(overlap, pair.new.stratum, study.inference.level) if pair.new.stratum_names else None
    covered, bounds = _coverage(study, series, one, n_tests)
    by_coverage = bounds is not None and bounds[0] <= 0 <= bounds[1]
    return ShareTrend(
        about=block.about,
        panel=block.panel,
        side=block.side,
        given=block.given[one.row],
        outcome=block.outcome[one.column],
        standings=tuple(_standing(both, whole, point, study.inference) for point in series.periods),
        first=pair.since,
        part=(float(both @ pair.old.weight), float(both @ pair.new.weight)),
        n=(float(whole @ pair.old.weight), float(whole @ pair.new.weight)),
        change=one.change,
        q=q,
        within=None if parts is None else parts.within,
        mix=None if parts is None else parts.mix,
        counted=None if covered is None else covered.shares,
        counted_of="" if covered is None else "given" if covered.of_given else "all",
        bounds=bounds,
        verdict="coverage" if by_coverage else _verdict(one.change.value, parts, study.thresholds.mix, undated=undated),
        precise=all(proportion(both, whole, at, study.inference.level).is_precise_share for at in (pair.old, pair.new)),
    )


def _coverage(
    study: Study, series: Series, one: _Share, n_tests: int
) -> tuple[CoverageShift | None, tuple[float, float] | None]:
    """Return the change of coverage between the times of a share, and the changes that missing labels allow.

    The range is widened by the error of the largest of `n_tests` changes (Bonferroni), because among many shares, the
    share with the largest error is the most likely to seem changed whatever the missing labels are.
    """
    lost, pair = series.uncounted, one.pair
    whole = pair.new if lost is None else _with_uncounted(pair.new, lost)
    given, outcome = _indicators(study, one, whole)
    mean = float(over(pair.new.weight.sum() + pair.old.weight.sum(), pair.new.units.sum() + pair.old.units.sum(), 1.0))
    none = np.zeros(0, dtype=np.int64)
    parts = (none, none) if lost is None else lost.parts(pair.since, apart=pair.apart)
    times, group = [], _groups(pair.new, lost)
    for incidence, left_out in zip((pair.old, pair.new), parts, strict=True):
        units = np.concatenate([incidence.units, left_out]).astype(np.float64)
        weight = np.concatenate([incidence.weight, left_out * mean])
        is_counted = np.arange(len(units)) < len(incidence.units)
        times.append(LabelledUnits(*given, *outcome, is_counted, weight, units, group))
    covered = coverage_shift(*times)
    if covered is None:
        return None, None
    low, high = change_bounds(*times)
    change = one.change
    level = study.inference.level
    widened = normal_quantile(1 - (1 - level) / max(n_tests, 1)) / normal_quantile(level)
    below, above = (0.0 if end is None else widened * abs(end - change.value) for end in (change.low, change.high))
    return covered, (max(low - below, -1.0), min(high + above, 1.0))


def _groups(incidence: Incidence, lost: UncountedByPoint | None) -> Ints | None:
    """Return the groups of patterns, followed by groups of uncounted units, or None if they are unknown."""
    if incidence.group is None or lost is None:
        return incidence.group
    return None if lost.group is None else np.concatenate([incidence.group, lost.group])


def _with_uncounted(incidence: Incidence, lost: UncountedByPoint) -> Incidence:
    """Return the sets of an incidence, followed by sets of uncounted units, for `shares` alone."""
    return replace(
        incidence,
        row_sets=np.concatenate([incidence.row_sets, lost.row_sets]),
        column_sets=np.concatenate([incidence.column_sets, lost.column_sets]),
    )


def _indicators(study: Study, one: _Share, whole: Incidence) -> tuple[tuple[Floats, Bools], tuple[Floats, Bools]]:
    """Return each pattern's part (p,) in the given and outcome of a share, and whether its labels are known."""
    rows, columns = shares(whole)
    known: list[Bools] = [np.asarray(sets.any(axis=1)) for sets in (whole.row_sets, whole.column_sets)]
    everyone = np.ones(len(rows)), np.ones(len(rows), dtype=np.bool_)
    block = one.block
    if block.about == "agreement":
        labelled, alike = agreeing(whole)
        return everyone, (alike.astype(np.float64), labelled)
    names = block.outcome[one.column]
    sides = {"rows": (whole.rows.categories, rows, known[0]), "columns": (whole.columns.categories, columns, known[1])}
    if block.about == "category":
        categories, values, there = sides["rows" if block.side == "rows" else "columns"]
        return everyone, (values[:, categories.index(names)], there)
    panel = study.panel(block.panel)
    (of, a, a_known), (to, b, b_known) = (
        sides.values() if panel.given.name == whole.rows.name else reversed(sides.values())
    )
    given, outcome = a[:, of.index(block.given[one.row])], b[:, to.index(names)]
    if not _OF_SHARES[panel.measure.name]:
        return (given, a_known), (outcome, b_known)
    # A unit known to lack one of both categories cannot have both.
    return everyone, (given * outcome, (a_known & b_known) | (a_known & (given == 0)) | (b_known & (outcome == 0)))


def _standing(part: Floats, whole: Floats, point: SeriesPoint, settings: InferenceSettings) -> ShareAt:
    n = float(whole @ point.incidence.weight)
    if not _enough(whole[:, None], point.incidence, settings)[0]:
        return ShareAt(point.name, n, None)
    kept = point.incidence.units > 0
    return ShareAt(point.name, n, proportion(part[kept], whole[kept], point.counted, settings.level))


def _verdict(change: float, parts: Split | None, limit: float, *, undated: bool) -> Verdict:
    """Return whether a change is a trend: dates are known, and it exceeds the mix of strata."""
    if parts is not None and (not parts.is_clear or parts.mix / change > limit):
        return "mix"
    return "undated" if undated else "trend"


KIND = FindingKind(Trend, find, templates=template_folder() / "contrib" / "history" / "prose")
