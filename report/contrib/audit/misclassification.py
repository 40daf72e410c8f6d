"""Correct for misclassification: draw a relation as it would be if every item were in its true categories.

An audit estimates, for items that the rules assign to a set of categories, how often they belong to each set. Drawing
the true set of each item from these rates alone would ignore the items it is linked to. It would weaken every
association a second time. This module therefore corrects the table of pairs for the errors of both sides (the matrix
method: Barron 1977, Biometrics 33, 414-418; Greenland 1988, Statistics in Medicine 7, 745-757). It then draws units so
that they have the corrected table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...arrays import Bools, Floats, Indices, Ints, over
from ...incidence import Incidence
from ...ledger import Axis, Ledger
from ...ledger.patterns import blank, filled, merged, patterns
from ...taxonomy.sets import Words, members, numbered, union, words_of
from .sheet import JudgedItem

_PRIOR_ERRORS = 0.5
"""Weight of the prior for each set of categories, in errors, at the error rate of all judged items of the side."""

_PRIOR_ITEMS = 20.0
"""Maximum weight of this prior, in judged items."""

_DOUBLINGS = 6
"""2^6 terms of the Neumann series: they correct the errors that can be distinguished and leave the others."""

_SHRINKAGE = 20.0
"""Weight of the table of all strata, in units, in the table of each stratum."""

_ROUNDS = 25

_MOST_GROWTH = 10.0
"""Maximum growth of a probability in one round: pairs of judged items can leave no room for the target table."""

_CLOSE = 0.1
"""Tolerance, in units, for the counts of true pairs around their target."""

DISTINCT = 0.3
"""Minimum distance (total variation) between the classifications of two true categories that can be distinguished."""

_ENOUGH = 5
"""Number of judged items of a category from which that distance is estimated."""

_AT_ONCE = 4_000_000
"""Number of probabilities processed in one batch."""

LARGEST = 300_000_000
"""Maximum multiplications per round. A larger relation is not corrected because it would take hours."""


@dataclass(frozen=True, eq=False)
class JudgedSide:
    """The items of one side of a relation, with the results of an audit.

    `words` (s, W) are the sets of categories that occur. `assigned` (a,) is the number of the set of each item. Judged
    items have their true set. `rows` (r,) are the sets with judged items. `counts` (r, s) is the number of these items
    that belong to each set, `n_wrong` (r,) the number that are wrong without a true category. `sizes` (s,) is the
    number of used items assigned to each set. `open` (a,) marks the items with unknown truth, `wrong` (a,) the items
    among them that were judged wrong.
    """

    side: Axis
    words: Words
    assigned: Ints
    rows: Indices
    counts: Floats
    n_wrong: Ints
    sizes: Ints
    open: Bools
    wrong: Bools

    @cached_property
    def alpha(self) -> Floats:
        """Return Dirichlet parameters (r, s): the posterior of the sets to which items of each judged set belong.

        The prior of each set is worth half an error (and at most 20 items) at the error rate of all judged items, so 0
        errors of 20 do not imply certainty. A priori, errors lead to other single categories or to none, in proportion
        to their sizes. Judged errors without a true category are distributed like the other errors of their set.
        """
        own = self.rows[:, None] == np.arange(len(self.words))
        n_judged = float(self.counts.sum() + self.n_wrong.sum())
        rate = (n_judged - float(self.counts[own].sum()) + 0.5) / (n_judged + 1)
        weight = min(_PRIOR_ERRORS / rate, _PRIOR_ITEMS)
        single = members(self.words, len(self.side.categories)).sum(axis=1) <= 1
        target = np.where(single & ~own, self.sizes + 1.0, 0.0)
        target = over(target, target.sum(axis=1, keepdims=True))
        known = np.where(own, 0.0, self.counts)
        elsewhere = over(known + target, (known + target).sum(axis=1, keepdims=True))
        prior = weight * np.where(own, 1 - rate, rate * target)
        return np.asarray(self.counts + self.n_wrong[:, None] * elsewhere + prior)

    def draw(self, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """Return a true set for each item (a,), and the P(true | assigned) (r, s) used for the draw."""
        given = rng.gamma(self.alpha)
        given /= given.sum(axis=1, keepdims=True)
        truth = self.assigned.copy()
        for number, likely in zip(self.rows.tolist(), given, strict=True):
            own = self.open & (self.assigned == number)
            for which, chances in ((own & ~self.wrong, likely), (own & self.wrong, np.delete(likely, number))):
                items = np.flatnonzero(which)
                if len(items) and chances.sum():
                    found = rng.choice(len(chances), size=len(items), p=chances / chances.sum())
                    truth[items] = found if len(chances) == len(likely) else found + (found >= number)
        return truth, given

    def classify(self, truth: Ints, given: Floats, rng: np.random.Generator) -> Ints:
        """Return sets (a,) that items with these true sets might be assigned; known items keep their set."""
        n_open = np.bincount(self.assigned[self.open], minlength=len(self.words))
        joint = n_open[self.rows, None] * given
        assigned = truth.copy()
        for number in np.unique(truth[self.open]).tolist():
            items = np.flatnonzero(self.open & (truth == number))
            if joint[:, number].sum():
                assigned[items] = self.rows[
                    rng.choice(len(self.rows), size=len(items), p=joint[:, number] / joint[:, number].sum())
                ]
        return assigned

    def confused(self) -> tuple[str, str] | None:
        """Return two true categories classified so similarly that errors cannot be corrected."""
        enough = (self.counts.sum(axis=1) + self.n_wrong >= _ENOUGH) & (self.sizes[self.rows] > 0)
        rows = self.rows[enough]
        joint = self.sizes[rows, None] * self.alpha[enough] / self.alpha[enough].sum(axis=1, keepdims=True)
        classified = over(joint, joint.sum(axis=0)).T[rows]
        distance = np.abs(classified[:, None] - classified[None]).sum(axis=2) / 2 + 2 * np.eye(len(rows))
        if not distance.size or distance.min() >= DISTINCT:
            return None
        names = [self._name(int(number)) for number in rows[list(np.unravel_index(distance.argmin(), distance.shape))]]
        return names[0], names[1]

    def _name(self, number: int) -> str:
        held = np.flatnonzero(members(self.words[[number]], len(self.side.categories))[0])
        return " with ".join(self.side.categories[place] for place in held) or "no category"

    @property
    def is_single(self) -> bool:
        """Return whether no unit has several items on the side."""
        return bool((np.diff(self.side.start) <= 1).all())

    @property
    def n_unsampled(self) -> int:
        """Return the number of used items in sets of categories without a judged item."""
        return int(np.delete(self.sizes, self.rows).sum())


def judged_side(ledger: Ledger, place: int, judged: Sequence[JudgedItem]) -> JudgedSide:
    """Return the audit results for the items of a side. `place` is 0 for rows and 1 for columns."""
    side = ledger.sides[place]
    used = np.zeros(side.found.n_items, dtype=np.bool_)
    for part in ledger.parts:
        used[part.sides[place].use] = True
    index = {category: number for number, category in enumerate(side.categories)}
    item_of = side.names.numbers([one.id for one in judged])
    own = [one for one in judged if one.id in item_of]
    said = [one.rule if one.truth is None else one.truth for one in own]
    said_words = words_of([[index[name] for name in names] for names in said], len(index))
    words, number = numbered(np.concatenate([side.found.words[side.found.type], said_words]))
    n_items = side.found.n_items
    assigned, truths = number[:n_items].astype(np.int64), number[n_items:]
    items = np.array([item_of[one.id] for one in own], dtype=np.int64)
    unsaid = np.array([one.truth is None for one in own], dtype=np.bool_)
    rows, row = np.unique(assigned[items], return_inverse=True)
    counts = np.zeros((len(rows), len(words)))
    np.add.at(counts, (row[~unsaid], truths[~unsaid]), 1)
    n_wrong = np.bincount(row[unsaid], minlength=len(rows))
    unknown = np.isin(assigned, rows)
    unknown[items[~unsaid]] = False
    wrong = np.zeros(n_items, dtype=np.bool_)
    wrong[items[unsaid]] = True
    sizes = np.bincount(assigned[used], minlength=len(words))
    assigned[items[~unsaid]] = truths[~unsaid]
    return JudgedSide(side, words, assigned, rows, counts, n_wrong, sizes, unknown, wrong)


class _SetNumbers:
    """Numbers for the sets of categories that units have on a side, in order of first occurrence."""

    def __init__(self, known: Mapping[bytes, int] | None = None) -> None:
        self.numbers: dict[bytes, int] = dict(known or {})

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, words: Words) -> Ints:
        """Return the number of each set (k,)."""
        distinct, place = numbered(words)
        found = [self.numbers.setdefault(one.tobytes(), len(self.numbers)) for one in distinct]
        return np.array(found, dtype=np.int64)[place]

    def words(self, width: int) -> Words:
        """Return the sets (n, W) in order of their numbers."""
        return np.frombuffer(b"".join(self.numbers), dtype=np.uint64).reshape(-1, width)


class Correction:
    """Draws of a relation as it would be if every item were in its true categories, given an audit.

    In each draw, error rates come from the posterior of the audit, and the truth of each unjudged item comes from these
    rates. This gives P(assigned | true) of the units, separately for each side. The table of true pairs is the table
    that these errors turn into the observed table (`undo`). Units are then drawn so that the relation has this table.
    They keep their strata, groups and weights. The method makes one assumption: given the true categories of an item,
    its misclassification does not depend on the items it is linked to.
    """

    def __init__(self, ledger: Ledger, sides: tuple[JudgedSide, JudgedSide]) -> None:
        """Count the units as assigned, with judged items in their true categories."""
        self._ledger, self._sides = ledger, sides
        self._known = (_SetNumbers(), _SetNumbers())
        codes, n_units = [], []
        for part in ledger.parts:
            codes.append(np.stack([part.stratum.astype(np.int64), *self._keys(part)]))
            n_units.append(part.n.astype(np.float64))
        stratum, row, column = np.concatenate(codes, axis=1)
        self._shape = len(ledger.strata), 2 * len(self._known[0]), 2 * len(self._known[1])
        self._observed = np.zeros(self._shape if self.work <= LARGEST else (0, 0, 0))
        if self._observed.size:
            np.add.at(self._observed, (stratum, row, column), np.concatenate(n_units))

    @property
    def work(self) -> int:
        """Return the approximate number of multiplications in one round."""
        n_strata, n_rows, n_columns = self._shape
        return n_strata * n_rows * n_columns * (n_rows + n_columns)

    def draw(self, rng: np.random.Generator) -> Incidence:
        """Return one draw."""
        numbers = (_SetNumbers(self._known[0].numbers), _SetNumbers(self._known[1].numbers))
        kernels = [self._kernel(place, numbers[place], rng) for place in (0, 1)]
        chances = _true_chances(self._observed, *kernels)
        words = [number.words(side.words.shape[1]) for number, side in zip(numbers, self._sides, strict=True)]
        found = []
        for part in self._ledger.parts:
            row, column = self._allocate(part, chances, kernels, rng)
            found.append(patterns(part, words[0][row], words[1][column])[0])
        return filled(blank(self._ledger), merged(found))

    def _keys(self, part: Ledger) -> tuple[Ints, Ints]:
        """Return the keys of the units of a part on both sides: 2 * set, plus 1 if an item is open."""
        keys = []
        for axis, judged, known in zip(part.sides, self._sides, self._known, strict=True):
            number = known.of(union(judged.words[judged.assigned], axis.use, axis.start))
            keys.append(2 * number + _any(judged.open, axis))
        return keys[0], keys[1]

    def _kernel(self, place: int, numbers: _SetNumbers, rng: np.random.Generator) -> Floats:
        """Return P(key | true set) of a side (true sets, keys) in one draw; new sets are added to `numbers`."""
        judged, n_known = self._sides[place], len(self._known[place])
        truth, given = judged.draw(rng)
        assigned = judged.assigned if judged.is_single else judged.classify(truth, given, rng)
        codes, weights = [], []
        for part in self._ledger.parts:
            axis = part.sides[place]
            true = numbers.of(union(judged.words[truth], axis.use, axis.start))
            seen = numbers.of(union(judged.words[assigned], axis.use, axis.start))
            codes.append(np.stack([true, 2 * seen + _any(judged.open, axis)]))
            weights.append(part.n.astype(np.float64))
        joint = np.zeros((len(numbers), 2 * len(numbers)))
        np.add.at(joint, tuple(np.concatenate(codes, axis=1)), np.concatenate(weights))
        return over(joint, joint.sum(axis=1, keepdims=True))[:, : 2 * n_known]

    def _allocate(
        self, part: Ledger, chances: Floats, kernels: Sequence[Floats], rng: np.random.Generator
    ) -> tuple[Ints, Ints]:
        """Return the numbers of the true sets of each unit of a part, on both sides.

        Each unit gets a random true pair, in proportion to the probabilities for its stratum and keys.
        """
        row, column = self._keys(part)
        true_row, true_column = row // 2, column // 2
        drawn = np.flatnonzero(row % 2 | column % 2)
        code = np.ravel_multi_index((part.stratum[drawn].astype(np.int64), row[drawn], column[drawn]), self._shape)
        order = np.argsort(code, kind="stable")
        codes, first, n_each = np.unique(code[order], return_index=True, return_counts=True)
        at = rng.random(len(drawn))
        size = chances.shape[1] * chances.shape[2]
        step = max(1, _AT_ONCE // size)
        for low in range(0, len(codes), step):
            stratum, rows, columns = np.unravel_index(codes[low : low + step], self._shape)
            own = chances[stratum] * kernels[0].T[rows][:, :, None] * kernels[1].T[columns][:, None, :]
            total = np.cumsum(own.reshape(len(own), size), axis=1)
            begin, end = first[low], first[low] + n_each[low : low + step].sum()
            pattern = np.repeat(np.arange(len(own)), n_each[low : low + step])
            steps = (over(total, total[:, -1:]) + np.arange(len(own))[:, None]).ravel()
            cell = np.searchsorted(steps, pattern + at[begin:end], side="right") - pattern * size
            there = total[pattern, -1] > 0
            units = drawn[order[begin:end]][there]
            true_row[units], true_column[units] = np.divmod(np.minimum(cell[there], size - 1), chances.shape[2])
        return true_row, true_column


def _any(open_items: Bools, axis: Axis) -> Ints:
    """Return 1 for each unit that has any such item on a side, otherwise 0."""
    n_open = np.concatenate([[0], np.cumsum(open_items[axis.use])])
    return np.asarray(n_open[axis.start[1:]] > n_open[axis.start[:-1]], dtype=np.int64)


def _true_chances(observed: Floats, rows: Floats, columns: Floats) -> Floats:
    """Return the probability of each true pair by stratum (S, A, C), given counts by key and P(key | true set).

    The table of all strata comes from the matrix method. The table of each stratum is fitted to its counts by EM, with
    the table of all strata added at the weight of a few units. Both are then scaled to the table of all strata, as in
    iterative proportional fitting.
    """
    n_units = observed.sum(axis=(1, 2), keepdims=True)
    by_row = observed.sum(axis=0).reshape(-1, 2, observed.shape[2]).sum(axis=1)
    certain = observed[:, ::2, ::2].sum(axis=0)
    whole = undo(_by_set(by_row), _by_set(rows), _by_set(columns), certain)
    chances = np.repeat(whole[None], len(observed), axis=0)

    def expected(now: Floats) -> Floats:
        return np.asarray(now * (rows @ over(observed, rows.T @ now @ columns) @ columns.T))

    for _ in range(_ROUNDS if len(observed) > 1 else 0):
        chances = (expected(chances) + _SHRINKAGE * whole) / (n_units + _SHRINKAGE)
    for _ in range(_ROUNDS):
        now = expected(chances).sum(axis=0)
        chances = chances * np.minimum(over(whole * n_units.sum(), now, 1.0), _MOST_GROWTH)
        if np.abs(now - whole * n_units.sum()).max() < _CLOSE:
            break
    return chances


def _by_set(keyed: Floats) -> Floats:
    """Return a table with the two keys of each set, in its columns, added."""
    return np.asarray(keyed[:, ::2] + keyed[:, 1::2])


def undo(observed: Floats, rows: Floats, columns: Floats, certain: Floats | None = None) -> Floats:
    """Return the shares of true pairs (A, C) that errors turn into observed counts (a, c): the matrix method.

    `rows` (A, a) and `columns` (C, c) are P(assigned | true). The first a of A true sets are the assigned sets.
    `certain` (a, c) of the observed counts are true, because both ends were judged. If the solution has shares below
    zero or below the certain share, the nearest admissible table is returned. Distances are in units of the variance
    that a share gets from the counts of other pairs, so shares that errors hardly affect stay unchanged.
    """
    left, right = _labels(rows), _labels(columns)
    shares = left.T @ (observed / observed.sum()) @ right
    left, right = _inverse(rows @ left), _inverse(columns @ right)
    never = ~np.logical_and.outer(np.any(rows, axis=1), np.any(columns, axis=1))
    solved = np.where(never, 0.0, left @ shares @ right.T)
    own = np.outer(left.diagonal() ** 2, right.diagonal() ** 2) * shares
    variance = np.where(never, 0.0, np.maximum(left**2 @ shares @ (right**2).T - own, 0) + 1e-9)
    least = np.zeros(solved.shape)
    if certain is not None:
        least[: len(certain), : certain.shape[1]] = certain / observed.sum()
    low, high = 0.0, 1.0
    while np.maximum(solved - high * variance, least).sum() > 1 and high < 1e12:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        too_much = np.maximum(solved - middle * variance, least).sum() > 1
        low, high = (middle, high) if too_much else (low, middle)
    nearest = np.maximum(solved - high * variance, least)
    return np.asarray(nearest / nearest.sum())


def _labels(given_true: Floats) -> Floats:
    """Return the true set for each assigned set (a, A): itself, or if no item has it, its most frequent source."""
    size, n_assigned = given_true.shape
    never = ~np.any(given_true, axis=1)[:n_assigned] & np.any(given_true, axis=0)
    counts_as = np.where(never, given_true.argmax(axis=0), np.arange(n_assigned))
    return np.asarray(np.eye(size)[counts_as])


def _inverse(given_true: Floats) -> Floats:
    """Return the transposed inverse of P(assigned | true) (A, A), by its Neumann series."""
    size = len(given_true)
    power = np.eye(size) - given_true.T
    inverse = np.eye(size)
    for _ in range(_DOUBLINGS):
        inverse, power = inverse + inverse @ power, power @ power
    return inverse
