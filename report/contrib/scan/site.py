"""The files of a scan: the page, the table of all pairs, and the results as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ... import formats
from ...document.writer import fill, html_environment
from ...figures.drawing import Drawer
from ...manifest import VERSION
from ...progress import stage
from ...renderers.data import csv_bytes
from ...renderers.html import ICON
from ...renderers.html_data import Asset, base_style, page_assets
from ...renderers.svg import inline_svg
from ...theme import template_folder
from ...theme.colours import LIGHT, ink, shade, turned
from .association_map import MOST, map_columns, map_spec
from .scanning import RankedPair, Scan
from .sentences import ScanWords
from .trivial import Reason, TrivialPair

_LISTED = 300
"""Maximum number of pairs in the table of the page."""
_LISTED_TRIVIAL = 60
"""Maximum number of pairs per reason in the page. All are in scan.csv."""
_FIRST = 8
"""Number of pairs next to the map."""
_SHADES = 20

View = dict[str, Any]


def site_files(
    scan: Scan, words: ScanWords, drawer: Drawer, reports: Mapping[int, str] | None = None
) -> dict[str, bytes]:
    """Return the files of the site: `index.html`, `scan.csv` and `scan.json`. `reports` are addresses by place."""
    with stage("figures: drawing"):
        columns = map_columns(scan)
        drawing = (
            inline_svg(drawer.draw(map_spec(scan, words.names, columns), "map").result(), "map") if columns else None
        )
    with stage("pages"):
        page = _Page(scan, words, reports or {}).filled(drawing, len(columns))
    with stage("data files"):
        return {"index.html": page.encode(), "scan.csv": scan_csv(scan), "scan.json": scan_json(scan, words)}


@dataclass(frozen=True)
class _Page:
    scan: Scan
    words: ScanWords
    reports: Mapping[int, str]

    def filled(self, drawing: str | None, n_drawn: int) -> str:
        folder = template_folder() / "contrib" / "scan"
        own = (folder / "scan.css").read_text("utf-8") + _shade_rules(drawing) + _width_rule(drawing)
        styles = [Asset("style", base_style()), Asset("scan", own)]
        script = (folder / "scan.js").read_text("utf-8")
        return fill(
            html_environment(folder),
            "scan.html",
            assets=page_assets(styles, [Asset("search", script)]),
            version=VERSION,
            icon=ICON,
            words=self.words,
            drawing=drawing,
            n_drawn=n_drawn,
            is_partial=n_drawn == MOST and len(self.scan.table.columns) > MOST,
            map_alt=self._map_alt(n_drawn),
            lines=[self._line(number, ranked) for number, ranked in enumerate(self.scan.ranking, start=1)],
            n_first=_FIRST,
            pairs=self.pairs,
            n_called=formats.count(int(self.scan.is_called.sum())),
            is_cut=len(self.pairs) < int(self.scan.is_called.sum()),
            close=self.close,
            trivial=self.trivial,
            nearly=self.nearly,
            aside=self.scan.table.aside,
            columns=[
                {"name": name, "full": column.name, "kind": _KINDS[column.kind], "n": formats.count(column.n)}
                for name, column in zip(self.words.names, self.scan.table.columns, strict=True)
            ],
            few=self._few(),
        )

    def _few(self) -> str:
        """Return a sentence on the pairs with too few rows, or an empty text."""
        n = int((~self.scan.statistics.is_valid).sum())
        have, are = (
            ("One pair of columns has", "is") if n == 1 else (f"{formats.count(n)} pairs of columns have", "are")
        )
        return f"{have} fewer than 20 such {self.words.unit} or only one category, and {are} not tested." if n else ""

    def _map_alt(self, n_drawn: int) -> str:
        return f"Heatmap of the associations between {n_drawn} columns. The table of pairs has the same numbers."

    def _line(self, number: int, ranked: RankedPair) -> View:
        place, words = ranked.place, self.words
        a, b = self.scan.columns_of(place)
        report = self.reports.get(place)
        others = [self._pair(other) for other in ranked.others]
        thirds = words.third(ranked)
        told = [words.sentence(place), words.direction(place), words.coverage(place), words.left_out(place), *thirds]
        if ranked.thirds and ranked.thirds[0].is_reversed:  # a reversal changes the meaning of the main fact
            told = [told[0], *thirds, *told[1:4]]
        return {
            "id": f"pair-{number}",
            "title": f"{words.names[a]} and {words.names[b]}",
            "full": [self.scan.table.columns[column].name for column in (a, b)],
            "is_renamed": any(self.scan.table.columns[column].name != words.names[column] for column in (a, b)),
            "sentences": [text for text in told if text],
            "strength": words.strength(place),
            "n": formats.count(float(self.scan.statistics.n[place])),
            "q": words.q(place),
            "panels": [self._panel(place, of_rows=True), self._panel(place, of_rows=False)],
            "others": others,
            "report": report,
        }

    def _panel(self, place: int, *, of_rows: bool) -> View:
        """Return a small matrix of shares within rows, or within columns."""
        cells = self.words.cells(place)
        a, b = self.scan.columns_of(place)
        totals = cells.sum(1, keepdims=True) if of_rows else cells.sum(0, keepdims=True)
        names = self.words.names[a], self.words.names[b]
        given, outcome = names if of_rows else (names[1], names[0])
        shares = cells / totals.clip(min=1e-12)
        return {
            "caption": f"{outcome} by {given} ({'rows' if of_rows else 'columns'} add up to 100%)",
            "heads": self.scan.table.columns[b].labels,
            "rows": [
                (label, [(_percent(share), f"shade-{round(share * _SHADES)}") for share in of_row])
                for label, of_row in zip(self.scan.table.columns[a].labels, shares.tolist(), strict=True)
            ],
        }

    def _pair(self, place: int) -> View:
        a, b = self.scan.columns_of(place)
        s, words = self.scan.statistics, self.words
        return {
            "first": words.names[a],
            "second": words.names[b],
            "strength": words.strength(place),
            "n": formats.count(float(s.n[place])),
            "u": [formats.percent(float(s.u_second[place])), formats.percent(float(s.u_first[place]))],
            "q": words.q(place).removeprefix("q ").removeprefix("= "),
        }

    @cached_property
    def pairs(self) -> list[View]:
        """The pairs beyond chance for the table of the page, the closest first."""
        return [self._pair(place) for place in self.scan.order[:_LISTED]]

    @cached_property
    def close(self) -> list[View]:
        """The groups of closely associated columns."""
        words = self.words
        return [
            {
                "text": words.close_columns(close),
                "sentence": words.sentence(close.pairs[0]) if len(close.columns) == 2 else "",
                "full": [self.scan.table.columns[column].name for column in close.columns],
                "is_renamed": any(self.scan.table.columns[at].name != words.names[at] for at in close.columns),
            }
            for close in self.scan.close_columns
        ]

    @cached_property
    def trivial(self) -> list[View]:
        """The pairs that are associated by definition, by reason."""
        found = []
        for reason in Reason:
            pairs = [
                pair
                for pair in self.scan.trivial.values()
                if pair.reason is reason and not (pair.is_nearly and pair.exceptions)
            ]
            if pairs:
                found.append(self._reason(reason, pairs))
        return found

    def _reason(self, reason: Reason, pairs: Sequence[TrivialPair]) -> View:
        texts = Counter((self.words.trivial(pair), self.words.exceptions(pair)) for pair in pairs)
        shown = [
            (text, "; ".join(filter(None, (exceptions, "" if n == 1 else f"{formats.small(n)} pairs"))))
            for (text, exceptions), n in [*texts.items()][:_LISTED_TRIVIAL]
        ]
        return {
            "title": _REASONS[reason],
            "n": formats.count(len(pairs)),
            "pairs": shown,
            "more": len(pairs) - sum([*texts.values()][:_LISTED_TRIVIAL]),
        }

    @cached_property
    def nearly(self) -> list[View]:
        """The pairs of which one column nearly determines the other, with the first exceptions."""
        return [
            {
                "text": self.words.trivial(pair),
                "exceptions": self.words.exceptions(pair),
                "heads": [self.words.names[column] for column in self.scan.columns_of(pair.place)],
                "rows": self.words.exception_rows(pair),
            }
            for pair in self.scan.trivial.values()
            if pair.is_nearly and pair.exceptions
        ][:_LISTED_TRIVIAL]


_KINDS = {
    "categories": "categories",
    "ordered": "ordered categories",
    "number": "numbers, in bins",
    "date": "dates, in bins",
    "option": "yes or no",
}

_REASONS = {
    Reason.SAME: "The same content in both columns",
    Reason.DETERMINES: "One column determines the other",
    Reason.EXCLUSIVE: "Options that exclude each other",
    Reason.OPTIONS: "Options of one question",
    Reason.BATTERY: "Items of one battery",
    Reason.SKIP: "Asked only after certain answers",
    Reason.IMPLIES: "One answer implies an answer to the other column",
    Reason.COMPUTED: "One column is computed from the other",
    Reason.SHARES: "Shares of one whole",
    Reason.DESIGN: "Crossed by design",
}


def _percent(share: float) -> str:
    return formats.percent(share).replace("under\N{NO-BREAK SPACE}", "<").replace("over\N{NO-BREAK SPACE}", ">")


def _width_rule(drawing: str | None) -> str:
    """Return the width of the map: its natural size, so that names of columns keep theirs."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ', drawing or "")
    return f".map .drawing svg{{inline-size:{found[1]}px}}\n" if found else ""


