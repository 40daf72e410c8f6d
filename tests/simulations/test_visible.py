"""How far a pair must depart to be found four times in five, against how often it is found."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.findings import surprises
from tests.draws import draws
from tests.simulations.judging import study_of
from tests.simulations.records import Records

pytestmark = pytest.mark.long
K, REPLICATIONS = 4, draws(50, 200)


def even(rng, n, ratio=1.0):
    """Draw n records of four even categories a side, of which the first of each meet `ratio` times as often.

    What they have more is taken from both of their margins' other cells, and given to the rest: margins stay even.
    """
    chances = np.full((K, K), 1 / K**2)
    more = (ratio - 1) / K**2
    chances[0, 0] += more
    chances[0, 1:] -= more / (K - 1)
    chances[1:, 0] -= more / (K - 1)
    chances[1:, 1:] += more / (K - 1) ** 2
    rows, columns = np.divmod(rng.choice(K * K, n, p=chances.ravel()), K)
    return Records(rows[:, None] == np.arange(K), columns[:, None] == np.arange(K), same=False)


def found_in(records):
    """Return the finding on pairs, and whether it names the first of each side as more than expected."""
    (found,) = surprises.find(study_of(records.incidence(), "records"))
    return found, ("R01", "C01") in {(pair.given, pair.outcome) for pair in found.above}


@pytest.mark.parametrize("n", [400, 1600])
def test_a_pair_that_departs_so_far_is_found_four_times_in_five(n):
    null, _ = found_in(even(np.random.default_rng(n), n))
    assert null.visible is not None
    rngs = [np.random.default_rng([n, replication]) for replication in range(REPLICATIONS)]
    rate = np.mean([found_in(even(rng, n, null.visible))[1] for rng in rngs])
    # With one departure the other pairs of its row and column depart too, the other way, which makes q a little smaller.
    assert 0.72 <= rate <= 0.9
    nearer = np.mean([found_in(even(rng, n, 1 + (null.visible - 1) / 2))[1] for rng in rngs])
    assert nearer < 0.5
