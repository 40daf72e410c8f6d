"""Numbers of a recount that are made of the groups it touches are those of all its patterns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from diptych.incidence import RecountedIncidence, without_level
from diptych.inference.ratios import lumps, null_variance
from diptych.panels import tables_of
from tests.counting import recount
from tests.matrices.tiny import P, tiny
from tests.recounts.test_recounts_rebuilt import QUICK, edits, worlds
from tests.recounts.world import counted

pytestmark = pytest.mark.slow


def unweighted(world):
    """Units that add 1 each: only their sums are exact in any order."""
    tables = {name: [{k: v for k, v in row.items() if k != "w"} for row in rows] for name, rows in world.tables.items()}
    return replace(world, tables=tables)


@pytest.mark.parametrize("form", ["to", "labelled", "both"])
def test_moments_and_counts(engine, form):
    @QUICK
    @given(worlds(form).map(unweighted))
    def check(world):
        meeting, incidence, _ = counted(world, engine)
        whole = tables_of(incidence)
        found = recount(meeting, engine, [*edits(world, meeting)])
        changed = [one for one in found.values() if isinstance(one, RecountedIncidence)]
        for other in (*changed, *(without_level(incidence, "group", name) for name in incidence.groups)):
            if other.n_units:
                agree(tables_of(other, whole), tables_of(other.patterns()))

    check()


def agree(found, expected):
    assert found.n_groups == expected.n_groups
    for name in ("totals", "second", "alone", "sizes"):
        assert np.array_equal(getattr(found.moments, name), getattr(expected.moments, name)), name
    for name in ("joint", "given", "outcome", "n_units"):
        assert np.array_equal(getattr(found.counts, name), getattr(expected.counts, name)), name
    assert np.allclose(found.null_variance, null_variance(expected.incidence), rtol=1e-9, atol=1e-12)
    known, own = lumps(expected.incidence), lumps(expected.incidence, expected.moments)
    assert (own.unit, own.uneven) == pytest.approx((known.unit, known.uneven), rel=1e-12)


def test_only_the_last_that_was_asked_is_held():
    patterns = P("A", "X", 3, "p"), P("AB", "X", 2, "q"), P("B", "Y", 4, "r")
    incidence = replace(tiny(*patterns, groups=True), groups=("p", "q", "r"))
    first, second = (without_level(incidence, "group", name) for name in "pq")
    assert (first.units.tolist(), second.units.tolist()) == ([2, 4], [3, 4])
    assert "made" not in vars(first)
    assert first.units.tolist() == [2, 4]
    assert "made" not in vars(second)
