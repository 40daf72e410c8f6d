"""Measures of the 2 x 2 table of a cell: functions of (n_ab, n_a, n_b, N), broadcast against each other.

Adding one: a function, an entry in MEASURES, a test, a line in the docs. "Source:" in a docstring is what
docs/measures.md cites. Those that compare units with the given category with those without it are nan where a category
is had by no unit or by all. Symmetric ones hide that sizes differ: `imbalance` says how far they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..arrays import Floats
from ..cells import MeasureInfo
from ..incidence import Incidence
from ..matrices.counts import EMPTY, corrected, has_empty_margin

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
    `in_counts` is the formula in counts alone, which evidence fills with numbers: n_ab of N units have both categories,
    n_a the given, n_b the outcome one.
    """

    info: MeasureInfo
    formula: Formula
    in_counts: str
    sized: bool = False

    def of(self, incidence: Incidence) -> Formula:
        """Return the formula of an incidence's totals: of effective units, where it rests on how many there are."""
        if not (self.sized and incidence.weighted):
            return self
        factor = incidence.worth_of_one
        return lambda joint, given, outcome, units: self(*(factor * n for n in (joint, given, outcome, units)))

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


def difference(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) - P(b|not a). Directed. Undefined where no unit, or every unit, has a.

    Source: Allan (1980), A Note on Measurement of Contingency between Two Binary Variables in Judgment Tasks.
    """
    return joint / given - (outcome - joint) / (units - given)


def relative_risk(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) / P(b|not a). Directed. With 1/2 added to all four cells where one is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    return both * (only_outcome + neither) / (only_outcome * (both + only_given))


def odds_ratio(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Odds of b among units with a over its odds among the others. With 1/2 added where a cell is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    return both * neither / (only_given * only_outcome)


def yule_q(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (OR - 1) / (OR + 1) of the odds ratio OR. With 1/2 added where a cell is empty, so never -1 or 1.

    Source: Yule (1900), On the Association of Attributes in Statistics.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    agree, differ = both * neither, only_given * only_outcome
    return (agree - differ) / (agree + differ)


def phi(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Pearson correlation of the two indicators.

    Source: Yule (1912), On the Methods of Measuring Association Between Two Attributes.
    """
    spread = given * (units - given) * outcome * (units - outcome)
    return (units * joint - given * outcome) / np.sqrt(spread)


