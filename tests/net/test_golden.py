"""The SHA-256 of every file of sites that show all the program does: a change moves the bytes that it means to move.

`outputs.json` has a line a file. `make accept` takes it anew: see which files move before committing it, and say in
the CHANGELOG which number or word that is, and why.
"""

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from diptych.manifest import NAME, current_versions
from tests.sites import BUILDERS, ROOT

NET = Path(__file__).with_name("outputs.json")


def hashes(site: Path) -> dict[str, str]:
    """Return path -> SHA-256 of every file but the manifest, which says the same of files that went in, too."""
    files = sorted(path for path in site.rglob("*") if path.is_file() and path != site / NAME)
    return {path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


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


def accept(name: str, now: dict[str, str]) -> None:
    """Take the hashes of a site into the net."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.fail("two workers would write one file: take golden files in one process, as `make accept` does")
    kept = json.loads(NET.read_bytes())["sites"] if NET.exists() else {}
    sites = {one: now if one == name else kept.get(one, {}) for one in BUILDERS}
    NET.write_text(json.dumps({"made_with": made_with(), "sites": sites}, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", BUILDERS)
def test_every_file_is_what_it_was(name, sites):
    accepting = bool(os.environ.get("DIPTYCH_ACCEPT"))
    kept = json.loads(NET.read_bytes())
    if not accepting and kept["made_with"] != made_with():
        pytest.skip(f"bytes are promised for {kept['made_with']}, and here is {made_with()}")
    now = hashes(sites(name))
    if accepting:
        accept(name, now)
    else:
        lines = moved(kept["sites"].get(name, {}), now)
        assert not lines, "\n".join([f"{name}: `make accept` takes these of {sites(name)}", *lines])


def test_the_net_is_of_the_packages_that_are_pinned():
    """Else it would be skipped where CI runs, and hold nothing."""
    made = json.loads(NET.read_bytes())["made_with"]
    python = {"python_version": made["python"], "python_full_version": f"{made['python']}.0"}
    lines = (ROOT / "requirements/run.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.removesuffix("\\")) for line in lines if re.match(r"[\w.-]+==", line)]
    pinned = {pin.name: pin.specifier for pin in pins if pin.marker is None or pin.marker.evaluate(python)}
    assert {name: str(pinned[name]) for name in made["packages"]} == {
        name: f"=={version}" for name, version in made["packages"].items()
    }
    assert f'"{made["python"]}"' in (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
