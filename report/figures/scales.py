"""The colour scale that the panels of a figure share, and the data of a figure on it: one row for each cell.

Rows have fixed field names. Names of categories are values here, never field names or parts of expressions, so they may
hold anything. A field that a cell has no value for is left out. Numbers keep six digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from .. import formats
from ..cells import FAINT, NUMBERED, WITHHELD, MeasureInfo, Panel
from ..theme import colours
from ..theme.fonts import text_em
from . import KEY_BOX_PX, PERCENT_MEASURES, FigureSettings, Scheme

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
    where a cell has nothing in it, so that an exact 0 needs no colour. `percent`: numbers are shares in per cent.
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
    percent: bool = False

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
        if self.percent:
            numbers = [f"{100 * tick:.3g}" for tick in self.ticks]
            return (*numbers[:-1], f"{numbers[-1]}%")
        return tuple(format(tick, self.tick_format).replace("-", "\N{MINUS SIGN}") for tick in self.ticks)


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
        percent=figure.in_percent and measure.name in PERCENT_MEASURES,
    )


def is_ratio(measure: MeasureInfo) -> bool:
    """Return whether values compare with 1 as ratios do, so that 2 and 1/2 are equally far from it."""
    return measure.diverging and measure.null == 1


def number_text(value: float, measure: MeasureInfo, *, percent: bool = False) -> str:
    """Return the number of a cell: two decimals; counts whole; fewer decimals where long; whole per cent if asked.

    What is not 0 is never written as 0, nor what is not 1 as 1 where that is the most.

    >>> from diptych.cells import MeasureInfo
    >>> share, lift = MeasureInfo("conditional", "Share", "", 0, 1), MeasureInfo("lift", "Lift", "", 0, None, 1.0)
    >>> number_text(0.909, share), number_text(1, share), number_text(23.55, lift), number_text(236.4, lift)
    ('0.91', '1.00', '23.6', '236')
    >>> number_text(0.004, share), number_text(0.9951, share), number_text(0, share)
    ('<.01', '>.99', '0.00')
    >>> [number_text(value, share, percent=True) for value in (0, 0.004, 0.715, 0.9951, 1)]
    ['0', '<1', '72', '>99', '100']
    """
    if measure.name == "count":
        return formats.count(value)
    if percent:
        return _percent_text(value)
    if not measure.diverging and 0 < value < SMALLEST:
        return "<.01"
    if measure.upper == 1 and 1 - SMALLEST <= value < 1:
        return ">.99"
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    if is_ratio(measure) and 0 < value <= SMALLEST:
        return "<0.01"
    nothing = abs(value) < 0.5 * 10.0**-digits  # no minus sign before 0.00
    return formats.decimal(0.0 if nothing else value, digits)


def _percent_text(share: float) -> str:
    whole = math.floor(100 * share + 0.5 + 1e-9)
    if share > 0 and whole == 0:
        return "<1"
    return ">99" if share < 1 and whole == 100 else str(whole)


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
    step = max(1, math.ceil((last - first) / 4))
    return tuple(2.0**power for power in range(first, last + 1) if power % step == 0)


def _tick_format(ticks: Sequence[float]) -> str:
    """Return the d3 format with as many decimals as the ticks need: at least two, none for whole numbers above 1."""
    if all(tick == int(tick) for tick in ticks):
        return ",.0f"
    decimals = next((n for n in range(2, 7) if all(abs(round(t, n) - t) < 1e-9 for t in ticks)), 6)
    return f".{decimals}f"


CROSS = "M-1,-1L1,1M-1,1L1,-1"
DOT = "M-0.09,-0.04L-0.04,-0.09L0.04,-0.09L0.09,-0.04L0.09,0.04L0.04,0.09L-0.04,0.09L-0.09,0.04Z"
DASH = "M-0.3,0L0.3,0"
SHUT = "M-0.3,-0.3L0.3,-0.3L0.3,0.3L-0.3,0.3Z"
STRIP = "M-0.78,0.6L0.78,0.6L0.78,0.85L-0.78,0.85Z"
"""The colour of a value from too little data, at the foot of its cell."""


def _dashed(half: float, dashes: int) -> str:
    """Return the outline of a square in dashes, with a short line in its middle."""
    step = 2 * half / (2 * dashes - 1)
    starts = [round(-half + 2 * step * number, 3) for number in range(dashes)]
    lines = [(a, side, round(a + step, 3), side) for a in starts for side in (-half, half)]
    lines += [(y, x, v, u) for x, y, u, v in lines]
    return "".join(f"M{x:g},{y:g}L{u:g},{v:g}" for x, y, u, v in (*lines, (-0.16, 0, 0.16, 0)))


FIXED = _dashed(0.74, 5)
"""A ratio that counts fix at 1."""

EXPECTED_UNITS = 5.0
"""A zero is coloured as an avoidance where at least so many units were expected."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One line of the key: the state it explains (`beyond`: a line without a sign), and the words."""

    state: str
    text: str


