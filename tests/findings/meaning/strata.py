"""What findings about differences between strata mean: the table of a pair in each stratum, by scipy and statsmodels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

from diptych.findings.heterogeneity import Heterogeneity
from diptych.findings.reversal import Reversal
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import Array, Table, unknown
from tests.findings.meaning.world import Meanings, World

TAIL = 0.025
"""A stratum is informative if the margins allow a table at either end that is at most so likely by chance."""
SHOWN = {"opposite": 12, "graded": 3}


@dataclass(frozen=True)
class Level:
    """The 2 x 2 table of a pair in one stratum."""

    name: str
    table: Array

    @property
    def margins(self) -> tuple[float, float, float]:
        """Units of the stratum, with the row category, and with the column category."""
        (a, b), (c, d) = self.table
        return a + b + c + d, a + b, a + c

    @property
    def expected(self) -> float:
        n, row, column = self.margins
        return float(row * column / n)

    @property
    def ratio(self) -> float:
        return float(self.table[0, 0]) / self.expected

    @property
    def varies(self) -> bool:
        n, row, column = self.margins
        return bool(0 < row < n and 0 < column < n)

    @property
    def is_informative(self) -> bool:
        """Whether independent units with these margins could show more, and could show less, than chance."""
        n, row, column = (round(x) for x in self.margins)
        least, most = max(0, row + column - n), min(row, column)
        law = stats.hypergeom(n, row, column)
        return self.varies and least < most and bool(law.pmf(least) <= TAIL) and bool(law.pmf(most) <= TAIL)

    @cached_property
    def log_odds(self) -> tuple[float, float]:
        """The log odds ratio and its standard error, with 1/2 added to every cell where one is empty."""
        filled = self.table + (0.0 if (self.table > 0).all() else 0.5)
        (a, b), (c, d) = filled
        return float(np.log(a * d / (b * c))), float(np.sqrt((1 / filled).sum()))

    def ends(self, level: float) -> tuple[float, float]:
        value, error = self.log_odds
        distance = float(stats.norm.isf((1 - level) / 2)) * error
        return math.exp(value - distance), math.exp(value + distance)


@dataclass(frozen=True, eq=False)
class OverStrata:
    """A pair of categories in all strata of independent units."""

    levels: list[Level]

    @classmethod
    def of(cls, t: Table, i: int, j: int) -> OverStrata:
        found = []
        for name, (n, a, b, joint) in zip(t.strata, t.by_stratum, strict=True):
            both, row, column = joint[i, j], a[i], b[j]
            found.append(
                Level(str(name), np.array([[both, row - both], [column - both, n - row - column + both]], dtype=float))
            )
        return cls(found)

    @cached_property
    def informative(self) -> list[Level]:
        return [level for level in self.levels if level.is_informative]

    @cached_property
    def test(self) -> tuple[float, float] | None:
        """The statistic of Breslow and Day with Tarone's correction, and its p or Woolf's; None where there is none."""
        tables = [level.table for level in self.informative]
        if len(self.informative) < 2:
            return None
        same, other = (sum(x[0, k] * x[1, 1 - k] / x.sum() for x in tables) for k in (0, 1))
        if not same or not other:
            return None
        found = StratifiedTable(tables).test_equal_odds(adjust=True)
        return float(found.statistic), max(float(found.pvalue), self.woolf)

    @property
    def woolf(self) -> float:
        """P of equal log odds ratios in the informative strata, by their distances from the weighted mean."""
        values, errors = (np.array(part) for part in zip(*(level.log_odds for level in self.informative), strict=True))
        mean = np.average(values, weights=errors**-2)
        return float(stats.chi2.sf((((values - mean) / errors) ** 2).sum(), len(values) - 1))

    @cached_property
    def opposite(self) -> float:
        """P of Gail and Simon: no two strata have associations in opposite directions."""
        z = [value / error for value, error in (level.log_odds for level in self.informative)]
        less = min(sum(x * x for x in z if x > 0), sum(x * x for x in z if x < 0))
        k = len(z)
        if not less:
            return 1.0
        return float(sum(stats.binom(k - 1, 0.5).pmf(h) * stats.chi2.sf(less, h) for h in range(1, k)))

    def is_complement(self, other: OverStrata) -> bool:
        """Return whether a category of one pair is what the other lacks: both pairs have the same test."""
        assert self.test is not None
        assert other.test is not None
        return math.isclose(self.test[0], other.test[0], rel_tol=1e-6, abs_tol=1e-6)


def tested(world: World) -> dict[tuple[int, int], tuple[OverStrata, float]]:
    """Return the pairs of independent units that have a test of equal odds ratios, each with its p by Holm.

    Pairs with complementary categories have one test.
    """
    t = world.table
    enough = np.outer(t.is_enough(0, *world.minimum), t.is_enough(1, *world.minimum))
    pairs = {
        at: OverStrata.of(t, *at) for at in world.pairs() if enough[at] and t.sizes[0][at[0]] and t.sizes[1][at[1]]
    }
    found = {}
    for on_diagonal in (False, True):
        family = {
            at: pair
            for at, pair in pairs.items()
            if (t.same and at[0] == at[1]) == on_diagonal and pair.test is not None
        }
        if family:
            of_test = [test_of(t, at) for at in family]
            once = dict(zip(of_test, family.values(), strict=True))
            p = dict(zip(once, multipletests([pair.test[1] for pair in once.values()], method="holm")[1], strict=True))
            found |= {at: (pair, float(p[test])) for (at, pair), test in zip(family.items(), of_test, strict=True)}
    return found


def test_of(t: Table, at: tuple[int, int]) -> tuple[int, int]:
    """Return what pairs with one test share: their categories, without those of a side that splits all units in two."""
    splits = []
    for side in (1, 2):
        sizes = np.array([of[side] for of in t.by_stratum], dtype=float)
        units = [of[0] for of in t.by_stratum]
        splits.append(np.count_nonzero(sizes.any(axis=0)) == 2 and np.allclose(sizes.sum(axis=1), units))
    return tuple(-1 if split else place for split, place in zip(splits, at, strict=True))


def opposed(world: World) -> set[tuple[int, int]]:
    """Return the pairs of independent units whose associations are surely in opposite directions in different strata."""
    t, fdr, found = world.table, world.part.inference.fdr, set()
    differ = {at: pair for at, (pair, p) in tested(world).items() if p <= fdr}
    for on_diagonal in (False, True):
        family = {at: pair for at, pair in differ.items() if (t.same and at[0] == at[1]) == on_diagonal}
        if family:
            q = stats.false_discovery_control([pair.opposite for pair in family.values()])
            found |= {at for at, x in zip(family, q.tolist(), strict=True) if x <= 0.4 * fdr}
    return found


def heterogeneity(world: World, found: Sequence[Heterogeneity]) -> Meanings:
    t, panel = world.table, world.panels[0]
    if not t.is_stratified:
        return {}
    if not t.is_plain:
        return {f.id: _of_groups(world, f) for f in found}
    known, fdr = tested(world), world.part.inference.fdr
    if not known:
        return {}
    opposite = opposed(world)
    chosen: dict[str, list[tuple[int, int]]] = {"opposite": [], "graded": []}
    for at in sorted((at for at, (_, p) in known.items() if p <= fdr), key=lambda at: (round(known[at][1], 12), at)):
        kept = chosen["opposite" if at in opposite else "graded"]
        if not any(known[at][0].is_complement(known[other][0]) for other in kept):
            kept.append(at)
    shown = [at for name, kept in chosen.items() for at in kept[: SHOWN[name]]]
    names = t.names
    return {
        f"heterogeneity.{panel.id}": {
            "cells": [ref for i, j in shown for ref in world.refs(names[0][i], names[1][j])],
            "null": not shown,
            "panel": panel.id,
            "strata": world.raw.strata,
            "n_strata": len(t.strata),
            "n_tested": len({(t.same and at[0] == at[1], test_of(t, at)) for at in known}),
            "n_opposite": len(chosen["opposite"]),
            "n_graded": len(chosen["graded"]),
            **{name: [_pair(world, at, *known[at]) for at in kept[: SHOWN[name]]] for name, kept in chosen.items()},
        }
    }


def _pair(world: World, at: tuple[int, int], pair: OverStrata, p: float) -> Meaning:
    t, level = world.table, world.part.inference.level
    names = t.names[0][at[0]], t.names[1][at[1]]
    given, outcome = names[::-1] if t.is_turned(world.panels[0]) else names
    levels = pair.informative
    return {
        "given": given,
        "outcome": outcome,
        "n_informative": len(levels),
        "n_above": sum(x.log_odds[0] > 0 for x in levels),
        "n_below": sum(x.log_odds[0] < 0 for x in levels),
        "p": Near(p, rel=1e-4, abs=1e-12),
        "lowest": _level(min(levels, key=lambda x: x.ends(level)[1]), level),
        "highest": _level(max(levels, key=lambda x: x.ends(level)[0]), level),
    }


def _level(one: Level, level: float) -> Meaning:
    low, high = one.ends(level)
    return _counted(one, {"low": Near(low), "high": Near(high)})


def _counted(one: Level, ends: Meaning) -> Meaning:
    return {
        "stratum": one.name,
        "n_joint": float(one.table[0, 0]),
        "expected": Near(one.expected),
        "ratio": Near(one.ratio),
        "odds": {"value": Near(math.exp(one.log_odds[0])), **ends},
    }


def _of_groups(world: World, f: Heterogeneity) -> Meaning:
    """Return what a finding of groups or weights must be: counts are exact, tests and intervals bounded."""
    t = world.table
    pairs = [(p, *t.place(*t.pair_of(world.panels[0], p.given, p.outcome))) for p in (*f.opposite, *f.graded)]
    refs = [ref for _, i, j in pairs for ref in world.refs(t.names[0][i], t.names[1][j])]
    could = sum(t.telling(i, j) > 1 for i, j in world.pairs())
    return {
        "cells": refs,
        "null": not pairs,
        "panel": world.panels[0].id,
        "strata": world.raw.strata,
        "n_strata": len(t.strata),
        "n_tested": Such(f"1 to {could}, the pairs that vary in two strata", lambda n: 1 <= n <= could),
        "n_opposite": Such("those shown, and more only if 12 are", lambda n: _is_number_of(n, f.opposite, 12)),
        "n_graded": Such("those shown, and more only if three are", lambda n: _is_number_of(n, f.graded)),
        "opposite": [_bounded(world, p, i, j, opposite=True) for p, i, j in pairs[: len(f.opposite)]],
        "graded": [_bounded(world, p, i, j, opposite=False) for p, i, j in pairs[len(f.opposite) :]],
    }


def _is_number_of(n: int, shown: Sequence[object], most: int = 3) -> bool:
    return n == len(shown) or (len(shown) == most and n > most)


def _bounded(world: World, pair, i: int, j: int, *, opposite: bool) -> Meaning:
    t, fdr = world.table, world.part.inference.fdr
    levels = {level.name: level for level in OverStrata.of(t, i, j).levels}
    least = 1 if opposite else 0
    return {
        "given": pair.given,
        "outcome": pair.outcome,
        "n_informative": Such("at least two that vary", lambda n: 2 <= n <= t.telling(i, j)),
        "n_above": Such("some of them", lambda n: least <= n <= pair.n_informative),
        "n_below": Such("some of them", lambda n: least <= n <= pair.n_informative - pair.n_above),
        "p": Such(f"at most {fdr}", lambda p: 0 <= p <= fdr),
        "lowest": _bounded_level(levels[pair.lowest.stratum], pair.lowest),
        "highest": _bounded_level(levels[pair.highest.stratum], pair.highest),
    }


def _bounded_level(level: Level, said) -> Meaning:
    """Return the counts of a stratum, and that its interval has the odds ratio in it."""
    odds = math.exp(level.log_odds[0])
    around = {
        "low": Such(f"at most {odds}", lambda x: 0 <= x <= odds * (1 + 1e-9)),
        "high": Such(f"at least {odds}", lambda x: x >= odds * (1 - 1e-9)),
    }
    return _counted(level, around if (level.table > 0).all() else unknown("low", "high"))


def reversal(world: World, found: Sequence[Reversal]) -> Meanings:
    """Return what pairs must be that strata reverse: counts are exact, and a test within strata has found them."""
    t, panel, fdr = world.table, world.panels[0], world.part.inference.fdr
    if not t.is_stratified or not t.same or t.masked:
        return {}
    (f,) = found

    def pair_of(pair) -> Meaning:
        i, j = t.place(*t.pair_of(panel, pair.given, pair.outcome))
        n, by_chance, within = float(t.joint[i, j]), float(t.over_all[i, j]), float(t.within[i, j])
        assert i != j
        assert (n / by_chance - 1) * (n / within - 1) < 0
        above = n > within
        is_sure = pair.ratio.low > 1 if not above else pair.ratio.high < 1
        return {
            "given": pair.given,
            "outcome": pair.outcome,
            "n_joint": n,
            "expected": Near(by_chance),
            "expected_within": Near(within),
            "ratio": {
                "value": Near(n / by_chance),
                "low": Such("at most the ratio", lambda x: x <= n / by_chance),
                "high": Such("at least the ratio", lambda x: x >= n / by_chance),
            },
            "ratio_within": {
                "value": Near(n / within),
                "low": Such("at most the ratio", lambda x: x <= n / within and (x > 1) == above),
                "high": Such("at least the ratio", lambda x: x >= n / within and (x < 1) != above),
            },
            "q_value": Such("at most the rate", lambda q: q <= fdr),
            "is_reversed": is_sure,
            "informative": informative(world, i, j),
            "n_informative": n_informative(world, i, j),
        }

    places = [t.place(*t.pair_of(panel, p.given, p.outcome)) for p in f.pairs]
    return {
        f"reversal.{panel.id}": {
            "cells": [ref for i, j in places for ref in world.refs(t.names[0][i], t.names[1][j])],
            "null": not f.pairs,
            "panel": panel.id,
            "strata": world.raw.strata,
            "n_strata": len(t.strata),
            "n_reversed": Such(
                "those shown, and more only if three are",
                lambda n: _is_number_of(n, [pair for pair in f.pairs if pair.is_reversed]),
            ),
            "pairs": [pair_of(pair) for pair in f.pairs],
        }
    }


def range_of(world: World, i: int, j: int, said) -> dict[str, object]:
    """Return in how many strata a pair could show an association, and from where to where its ratios run there."""
    t = world.table
    if not t.is_stratified:
        return {"n_informative": 0, "lowest": None, "highest": None}
    pair = OverStrata.of(t, i, j)
    if t.is_plain:
        ratios = [level.ratio for level in pair.informative]
        ends = (min(ratios), max(ratios)) if ratios else (None, None)
        return {"n_informative": len(ratios), "lowest": ends[0], "highest": ends[1]}
    ratios = [level.ratio for level in pair.levels if level.varies]

    def is_one(x: float | None) -> bool:
        return x is None if not said.n_informative else any(math.isclose(x, r, abs_tol=1e-9) for r in ratios)

    return {
        "n_informative": Such("at most the strata in which it varies", lambda n: 0 <= n <= t.telling(i, j)),
        "lowest": Such("the ratio of a stratum", is_one),
        "highest": Such(
            "the ratio of a stratum, not below the lowest",
            lambda x: is_one(x) and (x is None or x >= said.lowest),
        ),
    }


def informative(world: World, i: int, j: int) -> object:
    """Return the names of the strata in which a pair could show an association; of groups or weights a bound."""
    t = world.table
    pair = OverStrata.of(t, i, j)
    if t.is_plain:
        return [level.name for level in pair.informative]
    varying = {level.name for level in pair.levels if level.varies}
    return Such("some of those in which it varies", lambda names: set(names) <= varying)


def n_informative(world: World, i: int, j: int) -> object:
    """Return in how many strata a pair could show an association; of groups or weights a bound."""
    t = world.table
    if t.is_plain:
        return len(OverStrata.of(t, i, j).informative)
    return (
        Such("at most the strata in which it varies", lambda n: 0 <= n <= t.telling(i, j))
        if t.telling(i, j)
        else UNKNOWN
    )
