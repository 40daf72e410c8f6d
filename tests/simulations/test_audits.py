"""Audits of simulated worlds: the corrected report is nearer to the truth, and its intervals contain the truth.

Promised of the share of models in the category of their data: nearer to the truth than without correction in 90 of 100
audits, and an interval that contains the truth in 85 of 100. The seeds are fixed; docs/simulations.md has the figures.
"""

import math

import numpy as np
import pytest

from tests.draws import by_night, draws
from tests.simulations.audits import CATEGORIES, AuditWorld, outcome

pytestmark = pytest.mark.nightly

RUNS = draws(6, 100)
DRAWS = draws(40, 120)
WORLDS = [
    AuditWorld(0.1),
    *by_night(
        AuditWorld(0.02),
        AuditWorld(0.05),
        AuditWorld(0.2),
        AuditWorld(0.05, zipf=True),
        AuditWorld(0.1, zipf=True),
        AuditWorld(0.1, n_each=2),
        AuditWorld(0.1, two_taxonomies=True),
        AuditWorld(0.1, columns_only=True),
    ),
]
PROMISED = [AuditWorld(0.05), AuditWorld(0.1), AuditWorld(0.2)]


def at_least(share: float) -> float:
    """Return a percentage that a true rate of `share` percent falls short of once in a thousand times, in `RUNS` runs."""
    return share - 100 * 3.1 * math.sqrt(share / 100 * (1 - share / 100) / RUNS)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_audits_move_towards_the_truth(world):
    found = outcome(world, RUNS, DRAWS)
    assert min(found.covered) >= at_least(85 if world in PROMISED else 80)
    if world in PROMISED:
        nearer, covered = (90, 85) if RUNS >= 100 else (at_least(90), at_least(85))
        assert found.nearer[0] >= nearer
        assert found.covered[0] >= covered
        # on average the errors are undone, not added a second time
        assert found.assigned < found.corrected
        assert abs(found.corrected - found.truth) < 0.2 * (found.truth - found.assigned)


def test_errors_that_hide_the_truth_are_refused():
    """Three in four items of each category belong to another one: all true categories are classified alike."""
    _, sides = AuditWorld(0.75).draw(0).correction()
    confused = sides[1].confused()
    assert confused is not None
    assert set(confused) <= set(CATEGORIES)


@pytest.mark.parametrize("error", [0.05, 0.2])
def test_errors_that_can_be_undone_are_not_refused(error):
    audits = [AuditWorld(error).draw(replication) for replication in range(10)]
    assert [side.confused() for audit in audits for side in audit.correction()[1]] == [None] * 20


def test_no_judged_error_leaves_the_relation_almost_as_it_is():
    """Zero errors of 20 are no certainty: draws vary, but their median is the relation as built."""
    audit = AuditWorld(0.0).draw(0)
    correction, _ = audit.correction()
    drawn = [audit.shares(correction.draw(np.random.default_rng(seed)))[0] for seed in range(40)]
    built = np.mean(audit.true[0][audit.links[:, 0]] == audit.true[1])
    assert np.median(drawn) == pytest.approx(built, abs=0.01)
    assert max(drawn) > built
