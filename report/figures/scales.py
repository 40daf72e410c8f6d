"""Compute the colour scale that the panels of a figure share, and the figure's data: one row per cell.

Rows have fixed field names. Names of categories are values, never field names or parts of expressions, so they can
contain any character. A field without a value is omitted. Numbers keep six significant digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from .. import formats, portable
from ..cells import FAINT, NUMBERED, TESTED, WITHHELD, MeasureInfo, Panel
from ..theme import colours
from ..theme.fonts import text_em
from . import KEY_BOX_PX, FigureSettings, Scheme

DRAWN = frozenset(NUMBERED)
"""States whose value, if any, is drawn as a colour."""

LARGE_COUNT = 100
"""Smallest upper end of a scale of counts that uses square roots. Otherwise, one large cell would pale all others."""

MAX_LOG2 = 6
"""Ratios are coloured from 1/64 to 64, given here as a binary logarithm. Other ratios have the end colour."""


@dataclass(frozen=True, slots=True)
class ColourScale:
    """The mapping of the values of `domain`, its lower and upper end, to the colours of `scheme`.

    If `log`, colours follow logarithms, as for ratios. If `root`, they follow square roots. `ticks` are the labelled
    values of the colour bar, in the d3 format `tick_format`. If `convention`, the value of a cell without units is set
    by convention, not observed. If `nothing`, the scale starts at 0 units, so that an exact 0 needs no colour. If
    `percent`, numbers are shares in per cent. Cells with q up to `marks` have an arrow; None: no cell has one.
    """

    domain: tuple[float, float]
    scheme: Scheme
    ticks: tuple[float, ...]
    tick_format: str
    log: bool = False
    convention: bool = False
    root: bool = False
    nothing: bool = False
    percent: bool = False
    marks: float | None = None

    def level(self, value: float) -> float:
        """Return the level of a value, 0 to 1. Values beyond an end have its level."""
        low, high = self.domain
        if self.log:
            value = portable.log2(value) if value > 0 else -math.inf
            low, high = portable.log2(low), portable.log2(high)
        elif self.root:
            value, low, high = math.sqrt(max(value, 0.0)), math.sqrt(low), math.sqrt(high)
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def tick_texts(self) -> tuple[str, ...]:
        """Return the tick labels of the colour bar."""
        if self.log:
            return tuple(f"1/{1 / tick:.3g}" if tick < 1 else f"{tick:.3g}" for tick in self.ticks)
        if self.percent:
            numbers = [f"{100 * tick:.3g}" for tick in self.ticks]
            return (*numbers[:-1], f"{numbers[-1]}%")
        return tuple(format(tick, self.tick_format).replace("-", "\N{MINUS SIGN}") for tick in self.ticks)


def colour_scale(figure: FigureSettings, panels: Sequence[Panel]) -> ColourScale:
    """Return the common scale of panels of one measure, from the settings, the measure's range or the data's range.

    The range of the data is extended to round numbers. For a diverging measure, it is symmetric around the null value.
    """
    measure = panels[0].measure
    scheme = figure.scheme or (colours.DIVERGING_DEFAULT if measure.diverging else colours.SEQUENTIAL_DEFAULT)
    log = measure.is_ratio and (figure.scale is None or figure.scale[0] > 0)
    low, high = figure.scale or _range(panels, log=log)
    root = measure.name == "count" and high >= LARGE_COUNT
    ticks = _powers(low, high) if log else _quarters(low, high)
    return ColourScale(
        (low, high),
        scheme,
        ticks,
        _tick_format(ticks),
        log=log,
        convention=measure.convention,
        root=root and not log and low >= 0,
        nothing=low == 0 and not measure.diverging and not log,
        percent=figure.in_percent and measure.is_share,
        marks=figure.marks,
    )


def marks_of(panel: Panel, rate: float | None) -> list[str]:
    """Return ↑ or ↓ for each cell that differs from the other rows at a false discovery rate, else an empty text.

    With strata, the difference is the one within them, as in the tests.
    """
    if rate is None:
        return [""] * len(panel.cells)
    columns = (panel.column(name) for name in ("q_value", "lift", "lift_within_strata", "state"))
    return [
        _mark(q, lift if within is None else within, state, rate)
        for q, lift, within, state in zip(*columns, strict=True)
    ]


def _mark(q: float | None, ratio: float | None, state: str, rate: float) -> str:
    if q is None or ratio is None or q > rate or state not in TESTED:
        return ""
    return "↑" if ratio > 1 else "↓" if ratio < 1 else ""


def marks_line(rate: float) -> str:
    """Return the line of the key that explains the arrows."""
    return f"↑ above, ↓ below the other rows (false discovery rate {formats.percent(rate)})"


def _coloured(panel: Panel) -> set[float]:
    """Return the values of the cells that are coloured."""
    columns = zip(panel.column("state"), panel.column("value"), strict=True)
    return {value for state, value in columns if state in DRAWN and value is not None}


def _ratio_range(values: Sequence[float]) -> tuple[float, float]:
    farthest = max((abs(portable.log2(value)) for value in values if value > 0), default=1.0)
    power = min(max(math.ceil(farthest - 1e-9), 1), MAX_LOG2)
    return portable.two_to(-power), portable.two_to(power)


def _range(panels: Sequence[Panel], *, log: bool) -> tuple[float, float]:
    measure = panels[0].measure
    if not log and measure.lower is not None and measure.upper is not None:
        return measure.lower, _upper(panels, measure.lower, measure.upper)
    values = tuple(set().union(*map(_coloured, panels)))
    if log:
        return _ratio_range(values)
    if measure.diverging and measure.null is not None:
        reach = _rounded_up(max((abs(value - measure.null) for value in values), default=1.0), measure)
        return measure.null - reach, measure.null + reach
    low = measure.lower if measure.lower is not None else min(0.0, *values, 0.0)
    high = measure.upper if measure.upper is not None else max((*values, low))
    return low, low + _rounded_up(high - low, measure)


CROWDED = 40
"""With more categories on an axis, most shares are small, and the scale ends above 99% of the different shares."""

_FULL = 0.4
"""Share of the range from which a crowded scale has its full range."""


def _upper(panels: Sequence[Panel], low: float, high: float) -> float:
    """Return the upper end of a scale with a fixed range: lower in a crowded figure with small values."""
    if max(max(len(panel.given_categories), len(panel.outcome_categories)) for panel in panels) <= CROWDED:
        return high
    values = sorted(value for panel in panels for value in _coloured(panel) if value > low)
    most = values[min(int(0.99 * len(values)), len(values) - 1)] if values else high
    reach = (most - low) / (high - low)
    return high if reach > _FULL else low + (high - low) * _rounded_up(reach, panels[0].measure)


def _rounded_up(reach: float, measure: MeasureInfo) -> float:
    """Return the least 4 x (1, 2, 2.5 or 5) x 10^k >= `reach`, with whole quarters for counts, even for logs."""
    if reach <= 0:
        return 4.0 if measure.name == "count" else 1.0
    if measure.name == "log2_lift":
        return float(min(max(math.ceil(reach / 2 - 1e-9) * 2, 2), MAX_LOG2))
    power = portable.ten_to(portable.decade(reach / 4))
    quarters = [factor * power for factor in (1, 2, 2.5, 5, 10)]
    if measure.name == "count":
        quarters = [1.0, *(quarter for quarter in quarters if quarter >= 1 and quarter.is_integer())]
    return 4 * next((quarter for quarter in quarters if 4 * quarter >= reach - 1e-12), 10 * power)


def _quarters(low: float, high: float) -> tuple[float, ...]:
    return tuple(round(low + (high - low) * quarter / 4, 12) for quarter in range(5))


def _powers(low: float, high: float) -> tuple[float, ...]:
    first, last = math.ceil(portable.log2(low) - 1e-9), math.floor(portable.log2(high) + 1e-9)
    step = max(1, math.ceil((last - first) / 4))
    return tuple(portable.two_to(power) for power in range(first, last + 1) if power % step == 0)


def _tick_format(ticks: Sequence[float]) -> str:
    """Return the d3 format with as many decimals as the ticks need, 2 to 6, or none if all are whole numbers."""
    if all(tick == int(tick) for tick in ticks):
        return ",.0f"
    decimals = next((n for n in range(2, 7) if all(abs(round(t, n) - t) < 1e-9 for t in ticks)), 6)
    return f".{decimals}f"


CROSS = "M-1,-1L1,1M-1,1L1,-1"
DOT = "M-0.09,-0.04L-0.04,-0.09L0.04,-0.09L0.09,-0.04L0.09,0.04L0.04,0.09L-0.04,0.09L-0.09,0.04Z"
DASH = "M-0.3,0L0.3,0"
SHUT = "M-0.3,-0.3L0.3,-0.3L0.3,0.3L-0.3,0.3Z"
STRIP = "M-0.78,0.6L0.78,0.6L0.78,0.85L-0.78,0.85Z"
"""Outline of the colour strip at the bottom of a cell with too little data."""


def _dashed(half: float, dashes: int) -> str:
    """Return the path of a dashed square with a short line in its middle."""
    step = 2 * half / (2 * dashes - 1)
    starts = [round(-half + 2 * step * number, 3) for number in range(dashes)]
    lines = [(a, side, round(a + step, 3), side) for a in starts for side in (-half, half)]
    lines += [(y, x, v, u) for x, y, u, v in lines]
    return "".join(f"M{x:g},{y:g}L{u:g},{v:g}" for x, y, u, v in (*lines, (-0.16, 0, 0.16, 0)))


FIXED = _dashed(0.74, 5)
"""Sign of a ratio that the counts fix at 1."""

EXPECTED_UNITS = 5.0
"""Minimum number of expected units for which a zero is coloured as an avoidance."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """An entry of the key: the state that it explains (`beyond`: an entry without a sign) and its text."""

    state: str
    text: str


def key_entries(panels: Sequence[Panel], scales: Mapping[str, ColourScale], *, pointed: bool) -> tuple[KeyEntry, ...]:
    """Return the key entries that the panels need, in a fixed order; none if every cell is an ordinary value.

    `scales` are the colour scales by panel id. If `pointed`, the ends of the colour bar already show that values lie
    beyond the scale.
    """
    words = state_words(panels)
    states = {""}.union(*(shown_states(panel, scales[panel.id]) for panel in panels))
    entries = [KeyEntry(state, text) for state, text in words.items() if state in states]
    if not pointed and any(any(beyond(panel, scales[panel.id])) for panel in panels):
        entries.append(KeyEntry("beyond", "values beyond the colour scale have the colour of its end"))
    lines = dict.fromkeys(line for panel in panels for line in folded_lines(panel))
    rates = {rate for panel in panels if (rate := scales[panel.id].marks) is not None}
    entries += [KeyEntry("beyond", marks_line(rate)) for rate in sorted(rates)]
    return (*entries, *(KeyEntry("beyond", line) for line in lines))


KEY_PX, KEY_LINE_PX, KEY_GAP_PX = 9.2, 15.0, 13.0
"""Font size of the key, height of a line, and gap between its entries."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Position of a key entry: left end and vertical middle of its sign, in pixels from the corner of the key."""

    x: float
    y: float
    entry: KeyEntry

    @property
    def text_x(self) -> float:
        """The x at which its text begins."""
        return self.x if self.entry.state == "beyond" else self.x + KEY_BOX_PX + 4