def key_entries(panels: Sequence[Panel], scales: Mapping[str, ColourScale], *, pointed: bool) -> tuple[KeyEntry, ...]:
    """Return the entries that the panels need, in a fixed order; none where every cell is plain.

    `scales` are those of the panels, by panel id. `pointed`: the ends of the colour bar show that values lie beyond.
    """
    words = state_words(panels)
    states = {""}.union(*(shown_states(panel, scales[panel.id]) for panel in panels))
    entries = [KeyEntry(state, text) for state, text in words.items() if state in states]
    if not pointed and any(any(beyond(panel, scales[panel.id])) for panel in panels):
        entries.append(KeyEntry("beyond", "values beyond the colour scale have the colour of its end"))
    lines = dict.fromkeys(line for panel in panels for line in folded_lines(panel))
    return (*entries, *(KeyEntry("beyond", line) for line in lines))


KEY_PX, KEY_LINE_PX, KEY_GAP_PX = 9.2, 15.0, 13.0
"""Type of the key, height of a line, and gap between its entries."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where an entry of the key is drawn: the left and the middle of its sign, in pixels from the key's corner."""

    x: float
    y: float
    entry: KeyEntry

    @property
    def text_x(self) -> float:
        """Where its words begin."""
        return self.x if self.entry.state == "beyond" else self.x + KEY_BOX_PX + 4


def key_places(entries: Sequence[KeyEntry], width: float) -> tuple[KeyPlace, ...]:
    """Return entries in lines of a width; words that are longer than a line continue on the next.

    Words without a sign begin a line of their own if the key then has two lines at most, as high as a colour bar.
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
    """Return a text in lines of at most so many em, where words allow that."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_em(f"{lines[-1]} {word}") <= most_em:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def key_height(entries: Sequence[KeyEntry], width: float) -> float:
    """Return how high the key is in lines of a width; 0 without entries."""
    places = key_places(entries, width)
    return places[-1].y + KEY_LINE_PX / 2 if places else 0.0


def key_width(entries: Sequence[KeyEntry], width: float) -> float:
    """Return how wide the key is in lines of at most a width; 0 without entries."""
    ends = (p.text_x + text_em(p.entry.text) * KEY_PX for p in key_places(entries, width))
    return math.ceil(max(ends, default=0.0))


_MOST_LETTERS = 70
"""How many letters of names are listed."""


def folded_lines(panel: Panel) -> Iterator[str]:
    """Yield the lines that list the categories that are not shown, one for each side that has any."""
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
    """Return what each state but `measured` means in words, in the order of a key."""
    unit = _unit(panels)
    return {
        "avoided": f"none, {EXPECTED_UNITS:g} or more {unit} expected",
        "nothing": f"none, fewer than {EXPECTED_UNITS:g} expected" if _of_ratios(panels) else "none",
        "few": "too little data",
        "uncertain": "uncertain: interval over 60 points",
        "fixed": "not estimable",
        "empty": f"no {unit} in this row or column",
        "masked": "not shown: both sides are the same items",
        "undefined": "undefined",
    } | (withheld_words(unit) if any(panel.is_withheld for panel in panels) else {})


def _of_ratios(panels: Sequence[Panel]) -> bool:
    return any(has_avoidances(panel.measure) for panel in panels)


def has_avoidances(measure: MeasureInfo) -> bool:
    """Return whether a measure compares counts with those expected, so that a zero can be an avoidance."""
    return measure.name in (*_EXPECTATIONS, "log2_lift")


_EXPECTATIONS = {"lift": "expected", "lift_within_strata": "expected_within_strata"}
"""The column of expected counts that each ratio of counts is over."""


def withheld_words(unit: str) -> dict[str, str]:
    """Return what states of withheld cells mean in words."""
    return {"withheld": f"withheld: too few {unit} to show", "withheld_rest": f"withheld: too few other {unit}"}


def _unit(panels: Sequence[Panel]) -> str:
    units = {panel.unit.plural for panel in panels}
    return units.pop() if len(units) == 1 else "units"


@lru_cache(maxsize=8)
def beyond(panel: Panel, scale: ColourScale) -> tuple[bool, bool]:
    """Return whether values lie below the scale, and above it: that end of the colour bar is then pointed."""
    drawn = {level for level in coloured_values(panel, scale) if level is not None}
    return bool(drawn) and min(drawn) < scale.low, bool(drawn) and max(drawn) > scale.high


def coloured_values(panel: Panel, scale: ColourScale) -> list[float | None]:
    """Return the value whose colour each cell has: its own, or that of half a unit where a zero is an avoidance."""
    states, values = shown_states(panel, scale), panel.column("value")
    shades = _shades_of_zeros(panel, states)
    return [
        shade if shade is not None else value if state in DRAWN else None
        for state, value, shade in zip(states, values, shades, strict=True)
    ]


def _shades_of_zeros(panel: Panel, states: Sequence[str]) -> list[float | None]:
    """Return the value of half a unit for each zero that has a colour, None for all other cells."""
    if not has_avoidances(panel.measure):
        return [None] * len(states)
    columns = zip(states, panel.column("n_joint"), _half_units(panel), strict=True)
    return [half if joint == 0 and state in ("avoided", *FAINT) else None for state, joint, half in columns]


