"""Sizes of categories behind published panels: the finding, when it is silent, and what is said of it."""

from dataclasses import replace

import pytest

from diptych.cells import Cell, CellRef, Kind, Panel, Unit
from diptych.document.material import Wording
from diptych.document.middle import _sizes
from diptych.document.writer import Writer
from diptych.findings import ThresholdSettings, published
from diptych.findings.finders import find_bare
from diptych.measures import MEASURES
from diptych.theme import template_folder
from tests.cells import whole_cells

DATASETS = Kind("datasets", "Dataset", "dataset", "datasets")
MODELS = Kind("models", "Model", "model", "models")
THRESHOLDS = ThresholdSettings()


def panel(name, mirror, rows, columns, values, *, kinds=(DATASETS, MODELS), n=None, measure="conditional"):
    """Make a published panel; `values` row by row: a number or (low, high); `n` the sizes of its rows."""
    cells = []
    for i, a in enumerate(rows):
        for b, entry in zip(columns, values[i], strict=True):
            low, high = entry if isinstance(entry, tuple) else (None, None)
            value = sum(entry) / 2 if isinstance(entry, tuple) else entry
            size = n[i] if n else None
            cells.append(Cell(a, b, None, size, None, None, value, low, high, *[None] * 8, "measured"))
    unit = Unit("none", "value", "values")
    info = MEASURES[measure].info
    return Panel(
        name,
        "r",
        *kinds,
        tuple(rows),
        tuple(columns),
        info,
        unit,
        None,
        None,
        1.0,
        whole_cells(cells),
        mirror,
        rows == columns,
    )


def pair(left, right, rows="AB", columns="AB", n=(None, None), measure="conditional"):
    return (
        panel("left", "right", rows, columns, left, n=n[0], measure=measure),
        panel("right", "left", columns, rows, right, kinds=(MODELS, DATASETS), n=n[1], measure=measure),
    )


def said(finding, place={"left": "(a)", "right": "(b)"}.get):
    wording = Wording("matrix", Unit("none", "value", "values"), DATASETS, MODELS, "linked to", "linked to")
    paragraph = _sizes(finding, Writer(template_folder(), "en", {"w": wording, "place": place}))
    return [sentence.text.replace("\N{NO-BREAK SPACE}", " ") for sentence in paragraph.sentences]


# n: A 40, B 10 datasets; A 20, B 30 models; joint 15, 25, 5, 5
EXACT = ([[15 / 40, 25 / 40], [5 / 10, 5 / 10]], [[15 / 20, 5 / 20], [25 / 30, 5 / 30]])


def test_two_shares_of_one_table_and_the_sizes_they_need():
    (found,) = published.find_sizes(pair(*EXACT))
    assert (found.id, found.left, found.right, found.null) == ("sizes.left.right", "left", "right", False)
    assert (found.feasible, found.n_usable, found.n_constraints, found.n_checks) == (True, 8, 8, 1)
    assert [(i.kind, i.more, i.fewer, i.ratio) for i in found.implied] == [
        (DATASETS, ("A",), "B", pytest.approx(4)),
        (MODELS, ("B",), "A", pytest.approx(1.5)),
    ]
    assert found.widening == 0
    assert said(found) == [
        "Both panels could be two shares of one table: of 8 constraints on the sizes of categories all can be used and none conflicts.",
        "If rows are what is given, this needs, in whatever unit was counted, at least 4.00 times as many A as B datasets, and at least 1.50 times as many B as A models; read the other way, the reverse; the matrices cannot tell.",
    ]  # fmt: skip


