"""Tables of counts whose two labels are unrelated, by how their rows and counts are drawn. All data are simulated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from diptych.cells import Dispersion, Tally
from diptych.config.loading import load_config
from diptych.document.compose import WrittenPart
from diptych.incidence import Incidence
from diptych.pipeline.counting import count_all
from diptych.relations.count_variation import is_drawn_like, variation
from tests.simulations.records import Records
from tests.simulations.statements import Said, told, written_of

CONFIG = """version: 1
report: {title: Simulated counts}
relations:
  seen:
    records:
      source: counts.csv
      label: person
      rows: {column: r, label: Row label}
      columns: {column: c, label: Column label}
      count: n
      INDEPENDENT
outputs: [html, data]
"""
K = 5


@dataclass(frozen=True)
class CountedWorld:
    """`n_rows` rows with labels drawn at random, or `n_rows` rows for each pair of labels; negative binomial counts.

    Counts have the variance mean + mean^2 / size; without a size they are Poisson. `planted` is how many times as high
    the mean of R1 with C1 is. `spread` is the standard deviation of the logarithm of the sizes of labels.
    """

    name: str
    seed: int
    n_rows: int
    mean: float
    size: float | None
    is_full: bool
    planted: float = 1.0
    spread: float = 0.0

    def means(self, rng: np.random.Generator) -> np.ndarray:
        """Draw the mean counts (K, K) of the pairs of labels."""
        rows, columns = np.exp(self.spread * rng.standard_normal((2, K)))
        means = np.outer(rows, columns)
        means *= self.mean / means.mean()
        means[0, 0] *= self.planted
        return means

    def is_so(self, said: Said, replication: int) -> bool:
        """Return whether a statement is true: that a pair is more or less common than expected, or that none is.

        That a label follows all units is true where labels are unrelated.
        """
        if said.kind == "pair":
            means = self.means(np.random.default_rng([self.seed, replication]))
            row, column = (int(name[1:]) - 1 for name in said.about)
            due = means.sum(axis=1)[row] * means.sum(axis=0)[column] / means.sum()
            return self.planted != 1 and (means[row, column] > due) == (said.way == "above")
        return said.kind in ("nothing", "spread") and self.planted == 1

    def counts(self, replication: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the labels of each row by number, and its count."""
        rng = np.random.default_rng([self.seed, replication])
        means = self.means(rng)
        if self.is_full:
            pair = np.repeat(np.arange(K * K), self.n_rows)
            row, column = pair // K, pair % K
        else:
            row, column = rng.integers(0, K, (2, self.n_rows))
        mean = means[row, column]
        n = rng.poisson(mean) if self.size is None else rng.negative_binomial(self.size, self.size / (self.size + mean))
        return row, column, n

    def table(self, replication: int) -> str:
        """Return the table of one replication."""
        lines = (f"R{a + 1},C{b + 1},{k}" for a, b, k in zip(*self.counts(replication), strict=True))
        return "\n".join(("r,c,n", *lines)) + "\n"

    def write(self, folder: Path, replication: int, *, independent: bool = False) -> Path:
        """Write the table and the config of one replication and return the config."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "counts.csv").write_text(self.table(replication), encoding="utf-8")
        config = folder / "config.yaml"
        config.write_text(CONFIG.replace("INDEPENDENT", "independent: true" if independent else ""), encoding="utf-8")
        return config

    def written(self, folder: Path, replication: int, *, independent: bool = False) -> WrittenPart:
        """Return the report of one replication, by the whole program."""
        loaded = load_config(self.write(folder, replication, independent=independent))
        return written_of(loaded, count_all(loaded))

    def told(self, replication: int) -> tuple[WrittenPart, Tally]:
        """Return the report of one replication from arrays, and how its counts vary."""
        row, column, n = self.counts(replication)
        cell, m = np.unique(row * K + column, return_counts=True)
        sums = [np.bincount(row * K + column, n**power)[cell].astype(float) for power in (1, 2)]
        is_drawn = is_drawn_like(m.astype(float), cell // K, cell % K)
        tally = Tally("n", int((n > 0).sum()), variation(m.astype(float), *sums, is_drawn=is_drawn))
        sets = np.eye(K, dtype=np.bool_)[[np.repeat(row, n), np.repeat(column, n)]]
        group = np.repeat(np.arange(len(n)), n) if tally.as_groups else None
        return told(Counted(*sets, same=False, group=group, dispersion=tally.dispersion)), tally


@dataclass(frozen=True, eq=False)
class Counted(Records):
    """Units of a table of counts, with the dispersion of these."""

    dispersion: Dispersion | None = None

    def incidence(self) -> Incidence:
        found = super().incidence()
        if self.dispersion is None:
            return found
        return replace(found, dispersion=self.dispersion).shown_by(found.units, None)


ROWS = CountedWorld("rows drawn apart, mean 6, size 1", 301, 150, 6, 1, is_full=False)
TABLE = CountedWorld("a full table by 4 surveys, mean 10, size 5", 302, 4, 10, 5, is_full=True)
LARGE = CountedWorld("a full table by 4 surveys, mean 100, size 50", 303, 4, 100, 50, is_full=True)
CATCHES = CountedWorld("rows drawn apart, Poisson counts of mean 6", 304, 150, 6, None, is_full=False)
POISSON = CountedWorld("a full table by 4 surveys, Poisson counts of mean 10", 305, 4, 10, None, is_full=True)
MILD = CountedWorld("a full table by 4 surveys, mean 10, size 30", 306, 4, 10, 30, is_full=True)
FEW = CountedWorld("a full table by 2 surveys, mean 100, size 10", 307, 2, 100, 10, is_full=True)
UNEQUAL = CountedWorld(
    "a full table by 4 surveys, labels of unequal size, mean 100, size 50", 308, 4, 100, 50, is_full=True, spread=0.8
)
PLANTED = tuple(
    replace(world, name=f"{world.name}, one pair {factor:g} times", seed=world.seed + 10, planted=factor)
    for world, factor in ((LARGE, 3.0), (LARGE, 2.0), (FEW, 3.0), (TABLE, 3.0), (UNEQUAL, 3.0))
)
"""A pair that is so many times as common; other pairs of its row and column are then less common than expected."""
WORLDS = (ROWS, TABLE, LARGE, CATCHES, POISSON, MILD, FEW, UNEQUAL)
