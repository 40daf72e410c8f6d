"""Align two builds on the same patterns of item types: which units stayed, came, or went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...arrays import laid
from ...incidence import Incidence, freedom_of_both, pattern_keys, weights_of
from ...matrices.counts import shares
from ...taxonomy import Taxonomy
from .changes import Edit
from .item_types import ItemTypes, TypeSide, filing
from .shifts import Overlap

Numbers = NDArray[np.int64]
T = TypeVar("T", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class BuildOverlap:
    """The overlap of two builds, with the categories of its rows and columns.

    If units have keys, `edited` is the change of the same units, from the old build to the old build with their new
    labels. `overlap` is then the change from there to the new build, and `edits` are the edited units by their change.
    """

    overlap: Overlap
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    edited: Overlap | None = None
    edits: tuple[Edit, ...] = ()


def met_by_types(old: ItemTypes, new: ItemTypes, taxonomies: Mapping[str, Taxonomy], like: Incidence) -> BuildOverlap:
    """Return the overlap of two builds, classified by taxonomies, by name. `like` defines how units are counted."""
    before, after = united(old, new)
    found = filing(after, taxonomies)
    kept = found.counts
    weights = [weights_of(one.units, one.weight_parts, like.weight_scale, like.dispersion) for one in (before, after)]
    group = None if after.group is None else after.group[kept]
    rows, columns = found.row_sets[kept].astype(np.float64), found.column_sets[kept].astype(np.float64)
    if like.fractional:
        rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1)
        columns /= np.maximum(columns.sum(axis=1, keepdims=True), 1)
    (old_weight, old_squared), (new_weight, new_squared) = ((w[kept], s[kept]) for w, s in weights)
    square = _square(old_weight + new_weight, old_squared + new_squared)
    freedom = freedom_of_both(like, like)
    overlap = Overlap(rows, columns, old_weight, new_weight, square, group, freedom=freedom)
    if before.keyed is None or after.keyed is None:
        return BuildOverlap(overlap.reckoned(), found.row_categories, found.column_categories)
    stayed, edited = (counts[kept].astype(np.float64) for counts in _paired(before, after))
    return BuildOverlap(
        replace(overlap, old=edited, known=stayed),
        found.row_categories,
        found.column_categories,
        edited=replace(overlap, new=edited),
        edits=_edits(before, after),
    )


def _paired(old: ItemTypes, new: ItemTypes) -> tuple[Numbers, Numbers]:
    """Return the units in both builds (q,), and all old units (q,): edited units by their new patterns."""
    assert old.keyed is not None  # noqa: S101 - both have keys
    assert new.keyed is not None  # noqa: S101
    _, before, after = np.intersect1d(old.keyed.key, new.keyed.key, assume_unique=True, return_indices=True)
    went = np.delete(old.keyed.pattern, before)
    stayed = np.bincount(new.keyed.pattern[after], minlength=len(new.units))
    return stayed, stayed + np.bincount(went, minlength=len(new.units))


def _edits(old: ItemTypes, new: ItemTypes) -> tuple[Edit, ...]:
    """Return the units in both builds with other labels, by the labels that they lost and gained, the most first."""
    assert old.keyed is not None  # noqa: S101 - both have keys
    assert new.keyed is not None  # noqa: S101
    _, before, after = np.intersect1d(old.keyed.key, new.keyed.key, assume_unique=True, return_indices=True)
    pairs = zip(old.keyed.pattern[before].tolist(), new.keyed.pattern[after].tolist(), strict=True)
    moved = Counter(pair for pair in pairs if pair[0] != pair[1])
    found: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for (one, other), n in moved.items():
        labels = [_labels_at(types, place) for types, place in ((old, one), (new, other))]
        lost, gained = sorted(labels[0] - labels[1]), sorted(labels[1] - labels[0])
        found[tuple(label for _, label in lost), tuple(label for _, label in gained)] += n
    return tuple(Edit(*labels, n) for labels, n in sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _labels_at(types: ItemTypes, place: int) -> set[tuple[int, str]]:
    """Return the labels of the units of a pattern, each with the number of its side."""
    sides = ((types.rows, int(types.row_set[place])), (types.columns, int(types.column_set[place])))
    return {
        (number, side.labels[label])
        for number, (side, own) in enumerate(sides)
        for members in side.sets[own]
        for label in side.types[members]
    }


def met_by_categories(old: Incidence, new: Incidence) -> BuildOverlap:
    """Return the overlap of two builds by their categories, for builds without item types."""
    before, after = aligned_all((old, new))
    return BuildOverlap(overlap_of(before, after), after.rows.categories, after.columns.categories)


def _square(weight: NDArray[np.float64], squared: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(squared, weight, out=np.ones_like(weight), where=weight > 0)


def overlap_of(old: Incidence, new: Incidence) -> Overlap:
    """Return the overlap of two incidences over the same patterns (p,), in the same order."""
    rows, columns = shares(new)
    square = _square(new.weight + old.weight, new.weight_squared + old.weight_squared)
    overlap = Overlap(rows, columns, old.weight, new.weight, square, new.group, freedom=freedom_of_both(old, new))
    return overlap.reckoned()


def aligned_all(counted: Sequence[Incidence]) -> tuple[Incidence, ...]:
    """Return incidences over the union of their patterns, with groups, strata and categories matched by name.

    Units with the same pattern in several incidences count as units that stayed. Categories have the order of the last.
    """
    last = counted[-1]
    strata, stratum = _joined([one.strata for one in counted], [one.stratum for one in counted])
    groups, group = _groups(counted)
    rows = tuple(dict.fromkeys(name for one in reversed(counted) for name in one.rows.categories))
    columns = tuple(dict.fromkeys(name for one in reversed(counted) for name in one.columns.categories))
    squares = [one.weight_squared if group is not None else _squares(one) for one in counted]
    row_sets = [_spread(one.row_sets, one.rows.categories, rows) for one in counted]
    column_sets = [_spread(one.column_sets, one.columns.categories, columns) for one in counted]
    withheld, reduced = (_united_cells(counted, name, rows, columns) for name in ("withheld", "reduced"))
    keys = np.concatenate(
        [
            pattern_keys(stratum[i], None if group is None else group[i], row_sets[i], column_sets[i])
            for i in range(len(counted))
        ]
    )
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    places = np.split(number, np.cumsum([len(one.units) for one in counted])[:-1])
    shared = replace(
        last,
        rows=replace(last.rows, categories=rows),
        columns=replace(last.columns, categories=columns),
        row_sets=np.concatenate(row_sets)[first],
        column_sets=np.concatenate(column_sets)[first],
        stratum=np.concatenate(stratum)[first],
        strata=strata,
        group=None if group is None else np.concatenate(group)[first],
        groups=groups,
        n_groups=None if group is None else len(groups),
        weight_parts=None,
    )
    return tuple(
        replace(
            shared,
            unit=one.unit,
            dispersion=one.dispersion,
            withheld=withheld[place_of],
            reduced=reduced[place_of],
            units=laid(one.units, place, len(first)),
            weight=laid(one.weight, place, len(first)),
            weight_squared=laid(squares[place_of], place, len(first)),
        )
        for place_of, (one, place) in enumerate(zip(counted, places, strict=True))
    )


def _squares(one: Incidence) -> NDArray[np.float64]:
    """Return the sums of squared weights (p,). Groups are dropped because the other counts have none.

    Units of a group with the same pattern then count as one unit with their total weight. Rows of counts are such
    groups, and each build tests whether they are groups at all.
    """
    return one.weight_squared if one.group is None else np.maximum(one.weight**2, one.weight_squared)


def _united_cells(
    counted: Sequence[Incidence], name: str, rows: Sequence[str], columns: Sequence[str]
) -> list[NDArray[np.bool_] | None]:
    """Return the withheld (or reduced) cells of each incidence over the categories of all."""
    found: list[NDArray[np.bool_] | None] = []
    for one in counted:
        own: NDArray[np.bool_] | None = getattr(one, name)
        if own is not None:
            own = _spread(_spread(own, one.columns.categories, columns).T, one.rows.categories, rows).T
        found.append(own)
    return found


def united(old: ItemTypes, new: ItemTypes) -> tuple[ItemTypes, ItemTypes]:
    """Return two incidences over item types, over the union of their patterns and in the same order.

    They have the labels, types and sets of both. Each keeps its own counts of items with a label.
    """
    rows = _united_sides(old.rows, new.rows)
    columns = _united_sides(old.columns, new.columns)
    strata, (old_stratum, new_stratum) = _joined([old.strata, new.strata], [old.stratum, new.stratum])
    groups: tuple[str, ...] = ()
    group_numbers: list[Numbers] = []
    if old.group is not None and new.group is not None:
        groups, group_numbers = _joined([old.groups, new.groups], [old.group, new.group])
    columns_of = [
        np.concatenate([old_stratum, new_stratum]),
        *([np.concatenate(group_numbers)] if group_numbers else []),
        np.concatenate([rows[2][old.row_set], rows[3][new.row_set]]),
        np.concatenate([columns[2][old.column_set], columns[3][new.column_set]]),
    ]
    patterns, number = np.unique(np.stack(columns_of, axis=1), axis=0, return_inverse=True)
    number = number.ravel()
    ends = (number[: len(old.units)], number[len(old.units) :])

    def spread(one: ItemTypes, place: Numbers, sides: tuple[TypeSide, TypeSide]) -> ItemTypes:
        return replace(
            one,
            rows=sides[0],
            columns=sides[1],
            stratum=patterns[:, 0],
            strata=strata,
            group=patterns[:, 1] if group_numbers else None,
            groups=groups,
            row_set=patterns[:, -2],
            column_set=patterns[:, -1],
            units=laid(one.units, place, len(patterns)),
            weight_parts=None if one.weight_parts is None else laid(one.weight_parts, place, len(patterns)),
            keyed=None if one.keyed is None else replace(one.keyed, pattern=place[one.keyed.pattern]),
        )

    return spread(old, ends[0], (rows[0], columns[0])), spread(new, ends[1], (rows[1], columns[1]))


def _joined(names_of: Sequence[Sequence[str]], numbers: Sequence[Numbers]) -> tuple[tuple[str, ...], list[Numbers]]:
    """Return the sorted names of all, and the indices of each in them."""
    names = tuple(sorted({name for own in names_of for name in own}))
    index = {name: i for i, name in enumerate(names)}
    places = (np.array([index[name] for name in own], dtype=np.int64) for own in names_of)
    return names, [place[number] for place, number in zip(places, numbers, strict=True)]


def _groups(counted: Sequence[Incidence]) -> tuple[tuple[str, ...], list[Numbers] | None]:
    numbers = [one.group for one in counted if one.group is not None]
    if len(numbers) < len(counted):
        return (), None
    return _joined([one.groups or list(map(str, range(one.n_groups or 0))) for one in counted], numbers)


def _spread(sets: NDArray[np.bool_], own: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Return sets over their own categories as sets over a list of names that includes these."""
    spread = np.zeros((len(sets), len(names)), dtype=np.bool_)
    spread[:, [names.index(name) for name in own]] = sets
    return spread


def _united_sides(old: TypeSide, new: TypeSide) -> tuple[TypeSide, TypeSide, Numbers, Numbers]:
    """Return each side with the labels, types and sets of both, and the numbers of its own sets in these."""
    labels = tuple(sorted({*old.labels, *new.labels}))
    index = {label: i for i, label in enumerate(labels)}
    typed = [[tuple(sorted(index[one.labels[n]] for n in t)) for t in one.types] for one in (old, new)]
    types = tuple(sorted({*typed[0], *typed[1]}))
    of_type = {members: i for i, members in enumerate(types)}
    gathered = [
        [tuple(sorted(of_type[own[n]] for n in members)) for members in one.sets]
        for one, own in zip((old, new), typed, strict=True)
    ]
    sets = tuple(sorted({*gathered[0], *gathered[1]}))
    of_set = {members: i for i, members in enumerate(sets)}
    places = [np.array([of_set[members] for members in own], dtype=np.int64) for own in gathered]

    def whole(one: TypeSide) -> TypeSide:
        counts = one.vocabulary
        return replace(one, labels=labels, n_items=tuple(counts.get(n, 0) for n in labels), types=types, sets=sets)

    return whole(old), whole(new), places[0], places[1]
