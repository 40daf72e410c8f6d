"""No affinity at all: the panels look asymmetric, and the report puts it down to sizes and activity, and to no more.

Rates are held to what a true rate of 5 % gives but for one time in a thousand; `python -m benchmarks.simulations` has many
more replications (benchmarks/simulations.md).
"""

import pytest
from scipy import stats

from tests.draws import draws
from tests.simulations import worlds
from tests.simulations.judging import direction_of, most, rates, tell_world
from tests.simulations.statements import statements

pytestmark = pytest.mark.nightly

RUNS = draws(12, 50)


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
REPORTS = draws(3, 20)
"""Whole reports of each world, with the seeds 0, 1, 2, ..."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return what the program says of a world with a seed, each written and counted once."""
    made = {}

    def tell(name, seed=0):
        if (name, seed) not in made:
            draw, how = WORLDS[name]
            made[name, seed] = tell_world(draw(seed).files(**how), tmp_path_factory.mktemp("world"))
        return made[name, seed]

    return tell


@pytest.mark.parametrize("name", WORLDS)
def test_the_program_counts_what_numpy_counts(told, name):
    draw, how = WORLDS[name]
    assert patterns(told(name).numbers.tables.incidence) == patterns(draw(0).incidence(**how))


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


@pytest.mark.parametrize("name", STRATIFIED)
def test_few_reports_claim_anything_else(told, name):
    """One test in twenty rejects by chance: of three reports two or more are wrong in 7 of 1,000 cases."""
    worlds_told = [told(name, seed) for seed in range(REPORTS)]
    wrong = {seed: claims for seed, world in enumerate(worlds_told) if (claims := claims_of(world))}
    assert len(wrong) <= stats.binom.ppf(0.99, REPORTS, 0.05), wrong


def claims_of(world):
    """Return what a report states beside the sizes of categories.

    That strata account for the agreement is so, and that no pair departs: nothing else makes the agreement.
    """
    pairs = [cell for cell in world.panels["left"].cells if cell.given != cell.outcome]
    return [
        *(said for said in statements(world.written) if said.kind not in ("explained", "nothing")),
        *(cell for cell in pairs if (cell.q_value or 1) <= 0.05),
        *(found for kind in ("surprises", "isolation", "bridge") for found in world.found(kind)),
        *(found for found in world.found("direction") if found.supported),
        *(block for axis in world.results.axes for block in axis.grouping.blocks),
    ]


def test_activity_accounts_for_the_agreement(told):
    worlds_told = [told("likes", seed) for seed in range(REPORTS)]
    found = [composition for world in worlds_told for composition in world.found("composition")]
    assert len(found) == REPORTS
    assert all(one.beyond for one in found)
    assert all(one.observed == pytest.approx(one.expected_within, rel=0.1) for one in found)
    assert sum(bool(one.lasting) for one in found) <= stats.binom.ppf(0.99, REPORTS, 0.05)
