"""Which statements a report makes of tables so small that they can be counted by hand; each was once made wrongly."""

from __future__ import annotations

import pytest

from diptych.document.pictures import cells_that_matter
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import part_of, said, writer_of

pytestmark = pytest.mark.slow

make_study = _make_study
ABC = ("A", "B", "C")
FEW_C = [("A", "A", 60), ("B", "B", 60), ("C", "A", 2)]


@pytest.mark.parametrize(
    ("patterns", "how", "made", "not_made"),
    [
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
