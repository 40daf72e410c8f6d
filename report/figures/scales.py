"""Compute the colour scale that the panels of a figure share, and how each of their cells is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .. import formats, portable, theme
from ..cells import FAINT, NUMBERED, WITHHELD, MeasureInfo, Panel
from . import FigureSettings, Scheme

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
    `percent`, numbers are shares in per cent.
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
    scheme = figure.scheme or (theme.DIVERGING_DEFAULT if measure.diverging else theme.SEQUENTIAL_DEFAULT)
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
        percent=not figure.is_classic and measure.is_share,
    )


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


EXPECTED_UNITS = 5.0
"""Minimum number of expected units for which a zero is coloured as an avoidance."""


_EXPECTATIONS = {"lift": "expected", "lift_within_strata": "expected_within_strata"}
"""The column of expected counts in the denominator of each ratio."""


def beyond(panel: Panel, scale: ColourScale) -> tuple[bool, bool]:
    """Return whether values lie below the scale and above it."""
    values = [value for look, value in zip(looks(panel, scale), coloured_values(panel), strict=True)
              if look == "coloured" and value is not None]  # fmt: skip
    return bool(values) and min(values) < scale.domain[0], bool(values) and max(values) > scale.domain[1]


def coloured_values(panel: Panel) -> list[float | None]:
    """Return the value that gives each cell its colour: its own, or half a unit for none although some are expected."""
    columns = (panel.column(name) for name in ("value", "n_joint", _expected(panel)))
    return [
        value if joint != 0 or not n or not has_expectations(panel.measure)
        else portable.log2(0.5 / n) if panel.measure.name == "log2_lift" else 0.5 / n
        for value, joint, n in zip(*columns, strict=True)
    ]  # fmt: skip


def has_expectations(measure: MeasureInfo) -> bool:
    """Return whether a measure compares observed and expected counts."""
    return measure.name in (*_EXPECTATIONS, "log2_lift")


def _expected(panel: Panel) -> str:
    return _EXPECTATIONS.get(panel.measure.name, "expected")


def has_baseline(panel: Panel) -> bool:
    """Return whether the panel has a row of all units, with base rates P(b) or with uncoloured counts."""
    return has_base_rates(panel) or (panel.n_units is not None and panel.unit.role != "none")


def has_base_rates(panel: Panel) -> bool:
    """Return whether the row of all units shows base rates on the colour scale of the panel."""
    return panel.measure.name == "conditional" and any(share is not None for share in panel.column("baseline"))


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


Look = Literal["coloured", "plain", "none", "undefined", "masked", "withheld"]
"""How a cell is drawn: with the colour of its value; with a grey number and no colour, because there is too little
data; in the palest grey, because no unit has both categories; with a dash, because the value does not exist or the
counts fix it at 1; grey, because it is not in the table or trivial; or crossed out for confidentiality."""


@lru_cache(maxsize=8)
def looks(panel: Panel, scale: ColourScale) -> tuple[Look, ...]:
    """Return how each cell is drawn."""
    fixed = _fixed(panel) if has_expectations(panel.measure) else [False] * len(panel.cells)
    columns = (panel.column(name) for name in ("given", "state", "value", "n_joint", _expected(panel)))
    found: list[Look] = []
    for given, state, value, joint, expected, is_fixed in zip(*columns, fixed, strict=True):
        if state in WITHHELD or state == "masked" or state not in DRAWN:
            found.append("withheld" if state in WITHHELD else "masked" if state == "masked" else "none")
            continue
        is_expected = has_expectations(panel.measure) and (expected or 0) >= EXPECTED_UNITS
        own = "undefined" if is_fixed else _look(value, joint, scale, is_expected=is_expected)
        is_plain = own == "coloured" and (state in FAINT or given in panel.one_stratum)
        found.append("plain" if is_plain else own)
    return tuple(found)


def _look(value: float | None, joint: float | None, scale: ColourScale, *, is_expected: bool) -> Look:
    """Return how a cell with enough data is drawn; `is_expected`: a ratio of units of which several are expected."""
    has_none = value is None or scale.convention or (scale.log and value <= 0)
    if (joint == 0 and has_none) or (scale.nothing and value == 0):
        return "coloured" if is_expected else "none"
    return "undefined" if value is None or (scale.log and value <= 0) else "coloured"


def _fixed(panel: Panel) -> list[bool]:
    """Return which ratios must be 1, because a category has all units, or all units of each of its strata.

    Within strata, the ratio is then exactly 1 and the common odds ratio is undefined.
    """
    if panel.measure.name == "lift_within_strata":
        ratios = zip(panel.column("value"), panel.column("odds_within_strata"), strict=True)
        return [value is not None and abs(value - 1) < 1e-9 and odds is None for value, odds in ratios]
    margins = zip(*(panel.column(name) for name in ("n_given", "n_outcome", "n_units")), strict=True)
    return [n is not None and n in (given, outcome) for given, outcome, n in margins]


def few_rows(panel: Panel, scale: ColourScale) -> list[bool]:
    """Return which rows have too little data: cells with grey numbers, and none with a colour."""
    found, n = looks(panel, scale), len(panel.outcome_categories)
    rows = [set(found[start : start + n]) for start in range(0, len(found), n)]
    return ["plain" in row and "coloured" not in row for row in rows]


def few_line(panel: Panel, scale: ColourScale) -> str:
    """Return why rows have too little data, e.g. "Too few models or packages for a statement"."""
    n = len(panel.outcome_categories)
    states, sizes = panel.column("state"), panel.column("n_given")
    lacking = set[str]()
    for row, is_few in enumerate(few_rows(panel, scale)):
        if not is_few:
            continue
        if (sizes[row * n] or 0) < panel.minimum_units:
            lacking.add(panel.unit.plural)
        elif panel.given_categories[row] in panel.one_stratum:
            lacking.add(panel.group_nouns[1])
        elif "few" in states[row * n : (row + 1) * n]:
            lacking.add(panel.unit.plural if panel.n_groups is None else panel.group_nouns[0])
        else:
            lacking.add("")
    nouns = [noun for noun in dict.fromkeys((panel.unit.plural, *panel.group_nouns)) if noun in lacking]
    reasons = [f"too few {formats.alternatives(nouns)}"] * bool(nouns) + ["too uncertain"] * ("" in lacking)
    line = f"{formats.alternatives(reasons)} for a statement"
    return line[:1].upper() + line[1:]


def key_texts(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> list[tuple[Look | None, str]]:
    """Return the entries of the key that the panels need: how a cell is drawn, and its meaning."""
    seen: set[Look] = set()
    for panel in panels:
        n = len(panel.outcome_categories)
        for row, is_few in enumerate(few_rows(panel, scales[panel.id])):
            own = looks(panel, scales[panel.id])[row * n : (row + 1) * n]
            seen.update(look for look in own if not is_few or look != "plain")  # a rule says it of such rows
    unit = panels[0].unit.plural if len({panel.unit.plural for panel in panels}) == 1 else "units"
    is_ratio = any(has_expectations(panel.measure) for panel in panels)
    words: dict[Look, str] = {
        "none": f"none, fewer than {EXPECTED_UNITS:g} expected" if is_ratio else "none",
        "plain": "too little data",
        "undefined": "not defined",
        "masked": "not in the table" if panels[0].is_masked_empty else "both sides are the same items",
        "withheld": f"withheld: too few {unit}",
    }
    entries: list[tuple[Look | None, str]] = [(look, text) for look, text in words.items() if look in seen]
    lines = dict.fromkeys(line for panel in panels for line in folded_lines(panel))
    return [*entries, *((None, line) for line in lines)]


_MOST_LETTERS = 70
"""Maximum total length of the listed names."""


def folded_lines(panel: Panel) -> Iterator[str]:
    """Yield a line that lists the categories that are not shown, if there are any."""
    given, outcome = panel.folded
    names = given if panel.same_taxonomy else tuple(dict.fromkeys((*given, *outcome)))
    if not names:
        return
    shown = [name for at, name in enumerate(names) if at == 0 or len(", ".join(names[: at + 1])) <= _MOST_LETTERS]
    rest = len(names) - len(shown)
    listed = ", ".join(shown) + (f" and {rest} more" if rest else "")
    yield f"Not shown, no {panel.unit.plural}: {listed}"
