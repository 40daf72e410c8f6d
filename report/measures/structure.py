"""The structure of one panel: how far categories keep to themselves, how evenly rows spread, how far the axes agree.

Everything here describes the counts at hand. Nothing is corrected for base rates but assortativity; read the spread of
a row beside that of all units, which `Structure.baseline` holds.

What sizes make of crossings where all keep to themselves alike is `by_size`: m_ab = alpha_a beta_b, times one number
for all categories where a is b: independence but for a diagonal that is heavier by a common factor (the model of a
uniform diagonal, "fixed distance" with two levels; Goodman 1972, in Agresti 2013, "Categorical Data Analysis", section
11.4). Quasi-independence would fit each category's own crossings and could never find that one has many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from ..arrays import Floats, over
from ..cells import Refusal
from ..incidence import Incidence
from ..matrices.counts import labelled_on_both, refuse_diagonal, refuse_several, totals

Answer = float | Refusal | None
"""A number; why there is none; or None where the formula divides by nothing."""

STRUCTURE_HEADER = ("panel", "category", "quantity", "value", "n_given", "n_outcome", "reason")
"""The columns of `structure_rows`; `category` is None for the whole panel and the baseline."""

_CERTAIN = 1e-12
"""Margins that agree by chance this near to always, and entropies this near to none, are certain but for rounding."""


@dataclass(frozen=True, slots=True)
class RowSpread:
    """How unevenly a row spreads over outcome categories; None where it is empty or there are fewer than two.

    `gini` 0 (even) to 1 (one category); `evenness` 1 (even) to 0; `hhi` 1/K (even) to 1, for K categories.
    """

    gini: float | None
    evenness: float | None
    hhi: float | None


@dataclass(frozen=True, slots=True)
class CategoryStructure:
    """One given category: its sizes, how far it keeps to itself, and how its row spreads.

    `n_outcome` is the size of the same category on the outcome side, None where the axes differ.
    `self_share` is n_aa / n_a. `export_share` is the share of the units with given category a that have
    another outcome category; `import_share` the share of the units with outcome category a that have another
    given category. A unit with several categories may do both, one without a category neither, so self share
    and export add up to one only where every unit has one category.
    """

    category: str
    n_given: float
    n_outcome: float | None
    self_share: Answer
    import_share: Answer
    export_share: Answer
    spread: RowSpread


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a panel, given categories in declared order.

    `baseline` is the spread of all units over outcome categories. `assortativity` is Newman's r; `u_outcome`
    the share of the uncertainty about the outcome category that the given category removes (Theil's U), and
    `u_given` the reverse. `n_both` is what these three rest on: units with a category on both sides (or
    their weight).
    """

    categories: tuple[CategoryStructure, ...]
    baseline: RowSpread
    n_both: float
    assortativity: Answer
    u_outcome: Answer
    u_given: Answer


def structure(incidence: Incidence, *, reverse: bool = False) -> Structure:
    """Return the structure of the panel with rows as given; with `reverse` columns as given.

    Where the diagonal is trivial it is left out of spreads, and what rests on it is refused. Outcome
    categories that no unit has are no categories to spread over.
    """
    joint, given, outcome = totals(incidence, incidence.weight)
    exported, imported = _crossings(incidence)
    names = (incidence.columns if reverse else incidence.rows).categories
    if reverse:
        joint, given, outcome, exported, imported = joint.T, outcome, given, imported, exported
    diagonal, several = refuse_diagonal(incidence), refuse_several(incidence)
    trivial = diagonal if incidence.trivial_diagonal else None
    one_taxonomy = incidence.same_taxonomy
    present = outcome > 0
    shaded = _withheld(incidence, reverse=reverse)
    categories = []
    for i, name in enumerate(names):
        over = present if trivial is None else present & (np.arange(len(outcome)) != i)
        categories.append(
            CategoryStructure(
                category=name,
                n_given=float(given[i]),
                n_outcome=float(outcome[i]) if one_taxonomy else None,
                self_share=diagonal or _known(_ratio(joint[i, i], given[i]), withheld=shaded[i]),
                import_share=diagonal or _known(_ratio(imported[i], outcome[i]), withheld=shaded[i]),
                export_share=diagonal or _known(_ratio(exported[i], given[i]), withheld=shaded[i]),
                spread=_spread(joint[i, over], withheld=shaded[i]),
            )
        )
    return Structure(
        categories=tuple(categories),
        baseline=spread(outcome[present]),
        n_both=float(incidence.weight[labelled_on_both(incidence)].sum()),
        assortativity=diagonal or several or assortativity(joint),
        u_outcome=trivial or several or uncertainty(joint),
        u_given=trivial or several or uncertainty(joint.T),
    )