def key_places(entries: Sequence[KeyEntry], width: float) -> tuple[KeyPlace, ...]:
    """Return the entries placed in lines of `width` pixels. Text longer than a line continues on the next line.

    Text without a sign starts a new line if the key then has at most two lines, the height of a colour bar.
    """
    places = _key_places(entries, width, apart=True)
    is_low = not places or places[-1].y < 2 * KEY_LINE_PX
    return places if is_low else _key_places(entries, width, apart=False)


def _key_places(entries: Sequence[KeyEntry], width: float, *, apart: bool) -> tuple[KeyPlace, ...]:
    places: list[KeyPlace] = []
    x, line = 0.0, 0
    for entry in entries:
        sign = 0.0 if entry.state == "beyond" else KEY_BOX_PX + 4.0
        parts = _parts(entry.text, (width - sign) / KEY_PX)
        for number, part in enumerate(parts):
            needed = sign + text_em(part) * KEY_PX
            if x and (number or (apart and entry.state == "beyond") or x + needed > width):
                x, line = 0.0, line + 1
            at = x if not number else x + sign
            state = entry.state if not number else "beyond"
            places.append(KeyPlace(round(at, 1), (line + 0.5) * KEY_LINE_PX, KeyEntry(state, part)))
            x += needed + KEY_GAP_PX
    return tuple(places)


