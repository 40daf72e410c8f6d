"""The worlds of the table of statements (benchmarks/simulations.md): how records are drawn, and what is true of them.

Every world is drawn from a generator seeded with its name and the number of the replication, sizes of categories
included, so that a rate is over worlds of a sort and not over one table. What is true of a world is listed with it;
any other statement that a report makes of it is false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tests.simulations.records import Records, Sets, Whole
from tests.simulations.shared import likes
from tests.simulations.statements import Said

Floats = NDArray[np.float64]
Rng = np.random.Generator


@dataclass(frozen=True)
class World:
    """A world by its name, how it is drawn, and what is true of it.

    `planted` are the statements that a report should make, strongest first where they are `ranked`; `also` are true of
    the same world and may be made.
    """

    name: str
    make: Callable[[Rng], Records]
    planted: tuple[Said, ...] = ()
    also: frozenset[Said] = frozenset()
    ranked: bool = True

    def draw(self, replication: int) -> Records:
        """Return one replication."""
        return self.make(np.random.default_rng([self.seed, replication]))

    @property
    def seed(self) -> int:
        """A number made of the name, so that another world beside it changes nothing here."""
        return crc32(self.name.encode())


def sizes(rng: Rng, n: int) -> Floats:
    """Return the shares of n categories: unequal, each at least a tenth of an equal share."""
    shares: Floats = 0.9 * rng.dirichlet(np.full(n, 2.0)) + 0.1 / n
    return shares


def one_each(numbers: Whole, n: int) -> Sets:
    """Return the sets (N, n) of records with one category each; the number n is none."""
    found: Sets = numbers[:, None] == np.arange(n)
    return found


def of_chances(rng: Rng, chances: Floats, n: int, *, same: bool, unlabelled: bool = False) -> Records:
    """Draw n records of one label a side with these chances (R, C); `unlabelled`: the last of each is no category."""
    cells = rng.choice(chances.size, n, p=chances.ravel() / chances.sum())
    shape = chances.shape[0] - unlabelled, chances.shape[1] - unlabelled
    numbers = np.divmod(cells, chances.shape[1])
    return Records(one_each(numbers[0], shape[0]), one_each(numbers[1], shape[1]), same)


# Nothing is related.


def unrelated(rng: Rng, n: int) -> Records:
    """Two taxonomies of 5 to 9 categories, drawn apart."""
    shares = [sizes(rng, int(k)) for k in rng.integers(5, 10, 2)]
    return of_chances(rng, np.outer(*shares), n, same=False)


def collider(rng: Rng, n: int) -> Records:
    """Two unrelated taxonomies of five; nine of ten records with R01 or C01 are complete, three of ten others.

    Every other record lacks the label of one side.
    """
    whole = of_chances(rng, np.outer(sizes(rng, 5), sizes(rng, 5)), n, same=False)
    chance = np.where(whole.rows[:, 0] | whole.columns[:, 0], 0.9, 0.3)
    side = rng.integers(0, 2, n)
    return replace(whole, lost=(rng.random(n) > chance)[:, None] & (side[:, None] == np.arange(2)))


def weighted(rng: Rng, n: int, spread: float) -> Records:
    """Two unrelated taxonomies of five; log-normal weights, rounded up to tenths of their median."""
    whole = of_chances(rng, np.outer(sizes(rng, 5), sizes(rng, 5)), n, same=False)
    return replace(whole, weight=np.ceil(10 * np.exp(spread * rng.standard_normal(n))))


def schools(rng: Rng, n_schools: int, *, declared: bool) -> Records:
    """Two taxonomies of four; each school of five classes has mixes of its own, drawn apart; classes have 20 records.

    Groups are schools if these are `declared`, else classes.
    """
    school = np.repeat(np.arange(n_schools), 5 * 20)
    sides = []
    for _ in range(2):
        mixes = rng.dirichlet(10 * sizes(rng, 4), n_schools).cumsum(axis=1)
        sides.append(one_each((rng.random(len(school))[:, None] > mixes[school, :-1]).sum(axis=1), 4))
    classes = np.arange(len(school)) // 20
    return Records(*sides, same=False, group=school if declared else classes, larger=school)


def only_sizes(rng: Rng, n_categories: int, n: int, closeness: float = 1.0) -> Records:
    """One taxonomy; sizes differ between the sides, and units of one category are `closeness` times as likely."""
    chances = np.outer(sizes(rng, n_categories), sizes(rng, n_categories))
    return of_chances(rng, np.where(np.eye(n_categories) > 0, closeness, 1.0) * chances, n, same=True)


def stay_or_move(rng: Rng, n_categories: int, n: int) -> Records:
    """Three of four records stay in their category; the others move to another by its size alone."""
    start, goal = sizes(rng, n_categories), sizes(rng, n_categories)
    moving = np.where(np.eye(n_categories) > 0, 0.0, goal)
    moving /= moving.sum(axis=1, keepdims=True)
    return of_chances(rng, start[:, None] * (0.75 * np.eye(n_categories) + 0.25 * moving), n, same=True)


def one_large(rng: Rng, *large: float, n: int = 2000) -> Records:
    """Six categories of which the first have these shares, the rest equal ones; six of ten records stay."""
    shares = np.array([*large, *np.full(6 - len(large), (1 - sum(large)) / (6 - len(large)))])
    rows, columns = (rng.dirichlet(400 * shares) for _ in range(2))
    closeness = np.where(np.eye(6) > 0, 4.0, 1.0)
    return of_chances(rng, np.outer(rows, columns) * closeness, n, same=True)


def near_copies(rng: Rng, n_groups: int, n_categories: int, spread: float) -> Records:
    """Two taxonomies; groups of log-normal size (median 10) whose members are 19 times in 20 as their group on each side."""
    group = np.repeat(np.arange(n_groups), 1 + np.floor(rng.lognormal(2.3, spread, n_groups)).astype(int))
    return Records(*(_alike(rng, group, sizes(rng, n_categories), 0.95) for _ in range(2)), same=False, group=group)


def _alike(rng: Rng, group: Whole, shares: Floats, agreement: float) -> Sets:
    """Draw a category for each group and let its members have it with this chance, else one of their own."""
    k = len(shares)
    own, of_group = rng.choice(k, len(group), p=shares), rng.choice(k, group.max() + 1, p=shares)
    return one_each(np.where(rng.random(len(group)) < agreement, of_group[group], own), k)


def in_strata(rng: Rng, n_levels: int, n: int) -> Records:
    """Two taxonomies; strata that each have their own sizes on either side, drawn apart within."""
    stratum = rng.integers(0, n_levels, n)
    sides = []
    for _ in range(2):
        shares = np.array([sizes(rng, 6) for _ in range(n_levels)])
        sides.append(one_each((rng.random(n)[:, None] > shares.cumsum(axis=1)[stratum]).sum(axis=1), 6))
    return Records(sides[0], sides[1], same=False, stratum=stratum)


def made_by_strata(rng: Rng, n_levels: int, n: int) -> Records:
    """One taxonomy; strata that each have sizes of their own, the same on both sides, drawn apart within."""
    stratum = rng.integers(0, n_levels, n)
    shares = np.array([rng.dirichlet(np.full(5, 0.5)) for _ in range(n_levels)]).cumsum(axis=1)[stratum]
    sides = [one_each((rng.random(n)[:, None] > shares).sum(axis=1), 5) for _ in range(2)]
    return Records(sides[0], sides[1], same=True, stratum=stratum)


def few_groups(rng: Rng, per_stratum: int, n_strata: int = 30) -> Records:
    """Two taxonomies; strata of so many groups each, whose members are seven times in ten as their group."""
    n_groups = per_stratum * n_strata
    group = np.repeat(np.arange(n_groups), 1 + rng.poisson(14, n_groups))
    stratum = group // per_stratum
    sides = []
    for _ in range(2):
        shares = np.array([sizes(rng, 4) for _ in range(n_strata)]).cumsum(axis=1)
        own = (rng.random(len(group))[:, None] > shares[stratum]).sum(axis=1)
        of_group = (rng.random(n_groups)[:, None] > shares[np.arange(n_groups) // per_stratum]).sum(axis=1)
        sides.append(one_each(np.where(rng.random(len(group)) < 0.7, of_group[group], own), 4))
    return Records(sides[0], sides[1], same=False, group=group, stratum=stratum)


def idle_strata(rng: Rng, n_levels: int, n: int, per_stratum: int | None = None) -> Records:
    """One taxonomy with a true diagonal, and strata that have nothing to do with it.

    With `per_stratum`, records come in so many groups of each stratum, members nine times in ten as their group.
    """
    shares = sizes(rng, 5)
    if per_stratum is None:
        rows, stay = rng.choice(5, n, p=shares), rng.random(n) < 0.7
        columns = np.where(stay, rows, rng.choice(5, n, p=shares))
        return Records(one_each(rows, 5), one_each(columns, 5), same=True, stratum=rng.integers(0, n_levels, n))
    n_groups = n_levels * per_stratum
    group = np.repeat(np.arange(n_groups), 1 + rng.poisson(n / n_groups - 1, n_groups))
    of_rows = rng.choice(5, n_groups, p=shares)
    of_columns = np.where(rng.random(n_groups) < 0.7, of_rows, rng.choice(5, n_groups, p=shares))
    sides = [
        one_each(np.where(rng.random(len(group)) < 0.9, of[group], rng.choice(5, len(group), p=shares)), 5)
        for of in (of_rows, of_columns)
    ]
    return Records(sides[0], sides[1], same=True, group=group, stratum=group // per_stratum)


def diagonal(rng: Rng, n: int) -> Records:
    """One taxonomy, one label a side; equal categories meet three times as often as sizes make them, no others do.

    What the diagonal has more is taken from records that have the category on one side and none on the other, so that
    sizes stay and every two different categories are exactly independent. Less than half of the records agree.
    """
    k, known = 6, 0.55
    rows, columns = (np.append(known * sizes(rng, k), 1 - known) for _ in range(2))
    chances = np.outer(rows, columns)
    more = np.minimum(2 * np.diag(chances)[:k], 0.8 * np.minimum(chances[:k, k], chances[k, :k]))
    places = np.arange(k)
    chances[places, places] += more
    chances[places, k] -= more
    chances[k, places] -= more
    chances[k, k] += more.sum()
    return of_chances(rng, chances, n, same=True, unlabelled=True)


def shadow(rng: Rng, n: int) -> Records:
    """One taxonomy; three of ten records stay in their category, the others are drawn apart."""
    start, goal = sizes(rng, 6), sizes(rng, 6)
    return of_chances(rng, start[:, None] * (0.3 * np.eye(6) + 0.7 * goal), n, same=True)


def active(rng: Rng, n: int, *, same: bool, strata: bool) -> Records:
    """Several labels a record, Poisson with a mean that differs by record (log-normal), each drawn by itself."""
    activity = np.exp(0.8 * rng.standard_normal(n))
    sides = []
    for mean in (1.2, 1.5):
        n_labels = 1 + rng.poisson(mean * activity)
        record = np.repeat(np.arange(n), n_labels)
        found = np.zeros((n, 7), dtype=bool)
        found[record, rng.choice(7, len(record), p=sizes(rng, 7))] = True
        sides.append(found)
    return Records(sides[0], sides[1], same, activity=strata)


def shared(rng: Rng, n: int, *, strata: bool) -> Records:
    """One taxonomy of nine over a shared key; users of unequal activity, each like drawn by itself, one in six of none.

    So few users and so many categories that one of them seems to agree within strata, if each is judged by itself.
    """
    first, second = (5 / 6 * sizes(rng, 9) for _ in range(2))
    return likes(rng, (first, second), n, activity=strata)


# Something is planted.


def pairs(rng: Rng, factors: tuple[tuple[int, int, float], ...], n: int = 2000) -> Records:
    """Two taxonomies of seven; pairs (row, column, factor) meet so many times as often, and no others more or less.

    What pairs have more is taken from records with one of the two categories and none on the other side.
    """
    shares = np.append(np.full(7, 0.085), 0.405)
    chances = np.outer(shares, shares)
    for row, column, factor in factors:
        more = (factor - 1) * chances[row, column]
        chances[[row, 7], [column, 7]] += more
        chances[[row, 7], [7, column]] -= more
    return of_chances(rng, chances, n, same=False, unlabelled=True)


def turned(rng: Rng, factor: float, n: int = 2000) -> Records:
    """One taxonomy of six; most stay, others move by sizes, but from the first to the second so many times as often."""
    shares = [0.5 * sizes(rng, 6) + 0.5 / 6 for _ in range(2)]
    chances = np.outer(*shares) * np.where(np.eye(6) > 0, 12.0, 1.0)
    chances[0, 1] *= factor
    return of_chances(rng, chances, n, same=True)


def blocks(rng: Rng, n: int = 3000) -> Records:
    """One taxonomy of eight; most stay, and the first two, and the next two, are eight times as close to each other."""
    shares = [0.5 * sizes(rng, 8) + 0.5 / 8 for _ in range(2)]
    closeness = np.where(np.eye(8) > 0, 16.0, 1.0)
    for first, second in ((0, 1), (2, 3)):
        closeness[first, second] = closeness[second, first] = 8.0
    return of_chances(rng, np.outer(*shares) * closeness, n, same=True)


def opposed(rng: Rng, factors: tuple[float, ...], n: int = 2000) -> Records:
    """Two taxonomies of four; in each place the first row and column meet so many times as often, no others do.

    What the pair has more, or less, is exchanged with records that have one of the two and none on the other side.
    """
    place = rng.integers(0, len(factors), n)
    shares = np.array([0.25, *np.full(3, 0.35 / 3), 0.4])
    cells = np.zeros(n, dtype=np.int64)
    for level, factor in enumerate(factors):
        chances = np.outer(shares, shares)
        more = (factor - 1) * chances[0, 0]
        chances[[0, 4], [0, 4]] += more
        chances[[0, 4], [4, 0]] -= more
        inside = place == level
        cells[inside] = rng.choice(25, inside.sum(), p=chances.ravel())
    rows, columns = (one_each(number, 4) for number in np.divmod(cells, 5))
    return Records(rows, columns, same=False, stratum=place)


def copies(rng: Rng, n: int = 3000) -> Records:
    """One taxonomy; six places, 85 of 100 records of each in a category of its own, 99 of 100 in it on both sides.

    With nine of ten, about one place in 15 is too uniform to show less agreement than expected, so its category is
    reported as not testable in any place.
    """
    place = rng.integers(0, 6, n)
    shares = (0.03 + 0.82 * np.eye(6)).cumsum(axis=1)[place]
    rows, others = ((rng.random(n)[:, None] > shares).sum(axis=1) for _ in range(2))
    columns = np.where(rng.random(n) < 0.99, rows, others)
    return Records(one_each(rows, 6), one_each(columns, 6), same=True, stratum=place)


def unequal(
    rng: Rng, n_groups: int, *, largest: float | None = None, spread: float = 0.0, odds: float = 1.0, contrary: int = 0
) -> Records:
    """Two taxonomies of five; groups of 40 records on average, each with its own mix of rows and of columns.

    The first group holds the share `largest`; the sizes of the others are log-normal. In all groups but `contrary`, in
    which it is the reverse, the odds of the first column are `odds` times as high in the first row.
    """
    weight = np.exp(spread * rng.standard_normal(n_groups))
    if largest is not None:
        weight[0] = largest / (1 - largest) * weight[1:].sum()
    group = np.repeat(np.arange(n_groups), np.maximum(np.rint(40 * n_groups * weight / weight.sum()), 4).astype(int))
    reverse = rng.choice(n_groups, contrary, replace=False)
    shares = np.array([0.3, 0.25, 0.2, 0.15, 0.1]), np.array([0.25, 0.3, 0.15, 0.2, 0.1])
    cells = np.zeros(len(group), dtype=np.int64)
    for number in range(n_groups):
        rows, columns = (rng.dirichlet(8 * side) for side in shares)
        chances = np.outer(rows, columns)
        chances[0, 0] *= 1 / odds if number in reverse else odds
        chances[0] *= rows[0] / chances[0].sum()
        inside = group == number
        cells[inside] = rng.choice(25, inside.sum(), p=chances.ravel() / chances.sum())
    rows, columns = (one_each(number, 5) for number in np.divmod(cells, 5))
    return Records(rows, columns, same=False, group=group)


EVEN = np.array([*[(0.25, 0.25, 0.25, 0.25)] * 2, (0.29, 0.25, 0.25, 0.21), *[(0.25, 0.25, 0.25, 0.25)] * 3])
"""Six rows over four columns: all as all records are but one, whose odds of two columns differ by more than a quarter."""
ALIKE = np.array([(0.26, 0.38, 0.2, 0.16), (0.32, 0.22, 0.28, 0.18), *[(0.4, 0.3, 0.2, 0.1)] * 2])
"""Four rows over four columns: the last two exactly alike, any other two overlap by 84 to 86 %."""


def of_rows(rng: Rng, rows: Floats, n: int) -> Records:
    """Two taxonomies; rows of one size with these shares of columns (R, C)."""
    return of_chances(rng, rows, n, same=False)


def _departing(rows: Floats) -> frozenset[Said]:
    """Return the pairs of rows (R, C) of one size that meet more, or less, often than sizes make them."""
    off = rows - rows.mean(axis=0)
    return frozenset(
        Said("pair", (f"R{i + 1:02d}", f"C{j + 1:02d}"), "above" if off[i, j] > 0 else "below")
        for i, j in zip(*np.nonzero(np.abs(off) > 1e-9), strict=True)
    )


def _look_alike(rows: Floats) -> Iterator[Said]:
    """Yield the rows (R, C) of one size, and the columns, of which every two overlap more than any other two do."""
    for side, letter, of in (("rows", "R", rows), ("columns", "C", rows.T)):
        share = of / of.sum(axis=1, keepdims=True)
        overlap = {(a, b): np.minimum(share[a], share[b]).sum() for a, b in combinations(range(len(of)), 2)}
        for members in (m for size in range(2, len(of)) for m in combinations(range(len(of)), size)):
            inside = [overlap[pair] for pair in combinations(members, 2)]
            if min(inside) > max(value for pair, value in overlap.items() if not {*pair} <= {*members}):
                yield Said("block", tuple(f"{letter}{i + 1:02d}" for i in members), side)


def _above(row: str, column: str) -> Said:
    return Said("pair", (row, column), "above")


def _both(first: str, second: str) -> set[Said]:
    return {_above(first, second), _above(second, first)}


_BLOCK = Said("block", ("K01", "K02"), "both")
_LASTING = frozenset(Said("lasting", (f"K{i:02d}",)) for i in range(1, 6))
_EXPLAINED = frozenset({Said("explained", ("place",))})


def _of_copies(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what is true of a category whose units nearly all agree: it is apart, and its odds differ by place."""
    return ("isolation", (name,)), ("graded", (name, name))


