"""Golden files: what each renderer makes of the small document, kept where a person can open it."""

from pathlib import Path

import pytest

from tests.golden import golden_files


@pytest.fixture
def golden():
    """Compare bytes with a golden file, or accept them: tables only where numbers are accepted (`tests/golden.py`)."""
    return golden_files(Path(__file__).parent / "golden")