def _parts(text: str, most_em: float) -> list[str]:
    """Return a text wrapped to lines of at most `most_em`, unless a single word is longer."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_em(f"{lines[-1]} {word}") <= most_em:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def key_height(entries: Sequence[KeyEntry], width: float) -> float:
    """Return the height of the key with lines of `width` pixels; 0 without entries."""
    places = key_places(entries, width)
    return places[-1].y + KEY_LINE_PX / 2 if places else 0.0


def key_width(entries: Sequence[KeyEntry], width: float) -> float:
    """Return the width of the key with lines of at most `width` pixels; 0 without entries."""
    ends = (p.text_x + text_em(p.entry.text) * KEY_PX for p in key_places(entries, width))
    return math.ceil(max(ends, default=0.0))


_MOST_LETTERS = 70
"""Maximum total length of the listed names."""


def folded_lines(panel: Panel) -> Iterator[str]:
    """Yield a line that lists the categories that are not shown, if there are any."""
    given, outcome = panel.folded
    if panel.same_taxonomy:
        yield from _folded(given, panel)
        return
    yield from _folded(tuple(dict.fromkeys((*given, *outcome))), panel)


def _folded(names: Sequence[str], panel: Panel) -> Iterator[str]:
    if not names:
        return
    shown = [name for at, name in enumerate(names) if at == 0 or len(", ".join(names[: at + 1])) <= _MOST_LETTERS]
    rest = len(names) - len(shown)
    listed = ", ".join(shown) + (f" and {rest} more" if rest else "")
    yield f"Not shown, no {panel.unit.plural}: {listed}"


def state_words(panels: Sequence[Panel]) -> dict[str, str]:
    """Return the text for each state except `measured`, in the order of the key."""
    unit = _unit(panels)
    return {
        "avoided": f"none, {EXPECTED_UNITS:g} or more {unit} expected",
        "nothing": f"none, fewer than {EXPECTED_UNITS:g} expected" if _of_ratios(panels) else "none",
        "few": "too little data",
        "uncertain": "uncertain: interval over 60 points",
        "fixed": "not estimable",
        "empty": f"no {unit} in this row or column",
        "masked": _MASKED[panels[0].is_masked_empty],
        "undefined": "undefined",
    } | (withheld_words(unit) if any(panel.is_withheld for panel in panels) else {})


def _of_ratios(panels: Sequence[Panel]) -> bool:
    return any(has_avoidances(panel.measure) for panel in panels)


def has_avoidances(measure: MeasureInfo) -> bool:
    """Return whether a measure compares observed and expected counts, so that a zero can be an avoidance."""
    return measure.name in (*_EXPECTATIONS, "log2_lift")


_MASKED = {False: "not shown: both sides are the same items", True: "not in the table"}
"""The text for a masked cell, by whether the diagonal is empty."""

_EXPECTATIONS = {"lift": "expected", "lift_within_strata": "expected_within_strata"}
"""The column of expected counts in the denominator of each ratio."""


def withheld_words(unit: str) -> dict[str, str]:
    """Return the text for each state of withheld cells."""
    return {"withheld": f"withheld: too few {unit} to show", "withheld_rest": f"withheld: too few other {unit}"}


def _unit(panels: Sequence[Panel]) -> str:
    units = {panel.unit.plural for panel in panels}
    return units.pop() if len(units) == 1 else "units"


@lru_cache(maxsize=8)
def beyond(panel: Panel, scale: ColourScale) -> tuple[bool, bool]:
    """Return whether values lie below the scale and above it, for which that end of the colour bar is pointed."""
    drawn = {level for level in coloured_values(panel, scale) if level is not None}
    return bool(drawn) and min(drawn) < scale.domain[0], bool(drawn) and max(drawn) > scale.domain[1]


def coloured_values(panel: Panel, scale: ColourScale) -> list[float | None]:
    """Return the value that gives each cell its colour: its own or, for an avoidance, the value for half a unit."""
    states, values = shown_states(panel, scale), panel.column("value")
    shades = _shades_of_zeros(panel, states)
    return [
        shade if shade is not None else value if state in DRAWN else None
        for state, value, shade in zip(states, values, shades, strict=True)
    ]


def _shades_of_zeros(panel: Panel, states: Sequence[str]) -> list[float | None]:
    """Return the value for half a unit for each coloured zero, None for all other cells."""
    if not has_avoidances(panel.measure):
        return [None] * len(states)
    columns = zip(states, panel.column("n_joint"), _half_units(panel), strict=True)
    return [half if joint == 0 and state in ("avoided", *FAINT) else None for state, joint, half in columns]


def _half_units(panel: Panel) -> list[float | None]:
    """Return the value of the measure for half a unit in each cell."""
    expected = panel.column(_EXPECTATIONS.get(panel.measure.name, "expected"))
    ratios = (0.5 / n if n else None for n in expected)
    return [portable.log2(n) if n and panel.measure.name == "log2_lift" else n for n in ratios]


Row = dict[str, str | float]


def cell_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each cell, row by row in the order of the panel.

    The fields are `given`, `outcome`, `state`, `value` (only if drawn), `low`, `high`, `joint`, `of` (units with the
    given category), `base`, `lift` and `q`. With `values`, rows also have `text` and its `ink`. `shade` is the value
    that gives an avoidance its colour.
    """
    states = shown_states(panel, scale)
    columns: dict[str, Sequence[str | float | None]] = {
        "given": panel.column("given"),
        "outcome": panel.column("outcome"),
        "state": states,
    }
    columns |= {field: _shortened(panel.column(name)) for field, name in _ALWAYS.items()}
    if panel.is_withheld:  # withheld cells do not show the size of their row
        hidden = (state in WITHHELD for state in states)
        columns["of"] = [None if is_hidden else of for of, is_hidden in zip(columns["of"], hidden, strict=True)]
    drawn = [state in DRAWN and value is not None for state, value in zip(states, panel.column("value"), strict=True)]
    for name in ("value", "low", "high"):
        own = (number if is_drawn else None for number, is_drawn in zip(panel.column(name), drawn, strict=True))
        columns[name] = _shortened(list(own))
    if has_avoidances(panel.measure):
        columns["shade"] = _shortened(_shades_of_zeros(panel, states))
    if values:
        columns |= _texts(panel, scale, states)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


