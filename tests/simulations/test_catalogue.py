"""The worlds of the table are what they say: which chances are products of sizes, and which are not.

Chances are taken instead of records (`of_chances`), so that all of this is exact.
"""

from itertools import permutations, product

import numpy as np
import pytest

from diptych.inference import InferenceSettings
from diptych.panels import tables_of
from tests.simulations import catalogue
from tests.simulations.catalogue import PLANTED, WORLDS

pytestmark = pytest.mark.slow


@pytest.fixture
def chances(monkeypatch):
    """Return a function that gives the chances (R, C) a world draws its records by, adding up to 1."""
    monkeypatch.setattr(catalogue, "of_chances", lambda _, chances, *__, **___: chances / chances.sum())
    return lambda name, replication=0: WORLDS[name].make(np.random.default_rng([WORLDS[name].seed, replication]))


def ratios(chances):
    """Return how many times as often as sizes make it each pair meets."""
    return chances / np.outer(chances.sum(axis=1), chances.sum(axis=0))


@pytest.mark.parametrize("name", ["unrelated, 300 records", "only sizes, 2 categories", "only sizes, 9 categories"])
def test_nothing_is_related(chances, name):
    assert ratios(chances(name)) == pytest.approx(1)
    assert 5 <= chances("unrelated, 60 records", 3).shape[0] <= 9


@pytest.mark.parametrize(
    "name", ["only sizes and a diagonal, 5 categories", "stay or move, 9 categories", "one large category"]
)
def test_what_crosses_crosses_by_sizes_alone(chances, name):
    """Any two rows give two columns in one ratio, all four pairs being of different categories."""
    found = chances(name)
    for a, b, c, d in permutations(range(len(found)), 4):
        assert found[a, c] * found[b, d] == pytest.approx(found[a, d] * found[b, c])


@pytest.mark.parametrize("name", ["only sizes and a diagonal, 9 categories", "two blocks"])
def test_nothing_runs_one_way(chances, name):
    """Quasi-symmetry (Caussinus 1965): round any three categories as much goes one way as the other."""
    found = chances(name)
    for a, b, c in permutations(range(len(found)), 3):
        assert found[a, b] * found[b, c] * found[c, a] == pytest.approx(found[b, a] * found[c, b] * found[a, c])


def test_one_direction_runs_one_way(chances):
    found = chances("one direction")
    for a, b, c in permutations(range(6), 3):
        there, back = found[a, b] * found[b, c] * found[c, a], found[b, a] * found[c, b] * found[a, c]
        with_it = (0, 1) in ((a, b), (b, c), (c, a))
        against = (0, 1) in ((b, a), (c, b), (a, c))
        assert there / back == pytest.approx(6.0 if with_it else 1 / 6 if against else 1)


@pytest.mark.parametrize("replication", range(3))
def test_a_diagonal_leaves_sizes_and_all_other_pairs_alone(chances, replication):
    found = ratios(chances("a diagonal, 1000 records", replication))[:6, :6]
    apart = ~np.eye(6, dtype=bool)
    assert found[apart] == pytest.approx(1)
    assert (np.diag(found) > 1.5).all()
    assert np.diag(found).max() == pytest.approx(3)


@pytest.mark.parametrize(
    ("name", "planted"), [("one pair", {(1, 2): 3.5}), ("three pairs", {(1, 2): 2.5, (3, 4): 3.5, (5, 6): 5})]
)
def test_planted_pairs_leave_all_other_pairs_alone(chances, name, planted):
    found = ratios(chances(name))
    for pair in product(range(7), range(7)):
        assert found[pair] == pytest.approx(planted.get(pair, 1))


def test_three_pairs_are_listed_strongest_first(chances):
    found = ratios(chances("three pairs"))
    (world,) = (world for world in PLANTED if world.name == "three pairs")
    strength = [found[int(said.about[0][1:]) - 1, int(said.about[1][1:]) - 1] for said in world.planted]
    assert strength == sorted(strength, reverse=True)


def test_members_of_a_group_are_near_copies_and_groups_unequal():
    records = WORLDS["near-copies in 400 very unequal groups"].draw(0)
    members = np.bincount(records.group)
    assert len(members) == 400
    assert np.sort(members)[-40:].sum() > 0.4 * members.sum()
    largest = records.rows[records.group == members.argmax()]
    assert largest.mean(axis=0).max() > 0.9


@pytest.mark.parametrize("n", [2, 3, 5])
def test_so_many_groups_lie_in_each_stratum(n):
    records = WORLDS[f"strata of {n} groups"].draw(0)
    for level in np.unique(records.stratum):
        assert len(np.unique(records.group[records.stratum == level])) == n


def test_activity_makes_labels_meet_and_its_strata_make_them_not():
    records = WORLDS["activity, no strata"].draw(0)
    n_labels = [side.sum(axis=1) for side in (records.rows, records.columns)]
    assert np.corrcoef(*n_labels)[0, 1] > 0.3
    assert WORLDS["activity, strata of activity"].draw(0).levels()[0].count(" x ") == 1


def test_within_a_stratum_that_makes_agreement_sides_are_apart():
    records = WORLDS["agreement by strata alone"].draw(0)
    agree = (records.rows & records.columns).any(axis=1)
    assert agree.mean() > 1.4 * (records.rows.mean(axis=0) * records.columns.mean(axis=0)).sum()
    for level in np.unique(records.stratum):
        own = records.stratum == level
        by_sizes = (records.rows[own].mean(axis=0) * records.columns[own].mean(axis=0)).sum()
        assert agree[own].mean() == pytest.approx(by_sizes, abs=4 * 0.5 / own.sum() ** 0.5)


def test_over_a_shared_key_some_category_seems_to_agree_if_each_is_judged_by_itself():
    """In one world of eight or more, so that a report that did so would be seen to say what is not so."""
    level, seeming = InferenceSettings().level, 0
    for replication in range(24):
        tables = tables_of(WORLDS["a shared key, strata of activity"].draw(replication).incidence())
        odds, expected = tables.own_odds, np.diag(tables.counts.expected)
        seeming += bool(((odds.ends(level).low > 1) & (odds.ratio > 2) & (expected > 5)).any())
    assert seeming >= 3


def test_over_a_shared_key_likes_are_of_either_side_apart():
    """Users of one number of likes of each kind have a category of both as often as its chances on either side make it."""
    world = WORLDS["a shared key, strata of activity"].draw(0)
    both, due = np.zeros(9), np.zeros(9)
    for name in np.unique(world.levels()):
        own = np.array(world.levels()) == name
        both += (world.rows[own] & world.columns[own]).sum(axis=0)
        due += world.rows[own].mean(axis=0) * world.columns[own].mean(axis=0) * own.sum()
    assert both.sum() == pytest.approx(due.sum(), abs=4 * due.sum() ** 0.5)
    assert np.corrcoef(*(side.sum(axis=1) for side in (world.rows, world.columns)))[0, 1] > 0.3
