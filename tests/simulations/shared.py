"""Users who like items of two kinds, as arrays and as files: a shared key, one taxonomy, within levels of activity or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from diptych.cells import Unit
from diptych.incidence import Incidence
from diptych.ledger.coverage import CategoryCoverage, Coverage, SideCoverage
from tests.simulations.records import RELATION, UNKNOWN, Records, Sets, Whole
from tests.simulations.worlds import SIMULATED, level


@dataclass(frozen=True, eq=False)
class Likes:
    """Likes of one kind: the user of each (L,) and its category (L,), the last number being none of K."""

    user: Whole
    category: Whole
    n_categories: int

    def sets(self, n_users: int) -> Sets:
        """Return which categories each user likes (N, K)."""
        found = np.zeros((n_users, self.n_categories + 1), dtype=bool)
        found[self.user, self.category] = True
        return found[:, :-1]

    def coverage(self, side: str, names: Sequence[str]) -> SideCoverage:
        """Return how many likes there are, and of which category."""
        counts = np.bincount(self.category, minlength=self.n_categories + 1)[:-1].tolist()
        categories = tuple(CategoryCoverage(name, n, n, n) for name, n in zip(names, counts, strict=True))
        return SideCoverage(side, len(self.user), sum(counts), len(self.user), categories, ())


@dataclass(frozen=True, eq=False, kw_only=True)
class Shared(Records):
    """Users with what they like of rows and of columns; `activity`: their strata are how many they like of each."""

    likes: tuple[Likes, Likes]

    def levels(self) -> list[str] | None:
        if not self.activity:
            return None
        counts = (np.bincount(side.user, minlength=len(self.rows)) for side in self.likes)
        return [f"{level(int(n))} x {level(int(m))}" for n, m in zip(*counts, strict=True)]

    def incidence(self) -> Incidence:
        return replace(super().incidence(), unit=Unit("key", "user", "users"))

    def coverage(self) -> Coverage:
        n, sides = len(self.rows), zip(("rows", "columns"), self.likes, strict=True)
        return Coverage(
            RELATION, 0, 0, n, n, self.n_bare, *(of.coverage(side, self.names(side)) for side, of in sides), ()
        )

    def files(self) -> dict[str, str]:
        sides = zip(("rows", "columns"), self.likes, strict=True)
        tables = {f"{side}.csv": "\n".join(("id,user,task", *self._likes(side, of), "")) for side, of in sides}
        return {**tables, "config.yaml": self.config()}

    def _likes(self, side: str, of: Likes) -> Iterator[str]:
        names = (*self.names(side), UNKNOWN)
        for i, (user, category) in enumerate(zip(of.user, of.category, strict=True)):
            yield f"{side[0]}{i},u{user:05d},{names[category]}"

    def config(self) -> str:
        categories = ", ".join(f"{{name: {name}, match: {name}}}" for name in self.names("rows"))
        strata = "    strata: [activity]\n" if self.activity else ""
        return _CONFIG.format(said=SIMULATED, categories=categories, strata=strata)


def likes(rng: np.random.Generator, sides: tuple[np.ndarray, np.ndarray], n_users: int, *, activity: bool) -> Shared:
    """Draw users of log-normal activity (sigma 1.2) who like one item of the first kind and four of the second.

    On average, Poisson with the activity; `sides` are the shares of the categories on each, what is left has none. The
    category of each like is drawn by itself.
    """
    active = np.exp(1.2 * rng.standard_normal(n_users) - 1.2**2 / 2)
    found = []
    for mean, shares in zip((1, 4), sides, strict=True):
        user = np.repeat(np.arange(n_users), rng.poisson(mean * active))
        category = rng.choice(len(shares) + 1, len(user), p=[*shares, 1 - shares.sum()])
        found.append((user, category, len(shares)))
    some, number = np.unique(np.concatenate([user for user, *_ in found]), return_inverse=True)
    users = np.split(number, [len(found[0][0])])
    both = tuple(Likes(user, of[1], of[2]) for user, of in zip(users, found, strict=True))
    rows, columns = (of.sets(len(some)) for of in both)
    return Shared(rows, columns, same=True, activity=activity, likes=(both[0], both[1]))


_CONFIG = """# {said}
version: 1
report:
  title: Simulated likes
  subtitle: "{said}"
taxonomy: {{categories: [{categories}]}}
entities:
  rows: {{label: Row, source: rows.csv, labels: task}}
  columns: {{label: Column, source: columns.csv, labels: task}}
relations:
  simulated:
    label: liked with
    shared: {{key: user, entities: [rows, columns]}}
    population: either
{strata}outputs: [markdown, data]
panels:
  - {{id: left, relation: simulated, given: rows, outcome: columns}}
  - {{id: right, relation: simulated, given: columns, outcome: rows}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""
