"""Streams that take nothing, and a working folder that was removed: an error with a reason, no internal error."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.projects import write_project

DIPTYCH = Path(sys.executable).with_name("diptych")
FULL = Path("/dev/full")
COMMANDS = ["--help", "--version", "schema", "check --help", "check", "build"]


def run(command, **how):
    return subprocess.run([DIPTYCH, *command.split()], text=True, check=False, **how)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_for_the_output_is_named(tmp_path, command):
    write_project(tmp_path)
    with FULL.open("w") as full:
        ended = run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 1
    assert "error: standard output: cannot be written (No space left on device)" in ended.stderr


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_for_messages_stops_nothing(tmp_path):
    write_project(tmp_path)
    with FULL.open("w") as full:
        ended = run("check", cwd=tmp_path, stderr=full, stdout=subprocess.PIPE)
    assert (ended.returncode, ended.stdout.splitlines()[0]) == (0, "config.yaml: no problem found")


@pytest.mark.parametrize("command", ["check", "build", "scan x.csv", "init x.csv", "verify site", "explain left:a,b"])
def test_a_removed_working_folder_is_named(tmp_path, command):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'rmdir "$0"; exec "$@"'
    ended = subprocess.run(
        ["sh", "-c", script, str(gone), DIPTYCH, *command.split()],
        cwd=gone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "error: the working folder: cannot be used" in ended.stderr
