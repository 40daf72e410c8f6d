"""Shifts between overlapping builds: variances by hand, tests against scipy, states of too few."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.history.shifts import Overlap, exchange, exchange_beside, shift
from diptych.inference import InferenceSettings
from diptych.measures import MEASURES

SETTINGS = InferenceSettings(minimum_units=5, minimum_groups=3)
Z = stats.norm.ppf(0.975)


def overlap(old, new, group=None):
    """Patterns: with a and b, with a alone, with neither; `old` and `new` units of each."""
    rows = np.array([[1.0], [1.0], [0.0]])
    columns = np.array([[1.0], [0.0], [0.0]])
    if group is not None:
        repeat = [len(part) for part in group]
        rows, columns = np.repeat(rows, repeat, axis=0), np.repeat(columns, repeat, axis=0)
        group = np.concatenate(group)
    old, new = np.asarray(old, dtype=float), np.asarray(new, dtype=float)
    return Overlap(rows, columns, old, new, np.ones(len(old)), group)


def shifted(one, name="conditional", settings=SETTINGS):
    measure = MEASURES[name]
    return shift(measure.info, measure, one, settings)


def test_growth_of_a_share_has_the_variance_of_added_units():
    # 80 stayed (40 of them b), 20 came (18 of them b): p = 0.58 over the union of 100
    found = shifted(overlap([40, 40, 7], [58, 42, 9]))
    assert found.difference[0, 0] == pytest.approx(0.58 - 0.5)
    error = np.sqrt(0.58 * 0.42 * 20 / (80 * 100))
    assert found.high[0, 0] - found.low[0, 0] == pytest.approx(2 * Z * error)
    assert found.n_changed[0, 0] == 20
    assert found.enough[0, 0]


def test_independent_units_are_tested_exactly():
    found = shifted(overlap([40, 40, 7], [58, 42, 9]))
    tails = [stats.hypergeom.sf(17, 100, 58, 20), stats.hypergeom.cdf(18, 100, 58, 20)]
    assert found.p[0, 0] == pytest.approx(2 * min(tails))


def test_those_that_came_and_went_are_tested_apart():
    # 20 went (all b of 60, 40 b), 10 came (none b)
    found = shifted(overlap([60, 40, 0], [40, 50, 0]))
    came = stats.hypergeom.cdf(0, 90, 40, 10)
    went = stats.hypergeom.sf(19, 100, 60, 20)
    assert found.p[0, 0] == pytest.approx(2 * 2 * min(came, went))


def test_the_share_of_all_counts_all_units():
    found = shifted(overlap([10, 30, 60], [20, 30, 60]), "share")
    assert found.difference[0, 0] == pytest.approx(20 / 110 - 0.1)
    assert found.p[0, 0] == pytest.approx(2 * stats.hypergeom.sf(9, 110, 20, 10))
    assert found.n_changed[0, 0] == 10


def test_nothing_changed_is_no_shift():
    found = shifted(overlap([40, 40, 7], [40, 40, 7]))
    assert found.difference[0, 0] == 0
    assert not found.enough[0, 0]


def test_fewer_than_the_minimum_are_never_enough():
    assert not shifted(overlap([40, 40, 0], [44, 40, 0])).enough[0, 0]
    assert shifted(overlap([40, 40, 0], [45, 40, 0])).enough[0, 0]


def test_units_of_one_group_are_one():
    # 20 units came with one group: however many, they are one drawing
    groups = [np.array([*range(8), 9]), np.array(range(8)), np.array([0])]
    old = [*[5] * 8, 0, *[5] * 8, 0]
    new = [*[5] * 8, 20, *[5] * 8, 0]
    found = shifted(overlap(old, new, groups))
    assert found.groups_changed[0, 0] == pytest.approx(1)
    assert not found.enough[0, 0]


def test_groups_widen_the_interval_as_their_sums_vary():
    # 8 groups of 10 stayed, half b each; 4 groups of 10 came, all b: linearised by hand below
    groups = [np.arange(12), np.arange(8), np.array([0])]
    old = np.array([*[5] * 8, *[0] * 4, *[5] * 8, 0], dtype=float)
    new = np.array([*[5] * 8, *[10] * 4, *[5] * 8, 0], dtype=float)
    found = shifted(overlap(old, new, groups))
    p, n_old, n_new = 80 / 120, 80, 120
    stayed = (1 - n_new / n_old) * (5 * (1 - p) + 5 * (0 - p)) / n_new
    came = 10 * (1 - p) / n_new
    variance = (8 * stayed**2 + 4 * came**2) * 12 / 11
    freedom = 4 - 1  # G_eff of the four equal groups that came
    half = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    assert found.high[0, 0] - found.difference[0, 0] == pytest.approx(half)
    assert found.p[0, 0] == pytest.approx(2 * stats.t.sf(found.difference[0, 0] / np.sqrt(variance), freedom))
    assert found.enough[0, 0]


def test_none_of_the_few_that_came_is_no_certainty():
    # the share is 0.02; twelve came in six groups, none of them b: nothing that chance would not do
    n = 50
    groups = [np.arange(n), np.arange(n + 6), np.array([0])]
    old = np.array([*[1.0] * 20, *[0.0] * 30, *[20.0] * n, *[0.0] * 6, 0.0])
    new = np.array([*[1.0] * 20, *[0.0] * 30, *[20.0] * n, *[2.0] * 6, 0.0])
    found = shifted(overlap(old, new, groups))
    assert found.enough[0, 0]
    assert found.p[0, 0] > 0.5


@pytest.mark.parametrize("name", ["lift", "difference", "jaccard", "log2_lift"])
def test_chance_alone_rejects_as_often_as_it_says(name):
    rng = np.random.default_rng(7)
    rows, columns = np.repeat([[1.0], [1.0], [0.0], [0.0]], 1, axis=0), np.array([[1.0], [0.0], [1.0], [0.0]])
    p = []
    for _ in range(400):
        old = rng.multinomial(600, [0.3, 0.2, 0.2, 0.3]).astype(float)
        new = old + rng.multinomial(200, [0.3, 0.2, 0.2, 0.3])
        p.append(shifted(Overlap(rows, columns, old, new, np.ones(4), None), name).p[0, 0])
    assert 0.025 <= np.mean(np.array(p) < 0.05) <= 0.085


def test_growth_alone_exchanges_next_to_nothing():
    rng = np.random.default_rng(3)
    old = rng.poisson(30, 100).astype(float)
    found = [exchange(old, old + rng.poisson(3, 100), np.ones(100)) for _ in range(200)]
    # a tenth came; the upper end of chance is at most another twentieth of those that stayed
    assert max(found) < 0.05


@pytest.mark.parametrize("gone", [0.2, 0.5, 1.0])
def test_exchanged_units_are_found_though_only_patterns_are_known(gone):
    rng = np.random.default_rng(4)
    share = rng.dirichlet(np.full(60, 2.0))
    found, stayed = [], []
    for _ in range(200):
        old = rng.multinomial(3000, share)
        kept = rng.binomial(old, 1 - gone)
        new = kept + rng.multinomial(3000 - kept.sum(), share)
        reckoned = 1 - exchange(old.astype(float), new.astype(float), np.ones(60))
        found.append(reckoned * np.minimum(old, new).sum())
        stayed.append(kept.sum())
    assert np.mean(np.array(found) <= stayed) >= 0.9
    assert np.mean(stayed) - np.mean(found) < 0.4 * 3000


def test_exchange_by_hand():
    # patterns of 20, 12 and 1 to 10, 22 and 0: sizes 15, 17; moved -10, 10, together 0; one alone says nothing
    statistic = 10**2 / 15 + 10**2 / 17
    rate = statistic / stats.chi2.ppf(0.05, 1)
    assert rate * 32 > 20 + 2 * 22  # more than all of the 22 alike
    assert exchange(np.array([20.0, 12, 1]), np.array([10.0, 22, 0]), np.ones(3)) == 1
    # 400 and 390 to 401 and 391, by weights of two: half as many units, which moved as growth would move them
    old, new = np.array([800.0, 780]), np.array([802.0, 782])
    rest = 1 - 2 / 791 * np.array([400.5, 390.5])
    rate = (rest**2 / [400.5, 390.5]).sum() / stats.chi2.ppf(0.05, 1)
    expected = (rate * 791 - 2) / (2 * 790)
    assert exchange(old, new, np.full(2, 2.0)) == pytest.approx(max(0.0, expected))
    assert exchange(np.array([9.0]), np.array([9.0]), np.ones(1)) == 1  # one pattern tells nothing
    assert exchange(np.zeros(2), np.ones(2), np.ones(2)) == 0


def test_units_that_are_all_other_ones_make_two_samples():
    one = overlap([40, 60, 0], [50, 50, 0])
    found = shifted(replace(one, exchanged=1.0))
    error = np.sqrt(0.45 * 0.55 * (1 / 100 + 1 / 100))
    assert found.high[0, 0] - found.low[0, 0] == pytest.approx(2 * Z * error)
    assert found.p[0, 0] == pytest.approx(2 * stats.norm.sf(0.1 / error))
    assert found.n_changed[0, 0] == 20  # as many as are seen


def test_units_that_count_in_parts_are_not_tested_as_if_they_counted_wholly():
    one = overlap([40, 40, 7], [58, 42, 9])
    parts = replace(one, columns=one.columns / 2)
    found = shifted(parts)
    error = (found.high[0, 0] - found.low[0, 0]) / 2 / Z
    assert found.difference[0, 0] == pytest.approx(0.29 - 0.25)
    assert found.p[0, 0] == pytest.approx(2 * stats.norm.sf(0.04 / error))


def test_with_groups_it_does_not_matter_which_units_of_a_group_stayed():
    groups = [np.arange(6), np.arange(6), np.array([0])]
    one = overlap([9] * 6 + [7] * 6 + [0], [3, 9, 9, 9, 9, 12] + [7] * 6 + [0], groups)
    assert one.reckoned() == one


def test_a_source_that_exchanges_its_units_changes_by_chance_alone():
    rng = np.random.default_rng(11)
    rows, columns = np.array([[1.0], [1.0], [0.0], [0.0]]), np.array([[1.0], [0.0], [1.0], [0.0]])
    p = []
    for _ in range(300):
        old, new = (rng.multinomial(n, [0.3, 0.2, 0.2, 0.3]).astype(float) for n in (600, 700))
        p.append(shifted(Overlap(rows, columns, old, new, np.ones(4), None).reckoned()).p[0, 0])
    assert np.mean(np.array(p) < 0.05) <= 0.085


def test_the_same_units_edited_are_tested_by_mcnemar():
    # 9 lost b and none gained it; then 12 with b of one sort became without, and 3 of another sort came to it
    assert shifted(overlap([21, 6, 50], [12, 15, 50])).p_edited[0, 0] == pytest.approx(2 * 0.5**9)
    rows, columns = np.ones((4, 1)), np.array([[1.0], [0.0], [1.0], [0.0]])
    both = Overlap(rows, columns, np.array([20.0, 5, 5, 20]), np.array([8.0, 17, 8, 17]), np.ones(4), None)
    # 12 of the 15 with b less, 3 with b more: as many went the one way as can have, the rest the other
    assert shifted(both).p_edited[0, 0] == pytest.approx(stats.binomtest(3, 15).pvalue)


def test_who_changed_sides_is_not_known_of_groups_nor_where_nobody_did():
    assert np.isnan(shifted(overlap([21, 6, 50], [21, 6, 50])).p_edited[0, 0])
    groups = [np.arange(8), np.arange(8), np.array([0])]
    assert np.isnan(shifted(overlap([5] * 16 + [0], [3] * 8 + [7] * 8 + [0], groups)).p_edited).all()


def test_edits_of_one_category_are_no_sign_that_others_were_exchanged():
    # Patterns of A (the first two) were edited, the six of B stand as they were.
    rows = np.array([[1.0, 0.0]] * 2 + [[0.0, 1.0]] * 6)
    columns = np.array([[1.0], [0.0]] * 4)
    old, new = np.array([21.0, 6, *[60] * 6]), np.array([12.0, 15, *[60] * 6])
    one = Overlap(rows, columns, old, new, np.ones(8), None).reckoned()
    # Pearson's statistic of all: 81 / 16.5 + 81 / 10.5; of B: what half a unit of 60 each hides
    of_all = (81 / 16.5 + 81 / 10.5) / stats.chi2.ppf(0.05, 7) * 387
    assert one.exchanged == pytest.approx(min(1, (of_all - 18) / (2 * 378)))
    of_b = 6 * 0.25 / 60 / stats.chi2.ppf(0.05, 5)
    assert exchange_beside(one) == pytest.approx([of_b / 2, one.exchanged])
    found = shifted(one)
    assert found.p[0, 0] < 0.01
    # All of B that show it were exchanged if any: what is known of A then is no less than before.
    assert found.p[1, 0] >= 0.5


def test_a_source_of_other_units_shows_it_in_every_category():
    rng = np.random.default_rng(3)
    rows = np.repeat(np.eye(4), 4, axis=0)
    columns = np.tile(np.eye(4), (4, 1))
    found = []
    for _ in range(200):
        old, new = (rng.poisson(40, 16).astype(float) for _ in range(2))
        one = Overlap(rows, columns, old, new, np.ones(16), None).reckoned()
        found.append(shifted(one).p)
    assert (np.array(found) < 0.05).mean() < 0.06


@pytest.mark.parametrize(("n_came", "known"), [(2, False), (3, False), (4, True)])
def test_a_change_by_fewer_than_four_groups_cannot_be_estimated(n_came, known):
    groups = [np.arange(8 + n_came), np.arange(8), np.array([0])]
    old = [*[5] * 8, *[0] * n_came, *[5] * 8, 0]
    new = [*[5] * 8, *[10] * n_came, *[5] * 8, 0]
    found = shifted(overlap(old, new, groups))
    assert found.difference[0, 0] > 0
    for number in (found.low, found.high, found.p):
        assert np.isfinite(number[0, 0]) == known


def test_an_interval_contains_only_possible_changes():
    # 7 of 9 before, 1 of 9 now: by its error alone the share could fall by more than the 7/9 that it was
    found = shifted(overlap([7, 2, 0], [1, 8, 0]))
    assert found.difference[0, 0] == pytest.approx(1 / 9 - 7 / 9)
    assert found.low[0, 0] == pytest.approx(-7 / 9)
    assert found.high[0, 0] < 0
