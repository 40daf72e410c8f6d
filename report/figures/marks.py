"""Build one matrix in Vega-Lite: layers of marks over shared axes, from Altair's parts.

Altair's operators copy whole charts at each step, which takes a second for two such panels. Therefore, this module
assembles Altair's parts itself. The tests validate every specification against Altair's schema.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Literal

import altair as alt

from .. import formats, portable
from ..cells import FAINT, MeasureInfo, Panel
from ..theme.colours import LIGHT, RAMPS
from . import LEGEND_TITLE_PX, Layout, legend_offset
from .naming import beside_px, has_sizes, heading, name_layers, wide_px
from .scales import (
    CROSS,
    DASH,
    DOT,
    FIXED,
    SHUT,
    STRIP,
    ColourScale,
    has_avoidances,
    has_baseline,
    shown_states,
    withheld_words,
)
from .specs import Json

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
"""Lines of a cell's tooltip: field and title. The panel and its measure replace the first three titles."""


def expressions(panel: Panel, *, percent: bool) -> dict[str, str]:
    """Return the fields that the tooltip adds to the row of a cell: name -> Vega expression.

    With `percent`, shares are in per cent.
    """
    measured = percent and panel.measure.is_share
    ends = (f"datum.{end}" for end in ("low", "high"))
    low, high = (_percent(end) if measured else _end(end, panel.measure) for end in ends)
    after = json.dumps(f"{'%' if measured else ''} ({100 * panel.level:g}% CI)")
    dash = f"(datum.low < 0 ? ' to ' : '{formats.DASH}')"
    return {
        "counts": counts(panel),
        "number": _value(panel, percent=percent),
        "interval": f"isValid(datum.low) && isValid(datum.high) ? {low} + {dash} + {high} + {after} : 'none'",
        "baseline": f"isValid(datum.base) ? {_share('datum.base', percent=percent)} : 'none'",
        "ratio": f"isValid(datum.lift) ? {_ratio('datum.lift')} : 'none'",
        "chance": "isValid(datum.q) ? datum.q < 0.0005 ? 'under 0.001' : format(datum.q, '.3f') : 'none'",
        "reading": _reading(panel),
    }


def baseline_expressions(panel: Panel, *, percent: bool) -> dict[str, str]:
    """Return the fields that the tooltip adds to the row of a base rate: name -> Vega expression."""
    return {
        "counts": counts(panel),
        "number": f"isValid(datum.value) ? {_share('datum.value', percent=percent)} : 'none'",
    }


def _value(panel: Panel, *, percent: bool) -> str:
    measured = percent and panel.measure.is_share
    text = _share("datum.value", percent=True) if measured else _written("datum.value", panel.measure)
    return f"isValid(datum.value) ? {text} : 'none'"


def _share(number: str, *, percent: bool) -> str:
    return f"{_percent(number)} + '%'" if percent else f"format({number}, '.2f')"


def _percent(number: str) -> str:
    """Return the Vega expression of a share in whole per cent, as in cells, without the sign."""
    least = formats.LEAST_HUNDREDTH
    ends = f"{number} > 0 && {number} < {least} ? '<1' : {number} < 1 && {number} >= {1 - least} ? '>99'"
    return f"({ends} : format(floor(100 * {number} + 0.5 + 1e-9), 'd'))"


def _ratio(number: str) -> str:
    """Return the Vega expression of a ratio with two digits, as in cells and text."""
    digits = f"{number} < 1.095 && {number} !== 1 ? '.2f' : {number} < 9.95 ? '.1f' : {number} < 99.5 ? '.0f' : ',.2r'"
    return f"({number} > 0 && {number} <= {formats.LEAST_HUNDREDTH} ? '<0.01' : format({number} + 1e-9, {digits}))"


def counts(panel: Panel) -> str:
    """Return the Vega expression for text such as "412 of 1,324 models"."""
    unit = json.dumps(f" {panel.unit.plural}")
    total = "(isValid(datum.of) ? ' of ' + format(datum.of, ',.1~f') : '')"
    return f"isValid(datum.joint) ? format(datum.joint, ',.1~f') + {total} + {unit} : 'not known'"


