"""Observed over expected counts for every pair of categories, with intervals and tests.

If units are grouped or weighted, the score of n_ab - E_ab uses two variances: its variance over groups, and its
expected variance given the margins of each group if a and b are unrelated. The observed variation of n_ab is misleading
for rare pairs. If a large group of near-copies could have had both categories but none of its units did, the squares of
the other groups are small, and a few joint units look too precise. The margins correct for this.

Let the row shares r of units be unrelated to their column shares c, and correlated within groups: cov(r_i, r_j) = alpha
[i = j] + beta [same group], and likewise for c. With M = W - w w'/n over the units of a stratum, n_ab - E_ab = r' M c,
whose mean square is

    alpha_r alpha_c tr(M M) + (alpha_r beta_c + beta_r alpha_c) tr(M M B) + beta_r beta_c tr(M B M B),

where B marks pairs of units in one group. The same traces give the means of sum w^2 (r - p)^2 over units and of the
squares of group sums of w (r - p). Alpha and beta are solved from these, without bias. If all units of a group are
identical and groups have one size, this is the variance over all permutations of groups, (sum (r - p)^2)(sum (c - q)^2)
/ (m - 1) for m groups. It therefore allows for few groups in a stratum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, counted, over, summed
from ..incidence import Incidence
from ..matrices.counts import StratumMargins, shares, stratum_margins
from .intervals import Interval, gradient_of, unbiased
from .laws import conditional_ends, conditional_p, false_discovery
from .moments import GIVEN, JOINT, OUTCOME, UNITS, Moments, of_cells
from .score import EffectiveClusters, Score
from .whole_groups import of_groups
from .within_groups import WithinGroups, within_groups

_ALIKE = 1e-9


@dataclass(frozen=True, eq=False)
class Ratios(Interval):
    """Ratios of R row and C column categories, with their interval; rows are those of the incidence.

    `expected` (R, C) are the expected counts and `ratio` (R, C) is observed over expected. `p` (R, C) is the two-sided
    p of the hypothesis that the ratio is 1. Values are nan where undefined or where no interval or no test can be
    given. Where there is a test, the interval excludes 1 exactly where p is below one minus its level. `high` is at
    most the largest ratio that the margins allow. `score` is the score behind p. It is None if the test is exact, and
    for fits to off-diagonal units.
    """

    expected: Floats
    ratio: Floats
    p: Floats
    score: Score | None = None


def differ(ends: Interval, p: Floats, level: float) -> Bools:
    """Return where there is a test that the interval contradicts at 1, or that has no interval."""
    says = (ends.low > 1) | (ends.high < 1)
    there = np.isfinite(ends.low) & np.isfinite(ends.high)
    return np.asarray(np.isfinite(p) & (((p < 1 - level) != says) | ~there))


def agreeing(ends: Interval, own: Interval, ratio: Floats, p: Floats, level: float) -> Interval:
    """Return interval ends that agree with the test about 1, using the test's own end towards 1 where they disagree.

    `own` are the ratios that the test does not reject. The interval covers all plausible ratios and the test is made
    for far tails at 1, so they differ slightly, but a pair has one verdict. Values are nan where neither has ends.
    """
    rejected, tested, above = p < 1 - level, np.isfinite(p), ratio > 1
    low, high = (
        np.where(tested & ~np.isfinite(end), by_test, end)
        for end, by_test in ((ends.low, own.low), (ends.high, own.high))
    )
    astray = differ(Interval(low, high), p, level)
    low, high = np.where(astray & above, own.low, low), np.where(astray & ~above, own.high, high)
    # The ends of the test have rounding errors, so its p decides.
    low = np.where(tested & ~rejected, np.minimum(low, 1.0), low)
    high = np.where(tested & ~rejected, np.maximum(high, 1.0), high)
    low = np.where(rejected & above, np.maximum(low, np.nextafter(1, 2)), low)
    high = np.where(rejected & ~above, np.minimum(high, np.nextafter(1, 0)), high)
    return Interval(low, high).where(np.isfinite(low) & np.isfinite(high))


def judged(joint: Floats, margins: StratumMargins, ends: Interval, score: Score | None, level: float) -> Ratios:
    """Return n_ab over E_ab, summed within strata, with the p of "a and b are unrelated within strata".

    Independent units that add ones have the exact conditional test, with p twice the smaller tail (at most 1). With one
    stratum this is Fisher's test. Otherwise the test is `score`. Where interval and test disagree about 1, the end of
    `ends` (R, C) towards 1 is replaced by the test's own. If no stratum has units both with and without a, and with and
    without b, then n_ab = E_ab by construction: the ratio is 1, without interval or p. If no stratum contains both a
    and b, the ratio is nan.
    """
    expected, told = margins.expected, margins.n_telling > 0
    if score is None:
        p = conditional_p(joint, margins)
        with np.errstate(divide="ignore", invalid="ignore"):
            means = conditional_ends(joint, margins, differ(ends, p, level), level)
            own = Interval(*means).on(lambda mean: mean / expected)
    else:
        p, own = np.where(told, score.p, np.nan), score.ends(level)
    return replace(_with_one_verdict(joint, margins, ends, (p, own), level), score=score)


def _with_one_verdict(
    joint: Floats, margins: StratumMargins, ends: Interval, test: tuple[Floats, Interval], level: float
) -> Ratios:
    """Return the ratios with p and ends that agree about 1; `test` is p (R, C) and the ratios it does not reject."""
    expected, told = margins.expected, margins.n_telling > 0
    ratio, (p, own) = over(joint, expected, np.nan), test
    found = agreeing(ends, own, ratio, p, level).where(told)
    high = np.minimum(found.high, _largest(margins, ratio))
    return Ratios(found.low, high, expected, np.where(told | np.isnan(ratio), ratio, 1.0), p)


def _largest(margins: StratumMargins, ratio: Floats) -> Floats:
    """Return the largest ratio that the margins allow (R, C): an interval does not go beyond it."""
    return np.maximum(over(margins.most, margins.expected, np.inf), np.nan_to_num(ratio))


def over_all(incidence: Incidence, moments: Moments, ends: Interval, level: float) -> Ratios:
    """Return n_ab over n_a n_b / N, tested as in `judged`; `ends` (R, C) is the interval of the lift."""
    joint, given, outcome, units = moments.totals
    margins = StratumMargins(units[:1, 0], given[:, 0][None], outcome[0][None])
    if (whole := of_groups(incidence, moments.n_groups)) is not None:
        own = whole.ends(level)
        unknown, ratio = np.isnan(own.low), over(joint, margins.expected, np.nan)
        ends = Interval(
            np.where(unknown, ends.low, np.minimum(own.low, ratio)),
            np.where(unknown, ends.high, np.maximum(own.high, ratio)),
        )
        p = np.where(margins.n_telling > 0, whole.p, np.nan)
        return _with_one_verdict(joint, margins, ends, (p, ends), level)
    score = None if moments.plain else _score(moments, incidence)
    found = judged(joint, margins, ends, score, level)
    within = within_groups(incidence, joint - found.expected)
    return (
        found if within is None else _tested_within(found, joint, ends, within, _largest(margins, found.ratio), level)
    )


def _tested_within(
    found: Ratios, joint: Floats, ends: Interval, within: WithinGroups, most: Floats, level: float
) -> Ratios:
    """Return the ratios with p and ends from `within` for the pairs that are tested within groups.

    `most` (R, C) are the largest possible ratios.
    """
    half = within.half(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = Interval(np.maximum(joint - half, 0.0) / found.expected, (joint + half) / found.expected)
    agreed = agreeing(ends, own, found.ratio, within.p, level)
    agreed = Interval(agreed.low, np.minimum(agreed.high, most))
    parts = ((agreed.low, found.low), (agreed.high, found.high), (within.p, found.p))
    low, high, p = (np.where(within.pairs, inside, over_all) for inside, over_all in parts)
    return replace(found, low=low, high=high, p=p)


def _score(moments: Moments, incidence: Incidence) -> Score:
    """Return the score of the excess n_ab - n_a n_b / N, with the error distribution of the lift's interval."""
    joint, given, outcome, units = moments.totals
    law = of_cells(moments, (GIVEN, OUTCOME, UNITS)).law
    covariance, slope = moments.covariance(), gradient_of(_expected, moments.totals)
    if not moments.independent:
        covariance = covariance * portable.squared(unbiased(law, moments.n_groups))
    variances = (
        covariance[JOINT, JOINT],
        np.einsum("kab,kab->ab", slope, covariance[JOINT]),
        np.einsum("kab,klab,lab->ab", slope, covariance, slope),
    )
    expected = given * outcome / np.where(units > 0, units, 1)
    return Score(joint, expected, *variances, null_variance(incidence, moments), law, lumps(incidence, moments))


