"""The picture of the rooms is that of the imports; every room has its paragraph, every file that is named is there."""

import os
import re
from pathlib import Path

from tools import architecture

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_picture_is_golden():
    if os.environ.get("DIPTYCH_ACCEPT"):
        architecture.main()
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.drawn()


def test_every_room_has_its_words():
    rooms = {room for floor in architecture.floors() for room in floor} - {"__main__"}
    assert set(re.findall(r"\*\*(\w+)\*\*", PAGE)) == rooms


def test_every_file_that_is_named_exists():
    named = [name for name in re.findall(r"`([\w./]+)`", PAGE) if "/" in name and not name.startswith("data/left")]
    assert len(named) > 25
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_lines_lead_down_and_past_no_other_room():
    edges, _ = architecture.imports()
    level = {room: number for number, floor in enumerate(architecture.floors()) for room in floor}
    assert all(level[room] < level[other] for room, others in edges.items() for other in others)
    assert architecture.reduced({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}) == {
        "a": frozenset("b"), "b": frozenset("c"), "c": frozenset(),
    }  # fmt: skip
