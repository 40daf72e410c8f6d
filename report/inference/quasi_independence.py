"""Quasi-independence: expected counts of category pairs among the units off the diagonal, from category sizes.

The model is m_ab = alpha_a beta_b off the diagonal and leaves the diagonal free. Units that stay in their category
therefore do not make every off-diagonal pair look rare (Goodman 1968, "The analysis of cross-classified data:
independence, quasi-independence, and interactions in contingency tables with or without missing entries", Journal of
the American Statistical Association 63; Agresti 2013, "Categorical Data Analysis", section 11.5).

A large deviation is itself among the counts that the model is fitted to. It bends the fit towards itself and away from
other pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import portable
from ..arrays import CANCELLED, Bools, Floats, over
from ..incidence import Incidence
from .critical_values import Student
from .crossings import CrossingUnits, Influence, crossings, influence, totals_left
from .intervals import Interval
from .laws import Cumulants, at_most_one, cumulant_ends, cumulant_p, t_quantile
from .ratios import Ratios, agreeing
from .score import Score

_STEPS = 100
_SMALLEST_STEP = 1e-12
_CLOSE = 1e-12
_CONVERGED = 1e-10
_ROUNDING = 1e-14
_MOST = 1 << 21
"""Numbers in the inverse information matrices of all strata. Beyond this, fitting takes over a second."""
_ALONE = 1e-9

_LEAST = 5.0
"""Expected units in the rest of a pair's row, and of its column, below which the sums nearly determine the pair."""


@dataclass(frozen=True, eq=False)
class QuasiIndependence:
    """The fits to S tables of K categories, each table by itself.

    `fitted` (S, K, K) has the row and column sums of the counts off the diagonal, and 0 on it. `free` (S, K, K) marks
    the cells that the sums and other cells do not determine. Elsewhere the residual is 0 for any counts. `inverse` (S,
    2K, 2K) inverts the information on the logs of alpha and beta, for row and column sums with equal totals. It is the
    identity for tables in which every cell is determined.
    """

    fitted: Floats
    free: Bools
    inverse: Floats

    @property
    def left(self) -> Bools:
        """Whether a pair (K, K) is free in any of the tables."""
        return np.asarray(self.free.any(axis=0))

    @property
    def law(self) -> Cumulants:
        """The distribution (K, K) of n_ab over independent units under the model, given the sums of rows and columns.

        Its mean is m_ab and its variance m_ab (1 - leverage), table by table. The third moment is taken from the
        binomial distribution with this mean and variance. A cell that the sums determine has variance 0.
        """
        size = self.fitted.shape[-1]
        alone = np.einsum("sii->si", self.inverse)
        one_more = alone[:, :size, None] + alone[:, None, size:] + 2 * self.inverse[:, :size, size:]
        variance = np.where(self.free, self.fitted * (1 - self.fitted * one_more), 0)
        third = variance * (2 * over(variance, np.where(self.free, self.fitted, 0)) - 1)
        return Cumulants(self.fitted.sum(axis=0), variance.sum(axis=0), third.sum(axis=0))


def fit(tables: Floats) -> QuasiIndependence:
    """Fit quasi-independence to counts (S, K, K), or sums of weights, by maximum likelihood, table by table.

    The diagonals are ignored. If one category is at one end of every off-diagonal unit, its own row and column are the
    sums of the others, so the counts are their own fit. Any other table has one fit, positive wherever row and column
    have units (the margins then satisfy Hall's condition without a tie). Counts so unequal that rounding keeps a fit
    from its sums are also treated as their own fit.
    """
    flow = np.where(np.eye(tables.shape[-1], dtype=bool), 0.0, tables)
    fitted = flow.copy()
    inverse = np.broadcast_to(np.eye(2 * flow.shape[-1]), (len(flow), 2 * flow.shape[-1], 2 * flow.shape[-1])).copy()
    free = _free(flow)
    chosen = np.flatnonzero(free.any(axis=(1, 2)))
    if len(chosen):
        logs, support, converged = _solved(flow[chosen], np.ones(flow.shape[1:], dtype=bool))
        found = _table(logs, support)
        free[chosen[~converged]] = False
        fitted[chosen[converged]] = found[converged]
        inverse[chosen[converged]] = _inverse(found[converged])
    return QuasiIndependence(fitted, free, inverse)


