"""False-positive rates of ratios among crossing units: `python -m benchmarks.crossing [--write]`.

Tables are drawn from quasi-independence and from known affinities, as units, as groups and in strata. The results are
in benchmarks/simulations.md. With --write they are updated there. The seed gives the same numbers.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.pages import markdown_table, publish
from diptych.cells import Kind, Unit
from diptych.incidence import Incidence, Side
from diptych.inference.quasi_independence import among_crossing, fit

Floats = NDArray[np.float64]
LEVEL = 0.95
LEAST = 5
"""A ratio is reported from this number of expected units."""
PER_POPULATION = 20
BOUNDS = (LEAST, 10, 20, 50, np.inf)


@dataclass(frozen=True, slots=True)
class Regime:
    """A method of drawing tables of crossing units.

    Sizes of categories are log-normal (0.7), and the first is `hub` times the largest. `affinity` is the standard
    deviation of the term added to the logs of cells, 0 for none. With `n_groups`, units come in groups of log-normal
    size (1). Each group has its own Dirichlet shares of cells, with correlation `correlation`. With `n_strata`, each
    stratum has its own sizes of categories and the same number of units. `pooled`: the strata are unknown.
    """

    name: str
    n_categories: int
    n_units: int
    hub: float = 0
    affinity: float = 0
    n_groups: int = 0
    correlation: float = 0.0
    n_strata: int = 1
    pooled: bool = False


REGIMES = (
    Regime("300 units, 5 categories", 5, 300),
    Regime("1,000 units, 9 categories", 9, 1000),
    Regime("1,000 units, one category at an end of 94 %", 5, 1000, hub=10),
    Regime("1,000 units, one category at an end of 99 %", 5, 1000, hub=50),
    Regime("3,000 units in 400 groups, correlation 0.03", 5, 3000, n_groups=400, correlation=1 / 31),
    Regime("3,000 units in 100 groups, correlation 0.03", 5, 3000, n_groups=100, correlation=1 / 31),
    Regime("3,000 units in 100 groups, correlation 0.2", 5, 3000, n_groups=100, correlation=0.2),
    Regime("3,000 units in 20 groups, correlation 0.2", 5, 3000, n_groups=20, correlation=0.2),
)
STRATA = (
    Regime("4 strata of 500, known", 5, 2000, n_strata=4),
    Regime("4 strata of 500, not known", 5, 2000, n_strata=4, pooled=True),
    Regime("40 strata of 50, known", 5, 2000, n_strata=40),
    Regime("200 strata of 10, known", 5, 2000, n_strata=200),
)


def shares(regime: Regime, rng: np.random.Generator) -> Floats:
    """Draw the share (S, K, K) of each cell among crossing units, one stratum at a time."""
    sizes = np.exp(0.7 * rng.standard_normal((2, regime.n_strata, regime.n_categories)))
    if regime.hub:
        sizes[..., 0] = regime.hub * sizes.max(axis=(0, 2))[:, None].T
    cells = sizes[0][:, :, None] * sizes[1][:, None, :]
    cells *= np.exp(regime.affinity * rng.standard_normal(cells.shape[1:]))
    cells *= ~np.eye(regime.n_categories, dtype=bool)
    return cells / cells.sum()


def drawn(regime: Regime, share: Floats, rng: np.random.Generator) -> Incidence:
    """Draw units with one row and one column category each."""
    flat = share.reshape(regime.n_strata, -1)
    if not regime.n_groups:
        whole = [rng.multinomial(regime.n_units // regime.n_strata, row / row.sum()) for row in flat]
        stratum, cell = np.nonzero(whole)
        group = None
    else:
        spread = np.exp(rng.standard_normal(regime.n_groups) - 0.5)
        sizes = np.maximum(1, rng.poisson(regime.n_units / regime.n_groups * spread))
        alike = np.maximum((1 / regime.correlation - 1) * flat[0], 1e-12)
        whole = [rng.multinomial(size, rng.dirichlet(alike)) for size in sizes]
        group, cell = np.nonzero(whole)
        stratum = np.zeros_like(group)
    units = np.array(whole)[group if group is not None else stratum, cell]
    return _incidence(regime, cell, units, np.zeros_like(stratum) if regime.pooled else stratum, group)


def _incidence(
    regime: Regime, cell: NDArray[np.int64], units: NDArray[np.int64], stratum: NDArray[np.int64],
    group: NDArray[np.int64] | None,
) -> Incidence:  # fmt: skip
    one = np.eye(regime.n_categories, dtype=bool)
    kind = Kind("things", "Thing", "thing", "things")
    side = Side("things", kind, tuple(f"C{k}" for k in range(regime.n_categories)), "one")
    return Incidence(
        relation="met",
        rows=side,
        columns=side,
        unit=Unit("record", "unit", "units"),
        row_sets=one[cell // regime.n_categories],
        column_sets=one[cell % regime.n_categories],
        units=units,
        weight=units.astype(np.float64),
        weight_squared=units.astype(np.float64),
        stratum=stratum,
        strata=tuple(str(k) for k in range(int(stratum.max()) + 1)),
        stratum_names=("stratum",) if regime.n_strata > 1 and not regime.pooled else (),
        group=group,
        n_groups=regime.n_groups or None,
        group_names=("group",) if group is not None else (),
        weighted=False,
        trivial_diagonal=False,
    )


def judged(regime: Regime, n_tables: int) -> pd.DataFrame:
    """Return one row for each cell of each table with `LEAST` expected units: expected, told, above, below, rejected.

    `told`: there is an interval. `above` and `below`: it is entirely above or below the truth, the ratio of true
    shares to their own quasi-independence. `rejected`: p is under 0.05.
    """
    rng = np.random.default_rng(zlib.crc32(f"{regime}".encode()))
    rows = []
    for share in _populations(regime, n_tables, rng):
        fitted = fit(share).fitted.sum(axis=0)
        chosen = fitted * regime.n_units >= LEAST
        truth = 1.0 if regime.pooled else share.sum(axis=0)[chosen] / fitted[chosen]
        found = among_crossing(drawn(regime, share, rng), LEVEL)
        low, high, p = (part[chosen] for part in (found.low, found.high, found.p))
        rows.append(
            pd.DataFrame(
                {
                    "expected": (fitted * regime.n_units)[chosen],
                    "told": np.isfinite(low),
                    "above": low > truth,
                    "below": high < truth,
                    "rejected": p < 1 - LEVEL,
                }
            )
        )
    return pd.concat(rows)


def _populations(regime: Regime, n_tables: int, rng: np.random.Generator) -> Iterator[Floats]:
    for _ in range(-(-n_tables // PER_POPULATION)):
        share = shares(regime, rng)
        yield from (share for _ in range(PER_POPULATION))


def simulate(n_tables: int, processes: int) -> str:
    """Return every table of results as Markdown."""
    planted = [replace(regime, affinity=0.7) for regime in REGIMES]
    every = [*REGIMES, *planted, *STRATA]
    with ProcessPoolExecutor(processes) as pool:
        cells = dict(zip(every, pool.map(judged, every, [n_tables] * len(every)), strict=True))
    null = [
        _row(regime.name, cells[regime]) | {"intervals that hold an affinity": _held(cells[other])}
        for regime, other in zip(REGIMES, planted, strict=True)
    ]
    bins = [
        {"": regime.name} | _by_expected(cells[regime]) for regime in (REGIMES[0], REGIMES[1], REGIMES[4], REGIMES[6])
    ]
    return "\n".join(
        [
            "### Without an affinity, and with a known affinity\n",
            f"{n_tables:,} tables in each row; pairs with {LEAST} expected units or more. Per cent.\n",
            markdown_table("crossing units", null),
            "### Tests without an affinity that reject, by expected units\n",
            markdown_table("crossing units", bins),
            "### Strata without an affinity in any of them\n",
            markdown_table("crossing units", [_row(regime.name, cells[regime]) for regime in STRATA]),
        ]
    )


def _row(label: str, cells: pd.DataFrame) -> dict[str, str]:
    told = cells[cells["told"]]
    return {
        "": label,
        "pairs": f"{len(cells):,}",
        "no interval": _percent(1 - cells["told"].mean()),
        "wholly above 1": _percent(told["above"].mean()),
        "wholly below 1": _percent(told["below"].mean()),
        "p under 0.05": _percent(told["rejected"].mean()),
    }


def _held(cells: pd.DataFrame) -> str:
    told = cells[cells["told"]]
    return _percent(1 - (told["above"] | told["below"]).mean())


def _by_expected(cells: pd.DataFrame) -> dict[str, str]:
    told = cells[cells["told"]]
    bins = pd.cut(told["expected"], list(BOUNDS), right=False)
    return {
        f"{bin_.left:g} to {bin_.right:g}" if np.isfinite(bin_.right) else f"{bin_.left:g} or more": _percent(
            part["rejected"].mean()
        )
        for bin_, part in told.groupby(bins, observed=True)
        if len(part) >= 200
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def main() -> None:
    """Simulate, and print the tables or write them into the page."""
    parser = argparse.ArgumentParser(description="How often ratios among crossing units surprise without a reason.")
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/simulations.md")
    asked = parser.parse_args()
    publish("crossing", simulate(asked.tables, asked.processes), write=asked.write)


if __name__ == "__main__":
    main()
