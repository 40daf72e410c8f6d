"""Agreement within strata, and the contribution of each pair to the deviation from base rates.

A pair of n units with e expected deviates by n log(n / e) - (n - e), half the Poisson deviance. This is never negative
and is additive over pairs. Chance alone, with the groups as they are, contributes var / (2 e) on average, where var is
the variance of n if the two categories are unrelated (`ratios.null_variance`). This amount is subtracted. If strata are
declared, all calculations are within strata.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..arrays import Bools, Floats
from ..cells import TESTED, Estimate
from ..formats import LARGE_ODDS
from ..inference.totals import ExplainedAgreement, explained
from . import MIN_EXPECTED, MIN_RATIO
from .finding import Finding, KeyNumber, Study
from .statements import FindingKind


@dataclass(frozen=True, slots=True)
class StrataChange:
    """One diagonal cell: its observed count, its expected counts overall and within strata, and its common odds ratio.

    `most` is the largest count that the margins within strata allow, so a ratio within strata cannot exceed
    `most_within`. The odds ratio, `alike` / `crossed` (`inference.common_odds`), has no such limit and is therefore
    used for agreement within strata. Its interval has no upper end if all units that can agree do. In `n_telling`
    strata both sides have units with and without the category; those named in `informative` could have shown an
    association in either direction.
    """

    category: str
    observed: float
    expected: float
    expected_within: float
    most: float
    alike: float
    crossed: float
    odds: Estimate
    n_telling: int
    informative: tuple[str, ...] = ()

    @property
    def n_informative(self) -> int:
        """The number of informative strata."""
        return len(self.informative)

    @property
    def lift(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected

    @property
    def lift_within(self) -> float:
        """Observed over expected within strata."""
        return self.observed / self.expected_within

    @property
    def most_within(self) -> float:
        """The largest ratio within strata that the margins allow."""
        return self.most / self.expected_within

    @property
    def is_large(self) -> bool:
        """Whether the odds ratio is over 100, beyond the resolution of sparse tables."""
        return self.odds.value > LARGE_ODDS

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `odds` (inf for an open upper end), or None."""
        low, high = self.odds.low, self.odds.high
        return None if low is None else (low, math.inf if high is None else high)


