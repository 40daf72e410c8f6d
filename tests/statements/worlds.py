"""Worlds of which everything is known, as tables of units: with nothing in them, and with one planted difference."""

import numpy as np

from diptych.statements import Table
from diptych.stats.shares import Design

EVEN, UNEVEN = [0.4, 0.3, 0.3], [0.45, 0.3, 0.15, 0.1]


def table(x, y, cluster=None, stratum=None, weight=None, **more):
    """Return the table of units with sets of categories (n, R) and (n, C)."""
    ones = np.ones(len(x))
    w = ones if weight is None else weight
    rows, columns = (tuple(f"{letter}{k}" for k in range(sets.shape[1])) for letter, sets in (("r", x), ("c", y)))
    names = () if cluster is None else tuple(f"g{k}" for k in range(int(cluster.max()) + 1))
    levels = () if stratum is None else tuple(f"s{k}" for k in range(int(stratum.max()) + 1))
    is_same = more.get("is_same", False)
    return Table(
        rows, rows if is_same else columns, x, y, Design(w, w**2, ones, cluster), clusters=names, stratum=stratum,
        strata=levels, **more,
    )  # fmt: skip


def sets(numbers, n):
    """Return one category a unit as sets (n units, n categories)."""
    return np.eye(n, dtype=bool)[numbers]


def drawn(rng, shares, n):
    return rng.choice(len(shares), n, p=np.array(shares) / np.sum(shares))


def alike(rng, sizes, shares, correlation):
    """Return clusters of given sizes, whose units have outcomes with an intraclass correlation."""
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    own = rng.dirichlet(np.array(shares) * (1 / correlation - 1), len(sizes))
    return cluster, np.array([rng.choice(len(shares), p=own[g]) for g in cluster])


SIZES = {
    "12 equal": lambda rng: np.full(12, 25),  # noqa: ARG005
    "24 large": lambda rng: np.full(24, 150),  # noqa: ARG005
    "40 unequal": lambda rng: np.maximum(rng.lognormal(2.5, 1, 40).astype(int), 1),
    "100 small": lambda rng: np.full(100, 8),  # noqa: ARG005
}


def clustered(rng, sizes, kind):
    """Return a table in clusters: the subject is constant within them, varies within them, or both."""
    cluster, y = alike(rng, SIZES[sizes](rng), UNEVEN, 0.3)
    own, each = drawn(rng, EVEN, int(cluster.max()) + 1)[cluster], drawn(rng, EVEN, len(cluster))
    x = {"between": own, "within": each, "both": np.where(rng.random(len(cluster)) < 0.7, own, each)}[kind]
    return table(sets(x, 3), sets(y, 4), cluster)


def stratified(rng):
    """Return a table whose sides are related through the strata alone."""
    of_x, of_y = [np.array(p) for p in ([[6, 3, 1], [2, 5, 3], [1, 3, 6]], [[6, 2, 2], [3, 4, 3], [1, 3, 6]])]
    stratum = drawn(rng, EVEN, 900)
    x, y = (np.array([rng.choice(3, p=of[s] / 10) for s in stratum]) for of in (of_x, of_y))
    return table(sets(x, 3), sets(y, 3), stratum=stratum)


def in_groups(rng):
    """Return a table whose sides are related through groups alone, in all of which both occur."""
    group = np.repeat(np.arange(30), 60)
    chance = rng.beta(2, 2, (2, 30))
    x, y = (rng.random(len(group)) < of[group] for of in chance)
    return table(np.stack([x, ~x], 1), np.stack([y, ~y], 1), group)


def plain(rng, n, rows, columns, **more):
    return table(sets(drawn(rng, rows, n), len(rows)), sets(drawn(rng, columns, n), len(columns)), **more)


EMPTY = {
    "independent 100": lambda rng: plain(rng, 100, EVEN, EVEN),
    "independent 300": lambda rng: plain(rng, 300, UNEVEN, [0.3, 0.25, 0.2, 0.15, 0.1]),
    "large": lambda rng: plain(rng, 20_000, UNEVEN, UNEVEN),
    "two by two": lambda rng: plain(rng, 200, [0.5, 0.5], [0.7, 0.3]),
    "rare": lambda rng: plain(rng, 2_000, [0.5, 0.3, 0.15, 0.05], [0.9, 0.06, 0.03, 0.01]),
    "many": lambda rng: plain(rng, 1_500, np.arange(1, 13), np.arange(1, 16)),
    "ordered": lambda rng: plain(rng, 500, [0.2] * 5, EVEN, ordered=True),
    "weighted": lambda rng: plain(rng, 400, EVEN, EVEN, weight=rng.lognormal(0, 1, 400)),
    "several": lambda rng: table(rng.random((400, 5)) < np.arange(1, 6) / 10, rng.random((400, 6)) < 0.3),
    "stratified": stratified,
    "in groups": in_groups,
    "same": lambda rng: plain(rng, 400, EVEN, EVEN, is_same=True),
    **{
        f"{kind}, {sizes}": lambda rng, kind=kind, sizes=sizes: clustered(rng, sizes, kind)
        for kind, sizes in (
            *(("between", sizes) for sizes in SIZES),
            *(("both", sizes) for sizes in SIZES),
            ("within", "24 large"),
            ("within", "40 unequal"),
        )
    },
}
"""Worlds without association by name: functions of a random generator. In those of strata and groups, there is none
among units of the same one."""


def planted(rng, world):
    """Return a table of a world in which units with r0 have c1 more often by 30 points."""
    found = EMPTY[world](rng)
    hit = found.x[:, 0] & ~found.y[:, 1] & (rng.random(len(found.x)) < 0.3 / (1 - found.y[:, 1].mean()))
    y = found.y.copy()
    y[hit] = False
    y[hit, 1] = True
    return table(found.x, y, found.design.cluster, found.stratum, found.design.weight)
