"""Panels and figures: names of what exists, the two kinds of their relation, one scale."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema import did_you_mean
from ..places import Wrong, quoted
from ..view import View
from ..words import listed
from .names import check_name, form_of, sides_of

FUNCTIONS = frozenset(
    {
        "about",
        "baseline",
        "bottom",
        "categories",
        "claim",
        "count",
        "counts",
        "covered",
        "date",
        "difference",
        "expected",
        "falls",
        "high",
        "highest",
        "interval",
        "is_highest",
        "is_lowest",
        "lift",
        "lift_within",
        "odds_within",
        "low",
        "lowest",
        "n",
        "n_given",
        "n_joint",
        "n_outcome",
        "n_units",
        "number",
        "otherwise",
        "percent",
        "percentage",
        "rank",
        "ratio",
        "rises",
        "share",
        "surely",
        "top",
        "units",
        "value",
    }
)
"""Names that authored text calls as functions, so that a panel of that name could not be asked for its cells."""

SYNTAX = frozenset(
    {
        "and",
        "block",
        "else",
        "endclaim",
        "endfor",
        "endif",
        "false",
        "for",
        "if",
        "in",
        "is",
        "none",
        "not",
        "or",
        "set",
    }
    | {"range", "true"}
)
"""Words of the template language."""

FILES = frozenset(
    {
        "categories",
        "claims",
        "contrasts",
        "contributors",
        "counts",
        "coverage",
        "findings",
        "mirrors",
        "order",
        "pairs",
        "ranks",
        "sizes",
        "structure",
        "taxonomy",
        "tests",
        "unmatched",
        "unresolved",
    }
)
"""Files of the site's data folder, where each panel has a file of its own."""

DEFAULT_MEASURE = "conditional"


def check_panels(config: View) -> Iterator[Wrong]:
    """Yield unknown names, ids written twice or taken, and kinds that are not the relation's."""
    panels = list(config["panels"].elements())
    yield from _twice(panels)
    for panel in panels:
        yield from _id(panel["id"])
        yield from check_name(panel["relation"], config["relations"].keys, "relations")
        relation = config.at("relations", panel["relation"].text or "")
        if form_of(relation) == "matrix":
            yield from _bare_panel(config, panel)
        else:
            yield from _kinds(panel, sides_of(relation))
    for name, relation in config["relations"].entries():
        if form_of(relation) == "matrix":
            yield from _matrix(name, relation, panels, config["entities"].keys)


def _twice(entries: list[View]) -> Iterator[Wrong]:
    first: dict[str, View] = {}
    for entry in entries:
        name = entry["id"].text
        if name is None:
            continue
        if name in first:
            kind, place = first[name].path
            yield entry["id"].wrong(f"{quoted(name)} is also the id of {kind}[{place}]; each id stands once")
        first.setdefault(name, entry)


def _id(panel_id: View) -> Iterator[Wrong]:
    name = panel_id.text
    if name in FUNCTIONS or name in SYNTAX:
        yield panel_id.wrong(f'"{name}" has a meaning of its own in authored text; choose another id')
    elif name in FILES:
        yield panel_id.wrong(f'"{name}" is a file of its own in the data folder; choose another id')


def _kinds(panel: View, sides: tuple[str, str] | None) -> Iterator[Wrong]:
    if sides is None:
        return
    kinds = tuple(dict.fromkeys(sides))
    right = True
    for key in ("given", "outcome"):
        kind = panel[key].text
        if kind is not None and kind not in kinds:
            right = False
            where = f"the two kinds of {panel['relation'].text}: {listed(kinds)}"
            yield panel[key].wrong(f"{quoted(kind)} is not one of {where}{did_you_mean(kind, kinds)}")
    if right and len(kinds) == 2 and panel["given"].text is not None and panel["given"].text == panel["outcome"].text:
        other = kinds[1] if panel["given"].text == kinds[0] else kinds[0]
        yield panel["outcome"].wrong(f'"{panel["given"].text}" is what is given; the outcome is "{other}"')


def _bare_panel(config: View, panel: View) -> Iterator[Wrong]:
    for key in ("given", "outcome"):
        yield from check_name(panel[key], config["entities"].keys, "entities")


def _matrix(name: str, relation: View, panels: list[View], entities: tuple[str, ...]) -> Iterator[Wrong]:
    own = [panel for panel in panels if panel["relation"].text == name]
    ids = [text for panel in own if (text := panel["id"].text) is not None]
    if not own:
        yield relation["matrix"].wrong(
            "needs its panels written out: they say which kind is given and which the outcome"
        )
        return
    for key, file in relation["matrix"].entries():
        if key not in ids:
            yield file.wrong(f"{quoted(key)} is no panel of this relation: {listed(ids)}{did_you_mean(key, ids)}")
    for panel in own:
        panel_id = panel["id"].text
        if panel_id is not None and panel_id not in relation["matrix"].keys and relation["matrix"].is_mapping:
            yield panel["id"].wrong(f"relations.{name}.matrix has no file for this panel")
    yield from _same_kinds(own, entities)


def _same_kinds(panels: list[View], entities: tuple[str, ...]) -> Iterator[Wrong]:
    """Yield panels of a matrix between other kinds than the first: those are two relations."""
    first = {panels[0][key].text for key in ("given", "outcome")}
    for panel in panels[1:]:
        kinds = {panel[key].text for key in ("given", "outcome")}
        if first | kinds <= set(entities) and kinds != first:
            yield panel.wrong(
                "is between other kinds than the first panel of this relation; make it a relation of its own"
            )


def check_figures(config: View) -> Iterator[Wrong]:
    """Yield unknown panels, ids and panels written twice, scales upside down, and measures that differ."""
    measures = _measures(config)
    figures = list(config["figures"].elements())
    yield from _twice(figures)
    for figure in figures:
        yield from _figure_panels(figure, measures)
        scale = [_number(view.text) for view in figure["scale"].elements()]
        if len(scale) == 2 and scale[0] is not None and scale[1] is not None and scale[0] >= scale[1]:
            yield figure["scale"].wrong("needs the lower end first, then the higher one")


def _measures(config: View) -> dict[str, str]:
    """Return the measure of each panel by its id, the first written first; without panels, of those filled in."""
    panels = config["panels"].elements()
    written = [(name, panel["measure"].text) for panel in panels if (name := panel["id"].text) is not None]
    if not config["panels"].value:
        names = config["relations"].keys
        prefixes = [f"{name}_" for name in names] if len(names) > 1 else [""]
        written = [(prefix + side, None) for prefix in prefixes for side in ("left", "right")]
    measures: dict[str, str] = {}
    for name, measure in written:
        measures.setdefault(name, measure or DEFAULT_MEASURE)
    return measures


def _figure_panels(figure: View, measures: dict[str, str]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for view, name in figure["panels"].texts():
        yield from check_name(view, measures, "panels")
        if name in seen:
            yield view.wrong(f"{quoted(name)} is in this figure already")
        seen.add(name)
    used = list(dict.fromkeys(measures[name] for _, name in figure["panels"].texts() if name in measures))
    if len(used) > 1:
        yield figure["panels"].wrong(
            f"a figure has one scale, so one measure; these panels show {listed(used, ' and ')}"
        )


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
