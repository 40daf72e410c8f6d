"""Quantiles and tails of the distributions behind intervals and tests, the same bits on every processor.

The numbers are those of `scipy.stats`. Quantiles of t and beta have eight digits (see `portable.rounded`).

The module also gives the distribution of n_ab if a and b are unrelated within every stratum, given the margins of each
stratum. Within a stratum n_abs is hypergeometric, and n_ab is the sum. This distribution underlies the
Cochran-Mantel-Haenszel test (Mantel & Haenszel 1959), whose chi-square approximates it by a normal distribution. The
approximation fails for small expected counts, so tails are summed here instead (the exact conditional test; Gart 1970).
A hypergeometric number is a sum of independent indicators (Vatutin & Mikhailov 1982). So is n_ab, and its first three
cumulants describe it nearly completely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import portable
from ..arrays import Bools, Floats
from ..matrices.counts import StratumMargins

LEAST = float(np.finfo(np.float64).tiny)
"""The value used for a probability too small for a float, since it is not 0: about 2e-308."""

SMALL_VARIANCE = 30.0
"""Up to this variance of n_ab tails are summed. Beyond it, the shifted binomial errs by a few per cent of p."""
_WINDOW = 160
"""Values of n_ab that are summed. At that variance, values outside have a probability under 1e-20."""
_MOST_PAIRS = 20_000
"""Pairs of cell and stratum whose hypergeometrics are summed. With more, the shifted binomial is used for all."""
_ROUNDING = 1e-9
_STEEPEST = 60.0
_HALVINGS = 80
"""The log of an odds ratio is searched between plus and minus `_STEEPEST`, to the last digits."""

_TOGETHER = 256
"""Cells whose ends are computed together: enough for arrays, few enough for their memory."""


def normal_quantile(level: float) -> float:
    """Return z with P(|Z| <= z) = level, for a standard normal Z.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return portable.rounded.ndtri((1 + level) / 2)


def t_quantile(level: float, freedom: Floats | float) -> Floats:
    """Return t with P(|T| <= t) = level, for Student's T with `freedom` degrees of freedom.

    >>> round(float(t_quantile(0.95, 4)), 4)
    2.7764
    """
    return portable.rounded.stdtrit(freedom, (1 + level) / 2)


def t_two_sided(distance: Floats, freedom: Floats | float) -> Floats:
    """Return P(|T| >= distance) for Student's T, never 0; nan where the distance is nan."""
    return np.maximum(2 * portable.tails.stdtr(freedom, -distance), LEAST)


def hypergeometric_tail(joint: Floats, units: Floats | float, given: Floats, outcome: Floats) -> Floats:
    """Return the smaller of P(X <= joint) and P(X >= joint), X the joint units of two unrelated categories.

    Probabilities are summed from `joint` away from the mean, each computed from the one before. The other tail is the
    remainder.
    """
    k, n, a, b = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (joint, units, given, outcome)))
    least, most = np.maximum(0.0, a + b - n), np.minimum(a, b)
    inside = (k >= least) & (k <= most)
    k = np.clip(k, least, most)
    chance = _hypergeometric(k, n, a, b)
    below = k * np.maximum(n, 1) < a * b
    term, at, tail = chance.copy(), k.copy(), chance.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        while (term > tail * 1e-18).any():
            down = np.where(at > least, at * (n - a - b + at) / ((a - at + 1) * (b - at + 1)), 0.0)
            up = np.where(at < most, (a - at) * (b - at) / ((at + 1) * (n - a - b + at + 1)), 0.0)
            term = term * np.where(below, down, up)
            at = np.clip(at + np.where(below, -1.0, 1.0), least, most)
            tail += term
    return np.where(inside, np.minimum(tail, 1 - tail + chance), 0.0)


