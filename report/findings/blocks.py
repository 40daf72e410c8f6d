"""Blocks: groups of associated categories that recur in resamples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Floats, Indices, over
from ..cells import CellRef, Estimate, Refusal
from ..inference.crossings import fit_without
from ..inference.drawing import RESAMPLES, Totals, bagged, draw, resampling
from ..matrices.counts import Counts
from ..matrices.seriation import groups, likenesses
from ..panels import LIFT, Against, Basis, judged_against
from .finding import Finding, KeyNumber, Study, slug
from .statements import Account, FindingKind

_RECURRING = 0.8
"""The share of resamples in which a block must recur to be reported."""

Side = Literal["both", "rows", "columns"]

_ALIKE = 0.75
"""The smallest overlap of distributions at which categories look similar."""
_ALL_ALIKE = 0.9
"""The mean overlap of the categories of a side from which all of them are similar, so that no block is distinct."""
_LEAST_CATEGORIES = 4
"""The smallest number of categories of a side: of three, two are always the most similar."""
_RIVALS = 60
"""The number of other pairs, the most similar first, that a block of one side is compared with in resamples."""
_SURELY = 0.95
"""The smallest share of resamples in which a block of one side must recur."""

_TIE = 1e-12
"""Overlaps that differ by less are equal."""


@dataclass(frozen=True, kw_only=True)
class Block(Finding):
    """A group of categories: with one taxonomy associated with each other, else with the same other categories.

    `side` is "both" with one taxonomy. `n_joining` units have one member on one side and another member on the other
    side, in either order. `expected` is the number expected by `basis` (all: category sizes; strata: category sizes
    within strata; crossing: category sizes among the off-diagonal units). All three are None for a block of one side.

    The group recurs in the share `recurs` of `n_resamples` and is reported from `threshold` on. Otherwise the finding
    is null, and `members` are the block of the data that recurs most, if there is any. `contained` are the members
    whose items are also items of other categories. `recurs` is None if resampling was impossible. `stratified`:
    expected counts are summed over strata, also on the basis "crossing".

    For a block of one side, `overlap` is the smallest overlap of the distributions of two members over the other axis,
    sum over x of min(p_a(x), p_b(x)). `overlap_of_others` is the largest overlap of any other pair of categories with
    enough data, and is smaller than `overlap`.
    """

    kind = "blocks"
    place = "structure"
    describes_pairs = True
    thresholds = (("recurring", _RECURRING),)
    side: Side
    members: tuple[str, ...]
    n_joining: float | None = None
    expected: float | None = None
    basis: Basis | None = None
    recurs: float | None = None
    n_resamples: int = 0
    threshold: float
    contained: tuple[str, ...] = ()
    stratified: bool = False
    overlap: float | None = None
    overlap_of_others: float | None = None

    @property
    def is_alike(self) -> bool:
        """Whether members of a block of one side look similar, not only more similar than other categories."""
        return self.overlap is not None and self.overlap >= _ALIKE

    @property
    def ratio(self) -> float | None:
        """The ratio of observed to expected among the members, or None for a block of one side."""
        return None if self.n_joining is None or not self.expected else self.n_joining / self.expected

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        if self.ratio is None:
            return KeyNumber(self.members, Estimate.of(self.recurs))
        return KeyNumber(self.members, Estimate.of(self.ratio))

    def covers(self, statement: str, categories: Collection[str]) -> bool:
        """Return whether the pair of categories that differ most from chance are two members."""
        is_ours = statement == "surprises.clearest" and not self.null and self.side == "both"
        return is_ours and {*categories} <= {*self.members}


def find(study: Study) -> list[Block]:
    """Return the blocks that recur, the largest share first, or a null finding if there is none.

    All categories together are not a block. Relations over a shared key without strata have no blocks, because the
    total number of labels of a unit makes categories meet. A kind with itself over a shared key has none either,
    because its diagonal is not informative.
    """
    by_activity = study.form == "shared" and not study.tables.stratified
    if not study.joint.any() or study.tables.incidence.trivial_diagonal or by_activity:
        return []
    against = judged_against(study.tables)
    found = _in_data(study, against)
    shares = _recurring(study, against, found) if found else None
    blocks = [
        _block(study, place, against, None if shares is None else share)
        for place, share in zip(found, shares or [0.0] * len(found), strict=True)
    ]
    kept = [block for block in blocks if not block.null]
    if kept:
        return sorted(kept, key=lambda block: -(block.recurs or 0))
    best = max(blocks, key=lambda block: block.recurs or 0, default=None)
    if best is None:
        side: Side = "both" if study.tables.same_taxonomy else "rows"
        return [Block(id="blocks", null=True, side=side, members=(), threshold=_RECURRING)]
    return [replace(best, id="blocks")]


Place = tuple[int, frozenset[int]]
"""The axis (0: rows, or both with one taxonomy; 1: columns) and the numbers of the members."""


def _in_data(study: Study, against: Against) -> list[Place]:
    """Return the blocks of the data with enough units that do not include all categories, in order."""
    if study.tables.same_taxonomy:
        minimum = study.inference.minimum_units
        places = _places(against.counts.joint, against.expected, against.counts, minimum)
        places = [place for place in places if _meeting(against.counts.joint, place[1]) >= minimum]
        return sorted(places, key=lambda place: (place[0], sorted(place[1])))
    sides = study.tables.incidence.rows, study.tables.incidence.columns
    # Neighbours in an order are expected to be similar.
    free = [axis for axis, side in enumerate(sides) if side.ordered is None]
    found = {axis: _most_alike(_overlaps(against.counts.joint, axis), _judged(study)[axis]) for axis in free}
    return [(axis, members) for axis, members in found.items() if members]


def _judged(study: Study) -> tuple[Bools, Bools]:
    """Return which rows (R,) and columns (C,) have enough data, which means at least one testable pair."""
    tested = np.isfinite(study.tables.q_values(study.inference))
    rows: Bools = np.asarray(tested.any(axis=1))
    columns: Bools = np.asarray(tested.any(axis=0))
    return rows, columns


def _overlaps(joint: Floats, axis: int) -> Floats:
    """Return the overlap (n, n) of the distributions of an axis's categories over the other axis."""
    share = _shares(joint, axis)
    return np.array([np.minimum(own, share).sum(axis=1) for own in share]).reshape(len(share), len(share))


