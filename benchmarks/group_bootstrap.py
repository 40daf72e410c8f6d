"""Linearised group intervals of the default example, compared with a group bootstrap.

`python -m benchmarks.group_bootstrap [--write]`
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import markdown_table, publish
from diptych.cells import Refusal
from diptych.config.loading import load_config
from diptych.inference import InferenceSettings
from diptych.inference.drawing import draw, resampling
from diptych.inference.intervals import effective_groups, interval
from diptych.matrices.counts import tabulate
from diptych.measures import MEASURES
from diptych.panels import RelationStats
from diptych.pipeline.counting import count_all

CONFIG = Path(__file__).parents[1] / "config.yaml"
SETTINGS, RESAMPLES = InferenceSettings(), 20_000
MEASURE = MEASURES["conditional"]
ROOT = {False: "left", True: "right"}


def compared(tables: RelationStats, *, reverse: bool) -> list[dict[str, str]]:
    """Return a row for each diagonal cell of a panel with units: counts, Wilson, linearised, bootstrap."""
    incidence = tables.incidence
    moments = tables.moments.T if reverse else tables.moments
    counts = tabulate(incidence)
    counts = counts.T if reverse else counts
    groups = effective_groups(MEASURE, moments)
    linearised = interval(MEASURE, moments, SETTINGS.level)
    rows = []
    for k, category in enumerate(counts.given_side.categories):
        if counts.given[k] and counts.outcome[k]:
            drawn = _drawn(tables, k, reverse=reverse)
            low, high = np.quantile(drawn[np.isfinite(drawn)], [0.025, 0.975])
            rows.append(
                {
                    "": f"{ROOT[reverse]}: {category}",
                    "units": f"{counts.joint[k, k]:,.0f} of {counts.given[k]:,.0f}",
                    "%": _percent(counts.joint[k, k] / counts.given[k]),
                    "G_eff": f"{groups[k, k]:.1f}",
                    "linearised": _ends(linearised.low[k, k], linearised.high[k, k]),
                    "drawn again": _ends(low, high) if low < high else "does not vary",
                }
            )
    return rows


def _drawn(tables: RelationStats, k: int, *, reverse: bool) -> NDArray[np.float64]:
    found = resampling(tables.incidence, np.array([k]), np.array([k]))
    if isinstance(found, Refusal):
        raise TypeError(found.reason)
    with np.errstate(invalid="ignore"):
        shares = [
            totals.joint[:, 0, 0] / (totals.outcome if reverse else totals.given)[:, 0]
            for totals in draw(found, lambda totals: totals, SETTINGS.seed, RESAMPLES)
        ]
    return np.concatenate(shares)


def _ends(low: float, high: float) -> str:
    return "not estimable" if np.isnan(low) else f"{_percent(low)} to {_percent(high)}"


def _percent(share: float) -> str:
    """Return a share as a percentage. It shows 0 and 100 only if they are exact."""
    if 0 < share < 0.0005:
        return "<0.1"
    return ">99.9" if 0.9995 <= share < 1 else f"{100 * share:.1f}"


def main() -> None:
    """Count the default example and print the comparison, or write it into the page."""
    parser = argparse.ArgumentParser(description="Linearised group intervals beside groups drawn again.")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/simulations.md")
    asked = parser.parse_args()
    tables = count_all(load_config(CONFIG)).relations["trained_on"].tables
    rows = [row for reverse in (False, True) for row in compared(tables, reverse=reverse)]
    publish("catalogue", markdown_table("cell", rows), write=asked.write)


if __name__ == "__main__":
    main()
