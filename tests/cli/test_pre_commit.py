"""The hook for pre-commit: what it would run, run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.world import CLAIM, FILES, write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_the_hook_checks_and_stops_a_commit_with_a_false_claim(tmp_path):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("diptych-check", "python", False)
    assert [name for name in FILES if not re.search(hook["files"], name)] == []
    program, *arguments = shlex.split(hook["entry"])
    assert program == "diptych"
    write(tmp_path, FILES)
    for text, status in ((CLAIM, 0), (CLAIM.replace("<", ">"), 3)):
        (tmp_path / "text" / "coverage.md").write_text(text)
        found = subprocess.run(
            [sys.executable, "-P", "-m", "diptych", *arguments], cwd=tmp_path, capture_output=True, check=False
        )
        assert found.returncode == status, found.stderr.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "d.csv", "k.csv", "m.csv", "text"]
