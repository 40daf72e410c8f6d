"""Escapes in lists that are half a character."""

import pytest

from diptych.errors import DataError
from diptych.pipeline import check
from tests.pipeline.projects import RECORDS, write_project


def test_half_a_character_in_a_list_is_named(tmp_path):
    (tmp_path / "r.csv").write_text("x,y\n\"['\\ud800', 'a']\",b\n\"['a']\",a\n")
    new = {key: value.replace("{column: x}", "{column: x, separator: list}") for key, value in RECORDS.items()}
    write_project(tmp_path, new)
    with pytest.raises(DataError, match="1 of 2 distinct fields contain an escape that is no character"):
        check(tmp_path / "config.yaml")
