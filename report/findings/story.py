"""Choose the key statements that begin a report, by their shares of the total deviation from base rates.

Each finding accounts for the pairs of categories that it names (`statements.Account`). The deviation of a pair is
defined in `departures` and is additive over pairs. Statements are chosen one after the other. Each time, the statement
that adds most to the deviation already covered comes next.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..cells import Estimate
from ..incidence import IF_SET
from ..inference.totals import proportion
from ..matrices.counts import shares, skipping_zeros
from .agreement import Activity
from .composition import beyond_chance
from .finding import Finding, KeyNumber, Study
from .gradient import Gradient
from .kinds import KINDS
from .statements import Account

_NEARLY = 0.9
"""The smallest share of units without one category that have the other, and of units with the other that lack the
first."""


class Implications:
    """The pairs that other pairs imply, by their place in the flat table (R, C)."""

    def __init__(self, study: Study) -> None:
        """Prepare the counts of a study. A kind with itself over a shared key has no implications."""
        counts, incidence = study.tables.counts, study.tables.incidence
        self._shape = counts.joint.shape
        sides = [np.zeros((0, n)) for n in self._shape]
        if not incidence.trivial_diagonal:
            sides = list(shares(incidence, incidence.distinct[0]))
        weight = incidence.by_distinct(incidence.weight)[: len(sides[0])]
        self._opposites = [_opposites(side, weight) for side in sides]
        one_row, one_column = (len(side) > 0 and bool(((side > 0).sum(axis=1) <= 1).all()) for side in sides)
        joint = counts.joint > 0
        self._whole_rows: Bools = joint & (counts.joint == counts.given[:, None]) & one_column
        self._whole_columns: Bools = joint & (counts.joint == counts.outcome[None]) & one_row

    def has_opposite(self, column: int) -> bool:
        """Return whether a column, by its number, and another column divide nearly all units between them."""
        return bool(self._opposites[1][column] >= 0)

    def of(self, place: int) -> list[int]:
        """Return the places that a pair implies, including its own, in order."""
        i, j = divmod(place, self._shape[1])
        row, column = int(self._opposites[0][i]), int(self._opposites[1][j])
        rows, columns = [i, *([row] if row >= 0 else [])], [j, *([column] if column >= 0 else [])]
        found = [(a, b) for a in rows for b in columns]
        if self._whole_rows[i, j]:
            found += [(i, b) for b in range(self._shape[1])]
        if self._whole_columns[i, j]:
            found += [(a, j) for a in range(self._shape[0])]
        return sorted({a * self._shape[1] + b for a, b in found})


def _opposites(side: Floats, weight: Floats) -> Ints:
    """Return for each category of a side (p, K) the category of nearly all units without it, or -1."""
    has = (side > 0).astype(np.float64)
    both = skipping_zeros(has, has) @ (has * weight[:, None])
    sizes, total = both.diagonal(), float(weight.sum())
    without = total - sizes
    other = sizes[None] - both  # units with the second and without the first
    nearly = (other >= _NEARLY * without[:, None]) & (other >= _NEARLY * sizes[None]) & (sizes[None] > 0)
    nearly &= nearly.T & (sizes[:, None] > 0) & ~np.eye(len(sizes), dtype=np.bool_)
    return np.where(nearly.any(axis=1), nearly.argmax(axis=1), -1)


MOST = 5
"""The largest number of key statements."""
_HARDLY = 0.5
"""The share of the log ratio within strata below which the ratio over all units counts as no association."""
ENOUGH = 0.9
"""The share of the total deviation from which no more statements are added."""


@dataclass(frozen=True, slots=True)
class NamedPair:
    """A pair of categories from the side of one: n_given units have that category, n_joint of them the other too.

    `row` and `column` are the pair, and `outcome` is the other category. `within` is the pooled ratio of observed to
    expected within strata, or None without strata. `n_informative` strata could have shown an association in either
    direction. Their own ratios run from `lowest` to `highest`, both None if there are no such strata or units of the
    pair are withheld. `precise` means that the intervals of the share and of the comparison share are narrow enough for
    a sentence. If the diagonal is empty by design, `n_impossible` units cannot have the pair, because their own
    category is its other one, and `fitted` is its expected number of units.
    """

    row: str
    column: str
    outcome: str
    n_joint: float
    n_given: float
    n_outcome: float
    n_units: float
    within: float | None
    n_informative: int = 0
    lowest: float | None = None
    highest: float | None = None
    precise: bool = True
    n_impossible: float | None = field(default=None, metadata=IF_SET)
    fitted: float | None = field(default=None, metadata=IF_SET)

    @property
    def given(self) -> str:
        """The category that the sentence is about."""
        return self.row if self.outcome == self.column else self.column

    @property
    def share(self) -> float:
        """The share of units with the given category that have the other one."""
        return self.n_joint / self.n_given

    @property
    def others(self) -> float | None:
        """The share of units without the given category that have the other one; None if there are no such units."""
        rest = self.n_units - self.n_given - (self.n_impossible or 0)
        return (self.n_outcome - self.n_joint) / rest if rest > 0 else None

    @property
    def expected(self) -> float:
        """The number of units with both categories that is expected by chance."""
        if self.fitted is not None:
            return self.fitted
        return self.n_given * self.n_outcome / self.n_units

    @property
    def expected_within(self) -> float | None:
        """The number of units with both categories that is expected within strata; None without strata or units."""
        return self.n_joint / self.within if self.within else None

    @property
    def hidden(self) -> bool:
        """Whether only strata show the association: over all units it is absent or has the opposite direction."""
        if not self.within or not self.times:
            return False
        over_all, inside = math.log(self.times), math.log(self.within)
        return over_all * inside <= 0 or abs(over_all) < _HARDLY * abs(inside)

    @property
    def times(self) -> float | None:
        """The ratio of `share` to `others`; None if no other unit has the outcome."""
        return self.share / self.others if self.others else None


@dataclass(frozen=True, slots=True)
class Point:
    """A statement of a finding, by its id, about one category of the `side` "rows" or "columns", or about all.

    `pairs` are the pairs that it names, the largest contribution first. They are empty if there are too many to name.
    With the pairs implied by them, the statement `adds` this share of the total deviation to the points before it.
    `turned`: the statement about a column gives the share of each row with the column's category (see `_is_turned`).
    """

    finding: str
    side: str | None
    category: str | None
    pairs: tuple[NamedPair, ...]
    adds: float
    turned: bool = False


@dataclass(frozen=True, kw_only=True)
class Story(Finding):
    """The key statements, the largest addition first. Null if no finding accounts for any deviation."""

    kind = "story"
    place = None
    points: tuple[Point, ...]
    stratified: bool = False

    @property
    def told(self) -> float:
        """The share of the total deviation from base rates that the points cover (0 to 1)."""
        return min(math.fsum(point.adds for point in self.points), 1.0)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        first = next((point.pairs[0] for point in self.points[:1] if point.pairs), None)
        told = Estimate(self.told) if self.points else None
        return KeyNumber((first.row, first.column) if first else (), told)


def tell(study: Study, found: Sequence[Finding]) -> list[Story]:
    """Return the story of a relation's findings, or an empty list if no pair has enough data."""
    departs, judged = beyond_chance(study)
    if not judged.any():
        return []
    points = tuple(_chosen(study, list(_accounts(study, found)), departs))
    cells = (ref for point in points for pair in point.pairs for ref in study.refs(pair.row, pair.column))
    return [
        Story(
            id="story",
            null=not points,
            cells=tuple(dict.fromkeys(cells)),
            points=points,
            stratified=study.tables.stratified,
        )
    ]


