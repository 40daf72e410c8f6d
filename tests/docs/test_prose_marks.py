"""Plain English: pages of documentation have no mark of stilted English over its limit."""

from pathlib import Path

import pytest

from tests.docs.test_docs import PAGES
from tools.prose import MARKS, prose, rates

ROOT = Path(__file__).parents[2]
ABSENT = ("what-clause", "stands", "would make, rests on", "archaic", "inversion")
"""Marks that no module of the program has. A limit per 1,000 words would hide new ones in a long text."""
NAMES = {page.relative_to(ROOT).as_posix(): page for page in PAGES}


MODULES = sorted((ROOT / "report").rglob("*.py"))
TOOLS = sorted((ROOT / "tools").rglob("*.py"))


def test_no_module_has_a_mark_of_the_private_dialect():
    found = {path: rates(prose(path)).found for path in MODULES}
    marked = {path.relative_to(ROOT): [name for name in ABSENT if of[name]] for path, of in found.items()}
    assert {path: names for path, names in marked.items() if names} == {}


def test_the_modules_and_the_pages_have_no_mark_over_its_limit():
    for paths in (MODULES, TOOLS, list(NAMES.values())):
        assert rates("\n".join(map(prose, paths))).over() == ()


def test_a_docstring_counts_once_and_names_of_code_do_not(tmp_path):
    module = tmp_path / "module.py"
    module.write_text('"""It stands.\n\n>>> stands\n`stands`\n"""\n\n# It stands, as `stands` does.\n', "utf-8")
    assert rates(prose(module)).found["stands"] == 2


def test_every_mark_is_found():
    text = (
        "This is what it says. That stands. It holds. It was told. It is one that counts. He is said to. It rests on "
        "it. Commonest. Were it so, no. A; b; c."
    )
    assert {name for name, n in rates(text).found.items() if n} == set(MARKS)


def test_a_mark_counts_from_the_third_time():
    assert rates("It stands. It stands.").over() == ()
    assert rates("It stands. It stands. It stands.").over() == ("stands",)
    assert rates('It is "what it stands for"; it stands (a; b; c).').found["semicolons"] == 1


def test_code_headings_and_tables_are_no_prose(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# It stands\n\n`stands` here\n\n| stands |\n\n```text\nstands\n```\n\n[a](stands.md)\n", "utf-8")
    assert rates(prose(page)).found["stands"] == 0


@pytest.mark.parametrize("name", sorted(NAMES))
def test_pages_have_no_mark_over_its_limit(name):
    assert rates(prose(NAMES[name])).over() == ()
