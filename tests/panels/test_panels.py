"""Panels: frozen cells in declared order, the reversed panel, what is undefined, and published matrices."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep

from diptych.cells import Cell, Estimate
from diptych.stats import InferenceSettings
from diptych.stats.matrices import BareMatrix, PanelSettings, PublishedValue
from diptych.stats.measures import MEASURES, interval
from diptych.stats.pairs import pairs_of
from diptych.stats.panels import build_bare_panel, build_panel, reversed_of, tables_of
from tests.matrices.tiny import DATASETS, MODELS, P, random_patterns, tiny

INFERENCE = InferenceSettings(minimum_units=3, minimum_groups=2)


def settings(name="left", given="datasets", outcome="models", measure="conditional", relation="trained_on"):
    return PanelSettings(id=name, relation=relation, given=given, outcome=outcome, measure=measure)


def both(incidence, inference=INFERENCE, measure="conditional"):
    tables = tables_of(incidence)
    left, right = settings(measure=measure), settings("right", "models", "datasets", measure)
    return build_panel(left, tables, inference, "right"), build_panel(right, tables, inference, "left")


# 10 A, 4 B (2 with both), none with C; 9 X, 5 Y, none Z; 16 units in all.
SIXTEEN = (P("A", "X", 6), P("A", "Y", 2), P("AB", "XY", 2), P("B", "X", 1), P("B", "Y", 1), P("", "", 4))


def panel(**how):
    return both(tiny(*SIXTEEN, rows="ABC", columns="XYZ", **how))[0]


def p_of_newcombe(joint, given, outcome, units):
    """Return the level at which Newcombe's interval of a difference of two shares touches 0."""
    others = outcome - joint, units - given

    def nearest(alpha):
        low, high = confint_proportions_2indep(joint, given, *others, method="newcomb", compare="diff", alpha=alpha)
        return low if joint / given > others[0] / others[1] else -high

    return brentq(nearest, 1e-30, 1 - 1e-9)


def test_one_cell_in_full():
    cell = panel().cell("A", "X")
    wilson = stats.binomtest(8, 10).proportion_ci(0.95, method="wilson")
    tables = (8, 10, 9, 16), (4, 10, 5, 16), (3, 4, 9, 16), (3, 4, 5, 16)
    q = stats.false_discovery_control([p_of_newcombe(*table) for table in tables])
    ends = interval(MEASURES["lift"], pairs_of(tiny(*SIXTEEN, rows="ABC", columns="XYZ")), 0.05)
    assert cell == Cell(
        given="A",
        outcome="X",
        n_joint=8,
        n_given=10,
        n_outcome=9,
        n_units=16,
        value=0.8,
        low=pytest.approx(wilson.low),
        high=pytest.approx(wilson.high),
        baseline=9 / 16,
        expected=10 * 9 / 16,
        lift=pytest.approx(16 * 8 / 90),
        lift_low=pytest.approx(ends.low[0, 0]),
        lift_high=pytest.approx(ends.high[0, 0]),
        expected_within_strata=None,
        lift_within_strata=None,
        q_value=pytest.approx(q[0]),
        state="measured",
    )


def test_cells_stand_in_declared_order():
    left, right = both(tiny(*SIXTEEN, rows="CAB", columns="YX"))
    assert [cell.given + cell.outcome for cell in left.cells] == ["CY", "CX", "AY", "AX", "BY", "BX"]
    assert [cell.given + cell.outcome for cell in right.cells] == ["YC", "YA", "YB", "XC", "XA", "XB"]
    assert [cell.n_joint for cell in left.row("A")] == [4, 8]


NUMBERS = (
    "value",
    "low",
    "high",
    "lift",
    "lift_low",
    "lift_high",
    "lift_within_strata",
    "odds_within_strata",
    "q_value",
)


