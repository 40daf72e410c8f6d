"""Which statements a report makes of tables so small that they can be counted by hand; each was once made wrongly."""

from __future__ import annotations

from collections import Counter

import pytest

from diptych.document.pictures import cells_that_matter
from diptych.ledger.recounts import Change
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import part_of, said, writer_of

pytestmark = pytest.mark.slow

make_study = _make_study
ABC = ("A", "B", "C")
X = Change("item", None, "X")
FEW_C = [("A", "A", 60), ("B", "B", 60), ("C", "A", 2)]


def fates(study, kind):
    """Return what becomes of each statement in alternative analyses, or without its largest contributor."""
    (found,) = (f for f in part_of(study).findings if f.kind == kind)
    if kind == "choices":
        return {t.headline.question.id: [outcome.stays for outcome in t.outcomes] for t in found.tried}
    return {r.headline.question.id: [omission.outcome.stays for omission in r.omissions] for r in found.rests}


def without_x(make_study, patterns, left, parts, **how):
    parts = [(row, column, "item", "X", n, n) for row, column, n in parts]
    return make_study(patterns, ABC, contributions=parts, recounts={X: left}, **how)


def test_statements_that_cannot_be_asked_again_do_not_stay(make_study):
    # Rows have 12 and 11 units: none has the 20 of the alternative analysis, which four statements need.
    study = make_study([("A", "A", 12), ("B", "B", 11)], ABC, minimum=10)
    assert Counter(fate for (fate,) in fates(study, "choices").values()) == {"stays": 3, "gone": 4}


def test_statements_without_enough_left_do_not_stay(make_study):
    # Without X the row B has four units: too few, where five are needed.
    left = [("A", "A", 30), ("B", "B", 4)]
    study = without_x(make_study, [("A", "A", 30), ("B", "B", 24)], left, [("A", "A", 1), ("B", "B", 20)], minimum=5)
    assert Counter(fate for (fate,) in fates(study, "dependence").values()) == {"stays": 5, "gone": 2}


@pytest.mark.parametrize(
    ("left", "rests"),
    [([("A", "A", 62), ("B", "B", 50), ("C", "C", 48)], False), ([("A", "A", 62), ("B", "B", 98)], True)],
)
def test_a_largest_category_rests_on_an_item_only_if_another_is_larger_without_it(make_study, left, rests):
    # 102 of 200 are A; without X, which 40 of them have, 62 of 160, where B has 50 or 98.
    study = without_x(make_study, [("A", "A", 102), ("B", "B", 98)], left, [("A", "A", 40)])
    assert ("dominance.trained_on.rests" in said(study)) == rests


@pytest.mark.parametrize(
    ("left", "rests"),
    [
        ([("A", "A", 38), ("B", "B", 32), ("A", "B", 10), ("B", "A", 11)], False),  # 70 of 91: another tier, no less
        ([("A", "A", 28), ("B", "B", 9), ("A", "B", 20), ("B", "A", 20)], True),  # 37 of 77
    ],
)
def test_agreement_rests_on_nothing_that_makes_it_weaker(make_study, left, rests):
    patterns = [("A", "A", 40), ("B", "B", 34), ("A", "B", 13), ("B", "A", 13)]
    assert ("agreement.rests" in said(without_x(make_study, patterns, left, [("A", "A", 5), ("B", "B", 4)]))) == rests


@pytest.mark.parametrize(("n_without", "n_left", "fate"), [(7, 22, "stays"), (22, 7, "changes")])
def test_a_large_cell_does_not_change_because_its_share_slips_under_a_round_limit(make_study, n_without, n_left, fate):
    # 29 of 100 A datasets go with B models: without X 22 of 93, 24 %, with an interval that reaches 25 %.
    rest = [("A", "A", 71), ("B", "B", 99), ("C", "C", 40)]
    study = without_x(make_study, [*rest, ("A", "B", 29)], [*rest, ("A", "B", n_left)], [("A", "B", n_without)])
    assert next(of for name, of in fates(study, "dependence").items() if name.startswith("share.")) == [fate]


