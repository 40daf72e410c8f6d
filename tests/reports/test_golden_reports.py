"""The text of five reports. A person reads the difference before a change of wording is accepted."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from diptych.pipeline import build
from tests.golden import TARGETS, is_accepting

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
NAMES = ("default", "survey", "rodents", "published", "anes96")


@pytest.mark.parametrize("name", NAMES)
def test_golden_report(name, sites, tmp_path):
    if name == "anes96":
        build(HERE / "anes96" / "config.yaml", tmp_path / "site")
        site = tmp_path / "site"
    else:
        site = sites(name)
    now, kept = (site / "report.md").read_text(encoding="utf-8"), HERE / f"{name}.md"
    if is_accepting("words"):
        kept.write_text(now, encoding="utf-8")
    before = kept.read_text(encoding="utf-8")
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), kept.name, "report.md", lineterm="", n=1)
    assert now == before, "\n".join(
        [f"The text of the report {name} moved. Read the difference; if it is meant, run `{TARGETS['words']}`.", *lines]
    )