def _shares(joint: Floats, axis: int) -> Floats:
    """Return the distributions (..., n, m) of an axis's categories over the other axis, from tables (..., R, C)."""
    counts = joint if axis == 0 else joint.swapaxes(-1, -2)
    return over(counts, counts.sum(axis=-1, keepdims=True))


def _most_alike(overlap: Floats, judged: Bools) -> frozenset[int]:
    """Return the categories whose pairs all overlap more than any other pair (n, n). The widest gap decides.

    The set is empty if fewer than four categories have enough data, or if the mean overlap is at least nine tenths.
    """
    used = np.flatnonzero(judged)
    first, second = np.triu_indices(len(used), 1)
    values = overlap[np.ix_(used, used)][first, second]
    if len(used) < _LEAST_CATEGORIES or values.mean() >= _ALL_ALIKE:
        return frozenset()
    order = np.argsort(-values, kind="stable")
    best, members = 0.0, frozenset[int]()
    for size in range(2, len(used)):
        n_pairs = size * (size - 1) // 2
        own = {*first[order[:n_pairs]].tolist(), *second[order[:n_pairs]].tolist()}
        gap = float(values[order[n_pairs - 1]] - values[order[n_pairs]])
        if len(own) == size and gap > best + _TIE:
            best, members = gap, frozenset(int(used[place]) for place in own)
    return members


@dataclass(frozen=True, eq=False)
class _Rivals:
    """The pairs of members of a block of one side and the nearest other pairs, as places (p,) each."""

    axis: int
    inside: tuple[Indices, Indices]
    outside: tuple[Indices, Indices]

    @classmethod
    def of(cls, joint: Floats, place: Place, judged: Bools) -> _Rivals:
        """Return the pairs of a block of joint counts (R, C), among the categories with enough data."""
        axis, members = place
        used = np.flatnonzero(judged)
        first, second = (used[of] for of in np.triu_indices(len(used), 1))
        own = np.isin(first, list(members)) & np.isin(second, list(members))
        nearest = np.flatnonzero(~own)
        nearest = nearest[np.argsort(-_overlaps(joint, axis)[first[nearest], second[nearest]], kind="stable")][:_RIVALS]
        return cls(axis, (first[own], second[own]), (first[nearest], second[nearest]))

    def n_beaten(self, joint: Floats) -> int:
        """Return in how many of k tables (k, R, C) all pairs of members overlap more than any of the other pairs."""
        share = _shares(joint, self.axis)
        inside, outside = (
            np.minimum(share[:, first], share[:, second]).sum(axis=2) for first, second in (self.inside, self.outside)
        )
        return int((inside.min(axis=1) > outside.max(axis=1)).sum())


def _places(joint: Floats, expected: Floats, counts: Counts, minimum: int) -> list[Place]:
    """Return the blocks of joint counts with one taxonomy, among the categories with enough units in `counts`."""
    enough = _enough(counts, minimum)
    like = likenesses(joint, expected, given=enough[0], outcome=enough[1], direct=True, lift=LIFT)
    return [(axis, group) for axis, of in enumerate(like) for group in groups(of) if len(group) < of.present.sum()]


def _enough(counts: Counts, minimum: int) -> tuple[Bools, Bools]:
    """Return which rows (R,) and columns (C,) have enough units."""
    return counts.given >= minimum, counts.outcome >= minimum