def _hypergeometric(k: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """Return P(X = k) as a quotient of binomial probabilities (Loader 2000), which keeps its digits in large tables."""
    share = b / np.maximum(n, 1)
    return _binomial(k, a, share) * _binomial(b - k, n - a, share) / _binomial(b, n, share)


def _binomial(k: Floats, n: Floats, share: Floats) -> Floats:
    error = portable.tails.stirling_error  # n! is n times Gamma(n), and so is its formula
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = portable.exp(
            error(n) - error(k) - error(n - k)
            - portable.tails.deviance(k, n * share) - portable.tails.deviance(n - k, n * (1 - share))
        ) * np.sqrt(n / (2 * np.pi * k * (n - k)))  # fmt: skip
        if not ((k == 0) | (k == n)).any():
            return np.asarray(inner, dtype=np.float64)
        none, every = portable.exp(portable.xlog1py(n, -share)), portable.exp(portable.xlogy(n, share))
    return np.asarray(np.where(k == 0, none, np.where(k == n, every, inner)), dtype=np.float64)


def false_discovery(p: Floats) -> Floats:
    """Return the q values of p values (n,): Benjamini & Hochberg 1995.

    >>> false_discovery(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    falling = np.minimum.accumulate(p[order] * (len(p) / ranks))
    q = np.empty_like(p)
    q[order] = at_most_one(falling)
    return q


def at_most_one(p: Floats) -> Floats:
    """Return probabilities with 1 for values above 1, or below it by no more than the rounding of summed tails."""
    return np.where(p > 1 - _ROUNDING, 1.0, p)


@dataclass(frozen=True, eq=False)
class Cumulants:
    """Mean, variance and third central moment (R, C) of n_ab, given the margins of each stratum."""

    mean: Floats
    variance: Floats
    third: Floats


def cumulants(margins: StratumMargins) -> Cumulants:
    """Return the cumulants: sums over strata of the product of a row term and a column term."""
    n, rows, columns = margins.sizes[:, None], margins.rows, margins.columns
    spread = [part * (n - part) / np.maximum(n, 1) for part in (rows, columns)]
    skew = [part * (n - part) * (n - 2 * part) for part in (rows, columns)]
    scale = portable.power(np.maximum(n, 1), 3) * np.maximum(n - 1, 1) * np.maximum(n - 2, 1)
    return Cumulants(
        mean=margins.expected,
        variance=portable.matmul((spread[0] / np.maximum(n - 1, 1)).T, spread[1]),
        third=portable.matmul((skew[0] / scale).T, skew[1]),
    )


def conditional_p(joint: Floats, margins: StratumMargins) -> Floats:
    """Return two-sided p (R, C), twice the smaller tail (at most 1); nan if no stratum is informative.

    It is exact if one stratum is informative or the variance is at most `SMALL_VARIANCE`. Otherwise it is the p of a
    shifted binomial with the mean, variance and third central moment of n_ab.
    """
    law, n_telling = cumulants(margins), margins.n_telling
    alone, small = n_telling == 1, _added(law, n_telling)
    tail = cumulant_p(joint, law) / 2 if (n_telling > 1).any() else np.full(joint.shape, np.nan)
    tail[alone] = _one_stratum(joint, law, margins, alone)
    found = _added_up(joint, margins, small)
    tail[small] = np.where(found > 0, found, _bound((joint - law.mean)[small], law.variance[small]))
    return np.where(n_telling > 0, np.maximum(at_most_one(2 * tail), LEAST), np.nan)


def _added(law: Cumulants, n_telling: Floats) -> Bools:
    """Return the cells (R, C) with several strata whose hypergeometrics are summed."""
    small: Bools = (n_telling > 1) & (law.variance <= SMALL_VARIANCE)
    return small if n_telling[small].sum() <= _MOST_PAIRS else np.zeros_like(small)


def cumulant_p(joint: Floats, law: Cumulants) -> Floats:
    """Return twice the smaller tail (R, C), not capped at 1, of a shifted binomial with the given cumulants."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, bound = _shifted(joint, law), _bound(joint - law.mean, law.variance)
        turned = one.chance > 0.5
        hits, misses = np.where(turned, one.misses, one.hits), np.where(turned, one.hits, one.misses)
        tails = _tails(hits, misses, np.where(turned, one.rest, one.chance), bound)
    return np.asarray(np.maximum(2 * np.minimum(*tails), LEAST))


def cumulant_ends(joint: Floats, law: Cumulants, level: float) -> tuple[Floats, Floats]:
    """Return the smallest and the largest mean (R, C) of n_ab that `cumulant_p` does not reject.

    Other means correspond to the binomial with other odds (Clopper & Pearson 1934).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        one, tail = _shifted(joint, law), (1 - level) / 2
        # The end of the range that is nearer to all mass has the digits.
        turned = one.chance > 0.5
        hits, misses = np.where(turned, one.misses, one.hits), np.where(turned, one.hits, one.misses)
        chance, trials = np.where(turned, one.rest, one.chance), hits + misses
        least, most = _least(hits, misses, tail) - chance, _most(hits, misses, tail) - chance
        return (
            law.mean + trials * np.where(turned, -most, least),
            law.mean + trials * np.where(turned, -least, most),
        )


def conditional_ends(joint: Floats, margins: StratumMargins, cells: Bools, level: float) -> tuple[Floats, Floats]:
    """Return the smallest and the largest mean (R, C) of n_ab that `conditional_p` does not reject, for some cells.

    Other means belong to the exponentially tilted distribution: each value x is psi^x times as likely, where psi is an
    odds ratio common to all strata (Fisher's noncentral hypergeometric; Gart 1970). Other cells are nan.
    """
    law, n_telling = cumulants(margins), margins.n_telling
    exact = cells & ((n_telling == 1) | _added(law, n_telling))
    low, high = (np.where(cells, end, np.nan) for end in cumulant_ends(joint, law, level))
    laws = [_values(margins, int(a), int(b), float(law.mean[a, b])) for a, b in zip(*np.nonzero(exact), strict=True)]
    if laws:
        low[exact], high[exact] = _tilted_ends(joint[exact], laws, (1 - level) / 2)
    return low, high


def _values(margins: StratumMargins, a: int, b: int, mean: float) -> tuple[Floats, Floats]:
    """Return the possible values (n,) of n_ab and their probabilities: convolved hypergeometrics of strata."""
    told = margins.rows_vary[:, a] & margins.columns_vary[:, b]
    sizes, rows, columns = margins.sizes[told], margins.rows[told, a], margins.columns[told, b]
    first, chance = mean - float((rows * columns / sizes).sum()), np.ones(1, dtype=np.float64)
    for n, row, column in zip(sizes, rows, columns, strict=True):
        least, law = _hypergeometrics(float(n), np.array([row]), np.array([column]))
        first, chance = first + float(least[0]), _sums(chance, law[0])
    return first + np.arange(len(chance), dtype=np.float64), chance


def _sums(first: Floats, second: Floats) -> Floats:
    """Return the probabilities of the sum of two independent whole numbers; `np.convolve` asks BLAS."""
    made = np.zeros(len(first) + len(second) - 1)
    for k, chance in enumerate(second):
        made[k : k + len(first)] += chance * first
    return made


def _tilted_ends(joint: Floats, laws: Sequence[tuple[Floats, Floats]], tail: float) -> tuple[Floats, Floats]:
    """Return the means (m,) of the tilted distributions with this probability of n_ab or more, and of n_ab or less.

    `laws` are the possible values of n_ab and their probabilities, for each of the m cells. Cells with similar numbers
    of values are computed together.
    """
    ends = np.empty((2, len(joint)))
    order = np.argsort([len(value) for value, _ in laws], kind="stable")
    for some in np.array_split(order, math.ceil(len(order) / _TOGETHER)):
        own = [laws[at] for at in some]
        width = max(len(value) for value, _ in own)
        value = np.array([law[0] for law, _ in own])[:, None] + np.arange(width, dtype=np.float64)
        chance = np.array([np.pad(law, (0, width - len(law)), constant_values=np.nan) for _, law in own])
        for end, sign in enumerate((1.0, -1.0)):
            ends[end, some] = _tilted_end(joint[some][:, None], value, chance, tail, sign)
    return ends[0], ends[1]


def _tilted_end(joint: Floats, value: Floats, chance: Floats, tail: float, sign: float) -> Floats:
    """Return the means (m,) of tilted distributions (m, n) with probability `tail` at n_ab and beyond it.

    Probabilities are nan beyond a distribution's values.
    """
    there, part = np.isfinite(chance), sign * (value - joint) > -0.5
    with np.errstate(divide="ignore"):
        logs = portable.log(np.where(there, chance, 0.0))

    def tilted(tilt: Floats) -> Floats:
        weight = logs + tilt[:, None] * (value - joint)
        found = portable.exp(weight - weight.max(axis=1, keepdims=True))
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    low, high = np.full(len(value), -_STEEPEST), np.full(len(value), _STEEPEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_much = ((tilted(middle) * part).sum(axis=1) > tail) == (sign > 0)
        low, high = np.where(too_much, low, middle), np.where(too_much, middle, high)
    solved = (tilted((low + high) / 2) * value).sum(axis=1)
    last = value[:, 0] if sign > 0 else np.where(there, value, -np.inf).max(axis=1)
    return np.where((part | ~there).all(axis=1), last, solved)


@dataclass(frozen=True, eq=False)
class _Shifted:
    """Binomials (R, C) with given cumulants except for the mean; `hits` and `misses` give the place of n_ab."""

    chance: Floats
    rest: Floats
    hits: Floats
    misses: Floats


def _shifted(joint: Floats, law: Cumulants) -> _Shifted:
    chance, rest = (np.clip((1 + sign * law.third / law.variance) / 2, 1e-9, 1 - 1e-9) for sign in (-1, 1))
    trials = law.variance / (chance * rest)
    # Each is computed from its own end of the range, where rounding matters.
    return _Shifted(chance, rest, joint - law.mean + trials * chance, law.mean - joint + trials * rest)


def _tails(hits: Floats, misses: Floats, chance: Floats, bound: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities (R, C) of this many hits or more, and of this many or fewer.

    `bound` is used beyond the range of the binomial.
    """
    some, left = hits > _ROUNDING, misses > _ROUNDING
    above = portable.rounded.betainc(np.where(some & (misses >= -_ROUNDING), hits, np.nan), misses + 1, chance)
    below = portable.rounded.betaincc(hits + 1, np.where(left & (hits >= -_ROUNDING), misses, np.nan), chance)
    return (
        np.where(some, np.where(misses < -_ROUNDING, bound, above), 1.0),
        np.where(left, np.where(hits < -_ROUNDING, bound, below), 1.0),
    )


def _least(hits: Floats, misses: Floats, tail: float) -> Floats:
    """Return the probability (R, C) of success at which this many hits or more occur with probability `tail`."""
    hits, misses = np.maximum(hits, 0.0), np.maximum(misses, 0.0)
    there = hits > _ROUNDING
    return np.where(there, portable.rounded.betaincinv(np.where(there, hits, np.nan), misses + 1, tail), 0.0)


def _most(hits: Floats, misses: Floats, tail: float) -> Floats:
    """Return the probability (R, C) of success at which this many hits or fewer occur with probability `tail`."""
    hits, misses = np.maximum(hits, 0.0), np.maximum(misses, 0.0)
    there = misses > _ROUNDING
    return np.where(there, portable.rounded.betaincinv(hits + 1, np.where(there, misses, np.nan), 1 - tail), 1.0)


def _bound(distance: Floats, variance: Floats) -> Floats:
    """Return Bennett's bound of the tail (R, C) at this distance from the mean; no p is 0 where n_ab is possible."""
    far = np.abs(distance) / variance
    return np.maximum(portable.exp(-variance * ((1 + far) * portable.log1p(far) - far)), LEAST)


def _one_stratum(joint: Floats, law: Cumulants, margins: StratumMargins, cells: Bools) -> Floats:
    """Return the smaller hypergeometric tail of cells with one informative stratum; elsewhere n_abs is fixed."""
    a, b = np.nonzero(cells)
    levels = np.arange(len(margins.sizes), dtype=np.float64)
    number = portable.matmul((margins.rows_vary * levels[:, None]).T, margins.columns_vary.astype(np.float64))
    s = np.rint(number[a, b]).astype(np.int64)
    n, rows, columns = margins.sizes[s], margins.rows[s, a], margins.columns[s, b]
    own = np.rint(joint[a, b] - (law.mean[a, b] - rows * columns / n))
    return hypergeometric_tail(own, n, rows, columns)


def _added_up(joint: Floats, margins: StratumMargins, cells: Bools) -> Floats:
    """Return the smaller tail of cells: hypergeometrics convolved stratum by stratum, all cells at once.

    Probabilities (n, `_WINDOW`) refer to `base` (n,) and the values after it, around the mean so far.
    """
    a, b = np.nonzero(cells)
    probability = np.zeros((len(a), _WINDOW))
    probability[:, 0] = 1.0
    base, mean = np.zeros(len(a)), np.zeros(len(a))
    rows_vary, columns_vary = margins.rows_vary, margins.columns_vary
    for s, n in enumerate(margins.sizes):
        rows, columns = margins.rows[s, a], margins.columns[s, b]
        told = rows_vary[s, a] & columns_vary[s, b]
        mean += rows * columns / max(n, 1)
        base += np.where(told, 0.0, np.rint(rows * columns / max(n, 1)))
        if told.any():
            first, law = _hypergeometrics(n, rows[told], columns[told])
            base[told], probability[told] = _convolved(base[told] + first, probability[told], law, mean[told])
    k = np.rint(joint[a, b] - base).astype(np.int64)
    upper, lower = np.cumsum(probability[:, ::-1], axis=1)[:, ::-1], np.cumsum(probability, axis=1)
    at, inside = np.arange(len(a)), np.clip(k, 0, _WINDOW - 1)
    return np.where(k == inside, np.minimum(upper[at, inside], lower[at, inside]), 0.0)


def _hypergeometrics(n: float, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Return the first values (m,) and the probabilities (m, w) from there on of hypergeometrics over n units.

    All but a negligible part (Bennett's bound: under 1e-15) is in these values.
    """
    mean = rows * columns / n
    variance = mean * (n - rows) * (n - columns) / (n * max(n - 1, 1))
    reach = math.ceil(12 + 12 * math.sqrt(float(variance.max())))
    least, most = np.maximum(0.0, rows + columns - n), np.minimum(rows, columns)
    first = np.maximum(least, np.floor(mean) - reach)
    width = int(min(2 * reach + 1, (most - first).max() + 1))
    k = first[:, None] + np.arange(width - 1)
    odds = np.maximum(rows[:, None] - k, 0) * np.maximum(columns[:, None] - k, 0)
    with np.errstate(divide="ignore"):
        steps = portable.log(odds / ((k + 1) * (n - rows - columns)[:, None] + portable.squared(k + 1)))
    logs = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(steps, axis=1)], axis=1)
    law = portable.exp(logs - logs.max(axis=1, keepdims=True))
    return first, law / law.sum(axis=1, keepdims=True)


def _convolved(base: Floats, held: Floats, law: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Return the base and the probabilities (m, `_WINDOW`) of sums, kept around their mean."""
    width = law.shape[1]
    padded = np.pad(held, ((0, 0), (width - 1, width - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)
    whole = np.einsum("mtw,mw->mt", windows, law[:, ::-1])
    dropped = np.clip(np.floor(mean) - _WINDOW // 2 - base, 0, width - 1).astype(np.int64)
    kept = dropped[:, None] + np.arange(_WINDOW)
    return base + dropped, np.take_along_axis(whole, kept, axis=1)
