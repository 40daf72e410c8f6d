"""Coverage of intervals if units of a group are near-copies: the method in use and alternatives.

A group has its own pattern (a row and a column category, drawn from the population). Each of its units copies it or
draws its own, and agreement is the share of copies. Groups have 30 units, or log-normal sizes with that mean (1.5), so
that 500 groups are worth about 53. True shares range from 1 to 98%.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from benchmarks.coverage_cells import LEVEL, SHAPE
from benchmarks.coverage_tables import Row, percent
from benchmarks.populations import N_CATEGORIES, group_sizes
from diptych.inference import InferenceSettings
from diptych.inference.critical_values import POWERS
from diptych.inference.intervals import Interval, effective_groups, interval, linearised, standard_error
from diptych.inference.moments import GIVEN, Moments
from diptych.measures import MEASURES

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MEASURED = ("conditional", "share", "lift", "difference", "phi", "odds_ratio")
COMPARED = ("conditional", "lift")
USED, OLD = "as it is used", "linearised, G_eff - 1"
WAYS = (OLD, "jackknife, G_eff - 1", "jackknife, rho = 1", "BCa", USED)
LEAST = InferenceSettings()
"""A report marks cells with fewer units or effective groups."""

AT_ONCE = 50
"""Tables computed at once."""

RESAMPLES = 400
LEAST_CELLS = 100
"""The number of intervals that a figure needs."""

N_BCA = 50
"""The number of tables of a regime with resampling of groups, which takes longer than everything else."""

_ROWS = np.array([0.5, 0.3, 0.2])
_COLUMNS = np.array([[0.90, 0.08, 0.02], [0.50, 0.30, 0.20], [0.01, 0.01, 0.98]])
CHANCE = (_ROWS[:, None] * _COLUMNS).ravel()
"""True shares (9,) of all patterns of a row and a column category, in row order."""

_GIVEN = np.repeat(np.eye(N_CATEGORIES), N_CATEGORIES, axis=0)
_OUTCOME = np.tile(np.eye(N_CATEGORIES), (N_CATEGORIES, 1))
TRUE = np.stack(np.broadcast_arrays(CHANCE.reshape(SHAPE), _ROWS[:, None], CHANCE @ _OUTCOME, 1.0))
"""True (n_ab, n_a, n_b, N) per unit (4, 3, 3)."""

Agreement = Callable[[NDArray[np.int64]], Floats]
"""The share of each group's units that are copies, from the sizes (G,) of groups."""