def cell_tooltip(panel: Panel) -> list[alt.Tooltip]:
    """Return the lines of a cell's tooltip, for every mark in the cell."""
    fields = TITLES | {"given": panel.given_title, "outcome": panel.outcome_title, "number": panel.measure.label}
    return _tooltip(fields)


def baseline_tooltip(panel: Panel) -> list[alt.Tooltip]:
    """Return the lines of a base rate's tooltip."""
    fields = {"outcome": panel.outcome_title, "number": TITLES["baseline"], "counts": TITLES["counts"]}
    return _tooltip(fields)


def _tooltip(fields: Mapping[str, str]) -> list[alt.Tooltip]:
    """Return lines of a tooltip, given field -> title."""
    return [alt.Tooltip(field=field, type="nominal", title=_in_script(title)) for field, title in fields.items()]


def _in_script(title: str) -> str:
    r"""Return a title of a tooltip as Vega-Lite can write it between quotes in a script. It escapes quotes alone.

    >>> print(_in_script("a\\"), _in_script('b"'), _in_script("c\nd"), _in_script("\u2028"), _in_script("é"))
    a\\ b" c\nd \u2028 é
    """
    return "".join(json.dumps(c)[1:-1] if c == "\\" or not c.isprintable() else c for c in title)


def _end(number: str, measure: MeasureInfo) -> str:
    """Return the Vega expression of an interval's end. Ends of counts are fractional and have one decimal."""
    if measure.name == "count":
        return f"format({number}, {number} < 1 ? '.2~r' : ',.1~f')"
    return _written(number, measure)


def _written(number: str, measure: MeasureInfo) -> str:
    """Return the Vega expression of a number, formatted as in cells."""
    if measure.name == "count":
        return f"format({number}, ',~g')"
    if measure.is_ratio:
        return _ratio(number)
    return f"format({number}, '.2f')"


def _reading(panel: Panel) -> str:
    unit = panel.unit.plural
    words = {"few": "too little data: shown, not interpreted"}
    if "uncertain" in panel.column("state"):
        words["uncertain"] = "too uncertain: interval wider than 60 points"
    words |= {
        "empty": f"no {unit} in this row or column",
        "nothing": f"no {unit} with both categories",
        "avoided": f"no {unit} with both categories, although some were expected",
        "fixed": "not estimable: the counts fix this ratio at 1",
    } | (withheld_words(unit) if panel.is_withheld else {})
    chain = "".join(f"datum.state === '{state}' ? {json.dumps(text)} : " for state, text in words.items())
    return f"{chain}datum.state"


LABEL_ANGLE = -45
DRAWN = "isValid(datum.value)"
SHADED = "isValid(datum.shade)"
"""Whether a zero has the colour of half a unit, as a Vega expression."""
FRACTIONS = "datum.value < 1 ? '1/' + format(1 / datum.value, '.3~f') : format(datum.value, '.3~f')"
SIGNS: Mapping[str, str] = {
    "nothing": DOT,
    "fixed": FIXED,
    "masked": CROSS,
    "undefined": DASH,
    "withheld": SHUT,
    "withheld_rest": SHUT,
}


def signs_of(sizes: Layout) -> Mapping[str, str]:
    """Return the signs of states in cells of this layout."""
    return SIGNS if sizes.dots else {state: sign for state, sign in SIGNS.items() if state != "nothing"}


