"""How many distinct sets of items units have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from ..relations.meeting import count_rows

if TYPE_CHECKING:
    from ..sources.engine import Engine, Frame

_PRIME = 2**31 - 1
_FACTOR = 1_103_515_245


def count_sets(held: Frame, engine: Engine) -> tuple[int, int]:
    """Return how many distinct sets of items units have, and how many units share the commonest (0, 0 if none).

    `held` has one row a (`unit`, `item`), items being numbers below 2^31. Exact on every engine, without lists: units
    are sorted into classes by size and two sums over the numbers of items. A unit alone in its class has a set of its
    own; the others are compared item by item with the first unit of their class. Those that differ from it, since
    sums may coincide, go another round among themselves.
    """
    held = held.select("unit", number=nw.col("item"))
    scattered = (nw.col("number") * _FACTOR) % _PRIME
    squares = (scattered * scattered) % _PRIME
    sums = {"size": nw.len(), "plain": nw.col("number").sum(), "squares": squares.sum()}
    rest = engine.keep(held.group_by("unit").agg(**{name: total.cast(nw.Int64) for name, total in sums.items()}))
    n_sets = n_largest = 0
    while count_rows(rest, engine):
        firsts = rest.group_by(*sums).agg(first=nw.col("unit").min(), n_units=nw.len().cast(nw.Int64))
        firsts = engine.keep(firsts)
        n_alone = count_rows(firsts.filter(nw.col("n_units") == 1), engine)
        n_sets, n_largest = n_sets + n_alone, max(n_largest, min(n_alone, 1))
        classed = engine.keep(rest.join(firsts.filter(nw.col("n_units") > 1).drop("n_units"), on=list(sums)))
        if not count_rows(classed, engine):
            break
        compared = _compared(classed, held, engine)
        same = compared.filter(nw.col("n_shared") == nw.col("size"))
        sizes = same.group_by("first").agg(n=nw.len().cast(nw.Int64))
        facts = engine.collect(sizes.select(n=nw.len().cast(nw.Int64), largest=nw.col("n").max())).iloc[0]
        n_sets += int(facts["n"])
        n_largest = max(n_largest, int(facts["largest"]))
        rest = engine.keep(compared.filter(nw.col("n_shared") != nw.col("size")).select("unit", *sums))
    return n_sets, n_largest


def _compared(classed: Frame, held: Frame, engine: Engine) -> Frame:
    """Return the units with `n_shared`, how many of their items the first unit of their class has too.

    Each step by itself: joins in one statement would hold their tables at the same time.
    """
    of_first = held.join(classed.select("first").unique(), left_on="unit", right_on="first")
    of_first = engine.keep(of_first.select("number", first=nw.col("unit")))
    items = engine.keep(classed.select("unit", "first").join(held, on="unit"))
    both = items.join(of_first, on=["first", "number"])
    shared = engine.keep(both.group_by("unit").agg(n_shared=nw.len().cast(nw.Int64)))
    return engine.keep(classed.join(shared, on="unit", how="left").with_columns(nw.col("n_shared").fill_null(0)))
