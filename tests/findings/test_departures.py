"""What departs from base rates: pair by pair by hand, and against plain loops over random tables."""

import math

import numpy as np
import pytest

from diptych.findings import composition
from diptych.findings.composition import departures as beyond_chance

ABC, XY = ("A", "B", "C"), ("X", "Y")


def test_pairs_come_by_what_they_make_of_all_that_departs(make_study):
    """Four pairs of 60 units; A x X and B x Y have 20 and 25 where 15 would be, the others fewer."""
    table = {("A", "X"): 20, ("A", "Y"): 5, ("B", "X"): 10, ("B", "Y"): 25}
    (found,) = composition.find_departures(
        make_study([(a, x, n) for (a, x), n in table.items()], ("A", "B"), columns=XY)
    )
    rows, columns = {"A": 25, "B": 35}, {"X": 30, "Y": 30}
    amounts = {}
    for (a, x), n in table.items():
        e = rows[a] * columns[x] / 60
        # Without groups the variance given all margins is that of the hypergeometric law, (N - 1) taken as N.
        variance = e * (1 - rows[a] / 60) * (1 - columns[x] / 60)
        amounts[a, x] = n * math.log(n / e) - (n - e) - variance / (2 * e)
    total = sum(amounts.values())
    order = sorted(amounts, key=lambda pair: -amounts[pair])
    assert [(p.row, p.column) for p in found.pairs] == order
    assert [p.share for p in found.pairs] == pytest.approx([amounts[pair] / total for pair in order], rel=0.02)
    assert sum(pair.share for pair in found.pairs) == pytest.approx(1)
    assert (found.null, found.n_pairs) == (False, 4)


def test_a_large_share_that_is_the_base_rate_does_not_matter(make_study):
    """X has two thirds of all units, and of those with C; what matters is that A has none of it."""
    patterns = [("A", "Y", 30), ("B", "X", 60), ("C", "X", 60), ("C", "Y", 30), ("B", "Y", 10)]
    (found,) = composition.find_departures(make_study(patterns, ABC, columns=XY))
    pairs = [(p.row, p.column) for p in found.pairs]
    assert pairs[:2] == [("A", "X"), ("A", "Y")]
    assert ("C", "X") not in pairs


def test_where_all_is_as_expected_nothing_departs(make_study):
    patterns = [(a, x, n * m) for a, n in zip(ABC, (20, 40, 60), strict=True) for x, m in zip(XY, (1, 2), strict=True)]
    (found,) = composition.find_departures(make_study(patterns, ABC, columns=XY))
    assert (found.null, found.pairs) == (True, ())


def test_near_copies_in_groups_depart_by_chance(make_study):
    """The same table: forty units that are alone, or ten groups of four copies, which chance moves further."""
    table = [("A", "X", 12), ("A", "Y", 8), ("B", "X", 8), ("B", "Y", 12)]
    (alone,) = composition.find_departures(make_study(table, ("A", "B"), columns=XY))
    copies = [(a, x, 4, "", f"{a}{x}{k}") for a, x, n in table for k in range(n // 4)]
    (grouped,) = composition.find_departures(make_study(copies, ("A", "B"), columns=XY, groups=True))
    assert not alone.null
    assert grouped.null


@pytest.mark.parametrize("seed", range(5))
def test_random_tables_against_plain_loops(seed):
    rng = np.random.default_rng(seed)
    joint = rng.poisson(rng.gamma(0.5, 10, (4, 6))).astype(float)
    expected, variance = rng.gamma(1, 10, (4, 6)), rng.gamma(1, 10, (4, 6))
    expected[0, 0] = 0.0
    found = beyond_chance(joint, expected, variance)
    for i in range(4):
        for j in range(6):
            n, e = joint[i, j], expected[i, j]
            amount = 0.0 if not e else (n * math.log(n / e) if n else 0) - (n - e) - variance[i, j] / (2 * e)
            assert found[i, j] == pytest.approx(max(amount, 0.0))
