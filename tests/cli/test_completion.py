"""Completion in bash, zsh and fish."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("diptych")


@pytest.mark.parametrize(
    "variables",
    [
        {"_DIPTYCH_COMPLETE": "complete_bash", "COMP_WORDS": "diptych ver", "COMP_CWORD": "1"},
        {"_DIPTYCH_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "diptych ver"},
        {
            "_DIPTYCH_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_ARGS": "diptych ver",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    ],
    ids=["bash", "zsh", "fish"],
)
def test_a_command_is_completed(variables, tmp_path):
    found = subprocess.run(
        [str(PROGRAM)], cwd=tmp_path, env={"HOME": str(tmp_path), **variables}, capture_output=True, check=False
    )
    assert b"verify" in found.stdout
    assert b"build" not in found.stdout
    assert found.stderr == b""