def standardized_residual(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (n_ab - e) / sqrt(e (1 - n_a/N) (1 - n_b/N)) with e = n_a n_b / N: the adjusted residual.

    About standard normal where independent units are unrelated; it is phi times sqrt(N).

    Source: Haberman (1973), The Analysis of Residuals in Cross-Classified Tables.
    """
    expected = given * outcome / units
    error = np.sqrt(expected * (1 - given / units) * (1 - outcome / units))
    return np.where(has_empty_margin(given, outcome, units), np.nan, (joint - expected) / error)


def jaccard(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / (n_a + n_b - n_ab): the share of the units with either that have both. Undefined where none has.

    Source: Jaccard (1912), The Distribution of the Flora in the Alpine Zone.
    """
    return joint / (given + outcome - joint) + 0 * units


def dice(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """2 n_ab / (n_a + n_b): the harmonic mean of P(b|a) and P(a|b). Undefined where no unit has either.

    Source: Dice (1945), Measures of the Amount of Ecologic Association Between Species.
    """
    return 2 * joint / (given + outcome) + 0 * units


def cosine(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / sqrt(n_a n_b): the geometric mean of P(b|a) and P(a|b). Undefined where a margin is 0.

    Source: Ochiai (1957), Zoogeographical Studies on the Soleoid Fishes Found in Japan and its Neighbouring
    Regions.
    """
    return joint / np.sqrt(given * outcome) + 0 * units


def kulczynski(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """(n_ab / n_a + n_ab / n_b) / 2: the mean of P(b|a) and P(a|b). Undefined where a margin is 0.

    Source: Kulczyński (1927), Die Pflanzenassoziationen der Pieninen.
    """
    return (joint / given + joint / outcome) / 2 + 0 * units


def overlap(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / min(n_a, n_b): the share of the smaller category that has the other. Undefined where a margin is 0.

    Source: Szymkiewicz (1934), Une contribution statistique à la géographie floristique; Simpson (1943), Mammals
    and the Nature of Continents.
    """
    # Between equal sizes their mean stands for either, so that the derivative does not prefer one side.
    smaller = np.where(np.real(given) < np.real(outcome), given, outcome)
    smaller = np.where(np.real(given) == np.real(outcome), (given + outcome) / 2, smaller)
    return joint / smaller + 0 * units


def npmi(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """log(lift) / -log(n_ab / N): pointwise mutual information over its largest value.

    -1, its limit, where no unit has both; 1 where neither occurs without the other. Undefined where a margin
    is 0, and where every unit has both.

    Source: Bouma (2009), Normalized (Pointwise) Mutual Information in Collocation Extraction.
    """
    value = np.log(units * joint / (given * outcome)) / -np.log(joint / units)
    apart = (np.real(joint) == 0) & (np.real(given * outcome) > 0)
    everywhere = np.real(joint) >= np.real(units) * (1 - EMPTY)
    return np.where(apart, -1.0, np.where(everywhere, np.nan, value))


def imbalance(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """|n_a - n_b| / (n_a + n_b - n_ab): how far the sizes of two categories differ, 0 (equal) to 1.

    No measure for a panel, but what each symmetric one is to be read with. Undefined where no unit has either.

    Source: Wu, Chen & Han (2010), Re-examination of Interestingness Measures in Pattern Mining: A Unified
    Framework.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(given - outcome) / (given + outcome - joint) + 0 * units


_HALF = "1/2 is added to all four cells of the 2 x 2 table where one of them is 0"

_ALL = (
    Measure(MeasureInfo("count", "Count", "n_ab", 0, None, symmetric=True, needs="matrix"), count, "n_ab"),
    Measure(MeasureInfo("share", "Share of all", "n_ab / N", 0, 1, symmetric=True), share, "n_ab / N"),
    Measure(
        MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1, needs="counts"), conditional, "n_ab / n_a"
    ),
    Measure(
        MeasureInfo("lift", "Lift", "N n_ab / (n_a n_b)", 0, None, 1.0, diverging=True, symmetric=True),
        lift,
        "N * n_ab / (n_a * n_b)",
    ),
    Measure(
        MeasureInfo(
            "log2_lift", "log2 lift", "log2(N n_ab / (n_a n_b))", None, None, 0.0, diverging=True, symmetric=True
        ),
        log2_lift,
        "log2(N * n_ab / (n_a * n_b))",
    ),
    Measure(
        MeasureInfo("difference", "Difference", "P(b|a) - P(b|not a)", -1, 1, 0.0, diverging=True),
        difference,
        "n_ab / n_a - (n_b - n_ab) / (N - n_a)",
    ),
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
        "(n_ab / n_a) / ((n_b - n_ab) / (N - n_a))",
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
        "n_ab * (N - n_a - n_b + n_ab) / ((n_a - n_ab) * (n_b - n_ab))",
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
        "(n_ab * (N - n_a - n_b + n_ab) - (n_a - n_ab) * (n_b - n_ab))"
        " / (n_ab * (N - n_a - n_b + n_ab) + (n_a - n_ab) * (n_b - n_ab))",
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
        "(N * n_ab - n_a * n_b) / sqrt(n_a * (N - n_a) * n_b * (N - n_b))",
    ),
    Measure(
        MeasureInfo(
            "jaccard", "Jaccard index", "n_ab / (n_a + n_b - n_ab)", 0, 1, symmetric=True, needs="counts", eponym=True
        ),
        jaccard,
        "n_ab / (n_a + n_b - n_ab)",
    ),
    Measure(
        MeasureInfo("dice", "Dice index", "2 n_ab / (n_a + n_b)", 0, 1, symmetric=True, needs="counts", eponym=True),
        dice,
        "2 * n_ab / (n_a + n_b)",
    ),
    Measure(
        MeasureInfo("cosine", "Cosine", "n_ab / sqrt(n_a n_b)", 0, 1, symmetric=True, needs="counts"),
        cosine,
        "n_ab / sqrt(n_a * n_b)",
    ),
    Measure(
        MeasureInfo("overlap", "Overlap", "n_ab / min(n_a, n_b)", 0, 1, symmetric=True, needs="counts"),
        overlap,
        "n_ab / min(n_a, n_b)",
    ),
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
        "log(N * n_ab / (n_a * n_b)) / -log(n_ab / N)",
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
        "(n_ab / n_a + n_ab / n_b) / 2",
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
        "(n_ab - n_a * n_b / N) / sqrt(n_a * n_b / N * (1 - n_a / N) * (1 - n_b / N))",
        sized=True,
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.info.name: measure for measure in _ALL})
"""Every measure that `measure:` takes, by its config name."""