def test_undefined_is_none_and_never_zero():
    left, _ = both(tiny(*(p._replace(stratum="s") for p in SIXTEEN), rows="ABC", columns="XYZ", strata=True))
    for pair, state in ((("C", "X"), "no_given"), (("A", "Z"), "no_outcome"), (("C", "Z"), "no_given")):
        cell = left.cell(*pair)
        assert cell.state == state
        assert [getattr(cell, name) for name in NUMBERS] == [None] * len(NUMBERS)
        assert (cell.n_joint, cell.expected, cell.expected_within_strata) == (0, 0, 0)
    assert left.cell("A", "Z").baseline == 0


def test_measured_zero_is_zero():
    left, _ = both(tiny(P("A", "Y", 5), P("B", "X", 5)))
    cell = left.cell("A", "X")
    assert (cell.state, cell.value, cell.low, cell.lift, cell.lift_low) == ("measured", 0, 0, 0, 0)
    assert cell.high == pytest.approx(0.434482, abs=1e-6)
    assert cell.lift_high > 0


def test_few_keeps_its_numbers_and_enters_no_test():
    left, right = both(tiny(*SIXTEEN, rows="AB", columns="XY"), InferenceSettings(minimum_units=5, minimum_groups=2))
    cell = left.cell("B", "X")
    assert (cell.state, cell.value, cell.q_value) == ("few", 3 / 4, None)
    # Given X there are nine units, so that cell is measured; its table still has too few with B.
    back = right.cell("X", "B")
    assert (back.state, back.value, back.q_value) == ("measured", 3 / 9, None)
    q = stats.false_discovery_control([p_of_newcombe(8, 10, 9, 16), p_of_newcombe(4, 10, 5, 16)])
    assert [left.cell("A", b).q_value for b in "XY"] == pytest.approx(list(q))


def test_pairs_and_the_diagonal_are_two_families():
    # Three kinds that keep to themselves: nine tables, of which three are the diagonal with much smaller p.
    cells = [
        ("A", "A", 30),
        ("B", "B", 30),
        ("C", "C", 30),
        ("A", "B", 12),
        ("B", "C", 9),
        ("C", "A", 8),
        ("B", "A", 5),
    ]
    patterns = [P(*cell) for cell in cells]
    left, right = both(tiny(*patterns, rows="ABC", columns="ABC", one=True))
    rows, columns = ({k: sum(n for *pair, n in cells if pair[side] == k) for k in "ABC"} for side in (0, 1))
    joint = {(a, b): n for a, b, n in cells}

    def p_of(a, b):
        return p_of_newcombe(joint.get((a, b), 0), rows[a], columns[b], sum(rows.values()))

    for family in ([(a, b) for a in "ABC" for b in "ABC" if a != b], [(a, a) for a in "ABC"]):
        q = stats.false_discovery_control([p_of(*pair) for pair in family])
        assert [left.cell(*pair).q_value for pair in family] == pytest.approx(list(q), rel=1e-5, abs=1e-10)
        assert [right.cell(*pair[::-1]).q_value for pair in family] == pytest.approx(list(q), rel=1e-5, abs=1e-10)
    # Two taxonomies have no diagonal: all nine are one family.
    (found, _), pairs = both(tiny(*patterns, rows="ABC", columns="ABC")), [(a, b) for a in "ABC" for b in "ABC"]
    q = stats.false_discovery_control([p_of(*pair) for pair in pairs])
    assert [found.cell(*pair).q_value for pair in pairs] == pytest.approx(list(q), rel=1e-5, abs=1e-10)


def test_no_units_at_all():
    for incidence in (tiny(strata=True), tiny(strata=True, groups=True)):
        for found in both(incidence):
            assert {cell.state for cell in found.cells} == {"no_given"}
            assert {cell.value for cell in found.cells} == {None}
            assert {cell.baseline for cell in found.cells} == {None}
            assert {cell.expected for cell in found.cells} == {0}


