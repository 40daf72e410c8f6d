"""The registry of measures. Adding one: a function, a line in MEASURES, a test, a line in the docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..cells import MeasureInfo
from .association import difference, odds_ratio, phi, relative_risk, standardized_residual, yule_q
from .likeness import cosine, dice, jaccard, kulczynski, npmi, overlap

Floats = NDArray[np.float64]
Formula = Callable[[Floats, Floats, Floats, Floats], Floats]
"""(n_ab, n_a, n_b, N), broadcast against each other -> values; nan where undefined.

Made of arithmetic, powers and logarithms only: inference takes its derivatives at complex arguments.
"""

ROUNDING = 1e-12
"""Values nearer to a bound than this stand at it: sums of weights may differ in their last digits."""


@dataclass(frozen=True)
class Measure:
    """A measure: what a reader must know of it, and its formula.

    `sized`: its value rests on how many units there are, and is no count of them. Where units have weights it
    takes effective units, (sum w)^2 / sum w^2 in all, so that it does not change with the scale of the weights.
    """

    info: MeasureInfo
    formula: Formula
    sized: bool = False

    def __call__(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the values, nan where undefined, without numpy's warnings; never outside the bounds."""
        with np.errstate(divide="ignore", invalid="ignore"):
            value = self.formula(joint, given, outcome, units)
        value = np.where(np.isfinite(value), value, np.nan)
        for bound in (self.info.lower, self.info.upper):
            # 0 is reached exactly or not at all: a small share is not none.
            if bound:
                value = np.where(np.abs(value - bound) < ROUNDING, bound, value)
        return value

    @property
    def source(self) -> str | None:
        """What the docstring of the formula cites, on one line: author (year), title; None for plain counts."""
        _, found, source = (self.formula.__doc__ or "").partition("Source: ")
        return " ".join(source.split()).removesuffix(".") if found else None


def count(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab: how many units have both categories."""
    return joint + 0 * (given + outcome + units)


def share(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / N: the share of all units that have both categories ("support"). Undefined without units.

    Source: Agrawal, Imieliński & Swami (1993), Mining Association Rules between Sets of Items in Large Databases.
    """
    return joint / units + 0 * (given + outcome)


def conditional(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) = n_ab / n_a ("confidence"). Directed; to be read beside its baseline P(b) = n_b / N.

    Undefined where no unit has a.

    Source: Agrawal, Imieliński & Swami (1993), Mining Association Rules between Sets of Items in Large Databases.
    """
    return joint / given + 0 * (outcome + units)


def lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """N n_ab / (n_a n_b): observed over expected under independence. Undefined where a margin is 0.

    Source: Brin, Motwani, Ullman & Tsur (1997), Dynamic Itemset Counting and Implication Rules for Market Basket
    Data.
    """
    return units * joint / (given * outcome)


def log2_lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """log2 of the lift: pointwise mutual information in bits. Undefined where n_ab = 0.

    Source: Church & Hanks (1990), Word Association Norms, Mutual Information, and Lexicography.
    """
    return np.log2(units * joint / (given * outcome))


_HALF = "1/2 is added to all four cells of the 2 x 2 table where one of them is 0"

_ALL = (
    Measure(MeasureInfo("count", "Count", "n_ab", 0, None, symmetric=True, needs="matrix"), count),
    Measure(MeasureInfo("share", "Share of all", "n_ab / N", 0, 1, symmetric=True), share),
    Measure(MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1, needs="counts"), conditional),
    Measure(MeasureInfo("lift", "Lift", "N n_ab / (n_a n_b)", 0, None, 1.0, diverging=True, symmetric=True), lift),
    Measure(
        MeasureInfo(
            "log2_lift", "log2 lift", "log2(N n_ab / (n_a n_b))", None, None, 0.0, diverging=True, symmetric=True
        ),
        log2_lift,
    ),
    Measure(MeasureInfo("difference", "Difference", "P(b|a) - P(b|not a)", -1, 1, 0.0, diverging=True), difference),
    Measure(
        MeasureInfo(
            "relative_risk",
            "Relative risk",
            "P(b|a) / P(b|not a)",
            0,
            None,
            1.0,
            diverging=True,
            remark=_HALF,
            convention=True,
        ),
        relative_risk,
        sized=True,
    ),
    Measure(
        MeasureInfo(
            "odds_ratio",
            "Odds ratio",
            "n_ab (N - n_a - n_b + n_ab) / ((n_a - n_ab) (n_b - n_ab))",
            0,
            None,
            1.0,
            diverging=True,
            symmetric=True,
            remark=_HALF,
            convention=True,
        ),
        odds_ratio,
        sized=True,
    ),
    Measure(
        MeasureInfo(
            "yule_q",
            "Yule's Q",
            "(OR - 1) / (OR + 1) with the odds ratio OR",
            -1,
            1,
            0.0,
            diverging=True,
            symmetric=True,
            remark=_HALF,
            convention=True,
            eponym=True,
        ),
        yule_q,
        sized=True,
    ),
    Measure(
        MeasureInfo(
            "phi",
            "Correlation (phi)",
            "(N n_ab - n_a n_b) / sqrt(n_a (N - n_a) n_b (N - n_b))",
            -1,
            1,
            0.0,
            diverging=True,
            symmetric=True,
        ),
        phi,
    ),
    Measure(
        MeasureInfo(
            "jaccard", "Jaccard index", "n_ab / (n_a + n_b - n_ab)", 0, 1, symmetric=True, needs="counts", eponym=True
        ),
        jaccard,
    ),
    Measure(
        MeasureInfo("dice", "Dice index", "2 n_ab / (n_a + n_b)", 0, 1, symmetric=True, needs="counts", eponym=True),
        dice,
    ),
    Measure(MeasureInfo("cosine", "Cosine", "n_ab / sqrt(n_a n_b)", 0, 1, symmetric=True, needs="counts"), cosine),
    Measure(MeasureInfo("overlap", "Overlap", "n_ab / min(n_a, n_b)", 0, 1, symmetric=True, needs="counts"), overlap),
    Measure(
        MeasureInfo(
            "npmi",
            "NPMI",
            "log(N n_ab / (n_a n_b)) / -log(n_ab / N)",
            -1,
            1,
            0.0,
            diverging=True,
            symmetric=True,
            remark="it stands at its lower end wherever no unit has both, however few would be expected",
            convention=True,
        ),
        npmi,
    ),
    Measure(
        MeasureInfo(
            "kulczynski",
            "Kulczynski index",
            "(n_ab / n_a + n_ab / n_b) / 2",
            0,
            1,
            symmetric=True,
            needs="counts",
            eponym=True,
        ),
        kulczynski,
    ),
    Measure(
        MeasureInfo(
            "standardized_residual",
            "Standardized residual",
            "(n_ab - e) / sqrt(e (1 - n_a / N) (1 - n_b / N)) with e = n_a n_b / N",
            None,
            None,
            0.0,
            diverging=True,
            symmetric=True,
            statistic=True,
            remark="it takes units as independent, grows with their number, and is counted in standard errors, so "
            "that no interval is given",
        ),
        standardized_residual,
        sized=True,
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.info.name: measure for measure in _ALL})
"""Every measure that `measure:` takes, by its config name."""
