"""Every slot has a toy from outside, and an entry of it takes at most two files."""

import tomllib
from pathlib import Path

from diptych.slots import GROUPS
from tests.extending.conftest import BLOCK, PAGE

FILES = dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
TOYS = tomllib.loads(FILES["pyproject.toml"])["project"]["entry-points"]


def files_of(name, target):
    """Return the files of an entry: its module, and its template if it has one."""
    module = f"{target.partition(':')[0].replace('.', '/')}.py"
    return {file for file in FILES if file == module or Path(file).name == f"{name}.j2"}


def test_every_slot_has_a_toy():
    tests = {path.name: path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")}
    elsewhere = {group for group in GROUPS.values() if any(f'"{group}"' in text for text in tests.values())}
    assert set(GROUPS.values()) - set(TOYS) - elsewhere == set()
    assert set(TOYS) <= set(GROUPS.values())


def test_a_toy_takes_at_most_two_files():
    found = [files_of(name, target) for entries in TOYS.values() for name, target in entries.items()]
    assert {len(files) for files in found} == {1, 2}
    assert set().union(*found) == set(FILES) - {"pyproject.toml"}
