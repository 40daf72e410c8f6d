"""The measures of the architecture, counted by hand on a small tree."""

from pathlib import Path

from tools.measures import branches, code_lines, schema_keys, used_keys

ROOT = Path(__file__).parents[2]

SOURCE = '''\
"""A module."""

import os  # one

# a comment
NAME = """two
three"""
"""What NAME is."""


def f(
    x: int,
) -> int:
    """Return x.

    More of it.
    """
    return x  # seven
'''


def test_lines_without_blanks_comments_and_docstrings():
    # import, two lines of NAME, three of the head of f, return
    assert code_lines(SOURCE) == 7
    assert code_lines("") == 0


def test_branches_that_are_written():
    assert branches("{% if a %}b{% elif c %}d{% else %}{{ e if f else g }}{% endif %}") == 5
    assert branches("{% if a %}b{% endif %}{{ 'c' if d }}{% for e in f if g %}{% else %}{% endfor %}") == 2


SCHEMA = {
    "properties": {"version": {}, "panels": {"items": {"$ref": "#/$defs/Panel"}}, "named": {"patternProperties": {"^[a-z]+$": {"$ref": "#/$defs/Panel"}}}},
    "$defs": {"Panel": {"anyOf": [{"type": "string"}, {"properties": {"id": {}, "side": {"properties": {"of": {}}}}}]}},
}  # fmt: skip


def test_keys_of_the_config_and_those_that_an_example_uses():
    keys = schema_keys(SCHEMA)
    assert keys == {".version", ".panels", ".named", "Panel.id", "Panel.side", "Panel.of"}
    assert used_keys({"version": 1, "panels": ["x", {"id": "a"}]}, SCHEMA) == {".version", ".panels", "Panel.id"}
    assert used_keys({"named": {"x": {"side": {"of": 1}}}}, SCHEMA) == {".named", "Panel.side", "Panel.of"}
    assert used_keys({"named": ["id"]}, SCHEMA) == {".named"}
    assert used_keys({"named": {"x": ["id", {"side": {"of": 1}}]}}, SCHEMA) == {
        ".named",
        *keys - {".version", ".panels"},
    }
    assert used_keys({"other": {"id": 1}, "named": {"X": {"id": 1}}}, SCHEMA) == {".named"}
