"""The story: which statements a report begins with, by how much of what departs from base rates each accounts for.

A finding accounts for the pairs of categories that it names (`statements.Account`); what a pair departs by is that of
`departures`, additive over pairs. Statements are taken one after the other, each time the one that adds most to what
is told already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..inference.totals import proportion
from ..matrices.counts import shares, skipping_zeros
from .agreement import Activity
from .composition import beyond_chance
from .finding import Finding, KeyNumber, Recipe, Study
from .kinds import kinds_of
from .statements import Account

_NEARLY = 0.9
"""Of the units without the one category so many at least have the other, and of those with it so many have not."""


class Implications:
    """What is implied by pairs, by their place in the flat table (R, C)."""

    def __init__(self, study: Study) -> None:
        """Look at the counts of a study; of a kind with itself over a shared key nothing is implied."""
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
        """Return whether a column, by its number, and another divide nearly all units between them."""
        return bool(self._opposites[1][column] >= 0)

    def of(self, place: int) -> list[int]:
        """Return the places that the pair at a place tells of, its own too, in order."""
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
    """Return for each category of a side (p, K) the one that nearly all units have that are without it, else -1."""
    has = (side > 0).astype(np.float64)
    both = skipping_zeros(has, has) @ (has * weight[:, None])
    sizes, total = both.diagonal(), float(weight.sum())
    without = total - sizes
    other = sizes[None] - both  # units with the second and without the first
    nearly = (other >= _NEARLY * without[:, None]) & (other >= _NEARLY * sizes[None]) & (sizes[None] > 0)
    nearly &= nearly.T & (sizes[:, None] > 0) & ~np.eye(len(sizes), dtype=np.bool_)
    return np.where(nearly.any(axis=1), nearly.argmax(axis=1), -1)


MOST = 5
"""Statements that are told first, at most."""
_HARDLY = 0.5
"""Of the logarithm of what strata show: over all less is about as often."""
ENOUGH = 0.9
"""Of what departs: once so much is told, nothing is added."""


@dataclass(frozen=True, slots=True)
class Named:
    """A pair of categories as a sentence about one of them sees it: n_given units have it, n_joint the other too.

    `row` and `column` are the pair, `outcome` is the one of them that is the other. `within` is observed over expected
    within strata, pooled, None without; `n_informative` strata could have shown an association in either direction, and
    their own ratios run from `lowest` to `highest`, None where there are none or units of the pair are withheld.
    `precise`: the share, and that of the units without the first, have intervals narrow enough for a sentence.
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

    @property
    def given(self) -> str:
        """The category that the sentence is about."""
        return self.row if self.outcome == self.column else self.column

    @property
    def share(self) -> float:
        """Of the units with the first, the share that have the other."""
        return self.n_joint / self.n_given

    @property
    def others(self) -> float | None:
        """Of the units without the first, the share that have the other; None where there are none."""
        rest = self.n_units - self.n_given
        return (self.n_outcome - self.n_joint) / rest if rest > 0 else None

    @property
    def hidden(self) -> bool:
        """Whether only strata show it: over all the others have it about as often, or it is the other way round."""
        if not self.within or not self.times:
            return False
        over_all, inside = math.log(self.times), math.log(self.within)
        return over_all * inside <= 0 or abs(over_all) < _HARDLY * abs(inside)

    @property
    def times(self) -> float | None:
        """How many times as often as the others; None where none of these has it."""
        return self.share / self.others if self.others else None


@dataclass(frozen=True, slots=True)
class Point:
    """A statement of a finding, by its id: about a category of the `side` "rows" or "columns", or about all of them.

    `pairs` are those that it names, most telling first; empty where it is about more than can be named.
    With what these imply it makes `adds` of all that departs, over what the points before it account for.
    `turned`: it is about a column and told of rows, how many of each have it: see `_is_turned`.
    """

    finding: str
    side: str | None
    category: str | None
    pairs: tuple[Named, ...]
    adds: float
    turned: bool = False


@dataclass(frozen=True, kw_only=True)
class Story(Finding):
    """The statements to begin with, those first that add most. Null where no finding accounts for anything."""

    kind = "story"
    points: tuple[Point, ...]
    stratified: bool = False

    @property
    def told(self) -> float:
        """What the points make of all that departs from base rates (0 to 1)."""
        return min(math.fsum(point.adds for point in self.points), 1.0)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        first = next((point.pairs[0] for point in self.points[:1] if point.pairs), None)
        return KeyNumber(
            (first.row, first.column) if first else (), self.told if self.points else None, exact=True, plain=True
        )

    def evidence(self) -> Iterator[Recipe]:
        """Yield the calculations of its numbers."""
        for at, pair in (
            (f"points.{i}.pairs.{j}", p) for i, q in enumerate(self.points) for j, p in enumerate(q.pairs)
        ):
            terms = {"n_ab": f"{at}.n_joint", "n_a": f"{at}.n_given"}
            yield Recipe("share_of", "n_ab / n_a", terms, f"{at}.share", names=(pair.given, pair.outcome))
        yield Recipe("told", "sum of what each adds", {"n_points": "points.#"}, "told")


