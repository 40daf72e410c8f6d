"""What moved a number: data, taxonomy, settings, program; each by the mean over the orders in which they change.

Shapley (1953), "A value for n-person games": with each mixture of old and new computed, the share of a cause is the
mean, over all orders, of what changes when it is its turn. Shares add up to the whole change exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from math import factorial

DATA, TAXONOMY, SETTINGS, PROGRAM = "data", "taxonomy", "settings", "program"
CAUSES = (DATA, TAXONOMY, SETTINGS, PROGRAM)

_TWO_THIRDS = 2 / 3


def shapley(factors: Sequence[str], value: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Return the share of each factor in `value(all) - value(none)`; `value` is given the factors that are new.

    >>> shapley(["a", "b"], lambda new: 1.0 if new == {"a", "b"} else 0.0)
    {'a': 0.5, 'b': 0.5}
    """
    shares = dict.fromkeys(factors, 0.0)
    for order in permutations(factors):
        new: frozenset[str] = frozenset()
        for factor in order:
            before, new = value(new), new | {factor}
            shares[factor] += (value(new) - before) / factorial(len(factors))
    return shares


def named(shares: Mapping[str, float]) -> tuple[str, ...]:
    """Return the cause that made more than two thirds of what moved, or the two that made most; none for no move.

    >>> named({"data": 0.9, "taxonomy": 0.1}), named({"data": 0.5, "taxonomy": -0.5}), named({"data": 0.0})
    (('data',), ('data', 'taxonomy'), ())
    """
    sizes = {cause: abs(share) for cause, share in shares.items() if abs(share) > 1e-12}
    whole = sum(sizes.values())
    ranked = sorted(sizes, key=lambda cause: (-round(sizes[cause], 12), CAUSES.index(cause)))
    if not ranked:
        return ()
    return tuple(ranked[:1]) if sizes[ranked[0]] > _TWO_THIRDS * whole else tuple(ranked[:2])
