"""Statements on published matrices without counts: each is true for every value within the ranges that were read.

Cells without a value are left out of every comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import linprog

from .. import portable
from ..arrays import Bools, Floats
from ..cells import Panel
from . import Number, Statement, rules


@dataclass(frozen=True, eq=False)
class ToldMatrices:
    """The statements on bare matrices: highest row and low rows of each panel, and whether both are one table.

    `ranges` are, for each row, the smallest and the largest possible value in each panel.
    """

    highest: tuple[Statement, ...] = ()
    low: tuple[Statement, ...] = ()
    one_table: Statement | None = None
    ranges: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = ()

    @property
    def lead(self) -> Statement | None:
        """The statement of the title: the highest row that leads in most columns."""
        return max(self.highest, key=lambda one: one.number("ties") / one.number("base"), default=None)

    def statements(self) -> tuple[Statement, ...]:
        """Return all statements, in order."""
        return (*self.highest, *self.low, *([] if self.one_table is None else [self.one_table]))


@dataclass(frozen=True, eq=False)
class _Ranges:
    """The ranges of a panel (R, C): lowest and highest possible value, nan where there is none."""

    panel: Panel
    low: Floats
    high: Floats

    @property
    def rows(self) -> tuple[str, ...]:
        return self.panel.given_categories

    @property
    def columns(self) -> tuple[str, ...]:
        return self.panel.outcome_categories


def _ranges(panel: Panel) -> _Ranges:
    shape = len(panel.given_categories), len(panel.outcome_categories)
    ends = [
        (np.nan if cell.value is None else cell.value if cell.low is None else cell.low,
         np.nan if cell.value is None else cell.value if cell.high is None else cell.high)
        for cell in panel.cells
    ]  # fmt: skip
    low, high = np.array(ends, dtype=np.float64).reshape(*shape, 2).transpose(2, 0, 1)
    return _Ranges(panel, low, high)


def tell_matrices(panels: Sequence[Panel]) -> ToldMatrices:
    """Return the statements on the matrices of a relation without counts."""
    found = [_ranges(panel) for panel in panels]
    is_share = all(panel.measure.name == "conditional" for panel in panels)
    highest = [one for one in map(_highest, found) if one is not None]
    low = [one for one in map(_low_rows, found) if one is not None] if is_share else []
    ranges = tuple(
        (name, tuple(_span(one, name) for one in found if name in one.rows))
        for name in dict.fromkeys(name for one in found for name in one.rows)
    )
    return ToldMatrices(tuple(highest), tuple(low), _one_table(found) if is_share else None, ranges)


def _span(of: _Ranges, name: str) -> tuple[float, float]:
    row = of.rows.index(name)
    known = ~np.isnan(of.low[row])
    return (float(of.low[row][known].min()), float(of.high[row][known].max())) if known.any() else (np.nan, np.nan)


def _leading(of: _Ranges) -> Bools:
    """Return in which columns each row (R, C) is at or above all other rows for certain."""
    found = np.zeros(of.low.shape, dtype=np.bool_)
    for i in range(len(of.rows)):
        others = np.delete(of.high, i, axis=0)
        known = ~np.isnan(others).all(axis=0) & ~np.isnan(of.low[i])
        found[i, known] = of.low[i, known] >= np.nanmax(others[:, known], axis=0)
    return found


def _highest(of: _Ranges) -> Statement | None:
    """Return the row that is at or above every other row in most columns (form 25)."""
    if len(of.rows) < 2:
        return None
    leads = _leading(of)
    i = int(leads.sum(axis=1).argmax())
    above = [j for j in np.flatnonzero(leads[i]).tolist() if of.low[i, j] > np.nanmax(np.delete(of.high[:, j], i))]
    if not leads[i].any():
        return None
    high = [(of.rows[r], of.columns[c]) for r, c in np.argwhere(of.low >= rules.HIGH).tolist()]
    numbers: dict[str, Number] = {
        "panel": of.panel.id,
        "ties": int(leads[i].sum()),
        "count": len(above),
        "base": len(of.columns),
        "high": tuple(high),
        "least": rules.HIGH,
    }
    cells = tuple((of.rows[i], of.columns[j]) for j in np.flatnonzero(leads[i]).tolist())
    return Statement("highest_row", of.rows[i], "", "others", numbers, scope=of.panel.id, cells=cells)


def _low_rows(of: _Ranges) -> Statement | None:
    """Return the rows in which no value can exceed 30% (form 26)."""
    largest = np.array([_span(of, name)[1] for name in of.rows])
    low = [i for i in range(len(largest)) if largest[i] <= rules.LOW]
    if not low:
        return None
    rest = [of.rows[i] for i in range(len(largest)) if i not in low]
    numbers: dict[str, Number] = {
        "panel": of.panel.id,
        "rows": tuple(of.rows[i] for i in low),
        "level": float(largest[low].max()),
        "except_": rest[0] if len(rest) == 1 and len(low) > 1 else "",
    }
    cells = tuple(product((of.rows[i] for i in low), of.columns))
    return Statement("low_rows", "", "", "", numbers, scope=of.panel.id, cells=cells)


def _one_table(found: Sequence[_Ranges]) -> Statement | None:
    """Return whether two panels can be two readings of one table of counts (form 27).

    They can if row totals exist for which every ratio of paired cells lies within its range: a linear programme in
    logarithms of the totals of both panels.
    """
    if len(found) != 2 or found[0].rows != found[1].columns or found[0].columns != found[1].rows:
        return None
    a, b = found
    n, m = a.low.shape
    limits = _limits(a, b)
    if limits is None:
        return Statement("one_table", comparison="totals", numbers={"possible": False})
    rows, bounds = limits
    if not len(rows):
        return None
    if _least(np.zeros(n + m), rows, bounds) is None:
        return Statement("one_table", comparison="totals", numbers={"possible": False})
    best = (0.0, 0, 0)
    for i, j in product(range(n), range(m)):
        goal = np.zeros(n + m)
        goal[n + j], goal[i] = 1.0, -1.0
        least = _least(goal, rows, bounds)
        best = max(best, (-np.inf if least is None else least, i, j))
    numbers: dict[str, Number] = {"possible": True}
    if best[0] > portable.log(2.0):
        numbers |= {"ratio": portable.exp(best[0]), "smaller": a.rows[best[1]], "larger": b.rows[best[2]]}
    return Statement("one_table", comparison="totals", numbers=numbers)


def _limits(a: _Ranges, b: _Ranges) -> tuple[Floats, Floats] | None:
    """Return limits of differences of logarithms of totals (L, n + m) and (L,), or None if a zero contradicts them."""
    n, m = a.low.shape
    rows, bounds = list[Floats](), list[float]()
    for i, j in product(range(n), range(m)):
        ends = a.low[i, j], a.high[i, j], b.low[j, i], b.high[j, i]
        if np.isnan(ends).any():
            continue
        if (ends[1] == 0 and ends[2] > 0) or (ends[3] == 0 and ends[0] > 0):
            return None
        line = np.zeros(n + m)  # log total of row j of b, less that of row i of a
        line[n + j], line[i] = 1.0, -1.0
        if ends[1] > 0 and ends[2] > 0:
            rows.append(line)
            bounds.append(portable.log(ends[1] / ends[2]))
        if ends[0] > 0 and ends[3] > 0:
            rows.append(-line)
            bounds.append(-portable.log(ends[0] / ends[3]))
    return np.array(rows).reshape(-1, n + m), np.array(bounds)


def _least(goal: Floats, rows: Floats, bounds: Floats) -> float | None:
    """Return the smallest value of a linear goal under limits, or None if there is none."""
    found = linprog(goal, rows, bounds, bounds=[(None, None)] * rows.shape[1], method="highs")
    return None if found.fun is None or found.status else float(found.fun)