def panel_view(panel: Panel, scale: ColourScale, sizes: Layout, letter: str, place: int | None = None) -> Json:
    """Return one matrix with its baseline row and colour bar; `letter` identifies the panel.

    `place` is the position of the panel in its figure, from 0. Names of marks begin with it (p0_cell_0, p0_base_0), so
    that a page can find them in the drawing. If `place` is None, marks have no names.
    """
    layers = [_matrix(panel, scale, sizes)]
    if has_baseline(panel):
        layers.append(_baseline(panel, scale, sizes))
    if place is not None:
        for part, layer in zip(("cell", "base"), layers, strict=False):
            for number, mark in enumerate(layer["layer"]):
                mark["name"] = f"p{place}_{part}_{number}"
    x, y = (plain(axis) for axis in (_outcome_axis(panel, sizes), _given_axis(panel, sizes)))
    for part, layer in name_layers(panel, sizes, x, y, _baseline_top(panel, sizes) + sizes.step / 2):
        layers.append(layer if place is None else layer | {"name": f"p{place}_{part}_0"})
    view: Json = {
        "width": sizes.step * len(panel.outcome_categories),
        "height": sizes.step * len(panel.given_categories),
        "layer": layers,
    }
    if place is not None:
        view["name"] = f"p{place}"
    title = heading(panel, letter, sizes)
    if title is not None:
        view["title"] = title
    return view


def plain(part: alt.SchemaBase) -> Any:  # noqa: ANN401 - JSON
    """Return an Altair object as JSON without validation. The tests validate whole specifications."""
    return part.to_dict(validate=False)


IS_FAINT = " || ".join(f"datum.state === '{state}'" for state in FAINT)
"""Whether a cell is shown but not interpreted, as a Vega expression."""

LIFTED = 0.13
"""Distance of a number above the middle of a cell with a strip, as a fraction of the cell's side."""


def leaf(mark: alt.MarkDef, where: str | None = None, **encoding: Any) -> Json:  # noqa: ANN401 - Altair's channels or JSON
    """Return a layer: a mark, a filter of its rows (None for all rows), and its own channels."""
    channels = {name: plain(c) if isinstance(c, alt.SchemaBase) else c for name, c in encoding.items()}
    layer: Json = {"mark": plain(mark), "encoding": channels}
    return layer | ({"transform": [{"filter": where}]} if where else {})


def blank_fill(sizes: Layout) -> Json:
    """Return the fill of cells without a value: grey if masked, tinted without units, else the background."""
    tints = [
        {"test": f"datum.state === '{s}'", "value": LIGHT[of]} for s, of in (("masked", "mask"), ("empty", "vacant"))
    ]
    return {"condition": tints, "value": sizes.ground or "transparent"}


def sign_mark(state: str, side: float, stroke: float) -> alt.MarkDef:
    """Return the sign of a state over a square. It is a symbol, because Vega has no pattern fills."""
    if state == "nothing":
        return alt.MarkDef(
            "point", shape=DOT, size=portable.squared(side), opacity=1, fill=LIGHT["hatch"], strokeWidth=0
        )
    return alt.MarkDef(
        "point",
        shape=SIGNS[state],
        size=portable.squared(side),
        opacity=1,
        fill=None,
        stroke=LIGHT["hatch"],
        strokeWidth=stroke,
    )


def _matrix(panel: Panel, scale: ColourScale, sizes: Layout) -> Json:
    if sizes.picture:
        return _pictured(panel, scale, sizes)
    states = set(shown_states(panel, scale))
    stroke = 0.8 if sizes.step >= 10 else 0.4
    layers = _squares(panel, scale, sizes)
    if not states.isdisjoint(FAINT):
        layers += _strips(panel, scale, sizes)
    layers += [
        leaf(sign_mark(state, sizes.step, stroke), f"datum.state === '{state}'")
        for state in signs_of(sizes)
        if state in states
    ]
    if sizes.values:
        layers += _numbers(sizes, states)
    shared = {
        "x": plain(_outcome_axis(panel, sizes)),
        "y": plain(_given_axis(panel, sizes)),
        "tooltip": [plain(line) for line in cell_tooltip(panel)],
    }
    calculated = [{"calculate": text, "as": name} for name, text in expressions(panel, percent=sizes.percent).items()]
    return {"data": {"name": f"{panel.id}_cells"}, "transform": calculated, "encoding": shared, "layer": layers}


