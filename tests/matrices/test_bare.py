"""Published matrices: both forms, and every fault by its whole message."""

from __future__ import annotations

import pandas as pd

from diptych.cells import Estimate
from diptych.stats.matrices import BareMatrix, PublishedValue, read_bare

CATEGORIES = ("NLP", "CV")
UNIT_RANGE = (0, 1)


def frame(*rows, columns):
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object)


def read(table, declared=(CATEGORIES, CATEGORIES), bounds=UNIT_RANGE):
    return read_bare(table, "left.csv", declared, bounds)


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