def q_values(p: Floats, families: Sequence[Bools], adjusted: Callable[[Floats], Floats] = false_discovery) -> Floats:
    """Return adjusted p (R, C), each family of tables (R, C) by itself, nan elsewhere.

    The default is the q value of Benjamini & Hochberg (1995). Tables without a p are in no family.
    """
    q = np.full(p.shape, np.nan)
    for family in families:
        chosen = family & np.isfinite(p)
        if chosen.any():
            q[chosen] = adjusted(p[chosen])
    return q


def _expected(_: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return given * outcome / units


def _of_groups_alone(incidence: Incidence, moments: Moments) -> bool:
    """Return whether the moments suffice: units in groups without strata, each of which adds 1 or nothing."""
    grouped = moments.adds_ones and not moments.independent
    return grouped and not incidence.stratum_names and bool(moments.totals[UNITS].any())


def lumps(incidence: Incidence, moments: Moments | None = None) -> EffectiveClusters:
    """Return the clustering of units; units without groups count as equal in size, whatever their weights."""
    if moments is not None and _of_groups_alone(incidence, moments):
        n, squares, cubes = _sizes(moments)
        return EffectiveClusters(1.0, cubes * n / portable.squared(squares))
    weight = float(incidence.weight.sum())
    unit = float(incidence.weight_squared.sum()) / weight if weight else 1.0
    if incidence.group is None:
        return EffectiveClusters(unit, 1.0)
    of = counted(incidence.weight, incidence.pieces.number, len(incidence.pieces.group))
    squares = float(portable.squared(of).sum())
    return EffectiveClusters(
        unit, float(portable.power(of, 3).sum() * of.sum()) / portable.squared(squares) if squares else 1.0
    )


def null_variance(incidence: Incidence, moments: Moments | None = None) -> Floats:
    """Return the variance (R, C) of n_ab - E_ab, summed within strata, if rows and columns are unrelated there.

    Without strata it follows from the moments of the incidence if each unit adds 1 or nothing.
    """
    if moments is not None and _of_groups_alone(incidence, moments):
        return _null_of_groups(moments)
    margins, pieces = stratum_margins(incidence), incidence.pieces
    traces = _traces(incidence, margins.sizes)
    first, number = incidence.levels
    sides = zip(shares(incidence, first), (margins.row_shares, margins.column_shares), strict=True)
    around = [share - of[incidence.stratum[first]] for share, of in sides]
    shape = len(pieces.group), len(first)
    held: sparse.csr_array[np.float64] = sparse.csr_array((incidence.weight, (pieces.number, number)), shape=shape)
    sums = [np.asarray(portable.matmul(held, part)) for part in around]
    parts = [_parts(incidence, part, own, traces) for part, own in zip(around, sums, strict=True)]
    return _mean_square(parts, traces) + _across(incidence, *sums)


def _mean_square(parts: Sequence[tuple[Floats, Floats]], traces: Floats) -> Floats:
    """Return the mean square (R, C) of r' M c, given alpha and beta (S, K) of rows and of columns."""
    (alpha_r, beta_r), (alpha_c, beta_c) = parts
    units, mixed, groups = traces[:, :, None]
    within: Floats = portable.matmul(alpha_r.T, units * alpha_c + mixed * beta_c)
    within += portable.matmul(beta_r.T, mixed * alpha_c + groups * beta_c)
    return within


def _sizes(moments: Moments) -> tuple[float, float, float]:
    """Return the sums of m, m^2 and m^3 over groups of m units."""
    cubes = 0.0 if moments.sizes is None else moments.sizes[1, UNITS - 1, 0, 0]  # of units that add 1, u is m
    return float(moments.totals[UNITS, 0, 0]), float(moments.second[UNITS, UNITS, 0, 0]), float(cubes)


def _null_of_groups(moments: Moments) -> Floats:
    """Return the null variance from moments: sums of squares about a share follow from the squares themselves."""
    n, squares, cubes = (np.array([value]) for value in _sizes(moments))
    traces = _traced(n, n, squares, squares, cubes)
    parts = []
    for of in (moments, moments.T):
        total, own, across = of.totals[GIVEN, :, :1], of.second[GIVEN, GIVEN, :, :1], of.second[GIVEN, UNITS, :, :1]
        share = total / n
        alone, together = total - share * total, own - 2 * share * across + portable.squared(share) * squares
        parts.append(_solved(alone.T, together.T, traces))
    return _mean_square(parts, traces)


def _traces(incidence: Incidence, sizes: Floats) -> Floats:
    """Return tr(M M), tr(M M B) and tr(M B M B), (3, S).

    The sum of cubed weights of units is approximated by Q^2 / n, where Q is the sum of squares; exact without weights.
    """
    pieces = incidence.pieces
    w, squared = (counted(of, pieces.number, len(pieces.group)) for of in (incidence.weight, incidence.weight_squared))
    n = np.where(sizes > 0, sizes, 1.0)
    q, mixed, w2, w3 = (
        counted(of, pieces.stratum, len(sizes))
        for of in (squared, squared * w, portable.squared(w), portable.power(w, 3))
    )
    return (
        np.stack([q * (1 - q / portable.squared(n))] * 3) if incidence.group is None else _traced(n, q, mixed, w2, w3)
    )


def _traced(n: Floats, q: Floats, mixed: Floats, w2: Floats, w3: Floats) -> Floats:
    """Return the traces (3, S) from the size of each stratum and sums of powers over its units and groups."""
    return np.stack(
        [
            q * (1 - q / portable.squared(n)),
            q - 2 * mixed / n + q * w2 / portable.squared(n),
            w2 - 2 * w3 / n + portable.squared(w2 / n),
        ]
    )


def _parts(incidence: Incidence, around: Floats, sums: Floats, traces: Floats) -> tuple[Floats, Floats]:
    """Return alpha and beta (S, K) of shares minus their stratum's share (q, K); neither is below 0."""
    first, number = incidence.levels
    squared = counted(incidence.weight_squared, number, len(first))
    alone = summed(portable.squared(around) * squared[:, None], incidence.stratum[first], traces.shape[1])
    if incidence.group is None:
        return over(alone, traces[0][:, None]), np.zeros_like(alone)
    return _solved(alone, summed(portable.squared(sums), incidence.pieces.stratum, traces.shape[1]), traces)


def _solved(alone: Floats, together: Floats, traces: Floats) -> tuple[Floats, Floats]:
    """Return alpha and beta (S, K) from the mean squares about shares, of units and of groups (S, K)."""
    units, mixed, groups = traces[:, :, None]
    apart = units * groups - portable.squared(mixed)
    told = apart > _ALIKE * units * groups
    beta = np.where(told, (units * together - mixed * alone) / np.where(told, apart, 1.0), 0.0)
    beta = np.clip(beta, 0.0, over(together, groups))
    return over(np.maximum(alone - mixed * beta, 0.0), units), beta


def _across(incidence: Incidence, rows: Floats, columns: Floats) -> Floats | float:
    """Return the contribution of groups in several strata, whose pieces are correlated in rows and in columns."""
    pieces = incidence.pieces
    if (np.diff(pieces.group) > 0).all():
        return 0.0

    def products(of: Floats) -> Floats:
        """Return the sums over pairs of pieces of one group."""
        sums = summed(of, pieces.group, int(pieces.group[-1]) + 1)
        return np.asarray(portable.squared(sums).sum(axis=0) - portable.squared(of).sum(axis=0))

    pairs = float(products(counted(incidence.weight, pieces.number, len(rows))[:, None])[0])
    both = np.outer(np.maximum(products(rows), 0), np.maximum(products(columns), 0))
    return both / pairs if pairs > 0 else 0.0
