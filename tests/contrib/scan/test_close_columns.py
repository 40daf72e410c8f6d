"""Columns that measure much the same are one group: the ranking has different relations."""

import numpy as np
import pytest

from diptych.contrib.scan.close_columns import without_time, words_of
from diptych.contrib.scan.coding import code_table
from diptych.contrib.scan.scanning import scan_table
from diptych.contrib.scan.sentences import ScanWords
from diptych.contrib.scan.site import scan_csv
from diptych.contrib.scan.trivial import Reason
from tests.contrib.scan.worlds import cut, texts


def _world(n=900):
    """Three measures of one size, an outcome that depends on it, and another pair."""
    rng = np.random.default_rng(5)
    size, other = rng.normal(size=(2, n))
    return {
        "length": np.round(size + 0.2 * rng.normal(size=n), 3),
        "girth": np.round(size + 0.2 * rng.normal(size=n), 3),
        "mass": np.round(size + 0.2 * rng.normal(size=n), 3),
        "outcome": np.array(["small", "middle", "large"])[cut(size + rng.normal(size=n), 3)],
        "colour": np.array(["red", "blue"])[cut(other + rng.normal(size=n), 2)],
        "shape": np.array(["round", "square", "flat"])[cut(other + rng.normal(size=n), 3)],
    }


def _ranked(scan):
    names = [column.name for column in scan.table.columns]
    return [tuple(names[at] for at in scan.columns_of(one.place)) for one in scan.ranking]


def test_the_ranking_has_one_pair_between_two_groups_and_none_within():
    scan = scan_table(texts(_world()))
    assert {tuple(sorted(set(pair) & {"outcome", "colour", "shape"})) for pair in _ranked(scan)} == {
        ("outcome",),
        ("colour", "shape"),
    }
    assert len(scan.ranking) == 2
    (group,) = scan.close_columns
    assert [scan.table.columns[at].name for at in group.columns] == ["length", "girth", "mass"]
    assert len(group.pairs) == 3
    words = ScanWords(scan)
    assert words.close_columns(group).startswith(
        "These three columns are closely associated with one another: Length, Girth and Mass (V 0."
    )
    assert "One group of closely associated columns is listed after the ranking." in words.explanation


def test_no_pair_of_the_ranking_lies_within_a_group_that_the_page_lists():
    """The first and the last of a chain of close columns are not close: the chain is no group, but two close pairs."""
    rng = np.random.default_rng(11)
    first = rng.normal(size=900)
    second = 0.9 * first + 0.19**0.5 * rng.normal(size=900)
    third = 0.9 * second + 0.19**0.5 * rng.normal(size=900)
    colour = np.array(["red", "blue"])[cut(first + rng.normal(size=900), 2)]
    chain = {"length": first, "girth": second, "mass": third}
    scan = scan_table(texts({name: np.round(values, 3) for name, values in chain.items()} | {"colour": colour}))
    found = {tuple(scan.table.columns[at].name for at in group.columns) for group in scan.close_columns}
    assert found == {("length", "girth"), ("girth", "mass")}
    assert {tuple(sorted({*pair} - {"colour"})) for pair in _ranked(scan)} >= {("length", "mass")}


def test_the_range_of_v_covers_all_tested_pairs_of_a_group():
    """Of the six pairs of four columns, one is not close, and its V is the lower end."""
    rng = np.random.default_rng(12)
    size, shape = rng.normal(size=(2, 1500))
    angles = {"length": -0.42, "girth": -0.02, "mass": 0.02, "spread": 0.42}
    numbers = {
        name: np.round(np.cos(angle) * size + np.sin(angle) * shape + 0.05 * rng.normal(size=1500), 3)
        for name, angle in angles.items()
    }
    scan = scan_table(texts(numbers | {"colour": np.array(["red", "blue"])[cut(rng.normal(size=1500), 2)]}))
    (group,) = scan.close_columns
    assert (len(group.columns), len(group.pairs)) == (4, 5)
    values = [float(scan.statistics.v[place]) for place in scan.open_pairs_of(group.columns)]
    assert min(values) < min(scan.statistics.v[place] for place in group.pairs) - 0.1
    assert f"(V {min(values):.2f} to {max(values):.2f})" in ScanWords(scan).close_columns(group)


def test_all_pairs_remain_in_the_table_and_in_the_counts():
    scan = scan_table(texts(_world()))
    rows = scan_csv(scan).decode().splitlines()
    assert len(rows) == 1 + 15
    assert sum(",clear," in row for row in rows) == int(scan.is_clear.sum()) == 7


def test_close_pairs_are_ranked_if_there_are_no_others():
    data = _world()
    scan = scan_table(texts({name: data[name] for name in ("length", "girth")}))
    assert _ranked(scan) == [("length", "girth")]