@dataclass(frozen=True, kw_only=True)
class Composition(Finding):
    """The diagonal over all units and within strata.

    `observed` units have equal categories, counted once for each equal category. `expected` follows from the margins of
    all units, `expected_within` from the margins within strata, and `most` is the largest number that these allow.
    `reached` is the share of the possible agreement beyond the margins of strata, (observed - expected_within) / (most
    - expected_within), or None if none is possible. `beyond`: strata predict more agreement than strata of the same
    sizes that are unrelated to the categories (`inference.totals`).

    The categories with a sufficient expected count are divided into groups. `lasting` categories have a common odds
    ratio within strata that reaches the threshold `surprising` and is above 1 at a level shared among all testable
    categories (Bonferroni). `unsure` are the other categories that reach the threshold, and `faded` those below it.
    `opposed` are the names of categories with opposite associations in different strata. `confined` are the names of
    categories that vary on both sides in no stratum. `untestable` are the names of categories that would be `lasting`,
    but no single stratum could show an association in either direction. All are sorted by falling ratio over all units.
    Null if the excess over chance is not clear.
    """

    kind = "composition"
    place = "pairs"
    thresholds = (("min_ratio", MIN_RATIO), ("expected", MIN_EXPECTED))
    strata: tuple[str, ...]
    n_strata: int
    observed: float
    expected: float
    expected_within: float
    most: float
    beyond: bool = False
    reached: Estimate | None = None
    faded: tuple[StrataChange, ...] = ()
    lasting: tuple[StrataChange, ...] = ()
    unsure: tuple[StrataChange, ...] = ()
    opposed: tuple[str, ...] = ()
    confined: tuple[str, ...] = ()
    untestable: tuple[str, ...] = ()

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("observation", "others")

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods."""
        return ("odds",) if self.lasting or self.faded or self.unsure else ()

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber(self.strata, self.reached)


@dataclass(frozen=True, eq=False)
class _Matching:
    """The diagonal of a study, without the numbers that only the report needs.

    `changes` are the measured categories by falling ratio over all units, if the excess over chance is clear.
    `outcomes` gives for each the field of `Composition` that lists it.
    """

    whole: ExplainedAgreement
    changes: tuple[StrataChange, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def listed(self, outcome: str) -> tuple[StrataChange, ...]:
        """Return the categories with this outcome."""
        return tuple(change for change in self.changes if self.outcomes[change.category] == outcome)

    def names(self, outcome: str) -> tuple[str, ...]:
        """Return the names of the categories with this outcome."""
        return tuple(change.category for change in self.listed(outcome))


def _match(study: Study) -> list[_Matching]:
    """Return the diagonal if strata are declared and there is one."""
    if not study.tables.stratified or not study.diagonal or not study.joint.any():
        return []
    whole = explained(study.tables.incidence, study.inference.level)
    if whole.share is None or not whole.clear:
        return [_Matching(whole)]
    changes = tuple(sorted(_changes(study), key=lambda change: -change.lift))
    opposed = study.tables.opposed(study.inference).diagonal()
    opposite = {name for name, differs in zip(study.rows, opposed, strict=True) if differs}
    n_tested = sum(bool(change.n_telling) and change.category not in opposite for change in changes)
    # All testable categories are considered, so the level is shared among them (Bonferroni).
    low = study.tables.own_odds.ends(1 - (1 - study.inference.level) / max(n_tested, 1)).low
    surely = {name for name, end in zip(study.rows, low, strict=True) if end > 1}

    def outcome(change: StrataChange) -> str:
        if not change.n_telling:
            return "confined"
        if change.category in opposite:
            return "opposed"
        if change.odds.value < MIN_RATIO:
            return "faded"
        if change.category not in surely:
            return "unsure"
        return "lasting" if change.n_informative else "untestable"

    return [_Matching(whole, changes, {change.category: outcome(change) for change in changes})]


def find_composition(study: Study) -> list[Composition]:
    """Return one finding if strata are declared and there is a diagonal; null if the diagonal has no clear excess."""
    return [_finding(study, matching) for matching in _match(study)]


def _finding(study: Study, matching: _Matching) -> Composition:
    whole = matching.whole
    null = whole.share is None or not whole.clear
    reached = None if null else whole.reached
    return Composition(
        id="composition",
        null=null,
        cells=tuple(ref for change in matching.changes for ref in study.refs(change.category, change.category)),
        strata=study.tables.incidence.stratum_names,
        n_strata=len(study.tables.incidence.strata),
        observed=whole.observed,
        expected=whole.expected,
        expected_within=whole.within,
        most=whole.most,
        beyond=whole.beyond,
        reached=reached,
        faded=matching.listed("faded"),
        lasting=matching.listed("lasting"),
        unsure=matching.listed("unsure"),
        opposed=matching.names("opposed"),
        confined=matching.names("confined"),
        untestable=matching.names("untestable"),
    )


def _changes(study: Study) -> Iterator[StrataChange]:
    """Yield the measured categories of the diagonal that have a sufficient expected count for a ratio."""
    counts, odds, panel = study.tables.counts, study.tables.own_odds, study.panels[0]
    observed, expected = np.diag(study.joint), np.diag(counts.expected)
    within = np.diag(counts.expected if counts.expected_within is None else counts.expected_within)
    ends, state = odds.ends(study.inference.level), panel.column("state")

    def is_measured(i: int) -> bool:
        name = study.rows[i]
        there = state[panel.places(name)[panel.outcome_categories.index(name)]] in TESTED
        return bool(observed[i] and expected[i] >= MIN_EXPECTED and there and not study.withheld[i, i])

    measured = [i for i in range(len(study.rows)) if is_measured(i)]
    if not measured:
        return
    informative = study.tables.homogeneity.informative(measured, measured)
    for i, of_pair in zip(measured, informative.T, strict=True):
        most, alike, crossed = (float(part[i]) for part in (odds.most, odds.alike, odds.crossed))
        low, high = (float(end[i]) if math.isfinite(end[i]) else None for end in (ends.low, ends.high))
        numbers = float(observed[i]), float(expected[i]), float(within[i]), most, alike, crossed
        ratio = Estimate(alike / crossed if crossed else math.nan, low, high)
        names = tuple(name for name, tells in zip(study.tables.incidence.strata, of_pair, strict=True) if tells)
        yield StrataChange(study.rows[i], *numbers, ratio, int(odds.n_telling[i]), names)


COMPOSITION = FindingKind(Composition, find_composition)


_LISTED = 12
"""The largest number of pairs that a finding lists: the rows of a table next to the figure."""


@dataclass(frozen=True, slots=True)
class PairDeviation:
    """A pair of row and column category with its observed count `n` and its expected count.

    `share` is its share of the total deviation, after the deviation expected by chance is subtracted.
    """

    row: str
    column: str
    n: float
    expected: float
    share: float


@dataclass(frozen=True, kw_only=True)
class PairDeviations(Finding):
    """The pairs that deviate most, in falling order, of the `n_pairs` with enough data in every panel.

    Null if no pair deviates by more than expected by chance.
    """

    kind = "departures"
    place = None
    n_pairs: int
    pairs: tuple[PairDeviation, ...]

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        about = (self.pairs[0].row, self.pairs[0].column) if self.pairs else ()
        return KeyNumber(about, Estimate(self.pairs[0].share) if self.pairs else None)


def find_departures(study: Study) -> list[PairDeviations]:
    """Return one finding for a relation with at least one pair with enough data."""
    beyond, judged = beyond_chance(study)
    if not judged.any():
        return []
    joint, expected = study.joint, study.expected
    total = float(beyond.sum())
    order = np.argsort(-beyond.ravel(), kind="stable")[:_LISTED]
    places = [divmod(int(place), joint.shape[1]) for place in order if beyond.flat[place] > 0]
    pairs = tuple(
        PairDeviation(
            study.rows[i], study.columns[j], float(joint[i, j]), float(expected[i, j]), float(beyond[i, j]) / total
        )
        for i, j in places
    )
    return [
        PairDeviations(
            id="departures",
            null=not pairs,
            cells=tuple(ref for pair in pairs for ref in study.refs(pair.row, pair.column)),
            n_pairs=int(judged.sum()),
            pairs=pairs,
        )
    ]


def beyond_chance(study: Study) -> tuple[Floats, Bools]:
    """Return the deviation of each pair (R, C) beyond chance (0 without enough data), and which have enough data."""
    judged = _judged(study)
    beyond = departures(study.joint, study.expected, study.tables.null_variance)
    return np.where(judged, beyond, 0.0), judged


def departures(joint: Floats, expected: Floats, variance: Floats) -> Floats:
    """Return the deviation of each pair (R, C) from its expected count, beyond chance; 0 if nothing is expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(joint > 0, joint * np.log(joint / expected), 0.0)
        beyond = log - (joint - expected) - variance / (2 * expected)
    return np.where((expected > 0) & np.isfinite(beyond), np.maximum(beyond, 0.0), 0.0)


def _judged(study: Study) -> Bools:
    """Return the pairs (R, C) measured in every panel, each pair once for a kind with itself over a shared key."""
    rows = study.tables.incidence.rows.kind
    judged = np.ones(study.joint.shape, dtype=np.bool_)
    for panel in study.panels:
        measured = np.isin(panel.column("state"), TESTED)
        measured = measured.reshape(len(panel.given_categories), len(panel.outcome_categories))
        judged &= measured if panel.given == rows else measured.T
    judged &= ~study.withheld
    return np.triu(judged, 1) if study.tables.incidence.trivial_diagonal else judged


DEPARTURES = FindingKind(PairDeviations, find_departures)