def _shade_rules(drawing: str | None) -> str:
    """Return the colours of the cells of small matrices, and of the map on the dark page."""
    light = "".join(
        f"td.shade-{at}{{background:{shade(at / _SHADES)};color:{ink(shade(at / _SHADES))}}}\n"
        for at in range(_SHADES + 1)
    )
    dark = "".join(
        f"td.shade-{at}{{background:{turned(shade(at / _SHADES))};color:{ink(turned(shade(at / _SHADES)))}}}\n"
        for at in range(_SHADES + 1)
    )
    drawn = "".join(
        f'.drawing svg [{what}="{colour}"]{{{what}:{turned(colour)}}}\n' for what, colour in _colours(drawing or "")
    )
    return f"{light}@media screen and (prefers-color-scheme:dark){{\n{dark}{drawn}}}\n"


def _colours(drawing: str) -> list[tuple[str, str]]:
    """Return the colours of the cells and of the legend of the map, as (attribute, colour)."""
    theme = set(LIGHT.values())
    found = set(re.findall(r'(fill|stop-color)="(#[0-9a-f]{6})"', drawing))
    return sorted((what, colour) for what, colour in found if colour not in theme)


STATES = ("clear", "beyond chance", "not beyond chance", "by definition", "too few rows")
_HEADER = (
    "first", "second", "n", "coverage", "v", "v_low", "v_high", "uncertainty_of_second", "uncertainty_of_first",
    "gamma", "design_effect", "least_expected", "p", "q", "state", "reason", "exceptions",
)  # fmt: skip


