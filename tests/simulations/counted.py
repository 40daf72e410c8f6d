"""Tables of counts whose two labels are unrelated, by how their rows and counts are drawn. All data are simulated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.snapshots import compared_builds
from benchmarks.taking import snapshot_of
from diptych.config.loading import load_config
from diptych.contrib.history.comparing import Diff
from diptych.document.compose import Written
from diptych.pipeline.counting import count_all
from tests.simulations.statements import written_of

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
snapshots: {}
outputs: [html, data]
"""
K = 5


@dataclass(frozen=True)
class CountedWorld:
    """`n_rows` rows with labels drawn at random, or `n_rows` rows for each pair of labels; negative binomial counts.

    Counts have the variance mean + mean^2 / size; without a size they are Poisson.
    """

    name: str
    seed: int
    n_rows: int
    mean: float
    size: float | None
    is_full: bool

    def table(self, replication: int) -> str:
        """Return the table of one replication."""
        rng = np.random.default_rng([self.seed, replication])
        if self.is_full:
            pair = np.repeat(np.arange(K * K), self.n_rows)
            row, column = pair // K, pair % K
        else:
            row, column = rng.integers(0, K, (2, self.n_rows))
        if self.size is None:
            n = rng.poisson(self.mean, len(row))
        else:
            n = rng.negative_binomial(self.size, self.size / (self.size + self.mean), len(row))
        lines = (f"R{a + 1},C{b + 1},{k}" for a, b, k in zip(row, column, n, strict=True))
        return "\n".join(("r,c,n", *lines)) + "\n"

    def write(self, folder: Path, replication: int, *, independent: bool = False) -> Path:
        """Write the table and the config of one replication and return the config."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "counts.csv").write_text(self.table(replication), encoding="utf-8")
        config = folder / "config.yaml"
        config.write_text(CONFIG.replace("INDEPENDENT", "independent: true" if independent else ""), encoding="utf-8")
        return config

    def written(self, folder: Path, replication: int, *, independent: bool = False) -> Written:
        """Return the report of one replication, by the whole program."""
        loaded = load_config(self.write(folder, replication, independent=independent))
        return written_of(loaded, count_all(loaded))

    def difference(self, folder: Path, replication: int) -> Diff:
        """Return the comparison of two samples of the world."""
        builds = [
            snapshot_of(load_config(self.write(folder / str(n), 2 * replication + n, independent=False)))
            for n in (0, 1)
        ]
        return compared_builds(*builds)


ROWS = CountedWorld("rows drawn apart, mean 6, size 1", 301, 150, 6, 1, is_full=False)
TABLE = CountedWorld("a full table by 4 surveys, mean 10, size 5", 302, 4, 10, 5, is_full=True)
LARGE = CountedWorld("a full table by 4 surveys, mean 100, size 50", 303, 4, 100, 50, is_full=True)
CATCHES = CountedWorld("rows drawn apart, Poisson counts of mean 6", 304, 150, 6, None, is_full=False)
POISSON = CountedWorld("a full table by 4 surveys, Poisson counts of mean 10", 305, 4, 10, None, is_full=True)
MILD = CountedWorld("a full table by 4 surveys, mean 10, size 30", 306, 4, 10, 30, is_full=True)
WORLDS = (ROWS, TABLE, LARGE, CATCHES, POISSON, MILD)
