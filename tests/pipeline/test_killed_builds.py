"""A build that is killed at any moment leaves the old site or the new one, and the next build clears up."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diptych.pipeline import build
from tests.pipeline.projects import tree, write_project

DIPTYCH = Path(sys.executable).with_name("diptych")


def finished_in(folder: Path) -> float:
    """Build once more in a process of its own and return how many seconds that takes."""
    start = time.monotonic()
    subprocess.run([DIPTYCH, "build", "-o", "timed"], cwd=folder, check=True, capture_output=True)
    return time.monotonic() - start


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no such signal")
def test_killed_at_random_moments(tmp_path):
    write_project(tmp_path)
    build(tmp_path / "config.yaml", tmp_path / "site")
    old = tree(tmp_path / "site")
    write_project(tmp_path, {"title: T": "title: Another"})
    build(tmp_path / "config.yaml", tmp_path / "new")
    new = tree(tmp_path / "new")
    seconds = finished_in(tmp_path)
    moments = random.Random(1)  # noqa: S311
    for _ in range(3):
        with subprocess.Popen([DIPTYCH, "build"], cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
            time.sleep(moments.uniform(0.2, 1.1) * seconds)
            process.kill()
        assert tree(tmp_path / "site") in (old, new)
    subprocess.run([DIPTYCH, "build"], cwd=tmp_path, check=True, capture_output=True)
    assert tree(tmp_path / "site") == new
    assert {path.name for path in tmp_path.iterdir()} == {
        "config.yaml",
        "d.csv",
        "m.csv",
        "k.csv",
        "site",
        "new",
        "timed",
    }
