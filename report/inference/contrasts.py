"""Contrasts: differences between two numbers of a panel, for any measure, with their intervals.

Each number is a weighted sum of a measure's cells: one cell, the mean of a row, or the mean of a panel. The two numbers
may come from one panel or from panels that reverse each other (`turned`). One record therefore covers cell against
cell, row against row, panel against panel, and (a, b) against (b, a). Intervals are linearised from the influence of
each unit or group on a contrast. Computations that many contrasts share are done once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Indices, counted, crossed, over, settled
from ..cells import Estimate
from ..incidence import WORD, Incidence
from ..matrices.counts import shares, totals
from .critical_values import ErrorLaw, MarginLaw, Student, joined
from .intervals import Formula, gradient_of, unbiased
from .moments import GIVEN, OUTCOME, moments, of_lines

_Entry = tuple[int, Indices, Floats]
"""A contrast's number, and the cells of either term with their coefficients."""

_ONE = 1 + 1e-9


@dataclass(frozen=True, eq=False)
class CellSum:
    """A sum of `coefficients` (m,) times a measure in m cells of an incidence, at `rows` and `columns` (m,).

    Cells are in row order. The formula takes the incidence's rows as given. For reversed panels use `turned`.
    """

    formula: Formula
    rows: Indices
    columns: Indices
    coefficients: Floats


@dataclass(frozen=True, eq=False)
class Contrast:
    """`first` minus `second`, with the bounds `lower` and `upper` of the difference (None: unbounded)."""

    first: CellSum
    second: CellSum
    lower: float | None = None
    upper: float | None = None

    def clipped(self, end: float) -> float:
        """Return an end of an interval, moved to a bound if it is beyond it."""
        end = end if self.lower is None else max(end, self.lower)
        return end if self.upper is None else min(end, self.upper)


@dataclass(frozen=True, slots=True)
class ComparedCells:
    """A contrast: the values of its two terms, nan where undefined, and their difference with its interval.

    `reason` explains why there is no interval, and is None if there is one.
    """

    first: float
    second: float
    difference: Estimate
    reason: str | None = None


@cache
def turned(formula: Formula) -> Formula:
    """Return a measure that takes columns as given, as a cached formula of the incidence's totals."""
    return lambda joint, given, outcome, units: formula(joint, outcome, given, units)


def cell(formula: Formula, row: int, column: int) -> CellSum:
    """Return one cell of an incidence, by its row and column category there."""
    return CellSum(formula, np.array([row]), np.array([column]), np.ones(1))


def compared(contrasts: Sequence[Contrast], incidence: Incidence, level: float) -> tuple[ComparedCells, ...]:
    """Return contrasts with their intervals, value +- quantile times error, in order.

    The quantile is normal for independent units, and from t for groups and weights. There is no interval if the
    contrast depends on a single group or does not vary. An undefined value is nan.
    """
    if not contrasts:
        return ()
    about = linearise(contrasts, incidence)
    halves = about.law.quantile(level) * about.working
    halves = np.where(about.law.estimable, halves, np.nan)
    return tuple(_compared(contrast, about, k, float(halves[k])) for k, contrast in enumerate(contrasts))


def _compared(contrast: Contrast, about: LinearisedContrast, k: int, half: float) -> ComparedCells:
    first, second = float(about.first[k]), float(about.second[k])
    value = first - second
    alone = not about.effective[k] > _ONE
    if alone or not about.error[k] > 0:
        reason = "it depends on one unit or group" if alone else "it does not vary"
        return ComparedCells(first, second, Estimate(value), reason if math.isfinite(value) else "a value is undefined")
    if math.isnan(half):
        return ComparedCells(first, second, Estimate(value), "too few groups show how it varies")
    low, high = (contrast.clipped(end) for end in (value - half, value + half))
    return ComparedCells(first, second, Estimate(value, low, high))


