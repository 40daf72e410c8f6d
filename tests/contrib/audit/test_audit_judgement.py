"""A filled-in sheet against what the rules say now: answers, and every message by its whole text."""

import pytest

from diptych.contrib.audit.rates import ItemClassification
from diptych.contrib.audit.sheet import JudgedItem, Known, SheetRow, judge, n_drawn
from diptych.errors import DataError

pytestmark = pytest.mark.slow

KNOWN = {
    "datasets": Known(
        ("NLP", "CV", "Audio"),
        {
            "d1": ItemClassification(("text",), ("NLP",), "NLP by match (text)"),
            "d2": ItemClassification(("text", "image"), ("NLP", "CV"), "…"),
            "d3": ItemClassification((), (), ""),
        },
    ),
    "models": Known(("NLP", "CV", "Audio"), {}),
}


def row(line, id_, category, correct, drawn_for=None, entity="datasets"):
    return SheetRow(line, entity, id_, category, correct, "", category if drawn_for is None else drawn_for, "")


def stale(line, id_, then, now):
    return (
        f's.csv:{line}: category: "{id_}" was assigned {then} when it was drawn and is assigned {now} now; '
        "remove the row, or draw a new sample"
    )


@pytest.mark.parametrize(
    ("correct", "truth", "right"),
    [
        ("yes", ("NLP",), True),
        (" YES ", ("NLP",), True),
        ("NLP", ("NLP",), True),
        ("nlp", ("NLP",), True),
        ("CV", ("CV",), False),
        ("Audio; nlp", ("NLP", "Audio"), False),
        ("cv,NLP", ("NLP", "CV"), False),
        ("None", (), False),
        ("No", None, False),
    ],
)
def test_answers(correct, truth, right):
    found = judge([row(2, "d1", "NLP", correct)], KNOWN, "s.csv")
    assert found == (JudgedItem("datasets", "d1", ("NLP",), truth, ("NLP",)),)
    assert found[0].right is right


def test_an_item_without_a_category_may_be_right():
    (found,) = judge([row(2, "d3", "none", "none")], KNOWN, "s.csv")
    assert (found.rule, found.truth, found.drawn_for, found.right) == ((), (), (None,), True)
    (found,) = judge([row(2, "d3", "NONE", "yes")], KNOWN, "s.csv")
    assert found.right


def test_an_item_of_two_categories_stands_in_those_it_was_drawn_for():
    (found,) = judge([row(2, "d2", "nlp; cv", "yes", "CV")], KNOWN, "s.csv")
    assert (found.rule, found.truth, found.drawn_for) == (("NLP", "CV"), ("NLP", "CV"), ("CV",))


def test_rows_that_are_not_judged_are_not_looked_at_but_counted():
    rows = [
        row(2, "d1", "NLP", "yes"),
        row(3, "gone", "NLP", "  "),
        row(4, "d2", "Vision", "", "NLP; CV"),
        row(5, "x", "none", "", "none"),
        row(6, "x", "NLP", "", entity="nothing"),
        row(7, "", "", "", ""),
    ]
    found = judge(rows, KNOWN, "s.csv")
    assert len(found) == 1
    assert n_drawn(rows, KNOWN) == {("datasets", "NLP"): 3, ("datasets", "CV"): 1, ("datasets", None): 1}


HOW = "write yes, no, none, or the right categories with semicolons between them"
LEAVE = "leave this column as it was written"


@pytest.mark.parametrize(
    ("rows", "messages"),
    [
        ([row(2, "d1", "NLP", "")], [f"s.csv: no item is judged yet; in the column correct {HOW}"]),
        ([], [f"s.csv: no item is judged yet; in the column correct {HOW}"]),
        (
            [row(2, "d1", "NLP", "yes", entity="dataset")],
            ['s.csv:2: entity: "dataset" is not one of datasets, models (did you mean "datasets"?)'],
        ),
        (
            [row(2, "1.2E+15", "NLP", "yes")],
            ['s.csv:2: id: datasets has no item "1.2E+15"; spreadsheets change ids that look like numbers or dates'],
        ),
        (
            [row(2, "d1", "NLP", "NPL")],
            [f's.csv:2: correct: "NPL" is not a category: NLP, CV, Audio (did you mean "NLP"?); {HOW}'],
        ),
        (
            [row(2, "d1", "NLP", "yes; CV")],
            [f's.csv:2: correct: "yes" cannot be combined with categories; {HOW}'],
        ),
        ([row(2, "d1", "CV", "yes")], [stale(2, "d1", "CV", "NLP")]),
        ([row(2, "d3", "Vision; Text", "yes", "none")], [stale(2, "d3", "Vision; Text", "none")]),
        ([row(2, "d1", "none", "yes", "NLP")], [stale(2, "d1", "none", "NLP")]),
        ([row(2, "d1", "", "yes", "NLP")], [stale(2, "d1", "none", "NLP")]),
        ([row(2, "d1", "NLP", "yes", "")], [f"s.csv:2: drawn_for: is empty; {LEAVE}"]),
        ([row(2, "d1", "NLP", "yes", "Vision")], [f's.csv:2: drawn_for: "Vision" is not a category; {LEAVE}']),
        (
            [row(2, "d1", "NLP", "yes", "X; NLP; Y")],
            [f's.csv:2: drawn_for: "X", "Y" are not categories; {LEAVE}'],
        ),
        ([row(2, "d1", "NLP", "yes", "CV")], [f"s.csv:2: drawn_for: the item is not in CV; {LEAVE}"]),
        ([row(2, "d1", "NLP", "yes", "none")], [f"s.csv:2: drawn_for: the item is not in none; {LEAVE}"]),
        (
            [row(2, "d1", "NLP", "yes"), row(5, "d3", "none", "no"), row(9, "d1", "NLP", "CV")],
            ['s.csv:9: id: "d1" is judged at line 2 too; keep one of the two'],
        ),
        (
            [row(2, "d9", "NLP", "yes"), row(3, "d1", "CV", "X, y", ""), row(4, "d1", "NLP", "yes")],
            [
                's.csv:2: id: datasets has no item "d9"; spreadsheets change ids that look like numbers or dates',
                stale(3, "d1", "CV", "NLP"),
                f's.csv:3: correct: "X" is not a category: NLP, CV, Audio; {HOW}',
                f's.csv:3: correct: "y" is not a category: NLP, CV, Audio; {HOW}',
                f"s.csv:3: drawn_for: is empty; {LEAVE}",
                's.csv:4: id: "d1" is judged at line 3 too; keep one of the two',
            ],
        ),
    ],
)
def test_every_problem_is_said_with_its_line(rows, messages):
    with pytest.raises(DataError) as caught:
        judge(rows, KNOWN, "s.csv")
    assert list(caught.value.messages) == messages


def test_categories_called_as_our_words_are_written_in_quotes():
    known = {"answers": Known(("Yes", "No"), {"x": ItemClassification((), ("Yes",), "")})}
    for correct, truth in (('"No"', ("No",)), ("no", None), ("yes", ("Yes",)), ('"yes"; "NO"', ("Yes", "No"))):
        (found,) = judge([row(2, "x", '"Yes"', correct, entity="answers")], known, "s.csv")
        assert found.truth == truth