def _noisy_pair(first, second, noise):
    rng = np.random.default_rng(2)
    size = rng.normal(size=900)
    data = {
        first: np.round(size, 3),
        second: np.round(size + noise * rng.normal(size=900), 3),
        "third": np.array(["a", "b", "c"])[cut(size + 2 * rng.normal(size=900), 3)],
    }
    return bool(scan_table(texts(data)).close_columns)


@pytest.mark.parametrize(
    ("first", "second", "noise", "is_close"),
    [
        ("income", "height", 0.3, True),  # rank correlation 0.95
        ("income", "height", 1.0, False),  # 0.69
        ("high_vis", "low_vis", 1.0, True),
        ("high_vis", "low_vis", 3.0, False),  # 0.30
        ("year", "height", 0.3, False),  # a development in time is another relation
    ],
)
def test_closeness_depends_on_rank_correlation_names_and_time(first, second, noise, is_close):
    assert _noisy_pair(first, second, noise) is is_close


def test_words_of_names_are_those_of_the_quantity():
    assert words_of("earned_run_average") == {"earned", "run"}
    assert words_of("PctDiscMM") == {"disc", "mm"}
    assert words_of("How many hours do you sleep?") == frozenset()


def test_a_category_and_the_coordinates_of_its_rows_are_close():
    rng = np.random.default_rng(1)
    county = rng.integers(0, 6, 900)
    data = {
        "county": np.array(list("pqrstu"))[county],
        "latitude": np.round(np.array([1, 9, 4, 2, 8, 5])[county] + 0.8 * rng.normal(size=900), 3),
        "kind": np.array(["a", "b"])[cut(county + 2 * rng.normal(size=900), 2)],
    }
    scan = scan_table(texts(data))
    assert [scan.table.columns[at].name for at in scan.close_columns[0].columns] == ["county", "latitude"]
    renamed = scan_table(texts({"height" if name == "latitude" else name: values for name, values in data.items()}))
    assert not renamed.close_columns


def test_a_part_and_the_logarithm_of_the_whole_are_computed():
    rng = np.random.default_rng(3)
    parts = rng.gamma(1.0, 100, size=(3, 800)).round(2)
    total = parts.sum(axis=0)
    data = {"drugs": parts[0], "visits": parts[1], "stays": parts[2], "costs": total, "logcosts": np.log(total)}
    scan = scan_table(texts(data))
    names = [column.name for column in scan.table.columns]
    reasons = {tuple(names[at] for at in scan.columns_of(one.place)): one.reason for one in scan.trivial.values()}
    assert reasons["drugs", "logcosts"] is Reason.COMPUTED
    assert ("drugs", "visits") not in reasons


def _coded(values):
    return code_table(texts({"column": values, "other": np.arange(len(values)) % 7})).columns[0]


def test_rare_numbers_at_the_ends_of_a_scale_keep_its_order():
    column = _coded([*[0, 1, 2, 3] * 100, *[4] * 6, *[5] * 4, *[6] * 2])
    assert (column.labels, column.kind) == (("0", "1", "2", "3", "4 to 6"), "ordered")
    few = _coded([*[0, 1, 2, 3] * 100, 4, 4, 5])
    assert few.labels == ("0", "1", "2", "3 to 5")
    assert few.n == 403
    coded = _coded([*[0, 1, 2, 3] * 100, *[4] * 6, *[99] * 4])
    assert coded.labels[-1] == "Other"
    assert coded.kind == "categories"


def test_rows_with_rare_values_are_counted_in_the_text():
    rng = np.random.default_rng(4)
    left = rng.normal(size=600)
    plant = np.array(["tree", "herb", "shrub"])[cut(left, 3)].astype(object)
    plant[:4] = ["vine", "vine", "fern", "moss"]
    data = {"plant": plant, "has_fruit": cut(left + rng.normal(size=600), 2)}
    words = ScanWords(scan_table(texts(data)))
    assert words.left_out(0) == "This does not include the rows with rare values (four with rare values of Plant)."
    assert " have fruit" in words.sentence(0) or " with fruit " in words.sentence(0) or " no fruit" in words.sentence(0)
    assert "“1”" not in words.sentence(0)


def test_design_weights_are_set_aside():
    rng = np.random.default_rng(6)
    weights = rng.gamma(4.0, 0.25, size=500).round(4)
    table = code_table(texts({"pspwght": weights, "weight": (60 + 20 * weights).round(2), "x": np.arange(500) % 3}))
    assert [one.name for one in table.aside] == ["pspwght"]
    assert "weight of the rows" in table.aside[0].reason


def test_repeated_measurements_are_one_group_if_they_are_weakly_associated():
    rng = np.random.default_rng(8)
    level = rng.normal(size=900)
    repeated = {name: np.round(level + 1.2 * rng.normal(size=900), 3) for name in ("F2.prae", "F2.post")}
    others = {name: np.round(level + 1.2 * rng.normal(size=900), 3) for name in ("lipids", "sugar")}
    scan = scan_table(texts({**repeated, **others}))
    (group,) = scan.close_columns
    assert [scan.table.columns[at].name for at in group.columns] == ["F2.prae", "F2.post"]


