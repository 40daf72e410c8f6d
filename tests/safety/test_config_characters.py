"""Characters that a config may have; those that it may not have are among the refusals of tests/pipeline."""

import time

from diptych.config.loading import load_text

START = "version: 1\nreport: {title: T}\n"


def test_control_characters_may_separate_data(tmp_path):
    text = (
        START
        + 'taxonomy: {}\nrelations: {r: {records: {source: {path: x.csv, delimiter: "\\x01"}, rows: {column: a, separator: "\\x1f"}, columns: {column: b}}}}\n'
    )
    assert load_text(text, tmp_path / "config.yaml").config.relations["r"].records.rows.separator == "\x1f"


def test_marks_of_direction_may_stand_in_a_title(tmp_path):
    text = (
        START.replace("T}", '"עברית\\u200f!"}')
        + "taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}}}\n"
    )
    assert load_text(text, tmp_path / "config.yaml").config.report.title.endswith("\u200f!")


def test_a_long_text_takes_no_time_to_check(tmp_path):
    text = (
        START.replace("T}", "x" * 100_000 + "}")
        + "taxonomy: {}\nrelations: {r: {records: {source: x.csv, rows: {column: a}, columns: {column: b}}}}\n"
    )
    began = time.process_time()
    load_text(text, tmp_path / "config.yaml")
    assert time.process_time() - began < 3