def test_a_masked_diagonal_has_counts_but_nothing_to_read():
    left, right = both(tiny(P("A", "A", 5), P("AB", "AB", 4), P("B", "B", 6), columns="AB", one=True, trivial=True))
    for found in (left, right):
        cell = found.cell("A", "A")
        assert (cell.state, cell.n_joint) == ("masked", 9)
        assert [getattr(cell, name) for name in NUMBERS] == [None] * len(NUMBERS)
        assert found.cell("A", "B").state == "measured"
    # Two tables are tested, and both are the same one mirrored.
    assert left.cell("A", "B").q_value == pytest.approx(p_of_newcombe(4, 9, 10, 15))


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("groups", [False, True])
def test_the_reversed_panel_holds_the_mirrored_tables(measure, groups):
    drawn = random_patterns(31, 80, n_groups=30, rows="ABC", columns="XY")
    patterns = [p._replace(stratum="st"[i % 2]) for i, p in enumerate(drawn)]
    left, right = both(
        tiny(*patterns, rows="ABC", columns="XY", groups=groups, strata=True), InferenceSettings(), measure
    )
    for cell in left.cells:
        back = right.cell(cell.outcome, cell.given)
        assert (cell.n_joint, cell.n_given, cell.n_outcome, cell.n_units) == (
            back.n_joint, back.n_outcome, back.n_given, back.n_units,
        )  # fmt: skip
        assert cell.q_value is not None
        assert cell.q_value == back.q_value
        assert (cell.lift, cell.expected) == pytest.approx((back.lift, back.expected), rel=1e-12)
        assert (cell.lift_low, cell.lift_high) == pytest.approx((back.lift_low, back.lift_high), rel=1e-9)
        within = ("lift_within_strata", "lift_within_low", "lift_within_high")
        for name in (*within, "odds_within_strata", "odds_within_low", "odds_within_high"):
            assert getattr(cell, name) == pytest.approx(getattr(back, name), rel=1e-9)
        if MEASURES[measure].info.symmetric:
            assert cell.value == pytest.approx(back.value, rel=1e-9)
            # Intervals are there on both sides or on none.
            for end, mirrored in ((cell.low, back.low), (cell.high, back.high)):
                assert end == (mirrored if mirrored is None else pytest.approx(mirrored, rel=1e-9))


def test_the_panels_differ_by_category_sizes_alone():
    left, right = both(tiny(*SIXTEEN))
    for cell in left.cells:
        back = right.cell(cell.outcome, cell.given)
        assert cell.value / back.value == pytest.approx(cell.n_outcome / cell.n_given, rel=1e-14)


def test_strata_change_expected_counts_alone():
    # Within s everything is A and X, within t everything B and Y: strata explain all.
    left, _ = both(tiny(P("A", "X", 8, stratum="s"), P("B", "Y", 4, stratum="t"), strata=True))
    cell = left.cell("A", "X")
    assert (cell.lift, cell.expected) == (1.5, 8 * 8 / 12)
    assert (cell.lift_within_strata, cell.expected_within_strata) == (1, 8)
    assert left.cell("A", "Y").lift_within_strata is None
    assert left.cell("A", "Y").lift == 0


STRATA = {"s": (30, 20, 10, 40), "t": (12, 28, 6, 54)}
"""Units with A and X, A alone, X alone, neither."""


def in_strata(**how):
    sets = (("A", "X"), ("A", ""), ("", "X"), ("", ""))
    patterns = [P(*pair, n, "", s) for s, table in STRATA.items() for pair, n in zip(sets, table, strict=True)]
    return tiny(*patterns, rows="A", columns="X", strata=True, **how)


