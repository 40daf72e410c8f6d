"""Answers that say that there is no answer, and codes of missing values, are missing values."""

import numpy as np
import pytest

from diptych.contrib.scan.coding import code_table
from diptych.contrib.scan.scanning import scan_table
from tests.contrib.scan.worlds import texts

N = 600


def _labels(values):
    (column,) = code_table(texts({"answer": values})).columns
    return list(column.labels), column.n


@pytest.mark.parametrize(
    ("frequent", "codes"),
    [
        ([1, 2, 3, 4, 5], [9]),
        ([1, 2, 3, 4, 5], [8, 9]),
        ([0, 1], [9]),
        ([1, 2, 3], [-9, -8, -1]),
        ([*range(1, 8)], [98, 99]),
        ([1, 2], [-99]),
    ],
)
def test_codes_of_missing_values_are_missing(frequent, codes):
    rng = np.random.default_rng(1)
    values = [*rng.choice(frequent, N), *np.repeat(codes, 30)]
    labels, n = _labels(values)
    assert (labels, n) == ([str(value) for value in frequent], N)


@pytest.mark.parametrize(
    "values", [[0, 1, 2, 3, 4, 9 - 4], [-1, 0, 1], [-2, -1, 0, 1, 2], [1, 2, 8], [7, 8, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9]]
)
def test_other_numbers_are_values(values):
    labels, n = _labels(np.random.default_rng(1).choice(values, N))
    assert len(labels) == len(values)
    assert n == N


def test_incomes_with_a_code_are_divided_into_bins_without_it():
    rng = np.random.default_rng(1)
    (column,) = code_table(texts({"income": [*rng.integers(100, 90_000, N), *[999_999] * 40]})).columns
    assert column.kind == "number"
    assert column.n == N
    assert np.nanmax(column.numbers) < 90_000


def test_two_columns_with_the_same_rows_unknown_are_not_associated():
    rng = np.random.default_rng(2)
    unknown = rng.random(N) < 0.2
    columns = {name: np.where(unknown, "Unknown", rng.choice(["red", "green", "blue"], N)) for name in ("roof", "wall")}
    scan = scan_table(texts(columns))
    assert "Unknown" not in scan.table.columns[0].labels
    assert not scan.is_called.any()


def test_a_column_keeps_unknown_if_there_is_only_one_other_value():
    labels, _ = _labels(["blue"] * 300 + ["unknown"] * 300)
    assert sorted(labels) == ["blue", "unknown"]


def test_whole_numbers_that_are_named_as_codes_are_kinds():
    rng = np.random.default_rng(1)
    codes = rng.choice([2205, 2208, 3025, 3111, 3205, 4300, 5400, 6111, 7111, 7209, 8400, 9400, 9500, 11124], N)
    (column,) = code_table(texts({"lesion_type1": codes})).columns
    assert column.kind == "categories"
    assert "2205" in column.labels


def test_refused_is_an_answer_unless_the_column_has_other_missing_answers():
    labels, n = _labels(["granted", "refused", "pending"] * 200)
    assert (sorted(labels), n) == (["granted", "pending", "refused"], 600)
    labels, n = _labels(["yes", "no", "refused", "no answer"] * 200)
    assert (sorted(labels), n) == (["no", "yes"], 400)


def test_a_quantity_of_a_country_is_no_code():
    rng = np.random.default_rng(1)
    (column,) = code_table(texts({"country_population": rng.integers(1_000, 9_000, N)})).columns
    assert column.kind == "number"
