"""The colour scale that the panels of a figure share, and the data of a figure on it: one row for each cell.

Rows have fixed field names. Names of categories are values here, never field names or parts of expressions, so they may
hold anything. A field that a cell has no value for is left out. Numbers keep six digits.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from .. import formats
from ..cells import FAINT, NUMBERED, WITHHELD, MeasureInfo, Panel
from ..theme import colours
from . import FigureSettings, Scheme

DRAWN = frozenset(NUMBERED)
"""States whose value, where there is one, is drawn as a colour."""

SMALLEST = 0.005
"""Smaller numbers are 0.00 to two decimals."""

LARGE_COUNT = 100
"""From here on counts are coloured by their square roots: one large cell would leave all others the lowest colour."""

MAX_LOG2 = 6
"""Ratios are coloured up to 64 times (and down to 1/64); beyond, they take the end colour."""


@dataclass(frozen=True, slots=True)
class ColourScale:
    """Values from `low` to `high` take the colours of `scheme`; `log` where ratios are compared.

    `ticks` are the values that the colour bar names, `tick_format` how (d3-format). `convention`: values of cells
    that nothing is in are agreed on, not observed. `root`: colours follow square roots. `nothing`: the scale starts
    where a cell has nothing in it, so that an exact 0 needs no colour.
    """

    low: float
    high: float
    scheme: Scheme
    ticks: tuple[float, ...]
    tick_format: str
    log: bool = False
    convention: bool = False
    root: bool = False
    nothing: bool = False

    def level(self, value: float) -> float:
        """Return where a value stands, 0 (low) to 1 (high); values beyond an end stand at it."""
        if self.log:
            value = math.log2(value) if value > 0 else -math.inf
            low, high = math.log2(self.low), math.log2(self.high)
        elif self.root:
            value, low, high = math.sqrt(max(value, 0.0)), math.sqrt(self.low), math.sqrt(self.high)
        else:
            low, high = self.low, self.high
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def tick_texts(self) -> tuple[str, ...]:
        """Return the texts at the ticks, as the colour bar writes them."""
        if self.log:
            return tuple(f"1/{1 / tick:.3g}" if tick < 1 else f"{tick:.3g}" for tick in self.ticks)
        return tuple(format(tick, self.tick_format).replace("-", "\N{MINUS SIGN}") for tick in self.ticks)

    def holds(self, value: float) -> bool:
        """Return whether a value lies within the scale."""
        return self.low <= value <= self.high


def colour_scale(figure: FigureSettings, panels: Sequence[Panel]) -> ColourScale:
    """Return the one scale of panels of one measure: as declared, or the measure's range, or the data's.

    The data's range is widened to round numbers, and is symmetric around the null of a diverging measure.
    """
    measure = panels[0].measure
    scheme = figure.scheme or (colours.DIVERGING_DEFAULT if measure.diverging else colours.SEQUENTIAL_DEFAULT)
    log = is_ratio(measure) and (figure.scale is None or figure.scale[0] > 0)
    low, high = figure.scale or _range(panels, log=log)
    log = log or (figure.colours == "log" and low > 0)
    root = figure.colours == "sqrt" or (figure.colours is None and measure.name == "count" and high >= LARGE_COUNT)
    ticks = _powers(low, high) if log else _quarters(low, high)
    return ColourScale(
        low,
        high,
        scheme,
        ticks,
        _tick_format(ticks),
        log=log,
        convention=measure.convention,
        root=root and not log and low >= 0,
        nothing=low == 0 and not measure.diverging and not log,
    )


def is_ratio(measure: MeasureInfo) -> bool:
    """Return whether values compare with 1 as ratios do, so that 2 and 1/2 are equally far from it."""
    return measure.diverging and measure.null == 1


def number_text(value: float, measure: MeasureInfo) -> str:
    """Return the number that stands in a cell: two decimals; counts whole; fewer decimals where long.

    What is not 0 is never written as 0, nor what is not 1 as 1 where that is the most.

    >>> from diptych.cells import MeasureInfo
    >>> share, lift = MeasureInfo("conditional", "Share", "", 0, 1), MeasureInfo("lift", "Lift", "", 0, None, 1.0)
    >>> number_text(0.909, share), number_text(1, share), number_text(23.55, lift), number_text(236.4, lift)
    ('0.91', '1.00', '23.6', '236')
    >>> number_text(0.004, share), number_text(0.9951, share), number_text(0, share)
    ('<.01', '>.99', '0.00')
    """
    if measure.name == "count":
        return formats.count(value)
    if not measure.diverging and 0 < value < SMALLEST:
        return "<.01"
    if measure.upper == 1 and 1 - SMALLEST <= value < 1:
        return ">.99"
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    if is_ratio(measure) and 0 < value <= SMALLEST:
        return "<0.01"
    nothing = abs(value) < 0.5 * 10.0**-digits  # no minus sign before 0.00
    return formats.decimal(0.0 if nothing else value, digits)


def _coloured(panel: Panel) -> set[float]:
    """Return the values that have a colour."""
    columns = zip(panel.column("state"), panel.column("value"), strict=True)
    return {value for state, value in columns if state in DRAWN and value is not None}


def _ratio_range(values: Sequence[float]) -> tuple[float, float]:
    farthest = max((abs(math.log2(value)) for value in values if value > 0), default=1.0)
    power = min(max(math.ceil(farthest - 1e-9), 1), MAX_LOG2)
    return 2.0**-power, 2.0**power


def _range(panels: Sequence[Panel], *, log: bool) -> tuple[float, float]:
    measure = panels[0].measure
    if not log and measure.lower is not None and measure.upper is not None:
        return measure.lower, measure.upper
    values = tuple(set().union(*map(_coloured, panels)))
    if log:
        return _ratio_range(values)
    if measure.diverging and measure.null is not None:
        reach = _rounded_up(max((abs(value - measure.null) for value in values), default=1.0), measure)
        return measure.null - reach, measure.null + reach
    low = measure.lower if measure.lower is not None else min(0.0, *values, 0.0)
    high = measure.upper if measure.upper is not None else max((*values, low))
    return low, low + _rounded_up(high - low, measure)


def _rounded_up(reach: float, measure: MeasureInfo) -> float:
    """Return the least 4 x (1, 2, 2.5 or 5) x 10^k that reaches; counts keep whole quarters, logs whole halves."""
    if reach <= 0:
        return 4.0 if measure.name == "count" else 1.0
    if measure.name == "log2_lift":
        return float(min(max(math.ceil(reach / 2 - 1e-9) * 2, 2), MAX_LOG2))
    power = 10.0 ** math.floor(math.log10(reach / 4))
    quarters = [factor * power for factor in (1, 2, 2.5, 5, 10)]
    if measure.name == "count":
        quarters = [1.0, *(quarter for quarter in quarters if quarter >= 1 and quarter.is_integer())]
    return 4 * next((quarter for quarter in quarters if 4 * quarter >= reach - 1e-12), 10 * power)


def _quarters(low: float, high: float) -> tuple[float, ...]:
    return tuple(round(low + (high - low) * quarter / 4, 12) for quarter in range(5))


def _powers(low: float, high: float) -> tuple[float, ...]:
    first, last = math.ceil(math.log2(low) - 1e-9), math.floor(math.log2(high) + 1e-9)
    step = max(1, math.ceil((last - first) / 6))
    return tuple(2.0**power for power in range(first, last + 1) if power % step == 0)


def _tick_format(ticks: Sequence[float]) -> str:
    """Return the d3 format with as many decimals as the ticks need: at least two, none for whole numbers above 1."""
    if all(tick == int(tick) for tick in ticks):
        return ",.0f"
    decimals = next((n for n in range(2, 7) if all(abs(round(t, n) - t) < 1e-9 for t in ticks)), 6)
    return f".{decimals}f"


HATCH = "M-1,-0.5L-0.5,-1M-1,0L0,-1M-1,0.5L0.5,-1M-1,1L1,-1M-0.5,1L1,-0.5M0,1L1,0M0.5,1L1,0.5"
CROSS = "M-1,-1L1,1M-1,1L1,-1"
DOT = "M-0.09,-0.04L-0.04,-0.09L0.04,-0.09L0.09,-0.04L0.09,0.04L0.04,0.09L-0.04,0.09L-0.09,0.04Z"
DASH = "M-0.3,0L0.3,0"
SHUT = "M-0.3,-0.3L0.3,-0.3L0.3,0.3L-0.3,0.3Z"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One line of the key: the state it explains (`beyond`: a line without a sign), and the words."""

    state: str
    text: str