def among_crossing(incidence: Incidence, level: float) -> Ratios:
    """Return observed over expected counts of category pairs among the units that cross, under quasi-independence.

    Both axes of the incidence must have the same K categories. With strata the model is fitted within each, and
    `expected` is the sum of the fits, so that composition is not mistaken for association. A stratum whose off-diagonal
    cells are all determined (one category at an end of all units, or too few cells to form a cycle) adds its observed
    counts to `expected`.

    A pair has no ratio (nan) on the diagonal, if no unit crosses from its row category or to its column category, and
    if sums and other cells determine it in every stratum. Intervals of log(n_ab / m_ab) are linearised. They use each
    unit's influence, by implicit differentiation of the likelihood equations, summed over groups. If interval and test
    disagree about 1, the end towards 1 is taken from the test.

    For independent units without weights, p is twice the smaller tail of a binomial distribution with mean m_ab and the
    variance m_ab (1 - leverage) of Haberman's adjusted residual (1973, Biometrics 29). The interval uses normal
    quantiles, with 1/2 for an n_ab of 0. Both are nan if fewer than 5 units are expected in the rest of the pair's row
    or column, because the pair is then nearly determined.

    Otherwise the test is `Score`, with t on G_eff - 1 degrees of freedom. G_eff is the smallest effective number of
    groups among the pair, the rest of its row and the rest of its column. In the test, the pair itself is included only
    for a ratio above 1, because a rarer pair has few groups. Neither test nor interval is given below `LEAST_FREEDOM`.
    The null variance is the variance of independent units, times the number of units of one pair that a unit finds in
    its group.

    Nothing is returned if fits would take over a second (2,000 strata of 16 categories that cross, or 13 of 200).
    Intervals and tests are also missing if adding up groups that span several strata would take that long.
    """
    size = len(incidence.rows.categories)
    crossing = crossings(incidence)
    used = crossing.tables.any(axis=(0, 1)) | crossing.tables.any(axis=(0, 2))
    whole = [np.full((size, size), np.nan) for _ in range(5)]
    if used.any() and len(crossing.tables) * portable.squared(2 * int(used.sum())) <= _MOST:
        crossing = crossing.among(np.flatnonzero(used))
        found = _judged(crossing, fit(crossing.tables), level, incidence)
        for table, part in zip(whole, found, strict=True):
            table[np.ix_(used, used)] = part
    low, high, expected, ratio, p = whole
    return Ratios(low, high, expected, ratio, p)


