"""Programs that no package of Python brings: a test that needs one has a marker, and says what is missing.

In CI, where `.ci/run` has installed them, a missing one is a failure: nothing is passed over in silence.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

IN_CI = bool(os.environ.get("DIPTYCH_TESTS_IN_CI"))
POPPLER = "apt-get install poppler-utils"


def program(*names: str, install: str) -> str:
    """Return the path of the first of these programs that is there; if none is there, skip the test, or fail it in CI."""
    found = next(filter(None, map(shutil.which, names)), None)
    require(found is not None, f"{names[0]} is not installed: {install}")
    return str(found)


def needs(there: object, reason: str) -> pytest.MarkDecorator:
    """Return a mark that skips tests with the reason unless what they need is there; in CI they run, and fail."""
    return pytest.mark.skipif(not there and not IN_CI, reason=reason)


def beside_python(name: str) -> str:
    """Return the path of a program that a package of requirements/dev.txt brings."""
    return str(Path(sys.executable).with_name(name))


def require(there: object, reason: str) -> None:
    """Skip the test with the reason unless what it needs is there; fail it in CI."""
    if not there:
        (pytest.fail if IN_CI else pytest.skip)(reason)
