"""Very many groups put together into fewer, where only their number is in the way."""

from __future__ import annotations

import narwhals as nw

MOST_GROUPS = 50_000
"""Groups of an alternative beyond which they are put together."""

FEWER = 1_024


def put_together(number: nw.Expr) -> nw.Expr:
    """Return the names of 1,024 groups that take the numbered ones by turns.

    Groups that are independent stay so when they are put together without a look at what they hold: variances between
    groups are estimated as before, with 1,023 degrees of freedom (random groups: Wolter, Introduction to Variance
    Estimation, 2007, chapter 2). Each shows some hundred patterns at most, however many units there are. What the
    groups were called is lost, so this is for counts whose groups nobody names.
    """
    return (number % FEWER).cast(nw.String)