def _meeting(joint: Floats, members: frozenset[int]) -> float:
    """Return the total of a table (n, n) over pairs of different members."""
    own = joint[np.ix_(sorted(members), sorted(members))]
    return float(own.sum() - np.trace(own))


def _recurring(study: Study, against: Against, found: Sequence[Place]) -> list[float] | None:
    """Return the share of resamples in which each block recurs, or None if resampling is impossible.

    Expected counts are recomputed in each resample. Over all units they are exact. With strata, the sums of the data's
    strata change by the same factor as the fit without strata.
    """
    incidence, counts = study.tables.incidence, against.counts
    n_totals = (counts.joint.shape[0] + 1) * (counts.joint.shape[1] + 1)
    from_ = resampling(bagged(incidence, n_totals))
    if isinstance(from_, Refusal):
        return None
    minimum, direct, factor = study.inference.minimum_units, study.tables.same_taxonomy, incidence.worth_of_one
    judged = _judged(study)
    rivals = [] if direct else [_Rivals.of(counts.joint, place, judged[place[0]]) for place in found]
    whole = Totals(counts.joint[None], counts.given[None], counts.outcome[None], np.array([counts.n_units]))
    before = _due(whole, against.left_out)[0]
    scale = over(against.expected, before)

    def out(totals: Totals) -> NDArray[np.int64]:
        if not direct:
            return np.array([one.n_beaten(totals.joint) for one in rivals], dtype=np.int64)
        joint, due = factor * totals.joint, factor * scale * _due(totals, against.left_out)
        again = (_places(of, expected, counts, minimum) for of, expected in zip(joint, due, strict=True))
        n_out: NDArray[np.int64] = np.array([[p in places for p in found] for places in again]).sum(axis=0)
        return n_out

    times = sum(draw(from_, out, study.inference.seed), np.zeros(len(found), dtype=np.int64))
    return [int(n) / RESAMPLES for n in times]


def _due(totals: Totals, left_out: Bools | None) -> Floats:
    """Return the counts expected from category sizes for each table (k, R, C), over all or off-diagonal units."""
    if left_out is not None:
        return fit_without(totals.joint, left_out)
    n_units = np.maximum(totals.units, 1e-300)[:, None, None]
    due: Floats = totals.given[:, :, None] * totals.outcome[:, None, :] / n_units
    return due


def _block(study: Study, place: Place, against: Against, share: float | None) -> Block:
    axis, numbers = place
    direct = study.tables.same_taxonomy
    side: Side = "both" if direct else ("rows", "columns")[axis]
    names = study.columns if side == "columns" else study.rows
    members = tuple(names[i] for i in sorted(numbers))
    contained = tuple(name for name in members if name in study.contained)
    factor = study.tables.incidence.worth_of_one
    limit = _RECURRING if direct else max(_RECURRING, _SURELY)
    inside, outside = (None, None) if direct else _ends(study, against, place)
    return Block(
        id=".".join(("blocks", *([] if direct else [side]), slug(*members))),
        null=share is None or share < limit or bool(contained),
        cells=tuple(_cells(study, side, members)),
        side=side,
        members=members,
        n_joining=_meeting(against.counts.joint, numbers) / factor if direct else None,
        expected=_meeting(against.expected, numbers) / factor if direct else None,
        basis=against.basis if direct else None,
        recurs=share,
        n_resamples=RESAMPLES if share is not None else 0,
        threshold=limit,
        contained=contained,
        stratified=study.tables.stratified,
        overlap=inside,
        overlap_of_others=outside,
    )


def _ends(study: Study, against: Against, place: Place) -> tuple[float, float]:
    """Return the smallest overlap of two members, and the largest of any other pair of categories with enough data."""
    axis, members = place
    overlap = _overlaps(against.counts.joint, axis)
    used = set(np.flatnonzero(_judged(study)[axis]).tolist())
    pairs = {pair: float(overlap[pair]) for pair in combinations(sorted(used), 2)}
    own = [value for pair, value in pairs.items() if members.issuperset(pair)]
    return min(own), max(value for pair, value in pairs.items() if not members.issuperset(pair))


def _cells(study: Study, side: Side, members: tuple[str, ...]) -> Iterator[CellRef]:
    """Yield the cells that join two members, or the whole rows (columns) of a block of one side."""
    for first in members:
        for second in members if side == "both" else study.rows if side == "columns" else study.columns:
            if side == "columns":
                yield from study.refs(second, first)
            elif side == "rows" or first != second:
                yield from study.refs(first, second)


def _accounts(finding: Block, study: Study) -> Iterator[Account]:
    """Yield, with one taxonomy, all pairs of members that are above expectation, as one account."""
    if finding.side == "both":
        own = np.array([name in finding.members for name in study.rows])
        inside = np.outer(own, own) & ~np.eye(len(own), dtype=np.bool_)
        yield Account(finding.id, inside & (study.joint > study.expected))


KIND = FindingKind(Block, find, accounts=_accounts)
