"""Coverage and width of intervals from few or unequal groups, compared with the wild cluster bootstrap.

`python -m benchmarks.coverage_groups --write` updates the table of benchmarks/simulations.md (two minutes of
processor time). Each group has its own mix of nine pairs of categories (Dirichlet) and 40 units on average.
Each row of categories has 62% of its units on the diagonal.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage_alike import moments_of, per_group_totals
from benchmarks.pages import publish
from diptych.inference.intervals import Interval, interval
from diptych.measures import MEASURES

Floats = NDArray[np.float64]

CHANCE = np.array([[0.62, 0.23, 0.15], [0.2, 0.62, 0.18], [0.05, 0.33, 0.62]]) * np.array([[0.5], [0.35], [0.15]])
AGREEMENT = float(np.trace(CHANCE))
SIZES = ("equal", "log-normal", "one holds 25 %", "one holds 50 %")
N_GROUPS = (8, 15, 40, 60)
PER_GROUP, CORRELATION, LEVEL = 40, 0.1, 0.95
MEASURED = ("share", "lift", "difference", "agreement")
_NAMES = {"share": "conditional", "agreement": "conditional"}
_WEBB = np.array([-math.sqrt(1.5), -1, -math.sqrt(0.5), math.sqrt(0.5), 1, math.sqrt(1.5)])
_HALVINGS = 12


def group_sizes(kind: str, n_groups: int, n_tables: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the sizes (T, G) of groups, 40 units on average."""
    weight = np.ones((n_tables, n_groups))
    if kind == "log-normal":
        weight = np.exp(rng.standard_normal((n_tables, n_groups)))
    elif kind != "equal":
        part = 0.25 if kind == SIZES[2] else 0.5
        weight[:, 0] = (n_groups - 1) * part / (1 - part)
    whole = weight.sum(axis=1, keepdims=True)
    return np.asarray(np.maximum(np.rint(weight / whole * n_groups * PER_GROUP), 1).astype(np.int64))


def drawn(kind: str, n_groups: int, n_tables: int) -> Floats:
    """Return the units (T, G, 9) of each group by pair of categories."""
    rng = np.random.default_rng(zlib.crc32(f"{kind}, {n_groups}".encode()))
    sizes = group_sizes(kind, n_groups, n_tables, rng)
    concentration = (1 - CORRELATION) / CORRELATION * CHANCE.ravel()
    mix = rng.standard_gamma(np.broadcast_to(concentration, (*sizes.shape, CHANCE.size)))
    return rng.multinomial(sizes, mix / mix.sum(axis=-1, keepdims=True)).astype(np.float64)


def of_agreement(units: Floats) -> Floats:
    """Return units (T, G, 9) of one row, with the diagonal in its first column and all other units in its second."""
    same = units.reshape(*units.shape[:2], 3, 3).trace(axis1=-2, axis2=-1)
    found = np.zeros_like(units)
    found[..., 0], found[..., 1] = same, units.sum(axis=-1) - same
    return found


@dataclass(frozen=True)
class Covered:
    """Percentages of tables: covered, without interval, and covered by the bootstrap, and widths relative to it."""

    held: float
    refused: float
    by_bootstrap: float
    wider: float


def covered(measure: str, units: Floats, n_bootstrapped: int, n_draws: int) -> Covered:
    """Return the coverage of the interval of the first diagonal cell, and its width."""
    units = of_agreement(units) if measure == "agreement" else units
    per_group = per_group_totals(units)
    ends = interval(MEASURES[_NAMES.get(measure, measure)], moments_of(per_group), LEVEL)
    low, high = ends.low[:, 0, 0], ends.high[:, 0, 0]
    there, truth = np.isfinite(low) & np.isfinite(high), _truth(measure)
    some = per_group[:, :n_bootstrapped, :, 0, 0]
    other = bootstrapped(measure, some, n_draws)
    both = there[:n_bootstrapped]
    length: Callable[[Floats, Floats], Floats] = (
        (lambda a, b: np.log(b / np.maximum(a, 1e-9))) if measure == "lift" else lambda a, b: b - a
    )
    own = np.median(length(low[:n_bootstrapped][both], high[:n_bootstrapped][both]))
    return Covered(
        100 * float(((low <= truth) & (truth <= high))[there].mean()),
        100 * float(1 - there.mean()),
        100 * float(((other.low <= truth) & (truth <= other.high)).mean()),
        float(own / np.median(length(other.low[both], other.high[both]))),
    )