@dataclass(frozen=True)
class Near:
    """Groups of near-copies. `name` is also the seed."""

    name: str
    n_groups: int
    spread: float
    agreement: Agreement

    def tables(self, n_tables: int) -> Iterator[Floats]:
        """Yield the units (T, G, 9) of each group by pattern, several tables at once."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        for first in range(0, n_tables, AT_ONCE):
            yield np.stack([self._table(rng) for _ in range(min(AT_ONCE, n_tables - first))]).astype(np.float64)

    def _table(self, rng: np.random.Generator) -> NDArray[np.int64]:
        sizes = group_sizes(self.n_groups, 30, self.spread, rng)
        own = rng.choice(len(CHANCE), self.n_groups, p=CHANCE)
        copies = rng.binomial(sizes, self.agreement(sizes))
        units = rng.multinomial(sizes - copies, CHANCE)
        units[np.arange(self.n_groups), own] += copies
        return units


def near(n_groups: int, spread: float, agreement: float) -> Near:
    """Return groups whose units all have the same chance of being a copy."""
    sizes = "equal" if spread == 0 else "log-normal"
    name = f"{n_groups} groups, {sizes}, {agreement:g}"
    return Near(name, n_groups, spread, lambda sizes: np.full(len(sizes), agreement))


REGIMES = (
    *(near(n, spread, copied) for n in (15, 50, 500) for spread in (0, 1.5) for copied in (0.3, 0.7, 0.95)),
    *(
        Near(
            f"{n} groups, log-normal, the larger half copies (0.95)",
            n,
            1.5,
            lambda sizes: np.where(sizes > np.median(sizes), 0.95, 0),
        )
        for n in (50, 500)
    ),
)


def alike_coverage(regime: Near, n_tables: int) -> pd.DataFrame:
    """Return the coverage of all methods: one row for each measure and cell with an interval.

    Columns: measure, p (the true P(b|a)), few (whether a report marks the cell as such), and one for each method (1 or
    0, nan if there is no interval or the method was not tried). `wider` is the length of the interval in use divided by
    the length of the old one (on the measure's scale).
    """
    parts = []
    rng = np.random.default_rng(zlib.crc32(regime.name[::-1].encode()))
    for number, units in enumerate(regime.tables(n_tables)):
        per_group = per_group_totals(units)
        found = moments_of(per_group)
        for name in MEASURED:
            ends = _ways(name, found, per_group, rng if number * AT_ONCE < N_BCA else None)
            there = np.isfinite(ends[USED].low)
            few = found.totals[GIVEN] < LEAST.minimum_units
            few |= effective_groups(MEASURES[name], found) < LEAST.minimum_groups
            with np.errstate(divide="ignore", invalid="ignore"):
                columns = {"wider": _length(name, ends[USED]) / _length(name, ends[OLD])}
            columns |= {"p": np.broadcast_to(_COLUMNS, there.shape), "few": few}
            columns |= {way: _held(part, MEASURES[name](*TRUE)) for way, part in ends.items()}
            parts.append(pd.DataFrame({key: values[there] for key, values in columns.items()}).assign(measure=name))
    return pd.concat(parts).reindex(columns=["measure", "p", "few", "wider", *WAYS])


def moments_of(per_group: Floats) -> Moments:
    """Return the moments of T tables in parallel, from group totals (4, T, G, 3, 3) in units of weight 1."""
    totals = per_group.sum(axis=2)
    second = np.einsum("ktgab,ltgab->kltab", per_group, per_group)
    joint, given, outcome, units = totals
    alone = np.stack([
        np.stack([joint, joint, joint, joint]), np.stack([joint, given, joint, given]),
        np.stack([joint, joint, outcome, outcome]), np.stack([joint, given, outcome, units]),
    ])  # fmt: skip
    margins = np.concatenate([per_group[1:], per_group[3] - per_group[1:3]])
    powers = {n: (margins**n).sum(axis=2) for n in range(2, 9)}
    sizes = np.stack([powers[i + j] for i, j in POWERS])
    return Moments(totals, second, per_group.shape[2], alone, int(units.max()), sizes, adds_ones=True)


def _held(ends: Interval, truth: Floats) -> Floats:
    return np.where(np.isfinite(ends.low), (ends.low <= truth) & (truth <= ends.high), np.nan)


_FORWARD = {"conditional": special.logit, "share": special.logit, "lift": np.log, "odds_ratio": np.log}
_BACKWARD = {"conditional": special.expit, "share": special.expit, "lift": np.exp, "odds_ratio": np.exp}


def _forward(name: str, values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = _FORWARD.get(name, np.arctanh)(values)
    return found


def _length(name: str, ends: Interval) -> Floats:
    length = _forward(name, ends.high) - _forward(name, ends.low)
    return np.where(np.isfinite(length) & (length > 0), length, np.nan)


def _ways(name: str, found: Moments, per_group: Floats, rng: np.random.Generator | None) -> dict[str, Interval]:
    """Return the intervals of a measure by all methods. Groups are resampled if a generator is given."""
    measure = MEASURES[name]
    ends = {USED: interval(measure, found, LEVEL)}
    value, error = measure(*found.totals), standard_error(measure, found)
    careful, rho_is_one = _freedom(name, per_group)
    ends[OLD] = _t_interval(name, value, error, careful)
    if name in COMPARED:
        n_groups = per_group.shape[2]
        with np.errstate(divide="ignore", invalid="ignore"):
            without = measure(*(found.totals[:, :, None] - per_group))
        moved = np.nan_to_num(without - value[:, None])
        left = np.sqrt((n_groups - 1) / n_groups * (moved**2).sum(axis=1))
        ends["jackknife, G_eff - 1"] = _t_interval(name, value, left, careful)
        ends["jackknife, rho = 1"] = _t_interval(name, value, left, rho_is_one)
        if rng is not None:
            ends["BCa"] = _bca(name, value, -moved, per_group, rng)
    if (error > 0).all():
        return ends
    # If all groups are equal, all methods give the Wilson interval or nothing.
    plain, varies = linearised(measure, found, LEVEL), error > 0
    return {way: part if way == USED else _where(varies, part, plain) for way, part in ends.items()}


def _where(chosen: Bools, one: Interval, other: Interval) -> Interval:
    return Interval(np.where(chosen, one.low, other.low), np.where(chosen, one.high, other.high))


def per_group_totals(units: Floats) -> Floats:
    """Return (n_ab, n_a, n_b, N) of each group (4, T, G, 3, 3)."""
    joint = units.reshape(*units.shape[:2], *SHAPE)
    given, outcome = joint.sum(axis=-1, keepdims=True), joint.sum(axis=-2, keepdims=True)
    return np.stack(np.broadcast_arrays(joint, given, outcome, joint.sum(axis=(-2, -1), keepdims=True)))


def _freedom(name: str, per_group: Floats) -> tuple[Floats, Floats]:
    """Return degrees of freedom (T, 3, 3): by G_eff, and by Satterthwaite with rho = 1 (copies)."""
    margins = [1] if name in ("conditional", "difference") else [3] if name == "share" else [1, 2]
    squares, fourth = ((per_group[margins] ** power).sum(axis=2) for power in (2, 4))
    totals = per_group[margins].sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = ((totals**2 / squares).min(axis=0) - 1, (squares**2 / fourth).min(axis=0) - 1)
    careful, rho_is_one = (np.maximum(np.nan_to_num(part), 1) for part in found)
    return careful, rho_is_one


def _t_interval(name: str, value: Floats, error: Floats, freedom: Floats) -> Interval:
    slopes = {"conditional": value * (1 - value), "share": value * (1 - value), "lift": value, "odds_ratio": value}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = stats.t.ppf((1 + LEVEL) / 2, freedom) * error / slopes.get(name, 1 - value**2)
        centre, back = _forward(name, value), _BACKWARD.get(name, np.tanh)
        return Interval(back(centre - half), back(centre + half))


def _bca(name: str, value: Floats, influence: Floats, per_group: Floats, rng: np.random.Generator) -> Interval:
    """Return bias-corrected and accelerated percentiles of resampled groups (Efron 1987)."""
    low, high = np.full_like(value, np.nan), np.full_like(value, np.nan)
    for t in range(len(value)):
        of_table = _bca_of_table(name, value[t], influence[t], per_group[:, t], rng)
        low[t], high[t] = of_table.low, of_table.high
    return Interval(low, high)


def _bca_of_table(name: str, value: Floats, influence: Floats, per_group: Floats, rng: np.random.Generator) -> Interval:
    n = per_group.shape[1]
    drawn = rng.multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = MEASURES[name](*np.einsum("rg,kgab->krab", drawn, per_group, optimize=True))
        below = (np.sum(values < value, axis=0) + np.sum(values == value, axis=0) / 2) / RESAMPLES
        bias = special.ndtri(np.clip(below, 0.5 / RESAMPLES, 1 - 0.5 / RESAMPLES))
        bend = (influence**3).sum(axis=0) / (6 * (influence**2).sum(axis=0) ** 1.5)
        z = special.ndtri((1 + LEVEL) / 2)
        at = [special.ndtr(bias + (bias + s * z) / (1 - bend * (bias + s * z))) for s in (-1, 1)]
    low, high = (np.full(SHAPE, np.nan) for _ in range(2))
    for a, b in np.ndindex(SHAPE):
        of = values[:, a, b][np.isfinite(values[:, a, b])]
        if len(of) and np.isfinite(at[0][a, b] + at[1][a, b]):
            low[a, b], high[a, b] = np.quantile(of, [at[0][a, b], at[1][a, b]])
    return Interval(low, high)


def by_regime(found: Mapping[str, pd.DataFrame], *, marked: bool) -> list[Row]:
    """Return the coverage of the method in use, by regime and measure: of all cells, and of the worst share.

    `marked`: include cells that a report marks as few.
    """
    rows: list[Row] = []
    for name, cells in found.items():
        row = {"": name}
        for measure, part in cells[marked | ~cells["few"]].groupby("measure", sort=False):
            row[f"`{measure}`"] = _rate(part, USED)
        rows.append(row)
    return rows


def by_way(found: Mapping[str, pd.DataFrame], measure: str) -> list[Row]:
    """Return the coverage of a measure by all methods and regimes, and the median relative width of the one in use."""
    rows: list[Row] = []
    for name, cells in found.items():
        part = cells[cells["measure"] == measure]
        row = {"": name}
        for way in WAYS:
            row[way] = _rate(part, way)
        row["wider"] = f"{part['wider'].median():.2f}"
        rows.append(row)
    return rows


def _rate(cells: pd.DataFrame, way: str) -> str:
    """Return the coverage of a method, and its lowest coverage over true shares; "few" if no share has enough cells."""
    shares = cells.groupby("p")[way].agg(["mean", "count"])
    enough = shares[shares["count"] >= LEAST_CELLS]["mean"]
    return f"{percent(cells[way].mean())} ({percent(enough.min())})" if len(enough) else "few"
