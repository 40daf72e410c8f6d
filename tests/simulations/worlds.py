"""Simulated worlds of which everything is known. All data made here are simulated and say so in every file.

`draw_likes`     people like datasets and models; category by category the two have nothing to do with each other
`draw_trained`   packages of models and the datasets they were trained on; within a package nothing goes together
`draw_answers`   records with labels on both sides; within a branch nothing goes together

Each takes a seed. `files` gives the world as tables and a config.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Sets = NDArray[np.bool_]

CATEGORIES = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
DATASET_SHARES = np.array([0.13, 0.34, 0.17, 0.11, 0.08, 0.02, 0.03, 0.02, 0.05])
MODEL_SHARES = np.array([0.14, 0.09, 0.28, 0.05, 0.02, 0.04, 0.02, 0.05, 0.01])
"""Of all likes; the rest (5 % and 30 %) are of items without a category."""

UNLABELLED = -1
SIMULATED = "Simulated data: nobody was asked and nothing was measured."


@dataclass(frozen=True, eq=False)
class Uses:
    """Items of one side: which unit has each, and its category (UNLABELLED for none)."""

    unit: Numbers
    category: Numbers

    def labels(self) -> list[str]:
        return [name_of(category) for category in self.category]


def name_of(category: int) -> str:
    """Return the raw label: the category's name, or one that no rule knows."""
    return "other" if category == UNLABELLED else CATEGORIES[category]


def drawn(rng: np.random.Generator, shares: Floats, n: int) -> Numbers:
    """Draw categories; what the shares leave is UNLABELLED."""
    known = rng.choice(len(shares) + 1, n, p=[*shares, max(0.0, 1 - shares.sum())])
    return np.where(known == len(shares), UNLABELLED, known)


# Likes: a shared key.


@dataclass(frozen=True, eq=False)
class Likes:
    """Who likes which: datasets and models, each with its user."""

    n_users: int
    datasets: Uses
    models: Uses

    def files(self, *, activity: bool) -> dict[str, str]:
        strata = "strata: [activity]" if activity else "# without strata: what a user likes in all is not allowed for"
        return {
            "datasets.csv": self._table("d", self.datasets),
            "models.csv": self._table("m", self.models),
            "config.yaml": _LIKES.format(said=SIMULATED, taxonomy=_TAXONOMY, strata=strata),
        }

    def _table(self, letter: str, side: Uses) -> str:
        rows = zip(side.unit, side.labels(), strict=True)
        return _csv("id,user,task", (f"{letter}{i},u{unit},{label}" for i, (unit, label) in enumerate(rows)))


def draw_likes(seed: int, n_users: int = 4000) -> Likes:
    """Draw users of very unequal activity who like five times as many models as datasets.

    A user's activity is log-normal (sigma 1.5); likes of datasets are Poisson with the activity as mean, likes of
    models with five times as much. The category of each like is drawn by itself: no affinity.
    """
    rng = np.random.default_rng([20, seed])
    activity = np.exp(1.5 * rng.standard_normal(n_users) - 1.5**2 / 2)
    sides = []
    for mean, shares in ((1, DATASET_SHARES), (5, MODEL_SHARES)):
        unit = np.repeat(np.arange(n_users), rng.poisson(mean * activity))
        sides.append(Uses(unit, drawn(rng, shares, len(unit))))
    return Likes(n_users, *sides)


# Links between two kinds: models and what they were trained on, in packages.


@dataclass(frozen=True, eq=False)
class Trained:
    """Models with their package and team and the datasets each was trained on."""

    package: Numbers
    team: Numbers
    models: Numbers
    uses: Uses
    dataset: Numbers

    def files(self, *, strata: bool = True) -> dict[str, str]:
        packages = zip(self.package, self.team, self.models, strict=True)
        models = (f"m{i},p{p:02d},t{t:03d},{name_of(c)}" for i, (p, t, c) in enumerate(packages))
        first = {int(d): name_of(c) for d, c in zip(self.dataset, self.uses.category, strict=True)}
        links = zip(self.dataset, self.uses.unit, strict=True)
        return {
            "datasets.csv": _csv("id,task", (f"d{d},{label}" for d, label in sorted(first.items()))),
            "models.csv": _csv("id,package,team,task", models),
            "links.csv": _csv("source,target", (f"d{d},m{m}" for d, m in links)),
            "config.yaml": _TRAINED.format(
                said=SIMULATED, taxonomy=_TAXONOMY, strata="strata: [package]" if strata else "# without strata"
            ),
        }


N_PACKAGES, TEAMS_EACH, PER_TEAM = 12, 25, 12
DATASETS_OF_A_CATEGORY = 40


