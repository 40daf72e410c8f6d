"""Change within strata and change of mix: by hand, as an identity, and what they say of simulated series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diptych.contrib.history.shifts import Overlap, split

Z = stats.norm.ppf(0.975)


def overlap(strata, group=None):
    """Make patterns of (stratum, old with, old without, new with, new without): two patterns for each entry."""
    columns, old, new, stratum = [], [], [], []
    for level, old_with, old_without, new_with, new_without in strata:
        columns += [1.0, 0.0]
        old += [old_with, old_without]
        new += [new_with, new_without]
        stratum += [level, level]
    n = len(old)
    found = Overlap(
        np.ones((n, 1)), np.array(columns)[:, None], np.array(old, float), np.array(new, float), np.ones(n), group
    )
    return found, np.array(stratum)


def test_the_parts_are_those_of_kitagawa_by_hand():
    # First: 60 in s (30 with), 40 in t (4 with): 34 %. Then: 80 in s (48 with), 120 in t (24 with): 36 %.
    found = split(*overlap([(0, 30, 30, 48, 32), (1, 4, 36, 24, 96)]), 0.95)
    # Shares 0.5 -> 0.6 and 0.1 -> 0.2; weights 0.6 -> 0.4 and 0.4 -> 0.6.
    assert found.within.value == pytest.approx(0.5 * 0.1 + 0.5 * 0.1)
    assert found.mix == pytest.approx(0.55 * -0.2 + 0.15 * 0.2)
    assert found.within.value + found.mix == pytest.approx(0.36 - 0.34)


def test_a_stratum_that_comes_is_mix_alone():
    found = split(*overlap([(0, 20, 80, 20, 80), (1, 0, 0, 90, 10)]), 0.95)
    assert found.within.value == 0
    assert found.mix == pytest.approx(0.55 - 0.2)
    assert not found.is_clear


def test_without_a_common_stratum_there_is_nothing_within():
    found = split(*overlap([(0, 20, 80, 0, 0), (1, 0, 0, 90, 10)]), 0.95)
    assert (found.within.value, found.within.low) == (0, None)
    assert found.mix == pytest.approx(0.7)


def test_with_one_stratum_the_interval_is_that_of_added_units():
    # 80 stayed (40 with), 20 came (18 with): the share of both together is 0.58
    found = split(*overlap([(0, 40, 40, 58, 42)]), 0.95)
    error = np.sqrt(0.58 * 0.42 * 20 / (80 * 100))
    assert found.within.high - found.within.low == pytest.approx(2 * Z * error)
    assert found.mix == 0


def test_groups_that_came_whole_are_one_each():
    """400 units came in four groups of 100, two all with and two all without: that says little of the share."""
    strata = [(0, 50, 50, 50, 50), *[(0, 0, 0, 100, 0)] * 2, *[(0, 0, 0, 0, 100)] * 2]
    alone = split(*overlap(strata), 0.95)
    grouped = split(*overlap(strata, np.array([0, 1, 2, 2, 3, 3, 4, 4, 5, 5])), 0.95)
    # Those that came move the share by 100 * 0.5 / 500, those that stayed by 50 * 0.5 * (1 / 100 - 1 / 500): four groups
    # with 0.1 each and two with 0.2; sums of squares times 6 / 5; t with three degrees, for the four groups that came.
    half = stats.t.ppf(0.975, 3) * np.sqrt((4 * 0.1**2 + 2 * 0.2**2) * 6 / 5)
    assert grouped.within.high == pytest.approx(half)
    assert alone.within.high < grouped.within.high / 5


def test_units_that_came_in_two_groups_give_no_interval():
    strata = [(0, 50, 50, 50, 50), (0, 0, 0, 100, 0), (0, 0, 0, 0, 100)]
    grouped = split(*overlap(strata, np.array([0, 1, 2, 2, 3, 3])), 0.95)
    assert (grouped.within.low, grouped.within.high) == (None, None)


counts = st.integers(0, 30)


@given(st.lists(st.tuples(st.integers(0, 3), counts, counts, counts, counts), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_parts_add_up_to_the_difference(strata):
    old, new = (np.array([[row[place], row[place + 1]] for row in strata]).sum(axis=0) for place in (1, 3))
    if not old.sum() or not new.sum():
        with pytest.raises(ValueError, match="a share of nothing does not change"):
            split(*overlap(strata), 0.95)
        return
    found = split(*overlap(strata), 0.95)
    assert found.within.value + found.mix == pytest.approx(new[0] / new.sum() - old[0] / old.sum())


def simulated(rng, shares_before, shares_after, sizes_before, sizes_came):
    """Draw a growing source: units of each stratum before, and those that come with another share."""
    strata = []
    for level, (p, q, n, m) in enumerate(zip(shares_before, shares_after, sizes_before, sizes_came, strict=True)):
        old, came = rng.binomial(n, p), rng.binomial(m, q)
        strata.append((level, old, n - old, old + came, n - old + m - came))
    return split(*overlap(strata), 0.95)


def test_a_mix_that_changes_is_no_change_within_in_at_least_93_of_100_runs():
    rng = np.random.default_rng(1)
    runs = [simulated(rng, (0.9, 0.2), (0.9, 0.2), (400, 100), (50, 600)) for _ in range(400)]
    assert np.mean([run.within.value + run.mix for run in runs]) < -0.2
    assert np.mean([run.is_clear for run in runs]) < 0.07


def test_a_change_within_is_found_in_at_least_95_of_100_runs():
    rng = np.random.default_rng(2)
    runs = [simulated(rng, (0.5, 0.3), (0.8, 0.6), (300, 300), (300, 300)) for _ in range(400)]
    assert np.mean([run.is_clear for run in runs]) > 0.95
    assert abs(np.mean([run.mix for run in runs])) < 0.005