def _truth(measure: str) -> float:
    if measure == "agreement":
        return AGREEMENT
    given, outcome = CHANCE.sum(axis=1)[0], CHANCE.sum(axis=0)[0]
    name = _NAMES.get(measure, measure)
    return float(MEASURES[name](*(np.array(part) for part in (CHANCE[0, 0], given, outcome, 1.0))))


def bootstrapped(measure: str, totals: Floats, n_draws: int) -> Interval:
    """Return the inverted wild cluster bootstrap-t (T,) of totals (4, T, G): Webb weights, the null imposed.

    Cameron, Gelbach & Miller (2008); MacKinnon & Webb (2018).
    """
    joint, given, outcome, units = totals
    a, b, n = (part.sum(axis=1)[:, None] for part in (given, outcome, units))
    p, q = a / n, b / n

    def by_lift(value: Floats) -> Floats:
        return np.asarray(joint - value * (p * outcome + q * given - p * q * units))

    def by_difference(value: Floats) -> Floats:
        score = joint - value * given - p * (outcome - value * given) - (q - value * p) * (given - p * units)
        return np.asarray(score)

    share = joint.sum(axis=1) / a[:, 0]
    if measure == "lift":
        return _inverted(by_lift, units / n, share / q[:, 0], (1e-3, 40.0), n_draws)
    if measure == "difference":
        other = (b[:, 0] - joint.sum(axis=1)) / (n - a)[:, 0]
        return _inverted(by_difference, units / n, share - other, (-1.0, 1.0), n_draws)
    return _inverted(lambda value: joint - value * given, given / a, share, (1e-5, 1 - 1e-5), n_draws)


def _inverted(
    scores: Callable[[Floats], Floats], leverage: Floats, value: Floats, bounds: tuple[float, float], n_draws: int
) -> Interval:
    rng, spare = np.random.default_rng(9), np.maximum(1 - leverage, 0.02)
    weights = _WEBB[rng.integers(0, 6, (n_draws, leverage.shape[1]))]

    def accepted(at: Floats) -> NDArray[np.bool_]:
        score = scores(at[:, None])
        total = score.sum(axis=1, keepdims=True)
        distance = np.abs(total[:, 0]) / np.sqrt(((score - total * leverage) ** 2 / spare).sum(axis=1))
        p = np.empty(len(score))
        for t, own in enumerate(score):
            signed = weights * own
            sums = signed.sum(axis=1, keepdims=True)
            error = np.sqrt(((signed - sums * leverage[t]) ** 2 / spare[t]).sum(axis=1))
            p[t] = (np.abs(sums[:, 0]) >= (distance[t] - 1e-12) * error).mean()
        return p > 1 - LEVEL

    ends = []
    for bound in bounds:
        inner, outer = value.copy(), np.full_like(value, bound)
        free = accepted(outer)
        for _ in range(_HALVINGS):
            middle = (inner + outer) / 2
            inside = accepted(middle)
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        ends.append(np.where(free, bound, inner))
    return Interval(ends[0], ends[1])


def table(n_tables: int, n_bootstrapped: int, n_draws: int) -> str:
    """Return the table in Markdown."""
    lines = ["| groups | " + " | ".join(MEASURED) + " |", "| --- " + "| ---: " * len(MEASURED) + "|"]
    for n_groups in N_GROUPS:
        for kind in SIZES:
            units = drawn(kind, n_groups, n_tables)
            cells = [_cell(covered(measure, units, n_bootstrapped, n_draws)) for measure in MEASURED]
            lines.append(f"| {n_groups}, {kind} | " + " | ".join(cells) + " |")
            print(lines[-1], flush=True)
    return "\n".join(lines)


def _cell(found: Covered) -> str:
    refused = f", none in {found.refused:.0f} %" if found.refused >= 0.5 else ""
    return f"{found.held:.1f} ({found.by_bootstrap:.0f}); {found.wider:.2f}{refused}"


def main() -> None:
    """Print the table, or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--bootstrapped", type=int, default=100)
    parser.add_argument("--draws", type=int, default=99)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    made = f"{table(chosen.tables, chosen.bootstrapped, chosen.draws)}\n"
    publish("groups", made, write=chosen.write)


if __name__ == "__main__":
    main()
