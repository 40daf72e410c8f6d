"""Dated records of one population whose labels go missing more and more. All data are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from diptych.config.loading import load_config
from diptych.contrib.history.past import series_of
from diptych.contrib.history.trend import ShareTrend, Trend
from diptych.document.compose import WrittenPart
from diptych.pipeline.counting import count_all, with_series
from tests.simulations.statements import statements, written_of

CONFIG = """version: 1
report: {title: Simulated drift}
taxonomies:
  kinds:
    categories:
      - {name: K01, match: K01}
      - {name: K02, match: K02}
      - {name: K03, match: K03}
      - {name: K04, match: K04}
relations:
  seen:
    records:
      source: records.csv
      label: person
      rows: {column: r, label: First kind, taxonomy: kinds}
      columns: {column: c, label: Second kind, taxonomy: kinds}
snapshots: {by: day, every: year}
outputs: [html, data]
"""
N = 3000
YEARS = (2021, 2022, 2023, 2024, 2025)
SHARES = np.array([0.25, 0.3, 0.25, 0.2])
SAME = 0.5
"""How many records have the label of their row in the column; of the others the column is drawn by itself."""

Loss = Literal["random", "label", "agreement", "spelling", "none"]


@dataclass(frozen=True)
class DriftWorld:
    """Records that lose labels in the share `fastest` of the last year, in earlier years of fewer.

    `loss` says which records: any, those of K01, those whose sides differ; or K01 is spelled in a way that no rule
    knows. `risen` is the share of K01 in the last year, if it changes.
    """

    name: str
    seed: int
    loss: Loss
    fastest: float
    risen: float | None = None

    def table(self, replication: int) -> str:
        """Return the table of one replication."""
        rng = np.random.default_rng([self.seed, replication])
        time = rng.integers(0, len(YEARS), N)
        part = time / (len(YEARS) - 1)
        row = rng.choice(4, N, p=SHARES)
        if self.risen is not None:
            more = (self.risen - SHARES[0]) / (1 - SHARES[0]) * part
            row = np.where((row > 0) & (rng.random(N) < more), 0, row)
        column = np.where(rng.random(N) < SAME, row, rng.choice(4, N, p=SHARES))
        lost = rng.random(N) < self.fastest * part
        lost &= {"label": row == 0, "spelling": row == 0, "agreement": row != column}.get(self.loss, lost)
        lost &= self.loss != "none"
        rows = np.where(lost, "kind one" if self.loss == "spelling" else "", np.char.add("K0", (row + 1).astype(str)))
        dated = (f"{YEARS[t]}-06-01,{r},K0{c + 1}" for t, r, c in zip(time, rows, column, strict=True))
        return "\n".join(("day,r,c", *dated)) + "\n"

    def written(self, folder: Path, replication: int) -> WrittenPart:
        """Return the report of one replication, by the whole program."""
        (folder / "records.csv").write_text(self.table(replication), encoding="utf-8")
        (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
        loaded = load_config(folder / "config.yaml")
        counted = count_all(loaded)
        return written_of(loaded, with_series(counted, series_of(loaded, counted, None)))


def moved(written: WrittenPart) -> Sequence[ShareTrend]:
    """Return the shares that moved by more than chance."""
    (found,) = (f for f in written.part.findings if isinstance(f, Trend))
    return found.moved


def false_kinds(written: WrittenPart) -> frozenset[str]:
    """Return the kinds of false statements in a report of a population that stays the same."""
    changes = {"trend" for m in moved(written) if m.verdict in ("trend", "mix")}
    return frozenset(changes | {said.kind for said in statements(written)})


RANDOM = DriftWorld("labels go missing at random", 311, "random", 0.6)
LABEL = DriftWorld("labels of K01 go missing", 312, "label", 0.8)
AGREEMENT = DriftWorld("labels of records whose sides differ go missing", 313, "agreement", 0.7)
SPELLING = DriftWorld("K01 is spelled anew", 314, "spelling", 0.8)
TREND = DriftWorld("K01 rises from 25 to 45%, no label is lost", 315, "none", 0, 0.45)
COVERED = DriftWorld("K01 rises from 25 to 75%, labels go missing at random", 316, "random", 0.2, 0.75)
SAME_POPULATION = (RANDOM, LABEL, AGREEMENT, SPELLING)
"""Worlds in which nothing changes but coverage."""