_ALWAYS = {"joint": "n_joint", "of": "n_given", "base": "baseline", "lift": "lift", "q": "q_value"}
"""Fields of a row in every state, with the fields of `Cell` that they show."""


def has_baseline(panel: Panel) -> bool:
    """Return whether the panel has a row of all units, with base rates P(b) or with uncoloured counts."""
    return has_base_rates(panel) or (panel.n_units is not None and panel.unit.role != "none")


def has_base_rates(panel: Panel) -> bool:
    """Return whether the row of all units shows base rates on the colour scale of the panel."""
    return panel.measure.name == "conditional" and any(share is not None for share in panel.column("baseline"))


def baseline_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each outcome category: P(b) among all units, blank if the category does not occur.

    The fields are `outcome`, `state`, `value`, `joint` (units with the outcome), `of` (all units), `text` and `ink`.
    If the measure is not a share of a row, the state is `size` and the text is the number of units.
    """
    rows: list[Row] = []
    columns = (panel.column(name) for name in ("outcome", "n_outcome", "n_units", "baseline"))
    for outcome, n_outcome, n_units, baseline in islice(zip(*columns, strict=True), len(panel.outcome_categories)):
        absent = not n_outcome or baseline is None
        state = "withheld" if n_outcome is None and panel.n_units is not None else "empty"
        rates = has_base_rates(panel)
        row: Row = {"outcome": outcome, "state": state if absent else "measured" if rates else "size"}
        row |= _numbers(joint=n_outcome, of=n_units)
        if not absent and rates:
            row |= _numbers(value=baseline)
            row |= _written(baseline, panel, scale, "measured") if values else {}
        elif not absent and values:
            row |= {"text": short_count(n_outcome), "ink": colours.LIGHT["muted"]}
        rows.append(row)
    return rows


def short_count(n: float) -> str:
    """Return a count in at most five characters.

    >>> short_count(3366), short_count(12_400), short_count(2_499_999)
    ('3,366', '12k', '2.5M')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if n >= size:
            shown = n / (1e3 if letter == "k" else size)
            return f"{shown:.1f}{letter}" if shown < 9.95 else f"{shown:.0f}{letter}"
    return formats.count(n)