def _withheld(incidence: Incidence, *, reverse: bool) -> list[bool]:
    """Return which given categories have withheld cells; on one taxonomy also as outcome."""
    withheld = incidence.withheld
    if withheld is None:
        return [False] * len((incidence.columns if reverse else incidence.rows).categories)
    given, outcome = np.nonzero(withheld.T if reverse else withheld)
    shaded = {*given.tolist(), *(outcome.tolist() if incidence.same_taxonomy else ())}
    return [i in shaded for i in range(withheld.shape[1 if reverse else 0])]


def _known(share: float | None, *, withheld: bool) -> Answer:
    """Return a share; none where it says "none" or "all" and a few may be withheld."""
    return Refusal("cells of this category are withheld for confidentiality") if withheld and share in (0, 1) else share


def _spread(row: Floats, *, withheld: bool) -> RowSpread:
    """Return how a row spreads; nothing where it is in one category and a few elsewhere may be withheld."""
    return RowSpread(None, None, None) if withheld and int((row > 0).sum()) <= 1 else spread(row)


def _crossings(incidence: Incidence) -> tuple[Floats, Floats]:
    """Return what leaves each row category and what enters each column category, (R,) and (C,).

    Whole units count if any other category is on the other side; fractional ones by the part that is.
    Nothing crosses where the axes differ, since there is no "other" category then.
    """
    if not incidence.same_taxonomy:
        return np.zeros(incidence.row_sets.shape[1]), np.zeros(incidence.column_sets.shape[1])
    if incidence.fractional:
        joint, _, _ = totals(incidence, incidence.weight)
        own = np.diag(joint)
        return joint.sum(axis=1) - own, joint.sum(axis=0) - own
    rows, columns = incidence.distinct_sets
    other_columns = columns.sum(axis=1, keepdims=True) - columns > 0
    other_rows = rows.sum(axis=1, keepdims=True) - rows > 0
    weight = incidence.by_distinct(incidence.weight)[:, None]
    return (rows * other_columns * weight).sum(axis=0), (columns * other_rows * weight).sum(axis=0)


def _ratio(part: float, whole: float) -> float | None:
    return None if whole == 0 else _share(float(part) / float(whole))


def _share(value: float) -> float:
    """Return a value that only rounding puts outside 0 to 1, or at -0."""
    return min(max(value, 0.0), 1.0) + 0.0


def spread(row: Floats) -> RowSpread:
    """Return how a row (K,) of counts spreads."""
    return RowSpread(gini(row), evenness(row), hhi(row))


def gini(row: Floats) -> float | None:
    """Return sum_ij |x_i - x_j| / (2 K sum x) times K / (K - 1): 0 where even, 1 where one category has all.

    The mean difference over pairs of different categories (Gini 1912), with the small-sample correction of
    Deltas (2003), "The small-sample bias of the Gini coefficient", Review of Economics and Statistics 85:
    without it the largest value would be 1 - 1/K. None for an empty row or fewer than two categories.

    >>> gini(np.array([0.0, 0.0, 7.0])), gini(np.array([2.0, 2.0]))
    (1.0, 0.0)
    """
    k, total = len(row), float(row.sum())
    if k < 2 or total <= 0:
        return None
    ordered = np.sort(row)
    # sum_ij |x_i - x_j| = 2 sum_i (2i - K - 1) x_(i), ordered upwards from i = 1.
    weighted = float((2 * np.arange(1, k + 1) - k - 1) @ ordered)
    return _share(weighted / ((k - 1) * total))