def _accounts(study: Study, found: Sequence[Finding]) -> Iterator[Account]:
    """Yield the pairs that each finding accounts for.

    If the number of labels per unit makes all categories meet more often, by a factor that varies between pairs, only
    pairs that meet less often are used.
    """
    of = {kind.of: kind for kind in KINDS.values()}
    by_activity = any(isinstance(f, Activity) and not f.null and f.is_clear for f in found)
    accounts = [a for f in found if not f.null and type(f) in of for a in of[type(f)].accounts(f, study)]
    for account in _beside_gradients(accounts, {f.id for f in found if isinstance(f, Gradient)}):
        if not by_activity:
            yield account
        elif account.most is not None:
            yield replace(account, pairs=account.pairs & (study.joint < study.expected))


def _beside_gradients(accounts: Sequence[Account], gradients: Collection[str]) -> Iterator[Account]:
    """Yield accounts; those of single pairs without the pairs of a gradient, which describes them together."""
    described = [account.pairs for account in accounts if account.finding in gradients]
    for account in accounts:
        if described and account.finding not in gradients:
            account = replace(account, pairs=account.pairs & ~np.any(described, axis=0))  # noqa: PLW2901
        if account.pairs.any():
            yield account


def _chosen(study: Study, accounts: Sequence[Account], departs: Floats) -> Iterator[Point]:
    """Yield the points: each time the account that adds most, and the first account in a tie."""
    total, left, open_ = float(departs.sum()), departs.copy(), list(accounts)
    implications = Implications(study)
    for _ in range(MOST):
        named = [_named(account, left, implications) for account in open_]
        adds = [float(left[told].sum()) for _, told in named]
        # If two statements cover the same pairs (one turned), prefer the one whose named pairs deviate most.
        own = [sum(left.flat[places].tolist()) for places, _ in named]
        best = max(range(len(adds)), key=lambda k: (adds[k], own[k], -k), default=0)
        if not adds or adds[best] <= 0 or left.sum() <= (1 - ENOUGH) * total:
            return
        account, (places, told) = open_.pop(best), named[best]
        left[told] = 0
        turned = _is_turned(study, account, implications)
        pairs = tuple(_pairs(study, account, places, turned=turned))
        yield Point(account.finding, account.side, account.category, pairs, adds[best] / total, turned)


