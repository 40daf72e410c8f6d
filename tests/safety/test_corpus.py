"""Hostile configs and data: the program ends soon, in words that name the file, and touches nothing else.

By day a few of each are built, every night all. `DIPTYCH_CORPUS=name` builds the cases whose names contain a text.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.draws import draws
from tests.safety import corpus

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="bounds and what a process holds are those of Linux"),
]

ROOT = Path(__file__).parents[2]
N = draws(20, 400)
"""Of configs and of files of data, each."""

BLOCK = 10
MOST_MB = 1_000
LONGEST_MESSAGE = 2_100
KEYS = ("relations.", "entities.", "taxonomy", "expect", "config.yaml", "site")
"""How messages begin that are about what a config says of data rather than about a file."""


@pytest.fixture(scope="module")
def runs():
    """A function that runs the program in a folder, in a fork of a warm process."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.safety.child"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(folder, *arguments):
        process.stdin.write(json.dumps({"folder": str(folder), "arguments": arguments}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield run
    process.communicate()


@pytest.fixture(scope="module")
def cases():
    """Every case of this run, by sort."""
    return {"configs": corpus.configs(N), "data": corpus.data(N)}


@pytest.mark.parametrize("start", range(0, N, BLOCK))
@pytest.mark.parametrize("sort", ["configs", "data"])
def test_hostile_inputs(tmp_path, runs, cases, sort, start):
    failures = {}
    for case in cases[sort][start : start + BLOCK]:
        if os.environ.get("DIPTYCH_CORPUS", "") in case.name:
            wrong = faults_of(case, tmp_path / str(len(list(tmp_path.iterdir()))), runs)
            if wrong:
                failures[case.name] = wrong
    assert failures == {}


def faults_of(case, sandbox, runs):
    """Build a case in a sandbox of its own and return everything that is not as it should be."""
    folder = sandbox / "project"
    for place in (folder, sandbox / "home", sandbox / "tmp"):
        place.mkdir(parents=True)
    write(case, folder)
    (sandbox / "canary").write_bytes(b"canary")
    before = tree(sandbox)
    ended = runs(folder, "build", "config.yaml", "-o", "site", "--no-cache")
    said = (sandbox / "said").read_text(encoding="utf-8", errors="replace")
    network = sandbox / "network"
    reached = network.read_text(encoding="utf-8") if network.exists() else ""
    return [
        *as_ended(ended, said),
        *as_said(case, ended["status"], said),
        *([f"reached for {reached.splitlines()[:3]}"] if reached and case.name not in MAY_REACH else []),
        *as_left(before, tree(sandbox), ended["status"]),
    ]


MAY_REACH = ("config-path-local", "config-path-metadata", "config-path-hf")
"""Cases whose config asks for an address: whoever writes a config may."""


def write(case, folder):
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, to in case.links.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(to)
    for name in case.pipes:
        os.mkfifo(folder / name)


def as_ended(ended, said):
    """Say what is wrong with how a run ended."""
    wrong = []
    if ended["status"] not in (0, 1, 3):
        wrong.append(f"ended with status {ended['status']}: {said[-600:]}")
    if ended["hung"]:
        wrong.append("did not end")
    if "Traceback" in said or "internal error" in said:
        wrong.append(f"traceback or internal error: {said[-900:]}")
    if ended["rss_mb"] > MOST_MB:
        wrong.append(f"held {ended['rss_mb']:.0f} MB")
    if ended["seconds"] > 20:
        wrong.append(f"took {ended['seconds']:.0f} s")
    return wrong


def as_said(case, status, said):
    """Say what is wrong with the messages of a run."""
    lines = said.splitlines()
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    wrong = []
    if status and not errors:
        wrong.append(f"refused without a word: {said[-300:]}")
    if status and not any(case.about in line or line.startswith(KEYS) for line in errors):
        wrong.append(f"does not name {case.about}: {errors[:3]}")
    if any(len(line) > LONGEST_MESSAGE for line in lines):
        wrong.append(f"a message of {max(map(len, lines))} characters")
    if any(not line.isprintable() for line in said.split("\n")):
        wrong.append("a message with characters that do not print")
    return wrong


def as_left(before, after, status):
    """Say what a run has written outside its output folder; also into that, where it was refused."""
    own = ("said", "network", *(("project/site",) if status == 0 else ()), "cache")
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    stray = [path for path in changed if not any(path == one or path.startswith(f"{one}/") for one in own)]
    return [f"wrote {stray[:5]}"] if stray else []


def tree(folder):
    """Return what stands at each path below a folder, links not followed."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "folder" if path.is_dir() else "pipe"
    return found
