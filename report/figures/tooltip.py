"""What a reader sees on pointing at a cell: the pair, its number with interval, counts, base rate, lift, state.

The texts are Vega expressions over the fixed fields of `rows`; words from the config enter them as JSON
strings, which Vega reads as string literals.
"""

from __future__ import annotations

import json

import altair as alt

from ..cells import MeasureInfo, Panel
from .scales import SMALLEST, is_ratio

TITLES = {
    "given": "Given",
    "outcome": "Outcome",
    "number": "Value",
    "interval": "Interval",
    "counts": "Counts",
    "baseline": "Base rate",
    "ratio": "Lift",
    "chance": "q",
    "reading": "State",
}
"""The lines of a cell's tooltip in order: field and title; panel and measure have names of their own for the first."""


def expressions(panel: Panel) -> dict[str, str]:
    """Return the fields that a cell's tooltip adds to its row: name -> Vega expression."""
    level = json.dumps(f" ({100 * panel.level:g} %)")
    low, high = (_end(f"datum.{end}", panel.measure) for end in ("low", "high"))
    return {
        "counts": counts(panel),
        "number": f"isValid(datum.value) ? {_written('datum.value', panel.measure)} : 'none'",
        "interval": f"isValid(datum.low) && isValid(datum.high) ? {low} + ' to ' + {high} + {level} : 'none'",
        "baseline": "isValid(datum.base) ? format(datum.base, '.2f') : 'none'",
        "ratio": "isValid(datum.lift) ? format(datum.lift, '.2f') : 'none'",
        "chance": "isValid(datum.q) ? datum.q < 0.0005 ? 'under 0.001' : format(datum.q, '.3f') : 'none'",
        "reading": _reading(panel.unit.plural),
    }


def baseline_expressions(panel: Panel) -> dict[str, str]:
    """Return the fields that a base rate's tooltip adds to its row: name -> Vega expression."""
    return {"counts": counts(panel), "number": "isValid(datum.value) ? format(datum.value, '.2f') : 'none'"}


def counts(panel: Panel) -> str:
    """Return the expression of "412 of 1,324 models"."""
    unit = json.dumps(f" {panel.unit.plural}")
    total = "(isValid(datum.of) ? ' of ' + format(datum.of, ',.1~f') : '')"
    return f"isValid(datum.joint) ? format(datum.joint, ',.1~f') + {total} + {unit} : 'not known'"


def cell_tooltip(panel: Panel) -> list[alt.Tooltip]:
    """Return the lines of a cell's tooltip, for every mark that stands on it."""
    fields = TITLES | {"given": panel.given_title, "outcome": panel.outcome_title, "number": panel.measure.label}
    return [alt.Tooltip(field=field, type="nominal", title=title) for field, title in fields.items()]


def baseline_tooltip(panel: Panel) -> list[alt.Tooltip]:
    """Return the lines of the tooltip of a base rate."""
    return [
        alt.Tooltip(field="outcome", type="nominal", title=panel.outcome_title),
        alt.Tooltip(field="number", type="nominal", title="Base rate"),
        alt.Tooltip(field="counts", type="nominal", title="Counts"),
    ]


def _end(number: str, measure: MeasureInfo) -> str:
    """Return the expression of an end of an interval: counts, which it knows to fractions, with one decimal."""
    if measure.name == "count":
        return f"format({number}, {number} < 1 ? '.2~r' : ',.1~f')"
    return _written(number, measure)


def _written(number: str, measure: MeasureInfo) -> str:
    """Return the expression of a number as cells write it, but for small ratios, which show their digits."""
    if measure.name == "count":
        return f"format({number}, ',~g')"
    if is_ratio(measure):
        return f"format({number}, {number} <= {SMALLEST} ? '.2~r' : '.2f')"
    return f"format({number}, '.2f')"


def _reading(unit: str) -> str:
    words = {
        "few": "too few to judge: shown, not interpreted",
        "no_given": f"no {unit} in this row",
        "no_outcome": f"no {unit} in this column",
    }
    chain = "".join(f"datum.state === '{state}' ? {json.dumps(text)} : " for state, text in words.items())
    return f"{chain}datum.state"
