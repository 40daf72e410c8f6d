"""Measures of a pair of categories: the frequency of both together, compared with base rates and with other units."""

from __future__ import annotations

from .. import portable
from ..arrays import Floats
from ..cells import MeasureInfo
from ..matrices.counts import corrected
from ..stats.shares import EVERY, WITH
from .measure import measure

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
