"""Columns as categories: bins, order, options, columns that are set aside, and empty fields that mean "not asked"."""

import numpy as np
import pytest

from diptych.contrib.scan.coding import code_table, stem_of
from diptych.contrib.scan.scanning import ScanOptions, scan_table
from diptych.errors import DataError
from tests.contrib.scan.worlds import texts

N = 200


def column(values, name="x"):
    table = code_table(texts({name: values}))
    return table.columns[0] if table.columns else table.aside[0].reason


def counted(found):
    codes = found.codes[found.codes >= 0]
    return dict(zip(found.labels, np.bincount(codes, minlength=len(found.labels)).tolist(), strict=True))


def test_categories_with_rare_ones_combined():
    found = column(["red"] * 100 + ["blue"] * 60 + ["green"] * 30 + list("abcdefg") + [""] * 3)
    assert (found.kind, counted(found)) == ("categories", {"red": 100, "blue": 60, "green": 30, "Other": 7})
    assert found.n == 197


def test_a_category_called_other_takes_the_rare_ones():
    found = column(["red"] * 100 + ["Other"] * 60 + list("abcdefg"))
    assert counted(found) == {"red": 100, "Other": 67}


def test_up_to_four_rare_answers_are_missing():
    assert counted(column(["red"] * 100 + ["blue"] * 97 + ["a", "b", "c"])) == {"red": 100, "blue": 97}


@pytest.mark.parametrize(
    ("values", "kind", "labels"),
    [
        (["often", "never", "sometimes", "always"] * 50, "ordered", ("never", "sometimes", "often", "always")),
        (["30 to 49", "under 30", "50 or older"] * 60, "ordered", ("under 30", "30 to 49", "50 or older")),
        (["3", "1", "2", "10"] * 50, "ordered", ("1", "2", "3", "10")),
        (["3.0", "1.0", "2.0"] * 50, "ordered", ("1", "2", "3")),
        (["yes", "no"] * 50, "option", ("no", "yes")),
        (["1", "0"] * 50, "option", ("0", "1")),
        (["red", "blue"] * 50, "categories", ("blue", "red")),
    ],
)
def test_order_of_categories(values, kind, labels):
    found = column(values)
    assert (found.kind, found.labels) == (kind, labels)


def test_numbers_are_binned_by_rank_and_named_by_their_ends():
    found = column([str(n) for n in range(100)] * 2)
    assert found.kind == "number"
    assert counted(found) == {"0 to 18": 38, "19 to 38": 40, "39 to 58": 40, "59 to 78": 40, "79 to 99": 42}
    assert found.numbers[5] == 5


def test_large_whole_numbers_are_identifiers_only_by_name():
    values = [str(10_000 + 7 * n) for n in range(N)]
    assert column(values, "monthly income").kind == "number"
    assert column(values, "customer_id") == "an identifier: nearly every row has its own number"


def test_a_single_rare_value_keeps_its_name():
    assert counted(column(["red"] * 100 + ["blue"] * 92 + ["green"] * 8)) == {"red": 100, "blue": 92, "green": 8}


def test_numbers_with_decimal_commas_and_some_texts():
    found = column([f"{n},5" for n in range(198)] + ["unknown", ""])
    assert found.kind == "number"
    assert found.n == 198
    assert found.numbers[3] == 3.5


def test_dates_are_binned():
    found = column([f"20{10 + n % 10}-0{1 + n % 9}-1{n % 7}" for n in range(N)])
    assert found.kind == "date"
    assert found.labels[0].startswith("2010-")
    assert len(found.labels) == 5


def test_several_values_in_a_field_become_options():
    table = code_table(
        texts({"uses": ["tea;milk"] * 50 + ["tea"] * 30 + ["tea;milk;water"] * 10 + ["milk;water"] * 20 + [""] * 20})
    )
    assert {one.name: counted(one) for one in table.columns} == {
        "uses | milk": {"no": 30, "yes": 80},
        "uses | tea": {"no": 20, "yes": 90},
        "uses | water": {"no": 80, "yes": 30},
    }


def test_not_asked_is_not_no():
    """Rows without any selected option are missing in all options of the question."""
    tea = ["tea"] * 50 + [""] * 150
    milk = [""] * 40 + ["milk"] * 50 + [""] * 110
    table = code_table(texts({"Uses | tea": tea, "Uses | milk": milk, "Speaks | Welsh": ["Welsh"] * 30 + [""] * 170}))
    assert [counted(one) for one in table.columns] == [
        {"no": 40, "yes": 50},
        {"no": 40, "yes": 50},
        {"no": 170, "yes": 30},
    ]
    assert table.question[0] == table.question[1] != table.question[2]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([f"id{n}x" for n in range(N)], "an identifier: nearly every row has its own value"),
        ([str(10_000 + n) for n in range(N)], "an identifier: nearly every row has its own number"),
        (["the same"] * N, "the same value in all rows"),
        (["a"] * 195 + ["b"] * 5, "nearly constant"),
        ([""] * N, "empty"),
        (["a"] * 15 + [""] * 185, "only 15 rows have a value"),
        ([f"I think that number {n} is what I like best about it" for n in range(N)], "free text"),
        ([f"person{n % 8}@example.org" for n in range(N)], "seems to contain e-mail addresses"),
        ([f"name {n % 90}" for n in range(N)], "free text, or names that hardly ever recur"),
    ],
)
def test_columns_that_are_set_aside(values, reason):
    assert column(values) == reason