def evenness(row: Floats) -> float | None:
    """Return -sum q ln q / ln K with q = x / sum x: 1 where even, 0 where one category has all.

    Pielou (1966), "The measurement of diversity in different types of biological collections", Journal of
    Theoretical Biology 13. K counts the categories there are, not those the row reaches: a row that reaches
    one of nine is as uneven as can be, not undefined. None for an empty row or fewer than two categories.
    """
    k, total = len(row), float(row.sum())
    if k < 2 or total <= 0:
        return None
    return _share(_entropy(row / total) / float(np.log(k)))


def hhi(row: Floats) -> float | None:
    """Return sum q^2 with q = x / sum x: the chance that two draws from the row agree, 1/K to 1.

    Herfindahl (1950), Hirschman (1964); in ecology Simpson (1949). None for an empty row or fewer than two
    categories.
    """
    total = float(row.sum())
    if len(row) < 2 or total <= 0:
        return None
    q = row / total
    return _share(float(q @ q))


def assortativity(joint: Floats) -> float | None:
    """Return (sum_a e_aa - sum_a e_a. e_.a) / (1 - sum_a e_a. e_.a) with e = joint / sum: Newman's r.

    1 where equal categories always meet, 0 where they meet as often as margins alone would give; the least
    value depends on the margins and is above -1. Newman (2003), "Mixing patterns in networks", Physical
    Review E 67, 026126, eq. 2; the same number is Cohen's kappa (1960). `joint` (K, K) is a table of units,
    each in one cell. None without units, and where the margins leave only one cell.
    """
    total = float(joint.sum())
    if total <= 0:
        return None
    e = joint / total
    by_margins = float(e.sum(axis=1) @ e.sum(axis=0))
    if 1 - by_margins < _CERTAIN:
        return None
    return min((float(np.trace(e)) - by_margins) / (1 - by_margins), 1.0)


def uncertainty(joint: Floats) -> float | None:
    """Return I(given; outcome) / H(outcome), 0 to 1: how much less uncertain the outcome is, given the row.

    Theil's U, the uncertainty coefficient: Theil (1970), "On the estimation of relationships involving
    qualitative variables", American Journal of Sociology 76. Directed; 0 where the axes are unrelated, 1
    where the row decides the column. `joint` (R, C) is a table of units, each in one cell; transposed it gives
    the other direction. None without units, and where all have one outcome category.
    """
    total = float(joint.sum())
    if total <= 0:
        return None
    p = joint / total
    given, outcome = _entropy(p.sum(axis=1)), _entropy(p.sum(axis=0))
    if outcome < _CERTAIN:
        return None
    return _share((given + outcome - _entropy(p)) / outcome)


def _entropy(p: Floats) -> float:
    return float(-xlogy(p, p).sum())


def structure_rows(panel: str, found: Structure) -> tuple[tuple[str | float | None, ...], ...]:
    """Return a panel's structure as rows of STRUCTURE_HEADER: one number each, with its sizes or its reason.

    Undefined and refused numbers have no value; only refused ones have a reason.
    """
    rows: list[tuple[str | float | None, ...]] = []

    def add(category: str | None, quantity: str, value: Answer, sizes: tuple[float | None, float | None]) -> None:
        number, reason = (None, value.reason) if isinstance(value, Refusal) else (value, None)
        rows.append((panel, category, quantity, number, sizes[0], sizes[1], reason))

    for of in found.categories:
        sizes = (of.n_given, of.n_outcome)
        for quantity in ("self_share", "import_share", "export_share"):
            add(of.category, quantity, getattr(of, quantity), sizes)
        for quantity in ("gini", "evenness", "hhi"):
            add(of.category, quantity, getattr(of.spread, quantity), sizes)
    for quantity in ("gini", "evenness", "hhi"):
        add(None, f"baseline_{quantity}", getattr(found.baseline, quantity), (None, None))
    whole = {"assortativity": found.assortativity, "theil_u_outcome": found.u_outcome, "theil_u_given": found.u_given}
    for quantity, value in whole.items():
        add(None, quantity, value, (found.n_both, found.n_both))
    return tuple(rows)


