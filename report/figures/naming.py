"""Lay out the text around a matrix: title and reading aid, column names, and number of units below row names."""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from .. import formats
from ..cells import Panel
from ..theme.colours import LIGHT
from ..theme.fonts import BOLD, text_em
from . import LEGEND_PX, SLOPE, Layout
from .scales import Row, baseline_label, has_baseline

Json = dict[str, Any]

HEADING_PX, READING_PX = 11.0, 9.2
TOP_PX = 6.0
"""Distance from the matrix to the names above it."""
CORNER_PX = 9.2
"""Font size of the axis names in the corner."""
MOST_LINES = 3
LONGEST_NAME = 120
"""Maximum length of a shortened name, in characters."""
_LEAST_LEFT = 6
"""Minimum length of a shortened name, in characters, however little space there is."""


def with_short_names(panels: Sequence[Panel], sizes: Layout) -> tuple[Panel, ...]:
    """Return panels whose overlong names are shortened in the middle. All names remain distinct."""
    every = (name for p in panels for names in (p.given_categories, p.outcome_categories, *p.folded) for name in names)
    known = list(dict.fromkeys(every))
    most_em = sizes.names_px / sizes.label_px
    if all(text_em(name) <= most_em for name in known):
        return tuple(panels)
    drawn = short_names(known, most_em)
    return tuple(_renamed(panel, drawn) for panel in panels)


def short_names(names: Sequence[str], most_em: float = math.inf) -> dict[str, str]:
    """Return the text to draw for each of several distinct names, at most `most_em` wide.

    If two names would be equal after shortening, one keeps other letters: more of its end, or the letters at which
    the two differ. If these texts are taken too, a number replaces the middle.

    >>> long = [f"{'a' * 100} {n} {'b' * 100}" for n in (1, 2)]
    >>> [*short_names(["short", *long], 8.0).values()]
    ['short', 'aaaaaaaaa…bbbb', 'aaa…bbbbbbbbb']
    >>> [*short_names([f"Share of people aged {n} with a degree" for n in ("20 to 29", "30 to 39")], 10).values()]
    ['Share of peo…degree', 'Share… with a degree']
    """
    drawn = {name: name for name in names if len(name) <= LONGEST_NAME and text_em(name) <= most_em}
    taken = set(drawn)
    for name in names:
        if name not in drawn:
            others = [other for other in names if other in drawn and other != name]
            drawn[name] = next(cut for cut in _cuts(name, others, most_em) if cut not in taken)
            taken.add(drawn[name])
    return drawn


def _cuts(name: str, others: Sequence[str], most_em: float) -> Iterator[str]:
    """Yield an endless sequence of shortened texts for a name, the most readable first."""
    yield _without_middle(name, "…", most_em)
    yield _without_middle(name, "…", most_em, of_end=3 / 4)
    for other in others:
        if _without_middle(other, "…", most_em) == _without_middle(name, "…", most_em):
            at = next((k for k, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), 0)
            own = name[max(at - 2, 0) : at + 6]
            if any(one.isalnum() for one in name[at : at + 6]) and len(name) <= LONGEST_NAME:
                yield _without_middle(name, f"…{own}…", most_em)
    yield from (_without_middle(name, f"…{number}…", most_em) for number in count(2))


def _without_middle(name: str, sign: str, most_em: float, of_end: float = 1 / 3) -> str:
    """Return a name cut to `LONGEST_NAME` characters and `most_em`; the fraction `of_end` is from its end."""

    def of(n: int) -> str:
        end = int(n * of_end)
        return f"{name[: n - end]}{sign}{name[len(name) - end :]}"

    numbers = range(_LEAST_LEFT, LONGEST_NAME - len(sign) + 1)
    fitting = bisect_right(numbers, most_em, key=lambda n: text_em(of(n)))
    return of(numbers[max(fitting - 1, 0)])


def _renamed(panel: Panel, drawn: Mapping[str, str]) -> Panel:
    given, outcome = (tuple(drawn[name] for name in own) for own in (panel.given_categories, panel.outcome_categories))
    left_out = tuple(tuple(drawn[name] for name in own) for own in panel.folded)
    return replace(
        panel,
        given_categories=given,
        outcome_categories=outcome,
        cells=panel.cells.named(given, outcome),
        folded=(left_out[0], left_out[1]),
    )


def heading(panel: Panel, letter: str, sizes: Layout) -> Json | None:
    """Return a panel's heading: its letter and title, then how to read a cell. None without letter and title."""
    title = f"{letter} {panel.title}".strip()
    if not title:
        return None
    room = heading_room(panel, sizes)
    lines = balanced(title, room / (BOLD * HEADING_PX))
    made = {
        "text": lines if len(lines) > 1 else lines[0],
        "anchor": "start",
        "frame": "bounds",
        "fontSize": HEADING_PX,
        "offset": 8 if sizes.classic else 0,
        "lineHeight": HEADING_PX * 1.2,
    }
    if not panel.reading:
        return made
    return made | {
        "subtitle": balanced(panel.reading, room / READING_PX, MOST_LINES + 1),
        "subtitleFontSize": READING_PX,
        "subtitleColor": LIGHT["muted"],
        "subtitlePadding": 3,
        "subtitleLineHeight": READING_PX * 1.25,
    }