def baseline_label(panel: Panel) -> str:
    """Return the name of the baseline row, e.g. "All models"."""
    return f"All {panel.unit.plural}"


@lru_cache(maxsize=8)
def shown_states(panel: Panel, scale: ColourScale) -> tuple[str, ...]:
    """Return the state in which each cell is drawn: its own state or one of the following.

    `empty`: no unit is in its row or column. `nothing`: no unit has both categories, even if the measure has a value
    there by convention (an odds ratio of halves). `avoided`: no unit has both, although
    `EXPECTED_UNITS` or more were expected (only for ratios of counts). `fixed`: the counts fix the ratio at 1, for
    example because all units of the row have the outcome in each stratum. `undefined`: the value does not exist.
    """
    columns = (panel.column(name) for name in ("state", "value", "n_joint"))
    found = [_shown(state, value, joint, scale) for state, value, joint in zip(*columns, strict=True)]
    if not has_avoidances(panel.measure):
        return tuple(found)
    expected = panel.column(_EXPECTATIONS.get(panel.measure.name, "expected"))
    known = zip(found, panel.column("state"), expected, _fixed(panel), strict=True)
    return tuple(
        "fixed" if is_fixed and state in DRAWN else _avoided(own) if state == "nothing" and _is_expected(n) else state
        for state, own, n, is_fixed in known
    )


