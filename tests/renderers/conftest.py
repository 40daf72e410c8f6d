"""Golden files: what each renderer makes of the small document, kept where a person can open it."""

import os
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden():
    """Compare bytes with a golden file, or accept them where DIPTYCH_ACCEPT is set."""

    def compare(name, content):
        path = GOLDEN / name
        if os.environ.get("DIPTYCH_ACCEPT"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.is_file(), f"no golden file {name}: DIPTYCH_ACCEPT=1 pytest tests/renderers makes it"
        assert content.decode() == path.read_bytes().decode()

    return compare
