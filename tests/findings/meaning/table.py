"""What a raw table says: counts of categories and pairs, cells of panels, intervals and tests, in pandas and numpy alone.

Of independent units intervals of shares are Wilson's, as statsmodels has them, and tests are exact: hypergeometric
laws of scipy, put together over strata. Of groups and weights ends are near to the percentiles of groups drawn again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from diptych.cells import CellRef, Panel
from tests.findings.meaning.record import UNKNOWN, WIDEST_SHARE, Near, Such
from tests.prose.raw import Raw

Array = NDArray[Any]
SIDES = ("rows", "columns")
LEAST_WORTH = 4
"""Weights that are worth fewer units show no error: t has fewer than three degrees of freedom."""
DRAWN, FEW_GROUPS = 400, 30
"""Drawings of units or groups; groups from which on their percentiles tell ends of intervals."""


class Table:
    """Units (N,) with their categories (N, R) and (N, C), and what they add up to."""

    def __init__(self, raw: Raw) -> None:
        self.raw, self.names, self.same, self.masked = raw, raw.names, raw.same, raw.masked
        units = raw.units
        self.weight: Array = units["weight"].to_numpy(dtype=float)
        self.sets = [units[side].to_list() for side in SIDES]
        self.has = [
            np.array([[name in found for name in names] for found in sets], dtype=bool).reshape(len(units), len(names))
            for sets, names in zip(self.sets, raw.names, strict=True)
        ]
        self.n = float(self.weight.sum())
        self.has_groups = bool(units["group"].astype(bool).any())
        self.is_weighted = bool((self.weight != 1).any())
        self.is_plain = raw.plain and not self.has_groups and not self.is_weighted
        owner = units["group"].to_numpy() if self.has_groups else np.arange(len(units))
        if raw.dispersion is not None:  # so many units of one pattern come together
            patterns = units[["rows", "columns", "stratum"]].astype(str).agg(" ".join, axis=1)
            number = units.groupby(patterns).cumcount() / raw.dispersion
            owner = (patterns + " " + number.astype(int).astype(str)).to_numpy()
        self.owner: Array = np.unique(owner, return_inverse=True)[1] if len(units) else np.zeros(0, int)
        self.strata, self.stratum = np.unique(units["stratum"].to_numpy(dtype=str), return_inverse=True)
        self.is_stratified = bool(raw.strata)

    @cached_property
    def sizes(self) -> tuple[Array, Array]:
        """How many units each category has, weighted: (R,) and (C,)."""
        return self.weight @ self.has[0], self.weight @ self.has[1]

    @cached_property
    def units(self) -> tuple[Array, Array]:
        """The same unweighted."""
        return self.has[0].sum(axis=0), self.has[1].sum(axis=0)

    @cached_property
    def joint(self) -> Array:
        """How many units have a pair of categories (R, C)."""
        return (self.has[0] * self.weight[:, None]).T @ self.has[1].astype(float)

    @cached_property
    def by_stratum(self) -> list[tuple[float, Array, Array, Array]]:
        """Of each stratum how many units it has, how many each row, each column and each pair."""
        found = []
        for level in range(len(self.strata)):
            inside = self.stratum == level
            w, a, b = self.weight[inside], self.has[0][inside], self.has[1][inside]
            found.append((float(w.sum()), w @ a, w @ b, (a * w[:, None]).T @ b.astype(float)))
        return found

    @cached_property
    def over_all(self) -> Array:
        """How many units of each pair sizes give (R, C)."""
        return np.outer(*self.sizes) / self.n if self.n else np.zeros(self.joint.shape)

    @cached_property
    def within(self) -> Array:
        """The same summed over strata; over all where there are none."""
        if not self.is_stratified:
            return self.over_all
        return np.sum([np.outer(a, b) / n for n, a, b, _ in self.by_stratum if n], axis=0)

    @property
    def both(self) -> Array:
        """Which units have a category on both sides."""
        return self.has[0].any(axis=1) & self.has[1].any(axis=1)

    @property
    def equal(self) -> Array:
        """Which units have the same categories on both sides, and some."""
        return self.both & np.array([a == b for a, b in zip(*self.sets, strict=True)], dtype=bool)

    def place(self, row: str, column: str) -> tuple[int, int]:
        return self.names[0].index(row), self.names[1].index(column)

    # What can be judged.

    def worth(self, which: Array) -> float:
        """Return how many equal groups (or units, by weight) some units are worth."""
        of = np.bincount(self.owner[which], self.weight[which])
        return float(of.sum() ** 2 / (of**2).sum()) if of.size and of.any() else 0.0

    @cached_property
    def groups(self) -> tuple[Array, Array]:
        """How many groups each category of either side is worth."""
        return tuple(np.array([self.worth(one) for one in has.T]) for has in self.has)

    def is_enough(self, side: int, minimum: int, groups: float) -> Array:
        """Return which categories of a side have enough units, and groups."""
        enough = self.units[side] >= minimum
        return enough & (self.groups[side] >= groups) if self.has_groups else enough

    # Sums over units, with groups kept together.

    def total(self, each: Array, level: float) -> tuple[float, float | None, float | None]:
        """Return the sum of what each unit adds, with the ends of its interval: by the variance of independent totals.

        Normal for independent units, else t on how many equal totals they are worth.
        """
        of = np.bincount(self.owner, each * self.weight)
        value, m, squares = float(of.sum()), len(of), float((of**2).sum())
        if m < 2 or squares == 0:
            return value, None, None
        worth, variance = float(np.abs(of).sum() ** 2 / squares), m * float(of.var(ddof=1))
        if worth <= 1 + 1e-9 or variance <= 1e-12 * squares:
            return value, None, None
        tail = (1 - level) / 2
        law = stats.norm.isf(tail) if self.is_plain else stats.t.isf(tail, max(worth - 1, 1))
        return value, value - law * math.sqrt(variance), value + law * math.sqrt(variance)

    def less_shares(self, *, in_strata: bool) -> Array:
        """Return for each unit the sum over categories of (r - p)(c - q), p and q the shares of all or its stratum."""
        inside = self.stratum if in_strata and self.is_stratified else np.zeros(len(self.weight), dtype=int)
        sides = []
        for has in self.has:
            sizes = np.bincount(inside, self.weight)
            shares = np.stack([np.bincount(inside, self.weight * one) for one in has.T], axis=1) / sizes[:, None]
            sides.append(has - shares[inside])
        return (sides[0] * sides[1]).sum(axis=1)

    # Intervals of shares.

    @cached_property
    def again(self) -> Array | None:
        """Groups, or units, drawn again (B, G); None where they are few."""
        n = int(self.owner.max(initial=-1)) + 1
        return None if n < FEW_GROUPS else _drawn(n)

    def drawn(self, *each: Array) -> Array:
        """Return the totals (B, K) of what units add in each drawing."""
        of = np.stack([np.bincount(self.owner, one * self.weight) for one in each], axis=1)
        return self.again @ of

    def is_near(self, ends: Sequence[float | None], value: float, again: Array, least: float) -> bool:
        """Return whether ends hold a value and are near to the percentiles of drawings."""
        low, high = (x if x is not None else math.copysign(math.inf, k) for x, k in zip(ends, (-1, 1), strict=True))
        if not low - 1e-9 <= value <= high + 1e-9:
            return False
        around = np.nanpercentile(again, [2.5, 97.5])
        far = max(least, (around[1] - around[0]) / 4)
        return all(not math.isfinite(end) or abs(end - x) <= far for end, x in zip((low, high), around, strict=True))

    def share_ends(self, part: Array, whole: Array, *, all_: bool = True) -> Mapping[str, object]:
        """Return what the ends of the share of `part` in `whole` (N,) must be.

        Of a part of the units in groups, of which few may be there, they hold the share and are not much too narrow.
        Near all or none percentiles of drawings are too near: there Wilson's ends will do, of as many as these are worth.
        """
        part = part & whole
        k, n = float(self.weight[part].sum()), float(self.weight[whole].sum())
        value = k / n
        if not n:
            return False
        if self.is_plain:
            low, high = proportion_confint(round(k), round(n), method="wilson")
            return {"low": Near(low, abs=1e-9), "high": Near(high, abs=1e-9)}
        if self.again is None or whole.sum() < FEW_GROUPS:
            return {
                "low": Such(f"at most {value}", lambda x: x is None or x <= value + 1e-9),
                "high": Such(f"at least {value}", lambda x: x is None or x >= value - 1e-9),
            }
        with np.errstate(invalid="ignore", divide="ignore"):
            again = np.divide(*self.drawn(part.astype(float), whole.astype(float)).T)
        around = np.nanpercentile(again, [2.5, 97.5])
        worth = value * (1 - value) / np.nanvar(again) if 0 < value < 1 and np.nanvar(again) else 0
        wilson = proportion_confint(value * worth, worth, method="wilson") if worth else around
        far = max(0.03, (around[1] - around[0]) / 4)

        def is_end(place: int) -> Such:
            def holds(end: float | None) -> bool:
                if end is None:
                    return not all_
                inside = end <= value + 1e-9 if place == 0 else end >= value - 1e-9
                if all_:
                    return inside and min(abs(end - around[place]), abs(end - wilson[place])) <= far
                return inside and abs(end - value) >= abs(around[place] - value) / 2 - 0.02

            return Such(f"an end at {around[place]:.3f} or {wilson[place]:.3f}", holds)

        return {"low": is_end(0), "high": is_end(1)}

    # Tests.

    def p_exact(self, i: int, j: int) -> float:
        """Return twice the smaller tail of the count of a pair, given the margins of each stratum, units independent."""
        law, first, n = np.ones(1), 0, 0
        for size, rows, columns, joint in self.by_stratum if self.is_stratified else [self._whole]:
            a, b, whole = round(rows[i]), round(columns[j]), round(size)
            low, high = max(0, a + b - whole), min(a, b)
            law = np.convolve(law, stats.hypergeom(whole, a, b).pmf(np.arange(low, high + 1)))
            first, n = first + low, n + round(joint[i, j])
        place = n - first
        return float(min(1.0, 2 * min(law[: place + 1].sum(), law[place:].sum())))

    @property
    def _whole(self) -> tuple[float, Array, Array, Array]:
        return self.n, *self.sizes, self.joint

    def telling(self, i: int, j: int) -> int:
        """Return in how many strata units have either of two categories and units lack it."""
        parts = self.by_stratum if self.is_stratified else [self._whole]
        return sum(1e-9 < a[i] < n - 1e-9 and 1e-9 < b[j] < n - 1e-9 for n, a, b, _ in parts)

    # Panels.

    def is_turned(self, panel: Panel) -> bool:
        """Return whether a panel has the columns as what is given."""
        return not self.masked and panel.given.name != self.kinds[0]

    kinds: tuple[str, str] = ("", "")
    """The names of the kinds of both sides in the config; set by who knows it."""

    def refs(self, panels: Sequence[Panel], row: str, column: str) -> tuple[CellRef, ...]:
        """Return where a pair is in each panel."""
        return tuple(CellRef(p.id, *((column, row) if self.is_turned(p) else (row, column))) for p in panels)

    def pair_of(self, panel: Panel, given: str, outcome: str) -> tuple[str, str]:
        """Return the row and the column of a cell."""
        return (outcome, given) if self.is_turned(panel) else (given, outcome)

    def state(self, panel: Panel, i: int, j: int, minimum: tuple[int, float]) -> str:
        """Return whether a cell of a panel of shares can be judged; i and j are row and column."""
        own = 1 if self.is_turned(panel) else 0
        place = (i, j)[own]
        if self.masked and i == j:
            return "masked"
        if not self.sizes[own][place]:
            return "no_given"
        if not self.sizes[1 - own][(i, j)[1 - own]]:
            return "no_outcome"
        shown = self.has_groups or self.groups[own][place] >= LEAST_WORTH
        if not (shown and self.is_enough(own, *minimum)[place]):
            return "few"
        return "uncertain" if self._is_uncertain(panel, i, j) else "measured"

    def may_be_uncertain(self, panel: Panel, i: int, j: int) -> bool:
        """Return whether a share of these units may be too uncertain for a sentence; nobody knows of groups."""
        return not self.is_plain or self._is_uncertain(panel, i, j)

    def _is_uncertain(self, panel: Panel, i: int, j: int) -> bool:
        """Return whether a share has an interval of more than 60 points: of groups and weights, the one of the cell."""
        if panel.measure.name not in ("conditional", "share"):
            return False
        own = 1 if self.is_turned(panel) else 0
        n = self.sizes[own][(i, j)[own]] if panel.measure.name == "conditional" else self.n
        if not n:
            return False
        if self.is_plain:
            low, high = proportion_confint(round(self.joint[i, j]), round(n), method="wilson")
        else:
            names = (self.names[0][i], self.names[1][j])
            cell = panel.cell(*(names[::-1] if own else names))
            low, high = cell.low or 0, 0 if cell.high is None else cell.high
        return bool(high - low > WIDEST_SHARE + 1e-9)

    def ranked_departures(self, amounts: Mapping[tuple[str, str], float]) -> Iterator[tuple[str, str]]:
        """Yield pairs by falling amounts, in the order of the categories where these are alike."""
        order = {name: k for k, name in enumerate(self.names[0])}, {name: k for k, name in enumerate(self.names[1])}
        yield from sorted(amounts, key=lambda p: (-amounts[p], order[0][p[0]], order[1][p[1]]))


@lru_cache(4)
def _drawn(n: int) -> Array:
    return np.random.default_rng(5).multinomial(n, np.full(n, 1 / n), DRAWN).astype(float)


def unknown(*names: str) -> dict[str, object]:
    """Return fields of which nothing independent is known here."""
    return dict.fromkeys(names, UNKNOWN)


def are_precise(t: Table, part: Array, wholes: Sequence[Array], *, extremes: bool = True) -> object:
    """Return whether the shares of `part` in each whole (N,) have intervals of at most 60 points.

    `extremes`: none and all of a whole are counts, and precise. Only independent units of weight one give it.
    """
    if not t.is_plain:
        return UNKNOWN
    sizes = [(int((part & whole).sum()), int(whole.sum())) for whole in wholes]
    ends = [proportion_confint(k, n, method="wilson") for k, n in sizes if n and not (extremes and k in (0, n))]
    return all(high - low <= WIDEST_SHARE + 1e-9 for low, high in ends)
