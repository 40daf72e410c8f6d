"""Sites of the default config and of the examples; a build by the command, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.relations import CONFIGS


def build(config: Path, folder: Path, cwd: Path, **environment: str) -> Path:
    """Build a site by the command, as a person would, and return its folder."""
    command = [str(Path(sys.executable).with_name("diptych")), "build", str(config), "-o", str(folder)]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(params=list(CONFIGS))
def name(request):
    """Return the name of each example in turn."""
    return request.param


@pytest.fixture
def site(name, sites):
    """Return the site of each example in turn."""
    return sites(name)
