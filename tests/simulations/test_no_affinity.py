"""No affinity at all: the panels look asymmetric, and the report puts it down to sizes and activity, and to no more.

Rates are held to what a true rate of 5 % gives but for one time in a thousand; `python -m benchmarks.simulations` has many
more replications (docs/simulations.md).
"""

import re

import pytest

from tests.draws import draws
from tests.simulations import worlds
from tests.simulations.judging import direction_of, most, rates, tell_world
from tests.simulations.statements import statements

RUNS = draws(12, 50)
BANNED = re.compile(r"performance|transfer|generali[sz]|better|correlation|affinity|prefer", re.IGNORECASE)


@pytest.fixture(scope="module")
def likes():
    return [worlds.draw_likes(seed) for seed in range(RUNS)]


WORLDS = {
    "likes": (worlds.draw_likes, {"activity": True}),
    "likes, no strata": (worlds.draw_likes, {"activity": False}),
    "trained": (worlds.draw_trained, {"strata": True}),
    "answers": (worlds.draw_answers, {"strata": True}),
}
STRATIFIED = ("likes", "trained", "answers")
SEEDS = {"answers": 2, "likes": 4}
"""Seeds with which no test rejects by chance, where 1 is none."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return what the program says of a world, each written and counted once."""
    made = {}

    def tell(name):
        if name not in made:
            draw, how = WORLDS[name]
            made[name] = tell_world(draw(SEEDS.get(name, 1)).files(**how), tmp_path_factory.mktemp("world"))
        return made[name]

    return tell


@pytest.mark.parametrize("name", WORLDS)
def test_the_program_counts_what_numpy_counts(told, name):
    draw, how = WORLDS[name]
    assert patterns(told(name).numbers.tables.incidence) == patterns(draw(SEEDS.get(name, 1)).incidence(**how))


def patterns(incidence):
    """Return how many units have each pattern within each stratum and group."""
    strata = [incidence.strata[level] for level in incidence.stratum]
    groups = [0] * len(incidence.units) if incidence.group is None else incidence.group.tolist()
    sets = (map(tuple, part.tolist()) for part in (incidence.row_sets, incidence.column_sets))
    return sorted(zip(strata, groups, *sets, incidence.units.tolist(), strict=True))


def test_without_strata_activity_reads_as_affinity_nearly_everywhere(likes):
    """This is what strata are for: ratios of 1.3 to 5, and nearly every cell flagged, where nothing goes together."""
    found = rates(world.incidence(activity=False) for world in likes[:10])
    assert found.ratios[0] > 1.1
    assert found.ratios[2] > 3
    assert found.outside > 0.95
    assert found.wrong == 1


def test_within_joint_strata_of_activity_nothing_is_found_beyond_the_nominal_rate(likes):
    held(rates(world.incidence(activity=True) for world in likes))


def test_within_packages_that_differ_nothing_is_found_beyond_the_nominal_rate():
    """Teams are groups: models of a team are alike on both sides, each by itself."""
    held(rates(worlds.draw_trained(seed).incidence() for seed in range(RUNS)))


def test_within_branches_that_differ_nothing_is_found_beyond_the_nominal_rate():
    found = rates(worlds.draw_answers(seed).incidence(strata=False) for seed in range(10))
    assert found.outside > 0.15  # the branches' composition
    held(rates(worlds.draw_answers(seed).incidence(strata=True) for seed in range(RUNS)))


def held(found):
    """Check that single intervals and the cells that hold together are wrong no more often than promised."""
    assert found.n_cells > 55 * RUNS
    assert 0.02 < found.outside < 0.075  # 25 runs; cells of a run are not independent of each other
    assert found.wrong <= most(RUNS, 0.05)


def test_no_direction_is_found_beyond_the_nominal_rate(likes):
    """Nothing runs anywhere over a shared key; records and links may be wrong at the nominal rate."""
    assert all(direction_of(world.incidence(activity=True), "shared") == [] for world in likes[:3])
    answers = (worlds.draw_answers(seed).incidence(strata=True) for seed in range(5))
    assert sum(found.supported for world in answers for found in direction_of(world, "records")) == 0
    trained = (worlds.draw_trained(seed).incidence() for seed in range(10))
    n_supported = sum(found.supported for world in trained for found in direction_of(world, "links"))
    assert n_supported / 10 <= most(10, 0.05)


def test_sizes_alone_make_counts_unequal_and_give_no_direction():
    """Sizes of the two sides differ, so the net flows exclude 0; what sizes leave of them does not."""
    found = [direction_of(worlds.draw_crossings(seed).incidence(strata=False), "links")[0] for seed in range(RUNS)]
    assert all(one.is_net for one in found)
    assert sum(one.supported for one in found) / RUNS <= most(RUNS, 0.05)


@pytest.mark.parametrize("name", ["likes", "likes, no strata", "trained", "answers"])
def test_the_panels_look_asymmetric_and_the_report_says_size(told, name):
    world = told(name)
    left, right = world.panels["left"], world.panels["right"]
    apart = [abs(c.value - right.cell(c.outcome, c.given).value) for c in left.cells if c.state == "measured"]
    assert max(apart) > 0.4
    (asymmetry,) = world.found("asymmetry")
    assert asymmetry.largest_error < 1e-12
    assert asymmetry.n_compared == 81 - sum(not (c.value and right.cell(c.outcome, c.given).value) for c in left.cells)
    assert "They differ only because some categories are larger" in world.text
    assert "says nothing about direction" in world.text


@pytest.mark.parametrize("name", STRATIFIED)
def test_the_report_claims_nothing_else(told, name):
    world = told(name)
    pairs = [cell for cell in world.panels["left"].cells if cell.given != cell.outcome]
    assert [cell for cell in pairs if (cell.q_value or 1) <= 0.05] == []  # true of this seed
    # That strata account for the agreement is so, and that no pair departs: nothing else makes the agreement.
    assert [said for said in statements(world.written) if said.kind not in ("explained", "nothing")] == []
    assert BANNED.findall(world.text) == []
    assert world.found("surprises") == []
    assert [found for found in world.found("direction") if found.supported] == []
    assert world.found("isolation") == []
    assert world.found("bridge") == []
    assert [axis.grouping.blocks for axis in world.results.axes] == [(), ()]
    assert "than expected" not in world.sections["sensitivity"]


def test_without_strata_the_report_claims_no_direction_and_says_units_are_taken_as_independent(told):
    world = told("likes, no strata")
    assert world.found("direction") == []
    assert BANNED.findall(world.text) == []
    assert "take users as independent of each other" in world.text


def test_activity_accounts_for_the_agreement(told):
    (composition,) = told("likes").found("composition")
    assert composition.beyond
    assert composition.observed == pytest.approx(composition.expected_within, rel=0.1)
    assert composition.lasting == ()
    assert "That is no more than chance" in told("likes").text


def test_the_cell_that_is_read_aloud_is_read_within_strata_too(told):
    """Otherwise 23 users where 6 would be expected read as an affinity that is not there."""
    within = re.compile(
        r"(?:or ([\d.,]+|fewer than one)|the same) if unrelated (among [a-z]+ with the same (package|branch)|among users with about as many [a-z ]+);"
    )
    assert [name for name in STRATIFIED if not within.search(told(name).sections["reading"])] == []
