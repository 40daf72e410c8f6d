"""The common odds ratio within strata: by what factor having a raises the odds of having b, whatever the margins.

A ratio of observed over expected cannot exceed what the margins of the strata leave room for: where nearly all units
of a stratum have b, n_ab is near its expectation even if every unit with a has b. The odds ratio of Mantel and
Haenszel (1959) has no such ceiling. docs/strata.md has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..arrays import Bools, Floats, Indices, Ints, summed
from ..incidence import Incidence
from ..matrices.counts import EMPTY, Fourfold, fourfold, shares, stratum_margins
from .intervals import wilson
from .laws import normal_quantile, t_quantile
from .strata import effective_groups, most_possible

MANY_CELLS = 1 << 12
"""Of tables with more cells only those of the same place on both axes have odds ratios."""


@dataclass(frozen=True, eq=False)
class CommonOdds:
    """Common odds ratios (R, C) of R row and C column categories.

    `ratio` is `alike` / `crossed`: the sums over strata of n_ab n_neither / n_s, and of units with a alone times units
    with b alone, over n_s. Where one sum is 0 both are those with 1/2 more in each cell of the strata that can tell.
    `low` and `high` are the ends of its interval, `high` inf where all that can meet do. `most` is the largest n_ab
    that the margins of the strata allow, `n_telling` in how many strata both categories vary. nan where none tells.
    """

    alike: Floats
    crossed: Floats
    low: Floats
    high: Floats
    most: Floats
    n_telling: Floats

    @property
    def ratio(self) -> Floats:
        """The common odds ratio (R, C)."""
        return self.alike / self.crossed


def common_odds(incidence: Incidence, level: float) -> CommonOdds:
    """Return the common odds ratio of every pair of categories within the strata, one row category at a time.

    Independent units of weight one: the variance of Robins, Breslow and Greenland (1986). Groups or weights: both sums
    once without each group (delete-a-group jackknife), t with G_eff - 1 degrees of freedom. Where all that can meet do,
    or none, no unit shows how n_ab varies: the end nearer to 1 is then that of the tables in which as many meet as
    Wilson's end of that share says, for G_eff trials, and there is none beyond.
    """
    margins = stratum_margins(incidence, incidence.weight)
    rows, columns = shares(incidence)
    by_stratum = _summing(incidence.stratum, incidence.weight, len(incidence.strata))
    most, _ = most_possible(margins)
    left_out = None if incidence.plain else _Jackknife.of(incidence)
    groups = np.minimum.outer(*effective_groups(incidence, margins))
    half, every = 0.5 / incidence.worth_of_one, most.size <= MANY_CELLS
    found = np.full((4, *most.shape), np.nan)
    for i, row in enumerate(rows.T):
        k = slice(None) if every else slice(i, i + 1)
        given, outcome = margins.rows[:, [i]], margins.columns[:, k]
        tables = fourfold(_joint(by_stratum, row, columns[:, k]), given, outcome, margins.sizes[:, None])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            variance = _variance(tables) if left_out is None else left_out.variance(tables, row, columns[:, k])
            freedom = np.maximum(groups[i, k] - 1, 1)
            quantile = normal_quantile(level) if left_out is None else t_quantile(level, freedom)
            chance = wilson(np.zeros_like(groups[i, k]), groups[i, k], level).high
            tells = margins.rows_vary[:, [i]] & margins.columns_vary[:, k]
            found[:, i, k] = _row(tables, tells, quantile * np.sqrt(variance), chance, half)
    return CommonOdds(found[0], found[1], found[2], found[3], most, margins.n_telling)


def units_add(incidence: Incidence, place: tuple[int, int]) -> Floats:
    """Return what a unit of each pattern adds (p, 2) to both sums of a pair of categories, to first order.

    The derivatives of the sums by the weight of a unit; over all units they add up to the sums themselves.
    """
    margins, (i, j) = stratum_margins(incidence, incidence.weight), place
    row, column = (part[:, k] for part, k in zip(shares(incidence), place, strict=True))
    both = summed(incidence.weight * (row * column), incidence.stratum, len(incidence.strata))
    n = np.maximum(margins.sizes, 1e-300)
    cells = fourfold(both, margins.rows[:, i], margins.columns[:, j], margins.sizes)
    a, b, c, d = (cell[incidence.stratum] for cell in cells)
    n = n[incidence.stratum]
    own = fourfold(row * column, row, column, np.ones_like(row))
    alike = (own.both * d + a * own.neither - a * d / n) / n
    crossed = (own.only_given * c + b * own.only_outcome - b * c / n) / n
    return np.stack([alike, crossed], axis=1)


def _row(tables: Fourfold, tells: Bools, distance: Floats, chance: Floats, half: float) -> tuple[Floats, ...]:
    """Return both sums and both ends (C,) of one row category.

    `tells` (S, C) are the strata that can tell, `distance` (C,) how far ends are on the log, `chance` (C,) what share
    of those that can meet may do otherwise where all do alike.
    """
    alike, crossed = _sums(tables)
    low, high = alike / crossed * np.exp(-distance), alike / crossed * np.exp(distance)
    all_meet, none_meet = crossed <= EMPTY * alike, alike <= EMPTY * crossed
    otherwise = chance * np.where(
        tells, np.minimum(tables.both + tables.only_given, tables.both + tables.only_outcome), 0
    )
    fewer, more = (np.divide(*_sums(_moved(tables, by))) for by in (-otherwise, otherwise))
    low, high = np.where(all_meet, fewer, np.where(none_meet, 0, low)), np.where(none_meet, more, high)
    high = np.where(all_meet, np.inf, high)
    more_alike, more_crossed = _sums(Fourfold(*(cell + half * tells for cell in tables)))
    extreme, told = all_meet | none_meet, tells.any(axis=0)
    sums = np.where(extreme, more_alike, alike), np.where(extreme, more_crossed, crossed)
    sound = told & (extreme | (distance > 0))
    ends = (np.where(sound & ~np.isnan(end), end, np.nan) for end in (low, high))
    return (*(np.where(told, part, np.nan) for part in sums), *ends)


def _moved(tables: Fourfold, by: Floats) -> Fourfold:
    """Return the tables with so many more units that have both, their margins as they are."""
    return Fourfold(tables.both + by, tables.only_given - by, tables.only_outcome - by, tables.neither + by)


def _products(tables: Fourfold) -> tuple[Floats, Floats, Floats]:
    """Return of each table (S, C) the units, n_ab n_neither / n and n_a-alone n_b-alone / n; 0 without units."""
    n = np.maximum(sum(tables, np.zeros_like(tables.both)), 1e-300)
    return n, tables.both * tables.neither / n, tables.only_given * tables.only_outcome / n


def _sums(tables: Fourfold) -> tuple[Floats, Floats]:
    _, alike, crossed = _products(tables)
    return alike.sum(axis=0), crossed.sum(axis=0)


def _variance(tables: Fourfold) -> Floats:
    """Return the variance (C,) of the log for independent units (Robins, Breslow & Greenland 1986)."""
    n, r, s = _products(tables)
    p, q = (tables.both + tables.neither) / n, (tables.only_given + tables.only_outcome) / n
    alike, crossed = r.sum(axis=0), s.sum(axis=0)
    mixed = (p * s + q * r).sum(axis=0) / (2 * alike * crossed)
    return np.asarray((p * r).sum(axis=0) / (2 * alike**2) + mixed + (q * s).sum(axis=0) / (2 * crossed**2))


def _summing(part: Ints, weight: Floats, n_parts: int) -> sparse.csr_array:
    """Return what sums patterns (p,) by their part (parts, p)."""
    return sparse.csr_array((weight, (part, np.arange(len(part)))), shape=(n_parts, len(part)))


def _joint(summing: sparse.csr_array, row: Floats, columns: Floats) -> Floats:
    """Return what each part has of a row category and of each column category together (parts, C)."""
    has = np.flatnonzero(row)
    return np.asarray(summing[:, has] @ (row[has, None] * columns[has]))


@dataclass(frozen=True, eq=False)
class _Jackknife:
    """What is left out, one after another: P pieces, each what a group has in a stratum, or a unit of a pattern.

    `summing` (P, p) gives a piece from patterns, `sizes` (P,) what it has in all. `starts` is where each group's pieces
    begin, `times` (groups,) how many there are like it, of `n` in all.
    """

    summing: sparse.csr_array
    stratum: Ints
    sizes: Floats
    starts: Indices
    times: Floats
    n: int

    @classmethod
    def of(cls, incidence: Incidence) -> _Jackknife:
        """Return the pieces of an incidence with groups, or with weights, whose units each are left out."""
        pieces, each = incidence.pieces, incidence.weight
        starts = np.flatnonzero(np.diff(pieces.group, prepend=-1))
        times = np.ones(len(starts))
        if incidence.group is None:
            each = incidence.weight / np.maximum(incidence.units, 1)
            times = incidence.weight_squared / np.maximum(each, 1e-300) ** 2
        summing = _summing(pieces.number, each, len(pieces.group))
        sizes = np.asarray(summing @ np.ones(len(each)))
        return cls(summing, pieces.stratum, sizes, starts, times, incidence.n_owners)

    def variance(self, tables: Fourfold, row: Floats, columns: Floats) -> Floats:
        """Return the jackknife variance (C,) of log alike - log crossed; nan with fewer than two groups.

        Both sums are taken without each group, and their changes over the sums, as the log moves by them: a sum that
        a single group makes up has no log without it.
        """
        if self.n < 2:
            return np.full(columns.shape[1], np.nan)
        both = _joint(self.summing, row, columns)
        margins = np.asarray(self.summing @ row)[:, None], np.asarray(self.summing @ columns)
        piece = fourfold(both, *margins, self.sizes[:, None])
        cells = (np.maximum(all_of[self.stratum] - own, 0) for all_of, own in zip(tables, piece, strict=True))
        _, *without = _products(Fourfold(*cells))
        _, *whole = _products(tables)
        moved = [
            np.add.reduceat(every[self.stratum] - left, self.starts) / every.sum(axis=0)
            for every, left in zip(whole, without, strict=True)
        ]
        change = moved[0] - moved[1]
        squares = self.times @ change**2 - (self.times @ change) ** 2 / self.n
        return np.asarray((self.n - 1) / self.n * squares)
