"""Whole tables drawn again: every total follows from how often each pattern or group was drawn, counted plainly."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.cells import Refusal
from diptych.inference import InferenceSettings
from diptych.inference.drawing import RESAMPLES, bagged, redraws
from diptych.matrices.counts import shares, tabulate
from tests.matrices.tiny import P, random_patterns, tiny

SETTINGS = InferenceSettings(seed=3)
UNITS = (P("A", "X", 6), P("A", "Y", 3), P("A", "XY", 1), P("B", "X", 2), P("B", "", 6), P("", "", 2))


def by_pattern(incidence):
    """Return the drawings, with how much of each pattern is in each of them."""
    found = redraws(incidence, SETTINGS, np.eye(len(incidence.units)))
    return found, found.sums


def counted(incidence, amount):
    """Return the counts of an incidence with other amounts of its patterns, pattern by pattern."""
    rows, columns = shares(incidence)
    joint = sum(a * np.outer(r, c) for a, r, c in zip(amount, rows, columns, strict=True))
    within = np.zeros_like(joint)
    for level in range(len(incidence.strata)):
        of = np.where(incidence.stratum == level, amount, 0)
        if of.sum():
            within += np.outer(of @ rows, of @ columns) / of.sum()
    return joint, amount @ rows, amount @ columns, amount.sum(), within


@pytest.mark.parametrize(("grouped", "strata"), [(False, False), (True, False), (False, True), (True, True)])
def test_each_drawing_is_a_count_of_what_was_drawn(grouped, strata):
    patterns = random_patterns(7, 40, n_groups=9 if grouped else 0, weighted=grouped)
    levels = [p._replace(stratum="xyz"[k % 3]) for k, p in enumerate(patterns)] if strata else patterns
    incidence = tiny(*levels, groups=grouped, strata=strata)
    found, amounts = by_pattern(incidence)
    assert len(amounts) == RESAMPLES
    for k in (0, 1, 17, RESAMPLES - 1):
        joint, given, outcome, n_units, within = counted(incidence, amounts[k])
        assert found.joint[k] == pytest.approx(joint)
        assert found.given[k] == pytest.approx(given)
        assert found.outcome[k] == pytest.approx(outcome)
        assert found.units[k] == pytest.approx(n_units)
        assert (found.within is None) == (not strata)
        if strata:
            assert found.within[k] == pytest.approx(within)


def test_as_many_units_are_drawn_as_there_are_and_on_average_each_once():
    incidence = tiny(*UNITS)
    found, amounts = by_pattern(incidence)
    assert (found.units == 20).all()
    assert amounts.mean(axis=0) == pytest.approx(incidence.units, abs=0.6)
    counts = tabulate(incidence)
    assert found.joint.mean(axis=0) == pytest.approx(counts.joint, abs=0.6)
    assert found.expected.shape == (RESAMPLES, 2, 2)


def test_groups_are_drawn_whole():
    """Two teams of three and one: whoever draws units would also draw parts of a team."""
    patterns = (P("A", "X", 3, group="s"), P("B", "Y", 1, group="t"), P("B", "X", 3, group="u"))
    incidence = tiny(*patterns, groups=True)
    found, amounts = by_pattern(incidence)
    assert set(np.unique(amounts[:, incidence.units == 3])) <= {0.0, 3.0, 6.0, 9.0}
    assert set(found.units.tolist()) <= {3 * a + b for a in range(4) for b in range(4)}


def test_the_same_seed_draws_the_same_and_another_does_not():
    incidence = tiny(*UNITS)
    first, again = redraws(incidence, SETTINGS), redraws(incidence, SETTINGS)
    other = redraws(incidence, InferenceSettings(seed=4))
    assert (first.joint == again.joint).all()
    assert (first.joint != other.joint).any()


def test_refused_where_drawing_would_mislead_or_is_too_much():
    incidence = tiny(*UNITS)
    weighted = redraws(replace(incidence, weighted=True), SETTINGS)
    assert weighted == Refusal("units of one pattern have different weights")
    assert redraws(tiny(P("A", "X", 1)), SETTINGS) == Refusal("there are fewer than two to draw from")
    many = redraws(incidence, SETTINGS, n=10_000_000)
    assert many == Refusal("there are too many categories and strata to draw again")


def test_many_groups_fall_into_bags():
    patterns = [P("A", "X", 1, group=f"g{k:03}") for k in range(600)]
    many = tiny(*patterns, groups=True)
    assert bagged(many, 16) is many
    few = bagged(replace(many, group=many.group * 7, n_groups=4200), 16)
    assert (few.n_groups, int(few.group.max()) < 2000) == (2000, True)
    found = redraws(replace(many, group=many.group * 7, n_groups=4200), SETTINGS)
    assert found.units.std() < 30
