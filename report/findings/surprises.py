"""Surprises: off-diagonal pairs of categories that are more or less common than expected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Floats, over
from ..cells import TESTED, Cell, Estimate, Panel
from ..inference.laws import normal_quantile
from ..inference.quasi_independence import alone
from ..inference.ratios import Ratios
from ..inference.whole_groups import of_groups
from ..matrices.counts import refuse_withheld, stratum_margins
from ..panels import Basis
from . import MIN_EXPECTED
from .finding import Finding, KeyNumber, N, Study
from .statements import Account, FindingKind

_SHOWN = 3
_HALF, _SURELY = 0.5, 2.0
"""The share of joint counts on the diagonal, and its excess in standard errors, beyond which all other pairs look
rare."""
_POWER = 0.8416
"""The standard normal deviate with an upper tail of 20%, for a power of 80%."""
_TRIED = 12
"""The largest number of off-diagonal pairs that are compared with the fit to all other pairs."""

_MADE: Mapping[Basis, str] = {"all": "lift", "strata": "strata", "crossing": "crossing"}
"""The type of interval for each basis."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell of the panel with its comparison: `ratio` is n_joint over `expected`.

    `selected` is the same ratio with the interval adjusted for selection, or None if the pair was not selected.
    `overall` is the lift over all units, on every basis. `q_value` is None if the pair is not tested.
    `often`: the expected count is large enough for the ratio to be reported, otherwise the counts are reported.
    `deviance` ranks the pairs. It is the Poisson deviance of n_joint from the expected count, or the improvement of the
    fit to all other pairs without this pair.
    """

    given: str
    outcome: str
    n_joint: float
    expected: float
    ratio: Estimate
    overall: float | None
    q_value: float | None
    often: bool = True
    deviance: float = 0.0
    selected: Estimate | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """The interval for a sentence, adjusted for selection if the pair was selected."""
        shown = self.selected or self.ratio
        return shown.least, shown.most

    @property
    def direction(self) -> Literal["above", "below", "neither"]:
        """The position of the interval: wholly above 1, wholly below 1, or including 1."""
        return "above" if self.ratio.least > 1 else "below" if self.ratio.most < 1 else "neither"


Size = Literal["large", "medium", "small"]
_SIZES: dict[Size, float] = {"large": 0.1, "medium": 0.5, "small": 0.9}
"""The rank by expected count, as a share of all tested pairs, of a large, a medium and a small pair."""


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest excess of one tested pair that would be found in four of five samples.

    If the two categories were unrelated, the share `base` of units with `given` would have `outcome`. `share` is the
    smallest share at which the pair would be found, or None if there is no such share. `difference` is that share minus
    the share of `outcome` among units without `given`, averaged over strata as by Mantel and Haenszel.
    """

    size: Size
    given: str
    outcome: str
    base: float
    share: float | None
    difference: float | None

    @property
    def points(self) -> float | None:
        """The difference between units with and without `given` in percentage points."""
        return None if self.difference is None else 100 * self.difference


