"""The measures of the architecture, counted by hand on a small tree, and of this repository where there is a limit."""

import textwrap

from tools.measures import (
    classes,
    code_lines,
    measures,
    schema_keys,
    table,
    used_keys,
)

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


def test_classes_with_their_own_fields():
    source = "class A:\n    low: int\n    high: int = 1\n    def f(self): x: int = 1\nclass B(A):\n    class C:\n        low: int\n"
    assert sorted(classes(source)) == [("A", {"low", "high"}), ("B", frozenset()), ("C", {"low"})]


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


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


def test_the_table_of_a_small_tree(tmp_path):
    write(
        tmp_path,
        {
            "report/__init__.py": '"""Words."""\n',
            "report/cells.py": "class A:\n    low: int\n    high: int\n",
            "report/contrib/__init__.py": "",
            "report/contrib/one/__init__.py": "import os\n",
            "tests/test_a.py": "\n# both lines count\n",
            "config.yaml": "version: 1\npanels: [{id: left}]\n",
        },
    )
    assert table(measures(tmp_path, SCHEMA)).splitlines() == [
        "| measure | now | goal |",
        "|---|---:|---:|",
        "| lines of code, core | 3 | 22,000 |",
        "| lines of code, pack one | 1 |  |",
        "| lines of code, all | 4 | 34,000 |",
        "| modules, core | 3 | 120 |",
        "| classes, all | 1 | 350 |",
        "| classes with a `low` and a `high` | 1 | 6 |",
        "| config keys | 6 | 95 |",
        "| config keys that an example uses | 50% | 90% |",
        "| lines of tests | 2 | 47,000 |",
    ]