def test_a_conflict_points_at_its_cells_in_both_panels():
    (found,) = published.find_sizes(pair([[0.6, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]))
    assert (found.feasible, found.implied) == (False, ())
    assert set(found.cells) == {CellRef(name, a, b) for name in ("left", "right") for a in "AB" for b in "AB"}
    observation, meaning = said(found)
    assert observation.startswith(
        "The panels cannot be two shares of one table, whatever the sizes of categories: of the 8 constraints on them that can be used, those from "
    )
    assert observation.endswith(" conflict, and each would have to be 5 % wider.")
    assert all(f"{a} with {b}" in observation for a in "AB" for b in "AB")
    assert meaning == "So they are not shares of the same counts, or the values are less exact than they say."


def test_an_exact_zero_against_a_value():
    (found,) = published.find_sizes(pair([[0.0, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]))
    assert found.widening is None
    assert said(found)[0] == (
        "The panels cannot be two shares of one table: A with A is above zero one way and exactly zero the other."
    )


def test_constraints_that_could_not_conflict_show_nothing():
    left = [[(0.5, 0.7), (0.0, 0.3)], [(0.4, 0.5), (0.0, 0.1)]]
    right = [[(0.2, 0.3), (0.4, 0.8)], [(0.0, 0.1), (0.0, 0.1)]]
    (found,) = published.find_sizes(pair(left, right))
    assert (found.n_usable, found.n_constraints, found.n_checks) == (4, 8, 0)
    assert said(found) == [
        "Both panels could be two shares of one table; nothing in their values could exclude it.",
        "If rows are what is given, this needs, in whatever unit was counted, at least 1.33 times as many B as A datasets; read the other way, the reverse; the matrices cannot tell.",
    ]  # fmt: skip


def test_wide_ranges_imply_no_sizes():
    wide = [[(0.1, 1.0), (0.1, 1.0)], [(0.1, 1.0), (0.1, 1.0)]]
    (found,) = published.find_sizes(pair(wide, wide))
    assert said(found)[1] == "It needs no category to be larger than another."


def test_several_equal_ratios_are_one_sentence():
    # One outcome: n_X / n_A is 2, n_X / n_B, n_X / n_C 1
    left, right = pair([[0.8], [0.4], [0.4]], [[0.4, 0.4, 0.4]], rows="ABC", columns="X")
    (found,) = published.find_sizes((left, right))
    assert [(i.more, i.fewer) for i in found.implied] == [(("B", "C"), "A")]
    assert "at least 2.00 times as many datasets in each of B and C as in A; read" in said(found)[1]
    many = replace(found, implied=(replace(found.implied[0], more=tuple("BCDEFGH"), ratio=236.4),))
    assert "at least 236 times as many datasets in each of 7 categories as in A; read" in said(many)[1]


def test_ranges_that_all_reach_zero_are_a_null_finding():
    none = [[(0.0, 0.5), (0.0, 0.5)], [(0.0, 0.5), (0.0, 0.5)]]
    (found,) = published.find_sizes(pair(none, none))
    assert found.null
    assert found.cells == ()


def test_a_kind_with_itself_is_checked_for_flows_around_a_cycle():
    values = [[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.4, 0.2, 0.4]]
    own = panel("own", None, "ABC", "ABC", values, kinds=(MODELS, MODELS))
    (found,) = published.find_sizes((own,))
    assert (found.id, found.right, found.feasible, found.n_constraints) == ("sizes.own", None, False, 6)
    assert found.widening == pytest.approx(1)
    assert said(found, lambda _: "")[0].startswith("The figure cannot be shares of a table that is the same both ways,")
    assert said(found)[1] == "So the counts differ with the direction, or the values are less exact than they say."


def test_sizes_beside_the_values_bound_them():
    n = ((40, 10), (20, 30))
    (found,) = published.find_sizes(pair(*EXACT, n=n))
    assert found.excesses == ()
    assert said(found)[2] == "No value exceeds what the sizes beside the values allow."
    # 40 with A on the left, now 4 with A on the right: no more than 0.1 of them can be both
    (found,) = published.find_sizes(pair(*EXACT, n=((40, 10), (4, 30))))
    assert [(e.panel, e.cell.given, e.cell.outcome, e.cell.bound) for e in found.excesses] == [
        ("left", "A", "A", 0.1),
        ("left", "B", "A", 0.4),
    ]
    assert said(found)[2] == (
        "Two values exceed what the sizes beside them allow, most of all A with A in panel (a): 0.38 or more, where 0.10 is possible."
    )
    (found,) = published.find_sizes(pair(*EXACT))
    assert found.excesses is None


def test_other_measures_and_lone_panels_are_not_checked():
    left, right = pair(*EXACT, measure="lift")
    assert [*published.find_sizes((left, right))] == []
    left, _ = pair(*EXACT)
    assert [*published.find_sizes((left,))] == []


def test_it_is_registered_for_published_matrices():
    assert [finding.kind for finding in find_bare(pair(*EXACT), THRESHOLDS)] == [
        "levels",
        "levels",
        "contrast",
        "cluster",
        "cluster",
        "apart",
        "sizes",
    ]