def level_headings(panels: Sequence[Panel], views: Sequence[Json], sizes: Layout) -> None:
    """Align the tops of the headings of panels that are side by side. Changes the offsets in `views`."""
    above = [
        _names_px(panel, sizes) + _lines_px(view.get("title", {})) for panel, view in zip(panels, views, strict=True)
    ]
    for view, own in zip(views, above, strict=True):
        if "title" in view and (missing := round(max(above) - own, 1)):
            view["title"]["offset"] += missing


def _names_px(panel: Panel, sizes: Layout) -> float:
    """Return the height of the names above a matrix."""
    if sizes.classic:
        return 0.0
    named = panel.outcome_categories[:: sizes.outcome_label_every]
    return max(min(text_em(name) * sizes.label_px, sizes.names_px) for name in named) * SLOPE


def _lines_px(title: Json) -> float:
    """Return the height of the lines of a heading."""
    lines = title.get("text", [])
    n_lines = 1 if isinstance(lines, str) else len(lines)
    return n_lines * HEADING_PX * 1.2 + len(title.get("subtitle", [])) * READING_PX * 1.25


def heading_room(panel: Panel, sizes: Layout) -> float:
    """Return the maximum width of the lines above a panel, about the width of its names, cells and colour bar."""
    labels = min(max(text_em(name) for name in panel.given_categories) * sizes.label_px, sizes.names_px)
    bar = 0.0 if sizes.shared_bar else LEGEND_PX * 0.6
    return max(150.0, max(labels, beside_px(panel, sizes)) + 12 + sizes.step * len(panel.outcome_categories) + bar)