_SCALINGS, _SCALED = 150, 1e-9


_NOTHING, _FURTHEST = 1e-300, 100.0  # of factors, and of their logs: a table without a fit has none that end


def by_size(joint: Floats) -> Floats:
    """Return the fit to joint counts (..., K, K): their row sums, column sums and sum of the diagonal.

    By iterative proportional scaling (Deming & Stephan 1940) of the factors alone, all tables at once; 0 where nothing
    crosses. Where most keep to themselves it takes hundreds of steps, so each third one goes on along the two before it
    (SQUAREM, scheme S3; Varadhan & Roland 2008, "Simple and globally convergent methods for accelerating the
    convergence of any EM algorithm", Scandinavian Journal of Statistics 35).
    """
    kept = np.trace(joint, axis1=-2, axis2=-1)[..., None]
    left = joint.sum(axis=(-2, -1))[..., None] - kept
    rows, columns = joint.sum(axis=-1) * (left > 0), joint.sum(axis=-2) * (left > 0)

    def scaled(logs: Floats) -> Floats:
        alpha, beta, heavier = _factors_of(logs, rows)
        beta = over(columns, alpha.sum(axis=-1, keepdims=True) + (heavier - 1) * alpha)
        same = (alpha * beta).sum(axis=-1, keepdims=True)
        rest = alpha.sum(axis=-1, keepdims=True) * beta.sum(axis=-1, keepdims=True) - same
        made = np.concatenate([beta, over(kept * rest, left * same)], axis=-1)
        return np.asarray(np.clip(np.log(np.maximum(made, _NOTHING)), -_FURTHEST, _FURTHEST))

    logs = np.zeros((*columns.shape[:-1], columns.shape[-1] + 1))
    for _ in range(_SCALINGS):
        before, once = logs, scaled(logs)
        logs = scaled(once)
        if (np.abs(logs - before - (once - before)) <= _SCALED).all():
            break
        logs = scaled(_further(before, once, logs))
    alpha, beta, heavier = _factors_of(logs, rows)
    scale = np.where(np.eye(joint.shape[-1], dtype=np.bool_), heavier[..., None], left[..., None] > 0)
    return np.asarray(alpha[..., :, None] * beta[..., None, :] * scale)


def _factors_of(logs: Floats, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Return alpha (..., K), beta (..., K) and by what the diagonal is heavier (..., 1)."""
    beta, heavier = np.exp(logs[..., :-1]), np.exp(logs[..., -1:])
    return over(rows, beta.sum(axis=-1, keepdims=True) + (heavier - 1) * beta), beta, heavier


def _further(before: Floats, once: Floats, twice: Floats) -> Floats:
    """Return where two steps lead to that go on as they have begun (SQUAREM, scheme S3), each table by itself."""
    first = once - before
    bend = twice - before - first - first
    moved, bent = ((part**2).sum(axis=-1, keepdims=True) for part in (first, bend))
    length = np.maximum(np.sqrt(over(moved, bent, 1.0)), 1.0)
    return np.asarray(np.clip(before + 2 * length * first + length**2 * bend, -_FURTHEST, _FURTHEST))


def due_through(joint: Floats) -> Floats:
    """Return the share of all crossings (..., K) that each category's size makes pass through it, at most.

    There are two ways to keep to oneself alike: all categories meet themselves more often than others by one factor
    (`by_size`), or units of all stay with one chance, and those that move go where sizes lead them, so that crossings
    are as the product of both margins. Which one holds nobody knows: the larger of both is what size may make.
    """
    margins = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    return np.maximum(share_through(by_size(joint)), share_through(margins))


def share_through(table: Floats) -> Floats:
    """Return the share of the crossings of tables (..., K, K) that each category (..., K) is on one side of."""
    own = np.diagonal(table, axis1=-2, axis2=-1)
    crossing = table.sum(axis=(-2, -1)) - own.sum(axis=-1)
    through = table.sum(axis=-1) + table.sum(axis=-2) - 2 * own
    return over(through, crossing[..., None])