_SPREAD = frozenset(Said("spread", (f"R{i:02d}",)) for i in range(1, 10))
"""Every row follows all records."""
_OPPOSED = Said("opposite", ("R01", "C01"))
_CONTRAST = frozenset(
    {
        *(Said("pair", (f"R{i:02d}", f"C{j:02d}"), "above") for i in range(2, 6) for j in range(2, 6)),
        *(Said("pair", ("R01", f"C{j:02d}"), "below") for j in range(2, 6)),
        *(Said("pair", (f"R{i:02d}", "C01"), "below") for i in range(2, 6)),
    }
)
"""What follows from more of the first column in the first row."""
SIZED = ((2, 2000), (5, 2000), (9, 2000), (30, 8000))
"""Numbers of categories and of records."""

NOTHING = (
    *(World(f"unrelated, {n} records", partial(unrelated, n=n), also=_SPREAD) for n in (60, 300, 1500)),
    *(World(f"only sizes, {k} categories", partial(only_sizes, n_categories=k, n=n)) for k, n in SIZED),
    *(
        World(f"only sizes and a diagonal, {k} categories", partial(only_sizes, n_categories=k, n=n, closeness=9.0))
        for k, n in SIZED
    ),
    *(World(f"stay or move, {k} categories", partial(stay_or_move, n_categories=k, n=2000)) for k in (5, 9)),
    World("one large category", lambda rng: one_large(rng, 0.6)),
    World("two large categories", lambda rng: one_large(rng, 0.45, 0.45)),
    *(
        World(f"near-copies in {n} groups", partial(near_copies, n_groups=n, n_categories=k, spread=0.5), also=_SPREAD)
        for n, k in ((200, 5), (400, 9))
    ),
    *(
        World(
            f"near-copies in {n} very unequal groups",
            partial(near_copies, n_groups=n, n_categories=6, spread=1.2),
            also=_SPREAD,
        )
        for n in (200, 400)
    ),
    *(World(f"two strata, {n} records", partial(in_strata, n_levels=2, n=n), also=_SPREAD) for n in (300, 1500)),
    *(World(f"strata of {n} groups", partial(few_groups, per_stratum=n), also=_SPREAD) for n in (2, 3, 5)),
    World("agreement by strata alone", partial(made_by_strata, n_levels=6, n=1500), also=_EXPLAINED),
    *(
        World(f"idle strata, {levels} levels, {n} records", partial(idle_strata, n_levels=levels, n=n), also=_LASTING)
        for levels, n in ((3, 1000), (40, 1000), (40, 100))
    ),
    *(
        World(f"idle strata of {n} groups", partial(idle_strata, n_levels=20, n=1200, per_stratum=n), also=_LASTING)
        for n in (2, 3, 5)
    ),
    *(World(f"a diagonal, {n} records", partial(diagonal, n=n)) for n in (300, 1000, 4000)),
    *(World(f"the shadow of a diagonal, {n} records", partial(shadow, n=n)) for n in (300, 1000, 4000)),
    World("activity, strata of activity", partial(active, n=1500, same=False, strata=True), also=_SPREAD),
    World(
        "activity, one taxonomy, strata of activity",
        partial(active, n=1500, same=True, strata=True),
        also=frozenset({Said("explained", ("activity",))}),  # labels of active records agree for that reason alone
    ),
    World(
        "a shared key, strata of activity",
        partial(shared, n=1000, strata=True),
        also=frozenset({Said("explained", ("activity",))}),
    ),
    World("15 groups, one holds half", partial(unequal, n_groups=15, largest=0.5), also=_SPREAD),
    World("40 groups, one holds a quarter", partial(unequal, n_groups=40, largest=0.25), also=_SPREAD),
    World("40 unequal groups", partial(unequal, n_groups=40, spread=1.0), also=_SPREAD),
)
SELECTED = (
    World("collider", partial(collider, n=3000)),
    World("weights of spread 1.5", partial(weighted, n=300, spread=1.5)),
    World("weights of spread 1", partial(weighted, n=1500, spread=1.0)),
    World("schools declared over classes", partial(schools, n_schools=20, declared=True)),
    World("classes declared in schools", partial(schools, n_schools=20, declared=False)),
)
"""Nothing is related, but records are selected, weighted or alike in groups of groups.

Of a collider the first page must say which pairs its coverage alone could produce; of classes a note must point out the
schools.
"""