def _pictured(panel: Panel, scale: ColourScale, sizes: Layout) -> Json:
    """Return a matrix whose cells are one picture. An undrawn rectangle supplies scales, axes and colour bar."""
    width, height = (sizes.step * len(side) for side in (panel.outcome_categories, panel.given_categories))
    image = alt.MarkDef("image", align="left", baseline="top", aspect=False, width=width, height=height)
    corner = {axis: {"value": 0} for axis in ("x", "y")}
    shared = {"x": plain(_outcome_axis(panel, sizes)), "y": plain(_given_axis(panel, sizes))}
    layers = [
        leaf(image, None, url=alt.Url(field="url", type="nominal"), **corner),
        leaf(alt.MarkDef("rect"), "false", color=_colour("value", panel, scale, sizes)),
    ]
    return {"data": {"name": f"{panel.id}_picture"}, "encoding": shared, "layer": layers}


def _baseline(panel: Panel, scale: ColourScale, sizes: Layout) -> Json:
    """Return the row of base rates, separated from the matrix above and outside its category axis."""
    top = _baseline_top(panel, sizes)
    place = {"y": {"value": top}, "y2": {"value": top + sizes.step}}
    layers = _squares(panel, scale, sizes, **place)
    if None in [cell.n_outcome for cell in panel.row(panel.given_categories[0])]:
        sign = leaf(sign_mark("withheld", sizes.step, 0.8 if sizes.step >= 10 else 0.4), "datum.state === 'withheld'")
        layers.append(sign | {"encoding": _middle(top, sizes)})
    if sizes.values:
        layers += [layer | {"encoding": layer["encoding"] | _middle(top, sizes)} for layer in _numbers(sizes, ())]
    shared = {
        "x": plain(_outcome_axis(panel, sizes)),
        "tooltip": [plain(line) for line in baseline_tooltip(panel)],
    }
    calculated = [
        {"calculate": text, "as": name} for name, text in baseline_expressions(panel, percent=sizes.percent).items()
    ]
    return {"data": {"name": f"{panel.id}_baseline"}, "transform": calculated, "encoding": shared, "layer": layers}


def _baseline_top(panel: Panel, sizes: Layout) -> float:
    return sizes.step * len(panel.given_categories) + sizes.gap


def _middle(top: float, sizes: Layout) -> Json:
    return {"y": {"value": top + sizes.step / 2}}


def _squares(panel: Panel, scale: ColourScale, sizes: Layout, **place: Json) -> list[Json]:
    """Return the layers of cells: coloured cells, then the outlines of other cells on top."""
    coloured = alt.MarkDef("rect", stroke=LIGHT["paper"], strokeWidth=sizes.line_px)
    outlined = alt.MarkDef("rect", stroke=LIGHT["grid"], strokeWidth=sizes.line_px)
    own = f"{DRAWN} && !({IS_FAINT})"
    layers = [
        leaf(coloured, own, color=_colour("value", panel, scale, sizes), **place),
        leaf(
            outlined,
            f"!({own}) && datum.state !== 'avoided' && datum.state !== 'size'",
            fill=blank_fill(sizes),
            **place,
        ),
    ]
    if not place and "avoided" in shown_states(panel, scale):
        layers.append(leaf(coloured, "datum.state === 'avoided'", color=_colour("shade", panel, scale, sizes)))
    return layers


def _strips(panel: Panel, scale: ColourScale, sizes: Layout) -> list[Json]:
    """Return the colour strips at the bottom of cells that are shown but not interpreted."""
    strip = alt.MarkDef("point", shape=STRIP, size=portable.squared(sizes.step), opacity=1, filled=True, strokeWidth=0)
    layers = [leaf(strip, f"({IS_FAINT}) && {DRAWN} && !{SHADED}", color=_colour("value", panel, scale, sizes))]
    if has_avoidances(panel.measure):
        layers.append(leaf(strip, f"({IS_FAINT}) && {SHADED}", color=_colour("shade", panel, scale, sizes)))
    return layers


