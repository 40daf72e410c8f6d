"""Draw the packages of the program from its own imports: `python -m tools.architecture` writes docs/architecture.svg.

The rows are the layers of the import contract in pyproject.toml, highest first. A package imports only from lower rows.
A line leads from a package to an imported package if there is no other package between the two. Packages that all
others may use are at the bottom, without lines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
PACKAGE = "diptych"

_WIDTH, _FLOOR, _HEIGHT, _GAP = 960, 62, 38, 14
_LETTER, _ROOM = 7.2, 28
_GROUND = "formats"
"""A package in the highest of the layers that every package may use."""

_PACKS = "contrib"
"""The folder of packs. Each pack is drawn as a package."""

Edges = Mapping[str, frozenset[str]]


def floors() -> list[list[str]]:
    """Return the packages of each layer, highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    packs = sorted(_pack(folder.parent.name) for folder in (ROOT / "report" / _PACKS).glob("*/__init__.py"))
    every = [[room.strip() for room in layer.split("|")] for layer in layers]
    users = _users(contracts)
    found = [[one for room in floor for one in (packs if room == _PACKS else [room])] for floor in every]
    return [users, *([one for one in floor if one not in users] for floor in found)]


def _users(contracts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the packs that may import another pack, by the contract on packs. They have a layer of their own."""
    of_packs = next(c for c in contracts if c["type"] == "independence" and c["modules"] == [f"{PACKAGE}.{_PACKS}.*"])
    return sorted({_pack(pair.split(".")[2]) for pair in of_packs.get("ignore_imports", [])})


def imports() -> tuple[Edges, Mapping[str, int]]:
    """Return the imports between packages, and the number of modules in each package."""
    graph = grimp.build_graph(PACKAGE)
    rooms = {room for floor in floors() for room in floor}
    found: dict[str, set[str]] = {room: set() for room in rooms}
    sizes = dict.fromkeys(rooms, 0)
    for module in graph.modules:
        own = _room(module)
        if own not in rooms:
            continue
        sizes[own] += 1
        for other in graph.find_modules_directly_imported_by(module):
            if _room(other) in rooms and _room(other) != own:
                found[own].add(_room(other))
    return {room: frozenset(others) for room, others in found.items()}, sizes


def _room(module: str) -> str:
    _, *rooms = module.split(".")
    return "".join(map(_pack, rooms[1:2]) if rooms[:1] == [_PACKS] else rooms[:1])


def _pack(name: str) -> str:
    """Return the label of a pack: its name, or "measures pack" if a package of the core has the same name."""
    return f"{name} pack" if (ROOT / "report" / name / "__init__.py").exists() else name


def reduced(edges: Edges) -> Edges:
    """Return the imports that no longer path implies (the transitive reduction)."""
    reach: dict[str, frozenset[str]] = {}

    def reached(room: str) -> frozenset[str]:
        if room not in reach:
            reach[room] = frozenset(edges[room]).union(*(reached(other) for other in edges[room]))
        return reach[room]

    return {
        room: frozenset(other for other in others if not any(other in reached(one) for one in others if one != other))
        for room, others in edges.items()
    }


def drawn() -> str:
    """Return the picture."""
    every = [sorted(floor) for floor in floors()]
    edges, sizes = imports()
    places: dict[str, tuple[float, float, float]] = {}
    for number, floor in enumerate(every):
        widths = [_LETTER * len(_words(room, sizes)) + _ROOM for room in floor]
        left = (_WIDTH - sum(widths) - _GAP * (len(floor) - 1)) / 2
        for room, width in zip(floor, widths, strict=True):
            places[room] = (left, 12 + number * _FLOOR, width)
            left += width + _GAP
    height = 12 + len(every) * _FLOOR
    ground = next(number for number, floor in enumerate(every) if _GROUND in floor)
    used = {room for floor in every[ground:] for room in floor}
    shown = reduced({room: others - used for room, others in edges.items()})
    lines = [_line(places[room], places[other]) for room in sorted(shown) for other in sorted(shown[room])]
    boxes = [_box(places[room], _words(room, sizes)) for floor in every for room in floor]
    return _page(height, [*lines, *boxes])


def _words(room: str, sizes: Mapping[str, int]) -> str:
    return room if sizes[room] == 1 else f"{room} ({sizes[room]})"


def _line(above: tuple[float, float, float], below: tuple[float, float, float]) -> str:
    x, y, u, v = above[0] + above[2] / 2, above[1] + _HEIGHT, below[0] + below[2] / 2, below[1]
    bend = (v - y) / 2
    return f'<path d="M{x:.1f},{y:.1f}C{x:.1f},{y + bend:.1f} {u:.1f},{v - bend:.1f} {u:.1f},{v:.1f}"/>'


def _box(place: tuple[float, float, float], words: str) -> str:
    x, y, width = place
    text = f'<text x="{x + width / 2:.1f}" y="{y + _HEIGHT / 2 + 4.5:.1f}">{escape(words)}</text>'
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_HEIGHT}" rx="5"/>{text}'


def _page(height: float, inside: Sequence[str]) -> str:
    style = (
        "rect{fill:#f3f5f7;stroke:#7a8591}text{font:13px sans-serif;text-anchor:middle;fill:#16191d}"
        "path{fill:none;stroke:#9aa4ae;stroke-width:1}"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" role="img">'
    title = "<title>The components of the program by layer; a component imports only from lower layers</title>"
    return "\n".join((head, title, f"<style>{style}</style>", *inside, "</svg>", ""))


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
