"""How far a pair must depart to be found four times in five, against how often it is found."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.findings import surprises
from tests.draws import draws
from tests.simulations.judging import study_of
from tests.simulations.records import Records

pytestmark = pytest.mark.nightly
K, REPLICATIONS = 4, draws(50, 200)


def chances(ratio):
    """Return chances (K * K,) of pairs of four even categories a side; the first of each meet `ratio` times as often.

    What they have more is taken from both of their margins' other cells, and given to the rest: margins stay even.
    """
    of = np.full((K, K), 1 / K**2)
    more = (ratio - 1) / K**2
    of[0, 0] += more
    of[0, 1:] -= more / (K - 1)
    of[1:, 0] -= more / (K - 1)
    of[1:, 1:] += more / (K - 1) ** 2
    return of.ravel()


def records(pairs, group=None):
    rows, columns = np.divmod(pairs, K)
    return Records(rows[:, None] == np.arange(K), columns[:, None] == np.arange(K), same=False, group=group)


def even(rng, n, ratio=1.0):
    """Draw n records, each of which has a pair by chance."""
    return records(rng.choice(K * K, n, p=chances(ratio)))


def grouped(rng, sizes, ratio=1.0):
    """Draw records in groups of such sizes; a fifth of a group's records copy its first pair."""
    group, of = np.repeat(np.arange(len(sizes)), sizes), chances(ratio)
    leads, own = rng.choice(K * K, len(sizes), p=of)[group], rng.choice(K * K, len(group), p=of)
    return records(np.where(rng.random(len(group)) < 0.2, leads, own), group)


def found_in(records):
    """Return the finding on pairs, and whether it names the first of each side as more than expected."""
    (found,) = surprises.find(study_of(records.incidence(), "records"))
    return found, ("R01", "C01") in {(pair.given, pair.outcome) for pair in found.above}


def ratio_of(found):
    """Return the ratio at which a pair would be found: of even categories all three pairs are of one size."""
    return float(np.median([pair.share / pair.base for pair in found.detectable]))


@pytest.mark.parametrize("n", [400, 1600])
def test_a_pair_that_departs_so_far_is_found_four_times_in_five(n):
    null, _ = found_in(even(np.random.default_rng(n), n))
    ratio = ratio_of(null)
    rngs = [np.random.default_rng([n, replication]) for replication in range(REPLICATIONS)]
    rate = np.mean([found_in(even(rng, n, ratio))[1] for rng in rngs])
    # With one departure the other pairs of its row and column depart too, the other way, which makes q a little smaller.
    assert 0.72 <= rate <= 0.9
    nearer = np.mean([found_in(even(rng, n, 1 + (ratio - 1) / 2))[1] for rng in rngs])
    assert nearer < 0.5


@pytest.mark.parametrize(("size", "n"), [(20, 60), (10, 200)])
def test_of_groups_too_a_pair_is_found_four_times_in_five(size, n):
    """By the test's own degrees and lumps: with G_eff - 1 and what margins foresee it was found one time in two."""
    null, _ = found_in(grouped(np.random.default_rng(n), [size] * n))
    ratio = ratio_of(null)
    rngs = [np.random.default_rng([n, replication]) for replication in range(REPLICATIONS)]
    rate = np.mean([found_in(grouped(rng, [size] * n, ratio))[1] for rng in rngs])
    assert 0.66 <= rate <= 0.97


def test_where_one_group_holds_half_of_all_units_no_pair_could_have_been_found():
    """It said that a pair would be found that meets 1.15 times as often; none is that meets three times as often."""
    sizes = [2500, 450, 450, 450, 450, *[80] * 20]
    null, _ = found_in(grouped(np.random.default_rng(5), sizes))
    assert null.null
    assert all(pair.share is None for pair in null.detectable)
    assert not any(found_in(grouped(np.random.default_rng([5, i]), sizes, 3.0))[1] for i in range(20))


def two_by_two(rng, p):
    """Draw 1,036 records, 542 of the first row category, with the shares `p` of the first column category by row."""
    rows = np.repeat([0, 1], [542, 494])
    columns = (rng.random(len(rows)) >= np.asarray(p)[rows]).astype(int)
    return Records(rows[:, None] == np.arange(2), columns[:, None] == np.arange(2), same=False)


def test_of_two_by_two_the_difference_between_both_rows_is_found_four_times_in_five():
    """It gave the difference of a row from all records, about half of the difference of a row from the other row."""
    (null,) = surprises.find(study_of(two_by_two(np.random.default_rng(1), (0.65, 0.65)).incidence(), "records"))
    assert null.null
    gap = float(np.median([pair.difference for pair in null.detectable]))
    rngs = [np.random.default_rng([65, replication]) for replication in range(4 * REPLICATIONS)]
    found = [
        surprises.find(
            study_of(two_by_two(rng, (0.65 + gap * 494 / 1036, 0.65 - gap * 542 / 1036)).incidence(), "records")
        )
        for rng in rngs
    ]
    assert 0.73 <= np.mean([not one.null for (one,) in found]) <= 0.87


def test_a_table_of_two_by_two_has_one_test():
    study = study_of(two_by_two(np.random.default_rng(1), (0.65, 0.65)).incidence(), "records")
    assert study.tables.family_sizes(study.inference) == (1,)
    study = study_of(even(np.random.default_rng(1), 400).incidence(), "records")
    assert study.tables.family_sizes(study.inference) == (K * K,)