def _numbers(sizes: Layout, states: Collection[str]) -> list[Json]:
    channels = {
        "text": alt.Text(field="text", type="nominal"),
        "fill": alt.Fill(field="ink", type="nominal", scale=None),
    }
    layers = [leaf(alt.MarkDef("text", fontSize=sizes.value_px), f"isValid(datum.text) && !({IS_FAINT})", **channels)]
    if any(state in FAINT for state in states):
        lifted = alt.MarkDef("text", fontSize=sizes.value_px, dy=-sizes.step * LIFTED)
        layers.append(leaf(lifted, f"isValid(datum.text) && ({IS_FAINT})", **channels))
    return layers


def _outcome_axis(panel: Panel, sizes: Layout) -> alt.X:
    scale = alt.Scale(domain=list(panel.outcome_categories), padding=0)
    if not sizes.classic:
        return alt.X(field="outcome", type="nominal", sort=None, scale=scale, axis=None)
    axis = alt.Axis(
        title=panel.outcome_title,
        labelAngle=LABEL_ANGLE,
        labelAlign="right",
        labelBaseline="middle",
        offset=sizes.gap + sizes.step if has_baseline(panel) else 0,
        labelExpr=_thinned(len(panel.outcome_categories), sizes.outcome_label_every),
        minExtent=wide * 0.71 + 8 if (wide := wide_px(panel.outcome_categories, sizes)) else alt.Undefined,
    )
    return alt.X(field="outcome", type="nominal", sort=None, scale=scale, axis=axis)


def _given_axis(panel: Panel, sizes: Layout) -> alt.Y:
    axis = alt.Axis(
        title=panel.given_title if sizes.classic else None,
        labelOffset=-sizes.sizes_px * 0.68 if has_sizes(panel, sizes) else alt.Undefined,
        labelExpr=_thinned(len(panel.given_categories), sizes.given_label_every),
        minExtent=max(
            beside_px(panel, sizes),
            wide + 6 if (wide := wide_px(panel.given_categories, sizes)) else 0,
        ),
    )
    scale = alt.Scale(domain=list(panel.given_categories), padding=0)
    return alt.Y(field="given", type="nominal", sort=None, scale=scale, axis=axis)


def _thinned(count: int, every: int) -> str | alt.UndefinedType:
    """Return a Vega expression that labels every k-th category of an axis, undefined if all are labelled.

    The expression uses positions (Vega's index runs from 0 to 1). With a list of names under `values`, Vega looks
    names up in a JavaScript object and fails on names such as "constructor".
    """
    return f"round(datum.index * {count - 1}) % {every} === 0 ? datum.label : ''" if every > 1 else alt.Undefined


def _colour(field: str, panel: Panel, scale: ColourScale, sizes: Layout) -> alt.Color:
    """Return the colour channel of a field. It has no legend if all panels share the bar above them."""
    kind: Literal["log", "sqrt", "linear"] = "log" if scale.log else "sqrt" if scale.root else "linear"
    colours = alt.Scale(
        type=kind, domain=[*scale.domain], range=list(RAMPS[scale.scheme]), interpolate="rgb", clamp=True
    )
    if sizes.shared_bar or field != "value":
        return alt.Color(field=field, type="quantitative", scale=colours, legend=None)
    legend = alt.Legend(
        offset=legend_offset(panel.outcome_title, sizes.step * len(panel.outcome_categories)),
        title=panel.measure.label,
        values=list(scale.ticks),
        format=alt.Undefined if scale.log and scale.domain[0] < 1 else scale.tick_format,
        labelExpr=_tick_expression(scale),
        gradientLength=max(64, sizes.step * len(panel.given_categories) - LEGEND_TITLE_PX),
    )
    return alt.Color(field=field, type="quantitative", scale=colours, legend=legend)


def _tick_expression(scale: ColourScale) -> str | alt.UndefinedType:
    if scale.log and scale.domain[0] < 1:
        return FRACTIONS
    return (
        f"format(100 * datum.value, '.3~g') + (datum.value === {scale.ticks[-1]} ? '%' : '')"
        if scale.percent
        else alt.Undefined
    )
