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


def test_every_mark_is_found():
    text = (
        "This is what it says. That stands. It holds. It was told. It is one that counts. He is said to. It rests on "
        "it. Commonest. Were it so, no. A; b; c."
    )
    assert {name for name, n in rates(text).found.items() if n} == set(MARKS)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_pages_have_no_mark_over_its_limit(name):
    assert rates(prose(NAMES[name])).over() == ()
