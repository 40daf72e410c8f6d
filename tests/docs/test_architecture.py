"""The picture of the rooms is that of the imports; every room has its paragraph, every file that is named is there."""

import ast
import os
import re
from pathlib import Path

import networkx as nx
import pytest

from tools import architecture

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WHERE = (ROOT / "docs" / "where.md").read_text(encoding="utf-8")


def test_the_picture_is_golden():
    if os.environ.get("DIPTYCH_ACCEPT"):
        architecture.main()
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.drawn()


def sources():
    return {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "report").rglob("*.py"))}


def leads_to(path, tree):
    """Yield the modules that one imports when it is imported; what a function imports, or types alone, is no cycle."""
    package = path.relative_to(ROOT / "report").parts[:-1]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            start = (*package[: len(package) - node.level + 1], *filter(None, (node.module or "").split(".")))
            for name in node.names:
                own = ROOT.joinpath("report", *start, f"{name.name}.py")
                yield own if own.exists() else ROOT.joinpath("report", *start).with_suffix(".py")


def test_no_module_leads_back_to_itself():
    edges = [(path, to) for path, text in sources().items() for to in leads_to(path, ast.parse(text))]
    assert len(edges) > 2000
    assert [names for names in nx.strongly_connected_components(nx.DiGraph(edges)) if len(names) > 1] == []


def test_every_room_has_its_words():
    rooms = {room.removesuffix(" pack") for floor in architecture.floors() for room in floor} - {"__main__"}
    assert set(re.findall(r"\*\*(\w+)\*\*", PAGE)) == rooms


@pytest.mark.parametrize("page", [PAGE, WHERE], ids=["architecture", "where"])
def test_every_file_that_is_named_exists(page):
    named = [name for name in re.findall(r"`([\w./]+)`", page) if "/" in name and not name.startswith("data/left")]
    assert len(named) > 25
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_lines_lead_down_and_past_no_other_room():
    edges, _ = architecture.imports()
    level = {room: number for number, floor in enumerate(architecture.floors()) for room in floor}
    assert all(level[room] < level[other] for room, others in edges.items() for other in others)
    assert architecture.reduced({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}) == {
        "a": frozenset("b"), "b": frozenset("c"), "c": frozenset(),
    }  # fmt: skip
