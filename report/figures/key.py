"""The key under a figure: what the cells without a plain number mean. Only what occurs is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cells import Panel
from .rows import shown_states
from .scales import DRAWN, ColourScale

HATCH = "M-1,-0.5L-0.5,-1M-1,0L0,-1M-1,0.5L0.5,-1M-1,1L1,-1M-0.5,1L1,-0.5M0,1L1,0M0.5,1L1,0.5"
CROSS = "M-1,-1L1,1M-1,1L1,-1"
CORNER = "M0.35,-1L1,-1L1,-0.35Z"
DASH = "M-0.3,0L0.3,0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the key: the state it explains, and the words."""

    state: str
    text: str


def key_entries(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> tuple[Entry, ...]:
    """Return the entries that the panels need, in a fixed order; none where every cell is plain.

    `scales` are those of the panels, by panel id.
    """
    units = {panel.unit.plural for panel in panels}
    unit = units.pop() if len(units) == 1 else "units"
    words = {
        "few": "too few to judge: shown, not interpreted",
        "no_given": f"no {unit} in this row",
        "no_outcome": f"no {unit} in this column",
        "masked": "not shown: both sides are the same items",
        "undefined": f"no {unit} with both categories" if _none_joint(panels, scales) else "undefined",
    }
    states = {state for panel in panels for state in shown_states(panel, scales[panel.id])}
    entries = [Entry(state, text) for state, text in words.items() if state in states]
    if any(_beyond(panel, scales[panel.id]) for panel in panels):
        entries.append(Entry("beyond", "values beyond the colour scale take its end colour"))
    return tuple(entries)


def _none_joint(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> bool:
    """Return whether every cell without a colour is one that nothing is in."""
    return all(
        joint == 0
        for panel in panels
        for state, joint in zip(shown_states(panel, scales[panel.id]), panel.column("n_joint"), strict=True)
        if state == "undefined"
    )


def _beyond(panel: Panel, scale: ColourScale) -> bool:
    return any(
        state in DRAWN and value is not None and not scale.holds(value)
        for state, value in zip(shown_states(panel, scale), panel.column("value"), strict=True)
    )
