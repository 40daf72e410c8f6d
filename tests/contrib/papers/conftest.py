"""Golden files: what is made for papers of the small document."""

from pathlib import Path

import pytest

from tests.golden import golden_files


@pytest.fixture
def golden():
    """Compare bytes with a golden file, or accept them (`tests/golden.py`)."""
    return golden_files(Path(__file__).parent / "golden")