def _is_expected(n: float | None) -> bool:
    return n is not None and n >= EXPECTED_UNITS


def _avoided(own: str) -> str:
    """Return the state of an avoidance, given the cell's own state. A cell with too little data keeps its state."""
    return own if own in FAINT else "avoided"


def _fixed(panel: Panel) -> list[bool]:
    """Return which ratios must be 1, because a category has all units, or all units of each of its strata.

    Within strata, the ratio is then exactly 1 and the common odds ratio is undefined.
    """
    if panel.measure.name == "lift_within_strata":
        ratios = zip(panel.column("value"), panel.column("odds_within_strata"), strict=True)
        return [value is not None and abs(value - 1) < 1e-9 and odds is None for value, odds in ratios]
    margins = zip(*(panel.column(name) for name in ("n_given", "n_outcome", "n_units")), strict=True)
    return [n is not None and n in (given, outcome) for given, outcome, n in margins]


def _shown(state: str, value: float | None, joint: float | None, scale: ColourScale) -> str:
    if state in ("no_given", "no_outcome"):
        return "empty"
    if state not in DRAWN:
        return state
    if value is None or (scale.convention and joint == 0) or (scale.log and value <= 0):
        return "nothing" if joint == 0 else "undefined"
    return "nothing" if scale.nothing and value == 0 else state


def _texts(panel: Panel, scale: ColourScale, states: Sequence[str]) -> dict[str, Sequence[str | None]]:
    """Return the columns `text` and `ink`: the number in each drawn cell and its colour."""
    pairs = list(zip(panel.column("value"), _shades_of_zeros(panel, states), states, strict=True))
    written = {pair: _cell_text(*pair, panel, scale) for pair in set(pairs)}
    texts = [written[pair].get("text") for pair in pairs]
    inks = [written[pair].get("ink") for pair in pairs]
    for place, mark in enumerate(marks_of(panel, scale.marks)):
        if mark:
            text = texts[place]
            texts[place] = _BESIDE_SIGN + mark if text is None else text + mark
            inks[place] = inks[place] or colours.LIGHT["muted"]
    return {"text": texts, "ink": inks}


_BESIDE_SIGN = "\N{ZERO WIDTH SPACE}\N{EM SPACE}\N{EM SPACE}"
"""Spaces that move an arrow to the right of the sign of an empty cell, since texts are centred.

The first has no width. It protects the others from being trimmed.
"""


def _cell_text(
    value: float | None, shade: float | None, state: str, panel: Panel, scale: ColourScale
) -> dict[str, str]:
    if shade is not None:  # the logarithm of 0 units is undefined
        return {"text": "0", "ink": _ink(shade, scale, state)} if panel.measure.is_ratio else {}
    if state not in DRAWN or value is None:
        return {}
    return _written(value, panel, scale, state)


def _ink(value: float, scale: ColourScale, state: str) -> str:
    """Return the colour of the number in a cell: grey if it is on the background, above its strip of colour."""
    return colours.LIGHT["muted"] if state in FAINT else colours.ink(colours.shade(scale.level(value), scale.scheme))


def _written(value: float, panel: Panel, scale: ColourScale, state: str) -> dict[str, str]:
    return {"text": formats.in_cell(value, panel.measure, percent=scale.percent), "ink": _ink(value, scale, state)}


def _numbers(**numbers: float | None) -> Row:
    return {name: _short(number) for name, number in numbers.items() if number is not None}


def _shortened(column: Sequence[float | None]) -> list[float | None]:
    short = {number: None if number is None else _short(number) for number in set(column)}
    return [short[number] for number in column]


def _short(number: float) -> float:
    short = float(f"{number:.6g}") if number != int(number) else int(number)
    return short or 0
