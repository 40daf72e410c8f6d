"""Containment: categories whose items are nearly all in one or few others, so that crossings are the same items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import Note
from .compile import Taxonomy

_LEAST = 10
"""Items from which a category is judged."""

_FEW = 3
"""Categories that one may be contained in together."""

_FAR = 2.0
"""How many times as often as chance: items of a category must be in those few."""

_CHUNK = 8192


def containment_notes(
    held: NDArray[np.bool_], n: NDArray[np.float64], taxonomy: Taxonomy, kind: str
) -> tuple[Note, ...]:
    """Return a note for each category of ten items or more that is contained in others.

    `held` (s, C) are the distinct sets of categories, of which n (s,) says how many items have each. A category is
    contained where at most three others hold the share `taxonomy.contained` of its items, and at least twice the share
    that chance would put there: that with which the other categories share *their* items with these (and with it).
    Where items carry several labels at random every category shares alike, and none is contained.
    """
    if not len(held):
        return ()
    common = _common(held, n)
    notes = []
    for number, name in enumerate(taxonomy.categories):
        n_items = common[number, number]
        few = np.sort(np.delete(common[number], number))[-_FEW:].sum()
        if n_items >= _LEAST and few >= taxonomy.contained * n_items:
            others, n_also = _holders(held, n, number, taxonomy.contained * n_items)
            chance = _chance(held, n, number, others)
            if n_also >= taxonomy.contained * n_items and n_also >= _FAR * chance * n_items:
                names = _joined([taxonomy.categories[other] for other in others])
                notes.append(Note("contained", name, _message(kind, name, names, (n_also, n_items, chance))))
    return tuple(notes)


def _common(held: NDArray[np.bool_], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many items two categories share (C, C); the diagonal has their sizes."""
    total = np.zeros((held.shape[1], held.shape[1]))
    for start in range(0, len(n), _CHUNK):
        part = held[start : start + _CHUNK].astype(np.float64)
        total += part.T @ (part * n[start : start + _CHUNK, None])
    return total


def _holders(held: NDArray[np.bool_], n: NDArray[np.float64], category: int, enough: float) -> tuple[list[int], float]:
    """Return the fewest categories, found greedily, that hold enough of a category's items, and how many these hold."""
    own = held[:, category]
    rest, left = held[own].copy(), n[own].copy()
    rest[:, category] = False
    others: list[int] = []
    while len(others) < _FEW and left.sum() > n[own].sum() - enough:
        others.append(int(np.argmax(left @ rest)))
        left[rest[:, others[-1]]] = 0
    return others, float(n[own].sum() - left.sum())


def _chance(held: NDArray[np.bool_], n: NDArray[np.float64], category: int, others: list[int]) -> float:
    """Return the share of the items of all other categories that have a further one among `others` and `category`.

    An item counts once for each of its categories but `category`: so a category's items weigh as they do in
    its own share, in which items of many categories come up more often.
    """
    size = held.sum(axis=1)
    size_but_own = size - held[:, category]
    n_among = held[:, [*others, category]].sum(axis=1)
    # One among them is a further category for all the others of the item; two are for every one.
    sharing = np.where(n_among >= 2, size_but_own, np.where(n_among == 1, size - 1, 0))
    total = float(n @ size_but_own)
    return float(n @ sharing) / total if total else 0.0


def _joined(names: list[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _message(kind: str, name: str, names: str, counts: tuple[float, float, float]) -> str:
    n_also, n_items, chance = counts
    return (
        f"{kind}: {n_also:,.0f} of the {n_items:,.0f} items of {name} are also in {names}, where "
        f"{chance * n_items:,.0f} would be if it shared items as the other categories do; what it has in common with "
        "them is mostly these same items"
    )
