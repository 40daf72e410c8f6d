"""The order of what is told, against a computation of what each statement adds by brute force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych.findings import agreement, story, surprises

ABCD, WXYZ = ("A", "B", "C", "D"), ("W", "X", "Y", "Z")


def told_of(study):
    (found,) = story.tell(study, [*surprises.find(study), *agreement.find_agreement(study)])
    return found


def test_of_two_categories_one_is_told(make_study):
    # 30 of 100 A are W, 60 of 100 B: that 70 of 100 A are X, and what B are, is the same.
    patterns = [("A", "W", 30), ("A", "X", 70), ("B", "W", 60), ("B", "X", 40)]
    (point,) = told_of(make_study(patterns, ("A", "B"), columns=("W", "X"))).points
    assert len(point.pairs) == 1
    assert point.adds == pytest.approx(1)


UNEVEN = [("A", "W", 60), ("A", "X", 40), ("B", "W", 5), ("B", "X", 95), ("C", "W", 10), ("C", "X", 90)]
UNEVEN += [("D", "W", 25), ("D", "X", 75)]


def test_of_two_categories_it_is_told_how_many_of_the_others_have_one(make_study):
    # W is where A, B and C differ; D is like the rest. Of the column all three are one statement, told of A, B and C.
    found = told_of(make_study(UNEVEN, ABCD, columns=WXYZ))
    first = found.points[0]
    assert (first.side, first.category, first.turned) == ("columns", "W", True)
    assert {pair.given for pair in first.pairs} == {"A", "B", "C"}
    (pair,) = [pair for pair in first.pairs if pair.given == "A"]
    assert (pair.n_joint, pair.n_given, pair.share, pair.others) == (60, 100, 0.6, pytest.approx(40 / 300))


def test_between_two_and_two_categories_it_is_told_of_rows(make_study):
    found = told_of(make_study([("A", "W", 60), ("A", "X", 40), ("B", "W", 5), ("B", "X", 95)], ABCD, columns=WXYZ))
    assert {pair.given for point in found.points for pair in point.pairs} <= {"A", "B"}


def test_one_of_two_rows_is_told_of_as_it_is(make_study):
    # Two arms of a trial by four outcomes: what becomes of either arm, not which arm an outcome had.
    turned = [(column, row, n) for row, column, n in UNEVEN]
    found = told_of(make_study(turned, WXYZ, columns=ABCD))
    assert not any(point.turned for point in found.points)
    assert {pair.given for pair in found.points[0].pairs} <= {"W", "X"}


def test_a_pair_is_told_from_the_side_that_has_more_to_tell(make_study):
    # With a third column as large no two divide the units: it is told what W is made of.
    found = told_of(make_study([*UNEVEN, *[(row, "Y", 100) for row in ABCD]], ABCD, columns=WXYZ))
    first = found.points[0]
    assert (first.side, first.category, first.pairs[0].given) == ("columns", "W", "W")
    assert {pair.row for pair in first.pairs} == {"A", "B", "C"}
    (pair,) = [pair for pair in first.pairs if pair.row == "A"]
    assert (pair.n_joint, pair.n_given, pair.share, pair.others) == (60, 100, 0.6, pytest.approx(140 / 700))


def test_where_nothing_departs_nothing_is_told(make_study):
    found = told_of(make_study([(a, x, 30) for a in ABCD for x in WXYZ], ABCD, columns=WXYZ))
    assert (found.null, found.points, found.told) == (True, (), 0)


def test_what_is_left_over_is_no_statement(make_study):
    patterns = [("A", "W", 60), ("A", "X", 5), ("B", "W", 5), ("B", "X", 60)]
    study = make_study(patterns, ABCD, columns=WXYZ)
    assert told_of(study).points
    named = [p for p in told_of(replace(study, leftover=frozenset({"A"}))).points for p in p.pairs]
    assert "A" not in {name for pair in named for name in (pair.row, pair.column)}


def test_agreement_that_sizes_make_is_no_statement(make_study):
    # 60 of 100 have the same category, which is what the sizes of A make.
    study = make_study([("A", "A", 56), ("A", "B", 19), ("B", "A", 19), ("B", "B", 6)], ("A", "B"))
    (found,) = agreement.find_agreement(study)
    assert found.excess.value == pytest.approx(56 + 6 - (75 * 75 + 25 * 25) / 100)
    assert not found.beyond
    assert story.tell(study, [found])[0].null
