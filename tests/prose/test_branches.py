"""Most branches of the templates have a sentence by hand, and a change cannot add a branch without one."""

from __future__ import annotations

from tests.prose import handmade, handmade_forms
from tests.prose.branches import observed

MOST_WITHOUT = 430
"""Branches that only reports of data take, or none. A new sentence by hand lowers this number; it never rises."""


def test_a_new_branch_of_a_template_needs_a_sentence():
    with observed() as branches:
        for made in (handmade, handmade_forms):
            assert all(text is not None for _, text in made.sentences())
    without = branches.every - branches.taken
    assert len(branches.every) > 2 * MOST_WITHOUT  # templates were compiled and marked
    assert len(without) <= MOST_WITHOUT, sorted(without)


def test_both_ends_of_a_condition_are_branches():
    with observed() as branches:
        tell = handmade.writer().words
        tell("gaps", "withheld")
        assert not {b for b in branches.taken if b[0] == "gaps.j2"}
        one = handmade_forms.SimpleNamespace(other_side="rows", other_items=9, other_linked=4)
        tell("gaps", "other", f=one)
    taken = {end for name, _, _, end in branches.taken if name == "gaps.j2"}
    assert taken == {"else"}  # of "at an end of a counted link" if the unit is a link, else "linked to"
