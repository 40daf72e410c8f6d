"""What numbers about whole tables need, counted by hand."""

from __future__ import annotations

import pytest

from diptych.cells import Refusal
from diptych.matrices.counts import labelled_on_both, n_several, refuse_diagonal, refuse_several
from tests.matrices.tiny import P, tiny

MIXED = (P("A", "A", 4), P("AB", "A", 2), P("A", "AB", 3), P("AB", "", 5), P("", "AB", 6), P("", "", 7))


def test_units_with_several_categories_count_where_both_sides_are_labelled():
    incidence = tiny(*MIXED, columns="AB", one=True)
    assert labelled_on_both(incidence).tolist() == [True, True, True, False, False, False]
    assert n_several(incidence) == 2 + 3


@pytest.mark.parametrize(
    ("patterns", "how", "refusal"),
    [
        (MIXED, {}, Refusal("5 units have several categories and would count several times")),
        (MIXED[:1], {}, None),
        ((P("AB", "A", 1),), {}, Refusal("one unit has several categories and would count several times")),
        ((P("AB", "A", 2400),), {}, Refusal("2,400 units have several categories and would count several times")),
        ((), {}, None),
    ],
)
def test_a_table_of_units_has_each_in_one_cell(patterns, how, refusal):
    assert refuse_several(tiny(*patterns, columns="AB", one=True, **how)) == refusal


def test_a_diagonal_needs_one_taxonomy_and_two_kinds_of_item():
    one, trivial, other = tiny(columns="AB", one=True), tiny(columns="AB", one=True, trivial=True), tiny()
    assert (one.same_taxonomy, other.same_taxonomy) == (True, False)
    # The same taxonomy with other categories on the other axis is no diagonal either.
    assert not tiny(columns="ABC", one=True).same_taxonomy
    assert refuse_diagonal(one) is None
    assert refuse_diagonal(trivial) == Refusal("both axes are the same items, so equal categories meet by construction")
    assert refuse_diagonal(other) == Refusal("the two axes carry different categories")
