"""Tables of counts whose labels are unrelated: how many reports state what is not so, and what `diff` finds.

`pytest -rP` prints the numbers.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

import pytest

from diptych.findings import robustness
from diptych.findings.overdispersion import Overdispersion
from tests.draws import NIGHTLY, draws
from tests.simulations.counted import CATCHES, MILD, POISSON, ROWS, TABLE, WORLDS, CountedWorld
from tests.simulations.statements import statements

pytestmark = pytest.mark.long
REPLICATIONS, MOST = draws(4, 200), draws(1, 18)


def judged(world: CountedWorld, folder) -> tuple[int, int]:
    """Return how many reports state a pair, a block or the like, and how many take rows as groups."""
    false = grouped = 0
    with patch.object(robustness, "find", lambda *_: ()):
        for replication in range(REPLICATIONS):
            written = world.written(folder, replication)
            false += any(said.kind != "nothing" for said in statements(written))
            (found,) = (f for f in written.part.findings if isinstance(f, Overdispersion))
            grouped += not found.null
    sys.stdout.write(f"{world.name}: {false} of {REPLICATIONS} false, {grouped} with rows as groups\n")
    return false, grouped


@pytest.mark.parametrize("world", WORLDS if NIGHTLY else (ROWS, TABLE, CATCHES), ids=lambda world: world.name)
def test_reports_of_unrelated_labels_state_nothing(world, tmp_path):
    false, grouped = judged(world, tmp_path)
    assert false <= MOST
    if world not in (POISSON, MILD):
        assert grouped >= 0.9 * REPLICATIONS


def test_independent_units_stay_independent(tmp_path):
    _, grouped = judged(POISSON, tmp_path)
    assert grouped <= draws(1, 18)


@pytest.mark.parametrize("world", (ROWS, TABLE) if NIGHTLY else (ROWS,), ids=lambda world: world.name)
def test_two_samples_of_one_world_do_not_differ_by_more_than_noise(world, tmp_path):
    """All ten comparisons of two such samples found a change when units counted as independent."""
    n = draws(2, 200)
    with patch.object(robustness, "find", lambda *_: ()):
        found = [world.difference(tmp_path, replication) for replication in range(n)]
    clear = sum(any(cell.noise is False for cell in one.cells) for one in found)
    sys.stdout.write(f"{world.name}: {clear} of {n} comparisons find a change\n")
    assert clear <= draws(1, 18)