def _named(account: Account, left: Floats, implications: Implications) -> tuple[list[int], Bools]:
    """Return the (flat) places of the pairs that an account would name, largest first, and all pairs (R, C) covered.

    It names at most `account.most` of the uncovered pairs. Each time, the pair that covers most with its implications
    is next.
    """
    if account.most is None:
        return [], account.pairs
    places: list[int] = []
    told = np.zeros_like(account.pairs)
    left = left.copy()
    for _ in range(account.most):
        open_ = [int(place) for place in np.flatnonzero(account.pairs & (left > 0))]
        if not open_:
            break
        adds = {place: float(left.flat[implications.of(place)].sum()) for place in open_}
        places.append(max(open_, key=lambda place: (adds[place], left.flat[place], -place)))
        told.flat[implications.of(places[-1])] = True
        left[told] = 0
    return places, told


def _is_turned(study: Study, account: Account, implications: Implications) -> bool:
    """Return whether a statement about a column gives the share of each row that has the column's category.

    This applies if the column and another divide nearly all units between them, such as survived and died. Readers of
    such a question want the answer for each row, not the make-up of those who say yes. A statement about a row is never
    turned, because the first panel conditions on rows, such as the arms of a trial.
    """
    if account.category is None or account.side != "columns" or study.tables.incidence.trivial_diagonal:
        return False
    return implications.has_opposite(study.columns.index(account.category))


def _pairs(study: Study, account: Account, places: Sequence[int], *, turned: bool) -> Iterator[NamedPair]:
    """Yield the pairs at these places from the side of the account's category, or from the other side (`turned`)."""
    counts, empty_diagonal = study.tables.counts, study.tables.empty_diagonal
    for place in places:
        i, j = divmod(place, len(study.columns))
        row, column, sizes = study.rows[i], study.columns[j], (float(counts.given[i]), float(counts.outcome[j]))
        # In a kind with itself over a shared key, a category can be on either side.
        as_column = account.side == "columns" or (
            study.tables.incidence.trivial_diagonal and account.category == column
        )
        by_column = as_column != turned
        within = None if counts.expected_within is None else float(counts.expected_within[i, j])
        joint = float(counts.joint[i, j])
        yield NamedPair(
            row,
            column,
            row if by_column else column,
            joint,
            *(sizes[::-1] if by_column else sizes),
            n_units=float(counts.n_units),
            within=joint / within if within else None,
            precise=_is_precise(study, i, j, by_column=by_column),
            n_impossible=float(counts.outcome[i] if by_column else counts.given[j]) if empty_diagonal else None,
            fitted=float(counts.expected[i, j]) if empty_diagonal else None,
            **_over_strata(study, i, j),
        )


def _is_precise(study: Study, row: int, column: int, *, by_column: bool) -> bool:
    """Return whether both shares of a pair (with and without the first category) are precise enough for a sentence.

    Shares of 0 and 1 are counts.
    """
    incidence, level = study.tables.incidence, study.inference.level
    sides = tuple(side[:, at] for side, at in zip(shares(incidence), (row, column), strict=True))
    given, outcome = sides[::-1] if by_column else sides
    found = [proportion(whole * outcome, whole, incidence, level) for whole in (given, 1 - given)]
    return all(math.isnan(e.value) or e.value in (0, 1) or e.is_precise_share for e in found)


def _over_strata(study: Study, row: int, column: int) -> dict[str, Any]:
    """Return the number of informative strata of a pair, and the range of its ratio over them.

    The range is None if units of the pair are withheld, because a stratum could then seem to have none.
    """
    if not study.tables.stratified:
        return {}
    tables, reduced = study.tables.homogeneity.of_pair(row, column), study.tables.incidence.reduced
    ratios = tables.ratio[tables.informative]
    if not len(ratios) or (reduced is not None and reduced[row, column]):
        return {"n_informative": len(ratios)}
    return {"n_informative": len(ratios), "lowest": float(ratios.min()), "highest": float(ratios.max())}