def tell(study: Study, found: Sequence[Finding]) -> list[Story]:
    """Return the story of a relation's findings; nothing where no pair can be judged."""
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
    """Yield what findings account for.

    Where how many labels units have makes any two categories meet more often, each pair by a factor of its own, only
    pairs that meet less often are told.
    """
    of = {kind.of: kind for kind in kinds_of(study)}
    by_activity = any(isinstance(f, Activity) and not f.null and f.is_clear for f in found)
    for account in (a for f in found if not f.null and type(f) in of for a in of[type(f)].accounts(f, study)):
        if not by_activity:
            yield account
        elif account.most is not None:
            yield replace(account, pairs=account.pairs & (study.joint < study.expected))


def _chosen(study: Study, accounts: Sequence[Account], departs: Floats) -> Iterator[Point]:
    """Yield the points: each time the account that adds most, the first of those that add the same."""
    total, left, open_ = float(departs.sum()), departs.copy(), list(accounts)
    implications = Implications(study)
    for _ in range(MOST):
        named = [_named(account, left, implications) for account in open_]
        adds = [float(left[told].sum()) for _, told in named]
        # Of statements that say the same, one turned round, that whose own pairs depart most.
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
    """Return the places (flat) of the pairs that an account would name, most telling first, and all (R, C) they tell.

    Of those not told it names at most so many, each time the one that tells most with what it implies.
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
    """Return whether an account of a column is told of rows, how many of each have it.

    So it is where the column and another divide nearly all units between them, as who survived and who died: of such a
    question people ask how the rows answer it, not what those who say yes are made of. A row is told of as it is: rows
    are what is given in the first panel, as the arms of a trial are.
    """
    if account.category is None or account.side != "columns" or study.tables.incidence.trivial_diagonal:
        return False
    return implications.has_opposite(study.columns.index(account.category))


def _pairs(study: Study, account: Account, places: Sequence[int], *, turned: bool) -> Iterator[Named]:
    """Yield the pairs at these places as seen from the account's category, or from the others (`turned`)."""
    counts = study.tables.counts
    for place in places:
        i, j = divmod(place, len(study.columns))
        row, column, sizes = study.rows[i], study.columns[j], (float(counts.given[i]), float(counts.outcome[j]))
        # A kind with itself over a shared key: its categories stand on either side.
        as_column = account.side == "columns" or (
            study.tables.incidence.trivial_diagonal and account.category == column
        )
        by_column = as_column != turned
        within = None if counts.expected_within is None else float(counts.expected_within[i, j])
        joint = float(counts.joint[i, j])
        yield Named(
            row,
            column,
            row if by_column else column,
            joint,
            *(sizes[::-1] if by_column else sizes),
            n_units=float(counts.n_units),
            within=joint / within if within else None,
            precise=_is_precise(study, i, j, by_column=by_column),
            **_over_strata(study, i, j),
        )


def _is_precise(study: Study, row: int, column: int, *, by_column: bool) -> bool:
    """Return whether a sentence may use the shares of a pair: of the units with the first category and of the others.

    None of either, or all, is a count.
    """
    incidence, level = study.tables.incidence, study.inference.level
    sides = tuple(side[:, at] for side, at in zip(shares(incidence), (row, column), strict=True))
    given, outcome = sides[::-1] if by_column else sides
    found = [proportion(whole * outcome, whole, incidence, level) for whole in (given, 1 - given)]
    return all(math.isnan(e.value) or e.value in (0, 1) or e.is_precise_share for e in found)


def _over_strata(study: Study, row: int, column: int) -> dict[str, Any]:
    """Return how many strata are informative of a pair, and the range of its ratio over them.

    No range where units of the pair are withheld: a stratum would seem to have none.
    """
    if not study.tables.stratified:
        return {}
    tables, reduced = study.tables.homogeneity.of_pair(row, column), study.tables.incidence.reduced
    ratios = tables.ratio[tables.informative]
    if not len(ratios) or (reduced is not None and reduced[row, column]):
        return {"n_informative": len(ratios)}
    return {"n_informative": len(ratios), "lowest": float(ratios.min()), "highest": float(ratios.max())}
