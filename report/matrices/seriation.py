"""Find groups of categories and an order of the axes by hierarchical clustering of observed over expected counts.

The association of a pair is s = (n - e) / (n + e + 1), with n observed and e expected: (lift - 1) / (lift + 1), shrunk
to 0 if little is expected, so that it is defined and bounded even if n or e is 0. -1: never together; 0: as expected;
1/3: twice as often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from .. import portable
from ..arrays import Bools, Floats, Indices, over
from .counts import Counts

ALIKE = 0.5
"""Minimum mean cosine of similar profiles over the other axis, if the axes have different categories."""

_TIE = 1e-8


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge of two groups at `likeness`, the mean similarity of their pairs: s for one taxonomy, else the cosine."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    likeness: float


@dataclass(frozen=True, slots=True)
class Grouping:
    """One axis: its categories in an order that puts similar ones next to each other, and the blocks among them.

    `blocks` are the largest groups of two or more that the tree joins at the threshold or above, in the order of the
    axis. `merges` is the whole tree, closest first. `left_out` categories have too few units for clustering and come
    last in declared order.
    """

    order: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    merges: tuple[Merge, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seriation:
    """Both axes.

    For one taxonomy they are the same and `direct` is true: blocks are categories that co-occur. Otherwise rows are
    grouped by their profiles over columns, and columns by their profiles over rows.
    """

    rows: Grouping
    columns: Grouping
    direct: bool


def seriate(
    counts: Counts, *, expected: Floats | None = None, lift: float = 2.0, minimum_units: float = 1
) -> Seriation:
    """Group the categories of a relation.

    `expected` (R, C) are the counts for comparison: by default under independence. The caller may pass counts expected
    within strata or among mismatches. For one taxonomy, the categories of a block co-occur on average at least `lift`
    times as often as expected, both directions together and without the diagonal, and at least `minimum_units` join two
    of them. A category with fewer units (for one taxonomy: on both sides) is left out. The method is average linkage
    (Sokal & Michener 1958) with optimal leaf order (Bar-Joseph, Gifford & Jaakkola 2001), oriented so that the end
    declared earlier comes first.
    """
    against = counts.expected if expected is None else expected
    rows, columns = counts.given_side, counts.outcome_side
    like = likenesses(
        counts.joint,
        against,
        given=counts.given >= minimum_units,
        outcome=counts.outcome >= minimum_units,
        direct=(rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories),
        lift=lift,
    )
    if len(like) == 1:
        met = counts.joint + counts.joint.T
        grouping = _grouped(like[0], rows.categories)
        joined = {block: _joining(met, [rows.categories.index(name) for name in block]) for block in grouping.blocks}
        blocks = tuple(block for block in grouping.blocks if joined[block] >= minimum_units)
        grouping = replace(grouping, blocks=blocks)
        return Seriation(grouping, grouping, direct=True)
    return Seriation(_grouped(like[0], rows.categories), _grouped(like[1], columns.categories), direct=False)


@dataclass(frozen=True, eq=False)
class Likeness:
    """Similarity of the categories of an axis (n, n), which are included (n,), and the threshold for a group."""

    values: Floats
    present: Bools
    threshold: float


def likenesses(
    joint: Floats,
    expected: Floats,
    *,
    given: Bools,
    outcome: Bools,
    direct: bool,
    lift: float = 2.0,
) -> tuple[Likeness, ...]:
    """Return the similarities for each axis: one for both with one taxonomy (`direct`), else for rows and columns.

    `joint` and `expected` are (R, C). `given` (R,) and `outcome` (C,) mark the categories with enough units.
    """
    if direct:
        values = association(joint + joint.T, expected + expected.T)
        return (Likeness(values, given | outcome, (lift - 1) / (lift + 1)),)
    s = association(joint, expected)
    return Likeness(_cosine(s[:, outcome]), given, ALIKE), Likeness(_cosine(s[given].T), outcome, ALIKE)


def groups(like: Likeness) -> tuple[frozenset[int], ...]:
    """Return only the blocks, as category numbers without an order, for resamples."""
    used = np.flatnonzero(like.present)
    if len(used) < 2:
        return ()
    tree, names = linkage(squareform(_distance(like)), "average"), [str(number) for number in used]
    place = {name: position for position, name in enumerate(names)}
    found = _blocks(tuple(_merges(tree, names, place)), place, like.threshold)
    return tuple(frozenset(map(int, block)) for block in found)


def _joining(met: Floats, members: list[int]) -> float:
    """Return the number of units that join two different members; `met` (n, n) adds both directions."""
    return float(np.triu(met[np.ix_(members, members)], 1).sum())


def association(observed: Floats, expected: Floats) -> Floats:
    """Return (n - e) / (n + e + 1), above -1 and below 1, and 0 if nothing is observed or expected."""
    return np.asarray((observed - expected) / (observed + expected + 1))


def _cosine(profiles: Floats) -> Floats:
    """Return the cosine of each pair of rows (n, n), or 0 if a row is all 0."""
    scaled = over(profiles, np.sqrt(portable.squared(profiles).sum(axis=1, keepdims=True)))
    return np.asarray(np.clip(portable.matmul(scaled, scaled.T), -1, 1))


def _distance(like: Likeness) -> Floats:
    """Return 1 minus the similarity of the included categories, 0 on the diagonal."""
    used = np.flatnonzero(like.present)
    # Rounding errors would decide ties in the last digits, and they differ between machines.
    distance = np.round(1 - like.values[np.ix_(used, used)], 12)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0)
    return distance


def _grouped(like: Likeness, names: Sequence[str]) -> Grouping:
    """Return the grouping of the included categories by their similarity."""
    used = [int(i) for i in np.flatnonzero(like.present)]
    left_out = tuple(name for name, there in zip(names, like.present, strict=True) if not there)
    inside = tuple(names[i] for i in used)
    if len(used) < 2:
        return Grouping((*inside, *left_out), (), (), left_out)
    distance = _distance(like)
    tree = linkage(squareform(distance), "average")
    # Among equally good orders, choose the one closest to the declared order.
    declared = np.abs(np.subtract.outer(np.arange(len(used)), np.arange(len(used))))
    order = _leaf_order(tree[:, :2].astype(np.intp), distance + _TIE * declared / portable.squared(len(used)))
    if order[0] > order[-1]:
        order.reverse()
    place = {inside[i]: position for position, i in enumerate(order)}
    merges = tuple(_merges(tree, inside, place))
    return Grouping((*(inside[i] for i in order), *left_out), _blocks(merges, place, like.threshold), merges, left_out)


def _leaf_order(tree: Indices, distance: Floats) -> list[int]:
    """Return the order of a tree's leaves with the smallest sum of distances between neighbours.

    `tree` (n - 1, 2) has the two groups of each merge. The length of the shortest order of a group is computed for each
    first and last leaf. SciPy's `optimal_leaf_ordering` returns longer orders for many trees (its issue 11227).
    """
    leaves = [[leaf] for leaf in range(len(distance))]
    length = [np.zeros((1, 1)) for _ in leaves]
    for left, right in tree.tolist():
        across = distance[np.ix_(leaves[left], leaves[right])]
        leaving = (length[left][:, :, None] + across).min(axis=1)
        shortest = (leaving[:, :, None] + length[right]).min(axis=1)
        none = [np.full((len(leaves[part]),) * 2, np.inf) for part in (left, right)]
        length.append(np.block([[none[0], shortest], [shortest.T, none[1]]]))
        leaves.append([*leaves[left], *leaves[right]])
    order: list[int] = []
    todo = [(len(leaves) - 1, *divmod(int(length[-1].argmin()), len(distance)))]
    while todo:
        group, first, last = todo.pop()
        if group < len(distance):
            order.append(group)
            continue
        left, right = tree[group - len(distance)].tolist()
        n = len(leaves[left])
        outer, inner = (first, last - n) if first < n else (last, first - n)
        across = distance[np.ix_(leaves[left], leaves[right])]
        through = length[left][outer][:, None] + across + length[right][:, inner]
        leave, enter = divmod(int(through.argmin()), len(leaves[right]))
        # A reversed group begins with its right part, and each part with its other end.
        parts = [(right, enter, inner), (left, outer, leave)]
        todo += parts if first < n else [(left, leave, outer), (right, inner, enter)]
    return order


def _merges(tree: Floats, names: Sequence[str], place: dict[str, int]) -> Iterator[Merge]:
    groups: list[tuple[str, ...]] = [(name,) for name in names]
    for left, right, distance, _ in tree:
        first, second = sorted((groups[int(left)], groups[int(right)]), key=lambda group: place[group[0]])
        groups.append((*first, *second))
        yield Merge(first, second, 1 - float(distance))


def _blocks(merges: Sequence[Merge], place: dict[str, int], threshold: float) -> tuple[tuple[str, ...], ...]:
    """Return the largest groups joined at the threshold or above, since average linkage joins closer groups first."""
    joined: list[tuple[str, ...]] = []
    for merge in merges:
        if merge.likeness >= threshold - 1e-9:
            joined = [group for group in joined if group not in (merge.left, merge.right)]
            joined.append((*merge.left, *merge.right))
    return tuple(sorted(joined, key=lambda group: place[group[0]]))
