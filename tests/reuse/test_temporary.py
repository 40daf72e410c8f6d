"""Temporary folders: gone with their block, and with the next start where a process was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.disk import TemporaryFolder

HOLDER = """
import sys, time
from diptych.disk import TemporaryFolder
folder = TemporaryFolder(sys.argv[1])
(folder.path / "spilled").write_text("much")
print(folder.path, flush=True)
time.sleep(600)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def holder(parent):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(parent)], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def test_what_a_killed_process_leaves_goes_with_the_next_start_and_no_other(tmp_path):
    (tmp_path / "diptych-of-somebody").mkdir()
    living, kept = holder(tmp_path)
    killed, left = holder(tmp_path)
    killed.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    killed.communicate()
    assert Path(left).exists()
    with TemporaryFolder(tmp_path):
        assert not Path(left).exists()
        assert Path(kept, "spilled").exists()
    living.kill()
    living.communicate()
    TemporaryFolder(tmp_path).remove()
    assert names(tmp_path) == ["diptych-of-somebody"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_in_its_place_is_not_followed(tmp_path):
    """Whoever puts links into a shared folder makes nothing else go."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (tmp_path / "temporary").mkdir()
    (tmp_path / "temporary" / "diptych-0.lock").touch()
    (tmp_path / "temporary" / "diptych-0").symlink_to(tmp_path / "precious")
    (tmp_path / "temporary" / "diptych-1.lock").symlink_to(tmp_path / "precious" / "file")
    with TemporaryFolder(tmp_path / "temporary"):
        assert (tmp_path / "precious" / "file").exists()
