"""Find pairs of categories whose association differs between strata.

A pooled ratio describes all strata only if they do not contradict it. Pairs with opposite associations in different
strata are reported only here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Bools
from ..cells import Estimate
from ..inference.homogeneity import StratumTables
from .finding import Finding, KeyNumber, Study
from .statements import FindingKind

_SHOWN, _OPPOSITE = 3, 12
"""The largest numbers of listed pairs: pairs that differ in strength, and pairs with opposite directions (as many as
the table of pairs has rows)."""


@dataclass(frozen=True, slots=True)
class StratumRatio:
    """A pair in one stratum: `n_joint` units have both categories; `expected` is the number if they were unrelated.

    `odds` is the odds ratio, with 1/2 added to every count of the stratum if one is 0.
    """

    stratum: str
    n_joint: float
    expected: float
    odds: Estimate

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.n_joint / self.expected


@dataclass(frozen=True, slots=True)
class DifferingPair:
    """A pair whose odds ratio differs between its `n_informative` strata.

    `given` and `outcome` are its categories in the order of the first panel. `p` is the p-value of the test of
    homogeneity, adjusted for all tested pairs (Holm 1979). Of the informative strata, `n_above` have an odds ratio over
    1 and `n_below` an odds ratio under 1. `lowest` and `highest` are the strata with the extreme odds ratios, by the
    end of the interval nearer to 1.
    """

    given: str
    outcome: str
    n_informative: int
    n_above: int
    n_below: int
    p: float
    lowest: StratumRatio
    highest: StratumRatio


@dataclass(frozen=True, kw_only=True)
class Heterogeneity(Finding):
    """Pairs whose association differs between strata, of `n_tested` pairs with at least two informative strata.

    `opposite` are pairs with opposite associations, `n_opposite` in all. `graded` are pairs with associations of
    different strength in one direction, or with strata that do not show the direction, `n_graded` in all. The clearest
    come first. Null if no pair differs.
    """

    kind = "heterogeneity"
    place = "strata"
    panel: str
    strata: tuple[str, ...]
    n_strata: int
    n_tested: int
    n_opposite: int
    n_graded: int
    opposite: tuple[DifferingPair, ...] = ()
    graded: tuple[DifferingPair, ...] = ()

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("graded",)

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods."""
        return ("homogeneity",) if self.n_tested > 1 else ()

    def number(self) -> KeyNumber:
        """Return the key number of the finding: the highest ratio of the clearest pair in opposite directions."""
        pair = next(iter(self.opposite), None)
        if pair is None:
            return KeyNumber((), None)
        return KeyNumber((pair.given, pair.outcome), Estimate(pair.highest.ratio))


def find(study: Study) -> list[Heterogeneity]:
    """Return one finding if strata are declared and a pair can be tested; null if no pair differs."""
    if not study.tables.stratified:
        return []
    tables, inference, panel = study.tables, study.inference, study.panels[0]
    p = tables.p_homogeneity(inference)
    if tables.incidence.trivial_diagonal:
        p = np.where(np.triu(np.ones_like(p), 1) > 0, p, np.nan)  # each pair of a kind with itself is in two cells
    tested = np.isfinite(p)
    if not tested.any():
        return []
    differ = tested & (np.where(tested, p, 1.0) <= inference.fdr)
    opposed = tested & tables.opposed(inference)
    pairs = {
        "opposite": _clearest(study, opposed),
        "graded": _clearest(study, differ & ~opposed),
    }
    shown = [*pairs["opposite"][:_OPPOSITE], *pairs["graded"][:_SHOWN]]
    refs = (study.refs(*study.sides(panel, pair.given, pair.outcome)) for pair in shown)
    return [
        Heterogeneity(
            id=f"heterogeneity.{panel.id}",
            null=not shown,
            cells=tuple(ref for of_pair in refs for ref in of_pair),
            panel=panel.id,
            strata=tables.incidence.stratum_names,
            n_strata=len(tables.incidence.strata),
            n_tested=tables.n_tests(tested),
            n_opposite=len(pairs["opposite"]),
            n_graded=len(pairs["graded"]),
            opposite=tuple(pairs["opposite"][:_OPPOSITE]),
            graded=tuple(pairs["graded"][:_SHOWN]),
        )
    ]


def _clearest(study: Study, chosen: Bools) -> list[DifferingPair]:
    """Return chosen pairs (R, C), by increasing p, then in declared order."""
    p, statistic = study.tables.p_homogeneity(study.inference), study.tables.homogeneity.statistic.round(9)
    places = sorted(zip(*np.nonzero(chosen), strict=True), key=lambda place: (float(p[place]), *map(int, place)))
    # Two complementary categories have the same test, so the pair is reported once.
    once = {float(statistic[place]): place for place in reversed(places)}
    return [_pair(study, int(i), int(j), float(p[i, j])) for i, j in places if once[float(statistic[i, j])] == (i, j)]


def _pair(study: Study, i: int, j: int, p: float) -> DifferingPair:
    tables, strata = study.tables.homogeneity.of_pair(i, j), study.tables.incidence.strata
    places = np.flatnonzero(tables.informative)
    ends = tables.ends(study.inference.level)
    given, outcome = study.sides(study.panels[0], study.rows[i], study.columns[j])
    # Use the clearest stratum on either side, so that a small stratum with an extreme ratio is not chosen.
    lowest, highest = places[np.argmin(ends[1][places])], places[np.argmax(ends[0][places])]
    log_odds = tables.log_odds[places]
    return DifferingPair(
        given=given,
        outcome=outcome,
        n_informative=len(places),
        n_above=int((log_odds > 0).sum()),
        n_below=int((log_odds < 0).sum()),
        p=p,
        lowest=_level(strata[lowest], tables, int(lowest), ends),
        highest=_level(strata[highest], tables, int(highest), ends),
    )


def _level(stratum: str, tables: StratumTables, place: int, ends: tuple[np.ndarray, np.ndarray]) -> StratumRatio:
    return StratumRatio(
        stratum=stratum,
        n_joint=float(tables.tables.both[place]),
        expected=float(tables.expected[place]),
        odds=Estimate(math.exp(float(tables.log_odds[place])), float(ends[0][place]), float(ends[1][place])),
    )


KIND = FindingKind(Heterogeneity, find)