@dataclass(frozen=True, eq=False)
class LinearisedContrast:
    """Both terms of n contrasts (n,), the standard error over units or groups, and G_eff.

    `error` is 0 where groups do not differ. It is nan where it is unknown: the contrast is undefined, or there are
    fewer than two units or groups. `effective` is n^2 / sum n_g^2 of a margin, the smallest over the margins that the
    contrast depends on. Units without groups count by their weights. `working` is the error that the interval uses, and
    `law` is the distribution of the distance from the truth in such errors. With groups, both allow for the correlation
    within groups (`intervals.working_error`), estimated from whole rows and columns.
    """

    first: Floats
    second: Floats
    error: Floats
    working: Floats
    law: ErrorLaw
    effective: Floats


def linearise(contrasts: Sequence[Contrast], incidence: Incidence) -> LinearisedContrast:
    """Return contrasts with their precision, computing shared quantities once."""
    stacked = _stacked(contrasts)
    rows, columns = stacked.rows, stacked.columns
    joint, given, outcome = totals(incidence, incidence.weight)
    whole = joint[np.ix_(rows, columns)], given[rows], outcome[columns], np.array(incidence.weight.sum())
    first, second = stacked.terms(*whole)
    net, sizes = _gradients(stacked, whole)
    flat = np.concatenate([part.ravel() for part in whole])
    of_units, products, own = _products(incidence, rows, columns)
    chosen = _margins(stacked, sizes)
    effective = np.where(chosen, own, np.inf).min(axis=1, initial=np.inf)
    errors = _errors(net, sizes, flat, products, incidence.n_owners)
    errors = np.where(np.isfinite(first - second), errors, np.nan)
    law: MarginLaw
    working, law = (
        errors,
        Student(incidence.freedom_of(effective) if incidence.inflated else np.full(stacked.n, np.inf)),
    )
    if incidence.group is not None:
        inflation, law = _alike(incidence, rows, columns, chosen)
        apart = _errors(net, sizes, flat, of_units, incidence.n_units) * np.sqrt(inflation)
        working = np.fmax(errors * unbiased(law, incidence.n_owners), apart)
    return LinearisedContrast(first, second, errors, working, law, effective)


def _products(
    incidence: Incidence, rows: Indices, columns: Indices
) -> tuple[sparse.csr_array, sparse.csr_array, Floats]:
    """Return sums of products of contributions to all totals, by units and by groups, and G_eff (R + C,) per margin.

    There are RC + R + C + 1 totals for the given categories. G_eff is 0 for an empty category.
    """
    distinct, number = _distinct_patterns(incidence, rows, columns)
    of_rows, of_columns = (part[distinct] for part in shares(incidence))
    adds = _added(sparse.csr_array(of_rows[:, rows]), sparse.csr_array(of_columns[:, columns]))
    weight, squared = (counted(of, number, len(distinct)) for of in (incidence.weight, incidence.weight_squared))
    of_units = of_groups = sparse.csr_array(portable.matmul(adds.T, portable.matmul(sparse.diags_array(squared), adds)))
    if incidence.group is not None:
        shape = incidence.n_owners, len(distinct)
        held: sparse.csr_array[np.float64] = sparse.csr_array(
            (incidence.weight, (incidence.group, number)), shape=shape
        )
        per_group = portable.matmul(held, adds)
        of_groups = sparse.csr_array(portable.matmul(per_group.T, per_group))
    margins = slice(len(rows) * len(columns), -1)
    return (
        of_units,
        of_groups,
        over(portable.squared(portable.matmul(weight, adds)[margins]), of_groups.diagonal()[margins]),
    )


def _distinct_patterns(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Indices, Indices]:
    """Return the places (u,) of the u distinct patterns of some categories, and the number of each pattern (p,).

    Two patterns are the same if a unit of either has the same contributions. Patterns are numbered in lexical order, an
    absent category first.
    """
    sets, number_of = incidence.distinct
    of_rows, of_columns = shares(incidence, sets)
    both = np.concatenate([of_rows[:, rows], of_columns[:, columns]], axis=1)
    if both.shape[1] <= WORD:
        # A set of few categories is encoded as one whole number, and numbers are sorted much faster than rows.
        words = portable.matmul(both.astype(np.bool_), 1 << np.arange(both.shape[1], dtype=np.int64)[::-1])
        _, first, number = np.unique(words, return_index=True, return_inverse=True)
    else:
        _, first, number = np.unique(both, axis=0, return_index=True, return_inverse=True)
    return sets[first], number.ravel()[number_of]


