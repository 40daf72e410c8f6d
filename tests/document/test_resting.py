"""What a statement rests on, and what only makes it less sure."""

import pytest

from diptych.document import influence as robustness
from diptych.findings.robustness import HeadlineInfluence, Omission, Outcome
from diptych.findings.statements import Answer, Headline, Question


def deciding(by, before, *left):
    """Return the name of what a pair, met `before` times as often, rests on; without each of `left` it may be chance."""
    word = "above" if before > 1 else "below"
    question = Question("surprise", ("A", "X"), "left", "surprises.left", ())
    omissions = tuple(
        Omission(by, None, f"level {i}", Outcome(value, "neither", "changes"), 300.0, 380.0)
        for i, value in enumerate(left, 1)
    )
    found = robustness._deciding(HeadlineInfluence(Headline(question, Answer(before, word)), omissions, 0.0))
    return found and found.name


@pytest.mark.parametrize(
    ("before", "left", "expected"),
    [
        (0.846, 0.856, None),  # as far from chance, of fewer units
        (0.908, 0.749, None),  # farther
        (1.214, 1.008, "level 1"),  # nothing left
        (1.206, 1.092, "level 1"),  # less than half as far: log 1.092 is 0.47 of log 1.206
        (1.2, 0.9, "level 1"),  # the other way
        (0.0, 0.9, "level 1"),
        (1.2, 0.0, "level 1"),
    ],
)
def test_a_pair_does_not_rest_on_a_level_without_which_it_is_only_less_sure(before, left, expected):
    assert deciding("stratum", before, left) == expected


def test_one_item_or_group_is_told_all_the_same():
    """It may be what is seen of the pair at all, where a level of strata has the most units of everything."""
    assert deciding("item", 0.846, 0.856) == deciding("group", 0.846, 0.856) == "level 1"


def test_the_next_is_told_where_the_first_only_makes_it_less_sure():
    assert deciding("stratum", 1.5, 1.45, 1.01) == "level 2"