def test_strata_are_what_a_table_is_tested_within():
    cell = both(in_strata())[0].cell("A", "X")
    # 50 x 40 / 100 + 40 x 18 / 100 expected.
    assert cell.expected_within_strata == pytest.approx(27.2)
    assert cell.lift_within_strata == pytest.approx(42 / 27.2)
    assert 1 < cell.lift_within_low < 42 / 27.2 < cell.lift_within_high
    pooled = StratifiedTable([np.array(table, float).reshape(2, 2) for table in STRATA.values()])
    p = 2 * stats.norm.sf(abs(pooled.logodds_pooled / pooled.logodds_pooled_se))
    assert cell.q_value == pytest.approx(p, rel=1e-6)
    # The same units without strata are tested over all.
    plain = both(dataclasses.replace(in_strata(), stratum_names=()))[0].cell("A", "X")
    assert plain.q_value == pytest.approx(p_of_newcombe(42, 90, 58, 200))
    assert (plain.lift_within_strata, plain.lift_within_low) == (None, None)


def test_the_design_effect_is_what_groups_cost():
    # Twenty groups of five alike units: each group is worth one unit, so variances are five times as large, times
    # 20/19 for few groups.
    patterns = [P("A", "X" if i % 4 else "Y", 5, f"g{i:02d}") for i in range(20)]
    cell = both(tiny(*patterns, groups=True))[0].cell("A", "X")
    assert (cell.value, cell.effective_groups) == (0.75, pytest.approx(20))
    assert cell.design_effect == pytest.approx(5 * 20 / 19)
    # B is in no unit; of X all units are A, and nothing varies.
    _, right = both(tiny(*patterns, groups=True))
    assert (right.cell("X", "A").design_effect, right.cell("X", "A").effective_groups) == (None, pytest.approx(15))
    alone = both(tiny(*[p._replace(group="") for p in patterns]))[0].cell("A", "X")
    assert (alone.design_effect, alone.effective_groups) == (None, None)


def test_weights_fill_counts_and_units_fill_states():
    left, _ = both(
        tiny(
            P("A", "X", 4, weights=(10.0, 20.0, 10.0, 20.0)),
            P("A", "Y", 2, weights=(10.0, 10.0)),
            P("B", "Y", 2, weights=(9.0, 9.0)),
        )
    )
    cell = left.cell("A", "X")
    assert (cell.n_joint, cell.n_given, cell.n_units, cell.value) == (60, 80, 98, 0.75)
    assert (cell.state, left.cell("B", "Y").state) == ("uncertain", "few")
    assert left.n_units == 98


def test_mirrors():
    left, right = settings(), settings("right", "models", "datasets")
    again = settings("again", "models", "datasets")
    assert reversed_of(left, [left, right, again]) == "right"
    assert reversed_of(again, [left, right, again]) == "left"
    assert reversed_of(left, [left]) is None
    assert reversed_of(left, [settings("right", "models", "datasets", "lift")]) is None
    assert reversed_of(left, [settings("right", "models", "datasets", relation="owners")]) is None
    alone = settings("own", "datasets", "datasets")
    assert reversed_of(alone, [alone]) is None
    assert reversed_of(alone, [alone, settings("twin", "datasets", "datasets")]) == "twin"


def test_bare_panel():
    matrix = BareMatrix(
        ("NLP", "CV"),
        ("NLP",),
        (PublishedValue("NLP", "NLP", Estimate(0.8, 0.75, 0.85), 12.0), PublishedValue("CV", "NLP", None, None)),
    )
    found = build_bare_panel(settings(), matrix, (DATASETS, MODELS), "right")
    known, unknown = found.cells
    counts = ("n_joint", "n_outcome", "n_units", "baseline", "expected", "expected_within_strata")
    for cell in found.cells:
        assert [getattr(cell, name) for name in (*counts, *NUMBERS[3:])] == [None] * (len(counts) + len(NUMBERS) - 3)
    assert (known.value, known.low, known.high, known.n_given, known.state) == (0.8, 0.75, 0.85, 12, "measured")
    assert (unknown.value, unknown.low, unknown.n_given, unknown.state) == (None, None, None, "no_given")
    assert (found.unit.role, found.n_units, found.n_groups, found.mirror) == ("none", None, None, "right")
    assert (found.given, found.outcome, found.same_taxonomy) == (DATASETS, MODELS, False)
