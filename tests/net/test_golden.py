"""The SHA-256 of the numbers of sites that use all features: each table as CSV and the counts of each snapshot.

Columns of words do not count: numbers must not move in a refactoring or with a new wording. `make accept DATA=1` accepts
moved numbers.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import os
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from diptych.publish.manifest import NAME, current_versions
from tests.golden import TARGETS, is_accepting, net_of
from tests.sites import BUILDERS, ROOT

pytestmark = pytest.mark.slow

FILE = Path(__file__).with_name("data.json")
WORDED = ("reason",)
"""Columns of tables that hold words."""


def files(site: Path) -> list[Path]:
    """Return the files of a site but for the manifest, which also lists the files that the site was made from."""
    return sorted(path for path in site.rglob("*") if path.is_file() and path != site / NAME)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def hashes(site: Path) -> dict[str, str]:
    """Return path -> SHA-256 of every file."""
    return {path.relative_to(site).as_posix(): sha256(path.read_bytes()) for path in files(site)}


def numbers_of(path: str, content: bytes) -> bytes:
    """Return the numbers of a data file: a table without its columns of words, a snapshot without its notes."""
    if path.endswith(".xz"):
        *_, body = (json.loads(line) for line in lzma.decompress(content).splitlines())
        return json.dumps({name: value for name, value in body.items() if name != "notes"}).encode()
    rows = list(csv.reader(io.StringIO(content.decode())))
    kept = [k for k, name in enumerate(rows[0]) if name not in WORDED]
    if len(kept) == len(rows[0]):
        return content
    found = io.StringIO()
    csv.writer(found, lineterminator="\n").writerows([row[k] for k in kept] for row in rows)
    return found.getvalue().encode()


def of_site(site: Path) -> dict[str, str]:
    """Return path -> SHA-256 of the numbers of each data file."""
    found = {path.relative_to(site).as_posix(): path for path in files(site)}
    return {name: sha256(numbers_of(name, at.read_bytes())) for name, at in found.items() if net_of(name) == "data"}


def made_with() -> dict[str, object]:
    """Return what bytes are promised for: Python's minor version and packages."""
    versions = current_versions()
    return {"python": versions.python, "packages": versions.packages}


def moved(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return what became of files, a line each.

    >>> moved({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"})
    ['other bytes: b', 'gone: c', 'new: d']
    """
    same = before.keys() & now.keys()
    return [
        *(f"other bytes: {path}" for path in sorted(same) if before[path] != now[path]),
        *(f"gone: {path}" for path in sorted(before.keys() - same)),
        *(f"new: {path}" for path in sorted(now.keys() - same)),
    ]


def kept() -> dict:
    return json.loads(FILE.read_bytes())


def accept(name: str, now: dict[str, str]) -> None:
    """Write the hashes of a site."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.fail(f"two workers would write one file: take golden files in one process, as `{TARGETS['data']}` does")
    before = kept()["sites"]
    sites = {one: now if one == name else before.get(one, {}) for one in BUILDERS}
    FILE.write_text(json.dumps({"made_with": made_with(), "sites": sites}, indent=1) + "\n", encoding="utf-8")


def hold(name: str, site: Path) -> None:
    """Compare the numbers of a site with the kept ones, or accept them; fail with the files that differ."""
    now = of_site(site)
    if is_accepting("data"):
        accept(name, now)
        return
    if kept()["made_with"] != made_with():
        pytest.skip(f"bytes are promised for {kept()['made_with']}, and here is {made_with()}")
    lines = moved(kept()["sites"].get(name, {}), now)
    meaning = (
        "Published numbers moved. A refactoring or a new wording must not do this. If the change is meant, run "
        f"`{TARGETS['data']}` and say in the commit which numbers moved, and why."
    )
    assert not lines, "\n".join([f"{name} ({site}): {meaning}", *lines])


@pytest.mark.parametrize("name", BUILDERS)
def test_no_number_moved(name, sites):
    hold(name, sites(name))


def test_a_moved_number_is_not_accepted_with_the_words(tmp_path, monkeypatch):
    """`make accept` takes the words and still fails for a number."""
    monkeypatch.setattr("tests.net.test_golden.FILE", tmp_path / "data.json")
    (tmp_path / "data.json").write_text(json.dumps({"made_with": made_with(), "sites": {}}), encoding="utf-8")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("DIPTYCH_ACCEPT_DATA", raising=False)
    monkeypatch.setenv("DIPTYCH_ACCEPT", "1")
    site = tmp_path / "site"
    site.mkdir()
    (site / "left.csv").write_text("n,reason\n1,few units\n", encoding="utf-8")
    (site / "index.html").write_text("<p>One.</p>", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"Published numbers moved\.(?s:.*)new: left\.csv"):
        hold("default", site)
    monkeypatch.setenv("DIPTYCH_ACCEPT_DATA", "1")
    hold("default", site)
    assert kept()["sites"]["default"].keys() == {"left.csv"}
    monkeypatch.delenv("DIPTYCH_ACCEPT_DATA")
    (site / "left.csv").write_text("n,reason\n1,too few units\n", encoding="utf-8")
    hold("default", site)
    (site / "left.csv").write_text("n,reason\n2,too few units\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"other bytes: left\.csv"):
        hold("default", site)


def test_the_net_is_of_the_packages_that_are_pinned():
    """Else it would be skipped where CI runs, and hold nothing."""
    made = kept()["made_with"]
    python = {"python_version": made["python"], "python_full_version": f"{made['python']}.0"}
    lines = (ROOT / "requirements/run.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.removesuffix("\\")) for line in lines if re.match(r"[\w.-]+==", line)]
    pinned = {pin.name: pin.specifier for pin in pins if pin.marker is None or pin.marker.evaluate(python)}
    assert {name: str(pinned[name]) for name in made["packages"]} == {
        name: f"=={version}" for name, version in made["packages"].items()
    }
    assert f'"{made["python"]}"' in (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
