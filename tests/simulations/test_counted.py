"""Tables of counts whose labels are unrelated: how many reports state what is not so, and what `diff` finds.

`pytest -rP` prints the numbers.
"""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from diptych.findings.overdispersion import Overdispersion
from tests.draws import NIGHTLY, draws
from tests.simulations.counted import CATCHES, LARGE, MILD, PLANTED, POISSON, ROWS, TABLE, WORLDS, CountedWorld
from tests.simulations.statements import Said, statements

pytestmark = pytest.mark.nightly
REPLICATIONS, MOST = draws(10, 200), draws(2, 18)


def judged(world: CountedWorld) -> tuple[int, int, int]:
    """Return how many reports state what is not so, how many allow for variation, and how many name the planted pair."""
    false = found = 0
    treatments = Counter()
    for replication in range(REPLICATIONS):
        written, tally = world.told(replication)
        said = statements(written)
        # A planted pair makes its row and column differ, of which blocks and others follow.
        kinds = {"pair"} if world.planted != 1 else {one.kind for one in said}
        false += any(one.kind in kinds and not world.is_so(one, replication) for one in said)
        found += Said("pair", ("R01", "C01"), "above") in said
        treatments["groups" if tally.as_groups else "dispersion" if tally.dispersion else "independent"] += 1
    line = f"{world.name}: {false} of {REPLICATIONS} false, {found} name R01 with C01, {dict(treatments)}"
    sys.stdout.write(f"{line}\n")
    return false, treatments["groups"] + treatments["dispersion"], found


@pytest.mark.parametrize("world", [ROWS, LARGE, PLANTED[0], POISSON], ids=lambda world: world.name)
def test_arrays_say_what_the_whole_program_says(world, tmp_path):
    short, tally = world.told(0)
    whole = world.written(tmp_path, 0)
    (found,) = (f for f in whole.part.findings if isinstance(f, Overdispersion))
    assert (found.index, found.freedom) == (tally.variation.index, tally.variation.freedom)
    assert found.treatment == ("groups" if tally.as_groups else "dispersion" if tally.dispersion else "independent")
    plain = [
        {(one.kind, frozenset(name.replace("0", "") for name in one.about), one.way) for one in statements(of)}
        for of in (short, whole)
    ]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("world", WORLDS if NIGHTLY else (ROWS, TABLE, CATCHES), ids=lambda world: world.name)
def test_reports_of_unrelated_labels_state_nothing(world):
    false, allowing, _ = judged(world)
    assert false <= MOST
    if world not in (POISSON, MILD):
        assert allowing >= 0.9 * REPLICATIONS


@pytest.mark.parametrize("world", PLANTED if NIGHTLY else PLANTED[:1], ids=lambda world: world.name)
def test_a_planted_pair_is_found(world):
    """With rows as groups it was found in 0 of 8 reports of large counts."""
    false, _, found = judged(world)
    assert false <= MOST
    assert found >= 0.65 * REPLICATIONS


def test_independent_units_stay_independent():
    _, allowing, _ = judged(POISSON)
    assert allowing <= draws(2, 18)


@pytest.mark.parametrize("world", (ROWS, TABLE, LARGE) if NIGHTLY else (ROWS,), ids=lambda world: world.name)
def test_two_samples_of_one_world_do_not_differ_by_more_than_noise(world, tmp_path):
    """All ten comparisons of two such samples found a change when units counted as independent."""
    n = draws(2, 200)
    found = [world.difference(tmp_path, replication) for replication in range(n)]
    clear = sum(any(cell.noise is False for cell in one.cells) for one in found)
    sys.stdout.write(f"{world.name}: {clear} of {n} comparisons find a change\n")
    assert clear <= draws(1, 18)
