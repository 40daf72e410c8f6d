"""Measures of the 2 x 2 table of a cell: functions of (n_ab, n_a, n_b, N), broadcast against each other.

To add a measure, write a function under `@measure(...)`, which has its description, and list its name below. It needs a
test and a line in docs/numbers.md. "Source:" in a docstring is the source that this page cites. Less common measures
are in the pack `contrib.measures`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .. import portable
from ..arrays import Floats
from ..cells import MeasureInfo
from ..ledger.incidence import Incidence
from ..slots import Entries, at_work
from . import shares
from .matrices import corrected
from .pairs import Ends, Formula, Pairs
from .shares import ALL, BOTH, EVERY, HIT, WITH, Line, Totals, alike_within

NumberKind = Literal["share", "ratio", "count", "value"]
"""How text writes a value: as percent, as a ratio, as a count, or with two decimals."""

_ROUNDING = 1e-12
"""Values closer to a bound than this are set to it, because sums of weights may differ in their last digits."""


@dataclass(frozen=True, eq=False)
class Measure:
    """A measure: its description for readers, its formula, and the base of its interval.

    `in_counts` is the formula in counts, which evidence fills with numbers: of N units, n_a have the given category,
    n_b the outcome category and n_ab both. `base` are the factors of (n_ab, n_a, n_b, N) whose sum is the number of
    units of which the measure is a share, n_ab of them: it then has the interval of a share. Without a base, it must
    grow with P(b|a) less P(b|not a), and use arithmetic, powers and logarithms only, because derivatives are taken at
    complex arguments.
    `sized` marks a value that depends on the number of units but is no count of them. If units have weights, its
    formula takes effective units, (sum w)^2 / sum w^2 in all, so that the value does not depend on the scale of the
    weights.
    """

    info: MeasureInfo
    formula: Formula
    in_counts: str
    base: Line | None = None
    sized: bool = False
    written: NumberKind = "value"

    @property
    def name(self) -> str:
        """The name of the measure in a config."""
        return self.info.name

    def of(self, incidence: Incidence) -> Formula:
        """Return the formula for an incidence's totals, in effective units if the measure is `sized`."""
        if not (self.sized and incidence.inflated):
            return self
        factor = incidence.worth_of_one
        return lambda joint, given, outcome, units: self(*(factor * n for n in (joint, given, outcome, units)))

    def __call__(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the values, nan where undefined, without numpy's warnings; never outside the bounds."""
        with at_work("measure", self.name), np.errstate(divide="ignore", invalid="ignore"):
            value = self.formula(joint, given, outcome, units)
        value = np.where(np.isfinite(value), value, np.nan)
        for bound in (self.info.lower, self.info.upper):
            # A value of 0 is exact: a small share is not 0.
            if bound:
                value = np.where(np.abs(value - bound) < _ROUNDING, bound, value)
        return value

    @property
    def source(self) -> str | None:
        """The citation in the formula's docstring, on one line: author (year), title; None for plain counts."""
        _, found, source = (self.formula.__doc__ or "").partition("Source: ")
        return " ".join(source.split()).removesuffix(".") if found else None


def measure(
    info: MeasureInfo, in_counts: str, *, base: Line | None = None, sized: bool = False, written: NumberKind = "value"
) -> Callable[[Formula], Measure]:
    """Return a decorator that makes a measure of the formula below it (see `Measure`)."""
    return lambda formula: Measure(info, formula, in_counts, base, sized, written)


def interval(measure: Measure, pairs: Pairs, alpha: float, *, is_turned: bool = False, worth: float = 1.0) -> Ends:
    """Return the interval of a measure at the level 1 - alpha (R, C); nan for test statistics, which have none.

    `is_turned`: the columns of the pairs are given, and the ends are (C, R). `worth` is the number of effective units
    for a unit of weight.
    """
    totals = pairs.totals.T if is_turned else pairs.totals
    if measure.info.statistic:
        none = np.full(totals.first.shape[1:], np.nan)
        return Ends(none, none)
    if measure.base is not None:
        return _of_share(measure, totals, measure.base, alpha)
    factor = worth if measure.sized else 1.0

    def turned(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        sides = (outcome, given) if is_turned else (given, outcome)
        return measure(*(factor * of for of in (joint, *sides, units)))

    if measure.name in {"lift", "log2_lift"}:
        found = pairs.lift(alpha)
        if measure.name == "log2_lift":
            with np.errstate(divide="ignore"):
                found = Ends(*map(portable.log2, found)).where((pairs.totals.first[BOTH] > 0) & (found.low > 0))
    else:
        found = pairs.ends(turned, alpha)
        if measure.info.convention:
            found = _open(found, measure, pairs)
    return Ends(*(of.T for of in found)) if is_turned else found


def _of_share(measure: Measure, totals: Totals, base: Line, alpha: float) -> Ends:
    of = shares.share(totals, HIT, base, alike_within(totals) if base == WITH else None)
    scale = totals.first[ALL] if measure.written == "count" else 1.0
    return Ends(*(scale * end for end in of.interval(1 - alpha))).where(of.base > 0)


def _open(ends: Ends, measure: Measure, pairs: Pairs) -> Ends:
    """Return ends of a measure that adds 1/2 to empty cells; with an empty cell, one end is the measure's bound."""
    joint, given, outcome, n = pairs.totals.first
    none, every = joint <= np.maximum(given + outcome - n, 0.0), joint >= np.minimum(given, outcome)
    lower, upper = (np.inf if bound is None else bound for bound in (measure.info.lower, measure.info.upper))
    return Ends(np.where(none, lower, ends.low), np.where(every, upper, ends.high))


HALF = "1/2 is added to all four cells of the 2 x 2 table where one of them is 0"


@measure(
    MeasureInfo("count", "Count", "n_ab", 0, None, symmetric=True, needs="matrix"),
    "n_ab",
    base=EVERY,
    written="count",
)
def count(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab: the number of units with both categories."""
    return joint + 0 * (given + outcome + units)


@measure(
    MeasureInfo("share", "Share of all", "n_ab / N", 0, 1, symmetric=True),
    "n_ab / N",
    base=EVERY,
    written="share",
)
def share(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / N: the share of all units that have both categories ("support"). Undefined without units.

    Source: Agrawal, Imieliński & Swami (1993), Mining Association Rules between Sets of Items in Large Databases.
    """
    return joint / units + 0 * (given + outcome)


@measure(
    MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1, needs="counts"),
    "n_ab / n_a",
    base=WITH,
    written="share",
)
def conditional(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) = n_ab / n_a ("confidence"). Directed; compare it with its baseline P(b) = n_b / N.

    Undefined if no unit has a.

    Source: Agrawal, Imieliński & Swami (1993), Mining Association Rules between Sets of Items in Large Databases.
    """
    return joint / given + 0 * (outcome + units)


@measure(
    MeasureInfo("lift", "Lift", "N n_ab / (n_a n_b)", 0, None, 1.0, diverging=True, symmetric=True),
    "N * n_ab / (n_a * n_b)",
    written="ratio",
)
def lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """N n_ab / (n_a n_b): observed over expected under independence. Undefined if a margin is 0.

    Source: Brin, Motwani, Ullman & Tsur (1997), Dynamic Itemset Counting and Implication Rules for Market Basket
    Data.
    """
    return units * joint / (given * outcome)


@measure(
    MeasureInfo("log2_lift", "log2 lift", "log2(N n_ab / (n_a n_b))", None, None, 0.0, diverging=True, symmetric=True),
    "log2(N * n_ab / (n_a * n_b))",
)
def log2_lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """log2 of the lift: pointwise mutual information in bits. Undefined if n_ab = 0.

    Source: Church & Hanks (1990), Word Association Norms, Mutual Information, and Lexicography.
    """
    return portable.log2(units * joint / (given * outcome))


@measure(
    MeasureInfo("difference", "Difference", "P(b|a) - P(b|not a)", -1, 1, 0.0, diverging=True),
    "n_ab / n_a - (n_b - n_ab) / (N - n_a)",
)
def difference(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) - P(b|not a). Directed. Undefined if no unit, or every unit, has a.

    Source: Allan (1980), A Note on Measurement of Contingency between Two Binary Variables in Judgment Tasks.
    """
    return joint / given - (outcome - joint) / (units - given)


@measure(
    MeasureInfo(
        "odds_ratio",
        "Odds ratio",
        "n_ab (N - n_a - n_b + n_ab) / ((n_a - n_ab) (n_b - n_ab))",
        0,
        None,
        1.0,
        diverging=True,
        symmetric=True,
        remark=HALF,
        convention=True,
    ),
    "n_ab * (N - n_a - n_b + n_ab) / ((n_a - n_ab) * (n_b - n_ab))",
    sized=True,
    written="ratio",
)
def odds_ratio(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Odds of b among units with a over its odds among units without a. 1/2 is added if a cell is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    # Divisions alone: products of complex numbers, at which derivatives are taken, differ between processors.
    return (both / only_given) / (only_outcome / neither)


@measure(
    MeasureInfo(
        "jaccard", "Jaccard index", "n_ab / (n_a + n_b - n_ab)", 0, 1, symmetric=True, needs="counts", eponym=True
    ),
    "n_ab / (n_a + n_b - n_ab)",
    base=(-1, 1, 1, 0),
)
def jaccard(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / (n_a + n_b - n_ab): among units with either category, the share with both. Undefined if there are none.

    Source: Jaccard (1912), The Distribution of the Flora in the Alpine Zone.
    """
    return joint / (given + outcome - joint) + 0 * units


MEASURES = Entries("measure", Measure, (count, share, conditional, lift, log2_lift, difference, odds_ratio, jaccard))
"""All values of `measure:` by config name: core measures, then measures of packs.

Iteration leaves out the measures of other packages."""
