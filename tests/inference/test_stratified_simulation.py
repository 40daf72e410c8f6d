"""Within strata intervals hold and tests reject as often as they say: a short form of benchmarks/stratified.py."""

from __future__ import annotations

import pytest

from benchmarks.stratified import cells_of, grouped, independent
from tests.draws import draws

pytestmark = pytest.mark.nightly

TABLES = draws(80, 120)
REGIMES = [independent(2000, 10), grouped(120, 6, 0, nested=True), grouped(120, 6, 0, nested=False)]


# 120 tables are 700 to 1,100 cells of six populations, which hang together: the mean's chance error is 1 to 2 %;
# by day, of 80, 1.3 to 2.5 %.
@pytest.mark.parametrize("regime", REGIMES, ids=lambda r: r.name)
def test_ratios_are_held_and_unrelated_pairs_seldom_rejected(regime):
    found = cells_of(regime, TABLES, related=True)
    chosen = found[(found["n"] >= 50) & (found["expected"] >= 5) & found["there"]]
    assert len(chosen) > 4 * TABLES
    assert 0.92 < chosen["covered"].mean() < 0.98
    unrelated = cells_of(regime, TABLES, related=False)
    tested = unrelated[(unrelated["n"] >= 50) & (unrelated["expected"] >= 5)]["p"].dropna()
    assert len(tested) > 4 * TABLES
    assert 0.02 < (tested <= 0.05).mean() < 0.07