def state_of(scan: Scan, place: int) -> str:
    """Return the state of a pair, one of STATES."""
    if place in scan.trivial:
        return STATES[3]
    if not scan.is_open[place]:
        return STATES[4]
    return STATES[0] if scan.is_clear[place] else STATES[1] if scan.is_called[place] else STATES[2]


def scan_csv(scan: Scan) -> bytes:
    """Return `scan.csv`: one row per pair of columns, in the order of the columns."""
    s, names = scan.statistics, [column.name for column in scan.table.columns]
    numbers = [
        s.n, s.n / max(scan.table.n_rows, 1), s.v, s.low, s.high, s.u_second, s.u_first, s.gamma, s.deff,
        s.least_expected, scan.p, scan.q,
    ]  # fmt: skip
    texts = [column.tolist() for column in numbers]
    rows = []
    for place in range(len(s)):
        a, b = scan.columns_of(place)
        pair = scan.trivial.get(place)
        reason = "" if pair is None else str(pair.reason)
        exceptions = None if pair is None else pair.n_exceptions
        values = (column[place] for column in texts)
        rows.append([names[a], names[b], *values, state_of(scan, place), reason, exceptions])
    return csv_bytes(_HEADER, rows)


def scan_json(scan: Scan, words: ScanWords) -> bytes:
    """Return `scan.json`: the two numbers, the columns, the ranked pairs with sentences, and the trivial pairs."""
    s, names = scan.statistics, [column.name for column in scan.table.columns]

    def pair(place: int) -> View:
        a, b = scan.columns_of(place)
        return {
            "first": names[a],
            "second": names[b],
            "n": int(s.n[place]),
            "v": formats.published(float(s.v[place])),
            "v_low": formats.published(float(s.low[place])),
            "v_high": formats.published(float(s.high[place])),
            "q": formats.published(float(scan.q[place])),
        }

    data = {
        "headline": words.headline,
        "rows": scan.table.n_rows,
        "weight": scan.options.weight,
        "group": scan.options.group,
        "effective_rows": formats.published(scan.n_effective),
        "tested": int(scan.is_open.sum()),
        "beyond_chance": int(scan.is_called.sum()),
        "beyond_chance_questions": scan.questions(scan.is_called),
        "clear": int(scan.is_clear.sum()),
        "clear_questions": scan.questions(scan.is_clear),
        "columns": [
            {"name": column.name, "kind": column.kind, "labels": list(column.labels), "n": column.n}
            for column in scan.table.columns
        ],
        "set_aside": [{"name": one.name, "reason": one.reason} for one in scan.table.aside],
        "ranking": [
            pair(ranked.place)
            | {
                "sentence": words.sentence(ranked.place),
                "other_pairs": len(ranked.others),
                "left_within": [
                    {"column": names[third.column], "share": formats.published(third.left)}
                    for third in ranked.thirds[:10]
                ],
            }
            for ranked in scan.ranking
        ],
        "groups": [[names[column] for column in close.columns] for close in scan.close_columns],
        "by_definition": [
            {
                "first": names[scan.columns_of(one.place)[0]],
                "second": names[scan.columns_of(one.place)[1]],
                "reason": str(one.reason),
                "nearly": one.is_nearly,
                "exceptions": one.n_exceptions,
                "n": one.n,
                "exception_rows": [row + 1 for row in one.exceptions],
            }
            for one in scan.trivial.values()
        ],
    }
    return (json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
