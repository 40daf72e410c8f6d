"""In worlds with nothing in them, hardly any report tells anything; planted differences are told."""

import numpy as np
import pytest

from diptych.statements import rules
from diptych.statements.select import Input, tell
from tests.draws import draws
from tests.statements import worlds

RUNS = draws(10, 200)


def told(world, seed, make):
    return tell(Input(make(np.random.default_rng([41, list(worlds.EMPTY).index(world), seed]))))


def test_hardly_any_report_of_an_empty_world_tells_anything():
    false = {
        world: sum(told(world, seed, worlds.EMPTY[world]).lead.form != "no_link" for seed in range(RUNS))
        for world in worlds.EMPTY
    }
    share = {world: n / RUNS for world, n in false.items()}
    slack = 2 * np.sqrt(0.07 * 0.93 / RUNS)
    assert np.mean(list(share.values())) <= 0.05, share
    assert max(share.values()) <= 0.07 + slack, share


@pytest.mark.parametrize(
    ("world", "least"),
    [
        ("independent 300", 0.8),
        ("stratified", 0.8),
        ("several", 0.6),
        ("both, 100 small", 0.8),
        ("within, 24 large", 0.8),
    ],
)
def test_a_planted_difference_is_told(world, least):
    """In "several", 40 units of 400 have the subject, which gives a power of about 0.7 among 30 comparisons."""
    n, found = draws(6, 60), 0
    for seed in range(n):
        report = told(world, seed, lambda rng: worlds.planted(rng, world))
        found += any((one.subject, one.outcome) == ("r0", "c1") and one.effect > 0 for one in report.clear)
    assert found >= least * n


@pytest.mark.parametrize("world", worlds.EMPTY)
def test_the_interval_of_a_statement_excludes_no_effect_exactly_if_its_test_is_clear(world):
    for seed in range(3):
        make = worlds.EMPTY[world] if seed else lambda rng: worlds.planted(rng, world)
        report = told(world, seed, worlds.EMPTY[world] if world == "same" else make)
        for one in report.tested:
            low, high = one.interval(report.alpha)
            assert (low * high > 0) == (one.p <= report.alpha * (1 + 1e-9)), (world, one.key)
            if one.q <= rules.FALSE_DISCOVERY:
                assert low * high > 0, (world, one.key)
