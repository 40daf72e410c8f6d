"""One planted fact among crossings: it comes out, and nothing else beyond the rate; `benchmarks.simulations` runs 200."""

import pytest

from tests.simulations.judging import KINDS, judge_planted, most, planted_in, said_of
from tests.simulations.worlds import Planted, draw_planted

pytestmark = pytest.mark.nightly

RUNS = 12
WORLDS = {
    "nothing": Planted(),
    "isolation": Planted(isolated=("Graph", "Robotics")),
    "block": Planted(block=("Audio", "RL")),
    "reversed direction": Planted(turned=("CV", "NLP")),
}


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_planted_is_found_and_nothing_else_beyond_the_rate(name):
    found = judge_planted(WORLDS[name], range(1000, 1000 + RUNS))
    assert set(found.false) == set(KINDS)
    assert all(n >= RUNS - 2 for n in found.found.values())
    assert all(n / RUNS <= most(RUNS, 0.05) for n in found.false.values())


def test_what_must_be_found_is_what_is_planted():
    must = {name: planted_in(world)[0] for name, world in WORLDS.items()}
    assert must == {
        "nothing": frozenset(),
        "isolation": {("isolation", ("Graph",)), ("isolation", ("Robotics",))},
        "block": {("blocks", ("Audio", "RL"))},
        "reversed direction": {("direction", ("CV", "NLP"))},
    }


def test_a_reversed_direction_is_not_said_the_other_way():
    said = said_of(draw_planted(1000, Planted(turned=("NLP", "CV"))).incidence(strata=False))
    assert [found for kind, found in said if kind == "direction"] == [("NLP", "CV")]
