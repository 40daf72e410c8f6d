"""The data of a figure: one row for each cell, and for the baseline row, under fixed field names.

Names of categories are values here, never field names or parts of expressions, so they may hold anything.
A field that a cell has no value for is left out. Numbers keep six digits.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from ..cells import Panel
from ..theme import colours
from .scales import DRAWN, ColourScale, number_text

HATCH = "M-1,-0.5L-0.5,-1M-1,0L0,-1M-1,0.5L0.5,-1M-1,1L1,-1M-0.5,1L1,-0.5M0,1L1,0M0.5,1L1,0.5"
CROSS = "M-1,-1L1,1M-1,1L1,-1"
DOT = "M-0.09,-0.04L-0.04,-0.09L0.04,-0.09L0.09,-0.04L0.09,0.04L0.04,0.09L-0.04,0.09L-0.09,0.04Z"
DASH = "M-0.3,0L0.3,0"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One line of the key: the state it explains (`beyond`: a line without a sign), and the words."""

    state: str
    text: str


def key_entries(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> tuple[KeyEntry, ...]:
    """Return the entries that the panels need, in a fixed order; none where every cell is plain.

    `scales` are those of the panels, by panel id.
    """
    shown = {panel.id: shown_states(panel, scales[panel.id]) for panel in panels}
    words = state_words(panels)
    states = {state for of_panel in shown.values() for state in of_panel}
    entries = [KeyEntry(state, text) for state, text in words.items() if state in states]
    if any(_beyond(panel, scales[panel.id], shown[panel.id]) for panel in panels):
        entries.append(KeyEntry("beyond", "values beyond the colour scale take its end colour"))
    lines = dict.fromkeys(line for panel in panels for line in folded_lines(panel))
    parts = (part for line in lines for part in textwrap.wrap(line, _KEY_LETTERS, break_long_words=False))
    return (*entries, *(KeyEntry("beyond", part) for part in parts))


_MOST_LETTERS, _KEY_LETTERS = 70, 30
"""How many letters of names are told, and how many stand in a line of the key."""


def folded_lines(panel: Panel) -> Iterator[str]:
    """Yield the lines that say which categories are folded and how many, one for each side that has any."""
    given, outcome = panel.folded
    if panel.same_taxonomy:
        yield from _folded(given, "row and column" if len(given) == 1 else "rows and columns", panel)
        return
    for names, kind in ((given, panel.given), (outcome, panel.outcome)):
        what = "category" if len(names) == 1 else "categories"
        yield from _folded(names, f"{what} of {kind.singular}", panel)


def _folded(names: Sequence[str], what: str, panel: Panel) -> Iterator[str]:
    if not names:
        return
    shown = [name for at, name in enumerate(names) if at == 0 or len(", ".join(names[: at + 1])) <= _MOST_LETTERS]
    rest = len(names) - len(shown)
    listed = ", ".join(shown) + (f" and {rest} more" if rest else "")
    yield f"folded: {len(names)} {what} without {panel.unit.plural} ({listed})"


def state_words(panels: Sequence[Panel]) -> dict[str, str]:
    """Return what each state but `measured` means in words, in the order of a key."""
    unit = _unit(panels)
    return {
        "nothing": f"no {unit} with both categories",
        "few": "too few to judge: pale",
        "empty": f"no {unit} in this row or column",
        "masked": "not shown: both sides are the same items",
        "undefined": "undefined",
    }


def _unit(panels: Sequence[Panel]) -> str:
    units = {panel.unit.plural for panel in panels}
    return units.pop() if len(units) == 1 else "units"


def _beyond(panel: Panel, scale: ColourScale, states: Sequence[str]) -> bool:
    values = zip(states, panel.column("value"), strict=True)
    drawn = {value for state, value in values if state in DRAWN and value is not None}
    return bool(drawn) and not (scale.holds(min(drawn)) and scale.holds(max(drawn)))


Row = dict[str, str | float]


def cell_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each cell, in row-major declared order.

    Fields: `given`, `outcome`, `state`; `value` (only where it is drawn), `low`, `high`, `joint`, `of`
    (units with the given category), `base`, `lift`, `q`; with `values` also `text` and its `ink`.
    """
    states = shown_states(panel, scale)
    columns: dict[str, Sequence[str | float | None]] = {
        "given": panel.column("given"),
        "outcome": panel.column("outcome"),
        "state": states,
    }
    columns |= {field: _shortened(panel.column(name)) for field, name in _ALWAYS.items()}
    drawn = [state in DRAWN and value is not None for state, value in zip(states, panel.column("value"), strict=True)]
    for name in ("value", "low", "high"):
        own = (number if is_drawn else None for number, is_drawn in zip(panel.column(name), drawn, strict=True))
        columns[name] = _shortened(list(own))
    if values:
        columns |= _texts(panel, scale, drawn, states)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


_ALWAYS = {"joint": "n_joint", "of": "n_given", "base": "baseline", "lift": "lift", "q": "q_value"}
"""Fields that a row has whatever its state, with the fields of `Cell` that they show."""


def has_baseline(panel: Panel) -> bool:
    """Return whether a row of base rates P(b) belongs under the panel."""
    return panel.measure.name == "conditional" and any(share is not None for share in panel.column("baseline"))


def baseline_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each outcome category: P(b) among all units, blank where the category does not occur.

    Fields: `outcome`, `state`; `value`, `joint` (units with the outcome), `of` (all units), `text`, `ink`.
    """
    rows: list[Row] = []
    columns = (panel.column(name) for name in ("outcome", "n_outcome", "n_units", "baseline"))
    for outcome, n_outcome, n_units, baseline in islice(zip(*columns, strict=True), len(panel.outcome_categories)):
        absent = n_outcome == 0 or baseline is None
        row: Row = {"outcome": outcome, "state": "empty" if absent else "measured"}
        row |= _numbers(joint=n_outcome, of=n_units)
        if not absent:
            row |= _numbers(value=baseline)
            row |= _written(baseline, panel, scale, "measured") if values else {}
        rows.append(row)
    return rows


def baseline_label(panel: Panel) -> str:
    """Return what the baseline row is called, e.g. "all models"."""
    return f"all {panel.unit.plural}"


@lru_cache(maxsize=8)
def shown_states(panel: Panel, scale: ColourScale) -> tuple[str, ...]:
    """Return the state that each cell is drawn in: its own, `empty`, `nothing` or `undefined`.

    A row or column without units is `empty`. `undefined` is a value without a colour: one that does not exist (the
    logarithm of a lift where nothing has both categories), 0 on a scale of ratios, and what is agreed on where nothing
    has both (an odds ratio of halves, an NPMI of -1), whose colour would be that of a strong contrast. It is `nothing`
    where no unit has both categories, as is an exact 0 on a scale that starts there.
    """
    columns = (panel.column(name) for name in ("state", "value", "n_joint"))
    return tuple(_shown(state, value, joint, scale) for state, value, joint in zip(*columns, strict=True))


def _shown(state: str, value: float | None, joint: float | None, scale: ColourScale) -> str:
    if state in ("no_given", "no_outcome"):
        return "empty"
    if state not in DRAWN:
        return state
    if value is None or (scale.convention and joint == 0) or (scale.log and value <= 0):
        return "nothing" if joint == 0 else "undefined"
    return "nothing" if scale.nothing and value == 0 else state


def _texts(
    panel: Panel, scale: ColourScale, drawn: Sequence[bool], states: Sequence[str]
) -> dict[str, Sequence[str | None]]:
    """Return what is written in each cell that is drawn, and in which ink."""
    values = [value if is_drawn else None for value, is_drawn in zip(panel.column("value"), drawn, strict=True)]
    pairs = list(zip(values, states, strict=True))
    written = {(v, state): _written(v, panel, scale, state) for v, state in set(pairs) if v is not None}
    return {name: [None if pair[0] is None else written[pair][name] for pair in pairs] for name in ("text", "ink")}


def _written(value: float, panel: Panel, scale: ColourScale, state: str) -> dict[str, str]:
    shade = colours.shade(scale.level(value), scale.scheme)
    ink = colours.ink(colours.pale(shade) if state == "few" else shade)
    return {"text": number_text(value, panel.measure), "ink": ink}


def _numbers(**numbers: float | None) -> Row:
    return {name: _short(number) for name, number in numbers.items() if number is not None}


def _shortened(column: Sequence[float | None]) -> list[float | None]:
    short = {number: None if number is None else _short(number) for number in set(column)}
    return [short[number] for number in column]


def _short(number: float) -> float:
    short = float(f"{number:.6g}") if number != int(number) else int(number)
    return short or 0
