"""The selection of coverage curves and of their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from benchmarks.coverage_cells import MEASURED, rate, usual
from benchmarks.coverage_contrasts import CONTRASTED, USED
from benchmarks.coverage_curves import BLUE, GREEN, ORANGE, PURPLE, Axis, Curves, Point, ShareLine, curves_svg
from benchmarks.coverage_regimes import grouped, independent, weighted
from diptych.measures import MEASURES
from diptych.packs import register_packs

register_packs()  # measures of packs

Found = Mapping[str, pd.DataFrame]

GROUP_BOUNDS = (1.5, 2, 3, 5, 7, 10, 20, 50, 100, math.inf)
SHARE_BOUNDS = (0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1)
EXPECTED_BOUNDS = (0, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, math.inf)
LEAST = 200
"""The number of intervals that a point needs."""

LEAST_SHARE = 0.85
"""The end of the axis. A line below it leaves the chart."""

COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
GROUPS = Axis("effective groups (G_eff)", (1.4, 170), (2, 3, 5, 10, 20, 50, 100))
SHARES = Axis("true share P(b|a)", (0.0008, 0.97), (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95), "logit")
EXPECTED = Axis("expected count, n_a n_b / N", (0.08, 400), (0.1, 0.3, 1, 3, 10, 30, 100, 300))


def curves(found: Found, contrasts: Found) -> dict[str, str]:
    """Return the curves as SVG by file name."""
    cells = pd.concat([part for name, part in found.items() if "groups" in name])
    of_contrasts = pd.concat([part for name, part in contrasts.items() if "groups" in name])
    of_groups = _of_measures(usual(cells), "effective", GROUP_BOUNDS, ("conditional", "lift", "count"))
    other = "each other measure"
    pictures = {
        "coverage-groups": [
            Curves("One cell, by effective groups", GROUPS, of_groups, LEAST_SHARE, other),
            Curves("Contrasts, by effective groups", GROUPS, _of_contrasts(of_contrasts), LEAST_SHARE),
        ],
        "coverage-shares": [Curves("Conditionals, by the true share", SHARES, _of_shares(found), LEAST_SHARE)],
        "coverage-lifts": [
            Curves("Lifts, by the expected count", EXPECTED, _of_lifts(found), LEAST_SHARE),
            Curves("Other measures of 300 independent units", EXPECTED, _of_small_counts(found), LEAST_SHARE, other),
        ],
    }
    return {name: curves_svg(name, of) for name, of in pictures.items()}


def _of_measures(cells: pd.DataFrame, by: str, bounds: Sequence[float], names: Sequence[str]) -> tuple[ShareLine, ...]:
    """Return a line for each measure, in grey except for the named measures, which are on top."""
    parts = {name: cells[cells["measure"] == name] for name in MEASURED}
    grey = [ShareLine(name, _points(parts[name], by, bounds)) for name in MEASURED if name not in names]
    clear = [
        ShareLine(_label(name), _points(parts[name], by, bounds), colour)
        for name, colour in zip(names, COLOURS, strict=False)
    ]
    return (*grey, *clear)


def _label(name: str) -> str:
    return name if name == "conditional" else MEASURES[name].info.phrase


def _of_contrasts(contrasts: pd.DataFrame) -> tuple[ShareLine, ...]:
    there = contrasts.dropna(subset=[USED])
    return tuple(
        ShareLine(_label(name), _points(there[there["measure"] == name], "effective", GROUP_BOUNDS, USED), colour)
        for name, colour in zip(CONTRASTED, COLOURS, strict=False)
    )


def _of_shares(found: Found) -> tuple[ShareLine, ...]:
    lines = {
        "2,000 independent units": independent(2000),
        "300 independent units": independent(300),
        "272 groups of 30 units": grouped(100, 1),
        "2,000 units, weights (2)": weighted(2000, 2),
    }
    return _of_regimes({label: found[regime.name] for label, regime in lines.items()}, "conditional", "p", SHARE_BOUNDS)


def _of_lifts(found: Found) -> tuple[ShareLine, ...]:
    lines = {
        "300 independent units": independent(300),
        "54 groups of 30 units": grouped(20, 1),
        "128 groups of 3 units": grouped(100, 0.5, 0.5, 3),
        "300 units, weights (3)": weighted(300, 3),
    }
    return _of_regimes(
        {label: found[regime.name] for label, regime in lines.items()}, "lift", "expected", EXPECTED_BOUNDS
    )


def _of_regimes(found: Found, measure: str, by: str, bounds: Sequence[float]) -> tuple[ShareLine, ...]:
    lines = []
    for (label, cells), colour in zip(found.items(), COLOURS, strict=True):
        lines.append(ShareLine(label, _points(_ample(cells[cells["measure"] == measure]), by, bounds), colour))
    return tuple(lines)


def _of_small_counts(found: Found) -> tuple[ShareLine, ...]:
    names = ("log2_lift", "relative_risk", "odds_ratio", "kulczynski")
    return _of_measures(_ample(found[independent(300).name]), "expected", EXPECTED_BOUNDS, names)


def _ample(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals with n_given >= 50, for any share."""
    return cells[cells["given"] & (cells["n_given"] >= 50)]


def _points(cells: pd.DataFrame, by: str, bounds: Sequence[float], column: str = "covered") -> tuple[Point, ...]:
    """Return a point for each bin with enough intervals, at the median of the binned column."""
    points = []
    for _, part in cells.groupby(pd.cut(cells[by], list(bounds), right=False), observed=True):
        if len(part) >= LEAST:
            held = rate(part, column)
            points.append(Point(float(part[by].median()), held.share, held.error))
    return tuple(points)
