"""Columns that nest the declared groups: schools over classes."""

from __future__ import annotations

import pytest

from diptych.config.loading import load_text
from diptych.pipeline.counting import count_all

HEADER = "pupil,class,school,school_id,district,age,entry,sector,taught,rows,columns"


def line(i):
    """Row i of 400: 40 classes in 10 schools in 5 districts; all but `taught` depend on the class alone."""
    class_ = i % 40
    school = class_ // 4
    entry, sector = f"2020-01-{1 + class_ // 2:02d}", "pq"[school % 2]
    numbers = f"c{class_},s{school},{school},d{school // 2},{20 + class_ // 4},{entry},{sector}"
    return f"p{i},{numbers},{'abcdefgh'[i // 40 % 8]},R{i % 3},C{i % 2}"


LINES = [line(i) for i in range(400)]


def notes(tmp_path, group, lines=LINES, more="", source="pupils.csv"):
    (tmp_path / "pupils.csv").write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    config = f"""
version: 1
report: {{title: Pupils}}
relations:
  pupils:
    records: {{source: {source}, label: pupil, rows: {{column: rows, label: Row}}, columns: {{column: columns, label: Column}}{more}}}
    group: {group}
panels: [{{id: left, relation: pupils, given: rows, outcome: columns}}]
"""
    found = count_all(load_text(config, tmp_path / "config.yaml")).relations["pupils"].notes
    return [note for note in found if note.slug == "nested_group"]


def test_a_column_that_nests_the_groups_is_pointed_out(tmp_path):
    (note,) = notes(tmp_path, "class")
    assert note.message == (
        "pupils: each of the 40 groups (class) has a single value of school (10 values), school_id (10 values), "
        "district (5 values); if units with the same school are alike, intervals are too narrow: declare group: school "
        "instead of class"
    )


def test_one_row_in_another_school_is_enough_to_say_nothing_of_it(tmp_path):
    other = LINES[0].replace(",s0,0,d0,", ",s9,9,d0,")
    (note,) = notes(tmp_path, "class", [*LINES, other])
    assert "single value of district (5 values);" in note.message


@pytest.mark.parametrize("group", ["pupil", "[pupil, class]"])
def test_groups_of_one_row_have_one_value_of_everything(tmp_path, group):
    assert notes(tmp_path, group) == []


def test_a_group_without_a_value_is_not_nested(tmp_path):
    gone = [text.replace(",s0,0,d0,", ",,,,") for text in LINES]
    assert notes(tmp_path, "class", gone) == []
    some = [LINES[0].replace(",s0,0,d0,", ",,,,"), *LINES[1:]]
    (note,) = notes(tmp_path, "class", some)
    assert "school (10 values)" in note.message