def _added(rows: sparse.csr_array, columns: sparse.csr_array) -> sparse.csr_array:
    """Return the contributions to all totals (u, RC + R + C + 1) of a unit with shares (u, R) and (u, C)."""
    ones = sparse.csr_array(np.ones((rows.shape[0], 1)))
    return sparse.csr_array(sparse.hstack([crossed(rows, columns), rows, columns, ones]))


def _errors(
    net: sparse.csr_array, sizes: sparse.csr_array, flat: Floats, products: sparse.csr_array, n_groups: int
) -> Floats:
    """Return the standard errors (n,) of contrasts with these gradients at the totals `flat`.

    Values are 0 where nothing varies, and nan with fewer than two units or groups.
    """
    if n_groups < 2:
        return np.full(net.shape[0], np.nan)
    squares = _squares(net, products) - portable.squared(portable.matmul(net, flat)) / n_groups
    known = settled(squares, _squares(sizes, products)) * n_groups / (n_groups - 1)
    return np.asarray(np.sqrt(np.where(np.isfinite(squares), known, np.nan)))


def _squares(gradients: sparse.csr_array, products: sparse.csr_array) -> Floats:
    """Return the sums (n,) of the squared influences of units or groups on n contrasts."""
    return np.asarray(portable.matmul(gradients, products).multiply(gradients).sum(axis=1)).ravel()


def _alike(incidence: Incidence, rows: Indices, columns: Indices, chosen: Bools) -> tuple[Floats, MarginLaw]:
    """Return the largest inflation and the worst distribution (n,) over the margins that each contrast depends on."""
    found = moments(incidence)
    given, outcome = of_lines(found, GIVEN), of_lines(found, OUTCOME)
    inflation = np.concatenate([given.inflation[rows], outcome.inflation[columns]])
    law = joined(given.law.at(rows), outcome.law.at(columns))
    most = np.where(chosen, inflation, 1.0).max(axis=1, initial=1.0)
    return most, law.at(np.where(chosen, law.reach, -np.inf).argmax(axis=1))


