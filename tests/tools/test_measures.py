"""The measures of the architecture, counted by hand on a small tree."""

import json
import subprocess
import sys
from pathlib import Path

from tools.measures import branches, code_lines, part, schema_keys, used_keys

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


def test_optional_parts_today_and_after_the_folders_move():
    modules = ["contrib/__init__.py", "contrib/word/output.py", "word/output.py", "words/forms.py", "serve.py"]
    assert [part(Path(module)) for module in modules] == ["core", "word", "word", "core", "core"]


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
    files = {
        "report/__init__.py": '"""Words."""\n',
        "report/stats/shares.py": "import os\n",
        "report/cells.py": "class A:\n    class B:\n        low: int\n",
        "report/contrib/one/__init__.py": "import os\n",
        "report/hub/__init__.py": "import os\nclass C: ...\n",
        "report/words/en/a.j2": "{% if a %}b{% endif %}",
        "report/theme/a.css": "a {\n\n}\n",
        "templates/words/en/b.j2": "{{ 'a' if b else c }}",
        "templates/html/c.j2": "{% if a %}b{% endif %}",
        "templates/html/a.js": "a()\n",
        "templates/html/b.min.js": "b()\n",
        "tests/test_a.py": "\n# both lines count\n",
        "docs/config.schema.json": json.dumps(SCHEMA),
        "docs/config.md": "one two\n",
        "README.md": "one\n",
        "config.yaml": "version: 1\npanels: [{id: left}]\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tools.measures", tmp_path], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        "| measure | here | goal |",
        "|---|--:|--:|",
        "| lines of code, all | 7 | 29,000 |",
        "| lines of code, core | 4 | 21,000 |",
        "| lines of code, hub | 2 |  |",
        "| lines of code, one | 1 |  |",
        "| lines of code, core: stats | 1 |  |",
        "| lines of code, core: statements | 0 |  |",
        "| lines of code, core: words | 0 |  |",
        "| lines of code, core: document | 0 |  |",
        "| modules, core | 3 | 125 |",
        "| classes, all | 3 | 360 |",
        "| branches in templates of sentences | 3 | 400 |",
        "| config keys | 6 | 120 |",
        "| config keys in an example | 50% | 80% |",
        "| lines of js, not blank | 1 |  |",
        "| lines of css, not blank | 2 |  |",
        "| lines of tests | 2 | 30,000 |",
        "| words, docs/**/*.md | 2 | 35,000 |",
        "| words, README.md | 1 |  |",
        "| words, CHANGELOG.md | 0 | 300 |",
    ]
