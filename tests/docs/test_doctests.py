"""Examples in docstrings are true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITH_EXAMPLES = [
    "diptych." + ".".join(path.relative_to(ROOT / "report").with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "report").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", [*WITH_EXAMPLES, "tests.golden", "tests.net.test_golden"])
def test_examples_of_a_module(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed
