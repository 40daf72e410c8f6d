"""The share of an association that is left within the levels of a third column."""

import numpy as np
import pytest

from diptych.contrib.scan.coding import code_table
from diptych.contrib.scan.layout import count_pairs
from diptych.contrib.scan.scanning import ScanOptions, scan_table
from diptych.contrib.scan.sentences import ScanWords
from diptych.contrib.scan.third_variables import shares_left
from tests.contrib.scan.worlds import coded, cut, texts

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


def left_of(codes, weights=None):
    """Return the shares left of the first two columns within the third."""
    table = coded(codes)
    return shares_left(table, count_pairs(codes, table.layout, weights), (0, 1), {2}, weights)


def test_missing_values_of_the_pair_do_not_count():
    """Rows that answered only one column of the pair are left out of the expected counts within levels."""
    rng = np.random.default_rng(2)
    third = rng.integers(0, 2, 3000)
    first = np.where(rng.random(3000) < 0.8, third, 1 - third)
    second = np.where(rng.random(3000) < 0.8, third, 1 - third)
    first = np.where((third == 0) & (second == 0) & (rng.random(3000) < 0.7), -1, first)
    codes = np.array([first, second, third]).astype(np.int16)
    [found] = left_of(codes)
    answered = codes[:, first >= 0].astype(int)
    observed = np.zeros((2, 2))
    np.add.at(observed, (answered[0], answered[1]), 1)
    within = np.zeros((2, 2))
    seen = np.zeros((2, 2))
    for level in (0, 1):
        part = answered[:, answered[2] == level]
        n = part.shape[1]
        of_level = np.zeros((2, 2))
        np.add.at(of_level, (part[0], part[1]), 1)
        seen += of_level * n / (n - 1)
        within += np.outer(of_level.sum(1), of_level.sum(0)) / (n - 1)
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    h = (observed - expected) / expected
    assert found.left == pytest.approx(((seen - within) * h).sum() / ((observed - expected) * h).sum())


def test_rows_without_a_third_value_do_not_count():
    """Sex was recorded for two of three species. Within sexes, the association of these two with size is unchanged."""
    rng = np.random.default_rng(4)
    species, sex = rng.integers(0, 3, 3000), rng.integers(0, 2, 3000)
    size = np.clip(species + rng.integers(0, 2, 3000), 0, 2)
    codes = np.array([species, size, np.where(species == 2, -1, sex)]).astype(np.int16)
    [found] = left_of(codes)
    assert found.left == pytest.approx(1, abs=0.01)


def test_a_third_column_with_few_of_the_rows_is_left_out():
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 2, size=(3, 1000)).astype(np.int16)
    codes[2, 400:] = -1
    assert left_of(codes) == ()


def test_a_third_column_whose_rows_do_not_show_the_association_is_left_out():
    """A duration was recorded only for vaginal births, among which the planned caesarean has one value."""
    rng = np.random.default_rng(7)
    mode = rng.integers(0, 3, 900)
    planned = np.where(mode == 2, rng.integers(0, 2, 900), 0)
    codes = np.array([mode, planned, np.where(mode == 2, -1, rng.integers(0, 2, 900))]).astype(np.int16)
    assert left_of(codes) == ()


def test_rare_values_of_a_third_column_are_levels_of_their_own():
    """Forty valleys of 12 farms: the valley decides climate and soil, so nothing is left within valleys."""
    rng = np.random.default_rng(6)
    valley = np.repeat(np.arange(40), 12)
    climate = np.array(["dry", "wet"])[rng.integers(0, 2, 40)]
    soil = np.where(rng.random(40) < 0.8, climate, np.array(["dry", "wet"])[rng.integers(0, 2, 40)])
    names = [f"{chr(97 + v % 26)}{chr(97 + v // 26)}lund" for v in valley]
    table = code_table(texts({"valley": names, "climate": climate[valley], "soil": soil[valley]}))
    found = [column.name for column in table.columns]
    assert "Other" in table.columns[found.index("valley")].labels
    pair = found.index("climate"), found.index("soil")
    [third] = shares_left(table, count_pairs(table.codes, table.layout), pair, {found.index("valley")})
    assert third.left == pytest.approx(0, abs=1e-9)


def test_small_levels_do_not_seem_to_explain():
    """Levels of two rows that are drawn at random leave the whole association."""
    rng = np.random.default_rng(8)
    first = rng.integers(0, 2, 2_000)
    second = np.where(rng.random(2_000) < 0.8, first, 1 - first)
    codes = np.array([first, second, rng.permutation(np.arange(2_000) // 2)]).astype(np.int16)
    [found] = left_of(codes)
    assert found.left == pytest.approx(1, abs=0.15)


def test_shares_left_are_weighted():
    rng = np.random.default_rng(9)
    codes = rng.integers(0, 2, size=(3, 800))
    codes[1] = np.where(rng.random(800) < 0.7, codes[0], codes[1])
    codes[0] = np.where((rng.random(800) < 0.6) & (codes[2] == 1), 1, codes[0])
    weights = rng.integers(1, 4, 800)
    [weighted] = left_of(codes.astype(np.int16), weights.astype(float))
    [repeated] = left_of(np.repeat(codes, weights, axis=1).astype(np.int16))
    assert weighted.left == pytest.approx(repeated.left, abs=0.01)  # levels have fewer rows


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


def test_the_share_left_is_not_given_within_another_symptom_of_the_same_illness():
    rng = np.random.default_rng(41)
    n = 1500
    eaten = rng.random(n) < 0.5
    ill = rng.random(n) < np.where(eaten, 0.6, 0.1)
    symptom = {name: np.where(ill ^ (rng.random(n) < 0.06), "yes", "no") for name in ("nausea", "vomiting")}
    columns = {"eaten": np.where(eaten, "yes", "no"), **symptom, "sex": rng.choice(["m", "f"], n)}
    scan = scan_table(texts(columns))
    names = [column.name for column in scan.table.columns]
    ranked = next(one for one in scan.ranking if "eaten" in {names[at] for at in scan.columns_of(one.place)})
    assert {names[third.column] for third in ranked.thirds} == {"sex"}