def test_numbers_and_words_of_times_are_left_out_of_names():
    assert without_time("stark")[0] == without_time("star1")[0] == "star"
    assert without_time("weight before")[0] == without_time("weight_after")[0]
    assert without_time("number.of.cars") == ("number of cars", "")
    assert without_time("F1.prae")[0] != without_time("F2.prae")[0]


def test_the_page_says_whether_the_ranking_has_pairs_within_a_group():
    data = _world()
    assert not scan_table(texts(data)).ranks_within_groups
    assert scan_table(texts({name: data[name] for name in ("length", "girth")})).ranks_within_groups


def _groups(columns):
    scan = scan_table(texts(columns))
    names = [column.name for column in scan.table.columns]
    return {frozenset(names[at] for at in close.columns) for close in scan.close_columns}


def test_a_part_and_its_total_are_close():
    """Neither the names nor the rank correlation shows it: one is never larger than the other."""
    rng = np.random.default_rng(3)
    trips, lost = rng.integers(1, 30, 900), rng.random(900)
    columns = {"voyages": trips, "wreck": np.round(lost * trips).astype(int), "crew": rng.integers(1, 30, 900)}
    assert _groups(columns) == {frozenset({"voyages", "wreck"})}


def test_categories_that_occur_only_together_make_columns_close():
    rng = np.random.default_rng(3)
    none = rng.random(900) < 0.2
    columns = {
        "garage": np.where(none, "without garage", rng.choice(["attached", "detached", "basement"], 900)),
        "door": np.where(none, "nothing", rng.choice(["wood", "steel", "glass"], 900)),
        "roof": rng.choice(["flat", "hip"], 900),
    }
    assert _groups(columns) == {frozenset({"garage", "door"})}
    columns["door"][np.flatnonzero(none)[:9]] = "steel"  # some exceptions
    assert _groups(columns) == set()


def test_the_ranking_has_one_entry_for_columns_of_which_two_are_close():
    """Two columns are close, and a third follows from each: it has one entry."""
    rng = np.random.default_rng(3)
    none = rng.random(900) < 0.3
    columns = {
        "garage": np.where(none, "without garage", rng.choice(["attached", "detached", "basement"], 900)),
        "door": np.where(none, "nothing", rng.choice(["wood", "steel", "glass"], 900)),
        "price": np.where(none ^ (rng.random(900) < 0.2), "low", "high"),
    }
    scan = scan_table(texts(columns))
    assert len(scan.ranking) == 1
    assert len(scan.ranking[0].others) == 1


def test_the_same_two_quantities_at_another_time_are_one_entry():
    rng = np.random.default_rng(3)
    columns = {}
    for year in ("k", "1"):
        columns[f"ladder{year}"] = rng.choice(["low", "middle", "high"], 900)
        columns[f"salary{year}"] = np.where(columns[f"ladder{year}"] == "low", rng.choice(["a", "b"], 900), "b")
    scan = scan_table(texts(columns))
    assert len(scan.ranking) == 1
    assert len(scan.ranking[0].others) == 1


def test_parts_of_a_calendar_are_close_and_a_quantity_that_follows_them_is_not():
    rng = np.random.default_rng(21)
    month = rng.integers(1, 13, 3000)
    day = np.clip(month + rng.integers(-8, 17, 3000), 1, 28)
    size = np.array(["small", "large"])[(month + rng.normal(0, 4, 3000) > 6).astype(int)]
    found = {frozenset(pair) for pair in _ranked(scan_table(texts({"month": month, "day": day, "size": size})))}
    assert found
    assert frozenset({"month", "day"}) not in found
    assert all("size" in pair for pair in found)


def test_the_reference_person_who_often_is_the_person_is_no_finding():
    """In 40% of the rows both persons are one. Where two others agree as often by kinship, the pair stays."""
    rng = np.random.default_rng(22)
    n = 2000
    is_same = rng.random(n) < 0.4
    age, reference_age = rng.integers(18, 80, (2, n))
    born, reference_born = rng.choice([1, 2, 3], (2, n), p=[0.6, 0.3, 0.1])
    reference_age = np.where(is_same, age, reference_age)
    reference_born = np.where(is_same | (rng.random(n) < 0.2), born, reference_born)
    spouse_born = np.where(rng.random(n) < 0.5, born, rng.choice([1, 2, 3], n, p=[0.6, 0.3, 0.1]))
    columns = {"age": age, "hrage": reference_age, "born": born, "hrborn": reference_born, "partner": spouse_born}
    scan = scan_table(texts(columns))
    assert ("born", "hrborn") not in _ranked(scan)
    assert ("age", "hrage") not in _ranked(scan)
    assert ("born", "partner") in _ranked(scan)
