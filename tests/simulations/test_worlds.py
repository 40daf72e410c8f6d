"""The simulated worlds are what they say."""

import numpy as np
import pytest

from tests.simulations import worlds
from tests.simulations.worlds import CATEGORIES, DATASET_SHARES, MODEL_SHARES, Affinity

pytestmark = pytest.mark.slow

AFFINITY = Affinity("Graph", "RL", 3)
WORLDS = {
    "likes": (lambda: worlds.draw_likes(3, n_users=500), {"activity": True}),
    "trained": (lambda: worlds.draw_trained(3), {"strata": True}),
    "answers": (lambda: worlds.draw_answers(3, n_records=800), {"strata": True}),
}


def test_every_file_says_that_it_is_simulated():
    for make, how in WORLDS.values():
        config = make().files(**how)["config.yaml"]
        assert config.startswith(f"# {worlds.SIMULATED}")
        assert f'subtitle: "{worlds.SIMULATED}"' in config


def test_a_seed_gives_the_same_world_and_another_one_another():
    one, same, other = (worlds.draw_likes(seed, n_users=200).files(activity=True) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_five_times_as_many_likes_of_models_by_users_of_very_unequal_activity():
    likes = worlds.draw_likes(1)
    assert len(likes.models.unit) / len(likes.datasets.unit) == pytest.approx(5, rel=0.1)
    most = np.sort(np.bincount(likes.models.unit, minlength=4000))[::-1]
    assert most[:400].sum() > 0.5 * most.sum()  # a tenth of the users makes more than half of the likes


def test_sizes_are_unequal_and_in_another_order_on_either_side():
    assert DATASET_SHARES.max() / DATASET_SHARES.min() > 10
    assert MODEL_SHARES.max() / MODEL_SHARES.min() > 10
    assert np.argsort(DATASET_SHARES).tolist() != np.argsort(MODEL_SHARES).tolist()


def test_planting_changes_one_category_of_models_and_nothing_else():
    before, after = worlds.draw_likes(1), worlds.draw_likes(1, AFFINITY)
    assert (before.datasets.category == after.datasets.category).all()
    moved = before.models.category != after.models.category
    assert set(before.models.category[moved]) == {worlds.UNLABELLED}
    assert {CATEGORIES[c] for c in after.models.category[moved]} == {"RL"}
    graph = CATEGORIES.index("Graph")
    drawn_to = np.isin(before.models.unit, before.datasets.unit[before.datasets.category == graph])
    rate = [(w.models.category[drawn_to] == CATEGORIES.index("RL")).mean() for w in (before, after)]
    assert rate[1] / rate[0] == pytest.approx(3, rel=0.15)


@pytest.mark.parametrize("n", [0, 1, 4, 5, 6, 7, 8, 11, 12, 15, 16, 22, 23, 31, 32, 45, 46, 1000])
def test_levels_of_activity_hold_their_number(n):
    low, _, high = worlds.level(n).partition("-")
    assert int(low) <= n <= int(high or low)
    assert n < 6 or int(high) / int(low) < 1.5
