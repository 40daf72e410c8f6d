"""The share of an association that is left within the levels of a third column."""

import numpy as np
import pytest

from diptych.contrib.scan.layout import Layout, count_pairs
from diptych.contrib.scan.scanning import ScanOptions, scan_table
from diptych.contrib.scan.sentences import ScanWords
from diptych.contrib.scan.third_variables import shares_left
from tests.contrib.scan.worlds import cut, texts

BERKELEY = {  # Bickel, Hammel and O'Connell 1975: admitted and rejected men, admitted and rejected women
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}
"""Graduate admissions in six departments."""


def berkeley():
    rows = [
        (department, sex, outcome)
        for department, counts in BERKELEY.items()
        for (sex, outcome), n in zip(CELLS, counts, strict=True)
        for _ in range(n)
    ]
    return {name: [row[at] for row in rows] for at, name in enumerate(("department", "sex", "outcome"))}


CELLS = [("men", "admitted"), ("men", "rejected"), ("women", "admitted"), ("women", "rejected")]


def test_berkeley_is_reversed_within_departments():
    scan = scan_table(texts(berkeley()))
    names = [column.name for column in scan.table.columns]
    place = next(at for at in range(3) if {names[c] for c in scan.columns_of(at)} == {"sex", "outcome"})
    assert scan.statistics.v[place] == pytest.approx(0.14, abs=0.005)
    [third] = scan.thirds(place)
    assert names[third.column] == "department"
    assert third.left == pytest.approx(-0.10, abs=0.02)
    assert third.is_reversed
    ranked = next(one for one in scan.ranking if one.place == place)
    assert ScanWords(scan).third(ranked) == ["Among rows with the same Department, the association is reversed."]


def test_a_common_cause_is_named_and_leaves_little():
    rng = np.random.default_rng(1)
    cause = rng.integers(0, 4, 4000)
    first, second = (cut(cause + rng.normal(size=4000), 3) for _ in range(2))
    columns = {"cause": cause, "first": first, "second": second, "noise": rng.integers(0, 3, 4000)}
    letters = {name: [f"{name} {chr(97 + v)}" for v in values] for name, values in columns.items()}
    scan = scan_table(texts(letters))
    names = [column.name for column in scan.table.columns]
    place = next(at for at in range(6) if {names[c] for c in scan.columns_of(at)} == {"first", "second"})
    nearest, other = scan.thirds(place)
    assert (names[nearest.column], names[other.column]) == ("cause", "noise")
    assert abs(nearest.left) < 0.1
    assert other.left == pytest.approx(1, abs=0.03)


def test_missing_values_of_the_pair_do_not_count():
    """Rows that answered only one column of the pair are left out of the expected counts within levels."""
    rng = np.random.default_rng(2)
    third = rng.integers(0, 2, 3000)
    first = np.where(rng.random(3000) < 0.8, third, 1 - third)
    second = np.where(rng.random(3000) < 0.8, third, 1 - third)
    first = np.where((third == 0) & (second == 0) & (rng.random(3000) < 0.7), -1, first)
    codes = np.array([first, second, third]).astype(np.int16)
    layout = Layout(np.array([2, 2, 2]))
    [found] = shares_left(codes, layout, count_pairs(codes, layout), (0, 1), {2})
    answered = codes[:, first >= 0].astype(int)
    observed = np.zeros((2, 2))
    np.add.at(observed, (answered[0], answered[1]), 1)
    within = np.zeros((2, 2))
    for level in (0, 1):
        part = answered[:, answered[2] == level]
        within += np.outer(np.bincount(part[0], minlength=2), np.bincount(part[1], minlength=2)) / part.shape[1]
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    h = (observed - expected) / expected
    assert found.left == pytest.approx(((observed - within) * h).sum() / ((observed - expected) * h).sum())


def test_rows_without_a_third_value_do_not_count():
    """Sex was recorded for two of three species. Within sexes, the association of these two with size is unchanged."""
    rng = np.random.default_rng(4)
    species, sex = rng.integers(0, 3, 3000), rng.integers(0, 2, 3000)
    size = np.clip(species + rng.integers(0, 2, 3000), 0, 2)
    codes = np.array([species, size, np.where(species == 2, -1, sex)]).astype(np.int16)
    layout = Layout(np.array([3, 3, 2]))
    [found] = shares_left(codes, layout, count_pairs(codes, layout), (0, 1), {2})
    assert found.left == pytest.approx(1, abs=0.01)


def test_a_third_column_with_few_of_the_rows_is_left_out():
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 2, size=(3, 1000)).astype(np.int16)
    codes[2, 400:] = -1
    layout = Layout(np.array([2, 2, 2]))
    assert shares_left(codes, layout, count_pairs(codes, layout), (0, 1), {2}) == ()


def test_columns_to_adjust_for_are_all_named():
    rng = np.random.default_rng(3)
    age = rng.integers(0, 4, 800)
    data = {
        "age": [f"age {chr(97 + a)}" for a in age],
        "sex": rng.choice(["female", "male"], 800),
        "first": [f"one {v}" for v in cut(age + rng.normal(size=800), 3)],
        "second": [f"two {v}" for v in cut(age + rng.normal(size=800), 3)],
    }
    scan = scan_table(texts(data), ScanOptions(adjust=("sex", "age")))
    words = ScanWords(scan)
    names = [column.name for column in scan.table.columns]
    ranked = next(one for one in scan.ranking if {names[c] for c in scan.columns_of(one.place)} == {"first", "second"})
    told = words.third(ranked)
    assert [text.split(",")[0] for text in told] == ["Among rows with the same Age", "Among rows with the same Sex"]
