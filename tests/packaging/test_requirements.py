"""The pinned packages are what pyproject.toml names: the lowest of each in one list, no index address in any."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = [Requirement(text) for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["spreadsheets"])]


def pins(name):
    """Return package -> versions that a list pins; several where they differ between versions of Python."""
    found = {}
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        if match := re.match(r"([a-z0-9._-]+)==([^ ;]+)", line):
            found.setdefault(match[1], []).append(Version(match[2]))
    return found


@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: declared.name)
def test_the_lowest_version_is_the_one_that_is_tried(declared):
    (lowest,) = [Version(part.version) for part in declared.specifier if part.operator == ">="]
    assert pins("lowest.txt")[declared.name] == [lowest]


@pytest.mark.parametrize(
    "name",
    ["run.txt", "dev.txt", "extras.txt", "lowest.txt", "release.txt", "uv.txt", "generators.txt", "jupyter-book.txt"],
)
def test_every_pin_has_a_hash_and_no_address(name):
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=[a-z])", text)
    assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_lowest_are_tried_by_a_job_and_every_version_of_python_that_is_named():
    ci = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "--requirement requirements/lowest.txt" in ci
    named = [entry.rpartition(" ")[2] for entry in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", entry)]
    listed = ", ".join(f'"{version}"' for version in named)
    assert f"python: [{listed}]" in ci
