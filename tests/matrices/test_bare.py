"""Published matrices: both forms, and every fault by its whole message."""

from __future__ import annotations

import pandas as pd
import pytest

from diptych.cells import Estimate
from diptych.errors import DataError
from diptych.stats.matrices import BareMatrix, PublishedValue, read_bare

CATEGORIES = ("NLP", "CV")
UNIT_RANGE = (0, 1)


def frame(*rows, columns):
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object)


def read(table, declared=(CATEGORIES, CATEGORIES), bounds=UNIT_RANGE):
    return read_bare(table, "left.csv", declared, bounds)


def message(table, **how):
    with pytest.raises(DataError) as caught:
        read(table, **how)
    return str(caught.value)


def empty(given, outcome):
    return PublishedValue(given, outcome, None, None)


def test_wide_in_declared_order():
    matrix = read(frame(("CV", "0.1", "0.9"), ("NLP", "0.8", ""), columns=("dataset", "NLP", "CV")))
    assert matrix == BareMatrix(
        CATEGORIES,
        CATEGORIES,
        (
            PublishedValue("NLP", "NLP", Estimate(0.8), None),
            empty("NLP", "CV"),
            PublishedValue("CV", "NLP", Estimate(0.1), None),
            PublishedValue("CV", "CV", Estimate(0.9), None),
        ),
    )


def test_long_with_optional_columns_and_a_pair_left_out():
    table = frame(
        ("NLP", "NLP", "0.8", "0.75", "0.85", "120"),
        ("CV", "CV", "0.9", None, "", None),
        columns=("given", "outcome", "value", "low", "high", "n"),
    )
    assert read(table).entries == (
        PublishedValue("NLP", "NLP", Estimate(0.8, 0.75, 0.85), 120.0),
        empty("NLP", "CV"),
        empty("CV", "NLP"),
        PublishedValue("CV", "CV", Estimate(0.9), None),
    )


def test_long_with_the_three_columns_alone_in_any_order():
    matrix = read(frame(("0.5", "CV", "NLP"), columns=("value", "outcome", "given")))
    assert matrix.entries[1] == PublishedValue("NLP", "CV", Estimate(0.5), None)


def test_undeclared_categories_stand_as_in_the_file():
    table = frame(("z", "1", "2"), ("a", "3", "4"), columns=("", "y", "b"))
    matrix = read(table, declared=((), ()), bounds=(None, None))
    assert (matrix.given, matrix.outcome) == (("z", "a"), ("y", "b"))
    assert [entry.value.value for entry in matrix.entries] == [1, 2, 3, 4]


def test_every_fault_of_a_long_file_at_once():
    table = frame(
        ("NLP", "NLP", "high", "", "", ""),
        ("NLP", None, "0.5", "", "", ""),
        (" ", "CV", "0.5", "", "", ""),
        ("NPL", "CV", "0.5", "", "", ""),
        ("CV", "Sound", "0.5", "", "", ""),
        ("CV", "CV", "1.5", "", "", ""),
        ("CV", "NLP", "0.5", "0.6", "0.4", "-3"),
        ("NLP", "CV", "", "0.1", "0.2", ""),
        ("CV", "CV", "inf", "nan", "", "many"),
        columns=("given", "outcome", "value", "low", "high", "n"),
    )
    assert message(table).splitlines() == [
        'left.csv: row 2: value must be a number, not "high"',
        "left.csv: row 3: given and outcome must both name a category",
        "left.csv: row 4: given and outcome must both name a category",
        "left.csv: row 9: low and high without a value",
        'left.csv: row 10: value must be a number, not "inf"',
        'left.csv: row 10: low must be a number, not "nan"',
        'left.csv: row 10: n must be a number, not "many"',
        'left.csv: the row "NPL" is no category of the taxonomy (did you mean "NLP"?)',
        'left.csv: the column "Sound" is no category of the taxonomy',
        "left.csv: CV x CV: 1.5 is outside the measure's range 0 to 1",
        "left.csv: CV x NLP: low 0.6 is above the value 0.5",
        "left.csv: CV x NLP: high 0.4 is below the value 0.5",
        "left.csv: CV x NLP: n must be 0 or more, not -3",
        "left.csv: CV x CV is given twice",
    ]


def test_every_fault_of_a_wide_file_at_once():
    table = frame(
        ("NLP", "0.1", "a lot"),
        (None, "0.1", "0.2"),
        ("NLP", "0.3", "-0.4"),
        columns=("dataset", "NLP", "CVs"),
    )
    assert message(table).splitlines() == [
        'left.csv: row 2: CVs must be a number, not "a lot"',
        'left.csv: row 3: the first column "dataset" must name a category',
        'left.csv: the column "CVs" is no category of the taxonomy (did you mean "CV"?)',
        "left.csv: NLP x CVs: -0.4 is outside the measure's range 0 to 1",
        "left.csv: NLP x NLP is given twice",
        "left.csv: NLP x CVs is given twice",
    ]


@pytest.mark.parametrize(("bounds", "text"), [((0, None), "0 to inf"), ((None, 0), "-inf to 0"), ((-1, 1), "-1 to 1")])
def test_ranges_with_open_ends(bounds, text):
    value = "7" if bounds[1] is not None else "-7"
    table = frame(("NLP", value), columns=("dataset", "NLP"))
    assert message(table, bounds=bounds) == f"left.csv: NLP x NLP: {value} is outside the measure's range {text}"


NO_VALUE = "left.csv: no cell has a value; give columns given, outcome, value, or a column per category"


@pytest.mark.parametrize(
    "table",
    [
        frame(("NLP",), columns=("dataset",)),
        frame(("NLP", "", None), columns=("dataset", "NLP", "CV")),
        frame(columns=("given", "outcome", "value")),
    ],
    ids=["one column", "blank", "no rows"],
)
def test_a_matrix_without_values(table):
    assert message(table) == NO_VALUE
    assert message(table, declared=((), ())) == NO_VALUE