@pytest.mark.parametrize(
    ("patterns", "how", "made", "not_made"),
    [
        # 70 of 100 are trained on A; of the models none has half.
        (
            [("A", "A", 40), ("A", "B", 30), ("B", "B", 10), ("C", "C", 20)],
            {},
            ["dominance.trained_on.rows.observation"],
            ["dominance.trained_on.observation"],
        ),
        ([("A", "B", 40), ("B", "C", 35), ("C", "A", 25)], {}, [], ["dominance.trained_on.observation"]),
        # Of two categories one is always the larger.
        ([("A", "A", 70), ("B", "B", 20), ("A", "B", 5), ("B", "A", 5)], {}, [], ["dominance.trained_on.observation"]),
        # All 20 of A have A on both sides, and 15 of them are B models too.
        (
            [("A", "A", 5), ("A", "AB", 15), ("B", "B", 30), ("C", "C", 30)],
            {},
            ["isolation.c.observation"],
            ["isolation.a.observation"],
        ),
        ([("A", "A", 3), ("B", "B", 3), ("C", "A", 3)], {"minimum": 10}, [], ["crossings.left.none"]),
        # A to B 60 and back 45: a difference of 15 that may be chance. C to A 12 and back 1: 11, and surely more.
        (
            [("A", "A", 99), ("A", "B", 60), ("B", "A", 45), ("C", "A", 12), ("A", "C", 1), ("C", "C", 50)],
            {"minimum": 10},
            ["direction.a.c.observation"],
            ["direction.a.b.observation"],
        ),
        # Of A and of B, 30% are C, as of all: no large cell.
        ([("A", "A", 70), ("A", "C", 30), ("B", "B", 70), ("B", "C", 30)], {}, [], ["crossings.left.listed"]),
        ([("A", "A", 70), ("A", "C", 30), ("B", "B", 98), ("B", "C", 2)], {}, ["crossings.left.listed"], []),
        # Small rows are explained only if there are any.
        ([("A", "A", 40), ("B", "B", 34), ("A", "B", 13), ("B", "A", 13)], {"minimum": 10}, [], ["methods.rows"]),
        ([("A", "A", 40), ("B", "B", 40), ("C", "C", 3)], {"minimum": 10}, ["methods.rows"], []),
    ],
)
def test_a_statement_is_made_only_where_it_is_so(make_study, patterns, how, made, not_made):
    told = said(make_study(patterns, ABC, **how))
    assert [name for name in made if name not in told] == []
    assert [name for name in not_made if name in told] == []


def test_the_two_units_without_enough_data_are_not_said_to_be_zero(make_study):
    # Both of the two models trained on C are A models: 100 %, and too few to judge.
    few, none = (said(make_study(p, ABC, minimum=5))["crossings.left.none"] for p in (FEW_C, FEW_C[:2]))
    assert few != none


UNSURE = [("A", "V", 40), ("A", "W", 10), ("B", "V", 12), ("B", "W", 40), ("C", "V", 16), ("C", "W", 7)]
"""C with W: 7 where 10.5 would be expected, p of 0.16 (Fisher's exact test)."""


def cells_table(study):
    """Return the table of cells that matter: of each pair its fields by their headers, and the notes."""
    part = part_of(study)
    (table,) = cells_that_matter(part, writer_of(part))
    headers = [column.header.partition(" (")[0] for column in table.columns]
    return {row[0].text: dict(zip(headers, row, strict=True)) for row in table.rows}


def test_a_cell_that_matters_has_its_q_and_is_marked_where_it_may_be_chance(make_study):
    found = cells_table(make_study(UNSURE, ABC, columns=("V", "W")))
    assert found["A–W"]["q"].note is None
    assert float(found["C–W"]["q"].text) > 0.05
    assert found["C–W"]["q"].note is not None


def test_the_largest_contributor_is_printed_with_the_units_by_which_it_was_chosen(make_study):
    # WebLI and LAION are beside each other for 20 models: without WebLI 30 are lost, without LAION 22 of the 42.
    parts = [("A", "A", "item", "WebLI", 35, 30), ("A", "A", "item", "LAION", 42, 22), ("A", "B", "item", "Pile", 9, 1)]
    found = cells_table(make_study([("A", "A", 60), ("A", "B", 9), ("B", "B", 60)], ABC, contributions=parts))
    named = {pair: fields["Largest contributor"].text for pair, fields in found.items()}
    assert named["A–A"] == "WebLI (30 of 35)"
    assert named["A–B"] == "–"  # one unit explains nothing