def _half_units(panel: Panel) -> list[float | None]:
    """Return the measure of half a unit in each cell."""
    expected = panel.column(_EXPECTATIONS.get(panel.measure.name, "expected"))
    ratios = (0.5 / n if n else None for n in expected)
    return [math.log2(n) if n and panel.measure.name == "log2_lift" else n for n in ratios]


Row = dict[str, str | float]


def cell_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each cell, in row-major declared order.

    Fields: `given`, `outcome`, `state`; `value` (only where it is drawn), `low`, `high`, `joint`, `of`
    (units with the given category), `base`, `lift`, `q`; with `values` also `text` and its `ink`. `shade` is the value
    whose colour an avoidance has.
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
    if has_avoidances(panel.measure):
        columns["shade"] = _shortened(_shades_of_zeros(panel, states))
    if values:
        columns |= _texts(panel, scale, states)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


_ALWAYS = {"joint": "n_joint", "of": "n_given", "base": "baseline", "lift": "lift", "q": "q_value"}
"""Fields that a row has whatever its state, with the fields of `Cell` that they show."""


def has_baseline(panel: Panel) -> bool:
    """Return whether a row of all units belongs under the panel: base rates P(b), or sizes without a colour."""
    return has_base_rates(panel) or (panel.n_units is not None and panel.unit.role != "none")


def has_base_rates(panel: Panel) -> bool:
    """Return whether the row of all units has base rates on the scale of the panel."""
    return panel.measure.name == "conditional" and any(share is not None for share in panel.column("baseline"))


def baseline_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each outcome category: P(b) among all units, blank where the category does not occur.

    Fields: `outcome`, `state`; `value`, `joint` (units with the outcome), `of` (all units), `text`, `ink`. Under
    measures that are no shares of a row, the state is `size` and the text the number of units.
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
    """Return a count in at most five letters.

    >>> short_count(3366), short_count(12_400), short_count(2_499_999)
    ('3,366', '12k', '2.5M')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if n >= size:
            shown = n / (1e3 if letter == "k" else size)
            return f"{shown:.1f}{letter}" if shown < 9.95 else f"{shown:.0f}{letter}"
    return formats.count(n)


def baseline_label(panel: Panel) -> str:
    """Return what the baseline row is called, e.g. "All models"."""
    return f"All {panel.unit.plural}"


@lru_cache(maxsize=8)
def shown_states(panel: Panel, scale: ColourScale) -> tuple[str, ...]:
    """Return the state that each cell is drawn in: its own, or one of those below.

    `empty`: no unit is in its row or column. `nothing`: no unit has both categories. `avoided`: none has, although
    `EXPECTED_UNITS` or more were expected; only ratios of counts know this. `fixed`: counts fix the ratio at 1, for
    example because all units of the row have the outcome in each stratum. `undefined`: a value that does not exist, or
    that is agreed on where no unit has both (an odds ratio of halves, an NPMI of -1).
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
    """Return the state of an avoidance in a cell of some state of its own: too little data remains that."""
    return own if own in FAINT else "avoided"


def _fixed(panel: Panel) -> list[bool]:
    """Return which ratios are 1 whatever the data show: a category has all units, or all of each stratum that it is in.

    Within strata, the common odds ratio is then undefined while the ratio is exactly 1.
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
    """Return what is written in each cell that is drawn, and in which ink."""
    pairs = list(zip(panel.column("value"), _shades_of_zeros(panel, states), states, strict=True))
    written = {pair: _cell_text(*pair, panel, scale) for pair in set(pairs)}
    return {name: [written[pair].get(name) for pair in pairs] for name in ("text", "ink")}


def _cell_text(
    value: float | None, shade: float | None, state: str, panel: Panel, scale: ColourScale
) -> dict[str, str]:
    if shade is not None:  # the logarithm of no units is no number
        return {"text": "0", "ink": _ink(shade, scale, state)} if is_ratio(panel.measure) else {}
    if state not in DRAWN or value is None:
        return {}
    return _written(value, panel, scale, state)


def _ink(value: float, scale: ColourScale, state: str) -> str:
    """Return the colour of the number in a cell: grey where it is on the ground, above its strip of colour."""
    return colours.LIGHT["muted"] if state in FAINT else colours.ink(colours.shade(scale.level(value), scale.scheme))


def _written(value: float, panel: Panel, scale: ColourScale, state: str) -> dict[str, str]:
    return {"text": number_text(value, panel.measure, percent=scale.percent), "ink": _ink(value, scale, state)}


def _numbers(**numbers: float | None) -> Row:
    return {name: _short(number) for name, number in numbers.items() if number is not None}


def _shortened(column: Sequence[float | None]) -> list[float | None]:
    short = {number: None if number is None else _short(number) for number in set(column)}
    return [short[number] for number in column]


def _short(number: float) -> float:
    short = float(f"{number:.6g}") if number != int(number) else int(number)
    return short or 0
