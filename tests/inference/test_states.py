"""The kinds of nothing, each by a literal."""

from __future__ import annotations

import pytest

from diptych.inference import InferenceSettings
from diptych.inference.intervals import states
from diptych.inference.moments import moments
from diptych.matrices.counts import tabulate
from diptych.measures import MEASURES
from tests.matrices.tiny import P, tiny

SETTINGS = InferenceSettings(minimum_units=10, minimum_groups=5)


def states_of(*patterns, measure="conditional", masked=False, reverse=False, **how):
    incidence = tiny(*patterns, **how)
    m, units = moments(incidence), tabulate(incidence, "units")
    if reverse:
        m, units = m.T, units.T
    return states(m, MEASURES[measure], units.given, SETTINGS, masked=masked).tolist()


def test_measured_few_no_given_no_outcome():
    found = states_of(P("A", "X", 10), P("B", "X", 9), P("", "Z", 4), rows="ABC", columns="XYZ")
    assert found == [
        ["measured", "no_outcome", "measured"],
        ["few", "no_outcome", "few"],
        ["no_given", "no_given", "no_given"],
    ]


def test_the_other_direction_is_judged_by_its_own_given():
    patterns = (P("A", "X", 10), P("B", "X", 9), P("", "Z", 4))
    assert states_of(*patterns, rows="ABC", columns="XYZ", reverse=True) == [
        ["measured", "measured", "no_outcome"],
        ["no_given", "no_given", "no_given"],
        ["few", "few", "no_outcome"],
    ]


def test_few_by_groups():
    groups = [P("A", "X", 4, f"g{i}") for i in range(5)]
    assert states_of(*groups, groups=True, rows="A", columns="X") == [["measured"]]
    assert states_of(*groups[:4], groups=True, rows="A", columns="X") == [["few"]]
    # Five groups, but one holds nearly all.
    uneven = [P("A", "X", 40, "g0"), *groups[1:]]
    assert states_of(*uneven, groups=True, rows="A", columns="X") == [["few"]]
    assert states_of(*uneven, rows="A", columns="X") == [["measured"]]


def test_symmetric_measures_need_groups_on_both_margins():
    patterns = [*[P("A", "", 4, f"g{i}") for i in range(5)], P("A", "X", 4, "g1")]
    assert states_of(*patterns, groups=True, rows="A", columns="X") == [["few"]]
    patterns += [P("A", "", 20, f"h{i}") for i in range(5)]
    assert states_of(*patterns, groups=True, rows="A", columns="X") == [["measured"]]
    assert states_of(*patterns, groups=True, rows="A", columns="X", measure="lift") == [["few"]]


def test_few_counts_units_not_weights():
    assert states_of(P("A", "X", 2, weights=(50.0, 50.0)), rows="A", columns="X") == [["few"]]
    light = P("A", "X", 10, weights=(0.01,) * 10)
    assert states_of(light, rows="A", columns="X") == [["measured"]]


def test_what_weighs_nothing_is_not_there():
    zero = P("A", "X", 20, weights=(0.0,) * 20)
    assert states_of(zero, P("B", "Y", 1, weights=(1.0,))) == [["no_given", "no_given"], ["no_outcome", "few"]]


@pytest.mark.parametrize("reverse", [False, True])
def test_masked_diagonal_whatever_else_it_would_be(reverse):
    found = states_of(
        P("A", "A", 10), P("A", "B", 10), masked=True, reverse=reverse, columns="ABC", rows="ABC", one=True
    )
    off = [["measured", "no_outcome"], ["no_given"] * 2, ["no_given"] * 2]
    if reverse:
        off = [["no_outcome", "no_outcome"], ["measured", "no_outcome"], ["no_given"] * 2]
    expected = [[*row[:i], "masked", *row[i:]] for i, row in enumerate(off)]
    assert found == expected


def test_no_units():
    assert states_of() == [["no_given", "no_given"]] * 2
    assert states_of(groups=True) == [["no_given", "no_given"]] * 2
