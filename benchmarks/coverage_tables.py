"""Tables of coverage as rows of text, for benchmarks/simulations.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from benchmarks.coverage_cells import MEASURED, MEETING, promised, rate, usual
from benchmarks.coverage_contrasts import USED

Row = dict[str, str]
Cells = Mapping[str, pd.DataFrame]

LEAST_PROMISED = 1 / 9
"""The share of all cells with promised coverage that a regime needs for this table: one of nine."""

LEAST_CELLS = 30
"""The number of cells that a share needs."""

GROUP_BOUNDS = (1, 2, 3, 5, 7, 10, 20, 50, 100, math.inf)


def by_measure(found: Cells, short: Mapping[str, str]) -> tuple[list[Row], float]:
    """Return promised coverage, one row for each measure, and its largest standard error.

    Also count without the condition on G_eff, which selects tables whose groups happened to be small.
    """
    kept = {
        name: chosen for name, cells in found.items() if len(chosen := promised(cells)) >= LEAST_PROMISED * len(cells)
    }
    rates = {
        name: {m: rate(part) for m, part in cells.groupby("measure", observed=True)} for name, cells in kept.items()
    }
    rows = [{"": f"`{m}`"} | {short[name]: percent(of[m].share) for name, of in rates.items()} for m in MEASURED]
    counts = {name: (part := usual(found[name]))[part["measure"] == "count"]["covered"].mean() for name in rates}
    rows.insert(1, {"": "`count`, any G_eff"} | {short[name]: percent(share) for name, share in counts.items()})
    cells = {"": "cells"} | {short[name]: f"{of['conditional'].n:,}" for name, of in rates.items()}
    return [*rows, cells], max(one.error for of in rates.values() for one in of.values())


def by_groups(grouped: pd.DataFrame) -> list[Row]:
    """Return coverage by G_eff: conditionals, the range over all measures, and as if units were independent."""
    chosen = usual(grouped)
    rows = []
    for bin_, part in chosen.groupby(pd.cut(chosen["effective"], GROUP_BOUNDS, right=False), observed=True):
        shares = part.groupby("measure", observed=True)["covered"].mean()
        conditional = part[part["measure"] == "conditional"]
        if len(conditional) < LEAST_CELLS:
            continue
        rows.append({
            "": range_of(bin_),
            "cells": f"{len(conditional):,}",
            "conditional": percent(shares["conditional"]),
            "least of all measures": f"{percent(shares.min())} ({shares.idxmin()})",
            "most of all measures": f"{percent(shares.max())} ({shares.idxmax()})",
            "conditional, if units were independent": percent(conditional["as_units"].mean()),
        })  # fmt: skip
    return rows


def binned(found: Cells, short: Mapping[str, str], measure: str, by: str, bounds: Sequence[float]) -> list[Row]:
    """Return coverage of a measure by the value of a column, with one table column for each of some regimes."""
    rows: dict[str, Row] = {range_of(bin_): {} for bin_ in pd.IntervalIndex.from_breaks(list(bounds), closed="left")}
    for name, cells in found.items():
        chosen = cells[(cells["measure"] == measure) & cells["given"] & (cells["n_given"] >= 50)]
        for bin_, part in chosen.groupby(pd.cut(chosen[by], list(bounds), right=False), observed=True):
            rows[range_of(bin_)][short[name]] = f"{percent(part['covered'].mean())} ({len(part):,})"
    return [{"": label} | row for label, row in rows.items() if row]


def all_or_nothing(found: Cells, short: Mapping[str, str], met: str) -> list[Row]:
    """Return coverage in cells with all (or none) of the smaller category: linearised alone and the method in use."""
    kept = {short[name]: cells[cells["met"] == met] for name, cells in found.items()}
    n = {name: int((cells["measure"] == "lift").sum()) for name, cells in kept.items()}
    kept = {name: cells for name, cells in kept.items() if n[name] >= LEAST_CELLS}
    rows: list[Row] = []
    for measure in MEETING:
        row = {"": f"`{measure}`"}
        for name, cells in kept.items():
            part = cells[(cells["measure"] == measure) & cells["given"]]
            if len(part):
                plain = percent(part["plain"].mean()) if part["plain"].notna().any() else "none"
                row[name] = f"{plain} → {percent(part['covered'].mean())}"
        if len(row) > 1:
            rows.append(row)
    return [*rows, {"": "cells"} | {name: f"{n[name]:,}" for name in kept}]


def by_kind(found: Cells, short: Mapping[str, str]) -> tuple[list[Row], float]:
    """Return coverage of contrasts, one row for each kind and one for all, and the largest standard error of a kind.

    The last row is for contrasts of two cells in which all or none occur together in one cell.
    """
    rows: dict[str, Row] = {}
    every, last = {"": "all"}, {"": "two cells, all or none in one (how many)"}
    errors = []
    for name, frame in found.items():
        there = frame.dropna(subset=[USED])
        for (measure, kind), part in there.groupby(["measure", "kind"], sort=False):
            one = rate(part, USED)
            errors.append(one.error)
            rows.setdefault(f"{measure}: {kind}", {"": f"{measure}: {kind}"})[short[name]] = percent(one.share)
        every[short[name]] = percent(rate(there, USED).share)
        bound = there[there["bound"]]
        if len(bound) >= LEAST_CELLS:
            last[short[name]] = f"{percent(bound[USED].mean())} ({len(bound):,})"
    return [*(rows[kind] for kind in sorted(rows)), every, last], max(errors)


def range_of(bin_: pd.Interval[float]) -> str:
    """Return the words for a bin: "2 to 3", "100 or more"."""
    return f"{bin_.left:g} to {bin_.right:g}" if math.isfinite(bin_.right) else f"{bin_.left:g} or more"


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal.

    >>> percent(0.94961)
    '95.0'
    """
    return f"{100 * share:.1f}"