def wrapped(text: str, most_em: float, most_lines: int = MOST_LINES) -> list[str]:
    """Return a text wrapped to lines of at most `most_em`, cut after `most_lines`.

    >>> wrapped("Which models are trained on each kind of dataset?", 14)
    ['Which models are trained on', 'each kind of dataset?']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and text_em(f"{lines[-1]} {word}") <= most_em:
            lines[-1] += f" {word}"
        else:
            lines.append(_cut(word, most_em))
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _cut(f"{lines[most_lines - 1]} …", most_em)]
    return lines


def balanced(text: str, most_em: float, most_lines: int = MOST_LINES) -> list[str]:
    """Return a text in as many lines as `wrapped` needs, of about one length: no word is alone in the last.

    >>> balanced("Which models are trained on each kind of dataset?", 22)
    ['Which models are trained', 'on each kind of dataset?']
    """
    lines = wrapped(text, most_em, most_lines)
    if len(lines) <= 1 or " ".join(lines) != " ".join(text.split()):
        return lines
    least = max(text_em(text) / len(lines), *map(text_em, text.split()))
    widths = (least + step / 4 for step in range(math.ceil(4 * (most_em - least))))
    return next((narrow for width in widths if len(narrow := wrapped(text, width, most_lines)) == len(lines)), lines)


def _cut(text: str, most_em: float) -> str:
    if text_em(text) <= most_em or len(text) <= 2:
        return text
    n = bisect_right(range(len(text) - 1), most_em, key=lambda n: text_em(f"{text[:n]}…")) - 1
    return f"{text[: max(n, 1)]}…"


def named_sets(panel: Panel, sizes: Layout) -> dict[str, list[Row]]:
    """Return the data of the column names and of the numbers of units below row names."""
    every = sizes.outcome_label_every
    sets: dict[str, list[Row]] = {
        f"{panel.id}_columns": [
            {"outcome": name, "text": name if place % every == 0 else ""}
            for place, name in enumerate(panel.outcome_categories)
        ]
    }
    if has_sizes(panel, sizes):
        named = zip(panel.given_categories, size_texts(panel), strict=True)
        sets[f"{panel.id}_rows"] = [{"given": name, "text": text} for name, text in named]
        if has_baseline(panel):
            sets[f"{panel.id}_whole"] = [{"text": formats.count(panel.n_units or 0)}]
    return sets


def has_sizes(panel: Panel, sizes: Layout) -> bool:
    """Return whether numbers of units are shown below row names."""
    return sizes.sizes_px > 0 and panel.n_units is not None


def size_texts(panel: Panel) -> list[str]:
    """Return the text with the number of units of each row, and the reason if a row has too little data."""
    every = len(panel.outcome_categories)
    rows = zip(
        panel.column("n_given")[::every], panel.column("effective_groups")[::every], _few_rows(panel), strict=True
    )
    return [
        _size_text(n or 0, groups, panel.minimum_units) if few else formats.count(n or 0) for n, groups, few in rows
    ]


def _size_text(n: float, groups: float | None, minimum_units: float) -> str:
    """Return the text for a row with too little data: too few units, or units from too few groups."""
    if n < minimum_units or groups is None:
        return f"{formats.count(n)} · too few"
    whole = max(1, round(groups))
    return f"{formats.count(n)} · {whole} {formats.plural(whole, 'group', 'groups')}"


def _few_rows(panel: Panel) -> Iterator[bool]:
    columns = len(panel.outcome_categories)
    states: Sequence[str] = panel.column("state")
    for start in range(0, len(states), columns):
        row = set(states[start : start + columns])
        yield "few" in row and "measured" not in row


def wide_px(names: Sequence[str], sizes: Layout) -> float:
    """Return the width of the widest name in Chinese, Japanese or Korean; 0 if there is none.

    If no installed font has such characters, Vega assumes half their width and reserves too little space.
    """
    found = (name for name in names if any(unicodedata.east_asian_width(character) in "WF" for character in name))
    return max((min(text_em(name) * sizes.label_px, 2 * sizes.names_px) for name in found), default=0.0)


def corner_names(panel: Panel) -> tuple[str, str]:
    """Return the names of the column axis and of the row axis, for the corner above the row names."""
    return f"{panel.outcome_title} →", f"{panel.given_title} ↓"


def beside_px(panel: Panel, sizes: Layout) -> float:
    """Return the width of the texts to the left of a matrix, apart from row names."""
    texts = [text_em(text) * sizes.sizes_px for text in size_texts(panel)] if has_sizes(panel, sizes) else []
    if has_baseline(panel):
        texts.append(text_em(baseline_label(panel)) * sizes.label_px)
    if not sizes.classic:
        texts += [text_em(text) * CORNER_PX * BOLD for text in corner_names(panel)]
    return max(texts, default=0.0) + 6


def name_layers(panel: Panel, sizes: Layout, x: Json, y: Json, baseline_middle: float) -> list[tuple[str, Json]]:
    """Return the layers of names, each after the name of its mark. `x` and `y` are the channels of the matrix."""
    text = {"type": "text", "baseline": "middle"}
    name = text | {"align": "right", "fontSize": sizes.label_px, "color": LIGHT["ink"]}
    top = name | {"align": "left", "angle": 315, "limit": round(1.1 * sizes.names_px)}
    size = text | {"align": "right", "fontSize": sizes.sizes_px, "color": LIGHT["muted"]}
    beside: Json = {"x": {"value": -6}}
    below = sizes.label_px * 0.58
    layers = [] if sizes.classic else _above(panel, top, x)
    if has_sizes(panel, sizes):
        layers.append(("rows", _texts(f"{panel.id}_rows", size | {"dy": below}, beside | {"y": y})))
    if has_baseline(panel):
        rise = sizes.sizes_px * 0.68 if has_sizes(panel, sizes) else 0
        layers.append(("all", _texts(f"{panel.id}_all", name, beside | {"y": {"value": baseline_middle - rise}})))
        if has_sizes(panel, sizes):
            place = beside | {"y": {"value": baseline_middle + below}}
            layers.append(("whole", _texts(f"{panel.id}_whole", size, place)))
    across, up = wide_px(panel.given_categories, sizes), wide_px(panel.outcome_categories, sizes)
    if across or up:
        right = sizes.step * len(panel.outcome_categories)
        room = {"x": -across - 8, "x2": right, "y": -TOP_PX - up * 0.71 - 8, "y2": 0}
        places = {channel: {"value": value} for channel, value in room.items()}
        clear = {"type": "rect", "opacity": 0}
        layers.append(("room", {"data": {"values": [{}]}, "mark": clear, "encoding": places}))
    return layers


def _above(panel: Panel, top: Json, x: Json) -> list[tuple[str, Json]]:
    """Return the layers of the column names and of the axis names to their left."""
    corner: Json = {"type": "text", "align": "right", "baseline": "bottom", "fontSize": CORNER_PX, "fontWeight": "bold"}
    corner |= {"color": LIGHT["ink"]}
    lines = [
        {
            "data": {"values": [{}]},
            "mark": corner,
            "encoding": _at(-6, -2 - CORNER_PX * 1.3 * line) | {"text": {"value": text}},
        }
        for line, text in enumerate(reversed(corner_names(panel)))
    ]
    names = _texts(f"{panel.id}_columns", top, {"x": x, "y": {"value": -TOP_PX}})
    return [("top", names), *((f"corner{number}", line) for number, line in enumerate(lines))]


def _at(x: float, y: float) -> Json:
    return {"x": {"value": x}, "y": {"value": y}}


def _texts(data: str, mark: Json, channels: Json) -> Json:
    return {"data": {"name": data}, "mark": mark, "encoding": channels | {"text": {"field": "text", "type": "nominal"}}}
