"""Levels of activity, names of levels, and conditions on rows."""

from __future__ import annotations

import narwhals as nw

from diptych.relations.attributes import activity_of, joined, level, matching


def test_names_of_levels(engine):
    numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 22, 23, 1000, 2**39]
    loaded = engine.load({"n_rows": numbers, "n_columns": [0] * len(numbers)}, integers=["n_rows", "n_columns"])
    names = dict(engine.collect(activity_of(loaded, engine).select("n_rows", "activity")).itertuples(index=False))
    assert [names[n].removesuffix(" x 0") for n in numbers] == [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6-7",
        "6-7",
        "8-11",
        "8-11",
        "12-15",
        "16-22",
        "23-31",
        "725-1023",
        "549755813888-777472127993",
    ]


def test_several_columns_make_one_key_in_which_nothing_is_a_level(engine):
    frame = engine.load({"a": ["x", None, ""], "b": ["y", "z", None]})
    keys = engine.collect(frame.select(a=level("a"), b=level("b")).select(key=joined(["a", "b"])))
    assert sorted(keys["key"]) == ["(none) · (none)", "(none) · z", "x · y"]


def test_where_reads_numbers_and_truth_values_as_text(engine):
    frame = engine.load({"n": [1, 2]}, integers=["n"]).with_columns(even=nw.col("n") % 2 == 0)
    assert engine.collect(matching(frame, {"n": ("2",), "even": ("true",)}))["n"].tolist() == [2]