def _judged(
    crossing: CrossingUnits, model: QuasiIndependence, level: float, incidence: Incidence
) -> tuple[Floats, ...]:
    """Return the fields of `Ratios` for categories that cross."""
    observed = crossing.tables.sum(axis=0)
    expected = np.where(np.eye(crossing.size, dtype=bool), np.nan, model.fitted.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(model.left, observed / expected, np.nan)
        found = influence(crossing, model.inverse, model.fitted, model.free)
        effective = portable.squared(totals_left(crossing.tables, model.free)) / np.where(
            found.totals > 0, found.totals, np.nan
        )
        pair, rest = effective[0], effective[1:].min(axis=0)
        if incidence.plain:
            apart = (totals_left(model.fitted, model.free)[1:] >= _LEAST).all(axis=0)
            tested = of_log = np.where(apart, np.inf, np.nan)
            p = at_most_one(cumulant_p(observed, model.law))
            own = Interval(*cumulant_ends(observed, model.law, level)).on(lambda mean: mean / expected)
        else:
            of_log, of_rest = (_freedom(incidence.freedom_of(of)) for of in (np.minimum(pair, rest), rest))
            tested = np.where(ratio > 1 + _ALONE, of_log, of_rest)
            null = found.copies * model.law.variance
            score = Score(observed, expected, found.joint, found.both, found.fitted, null, Student(tested))
            p, own = score.p, score.ends(level)
        p = np.where(np.isfinite(ratio) & ~np.isnan(tested), p, np.nan)
        ends = _on_the_log(observed, expected, found, t_quantile(level, of_log), plain=incidence.plain)
    ends = agreeing(ends, own, ratio, p, level).where(np.isfinite(p))
    return ends.low, ends.high, expected, ratio, p


def _on_the_log(observed: Floats, expected: Floats, found: Influence, quantile: Floats, *, plain: bool) -> Interval:
    """Return exp(log ratio +- quantile error), nan if groups do not differ; for units, n_ab = 1/2 if it is 0."""
    seen = np.where(observed > 0, observed, 0.5 if plain else np.nan)
    terms = (
        np.where(observed > 0, found.joint, seen) / portable.squared(seen),
        found.fitted / portable.squared(expected),
    )
    variance = terms[0] - 2 * found.both / (seen * expected) + terms[1]
    # The remainder of terms that cancel is rounding error. Used as a variance, it would give a far too short interval.
    error = np.sqrt(np.where(variance > CANCELLED * (terms[0] + terms[1]), variance, np.nan))
    with np.errstate(over="ignore"):
        low, high = (portable.exp(portable.log(seen / expected) + sign * quantile * error) for sign in (-1, 1))
    return Interval(np.where((observed > 0) | np.isnan(low), low, 0.0), high)


def _freedom(found: Floats) -> Floats:
    """Return degrees of freedom; nan below `LEAST_FREEDOM`, where too few groups show the error."""
    return np.where(Student(found).estimable, found, np.nan)


def _free(flow: Floats) -> Bools:
    """Return the cells (S, K, K) that sums and other cells do not determine."""
    there = flow > 0
    at_an_end = there.sum(axis=1) + there.sum(axis=2)
    free = _cyclic(flow)
    free[(at_an_end == there.sum(axis=(1, 2))[:, None]).any(axis=1)] = False  # one category is in all of them
    return free


def _cyclic(flow: Floats) -> Bools:
    """Return the cells (S, K, K) on a cycle of off-diagonal cells, of rows and columns that have units.

    Counts can move around a cycle without changing a sum. A cell on no cycle is determined by the sums. Cell (a, b) is
    closed to a cycle by a row d with a unit, different from a and b, and a column c likewise: through (d, c) if they
    differ, otherwise through (b, c), (b, a) and (d, a).
    """
    rows, columns = flow.sum(axis=2) > 0, flow.sum(axis=1) > 0
    within = rows[:, :, None] & columns[:, None, :] & ~np.eye(flow.shape[-1], dtype=bool)
    n_rows, n_columns = (_others(part, np.ones(flow.shape[-1])) for part in (rows, columns))
    number = np.arange(flow.shape[-1], dtype=np.float64)
    same = (n_rows == 1) & (n_columns == 1) & (_others(rows, number) == _others(columns, number))
    around = columns[:, :, None] & rows[:, None, :]
    return np.asarray(within & (n_rows > 0) & (n_columns > 0) & (~same | around))


def _others(there: Bools, value: Floats) -> Floats:
    """Return the sums of a value (K,) over categories `there` (S, K), except the categories of the cell (S, K, K)."""
    part = there * value
    return np.asarray(part.sum(axis=1)[:, None, None] - part[:, :, None] - part[:, None, :])


def _solved(flow: Floats, asked: Bools) -> tuple[Floats, Bools, Bools]:
    """Return the logs (S, 2K) of alpha and beta, their support (S, K, K), and whether the sums agree (S,).

    Only the off-diagonal cells marked in `asked` (K, K) are fitted; flow is 0 in all others. The likelihood is concave
    in the logs. A step that lowers it is halved.
    """
    size = flow.shape[-1]
    sums = _sums(flow)
    support = (sums[:, :size, None] > 0) & (sums[:, None, size:] > 0) & ~np.eye(size, dtype=bool) & asked
    logs = portable.log(np.where(sums > 0, sums, 1.0))
    logs[:, size:] -= portable.log(np.maximum(flow.sum(axis=(1, 2)), 1e-300))[:, None]
    open_ = np.arange(len(flow))
    for _ in range(_STEPS):
        fitted = _table(logs[open_], support[open_])
        score = sums[open_] - _sums(fitted)
        far = (np.abs(score) > _CLOSE * sums[open_]).any(axis=1)
        open_, fitted, score = open_[far], fitted[far], score[far]
        if not len(open_):
            break
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            step = portable.matmul(_inverse(fitted), score[:, :, None])[:, :, 0]
        step[~np.isfinite(step).all(axis=1)] = 0  # a diverging fit has no step and stays unconverged
        length = _step_length(logs[open_], step, sums[open_], support[open_])
        logs[open_] += length[:, None] * step
        open_ = open_[length > 0]  # at 0, rounding prevents further gains
    agree = (np.abs(sums - _sums(_table(logs, support))) <= _CONVERGED * sums).all(axis=1)
    return logs, support, np.asarray(agree)


def _sums(tables: Floats) -> Floats:
    """Return the sums of rows and of columns (S, 2K)."""
    return np.concatenate([tables.sum(axis=2), tables.sum(axis=1)], axis=1)


def _step_length(logs: Floats, step: Floats, sums: Floats, support: Bools) -> Floats:
    """Return the part (S,) of each step that does not lower the likelihood: 1, or halves of it, or 0."""
    before = _likelihood(logs, sums, support)
    before -= _ROUNDING * np.abs(sums * logs).sum(axis=1)
    length = np.ones(len(logs))
    while True:
        worse = ~(_likelihood(logs + length[:, None] * step, sums, support) >= before) & (length > 0)
        if not worse.any():
            return length
        length[worse] /= 2
        length[length < _SMALLEST_STEP] = 0


def _likelihood(logs: Floats, sums: Floats, support: Bools) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((sums * logs).sum(axis=1) - _table(logs, support).sum(axis=(1, 2)))


def _table(logs: Floats, support: Bools) -> Floats:
    size = support.shape[-1]
    return np.where(support, portable.exp(np.where(support, logs[:, :size, None] + logs[:, None, size:], 0.0)), 0.0)


def _inverse(fitted: Floats) -> Floats:
    """Return the inverse information (S, 2K, 2K) of fits (S, K, K).

    It is scaled to a unit diagonal, so that it stays well conditioned for counts of very different sizes. The null
    direction (alpha up, beta down) is filled, which changes nothing for row and column sums with equal totals.
    """
    size = fitted.shape[-1]
    weight = _sums(fitted)
    root = np.sqrt(np.where(weight > 0, weight, 1.0))
    scaled = fitted / (root[:, :size, None] * root[:, None, size:])
    whole = np.broadcast_to(np.eye(2 * size), (len(fitted), 2 * size, 2 * size)).copy()
    whole[:, :size, size:] = scaled
    whole[:, size:, :size] = scaled.transpose(0, 2, 1)
    unseen = np.where(weight > 0, root, 0.0) / np.sqrt(2 * fitted.sum(axis=(1, 2)))[:, None]
    unseen[:, size:] *= -1
    filled = portable.inverse(whole + unseen[:, :, None] * unseen[:, None, :])
    return np.asarray(filled / (root[:, :, None] * root[:, None, :]))
