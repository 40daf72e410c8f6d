"""The registry of measures. Adding one: a function, a line in MEASURES, a test, a line in the docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from report.cells import MeasureInfo

Floats = NDArray[np.float64]
Formula = Callable[[Floats, Floats, Floats, Floats], Floats]
"""(n_ab, n_a, n_b, N), broadcast against each other -> values; nan where undefined.

Made of arithmetic, powers and logarithms only: inference takes its derivatives at complex arguments.
"""

ROUNDING = 1e-12
"""Values nearer to a bound than this stand at it: sums of weights may differ in their last digits."""


@dataclass(frozen=True)
class Measure:
    """A measure: what a reader must know of it, and its formula."""

    info: MeasureInfo
    formula: Formula

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


def count(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab: how many units have both categories."""
    return joint + 0 * (given + outcome + units)


def share(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / N: the share of all units that have both categories."""
    return joint / units + 0 * (given + outcome)


def conditional(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) = n_ab / n_a. Directed; to be read beside its baseline P(b) = n_b / N."""
    return joint / given + 0 * (outcome + units)


def lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """N n_ab / (n_a n_b): observed over expected under independence (Brin, Motwani, Ullman & Tsur 1997)."""
    return units * joint / (given * outcome)


def log2_lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """log2 of the lift: pointwise mutual information in bits (Church & Hanks 1990). Undefined where n_ab = 0."""
    return np.log2(units * joint / (given * outcome))


def difference(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) - P(b|not a). Directed."""
    return joint / given - (outcome - joint) / (units - given)


def phi(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Pearson correlation of the two indicators (Yule 1912)."""
    spread = given * (units - given) * outcome * (units - outcome)
    return (units * joint - given * outcome) / np.sqrt(spread)


def jaccard(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / (n_a + n_b - n_ab): the share of the units with either that have both (Jaccard 1912)."""
    return joint / (given + outcome - joint) + 0 * units


_ALL = (
    Measure(MeasureInfo("count", "Count", "n_ab", 0, None, symmetric=True), count),
    Measure(MeasureInfo("share", "Share of all", "n_ab / N", 0, 1, symmetric=True), share),
    Measure(MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1), conditional),
    Measure(MeasureInfo("lift", "Lift", "N n_ab / (n_a n_b)", 0, None, 1.0, diverging=True, symmetric=True), lift),
    Measure(
        MeasureInfo(
            "log2_lift", "log2 lift", "log2(N n_ab / (n_a n_b))", None, None, 0.0, diverging=True, symmetric=True
        ),
        log2_lift,
    ),
    Measure(MeasureInfo("difference", "Difference", "P(b|a) - P(b|not a)", -1, 1, 0.0, diverging=True), difference),
    Measure(MeasureInfo("phi", "Correlation (phi)", "phi", -1, 1, 0.0, diverging=True, symmetric=True), phi),
    Measure(MeasureInfo("jaccard", "Jaccard", "n_ab / (n_a + n_b - n_ab)", 0, 1, symmetric=True), jaccard),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.info.name: measure for measure in _ALL})
"""Every measure that `measure:` takes, by its config name."""