def test_stems():
    assert [stem_of(one) for one in ("q7a", "v1 (2)", "income", "Q26")] == ["q7", "v1", "income", "Q26"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ScanOptions(weight="wieght"),
            'scan: --weight: there is no column "wieght"; the columns are a, b, weight (did you mean "weight"?)',
        ),
        (ScanOptions(group="x", adjust=("y",)), 'scan: --group: there is no column "x"'),
        (ScanOptions(weight="b"), 'scan: --weight: b is "yes" in row 1; weights are numbers from 0 on'),
        (ScanOptions(adjust=("id",)), "scan: --adjust: id cannot be used: an identifier"),
        (ScanOptions(ignore=("a", "b")), "scan: needs two columns with categories or numbers that recur"),
        (ScanOptions(group="b"), "scan: --group: b has 2 groups; a test needs at least three"),
    ],
)
def test_errors_name_the_column_and_the_remedy(options, message):
    frame = texts({"a": ["u", "v"] * 50, "b": ["yes", "no"] * 50, "weight": ["1", "2"] * 50})
    if options.adjust == ("id",):
        frame["id"] = [f"i{n}x" for n in range(100)]
    else:
        frame["weight"] = ["1", "1"] * 50
    with pytest.raises(DataError) as raised:
        scan_table(frame, options)
    assert raised.value.messages[0].startswith(message)


def test_an_empty_weight_is_named():
    frame = texts({"a": ["u", "v"] * 50, "b": ["yes", "no"] * 50, "w": ["1", ""] * 50})
    with pytest.raises(
        DataError, match=r"w is empty in row 2; weights are numbers from 0 on \(50 of 100 rows have none\)"
    ):
        scan_table(frame, ScanOptions(weight="w"))


def test_numbers_that_are_named_as_identifiers_are_set_aside():
    rng = np.random.default_rng(1)
    columns = {name: rng.integers(100_000, 100_050, 300) for name in ("schoolid3", "hospitalID", "household_id")}
    table = code_table(texts({**columns, "amount paid": rng.integers(1, 50, 300)}))
    assert [column.name for column in table.columns] == ["amount paid"]
    assert {one.reason for one in table.aside} == {"an identifier, by its name; name it with --group if rows share it"}


def test_whole_numbers_from_one_on_have_an_order_only_if_the_name_says_so():
    """Gamma and "higher values" are not given for codes of kinds."""
    rng = np.random.default_rng(2)
    one = rng.integers(1, 5, 500)
    columns = {"relation": one, "Pain level": one, "children": one - 1, "size in m": np.array([1, 2, 5, 10])[one - 1]}
    table = code_table(texts(columns))
    assert table.ordered.tolist() == [True] * 4
    assert table.surely_ordered.tolist() == [False, True, True, True]


def test_a_copy_of_the_weight_is_set_aside():
    rng = np.random.default_rng(3)
    weight = np.round(rng.gamma(5, 20, 400), 3)
    columns = {"weight": weight, "again": weight, "other": rng.gamma(5, 20, 400).round(3), "kind": letters(rng, 400)}
    scan = scan_table(texts(columns), ScanOptions(weight="weight"))
    assert {one.name: one.reason for one in scan.table.aside} == {"again": "the same numbers as the weight weight"}


def letters(rng, n):
    return rng.choice(["answer a", "answer b"], n)


def test_many_zeros_of_a_count_are_a_bin_of_their_own():
    rng = np.random.default_rng(31)
    visits = np.where(rng.random(900) < 0.15, 0, rng.integers(1, 40, 900))
    (column,) = code_table(texts({"visits": visits})).columns
    assert column.labels[0] == "0"
    assert column.labels[1].startswith("1 to ")
    assert len(column.labels) == 5
    assert (column.codes == 0).sum() == (visits == 0).sum()


def test_few_zeros_are_no_bin():
    visits = np.append([0, 0, 0], np.random.default_rng(32).integers(1, 40, 900))
    (column,) = code_table(texts({"visits": visits})).columns
    assert column.labels[0].startswith("0 to ")


@pytest.mark.parametrize(("largest", "is_missing"), [(20, True), (60, False)])
def test_round_codes_of_unknown_counts_are_missing_only_far_above_the_others(largest, is_missing):
    eaten = np.concatenate([np.arange(300) % (largest + 1), np.full(40, 90), np.full(6, 80)])
    (column,) = code_table(texts({"eclair": eaten})).columns
    assert column.n == (300 if is_missing else 346)


def test_the_column_of_groups_is_named_among_those_that_are_not_scanned():
    rng = np.random.default_rng(33)
    columns = {"class": rng.integers(0, 20, 400), "a": rng.choice(["x", "y"], 400), "b": rng.choice(["x", "y"], 400)}
    scan = scan_table(texts(columns), ScanOptions(group="class"))
    assert [one.name for one in scan.table.aside] == ["class"]
    assert "--group" in scan.table.aside[0].reason
