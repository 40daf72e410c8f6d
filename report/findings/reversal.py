"""Find pairs of categories whose association changes direction when strata are taken into account.

This applies only if both axes use one taxonomy. Otherwise, the key statements of the report compare pairs within
strata.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cells import TESTED, Estimate
from .finding import Finding, KeyNumber, Study
from .statements import FindingKind

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ReversedPair:
    """A pair that is above expectation over all units and below it within strata, or the reverse.

    `n_joint` units have both categories. `expected` is the number by chance, and `expected_within` the number if the
    categories were unrelated within strata. `ratio` is `n_joint` over `expected`, and `ratio_within` is `n_joint` over
    `expected_within`. `informative` are the names of the strata that could have shown an association in either
    direction.
    """

    given: str
    outcome: str
    n_joint: float
    expected: float
    expected_within: float
    ratio: Estimate
    ratio_within: Estimate
    q_value: float
    informative: tuple[str, ...]

    @property
    def is_reversed(self) -> bool:
        """Whether both intervals exclude 1. Otherwise the direction over all units may be chance."""
        over_all, within = self.ratio, self.ratio_within
        return over_all.least > 1 > within.most or over_all.most < 1 < within.least

    @property
    def n_informative(self) -> int:
        """The number of informative strata."""
        return len(self.informative)


@dataclass(frozen=True, kw_only=True)
class Reversal(Finding):
    """Pairs of different categories of the first panel that are on the other side of expectation within strata.

    A pair is significant within strata (q at most `fdr`), its interval excludes 1, and the ratio over all units, as
    printed, is on the other side of 1. `n_reversed` pairs are significant on both sides; these come first, then the
    smallest q. Pairs with opposite directions in different strata are left out. Null if there is no such pair.
    """

    kind = "reversal"
    place = "strata"
    panel: str
    strata: tuple[str, ...]
    n_strata: int
    n_reversed: int
    pairs: tuple[ReversedPair, ...] = ()

    def number(self) -> KeyNumber:
        """Return the key number of the finding: the ratio within strata of the clearest pair."""
        pair = next(iter(self.pairs), None)
        if pair is None:
            return KeyNumber((), None)
        return KeyNumber((pair.given, pair.outcome), pair.ratio_within)


def find(study: Study) -> list[Reversal]:
    """Return one finding if strata are declared and both axes use one taxonomy; null if no pair is reversed."""
    tables, panel = study.tables, study.panels[0]
    if not tables.stratified or not study.diagonal:
        return []
    within, fdr, counts = tables.within(study.inference.level), study.inference.fdr, tables.counts
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = study.joint / counts.expected
        low, high = within.low, within.high
        turns = ((ratio >= _ABOVE) & (high < 1)) | ((ratio < _BELOW) & (low > 1))
        chosen = turns & (tables.q_values(study.inference) <= fdr)
    chosen &= ~tables.opposed(study.inference) & ~study.withheld & ~np.eye(len(ratio), dtype=np.bool_)
    q, over_all = tables.q_values(study.inference), tables.over_all(study.inference.level)
    found = []
    for i, j in zip(*np.nonzero(chosen), strict=True):
        given, outcome = study.sides(panel, study.rows[i], study.columns[j])
        if panel.cell(given, outcome).state in TESTED:
            informative = tables.homogeneity.of_pair(int(i), int(j)).names_of(tables.incidence.strata)
            n, expected, inside = float(study.joint[i, j]), float(counts.expected[i, j]), float(within.expected[i, j])
            pair = ReversedPair(
                given=given,
                outcome=outcome,
                n_joint=n,
                expected=expected,
                expected_within=inside,
                ratio=Estimate(n / expected, float(over_all.low[i, j]), float(over_all.high[i, j])),
                ratio_within=Estimate(n / inside, float(low[i, j]), float(high[i, j])),
                q_value=float(q[i, j]),
                informative=informative,
            )
            found.append(pair)
    found.sort(key=lambda pair: (not pair.is_reversed, pair.q_value))
    shown = tuple(found[:_SHOWN])
    refs = (study.refs(*study.sides(panel, pair.given, pair.outcome)) for pair in shown)
    return [
        Reversal(
            id=f"reversal.{panel.id}",
            null=not shown,
            cells=tuple(ref for of_pair in refs for ref in of_pair),
            panel=panel.id,
            strata=tables.incidence.stratum_names,
            n_strata=len(tables.incidence.strata),
            n_reversed=sum(pair.is_reversed for pair in found),
            pairs=shown,
        )
    ]


_ABOVE, _BELOW = 1.05, 0.95
"""Ratios over all units between these values are too close to 1 to have a direction."""

KIND = FindingKind(Reversal, find)
