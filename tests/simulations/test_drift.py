"""Coverage that drifts while the population stays the same: no change of a share is a trend.

`pytest -rP` prints the numbers.
"""

from __future__ import annotations

import sys
from collections import Counter
from unittest.mock import patch

import pytest

from diptych.findings import robustness
from tests.draws import NIGHTLY, draws
from tests.simulations.drift import AGREEMENT, COVERED, LABEL, SAME_POPULATION, TREND, false_kinds, moved

pytestmark = pytest.mark.nightly
REPLICATIONS, MOST = draws(3, 200), draws(1, 18)


def reports(world, folder, n):
    with patch.object(robustness, "find", lambda *_: ()):
        return [world.written(folder, replication) for replication in range(n)]


@pytest.mark.parametrize("world", SAME_POPULATION if NIGHTLY else SAME_POPULATION[1:3], ids=lambda world: world.name)
def test_a_drift_of_coverage_is_no_trend(world, tmp_path):
    """All of 25 reports of each such world stated a trend, but where labels went missing at random."""
    written = reports(world, tmp_path, REPLICATIONS)
    false = Counter(kind for one in written for kind in false_kinds(one))
    said = sum(any(m.verdict == "coverage" for m in moved(one)) for one in written)
    sys.stdout.write(
        f"{world.name}: of {REPLICATIONS} false by kind {dict(false)}, {said} say that it may be coverage\n"
    )
    assert max(false.values(), default=0) <= MOST
    if world in (LABEL, AGREEMENT):
        assert said == REPLICATIONS


@pytest.mark.parametrize("world", [TREND, COVERED], ids=lambda world: world.name)
def test_a_trend_that_missing_labels_cannot_make_is_stated(world, tmp_path):
    n = draws(2, 50)
    found = sum(
        any((m.about, m.side, m.outcome, m.verdict) == ("category", "rows", "K01", "trend") for m in moved(one))
        for one in reports(world, tmp_path, n)
    )
    sys.stdout.write(f"{world.name}: {found} of {n} state the trend\n")
    assert found >= 0.96 * n