@dataclass(frozen=True, eq=False)
class _NeededCells:
    """The m cells of one measure that any of n contrasts needs, with their coefficients.

    `rows` and `columns` (m,) are places among the needed categories. `first` and `second` (n, m) are the coefficients
    of the two terms of each contrast.
    """

    formula: Formula
    rows: Indices
    columns: Indices
    first: sparse.csr_array
    second: sparse.csr_array

    @cached_property
    def used(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Arrays that are positive where the first, or the second, term uses a cell."""
        return sparse.csr_array(abs(self.first)), sparse.csr_array(abs(self.second))

    def at(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the totals (4, m) of the cells."""
        i, j = self.rows, self.columns
        return np.stack([joint[i, j], given[i], outcome[j], np.broadcast_to(units, i.shape)])


@dataclass(frozen=True, eq=False)
class _Stacked:
    """n contrasts over one incidence, by measure, with the `rows` and `columns` that any of them needs."""

    parts: tuple[_NeededCells, ...]
    rows: Indices
    columns: Indices
    n: int

    def terms(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> tuple[Floats, Floats]:
        """Return both terms of the contrasts (n,) from totals of the needed categories, nan where undefined."""
        sums = np.zeros((2, self.n))
        for part in self.parts:
            with np.errstate(divide="ignore", invalid="ignore"):
                cells = part.formula(*part.at(joint, given, outcome, units))
            broken = ~np.isfinite(cells)
            cells = np.where(broken, 0.0, cells)
            for which, (coefficients, used) in enumerate(zip((part.first, part.second), part.used, strict=True)):
                # Sparse products have a fixed order of addition, whatever the number of threads.
                sums[which] += portable.matmul(coefficients, cells)
                sums[which][portable.matmul(used, broken.astype(np.float64)) > 0] = np.nan
        return sums[0], sums[1]


def _stacked(contrasts: Sequence[Contrast]) -> _Stacked:
    """Return contrasts over one incidence combined by measure."""
    terms = [(n, which, term) for n, c in enumerate(contrasts) for which, term in enumerate((c.first, c.second))]
    rows = np.unique(np.concatenate([term.rows for _, _, term in terms]))
    columns = np.unique(np.concatenate([term.columns for _, _, term in terms]))
    sides: dict[Formula, tuple[list[_Entry], list[_Entry]]] = {}
    for number, which, term in terms:
        place = np.searchsorted(rows, term.rows) * len(columns) + np.searchsorted(columns, term.columns)
        sides.setdefault(term.formula, ([], []))[which].append((number, place, term.coefficients))
    parts = []
    for formula, (first, second) in sides.items():
        needed = np.unique(np.concatenate([place for _, place, _ in (*first, *second)]))
        own = (_coefficients(entries, needed, len(contrasts)) for entries in (first, second))
        parts.append(_NeededCells(formula, *np.divmod(needed, len(columns)), *own))
    return _Stacked(tuple(parts), rows, columns, len(contrasts))


def _coefficients(entries: Sequence[_Entry], needed: Indices, n: int) -> sparse.csr_array:
    """Return the coefficients (n, m) of contrasts, given by their number, in the m cells that are needed."""
    numbers = np.repeat([number for number, _, _ in entries], [len(place) for _, place, _ in entries]).astype(np.intp)
    places = np.concatenate([np.zeros(0, np.intp), *(place for _, place, _ in entries)])
    values = np.concatenate([np.zeros(0), *(coefficients for _, _, coefficients in entries)])
    return sparse.csr_array((values, (numbers, np.searchsorted(needed, places))), shape=(n, len(needed)))


def _gradients(
    stacked: _Stacked, whole: tuple[Floats, Floats, Floats, Floats]
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the derivatives (n, RC + R + C + 1) of the contrasts by all totals, and the sums of their absolute terms.

    Values are nan if a cell that a contrast uses has no derivative.
    """
    n_rows, n_columns = whole[0].shape
    cells, n_totals = n_rows * n_columns, n_rows * n_columns + n_rows + n_columns + 1
    net = sizes = sparse.csr_array((stacked.n, n_totals))
    for part in stacked.parts:
        m = len(part.rows)
        places = (
            part.rows * n_columns + part.columns,
            cells + part.rows,
            cells + n_rows + part.columns,
            np.full(m, n_totals - 1),
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            found = gradient_of(part.formula, part.at(*whole)).ravel()
        entries = found, (np.tile(np.arange(m), 4), np.concatenate(places))
        slopes = sparse.csr_array(entries, shape=(m, n_totals))
        first, second = portable.matmul(part.first, slopes), portable.matmul(part.second, slopes)
        net, sizes = net + first - second, sizes + abs(first) + abs(second)
    return sparse.csr_array(net), sparse.csr_array(sizes)


def _margins(stacked: _Stacked, sizes: sparse.csr_array) -> Bools:
    """Return which margins (n, R + C) each contrast depends on, or the margins of all its cells if on none."""
    n_rows, n_columns = len(stacked.rows), len(stacked.columns)
    depends = sizes[:, n_rows * n_columns : -1].toarray() > 0
    used = np.zeros((stacked.n, n_rows + n_columns), dtype=np.bool_)
    for part in stacked.parts:
        for coefficients in part.used:
            number, cells = coefficients.nonzero()
            used[number, part.rows[cells]] = True
            used[number, n_rows + part.columns[cells]] = True
    return np.where(depends.any(axis=1, keepdims=True), depends, used)
