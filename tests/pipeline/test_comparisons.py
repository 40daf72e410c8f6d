"""Which contrasts a relation's panels are asked for, and their values, from units counted by hand."""

import pytest

from diptych.inference import InferenceSettings
from diptych.matrices import PanelSettings
from diptych.panels import build_panel, tables_of
from diptych.pipeline.results import Shown, compare
from tests.matrices.tiny import P, random_patterns, tiny

MADE = InferenceSettings(resamples=200, minimum_units=2, minimum_groups=2)


def shown(incidence, *panels, settings=MADE):
    """Panels over an incidence, each (id, given, outcome, measure, mirror), ready to be compared."""
    tables = tables_of(incidence)
    made = []
    for name, given, outcome, measure, mirror in panels:
        asked = PanelSettings(id=name, relation="trained_on", given=given, outcome=outcome, measure=measure)
        made.append(Shown(build_panel(asked, tables, settings, mirror), incidence))
    return made


def both(incidence, measure="conditional", **how):
    left, right = ("datasets", "models"), ("models", "datasets")
    return shown(incidence, ("left", *left, measure, "right"), ("right", *right, measure, "left"), **how)


def named(found, kind):
    return [line for line in found.contrasts if line.kind == kind]


# Of 20 units 10 have A: 6 with X, 3 with Y, 1 with both; 8 have B: 2 with X, 6 with neither; 2 have nothing.
UNITS = (P("A", "X", 6), P("A", "Y", 3), P("A", "XY", 1), P("B", "X", 2), P("B", "", 6), P("", "", 2))


def test_rows_against_the_other_rows_and_panel_against_panel():
    found = compare(both(tiny(*UNITS)), MADE)
    # Left A 0.7 0.4, B 0.25 0; right X 7/9 2/9, Y 1 0, which add to one.
    first, second, right = named(found, "rows")
    assert [(line.first.panel, line.first.given, line.second.given) for line in (first, second)] == [
        ("left", "A", None),
        ("left", "B", None),
    ]
    assert (first.first_value, first.second_value) == pytest.approx((0.55, 0.125))
    assert (second.first_value, second.second_value) == pytest.approx((0.125, 0.55))
    reason = "each unit has one category on the outcome side: shares in a row add to one"
    assert (right.first.panel, right.difference, right.reason) == ("right", None, reason)
    [panels] = named(found, "panels")
    assert (panels.first_value, panels.second_value) == pytest.approx((1.35 / 4, 0.5))
    assert panels.difference.low < 1.35 / 4 - 0.5 < panels.difference.high


def test_the_axes_differ_so_that_nothing_is_reversed_within_a_panel():
    assert named(compare(both(tiny(*UNITS)), MADE), "reverse") == []


def test_only_measured_cells_take_part():
    few = InferenceSettings(resamples=200, minimum_units=9)
    found = compare(both(tiny(*UNITS), settings=few), few)
    # A has 10 units and X 9, B 8 and Y 4: left only row A is measured, right only row X.
    assert [(line.first.given, line.first.outcome) for line in named(found, "mirror")] == [("A", "X")]
    assert named(found, "rows") == []
    assert [(h.given, h.outcome) for h in found.highest["left"]] == [("A", "X"), ("A", "Y")]
    assert [(h.given, h.outcome) for h in found.highest["right"]] == [("X", "A"), ("X", "B")]


def test_the_same_items_on_both_axes():
    incidence = tiny(
        P("AB", "AB", 5), P("A", "A", 4), P("BC", "BC", 3), rows="ABC", columns="ABC", one=True, trivial=True
    )
    [found] = [compare(shown(incidence, ("one", "datasets", "models", measure, None)), MADE) for measure in ("lift",)]
    assert [line.reason for line in named(found, "reverse")] == ["both axes are the same items: both cells are one"]
    assert all(h.given != h.outcome for h in found.highest["one"])
    shares = compare(shown(incidence, ("one", "datasets", "models", "conditional", None)), MADE)
    # Of 9 with A 5 have B; of 8 with B 5 have A.
    first = named(shares, "reverse")[0]
    assert (first.first.given, first.first.outcome, first.first_value, first.second_value) == ("A", "B", 5 / 9, 5 / 8)


@pytest.mark.parametrize(
    ("patterns", "how", "adds"),
    [
        ((P("A", "X", 3), P("B", "Y", 3)), {}, True),
        ((P("A", "X", 3), P("B", "XY", 3)), {}, False),
        ((P("A", "X", 3), P("B", "", 3)), {}, False),
        ((P("A", "X", 3), P("B", "XY", 3)), {"fractional": True}, True),
        ((P("A", "X", 3), P("", "XY", 3)), {}, True),
    ],
)
def test_when_the_shares_of_a_row_add_to_one(patterns, how, adds):
    [left, _] = both(tiny(*patterns, **how))
    assert left.adds_to_one is adds


@pytest.mark.parametrize("measure", ["odds_ratio", "difference", "yule_q", "jaccard"])
@pytest.mark.parametrize("how", [{}, {"weighted": True}])
def test_values_are_those_of_the_panels(measure, how):
    panels = both(tiny(*random_patterns(2, 60, **how)), measure)
    cells = {one.panel.id: one.panel for one in panels}
    found = compare(panels, MADE)
    for line in found.contrasts:
        if line.difference and line.first.outcome:
            for term, value in ((line.first, line.first_value), (line.second, line.second_value)):
                assert value == cells[term.panel].cell(term.given, term.outcome).value


def test_ends_stay_within_what_a_difference_can_be():
    patterns = [
        *(P("A", "X", 6, f"g{k}") for k in range(6)),
        *(P("A", "Y", 1, group) for group in ("g0", "g3")),
        *(P("B", "X", 200, f"g{k}") for k in range(6)),
        P("B", "Y", 3, "g1"),
        P("B", "Y", 4, "g2"),
    ]
    found = compare(both(tiny(*patterns, groups=True)), MADE)
    ends = [
        (line.difference.low, line.difference.high)
        for line in found.contrasts
        if line.difference and line.difference.low
    ]
    assert all(-1 <= low <= high <= 1 for low, high in ends)
    assert max(high for _, high in ends) == 1  # of X given A, 95 %, less A given X, 3 %


def test_nothing_measured_is_nothing_asked():
    strict = InferenceSettings(resamples=200, minimum_units=100)
    found = compare(both(tiny(*UNITS), settings=strict), strict)
    assert (found.contrasts, found.highest) == ((), {})
