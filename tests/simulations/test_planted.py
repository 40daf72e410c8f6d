"""One planted affinity, one planted direction: the report finds what was planted, and nothing else."""

import pytest

from tests.draws import draws
from tests.simulations import worlds
from tests.simulations.judging import direction_of, most, rates, tell_world
from tests.simulations.statements import statements
from tests.simulations.worlds import Affinity

pytestmark = pytest.mark.slow

RUNS = draws(12, 40)
LIKED = Affinity("Graph", "RL", 3)
TRAINED = Affinity("Audio", "RL", 4)
FORWARD = Affinity("NLP", "CV", 4)
ASIDE = Affinity("NLP", "RL", 5)
"""Begins the sentence on a direction that the data support."""
WORLDS = {
    "likes": (LIKED, lambda seed: worlds.draw_likes(seed, LIKED), {"activity": True}),
    "trained": (TRAINED, lambda seed: worlds.draw_trained(seed, TRAINED), {"strata": True}),
    "answers": (LIKED, lambda seed: worlds.draw_answers(seed, LIKED), {"strata": True}),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_planted_affinity_is_found_and_others_at_the_nominal_rate_only(name):
    planted, draw, how = WORLDS[name]
    found = rates((draw(seed).incidence(**how) for seed in range(RUNS)), planted)
    assert found.found >= 0.9
    assert found.outside < 0.075
    # One true finding among n lets Benjamini-Hochberg flag a false one beside it in up to a tenth of the runs.
    assert found.wrong <= most(RUNS, 0.1)
    assert found.false_share <= most(RUNS, 0.05)


@pytest.mark.parametrize("name", WORLDS)
def test_the_report_names_the_planted_pair_and_no_other(name, tmp_path):
    planted, draw, how = WORLDS[name]
    told = tell_world(draw(1).files(**how), tmp_path)
    (surprises,) = told.found("surprises")
    assert [(cell.given, cell.outcome) for cell in surprises.above] == [(planted.given, planted.outcome)]
    assert surprises.below == ()
    assert (planted.given, planted.outcome) in {said.about for said in statements(told.written) if said.kind == "pair"}
    assert [found for found in told.found("direction") if found.supported] == []


def test_a_planted_direction_is_found():
    found = [
        direction_of(worlds.draw_crossings(seed, FORWARD).incidence(strata=False), "links")[0] for seed in range(RUNS)
    ]
    named = [(one.origin, one.goal) for one in found if one.supported]
    assert set(named) == {("NLP", "CV")}
    assert len(named) / RUNS >= 0.95


def test_a_planted_direction_is_found_although_another_pair_differs_more_in_number():
    found = [
        direction_of(worlds.draw_crossings(seed, ASIDE).incidence(strata=False), "links")[0] for seed in range(RUNS)
    ]
    named = [(one.origin, one.goal) for one in found if one.supported]
    assert named.count(("NLP", "RL")) / RUNS >= 0.85
    assert (len(named) - named.count(("NLP", "RL"))) / RUNS <= most(RUNS, 0.05)


def test_the_report_names_only_the_planted_crossing(tmp_path):
    """One large cell bends what is expected of all others; none of these may be named for it."""
    forward = tell_world(worlds.draw_crossings(1, FORWARD).files(strata=False), tmp_path)
    (found,) = forward.found("direction")
    assert (found.origin, found.goal, found.supported) == ("NLP", "CV", True)
    (surprises,) = forward.found("surprises")
    assert [(pair.given, pair.outcome) for pair in surprises.above] == [("NLP", "CV")]
    assert surprises.below == ()


@pytest.fixture(scope="module")
def by_size_alone(tmp_path_factory):
    return tell_world(worlds.draw_crossings(1).files(strata=False), tmp_path_factory.mktemp("plain"))


def test_a_planted_block_is_found_and_none_where_there_is_none(by_size_alone, tmp_path):
    told = tell_world(worlds.draw_crossings(1, block=True).files(strata=False), tmp_path)
    assert not any(one.supported for one in by_size_alone.found("direction"))
    assert by_size_alone.found("surprises") == []
    blocks = [{frozenset(b) for axis in t.results.axes for b in axis.grouping.blocks} for t in (told, by_size_alone)]
    assert blocks == [{frozenset(worlds.BLOCK)}, set()]