UNTOLD = (
    World("activity, no strata", partial(active, n=1500, same=False, strata=False)),
    World("activity, one taxonomy, no strata", partial(active, n=1500, same=True, strata=False)),
    World("a shared key, no strata", partial(shared, n=1000, strata=False)),
)
"""Where nobody told the program what makes categories meet: there it must say that it cannot tell."""

PLANTED = (
    World(
        "one pair",
        partial(pairs, factors=((1, 2, 3.5),)),
        (_above("R02", "C03"),),
        _SPREAD - {Said("spread", ("R02",))},
    ),
    World(
        "three pairs",
        partial(pairs, factors=((1, 2, 2.5), (3, 4, 3.5), (5, 6, 5.0)), n=3000),
        (_above("R06", "C07"), _above("R04", "C05"), _above("R02", "C03")),
        _SPREAD - {Said("spread", (name,)) for name in ("R02", "R04", "R06")},
    ),
    World(
        "one direction",
        partial(turned, factor=6.0),
        (Said("direction", ("K01", "K02")),),
        frozenset({_above("K01", "K02"), _BLOCK}),
    ),
    World(
        "two blocks",
        blocks,
        (_BLOCK, Said("block", ("K03", "K04"), "both")),
        frozenset(_both("K01", "K02") | _both("K03", "K04")),
    ),
    *(
        World(
            f"opposite strata, {' and '.join(map(str, factors))}",
            partial(opposed, factors=factors),
            (_OPPOSED,),
            _SPREAD - {Said("spread", ("R01",))} | {Said("graded", _OPPOSED.about)},
        )
        for factors in ((1.6, 0.4), (2.5, 2.5, 0.4), (1.8, 0.2))
    ),
    World(
        "copies within strata",
        copies,
        tuple(Said("lasting", (f"K{i:02d}",)) for i in range(1, 7)),
        _EXPLAINED | {Said(kind, about) for i in range(1, 7) for kind, about in _of_copies(f"K{i:02d}")},
        ranked=False,
    ),
    *(
        World(name, partial(unequal, **how), (_above("R01", "C01"),), _CONTRAST)
        for name, how in (
            ("40 unequal groups, one contrast", {"n_groups": 40, "spread": 1.0, "odds": 3.0, "contrary": 1}),
            ("138 groups, 134 with one contrast", {"n_groups": 138, "spread": 1.2, "odds": 2.0, "contrary": 4}),
            (
                "138 groups, one holds a quarter, 134 with one contrast",
                {"n_groups": 138, "largest": 0.25, "spread": 1.2, "odds": 2.0, "contrary": 4},
            ),
        )
    ),
    World(
        "two rows as all records are",
        partial(of_rows, rows=EVEN, n=16_000),
        tuple(Said("spread", (f"R{i:02d}",)) for i in (1, 2)),
        _SPREAD - {Said("spread", ("R03",))} | _departing(EVEN),
        ranked=False,
    ),
    World(
        "two rows alike",
        partial(of_rows, rows=ALIKE, n=1000),
        also=_departing(ALIKE) | frozenset(_look_alike(ALIKE)),
    ),
)
WORLDS = {world.name: world for world in (*NOTHING, *SELECTED, *UNTOLD, *PLANTED)}