def draw_trained(seed: int) -> Trained:
    """Draw 12 packages of 25 teams with about 12 models each, every one trained on one to three datasets.

    Each package has its own mix of model categories and its own mix of dataset categories, so that in all they go
    together strongly; each team has again its own of either, so that models of a team are alike. Within a package
    the two sides are drawn apart: no affinity.
    """
    rng = np.random.default_rng([21, seed])
    teams = np.repeat(np.arange(N_PACKAGES * TEAMS_EACH), 1 + rng.poisson(PER_TEAM - 1, N_PACKAGES * TEAMS_EACH))
    package = teams // TEAMS_EACH
    mixes = []
    for shares in (DATASET_SHARES, MODEL_SHARES):
        whole = np.append(shares, max(1 - shares.sum(), 0.01))
        of_packages = rng.dirichlet(1.5 * len(whole) * whole / whole.sum(), N_PACKAGES) + 0.005
        of_packages /= of_packages.sum(axis=1, keepdims=True)
        mixes.append(np.array([rng.dirichlet(9 * mix) for mix in np.repeat(of_packages, TEAMS_EACH, axis=0)]))
    models = _of_mixes(rng, mixes[1][teams])
    unit = np.repeat(np.arange(len(teams)), rng.integers(1, 4, len(teams)))
    category = _of_mixes(rng, mixes[0][teams[unit]])
    dataset = (category + 1) * DATASETS_OF_A_CATEGORY + rng.integers(0, DATASETS_OF_A_CATEGORY, len(unit))
    dataset, unit = np.unique(np.stack([dataset, unit]), axis=1)
    category = dataset // DATASETS_OF_A_CATEGORY - 1
    return Trained(package, teams, models, Uses(unit, category), dataset)


def _of_mixes(rng: np.random.Generator, mixes: Floats) -> Numbers:
    """Draw a category from each row of shares; the last column is UNLABELLED."""
    found = (rng.random(len(mixes))[:, None] > np.cumsum(mixes, axis=1)[:, :-1]).sum(axis=1)
    return np.where(found == mixes.shape[1] - 1, UNLABELLED, found)


# Records.


@dataclass(frozen=True, eq=False)
class Answers:
    """Records with sets of labels on both sides and a branch."""

    branch: Numbers
    rows: Sets
    columns: Sets

    def files(self, *, strata: bool) -> dict[str, str]:
        rows = zip(self.branch, self.rows, self.columns, strict=True)
        lines = (f"b{b},{_joined(skills)},{_joined(jobs)}" for b, skills, jobs in rows)
        levels = "strata: [branch]" if strata else "# without strata"
        return {
            "answers.csv": _csv("branch,skills,jobs", lines),
            "config.yaml": _ANSWERS.format(said=SIMULATED, taxonomy=_TAXONOMY, strata=levels),
        }


def draw_answers(seed: int, n_records: int = 4000) -> Answers:
    """Draw records in eight branches, each with its own chances of every skill and of every job; no affinity within."""
    rng = np.random.default_rng([22, seed])
    branch = rng.integers(0, 8, n_records)
    chances = [
        np.clip(shares * 2 * np.exp(0.7 * rng.standard_normal((8, 9))), 0.004, 0.6)
        for shares in (DATASET_SHARES, MODEL_SHARES)
    ]
    rows = rng.random((n_records, 9)) < chances[0][branch]
    return Answers(branch, rows, rng.random((n_records, 9)) < chances[1][branch])


def _csv(header: str, lines: Iterator[str]) -> str:
    return "\n".join([header, *lines, ""])


def _joined(chosen: Sets) -> str:
    return ";".join(CATEGORIES[i] for i in np.flatnonzero(chosen))


_TAXONOMY = "\n".join(["  categories:", *(f"    - {{name: {name}, match: {name}}}" for name in CATEGORIES)])

_HEAD = """# {said}
version: 1
public: [items, group, strata]
report:
  title: {title}
  subtitle: "{said}"
taxonomy:
{taxonomy}
"""

_PANELS = """
outputs: [markdown, data]
panels:
  - {{id: left, relation: simulated, given: datasets, outcome: models}}
  - {{id: right, relation: simulated, given: models, outcome: datasets}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""

_LIKES = (
    _HEAD.replace("{title}", "Simulated likes")
    + """
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: task}}
  models: {{label: Model, source: models.csv, labels: task}}
relations:
  simulated:
    label: liked with
    shared: {{key: user, entities: [datasets, models]}}
    population: either
    {strata}
"""
    + _PANELS
)

_TRAINED = (
    _HEAD.replace("{title}", "Simulated models and their data")
    + """
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: task}}
  models: {{label: Model, source: models.csv, labels: task}}
relations:
  simulated:
    label: trained on
    label_reversed: used to train
    links:
      source: links.csv
      from: {{entity: datasets, column: source}}
      to: {{entity: models, column: target}}
    group: [package, team]
    {strata}
"""
    + _PANELS
)

_ANSWERS = (
    _HEAD.replace("{title}", "Simulated answers")
    + """
relations:
  simulated:
    records:
      source: answers.csv
      label: Answer
      rows: {{column: skills, separator: ";", label: Skill}}
      columns: {{column: jobs, separator: ";", label: Job}}
    {strata}
"""
    + _PANELS.replace("datasets", "rows").replace("models", "columns")
)