def key_entries(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> tuple[KeyEntry, ...]:
    """Return the entries that the panels need, in a fixed order; none where every cell is plain.

    `scales` are those of the panels, by panel id.
    """
    words = state_words(panels)
    states = {""}.union(*(shown_states(panel, scales[panel.id]) for panel in panels))
    entries = [KeyEntry(state, text) for state, text in words.items() if state in states]
    if any(_beyond(panel, scales[panel.id]) for panel in panels):
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
        "uncertain": "too uncertain: pale",
        "empty": f"no {unit} in this row or column",
        "masked": "not shown: both sides are the same items",
        "undefined": "undefined",
    } | (withheld_words(unit) if any(panel.is_withheld for panel in panels) else {})


def withheld_words(unit: str) -> dict[str, str]:
    """Return what states of withheld cells mean in words."""
    return {"withheld": f"withheld: too few {unit} to show", "withheld_rest": f"withheld: too few other {unit}"}


def _unit(panels: Sequence[Panel]) -> str:
    units = {panel.unit.plural for panel in panels}
    return units.pop() if len(units) == 1 else "units"


@lru_cache(maxsize=8)
def _beyond(panel: Panel, scale: ColourScale) -> bool:
    values = zip(shown_states(panel, scale), panel.column("value"), strict=True)
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
    if panel.is_withheld:  # a page says of a cell without units that it has none
        hidden = (state in WITHHELD for state in states)
        columns["of"] = [None if is_hidden else of for of, is_hidden in zip(columns["of"], hidden, strict=True)]
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
        absent = not n_outcome or baseline is None
        state = "withheld" if n_outcome is None and panel.n_units is not None else "empty"
        row: Row = {"outcome": outcome, "state": state if absent else "measured"}
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
    ink = colours.ink(colours.pale(shade) if state in FAINT else shade)
    return {"text": number_text(value, panel.measure), "ink": ink}


def _numbers(**numbers: float | None) -> Row:
    return {name: _short(number) for name, number in numbers.items() if number is not None}


def _shortened(column: Sequence[float | None]) -> list[float | None]:
    short = {number: None if number is None else _short(number) for number in set(column)}
    return [short[number] for number in column]


def _short(number: float) -> float:
    short = float(f"{number:.6g}") if number != int(number) else int(number)
    return short or 0
