"""Golden files: what each renderer makes of the small document, kept where a person can open it."""

from pathlib import Path

import pytest

from tests.golden import TARGETS, is_accepting, net_of

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden():
    """Compare bytes with a golden file, or accept them: tables only where numbers are accepted (`tests/golden.py`)."""

    def compare(name, content):
        path = GOLDEN / name
        if is_accepting(net_of(name)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.is_file(), f"no golden file {name}: `{TARGETS[net_of(name)]}` makes it"
        assert content.decode() == path.read_bytes().decode()

    return compare
