"""Find an order of the axes by hierarchical clustering of observed over expected counts.

The association of a pair is s = (n - e) / (n + e + 1), with n observed and e expected: (lift - 1) / (lift + 1), shrunk
to 0 if little is expected, so that it is defined and bounded even if n or e is 0. -1: never together; 0: as expected;
1/3: twice as often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from .. import portable
from ..arrays import Bools, Floats, Indices, over
from .counts import Counts

_TIE = 1e-8


@dataclass(frozen=True, slots=True)
class Grouping:
    """One axis: its categories in an order that puts similar ones next to each other.

    `left_out` categories have too few units for clustering and come
    last in declared order.
    """

    order: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seriation:
    """Both axes.

    For one taxonomy they are the same: categories that occur together are similar. Otherwise rows are similar if their
    profiles over columns are, and columns if their profiles over rows are.
    """

    rows: Grouping
    columns: Grouping


def seriate(counts: Counts, expected: Floats, minimum_units: float = 1) -> Seriation:
    """Put similar categories of a relation next to each other.

    `expected` (R, C) are the counts with which observed ones are compared. For one taxonomy, categories are similar if
    they occur together, both directions together and without the diagonal. A category with fewer than `minimum_units`
    units (for one taxonomy: on both sides) is left out. The method is average linkage (Sokal & Michener 1958) with
    optimal leaf order (Bar-Joseph, Gifford & Jaakkola 2001), oriented so that the end declared earlier comes first.
    """
    rows, columns = counts.given_side, counts.outcome_side
    is_same = (rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories)
    given, outcome = counts.given >= minimum_units, counts.outcome >= minimum_units
    like = likenesses(counts.joint, expected, given=given, outcome=outcome, is_same=is_same)
    grouped = [_grouped(one, side.categories) for one, side in zip(like, (rows, columns), strict=False)]
    return Seriation(grouped[0], grouped[-1])


@dataclass(frozen=True, eq=False)
class Likeness:
    """Similarity of the categories of an axis (n, n), and which are included (n,)."""

    values: Floats
    present: Bools


def likenesses(joint: Floats, expected: Floats, *, given: Bools, outcome: Bools, is_same: bool) -> tuple[Likeness, ...]:
    """Return the similarities for each axis: one for both with one taxonomy, else for rows and columns.

    `joint` and `expected` are (R, C). `given` (R,) and `outcome` (C,) mark the categories with enough units.
    """
    if is_same:
        return (Likeness(association(joint + joint.T, expected + expected.T), given | outcome),)
    s = association(joint, expected)
    return Likeness(_cosine(s[:, outcome]), given), Likeness(_cosine(s[given].T), outcome)


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
        return Grouping((*inside, *left_out), left_out)
    distance = _distance(like)
    tree = linkage(squareform(distance), "average")
    # Among equally good orders, choose the one closest to the declared order.
    declared = np.abs(np.subtract.outer(np.arange(len(used)), np.arange(len(used))))
    order = _leaf_order(tree[:, :2].astype(np.intp), distance + _TIE * declared / portable.squared(len(used)))
    if order[0] > order[-1]:
        order.reverse()
    return Grouping((*(inside[i] for i in order), *left_out), left_out)


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
