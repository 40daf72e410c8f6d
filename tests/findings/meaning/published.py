"""What findings about published matrices mean, worked out of the files of their values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from diptych.findings.finding import slug
from tests.findings.meaning.record import Held, Meaning, Near, Such
from tests.findings.meaning.world import Meanings
from tests.prose.wholes import Whole
from tests.thresholds import THRESHOLDS

Cells = set[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Matrices:
    """A report of matrices beside the files of its panels, both axes with the categories `names`."""

    whole: Whole
    files: Mapping[str, Path]
    names: tuple[str, ...]

    @property
    def part(self):
        return self.whole.written.part

    @cached_property
    def panels(self) -> dict[str, dict[str, pd.DataFrame]]:
        return {name: self._read(path) for name, path in self.files.items()}

    def _read(self, path: Path) -> dict[str, pd.DataFrame]:
        table = pd.read_csv(path)
        for end in ("low", "high"):
            table[end] = table[end].fillna(table["value"]) if end in table else table["value"]
        return {
            column: table.pivot_table(index="given", columns="outcome", values=column).reindex(
                index=self.names, columns=self.names
            )
            for column in ("value", "low", "high")
        }

    def cells(self, panel: str) -> Cells:
        value = self.panels[panel]["value"]
        return {(a, b) for a, b in product(self.names, repeat=2) if not pd.isna(value.loc[a, b])}

    def at(self, panel: str, column: str, cell: tuple[str, str]) -> float:
        return float(self.panels[panel][column].loc[cell])


def are(m: Matrices, panel: str, cells: Cells) -> Such:
    """Return that cells are some, with their values and ranges as they were read."""

    def holds(told: Sequence[Any]) -> bool:
        there = {(c.given, c.outcome) for c in told} == cells and len(told) == len(cells)
        return there and all(
            math.isclose(c.value, m.at(panel, "value", (c.given, c.outcome)), abs_tol=1e-9)
            and math.isclose(c.least, m.at(panel, "low", (c.given, c.outcome)), abs_tol=1e-9)
            and math.isclose(c.most, m.at(panel, "high", (c.given, c.outcome)), abs_tol=1e-9)
            for c in told
        )

    return Such(f"the cells {sorted(cells)}", holds)


def refs(cells: Cells) -> Such:
    return Such(f"{sorted(cells)}", lambda told: {(c.given, c.outcome) for c in told} == cells)


def levels(m: Matrices, found: Sequence) -> Meanings:
    meanings, t = {}, THRESHOLDS
    for f, panel in zip(found, m.panels, strict=True):
        cells = m.cells(panel)
        low = {cell: m.at(panel, "low", cell) for cell in cells}
        high = {cell: m.at(panel, "high", cell) for cell in cells}
        means = {column: m.panels[panel][column].mean(axis=1).dropna() for column in ("value", "low", "high")}
        ranked = sorted(means["value"].index, key=lambda n: -means["value"][n])
        above = {a: {c for c in cells if c[0] == a and high[c] > t.low} for a in m.names}
        rows = [a for a in m.names if any(c[0] == a for c in cells)]
        low_rows = [a for a in rows if not above[a]]
        top = f.top_row.category
        led = 0
        for b in m.names:
            others = [high[c] for c in cells if c[1] == b and c[0] != top]
            led += (top, b) in cells and all(low[top, b] > x for x in others)
        mean = float(np.nanmean(m.panels[panel]["value"].to_numpy()))
        is_high = {c for c in cells if low[c] >= t.high}
        is_moderate = {c for c in cells if t.moderate <= low[c] < t.high}
        nearly = {c for a in rows if len(above[a]) == 1 for c in above[a] if high[c] < t.moderate}

        def row(one, means=means) -> Meaning:
            return {
                "category": one.category,
                "mean": {column: Near(of[one.category]) for column, of in means.items()},
            }

        meanings[f"levels.{panel}.{slug(top)}"] = {
            "cells": refs(is_high | is_moderate),
            "null": False,
            "panel": panel,
            "n_cells": len(cells),
            "high": are(m, panel, is_high),
            "moderate": are(m, panel, is_moderate),
            "top_row": Such(
                "the row with the highest mean", lambda r, x=ranked, v=means["value"]: v[r.category] >= v[x[0]] - 1e-9
            ),
            "next_row": row(f.next_row) if len(ranked) > 1 else None,
            "low_rows": low_rows,
            "low_reach": max((high[c] for c in cells if c[0] in low_rows), default=0.0),
            "nearly_low": are(m, panel, nearly),
            "n_led": led,
            "n_columns": len(m.names),
            "mean": Near(mean),
            "is_level": f"{means['value'][ranked[0]]:.2f}" == f"{mean:.2f}",
        }
        differ = [*_differ(f.top_row, row(f.top_row))]
        assert not differ, differ
        if f.next_row is not None:
            assert math.isclose(means["value"][f.next_row.category], means["value"][ranked[1]], abs_tol=1e-9)
    return meanings


def _differ(record, meaning: Meaning):
    return Held({}).differences(record, meaning, "row")


def contrast(m: Matrices, found: Sequence) -> Meanings:
    if len(m.panels) < 2:
        return {}
    left, right = m.panels
    both = [c for c in m.cells(left) if c[::-1] in m.cells(right)]
    higher = sum(m.at(left, "low", c) > m.at(right, "high", c[::-1]) for c in both)
    lower = sum(m.at(left, "high", c) < m.at(right, "low", c[::-1]) for c in both)
    means = [float(np.mean([m.at(p, "value", c if p == left else c[::-1]) for c in both])) for p in (left, right)]
    return {
        f"contrast.{left}.{right}": {
            "cells": (),
            "null": False,
            "left": left,
            "right": right,
            "left_mean": Near(means[0]),
            "right_mean": Near(means[1]),
            "n_left_higher": higher,
            "n_right_higher": lower,
            "n_unread": len(both) - higher - lower,
            "is_level": f"{means[0]:.2f}" == f"{means[1]:.2f}",
        }
    }


def cluster(m: Matrices, found: Sequence) -> Meanings:
    meanings, t = {}, THRESHOLDS
    by_panel = {f.panel: f for f in found}
    for panel in m.panels:
        large = {c for c in m.cells(panel) if m.at(panel, "low", c) >= t.moderate}
        if len(large) < 2:
            continue
        f = by_panel[panel]
        members = set(f.members)
        names = sorted({name for c in large for name in c})
        inside = {c for c in large if set(c) <= members}

        def n_within(chosen, large=large) -> int:
            return sum(set(c) <= set(chosen) for c in large)

        def is_enough(chosen, large=large, n_within=n_within) -> bool:
            return n_within(chosen) >= t.high * len(large)

        size = next((k for k in range(2, len(m.names) // 2 + 1) if any(map(is_enough, combinations(names, k)))), 0)
        best = max((n_within(c) for c in combinations(names, size)), default=0) if size else 0
        null = not size or len(names) > 12
        meanings[".".join(("cluster", panel, *([slug(*f.members)] if f.members else [])))] = {
            "cells": refs(large),
            "null": null,
            "panel": panel,
            "members": ()
            if null
            else Such(
                f"{size} that hold {best}", lambda told, s=size, b=best, n=n_within: (len(told), n(told)) == (s, b)
            ),
            "n_within": len(inside),
            "n_cells": len(large),
            "outside": are(m, panel, large - inside),
            "moderate": t.moderate,
        }
    return meanings


def apart(m: Matrices, found: Sequence) -> Meanings:
    limit = THRESHOLDS.low
    off = {panel: {c for c in m.cells(panel) if c[0] != c[1]} for panel in m.panels}

    def is_low(name: str) -> bool:
        rows = {panel: [c for c in cells if c[0] == name] for panel, cells in off.items()}
        return all(own and max(m.at(p, "high", c) for c in own) <= limit for p, own in rows.items())

    low = [name for name in m.names if is_low(name)]
    members = low if len(low) < len(m.names) else []
    rows = [m.at(p, "high", c) for p, cells in off.items() for c in cells if c[0] in members]
    columns = [m.at(p, "high", c) for p, cells in off.items() for c in cells if c[1] in members and c[0] not in members]
    reach = max(columns, default=0.0)
    return {
        ".".join(("apart", *([slug(*members)] if members else []))): {
            "cells": refs({c for cells in off.values() for c in cells if c[0] in members}),
            "null": not members,
            "panels": tuple(m.panels),
            "members": members,
            "rows_reach": max(rows, default=0.0),
            "columns_reach": reach,
            "is_isolated": reach <= limit,
            "low": limit,
        }
    }


MEANINGS = {"levels": levels, "contrast": contrast, "cluster": cluster, "apart": apart}