@dataclass(frozen=True, kw_only=True)
class PairAssociations(Finding):
    """Cells of the first panel that are more or less common than expected on the given `basis`.

    A cell is included if its q is at most `fdr` among the `n_tested` pairs and its interval excludes 1. The largest
    deviance comes first. Pairs below 1 are included only if the expected count reaches the threshold, because zero of a
    few is not a surprise. On the basis "crossing", only the strongest pair is shown, compared with the fit to all
    others.

    `stratified`: expected counts are summed within strata, also on the basis "crossing". `n_crossing` joint counts are
    off the diagonal, or None on another basis. `n_often` of the tested pairs have a sufficient expected count to be
    found below 1. `detectable` is the excess that would have been found for a large, a medium and a small tested pair.
    It is empty on the basis "crossing", and for groups of identical units if some pair is named. `leftover`: each named
    pair has a residual category.

    `selected_level` is the level of the intervals of named pairs, adjusted for selection: 1 - fdr R / m with R of m
    pairs selected (Benjamini & Yekutieli 2005, Journal of the American Statistical Association 100). It is at least the
    level of all intervals, and None if no pair is named.
    """

    kind = "surprises"
    place = "pairs"
    thresholds = (("expected", MIN_EXPECTED),)
    panel: str
    basis: Basis
    stratified: bool = False
    n_crossing: float | None = None
    above: tuple[Pair, ...]
    below: tuple[Pair, ...]
    n_tested: int
    n_often: int
    n_above: int
    n_below: int
    detectable: tuple[Detectable, ...] = ()
    leftover: bool = False
    selected_level: float | None = None

    @property
    def clearest(self) -> Pair | None:
        """The strongest of the pairs shown, on either side, or None if there is none."""
        return max((*self.above, *self.below), key=lambda pair: pair.deviance, default=None)

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("observation", "others")

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods."""
        return ("crossing",) if self.basis == "crossing" else ()

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        pair = self.clearest
        if pair is None:
            return KeyNumber((), None)
        return KeyNumber((pair.given, pair.outcome), pair.ratio)


@dataclass(frozen=True, eq=False)
class ExpectedCounts:
    """The comparison values for the pairs of a study: ratios and q (R, C), rows by columns, and their basis.

    q is nan if a pair is not tested. Properties and methods for cells use the order of the first panel, given x
    outcome.
    """

    study: Study
    basis: Basis
    ratios: Ratios
    q: Floats

    @property
    def panel(self) -> Panel:
        """The panel whose cells are compared."""
        return self.study.panels[0]

    def shown(self, numbers: NDArray[N]) -> NDArray[N]:
        """Return numbers (R, C) in the order of the panel."""
        return self.study.as_shown(self.panel, numbers)

    @cached_property
    def tested(self) -> Bools:
        """The cells with a q, off the diagonal, each pair once."""
        tested = np.isfinite(self.shown(self.q))
        if self.panel.same_taxonomy:
            # In a kind with itself over a shared key, each pair is in two cells.
            once = self.study.tables.incidence.trivial_diagonal
            tested &= np.triu(np.ones_like(tested), 1) if once else ~np.eye(len(tested), dtype=np.bool_)
        return tested

    @cached_property
    def said(self) -> Bools:
        """The tested cells that are measured and have all numbers."""
        said: Bools = self.tested & np.isin(self.panel.column("state"), TESTED).reshape(self.tested.shape)
        for numbers in (self.ratios.expected, self.ratios.ratio, self.ratios.low, self.ratios.high):
            said &= np.isfinite(self.shown(numbers))
        return said

    @cached_property
    def opposed(self) -> Bools:
        """The cells whose pooled ratio over strata combines opposite associations."""
        if self.basis != "strata":
            return np.zeros(self.tested.shape, dtype=np.bool_)
        return self.shown(self.study.tables.opposed(self.study.inference))

    @cached_property
    def often(self) -> Bools:
        """The cells with a sufficient expected count."""
        return np.asarray(self.shown(self.ratios.expected) >= MIN_EXPECTED)

    @cached_property
    def named(self) -> Bools:
        """The cells that may be named: significant among all tested cells. Below 1, enough must also be expected.

        Pairs with opposite associations in different strata are excluded, because one pooled ratio misrepresents both.
        """
        low, high, q = map(self.shown, (self.ratios.low, self.ratios.high, self.q))
        return self.said & ~self.opposed & (q <= self.study.inference.fdr) & ((low > 1) | ((high < 1) & self.often))

    def pair(self, cell: Cell) -> Pair | None:
        """Return the comparison of a cell, or None if it is not measured or has no interval."""
        at, ratios = self._place(cell.given, cell.outcome), self.ratios
        expected, ratio, low, high = (float(of[at]) for of in (ratios.expected, ratios.ratio, ratios.low, ratios.high))
        if cell.state not in TESTED or cell.n_joint is None or not np.isfinite((expected, ratio, low, high)).all():
            return None
        q, log = float(self.q[at]), math.log(cell.n_joint / expected) if cell.n_joint else 0.0
        return Pair(
            given=cell.given,
            outcome=cell.outcome,
            n_joint=cell.n_joint,
            expected=expected,
            ratio=Estimate(ratio, low, high),
            overall=cell.lift,
            q_value=None if math.isnan(q) else q,
            often=expected >= MIN_EXPECTED,
            deviance=2 * (cell.n_joint * log - cell.n_joint + expected),
        )

    def alone(self, pair: Pair) -> Pair:
        """Return a pair compared with the count expected from all other off-diagonal units."""
        incidence, place = self.study.tables.incidence, self._place(pair.given, pair.outcome)
        found = alone(incidence, place, pair.n_joint, pair.ratio)
        wide = None if pair.selected is None else alone(incidence, place, pair.n_joint, pair.selected).ratio
        often = found.expected >= MIN_EXPECTED
        return replace(
            pair, expected=found.expected, ratio=found.ratio, selected=wide, often=often, deviance=found.gain
        )

    def ends(self, pair: Pair) -> tuple[float, float]:
        """Return the ends of the interval of a pair, or its present ends if there is no new interval."""
        at = self._place(pair.given, pair.outcome)
        low, high = float(self.ratios.low[at]), float(self.ratios.high[at])
        return (low, high) if math.isfinite(low) and not math.isnan(high) else (pair.ratio.least, pair.ratio.most)

    def _place(self, given: str, outcome: str) -> tuple[int, int]:
        row, column = self.study.sides(self.panel, given, outcome)
        return self.study.rows.index(row), self.study.columns.index(column)

    def detectable(self, *, departs: bool) -> tuple[Detectable, ...]:
        """Return the detectable excess (four of five samples) for a large, a medium and a small tested pair.

        A pair with e expected that is r times as common has the variance r V, where V is its variance under
        independence. It is found if its p is below the false discovery rate divided by the number of different tests,
        because pairs that are complements of each other have one test. It cannot
        be more common than its smaller category. If p comes from a permutation of groups of identical units, so does
        this result. This takes time and is computed only if no pair `departs`. The result is empty on the basis
        "crossing".
        """
        tables, tested = self.study.tables, self.tested
        whole = of_groups(tables.incidence, tables.moments.n_groups) if self.basis == "all" else None
        if self.basis == "crossing" or not tested.any() or (whole is not None and departs):
            return ()
        expected = np.where(tested, self.shown(self.ratios.expected), np.nan)
        order = np.argsort(np.where(tested, -expected, np.inf).ravel(), kind="stable")[: int(tested.sum())]
        alpha = self.study.inference.fdr / tables.n_tests(self.study.as_shown(self.panel, tested))
        ratios = None if whole is not None else self._found_from(alpha)
        found: dict[int, Detectable] = {}
        for size, part in _SIZES.items():
            place = int(order[round(part * (len(order) - 1))])
            given, outcome = divmod(place, tested.shape[1])
            if place in found:
                continue
            if whole is not None:
                at = (outcome, given) if self.study.is_turned(self.panel) else (given, outcome)
                ratio = whole.visible(at, alpha)
            elif ratios is not None:
                ratio = float(ratios[given, outcome])
            found[place] = self._detectable(size, given, outcome, ratio)
        return tuple(found.values())

    def _detectable(self, size: Size, given: int, outcome: int, ratio: float) -> Detectable:
        n_given, compared = self._compared(given)
        base = float(self.shown(self.ratios.expected)[given, outcome] / n_given)
        share = ratio * base if math.isfinite(ratio) and ratio * base <= 1 else None
        names = self.panel.given_categories[given], self.panel.outcome_categories[outcome]
        difference = None if share is None else (share - base) * n_given / compared
        return Detectable(size, *names, base, share, difference)

    def _compared(self, given: int) -> tuple[float, float]:
        """Return n_a of a given category, and n_a (N - n_a) / N, summed over strata if these are the basis.

        An excess of n_ab divided by the second number is the difference between the shares of b with and without a.
        """
        tables = self.study.tables
        counts, incidence, turned = tables.counts, tables.incidence, self.study.is_turned(self.panel)
        n_given = float((counts.outcome if turned else counts.given)[given])
        if self.basis != "strata":
            return n_given, n_given * (1 - n_given / counts.n_units)
        margins = stratum_margins(incidence)
        n, shares = (margins.columns, margins.column_shares) if turned else (margins.rows, margins.row_shares)
        return n_given, float((n * (1 - shares))[:, given].sum())

    def _found_from(self, alpha: float) -> Floats:
        """Return the ratios, given x outcome, that are found with the power `_POWER`; inf if a pair cannot reach it."""
        tables, score = self.study.tables, self.ratios.score
        error = over(np.sqrt(tables.null_variance), self.ratios.expected, np.inf) if score is None else score.error
        by_normal = 1 + normal_quantile(1 - alpha) * error
        found_from = by_normal if score is None else score.found_from(alpha)
        chance = _POWER * error
        with np.errstate(invalid="ignore"):
            ratio = ((chance + np.sqrt(chance**2 + 4 * found_from)) / 2) ** 2
        smaller = np.minimum.outer(tables.counts.given, tables.counts.outcome)
        most = over(smaller, self.ratios.expected, np.inf)
        return np.asarray(self.shown(np.where(ratio <= most, ratio, np.inf)))


def judged(study: Study, level: float | None = None) -> ExpectedCounts:
    """Return the comparison values for the pairs of a study, on the first basis that applies.

    `level` is the level of the intervals, by default the study's.

    The first basis is off-diagonal units, if the diagonal is clearly above its expected count, because all other pairs
    are then rarer over all units. The second is strata, if they are declared, because their composition makes pairs
    meet (among off-diagonal units too). Otherwise, the basis is all units.
    """
    tables, level = study.tables, study.inference.level if level is None else level
    if _is_drawn_to_the_diagonal(study):
        q = tables.q_crossing(study.inference)
        if refuse_withheld(tables.incidence) is not None:
            q = np.full(q.shape, np.nan)  # the expected count of a pair depends on cells that are withheld
        return ExpectedCounts(study, "crossing", tables.crossing(level), q)
    if tables.stratified:
        return ExpectedCounts(study, "strata", tables.within(level), tables.q_values(study.inference))
    return ExpectedCounts(study, "all", tables.over_all(level), tables.q_values(study.inference))


def _is_drawn_to_the_diagonal(study: Study) -> bool:
    """Return whether the diagonal has over half of the joint counts, or exceeds expectation by two standard errors."""
    if not study.diagonal:
        return False
    tables, held = study.tables, float(np.trace(study.joint))
    of = tables.within(study.inference.level).expected if tables.stratified else tables.counts.expected
    expected = float(np.trace(of))
    return held > _HALF * float(study.joint.sum()) or held - expected > _SURELY * math.sqrt(expected)


def find(study: Study) -> list[PairAssociations]:
    """Return one finding; null if no pair differs from expectation, with all pairs tested together.

    Nothing is returned on the basis of off-diagonal units if cells are withheld for confidentiality.
    """
    panel, by = study.panels[0], judged(study)
    if by.basis == "crossing" and refuse_withheld(study.tables.incidence) is not None:
        return []
    kept, level = reported(study, by)
    above, below = ([pair for pair in kept if pair.direction == side] for side in ("above", "below"))
    shown = (*above[:_SHOWN], *below[:_SHOWN])
    refs = (study.refs(*study.sides(panel, pair.given, pair.outcome)) for pair in shown)
    return [
        PairAssociations(
            id=f"surprises.{panel.id}",
            null=not shown,
            panel=panel.id,
            basis=by.basis,
            stratified=study.tables.stratified,
            n_crossing=float(study.joint.sum() - np.trace(study.joint)) if by.basis == "crossing" else None,
            cells=tuple(ref for of_pair in refs for ref in of_pair),
            above=tuple(above[:_SHOWN]),
            below=tuple(below[:_SHOWN]),
            n_tested=int(by.tested.sum()),
            n_often=int((by.said & by.often).sum()),
            n_above=len(above),
            n_below=len(below),
            detectable=by.detectable(departs=bool(shown)),
            leftover=bool(shown) and all(study.leftover & {pair.given, pair.outcome} for pair in kept),
            selected_level=level if kept else None,
        )
    ]


def reported(study: Study, by: ExpectedCounts) -> tuple[list[Pair], float]:
    """Return the pairs that may be named, the largest deviance first, and the level of their intervals.

    Among off-diagonal units, return only the strongest pair, because a large deviation affects all other expected
    counts.
    """
    departing = (by.pair(by.panel.cells[int(place)]) for place in np.flatnonzero(by.named))
    kept = _ranked(pair for pair in departing if pair is not None)
    level = _selected_level(study, len(kept), int(by.tested.sum()))
    kept = _adjusted(study, kept, level)
    if by.basis == "crossing":
        kept = _ranked(by.alone(pair) for pair in kept[:_TRIED])
        kept = [*(pair for pair in kept if not study.leftover & {pair.given, pair.outcome}), *kept][:1]
    return kept, level


def _selected_level(study: Study, n_selected: int, n_tested: int) -> float:
    """Return the level of intervals of `n_selected` of `n_tested` pairs that controls the false coverage rate."""
    settings = study.inference
    return max(settings.level, 1 - settings.fdr * n_selected / max(n_tested, 1))


def _adjusted(study: Study, pairs: list[Pair], level: float) -> list[Pair]:
    """Return pairs with their intervals at a level adjusted for selection."""
    if not pairs or level <= study.inference.level:
        return [replace(pair, selected=pair.ratio) for pair in pairs]
    wide = judged(study, level)

    def adjusted(pair: Pair) -> Pair:
        low, high = wide.ends(pair)
        # If a pair never occurs, a higher level may give a nearer end. Adjusted intervals are never narrower.
        ends = min(low, pair.ratio.least), max(high, pair.ratio.most)
        return replace(pair, selected=Estimate(pair.ratio.value, *ends))

    return [adjusted(pair) for pair in pairs]


def _ranked(pairs: Iterable[Pair]) -> list[Pair]:
    """Sort by falling deviance; in a tie, pairs above expectation come before pairs below it."""
    return sorted(pairs, key=lambda pair: (-round(pair.deviance, 6), pair.direction != "above"))


def sure(study: Study) -> Bools:
    """Return the pairs (R, C), rows by columns, that may be named: significant among all tested pairs."""
    return study.as_shown(study.panels[0], judged(study).named)


def _accounts(finding: PairAssociations, study: Study) -> Iterator[Account]:
    """Yield each category with its significant pairs, the first panel's given categories first.

    Off-diagonal units are excluded, because their pairs are compared with other off-diagonal units only.
    """
    if finding.basis == "crossing":
        return
    holds = sure(study)
    holds &= ~np.isin(study.rows, list(study.leftover))[:, None] & ~np.isin(study.columns, list(study.leftover))
    for side in ("columns", "rows") if study.is_turned(study.panels[0]) else ("rows", "columns"):
        names = study.rows if side == "rows" else study.columns
        for place, name in enumerate(names):
            own = np.zeros_like(holds)
            if side == "rows":
                own[place] = True
            if side == "columns" or study.tables.incidence.trivial_diagonal:
                own[:, place] = True
            if (own & holds).any():
                yield Account(finding.id, own & holds, _SHOWN, side, name)
        if study.tables.incidence.trivial_diagonal:
            return


KIND = FindingKind(PairAssociations, find, _accounts)
