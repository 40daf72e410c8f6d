"""Coverage and width of intervals of units with unequal weights.

`python -m benchmarks.coverage_weights --write` updates the table of benchmarks/simulations.md (one minute).
Units are independent. Each has a pair of categories (of nine) and a log-normal weight. Weights are unrelated to the
pair, or informative: some pairs are sampled up to eight times as often as others, and weigh as many times less.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import markdown_table, publish
from diptych.inference.intervals import interval
from diptych.inference.moments import Moments
from diptych.measures import MEASURES

Floats = NDArray[np.float64]

CHANCE = np.array([[0.62, 0.35, 0.03], [0.12, 0.8, 0.08], [0.04, 0.16, 0.8]]) * np.array([[0.45], [0.35], [0.2]])
INFORMATIVE = np.array([[1.0, 4.0, 0.5], [2.0, 1.0, 4.0], [4.0, 0.5, 2.0]])
"""The average weights of the pairs, for informative weights."""
SPREADS = (0.5, 1.0, 1.5)
"""Standard deviations of the logarithm of weights."""
N_UNITS = (300, 2000)
LEVEL = 0.95
_MARGINS = ((), (-1,), (-2,), (-2, -1))
"""The axes that each of the four totals sums over."""


def drawn(spread: float, n_units: int, n_tables: int, *, informative: bool, seed: int = 31) -> Moments:
    """Return the moments (T tables of 3 x 3 cells) of units drawn with their weights."""
    rng = np.random.default_rng([seed, n_units, round(10 * spread), informative])
    factor = INFORMATIVE if informative else np.ones_like(CHANCE)
    sampled = CHANCE / factor
    sums = np.zeros((2, n_tables, CHANCE.size))
    for table in range(n_tables):
        pair = rng.choice(CHANCE.size, n_units, p=sampled.ravel() / sampled.sum())
        weight = factor.ravel()[pair] * np.exp(spread * rng.standard_normal(n_units))
        sums[:, table] = [np.bincount(pair, weight**power, CHANCE.size) for power in (1, 2)]
    weights, squares = sums.reshape(2, n_tables, *CHANCE.shape)
    totals = np.stack(np.broadcast_arrays(*(weights.sum(axis=axes, keepdims=True) for axes in _MARGINS)))
    second = np.empty((4, *totals.shape))
    for i, own in enumerate(_MARGINS):
        for j, other in enumerate(_MARGINS):
            # A unit adds to both totals if its category is theirs on each side that one of them does not sum over.
            second[i, j] = squares.sum(axis=tuple(set(own) & set(other)), keepdims=True)
    return Moments(totals, second, n_units, second, n_units, None, adds_ones=False, weighted=True)


@dataclass(frozen=True)
class Covered:
    """Of 95% intervals of some cells: the percentage that contain the truth, and their median width.

    `before` is the percentage for linearised intervals with fixed sample weights. `wider` is the ratio of both
    median widths.
    """

    held: float
    before: float
    width: float
    wider: float


def covered(measure: str, found: Moments, cells: NDArray[np.bool_]) -> Covered:
    """Return how often the intervals of some cells (3, 3) contain the truth."""
    joint = CHANCE
    totals = [joint.sum(axis=axes, keepdims=True) for axes in _MARGINS]
    truth = MEASURES[measure](*np.broadcast_arrays(*totals))
    held, widths = [], []
    for of in (found, replace(found, weighted=False)):
        ends = interval(MEASURES[measure], of, LEVEL)
        low, high = ends.low[:, cells], ends.high[:, cells]
        held.append(100 * float(((low <= truth[cells]) & (truth[cells] <= high)).mean()))
        widths.append(float(np.nanmedian(high - low)))
    return Covered(held[0], held[1], widths[0], widths[0] / widths[1])


CELLS = {
    "share over 20%": ("conditional", lambda share: share > 0.2),
    "5 to 20%": ("conditional", lambda share: (share > 0.05) & (share <= 0.2)),
    "under 5%": ("conditional", lambda share: share <= 0.05),
    "lift": ("lift", lambda share: share > 0.05),
    "difference": ("difference", lambda share: share > 0.05),
}
"""The measure and its cells by true share, for each column header."""


def rows(n_tables: int) -> Iterator[tuple[str, list[Covered]]]:
    """Yield each method of drawing weights with the coverage of its intervals."""
    share = CHANCE / CHANCE.sum(axis=1, keepdims=True)
    for informative in (False, True):
        for spread in SPREADS:
            for n_units in N_UNITS:
                found = drawn(spread, n_units, n_tables, informative=informative)
                name = f"{spread:g}{', informative' if informative else ''}; {n_units:,}"
                yield name, [covered(measure, found, which(share)) for measure, which in CELLS.values()]


def text(n_tables: int) -> str:
    """Return the table as Markdown."""
    lines = [
        {"": name} | {head: _cell(one) for head, one in zip(CELLS, found, strict=True)}
        for name, found in rows(n_tables)
    ]
    return markdown_table("spread; units", lines)


def _cell(found: Covered) -> str:
    return f"{found.held:.1f} ({found.before:.1f}); {found.wider:.2f}"


def main() -> None:
    """Print the table, or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    publish("weights", text(asked.tables), write=asked.write)


if __name__ == "__main__":
    main()
